/* What pages of shops' own making have shown about linked data, rule by rule: rows as in check_price_sources.c. */
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "price/extract.h"
#include "unit.h"

#define LD(json) "<script type='application/ld+json'>" json "</script>"
#define PRODUCT(offers) "{\"@type\":\"Product\",\"name\":\"Thing\",\"offers\":" offers "}"
#define ITEM(inner) "<div itemscope itemtype='https://schema.org/Product'><b itemprop=name>Thing</b>" inner "</div>"
#define OFFER(inner) "<div itemprop=offers itemscope itemtype='http://schema.org/Offer'>" inner "</div>"
#define URL "https://www.shop.example/p/thing"

/* NULL amount: none; NULL currency: open. Of NULL title nothing is asked. */
static const struct {
	const char *rule, *html, *amount, *currency, *sign, *max, *list, *title;
	enum availability availability;
	enum reason_none none;
	unsigned flags, warnings;
} pages[] = {
	{ .rule = "P22: blanks that JSON does not know",
	    .html = LD("{\xc2\xa0\"@type\":\"Product\",\xc2\xa0\xef\xbb\xbf\"offers\":{\"price\":\"5\"\xc2\xa0}}"),
	    .amount = "5" },
	{ .rule = "P22: backslashes of JavaScript",
	    .html = LD("{\"@type\":\"Product\",\"name\":\"Bob\\'s 5\\x\",\"offers\":{\"price\":\"5\"}}"),
	    .amount = "5", .title = "Bob's 5\\x" },
	{ .rule = "P22: cut behind a backslash",
	    .html = LD("{\"@type\":\"Product\",\"offers\":{\"price\":\"5\"},\"name\":\"a\\"),
	    .amount = "5" },
	{ .rule = "P22: cut in an escape",
	    .html = LD("{\"@type\":\"Product\",\"offers\":{\"price\":\"5\"},\"name\":\"a\\u20"),
	    .amount = "5" },
	{ .rule = "P22: an empty block is not a bad one",
	    .html = LD(" \n") LD(PRODUCT("{\"price\":5}")),
	    .amount = "5" },
	{ .rule = "P22: a plus that a template has escaped",
	    .html = "<script type='application/ld&#x2B;json; charset=utf-8'>" PRODUCT("{\"price\":5}") "</script>",
	    .amount = "5" },
	{ .rule = "P22: prefixes that are written short",
	    .html = LD("{\"@context\":{\"s\":\"https://schema.org/\"},\"@type\":\"s:Product\",\"s:name\":\"Pan\","
		"\"s:offers\":{\"s:price\":5}}"),
	    .amount = "5", .title = "Pan" },
	{ .rule = "P22: schema.org without a scheme",
	    .html = LD("{\"@type\":\"WebSite\",\"offers\":{\"price\":1}}") LD("{\"@type\":\"schema.org/Product\",\"offers\":{\"price\":5}}"),
	    .amount = "5" },
	{ .rule = "P23: the offers of a catalogue are a list",
	    .html = LD("{\"@type\":\"OfferCatalog\",\"itemListElement\":[{\"@type\":\"Offer\",\"price\":1},{\"@type\":\"Offer\",\"price\":2}]}"),
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P24: an offer by its name alone",
	    .html = LD("{\"@graph\":[" PRODUCT("\"#o\"") ",{\"@id\":\"#o\",\"@type\":\"Offer\",\"price\":5}]}"),
	    .amount = "5" },
	{ .rule = "P24: a list price by a short name",
	    .html = LD(PRODUCT("{\"price\":5,\"priceSpecification\":{\"priceType\":\"schema:MSRP\",\"price\":9}}")),
	    .amount = "5", .list = "9" },
	{ .rule = "P24: the price of a sale, wherever it stands",
	    .html = LD(PRODUCT("{\"priceSpecification\":[{\"priceType\":\"https://schema.org/RegularPrice\",\"price\":9},"
		"{\"priceType\":\"https://schema.org/SalePrice\",\"price\":5}]}")),
	    .amount = "5", .list = "9" },
	{ .rule = "P24: and before the regular one",
	    .html = LD(PRODUCT("{\"priceSpecification\":[{\"priceType\":\"https://schema.org/SalePrice\",\"price\":5},"
		"{\"priceType\":\"https://schema.org/RegularPrice\",\"price\":9}]}")),
	    .amount = "5", .list = "9" },
	{ .rule = "P24: a quantity that is a number",
	    .html = LD(PRODUCT("{\"priceSpecification\":[{\"price\":4,\"eligibleQuantity\":10},{\"price\":5,\"eligibleQuantity\":1}]}")),
	    .amount = "5" },
	{ .rule = "P17: the page's field stands above its country",
	    .html = "<html lang=de-DE><meta property=og:price:currency content=CHF>" LD(PRODUCT("{\"price\":5}")),
	    .amount = "5", .currency = "CHF" },
	{ .rule = "P18: and decides a sign before it",
	    .html = "<html lang=en-US><meta property=product:price:currency content=AUD>" ITEM(OFFER("<b itemprop=price>$5</b>")),
	    .amount = "5", .currency = "AUD", .sign = "$" },
	{ .rule = "P17: but not above the offer's own",
	    .html = "<meta property=product:price:currency content=AUD>" LD(PRODUCT("{\"price\":5,\"priceCurrency\":\"USD\"}")),
	    .amount = "5", .currency = "USD" },
	{ .rule = "P17: what stands beside the amount is nearer",
	    .html = "<meta property=product:price:currency content=AUD>" ITEM(OFFER("<b itemprop=price>5 &euro;</b>")),
	    .amount = "5", .currency = "EUR", .warnings = WARN_CURRENCY_CONFLICT },
	{ .rule = "P18: an offer without a price tells its currency",
	    .html = ITEM(OFFER("<meta itemprop=priceCurrency content=NZD>")) "<b property=v:price>$5</b>",
	    .amount = "5", .currency = "NZD" },
	{ .rule = "P20: a currency from a later source, whose amount differs",
	    .html = ITEM(OFFER("<b itemprop=price>$6</b>")) "<div vocab=http://schema.org/ typeof=Offer><b property=price>5</b>"
		"<b property=priceCurrency>CAD</b></div>",
	    .amount = "6", .currency = "CAD", .warnings = WARN_SOURCE_CONFLICT },
	{ .rule = "P20: not one that the sign cannot stand for",
	    .html = ITEM(OFFER("<b itemprop=price>$6</b>")) "<div vocab=http://schema.org/ typeof=Offer><b property=price>5</b>"
		"<b property=priceCurrency>EUR</b></div>",
	    .amount = "6", .warnings = WARN_SOURCE_CONFLICT | WARN_AMBIGUOUS_CURRENCY },
	{ .rule = "P24: an out of stock offer is a variant, too, and it may be the lower one",
	    .html = LD(PRODUCT("[{\"price\":8,\"availability\":\"OutOfStock\"},{\"price\":12,\"availability\":\"InStock\"}]")),
	    .amount = "12", .availability = AVAILABILITY_IN_STOCK, .flags = MONEY_VARIANTS },
	{ .rule = "P24: offers in a list in a list",
	    .html = LD(PRODUCT("[[{\"price\":8},{\"price\":9}]]")),
	    .amount = "8", .max = "9", .flags = MONEY_VARIANTS },
	{ .rule = "P24: another offer does not say whether this one is in stock",
	    .html = LD(PRODUCT("[{\"price\":8},{\"price\":9,\"availability\":\"OutOfStock\"}]")),
	    .amount = "8", .max = "9", .flags = MONEY_VARIANTS },
	{ .rule = "P24: what sums them up does",
	    .html = LD(PRODUCT("{\"lowPrice\":8,\"availability\":\"InStock\",\"offers\":[{\"price\":8}]}")),
	    .amount = "8", .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P24: the lowest of one currency",
	    .html = LD(PRODUCT("[{\"price\":10,\"priceCurrency\":\"USD\"},{\"price\":9,\"priceCurrency\":\"EUR\"}]")),
	    .amount = "10", .currency = "USD" },
	{ .rule = "P24: of the one that is paid with here",
	    .html = "<html lang=de-AT>" LD(PRODUCT("[{\"price\":8,\"priceCurrency\":\"USD\"},{\"price\":9,\"priceCurrency\":\"EUR\"},"
		"{\"price\":10,\"priceCurrency\":\"EUR\"}]")),
	    .amount = "9", .currency = "EUR", .max = "10", .flags = MONEY_VARIANTS },
	{ .rule = "P24: a currency that only the specification has",
	    .html = LD(PRODUCT("{\"price\":8,\"priceSpecification\":{\"priceCurrency\":\"SEK\"}}")),
	    .amount = "8", .currency = "SEK" },
	{ .rule = "P18: a field with a sign of several currencies leaves it open",
	    .html = LD(PRODUCT("{\"price\":\"8.00\",\"priceCurrency\":\" $ \"}")),
	    .amount = "8.00", .sign = "$", .warnings = WARN_AMBIGUOUS_CURRENCY },
	{ .rule = "P18: and the country decides",
	    .html = "<html lang=en-CA>" LD(PRODUCT("{\"price\":\"8.00\",\"priceCurrency\":\"$\"}")),
	    .amount = "8.00", .currency = "CAD", .sign = "$" },
	{ .rule = "P17, P18: a country that pays otherwise does not",
	    .html = "<html lang=de-AT>" LD(PRODUCT("{\"price\":\"8.00\",\"priceCurrency\":\"$\"}")),
	    .amount = "8.00", .sign = "$", .warnings = WARN_AMBIGUOUS_CURRENCY },
	{ .rule = "P18: or the aggregate around",
	    .html = LD(PRODUCT("{\"priceCurrency\":\"AUD\",\"offers\":[{\"price\":\"8.00\",\"priceCurrency\":\"$\"}]}")),
	    .amount = "8.00", .currency = "AUD" },
	{ .rule = "P15, P26: struck out in the text of a price",
	    .html = ITEM(OFFER("<p itemprop=price><del>20,00 &euro;</del> <ins>15,00 &euro;</ins></p>")),
	    .amount = "15.00", .currency = "EUR", .sign = "\xe2\x82\xac", .list = "20.00" },
	{ .rule = "P15, P26: a price that is struck out is not the price",
	    .html = ITEM(OFFER("<del><b itemprop=price>20.00</b></del><b itemprop=price>15.00</b>")),
	    .amount = "15.00", .list = "20.00" },
	{ .rule = "P15, P26: also if it is the only one",
	    .html = ITEM(OFFER("<s itemprop=price>20.00</s>")) },
	{ .rule = "P26: of two prices not the one that is called old",
	    .html = ITEM(OFFER("<p class=price-old><b itemprop=price>20.00</b></p><b itemprop=price class=price-new>15.00</b>")),
	    .amount = "15.00", .list = "20.00" },
	{ .rule = "P26: a single one is called as they like",
	    .html = ITEM(OFFER("<p class=regular-price><b itemprop=price>20.00</b></p>")),
	    .amount = "20.00" },
	{ .rule = "P26: the list of a class around the item says nothing",
	    .html = "<div class=old>" ITEM(OFFER("<b itemprop=price>20.00</b><b itemprop=price>15.00</b>")) "</div>",
	    .amount = "20.00" },
	{ .rule = "P26: an empty content is no value where there is text",
	    .html = ITEM(OFFER("<b itemprop=price content=' '>15.00</b><meta itemprop=priceCurrency content=EUR>")),
	    .amount = "15.00", .currency = "EUR" },
	{ .rule = "P25, P26: of a meta element it is one",
	    .html = ITEM(OFFER("<meta itemprop=price content=''>15.00")) },
	{ .rule = "P18, P28: a sign in a meta of the currency",
	    .html = "<meta property=product:price:amount content=5.00><meta property=product:price:currency content=$>",
	    .amount = "5.00", .sign = "$", .warnings = WARN_AMBIGUOUS_CURRENCY },
	{ .rule = "P23: by the address of its offer, if it has none",
	    .html = LD("[{\"@type\":\"Product\",\"offers\":{\"price\":4,\"url\":\"https://www.shop.example/p/other\"}},"
		"{\"@type\":\"Product\",\"offers\":[{\"price\":5,\"url\":\"" URL "\"}]}]"),
	    .amount = "5" },
	{ .rule = "P35: the slash behind the last value without quotes",
	    .html = "<meta property=product:price:amount content=5.00/><meta property=product:price:currency content=EUR/>",
	    .amount = "5.00", .currency = "EUR" },
	{ .rule = "P35: a path keeps its own",
	    .html = ITEM("<link itemprop=url href=/p/thing/>" OFFER("<b itemprop=price>5.00</b>"))
		"<div itemscope itemtype=http://schema.org/Product>" OFFER("<b itemprop=price>6.00</b>") "</div>",
	    .amount = "5.00" },
	{ .rule = "P27: the name of GoodRelations",
	    .html = "<div typeof=gr:Offering><b property=gr:name>Pan</b><b property=gr:hasCurrencyValue>5.00</b></div>",
	    .amount = "5.00", .title = "Pan" },
};

