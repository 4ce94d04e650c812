/* Pages that state nothing: how the price looks, what is said of the stock, and pages that are none of a product. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "price/trace.h"
#include "unit.h"

#define LD "<script type='application/ld+json'>{\"@type\":\"Product\",\"name\":\"Red kettle\",\"offers\":{\"price\":\"24.99\"," \
	"\"priceCurrency\":\"EUR\",\"availability\":\"InStock\"}}</script>"
#define H1 "<h1 class=title>Red kettle</h1>"
#define BUY "<button class='btn add-to-cart'>Add to cart</button>"
#define RELATED "<section class='related products'><h2>Related products</h2><ul>" \
	"<li class=product><a href=/a>Lid</a><span class=price>9,99 \xe2\x82\xac</span>" BUY "</li>" \
	"<li class=product><a href=/b>Cup</a><span class=price>4,99 \xe2\x82\xac</span>" BUY "</li></ul></section>"
#define CARD(name, price) "<li class=product-card><a href=/x><h3>" name "</h3></a><span class=price>" price "</span>" BUY "</li>"
#define TEXT "Lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et dolore. "
#define LONG TEXT TEXT TEXT TEXT
#define TAGS8 "<I></I><I></I><I></I><I></I>"
#define TAGS64 TAGS8 TAGS8 TAGS8 TAGS8 TAGS8 TAGS8 TAGS8 TAGS8
#define TAGS TAGS64 TAGS64

static const struct {
	const char *rule, *html, *amount, *currency, *max, *list;
	enum availability availability;
	enum reason_none none;
	unsigned warnings;
} pages[] = {
	/* P29 */
	{ .rule = "P29: one price", .html = H1 "<span class=price>24,99 \xe2\x82\xac</span>" BUY, .amount = "24.99", .currency = "EUR" },
	{ .rule = "P29: by id", .html = H1 "<b id=our_price_display>$24.99 USD</b>" BUY, .amount = "24.99", .currency = "USD" },
	{ .rule = "P29: parts of a word", .html = H1 "<b class=productPrice_3kX>24.99 EUR</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: prix", .html = H1 "<b class=prix-actuel>24,99 EUR</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: preis", .html = H1 "<b class=artikelpreis>24,99 EUR</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: precio", .html = H1 "<b class=precio>24,99 EUR</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: cena", .html = H1 "<b class=cena>24,99 PLN</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: prezzo", .html = H1 "<b class='box prezzo'>24,99 EUR</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: a data attribute's value", .html = H1 "<b data-testid=product-price>24,99 EUR</b>" BUY, .amount = "24.99" },
	{ .rule = "P29: a data attribute's name", .html = H1 "<div data-product-price=24.99>now EUR</div>" BUY, .amount = "24.99" },
	{ .rule = "P29: no token, no price", .html = H1 "<b class=cost>24,99 EUR</b>" BUY },
	{ .rule = "P29: beside what is related", .html = H1 "<span class=price>24,99 \xe2\x82\xac</span>" BUY RELATED, .amount = "24.99" },
	{ .rule = "P29: below what is related", .html = RELATED H1 "<span class=price>24,99 \xe2\x82\xac</span>" BUY, .amount = "24.99" },
	{ .rule = "P29: related by its heading alone", .html = "<main>" H1 "<p class=price>24,99 \xe2\x82\xac</p>" BUY
		"<div><h3>Das k\xc3\xb6nnte Ihnen auch gefallen</h3><p class=price>9,99 \xe2\x82\xac</p>" BUY
		"<p class=price>8,99 \xe2\x82\xac</p>" BUY "</div></main>", .amount = "24.99" },
	{ .rule = "P29: not the cart in the header", .html = "<header><div class=mini-cart><span class=price>0,00 \xe2\x82\xac</span></div>"
		"<span class=price>7,00 \xe2\x82\xac</span></header>" H1 "<span class=price>24,99 \xe2\x82\xac</span>" BUY, .amount = "24.99" },
	{ .rule = "P29: a header with the product's name is none", .html = "<article><header class=page-header>" H1
		"<span class=price>24,99 \xe2\x82\xac</span></header></article>" BUY, .amount = "24.99" },
	{ .rule = "P29: not what it was", .html = H1 "<span class='price old-price'>39,99 \xe2\x82\xac</span> <span class='price "
		"price-sale'>24,99 \xe2\x82\xac</span>" BUY, .amount = "24.99", .list = "39.99" },
	{ .rule = "P29: struck out inside", .html = H1 "<p class=price><del><span class=amount>&pound;39.99</span></del> <ins>"
		"<span class=amount>&pound;24.99</span></ins></p>" BUY, .amount = "24.99", .currency = NULL, .list = "39.99",
	    .warnings = WARN_AMBIGUOUS_CURRENCY },
	{ .rule = "P29: the ends of a range are no rivals", .html = H1 "<p class=price><span class=price-amount>24,99 \xe2\x82\xac</span> - "
		"<span class=price-amount>39,99 \xe2\x82\xac</span></p>" BUY, .amount = "24.99", .max = "39.99" },
	{ .rule = "P29: not per unit, not by instalments", .html = H1 "<span class=price>24,99 \xe2\x82\xac</span><span class=unit-price>"
		"9,99 \xe2\x82\xac</span><span class=price-installment>2,08 \xe2\x82\xac</span><span class=shipping-price>4,90 \xe2\x82\xac</span>"
		BUY, .amount = "24.99" },
	{ .rule = "P29: the sign beside it", .html = H1 "<div><b class=price>24,99</b><i>EUR</i></div>" BUY, .amount = "24.99",
	    .currency = "EUR" },
	{ .rule = "P29: a list is ambiguous", .html = "<h1>Kettles</h1><ul class=grid>" CARD("A", "24,99 \xe2\x82\xac")
		CARD("B", "34,99 \xe2\x82\xac") CARD("C", "44,99 \xe2\x82\xac") "</ul>", .none = NONE_AMBIGUOUS },
	{ .rule = "P29: a list without words for it", .html = "<h1>Kettles</h1><div><h3>A</h3><b class=price>1,99 \xe2\x82\xac</b></div>"
		"<div><h3>B</h3><b class=price>2,99 \xe2\x82\xac</b></div><div><h3>C</h3><b class=price>3,99 \xe2\x82\xac</b></div>",
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P29: two that nothing tells apart", .html = H1 "<b class=price>24,99 \xe2\x82\xac</b><b class=price>34,99 \xe2\x82\xac</b>",
	    .none = NONE_AMBIGUOUS },
	{ .rule = "P29: the same amount again is no rival", .html = H1 "<b class=price>24,99 \xe2\x82\xac</b>" BUY
		"<div class=sticky-bar><b class=price>24.99 \xe2\x82\xac</b></div>", .amount = "24.99" },
	{ .rule = "P29: not the lowest of thirty days, by its words", .html = H1 "<p class=price>24,99 \xe2\x82\xac</p><p class=price-info>"
		"Niedrigster Preis der letzten 30 Tage: 19,99 \xe2\x82\xac</p>" BUY, .amount = "24.99" },
	{ .rule = "P29: not the lowest of thirty days, by the words before", .html = H1 "<p class=cena>129,00 z\xc5\x82</p><p>Najni\xc5\xbcsza cena "
		"z 30 dni: <b class=cena>119,00 z\xc5\x82</b></p>" BUY, .amount = "129.00" },
	{ .rule = "P29: a list of cards is ambiguous, not nothing", .html = "<h1>Search</h1><div class=product-tile><b class=price>1,99 EUR</b></div>"
		"<div class=product-tile><b class=price>2,99 EUR</b></div>" TEXT TEXT TEXT, .none = NONE_AMBIGUOUS },
	{ .rule = "P29: what a shelf is called says nothing", .html = "<div class='product product_cat-accessories product_tag-related'>" H1
		"<b class=price>5 EUR</b>" BUY "</div>", .amount = "5" },
	{ .rule = "P29: a layout with a sidebar", .html = "<div class='page has-sidebar with-nav'>" H1 "<div class='elementor-widget "
		"elementor-widget-price'><b class=price>5 EUR</b></div>" BUY "</div>", .amount = "5" },
	{ .rule = "P29: not in the sidebar itself", .html = H1 "<b class=price>5 EUR</b>" BUY "<div class=sidebar><b class=price>9 EUR</b></div>",
	    .amount = "5" },
	{ .rule = "P29: the whole and the cents are no rivals of their price", .html = H1 "<span class=price id=line_price><i class=price-num>$</i>"
		"<b class=price-num>39</b><sup class=price-num>50</sup></span>" BUY, .amount = "39.50", .warnings = WARN_AMBIGUOUS_CURRENCY },
	{ .rule = "P29: cents whose words say that it is the price now", .html = H1 "<b class=promo-price>124<sup class=promo-price__fraction>99"
		"</sup> EUR</b><del class=list-price>149,99 EUR</del>" BUY, .amount = "124.99", .currency = "EUR", .list = "149.99" },
	{ .rule = "P29: what stands around an old price and the price is no rival", .html = H1 "<ul class=price><li><span class=price-old>4 990 EUR"
		"</span></li><li><h2 class=price-new>3 490 EUR</h2></li></ul>" BUY, .amount = "3490", .currency = "EUR", .list = "4990" },
	{ .rule = "P29: words beside it say that it was", .html = H1 "<div>Was: <b class='price price--non-sale'>39.00 EUR</b></div><div>Now: "
		"<b class=price>24.99 EUR</b></div><div>(You save <b class=price>14.01 EUR</b>)</div>" BUY, .amount = "24.99" },
	{ .rule = "P29: a longer word with a price in it says less", .html = H1 "<b class=reprice>1.00 EUR</b><b class=price>24.99 EUR</b>" BUY,
	    .amount = "24.99" },
	{ .rule = "P29: on request", .html = H1 "<b class=price>Preis auf Anfrage</b>" },
	{ .rule = "P35: everything left open", .html = H1 "<p><div class=price><b>24,99<i> \xe2\x82\xac<td></x><button class=buy>", .amount =
		"24.99" },
	/* P30 */
	{ .rule = "P30: an element for it", .html = H1 "<b class=price>5 EUR</b><p class='stock out'>Ausverkauft</p>" BUY, .amount = "5",
	    .availability = AVAILABILITY_OUT_OF_STOCK },
	{ .rule = "P30: what denies first", .html = H1 "<b class=price>5 EUR</b><p class=stock>In stock soon</p><p "
		"class=availability>Currently not available</p>", .amount = "5", .availability = AVAILABILITY_OUT_OF_STOCK },
	{ .rule = "P30: a button", .html = H1 "<b class=price>5 EUR</b><button disabled>Sold out</button>", .amount = "5",
	    .availability = AVAILABILITY_OUT_OF_STOCK },
	{ .rule = "P30: not a variant that is sold out", .html = H1 "<b class=price>5 EUR</b><select><option>S</option><option disabled>M - "
		"sold out</option></select>" BUY, .amount = "5" },
	{ .rule = "P30: not another product's", .html = H1 "<b class=price>5 EUR</b>" BUY "<div class=related><p class=stock>Sold out</p>"
		"<p>Sold out</p></div>", .amount = "5" },
	{ .rule = "P30: not what is not shown", .html = H1 "<b class=price>5 EUR</b><p class=stock style='display:none'>Sold out</p>" BUY,
	    .amount = "5" },
	{ .rule = "P30: no long text", .html = H1 "<b class=price>5 EUR</b>" BUY "<p>" TEXT " This colour was sold out in no time when we first "
		"had it.</p>", .amount = "5" },
	{ .rule = "P30: people see that there is none", .html = LD H1 "<b class=price>24,99 EUR</b><p class=stock>Nicht auf Lager</p>",
	    .amount = "24.99", .availability = AVAILABILITY_IN_STOCK, .warnings = WARN_AVAILABILITY_CONFLICT },
	{ .rule = "P30: so they do in upper case", .html = LD "<H1 CLASS=TITLE>Red kettle</H1><B CLASS=PRICE>24,99 EUR</B><P CLASS=STOCK>Sold out</P>",
	    .amount = "24.99", .availability = AVAILABILITY_IN_STOCK, .warnings = WARN_AVAILABILITY_CONFLICT },
	{ .rule = "P30: so they do in upper case, many tags below the beginning", .html = LD TAGS "<H1 CLASS=TITLE>Red kettle</H1><B CLASS=PRICE>"
		"24,99 EUR</B><P>Sold out</P>", .amount = "24.99", .availability = AVAILABILITY_IN_STOCK, .warnings = WARN_AVAILABILITY_CONFLICT },
	{ .rule = "P30: not of a store, nor of a review", .html = LD H1 "<b class=price>24,99 EUR</b>" BUY "<p>Not available in stores</p>"
		"<h2>Reviews</h2><p>was sold out for weeks</p>", .amount = "24.99", .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P30: not of a size", .html = LD H1 "<b class=price>24,99 EUR</b><ul><li class='size out-of-stock'>S <i>sold out</i></li></ul>"
		BUY, .amount = "24.99", .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P30: no conflict", .html = LD H1 "<b class=price>24,99 EUR</b><p class=stock>Auf Lager</p>", .amount = "24.99",
	    .availability = AVAILABILITY_IN_STOCK },
	/* P45 */
	{ .rule = "P45: people see another price", .html = LD H1 "<b class=price>29,99 EUR</b>" BUY, .amount = "24.99",
	    .availability = AVAILABILITY_IN_STOCK, .warnings = WARN_SOURCE_CONFLICT },
	{ .rule = "P45: of another thing they do not", .html = LD H1 "<b class=price>24,99 EUR</b>" BUY RELATED, .amount = "24.99",
	    .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P45: the old price is not the price", .html = LD H1 "<b class=price><s>29,99 EUR</s> 24,99 EUR</b>" BUY, .amount = "24.99",
	    .availability = AVAILABILITY_IN_STOCK },
	{ .rule = "P45: people see that the price is the old one", .html = LD H1 "<b class=price><s>24,99 EUR</s> 19,99 EUR</b>" BUY,
	    .amount = "24.99", .availability = AVAILABILITY_IN_STOCK, .warnings = WARN_SOURCE_CONFLICT },
	{ .rule = "P9, P45: a point that groups", .html = "<html lang=de><div itemscope itemtype=http://schema.org/Product><h1 itemprop=name>X"
		"</h1><meta itemprop=price content='1.500'><b class=preis>1.500,00 EUR</b></div>", .amount = "1500.00",
	    .currency = "EUR", .warnings = WARN_SOURCE_CONFLICT | WARN_AMBIGUOUS_3 },
	/* P44 */
	{ .rule = "P44: a challenge", .html = "<title>Just a moment...</title><body><noscript>Enable JavaScript and cookies to continue"
		"</noscript><script>window._cf_chl_opt={}</script>", .none = NONE_BLOCKED },
	{ .rule = "P44: denied", .html = "<title>Access Denied</title><h1>Access Denied</h1>You don't have permission to access this server.",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: a captcha", .html = "<title>shop.example</title><p>To continue, please check the box.</p><div class=g-recaptcha></div>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: in German", .html = "<title>Shop</title><p>Bitte best\xc3\xa4tigen Sie, dass Sie kein Roboter sind.</p>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: a login", .html = "<title>Anmelden</title><form><input name=u><input type=password name=p><button>Los</button></form>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: a consent", .html = "<title>Before you continue</title><p>We use cookies.</p><button>Accept all</button>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: an error", .html = "<title>503 Service Unavailable</title><h1>Service Unavailable</h1>", .none = NONE_BLOCKED },
	{ .rule = "P44: not found, at length", .html = "<title>Page not found - Shop</title><h1>Page not found</h1>" LONG LONG LONG LONG,
	    .none = NONE_BLOCKED },
	{ .rule = "P44: a script alone", .html = "<html><body><script>document.cookie='a=b';location.reload()</script></body></html>",
	    .none = NONE_BLOCKED },
	{ .rule = "P44: a question and nothing else", .html = "<html><body>Are you a robot?</body></html>", .none = NONE_BLOCKED },
	{ .rule = "P44: few words that ask nothing", .html = "<html><body>Red kettle, out soon</body></html>" },
	{ .rule = "P44: not a product with a login, a banner and a captcha", .html = "<a href=/login>Log in</a>" H1 "<b class=price>5 EUR</b>" BUY
		"<form><input type=password></form><div id=cookie>We use cookies. Accept all</div><div class=g-recaptcha></div>"
		"<script src=https://www.google.com/recaptcha/api.js></script>", .amount = "5" },
	{ .rule = "P44: nor one without a price", .html = "<title>Red kettle</title>" H1 BUY LONG LONG LONG LONG "<div class=g-recaptcha></div>" },
	/* P6 */
	{ .rule = "P6: an article", .html = "<title>How we boil</title><h1>How we boil</h1><p>" LONG "</p>", .none = NONE_NOT_A_PRODUCT },
	{ .rule = "P6: an article that says so", .html = "<script type=application/ld+json>{\"@type\":\"BlogPosting\"}</script><h1>Hello</h1>",
	    .none = NONE_NOT_A_PRODUCT },
	{ .rule = "P6: a product without a price", .html = "<script type=application/ld+json>{\"@type\":\"Product\",\"name\":\"x\"}</script>" LONG },
};

