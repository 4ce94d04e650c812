/* Evidence (architecture 7): when a page is kept, what is kept of it, and base64 (RFC 4648). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "scrape/evidence.h"
#include "unit.h"

#define T0 INT64_C(1732278000000)
#define HOUR_MS (INT64_C(3600) * 1000)

static const struct {
	const char *bytes, *text;
} vectors[] = { /* RFC 4648, section 10 */
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xff\xfe\xfd", "//79" },
};

START_TEST(base64_vectors)
{
	struct buf text = BUF_INIT(0), bytes = BUF_INIT(0);

	base64_put(&text, vectors[_i].bytes, strlen(vectors[_i].bytes));
	ck_assert_str_eq(text.data == NULL ? "" : text.data, vectors[_i].text);
	ck_assert_int_eq(base64_decode(vectors[_i].text, strlen(vectors[_i].text), &bytes), 0);
	ck_assert_str_eq(bytes.data == NULL ? "" : bytes.data, vectors[_i].bytes);
	buf_release(&text);
	buf_release(&bytes);
}
END_TEST

static const char *const broken[] = { "Z", "Zg", "Zg=", "Zg=a", "Z===", "====", "Zm9vZg==Zm9v", "Zm 9v", "Zm9v\n", "Zh==",
	"Zm9=", "Zm-_" };

START_TEST(base64_refuses)
{
	struct buf bytes = BUF_INIT(0);

	buf_xaddc(&bytes, 'x');
	ck_assert_int_eq(base64_decode(broken[_i], strlen(broken[_i]), &bytes), -1);
	ck_assert_uint_eq(bytes.len, 1);
	buf_release(&bytes);
}
END_TEST

struct bench {
	struct evidence_limit limit;
	struct evidence_mark mark;
	struct buf out;
};

/* Did the source's page give a line? */
static bool
see(struct bench *b, const char *status, const char *page, int64_t now)
{
	struct evidence e = { .source = "webcam",
		.status = status,
		.url = "https://shop.example/w",
		.slot = T0,
		.time_ms = now,
		.http_status = 200,
		.content_type = "text/html",
		.body = page,
		.len = strlen(page) };

	buf_clear(&b->out);
	return evidence_is_wanted(&b->mark, status, now) && evidence_put(&e, &b->limit, &b->mark, now, &b->out);
}

/* One source: when a page is kept, and when not (architecture 7). */
START_TEST(kept_when_it_differs)
{
	struct bench b = { EVIDENCE_LIMIT_INIT, EVIDENCE_MARK_INIT, BUF_INIT(0) };

	ck_assert(!see(&b, "ok", "a", T0));
	ck_assert(!see(&b, "unavailable", "a", T0));
	ck_assert(!see(&b, "error", "a", T0));
	ck_assert(see(&b, "no_match", "a", T0));
	ck_assert(!see(&b, "no_match", "a", T0 + 7 * HOUR_MS)); /* the same page */
	ck_assert(see(&b, "no_match", "b", T0 + 8 * HOUR_MS));
	ck_assert(!see(&b, "no_match", "c", T0 + 13 * HOUR_MS)); /* too soon */
	ck_assert(!see(&b, "blocked", "c", T0 + 13 * HOUR_MS));
	ck_assert(see(&b, "blocked", "b", T0 + 14 * HOUR_MS)); /* the same page, another status */
	ck_assert(see(&b, "suspect", "b", T0 + 21 * HOUR_MS));
	ck_assert(see(&b, "ambiguous", "b", T0 + 28 * HOUR_MS));
	buf_release(&b.out);
}
END_TEST

/* A successor knows what its predecessor kept. */
START_TEST(mark_survives)
{
	struct bench b = { EVIDENCE_LIMIT_INIT, EVIDENCE_MARK_INIT, BUF_INIT(0) };
	struct json_field value = { .name = "value" }, key = { .name = "key" };
	const char *line;

	ck_assert(see(&b, "no_match", "a", T0));
	line = strchr(b.out.data, '\n') + 1;
	ck_assert_int_eq(json_scan(line, strlen(line), &key, 1), 0);
	ck_assert(json_field_is(&key, "evidence/webcam"));
	ck_assert_int_eq(json_scan(line, strlen(line), &value, 1), 0);
	evidence_mark_read(&b.mark, value.p, value.len);
	ck_assert_int_eq(b.mark.at_ms, T0);
	ck_assert(!see(&b, "no_match", "a", T0 + 9 * HOUR_MS));
	ck_assert(see(&b, "no_match", "b", T0 + 9 * HOUR_MS));
	buf_release(&b.out);
}
END_TEST

static const char *const no_marks[] = { "", "7", "{}", "{\"at\":-1,\"status\":\"n\",\"hash\":\"0123456789abcdef\"}",
	"{\"at\":1,\"status\":\"no\",\"hash\":\"0123456789abcdef\"}",
	"{\"at\":1,\"status\":\"n\",\"hash\":\"+123456789abcdef\"}", "{\"at\":1,\"status\":\"n\",\"hash\":\"12\"}" };

