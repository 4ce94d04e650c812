/* Pages that state nothing, dressed as shops dress them: which amount is the price, which the one of before, and whether there is one at all. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/xalloc.h"
#include "price/extract.h"
#include "unit.h"

#define EUR "\xe2\x82\xac"
#define H1 "<h1>Red kettle</h1>"
#define BUY "<button>Add to cart</button>"
#define SOCKS "<div><p>Socks</p><p class=price>5.00 EUR</p>" BUY "</div>"
#define TEXT "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore. "
#define LONG TEXT TEXT TEXT TEXT

static const struct {
	const char *rule, *html, *amount, *max, *list;
	enum reason_none none;
} pages[] = {
	/* P10, P27 */
	{ .rule = "P10: cents in an element of their own, with no word for them", .html = H1 "<div class=price><i>EUR</i><b>129</b><i>95</i></div>"
		BUY, .amount = "129.95" },
	{ .rule = "P10: cents in an element of their own, behind comments", .html = H1 "<div class=price><!--[--><b>129</b><!--]--><!---->"
		"<b>95</b> EUR</div>" BUY, .amount = "129.95" },
	{ .rule = "P10: no cents behind a comment", .html = H1 "<div class=price><b>12</b><!-- --><b>900</b> EUR</div>" BUY, .amount = "12900" },
	{ .rule = "P10: no cents, a group of thousands", .html = H1 "<div class=price><b>1</b><b>.</b><b>299</b> EUR</div>" BUY, .amount = "1299" },
	{ .rule = "P10: no cents, each digit in its element", .html = H1 "<div class=price><b>1</b><b>2</b><b>9</b> EUR</div>" BUY,
	    .amount = "129" },
	{ .rule = "P10: the sign with the cents, both in the word's elements", .html = H1 "<p class=price><b class=price__int>129</b>"
		"<b class=price__dec>" EUR "95</b></p>" BUY, .amount = "129.95" },
	/* P15 */
	{ .rule = "P15: struck out by a class", .html = H1 "<div class=price><b>59.00 EUR</b> <span class='text-sm line-through'>79.00 EUR</span>"
		"</div>" BUY, .amount = "59.00", .list = "79.00" },
	{ .rule = "P15: struck out by a class, before it", .html = H1 "<div class=price><span class=Price_strikethrough__3k>79.00 EUR</span> "
		"<b>59.00 EUR</b></div>" BUY, .amount = "59.00", .list = "79.00" },
	{ .rule = "P15: struck out by its style", .html = H1 "<div class=price><span style='text-decoration: line-through'><i>79.00</i> EUR</span> "
		"<b>59.00 EUR</b></div>" BUY, .amount = "59.00", .list = "79.00" },
	{ .rule = "P15: nothing is struck out by a link that clicks through", .html = H1 "<div class='price click-through'>59.00 EUR</div>" BUY,
	    .amount = "59.00" },
	{ .rule = "P15: words say that it was, in an element of its own", .html = H1 "<p class=precio>45,50 EUR</p><p class=precio-anterior>"
		"Antes: 60,00 EUR</p>" BUY, .amount = "45.50", .list = "60.00" },
	{ .rule = "P15: the same amount called the regular one is none of before", .html = H1 "<div class=price><div class=price-regular><i>Regular "
		"price</i> <b class=price-item>68.00 EUR</b></div><div><s class=price-item>85.00 EUR</s> <i>Sale price</i> "
		"<b class='price-item price-item--sale'>68.00 EUR</b></div></div>" BUY, .amount = "68.00", .list = "85.00" },
	/* P29 */
	{ .rule = "P29: neither net nor tax", .html = H1 "<b class=prix>39,90 EUR</b> <b class=prix-ht>33,25 EUR</b>" BUY, .amount = "39.90" },
	{ .rule = "P29: not the net price, which stands first", .html = H1 "<p>Netto: <b class=cena-netto>730,89 EUR</b></p><p>Brutto: <b "
		"class=cena>899,00 EUR</b></p>" BUY, .amount = "899.00" },
	{ .rule = "P29: with and without a tax", .html = H1 "<b class=price-excluding-tax>100.00 EUR</b><b class=price-including-tax>120.00 EUR</b>"
		BUY, .amount = "120.00" },
	{ .rule = "P29: of two one is reduced", .html = H1 "<b class=prezzo-intero>199,00 EUR</b><b class=prezzo-scontato>149,00 EUR</b>" BUY,
	    .amount = "149.00", .list = "199.00" },
	{ .rule = "P29: not by subscription", .html = H1 "<b class=price>18.00 EUR</b><b class=subscription-price>16.20 EUR</b>" BUY,
	    .amount = "18.00" },
	{ .rule = "P29: a button with an icon before its words is one of a product", .html = H1 LONG "<button><svg viewBox='0 0 9 9'><path "
		"d='M0 0h9'/></svg><span>Add to cart</span></button>", .none = NONE_NO_MATCH },
	{ .rule = "P29: two of a list that cost the same", .html = "<h1>Kettles</h1><ul><li><h2>A</h2><b class=price>12.00 EUR</b></li><li><h2>B</h2>"
		"<b class=price>12.00 EUR</b></li></ul>", .none = NONE_AMBIGUOUS },
	{ .rule = "P29: five that cost the same", .html = "<h1>Socks</h1>" SOCKS SOCKS SOCKS SOCKS SOCKS, .none = NONE_AMBIGUOUS },
	{ .rule = "P29: twice for one thing", .html = H1 "<h2>by Smith</h2><b class=price>12.00 EUR</b>" BUY "<h2>Details</h2><b class=price>"
		"12.00 EUR</b>", .amount = "12.00" },
	{ .rule = "P10: cents with their sign behind them", .html = H1 "<p class=price>329,<sup>99" EUR "</sup></p>" BUY, .amount = "329.99" },
	{ .rule = "P10: cents on a line of their own", .html = H1 "<p class=price>22\n<sup class=promo-price__fraction>99</sup></p>" BUY,
	    .amount = "22.99" },
	{ .rule = "P10: the whole without a separator", .html = H1 "<p class=price>49<sup>99&euro;</sup></p>" BUY, .amount = "49.99" },
	{ .rule = "P15: words around it say that it is by the month", .html = H1 "<p>Our price <b class=price>1299.00 EUR</b></p><p>or <b class=price>"
		"38.50 EUR</b> a month</p>" BUY, .amount = "1299.00" },
	{ .rule = "P29: not of a thing beyond the button", .html = H1 "<p><b>240.00 EUR</b></p>" BUY "<div>Hose <b class=price>12.00 EUR</b></div>",
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P29: beyond the button, the same as before it", .html = H1 "<p><b>12.00 EUR</b></p>" BUY "<div><b class=price>12.00 EUR</b></div>",
	    .amount = "12.00" },
	{ .rule = "P29: not what insures it", .html = H1 "<p class=stock>Sold out</p><b class=insurance-price>4.99 EUR</b>", .none = NONE_NO_MATCH },
	{ .rule = "P29: not what one gets for an old one", .html = H1 "<div class=trade-in><b class=price>300.00 EUR</b></div><b class=price>899.00 EUR"
		"</b>" BUY, .amount = "899.00" },
	{ .rule = "P29: not what can be had with it", .html = H1 "<b class=price>399.00 EUR</b><label><input type=checkbox> Installation <b "
		"class=price>25.00 EUR</b></label>" BUY, .amount = "399.00" },
	{ .rule = "P29: not what comes on top", .html = H1 "<b class=price>399.00 EUR</b><p>Velvet <b class=price>+25.00 EUR</b></p>" BUY,
	    .amount = "399.00" },
	{ .rule = "P15: a plain amount beside an instalment, once they stand apart", .html = H1 "<div class=price><s>1299 EUR</s><b>EUR 999</b>"
		"<b>23% off</b> in 12x <b>83.25 EUR</b></div>" BUY, .amount = "999", .list = "1299" },
	{ .rule = "P29: the final price is lower than the first of what is around both", .html = H1 "<div class=prices><b class=price-standard>1290 "
		"EUR</b><b class=price-final>990 EUR</b></div>" BUY, .amount = "990" },
	{ .rule = "P29: net in one language, gross in another", .html = H1 "<b class=price-gross>120.00 EUR</b><b class=price-net>100.00 EUR</b>" BUY,
	    .amount = "120.00" },
	{ .rule = "P29: not a used one", .html = H1 "<b class=price>80.00 EUR</b>" BUY "<div id=usedAccordion><b class=price>61.20 EUR</b></div>",
	    .amount = "80.00" },
	{ .rule = "P29: what is around the heading, too, is not beside the product", .html = "<div class='product shipping-taxable'>" H1
		"<b class=price>5.00 EUR</b></div>", .amount = "5.00" },
	{ .rule = "P29: a cart is no product", .html = "<h1>Your cart</h1><p>Red kettle <b class=price>24.99 EUR</b></p>", .none = NONE_AMBIGUOUS },
	{ .rule = "P29: a basket is one", .html = "<h1>Basket</h1><b class=price>24.99 EUR</b>" BUY, .amount = "24.99" },
	/* P35 */
	{ .rule = "P35: a title that is never closed", .html = "<title>Red kettle<body>" H1 "<b class=price>5.00 EUR</b>" BUY, .amount = "5.00" },
	/* P44 */
	{ .rule = "P44: consent or money", .html = "<title>Shop</title><h1>Ihre Wahl</h1><p>Mit Werbung weiterlesen oder Pur-Abo f\xc3\xbcr 3,99 "
		EUR " im Monat.</p><button>Akzeptieren</button>", .none = NONE_BLOCKED },
	{ .rule = "P44: a firewall", .html = "<title>Request Rejected</title><p>The requested URL was rejected. Your support ID is: 12.</p>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: an error with no title", .html = "<b>Error establishing a database connection</b>", .none = NONE_BLOCKED },
	{ .rule = "P44: a queue", .html = "<title>Shop</title><h1>You are now in line</h1><p>Your estimated wait time is 5 minutes.</p>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: in Japanese", .html = "<title>Shop</title><p>\xe3\x81\x9f\xe3\x81\xa0\xe3\x81\x84\xe3\x81\xbe\xe3\x82\xa2\xe3\x82\xaf"
		"\xe3\x82\xbb\xe3\x82\xb9\xe3\x81\x8c\xe9\x9b\x86\xe4\xb8\xad\xe3\x81\x97\xe3\x81\xa6\xe3\x81\x8a\xe3\x82\x8a\xe3\x81\xbe"
		"\xe3\x81\x99</p>", .none = NONE_BLOCKED },
	{ .rule = "P44: nothing there, in Spanish", .html = "<title>Tienda</title><h1>Lo sentimos</h1><p>La p\xc3\xa1gina que buscas no "
		"existe.</p>", .none = NONE_BLOCKED },
	{ .rule = "P44: a security service", .html = "<title>shop.example</title><p>This page is shown while we verify that you are not a bot.</p>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: not a thing that is sold out, beside a login", .html = "<title>Red kettle</title>" H1 "<p class=stock>Sold out</p><form>"
		"<input type=password></form>", .none = NONE_NO_MATCH },
	{ .rule = "P44: no script, but a thing", .html = "<title>Red kettle</title><noscript>Please enable JavaScript in your browser</noscript>" H1
		"<b class=price>5.00 EUR</b>" BUY, .amount = "5.00" },
};

