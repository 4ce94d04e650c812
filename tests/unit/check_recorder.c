/* Lines of the journal -> records for the store. */
#include <stdlib.h>
#include <string.h>

#include "recorder/members.h"
#include "recorder/record.h"
#include "unit.h"

#define HEAD "{\"type\":\"observation\",\"t\":5,\"child\":\"s/a\",\"token\":7,\"n\":90,"
#define GOOD HEAD "\"slot\":100,\"source\":\"w\",\"data\":"

#define PAGE(data) "{\"type\":\"evidence\",\"t\":5,\"child\":\"s/a\",\"token\":7,\"n\":90,\"source\":\"w\",\"data\":{" data "}}"

/* What a line becomes. A reason: rejected with it; NULL: see kind. */
struct row {
	const char *line;
	enum record_kind kind;
	const char *reason;
};

static const struct row rows[] = {
	/* what is not for the store */
	{ "{\"type\":\"start\",\"t\":1,\"child\":\"a\"}", RECORD_OTHER, NULL },
	{ "{\"type\":\"observations\",\"child\":\"a\"}", RECORD_OTHER, NULL },
	{ "{\"t\":1,\"type\":\"exit\"}", RECORD_OTHER, NULL },
	{ "{\"x\":{\"type\":\"observation\"}}", RECORD_OTHER, NULL },
	{ "{\"type\":\"journal\",\"version\":1,\"installation\":\"abc\"}", RECORD_HEADER, NULL },
	{ "{\"type\":\"journal\",\"installation\":7}", RECORD_OTHER, NULL },
	/* history */
	{ GOOD "{\"status\":\"ok\",\"amount\":\"24.90\"}}", RECORD_OBSERVATION, NULL },
	{ "{\"t\":1,\"child\":\"a\",\"token\":1,\"n\":2,\"type\":\"observation\",\"source\":\"w\",\"data\":{\"status\":\"ok\"}}",
	    RECORD_OBSERVATION, NULL },
	{ HEAD "\"data\":{\"source\":\"inner\",\"status\":\"no_match\",\"reason\":\"x\"}}", RECORD_OBSERVATION, NULL },
	{ GOOD "{\"status\":\"ok\",\"amount\":null,\"currency\":null}}", RECORD_OBSERVATION, NULL },
	{ GOOD "{\"status\":\"ok\",\"amount\":24.90}}", RECORD_OBSERVATION, NULL },
	{ GOOD "{\"status\":\"ok\",\"time\":\"yesterday\",\"product\":7}}", RECORD_OBSERVATION, NULL },
	/* evidence */
	{ PAGE("\"source\":\"w\",\"body\":\"Zm9v\""), RECORD_EVIDENCE, NULL },
	{ PAGE("\"source\":\"w\",\"body\":\"\""), RECORD_EVIDENCE, NULL },
	{ PAGE("\"source\":\"w\",\"body\":\"Zm9\""), RECORD_REJECT, "malformed-body" },
	{ PAGE("\"source\":\"w\""), RECORD_REJECT, "malformed-body" },
	{ PAGE("\"body\":\"Zm9v\""), RECORD_REJECT, "malformed-source" },
	{ "{\"type\":\"evidence\",\"child\":\"a\",\"token\":1,\"n\":1,\"data\":7}", RECORD_REJECT, "malformed-data" },
	{ "{\"type\":\"evidence\",\"token\":1,\"n\":1,\"data\":{}}", RECORD_REJECT, "malformed-record" },
	/* quarantine */
	{ "{\"type\":\"observation\",\"t\":5,\"child\":\"s/a\"", RECORD_REJECT, "unreadable" },
	{ "\x80\xff", RECORD_REJECT, "unreadable" },
	{ "", RECORD_REJECT, "unreadable" },
	{ "{\"type\":\"observation\",\"child\":\"a\",\"n\":1,\"data\":{}}", RECORD_REJECT, "malformed-record" },
	{ "{\"type\":\"observation\",\"token\":1,\"n\":1,\"data\":{}}", RECORD_REJECT, "malformed-record" },
	{ "{\"type\":\"observation\",\"child\":\"a\\nb\",\"token\":1,\"n\":1,\"data\":{}}", RECORD_REJECT,
	    "malformed-record" },
	{ "{\"type\":\"observation\",\"child\":\"a\",\"token\":1.5,\"n\":1,\"data\":{}}", RECORD_REJECT,
	    "malformed-record" },
	{ "{\"type\":\"observation\",\"child\":\"a\",\"token\":-1,\"n\":1,\"data\":{}}", RECORD_REJECT,
	    "malformed-record" },
	{ GOOD "[]}", RECORD_REJECT, "malformed-data" },
	{ HEAD "\"source\":\"w\"}", RECORD_REJECT, "malformed-data" },
	{ HEAD "\"data\":{\"status\":\"ok\"}}", RECORD_REJECT, "malformed-source" },
	{ HEAD "\"source\":7,\"data\":{\"status\":\"ok\"}}", RECORD_REJECT, "malformed-source" },
	{ GOOD "{}}", RECORD_REJECT, "malformed-status" },
	{ GOOD "{\"status\":7}}", RECORD_REJECT, "malformed-status" },
	{ GOOD "{\"status\":\"All good\"}}", RECORD_REJECT, "malformed-status" },
	{ GOOD "{\"status\":\"ok\",\"amount\":\"abc\"}}", RECORD_REJECT, "malformed-amount" },
	{ GOOD "{\"status\":\"ok\",\"amount\":\"\"}}", RECORD_REJECT, "malformed-amount" },
	{ GOOD "{\"status\":\"ok\",\"amount\":\"1e3\"}}", RECORD_REJECT, "malformed-amount" },
	{ GOOD "{\"status\":\"ok\",\"amount\":\"1,50\"}}", RECORD_REJECT, "malformed-amount" },
	{ GOOD "{\"status\":\"ok\",\"amount\":true}}", RECORD_REJECT, "malformed-amount" },
	{ GOOD "{\"status\":\"ok\",\"amount\":\"1234567890123456789\"}}", RECORD_REJECT, "amount-range" },
	{ GOOD "{\"status\":\"ok\",\"amount\":\"0.123456789\"}}", RECORD_REJECT, "amount-range" },
	{ GOOD "{\"status\":\"ok\",\"currency\":7}}", RECORD_REJECT, "malformed-currency" },
	{ GOOD "{\"status\":\"ok\",\"currency\":\"abcdefghijklmnopqrs\"}}", RECORD_REJECT, "malformed-currency" },
	{ HEAD "\"slot\":\"x\",\"source\":\"w\",\"data\":{\"status\":\"ok\"}}", RECORD_REJECT, "malformed-slot" },
	{ HEAD "\"slot\":1.5,\"source\":\"w\",\"data\":{\"status\":\"ok\"}}", RECORD_REJECT, "malformed-slot" },
	{ HEAD "\"source\":\"w\",\"data\":{\"status\":\"ok\",\"slot\":\"x\"}}", RECORD_REJECT, "malformed-slot" },
};

