/*
 * jourate DIR COUNT: lines of 250 bytes a second that the journal takes with group commit, until the last
 * one is on the disk; as the daemon gives them: in batches of 100, never more than 8 MiB ahead of the disk.
 */
#include <err.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "journal/journal.h"
#include "stamp.h"

#define LINE_SIZE 250
#define BATCH 100
#define AHEAD (8u << 20)

static void
wait_for_progress(struct journal *j, struct journal_progress *progress)
{
	struct pollfd p = { .fd = journal_fd(j), .events = POLLIN };

	poll(&p, 1, 1000);
	journal_get_progress(j, progress);
	if (progress->want_snapshot)
		journal_rotate(j, "", 0);
	if (progress->error[0] != '\0')
		errx(1, "%s", progress->error);
}

static void
append_line(struct journal *j, uint64_t number, uint64_t *last)
{
	char line[LINE_SIZE + 1];
	int n = snprintf(line, sizeof(line), "{\"type\":\"observation\",\"t\":1732278000123,\"child\":\"a/b\",\"token\":1,\"n\":%012"
	    PRIu64 ",\"source\":\"p1\",\"data\":\"", number);

	memset(line + n, 'x', (size_t)(LINE_SIZE - 3 - n));
	memcpy(line + LINE_SIZE - 3, "\"}", 2);
	*last = journal_append(j, JOURNAL_OUTPUT, line, LINE_SIZE - 1);
}

int
main(int argc, char **argv)
{
	struct journal_options o = { .dir = argc == 3 ? argv[1] : NULL, .installation = "0123456789abcdef0123456789abcdef",
		.epoch = 1, .sync_us = 1000000, .segment_bytes = 64u << 20, .reserve_bytes = 1u << 20,
		.keep_us = INT64_C(3600000000), .no_store = true };
	struct journal_progress progress = { 0 };
	struct past past;
	struct err e = ERR_INIT;
	struct journal *j;
	uint64_t i, count, last = 0;
	int64_t begin;

	if (argc != 3)
		errx(2, "usage: jourate DIR COUNT");
	count = strtoull(argv[2], NULL, 10);
	past_init(&past);
	j = journal_open(&o, &past, &e);
	if (j == NULL)
		errx(1, "%s", e.msg);
	begin = stamp_now();
	for (i = 0; i < count; i++) {
		append_line(j, i, &last);
		while (i % BATCH == 0 && journal_backlog(j) > AHEAD)
			wait_for_progress(j, &progress);
	}
	journal_flush(j);
	while (progress.safe[JOURNAL_OUTPUT] < last)
		wait_for_progress(j, &progress);
	printf("%.0f\n", (double)count / ((double)(stamp_now() - begin) / 1e9));
	journal_close(j);
	past_release(&past);
	return 0;
}
