/*
 * What is offered of a product (P24, P25): the offers of it and of its
 * variants are queued, each is read once, and the best of them is taken.
 */
#include <json-c/json_object.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/product.h"

#define OFFERS_MAX 200

static const char delivery_types[] = "OfferShippingDetails DeliveryChargeSpecification PaymentChargeSpecification "
				     "WarrantyPromise ShippingDeliveryTime MerchantReturnPolicy ShippingRateSettings "
				     "DeliveryTimeSettings ShippingConditions ShippingService Service";
static const char list_price_types[] = "ListPrice StrikethroughPrice SRP MSRP";

/* One offer, read. */
struct one {
	struct money money;
	enum availability availability;
	bool used, expired;
	bool special;	/* not everybody's price for one piece */
	bool aggregate; /* it sums up others that it nests: a check */
	struct trace_entry *entry;
};

/* An offer to read, and the one that nests it, from which it has what it does not say. */
struct queued {
	struct json_object *node, *around;
};

struct reading {
	const struct extract *x;
	const struct graph *g;
	struct stated *stated;
	struct queued queue[OFFERS_MAX];
	size_t n_queue;
	struct one offers[OFFERS_MAX];
	size_t n;
};

/* 4.2e1: the reader sees no number there, JSON does. */
static enum read_result
read_exponent(const char *text, size_t len, const struct reader_hints *hints, struct money *out)
{
	struct amount amount;

	switch (amount_parse(text, len, &amount)) {
	case AMOUNT_OK:
		if (reader_read("1", 1, hints, out) != READ_OK) /* for the currency */
			return READ_NONE;
		out->amount = amount;
		snprintf(out->raw, sizeof(out->raw), "%.*s", (int)(len < sizeof(out->raw) ? len : 0), text);
		return READ_OK;
	case AMOUNT_TOO_LONG:
		return READ_TOO_LONG;
	case AMOUNT_MALFORMED:
		break;
	}
	return READ_NONE;
}

bool
product_read_amount(const struct extract *x, struct json_object *value, const char *currency, struct money *out,
    struct stated *stated)
{
	struct reader_hints hints = x->hints;
	enum read_result result = READ_NONE;
	struct json_object *one;
	const char *text;
	size_t i, len;

	for (i = 0; i < OFFERS_MAX && i < node_count(value); i++) {
		one = node_at(value, i);
		/* {"@type": "MonetaryAmount", "value": 5, "currency": "EUR"} */
		if (json_object_is_type(one, json_type_object) && node_get(one, "value") != NULL) {
			const char *code = node_text(node_get(one, "currency"), &len);

			currency = code != NULL ? code : currency;
			one = node_get(one, "value");
		}
		text = node_text(one, &len);
		if (text == NULL || len == 0)
			continue;
		hints.machine = !node_is_text(one);
		hints.page_currency = currency != NULL ? currency : x->hints.page_currency;
		if (memchr(text, 'e', len) != NULL || memchr(text, 'E', len) != NULL) {
			result = read_exponent(text, len, &hints, out);
			if (result == READ_NONE)
				result = reader_read(text, len, &hints, out);
		} else {
			result = reader_read(text, len, &hints, out);
		}
		stated->too_long = stated->too_long || result == READ_TOO_LONG;
		if (result == READ_OK)
			return out->amount.coef >= 0 || x->page->allow_negative;
	}
	return false;
}

/* "line 3 $.offers.price" of JSON-LD, "line 3 price" of an element. */
struct trace_entry *
product_trace(const struct extract *x, const struct graph *g, struct json_object *node, const char *member,
    const struct money *money, enum method method)
{
	struct json_object *value = member != NULL ? node_get(node, member) : node;
	struct trace_entry *e;
	struct buf path = BUF_INIT(0);
	const char *text, *place = NULL;
	size_t len = 0, at;

	if (x->page->trace == NULL)
		return NULL;
	text = money->raw[0] != '\0' ? money->raw : node_text(value, &len);
	e = trace_add(x->page->trace, method, text, money->raw[0] != '\0' ? strlen(money->raw) : len);
	if (node_place(value, &at) || node_place(node, &at))
		trace_place(e, "line %zu %s", extract_line(x, x->text + at), member != NULL ? member : "");
	else if (graph_path(g, node, &path, &place))
		trace_place(e, "line %zu %s%s%s", extract_line(x, place), path.data, member != NULL ? "." : "",
		    member != NULL ? member : "");
	buf_release(&path);
	trace_money(e, money);
	return e;
}

static const char *
currency_of(struct json_object *node, const char *otherwise)
{
	static const char *const names[] = { "priceCurrency", "currency", "hasCurrency" };
	struct currency_mark mark;
	const struct currency *found;
	const char *text;
	size_t i, len;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		text = node_term(node_get(node, names[i]), &len);
		while (text != NULL && len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL)
			len--;
		while (text != NULL && len > 0 && strchr(" \t\r\n", *text) != NULL) {
			text++;
			len--;
		}
		if (text == NULL || len == 0)
			continue;
		found = currency_find(text, len);
		/* A sign in the place of a code. */
		if (found == NULL && currency_mark_at(text, len, &mark) == len)
			found = currency_resolve(&mark, NULL, NULL);
		return found != NULL ? found->code : otherwise;
	}
	return otherwise;
}

