#include "recorder/ahead.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define SPACE (512 * 1024)
/* Lines looked at for one batch: also a journal without observations must let the caller hear its signals. */
#define LOOK_MAX 20000

struct ahead {
	struct batch batch[2];
	struct journal_reader *reader; /* borrowed */
	unsigned next;		       /* which batch is given next */
	pthread_t thread;
	bool has_thread;
	pthread_mutex_t mutex;
	pthread_cond_t changed;
	/* Under the mutex: the batch that the thread fills, NULL when it has nothing to do. */
	struct batch *filling;
	bool started, quit; /* `filling` of ours was begun; the thread shall end */
};

static void
batch_clear(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->lines[i].own);
		b->lines[i].own = NULL;
	}
	b->n = b->used = 0;
	b->any = b->more = b->skipped = false;
	b->rc = 0;
}

/* The reader's line lives until its next call; ours as long as the batch. */
static const char *
copy_line(struct batch *b, struct batch_line *l, const char *line, size_t len)
{
	char *copy;

	if (len <= SPACE - b->used) {
		copy = b->space + b->used;
		b->used += len;
	} else {
		copy = l->own = xmalloc(len);
	}
	memcpy(copy, line, len);
	return copy;
}

static void
fill(struct ahead *a, struct batch *b)
{
	const char *line;
	size_t len;

	batch_clear(b);
	for (unsigned looked = 0; b->n < BATCH_LINES && b->used < SPACE && looked < LOOK_MAX; looked++) {
		struct batch_line *l = &b->lines[b->n];

		b->rc = journal_reader_next(a->reader, &line, &len, &b->end, &b->err);
		b->skipped |= journal_reader_skipped(a->reader);
		if (b->rc != 1)
			return;
		b->any = true;
		if (record_is_other(line, len))
			continue;
		l->after = b->end;
		l->kind = record_read(&l->record, copy_line(b, l, line, len), len);
		b->n++;
	}
	b->more = true;
}

static void *
work(void *arg)
{
	struct ahead *a = arg;
	struct batch *b;

	pthread_mutex_lock(&a->mutex);
	for (;;) {
		while (a->filling == NULL && !a->quit)
			pthread_cond_wait(&a->changed, &a->mutex);
		if (a->quit)
			break;
		b = a->filling;
		pthread_mutex_unlock(&a->mutex);
		fill(a, b);
		pthread_mutex_lock(&a->mutex);
		a->filling = NULL;
		pthread_cond_broadcast(&a->changed);
	}
	pthread_mutex_unlock(&a->mutex);
	return NULL;
}

struct ahead *
ahead_new(void)
{
	struct ahead *a = xcalloc(1, sizeof(*a));

	pthread_mutex_init(&a->mutex, NULL);
	pthread_cond_init(&a->changed, NULL);
	for (int i = 0; i < 2; i++) {
		a->batch[i].space = xmalloc(SPACE);
		for (size_t k = 0; k < BATCH_LINES; k++)
			record_init(&a->batch[i].lines[k].record);
	}
	return a;
}

static void
wait_until_filled(struct ahead *a)
{
	pthread_mutex_lock(&a->mutex);
	while (a->filling != NULL)
		pthread_cond_wait(&a->changed, &a->mutex);
	pthread_mutex_unlock(&a->mutex);
}

void
ahead_from(struct ahead *a, struct journal_reader *reader)
{
	wait_until_filled(a);
	a->started = false;
	a->reader = reader;
}

/* The thread is made when it is first needed; without one all is read in place. */
static void
start(struct ahead *a, struct batch *b)
{
	if (!a->has_thread)
		a->has_thread = pthread_create(&a->thread, NULL, work, a) == 0;
	if (!a->has_thread)
		return;
	pthread_mutex_lock(&a->mutex);
	a->filling = b;
	pthread_cond_broadcast(&a->changed);
	pthread_mutex_unlock(&a->mutex);
	a->started = true;
}

struct batch *
ahead_next(struct ahead *a)
{
	struct batch *b = &a->batch[a->next];

	if (a->started)
		wait_until_filled(a);
	else
		fill(a, b);
	a->started = false;
	a->next = !a->next;
	if (b->more)
		start(a, &a->batch[a->next]);
	return b;
}

void
ahead_free(struct ahead *a)
{
	if (a == NULL)
		return;
	wait_until_filled(a);
	if (a->has_thread) {
		pthread_mutex_lock(&a->mutex);
		a->quit = true;
		pthread_cond_broadcast(&a->changed);
		pthread_mutex_unlock(&a->mutex);
		pthread_join(a->thread, NULL);
	}
	for (int i = 0; i < 2; i++) {
		batch_clear(&a->batch[i]);
		free(a->batch[i].space);
		for (size_t k = 0; k < BATCH_LINES; k++)
			record_release(&a->batch[i].lines[k].record);
	}
	pthread_mutex_destroy(&a->mutex);
	pthread_cond_destroy(&a->changed);
	free(a);
}