START_TEST(page_without_statement)
{
	struct page page = { .body = pages[_i].html, .len = strlen(pages[_i].html), .url = "https://shop.example/p" };
	enum reason_none none = pages[_i].amount == NULL && pages[_i].none == NONE_PRICE_FOUND ? NONE_NO_MATCH : pages[_i].none;
	const char *name = pages[_i].rule;
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_msg(o.money.has_amount == (pages[_i].amount != NULL), "%s: amount %d, %s", name, o.money.has_amount,
	    reason_none_text(o.none));
	ck_assert_msg(o.none == none, "%s: %s", name, reason_none_text(o.none));
	ck_assert_msg(o.warnings == pages[_i].warnings, "%s: warnings %x", name, o.warnings);
	if (o.none != NONE_BLOCKED)
		ck_assert_msg(o.availability == pages[_i].availability, "%s: %s", name, availability_text(o.availability));
	if (pages[_i].amount == NULL)
		return;
	ck_assert_msg(strcmp(amount_text(&o.money.amount, 0, text), pages[_i].amount) == 0, "%s: %s", name, text);
	if (pages[_i].currency != NULL)
		ck_assert_msg(o.money.currency != NULL && strcmp(o.money.currency->code, pages[_i].currency) == 0, "%s: currency", name);
	ck_assert_msg(o.money.has_max == (pages[_i].max != NULL), "%s: max", name);
	if (pages[_i].list != NULL)
		ck_assert_msg(o.money.has_list_price && strcmp(amount_text(&o.money.list_price, 0, text), pages[_i].list) == 0,
		    "%s: list price", name);
}
END_TEST

