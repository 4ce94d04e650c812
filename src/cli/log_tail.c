#include "cli/log_tail.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/lines.h"

#define BLOCK (64u << 10)
/* Rotated files that are looked at; more are never configured. */
#define ROTATED_MAX 1000

struct log_tail {
	char *path; /* owned */
	log_tail_cb *cb;
	void *arg;
	int fd; /* the file that is read: the newest, or one that is rotated away; -1: none */
	struct buf line; /* an unfinished line */
};

struct log_tail *
log_tail_new(const char *path, log_tail_cb *cb, void *arg)
{
	struct log_tail *t = xcalloc(1, sizeof(*t));

	t->path = xstrdup(path);
	t->cb = cb;
	t->arg = arg;
	t->fd = -1;
	return t;
}

int
log_tail_fd(const struct log_tail *t)
{
	return t->fd;
}

const char *
log_tail_path(const struct log_tail *t)
{
	return t->path;
}

void
log_tail_flush(struct log_tail *t)
{
	if (t->line.len > 0)
		t->cb(t->line.data, t->line.len, t->arg);
	buf_clear(&t->line);
}

void
log_tail_free(struct log_tail *t)
{
	if (t == NULL)
		return;
	if (t->fd != -1)
		close(t->fd);
	buf_release(&t->line);
	free(t->path);
	free(t);
}

static void
feed(struct log_tail *t, const char *p, size_t n)
{
	while (n > 0) {
		const char *newline = memchr(p, '\n', n);
		size_t len = newline == NULL ? n : (size_t)(newline - p);

		if (newline != NULL && t->line.len == 0) {
			t->cb(p, len, t->arg);
		} else {
			buf_xadd(&t->line, p, len);
			if (newline != NULL || t->line.len >= LOG_TAIL_LINE_MAX) {
				t->cb(t->line.data == NULL ? "" : t->line.data, t->line.len, t->arg);
				buf_clear(&t->line);
			}
		}
		len += newline != NULL;
		p += len;
		n -= len;
	}
}

/* From where fd stands to its end. */
static int
feed_file(struct log_tail *t, int fd, struct err *err)
{
	char block[BLOCK];
	ssize_t n;

	while ((n = read(fd, block, sizeof(block))) > 0)
		feed(t, block, (size_t)n);
	return n == 0 ? 0 : err_sys(err, errno, "%s", t->path);
}

/* PATH for 0, else PATH.number; owned by the caller. */
static char *
rotated_path(const struct log_tail *t, unsigned number)
{
	return number == 0 ? xstrdup(t->path) : xasprintf("%s.%u", t->path, number);
}

/* A descriptor, or -1 with errno. */
static int
rotated_open(const struct log_tail *t, unsigned number, struct stat *st)
{
	char *path = rotated_path(t, number);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	free(path);
	if (fd != -1 && fstat(fd, st) == -1) {
		close(fd);
		return -1;
	}
	return fd;
}

/*
 * Put fd where the last *n lines of its first `size` bytes begin, and take from *n how many
 * that are. A last line without newline counts.
 */
static int
seek_last_lines(int fd, off_t size, size_t *n)
{
	char block[BLOCK];
	off_t at = size;

	while (at > 0) {
		size_t len = at < (off_t)BLOCK ? (size_t)at : BLOCK;
		ssize_t got = pread(fd, block, len, at - (off_t)len);

		if (got != (ssize_t)len)
			return -1;
		for (size_t i = len; i-- > 0;) {
			off_t behind = at - (off_t)len + (off_t)i + 1;

			/* The newline that ends the file begins no line. */
			if (block[i] != '\n' || behind == size)
				continue;
			if (--*n == 0)
				return lseek(fd, behind, SEEK_SET) == -1 ? -1 : 0;
		}
		at -= (off_t)len;
	}
	*n -= size > 0;
	return lseek(fd, 0, SEEK_SET) == -1 ? -1 : 0;
}

/*
 * Open the newest file and as many older ones as the last n lines need; newest
 * first. While we do, files may be rotated under us: then the next number shows
 * the same file again, and is passed over.
 */
static size_t
open_needed(struct log_tail *t, size_t n, int *fds, size_t max)
{
	struct stat st, previous = { 0 };
	size_t count = 0;

	for (unsigned number = 0; number < ROTATED_MAX && count < max && n > 0; number++) {
		int fd = rotated_open(t, number, &st);

		if (fd == -1) {
			/* Between two renames there is no PATH. */
			if (number == 0)
				continue;
			break;
		}
		if (count > 0 && st.st_ino == previous.st_ino && st.st_dev == previous.st_dev) {
			close(fd);
			continue;
		}
		previous = st;
		fds[count++] = fd;
		if (n != LINES_ALL && seek_last_lines(fd, st.st_size, &n) == -1)
			break;
	}
	return count;
}

int
log_tail_last(struct log_tail *t, size_t n, struct err *err)
{
	int fds[128], result = 0;
	size_t count = open_needed(t, n == 0 ? 1 : n, fds, sizeof(fds) / sizeof(fds[0]));

	if (count == 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(err, errno, "%s", t->path);
	if (n == 0 && lseek(fds[0], 0, SEEK_END) == -1)
		result = -1;
	for (size_t i = count; i-- > 0;) {
		if (result == 0 && n > 0)
			result = feed_file(t, fds[i], err);
		if (i > 0)
			close(fds[i]);
	}
	t->fd = fds[0];
	return result == -1 ? -1 : 1;
}

/*
 * The file behind ours, which has been rotated away: one number less than
 * ours has now. -1: there is none yet, or another rotation came between.
 */
static int
open_behind(const struct log_tail *t, const struct stat *ours)
{
	struct stat st;

	for (unsigned number = 1; number < ROTATED_MAX; number++) {
		char *path = rotated_path(t, number);
		bool there = stat(path, &st) == 0, same = there && st.st_ino == ours->st_ino;
		int fd;

		if (!same) {
			free(path);
			if (!there)
				break;
			continue;
		}
		fd = rotated_open(t, number - 1, &st);
		/* Still ours, after that one was opened? */
		if (fd != -1 && (stat(path, &st) == -1 || st.st_ino != ours->st_ino)) {
			close(fd);
			fd = -1;
		}
		free(path);
		return fd;
	}
	/* Ours is no longer there at all: what is left begins with the newest. */
	return rotated_open(t, 0, &st);
}

int
log_tail_more(struct log_tail *t, struct err *err)
{
	struct stat ours, newest;
	int next;

	if (t->fd == -1) {
		t->fd = rotated_open(t, 0, &newest);
		if (t->fd == -1)
			return errno == ENOENT || errno == ENOTDIR ? 0 : err_sys(err, errno, "%s", t->path);
	}
	for (;;) {
		if (fstat(t->fd, &ours) == -1)
			return err_sys(err, errno, "%s", t->path);
		if (ours.st_size < lseek(t->fd, 0, SEEK_CUR) && lseek(t->fd, 0, SEEK_SET) == -1)
			return err_sys(err, errno, "%s", t->path);
		if (feed_file(t, t->fd, err) == -1)
			return -1;
		if (stat(t->path, &newest) == -1 || (newest.st_ino == ours.st_ino && newest.st_dev == ours.st_dev))
			return 1;
		/* Rotated: its writer has left it, so now its end is the end. */
		if (feed_file(t, t->fd, err) == -1)
			return -1;
		next = open_behind(t, &ours);
		if (next == -1)
			return 1;
		close(t->fd);
		t->fd = next;
	}
}
