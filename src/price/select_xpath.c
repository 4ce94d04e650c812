/*
 * Rules that are XPath expressions: libxml2 evaluates them, on a tree that is
 * made here from the flat scan (nest.h). Its own parser of HTML is not used:
 * css and xpath rules are to see the same elements, in bounded time whatever
 * the page (P38), and a node is to know its place in the page, so that its text
 * is read as everywhere else (P27). Nothing is fetched or expanded (P40).
 */
#include <ctype.h>
#include <libxml/HTMLtree.h>
#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/nest.h"
#include "price/select.h"

#define NODES_MAX 600000 /* some 80 MiB (P38) */
#define FOUND_MAX 10000	 /* P38: candidate nodes */
#define STEPS_MAX 3000000
#define TEXT_COST 32	   /* of a text node beside its bytes, when texts are joined */
#define TEXTS_MAX (96u << 20) /* to take the text of every element, one after the other */
#define NAME_MAX_LEN 256
#define GAP_MAX 1024	   /* of markup between two pieces of one text */
#define PIECE_MAX 8192
#define FILTER_BITS 4096

struct xpath {
	xmlXPathCompExpr *compiled;
};

struct builder {
	const struct page *page;
	struct nest nest;
	xmlDoc *doc;
	xmlNode *open[NEST_DEPTH_MAX];
	struct slice *places; /* of elements and texts; a node's _private is the number of its place */
	size_t n_places, cap_places;
	size_t n_nodes;
	size_t texts; /* what all elements' texts come to */
	bool out_of_room;
	struct buf text;
	uint64_t filter[FILTER_BITS / 64];
};

/* libxml2 prints what it complains of, unless somebody listens. */
static void
ignore_error(void *arg, const xmlError *error)
{
	(void)arg;
	(void)error;
}

static xmlStructuredErrorFunc
error_handler(void)
{
	union {
		void (*is)(void *, const xmlError *);
		xmlStructuredErrorFunc wanted; /* before 2.12 without const */
	} cast = { ignore_error };

	return cast.wanted;
}

struct xpath *
xpath_compile(const char *text)
{
	xmlXPathContext *context = xmlXPathNewContext(NULL);
	struct xpath *x = xcalloc(1, sizeof(*x));

	if (context != NULL) {
		context->error = error_handler();
		x->compiled = xmlXPathCtxtCompile(context, (const xmlChar *)text);
		xmlXPathFreeContext(context);
	}
	if (x->compiled != NULL)
		return x;
	free(x);
	return NULL;
}

void
xpath_free(struct xpath *x)
{
	if (x == NULL)
		return;
	xmlXPathFreeCompExpr(x->compiled);
	free(x);
}

/* P38: room for so many more nodes, and time left for the page. */
static bool
count_nodes(struct builder *b, size_t n)
{
	const volatile int *stop = b->page->stop;

	b->n_nodes += n;
	if (b->n_nodes > NODES_MAX || (stop != NULL && *stop != 0))
		b->out_of_room = true;
	return !b->out_of_room;
}

/* A name in lower case, kept once in the document; NULL if there is no memory. */
static const xmlChar *
keep_name(struct builder *b, struct slice name)
{
	xmlChar lower[NAME_MAX_LEN];
	size_t i, n = name.len < sizeof(lower) ? name.len : sizeof(lower);

	for (i = 0; i < n; i++)
		lower[i] = (xmlChar)tolower((unsigned char)name.p[i]);
	return xmlDictLookup(b->doc->dict, lower, (int)n);
}

/* Has the element the attribute already? Most names are told apart by one bit. */
static bool
has_attr(struct builder *b, const xmlNode *node, const xmlChar *name)
{
	uintptr_t bit = ((uintptr_t)name >> 3) % FILTER_BITS;
	const xmlAttr *a;

	if ((b->filter[bit / 64] >> (bit % 64) & 1) == 0) {
		b->filter[bit / 64] |= UINT64_C(1) << (bit % 64);
		return false;
	}
	for (a = node->properties; a != NULL; a = a->next) {
		if (a->name == name)
			return true;
	}
	return false;
}

static const xmlChar *
decoded(struct builder *b, struct slice value)
{
	buf_clear(&b->text);
	markup_put_value(&b->text, value);
	return (const xmlChar *)(b->text.data != NULL ? b->text.data : "");
}

