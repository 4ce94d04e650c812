#include "price/items.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/class_word.h"

#define CLOSE_LOOKBACK 256 /* how far up a closing tag looks for its element */
#define OLD_LOOKBACK 4	   /* how far up a price looks for what calls it old */

struct items *
items_new(const char *text, size_t len, unsigned marks)
{
	struct items *t = xmalloc(sizeof(*t));

	t->text = text;
	t->end = text + len;
	t->seen = 0;
	t->has_refs = (marks & MARKUP_REFS) != 0;
	t->has_micro = (marks & MARKUP_ITEMS) != 0;
	t->n_items = t->n_props = t->n_named = t->n_prefixes = t->depth = 0;
	return t;
}

void
items_free(struct items *t)
{
	free(t);
}

bool
items_have(const struct items *t, enum method method)
{
	return (t->seen & PAGE_SOURCE(method)) != 0;
}

static bool
holds(struct slice s, const char *text)
{
	return s.p != NULL && memmem(s.p, s.len, text, strlen(text)) != NULL;
}

static bool
is_retired(struct slice url)
{
	return holds(url, "data-vocabulary.org") || holds(url, "purl.org/goodrelations");
}

static void
add_prefix(struct items *t, struct slice name, struct slice url)
{
	if (t->n_prefixes < ITEMS_PREFIXES_MAX && name.len > 0)
		t->prefixes[t->n_prefixes++] =
		    (struct prefix){ name, is_retired(url), holds(url, "schema.org") };
}

/* prefix="v: http://… gr: http://…", and xmlns:v= of before */
static void
find_prefixes(struct items *t, const struct tag *tag)
{
	struct slice list = markup_attr(tag, "prefix"), name, url;
	const struct attr *attrs;
	size_t i, n;

	while (list.p != NULL && slice_next_word(&list, &name) && slice_next_word(&list, &url)) {
		if (name.p[name.len - 1] == ':')
			name.len--;
		add_prefix(t, name, url);
	}
	attrs = markup_attrs(tag, &n);
	for (i = 0; i < n; i++) {
		name = attrs[i].name;
		if (name.len > 6 && strncasecmp(name.p, "xmlns:", 6) == 0)
			add_prefix(t, (struct slice){ name.p + 6, name.len - 6 }, attrs[i].value);
	}
}

/*
 * Whose word it is: v: and gr: are the retired vocabularies, whatever their
 * prefix is called; RDFa Lite is schema.org's and what has no prefix; the rest
 * (og:, product:, dc:) is none of ours.
 */
static enum method
vocabulary_of(const struct items *t, struct slice word, enum method bare)
{
	const char *colon = memchr(word.p, ':', word.len);
	struct slice name = { word.p, colon != NULL ? (size_t)(colon - word.p) : 0 };
	size_t i;

	if (colon == NULL)
		return bare;
	if (holds(word, "//"))
		return is_retired(word) ? METHOD_V_RDFA : holds(word, "schema.org") ? METHOD_RDFA : METHOD_NONE;
	for (i = t->n_prefixes; i > 0; i--) {
		const struct prefix *p = &t->prefixes[i - 1];

		if (p->name.len == name.len && strncasecmp(p->name.p, name.p, name.len) == 0 &&
		    (p->retired || p->schema))
			return p->retired ? METHOD_V_RDFA : METHOD_RDFA;
	}
	if (slice_is(name, "v") || slice_is(name, "gr"))
		return METHOD_V_RDFA;
	return slice_is(name, "schema") || slice_is(name, "s") ? METHOD_RDFA : METHOD_NONE;
}

/* Properties whose value is an address or an item by nature. */
static bool
is_address(struct slice name)
{
	static const char *const names[] = { "url", "availability", "itemCondition", "condition", "sameAs", "image",
		"mainEntityOfPage" };

	return slice_is_one_of(name, names, ARRAY_LEN(names));
}

/* Where an address may name an item that stands elsewhere. */
static bool
is_link(struct slice name)
{
	static const char *const names[] = { "offers", "priceSpecification", "hasPriceSpecification", "hasVariant",
		"isVariantOf", "mainEntity", "itemOffered", "isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor",
		"model", "offerDetails" };

	return slice_is_one_of(name, names, ARRAY_LEN(names));
}

