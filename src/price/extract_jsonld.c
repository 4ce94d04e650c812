#include "price/extract_jsonld.h"

#include <json-c/json_object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/json_repair.h"
#include "price/jsonld_graph.h"

#define OFFERS_MAX 200

static const char product_types[] = "Product IndividualProduct ProductModel ProductGroup Vehicle Car Book "
				    "SoftwareApplication VideoGame";
static const char delivery_types[] = "OfferShippingDetails DeliveryChargeSpecification WarrantyPromise "
				     "ShippingDeliveryTime MerchantReturnPolicy";
static const char list_price_types[] = "ListPrice StrikethroughPrice SRP MSRP";

/* One offer of a product, read. */
struct stated {
	struct money money;
	enum availability availability;
	bool used, expired;
};

struct state {
	const struct extract *x;
	struct graph graph;
	struct json_object *queue[OFFERS_MAX]; /* offers to read, borrowed */
	size_t n_queue;
	struct stated offers[OFFERS_MAX];
	size_t n;
	bool too_long;
};

void
jsonld_tag(struct jsonld *j, const struct tag *tag)
{
	const char *parameters;
	struct slice type;

	if (tag->raw.p == NULL || !slice_is(tag->name, "script"))
		return;
	type = markup_attr(tag, "type");
	if (type.p == NULL)
		return;
	if ((parameters = memchr(type.p, ';', type.len)) != NULL)
		type.len = (size_t)(parameters - type.p);
	if (!slice_has_word(type, "application/ld+json") || j->n == JSONLD_BLOCKS_MAX ||
	    j->bytes + tag->raw.len > JSONLD_BYTES_MAX)
		return;
	j->blocks[j->n++] = tag->raw;
	j->bytes += tag->raw.len;
}

static bool
text_in(struct json_object *value, const char *types)
{
	struct json_object *one;
	size_t i, len;

	for (i = 0; (one = node_at(value, i)) != NULL; i++) {
		const char *text = node_text(one, &len), *name;

		if (text == NULL)
			continue;
		name = strrchr(text, '/');
		if (strstr(types, name != NULL ? name + 1 : text) != NULL)
			return true;
	}
	return false;
}

/* P25: the amount of one value, in its own digits. Zero is unknown (P31). */
static bool
read_amount(struct state *s, struct json_object *value, const char *currency, struct money *out)
{
	struct reader_hints hints = s->x->hints;
	enum read_result result;
	const char *text;
	struct amount amount;
	size_t len;

	text = node_text(value, &len);
	if (text == NULL)
		return false;
	hints.machine = true;
	hints.page_currency = currency != NULL ? currency : hints.page_currency;
	result = reader_read(text, len, &hints, out);
	/* 4.2e1: the reader sees no number there, JSON does. */
	if (memchr(text, 'e', len) != NULL || memchr(text, 'E', len) != NULL) {
		switch (amount_parse(text, len, &amount)) {
		case AMOUNT_OK:
			result = reader_read("0.01", 4, &hints, out); /* for the currency */
			out->amount = amount;
			snprintf(out->raw, sizeof(out->raw), "%.*s", (int)(len < 120 ? len : 120), text);
			break;
		case AMOUNT_TOO_LONG:
			result = READ_TOO_LONG;
			break;
		case AMOUNT_MALFORMED:
			break;
		}
	}
	s->too_long = s->too_long || result == READ_TOO_LONG;
	return result == READ_OK && out->amount.coef > 0;
}

static const char *
currency_of(struct json_object *node, const char *otherwise)
{
	size_t len;
	const char *text = node_text(node_get(node, "priceCurrency"), &len);

	return text != NULL && len > 0 ? text : otherwise;
}

/* A specification of what is not everybody's price for one piece (P24). */
static bool
is_special(struct json_object *spec)
{
	struct json_object *quantity = node_get(spec, "eligibleQuantity"), *least;
	struct amount one = { 1, 0 }, min;
	const char *text;
	size_t len;

	if (node_get(spec, "validForMemberTier") != NULL || node_get(spec, "referenceQuantity") != NULL)
		return true;
	least = node_get(quantity, "minValue");
	text = node_text(least, &len);
	return text != NULL && amount_parse(text, len, &min) == AMOUNT_OK && amount_cmp(&min, &one) > 0;
}

