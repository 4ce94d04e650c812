/*
 * Disks that fail: write, fdatasync, ftruncate and fallocate are replaced by the
 * linker (--wrap), and fail when told to, in the file that is told. Architecture 6:
 * after a failed fsync the unsynced part is written anew elsewhere, never assumed.
 */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/mono.h"
#include "journal_rig.h"
#include "unit.h"
#include "wire/agent_msg.h"

int __real_fdatasync(int fd);
int __real_fsync(int fd);
int __real_fallocate(int fd, int mode, off_t offset, off_t len);
int __real_ftruncate(int fd, off_t len);
ssize_t __real_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __real_writev(int fd, const struct iovec *iov, int n);

int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __wrap_fallocate(int fd, int mode, off_t offset, off_t len);
int __wrap_ftruncate(int fd, off_t len);
ssize_t __wrap_pwrite(int fd, const void *p, size_t n, off_t offset);
ssize_t __wrap_writev(int fd, const struct iovec *iov, int n);

/* How many of the next calls fail, and how; -1: all until told otherwise. */
struct fault {
	_Atomic int times;
	_Atomic int error;
	_Atomic int calls; /* that were made while there were faults to come */
};

static struct fault bad_sync, bad_full_sync, bad_write, bad_writev, bad_truncate;
/* A file system that cannot allocate, and one that takes so many bytes of a file and no more. */
static atomic_bool no_fallocate;
static _Atomic long room = -1;
static atomic_int torn; /* the next failing write leaves so many bytes */

static bool
strikes(struct fault *f)
{
	if (atomic_load(&f->times) == 0)
		return false;
	atomic_fetch_add(&f->calls, 1);
	if (atomic_load(&f->times) > 0)
		atomic_fetch_sub(&f->times, 1);
	errno = atomic_load(&f->error);
	return true;
}

static void
inject(struct fault *f, int times, int error)
{
	atomic_store(&f->error, error);
	atomic_store(&f->calls, 0);
	atomic_store(&f->times, times);
}

int
__wrap_fdatasync(int fd)
{
	return strikes(&bad_sync) ? -1 : __real_fdatasync(fd);
}

int
__wrap_fsync(int fd)
{
	return strikes(&bad_full_sync) ? -1 : __real_fsync(fd);
}

int
__wrap_fallocate(int fd, int mode, off_t offset, off_t len)
{
	if (atomic_load(&no_fallocate)) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return __real_fallocate(fd, mode, offset, len);
}

int
__wrap_ftruncate(int fd, off_t len)
{
	return strikes(&bad_truncate) ? -1 : __real_ftruncate(fd, len);
}

ssize_t
__wrap_pwrite(int fd, const void *p, size_t n, off_t offset)
{
	long left = atomic_load(&room);
	int part;

	if (strikes(&bad_write)) {
		if ((part = atomic_exchange(&torn, 0)) > 0)
			return __real_pwrite(fd, p, (size_t)part < n ? (size_t)part : n, offset);
		return -1;
	}
	if (left >= 0 && (long)offset + (long)n > left && n != 46) {
		if ((long)offset >= left) {
			errno = ENOSPC;
			return -1;
		}
		n = (size_t)(left - (long)offset);
	}
	return __real_pwrite(fd, p, n, offset);
}

ssize_t
__wrap_writev(int fd, const struct iovec *iov, int n)
{
	int part;

	if (strikes(&bad_writev)) {
		if ((part = atomic_exchange(&torn, 0)) > 0)
			return write(fd, iov[0].iov_base, (size_t)part < iov[0].iov_len ? (size_t)part : iov[0].iov_len);
		return -1;
	}
	return __real_writev(fd, iov, n);
}

static struct rig rig;

static void
setup(void)
{
	rig_init(&rig);
	rig.options.no_store = true;
	rig.options.keep_us = INT64_MAX;
}

static void
teardown(void)
{
	inject(&bad_sync, 0, 0);
	inject(&bad_full_sync, 0, 0);
	inject(&bad_write, 0, 0);
	inject(&bad_writev, 0, 0);
	inject(&bad_truncate, 0, 0);
	rig_release(&rig);
}

