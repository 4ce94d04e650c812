/*
 * From a price that a person sees on a page to rules that find it: every place
 * where this amount stands, and for each place rules that were tried on the
 * page, those that will hold longest first.
 *
 *	struct learned l;
 *
 *	learn_page(&page, &want, &l);
 *	for (i = 0; i < l.n; i++)
 *		... l.rules[i].kind, l.rules[i].text, l.rules[i].money
 *	learned_release(&l);
 *
 * What holds long: ids, itemprops and the like, classes that a person has
 * named, short paths; not what a program has numbered or hashed. Pure.
 */
#ifndef TRAPEXIT_PRICE_LEARN_H
#define TRAPEXIT_PRICE_LEARN_H

#include "price/extract.h"
#include "price/rule_check.h"

#define LEARN_PLACES_MAX 24 /* that are looked at; further ones are left */
#define LEARN_RULES_MAX 48
#define LEARN_OTHERS_MAX 32

struct learn_rule {
	enum rule_kind kind;
	char *text;
	unsigned rank;	    /* the less the better */
	size_t matches;	    /* pieces that it selects; the first with an amount is the price */
	struct money money; /* what it gives on this page */
};

struct learned {
	struct offer automatic; /* what is found without a rule */
	bool automatic_finds;	/* ... and it is the price */
	struct learn_rule rules[LEARN_RULES_MAX];
	size_t n;
	size_t places; /* where the price stands */
	struct money others[LEARN_OTHERS_MAX]; /* amounts that stand there, if the price does not */
	size_t n_others;
};

/* `want` is what the reader made of the person's words: its currency counts if it has one. */
void learn_page(const struct page *page, const struct money *want, struct learned *out);
void learned_release(struct learned *l);

#endif
