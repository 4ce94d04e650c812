/*
 * What a fetch has come to, as one line: trapexit-observation(5).
 */
#ifndef TRAPEXIT_SCRAPE_OBSERVE_H
#define TRAPEXIT_SCRAPE_OBSERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/offer.h"
#include "price/plausible.h"
#include "scrape/fetch.h"

struct trace;

struct observed {
	const char *source;
	const char *product; /* NULL: the page's title */
	const char *url;     /* NULL: not known */
	int64_t slot;	 /* INT64_MIN: none */
	int64_t time_ms; /* since 1970 */
	const struct offer *offer; /* NULL: there is no page */
	const char *reason; /* without an offer: why not */
	const char *error;  /* the same for people; NULL: nothing to add */
	const struct trace *trace; /* to be shown; NULL: none */
	const struct fetch_result *fetch; /* NULL: nothing was fetched */
	enum doubt doubt;  /* of the offer's price (P42, P43) */
	bool not_modified; /* the page is as it was (P50), and so is ... */
	enum availability availability; /* ... what it said of this */
	bool gone; /* 404 or 410 for the third time (P51) */
};

/* A word of trapexit-observation(5), Statuses. */
const char *observe_status(const struct observed *o);
/* Why it is not "ok", in a stable word; NULL if the status says it all. */
const char *observe_reason(const struct observed *o);
/* Append the line with its newline. */
void observe_put(struct buf *out, const struct observed *o);
/* Append the members of a reading alone; `reason` if it gave no amount. */
void observe_put_reading(struct buf *out, const struct money *m, const char *reason);
/* Append ,"candidates":[...]. */
void observe_put_trace(struct buf *out, const struct trace *trace);
/* Append {"type":"state","key":PREFIX+NAME,"value":VALUE}; value is JSON. */
void observe_put_state(struct buf *out, const char *prefix, const char *name, const char *value);

#endif