static bool
text_is_type(struct json_object *value, const char *types)
{
	struct json_object *one;
	const char *text, *name;
	size_t i, len, n;

	for (i = 0; (one = node_at(value, i)) != NULL; i++) {
		text = node_term(one, &len);
		name = text != NULL ? strrchr(text, '/') : NULL;
		name = name != NULL ? name + 1 : text;
		for (const char *t = types; name != NULL && *t != '\0'; t += n + (t[n] == ' ')) {
			n = strcspn(t, " ");
			if (strlen(name) == n && strncasecmp(name, t, n) == 0)
				return true;
		}
	}
	return false;
}

/* What is not everybody's price for one piece. */
static bool
is_special(struct json_object *node)
{
	struct json_object *quantity = node_at(node_get(node, "eligibleQuantity"), 0), *least;
	struct amount one = { 1, 0 }, min;
	const char *text;
	size_t len;

	if (node_get(node, "validForMemberTier") != NULL)
		return true;
	least = node_get(quantity, "minValue");
	if (least == NULL)
		least = node_get(quantity, "value");
	text = node_text(least, &len);
	return text != NULL && amount_parse(text, len, &min) == AMOUNT_OK && amount_cmp(&min, &one) > 0;
}

static bool
is_past(const struct reading *r, struct json_object *node, const char *name)
{
	size_t len;
	const char *text = node_text(node_get(node, name), &len);

	return text != NULL && len >= 10 && text[4] == '-' && text[7] == '-' && r->x->page->today != NULL &&
	       strncmp(text, r->x->page->today, 10) < 0;
}

/* An amount above zero of one member, and its place in the trace: lost, until the offer wins. */
static bool
read_member(struct reading *r, struct json_object *node, const char *member, const char *currency, struct money *out,
    struct trace_entry **entry)
{
	struct json_object *value = node_get(node, member);

	if (value == NULL)
		return false;
	if (!product_read_amount(r->x, value, currency, out, r->stated)) {
		*out = (struct money){ .warnings = 0 };
		trace_lost(product_trace(r->x, r->g, node, member, out, r->stated->method), "no amount");
		return false;
	}
	*entry = product_trace(r->x, r->g, node, member, out, r->stated->method);
	trace_lost(*entry, "another offer");
	return true;
}

/* The low end, and the high one beside it. */
static bool
read_range(struct reading *r, struct json_object *node, const char *low, const char *high, const char *currency,
    struct one *one)
{
	struct trace_entry *entry = NULL;
	struct money max;

	if (!read_member(r, node, low, currency, &one->money, &one->entry))
		return false;
	if (read_member(r, node, high, currency, &max, &entry) && amount_cmp(&max.amount, &one->money.amount) > 0) {
		one->money.has_max = true;
		one->money.max = max.amount;
		one->money.flags |= MONEY_RANGE;
	}
	trace_lost(entry, "high end of a range");
	return true;
}

/* One specification of a price (P24): true if it is the price. */
static bool
read_specification(struct reading *r, struct json_object *spec, const char *currency, struct one *one)
{
	struct trace_entry *entry = NULL;
	struct money money = { .warnings = 0 };

	currency = currency_of(spec, currency);
	if (node_has_type(spec, delivery_types) || is_special(spec) || node_get(spec, "referenceQuantity") != NULL ||
	    is_past(r, spec, "validThrough")) {
		if (read_member(r, spec, "price", currency, &money, &entry))
			trace_lost(entry, "not the price of one piece for everybody today");
		return false;
	}
	if (text_is_type(node_get(spec, "priceType"), list_price_types)) {
		if (read_member(r, spec, "price", currency, &money, &entry) && money.amount.coef > 0) {
			trace_lost(entry, "list price");
			one->money.has_list_price = true;
			one->money.list_price = money.amount;
		}
		return false;
	}
	money = one->money;
	if (!read_member(r, spec, "price", currency, &one->money, &one->entry) &&
	    !read_range(r, spec, "minPrice", "maxPrice", currency, one)) {
		one->money = money;
		return false;
	}
	one->money.has_list_price = money.has_list_price;
	one->money.list_price = money.list_price;
	return true;
}

/* All of them, for one may be the list price; the first price counts. */
static bool
read_specifications(struct reading *r, struct json_object *offer, const char *currency, struct one *one)
{
	struct json_object *list = node_get(offer, "priceSpecification"), *spec;
	struct one first = { .used = false }, other;
	bool found = false;
	size_t i;

	for (i = 0; i < OFFERS_MAX && i < node_count(list); i++) {
		spec = graph_resolve(r->g, node_at(list, i));
		if (!json_object_is_type(spec, json_type_object))
			continue;
		other = (struct one){ .used = false };
		if (read_specification(r, spec, currency, &other) && !found) {
			found = true;
			other.money.has_list_price = other.money.has_list_price || first.money.has_list_price;
			if (first.money.has_list_price)
				other.money.list_price = first.money.list_price;
			first = other;
		} else if (other.money.has_list_price) {
			first.money.has_list_price = true;
			first.money.list_price = other.money.list_price;
		}
	}
	one->money = first.money;
	one->entry = first.entry;
	return found;
}

