/*
 * What is offered of a product (P24, P25): the offers of it and of its
 * variants are queued, each is read once, and the best of them is taken.
 */
#include <json-c/json_object.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/product_private.h"

static void
queue_offer(struct reading *r, struct json_object *node, struct json_object *around)
{
	size_t k;

	/* "#offer" for {"@id": "#offer"} */
	node = json_object_is_type(node, json_type_string) ? graph_find(r->g, json_object_get_string(node))
							    : graph_resolve(r->g, node);
	/* Each once: references may go round in a circle. */
	for (k = 0; k < r->n_queue && r->queue[k].node != node; k++)
		;
	if (k == r->n_queue && k < OFFERS_MAX && json_object_is_type(node, json_type_object))
		r->queue[r->n_queue++] = (struct queued){ node, around };
}

static void
queue_offers(struct reading *r, struct json_object *list, struct json_object *around)
{
	struct json_object *one;
	size_t i, k;

	for (i = 0; i < OFFERS_MAX && i < node_count(list); i++) {
		one = node_at(list, i);
		/* A list in the list is one of offers, too. */
		for (k = 0; k < OFFERS_MAX && k < node_count(one); k++)
			queue_offer(r, node_at(one, k), around);
	}
}

/* hasVariant as if they were offers (P24), those of a group's own name, and the models of old. */
static void
queue_variants(struct reading *r, struct json_object *product, const char *member)
{
	struct json_object *list = node_get(product, member), *variant;
	size_t i;

	for (i = 0; i < OFFERS_MAX && i < node_count(list); i++) {
		variant = graph_resolve(r->g, node_at(list, i));
		if (node_get(variant, "offers") != NULL)
			queue_offers(r, node_get(variant, "offers"), product);
		else if (node_get(variant, "price") != NULL)
			queue_offer(r, variant, product);
	}
}

/* Products that point at their group, which does not list them. */
static void
queue_members(struct reading *r, struct json_object *group)
{
	size_t i, n, len;
	const char *id = node_text(node_get(group, "productGroupID"), &len), *text;

	for (i = 0; i < r->g->n; i++) {
		struct json_object *node = r->g->nodes[i].object, *of = node_at(node_get(node, "isVariantOf"), 0);

		text = node_text(node_get(node, "inProductGroupWithID"), &n);
		if ((of != NULL && graph_resolve(r->g, of) == group) ||
		    (text != NULL && id != NULL && strcmp(text, id) == 0))
			queue_offers(r, node_get(node, "offers"), group);
	}
}

/* Offers beside a product that has none: of it by itemOffered, or of nothing else. */
static void
queue_strays(struct reading *r, struct json_object *product)
{
	struct json_object *node, *of;
	size_t i;

	for (i = 0; i < r->g->n; i++) {
		node = r->g->nodes[i].object;
		if (r->g->nodes[i].aside || !node_has_type(node, "Offer AggregateOffer"))
			continue;
		of = node_at(node_get(node, "itemOffered"), 0);
		if (of != NULL ? graph_resolve(r->g, of) == product : r->g->nodes[i].parent == -1)
			queue_offer(r, node, product);
	}
}

static void
queue_all(struct reading *r, struct json_object *product)
{
	queue_offers(r, node_get(product, "offers"), product);
	queue_variants(r, product, "hasVariant");
	if (r->n_queue == 0 && node_has_type(product, "ProductGroup"))
		queue_members(r, product);
	if (r->n_queue == 0)
		queue_variants(r, product, "model");
	if (r->n_queue == 0 && (node_has_type(product, "Offer AggregateOffer") || node_get(product, "price") != NULL ||
				   node_get(product, "lowPrice") != NULL ||
				   node_get(product, "priceSpecification") != NULL))
		queue_offer(r, product, product);
	if (r->n_queue == 0)
		queue_strays(r, product);
}

