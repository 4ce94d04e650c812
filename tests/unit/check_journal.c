/* The journal: open, append, logs, rotation, what a crash leaves (architecture 6). */
#include <check.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/names.h"
#include "journal/recorded.h"
#include "journal/synced.h"
#include "journal_rig.h"
#include "unit.h"
#include "wire/agent_msg.h"

static struct rig rig;

static void
setup(void)
{
	rig_init(&rig);
}

static void
teardown(void)
{
	rig_release(&rig);
}

START_TEST(names_sort_in_time_order)
{
	struct segment_name n = { 0x2a, 0x10 }, got;
	char text[SEGMENT_NAME_SIZE];
	static const char *const bad[] = { "0000002a-000010.json", "0000002A-000010.jsonl", "2a-10.jsonl", "segment.new", "synced",
		"0000002a_000010.jsonl", "0000002a-000010.jsonl~" };
	size_t i;

	ck_assert_str_eq(segment_name_text(n, text), "0000002a-000010.jsonl");
	ck_assert_int_eq(segment_name_parse(text, &got), 0);
	ck_assert_int_eq(segment_name_compare(n, got), 0);
	ck_assert_int_lt(segment_name_compare(n, (struct segment_name){ 0x2b, 1 }), 0);
	ck_assert_int_gt(segment_name_compare(n, (struct segment_name){ 0x2a, 9 }), 0);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(segment_name_parse(bad[i], &got) == -1, "%s", bad[i]);
}
END_TEST

START_TEST(synced_is_checked)
{
	char line[SYNCED_SIZE];
	struct segment_name n = { 0xffffffff, 0xffffff };
	uint64_t offset;
	size_t i;

	synced_encode(n, UINT64_MAX, line);
	ck_assert_int_eq(synced_decode(line, SYNCED_SIZE - 1, &n, &offset), 0);
	ck_assert_uint_eq(offset, UINT64_MAX);
	/* Half of one write and half of another is never taken for a position. */
	for (i = 0; i < SYNCED_SIZE - 1; i++) {
		line[i] ^= 1;
		ck_assert_msg(synced_decode(line, SYNCED_SIZE - 1, &n, &offset) == -1, "byte %zu", i);
		line[i] ^= 1;
	}
}
END_TEST

START_TEST(lines_come_back)
{
	char line[256], *back;
	uint64_t vital, output;
	struct stat st;

	rig_open(&rig);
	ck_assert_int_eq(stat(rig.dir, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0750);
	vital = rig_append(&rig, JOURNAL_VITAL, "{\"type\":\"wish\",\"child\":\"a\",\"stopped\":true}");
	ck_assert_uint_eq(vital, 1);
	ck_assert_uint_eq(rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 1, 10)), 1);
	output = rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 2, 10));
	ck_assert_uint_eq(output, 2);
	ck_assert(rig_wait_safe(&rig, JOURNAL_VITAL, vital));
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, output));
	back = rig_read_back(&rig, 5, false);
	ck_assert_str_eq(back, "1 2 ");
	free(back);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_uint_eq(rig.past.epoch, 1);
	ck_assert(past_child(&rig.past, "a")->stopped);
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&rig.past.incarnations, 5))->held[STREAM_OUT], 2);
	ck_assert_str_eq(rig.past.installation, rig.options.installation);
	ck_assert_uint_eq(journal_last_epoch(rig.dir), 2);
}
END_TEST

START_TEST(group_commit_waits_and_then_tells)
{
	char line[256], *back;
	uint64_t n;

	rig.options.sync_us = 300000;
	rig_open(&rig);
	n = rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 1, 10));
	ck_assert(rig_wait_appended(&rig, JOURNAL_OUTPUT, n));
	/* Written, not safe: people see it, the recorder does not. */
	if (rig_progress(&rig).safe[JOURNAL_OUTPUT] < n) {
		back = rig_read_back(&rig, 5, true);
		ck_assert_str_eq(back, "1 ");
		free(back);
	}
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, n));
	back = rig_read_back(&rig, 5, false);
	ck_assert_str_eq(back, "1 ");
	free(back);
}
END_TEST

/* No wake-ups when idle: what the process is made to wait for does not grow. */
START_TEST(idle_is_idle)
{
	struct pollfd pfd = { .events = POLLIN };
	struct rusage before, after;
	char line[256];
	uint64_t n;

	rig.options.sync_us = 1000;
	rig_open(&rig);
	n = rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 1, 10));
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, n));
	journal_flush(rig.journal);
	rig_progress(&rig);
	pfd.fd = journal_fd(rig.journal);
	getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(poll(&pfd, 1, 500), 0);
	getrusage(RUSAGE_SELF, &after);
	/* Our own poll, and perhaps the thread on its way to sleep. */
	ck_assert_int_le(after.ru_nvcsw - before.ru_nvcsw, 2);
}
END_TEST

