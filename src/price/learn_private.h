/* What learn*.c share: a place where the price stands, and rules for it. */
#ifndef TRAPEXIT_PRICE_LEARN_PRIVATE_H
#define TRAPEXIT_PRICE_LEARN_PRIVATE_H

#include <stdint.h>

#include "base/buf.h"
#include "price/learn.h"
#include "price/select.h"

#define LEARN_LEVELS 8 /* elements around a place that may be named in a rule */

/* What a rule can name an element by; slices of the page. */
struct learn_element {
	struct slice name, id, classes;
	struct slice attr, attr_value; /* itemprop and the like; p NULL: none */
	unsigned nth;		       /* of its type */
	struct slice label, label_name; /* the element right before it and its content, if that is short; p NULL: none */
};

struct learn_place {
	struct learn_element path[LEARN_LEVELS]; /* the element itself first */
	size_t n_path;
	struct slice attr; /* the price is its value; p NULL: in the text */
	struct slice tag;  /* as it is written */
	struct slice content;
	bool aside; /* where no product of the page is sold: by the words of what is around it */
};

struct learner {
	const struct page *page;
	const struct money *want;
	struct extract x;
	struct matcher *matcher;
	struct learned *out;
	struct learn_place *places;
	size_t n_places;
	unsigned handicap; /* of the place that is looked at, in ranks */
	uint64_t spent; /* on tries, in bytes of page that were looked at */
};

/* Is it the price? */
bool learn_is_wanted(const struct learner *l, const struct money *m);
/* Read a text as a rule's piece is read. */
bool learn_reads(const struct learner *l, struct slice text, bool markup, bool machine, struct money *m);
/* Note an amount that stands there. */
void learn_note(struct learner *l, const struct money *m);
/* Try a rule; keep it, if it gives the price. Takes over the text of `rule`. Returns whether. */
bool learn_try(struct learner *l, enum rule_kind kind, struct buf *rule, unsigned rank);
/* A word that a person has chosen: no hash, no number. */
bool learn_is_word(struct slice s);
/* Does it speak of prices? */
bool learn_is_of_price(struct slice s);

/* Selectors, paths and patterns for a place (learn_rules.c). */
void learn_place_rules(struct learner *l, const struct learn_place *place);
/* Patterns for what scripts say, pointers for what JSON says (learn_script.c). */
void learn_script(struct learner *l, struct slice script);
bool learn_json(struct learner *l);

#endif
