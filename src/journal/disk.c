#include "journal/disk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mono.h"

#define RETRY_US US_PER_S
#define UNSYNCED_MAX (4u << 20)
/* Bytes of logs between two looks for new lines: a few milliseconds on a slow disk. */
#define SLICE_BYTES (256u << 10)
#define SLICE_PIECES 1024
#define SPARE_MAX 4

/* pthread_cond_timedwait() knows this clock. Deadlines here may stand still while the machine sleeps. */
static int64_t
clock_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000;
}

static void
note_trouble(struct disk *d, enum segment_result r, const struct err *err)
{
	snprintf(d->error, sizeof(d->error), "%.*s", (int)sizeof(d->error) - 1, err->msg);
	d->full = r == SEGMENT_FULL;
	if (d->retry_at == INT64_MAX)
		d->retry_at = clock_us() + RETRY_US;
}

/* Bytes off the front of a span that was written in part. */
static void
shrink_span(struct span *s, size_t n)
{
	s->off += n;
	s->len -= n;
}

static bool
has_output(const struct batch *b)
{
	size_t i;

	for (i = 0; i < b->n_spans; i++)
		if (b->spans[i].kind == JOURNAL_OUTPUT)
			return true;
	return false;
}

/* All lines of a batch in one write: how it nearly always goes. */
static bool
write_whole(struct disk *d, struct batch *b)
{
	enum journal_kind kind = has_output(b) ? JOURNAL_OUTPUT : JOURNAL_VITAL;
	struct err err = ERR_INIT;
	enum segment_result r;
	size_t done, i, k;

	r = segment_write(&d->segment, kind, b->lines.data, b->lines.len, &done, &err);
	if (done > 0 && kind == JOURNAL_OUTPUT)
		d->unsynced_output = true;
	if (r == SEGMENT_OK)
		return true;
	note_trouble(d, r, &err);
	for (i = 0; done > 0; i++) {
		k = b->spans[i].len < done ? b->spans[i].len : done;
		shrink_span(&b->spans[i], k);
		done -= k;
	}
	return false;
}

/* What is left of a batch's lines of one kind. */
static bool
write_kind(struct disk *d, struct batch *b, enum journal_kind kind)
{
	struct err err = ERR_INIT;
	enum segment_result r;
	struct span *s;
	size_t i, done;

	for (i = 0; i < b->n_spans; i++) {
		s = &b->spans[i];
		if (s->kind != kind || s->len == 0)
			continue;
		r = segment_write(&d->segment, kind, b->lines.data + s->off, s->len, &done, &err);
		if (done > 0 && kind == JOURNAL_OUTPUT)
			d->unsynced_output = true;
		shrink_span(s, done);
		if (r != SEGMENT_OK) {
			note_trouble(d, r, &err);
			return false;
		}
	}
	return true;
}

static void
write_lines(struct disk *d, struct batch *b)
{
	if (b->vital_done && b->output_done)
		return;
	if (!b->vital_done && !d->vital_wait && !d->lines_wait && (b->lines.len == 0 || write_whole(d, b))) {
		b->vital_done = b->output_done = true;
		return;
	}
	if (!b->vital_done && !d->vital_wait) {
		b->vital_done = write_kind(d, b, JOURNAL_VITAL);
		d->vital_wait = !b->vital_done;
	}
	if (b->vital_done && !b->output_done && !d->lines_wait) {
		b->output_done = write_kind(d, b, JOURNAL_OUTPUT);
		d->lines_wait = !b->output_done;
	}
}

/* The batch's log bytes join the queue. */
static void
queue_pieces(struct disk *d, struct batch *b)
{
	const char *copied = b->bytes.data;
	struct piece *piece;
	size_t i;

	b->reached = true;
	b->pieces_left = b->n_pieces;
	for (i = 0; i < b->n_pieces; i++) {
		piece = &b->pieces[i];
		if (piece->n > 0 && piece->p == NULL) {
			piece->p = copied;
			copied += piece->n;
		}
		if (d->log_last != NULL)
			d->log_last->next = piece;
		else
			d->log_first = piece;
		d->log_last = piece;
	}
}