START_TEST(an_old_epoch_is_refused)
{
	struct err err = ERR_INIT;
	struct past past;

	rig_open(&rig);
	rig_close(&rig);
	ck_assert_ptr_null(journal_open(&rig.options, &past, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "not newer"));
	/* And a place that is no directory, with its name. */
	rig.options.dir = "/dev/null/journal";
	err.msg[0] = '\0';
	ck_assert_ptr_null(journal_open(&rig.options, &past, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "/dev/null/journal"));
}
END_TEST

static char *
segment_path(uint32_t epoch, uint32_t number)
{
	char file[SEGMENT_NAME_SIZE];

	return xasprintf("%s/%s", rig.dir, segment_name_text((struct segment_name){ epoch, number }, file));
}

START_TEST(a_torn_last_line_is_cut_off)
{
	char line[256], *path, *back;
	struct stat before, after;

	rig_open(&rig);
	rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 1, 10));
	rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 2, 10));
	rig_close(&rig);
	path = segment_path(1, 1);
	ck_assert_int_eq(stat(path, &before), 0);
	rig_write(path, line, strlen(line) / 2);
	rig_open(&rig);
	ck_assert_int_eq(stat(path, &after), 0);
	ck_assert_int_eq(after.st_size, before.st_size);
	back = rig_read_back(&rig, 5, false);
	ck_assert_str_eq(back, "1 2 ");
	free(back);
	free(path);
}
END_TEST

START_TEST(garbage_in_the_middle_is_passed_over)
{
	char line[256], *path, *back;

	rig_open(&rig);
	rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, 1, 10));
	rig_close(&rig);
	path = segment_path(1, 1);
	rig_write(path, "\0\0\0\xff garbage\n{}\n", 16);
	rig_line(line, 5, 7, 10);
	memcpy(line + strlen(line), "\n", 2);
	rig_write(path, line, strlen(line));
	rig_open(&rig);
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&rig.past.incarnations, 5))->held[STREAM_OUT], 7);
	back = rig_read_back(&rig, 5, false);
	ck_assert_str_eq(back, "1 7 ");
	free(back);
	free(path);
}
END_TEST

static bool
wants_snapshot(void)
{
	return rig_progress(&rig).want_snapshot;
}

/* Fill the segment until a snapshot is wanted. */
static void
fill_segment(uint64_t token, uint64_t *n)
{
	mono_t deadline = mono_add_us(mono_now(), 20 * US_PER_S);
	char line[256];

	while (!wants_snapshot()) {
		ck_assert(mono_before(mono_now(), deadline));
		rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, token, ++*n, 150));
		if (*n % 64 == 0)
			journal_flush(rig.journal);
	}
}

static void
rotate_with_past(uint64_t token, uint64_t n)
{
	struct past past;
	struct buf b = BUF_INIT(0);

	past_init(&past);
	past_child(&past, "a")->stopped = true;
	past_incarnation(&past, token, "a");
	past_hold(&past, token, STREAM_OUT, n);
	past_encode(&past, &b);
	journal_rotate(rig.journal, b.data, b.len);
	buf_release(&b);
	past_release(&past);
}

START_TEST(segments_follow_each_other)
{
	char line[256], want[64], *back, *tail;
	uint64_t n = 0;
	unsigned i;

	rig.options.segment_bytes = 64u << 10;
	rig.options.keep_us = INT64_MAX;
	rig_open(&rig);
	for (i = 0; i < 3; i++) {
		fill_segment(9, &n);
		rotate_with_past(9, n);
		ck_assert(!wants_snapshot());
	}
	rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 9, ++n, 10));
	journal_flush(rig.journal);
	ck_assert_uint_eq(rig_segments(&rig), 4);
	/* Every line once, in order, over all of them. */
	back = rig_read_back(&rig, 9, false);
	snprintf(want, sizeof(want), " %" PRIu64 " %" PRIu64 " ", n - 1, n);
	tail = back + strlen(back) - strlen(want);
	ck_assert_str_eq(tail, want);
	ck_assert_int_eq(strncmp(back, "1 2 3 4 ", 8), 0);
	free(back);
	rig_close(&rig);
	/* The newest snapshot and what follows say it all. */
	for (i = 1; i <= 3; i++) {
		back = segment_path(1, i);
		unlink(back);
		free(back);
	}
	rig_open(&rig);
	ck_assert(past_child(&rig.past, "a")->stopped);
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&rig.past.incarnations, 9))->held[STREAM_OUT], n);
}
END_TEST

