#include "price/product_private.h"

#include <json-c/json_object.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/page_url.h"
#include "price/phrase.h"

#define MANY 4 /* of one shape side by side, of which the page's titles name none: a list */
#define HEADING_MAX 1000

static const char page_types[] = "WebPage ItemPage ProductPage";

/* How much speaks for a node to be the page's product; compared member after member. */
struct claim {
	int match; /* of its address with the page's (P23) */
	bool main; /* mainEntity of the page */
	bool typed;
	bool priced; /* it has offers at all */
};

static bool
has_offers(struct json_object *node)
{
	return node_get(node, "offers") != NULL || node_get(node, "hasVariant") != NULL;
}

static int
match_text(const struct extract *x, const char *text, size_t len)
{
	enum url_match a = url_match(x->page->url, text, len), b = url_match(x->canonical, text, len);

	return (int)(a > b ? a : b);
}

/* What an offer of the node calls its page, if all of them call it the same; NULL otherwise. */
static const char *
offer_url(struct json_object *node, size_t *len)
{
	struct json_object *offers = node_get(node, "offers");
	const char *text = NULL, *one;
	size_t i, n;

	for (i = 0; i < node_count(offers); i++) {
		one = node_text(node_get(node_at(offers, i), "url"), &n);
		if (one == NULL || (text != NULL && strcmp(text, one) != 0))
			return NULL;
		text = one;
		*len = n;
	}
	return text;
}

/* By url, @id or sku; of a variant only the full address counts, or it would stand for its group. */
static int
match_node(const struct extract *x, struct json_object *node, bool variant)
{
	static const char *const skus[] = { "sku", "mpn", "productID" };
	const char *text;
	size_t i, len;
	int best = URL_OTHER, match;

	text = node_text(node_get(node, "url"), &len);
	if (text == NULL)
		text = offer_url(node, &len);
	if (text != NULL)
		best = match_text(x, text, len);
	/* Fragments tell things of one page apart: @id counts without. */
	text = node_text(node_get(node, "@id"), &len);
	if (text != NULL && (match = match_text(x, text, len)) > best)
		best = match;
	if (variant)
		return best == URL_EXACT ? URL_EXACT : URL_OTHER;
	for (i = 0; best == URL_OTHER && i < ARRAY_LEN(skus); i++) {
		text = node_text(node_get(node, skus[i]), &len);
		if (text != NULL && (url_has_sku(x->page->url, text, len) || url_has_sku(x->canonical, text, len)))
			best = URL_NAME;
	}
	return best;
}

/* What a page's own node calls its main entity; NULL if none does. */
static struct json_object *
find_main(const struct graph *g)
{
	struct json_object *page, *entity;
	size_t i;

	for (i = 0; i < g->n; i++) {
		page = g->nodes[i].object;
		if (!node_has_type(page, page_types))
			continue;
		entity = node_at(node_get(page, "mainEntity"), 0);
		if (entity != NULL)
			return graph_resolve(g, entity);
	}
	return NULL;
}

/* Does it say so itself? */
static bool
claims_page(const struct extract *x, struct json_object *node)
{
	struct json_object *page = node_at(node_get(node, "mainEntityOfPage"), 0);
	const char *text;
	size_t len;

	if (json_object_is_type(page, json_type_object))
		page = node_get(page, "@id");
	text = node_text(page, &len);
	return text != NULL && match_text(x, text, len) >= (int)URL_PATH;
}

static bool
is_better(const struct claim *a, const struct claim *b)
{
	if (a->match != b->match)
		return a->match > b->match;
	if (a->main != b->main)
		return a->main;
	if (a->typed != b->typed)
		return a->typed;
	return a->priced && !b->priced;
}

/* Does it name a page of its own, which is not this one? */
static bool
is_foreign(const struct extract *x, struct json_object *node, int match)
{
	size_t len;
	const char *text = node_text(node_get(node, "url"), &len);

	return match == URL_OTHER && text != NULL && len > 0 && text[0] != '#' &&
	       (x->page->url != NULL || x->canonical != NULL);
}

/* Another node of the same name that has offers: shops split a product over blocks. */
static struct json_object *
find_twin(const struct graph *g, struct json_object *node)
{
	static const char *const names[] = { "@id", "sku", "name" };
	const char *a, *b;
	size_t i, k, len;

	for (k = 0; k < ARRAY_LEN(names); k++) {
		a = node_text(node_get(node, names[k]), &len);
		for (i = 0; a != NULL && len > 0 && i < g->n; i++) {
			struct json_object *other = g->nodes[i].object;

			if (other == node || g->nodes[i].aside || !has_offers(other))
				continue;
			b = node_text(node_get(other, names[k]), &len);
			if (b != NULL && strcmp(a, b) == 0)
				return other;
		}
	}
	return node;
}

/* Is there anything that says what the page is about? What every page of a shop says of the shop is nothing. */
static bool
has_other_type(const struct graph *g)
{
	static const char types[] = "Article NewsArticle BlogPosting Blog Recipe HowTo FAQPage AboutPage ContactPage "
				    "CollectionPage SearchResultsPage ProfilePage VideoObject JobPosting Person QAPage "
				    "CheckoutPage DiscussionForumPosting TechArticle Report";
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (node_has_type(g->nodes[i].object, types))
			return true;
	}
	return false;
}