/* P5, P29: inferred, and off with sources. */
START_TEST(p29_p5_inferred)
{
	static const char html[] = H1 "<b class=price>5 EUR</b>" BUY;
	struct page page = { .body = html, .len = sizeof(html) - 1 };
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.method, METHOD_HEURISTIC);
	ck_assert_str_eq(offer_confidence(&o), "inferred");
	ck_assert_str_eq(o.title, "Red kettle");
	page.sources = PAGE_SOURCE(METHOD_JSON_LD) | PAGE_SOURCE(METHOD_OPENGRAPH);
	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.method, METHOD_NONE);
	ck_assert_int_eq(o.none, NONE_NO_MATCH);
}
END_TEST

/* P44: a rule that finds nothing on a page that is one of a product's has found nothing, and is not blocked. */
START_TEST(p44_with_a_rule)
{
	static const char product[] = "<title>Red kettle</title><body>" H1 "<b class=price>5 EUR</b>" BUY "<div class=g-recaptcha></div>"
		"<script src=https://www.google.com/recaptcha/api.js></script>";
	static const char captcha[] = "<title>shop.example</title><body><p>One more step.</p><div class=g-recaptcha></div>";
	struct matcher *matcher = matcher_new();
	struct rule *rule = rule_compile(matcher, "nowhere", NULL);
	struct offer o;

	extract_page(&(struct page){ .body = product, .len = sizeof(product) - 1 }, rule, &o);
	ck_assert_str_eq(reason_none_text(o.none), "no-match");
	extract_page(&(struct page){ .body = captcha, .len = sizeof(captcha) - 1 }, rule, &o);
	ck_assert_str_eq(reason_none_text(o.none), "blocked");
	rule_free(rule);
	matcher_free(matcher);
}
END_TEST

