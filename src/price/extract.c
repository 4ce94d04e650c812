#include "price/extract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/blocked.h"
#include "price/decode.h"
#include "price/extract_heuristic.h"
#include "price/extract_items.h"
#include "price/extract_jsonld.h"
#include "price/extract_meta.h"
#include "price/extract_quick.h"
#include "price/extract_rule.h"
#include "price/page_url.h"
#include "price/skim.h"
#include "price/stated.h"

#define LETTERS_MIN 200 /* a page of less text may be anything */

/* What one scan over the page collects. */
struct collected {
	struct jsonld jsonld;
	struct metas metas;
	struct slice title;
	struct slice lang;
	struct slice language; /* of a <meta http-equiv=content-language> */
	struct slice canonical;
	const char *heading;
	struct items *items; /* NULL: no tag speaks of any */
	unsigned marks;	     /* MARKUP_… that they were begun with */
	char canonical_text[1024], locale[32];
};

/*
 * What a rule needs of the rest of the page is place, title and availability.
 * Every vocabulary calls the last one by this name; without it in the page the
 * head tells all, and a scraper with patterns runs at the speed of patterns.
 */
static bool
head_is_enough(const struct extract *x)
{
	const size_t n = strlen("vailability");
	bool nul = false;
	size_t at = 0;

	if (!x->ruled)
		return false;
	while ((at = skim_stock(x->text, x->len, at, &nul)) > 0) {
		if (memcmp(x->text + at - n, "vailability", n) == 0 || memcmp(x->text + at - n, "VAILABILITY", n) == 0)
			return false;
	}
	return true;
}

bool
extract_is_stopped(const struct extract *x)
{
	return x->page->stop != NULL && *x->page->stop != 0;
}

static void
collect_meta(struct collected *c, const struct tag *tag)
{
	metas_tag(&c->metas, tag);
	if (c->language.p == NULL && slice_is(markup_attr(tag, "http-equiv"), "content-language"))
		c->language = markup_attr(tag, "content");
}

static void
collect_tag(struct collected *c, const struct tag *tag)
{
	switch (tag->name.p[0] | 0x20) {
	case 's':
		jsonld_tag(&c->jsonld, tag);
		break;
	case 'm':
		if (slice_is(tag->name, "meta"))
			collect_meta(c, tag);
		break;
	case 't':
		/* An <svg> has titles, too: the page's stands first. */
		if (c->title.p == NULL && slice_is(tag->name, "title"))
			c->title = tag->raw;
		break;
	case 'h':
		if (c->heading == NULL && tag->name.len == 2 && tag->name.p[1] == '1')
			c->heading = tag->start;
		if (c->lang.p == NULL && slice_is(tag->name, "html"))
			c->lang = markup_attr(tag, "lang");
		if (c->lang.p == NULL && slice_is(tag->name, "html"))
			c->lang = markup_attr(tag, "xml:lang");
		break;
	case 'l':
		if (c->canonical.p == NULL && slice_is(tag->name, "link") &&
		    slice_has_word(markup_attr(tag, "rel"), "canonical"))
			c->canonical = markup_attr(tag, "href");
		break;
	default:
		break;
	}
}

/* The tags before `end` (NULL: all), for those that items are made of. */
static void
collect_items(const struct extract *x, const char *end, struct items *items)
{
	struct markup m;
	struct tag tag;

	markup_init(&m, x->text, x->len);
	while (markup_next(&m, &tag) && (end == NULL || tag.start < end))
		items_tag(items, &tag);
}

/* Items are collected on the way, from the first tag on that speaks of any; what stands before it is caught up with. */
static void
collect_item(const struct extract *x, unsigned seen, const struct tag *tag, struct collected *c)
{
	if (c->items == NULL && (seen & (MARKUP_ITEMS | MARKUP_RDFA)) != 0) {
		c->items = items_new(x->text, x->len, seen);
		c->marks = seen;
		collect_items(x, tag->start, c->items);
	}
	if (c->items != NULL)
		items_tag(c->items, tag);
}