static const struct {
	const char *what;
	bool no_store;
	bool recorded;
	int64_t keep_us;
	const char *left;
} removals[] = {
	{ "nobody has recorded yet", false, false, 0, "1-1 1-2 1-3 1-4 " },
	{ "recorded, and old", false, true, 0, "1-3 1-4 " },
	{ "recorded, but to be kept", false, true, INT64_MAX, "1-1 1-2 1-3 1-4 " },
	{ "no store", true, false, 0, "1-4 " },
};

START_TEST(old_segments_go)
{
	struct journal_pos pos = { 1, 3, 5 };
	struct err err = ERR_INIT;
	uint64_t n = 0;
	char *names;
	unsigned i;

	rig.options.segment_bytes = 16u << 10;
	rig.options.keep_us = removals[_i].keep_us;
	rig.options.no_store = removals[_i].no_store;
	rig_open(&rig);
	for (i = 0; i < 3; i++) {
		if (i == 2 && removals[_i].recorded)
			ck_assert_int_eq(journal_recorded_write(rig.dir, &pos, &err), 0);
		fill_segment(9, &n);
		rotate_with_past(9, n);
	}
	journal_flush(rig.journal);
	names = rig_segment_names(&rig);
	ck_assert_msg(strcmp(names, removals[_i].left) == 0, "%s: %s", removals[_i].what, names);
	free(names);
}
END_TEST

START_TEST(recorded_is_read_back)
{
	struct journal_pos pos = { 7, 8, UINT64_MAX }, got = { 1, 1, 1 };
	struct err err = ERR_INIT;

	ck_assert_int_eq(journal_recorded_read(rig.top, &got, &err), 0);
	ck_assert_uint_eq(got.epoch, 0);
	ck_assert_int_eq(journal_recorded_write(rig.top, &pos, &err), 0);
	ck_assert_int_eq(journal_recorded_read(rig.top, &got, &err), 0);
	ck_assert_mem_eq(&pos, &got, sizeof(pos));
	ck_assert_int_eq(journal_recorded_write("/nonexistent", &pos, &err), -1);
}
END_TEST

/* A log of numbered lines: all of them, in order, through rotation, with exact sizes. */
START_TEST(logs_rotate_and_keep)
{
	char *path = rig_path(&rig, "logs/deep/a.log"), *name, line[64];
	struct buf all = BUF_INIT(0), got = BUF_INIT(0), want = BUF_INIT(0);
	uint64_t offset = 0, number = 0;
	struct log_file *f;
	struct stat st;
	unsigned i;
	int n;

	rig_open(&rig);
	f = journal_log_file(rig.journal, "a", path, 10000, 3);
	for (i = 0; i < 2000; i++) {
		n = snprintf(line, sizeof(line), "line %u of the log\n", i);
		number = journal_log(rig.journal, f, 5, STREAM_OUT, offset, line, (size_t)n);
		offset += (uint64_t)n;
		buf_xadd(&want, line, (size_t)n);
	}
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, number));
	for (i = 4; i-- > 0;) {
		name = i == 0 ? xstrdup(path) : xasprintf("%s.%u", path, i);
		ck_assert_int_eq(rig_read(name, &got), 0);
		ck_assert_uint_le(got.len, 10000);
		buf_xadd(&all, got.data, got.len);
		free(name);
	}
	name = xasprintf("%s.4", path);
	ck_assert_int_eq(access(name, F_OK), -1);
	free(name);
	/* What is left is the end of all that was written, from the beginning of a line. */
	ck_assert_uint_lt(all.len, want.len);
	ck_assert_mem_eq(all.data, want.data + want.len - all.len, all.len);
	ck_assert_int_eq(strncmp(all.data, "line ", 5), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0640);
	journal_log_file_free(rig.journal, f);
	buf_release(&all);
	buf_release(&got);
	buf_release(&want);
	free(path);
}
END_TEST

