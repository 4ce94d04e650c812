/* Pages to offers: encodings, markup, the sources and their order, rules and their limits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "price/entity.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "price/json_repair.h"
#include "price/markup.h"
#include "unit.h"

#include <json-c/json_object.h>

static const struct {
	const char *text;
	uint32_t cp;
	size_t used;
} entities[] = {
	{ "&pound;24", 0xa3, 7 }, { "&pound24", 0xa3, 6 }, { "&euro;", 0x20ac, 6 }, { "&euro", 0, 0 }, { "&#163;", 0xa3, 6 },
	{ "&#xA3;", 0xa3, 6 }, { "&#128;", 0x20ac, 6 }, { "&#0;", 0xfffd, 4 }, { "&#99999999999;", 0xfffd, 14 },
	{ "&#xD800;", 0xfffd, 8 }, { "&#;", 0, 0 }, { "&nosuch;", 0, 0 }, { "&amp;", '&', 5 }, { "&ampx", '&', 4 },
	{ "& 5", 0, 0 }, { "&notit;", 0xac, 4 }, { "&comma;", ',', 7 }, { "&period;", '.', 8 },
};

START_TEST(entity)
{
	size_t used = 0;

	ck_assert_uint_eq(entity_decode(entities[_i].text, strlen(entities[_i].text), &used), entities[_i].cp);
	ck_assert_uint_eq(used, entities[_i].used);
}
END_TEST

/* P10, P27: the text of a piece. */
static const struct {
	const char *html, *text;
} texts[] = {
	{ "&pound;<b>24</b>.99", "\xc2\xa3" "24.99" },
	{ "24<sup>99</sup>", "24·99 " },
	{ "\xe2\x82\xac" "24,<sup>99</sup>", "\xe2\x82\xac" "24,99 " },
	{ "24.99<sup>1</sup>", "24.99 1 " },
	{ "24.99<sup>12</sup>", "24.99 12 " },
	{ "<span class='a-price-whole'>1,299</span><span class='a-price-fraction'>00</span>", "1,299·00" },
	{ "<s>30</s> 25", "\x02" "30\x03 25" },
	{ "a<br>b<script>var x = '99';</script>c<!-- 5 -->d<!--", "a b  cd<!--" },
};

START_TEST(text_of_markup)
{
	struct buf b = BUF_INIT(0);

	ck_assert(markup_put_text(&b, (struct slice){ texts[_i].html, strlen(texts[_i].html) }, 4096));
	ck_assert_str_eq(b.data, texts[_i].text);
	buf_release(&b);
}
END_TEST

#define LD(json) "<script type='application/ld+json'>" json "</script>"
#define PRODUCT(offers) "{\"@type\":\"Product\",\"name\":\"Thing\",\"offers\":" offers "}"

