/*
 * The manners towards one site (P49, P51): how many requests at a time, which
 * rest between them, how long it is left alone when it asks for that. Pure:
 * time is an argument, in milliseconds of the grid's clock.
 *
 *	if (site_wait(site, &limits, now) == 0)
 *		site_begin(site, &limits, now);		a request goes out
 *	site_end(site, &limits, now);			its answer is there, ...
 *	site_refuse(site, retry_after_ms, began, now);	... and was 429 or 503
 *	site_forgive(site, began);			... or a page
 *
 * The gap is measured from an answer's end and varies by ±20 %, by a hash, so
 * that a test sees the same as the world. With a concurrency of N it is the
 * gap of each of N requests: one begins every gap/N. A Crawl-delay raises it
 * to itself, whatever the concurrency (P48).
 */
#ifndef TRAPEXIT_SCRAPE_SITE_H
#define TRAPEXIT_SCRAPE_SITE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "scrape/heap.h"

#define SITE_BUSY UINT16_MAX

struct work;

struct site_limits {
	int64_t gap_ms;
	uint32_t concurrency;
};

struct site {
	struct timed timed; /* in the schedule's `gaps` while work waits for the gap's end */
	STAILQ_HEAD(, work) waiting;
	int64_t next;	    /* no request before */
	int64_t began;	    /* the last request */
	int64_t ended;	    /* the last answer; INT64_MIN: none yet */
	int64_t takes_ms;   /* how long an answer is expected to take: as the last one did */
	int64_t refused_at; /* the latest 429 or 503; INT64_MIN: none */
	int64_t crawl_delay_ms;
	uint32_t strikes; /* 429 and 503 in a row */
	uint32_t told;	  /* ... as the last state said */
	uint16_t busy;	  /* requests under way */
	uint16_t claims;  /* redirects that wait to come here: they go before `waiting` */
	bool foreign;	  /* no source is here, only redirects lead here */
	char name[];	  /* as fetch_host() gives it */
};

struct site *site_new(const char *name); /* free(3) it */
/* How long until a request may begin; 0: now. When all requests are taken it is a guess, to be asked again. */
int64_t site_wait(const struct site *site, const struct site_limits *limits, int64_t now);
bool site_is_busy(const struct site *site, const struct site_limits *limits);
void site_begin(struct site *site, const struct site_limits *limits, int64_t now);
void site_end(struct site *site, const struct site_limits *limits, int64_t now);
/* No request went out: as it was before site_begin(), of which next was this. */
void site_undo(struct site *site, int64_t next);
/* It is well again, if the request was not begun before it refused one. */
void site_forgive(struct site *site, int64_t began);
/* What its robots.txt asks for (P48); 0: nothing. It counts from the end of the last answer, too. */
void site_set_crawl_delay(struct site *site, int64_t ms);
/* retry_after_ms 0: not said; then 60 s doubling to 6 h, with full jitter. Requests that ran together count once. */
void site_refuse(struct site *site, int64_t retry_after_ms, int64_t began, int64_t now);

/*
 * The state gap/HOST, by which a successor keeps the manners (P52): its value,
 * and from that. While a request is under way it is said until when the gap
 * would last behind the answer to expect: the successor cannot see that end.
 */
void site_put_state(struct site *site, int64_t now, struct buf *out);
void site_read_state(struct site *site, const char *value, size_t len, int64_t now);

#endif