/* What came up later makes another thing of what was passed: then, seldom, all is gone through again. */
static void
end_items(const struct extract *x, unsigned seen, struct collected *c)
{
	if (c->items != NULL && ((seen ^ c->marks) & (MARKUP_ITEMS | MARKUP_REFS)) != 0) {
		items_free(c->items);
		c->items = NULL;
	}
	if (c->items == NULL && ((seen & (MARKUP_ITEMS | MARKUP_RDFA)) != 0 || c->metas.has_items)) {
		c->items = items_new(x->text, x->len, seen);
		collect_items(x, NULL, c->items);
	}
	if (c->items != NULL)
		items_end(c->items);
}

static void
collect(struct extract *x, bool head_only, struct collected *c)
{
	struct markup m;
	struct tag tag;

	markup_init(&m, x->text, x->len);
	while (!extract_is_stopped(x) && markup_next(&m, &tag)) {
		if (head_only && (slice_is(tag.name, "body") || slice_is(tag.name, "div")))
			break;
		if (!tag.closing)
			collect_tag(c, &tag);
		if (!head_only)
			collect_item(x, m.seen, &tag, c);
	}
	end_items(x, m.seen, c);
}

static const char *
copy_value(struct slice value, char *out, size_t size)
{
	struct buf b = BUF_INIT(0);

	markup_put_value(&b, value);
	if (b.len == 0 || b.len >= size) {
		buf_release(&b);
		return NULL;
	}
	memcpy(out, b.data, b.len + 1);
	buf_release(&b);
	return out;
}

/*
 * P16: the language of the page, and the country that it, the address or the
 * canonical link names. Told by a rule, nobody is asked.
 */
static void
set_locale(struct extract *x, struct collected *c)
{
	char lang[24] = "", country[3];
	const char *url = x->page->url != NULL ? x->page->url : x->canonical;
	struct slice from = c->lang.p != NULL && c->lang.len > 1 ? c->lang : c->language;

	if (x->hints.locale != NULL)
		return;
	if (from.p != NULL && from.len < sizeof(lang)) {
		memcpy(lang, from.p, from.len);
		lang[strcspn(lang, ", ")] = '\0';
	} else if (!url_language(url, lang)) {
		lang[0] = '\0';
	}
	if (strpbrk(lang, "-_") == NULL && url_country(url, country))
		snprintf(c->locale, sizeof(c->locale), "%s-%s", lang[0] != '\0' ? lang : url_language_of(country), country);
	else
		memcpy(c->locale, lang, strlen(lang) + 1);
	if (c->locale[0] != '\0')
		x->hints.locale = c->locale;
}

static void
set_page_title(const struct collected *c, struct offer *o)
{
	struct buf b = BUF_INIT(0);

	if (o->title[0] == '\0' && c->title.p != NULL && c->title.len <= READER_TEXT_MAX) {
		markup_put_value(&b, c->title);
		if (b.len > 0)
			offer_set_title(o, b.data, b.len);
	}
	buf_release(&b);
}

/* P20: a target may pin the list. */
static bool
is_wanted(const struct extract *x, enum method method)
{
	if (extract_is_stopped(x))
		return false;
	return x->page->sources == 0 || (x->page->sources & PAGE_SOURCE(method)) != 0;
}

/* What is known of the page besides its offer. */
struct about {
	bool product, other, listed;
	bool looked; /* by the heuristic, at the whole page */
	bool any;    /* which found something that may be a product */
	struct stated zero;		 /* the first price of 0, until it is known whether the thing is in stock (P31) */
	const struct currency *currency; /* the page's own field (P17), wherever it stands; NULL: none */
};

/* P20: the sources that state something, in their order; the first amount wins, the others are compared with it. */
static void
extract_stated(const struct extract *page, const struct collected *c, struct about *about, struct offer *o)
{
	static const enum method order[] = { METHOD_JSON_LD, METHOD_MICRODATA, METHOD_RDFA, METHOD_OPENGRAPH,
		METHOD_V_RDFA };
	struct extract with = *page, *x = &with;
	size_t i;

	/* With a rule the text that it selects is asked first, and what states a price then. */
	if (!x->ruled && x->hints.currency == NULL)
		about->currency = metas_currency(&c->metas);
	for (i = 0; i < ARRAY_LEN(order); i++) {
		struct stated s = { .method = order[i] };

		if (about->currency != NULL)
			x->hints.page_currency = about->currency->code;
		if (!is_wanted(x, order[i]))
			continue;
		if (order[i] == METHOD_OPENGRAPH)
			extract_metas(x, &c->metas, &s);
		else if (order[i] != METHOD_JSON_LD && c->items != NULL)
			extract_items(x, c->items, order[i], &s);
		else if (order[i] == METHOD_JSON_LD && (c->jsonld.n > 0 || c->jsonld.over))
			extract_jsonld(x, &c->jsonld, &s);
		stated_merge(x, &s, o);
		if (o->method == METHOD_NONE && s.money.has_amount && !about->zero.money.has_amount)
			about->zero = s;
		if (about->currency == NULL && !x->ruled && x->hints.currency == NULL)
			about->currency = s.currency;
		about->product = about->product || s.product || s.money.has_amount;
		about->listed = about->listed || s.listed;
		about->other = about->other || s.other;
	}
}

