#include "price/extract.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/decode.h"
#include "price/extract_jsonld.h"
#include "price/extract_meta.h"
#include "price/extract_rule.h"
#include "price/extract_tree.h"
#include "price/fold.h"

/* What one scan over the page collects. */
struct collected {
	struct jsonld jsonld;
	struct metas metas;
	struct slice title;
	struct slice lang;
	struct tree tree;
};

bool
extract_take(struct offer *o, enum method method, const struct money *money)
{
	/* P31: a zero that a machine wrote says that it does not know. */
	if (money->amount.coef == 0 && (money->flags & MONEY_FREE) == 0)
		return false;
	/* P45: the order of the sources decides, the page is told of. */
	if (o->method != METHOD_NONE) {
		if (o->method != METHOD_RULE && amount_cmp(&o->money.amount, &money->amount) != 0)
			o->warnings |= WARN_SOURCE_CONFLICT;
		return true;
	}
	o->method = method;
	o->money = *money;
	o->none = NONE_PRICE_FOUND;
	return true;
}

/*
 * What a rule needs of the rest of the page is place, title and availability.
 * Every vocabulary calls the last one by this name; without it in the page the
 * head tells all, and a scraper with patterns runs at the speed of patterns.
 */
static bool
head_is_enough(const struct extract *x, const struct rule *rule)
{
	return rule != NULL && memmem(x->text, x->len, "vailability", 11) == NULL &&
	       memmem(x->text, x->len, "VAILABILITY", 11) == NULL;
}

/* P38: asked now and then by whatever goes over the page. */
static bool
is_stopped(const struct extract *x)
{
	return x->page->stop != NULL && *x->page->stop != 0;
}

static void
collect(const struct extract *x, bool head_only, struct collected *c)
{
	struct markup m;
	struct tag tag;

	markup_init(&m, x->text, x->len);
	while (!is_stopped(x) && markup_next(&m, &tag)) {
		if (head_only && (slice_is(tag.name, "body") || slice_is(tag.name, "div")))
			break;
		if (!tag.closing) {
			jsonld_tag(&c->jsonld, &tag);
			metas_tag(&c->metas, &tag);
			if (c->title.p == NULL && slice_is(tag.name, "title"))
				c->title = tag.raw;
			if (c->lang.p == NULL && slice_is(tag.name, "html"))
				c->lang = markup_attr(&tag, "lang");
		}
		tree_tag(&c->tree, &tag);
	}
	tree_end(&c->tree, x->text + x->len);
}

/* P16: what the page says of its place, when the rule says nothing. */
static void
set_locale(struct extract *x, const struct collected *c, char locale[32])
{
	size_t n = c->lang.len < 31 ? c->lang.len : 31;

	if (x->hints.locale != NULL || c->lang.p == NULL || n == 0)
		return;
	memcpy(locale, c->lang.p, n);
	locale[n] = '\0';
	x->hints.locale = locale;
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
	if (is_stopped(x))
		return false;
	return x->page->sources == 0 || (x->page->sources & PAGE_SOURCE(method)) != 0;
}

/* An offer that is priced by a rule keeps that price; the page fills what is absent (P20). */
static void
extract_automatic(const struct extract *x, const struct collected *c, struct offer *o)
{
	if (is_wanted(x, METHOD_JSON_LD))
		extract_jsonld(x, &c->jsonld, o);
	if (is_wanted(x, METHOD_MICRODATA))
		extract_tree(x, &c->tree, METHOD_MICRODATA, o);
	if (is_wanted(x, METHOD_RDFA))
		extract_tree(x, &c->tree, METHOD_RDFA, o);
	if (is_wanted(x, METHOD_OPENGRAPH))
		extract_metas(x, &c->metas, o);
	if (is_wanted(x, METHOD_V_RDFA))
		extract_tree(x, &c->tree, METHOD_V_RDFA, o);
	set_page_title(c, o);
}

/*
 * A rule that found nothing forbids every other price, but the page may still
 * say that the thing is sold out.
 */
static void
extract_rest(const struct extract *x, const struct collected *c, bool priced, struct offer *o)
{
	enum reason_none none = o->none;
	struct offer page = *o;

	extract_automatic(x, c, &page);
	o->availability = page.availability;
	memcpy(o->title, page.title, sizeof(o->title));
	o->none = priced ? NONE_PRICE_FOUND : none;
}

void
extract_page(const struct page *page, struct rule *rule, struct offer *out)
{
	struct decoded decoded = DECODED_INIT;
	struct extract x = { .page = page };
	struct collected *c;
	struct decode_hints told = { page->charset, page->content_type, false };
	char locale[32];

	memset(out, 0, sizeof(*out));
	out->none = NONE_NO_MATCH;
	if (decode_page(page->body, page->len, &told, &decoded, NULL) == -1) {
		out->none = NONE_BAD_CHARSET;
		return;
	}
	x.text = decoded.text;
	x.len = decoded.len;
	x.hints.currency = page->currency;
	x.hints.locale = page->locale;
	x.hints.decimal = page->decimal;
	x.hints.group = page->group;
	x.hints.allow_negative = page->allow_negative;
	x.hints.magnitudes = page->magnitudes;
	c = xcalloc(1, sizeof(*c));
	collect(&x, head_is_enough(&x, rule), c);
	set_locale(&x, c, locale);
	if (rule != NULL)
		extract_rest(&x, c, extract_rule(&x, rule, out), out);
	else
		extract_automatic(&x, c, out);
	out->warnings |= out->money.warnings | decoded.warnings;
	free(c);
	decoded_release(&decoded);
}
