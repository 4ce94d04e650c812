/*
 * Words that say what a number beside them is (P12 to P15), in many languages.
 * The table is words.def. Case does not matter; a word is a token of its own,
 * but in scripts that have no blanks between words.
 *
 *	n = words_find(text, len, words, WORDS_MAX);
 *
 * Text is folded (fold.h).
 */
#ifndef TRAPEXIT_PRICE_WORDS_H
#define TRAPEXIT_PRICE_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define WORDS_MAX 1024 /* further ones are passed over */

/* What a word is. _BEHIND: it stands behind the number that it speaks of, else before it. */
enum {
	WORD_NOW = 1 << 0, /* P15.1 */
	WORD_NOW_BEHIND = 1 << 1,
	WORD_WAS = 1 << 2, /* P15.1 */
	WORD_WAS_BEHIND = 1 << 3,
	WORD_FROM = 1 << 4, /* P15.3 */
	WORD_FROM_BEHIND = 1 << 5,
	WORD_OFF = 1 << 6, /* P13: what is taken off */
	WORD_OFF_BEHIND = 1 << 7,
	WORD_PER = 1 << 8, /* P15.5 */
	WORD_PER_BEHIND = 1 << 9,
	WORD_ASIDE = 1 << 10, /* an amount beside the price: shipping, tax, deposit */
	WORD_ASIDE_BEHIND = 1 << 11,
	WORD_MEASURE = 1 << 12, /* P12: a unit behind a number */
	WORD_COUNT = 1 << 13,	/* what is counted, or rated */
	WORD_TIME = 1 << 14,	/* hours, days, o'clock */
	WORD_MONTH = 1 << 15,	/* a month by name */
	WORD_LABEL = 1 << 16,	/* the number behind it is no amount: SKU, tel., size */
	WORD_TO = 1 << 17,	/* P15.2: between two ends */
	WORD_AND = 1 << 18,	/* the same behind WORD_BETWEEN */
	WORD_BETWEEN = 1 << 19,
	WORD_OF = 1 << 20,	/* 4.5 out of 5 */
	WORD_TIMES = 1 << 21,	/* 3 x 9.99 */
	WORD_INSTALMENT = 1 << 22,
	WORD_FILLER = 1 << 23, /* may stand between a word and its number */
	WORD_FREE = 1 << 24,   /* P31 */
	WORD_DROP = 1 << 25,   /* from one price to a lower one: auf, down to */
	WORD_USUAL = 1 << 26,  /* a list price if another price stands beside it, else the price */
	WORD_USUAL_BEHIND = 1 << 27,
	WORD_FREE_SHIPPING = 1 << 28,
	WORD_OVER = 1 << 29, /* and behind WORD_FREE_SHIPPING: what is to be spent for that */
	WORD_OVER_BEHIND = 1 << 30,
};

struct word {
	uint16_t start, end; /* in the text */
	uint32_t kinds;
};

/* The words of a text, in its order; of those that begin at one place the longest. */
size_t words_find(const char *text, size_t len, struct word *out, size_t max);
/* The kinds of the word that the text begins with, and its length; 0 if it begins with none. */
uint32_t words_at(const char *text, size_t len, size_t *length);

/*
 * A suffix of magnitude (P14) at the start of the text: its length, and how
 * many zeros it stands for; 0 if there is none.
 */
size_t magnitude_at(const char *text, size_t len, unsigned *zeros);

#endif
