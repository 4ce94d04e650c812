/*
 * A page to an offer (P20): the user's rule, or what the page states in
 * JSON-LD, microdata, RDFa, OpenGraph or the retired v: vocabulary, in that
 * order. Pure: bytes in, offer out.
 *
 *	struct page page = { .body = p, .len = n, .content_type = type, .url = url };
 *	struct offer offer;
 *
 *	extract_page(&page, rule, &offer);
 *	if (offer.method == METHOD_NONE)
 *		... reason_none_text(offer.none)
 *
 * A rule is compiled once (extract_rule.h) and borrowed.
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_H
#define TRAPEXIT_PRICE_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "price/offer.h"

struct rule;
struct trace;

#define PAGE_SOURCE(method) (1u << (method))
/* To be raised when the same page may give another offer: what was kept of the old one is then forgotten (P50). */
#define EXTRACT_VERSION 1

struct page {
	const char *body; /* as received, content coding undone */
	size_t len;
	const char *content_type; /* of the header; NULL: none */
	const char *charset;	  /* told (P32); NULL: found out */
	const char *url;	  /* NULL: unknown */
	const char *today;	  /* "2026-11-22", for priceValidUntil; NULL: unknown */
	const char *currency;	  /* told (P17); NULL: read it */
	const char *locale;	  /* told (P16); NULL: from the page */
	const char *known_title;  /* of the last accepted offer (P44); NULL: unknown */
	char decimal;		  /* told (P9.1): '.' or ','; 0: read it */
	char group;
	bool named;	     /* the caller has a name for the product: the title is not asked for */
	bool allow_zero;     /* P31 */
	bool allow_negative; /* P13 */
	bool magnitudes;     /* P14 */
	unsigned sources;    /* the automatic ones that may be used (P20): PAGE_SOURCE() of each; 0: all */
	const volatile int *stop; /* raised from outside: the page has had its time (P38); NULL: it has all */
	struct trace *trace; /* all candidates go there (trace.h); NULL: nobody asks */
};

/* What all sources are given: the page as UTF-8, and the hints for the reader. */
struct extract {
	const struct page *page;
	const char *text;
	size_t len;
	struct reader_hints hints;
	const char *canonical; /* what the page says its address is; NULL: nothing */
	const char *heading;   /* its main heading: the tag of the first <h1>; NULL: none */
	const char *title;     /* the content of its <title>; NULL: none */
	size_t title_len;
	bool ruled;	       /* there is a user's rule for the price: no other source is used for it (P20) */
};

/* P38: has the page had its time? For loops over what a page may have much of. */
bool extract_is_stopped(const struct extract *x);

/* What the caller has told the reader of amounts. */
struct reader_hints extract_hints(const struct page *page);
void extract_page(const struct page *page, struct rule *rule, struct offer *out);

#endif