static bool
read_specifications(struct state *s, struct json_object *offer, const char *currency, struct money *out)
{
	struct json_object *list = node_get(offer, "priceSpecification"), *spec;
	struct money money;
	bool found = false;
	size_t i;

	for (i = 0; i < OFFERS_MAX && (spec = node_at(list, i)) != NULL; i++) {
		spec = graph_resolve(&s->graph, spec);
		if (node_has_type(spec, delivery_types) || is_special(spec) ||
		    !read_amount(s, node_get(spec, "price"), currency_of(spec, currency), &money))
			continue;
		if (text_in(node_get(spec, "priceType"), list_price_types)) {
			out->has_list_price = true;
			out->list_price = money.amount;
		} else if (!found) {
			money.has_list_price = out->has_list_price;
			money.list_price = out->list_price;
			*out = money;
			found = true;
		}
	}
	return found;
}

/* P24: price, else the specifications, else the low end. */
static bool
read_price(struct state *s, struct json_object *offer, struct money *out)
{
	const char *currency = currency_of(offer, NULL);
	struct money specified = { .warnings = 0 }, high;
	bool found;

	found = read_specifications(s, offer, currency, &specified);
	if (read_amount(s, node_get(offer, "price"), currency, out)) {
		out->has_list_price = out->has_list_price || specified.has_list_price;
		if (specified.has_list_price)
			out->list_price = specified.list_price;
		return true;
	}
	*out = specified;
	if (found)
		return true;
	if (!read_amount(s, node_get(offer, "lowPrice"), currency, out) &&
	    !read_amount(s, node_get(offer, "minPrice"), currency, out))
		return false;
	if (read_amount(s, node_get(offer, "highPrice"), currency, &high) &&
	    amount_cmp(&high.amount, &out->amount) > 0) {
		out->has_max = true;
		out->max = high.amount;
		out->flags |= MONEY_RANGE;
	}
	return true;
}

static void
queue_offers(struct state *s, struct json_object *list)
{
	struct json_object *one;
	size_t i, k;

	for (i = 0; s->n_queue < OFFERS_MAX && (one = node_at(list, i)) != NULL; i++) {
		one = graph_resolve(&s->graph, one);
		if (!json_object_is_type(one, json_type_object))
			continue;
		/* Each once: references may go round in a circle. */
		for (k = 0; k < s->n_queue && s->queue[k] != one; k++)
			;
		if (k == s->n_queue)
			s->queue[s->n_queue++] = one;
	}
}

static void
read_offer(struct state *s, struct json_object *offer)
{
	struct stated *st = &s->offers[s->n];
	const char *text;
	size_t len;

	memset(st, 0, sizeof(*st));
	text = node_text(node_get(offer, "availability"), &len);
	st->availability = text != NULL ? availability_read(text, len) : AVAILABILITY_ABSENT;
	text = node_text(node_get(offer, "itemCondition"), &len);
	st->used = text != NULL && (strstr(text, "Used") != NULL || strstr(text, "Refurbished") != NULL ||
				       strstr(text, "Damaged") != NULL);
	text = node_text(node_get(offer, "priceValidUntil"), &len);
	st->expired = text != NULL && len >= 10 && s->x->page->today != NULL &&
		      strncmp(text, s->x->page->today, 10) < 0;
	if (!read_price(s, offer, &st->money))
		st->money.has_amount = false;
	if (st->money.has_amount || st->availability != AVAILABILITY_ABSENT)
		s->n++;
}

/* The offers of a product, of its variants, and those that an aggregate nests, each read once. */
static void
read_offers(struct state *s, struct json_object *product)
{
	struct json_object *variants = node_get(product, "hasVariant"), *variant, *nested;
	size_t i;

	s->n = s->n_queue = 0;
	queue_offers(s, node_get(product, "offers"));
	for (i = 0; i < OFFERS_MAX && (variant = node_at(variants, i)) != NULL; i++)
		queue_offers(s, node_get(graph_resolve(&s->graph, variant), "offers"));
	if (s->n_queue == 0 && (node_has_type(product, "Offer AggregateOffer") || node_get(product, "price") != NULL))
		s->queue[s->n_queue++] = product;
	for (i = 0; i < s->n_queue; i++) {
		nested = node_get(s->queue[i], "offers");
		if (nested != NULL && s->queue[i] != product)
			queue_offers(s, nested);
		else if (!node_has_type(s->queue[i], delivery_types))
			read_offer(s, s->queue[i]);
	}
}