/* What a page offers: NULL amount: none, for this reason. */
static const struct {
	const char *rule, *pattern, *html;
	enum method method;
	const char *amount, *currency;
	enum availability availability;
	enum reason_none none;
	unsigned flags, warnings;
} pages[] = {
	/* P21: a rule */
	{ "P21 named group", "v:price\">(?<price>.*?)<", "<span property=\"v:price\">&pound;24.99</span> GBP", METHOD_RULE,
	    "24.99", NULL, AVAILABILITY_ABSENT, NONE_PRICE_FOUND, 0, WARN_AMBIGUOUS_CURRENCY },
	{ "P21 group 1", "price: (\\S+)", "price: 5.00EUR", METHOD_RULE, "5.00", "EUR", 0, 0, 0, 0 },
	{ "P21 whole match", "\\d+ EUR", "costs 7 EUR", METHOD_RULE, "7", "EUR", 0, 0, 0, 0 },
	{ "P21 currency of its own", "(?<currency>[A-Z]{3})\\|(?<price>\\d+)", "USD|12", METHOD_RULE, "12", "USD", 0, 0, 0, 0 },
	{ "P21 availability", "(?<price>\\d+) EUR (?<availability>.*)", "9 EUR sold out", METHOD_RULE, "9", NULL,
	    AVAILABILITY_OUT_OF_STOCK, 0, 0, 0 },
	{ "P21 through the reader", "<b>(.*?)</b>", "<b>was 30 EUR <i>now</i> 25 EUR</b>", METHOD_RULE, "25", "EUR", 0, 0, 0, 0 },
	{ "P20 a rule without an amount forbids the others", "nothing", LD(PRODUCT("{\"price\":5}")), METHOD_NONE, NULL, NULL,
	    0, NONE_NO_MATCH, 0, 0 },
	{ "P20 other fields are filled", "cost (\\d+)",
	    "cost 5" LD(PRODUCT("{\"price\":6,\"availability\":\"InStock\"}")), METHOD_RULE, "5", NULL,
	    AVAILABILITY_IN_STOCK, 0, 0, 0 },
	{ "P20 sold out, though the rule finds nothing", "nothing",
	    LD(PRODUCT("{\"price\":6,\"availability\":\"SoldOut\"}")), METHOD_NONE, NULL, NULL,
	    AVAILABILITY_OUT_OF_STOCK, NONE_NO_MATCH, 0, 0 },
	{ "P2 too many digits has its own reason", "(\\d+)", "1234567890123456789", METHOD_NONE, NULL, NULL, 0,
	    NONE_TOO_MANY_DIGITS, 0, 0 },
	/* P22: blocks */
	{ "P22", NULL, LD(PRODUCT("{\"price\":\"24.99\",\"priceCurrency\":\"GBP\"}")), METHOD_JSON_LD, "24.99", "GBP", 0, 0, 0, 0 },
	{ "P22 type with case and parameters", NULL,
	    "<SCRIPT TYPE=\"Application/LD+JSON; charset=utf-8\">" PRODUCT("{\"price\":1}") "</SCRIPT>", METHOD_JSON_LD, "1",
	    NULL, 0, 0, 0, 0 },
	{ "P22 @graph", NULL, LD("{\"@graph\":[{\"@type\":\"WebPage\"}," PRODUCT("{\"price\":2}") "]}"), METHOD_JSON_LD, "2",
	    NULL, 0, 0, 0, 0 },
	{ "P22 schema.org in front, a list of types", NULL,
	    LD("[{\"@type\":[\"Thing\",\"https://schema.org/Product\"],\"Offers\":{\"Price\":3}}]"), METHOD_JSON_LD, "3", NULL, 0,
	    0, 0, 0 },
	{ "P22 trailing commas", NULL, LD("{\"@type\":\"Product\",\"offers\":{\"price\":4,},}"), METHOD_JSON_LD, "4", NULL, 0, 0,
	    0, 0 },
	{ "P22 wrappers", NULL, LD("//<![CDATA[\n" PRODUCT("{\"price\":5}") "\n//]]>"), METHOD_JSON_LD, "5", NULL, 0, 0, 0, 0 },
	{ "P22 comments", NULL, LD("/* hi */ " PRODUCT("{\"price\": /* it */ 6}") ";"), METHOD_JSON_LD, "6", NULL, 0, 0, 0, 0 },
	{ "P22 control characters", NULL, LD("{\"@type\":\"Product\",\"name\":\"a\nb\",\"offers\":{\"price\":7}}"),
	    METHOD_JSON_LD, "7", NULL, 0, 0, 0, 0 },
	{ "P22 missing brackets", NULL, LD("{\"@type\":\"Product\",\"offers\":{\"price\":8"), METHOD_JSON_LD, "8", NULL, 0, 0, 0,
	    0 },
	{ "P22 one bad block", NULL, LD("{]") LD(PRODUCT("{\"price\":9}")), METHOD_JSON_LD, "9", NULL, 0, 0, 0, WARN_BAD_JSON },
	/* P23: the product */
	{ "P23 not what is related", NULL,
	    LD("{\"@type\":\"Product\",\"isRelatedTo\":" PRODUCT("{\"price\":1}") ",\"offers\":{\"price\":2}}"),
	    METHOD_JSON_LD, "2", NULL, 0, 0, 0, 0 },
	{ "P23 the one of this URL", NULL,
	    LD("[" PRODUCT("{\"price\":1}") ",{\"@type\":\"Product\",\"url\":\"http://x/p\",\"offers\":{\"price\":2}}]"),
	    METHOD_JSON_LD, "2", NULL, 0, 0, 0, 0 },
	{ "P23 a list only", NULL,
	    LD("{\"@type\":\"ItemList\",\"itemListElement\":[" PRODUCT("{\"price\":1}") "," PRODUCT("{\"price\":2}") "]}"),
	    METHOD_NONE, NULL, NULL, 0, NONE_AMBIGUOUS, 0, 0 },
	/* P24: the offers */
	{ "P24 in stock first", NULL,
	    LD(PRODUCT("[{\"price\":1,\"availability\":\"OutOfStock\"},{\"price\":2,\"availability\":\"InStock\"}]")),
	    METHOD_JSON_LD, "2", NULL, AVAILABILITY_IN_STOCK, 0, MONEY_VARIANTS, 0 },
	{ "P24 new before used", NULL,
	    LD(PRODUCT("[{\"price\":1,\"itemCondition\":\"UsedCondition\"},{\"price\":2,\"itemCondition\":\"NewCondition\"}]")),
	    METHOD_JSON_LD, "2", NULL, 0, 0, MONEY_VARIANTS, 0 },
	{ "P24 valid before expired", NULL,
	    LD(PRODUCT("[{\"price\":1,\"priceValidUntil\":\"2020-01-01\"},{\"price\":2,\"priceValidUntil\":\"2027-01-01\"}]")),
	    METHOD_JSON_LD, "2", NULL, 0, 0, MONEY_VARIANTS, 0 },
	{ "P24 the lowest, variants told", NULL, LD(PRODUCT("[{\"price\":3},{\"price\":2},{\"price\":5}]")), METHOD_JSON_LD, "2",
	    NULL, 0, 0, MONEY_VARIANTS, 0 },
	{ "P24 aggregate", NULL, LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"lowPrice\":\"10.50\",\"highPrice\":20}")),
	    METHOD_JSON_LD, "10.50", NULL, 0, 0, MONEY_RANGE, 0 },
	{ "P24 nested offers decide", NULL,
	    LD(PRODUCT("{\"@type\":\"AggregateOffer\",\"lowPrice\":1,\"offers\":[{\"price\":11},{\"price\":11}]}")),
	    METHOD_JSON_LD, "11", NULL, 0, 0, 0, WARN_SOURCE_CONFLICT },
	{ "P24 specification, list price apart", NULL,
	    LD(PRODUCT("{\"priceSpecification\":[{\"price\":30,\"priceType\":\"https://schema.org/ListPrice\"},"
		       "{\"price\":25,\"priceCurrency\":\"EUR\"}]}")),
	    METHOD_JSON_LD, "25", "EUR", 0, 0, 0, 0 },
	{ "P24 not for members, not for ten", NULL,
	    LD(PRODUCT("{\"priceSpecification\":[{\"price\":1,\"validForMemberTier\":{}},"
		       "{\"price\":2,\"eligibleQuantity\":{\"minValue\":10}},{\"price\":3}]}")),
	    METHOD_JSON_LD, "3", NULL, 0, 0, 0, 0 },
	{ "P24 @id is followed once", NULL,
	    LD("{\"@graph\":[{\"@type\":\"Product\",\"offers\":{\"@id\":\"#o\"}},{\"@id\":\"#o\",\"@type\":\"Offer\",\"price\":4,"
	       "\"offers\":{\"@id\":\"#o\"}}]}"),
	    METHOD_JSON_LD, "4", NULL, 0, 0, 0, 0 },
	{ "P24 @id", NULL,
	    LD("{\"@graph\":[{\"@type\":\"Product\",\"offers\":{\"@id\":\"#o\"}},{\"@id\":\"#o\",\"@type\":\"Offer\",\"price\":4}]}"),
	    METHOD_JSON_LD, "4", NULL, 0, 0, 0, 0 },
	{ "P24 variants of a group", NULL,
	    LD("{\"@type\":\"ProductGroup\",\"hasVariant\":[" PRODUCT("{\"price\":6}") "," PRODUCT("{\"price\":5}") "]}"),
	    METHOD_JSON_LD, "5", NULL, 0, 0, MONEY_VARIANTS, 0 },
	/* P25: the value */
	{ "P25 its own digits", NULL, LD(PRODUCT("{\"price\":19.90}")), METHOD_JSON_LD, "19.90", NULL, 0, 0, 0, 0 },
	{ "P25 no double could hold it", NULL, LD(PRODUCT("{\"price\":1234567890.12345678}")), METHOD_JSON_LD,
	    "1234567890.12345678", NULL, 0, 0, 0, 0 },
	{ "P25 exponent", NULL, LD(PRODUCT("{\"price\":4.2e1,\"priceCurrency\":\"EUR\"}")), METHOD_JSON_LD, "42", "EUR", 0, 0, 0,
	    0 },
	{ "P25 text with sign and grouping", NULL, LD(PRODUCT("{\"price\":\"1.299,00 \xe2\x82\xac\"}")), METHOD_JSON_LD,
	    "1299.00", "EUR", 0, 0, 0, 0 },
	{ "P25 @value", NULL, LD(PRODUCT("{\"price\":{\"@value\":\"5.5\"}}")), METHOD_JSON_LD, "5.5", NULL, 0, 0, 0, 0 },
	{ "P25 list", NULL, LD(PRODUCT("{\"price\":[\"5.5\"]}")), METHOD_JSON_LD, "5.5", NULL, 0, 0, 0, 0 },
	{ "P25 unknown", NULL, LD(PRODUCT("{\"price\":null}")), METHOD_NONE, NULL, NULL, 0, NONE_NO_MATCH, 0, 0 },
	{ "P31 zero is unknown", NULL, LD(PRODUCT("{\"price\":\"0.00\",\"availability\":\"OutOfStock\"}")), METHOD_NONE, NULL,
	    NULL, AVAILABILITY_OUT_OF_STOCK, NONE_NO_MATCH, 0, 0 },
	{ "P25 saturated integer", NULL, LD(PRODUCT("{\"price\":99999999999999999999}")), METHOD_NONE, NULL, NULL, 0,
	    NONE_TOO_MANY_DIGITS, 0, 0 },
	/* P26: microdata */
	{ "P26", NULL,
	    "<div itemscope itemtype='http://schema.org/Product'><h1 itemprop=name>T</h1><div itemprop=offers itemscope "
	    "itemtype='http://schema.org/Offer'><meta itemprop=priceCurrency content=GBP><span itemprop=price "
	    "content='24.99'>x</span><link itemprop=availability href='http://schema.org/OutOfStock'></div></div>",
	    METHOD_MICRODATA, "24.99", "GBP", AVAILABILITY_OUT_OF_STOCK, 0, 0, 0 },
	{ "P26 text, misnested", NULL,
	    "<div itemscope itemtype='http://schema.org/Product'><p>a<p>b<i><span itemprop=price>5,<b>50</b> EUR</span></div>",
	    METHOD_MICRODATA, "5.50", "EUR", 0, 0, 0, 0 },
	{ "P26 no type: the only one", NULL, "<span itemprop='price'>5 EUR</span>", METHOD_MICRODATA, "5", "EUR", 0, 0, 0, 0 },
	{ "P26 no type: not of several", NULL, "<span itemprop='price'>5 EUR</span><span itemprop='price'>6 EUR</span>",
	    METHOD_NONE, NULL, NULL, 0, NONE_AMBIGUOUS, 0, 0 },
	{ "P26 several names", NULL,
	    "<div itemscope itemtype='http://schema.org/Offer'><data itemprop='x price' value='7.25'>seven</data></div>",
	    METHOD_MICRODATA, "7.25", NULL, 0, 0, 0, 0 },
	{ "P26 not what is related", NULL,
	    "<div itemscope itemtype='http://schema.org/Product'><div itemprop=isRelatedTo itemscope "
	    "itemtype='http://schema.org/Product'><b itemprop=price content=1></b></div><b itemprop=price content=2></b></div>",
	    METHOD_MICRODATA, "2", NULL, 0, 0, 0, 0 },
	/* P27 */
	{ "P27 RDFa", NULL,
	    "<div vocab='http://schema.org/' typeof='Product'><div property=offers typeof=Offer><span property=price "
	    "content='9.5'></span><meta property=priceCurrency content=EUR></div></div>",
	    METHOD_RDFA, "9.5", "EUR", 0, 0, 0, 0 },
	{ "P27 v-RDFa with no type around it", NULL, "<span property=\"v:price\">&pound;24.99</span>", METHOD_V_RDFA, "24.99",
	    NULL, 0, 0, 0, WARN_AMBIGUOUS_CURRENCY },
	{ "P27 v:currency", NULL, "<span property='v:price'>24.99</span><span property='v:currency'>GBP</span>", METHOD_V_RDFA,
	    "24.99", "GBP", 0, 0, 0, 0 },
	{ "P27 gr:", NULL, "<span property='gr:hasCurrencyValue' content='3.20'></span>", METHOD_V_RDFA, "3.20", NULL, 0, 0, 0, 0 },
	/* P28 */
	{ "P28", NULL,
	    "<meta property=product:price:amount content=24.99><meta property='product:price:currency' content=USD>"
	    "<meta property=product:availability content=oos>",
	    METHOD_OPENGRAPH, "24.99", "USD", AVAILABILITY_OUT_OF_STOCK, 0, 0, 0 },
	{ "P28 the sale's price, the first that is not empty", NULL,
	    "<meta name=og:price:amount content=''><meta name='og:price:amount' content='30'>"
	    "<meta property=product:sale_price:amount content=25>",
	    METHOD_OPENGRAPH, "25", NULL, 0, 0, 0, 0 },
	{ "P28 twitter", NULL, "<meta name=twitter:label1 content=Price><meta name=twitter:data1 content='$12.50 USD'>",
	    METHOD_OPENGRAPH, "12.50", "USD", 0, 0, 0, 0 },
	{ "P28 twitter, something else", NULL, "<meta name=twitter:label1 content=Color><meta name=twitter:data1 content='12'>",
	    METHOD_NONE, NULL, NULL, 0, NONE_NO_MATCH, 0, 0 },
	/* P20, P45: the order, and who disagrees */
	{ "P20", NULL, "<meta property=og:price:amount content=6.0>" LD(PRODUCT("{\"price\":6}")), METHOD_JSON_LD, "6", NULL, 0,
	    0, 0, 0 },
	{ "P45", NULL, "<meta property=og:price:amount content=7>" LD(PRODUCT("{\"price\":6}")), METHOD_JSON_LD, "6", NULL, 0, 0,
	    0, WARN_SOURCE_CONFLICT },
	/* P16, P35, P36 */
	{ "P16 html lang", NULL, "<html lang=en-GB><span property=v:price>\xc2\xa3" "5</span>", METHOD_V_RDFA, "5", "GBP", 0, 0, 0,
	    0 },
	{ "P35 anything", NULL, "<<<div <a b=\"<\xff\x00<meta property=og:price:amount content=5", METHOD_NONE, NULL, NULL, 0,
	    NONE_NO_MATCH, 0, 0 },
	{ "P36 an unclosed comment", NULL, "<!-- <meta property=og:price:amount content=5>", METHOD_OPENGRAPH, "5", NULL, 0, 0, 0,
	    0 },
	{ "P36 a comment", NULL, "<!-- <meta property=og:price:amount content=5> -->", METHOD_NONE, NULL, NULL, 0, NONE_NO_MATCH,
	    0, 0 },
	{ "P6 nothing", NULL, "", METHOD_NONE, NULL, NULL, 0, NONE_NO_MATCH, 0, 0 },
};

