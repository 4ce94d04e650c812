/*
 * Elements inside each other, from the flat scan (markup.h), by the rules of
 * HTML for end tags that are left out: <p>, <li>, <td>, a missing <tbody>, a
 * missing <html>, <head> or <body>. What css and xpath rules look at.
 *
 *	struct nest nest;
 *
 *	nest_run(&nest, page, len, &ops, arg);
 *
 * calls back in the order of the page: each element opens, has text, closes;
 * void elements do both at once. Iterative; memory is bounded by the depth,
 * time by the length of the page and NEST_STEPS_MAX. Misnested formatting
 * (<b><p></b>) is not sorted out as browsers do: it closes with its parent.
 */
#ifndef TRAPEXIT_PRICE_NEST_H
#define TRAPEXIT_PRICE_NEST_H

#include <stdbool.h>
#include <stddef.h>

#include "price/markup.h"

#define NEST_DEPTH_MAX 2000		/* P38 */
#define NEST_STEPS_MAX (32u << 20)	/* looks up the open elements, in a page */
#define NEST_KNOWN_MAX 160

struct nest_element {
	struct slice name; /* in the page, or a static name if the tag was left out */
	unsigned known;	   /* of the names in nest.c; 0: another */
	const char *content; /* behind its tag */
};

/* False from any of them ends the run. depth: that of the element, 0 for <html>. */
struct nest_ops {
	/* The tag has no attributes if it was left out. */
	bool (*open)(void *arg, unsigned depth, const struct tag *tag);
	bool (*close)(void *arg, unsigned depth, const struct nest_element *e, const char *end);
	/* What stands between two tags, comments and all, or in a script or the like (raw). NULL: nobody asks. */
	bool (*text)(void *arg, unsigned depth, struct slice text, bool raw);
	/* A second <html> or <body>: the attributes it adds to the first. NULL: nobody asks. */
	bool (*again)(void *arg, unsigned depth, const struct tag *tag);
};

struct nest {
	struct markup markup;
	const struct nest_ops *ops;
	void *arg;
	struct nest_element stack[NEST_DEPTH_MAX];
	unsigned depth;	    /* open elements */
	unsigned skipped;   /* open ones beyond NEST_DEPTH_MAX */
	unsigned foreign;   /* depth of the outermost <svg> or <math>; 0: not in one */
	unsigned open_known[NEST_KNOWN_MAX]; /* how many of each name are open */
	unsigned steps;
	bool had_head, had_body;
	bool limit;   /* the page is deeper than NEST_DEPTH_MAX, or too tangled */
	bool stopped; /* by an op */
};

/* Until the end of the page, or an op says false. `n` is filled from anew; n->limit says that elements were left out. */
void nest_run(struct nest *n, const char *page, size_t len, const struct nest_ops *ops, void *arg);

#endif
