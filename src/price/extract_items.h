/*
 * Items that stand in the elements of the page: microdata (P26), RDFa Lite and
 * the retired vocabularies v: and gr: (P27).
 *
 * A flat scan feeds items_tag(); a stack of open elements says who belongs to
 * whom, without a tree and without recursion (P36, P37). What is misnested is
 * closed where the first element around it closes. Then the items of a
 * vocabulary become linked data, and are read as JSON-LD is (product.h).
 *
 *	struct items *items = items_new(text, len, markup.seen);	 MARKUP_… of the whole page
 *
 *	items_tag(items, &tag);			each tag of the page
 *	items_end(items);
 *	extract_items(x, items, METHOD_MICRODATA, &stated);
 *	items_free(items);
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_ITEMS_H
#define TRAPEXIT_PRICE_EXTRACT_ITEMS_H

#include "price/extract.h"
#include "price/markup.h"
#include "price/stated.h"

struct items;

struct items *items_new(const char *text, size_t len, unsigned marks);
void items_free(struct items *items);
void items_tag(struct items *items, const struct tag *tag);
/* Close what is still open at the end of the page. */
void items_end(struct items *items);
/* Did any tag speak of this vocabulary? */
bool items_have(const struct items *items, enum method method);
/* What one vocabulary states. */
void extract_items(const struct extract *x, const struct items *items, enum method method, struct stated *out);

#endif