static uint64_t
append(uint64_t n)
{
	char line[256];

	return rig_append(&rig, JOURNAL_OUTPUT, rig_line(line, 5, n, 20));
}

static void
expect_lines(const char *want)
{
	char *back = rig_read_back(&rig, 5, false);

	ck_assert_str_eq(back, want);
	free(back);
}

static void
expect_segments(const char *want)
{
	char *names = rig_segment_names(&rig);

	ck_assert_str_eq(names, want);
	free(names);
}

static bool
wait_error(const char *part)
{
	mono_t deadline = mono_add_us(mono_now(), 10 * US_PER_S);
	struct timespec tick = { 0, 5000000 };
	struct journal_progress p;

	do {
		p = rig_progress(&rig);
		if (*part == '\0' ? p.error[0] == '\0' : strstr(p.error, part) != NULL)
			return true;
		nanosleep(&tick, NULL);
	} while (mono_before(mono_now(), deadline));
	return false;
}

static atomic_int handed_over;

static void
given_back_cb(void *arg)
{
	(void)arg;
	atomic_fetch_sub(&handed_over, 1);
}

START_TEST(after_a_failed_fsync_all_is_written_anew)
{
	rig.options.sync_us = 100000;
	rig_open(&rig);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(1)));
	inject(&bad_sync, 1, EIO);
	append(2);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(3)));
	ck_assert_int_eq(atomic_load(&bad_sync.calls), 1);
	expect_segments("1-1 1-2 ");
	expect_lines("1 2 3 ");
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(4)));
	expect_lines("1 2 3 4 ");
	/* The new segment has no snapshot: what is before it must be folded too. */
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&rig.past.incarnations, 5))->held[STREAM_OUT], 4);
	expect_lines("1 2 3 4 ");
}
END_TEST

START_TEST(a_disk_that_fails_for_a_while)
{
	rig_open(&rig);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(1)));
	/* The cut and the new segment fail too: nothing is safe, and nothing more is taken, until it works. */
	inject(&bad_full_sync, -1, EIO);
	inject(&bad_sync, 1, EIO);
	append(2);
	ck_assert(wait_error("Input/output error"));
	ck_assert_uint_eq(rig_progress(&rig).safe[JOURNAL_OUTPUT], 1);
	ck_assert(!rig_progress(&rig).disk_full);
	expect_lines("1 ");
	append(3);
	inject(&bad_full_sync, 0, 0);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, 3));
	ck_assert(wait_error(""));
	expect_lines("1 2 3 ");
}
END_TEST

START_TEST(a_write_that_fails_in_the_middle_of_a_line)
{
	rig_open(&rig);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(1)));
	atomic_store(&torn, 30);
	inject(&bad_write, 2, EIO);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(2)));
	ck_assert_int_eq(atomic_load(&bad_write.calls), 2);
	expect_lines("1 2 ");
	expect_segments("1-1 1-2 ");
}
END_TEST

/* A file system without fallocate: a write that finds no room is cut back to the last whole line. */
START_TEST(no_room_without_preallocation)
{
	struct stat st;
	uint64_t n, vital;
	char *path;

	atomic_store(&no_fallocate, true);
	rig_open(&rig);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(1)));
	path = rig_path(&rig, "journal/00000001-000001.jsonl");
	ck_assert_int_eq(stat(path, &st), 0);
	/* Room for the next line and a half. */
	n = (uint64_t)st.st_size + 120;
	atomic_store(&room, (long)n);
	append(2);
	append(3);
	ck_assert(wait_error("No space left"));
	ck_assert(rig_progress(&rig).disk_full);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_lt(st.st_size, (off_t)n);
	expect_lines("1 2 ");
	vital = rig_append(&rig, JOURNAL_VITAL, "{}");
	ck_assert(rig_wait_safe(&rig, JOURNAL_VITAL, vital));
	atomic_store(&room, -1);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, 3));
	expect_lines("1 2 3 ");
	atomic_store(&no_fallocate, false);
	free(path);
}
END_TEST

