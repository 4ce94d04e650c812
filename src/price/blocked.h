/*
 * A page that stands in the place of the one that was asked for (P44): a
 * captcha, a login, a consent, an error, in spite of its status 200.
 *
 * Asked only of pages on which no price was found: a product's page with a
 * login in its header, a cookie banner or a captcha in its form of reviews is
 * none of these.
 */
#ifndef TRAPEXIT_PRICE_BLOCKED_H
#define TRAPEXIT_PRICE_BLOCKED_H

#include "price/extract.h"
#include "price/markup.h"

struct blocked_facts {
	struct slice title; /* what <title> holds; p NULL: none */
	bool product;	    /* some source knows a product */
	bool looks;	    /* something looks like a price, or a button buys */
};

struct blocked {
	bool is;
	const char *why; /* static, for the trace: "title", "captcha", "no text" */
	size_t letters;	 /* of text that people see, without blanks */
};

void blocked_check(const struct extract *x, const struct blocked_facts *facts, struct blocked *out);

#endif
