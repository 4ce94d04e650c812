#include "price/extract_items.h"

#include <json-c/json_object.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/items.h"
#include "price/product.h"

#define REFS_MAX 64 /* links by itemref, in a page */
#define LOOSE_MAX 200 /* prices of no offer and no product that are looked at */

static const struct {
	const char *text, *name;
} old_types[] = { { "Offering", "Offer" }, { "Offer-aggregate", "AggregateOffer" },
	{ "OfferAggregate", "AggregateOffer" }, { "SomeItems", "Product" }, { "ProductOrServiceModel", "Product" },
	{ "ActualProductOrServiceInstance", "Product" } };

static bool
is_price(const char *name)
{
	return strcmp(name, "price") == 0 || strcmp(name, "lowPrice") == 0 || strcmp(name, "highPrice") == 0;
}

/* Append to a member: several values are a list. Takes over the reference. */
static void
add_member(struct json_object *node, const char *name, struct json_object *value)
{
	struct json_object *old, *list;

	if (!json_object_object_get_ex(node, name, &old)) {
		json_object_object_add(node, name, value);
		return;
	}
	if (json_object_is_type(old, json_type_array)) {
		json_object_array_add(old, value);
		return;
	}
	list = json_object_new_array();
	json_object_array_add(list, json_object_get(old));
	json_object_array_add(list, value);
	json_object_object_add(node, name, list);
}

static struct json_object *
new_string(struct slice s)
{
	return json_object_new_string_len(s.p, (int)s.len);
}

/* {"@text": …, "@at": …}, {"@value": …, "@at": …}; NULL if there is no text, or too much. */
static struct json_object *
value_of(const struct extract *x, const struct items *t, const struct prop *p, const char *name)
{
	struct json_object *value;
	struct buf b = BUF_INIT(0);
	bool fits = true;

	if (!p->text)
		markup_put_value(&b, p->value);
	else if (is_price(name))
		fits = extract_price_text(x, p->value, &b);
	else
		fits = markup_put_shown(&b, p->value, READER_TEXT_MAX);
	if (!fits || b.len == 0 || b.len > READER_TEXT_MAX) {
		buf_release(&b);
		return NULL;
	}
	value = json_object_new_object();
	json_object_object_add(value, p->text ? NODE_TEXT : p->is_id ? "@id" : "@value",
	    new_string((struct slice){ b.data, b.len }));
	if (!p->is_id)
		json_object_object_add(value, NODE_AT, json_object_new_int64(p->at - t->text));
	buf_release(&b);
	return value;
}

static struct json_object *
new_node(const struct items *t, const struct item *item)
{
	struct json_object *node = json_object_new_object(), *types = json_object_new_array();
	struct slice words = item->types, word;
	size_t i;

	while (words.p != NULL && slice_next_word(&words, &word)) {
		word = slice_local_name(word);
		for (i = 0; i < ARRAY_LEN(old_types) && !slice_is(word, old_types[i].text); i++)
			;
		json_object_array_add(
		    types, i < ARRAY_LEN(old_types) ? json_object_new_string(old_types[i].name) : new_string(word));
	}
	json_object_object_add(node, "@type", types);
	if (item->id.p != NULL && item->id.len > 0)
		json_object_object_add(node, "@id", new_string(item->id));
	json_object_object_add(node, NODE_AT, json_object_new_int64(item->at - t->text));
	return node;
}

/* The nodes of one vocabulary while they are made. */
struct maker {
	const struct extract *x;
	const struct items *t;
	enum method method;
	struct json_object **nodes; /* of each item; NULL for those of other vocabularies */
	struct json_object *bare;   /* properties of no item */
	struct {
		int parent, child;
	} refs[REFS_MAX];
	size_t n_refs;
};

/* Is `item` the same as `of`, or around it? Goes up parents and itemrefs, each item once. */
static bool
is_around(const struct maker *m, int item, int of)
{
	int *stack = xmalloc(sizeof(int) * (ITEMS_MAX + 1));
	bool *seen = xcalloc(ITEMS_MAX, sizeof(bool)), found = false;
	size_t n = 0, i;

	stack[n++] = of;
	while (n > 0 && !found) {
		int at = stack[--n];

		found = at == item;
		if (at < 0 || seen[at])
			continue;
		seen[at] = true;
		if (m->t->items[at].parent >= 0 && n < ITEMS_MAX)
			stack[n++] = m->t->items[at].parent;
		for (i = 0; i < m->n_refs && n < ITEMS_MAX; i++) {
			if (m->refs[i].child == at)
				stack[n++] = m->refs[i].parent;
		}
	}
	free(stack);
	free(seen);
	return found;
}

