/* What is known of robots.txt, for how long, and what a successor knows of it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "scrape/robots_cache.h"
#include "unit.h"

#define T0 INT64_C(1764000000000)
#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define ORIGIN "https://shop.example"

static struct robots_cache *cache;
static struct robots_origin *o;

static void
setup(void)
{
	cache = robots_cache_new("a");
	o = robots_cache_get(cache, ORIGIN);
}

static void
teardown(void)
{
	robots_cache_free(cache);
}

static void
learn(long status, const char *body, int64_t now)
{
	robots_cache_learn(cache, o,
	    &(struct robots_answer){ .status = status, .why = status == 0 ? "dns" : NULL, .body = body, .len = strlen(body) },
	    now);
}

/* P47: 24 hours at most, by a clock that may be set. */
START_TEST(p47_holds_a_day)
{
	ck_assert(!robots_origin_is_known(o, T0));
	ck_assert_ptr_null(robots_cache_find(cache, ORIGIN));
	learn(200, "User-agent: a\nDisallow: /x\n", T0);
	ck_assert_int_eq(o->what, ROBOTS_RULES);
	ck_assert(robots_origin_is_known(o, T0));
	ck_assert(robots_origin_is_known(o, T0 + DAY - 1));
	ck_assert(!robots_origin_is_known(o, T0 + DAY));
	ck_assert(robots_origin_is_known(o, T0 - MINUTE));
	ck_assert(!robots_origin_is_known(o, T0 - HOUR));
	ck_assert_ptr_eq(robots_cache_get(cache, ORIGIN), o);
	ck_assert_ptr_eq(robots_cache_find(cache, ORIGIN), o);
}
END_TEST

/* P47: what each answer means. */
static const struct {
	long status;
	enum robots_what what;
} answers[] = { { 200, ROBOTS_RULES }, { 204, ROBOTS_RULES }, { 301, ROBOTS_ABSENT }, { 400, ROBOTS_ABSENT },
	{ 404, ROBOTS_ABSENT }, { 499, ROBOTS_ABSENT }, { 500, ROBOTS_DOWN }, { 503, ROBOTS_DOWN }, { 0, ROBOTS_DOWN } };

START_TEST(p47_answers)
{
	learn(answers[_i].status, "", T0);
	ck_assert_int_eq(o->what, answers[_i].what);
	ck_assert_int_eq(o->status, answers[_i].status);
	ck_assert(robots_origin_is_known(o, T0));
}
END_TEST

/* P47: out of reach it is asked again and again, ever more rarely, and after 30 days counts as absent. */
START_TEST(p47_out_of_reach)
{
	int64_t now = T0, wait, last = 0;
	unsigned n;

	for (n = 0; o->what != ROBOTS_ABSENT; n++) {
		learn(n % 2 == 0 ? 503 : 0, "", now);
		wait = o->until_ms - now;
		if (n < 9)
			ck_assert_msg(wait > (MINUTE << n) / 2 - 1 && wait <= MINUTE << n, "try %u: %d", n, (int)wait);
		ck_assert_int_le(wait, o->what == ROBOTS_ABSENT ? DAY : 6 * HOUR);
		ck_assert(o->what == ROBOTS_ABSENT || now < T0 + 30 * DAY);
		ck_assert_int_lt(n, 400);
		ck_assert(n == 0 || n > 8 || wait > last / 2);
		last = wait;
		now += wait;
	}
	ck_assert_int_ge(now - last, T0 + 30 * DAY);
	learn(500, "", now); /* it stays so, asked once a day */
	ck_assert_int_eq(o->what, ROBOTS_ABSENT);
	ck_assert_int_eq(o->until_ms - now, DAY);
	learn(200, "", now);
	learn(500, "", now + DAY); /* it was back: all anew */
	ck_assert_int_eq(o->what, ROBOTS_DOWN);
	ck_assert_int_le(o->until_ms - now - DAY, MINUTE);
}
END_TEST