START_TEST(a_log_that_fails_waits_and_goes_on)
{
	char *path = rig_path(&rig, "a.log");
	struct buf got = BUF_INIT(0);
	struct log_file *f;
	uint64_t n;

	rig_open(&rig);
	f = journal_log_file(rig.journal, "a", path, 0, 0);
	atomic_store(&torn, 3);
	inject(&bad_writev, 2, ENOSPC);
	journal_log(rig.journal, f, 5, STREAM_OUT, 0, "one\n", 4);
	n = journal_log(rig.journal, f, 6, STREAM_OUT, 0, "two\n", 4);
	ck_assert(wait_error("No space left"));
	/* Lines go on while a log waits; numbers of output do not, they are one row. */
	append(7);
	ck_assert(rig_wait_appended(&rig, JOURNAL_OUTPUT, n));
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, n + 1));
	ck_assert_int_eq(rig_read(path, &got), 0);
	ck_assert_str_eq(got.data, "one\ntwo\n");
	journal_log_file_free(rig.journal, f);
	rig_close(&rig);
	rig_open(&rig);
	ck_assert_uint_eq(((struct past_incarnation *)map_find(&rig.past.incarnations, 6))->held[STREAM_OUT], 4);
	buf_release(&got);
	free(path);
}
END_TEST

/* Closed while a log waits: memory that was handed over is given back, files are freed once. */
START_TEST(closed_while_a_log_waits)
{
	char *path = rig_path(&rig, "a.log"), *other = rig_path(&rig, "b.log");
	struct log_file *f, *g;
	unsigned i;

	for (i = 0; i < 10; i++) {
		rig_open(&rig);
		inject(&bad_writev, -1, ENOSPC);
		f = journal_log_file(rig.journal, "a", path, 0, 0);
		g = journal_log_file(rig.journal, "b", other, 0, 0);
		/* The disk is busy with this, so what follows comes as one batch. */
		append(i + 1);
		journal_log_file_free(rig.journal, f);
		atomic_fetch_add(&handed_over, 1);
		journal_log_take(rig.journal, g, 5, STREAM_OUT, 0, "x", 1, given_back_cb, NULL);
		journal_log_file_free(rig.journal, g);
		rig_close(&rig);
		ck_assert_int_eq(atomic_load(&handed_over), 0);
		inject(&bad_writev, 0, 0);
	}
	free(path);
	free(other);
}
END_TEST

/* A snapshot that finds no good disk is given up; the old segment goes on. */
START_TEST(a_rotation_that_fails)
{
	rig_open(&rig);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(1)));
	inject(&bad_full_sync, 1, EIO);
	journal_rotate(rig.journal, "", 0);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(2)));
	expect_segments("1-1 ");
	journal_rotate(rig.journal, "", 0);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(3)));
	expect_segments("1-1 1-2 ");
	expect_lines("1 2 3 ");
}
END_TEST

START_TEST(an_inherited_tail_that_cannot_be_made_safe)
{
	struct err err = ERR_INIT;
	struct past past;

	rig_open(&rig);
	ck_assert(rig_wait_safe(&rig, JOURNAL_OUTPUT, append(1)));
	rig_close(&rig);
	rig.options.epoch++;
	inject(&bad_full_sync, 1, EIO);
	ck_assert_ptr_null(journal_open(&rig.options, &past, &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "cannot be made safe"));
	rig_open(&rig);
	expect_lines("1 ");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("journal-faults");
	TCase *t = tcase_create("faults");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, after_a_failed_fsync_all_is_written_anew);
	tcase_add_test(t, a_disk_that_fails_for_a_while);
	tcase_add_test(t, a_write_that_fails_in_the_middle_of_a_line);
	tcase_add_test(t, no_room_without_preallocation);
	tcase_add_test(t, a_log_that_fails_waits_and_goes_on);
	tcase_add_test(t, closed_while_a_log_waits);
	tcase_add_test(t, a_rotation_that_fails);
	tcase_add_test(t, an_inherited_tail_that_cannot_be_made_safe);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
