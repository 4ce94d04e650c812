/*
 * The events that wait for one handler, and up to where in the journal all is
 * done. Pure.
 *
 *	struct queue q;
 *
 *	queue_init(&q, max, bytes_max, missed);
 *	if (event_matches(...))
 *		queue_offer(&q, line, len, at, after);	 false: full, it is counted as missed
 *	while (room for a run && (job = queue_next(&q)) != NULL)
 *		... run it; then, in any order
 *		queue_done(&q, job);
 *	queue_mark(&q, read, &mark);			 what to keep on disk
 *	queue_release(&q);
 *
 * A mark is where to read on after a crash, and how many were missed before that
 * and not told to any run yet. It never lies behind an event that is not done,
 * so who begins there loses none; those behind it are met again. What was missed
 * behind a mark is met again, too, and then has its chance.
 *
 * A job is told how many were missed between the one before it and itself.
 */
#ifndef TRAPEXIT_EVENT_QUEUE_H
#define TRAPEXIT_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "journal/reader.h"

struct mark {
	struct journal_pos pos;
	uint64_t missed;
};

struct job {
	TAILQ_ENTRY(job) link;
	struct mark from; /* where to begin, to meet it again */
	struct journal_pos at, after; /* its record */
	uint64_t missed;  /* between the one before and this */
	bool given, done;
	size_t len;
	char line[]; /* with a NUL behind it */
};

struct queue {
	TAILQ_HEAD(job_list, job) jobs; /* owned; the oldest that is not done first */
	struct job *next; /* borrowed: the first that was not given out */
	size_t waiting, max; /* not given out yet */
	size_t bytes, bytes_max; /* of all */
	uint64_t missed;  /* not told to any job yet */
};

void queue_init(struct queue *q, size_t max, size_t bytes_max, uint64_t missed);
/* An event takes at least one place, however long it is: a queue that is empty takes any. */
bool queue_offer(struct queue *q, const char *line, size_t len, struct journal_pos at, struct journal_pos after);
/* NULL: none waits. It stays the queue's, and is valid until queue_done(). */
struct job *queue_next(struct queue *q);
/* A job that could not be run now: it is the next again. Only the one that was given out last. */
void queue_put_back(struct queue *q, struct job *job);
void queue_done(struct queue *q, struct job *job);
bool queue_is_empty(const struct queue *q);
/* `read`: up to where the journal was read and offered. */
struct mark queue_mark(const struct queue *q, struct journal_pos read);
void queue_release(struct queue *q);

#endif
