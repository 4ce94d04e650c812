/* Reading while it is written: never beyond what is safe, every line once, woken without polling. */
#include <check.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mono.h"
#include "journal/names.h"
#include "journal/synced.h"
#include "journal_rig.h"
#include "unit.h"

static struct rig rig;
static struct journal_reader *reader;
static struct journal_pos pos;

static void
setup(void)
{
	rig_init(&rig);
	rig.options.segment_bytes = 1u << 30;
	rig.options.no_store = true;
	rig.options.keep_us = INT64_MAX;
	reader = NULL;
	pos = (struct journal_pos){ 0, 0, 0 };
}

static void
teardown(void)
{
	journal_reader_close(reader);
	rig_release(&rig);
}

static void
open_reader(void)
{
	struct err err = ERR_INIT;

	journal_reader_close(reader);
	reader = journal_reader_open(rig.dir, &pos, &err);
	ck_assert_msg(reader != NULL, "%s", err.msg);
}

/* The n of the next record "line"; 0 if there is none for now. */
static uint64_t
next_line(void)
{
	struct json_field f[] = { { .name = "type" }, { .name = "n" } };
	struct err err = ERR_INIT;
	const char *line;
	uint64_t n;
	size_t len;
	int rc;

	while ((rc = journal_reader_next(reader, &line, &len, &pos, &err)) == 1)
		if (json_scan(line, len, f, 2) == 0 && json_field_is(&f[0], "line") && json_field_uint(&f[1], &n) == 0)
			return n;
	ck_assert_msg(rc == 0, "%s", err.msg);
	return 0;
}

static uint64_t
append(uint64_t n)
{
	char line[256];

	return rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, n, 20));
}

static void
append_safe(uint64_t n)
{
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(n)));
}

static bool
is_woken(int timeout_ms)
{
	struct pollfd pfd = { .fd = journal_reader_fd(reader), .events = POLLIN };

	return poll(&pfd, 1, timeout_ms) == 1;
}

START_TEST(woken_by_what_is_safe_and_by_nothing_else)
{
	rig.options.sync_us = 60 * US_PER_S;
	rig_open(&rig);
	open_reader();
	ck_assert_uint_eq(next_line(), 0);
	ck_assert(rig_wait_appended(&rig, JOURNAL_OUTPUT, append(1)));
	/* Written, but not safe. */
	ck_assert(!is_woken(100));
	ck_assert_uint_eq(next_line(), 0);
	journal_flush(rig.journal);
	ck_assert(is_woken(10000));
	ck_assert_uint_eq(next_line(), 1);
	ck_assert_uint_eq(next_line(), 0);
	ck_assert(!is_woken(0));
}
END_TEST

START_TEST(people_see_what_is_written)
{
	rig.options.sync_us = 60 * US_PER_S;
	rig_open(&rig);
	open_reader();
	journal_reader_unsynced(reader, true);
	ck_assert_uint_eq(next_line(), 0);
	append(1);
	ck_assert(is_woken(10000));
	ck_assert(rig_wait_appended(&rig, JOURNAL_OUTPUT, 1));
	ck_assert_uint_eq(next_line(), 1);
	ck_assert(!is_woken(0));
}
END_TEST

START_TEST(from_segment_to_segment_and_from_any_position)
{
	uint64_t n, want;
	unsigned round;

	rig_open(&rig);
	open_reader();
	for (round = 0, n = 0; round < 5; round++) {
		append_safe(++n);
		append_safe(++n);
		journal_rotate(rig.journal, "", 0);
	}
	append_safe(++n);
	/* A new reader for each line, from where the last one stopped. */
	for (want = 1; want <= n; want++) {
		ck_assert_uint_eq(next_line(), want);
		open_reader();
		ck_assert(!journal_reader_skipped(reader));
	}
	ck_assert_uint_eq(next_line(), 0);
	append_safe(++n);
	ck_assert(is_woken(10000));
	ck_assert_uint_eq(next_line(), n);
	ck_assert_uint_eq(pos.segment, 6);
}
END_TEST

