#include "price/extract_meta.h"

#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "price/phrase.h"

static const char *const meta_names[META_COUNT] = {
	[META_SALE_AMOUNT] = "product:sale_price:amount",
	[META_AMOUNT] = "product:price:amount",
	[META_OG_AMOUNT] = "og:price:amount",
	[META_ORIGINAL_AMOUNT] = "product:original_price:amount",
	[META_SALE_CURRENCY] = "product:sale_price:currency",
	[META_ORIGINAL_CURRENCY] = "product:original_price:currency",
	[META_CURRENCY] = "product:price:currency",
	[META_OG_CURRENCY] = "og:price:currency",
	[META_AVAILABILITY] = "product:availability",
	[META_OG_AVAILABILITY] = "og:availability",
	[META_TITLE] = "og:title",
	[META_LABEL1] = "twitter:label1",
	[META_DATA1] = "twitter:data1",
	[META_LABEL2] = "twitter:label2",
	[META_DATA2] = "twitter:data2",
	[META_OG_STANDARD] = "og:price:standard_amount",
	[META_SALE_START] = "product:sale_price_dates:start",
	[META_SALE_END] = "product:sale_price_dates:end",
	[META_TYPE] = "og:type",
};

/* price, v:price and the like: what an item is made of, not OpenGraph. */
static bool
is_item_name(struct slice name)
{
	const char *colon = memchr(name.p, ':', name.len);

	return colon == NULL || (name.len > 2 && strncasecmp(name.p, "v:", 2) == 0) ||
	       (name.len > 3 && strncasecmp(name.p, "gr:", 3) == 0) ||
	       (name.len > 7 && strncasecmp(name.p, "schema:", 7) == 0);
}

void
metas_tag(struct metas *metas, const struct tag *tag)
{
	struct slice name, content;
	size_t i;

	if (!slice_is(tag->name, "meta"))
		return;
	name = markup_attr(tag, "property");
	if (name.p != NULL && is_item_name(name))
		metas->has_items = true;
	if (name.p == NULL || memchr(name.p, ':', name.len) == NULL)
		name = markup_attr(tag, "name");
	if (name.p == NULL || memchr(name.p, ':', name.len) == NULL)
		return;
	for (i = 0; i < META_COUNT; i++) {
		if (metas->value[i].p != NULL || !slice_is(name, meta_names[i]))
			continue;
		content = markup_attr(tag, "content");
		if (content.p != NULL && !slice_is_blank(content))
			metas->value[i] = content;
	}
}

static const char *
value_of(const struct metas *metas, enum meta_name name, struct buf *b)
{
	buf_clear(b);
	if (metas->value[name].p == NULL || metas->value[name].len > READER_TEXT_MAX)
		return NULL;
	markup_put_value(b, metas->value[name]);
	return b->len > 0 ? b->data : NULL;
}

/* twitter:data1 counts when twitter:label1 says that it is a price. */
static bool
label_says(const struct metas *metas, enum meta_name name, const char *const *words, size_t n)
{
	struct buf b = BUF_INIT(0);
	char folded[PHRASE_SIZE];
	const char *label = value_of(metas, name, &b);
	bool says = label != NULL && phrase_fold(label, b.len, folded) > 0 && phrase_have_any(folded, words, n);

	buf_release(&b);
	return says;
}

static bool
is_price_label(const struct metas *metas, enum meta_name name)
{
	static const char *const words[] = { "price", "preis", "prix", "precio", "prezzo", "preco", "prijs", "cena",
		"pris", "hinta", "fiyat", "pret", "цена", "ціна",
		"τιμη", "価格", "价格", "價格", "가격" };

	return label_says(metas, name, words, ARRAY_LEN(words));
}

static bool
is_availability_label(const struct metas *metas, enum meta_name name)
{
	static const char *const words[] = { "availability", "verfugbarkeit", "disponib", "beschikbaarheid", "stock",
		"dostepnosc", "dostupnost", "lager" };

	return label_says(metas, name, words, ARRAY_LEN(words));
}

/* A candidate, and its place in the trace. */
static bool
read_meta(const struct extract *x, const struct metas *metas, enum meta_name name, const char *currency,
    struct stated *out, struct money *money, struct trace_entry **entry)
{
	struct reader_hints hints = x->hints;
	struct buf b = BUF_INIT(0);
	const char *text = value_of(metas, name, &b);
	enum read_result result = READ_NONE;

	*entry = NULL;
	*money = (struct money){ .warnings = 0 };
	hints.machine = true;
	if (currency != NULL)
		hints.page_currency = currency;
	if (text != NULL) {
		result = reader_read(text, b.len, &hints, money);
		if (result == READ_OK)
			stated_take_sign(x, currency, money);
		*entry = trace_add(x->page->trace, METHOD_OPENGRAPH, text, b.len);
		if (*entry != NULL)
			trace_place(*entry, "line %zu %s", extract_line(x, metas->value[name].p), meta_names[name]);
		trace_money(*entry, money);
		trace_lost(*entry, "%s", result == READ_OK ? "another element" : "no amount");
	}
	out->too_long = out->too_long || result == READ_TOO_LONG;
	buf_release(&b);
	return result == READ_OK;
}

