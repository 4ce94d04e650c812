#include "price/extract_tree.h"

#include <string.h>
#include <strings.h>

#define CLOSE_LOOKBACK 256 /* how far up a closing tag looks for its element */

static const struct {
	const char *text;
	enum prop_name name;
} prop_names[] = { { "price", PROP_PRICE }, { "lowPrice", PROP_LOW_PRICE }, { "highPrice", PROP_HIGH_PRICE },
	{ "priceCurrency", PROP_CURRENCY }, { "currency", PROP_CURRENCY }, { "availability", PROP_AVAILABILITY },
	{ "name", PROP_NAME }, { "hasCurrencyValue", PROP_PRICE }, { "hasCurrency", PROP_CURRENCY } };

static const struct {
	const char *text;
	enum item_type type;
} item_types[] = { { "Product", ITEM_PRODUCT }, { "IndividualProduct", ITEM_PRODUCT }, { "ProductModel", ITEM_PRODUCT },
	{ "ProductGroup", ITEM_PRODUCT }, { "Vehicle", ITEM_PRODUCT }, { "Car", ITEM_PRODUCT },
	{ "Book", ITEM_PRODUCT }, { "SoftwareApplication", ITEM_PRODUCT }, { "VideoGame", ITEM_PRODUCT },
	{ "Offer", ITEM_OFFER }, { "AggregateOffer", ITEM_OFFER }, { "Offering", ITEM_OFFER },
	{ "Offer-aggregate", ITEM_OFFER }, { "PriceSpecification", ITEM_SPECIFICATION },
	{ "UnitPriceSpecification", ITEM_SPECIFICATION } };

/* What stands behind the last of / # : */
static struct slice
local_name(struct slice s)
{
	size_t i;

	for (i = s.len; i > 0; i--) {
		if (strchr("/#:", s.p[i - 1]) != NULL)
			return (struct slice){ s.p + i, s.len - i };
	}
	return s;
}

static enum prop_name
prop_of(struct slice word)
{
	size_t i;

	word = local_name(word);
	for (i = 0; i < ARRAY_LEN(prop_names); i++) {
		if (slice_is(word, prop_names[i].text))
			return prop_names[i].name;
	}
	return PROP_NONE;
}

static enum item_type
type_of(struct slice types)
{
	struct slice word;
	size_t i;

	if (types.p == NULL || types.len == 0)
		return ITEM_UNTYPED;
	while (slice_next_word(&types, &word)) {
		word = local_name(word);
		for (i = 0; i < ARRAY_LEN(item_types); i++) {
			if (slice_is(word, item_types[i].text))
				return item_types[i].type;
		}
	}
	return ITEM_OTHER;
}

static bool
leads_aside(struct slice props)
{
	return slice_has_word(props, "isRelatedTo") || slice_has_word(props, "isSimilarTo") ||
	       slice_has_word(props, "isAccessoryOrSparePartFor") || slice_has_word(props, "itemListElement") ||
	       slice_has_word(props, "review");
}

/* v: and gr: are the retired vocabularies; the rest is RDFa Lite. og: and product: are <meta>'s. */
static enum method
vocabulary_of(struct slice word)
{
	if (word.len > 2 && strncasecmp(word.p, "v:", 2) == 0)
		return METHOD_V_RDFA;
	if (word.len > 3 && strncasecmp(word.p, "gr:", 3) == 0)
		return METHOD_V_RDFA;
	if (memmem(word.p, word.len, "data-vocabulary.org", 19) != NULL)
		return METHOD_V_RDFA;
	if (word.len > 3 && (strncasecmp(word.p, "og:", 3) == 0 || memchr(word.p, ':', word.len) != NULL) &&
	    strncasecmp(word.p, "schema:", 7) != 0 && memmem(word.p, word.len, "schema.org", 10) == NULL)
		return METHOD_NONE;
	return METHOD_RDFA;
}

/* Where a property's value stands when it is no text (P26). */
static bool
attribute_value(const struct tag *tag, struct slice *value)
{
	static const struct {
		const char *element, *attr;
	} of[] = { { "data", "value" }, { "meter", "value" }, { "time", "datetime" }, { "a", "href" },
		{ "link", "href" }, { "area", "href" }, { "img", "src" }, { "source", "src" } };
	size_t i;

	*value = markup_attr(tag, "content");
	if (value->p != NULL)
		return true;
	for (i = 0; i < ARRAY_LEN(of); i++) {
		if (!slice_is(tag->name, of[i].element))
			continue;
		*value = markup_attr(tag, of[i].attr);
		return value->p != NULL;
	}
	return false;
}

