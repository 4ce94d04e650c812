/*
 * Properties that stand in the elements of the page: microdata (P26), RDFa
 * Lite and the retired v: vocabulary (P27).
 *
 * A flat scan feeds tree_tag(); a stack of open elements says who belongs to
 * whom, without a tree and without recursion (P36, P37). What is misnested is
 * closed where the first element around it closes.
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_TREE_H
#define TRAPEXIT_PRICE_EXTRACT_TREE_H

#include "price/extract.h"
#include "price/markup.h"

#define TREE_DEPTH_MAX 2000 /* P38 */
#define TREE_PROPS_MAX 2000
#define TREE_ITEMS_MAX 2000

enum item_type { ITEM_UNTYPED, ITEM_PRODUCT, ITEM_OFFER, ITEM_SPECIFICATION, ITEM_OTHER };

enum prop_name {
	PROP_NONE,
	PROP_PRICE,
	PROP_LOW_PRICE,
	PROP_HIGH_PRICE,
	PROP_CURRENCY,
	PROP_AVAILABILITY,
	PROP_NAME,
};

struct tree_item {
	int parent; /* -1: none */
	enum item_type type;
	bool aside; /* isRelatedTo and the like */
};

struct tree_prop {
	enum method method;
	enum prop_name name;
	int item; /* -1: none */
	struct slice value;
	bool machine; /* an attribute, not text */
};

struct tree_element {
	struct slice name;
	int item[METHOD_COUNT]; /* the nearest of microdata and of RDFa */
	size_t first_prop, n_props; /* that wait for the end of this element */
};

struct tree {
	struct tree_item items[TREE_ITEMS_MAX];
	size_t n_items;
	struct tree_prop props[TREE_PROPS_MAX];
	size_t n_props;
	struct tree_element stack[TREE_DEPTH_MAX];
	size_t depth;
};

void tree_tag(struct tree *t, const struct tag *tag);
/* Close what is still open at the end of the page. */
void tree_end(struct tree *t, const char *end);
/* Fill what is absent from the offer with what one vocabulary states. */
void extract_tree(const struct extract *x, const struct tree *t, enum method method, struct offer *o);

#endif
