#include "journal/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "journal/names.h"
#include "journal/synced.h"

#define CHUNK (256u << 10)
/* No line of ours is that long: a file that has one is not read into memory whole. */
#define LINE_MAX_BYTES (64u << 20)
/* Where the system has no inotify to give: look this often. */
#define TICK_NS 200000000L

struct journal_reader {
	char *dir; /* owned */
	int notify_fd;
	bool ticks;	/* notify_fd is a timer */
	int synced_fd;	/* -1: not there yet */
	int fd;		/* the segment; -1: none yet */
	struct segment_name name;
	struct buf buf;
	size_t off;	/* of the next line in buf */
	size_t scanned; /* no newline before this in buf */
	uint64_t start; /* of buf in the segment */
	uint64_t limit; /* may read up to here */
	bool unsynced;
	bool skipped;
};

static uint64_t
end_of_buf(const struct journal_reader *r)
{
	return r->start + r->buf.len;
}

/* Take up this segment at `offset`. -1 with errno. */
static int
enter(struct journal_reader *r, struct segment_name name, uint64_t offset)
{
	char file[SEGMENT_NAME_SIZE], *path = xasprintf("%s/%s", r->dir, segment_name_text(name, file));
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved = errno;

	free(path);
	errno = saved;
	if (fd == -1)
		return -1;
	if (r->fd != -1)
		close(r->fd);
	r->fd = fd;
	r->name = name;
	buf_clear(&r->buf);
	r->off = r->scanned = 0;
	r->start = r->limit = offset;
	return 0;
}

/* Is `offset` behind a whole line of the segment entered? */
static bool
is_line_end(const struct journal_reader *r, uint64_t offset)
{
	char c;

	return offset == 0 || (pread(r->fd, &c, 1, (off_t)offset - 1) == 1 && c == '\n');
}

static int
watch(struct journal_reader *r)
{
	char *path;
	int rc;

	if (r->ticks)
		return 0;
	if (inotify_add_watch(r->notify_fd, r->dir, IN_CREATE | IN_MOVED_TO | (r->unsynced ? IN_MODIFY : 0)) == -1)
		return -1;
	path = xasprintf("%s/" SYNCED_FILE, r->dir);
	rc = inotify_add_watch(r->notify_fd, path, IN_MODIFY);
	free(path);
	return rc == -1 && errno != ENOENT ? -1 : 0;
}

static int
start_ticks(struct journal_reader *r)
{
	const struct itimerspec every = { { 0, TICK_NS }, { 0, TICK_NS } };

	if (r->notify_fd != -1)
		close(r->notify_fd);
	r->ticks = true;
	r->notify_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	return r->notify_fd == -1 ? -1 : timerfd_settime(r->notify_fd, 0, &every, NULL);
}

static void
open_synced(struct journal_reader *r)
{
	char *path = xasprintf("%s/" SYNCED_FILE, r->dir);

	r->synced_fd = open(path, O_RDONLY | O_CLOEXEC);
	free(path);
	if (r->synced_fd != -1 && watch(r) == -1)
		start_ticks(r);
}

/* The first segment behind `name`; -1 with err set on error, 0 if there is none. */
static int
find_next(const struct journal_reader *r, struct segment_name name, struct segment_name *next, struct err *err)
{
	struct segment_list list;
	size_t i;
	int rc = 0;

	if (segment_list_read(r->dir, &list, err) == -1)
		return -1;
	for (i = 0; i < list.n && rc == 0; i++) {
		if (segment_name_compare(list.v[i], name) > 0) {
			*next = list.v[i];
			rc = 1;
		}
	}
	segment_list_release(&list);
	return rc;
}

/* Go to where the caller was, or to the next place that is still there. */
static int
enter_first(struct journal_reader *r, const struct journal_pos *pos, struct err *err)
{
	struct segment_name name = { pos->epoch, pos->segment }, next;
	int rc;

	if (pos->epoch != 0 && enter(r, name, pos->offset) == 0) {
		if (is_line_end(r, pos->offset))
			return 0;
		r->skipped = true;
		return enter(r, name, 0) == 0 ? 0 : err_sys(err, errno, "%s", r->dir);
	}
	if (pos->epoch != 0) {
		if (errno != ENOENT)
			return err_sys(err, errno, "%s", r->dir);
		r->skipped = true;
		if ((rc = find_next(r, name, &next, err)) == -1)
			return -1;
		/* Behind all that is there: this is another journal, read from its beginning. */
		r->name = rc == 1 ? name : (struct segment_name){ 0, 0 };
	}
	return 0;
}

