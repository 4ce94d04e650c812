/*
 * What people see of a page, as far as its tags tell: elements that may be a
 * price, the heading, the buttons to buy, what is said of the stock (P29, P30).
 * A flat scan with a stack of open elements, no tree, no recursion (P36, P37).
 *
 *	struct seen *seen = seen_new();
 *
 *	seen_scan(seen, text, len);
 *	... seen->prices[0 .. n_prices)
 *	seen_free(seen);
 *
 * Slices of the text.
 */
#ifndef TRAPEXIT_PRICE_SEEN_H
#define TRAPEXIT_PRICE_SEEN_H

#include "price/availability.h"
#include "price/class_word.h"
#include "price/markup.h"

#define SEEN_DEPTH_MAX 2000 /* P38 */
#define SEEN_PRICES_MAX 500
#define SEEN_BUYS_MAX 64
#define SEEN_BARE_MAX 16
#define SEEN_BARE_TEXT 24
#define SEEN_STOCK_TEXT 160 /* longer texts say more than whether there is some */
#define SEEN_RUN_TEXT 80

/* Where an element stands. */
enum {
	SEEN_ASIDE = 1 << 0,	/* among related things, in cart, header, footer, navigation */
	SEEN_STRUCK = 1 << 1,	/* s, del, strike, or a class that says old */
	SEEN_HIDDEN = 1 << 2,
	SEEN_HEADING = 1 << 3,	/* in h1 to h3 */
	SEEN_LISTED = 1 << 4,	/* one of many products */
	SEEN_CHOICE = 1 << 5,	/* in a select: one of the variants */
	SEEN_TEMPLATE = 1 << 6,	/* not shown at all */
	SEEN_SIDE = 1 << 7,	/* shipping, unit, instalment */
	SEEN_HEADER = 1 << 8,	/* aside, unless the heading stands there, too */
	SEEN_VARIANT = 1 << 9,	/* a button or entry of a list for one of the variants */
};

struct seen_price {
	struct slice tag_name, class_name, piece, parent; /* parent: the content of the element around it */
	struct slice data;  /* of data-…price; p NULL: none */
	const char *at;
	unsigned class_bits, where;
	int outer;	    /* the candidate around it; -1: none */
	size_t order;	    /* the number of its tag in the page */
	size_t headings;    /* smaller headings between h1 and it */
};

struct seen_element {
	struct slice name;
	const char *content;
	unsigned where;
	int price;	   /* the innermost candidate; -1: none */
	size_t first_price; /* candidates from here on are inside */
	size_t n_prices;    /* of them still without a parent's end */
	bool is_price;
	bool is_stock;
	bool is_heading; /* h2 to h6: what it says decides of what follows in its parent */
};

struct seen {
	struct seen_element stack[SEEN_DEPTH_MAX];
	size_t depth;
	struct seen_price prices[SEEN_PRICES_MAX];
	size_t n_prices;
	size_t buys[SEEN_BUYS_MAX]; /* the numbers of their tags */
	size_t n_buys;
	size_t order;
	bool has_h1;
	size_t h1_order;
	struct slice h1;
	size_t headings; /* smaller ones since h1 */
	struct slice bare[SEEN_BARE_MAX]; /* texts of a few letters with a digit, between heading and first button, of no candidate */
	size_t n_bare;
	enum availability stock; /* said by an element for it; the worst */
	enum availability run;	 /* said by a few words anywhere in the product's block */
	const char *text_from;	 /* where the text since the last tag begins */
	const char *end;
};

struct seen *seen_new(void);
void seen_free(struct seen *s);
void seen_scan(struct seen *s, const char *text, size_t len);
/* What is said of the stock inside of the product's block; absent if nothing is. */
enum availability seen_availability(const struct seen *s);

#endif