static void
link_item(struct maker *m, int parent, int child)
{
	struct slice words = m->t->items[child].props, word;
	char name[64];

	while (words.p != NULL && slice_next_word(&words, &word)) {
		const char *to;

		word = slice_local_name(word);
		to = items_known(word);
		if (to == NULL && (word.len == 0 || word.len >= sizeof(name)))
			continue;
		if (to == NULL) {
			memcpy(name, word.p, word.len);
			name[word.len] = '\0';
			to = name;
		}
		add_member(m->nodes[parent], to, json_object_get(m->nodes[child]));
	}
}

static void
add_prop(struct maker *m, struct json_object *node, const struct prop *p)
{
	struct json_object *value = value_of(m->x, m->t, p, p->name);
	/* P15.1: what is struck out is never the price, what is only called old is if nothing else is. */
	bool before = p->struck || (p->old && json_object_object_get_ex(node, "price", NULL));

	if (value != NULL)
		add_member(node, before ? NODE_BEFORE : p->name, value);
}

/* Prices that their elements call old come last, when it is known whether there is another one. */
static void
add_props(struct maker *m, bool old)
{
	const struct items *t = m->t;
	size_t i;

	for (i = 0; i < t->n_props; i++) {
		const struct prop *p = &t->props[i];

		if (p->method == m->method && p->old == old)
			add_prop(m, p->item >= 0 && m->nodes[p->item] != NULL ? m->nodes[p->item] : m->bare, p);
	}
}

/* P26: what stands in an element that itemref names, unless a nearer item owns it. */
static void
add_named(struct maker *m, int item, const struct named *named)
{
	const struct items *t = m->t;
	size_t i;

	if (named->item == item)
		return;
	for (i = 0; i < t->n_props; i++) {
		const struct prop *p = &t->props[i];

		if (p->method == m->method && p->item == named->item && p->at >= named->start && p->at < named->end)
			add_prop(m, m->nodes[item], p);
	}
	for (i = 0; i < t->n_items && m->n_refs < REFS_MAX; i++) {
		const struct item *child = &t->items[i];

		if (m->nodes[i] == NULL || child->props.p == NULL || child->parent != named->item ||
		    child->at < named->start || child->at >= named->end || is_around(m, (int)i, item))
			continue;
		m->refs[m->n_refs].parent = item;
		m->refs[m->n_refs++].child = (int)i;
		link_item(m, item, (int)i);
	}
}

static void
add_refs(struct maker *m, int item)
{
	struct slice words = m->t->items[item].refs, word;
	size_t i, n;

	for (n = 0; n < REFS_MAX && words.p != NULL && slice_next_word(&words, &word); n++) {
		for (i = 0; i < m->t->n_named; i++) {
			struct slice id = m->t->named[i].id;

			if (id.len == word.len && memcmp(id.p, word.p, id.len) == 0)
				break;
		}
		if (i < m->t->n_named)
			add_named(m, item, &m->t->named[i]);
	}
}

static void
make_graph(struct maker *m, struct graph *g)
{
	const struct items *t = m->t;
	size_t i, refs = 0;

	for (i = 0; i < t->n_items; i++)
		m->nodes[i] = t->items[i].method == m->method ? new_node(t, &t->items[i]) : NULL;
	add_props(m, false);
	add_props(m, true);
	for (i = 0; i < t->n_items; i++) {
		int parent = t->items[i].parent;

		if (m->nodes[i] == NULL)
			continue;
		if (parent >= 0 && m->nodes[parent] != NULL)
			link_item(m, parent, (int)i);
	}
	for (i = 0; i < t->n_items && refs < REFS_MAX; i++) {
		if (m->nodes[i] != NULL && t->items[i].refs.p != NULL) {
			add_refs(m, (int)i);
			refs++;
		}
	}
	for (i = 0; i < t->n_items; i++) {
		const struct item *item = &t->items[i];

		/* Those that are something to another one hang there. */
		if (m->nodes[i] == NULL)
			continue;
		if (item->props.p != NULL && item->parent >= 0 && m->nodes[item->parent] != NULL)
			json_object_put(m->nodes[i]);
		else
			graph_add(g, m->nodes[i], item->at);
	}
}

static bool
type_has(struct slice types, const char *name)
{
	struct slice word;

	while (types.p != NULL && slice_next_word(&types, &word)) {
		if (slice_is(slice_local_name(word), name))
			return true;
	}
	return false;
}

/* Inside of an offer or a product that has been read already, or of what is only related. */
static bool
is_owned(const struct items *t, int item)
{
	static const char *const types[] = { "Product", "IndividualProduct", "ProductModel", "ProductGroup", "Vehicle",
		"Car", "Book", "SoftwareApplication", "VideoGame", "Offer", "AggregateOffer", "Offering" };
	static const char *const aside[] = { "isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor",
		"itemListElement", "review" };
	size_t i;

	for (; item >= 0; item = t->items[item].parent) {
		for (i = 0; i < ARRAY_LEN(types); i++) {
			if (type_has(t->items[item].types, types[i]))
				return true;
		}
		for (i = 0; i < ARRAY_LEN(aside); i++) {
			if (slice_has_word(t->items[item].props, aside[i]))
				return true;
		}
	}
	return false;
}

