/*
 * Marks of log files: how far did (token, stream) get?
 *
 * The writer journals marks before it writes the bytes that they speak of,
 * several ahead. So a mark is a plan until the file is seen to be as long as its
 * position. Example, marks (token, at, pos) of one file:
 *
 *	A 0 0    B 0 100    A 100 150
 *
 * With 120 bytes in the file: A is held up to 0 + (100 - 0) = 100, B up to
 * 0 + (120 - 100) = 20, and the third mark is a plan that was not carried out.
 * Each mark tells the file's size at its time too, which bears out the earlier
 * ones, so that only a handful are kept per file.
 */
#include "journal/past.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "journal/past_private.h"

static uint64_t
min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* The file has `size` bytes: hold what that says, keep the last mark that was reached and the plans behind it. */
static void
bear_out(struct past *p, struct past_log *log, uint64_t size)
{
	const struct past_mark *m;
	size_t i, keep = 0;
	uint64_t end;

	for (i = 0; i < log->n; i++) {
		m = &log->v[i];
		if (m->pos > size)
			break;
		keep = i;
		end = i + 1 < log->n ? min_u64(log->v[i + 1].pos, size) : size;
		if (end >= m->pos)
			past_hold(p, m->token, m->stream, m->at + (end - m->pos));
	}
	if (keep > 0) {
		log->n -= keep;
		memmove(log->v, log->v + keep, log->n * sizeof(*log->v));
	}
}

void
past_fold_mark(struct past *p, const char *path, uint64_t file, const struct past_mark *m, uint64_t size, uint64_t was)
{
	struct past_log *log = strmap_find(&p->logs, path);

	if (log == NULL) {
		log = xcalloc(1, sizeof(*log));
		log->path = xstrdup(path);
		strmap_put(&p->logs, log->path, log);
	}
	if (was != UINT64_MAX)
		bear_out(p, log, was);
	if (was != UINT64_MAX || log->file != file)
		log->n = 0;
	else
		bear_out(p, log, size);
	/* A plan that is made anew takes the place of the one that was not carried out. */
	while (log->n > 0 && log->v[log->n - 1].pos >= m->pos)
		log->n--;
	if (m->pos <= size)
		past_hold(p, m->token, m->stream, m->at);
	if (log->n == log->cap) {
		log->cap = log->cap == 0 ? 2 : log->cap * 2;
		log->v = xreallocarray(log->v, log->cap, sizeof(*log->v));
	}
	log->file = file;
	log->v[log->n++] = *m;
}

/* The size of the file with this inode, under its name or one that a rotation gives it; -1 if it is nowhere. */
static int
find_file(const struct past_log *log, uint64_t *size)
{
	static const char *const suffixes[] = { "", ".new", ".1" };
	struct stat st, at_path;
	char *path;
	size_t i;
	int rc;

	for (i = 0; i < ARRAY_LEN(suffixes); i++) {
		path = xasprintf("%s%s", log->path, suffixes[i]);
		rc = stat(path, &st);
		if (rc == 0 && (uint64_t)st.st_ino == log->file) {
			/* Cut short between the last two renames: the old file has gone, the new one is not in place. */
			if (i == 1 && stat(log->path, &at_path) == -1 && errno == ENOENT && rename(path, log->path) == -1)
				log_warn("%s: cannot finish its rotation", log->path);
			free(path);
			*size = (uint64_t)st.st_size;
			return 0;
		}
		free(path);
	}
	return -1;
}

void
past_resolve_logs(struct past *p)
{
	const char *path;
	uint64_t size;
	void *value;
	size_t i = 0;

	while (strmap_next(&p->logs, &i, &path, &value))
		if (find_file(value, &size) == 0)
			bear_out(p, value, size);
	past_logs_clear(p);
}

void
past_logs_clear(struct past *p)
{
	struct past_log *log;
	const char *path;
	void *value;
	size_t i = 0;

	while (strmap_next(&p->logs, &i, &path, &value)) {
		log = value;
		free(log->path);
		free(log->v);
		free(log);
	}
	strmap_release(&p->logs);
	p->logs = (struct strmap)STRMAP_INIT;
}
