/*
 * What one source says of the page's product, before the sources are compared
 * (P20, P45): a plain value. Internal to the extractor.
 *
 *	struct stated stated = { .method = METHOD_JSON_LD };
 *
 *	extract_jsonld(x, &blocks, &stated);
 *	stated_merge(x, &stated, offer);	in the order of P20
 */
#ifndef TRAPEXIT_PRICE_STATED_H
#define TRAPEXIT_PRICE_STATED_H

#include "price/extract.h"
#include "price/markup.h"
#include "price/offer.h"
#include "price/trace.h"

struct stated {
	enum method method;
	struct money money; /* has_amount: there is one */
	const struct currency *currency; /* of an offer that has one and no amount: what is read elsewhere may want it */
	enum availability availability;
	char title[OFFER_TITLE_SIZE];
	bool product;  /* it knows a product, priced or not */
	bool listed;   /* it knows of products in lists only (P23) */
	bool other;    /* it knows what the page is about, and that is no product */
	bool limit;    /* some of it was too much to be read (P38) */
	bool too_long; /* an amount had more digits than fit (P2) */
	unsigned warnings;
	struct trace_entry *entry; /* of the amount; NULL without a trace */
};

/*
 * Into the offer what is absent from it; the first amount stays, and one that
 * differs is warned of (P45). An offer that a user's rule has priced, or has
 * tried to, is given no amount.
 */
void stated_merge(const struct extract *x, struct stated *s, struct offer *o);
/* P18: the field has a sign that several currencies share: it is reported, and what is known of the page decides. */
void stated_take_sign(const struct extract *x, const char *sign, struct money *money);
/* P17, P18: what a text leaves open, or the country has decided, the page's own field decides. */
void stated_settle_currency(const struct currency *page, struct money *money);
/* Something of the product that people see: against what the sources state (P30). */
void stated_merge_seen(enum availability seen, struct offer *o);
/* The line of the page in which the place is, from 1. */
size_t extract_line(const struct extract *x, const char *place);
/* The text of an element of which a price is to be read: hidden duplicates are left out (P27). False: too long. */
bool extract_price_text(const struct extract *x, struct slice piece, struct buf *out);
/* The same, and what was read of it as of people's text: has_amount tells whether anything was. */
bool extract_price_read(const struct extract *x, struct slice piece, struct buf *out, struct money *money);

#endif