START_TEST(offer_of_page)
{
	struct page page = { .body = pages[_i].html, .len = strlen(pages[_i].html), .url = "http://x/p",
		.today = "2026-11-22" };
	struct matcher *matcher = matcher_new();
	struct rule *rule = NULL;
	struct err err = ERR_INIT;
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	if (pages[_i].pattern != NULL) {
		rule = rule_compile(matcher, pages[_i].pattern, &err);
		ck_assert_msg(rule != NULL, "%s", err.msg);
	}
	extract_page(&page, rule, &o);
	ck_assert_msg(o.method == pages[_i].method, "%s: method %s", pages[_i].rule, method_text(o.method));
	ck_assert_msg(o.money.has_amount == (pages[_i].amount != NULL), "%s", pages[_i].rule);
	if (pages[_i].amount != NULL) {
		ck_assert_msg(strcmp(amount_text(&o.money.amount, 0, text), pages[_i].amount) == 0, "%s: %s", pages[_i].rule,
		    text);
		if (pages[_i].currency != NULL)
			ck_assert_msg(o.money.currency != NULL && strcmp(o.money.currency->code, pages[_i].currency) == 0,
			    "%s: currency", pages[_i].rule);
		ck_assert_uint_eq(o.money.flags, pages[_i].flags);
	}
	ck_assert_msg(o.availability == pages[_i].availability, "%s: availability %d", pages[_i].rule, o.availability);
	ck_assert_msg(o.none == pages[_i].none, "%s: %s", pages[_i].rule, reason_none_text(o.none));
	ck_assert_msg(o.warnings == pages[_i].warnings, "%s: warnings %x", pages[_i].rule, o.warnings);
	rule_free(rule);
	matcher_free(matcher);
}
END_TEST