/* "1.500" of a machine: one and a half, unless people see 1500 (P9.2, P45). */
static bool
may_be_thousands(const struct offer *o)
{
	const char *raw = o->money.raw;
	size_t whole = strspn(raw, "0123456789");

	return whole > 0 && whole <= 3 && raw[whole] == '.' && strspn(raw + whole + 1, "0123456789") == 3 &&
	       raw[whole + 4] == '\0' && o->money.amount.scale == 3;
}

static bool
is_thousandfold(const struct offer *o, const struct money *seen)
{
	struct amount a = o->money.amount;

	a.scale = 0;
	return may_be_thousands(o) && amount_cmp(&a, &seen->amount) == 0;
}

/* How it looks: the price if nothing states one (P29), else what a stated one is held against (P30, P45). */
static void
extract_seen(const struct extract *x, struct about *about, struct offer *o)
{
	bool priced = o->method != METHOD_NONE;
	struct heuristic h;

	/* The same letters may stand for a thousand times as much. */
	if (priced && !may_be_thousands(o) && heuristic_agrees(x, o)) {
		/* Who asks to see all candidates gets to see them; the offer is the same for everybody. */
		if (x->page->trace != NULL) {
			struct offer unseen = *o;

			extract_heuristic(x, priced, &h);
			stated_merge(x, &h.stated, &unseen);
		}
		return;
	}
	extract_heuristic(x, priced, &h);
	stated_settle_currency(about->currency, &h.stated.money);
	stated_merge_seen(h.stated.availability, o);
	h.stated.availability = o->availability;
	about->looked = !priced;
	about->any = h.any;
	if (h.ambiguous && !priced && o->none == NONE_NO_MATCH)
		o->none = NONE_AMBIGUOUS;
	/* A list of products in which one stands out is a list all the same (P23). */
	if (!priced && about->listed && !about->product && h.stated.money.has_amount) {
		trace_lost(h.stated.entry, "a list of products");
		h.stated.money.has_amount = false;
	}
	if (priced && h.stated.money.has_amount && is_thousandfold(o, &h.stated.money)) {
		o->warnings |= WARN_SOURCE_CONFLICT;
		o->has_other = true;
		o->other = o->money.amount;
		o->other_method = o->method;
		o->money.amount = h.stated.money.amount;
		o->money.warnings |= WARN_AMBIGUOUS_3;
	}
	/* What was asked before is told by who tells the price. */
	h.stated.money.has_list_price = h.stated.money.has_list_price && !priced;
	stated_merge(x, &h.stated, o);
}

/* Why there is no price: the page is another one than was asked for (P44), or no product's (P6). */
static void
explain_none(const struct extract *x, const struct collected *c, const struct about *about, struct offer *o)
{
	struct blocked_facts facts = { c->title, about->product || about->listed, about->any };
	struct blocked blocked;

	if (o->none != NONE_NO_MATCH && o->none != NONE_AMBIGUOUS)
		return;
	blocked_check(x, &facts, &blocked);
	if (blocked.is) {
		o->none = NONE_BLOCKED;
		if (x->page->trace != NULL)
			trace_lost(trace_add(x->page->trace, METHOD_NONE, NULL, 0), "blocked: %s", blocked.why);
	} else if (o->none == NONE_NO_MATCH && !x->ruled && about->looked && !about->any && !about->product && !about->listed &&
		   (about->other || blocked.letters >= LETTERS_MIN)) {
		o->none = NONE_NOT_A_PRODUCT;
	}
}