/* What the heading says, folded; false: nothing. */
static bool
fold_heading(const struct extract *x, char out[PHRASE_SIZE])
{
	const char *from = x->heading, *end = x->text + x->len, *p;
	struct buf b = BUF_INIT(0);
	bool says;

	if (from == NULL)
		return false;
	end = end - from > HEADING_MAX ? from + HEADING_MAX : end;
	for (p = from; p != NULL && end - p > 4 && strncasecmp(p, "</h1", 4) != 0;)
		p = memchr(p + 1, '<', (size_t)(end - p - 1));
	from = memchr(from, '>', (size_t)(end - from));
	says = p != NULL && from != NULL && from < p &&
	       markup_put_shown(&b, (struct slice){ from + 1, (size_t)(p - from - 1) }, HEADING_MAX) && b.len > 0 &&
	       phrase_fold(b.data, b.len, out) > 0;
	buf_release(&b);
	return says;
}

static bool
fold_title(const struct extract *x, char out[PHRASE_SIZE])
{
	struct buf b = BUF_INIT(0);
	bool says;

	if (x->title == NULL || x->title_len > HEADING_MAX)
		return false;
	markup_put_value(&b, (struct slice){ x->title, x->title_len });
	says = b.len > 0 && phrase_fold(b.data, b.len, out) > 0;
	buf_release(&b);
	return says;
}

/* Does the folded text have a word, or the beginning of one, of the node's name? */
static bool
text_names(const char *text, struct json_object *node)
{
	char folded[PHRASE_SIZE], *word, *end;
	size_t len;
	const char *name = node_text(node_get(node, "name"), &len);

	if (name == NULL || phrase_fold(name, len, folded) == 0)
		return true; /* who knows */
	for (word = folded; (end = strchr(word + 1, ' ')) != NULL; word = end) {
		*end = '\0';
		if (word[1] != '#' && strstr(text, word) != NULL)
			return true;
		*end = ' ';
	}
	return false;
}

/* Many things of one shape side by side, and neither the heading nor the title speaks of any of them (P23). */
static bool
is_unnamed_list(const struct extract *x, const struct graph *g)
{
	char heading[PHRASE_SIZE], title[PHRASE_SIZE];
	int shape = -1, length;
	size_t i, n = 0;

	if (!fold_heading(x, heading))
		return false;
	if (!fold_title(x, title))
		title[0] = '\0';
	for (i = 0; i < g->n; i++) {
		struct json_object *node = g->nodes[i].object;

		if (g->nodes[i].aside || g->nodes[i].variant || !node_has_type(node, PRODUCT_TYPES))
			continue;
		length = json_object_object_length(node);
		if (!has_offers(node) || (shape != -1 && length != shape) || text_names(heading, node) || text_names(title, node))
			return false;
		shape = length;
		n++;
	}
	return n >= MANY;
}

struct json_object *
product_choose(const struct extract *x, const struct graph *g, struct stated *stated)
{
	struct json_object *best = NULL, *offer = NULL, *entity = find_main(g);
	struct claim best_claim = { .match = -1 }, claim;
	size_t i, foreign = 0, products = 0;

	for (i = 0; i < g->n; i++) {
		const struct graph_node *n = &g->nodes[i];
		struct json_object *node = n->object;

		if (!json_object_is_type(node, json_type_object))
			continue;
		claim = (struct claim){ .typed = node_has_type(node, PRODUCT_TYPES), .priced = has_offers(node) };
		if (node_has_type(node, "Offer AggregateOffer")) {
			offer = n->aside || offer != NULL ? offer : node;
			stated->listed = stated->listed || n->aside; /* those of a catalogue */
		}
		if (!claim.typed && !claim.priced)
			continue;
		claim.match = match_node(x, node, n->variant);
		if (n->aside && claim.match != URL_EXACT) {
			stated->listed = stated->listed || (claim.typed && claim.priced);
			continue;
		}
		if (node_has_type(node, "AggregateOffer"))
			continue; /* nests offers, and is none of its own */
		products += !n->variant;
		foreign += !n->variant && is_foreign(x, node, claim.match);
		claim.main = node == entity || claims_page(x, node);
		if (best == NULL || is_better(&claim, &best_claim)) {
			best = node;
			best_claim = claim;
		}
	}
	/* Many things with pages of their own, which this one is not: a list, though nobody calls it so. */
	if (best != NULL && !best_claim.main &&
	    ((products > 2 && foreign == products) ||
		(products >= MANY && best_claim.match == URL_OTHER && is_unnamed_list(x, g)))) {
		stated->listed = true;
		return NULL;
	}
	if (best != NULL && !has_offers(best))
		best = find_twin(g, best);
	stated->product = best != NULL || offer != NULL;
	stated->other = !stated->product && !stated->listed && has_other_type(g);
	return best != NULL ? best : offer;
}