START_TEST(test_kind)
{
	const struct row *row = &rows[_i];
	struct record r;

	record_init(&r);
	ck_assert_msg(record_read(&r, row->line, strlen(row->line)) == row->kind, "kind of: %s", row->line);
	if (row->reason != NULL) {
		ck_assert_msg(strcmp(r.reject.reason, row->reason) == 0, "%s, not %s: %s", r.reject.reason,
		    row->reason, row->line);
		ck_assert_uint_eq(r.reject.line.n, strlen(row->line));
		ck_assert(r.reject.binary == (strcmp(row->reason, "unreadable") == 0));
	}
	record_release(&r);
}
END_TEST

static void
text_is(struct store_text t, const char *s)
{
	ck_assert_ptr_nonnull(t.p);
	ck_assert_msg(t.n == strlen(s) && memcmp(t.p, s, t.n) == 0, "\"%.*s\", not \"%s\"", (int)t.n, t.p, s);
}

START_TEST(test_fields)
{
	static const char line[] = GOOD "{\"type\":\"observation\",\"source\":\"w\",\"slot\":100,\"time\":"
	    "\"2026-11-22T12:20:00.123Z\",\"status\":\"ok\",\"product\":\"B525 \\\"HD\\\"\",\"url\":\"http://a/b\",\"amount\":"
	    "\"24.90\",\"currency\":\"GBP\",\"currency_text\":\"\\u00a3\",\"availability\":\"in_stock\" , \"warnings\" : "
	    "[ \"a,]\\\"}\" , {}],\"mine\":{\"deep\":[1,{}]},\"reason\":null,\"n\":1e5}}";
	const struct store_observation *o;
	struct record r;

	record_init(&r);
	ck_assert(record_read(&r, line, strlen(line)) == RECORD_OBSERVATION);
	o = &r.observation;
	text_is(o->child, "s/a");
	text_is(o->source, "w");
	ck_assert_uint_eq(o->token, 7);
	ck_assert_uint_eq(o->n, 90);
	ck_assert(o->has_slot && o->slot_ms == 100);
	ck_assert_int_eq(o->time_ms, INT64_C(1795350000123));
	text_is(o->status, "ok");
	ck_assert(o->has_amount && o->amount.coefficient == 2490 && o->amount.scale == 2);
	text_is(o->currency, "GBP");
	text_is(o->availability, "in_stock");
	text_is(o->product, "B525 \"HD\"");
	text_is(o->url, "http://a/b");
	ck_assert_ptr_null(o->reason.p);
	text_is(o->rest, "{\"currency_text\":\"\\u00a3\",\"warnings\" : [ \"a,]\\\"}\" , {}],"
	    "\"mine\":{\"deep\":[1,{}]},\"n\":1e5}");
	ck_assert(json_valid(o->rest.p, o->rest.n));
	record_release(&r);
}
END_TEST

