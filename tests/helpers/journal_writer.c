/*
 * A producer for the journal that can be killed anywhere, and the judge of what
 * it leaves. Three streams that are functions of their offsets, so that any part
 * can be sent again:
 *
 *	token 1: records "line", n = 1, 2, 3 …
 *	token 2: capitals and newlines  } into one log file,
 *	token 3: small letters          } which is rotated often
 *
 * It sends from where past.h says the journal holds them, as an agent does after
 * its daemon came back, and notes in a shared file what it was told is safe.
 *
 *	journal_writer write TOP LINES SYNC_US AHEAD	until LINES lines are safe, AHEAD rounds at a time
 *	journal_writer verify TOP		each byte and line once, nothing that was safe is missing
 *	journal_writer torture TOP KILLS SEED	write, killed again and again, then verify
 *	journal_writer full TOP			on a small file system that TOP is all of: fill it, see what goes on
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/journal.h"
#include "journal/reader.h"
#include "wire/agent_msg.h"

#define KEEP 20000u
#define LOG_SIZE 20000
#define AHEAD_MAX 256 /* rounds given and not safe */

enum { LINES, CAPITALS, SMALL, STREAMS };

/* What the journal said is safe: survives the writer. */
struct acked {
	_Atomic uint64_t upto[STREAMS];
	_Atomic uint64_t opens, rotations;
};

struct round {
	uint64_t number;
	uint64_t upto[STREAMS];
};

struct writer {
	char *dir, *log;
	struct acked *acked;
	struct journal *journal;
	struct log_file *file;
	uint64_t given[STREAMS];
	struct round rounds[AHEAD_MAX];
	size_t first, n_rounds;
	uint64_t seed;
};

static char
byte_at(unsigned stream, uint64_t offset)
{
	char letter = (char)(hash_u64(offset * 4 + stream) % 26);

	if (stream == CAPITALS)
		return (char)(offset % 61 == 60 ? '\n' : 'A' + letter);
	return (char)('a' + letter);
}

