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
#define LINES 1000000
#define BATCH 1000
#define SYNC_BYTES (4u << 20)
#define PIECE (64u << 10)
#define LOG_BYTES (UINT64_C(512) << 20)
#define ROUNDS 3
#define BACKLOG (8u << 20)
#define LATENCIES 2000

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
compare_us(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/*
 * How long a start waits for its record to be appended: median and 99 of 100, in
 * microseconds; with `flood`, while logs are written as fast as credit allows.
 */
static void
bench_latency(bool flood)
{
	struct journal *j = open_journal(UINT64_C(1) << 40);
	char *path = xasprintf("%s/a.log", top), *piece = xcalloc(1, PIECE);
	struct log_file *f = journal_log_file(j, "a", path, 0, 0);
	struct pollfd pfd = { .fd = journal_fd(j), .events = POLLIN };
	const char *start = "{\"type\":\"start\",\"child\":\"a\",\"token\":1}";
	int64_t us[LATENCIES];
	struct journal_progress p;
	uint64_t n, offset = 0;
	mono_t begin;
	unsigned i;

	for (i = 0; i < LATENCIES; i++) {
		for (; flood && journal_backlog(j) < BACKLOG; offset += PIECE)
			journal_log(j, f, 1, 1, offset, piece, PIECE);
		begin = mono_now();
		n = journal_append(j, JOURNAL_VITAL, start, strlen(start));
		do {
			poll(&pfd, 1, 1000);
			journal_get_progress(j, &p);
		} while (p.appended[JOURNAL_VITAL] < n);
		us[i] = mono_diff_us(mono_now(), begin);
	}
	qsort(us, LATENCIES, sizeof(*us), compare_us);
	printf("%-44s %9" PRId64 " us median, %" PRId64 " us at 99 of 100\n",
	    flood ? "append to appended, logs at full speed" : "append to appended, idle", us[LATENCIES / 2],
	    us[LATENCIES * 99 / 100]);
	journal_log_file_free(j, f);
	journal_close(j);
	unlink(path);
	free(path);
	free(piece);
}

static int
remove_cb(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static double
lines_floor(void)
{
	return floor_lines(true);
}

static double
lines_not_preallocated(void)
{
	return floor_lines(false);
}

static double
lines_read(void)
{
	return read_lines(false);
}

static double
lines_folded(void)
{
	return read_lines(true);
}

static double
logs_taken(void)
{
	return journal_logs(true, PIECE);
}

static double
logs_copied(void)
{
	return journal_logs(false, PIECE);
}

static double
logs_small(void)
{
	return journal_logs(false, 128);
}

struct row {
	const char *what;
	double (*run)(void);
	double s, cpu; /* the best of all rounds */
};

/*
 * The rounds go through all rows in turn, and the best of each counts: on a busy
 * machine, or one whose memory is made as it is touched, one run says little.
 */
static void
bench(struct row *rows, size_t n, double amount, const char *unit)
{
	double cpu, s;
	unsigned round;
	size_t i;

	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < n; i++) {
			cpu = cpu_seconds();
			s = rows[i].run();
			if (round > 0 && s >= rows[i].s)
				continue;
			rows[i].s = s;
			rows[i].cpu = cpu_seconds() - cpu;
		}
	}
	for (i = 0; i < n; i++)
		printf("%-44s %9.0f %-8s %5.2f s CPU  %5.2f of the floor\n", rows[i].what, amount / rows[i].s, unit, rows[i].cpu,
		    rows[0].s / rows[i].s);
}

static void
bench_lines(void)
{
	struct row rows[] = {
		{ "write + fdatasync every 4 MiB, preallocated", lines_floor, 0, 0 },
		{ "the same, not preallocated", lines_not_preallocated, 0, 0 },
		{ "journal_append, until all is safe", journal_lines, 0, 0 },
		{ "journal_reader_next", lines_read, 0, 0 },
		{ "journal_reader_next and past_fold", lines_folded, 0, 0 },
	};

	bench(rows, ARRAY_LEN(rows), LINES, "lines/s");
}

static void
bench_logs(void)
{
	struct row rows[] = {
		{ "write of 64 KiB", floor_logs, 0, 0 },
		{ "journal_log_take of 64 KiB", logs_taken, 0, 0 },
		{ "journal_log of 64 KiB", logs_copied, 0, 0 },
		{ "journal_log of 128 bytes", logs_small, 0, 0 },
	};

	bench(rows, ARRAY_LEN(rows), (double)LOG_BYTES / 1e6, "MB/s");
}

int
main(int argc, char **argv)
{
	snprintf(top, sizeof(top), "%.4000s/journal-bench.XXXXXX", argc > 1 ? argv[1] : ".");
	if (mkdtemp(top) == NULL)
		err(1, "%s", top);
	bench_lines();
	bench_logs();
	bench_latency(false);
	bench_latency(true);
	nftw(top, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
	return 0;
}