START_TEST(mark_is_none)
{
	struct evidence_mark mark = { 1, 2, 'n' };

	evidence_mark_read(&mark, no_marks[_i], strlen(no_marks[_i]));
	ck_assert_int_eq(mark.at_ms, 0);
}
END_TEST

/* A shop that changes all its pages at once does not fill the disk. */
START_TEST(all_together_are_few)
{
	struct bench b = { EVIDENCE_LIMIT_INIT, EVIDENCE_MARK_INIT, BUF_INIT(0) };
	char page[32];
	int i, kept = 0;

	for (i = 0; i < 10000; i++) {
		b.mark = (struct evidence_mark)EVIDENCE_MARK_INIT;
		snprintf(page, sizeof(page), "page %d", i);
		kept += see(&b, "no_match", page, T0 + i);
	}
	ck_assert_int_eq(kept, EVIDENCE_BURST);
	/* What did not fit is not forgotten: its time comes. */
	ck_assert(see(&b, "no_match", "a", T0 + 10000 + EVIDENCE_REFILL_MS));
	b.mark = (struct evidence_mark)EVIDENCE_MARK_INIT;
	ck_assert(!see(&b, "no_match", "b", T0 + 10000 + EVIDENCE_REFILL_MS));
	for (i = kept = 0; i < 100; i++) {
		b.mark = (struct evidence_mark)EVIDENCE_MARK_INIT;
		kept += see(&b, "no_match", "a", T0 + 1000 * HOUR_MS);
	}
	ck_assert_int_eq(kept, EVIDENCE_BURST);
	buf_release(&b.out);
}
END_TEST

/* What is kept of a page: {its length, where "24.99" stands, where the part begins}. */
static const struct {
	size_t len, price, begin;
	bool told;
} parts[] = {
	{ 10, 0, 0, true },
	{ EVIDENCE_BODY_MAX, 60000, 0, true },
	{ EVIDENCE_BODY_MAX + 1, 100, 0, true },
	{ 1000000, 500000, 500000 - EVIDENCE_BODY_MAX / 2, true },
	{ 1000000, 500000, 0, false },
	{ 1000000, 999990, 1000000 - EVIDENCE_BODY_MAX, true },
};

START_TEST(part_of_a_page)
{
	struct evidence_limit limit = EVIDENCE_LIMIT_INIT;
	struct evidence_mark mark = EVIDENCE_MARK_INIT;
	struct evidence e = { .source = "s", .status = "no_match", .url = "u", .slot = INT64_MIN };
	struct buf out = BUF_INIT(0), body = BUF_INIT(0);
	struct json_field f[] = { { .name = "body" }, { .name = "bytes" }, { .name = "truncated" }, { .name = "slot" } };
	char *page = xmalloc(parts[_i].len);
	size_t i;
	int64_t bytes;

	for (i = 0; i < parts[_i].len; i++)
		page[i] = (char)(i % 251);
	memcpy(page + parts[_i].price, "24.99", 5);
	e.body = page;
	e.len = parts[_i].len;
	e.price = parts[_i].told ? "24.99" : NULL;
	ck_assert(evidence_put(&e, &limit, &mark, T0, &out));
	*strchr(out.data, '\n') = '\0';
	ck_assert_int_eq(json_scan(out.data, strlen(out.data), f, ARRAY_LEN(f)), 0);
	ck_assert_int_eq(base64_decode(f[0].p, f[0].len, &body), 0);
	ck_assert_int_eq(json_field_int(&f[1], &bytes), 0);
	ck_assert_uint_eq((size_t)bytes, e.len);
	ck_assert_uint_eq(body.len, e.len < EVIDENCE_BODY_MAX ? e.len : EVIDENCE_BODY_MAX);
	ck_assert_mem_eq(body.data, page + parts[_i].begin, body.len);
	ck_assert_int_eq(f[2].p[0] == 't', e.len > EVIDENCE_BODY_MAX);
	ck_assert_int_eq(f[3].kind, JSON_ABSENT);
	free(page);
	buf_release(&out);
	buf_release(&body);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("evidence");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, base64_vectors, 0, ARRAY_LEN(vectors));
	tcase_add_loop_test(t, base64_refuses, 0, ARRAY_LEN(broken));
	tcase_add_test(t, kept_when_it_differs);
	tcase_add_test(t, mark_survives);
	tcase_add_loop_test(t, mark_is_none, 0, ARRAY_LEN(no_marks));
	tcase_add_test(t, all_together_are_few);
	tcase_add_loop_test(t, part_of_a_page, 0, ARRAY_LEN(parts));
	suite_add_tcase(s, t);
	return unit_run(s);
}