/* P24: priced, in stock, new, valid, low. Less is better. */
static int
compare_stated(const struct stated *a, const struct stated *b)
{
	bool out_a = a->availability >= AVAILABILITY_OUT_OF_STOCK, out_b = b->availability >= AVAILABILITY_OUT_OF_STOCK;

	if (a->money.has_amount != b->money.has_amount)
		return a->money.has_amount ? -1 : 1;
	if (out_a != out_b)
		return out_a ? 1 : -1;
	if (a->used != b->used)
		return a->used ? 1 : -1;
	if (a->expired != b->expired)
		return a->expired ? 1 : -1;
	return a->money.has_amount ? amount_cmp(&a->money.amount, &b->money.amount) : 0;
}

static void
choose_offer(const struct state *s, struct offer *o)
{
	const struct stated *best = &s->offers[0], *high;
	size_t i;

	for (i = 1; i < s->n; i++) {
		if (compare_stated(&s->offers[i], best) < 0)
			best = &s->offers[i];
	}
	high = best;
	for (i = 0; i < s->n; i++) {
		if (s->offers[i].money.has_amount && amount_cmp(&s->offers[i].money.amount, &high->money.amount) > 0)
			high = &s->offers[i];
	}
	if (o->availability == AVAILABILITY_ABSENT)
		o->availability = best->availability;
	if (!best->money.has_amount || !extract_take(o, METHOD_JSON_LD, &best->money))
		return;
	if (high != best) {
		o->money.flags |= MONEY_VARIANTS;
		o->money.has_max = true;
		o->money.max = high->money.amount;
	}
}

static bool
names_page(struct json_object *node, const char *url)
{
	static const char *const names[] = { "url", "@id" };
	const char *text;
	size_t i, len;

	for (i = 0; url != NULL && i < 2; i++) {
		text = node_text(node_get(node, names[i]), &len);
		if (text != NULL && strcmp(text, url) == 0)
			return true;
	}
	return false;
}

/* P23. *listed is set when products stood aside only. */
static struct json_object *
choose_product(const struct state *s, bool *listed)
{
	struct json_object *typed = NULL, *priced = NULL;
	size_t i;

	*listed = false;
	for (i = 0; i < s->graph.n; i++) {
		struct json_object *node = s->graph.nodes[i].object;
		bool offers = node_get(node, "offers") != NULL || node_get(node, "hasVariant") != NULL;
		bool product = node_has_type(node, product_types);

		if (s->graph.nodes[i].aside) {
			*listed = *listed || (product && offers);
			continue;
		}
		if (product && names_page(node, s->x->page->url))
			return node;
		if (product && (typed == NULL || (offers && node_get(typed, "offers") == NULL &&
						     node_get(typed, "hasVariant") == NULL)))
			typed = node;
		if (priced == NULL && (offers || node_has_type(node, "Offer AggregateOffer")))
			priced = node;
	}
	return typed != NULL ? typed : priced;
}

void
extract_jsonld(const struct extract *x, const struct jsonld *j, struct offer *o)
{
	struct state *s;
	struct json_object *root, *product;
	const char *title;
	bool listed;
	size_t i, len;

	if (j->n == 0)
		return;
	s = xcalloc(1, sizeof(*s));
	s->x = x;
	for (i = 0; i < j->n; i++) {
		root = json_page_parse(j->blocks[i].p, j->blocks[i].len);
		if (root != NULL)
			graph_add(&s->graph, root);
		else
			o->warnings |= WARN_BAD_JSON;
	}
	graph_walk(&s->graph);
	product = choose_product(s, &listed);
	if (product != NULL) {
		title = node_text(node_get(product, "name"), &len);
		if (title != NULL)
			offer_set_title(o, title, len);
		read_offers(s, product);
		if (s->n > 0)
			choose_offer(s, o);
	}
	if (o->method == METHOD_NONE)
		o->none = s->too_long ? NONE_TOO_MANY_DIGITS : product == NULL && listed ? NONE_AMBIGUOUS : o->none;
	graph_release(&s->graph);
	free(s);
}
