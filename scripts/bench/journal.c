/*
 * journal [DIR]: how fast the journal is, beside what the file system under DIR (default: the current
 * directory) does by itself. Lines of 250 bytes with group commit; log bytes in pieces of 64 KiB, handed
 * over without a copy; folding lines into the past, and reading them.
 */
#include <err.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/journal.h"
#include "journal/reader.h"

#define LINE_SIZE 250
#define LINES 2000000
#define BATCH 1000
#define SYNC_BYTES (4u << 20)
#define PIECE (64u << 10)
#define LOG_BYTES (UINT64_C(2) << 30)
#define BACKLOG (8u << 20)

static char top[4096];

static double
seconds_since(mono_t begin)
{
	return (double)mono_diff_us(mono_now(), begin) / 1e6;
}

static double
cpu_seconds(void)
{
	struct rusage ru;

	getrusage(RUSAGE_SELF, &ru);
	return (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) + (double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6;
}

static void
make_line(char line[LINE_SIZE + 1], uint64_t n)
{
	int len = snprintf(line, LINE_SIZE + 1,
	    "{\"type\":\"observation\",\"t\":1732278000123,\"child\":\"suppliers/ebuyer\",\"token\":7440175512584593409,\"n\":%" PRIu64
	    ",\"source\":\"webcam\",\"data\":{\"type\":\"observation\",\"status\":\"ok\",\"amount\":\"24.99\",\"raw\":\"", n);

	memset(line + len, 'x', (size_t)(LINE_SIZE - 4 - len));
	memcpy(line + LINE_SIZE - 4, "\"}}\n", 5);
}

/* The floor of lines: the same bytes, copied into a buffer, write and fdatasync after every 4 MiB. */
static double
floor_lines(bool preallocated)
{
	char *path = xasprintf("%s/floor", top), line[LINE_SIZE + 1], *buf = xmalloc(SYNC_BYTES + LINE_SIZE);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	mono_t begin = mono_now();
	size_t used = 0;
	uint64_t i;
	double s;

	if (fd == -1 || (preallocated && fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)LINES * LINE_SIZE) == -1))
		err(1, "%s", path);
	for (i = 1; i <= LINES; i++) {
		make_line(line, i);
		memcpy(buf + used, line, LINE_SIZE);
		used += LINE_SIZE;
		if (used < SYNC_BYTES && i < LINES)
			continue;
		if (write(fd, buf, used) != (ssize_t)used || fdatasync(fd) == -1)
			err(1, "%s", path);
		used = 0;
	}
	s = seconds_since(begin);
	close(fd);
	unlink(path);
	free(path);
	free(buf);
	return s;
}

static struct journal *
open_journal(uint64_t segment_bytes)
{
	char *dir = xasprintf("%s/journal", top);
	struct journal_options o = { .dir = dir, .installation = "00112233445566778899aabbccddeeff",
		.epoch = journal_last_epoch(dir) + 1, .sync_us = US_PER_S, .segment_bytes = segment_bytes,
		.reserve_bytes = 1u << 20, .keep_us = INT64_MAX, .no_store = true };
	struct err e = ERR_INIT;
	struct journal *j;
	struct past past;

	if ((j = journal_open(&o, &past, &e)) == NULL)
		errx(1, "%s", e.msg);
	past_release(&past);
	free(dir);
	return j;
}

/* Progress, snapshots, and no more ahead of the disk than the daemon would be. */
static void
keep_pace(struct journal *j)
{
	struct pollfd pfd = { .fd = journal_fd(j), .events = POLLIN };
	struct journal_progress p;

	do {
		journal_get_progress(j, &p);
		if (p.want_snapshot)
			journal_rotate(j, "", 0);
		if (p.error[0] != '\0')
			errx(1, "%s", p.error);
	} while (journal_backlog(j) > BACKLOG && poll(&pfd, 1, 1000) != -1);
}

static double
journal_lines(void)
{
	struct journal *j = open_journal(64u << 20);
	char line[LINE_SIZE + 1];
	mono_t begin = mono_now();
	uint64_t i;
	double s;

	for (i = 1; i <= LINES; i++) {
		make_line(line, i);
		journal_append(j, JOURNAL_OUTPUT, line, LINE_SIZE - 1);
		if (i % BATCH == 0)
			keep_pace(j);
	}
	journal_flush(j);
	s = seconds_since(begin);
	journal_close(j);
	return s;
}

static double
read_lines(bool fold)
{
	char *dir = xasprintf("%s/journal", top);
	struct journal_pos pos = { 0, 0, 0 };
	struct err e = ERR_INIT;
	struct journal_reader *r = journal_reader_open(dir, &pos, &e);
	mono_t begin = mono_now();
	struct past past;
	const char *line;
	uint64_t n = 0;
	size_t len;
	int rc;

	if (r == NULL)
		errx(1, "%s", e.msg);
	past_init(&past);
	while ((rc = journal_reader_next(r, &line, &len, &pos, &e)) == 1 && n < LINES) {
		if (fold && past_fold(&past, line, len) == -1)
			errx(1, "no record: %.*s", (int)len, line);
		n += len == LINE_SIZE - 1;
	}
	if (rc == -1 || n < LINES)
		errx(1, "read %" PRIu64 " lines: %s", n, e.msg);
	journal_reader_close(r);
	past_release(&past);
	free(dir);
	return seconds_since(begin);
}