/* P44: the title under which it was known is gone. */
START_TEST(p44_title_is_gone)
{
	static const char html[] = "<title>Shop</title><p>Hello! Have a look around.</p>";
	struct page page = { .body = html, .len = sizeof(html) - 1, .known_title = "Red kettle" };
	struct offer o;

	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.none, NONE_BLOCKED);
	page.known_title = "Have a look";
	extract_page(&page, NULL, &o);
	ck_assert_int_eq(o.none, NONE_NO_MATCH);
}
END_TEST

/* The trace names all candidates, one of which has won. */
START_TEST(trace_of_sources)
{
	static const char html[] = LD "\n<meta property=og:price:amount content=24.99>\n" H1 "<b class=price>29,99 EUR</b>" BUY RELATED;
	struct trace *trace = trace_new();
	struct page page = { .body = html, .len = sizeof(html) - 1, .trace = trace };
	struct offer o;
	size_t i, won = 0, seen = 0;

	extract_page(&page, NULL, &o);
	for (i = 0; i < trace->n; i++) {
		const struct trace_entry *e = &trace->entries[i];

		won += e->verdict == TRACE_WON;
		seen |= 1u << e->method;
		if (e->method == METHOD_JSON_LD)
			ck_assert_str_eq(e->place, "line 1 $.offers.price");
		if (e->method == METHOD_OPENGRAPH)
			ck_assert_str_eq(e->why, "later source: agrees with json-ld");
		ck_assert(e->verdict == TRACE_WON || e->why[0] != '\0');
		ck_assert_uint_gt(strlen(e->place), 0);
	}
	ck_assert_uint_eq(won, 1);
	ck_assert_uint_eq(seen, PAGE_SOURCE(METHOD_JSON_LD) | PAGE_SOURCE(METHOD_OPENGRAPH) | PAGE_SOURCE(METHOD_HEURISTIC));
	trace_free(trace);
}
END_TEST