/* Behind the last one, which libxml2 would look for; returns the new last one. */
static xmlAttr *
add_attr(struct builder *b, xmlNode *node, xmlAttr *last, const xmlChar *name, struct slice value)
{
	xmlAttr *a = count_nodes(b, 2) ? xmlMalloc(sizeof(*a)) : NULL;
	xmlNode *text = a != NULL ? xmlNewDocText(b->doc, decoded(b, value)) : NULL;

	if (text == NULL) {
		xmlFree(a);
		b->out_of_room = true;
		return last;
	}
	*a = (xmlAttr){ .type = XML_ATTRIBUTE_NODE, .name = name, .parent = node, .doc = b->doc, .prev = last,
		.children = text, .last = text };
	text->parent = (xmlNode *)a;
	if (last != NULL)
		last->next = a;
	else
		node->properties = a;
	if (strcmp((const char *)name, "id") == 0)
		xmlAddID(NULL, b->doc, text->content, a);
	return a;
}

static void
add_attrs(struct builder *b, xmlNode *node, const struct tag *tag)
{
	const struct attr *attrs;
	xmlAttr *a, *last = NULL;
	size_t i, n;

	attrs = markup_attrs(tag, &n);
	if (n > 0)
		memset(b->filter, 0, sizeof(b->filter));
	for (a = node->properties; a != NULL; last = a, a = a->next)
		has_attr(b, node, a->name);
	for (i = 0; i < n && !b->out_of_room; i++) {
		const xmlChar *name = keep_name(b, attrs[i].name);

		if (name != NULL && !has_attr(b, node, name))
			last = add_attr(b, node, last, name, attrs[i].value);
	}
}

/* Behind the last child of the parent; libxml2 would look for texts to be joined. */
static void
append(xmlNode *parent, xmlNode *node)
{
	node->parent = parent;
	node->prev = parent->last;
	if (parent->last != NULL)
		parent->last->next = node;
	else
		parent->children = node;
	parent->last = node;
}

static void
set_place(struct builder *b, xmlNode *node, struct slice place)
{
	if (b->n_places == b->cap_places) {
		b->cap_places = b->cap_places == 0 ? 1024 : b->cap_places * 2;
		b->places = xreallocarray(b->places, b->cap_places, sizeof(*b->places));
	}
	b->places[b->n_places] = place;
	node->_private = (void *)(uintptr_t)++b->n_places;
}

static bool
build_open(void *arg, unsigned depth, const struct tag *tag)
{
	struct builder *b = arg;
	const xmlChar *name = keep_name(b, tag->name);
	xmlNode *node = NULL;

	if (name != NULL && count_nodes(b, 1))
		node = xmlNewDocNodeEatName(b->doc, NULL, (xmlChar *)(uintptr_t)name, NULL);
	if (node == NULL) {
		b->out_of_room = true;
		return false;
	}
	append(depth > 0 ? b->open[depth - 1] : (xmlNode *)b->doc, node);
	b->open[depth] = node;
	set_place(b, node, (struct slice){ tag->end, 0 });
	add_attrs(b, node, tag);
	return !b->out_of_room;
}

static bool
build_again(void *arg, unsigned depth, const struct tag *tag)
{
	struct builder *b = arg;

	add_attrs(b, b->open[depth], tag);
	return !b->out_of_room;
}

static bool
build_close(void *arg, unsigned depth, const struct nest_element *e, const char *end)
{
	struct builder *b = arg;
	struct slice *place = &b->places[(uintptr_t)b->open[depth]->_private - 1];

	place->len = end > e->content ? (size_t)(end - e->content) : 0;
	return true;
}

static void
add_text(struct builder *b, unsigned depth, struct slice text, bool raw)
{
	xmlNode *node = NULL;

	if (text.len == 0)
		return;
	b->texts += (depth + 1) * (text.len + TEXT_COST);
	if (b->texts > TEXTS_MAX) {
		b->out_of_room = true;
		return;
	}
	if (count_nodes(b, 1))
		node = xmlNewDocText(b->doc, NULL);
	if (node != NULL && raw)
		node->content = xmlStrndup((const xmlChar *)text.p, (int)text.len);
	else if (node != NULL)
		node->content = xmlStrdup(decoded(b, text));
	if (node == NULL || node->content == NULL) {
		b->out_of_room = true;
		xmlFreeNode(node);
		return;
	}
	set_place(b, node, text);
	append(b->open[depth], node);
}