/* After a rule that found nothing: a price or a button that buys, which no page has that stands in the place of one. */
static bool
looks_like_product(const struct extract *x)
{
	struct page page = *x->page;
	struct extract untraced = *x;
	struct heuristic h;

	/* Nobody asks it for a price: it has no candidates. */
	page.trace = NULL;
	untraced.page = &page;
	extract_heuristic(&untraced, false, &h);
	return h.any;
}

static void
extract_html(struct extract *x, struct rule *rule, struct offer *o)
{
	struct collected *c = xcalloc(1, sizeof(*c)), *head = NULL;
	struct about about = { .product = false };
	bool head_only = head_is_enough(x);

	collect(x, head_only, c);
	x->canonical = copy_value(c->canonical, c->canonical_text, sizeof(c->canonical_text));
	x->heading = c->heading;
	x->title = c->title.p;
	x->title_len = c->title.len;
	set_locale(x, c);
	if (rule != NULL)
		extract_rule(x, rule, o);
	/*
	 * P17, P18: the page's own field decides what the text leaves open, and may stand anywhere. P44: and a page on
	 * which nothing was found may be another one than was asked for.
	 */
	if (head_only && (o->method == METHOD_NONE || o->money.currency == NULL)) {
		head = c; /* the locale is in there */
		c = xcalloc(1, sizeof(*c));
		collect(x, false, c);
	}
	/* A rule that found nothing forbids every other price, but the page may still say that the thing is sold out. */
	extract_stated(x, c, &about, o);
	if (!x->ruled && is_wanted(x, METHOD_HEURISTIC))
		extract_seen(x, &about, o);
	if (!x->ruled && o->method == METHOD_NONE && about.zero.money.has_amount) {
		about.zero.availability = o->availability;
		stated_merge(x, &about.zero, o);
	}
	if (x->ruled && o->method == METHOD_NONE)
		about.any = looks_like_product(x);
	set_page_title(c, o);
	if (o->method == METHOD_NONE)
		explain_none(x, c, &about, o);
	items_free(c->items);
	free(c);
	if (head != NULL)
		items_free(head->items);
	free(head);
}

/* An endpoint's JSON: linked data, if it is any. */
static void
extract_json(struct extract *x, struct rule *rule, struct offer *o)
{
	struct collected *c = xcalloc(1, sizeof(*c));
	struct stated s = { .method = METHOD_JSON_LD };

	set_locale(x, c);
	if (rule != NULL)
		extract_rule(x, rule, o);
	if (is_wanted(x, METHOD_JSON_LD) && !x->ruled) {
		extract_json_body(x, &s);
		stated_merge(x, &s, o);
	}
	free(c);
}

/* By its type, or by how it begins. */
static bool
is_json(const struct page *page)
{
	const char *type = page->content_type, *p = page->body, *end = p + page->len;

	if (page->len >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
		p += 3;
	while (p < end && (*p == ' ' || (*p >= '\t' && *p <= '\r')))
		p++;
	if (p < end && *p == '<')
		return false;
	return (type != NULL && strcasestr(type, "json") != NULL) || (p < end && (*p == '{' || *p == '['));
}

struct reader_hints
extract_hints(const struct page *page)
{
	return (struct reader_hints){ .currency = page->currency,
		.locale = page->locale,
		.decimal = page->decimal,
		.group = page->group,
		.allow_negative = page->allow_negative,
		.magnitudes = page->magnitudes };
}

void
extract_page(const struct page *page, struct rule *rule, struct offer *out)
{
	bool json = page->len > 0 && is_json(page);
	struct decode_hints told = { page->charset, page->content_type, json };
	struct decoded decoded = DECODED_INIT;
	struct extract x = { .page = page, .ruled = rule != NULL };

	memset(out, 0, sizeof(*out));
	out->none = NONE_NO_MATCH;
	if (rule != NULL && !json && extract_quick(page, rule, out))
		return;
	if (decode_page(page->body, page->len, &told, &decoded, NULL) == -1) {
		out->none = NONE_BAD_CHARSET;
		return;
	}
	x.text = decoded.text;
	x.len = decoded.len;
	x.hints = extract_hints(page);
	if (json)
		extract_json(&x, rule, out);
	else
		extract_html(&x, rule, out);
	out->warnings |= out->money.warnings | decoded.warnings;
	decoded_release(&decoded);
}
