#include "journal_rig.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/names.h"

#define DEADLINE_US (20 * US_PER_S)

void
rig_init(struct rig *r)
{
	const char *tmp = getenv("TMPDIR");

	memset(r, 0, sizeof(*r));
	snprintf(r->top, sizeof(r->top), "%s/check_journal.XXXXXX", tmp == NULL || *tmp == '\0' ? "/tmp" : tmp);
	ck_assert_ptr_nonnull(mkdtemp(r->top));
	snprintf(r->dir, sizeof(r->dir), "%s/journal", r->top);
	r->options = (struct journal_options){ .dir = r->dir, .installation = "00112233445566778899aabbccddeeff", .epoch = 0,
		.sync_us = 0, .segment_bytes = 1u << 20, .reserve_bytes = 64u << 10, .keep_us = 0 };
	past_init(&r->past);
}

void
rig_open(struct rig *r)
{
	struct err err = ERR_INIT;

	r->options.dir = r->dir;
	r->options.epoch = journal_last_epoch(r->dir) + 1;
	past_release(&r->past);
	r->journal = journal_open(&r->options, &r->past, &err);
	ck_assert_msg(r->journal != NULL, "%s", err.msg);
}

void
rig_close(struct rig *r)
{
	journal_close(r->journal);
	r->journal = NULL;
}

static int
remove_cb(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void
rig_release(struct rig *r)
{
	rig_close(r);
	past_release(&r->past);
	nftw(r->top, remove_cb, 16, FTW_DEPTH | FTW_PHYS);
}

char *
rig_path(const struct rig *r, const char *name)
{
	return xasprintf("%s/%s", r->top, name);
}

uint64_t
rig_append(struct rig *r, enum journal_kind kind, const char *line)
{
	return journal_append(r->journal, kind, line, strlen(line));
}

struct journal_progress
rig_progress(struct rig *r)
{
	struct journal_progress p;

	journal_get_progress(r->journal, &p);
	return p;
}

/* Poll until array[kind] (one of appended, safe) has reached the number. */
static bool
wait_for(struct rig *r, enum journal_kind kind, uint64_t number, bool safe)
{
	mono_t deadline = mono_add_us(mono_now(), DEADLINE_US);
	struct pollfd pfd = { .fd = journal_fd(r->journal), .events = POLLIN };
	struct journal_progress p;

	for (;;) {
		p = rig_progress(r);
		if ((safe ? p.safe[kind] : p.appended[kind]) >= number)
			return true;
		if (!mono_before(mono_now(), deadline))
			return false;
		poll(&pfd, 1, 1000);
	}
}

bool
rig_wait_appended(struct rig *r, enum journal_kind kind, uint64_t number)
{
	return wait_for(r, kind, number, false);
}

bool
rig_wait_safe(struct rig *r, enum journal_kind kind, uint64_t number)
{
	return wait_for(r, kind, number, true);
}

const char *
rig_line(char buf[256], uint64_t token, uint64_t n, size_t pad)
{
	snprintf(buf, 256, "{\"type\":\"line\",\"child\":\"a\",\"token\":%" PRIu64 ",\"n\":%" PRIu64 ",\"text\":\"%0*d\"}", token, n,
	    (int)(pad < 150 ? pad : 150), 0);
	return buf;
}

char *
rig_segment_names(const struct rig *r)
{
	struct segment_list list;
	struct buf b = BUF_INIT(0);
	size_t i;

	ck_assert_int_eq(segment_list_read(r->dir, &list, NULL), 0);
	buf_xaddstr(&b, "");
	for (i = 0; i < list.n; i++)
		buf_xprintf(&b, "%u-%u ", list.v[i].epoch, list.v[i].number);
	segment_list_release(&list);
	return buf_detach(&b);
}

size_t
rig_segments(const struct rig *r)
{
	struct segment_list list;
	size_t n;

	ck_assert_int_eq(segment_list_read(r->dir, &list, NULL), 0);
	n = list.n;
	segment_list_release(&list);
	return n;
}

int
rig_read(const char *path, struct buf *b)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char block[65536];
	ssize_t n;

	buf_clear(b);
	buf_xaddstr(b, "");
	if (fd == -1)
		return -1;
	while ((n = read(fd, block, sizeof(block))) > 0)
		buf_xadd(b, block, (size_t)n);
	close(fd);
	return n == 0 ? 0 : -1;
}

void
rig_write(const char *path, const char *text, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	close(fd);
}

char *
rig_read_back(const struct rig *r, uint64_t token, bool unsynced)
{
	struct json_field f[] = { { .name = "type" }, { .name = "token" }, { .name = "n" } };
	struct journal_pos pos = { 0, 0, 0 };
	struct err err = ERR_INIT;
	struct buf b = BUF_INIT(0);
	struct journal_reader *reader;
	const char *line;
	uint64_t t, n;
	size_t len;
	int rc;

	reader = journal_reader_open(r->dir, &pos, &err);
	ck_assert_msg(reader != NULL, "%s", err.msg);
	journal_reader_unsynced(reader, unsynced);
	buf_xaddstr(&b, "");
	while ((rc = journal_reader_next(reader, &line, &len, &pos, &err)) == 1)
		if (json_scan(line, len, f, ARRAY_LEN(f)) == 0 && json_field_is(&f[0], "line") &&
		    json_field_uint(&f[1], &t) == 0 && t == token && json_field_uint(&f[2], &n) == 0)
			buf_xprintf(&b, "%" PRIu64 " ", n);
	ck_assert_msg(rc == 0, "%s", err.msg);
	journal_reader_close(reader);
	return buf_detach(&b);
}
