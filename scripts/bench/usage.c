/*
 * Runs a command and says what it cost: "WALL-us CPU-us MAXRSS-KiB" on
 * descriptor 3. Its exit status is the command's; 127: there is none.
 */
#include <err.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long
us_of(const struct timeval *tv)
{
	return tv->tv_sec * 1000000LL + tv->tv_usec;
}

int
main(int argc, char **argv)
{
	struct timespec before, after;
	struct rusage use;
	int status;
	pid_t pid;

	if (argc < 2)
		errx(2, "usage: usage COMMAND [ARGUMENT ...] 3>FILE");
	clock_gettime(CLOCK_MONOTONIC, &before);
	pid = fork();
	if (pid == -1)
		err(1, "fork");
	if (pid == 0) {
		close(3);
		execvp(argv[1], argv + 1);
		err(127, "%s", argv[1]);
	}
	if (wait4(pid, &status, 0, &use) == -1)
		err(1, "wait4");
	clock_gettime(CLOCK_MONOTONIC, &after);
	dprintf(3, "%lld %lld %ld\n",
	    (after.tv_sec - before.tv_sec) * 1000000LL + (after.tv_nsec - before.tv_nsec) / 1000,
	    us_of(&use.ru_utime) + us_of(&use.ru_stime), use.ru_maxrss);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
