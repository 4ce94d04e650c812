/*
 * Prices of linked data that were passed over: of other products, of lists, of
 * reviews. Only for who asks to see all candidates.
 */
#include <json-c/json_object.h>
#include <string.h>

#include "base/attr.h"
#include "price/product_private.h"

#define PASSED_MAX 40 /* of one source: others want room in the trace, too */

/* The offers that were read, and their specifications. */
struct read_nodes {
	const struct json_object *nodes[2 * OFFERS_MAX];
	size_t n;
};

static void
add_read(struct read_nodes *set, const struct json_object *node)
{
	if (set->n < ARRAY_LEN(set->nodes))
		set->nodes[set->n++] = node;
}

static void
find_read(const struct reading *r, struct read_nodes *set)
{
	struct json_object *specs;
	size_t i, k;

	set->n = 0;
	for (i = 0; r != NULL && i < r->n_queue; i++) {
		add_read(set, r->queue[i].node);
		specs = node_get(r->queue[i].node, "priceSpecification");
		for (k = 0; k < node_count(specs) && set->n < ARRAY_LEN(set->nodes); k++)
			add_read(set, graph_resolve(r->g, node_at(specs, k)));
	}
}

static bool
was_read(const struct read_nodes *set, const struct json_object *node)
{
	size_t i;

	for (i = 0; i < set->n && set->nodes[i] != node; i++)
		;
	return i < set->n;
}

/* The name of the nearest thing around the node that is no offer; "" if none has one, or if it is part of what was read. */
static const char *
name_around(const struct read_nodes *set, const struct graph *g, size_t at)
{
	const char *name;
	size_t len;
	int i;

	for (i = (int)at; i >= 0 && !was_read(set, g->nodes[i].object); i = g->nodes[i].parent) {
		if (node_has_type(g->nodes[i].object, "Offer AggregateOffer"))
			continue;
		name = node_text(node_get(g->nodes[i].object, "name"), &len);
		if (name != NULL)
			return name;
	}
	return "";
}

static bool
trace_passed(const struct extract *x, const struct graph *g, const struct read_nodes *set, size_t at,
    enum method method)
{
	static const char *const members[] = { "price", "lowPrice", "minPrice" };
	const struct graph_node *n = &g->nodes[at];
	struct stated unused = { .method = method };
	struct money money = { .warnings = 0 };
	size_t i;

	for (i = 0; i < ARRAY_LEN(members); i++) {
		struct json_object *value = node_get(n->object, members[i]);
		const char *name;

		if (value == NULL)
			continue;
		name = name_around(set, g, at);
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
	static const char types[] = PRODUCT_TYPES " Offer AggregateOffer PriceSpecification UnitPriceSpecification";
	struct read_nodes set;
	size_t i, n = 0;

	if (x->page->trace == NULL)
		return;
	find_read(r, &set);
	for (i = 0; i < g->n && n < PASSED_MAX && !extract_is_stopped(x); i++) {
		/* Of elements with no such type read_bare() tells. */
		if ((method == METHOD_JSON_LD || node_has_type(g->nodes[i].object, types)) && !was_read(&set, g->nodes[i].object))
			n += trace_passed(x, g, &set, i, method);
	}
}
