/*
 * floor [-n COUNT] PROGRAM [ARGUMENT...]: the least that a supervisor can do. Spawns the program,
 * waits for it, spawns it again, for ever. With -n it keeps COUNT of them running; "SLOT" among the
 * arguments then stands for the child's number. What a supervisor takes longer than this is its own.
 *
 * posix_spawn is clone(CLONE_VM | CLONE_VFORK), as the agent's own start.
 */
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static pid_t
spawn_child(char **argv, long number)
{
	char text[24];
	char *copy[16];
	size_t i;
	pid_t pid;
	int rc;

	snprintf(text, sizeof(text), "%ld", number);
	for (i = 0; i < 15 && argv[i] != NULL; i++)
		copy[i] = strcmp(argv[i], "SLOT") == 0 ? text : argv[i];
	copy[i] = NULL;
	rc = posix_spawn(&pid, copy[0], NULL, NULL, copy, environ);
	if (rc != 0) {
		errno = rc;
		err(1, "%s", copy[0]);
	}
	return pid;
}

/* Which of the children ended? */
static long
find_child(const pid_t *pids, long n, pid_t pid)
{
	long i;

	for (i = 0; i < n; i++)
		if (pids[i] == pid)
			return i;
	return -1;
}

static pid_t *children;
static long n_children = 1;

/* Its end is the end of its children. (Only calls that a handler may make.) */
static void
stop(int sig)
{
	long i;

	for (i = 0; i < n_children; i++)
		if (children[i] > 0)
			kill(children[i], SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	_exit(128 + sig);
}

int
main(int argc, char **argv)
{
	long i;
	pid_t pid;

	if (argc > 2 && strcmp(argv[1], "-n") == 0) {
		n_children = strtol(argv[2], NULL, 10);
		argv += 2;
		argc -= 2;
	}
	if (argc < 2 || n_children < 1)
		errx(2, "usage: floor [-n COUNT] PROGRAM [ARGUMENT...]");
	children = calloc((size_t)n_children, sizeof(*children));
	if (children == NULL)
		err(1, NULL);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	for (i = 0; i < n_children; i++)
		children[i] = spawn_child(argv + 1, i);
	for (;;) {
		pid = waitpid(-1, NULL, 0);
		if (pid == -1)
			err(1, "waitpid");
		i = find_child(children, n_children, pid);
		if (i >= 0)
			children[i] = spawn_child(argv + 1, i);
	}
}