static bool
is_used(struct json_object *node)
{
	static const char *const words[] = { "used", "refurbished", "damaged", "renewed" };
	size_t i, len;
	const char *text = node_term(node_get(node, "itemCondition"), &len);

	for (i = 0; text != NULL && i < ARRAY_LEN(words); i++) {
		if (strcasestr(text, words[i]) != NULL)
			return true;
	}
	return false;
}

static void
read_offer(struct reading *r, const struct queued *q, bool nests)
{
	struct one *one = &r->offers[r->n];
	const char *text;
	size_t len;

	*one = (struct one){ .aggregate = nests, .special = product_is_special(q->node), .used = is_used(q->node),
		.expired = product_is_past(r, q->node, "priceValidUntil") };
	text = node_term(node_get(q->node, "availability"), &len);
	if (text == NULL && q->around != NULL)
		text = node_term(node_get(q->around, "availability"), &len);
	one->availability = text != NULL ? availability_read(text, len) : AVAILABILITY_ABSENT;
	product_read_price(r, q->node, product_currency(q->around, NULL), one);
	/* A product whose only offers say nothing else is not said to be out of stock by them. */
	if (one->money.has_amount || one->availability != AVAILABILITY_ABSENT)
		r->n++;
}

/* A nested list decides, and what it is nested in is a check (P24). */
static void
read_queue(struct reading *r, struct json_object *product)
{
	struct json_object *nested;
	size_t i;

	for (i = 0; i < r->n_queue && r->n < OFFERS_MAX; i++) {
		struct queued q = r->queue[i];

		nested = q.node != product ? node_get(q.node, "offers") : NULL;
		if (nested != NULL)
			queue_offers(r, nested, q.node);
		if (!node_has_type(q.node, DELIVERY_TYPES))
			read_offer(r, &q, nested != NULL);
	}
}

static bool
is_out(const struct one *o)
{
	return o->availability == AVAILABILITY_OUT_OF_STOCK || o->availability == AVAILABILITY_DISCONTINUED;
}

/* P24: priced, for everybody, in stock, new, valid, low; *why tells what decided. Less is better. */
static int
compare(const struct one *a, const struct one *b, const char **why)
{
	const struct {
		bool a, b;
		const char *why;
	} tests[] = {
		{ !a->money.has_amount, !b->money.has_amount, "no amount" },
		{ a->aggregate, b->aggregate, "aggregate of nested offers" },
		{ a->money.amount.coef == 0, b->money.amount.coef == 0, "zero" },
		{ a->special, b->special, "not the price of one piece for everybody" },
		{ is_out(a), is_out(b), "out of stock offer" },
		{ a->used, b->used, "used offer" },
		{ a->expired, b->expired, "expired offer" },
		{ a->foreign, b->foreign, "offer in another currency" },
	};
	size_t i;

	for (i = 0; i < ARRAY_LEN(tests); i++) {
		*why = tests[i].why;
		if (tests[i].a != tests[i].b)
			return tests[i].a ? 1 : -1;
	}
	*why = "higher offer";
	return a->money.has_amount ? amount_cmp(&a->money.amount, &b->money.amount) : 0;
}

/* Which currency is the page's own: what its country pays with if anything is offered for that, else the first one's. */
static void
mark_foreign(struct reading *r)
{
	const struct currency *home = currency_of_locale(r->x->hints.locale), *first = NULL;
	bool at_home = false;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct currency *c = r->offers[i].money.has_amount ? r->offers[i].money.currency : NULL;

		first = first != NULL ? first : c;
		at_home = at_home || (c != NULL && c == home);
	}
	for (i = 0; i < r->n; i++)
		r->offers[i].foreign = r->offers[i].money.currency != NULL &&
				       r->offers[i].money.currency != (at_home ? home : first);
}

/* Does its amount count beside the best one's? */
static bool
is_variant(const struct one *a, const struct one *best)
{
	return a->money.has_amount && a->money.amount.coef > 0 && !a->aggregate && !a->special && a->foreign == best->foreign;
}