/* How near two items are: the same, parent and child, of the page. */
static int
nearness(const struct items *t, int a, int b)
{
	if (a == b)
		return 3;
	if (a >= 0 && (t->items[a].parent == b || (b >= 0 && t->items[b].parent == a)))
		return 2;
	return a < 0 || b < 0 ? 1 : 0;
}

/* The property of this name that is nearest to the item, as a value to be put away; NULL if there is none. */
static struct json_object *
nearest(const struct extract *x, const struct items *t, enum method method, const char *name, int item)
{
	const struct prop *best = NULL;
	int near = 0;
	size_t i;

	for (i = 0; i < t->n_props; i++) {
		const struct prop *p = &t->props[i];

		if (p->method == method && strcmp(p->name, name) == 0 && nearness(t, p->item, item) > near) {
			best = p;
			near = nearness(t, p->item, item);
		}
	}
	return best != NULL ? value_of(x, t, best, name) : NULL;
}

static void
read_fields(const struct extract *x, const struct items *t, int item, struct stated *out)
{
	struct json_object *value = nearest(x, t, out->method, "availability", item);
	const char *text;
	size_t len;

	text = node_text(value, &len);
	if (text != NULL && out->availability == AVAILABILITY_ABSENT)
		out->availability = availability_read(text, len);
	json_object_put(value);
	value = nearest(x, t, out->method, "name", item);
	text = node_text(value, &len);
	if (text != NULL && out->title[0] == '\0')
		offer_title(text, len, out->title);
	json_object_put(value);
}

/* One property that may be the price by itself: read with the currency that is nearest to it. */
static bool
read_loose(const struct extract *x, const struct items *t, const struct prop *p, struct stated *out, struct money *money)
{
	struct json_object *value = value_of(x, t, p, "price"), *code = nearest(x, t, p->method, "priceCurrency", p->item);
	struct json_object *node = json_object_new_object();
	size_t len;
	bool found;

	json_object_object_add(node, "price", value);
	found = value != NULL && product_read_amount(x, value, node_text(code, &len), money, out) && money->amount.coef > 0;
	if (found) {
		out->entry = product_trace(x, &(struct graph){ .n = 0 }, node, "price", money, p->method);
		trace_lost(out->entry, "%s", "of no offer and no product");
	}
	json_object_put(node);
	json_object_put(code);
	return found;
}

/* A price that no offer and no product encloses: microdata's only one (P26), the first of the retired ones (P27). */
static void
read_bare(const struct extract *x, const struct items *t, struct stated *out)
{
	const struct prop *found = NULL;
	struct trace_entry *entry = NULL;
	struct money money;
	size_t i, n = 0;

	for (i = 0; i < t->n_props; i++) {
		const struct prop *p = &t->props[i];

		if (p->method != out->method || strcmp(p->name, "price") != 0 || p->struck ||
		    (p->method != METHOD_V_RDFA && is_owned(t, p->item)))
			continue;
		if (n++ == LOOSE_MAX)
			break;
		if (!read_loose(x, t, p, out, &money))
			continue;
		if (found == NULL) {
			found = p;
			out->money = money;
			entry = out->entry;
			if (out->method == METHOD_V_RDFA)
				break;
		} else if (amount_cmp(&money.amount, &out->money.amount) != 0) {
			out->money = (struct money){ .warnings = 0 };
			return;
		}
	}
	if (found == NULL)
		return;
	out->entry = entry;
	out->availability = AVAILABILITY_ABSENT;
	read_fields(x, t, found->item, out);
}

void
extract_items(const struct extract *x, const struct items *t, enum method method, struct stated *out)
{
	struct maker m = { .x = x, .t = t, .method = method };
	struct extract with = *x;
	struct graph g = { .n = 0 };
	struct json_object *product, *code;
	size_t len;

	out->method = method;
	if (!items_have(t, method))
		return;
	m.nodes = xcalloc(t->n_items + 1, sizeof(struct json_object *));
	m.bare = json_object_new_object();
	make_graph(&m, &g);
	graph_walk(&g);
	/* A currency outside of all items is the page's. */
	code = node_get(m.bare, "priceCurrency");
	if (code != NULL && node_text(code, &len) != NULL)
		with.hints.page_currency = node_text(code, &len);
	product = product_choose(&with, &g, out);
	product_read(&with, &g, product, out);
	if (!out->money.has_amount)
		read_bare(x, t, out);
	if (!out->money.has_amount && !out->listed)
		read_fields(x, t, -1, out);
	graph_release(&g);
	json_object_put(m.bare);
	free(m.nodes);
}
