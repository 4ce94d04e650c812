/*
 * What to fetch when (grid.h), politely: one request at a time per host, and a
 * gap between an answer's end and the next request (P49). Pure: time is an
 * argument, in milliseconds of the grid's clock.
 *
 *	schedule_init(&s, &job, now);
 *	while ((w = schedule_take(&s, now)) != NULL)
 *		... start to fetch w->source->url, for w->slot
 *	... sleep until schedule_wake(&s, now)
 *	if (schedule_answered(&s, w, &answer, now))
 *		... report the slot: it is done
 *
 * Costs nothing while nothing is due: heaps of due times, no scan. The job is
 * borrowed for the life of the schedule.
 */
#ifndef TRAPEXIT_SCRAPE_SCHEDULE_H
#define TRAPEXIT_SCRAPE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/map.h"
#include "scrape/grid.h"
#include "scrape/heap.h"
#include "scrape/job.h"

#define SCHEDULE_NEVER INT64_MAX
#define SCHEDULE_TRIES 3 /* in a slot (P51) */

struct work;

struct host {
	struct timed timed; /* in `hosts` while work waits for the gap's end */
	char *name;	    /* owned */
	int64_t next;	    /* no fetch before */
	uint32_t strikes;   /* 429 and 503 in a row (P51) */
	bool busy;
	TAILQ_HEAD(, work) waiting;
};

struct work {
	struct timed timed; /* in `works` until it is due */
	TAILQ_ENTRY(work) entry;
	const struct job_source *source;
	struct grid grid;
	struct host *host; /* NULL: its URL names none; then it is taken at once */
	int64_t done;	   /* latest slot that was reported; GRID_NO_SLOT: none */
	int64_t slot;	   /* being fetched, or tried last */
	unsigned tries;	   /* made for `slot` */
	void *user;	   /* the caller's */
};

struct schedule {
	const struct job *job;
	struct work *works;  /* owned, as many as the job has sources */
	struct heap due, gaps;
	struct strmap by_name; /* of struct host, owned */
};

struct answer {
	bool failed;
	bool passing;	       /* of a failure: worth another try in this slot */
	bool busy_host;	       /* 429 or 503: the host wants rest */
	int64_t retry_after_s; /* 0: not said */
};

void schedule_init(struct schedule *s, const struct job *job, int64_t now);
void schedule_release(struct schedule *s);
/* Work to begin now, its slot set; NULL if there is none. */
struct work *schedule_take(struct schedule *s, int64_t now);
/* When schedule_take() has something next. */
int64_t schedule_wake(const struct schedule *s);
/* True if the slot is over and to be reported; false if it will be tried again. */
bool schedule_answered(struct schedule *s, struct work *w, const struct answer *a, int64_t now);

#endif