START_TEST(page_as_it_looks)
{
	struct page page = { .body = pages[_i].html, .len = strlen(pages[_i].html), .url = "https://shop.example/p" };
	const char *name = pages[_i].rule;
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_msg(o.money.has_amount == (pages[_i].amount != NULL), "%s: amount %d, %s", name, o.money.has_amount,
	    reason_none_text(o.none));
	ck_assert_msg(o.none == pages[_i].none, "%s: %s", name, reason_none_text(o.none));
	if (pages[_i].amount != NULL)
		ck_assert_msg(strcmp(amount_text(&o.money.amount, 0, text), pages[_i].amount) == 0, "%s: %s", name, text);
	ck_assert_msg(o.money.has_list_price == (pages[_i].list != NULL), "%s: list price", name);
	if (pages[_i].list != NULL)
		ck_assert_msg(strcmp(amount_text(&o.money.list_price, 0, text), pages[_i].list) == 0, "%s: %s", name, text);
	ck_assert_msg(o.money.has_max == (pages[_i].max != NULL), "%s: max", name);
}
END_TEST

/* P37, P38: nothing is looked for to the end of the page from each of its tags. */
START_TEST(p38_looks_ahead)
{
	static const char *const units[] = { "<button>", "<button ><b ><", "<a class=btn>           ", "<title>", "<s class=price>5",
		"<i class='price strike'>5</i>", "<b class=price>1</b><b>00</b>" };
	size_t i, n, k, size = 4u << 20;
	char *page = xmalloc(size);
	struct offer o;

	for (i = 0; i < ARRAY_LEN(units); i++) {
		n = strlen(units[i]);
		for (k = 0; k + n <= size; k += n)
			memcpy(page + k, units[i], n);
		extract_page(&(struct page){ .body = page, .len = k }, NULL, &o);
	}
	free(page);
}
END_TEST

/* P38: the candidates beside the product, however many, leave room for its price. */
START_TEST(p38_many_aside)
{
	struct buf b = BUF_INIT(0);
	struct offer o;
	size_t i;

	buf_xaddstr(&b, "<aside>");
	for (i = 0; i < 5000; i++)
		buf_xaddstr(&b, "<b class=price>9.00 EUR</b>");
	buf_xaddstr(&b, "</aside>" H1 "<b class=price>24.99 EUR</b>" BUY);
	extract_page(&(struct page){ .body = b.data, .len = b.len }, NULL, &o);
	ck_assert(o.money.has_amount);
	ck_assert_int_eq(o.money.amount.coef, 2499);
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price looks");
	TCase *t = tcase_create("pages"), *slow = tcase_create("limits");

	tcase_add_loop_test(t, page_as_it_looks, 0, ARRAY_LEN(pages));
	tcase_add_test(t, p38_many_aside);
	tcase_add_test(slow, p38_looks_ahead);
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