/* The lines of all batches up to the next one that ends a segment. */
static void
write_batches(struct disk *d)
{
	struct batch *b;

	for (b = d->first; b != NULL; b = b->next) {
		if (!b->reached)
			queue_pieces(d, b);
		write_lines(d, b);
		if (b->vital_done && b->last[JOURNAL_VITAL] > d->appended[JOURNAL_VITAL] && !d->vital_wait)
			d->appended[JOURNAL_VITAL] = b->last[JOURNAL_VITAL];
		if (b->rotate)
			break;
	}
}

static void
finish_piece(struct piece *piece)
{
	if (piece->release != NULL)
		piece->release(piece->arg);
	piece->release = NULL;
	piece->batch->pieces_left--;
}

static struct piece *
pop_piece(struct disk *d)
{
	struct piece *piece = d->log_first;

	d->log_first = piece->next;
	if (d->log_first == NULL)
		d->log_last = NULL;
	piece->next = NULL;
	return piece;
}

/* Reopen and free, when they have come to the front. */
static void
carry_out_orders(struct disk *d)
{
	struct piece *piece;

	while (d->log_first != NULL && d->log_first->n == 0) {
		piece = pop_piece(d);
		if (piece->free_file)
			log_file_free(&d->logs, piece->file);
		else
			logs_reopen(&d->logs);
		piece->free_file = false; /* it is done: see abandon() */
		finish_piece(piece);
	}
}

/* The pieces at the front of the queue that are written together. */
static size_t
collect_slice(struct disk *d, struct piece *v[SLICE_PIECES])
{
	struct piece *piece;
	size_t n = 0, bytes = 0, files = 0;

	d->slice++;
	for (piece = d->log_first; piece != NULL && piece->n > 0 && n < SLICE_PIECES && bytes < SLICE_BYTES;
	    piece = piece->next) {
		if (piece->file->slice != d->slice) {
			if (files == LOGS_OPEN_MAX)
				break;
			piece->file->slice = d->slice;
			files++;
		}
		v[n++] = piece;
		bytes += piece->n;
	}
	return n;
}

/* Take the pieces that are done out of the front of the queue; the others stay there, in order. */
static void
drop_done(struct disk *d, struct piece *const *v, size_t n)
{
	struct piece *rest = d->log_first, **tail = &d->log_first, *last = NULL;
	size_t i;

	for (i = 0; i < n; i++) {
		rest = v[i]->next;
		if (v[i]->done == v[i]->n) {
			finish_piece(v[i]);
			continue;
		}
		*tail = last = v[i];
		tail = &v[i]->next;
	}
	*tail = rest;
	if (rest == NULL)
		d->log_last = last;
}

static void
write_slice(struct disk *d)
{
	struct piece *v[SLICE_PIECES];
	struct err err = ERR_INIT;
	size_t n;

	carry_out_orders(d);
	n = collect_slice(d, v);
	if (n == 0)
		return;
	if (logs_write(&d->logs, v, n, &err) == -1) {
		d->logs_wait = true;
		note_trouble(d, d->logs.full ? SEGMENT_FULL : SEGMENT_BROKEN, &err);
	}
	drop_done(d, v, n);
	carry_out_orders(d);
}

static bool
is_complete(const struct batch *b)
{
	return b->reached && b->vital_done && b->output_done && b->pieces_left == 0;
}

/* The batch at the front is written and has a snapshot: the next segment begins, or not. */
static void
rotate(struct disk *d, struct batch *b)
{
	struct err err = ERR_INIT;
	enum segment_result r;

	b->rotate = false;
	d->snapshot_asked = false;
	r = segment_rotate(&d->segment, b->snapshot.data, b->snapshot.len, &err);
	if (r == SEGMENT_OK) {
		d->unsynced_output = false;
		/* A large snapshot must not ask for the next one at once. */
		d->want_at = d->segment.pos * 2 > d->segment_bytes ? d->segment.pos * 2 : d->segment_bytes;
		return;
	}
	log_warnx("journal: %s", err.msg);
	d->want_at = d->segment.pos + d->segment_bytes / 8 + 1;
}

/*
 * Something waits in front of a snapshot that was made for now: the snapshot is
 * given up, and what is behind it goes on. True if there was one.
 */