START_TEST(a_line_longer_than_a_log)
{
	char *path = rig_path(&rig, "a.log"), *old = rig_path(&rig, "a.log.1"), *long_line = xmalloc(300000);
	struct buf got = BUF_INIT(0);
	struct log_file *f;

	memset(long_line, 'x', 300000);
	rig_open(&rig);
	f = journal_log_file(rig.journal, "a", path, 4096, 1);
	journal_log(rig.journal, f, 5, STREAM_OUT, 0, "short\n", 6);
	journal_log(rig.journal, f, 5, STREAM_OUT, 6, long_line, 300000);
	journal_log(rig.journal, f, 5, STREAM_OUT, 300006, "\nshort\n", 7);
	journal_flush(rig.journal);
	/* The line is whole, in one file; what is behind it is in the next. */
	ck_assert_int_eq(rig_read(path, &got), 0);
	ck_assert_str_eq(got.data, "short\n");
	ck_assert_int_eq(rig_read(old, &got), 0);
	ck_assert_uint_eq(got.len, 300001);
	journal_log_file_free(rig.journal, f);
	buf_release(&got);
	free(path);
	free(old);
	free(long_line);
}
END_TEST

static atomic_uint released;

static void
release_cb(void *arg)
{
	free(arg);
	atomic_fetch_add(&released, 1);
}

START_TEST(bytes_are_taken_without_a_copy)
{
	char *path = rig_path(&rig, "a.log"), *chunk;
	struct buf got = BUF_INIT(0);
	struct log_file *f;
	unsigned i;

	atomic_store(&released, 0);
	rig_open(&rig);
	f = journal_log_file(rig.journal, "a", path, 0, 0);
	for (i = 0; i < 300; i++) {
		chunk = xmalloc(8192);
		memset(chunk, 'a' + (int)(i % 26), 8192);
		journal_log_take(rig.journal, f, 5, STREAM_OUT, (uint64_t)i * 8192, chunk, 8192, release_cb, chunk);
		if (i % 3 == 0)
			journal_log(rig.journal, f, 5, STREAM_ERR, i / 3, "!", 1);
	}
	journal_flush(rig.journal);
	ck_assert_uint_eq(atomic_load(&released), 300);
	ck_assert_uint_eq(journal_backlog(rig.journal), 0);
	ck_assert_int_eq(rig_read(path, &got), 0);
	ck_assert_uint_eq(got.len, 300 * 8192 + 100);
	ck_assert_int_eq(got.data[8192], '!');
	ck_assert_int_eq(got.data[8193], 'b');
	journal_log_file_free(rig.journal, f);
	buf_release(&got);
	free(path);
}
END_TEST

static void
close_files_above(unsigned limit)
{
	struct rlimit rl;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &rl), 0);
	rl.rlim_cur = limit;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &rl), 0);
}

/* More logs than may be open, and fewer descriptors than that: all get their bytes. */
START_TEST(many_logs_share_few_descriptors)
{
	struct log_file *files[300];
	struct buf got = BUF_INIT(0);
	char *path, name[32];
	unsigned i, round;

	rig_open(&rig);
	close_files_above(40);
	for (i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(name, sizeof(name), "logs/%u.log", i);
		path = rig_path(&rig, name);
		files[i] = journal_log_file(rig.journal, name, path, 0, 0);
		free(path);
	}
	for (round = 0; round < 3; round++)
		for (i = 0; i < ARRAY_LEN(files); i++)
			journal_log(rig.journal, files[i], 1000 + i, STREAM_OUT, round * 4, "abc\n", 4);
	journal_flush(rig.journal);
	close_files_above(1000);
	for (i = 0; i < ARRAY_LEN(files); i++) {
		snprintf(name, sizeof(name), "logs/%u.log", i);
		path = rig_path(&rig, name);
		ck_assert_int_eq(rig_read(path, &got), 0);
		ck_assert_str_eq(got.data, "abc\nabc\nabc\n");
		free(path);
		journal_log_file_free(rig.journal, files[i]);
	}
	buf_release(&got);
}
END_TEST

/* SIGUSR1 after a rename by logrotate, and a log deleted under us. */
START_TEST(logs_are_opened_again)
{
	char *path = rig_path(&rig, "a.log"), *moved = rig_path(&rig, "moved.log");
	struct buf got = BUF_INIT(0);
	struct log_file *f;

	rig_open(&rig);
	f = journal_log_file(rig.journal, "a", path, 0, 0);
	journal_log(rig.journal, f, 5, STREAM_OUT, 0, "one\n", 4);
	journal_flush(rig.journal);
	ck_assert_int_eq(rename(path, moved), 0);
	journal_log(rig.journal, f, 5, STREAM_OUT, 4, "two\n", 4);
	journal_reopen_logs(rig.journal);
	journal_log(rig.journal, f, 5, STREAM_OUT, 8, "three\n", 6);
	journal_flush(rig.journal);
	ck_assert_int_eq(rig_read(moved, &got), 0);
	ck_assert_str_eq(got.data, "one\ntwo\n");
	ck_assert_int_eq(rig_read(path, &got), 0);
	ck_assert_str_eq(got.data, "three\n");
	ck_assert_int_eq(unlink(path), 0);
	journal_log(rig.journal, f, 5, STREAM_OUT, 14, "four\n", 5);
	journal_flush(rig.journal);
	ck_assert_int_eq(rig_read(path, &got), 0);
	ck_assert_str_eq(got.data, "four\n");
	journal_log_file_free(rig.journal, f);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&rig.past.incarnations, 5))->held[STREAM_OUT], 19);
	buf_release(&got);
	free(path);
	free(moved);
}
END_TEST

