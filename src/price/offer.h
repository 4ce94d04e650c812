/*
 * What a page offers (P1, P5): price, availability, title, and how they were
 * found. Plain values; an offer borrows nothing.
 */
#ifndef TRAPEXIT_PRICE_OFFER_H
#define TRAPEXIT_PRICE_OFFER_H

#include "price/availability.h"
#include "price/reader.h"

#define OFFER_TITLE_SIZE 256

/* In the order of P20. */
enum method {
	METHOD_NONE,
	METHOD_RULE,
	METHOD_JSON_LD,
	METHOD_MICRODATA,
	METHOD_RDFA,
	METHOD_OPENGRAPH,
	METHOD_V_RDFA,
	METHOD_HEURISTIC,
};
#define METHOD_COUNT 8

/* Why there is no price (P6): stable text for scripts, in reason_none_text(). */
enum reason_none {
	NONE_PRICE_FOUND, /* there is one */
	NONE_NO_MATCH,
	NONE_AMBIGUOUS,
	NONE_NOT_A_PRODUCT,
	NONE_BLOCKED, /* P44 */
	NONE_TOO_LARGE,
	NONE_LIMIT,
	NONE_BAD_CHARSET,
	NONE_BAD_RULE,
	NONE_TOO_MANY_DIGITS, /* P2 */
};

struct offer {
	enum method method; /* METHOD_NONE: no price */
	struct money money;
	enum availability availability;
	char title[OFFER_TITLE_SIZE]; /* "" if absent */
	enum reason_none none;
	const char *rule; /* static: the kind of the rule that decided; NULL: none did */
	unsigned warnings;
	bool has_other; /* with WARN_SOURCE_CONFLICT: what the first that differs says (P45) */
	struct amount other;
	enum method other_method;
};

const char *method_text(enum method m); /* "json-ld"; NULL for none */
const char *reason_none_text(enum reason_none r);
/* P5: stated by the page or by a rule, or inferred from how it looks. */
const char *offer_confidence(const struct offer *o);
/* A title from text of any length: blanks collapsed, cut in whole characters. */
void offer_title(const char *text, size_t len, char out[OFFER_TITLE_SIZE]);
/* Title from text of any length; blanks collapsed. Does nothing if there is one. */
void offer_set_title(struct offer *o, const char *text, size_t len);
/* A sold out or discontinued thing. */
bool offer_is_unavailable(const struct offer *o);

#endif