/* The sale's dates are over, or have not come. */
static bool
is_off_sale(const struct extract *x, const struct metas *metas)
{
	struct buf b = BUF_INIT(0);
	const char *text;
	bool off;

	text = value_of(metas, META_SALE_END, &b);
	off = text != NULL && b.len >= 10 && x->page->today != NULL && strncmp(text, x->page->today, 10) < 0;
	text = value_of(metas, META_SALE_START, &b);
	off = off || (text != NULL && b.len >= 10 && x->page->today != NULL && strncmp(text, x->page->today, 10) > 0);
	buf_release(&b);
	return off;
}

/* What was asked before: of the elements that say so, or the plain price beside a sale's. */
static void
read_list_price(const struct extract *x, const struct metas *metas, enum meta_name chosen, const char *code,
    struct stated *out)
{
	static const enum meta_name names[] = { META_ORIGINAL_AMOUNT, META_OG_STANDARD, META_AMOUNT, META_OG_AMOUNT };
	struct trace_entry *entry;
	struct money list;
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (names[i] == chosen || metas->value[names[i]].p == NULL ||
		    !read_meta(x, metas, names[i], code, out, &list, &entry))
			continue;
		if (amount_cmp(&list.amount, &out->money.amount) <= 0)
			continue;
		trace_lost(entry, "list price");
		out->money.has_list_price = true;
		out->money.list_price = list.amount;
		return;
	}
}

static void
read_amounts(const struct extract *x, const struct metas *metas, struct stated *out)
{
	static const struct {
		enum meta_name amount, currency, label;
	} order[] = { { META_SALE_AMOUNT, META_SALE_CURRENCY, META_COUNT }, { META_AMOUNT, META_CURRENCY, META_COUNT },
		{ META_OG_AMOUNT, META_OG_CURRENCY, META_COUNT }, { META_ORIGINAL_AMOUNT, META_ORIGINAL_CURRENCY, META_COUNT },
		{ META_DATA1, META_COUNT, META_LABEL1 },
		{ META_DATA2, META_COUNT, META_LABEL2 } };
	static const enum meta_name currencies[] = { META_CURRENCY, META_OG_CURRENCY };
	struct buf currency = BUF_INIT(0);
	struct trace_entry *entry;
	struct money money;
	const char *code;
	size_t i, k;

	/* A zero gives way to whatever is more. */
	for (i = 0; i < ARRAY_LEN(order) && (!out->money.has_amount || out->money.amount.coef == 0); i++) {
		if (order[i].label != META_COUNT && !is_price_label(metas, order[i].label))
			continue;
		if (order[i].amount == META_SALE_AMOUNT && is_off_sale(x, metas))
			continue;
		code = order[i].currency != META_COUNT ? value_of(metas, order[i].currency, &currency) : NULL;
		for (k = 0; code == NULL && k < ARRAY_LEN(currencies); k++)
			code = value_of(metas, currencies[k], &currency);
		if (!read_meta(x, metas, order[i].amount, code, out, &money, &entry) ||
		    (money.amount.coef == 0 && out->money.has_amount))
			continue;
		out->money = money;
		out->entry = entry;
		read_list_price(x, metas, order[i].amount, code, out);
	}
	buf_release(&currency);
}

const struct currency *
metas_currency(const struct metas *metas)
{
	static const enum meta_name names[] = { META_CURRENCY, META_OG_CURRENCY, META_SALE_CURRENCY };
	const struct currency *found = NULL;
	struct buf b = BUF_INIT(0);
	struct slice words, word;
	size_t i;

	for (i = 0; found == NULL && i < ARRAY_LEN(names); i++) {
		if (value_of(metas, names[i], &b) == NULL)
			continue;
		words = (struct slice){ b.data, b.len };
		if (slice_next_word(&words, &word))
			found = currency_find(word.p, word.len);
	}
	buf_release(&b);
	return found;
}

static void
read_availability(const struct metas *metas, struct stated *out)
{
	static const struct {
		enum meta_name value, label;
	} order[] = { { META_AVAILABILITY, META_COUNT }, { META_OG_AVAILABILITY, META_COUNT },
		{ META_DATA1, META_LABEL1 }, { META_DATA2, META_LABEL2 } };
	struct buf b = BUF_INIT(0);
	const char *text;
	size_t i;

	for (i = 0; i < ARRAY_LEN(order) && out->availability == AVAILABILITY_ABSENT; i++) {
		if (order[i].label != META_COUNT && !is_availability_label(metas, order[i].label))
			continue;
		text = value_of(metas, order[i].value, &b);
		if (text != NULL)
			out->availability = availability_read(text, b.len);
	}
	buf_release(&b);
}

void
extract_metas(const struct extract *x, const struct metas *metas, struct stated *out)
{
	struct buf b = BUF_INIT(0);
	const char *text;

	out->method = METHOD_OPENGRAPH;
	read_amounts(x, metas, out);
	read_availability(metas, out);
	text = value_of(metas, META_TITLE, &b);
	if (text != NULL)
		offer_title(text, b.len, out->title);
	text = value_of(metas, META_TYPE, &b);
	out->product = text != NULL && strcasestr(text, "product") != NULL;
	buf_release(&b);
}