START_TEST(test_evidence)
{
	static const char line[] = PAGE("\"type\":\"evidence\",\"source\":\"w\",\"slot\":100,\"time\":\"2026-11-22T12:20:00.123Z\","
	    "\"status\":\"no_match\",\"reason\":\"no-match\",\"url\":\"http://a/\\\"b\",\"http_status\":200,\"content_type\":"
	    "\"text/html\",\"bytes\":100,\"hash\":\"ab\",\"truncated\":true,\"offset\":97,\"body\":\"AP8A\"");
	static const char wrong[] = PAGE("\"source\":\"w\",\"bytes\":2,\"offset\":97,\"time\":7,\"body\":\"AP8A\"");
	const struct store_evidence *e;
	struct record r;

	record_init(&r);
	ck_assert(record_read(&r, line, strlen(line)) == RECORD_EVIDENCE);
	e = &r.evidence;
	text_is(e->child, "s/a");
	text_is(e->source, "w");
	ck_assert(e->token == 7 && e->n == 90 && e->has_slot && e->slot_ms == 100);
	ck_assert_int_eq(e->time_ms, INT64_C(1795350000123));
	text_is(e->reason, "no-match");
	text_is(e->url, "http://a/\"b");
	ck_assert(e->http_status == 200 && e->bytes == 100 && e->offset == 97);
	ck_assert(e->body.n == 3 && memcmp(e->body.p, "\0\xff\0", 3) == 0);
	/* What cannot be is put right: the page itself is what counts. */
	ck_assert(record_read(&r, wrong, strlen(wrong)) == RECORD_EVIDENCE);
	ck_assert(e->bytes == 3 && e->offset == 0 && e->time_ms == 5 && !e->has_slot);
	record_release(&r);
}
END_TEST

