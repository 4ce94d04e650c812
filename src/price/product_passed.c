/*
 * Prices of linked data that were passed over: of other products, of lists, of
 * reviews. Only for who asks to see all candidates.
 */
#include <json-c/json_object.h>
#include <string.h>

#include "base/attr.h"
#include "price/product_private.h"

#define PASSED_MAX 40 /* of one source: others want room in the trace, too */

/* Is the node one of the offers that were read, or one of their specifications? */
static bool
was_read(const struct reading *r, const struct json_object *node)
{
	struct json_object *specs;
	size_t i, k;

	for (i = 0; r != NULL && i < r->n_queue; i++) {
		if (r->queue[i].node == node)
			return true;
		specs = node_get(r->queue[i].node, "priceSpecification");
		for (k = 0; k < OFFERS_MAX && k < node_count(specs); k++) {
			if (graph_resolve(r->g, node_at(specs, k)) == node)
				return true;
		}
	}
	return false;
}

/* The name of the nearest thing around the node that is no offer; "" if none has one, or if it is part of what was read. */
static const char *
name_around(const struct reading *r, const struct graph *g, size_t at)
{
	const char *name;
	size_t len;
	int i;

	for (i = (int)at; i >= 0 && !was_read(r, g->nodes[i].object); i = g->nodes[i].parent) {
		if (node_has_type(g->nodes[i].object, "Offer AggregateOffer"))
			continue;
		name = node_text(node_get(g->nodes[i].object, "name"), &len);
		if (name != NULL)
			return name;
	}
	return "";
}

static bool
trace_passed(const struct extract *x, const struct graph *g, const struct reading *r, size_t at, enum method method)
{
	static const char *const members[] = { "price", "lowPrice", "minPrice" };
	const struct graph_node *n = &g->nodes[at];
	struct stated unused = { .method = method };
	struct money money = { .warnings = 0 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(members); i++) {
		struct json_object *value = node_get(n->object, members[i]);
		const char *name = name_around(r, g, at);

		if (value == NULL)
			continue;
		if (!product_read_amount(x, value, product_currency(n->object, NULL), &money, &unused))
			money = (struct money){ .warnings = 0 };
		trace_lost(product_trace(x, g, n->object, members[i], &money, method), "%s%s%s",
		    n->aside ? "listed, reviewed or only related" : "of something else", *name != '\0' ? ": " : "", name);
		return true;
	}
	return false;
}

void
product_trace_passed(const struct extract *x, const struct graph *g, const struct reading *r, enum method method)
{
	static const char types[] = "Product IndividualProduct ProductModel ProductGroup Vehicle Car Book SoftwareApplication "
				    "VideoGame Offer AggregateOffer PriceSpecification UnitPriceSpecification";
	size_t i, n = 0;

	for (i = 0; x->page->trace != NULL && i < g->n && n < PASSED_MAX; i++) {
		/* Of elements with no such type read_bare() tells. */
		if ((method == METHOD_JSON_LD || node_has_type(g->nodes[i].object, types)) && !was_read(r, g->nodes[i].object))
			n += trace_passed(x, g, r, i, method);
	}
}