START_TEST(offer_of_page)
{
	struct page page = { .body = pages[_i].html, .len = strlen(pages[_i].html), .url = URL, .today = "2026-11-22",
		.sources = ~(unsigned)PAGE_SOURCE(METHOD_HEURISTIC) };
	const char *name = pages[_i].rule, *currency;
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_msg(o.money.has_amount == (pages[_i].amount != NULL), "%s: amount %d", name, o.money.has_amount);
	ck_assert_msg(o.warnings == pages[_i].warnings, "%s: warnings %x", name, o.warnings);
	ck_assert_msg(o.availability == pages[_i].availability, "%s: %s", name, availability_text(o.availability));
	if (pages[_i].none != NONE_PRICE_FOUND)
		ck_assert_int_eq(o.none, pages[_i].none);
	if (pages[_i].title != NULL)
		ck_assert_str_eq(o.title, pages[_i].title);
	if (pages[_i].amount == NULL)
		return;
	ck_assert_msg(strcmp(amount_text(&o.money.amount, 0, text), pages[_i].amount) == 0, "%s: %s", name, text);
	currency = o.money.currency != NULL ? o.money.currency->code : "";
	ck_assert_msg(strcmp(currency, pages[_i].currency != NULL ? pages[_i].currency : "") == 0, "%s: %s", name, currency);
	if (pages[_i].sign != NULL)
		ck_assert_str_eq(o.money.currency_text, pages[_i].sign);
	ck_assert_msg(o.money.flags == pages[_i].flags, "%s: flags %x", name, o.money.flags);
	ck_assert_msg(o.money.has_max == (pages[_i].max != NULL), "%s: max", name);
	if (pages[_i].max != NULL)
		ck_assert_str_eq(amount_text(&o.money.max, 0, text), pages[_i].max);
	ck_assert_msg(o.money.has_list_price == (pages[_i].list != NULL), "%s: list price", name);
	if (pages[_i].list != NULL)
		ck_assert_str_eq(amount_text(&o.money.list_price, 0, text), pages[_i].list);
}
END_TEST