/* Where a property's value stands when it is no text (P26): content= on any element first. */
static bool
attribute_value(const struct tag *tag, struct slice name, bool rdfa, struct slice *value)
{
	static const struct {
		const char *element, *attr;
	} of[] = { { "data", "value" }, { "meter", "value" }, { "input", "value" }, { "time", "datetime" },
		{ "link", "href" }, { "area", "href" }, { "img", "src" }, { "source", "src" }, { "embed", "src" },
		{ "iframe", "src" }, { "audio", "src" }, { "video", "src" }, { "track", "src" }, { "object", "data" } };
	size_t i;

	*value = markup_attr(tag, "content");
	/* content="" of an element that has text is left to be filled by somebody. */
	if (value->p != NULL && (tag->empty || !slice_is_blank(*value)))
		return true;
	for (i = 0; i < ARRAY_LEN(of); i++) {
		if (!slice_is(tag->name, of[i].element))
			continue;
		*value = markup_attr(tag, of[i].attr);
		if (value->p != NULL)
			return true;
	}
	*value = rdfa ? markup_attr(tag, "resource") : (struct slice){ NULL, 0 };
	if (value->p != NULL)
		return true;
	/* A link's text is its text, but for what is an address by nature. */
	if (!is_address(name) && !is_link(name))
		return false;
	*value = markup_attr(tag, "href");
	return value->p != NULL;
}

/* Does an element around the price, inside of its item, say that it is the one before (P15.1)? */
static void
find_old(const struct items *t, const struct tag *tag, struct prop *p)
{
	struct slice data;
	unsigned said = class_of(tag, &data);
	const struct element *e;
	struct markup m;
	struct tag around;
	size_t i;

	p->struck = markup_is_struck(tag->name);
	for (i = 0; i < OLD_LOOKBACK && i < t->depth; i++) {
		e = &t->stack[t->depth - 1 - i];
		if ((p->method == METHOD_MICRODATA ? e->micro : e->rdfa) != p->item)
			break;
		p->struck = p->struck || markup_is_struck(e->name);
		markup_init(&m, e->at, (size_t)(tag->start - e->at));
		if ((said & (CLASS_OLD | CLASS_NOW)) == 0 && markup_next(&m, &around))
			said = class_of(&around, &data);
	}
	p->old = (said & CLASS_OLD) != 0 && (said & CLASS_NOW) == 0;
}

static void
add_prop(struct items *t, const struct tag *tag, enum method method, struct slice word, int item)
{
	struct slice name = slice_local_name(word), value;
	const char *known = items_known(name);
	bool text;

	t->seen |= PAGE_SOURCE(method);
	if (t->n_props == ITEMS_PROPS_MAX || known == NULL)
		return;
	text = !attribute_value(tag, name, method != METHOD_MICRODATA, &value);
	if (text && tag->empty)
		return;
	if (text)
		value = (struct slice){ tag->end, 0 };
	t->props[t->n_props] = (struct prop){ .method = method, .item = item, .name = known, .value = value,
		.text = text, .is_id = !text && is_link(name), .at = tag->start };
	if (strcmp(known, "price") == 0)
		find_old(t, tag, &t->props[t->n_props]);
	t->n_props++;
}

static int
add_item(struct items *t, const struct tag *tag, struct item item)
{
	t->seen |= PAGE_SOURCE(item.method);
	if (t->n_items == ITEMS_MAX)
		return item.parent;
	item.at = tag->start;
	t->items[t->n_items] = item;
	return (int)t->n_items++;
}

/* Properties still without an end, of the elements from the top down to `depth`. */
static void
close_to(struct items *t, size_t depth, const char *end)
{
	while (t->depth > depth) {
		struct element *e = &t->stack[--t->depth];
		size_t i;

		for (i = e->first_prop; i < e->first_prop + e->n_props; i++) {
			if (t->props[i].text)
				t->props[i].value.len = (size_t)(end - t->props[i].value.p);
		}
		if (e->named >= 0)
			t->named[e->named].end = end;
	}
}

static void
close_tag(struct items *t, const struct tag *tag)
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

/* <li>, <p> and the like end where the next one begins, and <p> where a block does. */
static void
close_implied(struct items *t, const struct tag *tag)
{
	static const char *const same[] = { "li", "p", "td", "th", "tr", "dt", "dd", "option" };
	static const char *const blocks[] = { "div", "ul", "ol", "table", "form", "section", "h1", "h2", "h3", "h4", "dl",
		"article", "aside", "footer", "header", "main", "nav" };
	struct slice top;

	if (t->depth == 0)
		return;
	top = t->stack[t->depth - 1].name;
	if ((top.len == tag->name.len && strncasecmp(top.p, tag->name.p, top.len) == 0 &&
		slice_is_one_of(top, same, ARRAY_LEN(same))) ||
	    (slice_is(top, "p") && slice_is_one_of(tag->name, blocks, ARRAY_LEN(blocks))))
		close_to(t, t->depth - 1, tag->start);
}

