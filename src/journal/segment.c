#include "journal/segment.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "journal/recorded.h"
#include "journal/synced.h"

#define SEGMENT_NEW "segment.new" /* a segment before it has its name */
#define STEP_MIN (64u << 10)
#define STEP_MAX (16u << 20)

static bool
is_full(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

/* Space for [s->allocated, end), if the file system has it to spare. 0, or -1 with errno. */
static int
allocate(struct segment *s, uint64_t end)
{
	struct statvfs fs;

	/* Asked for more than there is, some file systems give all that they have and then fail. */
	if (fstatvfs(s->fd, &fs) == 0 && (uint64_t)fs.f_bavail * fs.f_frsize < end - s->allocated) {
		errno = ENOSPC;
		return -1;
	}
	if (fallocate(s->fd, FALLOC_FL_KEEP_SIZE, (off_t)s->allocated, (off_t)(end - s->allocated)) == -1) {
		if (errno == EOPNOTSUPP || errno == ENOSYS)
			s->preallocates = false;
		return -1;
	}
	s->allocated = end;
	return 0;
}

/* May n more bytes be written without touching what is kept for the vital ones? Takes more space as needed. */
static bool
has_room(struct segment *s, enum journal_kind kind, uint64_t n)
{
	uint64_t need = s->pos + n + s->reserve, ahead;

	if (!s->preallocates || s->allocated >= need)
		return true;
	for (ahead = s->step; ahead >= STEP_MIN; ahead /= 2) {
		if (allocate(s, need + ahead) == 0 || !s->preallocates)
			return true;
	}
	if (allocate(s, need) == 0 || !s->preallocates)
		return true;
	return kind == JOURNAL_VITAL && (s->allocated >= s->pos + n || allocate(s, s->pos + n) == 0);
}

/* A write ended in the middle of a line: back to its beginning. */
static int
cut_back(struct segment *s, uint64_t end)
{
	if (ftruncate(s->fd, (off_t)end) == -1)
		return -1;
	s->allocated = end; /* the space behind went too */
	return 0;
}

static size_t
whole_lines(const char *lines, size_t n)
{
	const char *newline = n == 0 ? NULL : memrchr(lines, '\n', n);

	return newline == NULL ? 0 : (size_t)(newline - lines) + 1;
}

/* How many bytes of whole lines could be written; errno says why not all. */
static size_t
write_lines(struct segment *s, const char *lines, size_t n)
{
	size_t off = 0, whole;
	ssize_t k;
	int saved;

	while (off < n) {
		k = pwrite(s->fd, lines + off, n - off, (off_t)(s->pos + off));
		if (k > 0)
			off += (size_t)k;
		else if (k == 0 || errno != EINTR)
			break;
	}
	if (off == n)
		return n;
	saved = errno;
	whole = whole_lines(lines, off);
	if (off != whole && cut_back(s, s->pos + whole) == -1 && is_full(saved))
		saved = errno;
	errno = saved;
	return whole;
}

/* The header line of a new segment. */
static void
put_header(const struct segment *s, struct segment_name name, bool continued, struct buf *out)
{
	buf_xaddc(out, '{');
	json_put_str(out, "type", "journal");
	json_put_int(out, "version", 1);
	json_put_str(out, "installation", s->installation);
	json_put_uint(out, "epoch", name.epoch);
	json_put_uint(out, "segment", name.number);
	json_put_int(out, "t", wall_ms());
	if (continued)
		json_put_bool(out, "continued", true);
	buf_xaddstr(out, "}\n");
}

/*
 * Write and fsync `text` as the segment `name`, then let it appear. `fresh` is a
 * copy of the segment with what is new; s is unchanged on failure.
 */
static int
make_segment(struct segment *fresh, struct segment_name name, enum journal_kind kind, const struct buf *text)
{
	char file[SEGMENT_NAME_SIZE];
	int saved;

	fresh->fd = openat(fresh->dir_fd, SEGMENT_NEW, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fresh->fd == -1)
		return -1;
	fresh->name = name;
	fresh->pos = fresh->synced = fresh->allocated = 0;
	fresh->preallocates = true;
	fresh->broken = false;
	if (!has_room(fresh, kind, text->len)) {
		errno = ENOSPC;
		goto fail;
	}
	if (write_lines(fresh, text->data, text->len) != text->len || fsync(fresh->fd) == -1)
		goto fail;
	segment_name_text(name, file);
	if (renameat(fresh->dir_fd, SEGMENT_NEW, fresh->dir_fd, file) == -1)
		goto fail;
	if (fsync(fresh->dir_fd) == -1) {
		saved = errno;
		unlinkat(fresh->dir_fd, file, 0);
		errno = saved;
		goto fail;
	}
	fresh->pos = fresh->synced = text->len;
	return 0;
fail:
	saved = errno;
	close(fresh->fd);
	unlinkat(fresh->dir_fd, SEGMENT_NEW, 0);
	errno = saved;
	return -1;
}

static void
tell_readers(const struct segment *s)
{
	if (synced_write(s->synced_fd, s->name, s->synced) == -1)
		log_warn("journal: %s/" SYNCED_FILE, s->dir);
}

/* The next segment takes over from s, whose lines are all fsynced (or are in `text` again). */
static enum segment_result
next_segment(struct segment *s, bool continued, const char *lines, size_t n, struct err *err)
{
	struct segment_name name = { s->name.epoch, s->name.number + 1 };
	struct segment fresh = *s;
	struct buf text = BUF_INIT(0);
	int rc, saved;

	put_header(s, name, continued, &text);
	buf_xadd(&text, lines, n);
	/* Where the old one can go on, a new one must have its reserve; else it may begin without. */
	rc = make_segment(&fresh, name, s->fd == -1 || continued ? JOURNAL_VITAL : JOURNAL_OUTPUT, &text);
	saved = errno;
	buf_release(&text);
	if (rc == -1) {
		err_sys(err, saved, "%s: a new segment", s->dir);
		return is_full(saved) ? SEGMENT_FULL : SEGMENT_BROKEN;
	}
	if (s->fd != -1) {
		/* Gives the space behind the end back; the lines themselves are safe already. */
		if (ftruncate(s->fd, (off_t)s->synced) == -1)
			log_warn("journal: %s", s->dir);
		close(s->fd);
	}
	*s = fresh;
	if (!continued)
		s->base = name;
	tell_readers(s);
	return SEGMENT_OK;
}

/*
 * After a failed write or fsync nobody knows what the disk has of the unsynced
 * lines, so they leave this segment, and are written anew into another file.
 */
static enum segment_result
start_over(struct segment *s, struct err *err)
{
	s->broken = true;
	if (ftruncate(s->fd, (off_t)s->synced) == -1 || fdatasync(s->fd) == -1) {
		err_sys(err, errno, "%s: cutting the journal back", s->dir);
		return SEGMENT_BROKEN;
	}
	s->allocated = s->pos = s->synced;
	if (next_segment(s, true, s->unsynced.data, s->unsynced.len, err) != SEGMENT_OK)
		return SEGMENT_BROKEN;
	buf_clear(&s->unsynced);
	log_warnx("journal: %s: a write failed; going on in a new segment", s->dir);
	return SEGMENT_OK;
}

enum segment_result
segment_write(struct segment *s, enum journal_kind kind, const char *lines, size_t n, size_t *done, struct err *err)
{
	unsigned tries;
	size_t k;

	*done = 0;
	if (s->broken && start_over(s, err) != SEGMENT_OK)
		return SEGMENT_BROKEN;
	for (tries = 0; *done < n; tries++) {
		/* Vital lines are tried all the same: the space may have been freed by another. */
		if (!has_room(s, kind, n - *done) && kind != JOURNAL_VITAL)
			break;
		k = write_lines(s, lines + *done, n - *done);
		buf_xadd(&s->unsynced, lines + *done, k);
		s->pos += k;
		*done += k;
		if (*done == n)
			return SEGMENT_OK;
		if (is_full(errno))
			break;
		err_sys(err, errno, "%s: writing the journal", s->dir);
		if (tries > 0 || start_over(s, err) != SEGMENT_OK) {
			s->broken = true;
			return SEGMENT_BROKEN;
		}
	}
	if (*done == n)
		return SEGMENT_OK;
	err_sys(err, ENOSPC, "%s", s->dir);
	return SEGMENT_FULL;
}

enum segment_result
segment_sync(struct segment *s, struct err *err)
{
	if (s->broken)
		return start_over(s, err);
	if (s->pos == s->synced)
		return SEGMENT_OK;
	if (fdatasync(s->fd) == -1) {
		err_sys(err, errno, "%s: fsync of the journal", s->dir);
		return start_over(s, err);
	}
	s->synced = s->pos;
	buf_clear(&s->unsynced);
	tell_readers(s);
	return SEGMENT_OK;
}

enum segment_result
segment_rotate(struct segment *s, const char *snapshot, size_t len, struct err *err)
{
	enum segment_result r = segment_sync(s, err);

	if (r == SEGMENT_OK)
		r = next_segment(s, false, snapshot, len, err);
	if (r == SEGMENT_OK)
		segment_remove_old(s);
	return r;
}

int
segment_open(struct segment *s, const struct journal_options *o, const char *snapshot, size_t len, struct err *err)
{
	*s = (struct segment){ .dir_fd = -1, .fd = -1, .synced_fd = -1, .name = { o->epoch, 0 }, .reserve = o->reserve_bytes,
		.keep_us = o->keep_us, .no_store = o->no_store };
	s->dir = xstrdup(o->dir);
	s->installation = xstrdup(o->installation == NULL ? "" : o->installation);
	s->step = o->segment_bytes / 4;
	s->step = s->step < STEP_MIN ? STEP_MIN : s->step > STEP_MAX ? STEP_MAX : s->step;
	if ((s->dir_fd = open(o->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) == -1) {
		err_sys(err, errno, "%s", o->dir);
		goto fail;
	}
	if ((s->synced_fd = synced_open(o->dir, err)) == -1)
		goto fail;
	if (next_segment(s, false, snapshot, len, err) != SEGMENT_OK)
		goto fail;
	segment_remove_old(s);
	return 0;
fail:
	segment_close(s);
	return -1;
}

void
segment_close(struct segment *s)
{
	struct err err = ERR_INIT;

	if (s->fd != -1) {
		if (segment_sync(s, &err) != SEGMENT_OK)
			log_warnx("journal: %s", err.msg);
		else if (ftruncate(s->fd, (off_t)s->pos) == -1)
			log_warn("journal: %s", s->dir);
		close(s->fd);
	}
	if (s->synced_fd != -1)
		close(s->synced_fd);
	if (s->dir_fd != -1)
		close(s->dir_fd);
	buf_release(&s->unsynced);
	free(s->dir);
	free(s->installation);
	*s = (struct segment){ .dir_fd = -1, .fd = -1, .synced_fd = -1 };
}

/* Is it long enough ago that this segment was written? */
static bool
is_old(const struct segment *s, const char *file)
{
	struct timespec now;
	struct stat st;
	int64_t age_us;

	if (fstatat(s->dir_fd, file, &st, 0) == -1 || clock_gettime(CLOCK_REALTIME, &now) == -1)
		return false;
	age_us = ((int64_t)now.tv_sec - st.st_mtim.tv_sec) * US_PER_S + (now.tv_nsec - st.st_mtim.tv_nsec) / 1000;
	return age_us >= s->keep_us;
}

void
segment_remove_old(const struct segment *s)
{
	struct journal_pos pos = { UINT32_MAX, UINT32_MAX, 0 };
	struct segment_list list;
	struct segment_name below;
	struct err err = ERR_INIT;
	char file[SEGMENT_NAME_SIZE];
	size_t i;

	if ((!s->no_store && journal_recorded_read(s->dir, &pos, &err) == -1) || segment_list_read(s->dir, &list, &err) == -1) {
		log_warnx("journal: %s", err.msg);
		return;
	}
	below = (struct segment_name){ pos.epoch, pos.segment };
	if (segment_name_compare(s->base, below) < 0)
		below = s->base;
	for (i = 0; i < list.n && segment_name_compare(list.v[i], below) < 0; i++)
		if (is_old(s, segment_name_text(list.v[i], file)) && unlinkat(s->dir_fd, file, 0) == -1)
			log_warn("journal: %s/%s", s->dir, file);
	segment_list_release(&list);
}
