/* From a price to rules: which words hold, and which rule comes first. */
#include <string.h>

#include "price/learn_private.h"
#include "unit.h"

static const struct {
	const char *word;
	bool human;
} words[] = {
	{ "price", true }, { "product-price", true }, { "ProductPrice", true }, { "price--large", true }, { "price_now", true },
	{ "col-6", true }, { "h1", false }, { "prix", true }, { "nav2", true }, { "buy-box", true }, { "cena", true },
	{ "sc-1a2b3c", false }, { "css-1q2w3e", false }, { "x9f3kQz7", false }, { "a1b2c3d4", false }, { "Price_price__1a2B3", false },
	{ "item-48213", false }, { "48213", false }, { "bdfghjk", false }, { "p", false }, { "md:flex", false }, { "", false },
	{ "w-1/2", false }, { "kXyQzWbRt", false },
};

START_TEST(word)
{
	ck_assert_msg(learn_is_word((struct slice){ words[_i].word, strlen(words[_i].word) }) == words[_i].human, "%s",
	    words[_i].word);
}
END_TEST

/* Of a page and its price, the best rule. */
static const struct {
	const char *html, *price;
	enum rule_kind kind;
	const char *rule; /* NULL: there is none */
} pages[] = {
	{ "<p>x</p><b id=price>5.25 EUR</b>", "5.25", RULE_CSS, "#price" },
	{ "<b id=p48213 class=price>5.25</b>", "5.25", RULE_CSS, ".price" },
	{ "<b itemprop=price class=sc-9a8b7c content='5.25'>5,25</b>", "5.25", RULE_CSS, "[itemprop=\"price\"]::attr(content)" },
	{ "<i class=price>4</i><div id=buy><i class=price>5.25</i></div>", "5.25", RULE_CSS, "#buy .price" },
	{ "<div><i>1</i><i>2</i><i>5.25</i></div>", "5.25", RULE_CSS, "html > body:nth-of-type(1) > div:nth-of-type(1) > i:nth-of-type(3)" },
	{ "{\"a\":[{\"b\":1},{\"price\":5.25}]}", "5.25", RULE_POINTER, "/a/1/price" },
	{ "<script>x = {price: '5.25'}</script>", "5.25", RULE_REGEX,
	    "[\"']?\\bprice[\"']?\\s*[:=]\\s*[\"']?(?<price>[0-9][0-9.,]*)" },
	{ "<meta property='og:price:amount' content=5.25><p>x", "5.25", RULE_CSS, "[property=\"og:price:amount\"]::attr(content)" },
	{ "<body class=single-product><div id=product-4711><p class=price><del><span class=amount><bdi>7 EUR</bdi></span></del> "
	  "<ins><span class=amount><bdi>5.25 EUR</bdi></span></ins></p></div><p class=price>9 EUR", "5.25", RULE_CSS, ".price" },
	{ "<div class=css-1q2w3e data-testid=product-price><b class=sc-9a8b7c>5.25 EUR</b></div>", "5.25", RULE_CSS,
	    "[data-testid=\"product-price\"]" },
	{ "<i>1 EUR</i><div id=main><i>5.25 EUR</i></div>", "5.25", RULE_CSS, "#main i" },
	{ "<i class=Price_old__aB3xY>7 EUR</i><i class=Price_now__zZ9kQ>5.25 EUR</i>", "5.25", RULE_CSS, "[class*=\"Price_now__\"]" },
	{ "<i id=old_84711>7 EUR</i><i id=price_84711>5.25 EUR</i>", "5.25", RULE_CSS, "[id^=\"price_\"]" },
	{ "<table><tr><th>Art.<td>4711<tr><th>Our <b>Price</b>:<td>5.25 EUR<tr><th>RRP<td>7 EUR</table>", "5.25", RULE_XPATH,
	    "//th[normalize-space()=\"Our Price:\"]/following-sibling::td[1]" },
	{ "<h1>Cup</h1><i>1 EUR</i><i>5.25 EUR</i>", "5.25", RULE_CSS, "html > body:nth-of-type(1) > i:nth-of-type(2)" },
	{ "<p class=crumb>from 5.25 EUR</p><b class=sum>5.25 EUR</b>", "5.25", RULE_CSS, ".sum" },
	{ "<div><div class=related><b class=sum>5.25 EUR</b></div><b class=worth>5.25 EUR</b></div>", "5.25", RULE_CSS, ".worth" },
	{ "<script>s = {price: {currency: 'EUR', value: 5.25}, value: 5.25}</script>", "5.25", RULE_REGEX,
	    "\\bprice[\"']?\\s*[:=]\\s*\\{[^{}]*?\\bvalue[\"']?\\s*:\\s*[\"']?(?<price>[0-9][0-9.,]*)" },
	{ "<b>5.26</b>", "5.25", RULE_CSS, NULL },
	{ "<b class=price>1.299,00 EUR</b>", "1299", RULE_CSS, ".price" },
};

START_TEST(best_rule)
{
	struct page page = { .body = pages[_i].html, .len = strlen(pages[_i].html) };
	struct reader_hints hints = { .machine = true };
	struct learned l;
	struct money want;

	ck_assert_int_eq(reader_read(pages[_i].price, strlen(pages[_i].price), &hints, &want), READ_OK);
	learn_page(&page, &want, &l);
	if (pages[_i].rule == NULL) {
		ck_assert_uint_eq(l.n, 0);
		return;
	}
	ck_assert_msg(l.n > 0, "%s", pages[_i].html);
	ck_assert_msg(l.rules[0].kind == pages[_i].kind, "%s: %s", pages[_i].html, l.rules[0].text);
	ck_assert_str_eq(l.rules[0].text, pages[_i].rule);
	learned_release(&l);
}
END_TEST

/* P38: a page full of prices, deep or wide, is learned from in bounded time. */
START_TEST(p38_hostile_pages)
{
	static const char *const parts[] = { "<div>5.25", "<b class='a b c d e f g h i j'>5.25</b>", "<p data-a=5.25 data-b=5.25>",
		"<script>price=5.25;price:5.25</script>" };
	struct reader_hints hints = { .machine = true };
	struct buf b = BUF_INIT(0);
	struct learned l;
	struct money want;
	size_t i, k;

	ck_assert_int_eq(reader_read("5.25", 4, &hints, &want), READ_OK);
	for (i = 0; i < ARRAY_LEN(parts); i++) {
		struct page page = { .body = NULL };

		buf_clear(&b);
		for (k = 0; k < 30000 / (i == 0 ? 6 : 1); k++)
			buf_xaddstr(&b, parts[i]);
		page.body = b.data;
		page.len = b.len;
		learn_page(&page, &want, &l);
		ck_assert(i == 0 || l.places > 0); /* of divs in divs, none has but the price */
		learned_release(&l);
	}
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("learn");
	TCase *t = tcase_create("learn");

	tcase_add_loop_test(t, word, 0, (int)ARRAY_LEN(words));
	tcase_add_loop_test(t, best_rule, 0, (int)ARRAY_LEN(pages));
	tcase_add_test(t, p38_hostile_pages);
	tcase_set_timeout(t, 180); /* with sanitizers, on a busy machine */
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
