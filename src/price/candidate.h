/*
 * The numbers of a text, each with what stands around it: a currency mark, a
 * sign, words that say what the number is (P10 to P15). Internal to the reader.
 *
 *	candidates_find(&list);		 text, len, hints filled by the caller
 *
 * It goes in steps, each a file: the numbers (candidate.c), their marks
 * (candidate_mark.c), evidence that one is no price (candidate_reject.c), and
 * words and ranges (candidate_words.c).
 */
#ifndef TRAPEXIT_PRICE_CANDIDATE_H
#define TRAPEXIT_PRICE_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>

#include "price/currency.h"
#include "price/number.h"
#include "price/reader.h"
#include "price/words.h"

/* A number and what parts it from the next are two bytes at least: none is lost. */
#define CANDIDATES_MAX (READER_TEXT_MAX / 2 + 1)

struct candidate {
	uint16_t start, end;		 /* of the number */
	uint16_t outer_start, outer_end; /* with its marks */
	uint16_t cents;			 /* where digits for its cents stand (P10); 0: nowhere */
	uint8_t n_cents;
	uint8_t zeros;		   /* of its magnitude (P14) */
	struct currency_mark mark; /* len 0: none touches it */
	bool mark_after;
	bool minor_behind; /* pence behind an amount of pounds */
	bool dash;	   /* a dash stands for its cents (P11) */
	bool magnitude;	   /* it has one */
	bool negative;	   /* P13 */
	bool rejected;	   /* P12, P13 */
	bool unit;	   /* rejected by what stands behind it: a unit, a count, a time … */
	uint32_t unit_kinds;
	bool struck; /* or `was`: a list price (P15.1) */
	bool usual;  /* struck if another price stands beside it */
	bool now;
	bool from, from_behind; /* P15.3 */
	bool per_unit;
	bool aside;	   /* shipping, a deposit */
	bool to_next;	   /* the low or high end of a range with the next one (P15.2) */
	bool from_previous; /* the other end of it */
};

struct candidates {
	const char *text; /* folded */
	size_t len;
	const char *source; /* what it was folded from, and where (fold.h) */
	const uint16_t *origin;
	const struct reader_hints *hints;
	size_t n_words, n;
	struct word words[WORDS_MAX];
	struct candidate list[CANDIDATES_MAX];
};

/* All candidates of the text, in its order. */
void candidates_find(struct candidates *c);

/* The steps. */
void candidates_mark(struct candidates *c);
void candidates_reject(struct candidates *c);
void candidates_read_words(struct candidates *c);
void candidates_find_ranges(struct candidates *c);

/* Is there something before the number that makes it a part of a name, or the number of something? */
bool candidate_is_named(const struct candidates *c, size_t i);
/* Digits alone: no separator but of groups, no dash for cents. */
bool candidate_is_whole(const struct candidates *c, size_t i);
/* Two decimals, or a dash or a sign in their place: written as prices are. */
bool candidate_has_cents(const struct candidates *c, size_t i);
/* The first word that begins at or behind a place. */
size_t candidates_word_from(const struct candidates *c, size_t at);
/* Past a blank, if there is one. */
size_t candidates_skip_blank(const struct candidates *c, size_t at);

#endif
