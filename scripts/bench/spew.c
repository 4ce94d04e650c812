/*
 * spew FILE SLOT line|block|observation COUNT: the child of the output bench.
 *
 * line		COUNT lines of 100 bytes, one write each
 * block	the same lines, in writes of 64 KiB
 * observation	COUNT observations (trapexit-observation(5)) of 1,000 sources in writes of 64 KiB, each of a
 *		slot of its own
 *
 * Stamps its board when it begins.
 */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "stamp.h"

#define LINE_SIZE 100
#define BLOCK_SIZE 65536

static char block[BLOCK_SIZE];
static size_t used;

static void
write_all(const char *p, size_t n)
{
	ssize_t k;

	while (n > 0) {
		k = write(STDOUT_FILENO, p, n);
		if (k == -1)
			err(1, "write");
		p += k;
		n -= (size_t)k;
	}
}

static void
flush_block(void)
{
	write_all(block, used);
	used = 0;
}

static void
put_block(const char *line, size_t len)
{
	if (used + len > sizeof(block))
		flush_block();
	memcpy(block + used, line, len);
	used += len;
}

static size_t
make_line(char *line, size_t size, uint64_t number)
{
	int n = snprintf(line, size, "line %012" PRIu64 " ", number);

	memset(line + n, 'x', LINE_SIZE - 1 - (size_t)n);
	line[LINE_SIZE - 1] = '\n';
	return LINE_SIZE;
}

static size_t
make_observation(char *line, size_t size, uint64_t number)
{
	uint64_t source = number % 1000, slot = INT64_C(1700000000000) + number / 1000 * 1000;

	return (size_t)snprintf(line, size,
	    "{\"type\":\"observation\",\"source\":\"p%03" PRIu64 "\",\"slot\":%" PRIu64
	    ",\"time\":\"2026-11-22T12:20:00.123Z\",\"status\":\"ok\",\"product\":\"Product %" PRIu64
	    "\",\"url\":\"http://127.0.0.1/p/%" PRIu64 "\",\"amount\":\"%" PRIu64 ".99\",\"currency\":\"GBP\","
	    "\"availability\":\"in_stock\",\"method\":\"rule\"}\n",
	    source, slot, source, source, number % 500);
}

int
main(int argc, char **argv)
{
	int64_t now = stamp_now();
	struct board *board = argc == 5 ? stamp_open(argv[1]) : NULL;
	struct stamp *slot;
	uint64_t i, count;
	char line[1024];
	size_t len;

	if (board == NULL)
		errx(2, "usage: spew FILE SLOT line|block|observation COUNT");
	slot = stamp_slot(board, argv[2]);
	count = strtoull(argv[4], NULL, 10);
	atomic_store(&slot->ns, now);
	atomic_fetch_add(&slot->starts, 1);
	atomic_fetch_add(&board->starts, 1);
	for (i = 0; i < count; i++) {
		len = argv[3][0] == 'o' ? make_observation(line, sizeof(line), i) : make_line(line, sizeof(line), i);
		if (argv[3][0] == 'l')
			write_all(line, len);
		else
			put_block(line, len);
	}
	flush_block();
	return 0;
}
