/*
 * The numbers of a text, each with what stands around it: a currency mark, a
 * sign, words that say what the number is (P10 to P15). Internal to the reader.
 */
#ifndef TRAPEXIT_PRICE_CANDIDATE_H
#define TRAPEXIT_PRICE_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "price/currency.h"
#include "price/number.h"

#define CANDIDATES_MAX 64

struct candidate {
	struct number number;
	size_t start, end;	       /* of the number */
	size_t outer_start, outer_end; /* with its marks */
	struct currency_mark mark;     /* len 0: none touches it */
	bool mark_after;
	const char *cents; /* two digits behind the sign (P10); NULL: none */
	bool negative;	   /* P13 */
	bool rejected;	   /* P12 */
	bool struck;	   /* or `was`: a list price (P15.1) */
	bool now;
	bool from;
	bool per_unit;
	bool to_next; /* the low or high end of a range with the next one (P15.2) */
};

/* All candidates of folded text, in its order; at most CANDIDATES_MAX. */
size_t candidates_find(const char *text, size_t len, struct candidate *out);

#endif