/* P31: whoever says 0, and whoever says that the thing is in stock; P30: of what is not, 0 is no price. */
static const struct {
	const char *html;
	bool is, without; /* with the target's leave, and without */
} zeros[] = {
	{ "<meta property=product:price:amount content=0><meta property=product:availability content='in stock'>", true, false },
	{ "<meta property=product:price:amount content=0>", false, false },
	{ LD(PRODUCT("{\"price\":0}")) "<meta property=product:availability content='in stock'>", true, false },
	{ LD(PRODUCT("{\"price\":0}")) "<meta property=product:availability content=preorder>", false, false },
	{ LD(PRODUCT("{\"price\":0,\"availability\":\"LimitedAvailability\"}")), true, false },
	{ LD(PRODUCT("{\"price\":0}")) "<h1>Thing</h1><p class=stock>In stock</p><button>Add to cart</button>", true, false },
	{ LD(PRODUCT("{\"price\":\"free\"}")), true, true },
	{ LD(PRODUCT("{\"price\":\"free\",\"availability\":\"SoldOut\"}")), false, false },
};

START_TEST(p31_p30_zero)
{
	struct page page = { .body = zeros[_i].html, .len = strlen(zeros[_i].html), .allow_zero = true };
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.method != METHOD_NONE, zeros[_i].is);
	ck_assert(o.method == METHOD_NONE || (o.money.has_amount && o.money.amount.coef == 0));
	page.allow_zero = false;
	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.method != METHOD_NONE, zeros[_i].without);
}
END_TEST

