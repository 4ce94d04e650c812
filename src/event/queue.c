#include "event/queue.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
queue_init(struct queue *q, size_t max, size_t bytes_max, uint64_t missed)
{
	*q = (struct queue){ .max = max, .bytes_max = bytes_max, .missed = missed };
	TAILQ_INIT(&q->jobs);
}

bool
queue_offer(struct queue *q, const char *line, size_t len, struct journal_pos at, struct journal_pos after)
{
	const struct job *last = TAILQ_LAST(&q->jobs, job_list);
	struct job *job;

	if (q->waiting >= q->max || (q->waiting > 0 && q->bytes + len > q->bytes_max)) {
		q->missed++;
		return false;
	}
	job = xcalloc(1, sizeof(*job) + len + 1);
	memcpy(job->line, line, len);
	job->len = len;
	job->at = at;
	job->after = after;
	job->missed = q->missed;
	/* Behind another one, those that were missed in between are met again; else they are only known as a number. */
	job->from = last != NULL ? (struct mark){ last->after, 0 } : (struct mark){ at, q->missed };
	q->missed = 0;
	TAILQ_INSERT_TAIL(&q->jobs, job, link);
	if (q->next == NULL)
		q->next = job;
	q->waiting++;
	q->bytes += len;
	return true;
}

struct job *
queue_next(struct queue *q)
{
	struct job *job = q->next;

	if (job == NULL)
		return NULL;
	job->given = true;
	q->waiting--;
	q->next = TAILQ_NEXT(job, link);
	return job;
}

void
queue_put_back(struct queue *q, struct job *job)
{
	job->given = false;
	q->waiting++;
	q->next = job;
}

void
queue_done(struct queue *q, struct job *job)
{
	struct job *next;

	job->done = true;
	for (job = TAILQ_FIRST(&q->jobs); job != NULL && job->done; job = next) {
		next = TAILQ_NEXT(job, link);
		TAILQ_REMOVE(&q->jobs, job, link);
		q->bytes -= job->len;
		free(job);
	}
}

bool
queue_is_empty(const struct queue *q)
{
	return TAILQ_EMPTY(&q->jobs);
}

struct mark
queue_mark(const struct queue *q, struct journal_pos read)
{
	const struct job *first = TAILQ_FIRST(&q->jobs);

	return first != NULL ? first->from : (struct mark){ read, q->missed };
}

void
queue_release(struct queue *q)
{
	struct job *job, *next;

	for (job = TAILQ_FIRST(&q->jobs); job != NULL; job = next) {
		next = TAILQ_NEXT(job, link);
		free(job);
	}
	TAILQ_INIT(&q->jobs);
}
