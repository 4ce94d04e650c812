#include "price/extract_meta.h"

#include <string.h>
#include <strings.h>

static const char *const meta_names[META_COUNT] = {
	[META_SALE_AMOUNT] = "product:sale_price:amount",
	[META_AMOUNT] = "product:price:amount",
	[META_OG_AMOUNT] = "og:price:amount",
	[META_ORIGINAL_AMOUNT] = "product:original_price:amount",
	[META_SALE_CURRENCY] = "product:sale_price:currency",
	[META_CURRENCY] = "product:price:currency",
	[META_OG_CURRENCY] = "og:price:currency",
	[META_AVAILABILITY] = "product:availability",
	[META_OG_AVAILABILITY] = "og:availability",
	[META_TITLE] = "og:title",
	[META_LABEL1] = "twitter:label1",
	[META_DATA1] = "twitter:data1",
};

void
metas_tag(struct metas *metas, const struct tag *tag)
{
	struct slice name, content;
	size_t i;

	if (!slice_is(tag->name, "meta"))
		return;
	name = markup_attr(tag, "property");
	if (name.p == NULL)
		name = markup_attr(tag, "name");
	content = markup_attr(tag, "content");
	if (name.p == NULL || content.p == NULL || content.len == 0)
		return;
	for (i = 0; i < META_COUNT; i++) {
		if (metas->value[i].p == NULL && slice_is(name, meta_names[i]))
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
is_price_label(const char *label)
{
	return label != NULL && (strcasestr(label, "price") != NULL || strcasestr(label, "preis") != NULL ||
				    strcasestr(label, "prix") != NULL);
}

static bool
read_meta(const struct extract *x, const struct metas *metas, enum meta_name name, const char *currency, struct buf *b,
    struct money *out)
{
	struct reader_hints hints = x->hints;
	const char *text = value_of(metas, name, b);

	hints.machine = true;
	if (currency != NULL)
		hints.page_currency = currency;
	return text != NULL && reader_read(text, b->len, &hints, out) == READ_OK && out->amount.coef > 0;
}

static void
read_amounts(const struct extract *x, const struct metas *metas, struct buf *b, struct offer *o)
{
	static const struct {
		enum meta_name amount, currency;
	} order[] = { { META_SALE_AMOUNT, META_SALE_CURRENCY }, { META_AMOUNT, META_CURRENCY },
		{ META_OG_AMOUNT, META_OG_CURRENCY }, { META_DATA1, META_COUNT } };
	struct buf currency = BUF_INIT(0);
	struct money money, list;
	size_t i;

	for (i = 0; i < ARRAY_LEN(order); i++) {
		const char *code = NULL;

		if (order[i].amount == META_DATA1 && !is_price_label(value_of(metas, META_LABEL1, b)))
			continue;
		if (order[i].currency != META_COUNT)
			code = value_of(metas, order[i].currency, &currency);
		if (code == NULL)
			code = value_of(metas, META_CURRENCY, &currency);
		if (!read_meta(x, metas, order[i].amount, code, b, &money))
			continue;
		if (read_meta(x, metas, META_ORIGINAL_AMOUNT, code, b, &list)) {
			money.has_list_price = true;
			money.list_price = list.amount;
		}
		if (extract_take(o, METHOD_OPENGRAPH, &money))
			break;
	}
	buf_release(&currency);
}

void
extract_metas(const struct extract *x, const struct metas *metas, struct offer *o)
{
	struct buf b = BUF_INIT(0);
	const char *text;

	read_amounts(x, metas, &b, o);
	text = value_of(metas, META_AVAILABILITY, &b);
	if (text == NULL)
		text = value_of(metas, META_OG_AVAILABILITY, &b);
	if (text != NULL && o->availability == AVAILABILITY_ABSENT)
		o->availability = availability_read(text, b.len);
	text = value_of(metas, META_TITLE, &b);
	if (text != NULL)
		offer_set_title(o, text, b.len);
	buf_release(&b);
}