static struct acked *
map_acked(const char *top)
{
	char *path = xasprintf("%s/acked", top);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct acked *a;

	if (fd == -1 || ftruncate(fd, sizeof(*a)) == -1)
		fatal("%s", path);
	a = mmap(NULL, sizeof(*a), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (a == MAP_FAILED)
		fatal("%s", path);
	close(fd);
	free(path);
	return a;
}

static uint64_t
next_random(struct writer *w)
{
	return hash_u64(w->seed++);
}

static void
give_line(struct writer *w, size_t pad, uint64_t *number)
{
	char line[600];
	int n = snprintf(line, sizeof(line), "{\"type\":\"line\",\"child\":\"a\",\"token\":1,\"n\":%" PRIu64 ",\"text\":\"%0*d\"}",
	    ++w->given[LINES], (int)pad, 0);

	*number = journal_append(w->journal, JOURNAL_OUTPUT, line, (size_t)n);
}

static void
give_bytes(struct writer *w, unsigned stream, size_t n, uint64_t *number)
{
	char *p = xmalloc(n);
	size_t i;

	for (i = 0; i < n; i++)
		p[i] = byte_at(stream, w->given[stream] + i);
	*number = journal_log_take(w->journal, w->file, stream + 1, STREAM_OUT, w->given[stream], p, n, free, p);
	w->given[stream] += n;
}

static void
give_round(struct writer *w)
{
	uint64_t r = next_random(w), number = 0;
	struct round *round = &w->rounds[(w->first + w->n_rounds++) % AHEAD_MAX];
	unsigned i;

	for (i = 0; i <= r % 4; i++)
		give_line(w, 1 + r / 7 % 300, &number);
	give_bytes(w, CAPITALS, 1 + r / 3 % 500, &number);
	if (r % 3 != 0)
		give_bytes(w, SMALL, 1 + r / 5 % 2000, &number);
	round->number = number;
	memcpy(round->upto, w->given, sizeof(round->upto));
}

static void
rotate(struct writer *w)
{
	struct buf b = BUF_INIT(0);
	struct past p;
	unsigned i;

	past_init(&p);
	for (i = 0; i < STREAMS; i++) {
		past_incarnation(&p, i + 1, "a");
		past_hold(&p, i + 1, STREAM_OUT, w->given[i]);
	}
	past_encode(&p, &b);
	journal_rotate(w->journal, b.data, b.len);
	buf_release(&b);
	past_release(&p);
	atomic_fetch_add(&w->acked->rotations, 1);
}

static void
take_progress(struct writer *w)
{
	struct journal_progress p;
	struct round *round;
	unsigned i;

	journal_get_progress(w->journal, &p);
	while (w->n_rounds > 0 && (round = &w->rounds[w->first % AHEAD_MAX])->number <= p.safe[JOURNAL_OUTPUT]) {
		for (i = 0; i < STREAMS; i++)
			atomic_store(&w->acked->upto[i], round->upto[i]);
		w->first++;
		w->n_rounds--;
	}
	if (p.want_snapshot)
		rotate(w);
}

static void
open_writer(struct writer *w, const char *top, int64_t sync_us)
{
	struct journal_options o = { .installation = "00112233445566778899aabbccddeeff", .sync_us = sync_us,
		.segment_bytes = 64u << 10, .reserve_bytes = 16u << 10, .no_store = true, .keep_us = INT64_MAX };
	struct past_incarnation *inc;
	struct err err = ERR_INIT;
	struct past past;
	unsigned i;

	w->dir = xasprintf("%s/journal", top);
	w->log = xasprintf("%s/a.log", top);
	o.dir = w->dir;
	o.epoch = journal_last_epoch(w->dir) + 1;
	w->seed = o.epoch * 1000;
	if ((w->journal = journal_open(&o, &past, &err)) == NULL)
		fatalx("%s", err.msg);
	for (i = 0; i < STREAMS; i++) {
		inc = map_find(&past.incarnations, i + 1);
		w->given[i] = inc == NULL ? 0 : inc->held[STREAM_OUT];
		if (w->given[i] < atomic_load(&w->acked->upto[i]))
			fatalx("epoch %u: stream %u holds %" PRIu64 ", %" PRIu64 " were safe", o.epoch, i, w->given[i],
			    atomic_load(&w->acked->upto[i]));
		atomic_store(&w->acked->upto[i], w->given[i]);
	}
	past_release(&past);
	w->file = journal_log_file(w->journal, "a", w->log, LOG_SIZE, KEEP);
	atomic_fetch_add(&w->acked->opens, 1);
}

static void
close_writer(struct writer *w)
{
	journal_log_file_free(w->journal, w->file);
	journal_close(w->journal);
	free(w->dir);
	free(w->log);
}

static int
cmd_write(const char *top, uint64_t lines, int64_t sync_us, size_t ahead)
{
	struct writer w = { .acked = map_acked(top) };
	struct pollfd pfd;

	open_writer(&w, top, sync_us);
	pfd = (struct pollfd){ .fd = journal_fd(w.journal), .events = POLLIN };
	while (atomic_load(&w.acked->upto[LINES]) < lines) {
		while (w.n_rounds < ahead && w.given[LINES] < lines)
			give_round(&w);
		poll(&pfd, 1, 1000);
		take_progress(&w);
	}
	close_writer(&w);
	return 0;
}

/* Every line from 1 to at least what was safe, each once, in order. */
static int
verify_lines(const char *top, uint64_t safe)
{
	struct json_field f[] = { { .name = "type" }, { .name = "n" }, { .name = "snap" } };
	char *dir = xasprintf("%s/journal", top);
	struct journal_pos pos = { 0, 0, 0 };
	struct err err = ERR_INIT;
	struct journal_reader *r;
	uint64_t n, last = 0;
	const char *line;
	size_t len;
	int rc;

	if ((r = journal_reader_open(dir, &pos, &err)) == NULL)
		fatalx("%s", err.msg);
	while ((rc = journal_reader_next(r, &line, &len, &pos, &err)) == 1) {
		if (json_scan(line, len, f, ARRAY_LEN(f)) == -1)
			fatalx("no record: %.*s", (int)len, line);
		if (!json_field_is(&f[0], "line"))
			continue;
		if (json_field_uint(&f[1], &n) == -1 || n != last + 1)
			fatalx("line %" PRIu64 " follows line %" PRIu64, n, last);
		last = n;
	}
	if (rc == -1)
		fatalx("%s", err.msg);
	if (last < safe)
		fatalx("%" PRIu64 " lines were safe, %" PRIu64 " are there", safe, last);
	journal_reader_close(r);
	free(dir);
	printf("# %" PRIu64 " lines\n", last);
	return 0;
}

static bool
verify_file(const char *path, uint64_t upto[STREAMS])
{
	FILE *f = fopen(path, "re");
	unsigned stream;
	int c;

	if (f == NULL)
		return false;
	while ((c = getc(f)) != EOF) {
		stream = c == '\n' || (c >= 'A' && c <= 'Z') ? CAPITALS : SMALL;
		if (byte_at(stream, upto[stream]) != c)
			fatalx("%s: byte %" PRIu64 " of stream %u is not there in its place", path, upto[stream], stream);
		upto[stream]++;
	}
	fclose(f);
	return true;
}

static int
verify_logs(const char *top, const struct acked *a)
{
	uint64_t upto[STREAMS] = { 0 };
	unsigned i, files = 0, stream;
	char *path;

	for (i = KEEP; i > 0; i--) {
		path = xasprintf("%s/a.log.%u", top, i);
		files += verify_file(path, upto);
		free(path);
	}
	path = xasprintf("%s/a.log", top);
	if (!verify_file(path, upto))
		fatalx("%s is not there", path);
	free(path);
	for (stream = CAPITALS; stream < STREAMS; stream++)
		if (upto[stream] < atomic_load(&a->upto[stream]))
			fatalx("%" PRIu64 " bytes of stream %u were safe, %" PRIu64 " are there", atomic_load(&a->upto[stream]),
			    stream, upto[stream]);
	printf("# %u rotated logs, %" PRIu64 " and %" PRIu64 " bytes\n", files, upto[CAPITALS], upto[SMALL]);
	return 0;
}

static int
cmd_verify(const char *top)
{
	struct acked *a = map_acked(top);

	printf("# %" PRIu64 " opens, %" PRIu64 " new segments\n", atomic_load(&a->opens), atomic_load(&a->rotations));
	return verify_lines(top, atomic_load(&a->upto[LINES])) | verify_logs(top, a);
}

static int
cmd_torture(const char *top, unsigned kills, uint64_t seed)
{
	struct timespec wait = { 0, 0 };
	int status;
	pid_t pid;

	for (; kills > 0; kills--) {
		pid = fork();
		if (pid == -1)
			fatal("fork");
		if (pid == 0)
			_exit(cmd_write(top, UINT64_MAX, kills % 2 == 0 ? 0 : 1000, AHEAD_MAX));
		wait.tv_nsec = (long)(hash_u64(seed++) % 40000000);
		nanosleep(&wait, NULL);
		if (kill(pid, SIGKILL) == -1 || waitpid(pid, &status, 0) != pid)
			fatal("kill");
		if (!WIFSIGNALED(status))
			fatalx("the writer ended by itself: status %d", status);
	}
	/* One more time, to an ordered end. */
	if (cmd_write(top, atomic_load(&map_acked(top)->upto[LINES]) + 100, 0, 1) != 0)
		return 1;
	return cmd_verify(top);
}

/* A file that takes all room that is left, and gives it back when it is removed. */
static void
fill_disk(const char *top)
{
	char *path = xasprintf("%s/ballast", top), block[4096] = { 0 };
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ssize_t n;

	if (fd == -1)
		fatal("%s", path);
	while ((n = write(fd, block, sizeof(block))) > 0)
		continue;
	if (errno != ENOSPC)
		fatal("%s", path);
	close(fd);
	free(path);
}

static void
free_disk(const char *top)
{
	char *path = xasprintf("%s/ballast", top);

	if (unlink(path) == -1)
		fatal("%s", path);
	free(path);
}

static bool
wait_appended(struct writer *w, enum journal_kind kind, uint64_t number, int seconds, struct journal_progress *p)
{
	struct pollfd pfd = { .fd = journal_fd(w->journal), .events = POLLIN };
	mono_t deadline = mono_add_us(mono_now(), seconds * US_PER_S);

	do {
		journal_get_progress(w->journal, p);
		if (p->safe[kind] >= number)
			return true;
		poll(&pfd, 1, 100);
	} while (mono_before(mono_now(), deadline));
	return false;
}

static bool
wait_full(struct writer *w, struct journal_progress *p)
{
	struct pollfd pfd = { .fd = journal_fd(w->journal), .events = POLLIN };
	mono_t deadline = mono_add_us(mono_now(), 10 * US_PER_S);

	do {
		journal_get_progress(w->journal, p);
		if (p->disk_full)
			return true;
		poll(&pfd, 1, 100);
	} while (mono_before(mono_now(), deadline));
	return false;
}

static void
expect(bool true_is_good, const char *what)
{
	static unsigned count;

	printf("%sok %u - %s\n", true_is_good ? "" : "not ", ++count, what);
	if (!true_is_good)
		exit(1);
}

/* The disk is full: output waits, starts and exits go on; it goes on by itself when there is room. */
static int
cmd_full(const char *top)
{
	struct writer w = { .acked = map_acked(top) };
	uint64_t vital = 0, output = 0, before, i;
	struct journal_progress p;

	open_writer(&w, top, 0);
	give_bytes(&w, SMALL, 100, &output);
	give_line(&w, 10, &output);
	expect(wait_appended(&w, JOURNAL_OUTPUT, output, 10, &p), "all is written while there is room");
	fill_disk(top);
	/* More than what is preallocated. */
	for (i = 0; i < 4000; i++)
		give_line(&w, 300, &output);
	expect(wait_full(&w, &p), "full is told");
	expect(p.error[0] != '\0' && strstr(p.error, "No space") != NULL, "in words");
	expect(p.appended[JOURNAL_OUTPUT] < output, "output waits");
	before = p.appended[JOURNAL_OUTPUT];
	for (i = 0; i < 100; i++)
		vital = journal_append(w.journal, JOURNAL_VITAL, "{\"type\":\"exit\",\"child\":\"a\",\"token\":9}", 37);
	expect(wait_appended(&w, JOURNAL_VITAL, vital, 10, &p), "a hundred exits are safe all the same");
	expect(p.appended[JOURNAL_OUTPUT] == before && p.disk_full, "while output still waits");
	give_bytes(&w, SMALL, 5000, &output);
	give_bytes(&w, CAPITALS, 5000, &output);
	expect(journal_backlog(w.journal) > 10000, "the backlog is told");
	free_disk(top);
	expect(wait_appended(&w, JOURNAL_OUTPUT, output, 10, &p), "it goes on by itself when there is room");
	expect(!p.disk_full && p.error[0] == '\0', "and says so");
	/* Full again, and closed and opened in that state: a restart of the daemon must work. */
	fill_disk(top);
	close_writer(&w);
	w = (struct writer){ .acked = w.acked };
	open_writer(&w, top, 0);
	expect(w.given[LINES] == 4001 && w.given[SMALL] == 5100 && w.given[CAPITALS] == 5000, "held offsets are right");
	vital = journal_append(w.journal, JOURNAL_VITAL, "{\"type\":\"exit\",\"child\":\"a\",\"token\":9}", 37);
	expect(wait_appended(&w, JOURNAL_VITAL, vital, 10, &p), "a journal opened on a full disk takes an exit");
	give_bytes(&w, SMALL, 200000, &output);
	expect(wait_full(&w, &p), "a log that finds no room waits");
	free_disk(top);
	expect(wait_appended(&w, JOURNAL_OUTPUT, output, 10, &p), "and goes on");
	close_writer(&w);
	expect(cmd_verify(top) == 0, "every line and byte is there once");
	return 0;
}

int
main(int argc, char **argv)
{
	size_t ahead;

	log_open("journal_writer", LOG_LEVEL_WARNING);
	if (argc == 6 && strcmp(argv[1], "write") == 0 && (ahead = strtoul(argv[5], NULL, 10)) >= 1 && ahead <= AHEAD_MAX)
		return cmd_write(argv[2], strtoull(argv[3], NULL, 10), strtoll(argv[4], NULL, 10), ahead);
	if (argc == 3 && strcmp(argv[1], "verify") == 0)
		return cmd_verify(argv[2]);
	if (argc == 5 && strcmp(argv[1], "torture") == 0)
		return cmd_torture(argv[2], (unsigned)strtoul(argv[3], NULL, 10), strtoull(argv[4], NULL, 10));
	if (argc == 3 && strcmp(argv[1], "full") == 0)
		return cmd_full(argv[2]);
	fprintf(stderr, "usage: journal_writer write TOP LINES SYNC_US AHEAD | verify TOP | torture TOP KILLS SEED | full TOP\n");
	return 2;
}