static void
add_comment(struct builder *b, xmlNode *parent, struct slice text)
{
	xmlNode *node = NULL;
	xmlChar *content = xmlStrndup((const xmlChar *)text.p, (int)text.len);

	if (content != NULL && count_nodes(b, 1))
		node = xmlNewDocComment(b->doc, content);
	xmlFree(content);
	if (node != NULL)
		append(parent, node);
	else
		b->out_of_room = true;
}

/* A run between tags: texts, with comments between them. One that never ends is text. */
static bool
build_text(void *arg, unsigned depth, struct slice text, bool raw)
{
	struct builder *b = arg;
	const char *end = text.p + text.len, *comment, *behind;

	while (!raw && (comment = memmem(text.p, text.len, "<!--", 4)) != NULL &&
	       (behind = markup_comment_end(comment, end)) != NULL) {
		add_text(b, depth, (struct slice){ text.p, (size_t)(comment - text.p) }, false);
		if (behind - comment >= 7)
			add_comment(b, b->open[depth], (struct slice){ comment + 4, (size_t)(behind - comment - 7) });
		text = (struct slice){ behind, (size_t)(end - behind) };
	}
	add_text(b, depth, text, raw);
	return !b->out_of_room;
}

/* The tree of the page; false if it was too large. */
static bool
build_tree(struct builder *b, const struct extract *x)
{
	static const struct nest_ops ops = { build_open, build_close, build_text, build_again };

	b->doc = htmlNewDocNoDtD(NULL, NULL);
	if (b->doc == NULL)
		return false;
	if (b->doc->dict == NULL)
		b->doc->dict = xmlDictCreate();
	if (b->doc->dict == NULL)
		return false;
	nest_run(&b->nest, x->text, x->len, &ops, b);
	if (b->out_of_room)
		return false;
	/* So that two nodes are compared without a walk. */
	xmlXPathOrderDocElems(b->doc);
	return true;
}

static struct slice
place_of(const struct builder *b, const xmlNode *node)
{
	return b->places[(uintptr_t)node->_private - 1];
}

/* Is there nothing to be read between two texts but tags? */
static bool
is_adjacent(struct builder *b, struct slice before, struct slice behind)
{
	struct slice gap = { before.p + before.len, 0 };
	size_t i;

	if (behind.p < gap.p || (size_t)(behind.p - gap.p) > GAP_MAX)
		return false;
	gap.len = (size_t)(behind.p - gap.p);
	buf_clear(&b->text);
	markup_put_text(&b->text, gap, GAP_MAX);
	for (i = 0; i < b->text.len; i++) {
		if ((unsigned char)b->text.data[i] > ' ')
			return false;
	}
	return true;
}

/* The piece of the page from node i on, texts that follow each other being one; *i is then the last of it. */
static struct slice
piece_of_text(struct builder *b, const xmlNodeSet *set, int *i)
{
	struct slice piece = place_of(b, set->nodeTab[*i]);

	while (*i + 1 < set->nodeNr && set->nodeTab[*i + 1]->type == XML_TEXT_NODE) {
		struct slice next = place_of(b, set->nodeTab[*i + 1]);

		if ((size_t)(next.p + next.len - piece.p) > PIECE_MAX || !is_adjacent(b, piece, next))
			break;
		piece.len = (size_t)(next.p + next.len - piece.p);
		++*i;
	}
	return piece;
}

static struct selected
select_attr(const xmlAttr *a)
{
	const xmlNode *text = a->children;
	const char *value = text != NULL && text->content != NULL ? (const char *)text->content : "";

	return (struct selected){ .text = { value, strlen(value) },
		.machine = strcmp((const char *)a->name, "content") == 0 || strcmp((const char *)a->name, "value") == 0 };
}

/* A void element has no text but one attribute. */
static struct selected
select_element(const struct builder *b, xmlNode *node)
{
	const char *name = (const char *)node->name;
	const xmlAttr *a = NULL;

	if (strcmp(name, "meta") == 0)
		a = xmlHasProp(node, (const xmlChar *)"content");
	else if (strcmp(name, "input") == 0)
		a = xmlHasProp(node, (const xmlChar *)"value");
	if (a != NULL)
		return select_attr(a);
	return (struct selected){ .text = place_of(b, node), .markup = true };
}

/* Text that is no markup. */
static bool
is_raw(const xmlNode *text)
{
	const char *name = text->parent != NULL ? (const char *)text->parent->name : "";

	return strcmp(name, "script") == 0 || strcmp(name, "style") == 0;
}

