/*
 * locked PROGRAM ARG...: run PROGRAM while holding a lock that only the kernel
 * can take away: an abstract socket named after TRAPEXIT_ID and LOCKED_SCOPE,
 * inherited over exec. A second incarnation of the same child cannot bind it:
 * it says so in the file LOCKED_VIOLATIONS, and ends with 77.
 *
 * Called under another name than "locked", it runs the program of that name in
 * the folder LOCKED_BINDIR, so that a link to it can stand in for a program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void
report(const char *name)
{
	const char *path = getenv("LOCKED_VIOLATIONS");
	char line[512];
	int fd, n;

	n = snprintf(line, sizeof(line), "%s: a second incarnation (token %s, pid %d) while the first lives\n", name,
	    getenv("TRAPEXIT_TOKEN"), (int)getpid());
	fd = path == NULL ? STDERR_FILENO : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	if (fd != -1 && n > 0 && write(fd, line, (size_t)n) == -1)
		perror(path);
}

static void
take_lock(void)
{
	const char *id = getenv("TRAPEXIT_ID"), *scope = getenv("LOCKED_SCOPE");
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, n;

	if (id == NULL)
		return;
	n = snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "trapexit-lock/%s/%s", scope != NULL ? scope : "", id);
	/* Not close-on-exec: it lives as long as the program. */
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd == -1 || n >= (int)sizeof(addr.sun_path) - 1) {
		perror("locked: socket");
		exit(78);
	}
	if (bind(fd, (struct sockaddr *)&addr, (socklen_t)(sizeof(sa_family_t) + 1 + (size_t)n)) == -1) {
		if (errno != EADDRINUSE) {
			perror("locked: bind");
			exit(78);
		}
		report(id);
		exit(77);
	}
}

int
main(int argc, char *argv[])
{
	const char *self = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
	const char *dir = getenv("LOCKED_BINDIR");
	char path[4096];

	if (strcmp(self, "locked") == 0) {
		if (argc < 2) {
			fprintf(stderr, "Usage: locked PROGRAM [ARG...]\n");
			return 2;
		}
		take_lock();
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		return 127;
	}
	take_lock();
	snprintf(path, sizeof(path), "%s/%s", dir != NULL ? dir : ".", self);
	execv(path, argv);
	perror(path);
	return 127;
}
