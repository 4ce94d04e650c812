/*
 * Does something bad and measures until there is a successor, for the failover bench:
 *
 *	fault kill FILE SLOT SECONDS [PID]	kill the slot's child (claim.c), or this process
 *	fault run FILE SLOT SECONDS COMMAND...	do that, a shell's command being one argument
 *	fault mass FILE COUNT SECONDS COMMAND	do that, and wait for so many starts, in whatever slots; prints
 *						the microseconds until half of them, and until all are in main()
 *	fault spawn FILE SLOT SECONDS COMMAND...
 *						nothing bad: spawn this, of which the slot's child comes;
 *						prints the microseconds until that is in its main()
 *	fault holder FILE SLOT			the pid of the slot's child and the number of its host
 *	fault twice FILE SLOT			how often one of it came while another was there; SLOT "all": in any
 *	fault clock				microseconds since 1970, with the fault's own clock
 *
 * `kill` and `run` print three numbers: microseconds from the fault until the successor is in main(); from the end
 * of the predecessor until then ("-" if it has not ended: then there were two); and the successor's host.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "stamp.h"

extern char **environ;

#define SECOND INT64_C(1000000000)

/* Who waits for the end of the predecessor. */
struct mourner {
	int pidfd;
	_Atomic int64_t ended_ns; /* 0: it lives */
};

static void *
mourn(void *arg)
{
	struct mourner *m = arg;
	struct pollfd p = { m->pidfd, POLLIN, 0 };

	while (poll(&p, 1, -1) == -1 && errno == EINTR)
		;
	atomic_store(&m->ended_ns, stamp_now());
	return NULL;
}

static pid_t
wait_for_holder(int fd, const struct board *board, const struct stamp *slot)
{
	struct timespec ms = { 0, 1000000 };
	pid_t pid;
	int tries;

	for (tries = 0; (pid = stamp_holder(fd, board, slot)) == 0; tries++) {
		if (tries > 30000)
			errx(1, "nobody is there");
		nanosleep(&ms, NULL);
	}
	return pid;
}

static void
wait_for_start(struct stamp *slot, uint32_t seen, long seconds)
{
	struct timespec second = { 1, 0 };
	int64_t begin = stamp_now();

	while (atomic_load(&slot->starts) == seen) {
		syscall(SYS_futex, &slot->starts, FUTEX_WAIT, seen, &second, NULL, 0);
		if (stamp_now() - begin > seconds * SECOND)
			errx(1, "no successor within %ld s", seconds);
	}
}

static void
run_command(const char *command)
{
	int status = system(command);

	if (status != 0)
		errx(1, "%s: status %d", command, status);
}

/* The fault, and what comes of it. */
static void
measure(int fd, struct board *board, struct stamp *slot, long seconds, const char *command, pid_t victim)
{
	pid_t holder = wait_for_holder(fd, board, slot);
	struct mourner m = { (int)syscall(SYS_pidfd_open, holder, 0), 0 };
	struct timespec grace = { 0, 20000000 };
	uint32_t seen = atomic_load(&slot->starts);
	int64_t begin, ended;
	pthread_t thread;

	if (m.pidfd == -1 || pthread_create(&thread, NULL, mourn, &m) != 0)
		err(1, "pid %d", (int)holder);
	begin = stamp_now();
	if (command != NULL)
		run_command(command);
	else if (kill(victim != 0 ? victim : holder, SIGKILL) == -1)
		err(1, "kill");
	wait_for_start(slot, seen, seconds);
	/* The thread may be a little late to see what happened before. */
	if (atomic_load(&m.ended_ns) == 0)
		nanosleep(&grace, NULL);
	ended = atomic_load(&m.ended_ns);
	printf("%.1f ", (double)(atomic_load(&slot->ns) - begin) / 1000);
	if (ended == 0)
		printf("-");
	else
		printf("%.1f", (double)(atomic_load(&slot->ns) - ended) / 1000);
	printf(" %" PRIu64 "\n", atomic_load(&slot->host));
}

/* The poll is 0.1 ms. */
static void
count_starts(struct board *board, uint32_t count, long seconds, const char *command)
{
	struct timespec pause = { 0, 100000 };
	uint32_t seen = atomic_load(&board->starts), n = 0;
	int64_t begin = stamp_now(), half = 0, now;

	run_command(command);
	do {
		nanosleep(&pause, NULL);
		now = stamp_now();
		n = atomic_load(&board->starts) - seen;
		if (half == 0 && n >= (count + 1) / 2)
			half = now;
		if (now - begin > seconds * SECOND)
			errx(1, "only %u of %u started within %ld s", n, count, seconds);
	} while (n < count);
	printf("%.1f %.1f\n", (double)(half - begin) / 1000, (double)(now - begin) / 1000);
}

/* The command is left to itself: it ends with the child. */
static void
spawn_and_time(struct stamp *slot, long seconds, char **argv)
{
	uint32_t seen = atomic_load(&slot->starts);
	int64_t begin = stamp_now();
	pid_t pid;
	int rc = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	if (rc != 0) {
		errno = rc;
		err(1, "%s", argv[0]);
	}
	wait_for_start(slot, seen, seconds);
	printf("%.1f\n", (double)(atomic_load(&slot->ns) - begin) / 1000);
}

static void
print_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	printf("%" PRId64 "\n", (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000);
}

int
main(int argc, char **argv)
{
	const char *verb = argc < 2 ? "" : argv[1];
	struct board *board;
	struct stamp *slot;
	int fd;

	if (strcmp(verb, "clock") == 0) {
		print_clock();
		return 0;
	}
	if (argc < 4)
		errx(2, "usage: fault kill|run|mass|spawn|holder|twice FILE SLOT ...");
	board = stamp_open(argv[2]);
	fd = open(argv[2], O_RDWR | O_CLOEXEC);
	if (board == NULL || fd == -1)
		err(1, "%s", argv[2]);
	slot = stamp_slot(board, argv[3]);
	if (strcmp(verb, "kill") == 0 && (argc == 5 || argc == 6))
		measure(fd, board, slot, strtol(argv[4], NULL, 10), NULL,
		    argc == 6 ? (pid_t)strtol(argv[5], NULL, 10) : 0);
	else if (strcmp(verb, "run") == 0 && argc == 6)
		measure(fd, board, slot, strtol(argv[4], NULL, 10), argv[5], 0);
	else if (strcmp(verb, "spawn") == 0 && argc > 5)
		spawn_and_time(slot, strtol(argv[4], NULL, 10), argv + 5);
	else if (strcmp(verb, "mass") == 0 && argc == 6)
		count_starts(board, (uint32_t)strtoul(argv[3], NULL, 10), strtol(argv[4], NULL, 10), argv[5]);
	else if (strcmp(verb, "holder") == 0)
		printf("%d %" PRIu64 "\n", (int)wait_for_holder(fd, board, slot), atomic_load(&slot->host));
	else if (strcmp(verb, "twice") == 0)
		printf("%u\n", argv[3][0] == 'a' ? atomic_load(&board->twice) : atomic_load(&slot->twice));
	else
		errx(2, "%s: unknown, or the wrong number of arguments", verb);
	return 0;
}
