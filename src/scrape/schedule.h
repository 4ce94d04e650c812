/*
 * What to fetch when (grid.h), politely (site.h). Pure: time is an argument,
 * in milliseconds of the grid's clock.
 *
 *	struct turn turn;
 *
 *	schedule_init(&s, &job, now);
 *	while (schedule_take(&s, now, &turn))
 *		... start to fetch turn.work->source->url, for turn.work->slot
 *	... sleep until schedule_wake(&s)
 *	... before a request, the first one included: schedule_hop(&s, &turn, host, now)
 *	... behind each: schedule_over(&s, &turn, now)
 *	if (schedule_answered(&s, &turn, &answer, now))
 *		... report the slot: it is done
 *
 * Costs nothing while nothing is due: heaps of due times, no scan, and 80
 * bytes a source. The job is borrowed for the life of the schedule.
 */
#ifndef TRAPEXIT_SCRAPE_SCHEDULE_H
#define TRAPEXIT_SCRAPE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "base/map.h"
#include "scrape/grid.h"
#include "scrape/heap.h"
#include "scrape/job.h"
#include "scrape/site.h"

#define SCHEDULE_NEVER INT64_MAX
#define SCHEDULE_TRIES 3 /* in a slot (P51) */

struct work {
	struct timed timed; /* in the schedule's `due` until it is */
	STAILQ_ENTRY(work) entry;
	struct job_source *source; /* the job's */
	struct site *site; /* NULL: its URL names none; then it is taken at once */
	int64_t done;	   /* latest slot that was reported; GRID_NO_SLOT: none */
	int64_t slot;	   /* being fetched, or tried last */
	unsigned tries;	   /* made for `slot` */
};

/* Work under way. */
struct turn {
	struct work *work;
	struct site *site;  /* where its request is; NULL: nowhere now */
	struct site *claim; /* where its next request has to wait; NULL: nowhere */
	int64_t began;	    /* its last request */
	int64_t next;	    /* what the site's was before that */
	bool asked;	    /* it went out, as far as we know */
};

struct schedule {
	const struct job *job;
	struct site_limits limits;
	struct work *works;  /* owned, as many as the job has sources */
	struct heap due, gaps;
	struct strmap sites; /* of struct site by name, owned */
	size_t n_foreign;
};

struct answer {
	bool failed;
	bool passing;	       /* of a failure: worth another try in this slot */
	bool busy_host;	       /* 429 or 503: the host wants rest */
	int64_t retry_after_s; /* 0: not said */
	const char *host;      /* who said this; NULL: nobody */
};

void schedule_init(struct schedule *s, const struct job *job, int64_t now);
void schedule_release(struct schedule *s);
/* So many turns there can be at a time: at least one. */
size_t schedule_parallel_max(const struct schedule *s);
/* Work to begin now, its slot set; false if there is none. */
bool schedule_take(struct schedule *s, int64_t now, struct turn *turn);
/* When schedule_take() has something next. */
int64_t schedule_wake(const struct schedule *s);
/*
 * A request of the turn is to go to this host: robots.txt, the page, or where a
 * redirect leads (P53). 0 if it may at once, as the first one may at its own
 * host; else how many ms to wait before it asks again, and nobody else begins
 * there before; -1 if that would be too long.
 */
int64_t schedule_hop(struct schedule *s, struct turn *turn, const char *host, int64_t now);
/* It has ended, and another one may follow: robots.txt is one, and so is a page behind a redirect to another host. */
void schedule_over(struct schedule *s, struct turn *turn, int64_t now);
/* P48: what robots.txt of the host asks for, as soon as it is known; 0: nothing; -1: not known. */
void schedule_crawl_delay(struct schedule *s, const char *host, int64_t ms);
/* The site by its name, as it is now; NULL: nothing is known of it. */
struct site *schedule_site(const struct schedule *s, const char *host);
/* True if the slot is over and to be reported; false if it will be tried again: then schedule_put_try() says so. */
bool schedule_answered(struct schedule *s, struct turn *turn, const struct answer *a, int64_t now);
/* The value of the state try/SOURCE, by which a successor goes on to count the tries of a slot (P52). */
void schedule_put_try(const struct work *w, struct buf *out);

#endif