static struct selected
select_node(struct builder *b, const xmlNodeSet *set, int *i)
{
	xmlNode *node = set->nodeTab[*i];

	if (node->type == XML_HTML_DOCUMENT_NODE)
		node = xmlDocGetRootElement(b->doc);
	if (node == NULL || node->type == XML_NAMESPACE_DECL)
		return (struct selected){ .text = { "", 0 } };
	if (node->type == XML_ELEMENT_NODE)
		return select_element(b, node);
	if (node->type == XML_TEXT_NODE && is_raw(node))
		return (struct selected){ .text = place_of(b, node) };
	if (node->type == XML_TEXT_NODE)
		return (struct selected){ .text = piece_of_text(b, set, i), .markup = true };
	if (node->type == XML_ATTRIBUTE_NODE)
		return select_attr((const xmlAttr *)(const void *)node);
	if (node->content == NULL)
		return (struct selected){ .text = { "", 0 } };
	return (struct selected){ .text = { (const char *)node->content, strlen((const char *)node->content) } };
}

static enum rule_result
tell_nodes(struct builder *b, xmlNodeSet *set, selected_fn *fn, void *arg)
{
	struct selected s;
	int i;

	if (set == NULL || set->nodeNr == 0)
		return RULE_NO_MATCH;
	xmlXPathNodeSetSort(set);
	for (i = 0; i < set->nodeNr; i++) {
		if (i >= FOUND_MAX)
			return RULE_LIMIT;
		s = select_node(b, set, &i);
		if (fn(&s, arg))
			break;
	}
	return RULE_MATCH;
}

/* A number of XPath has 15 good digits; with more, some may have been rounded away. */
static bool
is_rounded(const char *text)
{
	const char *e = strchr(text, 'e');
	size_t digits = 0;

	for (; *text != '\0' && *text != 'e'; text++)
		digits += isdigit((unsigned char)*text) != 0;
	return digits > 14 || (e != NULL && e[1] != '-' && strlen(e) > 4) || (e != NULL && strcmp(e, "e+15") >= 0);
}

static enum rule_result
tell_text(xmlChar *text, bool number, selected_fn *fn, void *arg)
{
	struct selected s = { .number = number, .machine = number };

	if (text == NULL)
		return RULE_LIMIT;
	s.text = (struct slice){ (const char *)text, strlen((const char *)text) };
	s.rounded = number && is_rounded(s.text.p);
	fn(&s, arg);
	xmlFree(text);
	return RULE_MATCH;
}

static enum rule_result
tell(struct builder *b, xmlXPathObject *result, selected_fn *fn, void *arg)
{
	/* No switch: which other types there are depends on the version. */
	if (result->type == XPATH_NODESET)
		return tell_nodes(b, result->nodesetval, fn, arg);
	if (result->type == XPATH_NUMBER || result->type == XPATH_BOOLEAN || result->type == XPATH_STRING)
		return tell_text(xmlXPathCastToString(result), result->type == XPATH_NUMBER, fn, arg);
	return RULE_NO_MATCH;
}

static enum rule_result
evaluate(const struct xpath *xpath, struct builder *b, selected_fn *fn, void *arg)
{
	xmlXPathContext *context = xmlXPathNewContext(b->doc);
	xmlXPathObject *result;
	enum rule_result told;

	if (context == NULL)
		return RULE_LIMIT;
	context->error = error_handler();
	context->opLimit = STEPS_MAX;
	context->node = (xmlNode *)b->doc;
	result = xmlXPathCompiledEval(xpath->compiled, context);
	/* What can be wrong with the expression was looked for before: this one takes too much. */
	told = result != NULL ? tell(b, result, fn, arg) : RULE_LIMIT;
	xmlXPathFreeObject(result);
	xmlXPathFreeContext(context);
	return told;
}

enum rule_result
xpath_select(const struct xpath *xpath, const struct extract *x, selected_fn *fn, void *arg)
{
	struct builder *b = xmalloc(sizeof(*b));
	enum rule_result result = RULE_LIMIT;

	b->page = x->page;
	b->places = NULL;
	b->n_places = b->cap_places = b->n_nodes = b->texts = 0;
	b->out_of_room = false;
	b->text = (struct buf)BUF_INIT(0);
	if (build_tree(b, x))
		result = evaluate(xpath, b, fn, arg);
	if (result == RULE_NO_MATCH && b->nest.limit)
		result = RULE_LIMIT;
	xmlFreeDoc(b->doc);
	buf_release(&b->text);
	free(b->places);
	free(b);
	return result;
}