/* What has a form that its column cannot hold is kept as it is; the journal's time stands in. */
START_TEST(test_odd_members_are_kept)
{
	static const char line[] = GOOD "{\"status\":\"ok\",\"time\":\"yesterday\",\"product\":7,\"url\":[]}}";
	struct record r;

	record_init(&r);
	ck_assert(record_read(&r, line, strlen(line)) == RECORD_OBSERVATION);
	ck_assert_int_eq(r.observation.time_ms, 5);
	ck_assert_ptr_null(r.observation.product.p);
	text_is(r.observation.rest, "{\"time\":\"yesterday\",\"product\":7,\"url\":[]}");
	record_release(&r);
}
END_TEST

/* A record is read anew into the same struct: nothing of the one before is left. */
START_TEST(test_nothing_is_left)
{
	static const char first[] = GOOD "{\"status\":\"ok\",\"amount\":\"1\",\"currency\":\"\\u0047BP\",\"x\":1}}";
	static const char second[] = HEAD "\"source\":\"w\",\"data\":{\"status\":\"error\"}}";
	struct record r;

	record_init(&r);
	ck_assert(record_read(&r, first, strlen(first)) == RECORD_OBSERVATION);
	text_is(r.observation.currency, "GBP");
	ck_assert(record_read(&r, second, strlen(second)) == RECORD_OBSERVATION);
	ck_assert(!r.observation.has_amount && !r.observation.has_slot);
	ck_assert_ptr_null(r.observation.currency.p);
	ck_assert_ptr_null(r.observation.rest.p);
	record_release(&r);
}
END_TEST

START_TEST(test_members)
{
	static const char text[] = " { \"a\" : 1 ,\"\\\\\\\"\":\"x\\\\\",\"b\":{\"}\":[\"]\"]}, \"c\":null,\"d\":true }";
	static const struct {
		const char *name, *value;
		enum json_kind kind;
	} want[] = {
		{ "a", "1", JSON_NUMBER },
		{ "\\\\\\\"", "x\\\\", JSON_STRING },
		{ "b", "{\"}\":[\"]\"]}", JSON_OBJECT },
		{ "c", "null", JSON_NULL },
		{ "d", "true", JSON_BOOL },
	};
	struct members m;
	size_t i = 0;

	ck_assert(json_valid(text, strlen(text)));
	for (members_init(&m, text, strlen(text)); members_next(&m); i++) {
		ck_assert_uint_lt(i, ARRAY_LEN(want));
		text_is((struct store_text){ m.name, m.name_len }, want[i].name);
		text_is((struct store_text){ m.value, m.value_len }, want[i].value);
		ck_assert_int_eq(m.kind, want[i].kind);
	}
	ck_assert_uint_eq(i, ARRAY_LEN(want));
}
END_TEST

/* Cut anywhere, on an allocation of exactly that size: a sanitizer would see a step too far. */
START_TEST(test_cut_lines)
{
	static const char line[] = GOOD "{\"status\":\"ok\",\"a\\\"\":\"\\u00a3\",\"b\":[{\"c\":1}],\"amount\":\"2\"}}";
	size_t len = strlen(line);
	struct record r;
	struct members m;

	record_init(&r);
	for (size_t n = 0; n < len; n++) {
		char *copy = malloc(n + 1);

		ck_assert_ptr_nonnull(copy);
		memcpy(copy, line, n);
		ck_assert(record_read(&r, copy, n) == RECORD_REJECT);
		for (members_init(&m, copy, n); members_next(&m);)
			ck_assert(m.whole + m.whole_len <= copy + n);
		free(copy);
	}
	record_release(&r);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("recorder");
	TCase *t = tcase_create("record");

	tcase_add_loop_test(t, test_kind, 0, (int)ARRAY_LEN(rows));
	tcase_add_test(t, test_fields);
	tcase_add_test(t, test_evidence);
	tcase_add_test(t, test_odd_members_are_kept);
	tcase_add_test(t, test_nothing_is_left);
	tcase_add_test(t, test_members);
	tcase_add_test(t, test_cut_lines);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
