/* What stands behind --explain: bounded, on one line each, and nothing without a trace. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "price/extract.h"
#include "price/trace.h"
#include "unit.h"

START_TEST(no_trace_costs_nothing)
{
	struct money money = { .has_amount = true };
	struct trace_entry *e = trace_add(NULL, METHOD_JSON_LD, "5", 1);

	ck_assert_ptr_null(e);
	trace_place(e, "line %d", 1);
	trace_money(e, &money);
	trace_lost(e, "%s", "later source");
	trace_won(e, "%s", "");
}
END_TEST

START_TEST(entries)
{
	struct trace *t = trace_new();
	struct money money = { .has_amount = true, .amount = { 550, 2 } };
	struct trace_entry *e = trace_add(t, METHOD_MICRODATA, "5,50\n\xe2\x82\xac", 8);

	ck_assert_str_eq(e->text, "5,50 \xe2\x82\xac");
	ck_assert_int_eq(e->verdict, TRACE_LOST);
	trace_place(e, "line %d <b\tclass>", 12);
	ck_assert_str_eq(e->place, "line 12 <b class>");
	ck_assert(!e->has_amount);
	trace_money(e, NULL);
	ck_assert(!e->has_amount);
	trace_money(e, &money);
	ck_assert(e->has_amount && amount_cmp(&e->amount, &money.amount) == 0);
	trace_lost(e, "score %d of %d", 3, 9);
	ck_assert_str_eq(e->why, "score 3 of 9");
	trace_won(e, "%s", "");
	ck_assert_str_eq(trace_verdict_text(e->verdict), "won");
	trace_free(t);
}
END_TEST

START_TEST(bounds)
{
	struct trace *t = trace_new();
	char text[2 * READER_RAW_SIZE + 1] = "";
	struct trace_entry *e;
	size_t i;

	for (i = 0; i < sizeof(text) - 2; i += 2)
		memcpy(text + i, "\xc3\xa9", 2);
	for (i = 0; i < TRACE_ENTRIES_MAX; i++)
		ck_assert_ptr_nonnull(trace_add(t, METHOD_RULE, text, strlen(text)));
	ck_assert_ptr_null(trace_add(t, METHOD_RULE, text, strlen(text)));
	ck_assert_uint_eq(t->n, TRACE_ENTRIES_MAX);
	ck_assert_uint_eq(t->dropped, 1);
	/* In whole characters. */
	e = &t->entries[0];
	ck_assert_uint_eq(strlen(e->text), READER_RAW_SIZE - 1);
	trace_place(e, "%s%s", "x", text);
	ck_assert_uint_eq(strlen(e->place), TRACE_PLACE_SIZE - 1);
	ck_assert_int_eq((unsigned char)e->place[TRACE_PLACE_SIZE - 2], 0xa9);
	trace_free(t);
}
END_TEST

#define LD(json) "<script type='application/ld+json'>" json "</script>"

/* What is passed over is told, too: what is listed or another product's, parts of the offer, and what is no JSON. */
START_TEST(passed)
{
	static const char html[] = LD("{\"@type\":\"Product\",\"name\":\"A\",\"offers\":{\"price\":5,\"warranty\":{\"price\":1}},"
		"\"isRelatedTo\":{\"@type\":\"Product\",\"name\":\"B\",\"offers\":{\"price\":2}}}")
		LD("{\"@type\":\"Product\",\"name\":\"C\",\"offers\":{\"priceSpecification\":{\"price\":3}}}") LD("{]");
	static const struct {
		const char *place, *text, *why;
	} want[] = { { "line 1", "{]", "no JSON, and beyond repair" }, { "line 1 $.offers.price", "5", "" },
		{ "line 1 $.isRelatedTo.offers.price", "2", "listed, reviewed or only related: B" },
		{ "line 1 $.offers.warranty.price", "1", "of something else" },
		{ "line 1 $.offers.priceSpecification.price", "3", "of something else: C" } };
	struct trace *t = trace_new();
	struct page page = { .body = html, .len = sizeof(html) - 1, .trace = t, .sources = PAGE_SOURCE(METHOD_JSON_LD) };
	struct offer o;
	size_t i, k;

	extract_page(&page, NULL, &o);
	ck_assert_uint_eq(t->n, ARRAY_LEN(want));
	for (i = 0; i < ARRAY_LEN(want); i++) {
		for (k = 0; k < t->n && strcmp(t->entries[k].place, want[i].place) != 0; k++)
			;
		ck_assert_msg(k < t->n, "%s", want[i].place);
		ck_assert_str_eq(t->entries[k].text, want[i].text);
		ck_assert_str_eq(t->entries[k].why, want[i].why);
	}
	trace_free(t);
}
END_TEST

/* A list of many leaves room for the price that is found elsewhere. */
START_TEST(passed_bound)
{
	struct buf html = BUF_INIT(0);
	struct trace *t = trace_new();
	struct page page = { .trace = t };
	struct offer o;
	size_t i, won = 0;

	buf_xaddstr(&html, "<script type='application/ld+json'>{\"itemListElement\":[");
	for (i = 0; i < 2 * TRACE_ENTRIES_MAX; i++)
		buf_xprintf(&html, "%s{\"@type\":\"Product\",\"offers\":{\"price\":%zu}}", i > 0 ? "," : "", i + 1);
	buf_xaddstr(&html, "]}</script><meta property=product:price:amount content=5>");
	page.body = html.data;
	page.len = html.len;
	extract_page(&page, NULL, &o);
	for (i = 0; i < t->n; i++)
		won += t->entries[i].verdict == TRACE_WON;
	ck_assert_uint_eq(won, 1);
	buf_release(&html);
	trace_free(t);
}
END_TEST

/* P6: each reason has a text of its own, and so has each method (P20) and its confidence (P5). */
START_TEST(p6_p5_words)
{
	struct offer o;
	int i, k;

	ck_assert_ptr_null(reason_none_text(NONE_PRICE_FOUND));
	for (i = NONE_NO_MATCH; i <= NONE_TOO_MANY_DIGITS; i++) {
		for (k = NONE_NO_MATCH; k < i; k++)
			ck_assert_str_ne(reason_none_text(i), reason_none_text(k));
	}
	for (i = METHOD_RULE; i < METHOD_COUNT; i++) {
		o.method = i;
		ck_assert_ptr_nonnull(method_text(i));
		ck_assert_str_eq(offer_confidence(&o), i == METHOD_HEURISTIC ? "inferred" : "stated");
	}
	o.method = METHOD_NONE;
	ck_assert_ptr_null(offer_confidence(&o));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("price trace");
	TCase *t = tcase_create("trace");

	tcase_add_test(t, no_trace_costs_nothing);
	tcase_add_test(t, entries);
	tcase_add_test(t, bounds);
	tcase_add_test(t, passed);
	tcase_add_test(t, passed_bound);
	tcase_add_test(t, p6_p5_words);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
