/*
 * What one offer costs (P24, P25), of its price, its specifications, or its
 * low end.
 */
#include <json-c/json_object.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/product_private.h"

static const char list_price_types[] = "ListPrice StrikethroughPrice SRP MSRP";

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
		if (result == READ_OK) {
			stated_take_sign(x, currency, out);
			return out->amount.coef >= 0 || x->page->allow_negative;
		}
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

const char *
product_currency(struct json_object *node, const char *otherwise)
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
		if (found == NULL && currency_mark_at(text, len, &mark) == len) {
			found = currency_resolve(&mark, otherwise, NULL);
			if (found == NULL)
				return text;
		}
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
		for (name = text; text != NULL && *text != '\0'; text++)
			name = strchr("/#:", *text) != NULL ? text + 1 : name;
		for (const char *t = types; name != NULL && *t != '\0'; t += n + (t[n] == ' ')) {
			n = strcspn(t, " ");
			if (strlen(name) == n && strncasecmp(name, t, n) == 0)
				return true;
		}
	}
	return false;
}

bool
product_is_special(struct json_object *node)
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
	if (least == NULL)
		least = quantity;
	text = node_text(least, &len);
	return text != NULL && amount_parse(text, len, &min) == AMOUNT_OK && amount_cmp(&min, &one) > 0;
}

bool
product_is_past(const struct reading *r, struct json_object *node, const char *name)
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

/* What is said elsewhere of the price before; a price's own text may have said it already. */
static void
take_list_price(const struct money *from, struct money *to)
{
	if (!from->has_list_price)
		return;
	to->has_list_price = true;
	to->list_price = from->list_price;
}

/* One specification of a price (P24): true if it is the price. */
static bool
read_specification(struct reading *r, struct json_object *spec, const char *currency, struct one *one)
{
	struct trace_entry *entry = NULL;
	struct money money = { .warnings = 0 };

	currency = product_currency(spec, currency);
	if (node_has_type(spec, DELIVERY_TYPES) || product_is_special(spec) || node_get(spec, "referenceQuantity") != NULL ||
	    product_is_past(r, spec, "validThrough")) {
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
	take_list_price(&money, &one->money);
	return true;
}

/* What was asked before, if that was more: the regular price beside that of a sale, a struck out one beside the price. */
static void
take_before(const struct money *before, struct money *now)
{
	if (!now->has_list_price && amount_cmp(&before->amount, &now->amount) > 0) {
		now->has_list_price = true;
		now->list_price = before->amount;
	}
}

/* All of them, for one may be the list price; the first price counts, and that of a sale before the regular one. */
static bool
read_specifications(struct reading *r, struct json_object *offer, const char *currency, struct one *one)
{
	struct json_object *list = node_get(offer, "priceSpecification"), *spec;
	struct one first = { .used = false }, other;
	bool found = false, on_sale = false, sale, priced;
	size_t i;

	for (i = 0; i < OFFERS_MAX && i < node_count(list); i++) {
		spec = graph_resolve(r->g, node_at(list, i));
		if (!json_object_is_type(spec, json_type_object))
			continue;
		other = (struct one){ .used = false };
		sale = text_is_type(node_get(spec, "priceType"), "SalePrice");
		priced = read_specification(r, spec, currency, &other);
		if (priced && (!found || (sale && !on_sale))) {
			take_list_price(&first.money, &other.money);
			if (found)
				take_before(&first.money, &other.money);
			first = other;
			found = true;
			on_sale = sale;
			continue;
		}
		take_list_price(&other.money, &first.money);
		if (priced && on_sale && !sale)
			take_before(&other.money, &first.money);
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

	currency = product_currency(offer, currency);
	if (currency == NULL)
		currency = product_currency(graph_resolve(r->g, node_at(node_get(offer, "priceSpecification"), 0)), NULL);
	found = read_specifications(r, offer, currency, &specified);
	if (!text_is_type(node_get(offer, "priceType"), list_price_types))
		zero = read_member(r, offer, "price", currency, &one->money, &one->entry);
	/* P25: a price of 0 is unknown, as long as something else is known. */
	if (zero && one->money.amount.coef != 0) {
		take_list_price(&specified.money, &one->money);
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
	take_list_price(&specified.money, &one->money);
	return zero;
}

/* P15.1: what is struck out beside the price. */
static void
read_before(struct reading *r, struct json_object *offer, struct money *money)
{
	struct trace_entry *entry = NULL;
	struct money before;

	if (!read_member(r, offer, NODE_BEFORE, NULL, &before, &entry))
		return;
	trace_lost(entry, "struck out, or called old");
	if (money->has_amount)
		take_before(&before, money);
}

void
product_read_price(struct reading *r, struct json_object *offer, const char *currency, struct one *one)
{
	if (!read_price(r, offer, currency, one))
		one->money.has_amount = false;
	read_before(r, offer, &one->money);
}
