/*
 * A service manager's ear, as systemd with NotifyAccess=main has it: what sd_notify(3)
 * says is written to a file, a line a message: the milliseconds, who said it, the
 * text (its lines joined by a blank), and whether it counts: yes if it was the main
 * process, which is the first that spoke, until that names another (MAINPID=).
 *
 *	manager NAMEFILE LOG
 *
 * NAMEFILE gets the value for NOTIFY_SOCKET.
 */
#include "config.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mono.h"
#include "os/notify.h"

int
main(int argc, char **argv)
{
	char name[NOTIFY_NAME_SIZE], text[NOTIFY_TEXT_SIZE];
	struct err err = ERR_INIT;
	int fd = notify_listen(name, &err);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	pid_t pid, main_pid = 0;
	FILE *f;
	const char *told;
	size_t len;

	if (argc != 3 || fd == -1 || (f = fopen(argv[1], "w")) == NULL)
		return 1;
	fprintf(f, "%s\n", name);
	fclose(f);
	if ((f = fopen(argv[2], "a")) == NULL)
		return 1;
	while (poll(&pfd, 1, -1) == 1) {
		while (notify_receive(fd, text, &pid) == 1) {
			if (main_pid == 0)
				main_pid = pid;
			told = notify_field(text, "MAINPID", &len);
			for (char *p = text; *p != '\0'; p++)
				if (*p == '\n')
					*p = ' ';
			fprintf(f, "%lld %d %s %s\n", (long long)(mono_now().us / US_PER_MS), (int)pid, text,
			    pid == main_pid ? "yes" : "no");
			fflush(f);
			if (told != NULL && pid == main_pid)
				main_pid = (pid_t)strtol(told, NULL, 10);
		}
	}
	return 0;
}
