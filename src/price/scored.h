/*
 * A candidate of the heuristic (P29): what the element that may be the price
 * says, and the part of its score that its own text tells.
 */
#ifndef TRAPEXIT_PRICE_SCORED_H
#define TRAPEXIT_PRICE_SCORED_H

#include "price/extract.h"
#include "price/seen.h"
#include "price/stated.h"
#include "price/trace.h"

#define SCORED_APART (SEEN_ASIDE | SEEN_TEMPLATE) /* of other things, or of none */

struct scored {
	const struct seen_price *seen;
	struct money money;
	bool priced;
	bool digits;	/* its text has no word and no separator: it may be the cents of another */
	bool explained; /* a part or the old price of the one around it; or around an old one, which it took for its own */
	bool repeated;	/* one of several of its kind that differ */
	int score;
	struct trace_entry *entry;
};

struct scorer {
	const struct extract *x;
	const struct seen *seen;
	struct scored *all;
	size_t n;
};

/* Reads c->seen, which is set, into the rest of *c. What cannot be the price is read only to be shown in the trace. */
void scored_read(const struct extract *x, struct scored *c);
/* The amount of a short text, above 0. */
bool scored_amount(const struct extract *x, const struct buf *text, bool machine, struct money *out);

#endif