static void
add_prop(struct tree *t, const struct tag *tag, enum method method, struct slice word, int item)
{
	struct tree_prop *prop = &t->props[t->n_props];

	if (t->n_props == TREE_PROPS_MAX)
		return;
	*prop = (struct tree_prop){ .method = method, .name = prop_of(word), .item = item };
	if (prop->name == PROP_NONE)
		return;
	/* A link's text is its text, but for what is a link by nature. */
	prop->machine = attribute_value(tag, &prop->value) &&
			(!slice_is(tag->name, "a") || prop->name == PROP_AVAILABILITY);
	if (!prop->machine)
		prop->value = (struct slice){ tag->end, 0 };
	if (!prop->machine && tag->empty)
		return;
	t->n_props++;
}

static int
add_item(struct tree *t, int parent, struct slice types, struct slice props)
{
	struct tree_item *item = &t->items[t->n_items];

	if (t->n_items == TREE_ITEMS_MAX)
		return parent;
	item->parent = parent;
	item->type = type_of(types);
	item->aside = leads_aside(props) || (parent >= 0 && t->items[parent].aside);
	return (int)t->n_items++;
}

/* Props still without an end, of the elements from the top down to `depth`. */
static void
close_to(struct tree *t, size_t depth, const char *end)
{
	while (t->depth > depth) {
		struct tree_element *e = &t->stack[--t->depth];
		size_t i;

		for (i = e->first_prop; i < e->first_prop + e->n_props; i++) {
			if (!t->props[i].machine)
				t->props[i].value.len = (size_t)(end - t->props[i].value.p);
		}
	}
}

static void
close_tag(struct tree *t, const struct tag *tag)
{
	size_t i, looked;

	for (i = t->depth, looked = 0; i > 0 && looked < CLOSE_LOOKBACK; i--, looked++) {
		struct slice name = t->stack[i - 1].name;

		if (name.len == tag->name.len && strncasecmp(name.p, tag->name.p, name.len) == 0) {
			close_to(t, i - 1, tag->start);
			return;
		}
	}
}

/* <li>, <p> and the like end where the next one begins. */
static void
close_implied(struct tree *t, const struct tag *tag)
{
	static const char *const names[] = { "li", "p", "td", "th", "tr", "dt", "dd", "option" };
	size_t i;

	if (t->depth == 0)
		return;
	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (slice_is(tag->name, names[i]) && slice_is(t->stack[t->depth - 1].name, names[i]))
			close_to(t, t->depth - 1, tag->start);
	}
}

static void
open_tag(struct tree *t, const struct tag *tag)
{
	struct slice itemprop = markup_attr(tag, "itemprop"), property = markup_attr(tag, "property"), word;
	struct slice type_of_rdfa = markup_attr(tag, "typeof");
	struct tree_element e = { .name = tag->name, .first_prop = t->n_props };
	bool scope = markup_attr(tag, "itemscope").p != NULL;
	int micro = -1, rdfa = -1;

	if (t->depth > 0) {
		micro = t->stack[t->depth - 1].item[METHOD_MICRODATA];
		rdfa = t->stack[t->depth - 1].item[METHOD_RDFA];
	}
	/* An element that is an item is its parent's property as an item, not as text. */
	while (!scope && itemprop.p != NULL && slice_next_word(&itemprop, &word))
		add_prop(t, tag, METHOD_MICRODATA, word, micro);
	while (type_of_rdfa.p == NULL && property.p != NULL && slice_next_word(&property, &word)) {
		if (vocabulary_of(word) != METHOD_NONE)
			add_prop(t, tag, vocabulary_of(word), word, rdfa);
	}
	if (scope)
		micro = add_item(t, micro, markup_attr(tag, "itemtype"), markup_attr(tag, "itemprop"));
	if (type_of_rdfa.p != NULL)
		rdfa = add_item(t, rdfa, type_of_rdfa, markup_attr(tag, "property"));
	if (tag->empty || t->depth == TREE_DEPTH_MAX)
		return;
	e.item[METHOD_MICRODATA] = micro;
	e.item[METHOD_RDFA] = rdfa;
	e.n_props = t->n_props - e.first_prop;
	t->stack[t->depth++] = e;
}

void
tree_tag(struct tree *t, const struct tag *tag)
{
	if (tag->closing) {
		close_tag(t, tag);
		return;
	}
	close_implied(t, tag);
	open_tag(t, tag);
}