/* P5: who asks for the trace is told of the same offer, and not of another one by the closer look. */
START_TEST(p5_trace_changes_nothing)
{
	static const char og[] = "<title>Red kettle - Shop</title><meta property=og:price:amount content=24.99><meta "
				 "property=og:price:currency content=EUR><meta property=og:availability content=instock>";
	static const char *const htmls[] = { H1 "<b class=price>24,99 EUR</b>" BUY, H1 "<b class=price>29,99 EUR</b>" BUY,
		H1 "<b class=price>24,99 EUR</b><p>Sold out</p>", H1 "<b class=price><s>39,99 EUR</s> 24,99 EUR</b>" BUY, "" };
	struct trace *trace = trace_new();
	struct page page = { .url = "https://shop.example/p" };
	struct offer a, b;
	size_t i, named;
	char *html;

	for (i = 0; i < 2 * ARRAY_LEN(htmls); i++) {
		named = i % 2;
		html = xasprintf("%s%s%s", og, named ? "<meta property=og:title content='Red kettle'>" : "", htmls[i / 2]);
		page.body = html;
		page.len = strlen(html);
		page.trace = NULL;
		extract_page(&page, NULL, &a);
		page.trace = trace;
		extract_page(&page, NULL, &b);
		ck_assert_str_eq(a.title, b.title);
		ck_assert_uint_eq(a.warnings, b.warnings);
		ck_assert_int_eq(a.availability, b.availability);
		ck_assert_int_eq(a.method, b.method);
		ck_assert(amount_cmp(&a.money.amount, &b.money.amount) == 0);
		ck_assert_int_eq(a.money.has_list_price, b.money.has_list_price);
		free(html);
	}
	trace_free(trace);
}
END_TEST

/* P37: what looks like thousands of prices, inside each other or not, takes its time once. */
START_TEST(p37_many_candidates)
{
	static const char *const units[] = { "<b class=price>5 EUR", "<b class=price>5 EUR</b>", "<div class='related stock'>sold out",
		"<h2>related</h2>", "<button>buy now", "<i data-price=5>", "<span aria-hidden=true class=price>", "<h1>", "&lt;<p class=stock>" };
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

static Suite *
suite(void)
{
	Suite *s = suite_create("price heuristic");
	TCase *t = tcase_create("pages"), *slow = tcase_create("limits");

	tcase_add_loop_test(t, page_without_statement, 0, ARRAY_LEN(pages));
	tcase_add_test(t, p29_p5_inferred);
	tcase_add_test(t, p44_with_a_rule);
	tcase_add_test(t, p44_title_is_gone);
	tcase_add_test(t, trace_of_sources);
	tcase_add_test(t, p5_trace_changes_nothing);
	tcase_add_test(slow, p37_many_candidates);
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