START_TEST(title_is_found)
{
	static const struct {
		const char *html, *title;
	} rows[] = { { LD(PRODUCT("{}")) "<title>no</title>", "Thing" }, { "<title> A &amp;\n B </title>", "A & B" },
		{ "<meta property=og:title content='O'><title>no</title>", "O" } };
	struct offer o;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		extract_page(&(struct page){ .body = rows[i].html, .len = strlen(rows[i].html) }, NULL, &o);
		ck_assert_str_eq(o.title, rows[i].title);
	}
}
END_TEST

/* P39: the limits hold, and quickly. */
START_TEST(rule_limits)
{
	static const char *const patterns[] = { "(a+)+$", "(?:a|a)*b", "(.*)*\\1x" };
	struct matcher *matcher = matcher_new();
	struct rule_captures captures;
	struct rule *rule;
	char *text = xmalloc(RULE_SUBJECT_MAX + 1);
	size_t i;

	memset(text, 'a', RULE_SUBJECT_MAX + 1);
	for (i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		rule = rule_compile(matcher, patterns[i], NULL);
		ck_assert_ptr_nonnull(rule);
		text[5000] = '!';
		ck_assert_int_ne(rule_match(rule, text, 5001, &captures), RULE_MATCH);
		text[5000] = 'a';
		ck_assert_int_eq(rule_match(rule, text, RULE_SUBJECT_MAX + 1, &captures), RULE_LIMIT);
		rule_free(rule);
	}
	rule = rule_compile(matcher, "(a+)+$", NULL);
	text[5000] = '!';
	ck_assert_int_eq(rule_match(rule, text, 5001, &captures), RULE_LIMIT);
	rule_free(rule);
	free(text);
	matcher_free(matcher);
}
END_TEST