static bool
give_up_snapshot(struct disk *d)
{
	struct batch *b;
	bool found = false;

	if (!d->vital_wait && !d->lines_wait && !d->logs_wait)
		return false;
	for (b = d->first; b != NULL; b = b->next) {
		if (!b->rotate)
			continue;
		found = true;
		b->rotate = false;
		d->snapshot_asked = false;
		d->want_at = d->segment.pos + d->segment_bytes / 8 + 1;
	}
	return found;
}

/*
 * Batches that are complete leave, in order. One that has vital lines alone need
 * not wait for the output before it: numbers are kept by kind.
 */
static void
complete_batches(struct disk *d)
{
	struct batch **link = &d->first, *b, *before = NULL;
	uint64_t output = d->appended[JOURNAL_OUTPUT];

	while ((b = *link) != NULL) {
		if (!is_complete(b) || (before != NULL && (b->rotate || b->last[JOURNAL_OUTPUT] != output))) {
			if (b->rotate)
				break;
			output = b->last[JOURNAL_OUTPUT];
			before = b;
			link = &b->next;
			continue;
		}
		if (b->rotate)
			rotate(d, b);
		if (before == NULL)
			d->appended[JOURNAL_OUTPUT] = output = b->last[JOURNAL_OUTPUT];
		*link = b->next;
		d->written += b->weight;
		b->next = d->complete;
		d->complete = b;
	}
	for (d->last = d->first; d->last != NULL && d->last->next != NULL;)
		d->last = d->last->next;
}

/* Is it time for an fdatasync? Sets the deadline if it is not. */
static bool
is_sync_due(struct disk *d, bool now)
{
	const struct segment *s = &d->segment;

	if (s->broken)
		return !d->vital_wait;
	if (s->pos == s->synced) {
		d->sync_at = INT64_MAX;
		return false;
	}
	if (now || d->sync_us == 0 || s->unsynced.len >= UNSYNCED_MAX || clock_us() >= d->sync_at)
		return true;
	if (d->sync_at == INT64_MAX)
		d->sync_at = clock_us() + d->sync_us;
	return false;
}

static void
sync_lines(struct disk *d, bool now)
{
	struct segment *s = &d->segment;
	struct err err = ERR_INIT;
	enum segment_result r;

	if (is_sync_due(d, now)) {
		d->sync_at = INT64_MAX;
		if ((r = segment_sync(s, &err)) != SEGMENT_OK) {
			d->vital_wait = d->lines_wait = d->logs_wait = true;
			note_trouble(d, r, &err);
		}
	}
	if (s->broken)
		return;
	if (s->pos == s->synced) {
		d->unsynced_output = false;
		d->safe[JOURNAL_VITAL] = d->appended[JOURNAL_VITAL];
	}
	/* Log bytes are safe when they are written: only lines hold this up. */
	if (!d->unsynced_output)
		d->safe[JOURNAL_OUTPUT] = d->appended[JOURNAL_OUTPUT];
}

/* One round; true if there is more to do at once. */
static bool
work(struct disk *d, bool flush)
{
	bool more;

	if (flush || clock_us() >= d->retry_at) {
		d->vital_wait = d->lines_wait = d->logs_wait = d->full = false;
		d->retry_at = INT64_MAX;
	}
	write_batches(d);
	if (!d->logs_wait)
		write_slice(d);
	if (give_up_snapshot(d))
		write_batches(d);
	complete_batches(d);
	more = (d->log_first != NULL && !d->logs_wait) || (d->first != NULL && !d->first->reached);
	sync_lines(d, flush && !more);
	if (!d->snapshot_asked && d->segment.pos >= d->want_at && d->retry_at == INT64_MAX)
		d->snapshot_asked = true;
	return more;
}

/*
 * With the lock held: what has been done. True: the loop is to be told, once
 * the lock is free, or it would wake up only to wait for that.
 */