struct journal_reader *
journal_reader_open(const char *dir, const struct journal_pos *pos, struct err *err)
{
	struct journal_reader *r = xcalloc(1, sizeof(*r));

	r->dir = xstrdup(dir);
	r->fd = r->synced_fd = -1;
	r->buf.max = LINE_MAX_BYTES;
	r->notify_fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if ((r->notify_fd == -1 || watch(r) == -1) && (access(dir, R_OK | X_OK) == -1 || start_ticks(r) == -1)) {
		err_sys(err, errno, "%s", dir);
		goto fail;
	}
	if (enter_first(r, pos, err) == -1)
		goto fail;
	return r;
fail:
	journal_reader_close(r);
	return NULL;
}

static void
drain(struct journal_reader *r)
{
	char events[4096] __attribute__((aligned(8)));

	while (read(r->notify_fd, events, sizeof(events)) > 0)
		continue;
}

static uint64_t
file_size(const struct journal_reader *r)
{
	struct stat st;

	return r->fd != -1 && fstat(r->fd, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* There is a segment behind ours, so ours is complete and safe: its rest, then the next one. 1, 0 or -1. */
static int
follow(struct journal_reader *r, struct err *err)
{
	struct segment_name next;
	uint64_t size;
	int rc;

	while ((rc = find_next(r, r->name, &next, err)) == 1) {
		size = file_size(r);
		if (size > end_of_buf(r)) {
			r->limit = size;
			return 1;
		}
		if (enter(r, next, 0) == 0)
			return 1;
		if (errno != ENOENT)
			return err_sys(err, errno, "%s", r->dir);
		/* Removed before we came to it. */
		r->name = next;
	}
	return rc;
}

/* More to read? 1: limit has grown, or we are in the next segment; 0: no; -1: error. */
static int
extend(struct journal_reader *r, struct err *err)
{
	struct segment_name name;
	uint64_t offset;
	int order;

	drain(r);
	if (r->synced_fd == -1)
		open_synced(r);
	if (r->unsynced && (offset = file_size(r)) > end_of_buf(r)) {
		r->limit = offset;
		return 1;
	}
	if (r->fd == -1 || r->synced_fd == -1 || synced_read(r->synced_fd, &name, &offset) == -1)
		return follow(r, err);
	order = segment_name_compare(name, r->name);
	if (order > 0)
		return follow(r, err);
	if (order < 0 || offset <= r->limit)
		return 0;
	r->limit = offset;
	return 1;
}

/* Some more of the segment into buf. 1, 0 if it ends here, -1. */
static int
fill(struct journal_reader *r, struct err *err)
{
	uint64_t left = r->limit - end_of_buf(r);
	size_t want = left < CHUNK ? (size_t)left : CHUNK;
	char *room;
	ssize_t n;

	if (r->off > 0) {
		r->start += r->off;
		r->scanned -= r->off;
		buf_drop(&r->buf, r->off);
		r->off = 0;
	}
	if ((room = buf_room(&r->buf, want)) == NULL)
		return err_set(err, EFBIG, "%s: a line of more than %u bytes", r->dir, LINE_MAX_BYTES);
	do
		n = pread(r->fd, room, want, (off_t)end_of_buf(r));
	while (n == -1 && errno == EINTR);
	if (n == -1)
		return err_sys(err, errno, "%s", r->dir);
	if (n == 0)
		r->limit = end_of_buf(r);
	r->buf.len += (size_t)n;
	return n > 0;
}

int
journal_reader_next(struct journal_reader *r, const char **line, size_t *len, struct journal_pos *after, struct err *err)
{
	const char *newline;
	int rc;

	for (;;) {
		newline = r->scanned < r->buf.len ?
		    memchr(r->buf.data + r->scanned, '\n', r->buf.len - r->scanned) :
		    NULL;
		if (newline != NULL)
			break;
		r->scanned = r->buf.len;
		if (end_of_buf(r) >= r->limit)
			rc = extend(r, err);
		else if ((rc = fill(r, err)) == 0)
			rc = follow(r, err); /* it ends before its limit: it was cut back */
		if (rc != 1)
			return rc;
	}
	*line = r->buf.data + r->off;
	*len = (size_t)(newline - *line);
	r->off += *len + 1;
	r->scanned = r->off;
	*after = (struct journal_pos){ r->name.epoch, r->name.number, r->start + r->off };
	return 1;
}

int
journal_reader_fd(const struct journal_reader *r)
{
	return r->notify_fd;
}

void
journal_reader_unsynced(struct journal_reader *r, bool yes)
{
	r->unsynced = yes;
	if (watch(r) == -1)
		start_ticks(r);
}

bool
journal_reader_skipped(struct journal_reader *r)
{
	bool skipped = r->skipped;

	r->skipped = false;
	return skipped;
}

void
journal_reader_close(struct journal_reader *r)
{
	if (r == NULL)
		return;
	if (r->fd != -1)
		close(r->fd);
	if (r->synced_fd != -1)
		close(r->synced_fd);
	if (r->notify_fd != -1)
		close(r->notify_fd);
	buf_release(&r->buf);
	free(r->dir);
	free(r);
}
