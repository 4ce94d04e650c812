/*
 * The product of a page among linked data (P23), and what is offered of it
 * (P24, P25). The graph is of JSON-LD, of microdata or of RDFa.
 *
 *	struct json_object *product = product_choose(x, &graph, &stated);
 *
 *	if (product != NULL)
 *		product_read(x, &graph, product, &stated);
 */
#ifndef TRAPEXIT_PRICE_PRODUCT_H
#define TRAPEXIT_PRICE_PRODUCT_H

#include "price/extract.h"
#include "price/jsonld_graph.h"
#include "price/stated.h"

/* NULL if there is none; stated->listed then tells whether there are lists of some. */
struct json_object *product_choose(const struct extract *x, const struct graph *g, struct stated *stated);
/* Fill what it states; stated->method must be set. NULL states nothing. */
void product_read(const struct extract *x, const struct graph *g, struct json_object *product, struct stated *stated);

/* The amount of one value in its own digits (P25); *out is valid if it returns true. Zero is an amount. */
bool product_read_amount(const struct extract *x, struct json_object *value, const char *currency, struct money *out,
    struct stated *stated);
/* A candidate for the trace: member `member` of the node, or the node itself if NULL. */
struct trace_entry *product_trace(const struct extract *x, const struct graph *g, struct json_object *node,
    const char *member, const struct money *money, enum method method);

#endif
