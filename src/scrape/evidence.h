/*
 * Evidence: the page on which a price is no longer found, or not believed, kept
 * for whoever mends the rule (architecture 7). Pure: time is an argument, in
 * milliseconds since 1970 of a clock that does not go back.
 *
 *	struct evidence_limit limit = EVIDENCE_LIMIT_INIT;	one a scraper
 *	struct evidence_mark mark = EVIDENCE_MARK_INIT;		one a source
 *
 *	if (evidence_is_wanted(&mark, status, now)) {
 *		struct evidence e = { .source = id, ..., .body = page, .len = n };
 *
 *		if (evidence_put(&e, &limit, &mark, now, &lines))
 *			... lines has the evidence, and behind it the state
 *	}			    evidence/SOURCE, from which a successor's
 *				    mark is made: evidence_mark_read()
 *
 * Kept is the page of a status no_match, ambiguous, suspect, blocked or limit, when
 * the source's last evidence was of another status or of another page, at most
 * every EVIDENCE_EVERY_MS for a source. A shop that changes all its pages in a
 * night would fill the disk with them: for all sources together there is a
 * burst of EVIDENCE_BURST, and then one each EVIDENCE_REFILL_MS.
 *
 * The lines are to go out behind those of the slot, not between them.
 */
#ifndef TRAPEXIT_SCRAPE_EVIDENCE_H
#define TRAPEXIT_SCRAPE_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define EVIDENCE_EVERY_MS (INT64_C(6) * 3600 * 1000)
#define EVIDENCE_BODY_MAX ((size_t)64 << 10)
#define EVIDENCE_BURST 16
#define EVIDENCE_REFILL_MS (INT64_C(5) * 60 * 1000)

/* What the source's last evidence was of; 24 bytes, as there may be 100,000. */
struct evidence_mark {
	int64_t at_ms; /* 0: there is none yet */
	uint64_t hash; /* of the whole page */
	char status;   /* its first letter, or 0 */
};

#define EVIDENCE_MARK_INIT { 0, 0, 0 }

struct evidence_limit {
	int64_t full_at_ms; /* when all of the burst will be there again */
};

#define EVIDENCE_LIMIT_INIT { 0 }

struct evidence {
	const char *source;
	const char *status; /* of the observation */
	const char *reason; /* NULL: the status says it */
	const char *url;
	int64_t slot;	 /* INT64_MIN: none */
	int64_t time_ms; /* by the wall clock, for people */
	long http_status; /* 0: none */
	const char *content_type; /* NULL: none */
	const char *body;
	size_t len;
	/*
	 * Of a page that is too large, the part around `price` (a text that stood there when one was found last), if
	 * it is there; else its beginning. NULL: not known.
	 */
	const char *price;
};

/* Would a page of this status be kept now, if it differs? Costs nothing: to be asked before the page is looked at. */
bool evidence_is_wanted(const struct evidence_mark *mark, const char *status, int64_t now_ms);
/* Append the lines and renew mark and limit; false: nothing new, or the limit is reached. */
bool evidence_put(const struct evidence *e, struct evidence_limit *limit, struct evidence_mark *mark, int64_t now_ms,
    struct buf *out);
/* From the value of a state evidence/SOURCE; what cannot be read is no mark. */
void evidence_mark_read(struct evidence_mark *mark, const char *value, size_t len);

#endif
