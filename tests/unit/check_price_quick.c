/*
 * The short way of a page with a rule says what the long one says, and is taken
 * only where it can. A trace makes it the long one.
 */
#include <string.h>

#include "base/attr.h"
#include "price/extract.h"
#include "price/extract_quick.h"
#include "price/extract_rule.h"
#include "price/skim.h"
#include "price/trace.h"
#include "unit.h"

#define SPAN "<span class=p>(.*?)</span>"
#define LD(availability) \
	"<script type='application/ld+json'>{\"@type\":\"Product\",\"offers\":{\"price\":1,\"availability\":\"" availability "\"}}</script>"

static const struct {
	const char *what, *type, *body;
	size_t len; /* 0: of the text */
	bool quick;
} pages[] = {
	{ "P20, P21: the rule alone", "text/html; charset=utf-8", "<p><span class=p>24,99 \xe2\x82\xac</span>", 0, true },
	{ "P30: in stock is told", "text/html; charset=utf-8", LD("https://schema.org/InStock") "<span class=p>24.99</span>", 0, true },
	{ "P30: sold out is told", "text/html; charset=utf-8", LD("OutOfStock") "<span class=p>24.99</span>", 0, false },
	{ "P30: one of two", "text/html; charset=utf-8", LD("in stock") LD("SoldOut") "<span class=p>24.99</span>", 0, false },
	{ "P30: a word that says nothing", "text/html; charset=utf-8",
	    "<span class=availability>Auf Lager</span><span class=p>24.99</span>", 0, false },
	{ "P9, P16: the page's language decides", "text/html; charset=utf-8", "<html lang=de><span class=p>1.299</span>", 0, false },
	{ "P31: zero", "text/html; charset=utf-8", "<span class=p>0</span>", 0, false },
	{ "P33: a bad byte in what is selected", "text/html; charset=utf-8", "<span class=p>24.99 \xff</span>", 0, false },
	{ "P33: a bad byte elsewhere", "text/html; charset=utf-8", "<b>\xff</b><span class=p>24.99</span>", 0, true },
	{ "P33: a NUL in the price", "text/html; charset=utf-8", "<span class=p>24\0.99</span>", 28, false },
	{ "P32: another encoding", "text/html; charset=iso-8859-1", "<span class=p>24.99 \xa3</span>", 0, false },
	{ "P32: UTF-8 by its mark", NULL, "\xef\xbb\xbf<span class=p>24.99</span>", 0, true },
	{ "P32: nothing is said", NULL, "<span class=p>24.99</span>", 0, false },
	{ "P6: no match", "text/html; charset=utf-8", "<b>24.99</b>", 0, false },
};

/* P30, P33: the word and the NUL, at every place of a block and at both ends. */
START_TEST(p30_skim)
{
	static const char *const words[] = { "vailability", "VAILABILITY", "vAiLaBiLiTy" };
	static char text[1024];
	size_t len, at, n = strlen(words[0]);
	bool nul;

	for (len = n; len < 420; len += 7) {
		for (at = 0; at + n <= len; at++) {
			memset(text, 'v', sizeof(text));
			/* Near the word, and behind the end, what only looks like it. */
			memcpy(text + len, words[0], n);
			memcpy(text + at, words[(at + len) % 3], n);
			nul = false;
			ck_assert_uint_eq(skim_stock(text, len, 0, &nul), at + n);
			ck_assert(!nul);
			ck_assert_uint_eq(skim_stock(text, len, at + 1, &nul), 0);
			text[at + 1] = '\0';
			ck_assert_uint_eq(skim_stock(text, len, 0, &nul), 0);
			ck_assert(nul);
			/* A NUL behind the end is none of the text's. */
			text[at + 1] = 'x';
			text[len] = '\0';
			nul = false;
			ck_assert_uint_eq(skim_stock(text, len, 0, &nul), 0);
			ck_assert(!nul);
		}
	}
}
END_TEST

START_TEST(p20_quick)
{
	struct page page = { .body = pages[_i].body, .len = pages[_i].len != 0 ? pages[_i].len : strlen(pages[_i].body),
		.content_type = pages[_i].type, .currency = "EUR", .named = true };
	struct matcher *matcher = matcher_new();
	struct rule *rule = rule_compile(matcher, SPAN, NULL);
	struct trace *trace = trace_new();
	struct offer quick = { .method = METHOD_NONE }, through, whole;

	ck_assert_msg(extract_quick(&page, rule, &quick) == pages[_i].quick, "%s", pages[_i].what);
	extract_page(&page, rule, &through);
	page.trace = trace;
	extract_page(&page, rule, &whole);
	ck_assert_msg(through.method == whole.method && through.none == whole.none, "%s", pages[_i].what);
	ck_assert_int_eq(through.availability, whole.availability);
	ck_assert_uint_eq(through.warnings, whole.warnings);
	ck_assert_int_eq(amount_cmp(&through.money.amount, &whole.money.amount), 0);
	ck_assert_str_eq(through.money.raw, whole.money.raw);
	ck_assert_ptr_eq(through.money.currency, whole.money.currency);
	trace_free(trace);
	rule_free(rule);
	matcher_free(matcher);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price quick");
	TCase *t = tcase_create("pages");

	tcase_add_test(t, p30_skim);
	tcase_add_loop_test(t, p20_quick, 0, ARRAY_LEN(pages));
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
