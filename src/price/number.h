/*
 * Numbers as people write them (P8, P9, P11): what is one, and which of its
 * separators is the decimal one.
 *
 *	n = number_scan(text, len, &number);	 text[0] a digit or a separator
 *	if (n > 0)
 *		result = number_value(&number, &rules, &amount, &ambiguous);
 *
 * Text is folded (fold.h). A number borrows its digits from the text.
 */
#ifndef TRAPEXIT_PRICE_NUMBER_H
#define TRAPEXIT_PRICE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#include "price/amount.h"

#define NUMBER_GROUPS_MAX 16

/* '.' ',' '\'' ' ' or this for the middle dot */
#define NUMBER_MIDDLE_DOT '\x01'

struct number {
	struct {
		const char *digits;
		size_t len;
		char separator; /* before it; 0 for the first, unless the number begins with one */
	} groups[NUMBER_GROUPS_MAX];
	size_t n_groups;
	bool too_many; /* groups */
};

struct number_rules {
	char decimal;	/* told (P9.1); 0: not */
	char group;	/* told; 0: not */
	bool machine;	/* P9.2 applies where the text has its form */
	unsigned exponent; /* of the currency (P9.6) */
	char locale_group; /* P16; 0: none */
	bool whole;	   /* its cents stand elsewhere, or a dash for them (P10, P11): what it has are groups */
};

/* The length of the number at the start of text; 0 if there is none. Trailing separators are left. */
size_t number_scan(const char *text, size_t len, struct number *out);
/* Its value; *ambiguous is set by P9.6. AMOUNT_MALFORMED: a date, a version, no number. */
enum amount_result number_value(
    const struct number *n, const struct number_rules *rules, struct amount *out, bool *ambiguous);
/* Behind a number: a dash for the cents (P11). Its length, or 0. */
size_t number_cents_dash(const char *text, size_t len);

#endif