static void
open_micro(struct items *t, const struct tag *tag, struct element *e)
{
	struct slice props = markup_attr(tag, "itemprop"), word;

	/* An element that is an item is its parent's property as an item, not as text. */
	if (markup_attr(tag, "itemscope").p != NULL) {
		e->micro = add_item(t, tag,
		    (struct item){ .method = METHOD_MICRODATA, .parent = e->micro, .types = markup_attr(tag, "itemtype"),
			.id = markup_attr(tag, "itemid"), .refs = markup_attr(tag, "itemref"), .props = props });
		return;
	}
	while (props.p != NULL && slice_next_word(&props, &word))
		add_prop(t, tag, METHOD_MICRODATA, word, e->micro);
}

/* The vocabulary of a list of words: that of the first that has one. */
static enum method
vocabulary_of_any(const struct items *t, struct slice words, enum method bare)
{
	enum method method = METHOD_NONE;
	struct slice word;

	while (method == METHOD_NONE && words.p != NULL && slice_next_word(&words, &word))
		method = vocabulary_of(t, word, bare);
	return method;
}

static void
open_rdfa(struct items *t, const struct tag *tag, struct element *e)
{
	struct slice property = markup_attr(tag, "property"), type = markup_attr(tag, "typeof"), rel, word;
	struct slice vocab = markup_attr(tag, "vocab"), id;
	enum method method;

	if (vocab.p != NULL)
		e->vocabulary = is_retired(vocab) ? METHOD_V_RDFA : METHOD_RDFA;
	rel = markup_attr(tag, "rel");
	if (rel.p != NULL && vocabulary_of_any(t, rel, METHOD_NONE) == METHOD_NONE && !is_link(rel))
		rel.p = NULL;
	if (type.p != NULL) {
		method = vocabulary_of_any(t, type, e->vocabulary);
		id = markup_attr(tag, "resource");
		if (id.p == NULL)
			id = markup_attr(tag, "about");
		if (property.p == NULL)
			property = rel.p != NULL ? rel : e->rel;
		if (method != METHOD_NONE)
			e->rdfa = add_item(t, tag, (struct item){ .method = method, .parent = e->rdfa, .types = type,
							   .id = id, .props = property });
		e->rel.p = NULL;
		return;
	}
	if (rel.p != NULL)
		e->rel = rel;
	while (property.p != NULL && slice_next_word(&property, &word)) {
		method = vocabulary_of(t, word, e->vocabulary);
		if (method != METHOD_NONE)
			add_prop(t, tag, method, word, e->rdfa);
	}
}

static void
open_tag(struct items *t, const struct tag *tag)
{
	struct element e = { .name = tag->name, .micro = -1, .rdfa = -1, .vocabulary = METHOD_RDFA,
		.first_prop = t->n_props, .named = -1, .at = tag->start };
	struct slice id;

	if (t->depth > 0) {
		e.micro = t->stack[t->depth - 1].micro;
		e.rdfa = t->stack[t->depth - 1].rdfa;
		e.vocabulary = t->stack[t->depth - 1].vocabulary;
		e.rel = t->stack[t->depth - 1].rel;
	}
	if (t->has_refs && t->n_named < ITEMS_IDS_MAX && (id = markup_attr(tag, "id")).p != NULL) {
		e.named = (int)t->n_named;
		t->named[t->n_named++] =
		    (struct named){ .id = id, .start = tag->start, .end = tag->end, .item = e.micro };
	}
	/* <div itemscope> alone is an item, too, of no type. */
	if ((tag->marks & MARKUP_ITEMS) != 0 || (t->has_micro && markup_tag_has(tag, "itemscope")))
		open_micro(t, tag, &e);
	if ((tag->marks & MARKUP_PREFIX) != 0)
		find_prefixes(t, tag);
	if ((tag->marks & (MARKUP_RDFA | MARKUP_RELATED)) != 0)
		open_rdfa(t, tag, &e);
	if (tag->empty || t->depth == ITEMS_DEPTH_MAX)
		return;
	e.n_props = t->n_props - e.first_prop;
	t->stack[t->depth++] = e;
}

void
items_tag(struct items *t, const struct tag *tag)
{
	if (tag->closing) {
		close_tag(t, tag);
		return;
	}
	close_implied(t, tag);
	open_tag(t, tag);
}

void
items_end(struct items *t)
{
	close_to(t, 0, t->end);
}