/* P24: price, else the specifications, else the low end. */
static bool
read_price(struct reading *r, struct json_object *offer, const char *currency, struct one *one)
{
	struct one specified = { .used = false }, priced;
	bool found, zero = false;

	currency = currency_of(offer, currency);
	found = read_specifications(r, offer, currency, &specified);
	if (!text_is_type(node_get(offer, "priceType"), list_price_types))
		zero = read_member(r, offer, "price", currency, &one->money, &one->entry);
	/* P25: a price of 0 is unknown, as long as something else is known. */
	if (zero && one->money.amount.coef != 0) {
		one->money.has_list_price = specified.money.has_list_price;
		one->money.list_price = specified.money.list_price;
		return true;
	}
	if (found) {
		one->money = specified.money;
		one->entry = specified.entry;
		return true;
	}
	priced = *one;
	if (read_range(r, offer, "lowPrice", "highPrice", currency, one) ||
	    read_range(r, offer, "minPrice", "maxPrice", currency, one))
		return true;
	*one = priced;
	one->money.has_list_price = specified.money.has_list_price;
	one->money.list_price = specified.money.list_price;
	return zero;
}

static void
queue_offer(struct reading *r, struct json_object *node, struct json_object *around)
{
	size_t k;

	node = graph_resolve(r->g, node);
	/* Each once: references may go round in a circle. */
	for (k = 0; k < r->n_queue && r->queue[k].node != node; k++)
		;
	if (k == r->n_queue && k < OFFERS_MAX && json_object_is_type(node, json_type_object))
		r->queue[r->n_queue++] = (struct queued){ node, around };
}

static void
queue_offers(struct reading *r, struct json_object *list, struct json_object *around)
{
	size_t i;

	for (i = 0; i < OFFERS_MAX && i < node_count(list); i++)
		queue_offer(r, node_at(list, i), around);
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

	*one = (struct one){ .aggregate = nests, .special = is_special(q->node), .used = is_used(q->node),
		.expired = is_past(r, q->node, "priceValidUntil") };
	text = node_term(node_get(q->node, "availability"), &len);
	if (text == NULL && q->around != NULL)
		text = node_term(node_get(q->around, "availability"), &len);
	one->availability = text != NULL ? availability_read(text, len) : AVAILABILITY_ABSENT;
	if (!read_price(r, q->node, currency_of(q->around, NULL), one))
		one->money.has_amount = false;
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
		if (!node_has_type(q.node, delivery_types))
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

/* Of the same kind: what differs is the variant, not the deal. */
static bool
is_variant(const struct one *a, const struct one *best)
{
	return a->money.has_amount && a->money.amount.coef > 0 && !a->aggregate && !a->special &&
	       a->used == best->used && a->expired == best->expired;
}

/* Both ends of what differs. */
static void
settle_ends(const struct reading *r, const struct one *best, struct stated *stated)
{
	const struct one *high = best;
	size_t i;

	for (i = 0; i < r->n; i++) {
		const struct one *o = &r->offers[i];

		if (is_variant(o, best) && amount_cmp(&o->money.amount, &high->money.amount) > 0)
			high = o;
	}
	if (high != best) {
		stated->money.flags |= MONEY_VARIANTS;
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
settle(const struct reading *r, struct stated *stated)
{
	const struct one *best = &r->offers[0];
	const char *why = "";
	size_t i;

	for (i = 1; i < r->n; i++) {
		if (compare(&r->offers[i], best, &why) < 0)
			best = &r->offers[i];
	}
	for (i = 0; i < r->n; i++) {
		if (&r->offers[i] != best && r->offers[i].entry != NULL && compare(&r->offers[i], best, &why) >= 0)
			trace_lost(r->offers[i].entry, "%s", why);
	}
	stated->availability = best->availability;
	for (i = 0; i < r->n && stated->availability == AVAILABILITY_ABSENT; i++)
		stated->availability = r->offers[i].availability;
	stated->money = best->money;
	stated->entry = best->entry;
	if (best->money.has_amount)
		settle_ends(r, best, stated);
	check_aggregates(r, best, stated);
}

void
product_read(const struct extract *x, const struct graph *g, struct json_object *product, struct stated *stated)
{
	struct reading *r = xmalloc(sizeof(*r));
	size_t i, len;
	const char *title = node_text(node_get(product, "name"), &len);

	r->x = x;
	r->g = g;
	r->stated = stated;
	r->n = r->n_queue = 0;
	if (title != NULL && !node_has_type(product, "Offer AggregateOffer"))
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
	free(r);
}
