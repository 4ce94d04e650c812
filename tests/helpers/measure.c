/*
 * measure FILE SECONDS COMMAND …: run it, for at most so long, and write to the
 * file what it took: exit=N signal=N cpu_ms=N rss_kb=N wall_ms=N, each on a line of its own.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pid_t child;

static void
alarm_cb(int sig)
{
	(void)sig;
	kill(child, SIGKILL);
}

static long
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
main(int argc, char **argv)
{
	long began = clock_ms();
	struct rusage ru;
	FILE *f;
	int status;

	if (argc < 4) {
		fputs("usage: measure FILE SECONDS COMMAND ...\n", stderr);
		return 2;
	}
	f = fopen(argv[1], "we");
	if (f == NULL || (child = fork()) == -1) {
		perror("measure");
		return 2;
	}
	if (child == 0) {
		execvp(argv[3], argv + 3);
		perror(argv[3]);
		_exit(127);
	}
	sigaction(SIGALRM, &(struct sigaction){ .sa_handler = alarm_cb, .sa_flags = SA_RESTART }, NULL);
	alarm((unsigned)strtoul(argv[2], NULL, 10));
	if (wait4(child, &status, 0, &ru) == -1) {
		perror("measure");
		return 2;
	}
	fprintf(f, "exit=%d\nsignal=%d\ncpu_ms=%ld\nrss_kb=%ld\nwall_ms=%ld\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1,
	    WIFSIGNALED(status) ? WTERMSIG(status) : 0,
	    (long)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 + (long)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000,
	    ru.ru_maxrss, clock_ms() - began);
	fclose(f);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
