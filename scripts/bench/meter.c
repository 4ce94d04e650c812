/*
 * The measuring side of the benches:
 *
 *	meter init FILE SLOTS			make the board (stamp.h)
 *	meter wait FILE COUNT SECONDS		until COUNT children have come into main(), all slots
 *						together; prints the ns from its own start until then
 *	meter kill FILE SLOT ROUNDS PAUSE_MS	kill the slot's child, wait for its successor's main(),
 *						pause, again; prints the microseconds between, one a line
 *	meter rate FILE SLOT MS			starts in the slot within so many milliseconds, a second
 *	meter size FILE SLOT BYTES SECONDS PATH...
 *						until the files are so long together; prints the ns since
 *						the slot's child came into main()
 *	meter since FILE SLOT			ns since the slot's child came into main()
 *
 * Ends with 1 and a message when a time is over.
 */
#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#include "stamp.h"

#define SECOND INT64_C(1000000000)

static void
sleep_ns(int64_t ns)
{
	struct timespec ts = { ns / SECOND, ns % SECOND };

	nanosleep(&ts, NULL);
}

static void
make_board(const char *path, unsigned long slots)
{
	uint32_t n = (uint32_t)slots;
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0666);

	if (fd == -1 || ftruncate(fd, (off_t)(sizeof(struct board) + slots * sizeof(struct stamp))) == -1 ||
	    pwrite(fd, &n, sizeof(n), offsetof(struct board, slots)) != sizeof(n))
		err(1, "%s", path);
	close(fd);
}

/* The poll is 0.2 ms: little beside a mass start, and it takes no processor from it. */
static void
wait_for_all(struct board *board, uint32_t count, int64_t seconds)
{
	int64_t begin = stamp_now();

	while (atomic_load(&board->starts) < count) {
		if (stamp_now() - begin > seconds * SECOND)
			errx(1, "only %u of %u started in %" PRId64 " s", atomic_load(&board->starts), count, seconds);
		sleep_ns(200000);
	}
	printf("%" PRId64 "\n", stamp_now() - begin);
}

/* Sleep until the slot's count of starts is no longer `seen`. */
static void
wait_for_start(struct stamp *slot, uint32_t seen)
{
	struct timespec second = { 1, 0 };
	int tries = 0;

	while (atomic_load(&slot->starts) == seen) {
		syscall(SYS_futex, &slot->starts, FUTEX_WAIT, seen, &second, NULL, 0);
		if (++tries > 60)
			errx(1, "no successor within a minute");
	}
}

static void
kill_and_time(struct stamp *slot, long rounds, int64_t pause_ns)
{
	uint32_t seen;
	int64_t begin;

	if (atomic_load(&slot->starts) == 0)
		wait_for_start(slot, 0);
	while (rounds-- > 0) {
		sleep_ns(pause_ns);
		seen = atomic_load(&slot->starts);
		begin = stamp_now();
		if (kill(atomic_load(&slot->pid), SIGKILL) == -1)
			err(1, "kill");
		wait_for_start(slot, seen);
		printf("%.1f\n", (double)(atomic_load(&slot->ns) - begin) / 1000);
	}
}

static void
print_rate(struct stamp *slot, int64_t ms)
{
	uint32_t before = atomic_load(&slot->starts);
	int64_t begin = stamp_now();
	double seconds;

	sleep_ns(ms * 1000000);
	seconds = (double)(stamp_now() - begin) / 1e9;
	printf("%.1f\n", (atomic_load(&slot->starts) - before) / seconds);
}

static int64_t
size_of_all(char **paths)
{
	struct stat st;
	int64_t sum = 0;

	for (; *paths != NULL; paths++)
		if (stat(*paths, &st) == 0)
			sum += st.st_size;
	return sum;
}

static void
wait_for_size(struct stamp *slot, int64_t bytes, int64_t seconds, char **paths)
{
	int64_t begin = stamp_now(), size;

	while ((size = size_of_all(paths)) < bytes) {
		if (stamp_now() - begin > seconds * SECOND)
			errx(1, "only %" PRId64 " of %" PRId64 " bytes in %" PRId64 " s", size, bytes, seconds);
		sleep_ns(500000);
	}
	printf("%" PRId64 "\n", stamp_now() - atomic_load(&slot->ns));
}

int
main(int argc, char **argv)
{
	struct board *board;
	struct stamp *slot;
	const char *verb;

	if (argc < 4)
		errx(2, "usage: meter init|wait|kill|rate|size|since FILE ...");
	verb = argv[1];
	if (strcmp(verb, "init") == 0) {
		make_board(argv[2], strtoul(argv[3], NULL, 10));
		return 0;
	}
	board = stamp_open(argv[2]);
	if (board == NULL)
		err(1, "%s", argv[2]);
	slot = stamp_slot(board, argv[3]);
	if (strcmp(verb, "wait") == 0 && argc == 5)
		wait_for_all(board, (uint32_t)strtoul(argv[3], NULL, 10), strtol(argv[4], NULL, 10));
	else if (strcmp(verb, "kill") == 0 && argc == 6)
		kill_and_time(slot, strtol(argv[4], NULL, 10), strtoll(argv[5], NULL, 10) * 1000000);
	else if (strcmp(verb, "rate") == 0 && argc == 5)
		print_rate(slot, strtoll(argv[4], NULL, 10));
	else if (strcmp(verb, "size") == 0 && argc > 6)
		wait_for_size(slot, strtoll(argv[4], NULL, 10), strtol(argv[5], NULL, 10), argv + 6);
	else if (strcmp(verb, "since") == 0)
		printf("%" PRId64 "\n", stamp_now() - atomic_load(&slot->ns));
	else
		errx(2, "%s: unknown, or the wrong number of arguments", verb);
	return 0;
}