/* P38: too much JSON-LD is a reason of its own, where nothing else has the price; many small blocks are not too much. */
START_TEST(p38_much_json)
{
	struct buf html = BUF_INIT(0);
	struct page page = { .sources = ~(unsigned)PAGE_SOURCE(METHOD_HEURISTIC) };
	struct offer o;
	size_t i;

	for (i = 0; i < 300; i++)
		buf_xaddstr(&html, LD("{\"@type\":\"Organization\"}"));
	buf_xaddstr(&html, LD(PRODUCT("{\"price\":5}")));
	page.body = html.data;
	page.len = html.len;
	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.method, METHOD_JSON_LD);
	buf_clear(&html);
	buf_xaddstr(&html, "<script type='application/ld+json'>{\"@type\":\"Product\",\"offers\":{\"price\":5},\"a\":\"");
	for (i = 0; i < 3u << 20; i += 16)
		buf_xaddstr(&html, "0123456789abcdef");
	buf_xaddstr(&html, "\"}</script>");
	page.body = html.data;
	page.len = html.len;
	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.none, NONE_LIMIT);
	buf_xaddstr(&html, "<meta property=product:price:amount content=5>");
	page.body = html.data;
	page.len = html.len;
	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.method, METHOD_OPENGRAPH);
	buf_release(&html);
}
END_TEST

