/*
 * held PROGRAM ARG...: run PROGRAM while holding a connection to the lock server (lockserver.c), which thereby
 * knows from another host, and not from trapexit, when which incarnation of which child ran.
 *
 * Called under another name, it runs the program of that name in ../real beside its own folder: a copy of it
 * can stand in for a program. The file held.conf in its own folder has the server's address: "10.78.0.9 7001".
 * Without TRAPEXIT_ID in the environment it holds nothing.
 *
 * Nothing is run before the server has answered; without a server it ends with 78.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

static void
fail(const char *what)
{
	fprintf(stderr, "held: %s: %s\n", what, strerror(errno));
	exit(78);
}

/* The folder that this program is in. */
static void
own_folder(char dir[PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", dir, PATH_MAX - 1);

	if (n <= 0)
		fail("/proc/self/exe");
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
}

static void
read_address(const char *dir, struct sockaddr_in *addr)
{
	char path[PATH_MAX + 16], host[64];
	unsigned port;
	FILE *f;

	snprintf(path, sizeof(path), "%s/held.conf", dir);
	if ((f = fopen(path, "re")) == NULL)
		fail(path);
	addr->sin_family = AF_INET;
	if (fscanf(f, "%63s %u", host, &port) != 2 || inet_pton(AF_INET, host, &addr->sin_addr) != 1) {
		errno = EINVAL;
		fail(path);
	}
	addr->sin_port = htons((uint16_t)port);
	fclose(f);
}

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "-";
}

static void
take_hold(const char *dir)
{
	struct sockaddr_in addr = { 0 };
	struct timeval patience = { .tv_sec = 10 };
	char line[512], answer[64];
	int fd, n;

	read_address(dir, &addr);
	/* A number that no program uses for itself; and not close-on-exec: it lives as long as the program. */
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd == -1 || (fd = fcntl(fd, F_DUPFD, 200)) == -1)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == -1)
		fail("lock server");
	n = snprintf(line, sizeof(line), "hold %s %s %s %d\n", env("TRAPEXIT_ID"), env("TRAPEXIT_TOKEN"), env("TRAPEXIT_NODE"),
	    (int)getpid());
	if (send(fd, line, (size_t)n, MSG_NOSIGNAL) != n || recv(fd, answer, sizeof(answer), 0) <= 0)
		fail("lock server");
}

int
main(int argc, char *argv[])
{
	const char *self = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
	char dir[PATH_MAX], path[PATH_MAX + 300];

	own_folder(dir);
	if (getenv("TRAPEXIT_ID") != NULL)
		take_hold(dir);
	if (strcmp(self, "held") == 0) {
		if (argc < 2) {
			fprintf(stderr, "Usage: held PROGRAM [ARG...]\n");
			return 2;
		}
		execvp(argv[1], argv + 1);
		perror(argv[1]);
		return 127;
	}
	snprintf(path, sizeof(path), "%s/../real/%s", dir, self);
	execv(path, argv);
	perror(path);
	return 127;
}
