#include "journal/journal.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "journal/disk.h"
#include "journal/inherit.h"

/* Pieces of a log up to this are copied together; larger ones get memory of their own. */
#define COPY_MAX 4096

uint32_t
journal_last_epoch(const char *dir)
{
	struct segment_list list;
	uint32_t epoch = 0;

	if (segment_list_read(dir, &list, NULL) == 0 && list.n > 0)
		epoch = list.v[list.n - 1].epoch;
	segment_list_release(&list);
	return epoch;
}

static int
start_thread(struct journal *j, struct err *err)
{
	pthread_condattr_t attr;
	sigset_t all, old;
	int rc;

	pthread_mutex_init(&j->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&j->work, &attr);
	pthread_cond_init(&j->flushed, NULL);
	pthread_condattr_destroy(&attr);
	/* Signals are the loop's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&j->thread, NULL, disk_main, j);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc == 0 ? 0 : err_sys(err, rc, "the journal's thread");
}

static int
open_segment(struct journal *j, const struct journal_options *o, const struct past *past, struct err *err)
{
	struct buf snapshot = BUF_INIT(0);
	int rc;

	past_encode(past, &snapshot);
	rc = segment_open(&j->disk.segment, o, snapshot.data, snapshot.len, err);
	buf_release(&snapshot);
	return rc;
}

static void
journal_free(struct journal *j)
{
	struct batch *b;

	while ((b = j->head) != NULL) {
		j->head = b->next;
		batch_free(b);
	}
	while ((b = j->spare) != NULL) {
		j->spare = b->next;
		batch_free(b);
	}
	if (j->event_fd != -1)
		close(j->event_fd);
	free(j);
}

static struct journal *
journal_new(const struct journal_options *o)
{
	struct journal *j = xcalloc(1, sizeof(*j));

	j->event_fd = -1;
	j->disk.segment_bytes = j->disk.want_at = o->segment_bytes;
	j->disk.sync_us = o->sync_us;
	j->disk.sync_at = j->disk.retry_at = INT64_MAX;
	return j;
}

struct journal *
journal_open(const struct journal_options *o, struct past *past, struct err *err)
{
	struct journal *j = journal_new(o);

	past_init(past);
	if (inherit_make_dir(o->dir, err) == -1 || inherit(o->dir, past, err) == -1)
		goto fail;
	if (past->epoch >= o->epoch) {
		err_set(err, EEXIST, "%s: epoch %u is there already, %u is not newer", o->dir, past->epoch, o->epoch);
		goto fail;
	}
	if ((j->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) == -1) {
		err_sys(err, errno, "eventfd");
		goto fail;
	}
	if (open_segment(j, o, past, err) == -1)
		goto fail;
	logs_init(&j->disk.logs, &j->disk.segment);
	if (start_thread(j, err) == -1) {
		segment_close(&j->disk.segment);
		goto fail;
	}
	return j;
fail:
	past_release(past);
	journal_free(j);
	return NULL;
}

/* With the lock held: the batch to fill. */
static struct batch *
filling(struct journal *j)
{
	struct batch *b = j->tail;

	if (b != NULL && !b->rotate)
		return b;
	if ((b = j->spare) != NULL) {
		j->spare = b->next;
		j->n_spare--;
		b->next = NULL;
	} else {
		b = batch_new();
	}
	if (j->tail != NULL)
		j->tail->next = b;
	else
		j->head = b;
	j->tail = b;
	return b;
}

/* With the lock held: the batch has got n bytes more; wake the thread if it sleeps. */
static void
given(struct journal *j, struct batch *b, size_t n)
{
	b->weight += n;
	j->backlog += n;
	b->last[JOURNAL_VITAL] = j->last[JOURNAL_VITAL];
	b->last[JOURNAL_OUTPUT] = j->last[JOURNAL_OUTPUT];
	if (j->waiting && !j->hold) {
		j->waiting = false;
		pthread_cond_signal(&j->work);
	}
}

void
journal_hold(struct journal *j)
{
	j->hold = true;
}

void
journal_push(struct journal *j)
{
	bool wake;

	pthread_mutex_lock(&j->lock);
	wake = j->waiting && j->head != NULL;
	if (wake)
		j->waiting = false;
	pthread_mutex_unlock(&j->lock);
	if (wake)
		pthread_cond_signal(&j->work);
}

static void
add_span(struct batch *b, enum journal_kind kind, size_t len)
{
	struct span *last = b->n_spans == 0 ? NULL : &b->spans[b->n_spans - 1];

	if (last != NULL && last->kind == kind) {
		last->len += len;
		return;
	}
	if (b->n_spans == b->cap_spans) {
		b->cap_spans = b->cap_spans == 0 ? 16 : b->cap_spans * 2;
		b->spans = xreallocarray(b->spans, b->cap_spans, sizeof(*b->spans));
	}
	/* NOLINTNEXTLINE: spans is there as soon as n_spans is not 0 */
	b->spans[b->n_spans++] = (struct span){ b->lines.len - len, len, kind };
}

uint64_t
journal_append(struct journal *j, enum journal_kind kind, const char *line, size_t len)
{
	struct batch *b;
	uint64_t number;

	pthread_mutex_lock(&j->lock);
	b = filling(j);
	buf_xadd(&b->lines, line, len);
	buf_xaddc(&b->lines, '\n');
	add_span(b, kind, len + 1);
	number = ++j->last[kind];
	given(j, b, len + 1);
	pthread_mutex_unlock(&j->lock);
	return number;
}

/* With the lock held. */
static struct piece *
add_piece(struct batch *b)
{
	if (b->n_pieces == b->cap_pieces) {
		b->cap_pieces = b->cap_pieces == 0 ? 64 : b->cap_pieces * 2;
		b->pieces = xreallocarray(b->pieces, b->cap_pieces, sizeof(*b->pieces));
	}
	b->pieces[b->n_pieces] = (struct piece){ .batch = b };
	return &b->pieces[b->n_pieces++];
}

/* Does this continue the batch's last piece, whose bytes are the last that were copied? */
static bool
continues(const struct batch *b, const struct log_file *f, uint64_t token, unsigned stream, uint64_t offset)
{
	const struct piece *last = b->n_pieces == 0 ? NULL : &b->pieces[b->n_pieces - 1];

	return last != NULL && last->p == NULL && last->n > 0 && last->file == f && last->token == token &&
	    last->stream == stream && last->offset + last->n == offset;
}

/* With the lock held: copy a small piece. */
static void
add_copy(struct batch *b, struct log_file *f, uint64_t token, unsigned stream, uint64_t offset, const void *p, size_t n)
{
	struct piece *piece;

	if (continues(b, f, token, stream, offset)) {
		b->pieces[b->n_pieces - 1].n += n;
	} else {
		piece = add_piece(b);
		piece->file = f;
		piece->token = token;
		piece->stream = stream;
		piece->offset = offset;
		piece->n = n;
	}
	buf_xadd(&b->bytes, p, n);
}

uint64_t
journal_log(struct journal *j, struct log_file *f, uint64_t token, unsigned stream, uint64_t offset, const void *p, size_t n)
{
	struct batch *b;
	uint64_t number;
	void *copy;

	if (n > COPY_MAX) {
		copy = xmalloc(n);
		memcpy(copy, p, n);
		return journal_log_take(j, f, token, stream, offset, copy, n, free, copy);
	}
	pthread_mutex_lock(&j->lock);
	b = filling(j);
	if (n > 0)
		add_copy(b, f, token, stream, offset, p, n);
	number = ++j->last[JOURNAL_OUTPUT];
	given(j, b, n);
	pthread_mutex_unlock(&j->lock);
	return number;
}

uint64_t
journal_log_take(struct journal *j, struct log_file *f, uint64_t token, unsigned stream, uint64_t offset, const void *p,
    size_t n, void (*release)(void *arg), void *arg)
{
	struct piece *piece;
	struct batch *b;
	uint64_t number;

	if (n == 0) {
		release(arg);
		return journal_log(j, f, token, stream, offset, "", 0);
	}
	pthread_mutex_lock(&j->lock);
	b = filling(j);
	piece = add_piece(b);
	*piece = (struct piece){ .file = f, .token = token, .stream = stream, .offset = offset, .p = p, .n = n,
		.release = release, .arg = arg, .batch = b };
	number = ++j->last[JOURNAL_OUTPUT];
	given(j, b, n);
	pthread_mutex_unlock(&j->lock);
	return number;
}

/* An order among the log bytes: reopen all (NULL), or the end of a file. */
static void
add_order(struct journal *j, struct log_file *f)
{
	struct piece *piece;
	struct batch *b;

	pthread_mutex_lock(&j->lock);
	b = filling(j);
	piece = add_piece(b);
	piece->file = f;
	piece->free_file = f != NULL;
	given(j, b, 0);
	pthread_mutex_unlock(&j->lock);
}

struct log_file *
journal_log_file(struct journal *j, const char *child, const char *path, uint64_t size, unsigned keep)
{
	(void)j;
	return log_file_new(child, path, size, keep);
}

void
journal_log_file_free(struct journal *j, struct log_file *f)
{
	if (f != NULL)
		add_order(j, f);
}

void
journal_reopen_logs(struct journal *j)
{
	add_order(j, NULL);
}

void
journal_rotate(struct journal *j, const char *snapshot, size_t len)
{
	struct batch *b;

	pthread_mutex_lock(&j->lock);
	b = filling(j);
	b->rotate = true;
	buf_xadd(&b->snapshot, snapshot, len);
	j->progress.want_snapshot = false;
	given(j, b, len);
	pthread_mutex_unlock(&j->lock);
}

size_t
journal_backlog(struct journal *j)
{
	size_t n;

	pthread_mutex_lock(&j->lock);
	n = j->backlog;
	pthread_mutex_unlock(&j->lock);
	return n;
}

int
journal_fd(const struct journal *j)
{
	return j->event_fd;
}

void
journal_get_progress(struct journal *j, struct journal_progress *out)
{
	uint64_t n;

	pthread_mutex_lock(&j->lock);
	*out = j->progress;
	if (j->notified && read(j->event_fd, &n, sizeof(n)) == -1 && errno != EAGAIN)
		log_warn("journal: eventfd");
	j->notified = false;
	pthread_mutex_unlock(&j->lock);
}

void
journal_flush_soon(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	j->flush_wanted++;
	j->waiting = false;
	pthread_cond_signal(&j->work);
	pthread_mutex_unlock(&j->lock);
}

void
journal_flush(struct journal *j)
{
	uint64_t wanted;

	pthread_mutex_lock(&j->lock);
	wanted = ++j->flush_wanted;
	j->waiting = false;
	pthread_cond_signal(&j->work);
	while (j->flush_done < wanted)
		pthread_cond_wait(&j->flushed, &j->lock);
	pthread_mutex_unlock(&j->lock);
}

void
journal_close(struct journal *j)
{
	int rc;

	if (j == NULL)
		return;
	journal_flush(j);
	pthread_mutex_lock(&j->lock);
	j->stop = true;
	j->waiting = false;
	pthread_cond_signal(&j->work);
	pthread_mutex_unlock(&j->lock);
	if ((rc = pthread_join(j->thread, NULL)) != 0)
		log_warnx("journal: thread: %s", strerror(rc));
	pthread_cond_destroy(&j->work);
	pthread_cond_destroy(&j->flushed);
	pthread_mutex_destroy(&j->lock);
	journal_free(j);
}
