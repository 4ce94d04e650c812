/*
 * What the files of the scraper share:
 *
 *	scraper.c	  the loop: what is due is fetched, what was said is written
 *	scraper_input.c	  the job on standard input
 *	scraper_answer.c  what comes of a fetch: observation, states, evidence
 */
#ifndef TRAPEXIT_SCRAPE_SCRAPER_PRIVATE_H
#define TRAPEXIT_SCRAPE_SCRAPER_PRIVATE_H

#include "base/buf.h"
#include "base/map.h"
#include "scrape/confine.h"
#include "scrape/evidence.h"
#include "scrape/fetch.h"
#include "scrape/job.h"
#include "scrape/known.h"
#include "scrape/output.h"
#include "scrape/page_guard.h"
#include "scrape/reading.h"
#include "scrape/schedule.h"
#include "scrape/scraper.h"

/* A fetch under way. */
struct task {
	struct scraper *scraper;
	struct turn turn;
	struct task *next_free;
	struct task *next; /* of all, in flight or free */
};

struct scraper {
	const struct scrape_options *options;
	struct event_base *base;
	struct event *on_term, *on_int, *on_stdin, *on_time, *on_grace;
	int timer_fd;
	struct buf in;
	struct buf lines; /* of one slot, before they go out together */
	struct buf value; /* of a state in the making */
	struct output out;
	struct job job;
	struct schedule schedule;
	bool scheduled; /* the job is complete and begun */
	bool leaving;
	struct grid_clock clock;
	struct confine confine;
	struct page_guard *guard;
	struct fetcher *fetcher;
	struct readings *readings;
	struct map marks; /* of struct evidence_mark, by number of source and one; owned */
	struct evidence_limit evidence;
	struct task *tasks, *free_tasks;
	size_t in_flight, in_flight_max;
	int64_t fetches;
	int exit_code;
};

/* scraper.c */
int64_t scraper_now(const struct scraper *s);
void scraper_leave(struct scraper *s, int code);
/* Start all that is due; nothing while the reader of our output is behind. */
void scraper_pump(struct scraper *s);
/* The job is complete: take the time of the grid, once, and begin. */
void scraper_begin(struct scraper *s);

/* scraper_input.c */
void scraper_read(struct scraper *s, int fd);

/* scraper_answer.c */
/* The request to ask for this source: validators where they hold (P50). Borrows from `known`. */
void answer_prepare(const struct scraper *s, const struct job_source *src, struct known *known,
    struct fetch_request *request);
/* A slot is over: its lines, complete, into s->lines. r NULL: nothing was fetched, for this reason. */
void answer_report(struct scraper *s, const struct work *w, const struct fetch_result *r, const char *reason);
/* A slot will be tried again: the state that says so, into s->lines. */
void answer_put_try(struct scraper *s, const struct work *w);
/* The state that keeps us polite after a crash (P52), into s->lines. */
void answer_put_gap(struct scraper *s, struct site *site, int64_t now);
void answer_flush(struct scraper *s);

#endif