START_TEST(segments_removed_under_it)
{
	char *path;

	rig_open(&rig);
	append_safe(1);
	open_reader();
	ck_assert_uint_eq(next_line(), 1);
	journal_rotate(rig.journal, "", 0);
	append_safe(2);
	journal_rotate(rig.journal, "", 0);
	append_safe(3);
	path = rig_path(&rig, "journal/00000001-000002.jsonl");
	ck_assert_int_eq(unlink(path), 0);
	free(path);
	ck_assert_uint_eq(next_line(), 3);
	/* And a position that has gone, told once. */
	pos = (struct journal_pos){ 1, 2, 100 };
	open_reader();
	ck_assert(journal_reader_skipped(reader));
	ck_assert(!journal_reader_skipped(reader));
	ck_assert_uint_eq(next_line(), 3);
	/* In the middle of a line, or behind the end: not ours. */
	pos = (struct journal_pos){ 1, 3, 5 };
	open_reader();
	ck_assert(journal_reader_skipped(reader));
	ck_assert_uint_eq(next_line(), 3);
	pos = (struct journal_pos){ 1, 3, 1u << 20 };
	open_reader();
	ck_assert(journal_reader_skipped(reader));
	ck_assert_uint_eq(next_line(), 3);
}
END_TEST

/* What a crash leaves: a tail that is written but not told safe, and half a line. */
START_TEST(the_tail_of_a_crashed_epoch)
{
	struct segment_name name = { 1, 1 };
	uint64_t offset;
	char line[256], *path, *synced;
	int fd;

	rig_open(&rig);
	append_safe(1);
	rig_close(&rig);
	path = rig_path(&rig, "journal/00000001-000001.jsonl");
	rig_line(line, 5, 2, 20);
	memcpy(line + strlen(line), "\n", 2);
	rig_write(path, line, strlen(line));
	rig_write(path, line, 20);
	open_reader();
	ck_assert_uint_eq(next_line(), 1);
	/* Nobody has said that 2 is safe. */
	ck_assert_uint_eq(next_line(), 0);
	synced = rig_path(&rig, "journal/synced");
	fd = synced_open(rig.dir, NULL);
	ck_assert_int_eq(synced_read(fd, &name, &offset), 0);
	close(fd);
	/* The next daemon repairs it and makes it safe. */
	rig_open(&rig);
	ck_assert(is_woken(10000));
	ck_assert_uint_eq(next_line(), 2);
	ck_assert_uint_eq(next_line(), 0);
	append_safe(3);
	ck_assert_uint_eq(next_line(), 3);
	ck_assert_uint_eq(pos.epoch, 2);
	free(path);
	free(synced);
}
END_TEST

START_TEST(a_damaged_synced_file_says_nothing)
{
	char *path = rig_path(&rig, "journal/synced");

	rig_open(&rig);
	append_safe(1);
	ck_assert_int_eq(truncate(path, 0), 0);
	rig_write(path, "00000001-000001 00000000000000099999 00000000\n", 46);
	open_reader();
	ck_assert_uint_eq(next_line(), 0);
	append_safe(2);
	ck_assert_uint_eq(next_line(), 1);
	ck_assert_uint_eq(next_line(), 2);
	free(path);
}
END_TEST

START_TEST(a_directory_that_is_not_there)
{
	struct err err = ERR_INIT;

	ck_assert_ptr_null(journal_reader_open("/nonexistent/journal", &pos, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "/nonexistent/journal"));
}
END_TEST

/* A line longer than any buffer of ours, and many short ones. */
START_TEST(long_lines)
{
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT(0);
	const char *line;
	uint64_t n;
	size_t len, i;
	int rc;

	rig_open(&rig);
	for (i = 0; i < 3000000; i++)
		buf_xaddc(&b, 'x');
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, journal_append(rig.journal, JOURNAL_OUTPUT, b.data, b.len)));
	for (n = 1; n <= 20000; n++)
		append(n);
	journal_flush(rig.journal);
	open_reader();
	while ((rc = journal_reader_next(reader, &line, &len, &pos, &err)) == 1 && len < 1000000)
		continue;
	ck_assert_int_eq(rc, 1);
	ck_assert_uint_eq(len, b.len);
	ck_assert_mem_eq(line, b.data, len);
	for (n = 1; n <= 20000; n++)
		ck_assert_uint_eq(next_line(), n);
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("journal-reader");
	TCase *t = tcase_create("reader");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, woken_by_what_is_safe_and_by_nothing_else);
	tcase_add_test(t, people_see_what_is_written);
	tcase_add_test(t, from_segment_to_segment_and_from_any_position);
	tcase_add_test(t, segments_removed_under_it);
	tcase_add_test(t, the_tail_of_a_crashed_epoch);
	tcase_add_test(t, a_damaged_synced_file_says_nothing);
	tcase_add_test(t, a_directory_that_is_not_there);
	tcase_add_test(t, long_lines);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