/* One log that can never be written must not hold up the others. */
START_TEST(a_hopeless_log_holds_up_nobody)
{
	char *path = rig_path(&rig, "a.log"), *good_path = rig_path(&rig, "b.log");
	struct buf got = BUF_INIT(0);
	struct log_file *f, *good;
	uint64_t number;

	ck_assert_int_eq(mkdir(path, 0700), 0);
	rig_open(&rig);
	f = journal_log_file(rig.journal, "a", path, 0, 0);
	good = journal_log_file(rig.journal, "b", good_path, 0, 0);
	journal_log(rig.journal, f, 5, STREAM_OUT, 0, "lost\n", 5);
	number = journal_log(rig.journal, good, 6, STREAM_OUT, 0, "kept\n", 5);
	ck_assert(rig_wait_appended(&rig, JOURNAL_OUTPUT, number));
	ck_assert_int_eq(rig_read(good_path, &got), 0);
	ck_assert_str_eq(got.data, "kept\n");
	journal_log_file_free(rig.journal, f);
	journal_log_file_free(rig.journal, good);
	buf_release(&got);
	free(path);
	free(good_path);
}
END_TEST

/* A log file is closed by no one; another process writes on in the child's place: held[] is what the marks say. */
START_TEST(held_offsets_after_a_crash)
{
	char *path = rig_path(&rig, "a.log");
	struct past_incarnation *i;
	struct log_file *f;
	int status;
	pid_t pid;

	if ((pid = fork()) == 0) {
		rig_open(&rig);
		f = journal_log_file(rig.journal, "a", path, 500, 5);
		journal_log(rig.journal, f, 5, STREAM_OUT, 0, "0123456789\n", 11);
		journal_log(rig.journal, f, 5, STREAM_ERR, 0, "stderr\n", 7);
		journal_log(rig.journal, f, 5, STREAM_OUT, 11, "more\n", 5);
		journal_log(rig.journal, f, 6, STREAM_OUT, 100, "successor\n", 10);
		if (!rig_wait_appended(&rig, JOURNAL_OUTPUT, 4))
			_exit(1);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	rig_open(&rig);
	i = map_find(&rig.past.incarnations, 5);
	ck_assert_uint_eq(i->held[STREAM_OUT], 16);
	ck_assert_uint_eq(i->held[STREAM_ERR], 7);
	i = map_find(&rig.past.incarnations, 6);
	ck_assert_uint_eq(i->held[STREAM_OUT], 110);
	free(path);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("journal");
	TCase *t = tcase_create("journal"), *l = tcase_create("logs");

	tcase_set_timeout(t, 60);
	tcase_set_timeout(l, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names_sort_in_time_order);
	tcase_add_test(t, synced_is_checked);
	tcase_add_test(t, lines_come_back);
	tcase_add_test(t, group_commit_waits_and_then_tells);
	tcase_add_test(t, idle_is_idle);
	tcase_add_test(t, an_old_epoch_is_refused);
	tcase_add_test(t, a_torn_last_line_is_cut_off);
	tcase_add_test(t, garbage_in_the_middle_is_passed_over);
	tcase_add_test(t, segments_follow_each_other);
	tcase_add_loop_test(t, old_segments_go, 0, (int)ARRAY_LEN(removals));
	tcase_add_test(t, recorded_is_read_back);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(l, setup, teardown);
	tcase_add_test(l, logs_rotate_and_keep);
	tcase_add_test(l, a_line_longer_than_a_log);
	tcase_add_test(l, bytes_are_taken_without_a_copy);
	tcase_add_test(l, many_logs_share_few_descriptors);
	tcase_add_test(l, logs_are_opened_again);
	tcase_add_test(l, a_hopeless_log_holds_up_nobody);
	tcase_add_test(l, held_offsets_after_a_crash);
	suite_add_tcase(s, l);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