START_TEST(p51_retry_after)
{
	robots_cache_learn(cache, o, &(struct robots_answer){ .status = 503, .why = "http-503", .retry_after_s = 7200 }, T0);
	ck_assert_int_eq(o->until_ms, T0 + 2 * HOUR);
	ck_assert_str_eq(o->why, "http-503");
}
END_TEST

static void
check_verdict(const struct robots_origin *other, const char *path)
{
	struct robots_verdict a, b;

	robots_check(o->robots, path, &a);
	robots_check(other->robots, path, &b);
	ck_assert_msg(a.allowed == b.allowed && a.line == b.line, "%s: %d in line %u, %d in line %u", path, a.allowed, a.line,
	    b.allowed, b.line);
}

/* P47: a successor that reads the state decides alike, with the same lines. */
START_TEST(p47_state)
{
	static const char text[] = "User-agent: A\nCrawl-delay: 2.5\nUser-agent: b\nDisallow: /x*y$\nAllow: /x/\"quoted\"\n"
				   "Disallow: /\xc3\xa9 z\nDisallow: *.pdf$\nAllow: /a%2Ab$c\nDisallow:\nDisallow: /x";
	static const char *const paths[] = { "/", "/x", "/x1y", "/x1yz", "/x/\"quoted\"1", "/%C3%A9%20z", "/q.pdf", "/a*b$c" };
	struct robots_cache *next = robots_cache_new("a");
	struct buf value = BUF_INIT(0);
	struct robots_origin *p;
	size_t i;

	learn(200, text, T0);
	robots_cache_put_state(cache, o, &value);
	ck_assert(json_valid(value.data, value.len));
	robots_cache_restore(next, ORIGIN, value.data, value.len, T0 + HOUR);
	p = robots_cache_get(next, ORIGIN);
	ck_assert_int_eq(p->what, ROBOTS_RULES);
	ck_assert(robots_origin_is_known(p, T0 + DAY - 1));
	ck_assert(!robots_origin_is_known(p, T0 + DAY));
	for (i = 0; i < ARRAY_LEN(paths); i++)
		check_verdict(p, paths[i]);
	ck_assert_int_eq(p->robots->crawl_delay_ms, 2500);
	ck_assert_uint_eq(p->robots->joined_line, 2);
	ck_assert_str_eq(p->robots->group, "A");
	buf_release(&value);
	robots_cache_free(next);
}
END_TEST

/* P47: what failed goes on where it was: neither asked at once, nor for 30 days from now. */
START_TEST(p47_state_of_failure)
{
	struct robots_cache *next = robots_cache_new("a");
	struct buf value = BUF_INIT(0);
	struct robots_origin *p;

	learn(0, "", T0);
	learn(0, "", T0 + HOUR);
	robots_cache_put_state(cache, o, &value);
	robots_cache_restore(next, ORIGIN, value.data, value.len, T0 + HOUR + 1000);
	p = robots_cache_get(next, ORIGIN);
	ck_assert_int_eq(p->what, ROBOTS_DOWN);
	ck_assert_str_eq(p->why, "dns");
	ck_assert_int_eq(p->since_ms, T0);
	ck_assert_uint_eq(p->tries, 2);
	ck_assert(robots_origin_is_known(p, T0 + HOUR + 1000));
	buf_release(&value);
	robots_cache_free(next);
}
END_TEST