/* The floor of logs: the same pieces, one write each. */
static double
floor_logs(void)
{
	char *path = xasprintf("%s/floor", top), *piece = xmalloc(PIECE);
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	mono_t begin;
	uint64_t done;
	double s;

	memset(piece, 'x', PIECE);
	begin = mono_now();
	for (done = 0; done < LOG_BYTES; done += PIECE)
		if (fd == -1 || write(fd, piece, PIECE) != PIECE)
			err(1, "%s", path);
	s = seconds_since(begin);
	close(fd);
	unlink(path);
	free(path);
	free(piece);
	return s;
}

/* Pieces that the journal gives back are filled again, as receive buffers are. */
static atomic_uint in_use;

static void
give_back_cb(void *arg)
{
	(void)arg;
	atomic_fetch_sub(&in_use, 1);
}

static double
journal_logs(bool take, size_t piece_size)
{
	struct journal *j = open_journal(64u << 20);
	char *path = xasprintf("%s/a.log", top), *piece = xmalloc(PIECE);
	struct log_file *f = journal_log_file(j, "a", path, 0, 0);
	mono_t begin;
	uint64_t done;
	double s;

	memset(piece, 'x', PIECE);
	begin = mono_now();
	for (done = 0; done < LOG_BYTES; done += piece_size) {
		if (take) {
			atomic_fetch_add(&in_use, 1);
			journal_log_take(j, f, 1, 1, done, piece, piece_size, give_back_cb, NULL);
		} else {
			journal_log(j, f, 1, 1, done, piece, piece_size);
		}
		if (done % PIECE == 0)
			keep_pace(j);
	}
	journal_flush(j);
	s = seconds_since(begin);
	journal_log_file_free(j, f);
	journal_close(j);
	unlink(path);
	free(path);
	free(piece);
	return s;
}

static int
remove_cb(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void
row_lines(const char *what, double s, double cpu, double floor_s)
{
	printf("%-44s %9.0f lines/s  %5.2f s CPU", what, LINES / s, cpu);
	if (floor_s > 0)
		printf("  %4.2f of the floor", floor_s / s);
	printf("\n");
}

static void
row_bytes(const char *what, double s, double cpu, double floor_s)
{
	printf("%-44s %9.0f MB/s     %5.2f s CPU", what, (double)LOG_BYTES / 1e6 / s, cpu);
	if (floor_s > 0)
		printf("  %4.2f of the floor", floor_s / s);
	printf("\n");
}

static void
bench_lines(void)
{
	double cpu = cpu_seconds(), plain, s;

	plain = floor_lines(false);
	row_lines("write + fdatasync every 4 MiB", plain, cpu_seconds() - cpu, 0);
	cpu = cpu_seconds();
	s = floor_lines(true);
	row_lines("the same, preallocated (the floor)", s, cpu_seconds() - cpu, 0);
	plain = s;
	cpu = cpu_seconds();
	s = journal_lines();
	row_lines("journal_append, until all is safe", s, cpu_seconds() - cpu, plain);
	cpu = cpu_seconds();
	s = read_lines(false);
	row_lines("journal_reader_next", s, cpu_seconds() - cpu, 0);
	cpu = cpu_seconds();
	s = read_lines(true);
	row_lines("journal_reader_next and past_fold", s, cpu_seconds() - cpu, 0);
}

static void
bench_logs(void)
{
	double cpu, plain, s;

	/* Once to warm up: the first touch of so much memory is not the disk's. */
	floor_logs();
	cpu = cpu_seconds();
	plain = floor_logs();
	row_bytes("write of 64 KiB (the floor)", plain, cpu_seconds() - cpu, 0);
	cpu = cpu_seconds();
	s = journal_logs(true, PIECE);
	row_bytes("journal_log_take of 64 KiB", s, cpu_seconds() - cpu, plain);
	cpu = cpu_seconds();
	s = journal_logs(false, PIECE);
	row_bytes("journal_log of 64 KiB", s, cpu_seconds() - cpu, plain);
	cpu = cpu_seconds();
	s = journal_logs(false, 128);
	row_bytes("journal_log of 128 bytes", s, cpu_seconds() - cpu, plain);
}

int
main(int argc, char **argv)
{
	snprintf(top, sizeof(top), "%.4000s/journal-bench.XXXXXX", argc > 1 ? argv[1] : ".");
	if (mkdtemp(top) == NULL)
		err(1, "%s", top);
	bench_lines();
	bench_logs();
	nftw(top, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
