/*
 * Currencies: ISO 4217, the signs that stand beside amounts, and who decides
 * when a sign is of several (P3, P17, P18, P19). The table is currency.def.
 *
 *	struct currency_mark mark;
 *
 *	if (currency_mark_at(text, len, &mark) > 0)
 *		code = currency_resolve(&mark, page_field, locale);
 */
#ifndef TRAPEXIT_PRICE_CURRENCY_H
#define TRAPEXIT_PRICE_CURRENCY_H

#include <stdbool.h>
#include <stddef.h>

struct currency {
	const char *code; /* static */
	unsigned exponent;
	bool historic;
};

/* What was found beside an amount. */
struct currency_mark {
	const char *text; /* slice of the input */
	size_t len;
	const char *codes; /* static: one code, or several apart by blanks */
	bool is_code;	   /* an ISO code, not a sign */
	bool minor;	   /* the amount counts hundredths (P19) */
	bool usual;	   /* the first of codes, unless something names another of them */
	bool weak;	   /* a letter that is often something else */
};

/* By code, of any case, or number; old spellings give the current one. NULL if there is none. */
const struct currency *currency_find(const char *code, size_t len);
/*
 * The longest mark at the start (or at the end) of folded text; returns its
 * length or 0. A mark made of letters is a token of its own (P19).
 */
size_t currency_mark_at(const char *text, size_t len, struct currency_mark *mark);
size_t currency_mark_before(const char *text, size_t len, struct currency_mark *mark);
/*
 * Which of mark->codes it is: the only one; the page's field if the list has
 * it; what the locale's country pays with (P18). NULL if all that leaves it
 * open: never a guess. Both may be NULL. (The target's own word, `currency`,
 * stands above all of this: P17.)
 */
const struct currency *currency_resolve(const struct currency_mark *mark, const char *page, const char *locale);
/* As currency_mark_at(), of what is a currency also where no amount is near: no product word, no lone letter. */
size_t currency_mark_alone(const char *text, size_t len, struct currency_mark *mark);
/* Does the list hold the code? */
bool currency_list_has(const char *codes, const char *code);
/* Have two lists a code in common? */
bool currency_lists_meet(const char *a, const char *b);
/* What is paid with in the country of a locale ("en-GB", "de_CH"); NULL if it names none. */
const struct currency *currency_of_locale(const char *locale);
/* The grouping separator of a locale, '.' or ',' or another; 0 if it does not say (P9.6, P16). */
char locale_grouping(const char *locale);

#endif