/* P9.2, P45: people see thousands where the machine's point would be a decimal one, in the same letters. */
START_TEST(p9_p45_thousands)
{
	static const struct {
		const char *shown, *amount;
	} rows[] = { { "1.299 &euro;", "1299" }, { "<span>1.299</span><span>&euro;</span>", "1299" }, { "1,2990 &euro;", "1.299" } };
	struct buf html = BUF_INIT(0);
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	buf_xprintf(&html,
	    "<html lang=de>" LD(PRODUCT("{\"price\":\"1.299\",\"priceCurrency\":\"EUR\",\"availability\":\"InStock\"}"))
	    "<h1>Thing</h1><div class=price>%s</div><button>In den Warenkorb</button>", rows[_i].shown);
	extract_page(&(struct page){ .body = html.data, .len = html.len }, NULL, &o);
	ck_assert_str_eq(amount_text(&o.money.amount, 0, text), rows[_i].amount);
	buf_release(&html);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price found");
	TCase *t = tcase_create("found");

	tcase_add_loop_test(t, offer_of_page, 0, ARRAY_LEN(pages));
	tcase_add_loop_test(t, p31_p30_zero, 0, ARRAY_LEN(zeros));
	tcase_add_test(t, p38_much_json);
	tcase_add_loop_test(t, p9_p45_thousands, 0, 3);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