/* What is malformed, of another agent, or of a time to come is not believed. */
static const struct {
	const char *value;
	bool known;
} states[] = {
	{ "{\"at\":1764000000000,\"what\":\"absent\",\"agent\":\"a\",\"until\":1764000060000}", true },
	{ "{\"at\":1764000000000,\"what\":\"absent\",\"agent\":\"b\",\"until\":1764000060000}", false },
	{ "{\"at\":1764000000000,\"what\":\"unknown\",\"agent\":\"a\",\"until\":1764000060000}", false },
	{ "{\"at\":1764000000000,\"what\":\"nonsense\",\"agent\":\"a\",\"until\":1764000060000}", false },
	{ "{\"at\":1764000000000,\"what\":\"absent\",\"agent\":\"a\",\"until\":1763999990000}", false },
	{ "{\"at\":1764003600000,\"what\":\"absent\",\"agent\":\"a\",\"until\":1764007200000}", false },
	{ "{\"at\":-1,\"what\":\"absent\",\"agent\":\"a\",\"until\":1764000060000}", false },
	{ "{\"at\":1763900000000,\"what\":\"absent\",\"agent\":\"a\",\"until\":1800000000000}", false },
	{ "{\"what\":\"absent\",\"agent\":\"a\"}", false },
	{ "{\"at\":1764000000000,\"what\":\"rules\",\"agent\":\"a\",\"until\":1764000060000,\"lines\":[7,null,\"x\",\"0 Disallow: /\","
	  "\"99999999999 Disallow: /\",\"3Disallow: /\",\"3 Host: /\",{}],\"group\":5,\"tries\":-4}",
	    true },
	{ "[]", false }, { "", false }, { "null", false }, { "{\"at\":", false }, { "{{{{{{{{", false },
};

START_TEST(states_are_checked)
{
	struct robots_verdict v;

	robots_cache_restore(cache, ORIGIN, states[_i].value, strlen(states[_i].value), T0 + 1000);
	o = robots_cache_get(cache, ORIGIN);
	ck_assert_msg(robots_origin_is_known(o, T0 + 1000) == states[_i].known, "%s", states[_i].value);
	robots_check(o->robots, "/x", &v);
	ck_assert(v.allowed);
}
END_TEST

/* Rules that are too long for a state are no state; a successor asks itself. */
START_TEST(long_rules_are_no_state)
{
	struct buf text = BUF_INIT(0), value = BUF_INIT(0);
	int i;

	buf_xaddstr(&text, "User-agent: a\n");
	for (i = 0; i < 4000; i++)
		buf_xprintf(&text, "Disallow: /path/%d\n", i);
	learn(200, text.data, T0);
	robots_cache_put_state(cache, o, &value);
	ck_assert_uint_lt(value.len, 1000);
	robots_cache_restore(cache, "https://other.example", value.data, value.len, T0);
	ck_assert_ptr_null(robots_cache_find(cache, "https://other.example"));
	buf_release(&text);
	buf_release(&value);
}
END_TEST

/* The cache has a bound; what was used lately, or is being asked, stays. */
START_TEST(the_cache_is_bounded)
{
	struct buf text = BUF_INIT(0);
	char name[64];
	int i, known = 0, n = 180;

	buf_xaddstr(&text, "User-agent: a\n");
	for (i = 0; i < 3000; i++)
		buf_xprintf(&text, "Disallow: /a/path/of/usual/length/%d\n", i);
	o->asking = cache;
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "https://%d.example", i);
		o = robots_cache_get(cache, name);
		learn(200, text.data, T0);
		ck_assert_ptr_nonnull(robots_cache_get(cache, "https://0.example")->robots);
	}
	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "https://%d.example", i);
		known += robots_cache_find(cache, name) != NULL;
	}
	ck_assert_int_gt(known, 50);
	ck_assert_int_lt(known, n - 50);
	ck_assert_ptr_nonnull(robots_cache_find(cache, "https://179.example"));
	ck_assert_ptr_nonnull(robots_cache_find(cache, "https://0.example"));
	ck_assert_ptr_eq(robots_cache_get(cache, ORIGIN)->asking, cache);
	buf_release(&text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scrape_robots_cache");
	TCase *t = tcase_create("cache");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, p47_holds_a_day);
	tcase_add_loop_test(t, p47_answers, 0, ARRAY_LEN(answers));
	tcase_add_test(t, p47_out_of_reach);
	tcase_add_test(t, p51_retry_after);
	tcase_add_test(t, p47_state);
	tcase_add_test(t, p47_state_of_failure);
	tcase_add_loop_test(t, states_are_checked, 0, ARRAY_LEN(states));
	tcase_add_test(t, long_rules_are_no_state);
	tcase_add_test(t, the_cache_is_bounded);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