static bool
publish(struct journal *j, bool asked_before)
{
	struct disk *d = &j->disk;
	struct journal_progress *p = &j->progress;
	bool waits = d->vital_wait || d->lines_wait || d->logs_wait, full = waits && d->full;
	bool news = memcmp(p->appended, d->appended, sizeof(p->appended)) != 0 ||
	    memcmp(p->safe, d->safe, sizeof(p->safe)) != 0 || (d->snapshot_asked && !asked_before);
	const char *error = waits ? d->error : "";

	if (full != p->disk_full || strcmp(p->error, error) != 0) {
		news = true;
		if (*error != '\0')
			log_warnx("journal: %s%s", error, full ? "; output waits for room" : "");
		else
			log_info("journal: all is well again");
	}
	memcpy(p->appended, d->appended, sizeof(p->appended));
	memcpy(p->safe, d->safe, sizeof(p->safe));
	memcpy(p->error, error, strlen(error) + 1);
	p->disk_full = full;
	if (d->snapshot_asked && !asked_before)
		p->want_snapshot = true;
	j->backlog -= d->written;
	d->written = 0;
	if (!news || j->notified)
		return false;
	j->notified = true;
	return true;
}

static void
tell_loop(const struct journal *j)
{
	const uint64_t one = 1;

	if (write(j->event_fd, &one, sizeof(one)) == -1)
		log_warn("journal: eventfd");
}

/* With the lock held: complete batches go back to the loop, or away. */
static void
give_back(struct journal *j)
{
	struct batch *b;

	while ((b = j->disk.complete) != NULL) {
		j->disk.complete = b->next;
		if (j->n_spare >= SPARE_MAX) {
			batch_free(b);
			continue;
		}
		batch_clear(b);
		b->next = j->spare;
		j->spare = b;
		j->n_spare++;
	}
}

/* With the lock held: sleep until there is something to do. */
static void
wait_for_work(struct journal *j)
{
	int64_t until = j->disk.sync_at < j->disk.retry_at ? j->disk.sync_at : j->disk.retry_at;
	struct timespec ts = { (time_t)(until / US_PER_S), (long)(until % US_PER_S) * 1000 };

	while (j->head == NULL && !j->stop && j->flush_wanted == j->flush_done) {
		j->waiting = true;
		if (until == INT64_MAX)
			pthread_cond_wait(&j->work, &j->lock);
		else if (pthread_cond_timedwait(&j->work, &j->lock, &ts) == ETIMEDOUT)
			break;
	}
	j->waiting = false;
}

/* With the lock held: all that was given is the thread's now. */
static void
take(struct journal *j)
{
	struct disk *d = &j->disk;

	if (j->head == NULL)
		return;
	if (d->last != NULL)
		d->last->next = j->head;
	else
		d->first = j->head;
	d->last = j->tail;
	j->head = j->tail = NULL;
}

/* What could not be written by the end is given up: its producers still have it. */
static void
abandon(struct disk *d)
{
	struct batch *b;
	size_t i;

	if (d->first != NULL)
		log_warnx("journal: closed with output that found no room");
	while ((b = d->first) != NULL) {
		d->first = b->next;
		for (i = 0; i < b->n_pieces; i++) {
			if (b->pieces[i].release != NULL)
				b->pieces[i].release(b->pieces[i].arg);
			if (b->pieces[i].free_file)
				log_file_free(&d->logs, b->pieces[i].file);
		}
		batch_free(b);
	}
}

void *
disk_main(void *arg)
{
	struct journal *j = arg;
	struct disk *d = &j->disk;
	bool more = false, asked, stop, tell;
	uint64_t flush;

	pthread_mutex_lock(&j->lock);
	do {
		if (!more)
			wait_for_work(j);
		take(j);
		flush = j->flush_wanted;
		stop = j->stop;
		asked = d->snapshot_asked;
		pthread_mutex_unlock(&j->lock);
		more = work(d, flush != j->flush_done);
		pthread_mutex_lock(&j->lock);
		tell = publish(j, asked);
		give_back(j);
		if (!more && j->flush_done != flush) {
			j->flush_done = flush;
			pthread_cond_broadcast(&j->flushed);
		}
		if (tell) {
			pthread_mutex_unlock(&j->lock);
			tell_loop(j);
			pthread_mutex_lock(&j->lock);
		}
	} while (!stop || more);
	pthread_mutex_unlock(&j->lock);
	abandon(d);
	logs_release(&d->logs);
	segment_close(&d->segment);
	return NULL;
}
