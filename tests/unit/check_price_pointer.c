/* Rules that are JSON pointers: what each finds in what is JSON, or nearly (P2, P21, P25, P33, P38). */
#include <string.h>

#include "base/buf.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "unit.h"

static const struct {
	const char *rule, *pointer, *body, *amount, *currency;
} pointers[] = {
	{ "P21: a member", "/p", "{\"p\":19.90}", "19.90", NULL },
	{ "P21: the whole", "", "5.50", "5.50", NULL },
	{ "P21: of a list", "/1/p", "[{\"p\":1},{\"p\":2}]", "2", NULL },
	{ "P21: an empty name", "/a//b", "{\"a\":{\"\":{\"b\":5}}}", "5", NULL },
	{ "P21: a name of digits", "/0", "{\"0\":5}", "5", NULL },
	{ "P21: ~1 is a slash", "/a~1b", "{\"a/b\":5}", "5", NULL },
	{ "P21: ~01 is ~1", "/~01", "{\"~1\":5,\"/\":6}", "5", NULL },
	{ "P21: a name beyond ASCII", "/prix\xe2\x82\xac", "{\"prix\\u20ac\":5}", "5", NULL },
	{ "P21: a name in percents is just that", "/a%20b", "{\"a b\":6,\"a%20b\":5}", "5", NULL },
	{ "P21: of two of one name the last", "/p", "{\"p\":6,\"p\":5}", "5", NULL },
	{ "P21: an index has no zero in front", "/01", "[1,2]", NULL, NULL },
	{ "P21: behind the last", "/-", "[1,2]", NULL, NULL },
	{ "P21: an index below", "/-1", "[1,2]", NULL, NULL },
	{ "P21: an index too large", "/2", "[1,2]", NULL, NULL },
	{ "P21: 2^32 is not 0", "/4294967296", "[1,2]", NULL, NULL },
	{ "P21: nor is 2^64", "/18446744073709551616", "[1,2]", NULL, NULL },
	{ "P21: an index that begins like one", "/1x", "[1,2]", NULL, NULL },
	{ "P21: an empty index", "/", "[1,2]", NULL, NULL },
	{ "P21: there is no such member", "/q", "{\"p\":5}", NULL, NULL },
	{ "P21: nothing is in a number", "/p/q", "{\"p\":5}", NULL, NULL },
	{ "P21: null is none", "/p", "{\"p\":null}", NULL, NULL },
	{ "P21: a truth is none", "/p", "{\"p\":true}", NULL, NULL },
	{ "P17: the currency beside it", "/o/price", "{\"o\":{\"price\":\"5\",\"priceCurrency\":\"USD\"}}", "5", "USD" },
	{ "P17: not that of another", "/o/price", "{\"currency\":\"USD\",\"o\":{\"price\":5}}", "5", NULL },
	{ "P9: a text of a machine", "/p", "{\"p\":\"1.500\"}", "1.500", NULL },
	{ "P21: a text is read", "/p", "{\"p\":\"1.299,50 \\u20ac\"}", "1299.50", "EUR" },
	{ "P25: an exponent", "/p", "{\"p\":1999e-2}", "19.99", NULL },
	{ "P25: all digits", "/p", "{\"p\":1234567890123456.78}", "1234567890123456.78", NULL },
	{ "P33: a byte order mark", "/p", "\xef\xbb\xbf{\"p\":5}", "5", NULL },
	{ "P22: broken as scripts are", "/p", "{/* x */\"p\":5,};", "5", NULL },
	{ "P22: cut off", "/p", "{\"p\":5,\"q\":{\"r\":[1,2", "5", NULL },
};

static void
extract(const char *pointer, const char *body, size_t len, struct offer *o)
{
	struct page page = { .body = body, .len = len };
	struct matcher *matcher = matcher_new();
	struct err err = ERR_INIT;
	struct rule *rule = rule_compile_spec(matcher, &(struct rule_spec){ .pointer = pointer }, &err);

	ck_assert_msg(rule != NULL, "%s", err.msg);
	extract_page(&page, rule, o);
	rule_free(rule);
	matcher_free(matcher);
}

START_TEST(pointer)
{
	const char *rule = pointers[_i].rule, *amount = pointers[_i].amount, *currency = pointers[_i].currency;
	char text[AMOUNT_TEXT_SIZE];
	struct offer o;

	extract(pointers[_i].pointer, pointers[_i].body, strlen(pointers[_i].body), &o);
	if (amount == NULL) {
		ck_assert_msg(o.method == METHOD_NONE && o.none == NONE_NO_MATCH, "%s: %s", rule, o.money.raw);
		return;
	}
	ck_assert_msg(o.method == METHOD_RULE, "%s: %s", rule, reason_none_text(o.none));
	amount_text(&o.money.amount, 0, text);
	ck_assert_msg(strcmp(text, amount) == 0, "%s: %s", rule, text);
	ck_assert_msg((o.money.currency != NULL) == (currency != NULL), "%s", rule);
	ck_assert_msg(currency == NULL || strcmp(o.money.currency->code, currency) == 0, "%s", rule);
}
END_TEST

/* P38: what is too deep says so; it is not taken for what is no JSON. */
START_TEST(p38_depth_of_json)
{
	static const size_t depths[] = { 100, 200, 100000 };
	struct buf b = BUF_INIT(0);
	struct offer o;
	size_t i, k;

	for (i = 0; i < ARRAY_LEN(depths); i++) {
		buf_clear(&b);
		buf_xaddstr(&b, "{\"p\":5,\"q\":");
		for (k = 0; k < depths[i]; k++)
			buf_xaddc(&b, '[');
		for (k = 0; k < depths[i]; k++)
			buf_xaddc(&b, ']');
		buf_xaddc(&b, '}');
		extract("/p", b.data, b.len, &o);
		ck_assert_int_eq(o.none, depths[i] < 128 ? NONE_PRICE_FOUND : NONE_LIMIT);
		ck_assert_uint_eq(o.warnings & WARN_BAD_JSON, 0);
		ck_assert_str_eq(o.rule, "pointer");
	}
	buf_release(&b);
	extract("/p", "<p>5</p>", 8, &o);
	ck_assert_int_eq(o.none, NONE_NO_MATCH);
	ck_assert_uint_ne(o.warnings & WARN_BAD_JSON, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("pointer");
	TCase *t = tcase_create("pointer");

	tcase_add_loop_test(t, pointer, 0, (int)ARRAY_LEN(pointers));
	tcase_add_test(t, p38_depth_of_json);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