/* P21, P39: a bad rule says where; \C is no rule of ours. */
START_TEST(rule_errors)
{
	struct matcher *matcher = matcher_new();
	struct err err = ERR_INIT;

	ck_assert_ptr_null(rule_compile(matcher, "a(b", &err));
	ck_assert_ptr_nonnull(strstr(err.msg, "regex: line 1, column 4: "));
	ck_assert_ptr_null(rule_compile(matcher, "\\C", &err));
	matcher_free(matcher);
}
END_TEST

/* P37, P38: hostile sizes cost linear time and bounded memory; the test's own deadline judges. */
START_TEST(hostile_pages)
{
	static const char *const units[] = { "<div>", "<a b=\"", "<!--", "<script>", "</p>", "<p itemprop=price>", "<b itemprop=price>", "&", "<",
		"<i itemscope itemtype=Product>", "{\"a\":[", "<script type=application/ld+json>[", "\xff", "<li>1" };
	size_t i, n, k, size = 4u << 20;
	char *page = xmalloc(size);
	struct offer o;

	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		n = strlen(units[i]);
		for (k = 0; k + n <= size; k += n)
			memcpy(page + k, units[i], n);
		extract_page(&(struct page){ .body = page, .len = k }, NULL, &o);
		ck_assert_msg(o.method == METHOD_NONE, "%s", units[i]);
	}
	free(page);
}
END_TEST

START_TEST(json_depth_is_bounded)
{
	char text[4096];

	memset(text, '[', sizeof(text));
	ck_assert_ptr_null(json_page_parse(text, sizeof(text)));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price page");
	TCase *t = tcase_create("tables"), *slow = tcase_create("limits");

	tcase_add_loop_test(t, entity, 0, sizeof(entities) / sizeof(entities[0]));
	tcase_add_loop_test(t, text_of_markup, 0, sizeof(texts) / sizeof(texts[0]));
	tcase_add_loop_test(t, offer_of_page, 0, sizeof(pages) / sizeof(pages[0]));
	tcase_add_test(t, title_is_found);
	tcase_add_test(t, rule_errors);
	tcase_add_test(t, json_depth_is_bounded);
	tcase_add_test(slow, rule_limits);
	tcase_add_test(slow, hostile_pages);
	tcase_set_timeout(slow, 60);
	suite_add_tcase(s, t);
	suite_add_tcase(s, slow);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
