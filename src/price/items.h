/*
 * The items of a page as the scan has collected them. Internal to extract_items.c
 * (which reads them) and items.c (which collects).
 */
#ifndef TRAPEXIT_PRICE_ITEMS_H
#define TRAPEXIT_PRICE_ITEMS_H

#include "price/extract_items.h"

#define ITEMS_DEPTH_MAX 2000 /* P38 */
#define ITEMS_PROPS_MAX 10000
#define ITEMS_MAX 5000
#define ITEMS_IDS_MAX 1000	/* elements that itemref may name */
#define ITEMS_PREFIXES_MAX 32

struct item {
	enum method method;
	int parent; /* -1: none */
	struct slice types, id, refs;
	struct slice props; /* what it is to its parent; p NULL: nothing */
	const char *at;	    /* its tag */
};

struct prop {
	enum method method;
	int item; /* -1: none */
	const char *name; /* static: as linked data has it; v:currency is priceCurrency */
	struct slice value;
	bool text;  /* the value is an element's text, else an attribute's */
	bool is_id; /* an address: it may name another item */
	bool struck; /* it stands in <del>, <s> or <strike> (P15.1) */
	bool old;    /* the class of an element around it says that it was the price before */
	const char *at;
};

/* An element with an id: its properties belong to who names it in itemref, too (P26). */
struct named {
	struct slice id;
	const char *start, *end;
	int item; /* that it stands in */
};

struct element {
	struct slice name;
	int micro, rdfa; /* the nearest items; -1: none */
	enum method vocabulary; /* of terms without a prefix: METHOD_RDFA or METHOD_V_RDFA */
	struct slice rel; /* what items below are to the one around (rel=, without one of its own) */
	size_t first_prop, n_props; /* that wait for the end of this element */
	int named;	  /* -1: it has no id */
	const char *at;	  /* its tag */
};

struct prefix {
	struct slice name;
	bool retired; /* data-vocabulary.org or GoodRelations */
	bool schema;
};

struct items {
	const char *text, *end;
	bool has_refs, has_micro; /* in the whole page */
	unsigned seen; /* PAGE_SOURCE() of the vocabularies that were met */
	size_t n_items, n_props, n_named, n_prefixes, depth;
	struct prefix prefixes[ITEMS_PREFIXES_MAX];
	struct element stack[ITEMS_DEPTH_MAX];
	struct named named[ITEMS_IDS_MAX];
	struct item items[ITEMS_MAX];
	struct prop props[ITEMS_PROPS_MAX];
};

/* What linked data calls a property of this local name; NULL: nothing is read from it. */
const char *items_known(struct slice local);

#endif