void
tree_end(struct tree *t, const char *end)
{
	close_to(t, 0, end);
}

/* Is the item, or one around it, of this type? */
static bool
is_within(const struct tree *t, int item, enum item_type type)
{
	for (; item >= 0; item = t->items[item].parent) {
		if (t->items[item].type == type)
			return true;
	}
	return false;
}

/* How near two properties are: of one item, of parent and child, of one page (P26). */
static int
nearness(const struct tree *t, int a, int b)
{
	if (a == b)
		return 3;
	if (a >= 0 && (t->items[a].parent == b || (b >= 0 && t->items[b].parent == a)))
		return 2;
	return a < 0 || b < 0 ? 1 : 0;
}

/* The property of this name that is nearest to the item; the text of it in b. NULL if there is none. */
static const char *
nearest_text(const struct tree *t, enum method method, enum prop_name name, int item, struct buf *b)
{
	const struct tree_prop *best = NULL;
	int near = 0;
	size_t i;

	for (i = 0; i < t->n_props; i++) {
		const struct tree_prop *p = &t->props[i];

		if (p->method == method && p->name == name && nearness(t, p->item, item) > near) {
			best = p;
			near = nearness(t, p->item, item);
		}
	}
	buf_clear(b);
	if (best == NULL)
		return NULL;
	if (best->machine)
		markup_put_value(b, best->value);
	else
		markup_put_text(b, best->value, READER_TEXT_MAX);
	return b->len > 0 ? b->data : NULL;
}

static bool
read_prop(const struct extract *x, const struct tree *t, const struct tree_prop *prop, struct money *out)
{
	struct reader_hints hints = x->hints;
	struct buf b = BUF_INIT(0), currency = BUF_INIT(0);
	const char *code;
	bool found = true;

	code = nearest_text(t, prop->method, PROP_CURRENCY, prop->item, &currency);
	if (code != NULL)
		hints.page_currency = code;
	hints.machine = prop->machine;
	if (prop->machine)
		markup_put_value(&b, prop->value);
	else
		found = markup_put_text(&b, prop->value, READER_TEXT_MAX);
	found = found && b.len > 0 && reader_read(b.data, b.len, &hints, out) == READ_OK && out->amount.coef > 0;
	buf_release(&b);
	buf_release(&currency);
	return found;
}

/* The item's rank: in an offer, in a product, anywhere else. */
static int
prop_rank(const struct tree *t, const struct tree_prop *p, enum method method)
{
	if (p->method != method || (p->item >= 0 && t->items[p->item].aside))
		return 0;
	if (p->name == PROP_LOW_PRICE)
		return is_within(t, p->item, ITEM_OFFER) ? 2 : 0;
	if (p->name != PROP_PRICE)
		return 0;
	if (is_within(t, p->item, ITEM_OFFER) || is_within(t, p->item, ITEM_PRODUCT))
		return 3;
	return 1;
}

/* Take the first amount of the best rank; without any type only one amount may stand there (but v:, P27). */
static const struct tree_prop *
choose_prop(const struct extract *x, const struct tree *t, enum method method, struct money *out)
{
	const struct tree_prop *found = NULL;
	struct money money;
	int rank;
	size_t i;

	for (rank = 3; rank > 0 && found == NULL; rank--) {
		for (i = 0; i < t->n_props; i++) {
			if (prop_rank(t, &t->props[i], method) != rank || !read_prop(x, t, &t->props[i], &money))
				continue;
			if (found == NULL) {
				found = &t->props[i];
				*out = money;
			} else if (rank == 1 && method != METHOD_V_RDFA &&
				   amount_cmp(&money.amount, &out->amount) != 0) {
				return NULL;
			}
			if (rank != 1)
				break;
		}
	}
	return found;
}

void
extract_tree(const struct extract *x, const struct tree *t, enum method method, struct offer *o)
{
	struct buf b = BUF_INIT(0);
	const struct tree_prop *prop;
	struct money money;
	const char *text;
	int item;

	prop = choose_prop(x, t, method, &money);
	item = prop != NULL ? prop->item : -1;
	if (prop != NULL)
		extract_take(o, method, &money);
	text = nearest_text(t, method, PROP_AVAILABILITY, item, &b);
	if (text != NULL && o->availability == AVAILABILITY_ABSENT)
		o->availability = availability_read(text, b.len);
	text = nearest_text(t, method, PROP_NAME, item, &b);
	if (text != NULL)
		offer_set_title(o, text, b.len);
	buf_release(&b);
}