/* Both ends of what differs (P24), whatever made one of them the best. */
static void
settle_ends(const struct reading *r, const struct one *best, struct stated *stated)
{
	const struct one *high = best;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct one *o = &r->offers[i];

		if (!is_variant(o, best))
			continue;
		if (amount_cmp(&o->money.amount, &best->money.amount) != 0)
			stated->money.flags |= MONEY_VARIANTS;
		if (amount_cmp(&o->money.amount, &high->money.amount) > 0)
			high = o;
	}
	if (high != best) {
		if (!stated->money.has_max || amount_cmp(&high->money.amount, &stated->money.max) > 0)
			stated->money.max = high->money.amount;
		stated->money.has_max = true;
	}
}

/* An aggregate whose lowest price none of its offers has. */
static void
check_aggregates(const struct reading *r, const struct one *best, struct stated *stated)
{
	size_t i, k;

	for (i = 0; i < r->n; i++) {
		const struct one *sum = &r->offers[i];

		if (!sum->aggregate || !sum->money.has_amount || sum == best)
			continue;
		for (k = 0; k < r->n; k++) {
			if (k != i && r->offers[k].money.has_amount &&
			    amount_cmp(&r->offers[k].money.amount, &sum->money.amount) == 0)
				break;
		}
		if (k == r->n)
			stated->warnings |= WARN_SOURCE_CONFLICT;
	}
}

static void
settle(struct reading *r, struct stated *stated)
{
	const struct one *best = &r->offers[0];
	const char *why = "";
	size_t i;

	mark_foreign(r);
	for (i = 1; i < r->n; i++) {
		if (compare(&r->offers[i], best, &why) < 0)
			best = &r->offers[i];
	}
	for (i = 0; i < r->n; i++) {
		if (&r->offers[i] != best && r->offers[i].entry != NULL && compare(&r->offers[i], best, &why) >= 0)
			trace_lost(r->offers[i].entry, "%s", why);
	}
	stated->availability = best->availability;
	/* What sums it up may say it, or what has nothing else to say; another offer speaks for itself. */
	for (i = 0; i < r->n && stated->availability == AVAILABILITY_ABSENT; i++) {
		if (r->offers[i].aggregate || !r->offers[i].money.has_amount)
			stated->availability = r->offers[i].availability;
	}
	stated->money = best->money;
	stated->entry = best->entry;
	if (best->money.has_amount)
		settle_ends(r, best, stated);
	check_aggregates(r, best, stated);
}

void
product_read(const struct extract *x, const struct graph *g, struct json_object *product, struct stated *stated)
{
	struct reading *r;
	size_t i, len;
	const char *title = node_text(node_get(product, "name"), &len);

	if (product == NULL) {
		product_trace_passed(x, g, NULL, stated->method);
		return;
	}
	r = xmalloc(sizeof(*r));
	r->x = x;
	r->g = g;
	r->stated = stated;
	r->n = r->n_queue = 0;
	/* Offers have names of their own; GoodRelations has nothing but offers. */
	if (title != NULL && (stated->method == METHOD_V_RDFA || !node_has_type(product, "Offer AggregateOffer")))
		offer_title(title, len, stated->title);
	queue_all(r, product);
	read_queue(r, product);
	/* Offers that say nothing, in a product that has a price itself. */
	for (i = 0; i < r->n && !r->offers[i].money.has_amount; i++)
		;
	if (i == r->n && r->n < OFFERS_MAX && node_get(product, "price") != NULL)
		read_offer(r, &(struct queued){ product, NULL }, false);
	if (r->n > 0)
		settle(r, stated);
	for (i = 0; i < r->n_queue && !stated->money.has_amount && stated->currency == NULL; i++) {
		const char *code = product_currency(r->queue[i].node, NULL);

		stated->currency = code != NULL ? currency_find(code, strlen(code)) : NULL;
	}
	product_trace_passed(x, g, r, stated->method);
	free(r);
}
