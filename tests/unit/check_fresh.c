/* How fresh a source is (architecture 7): a row of answers, and what is true at a moment behind them. */
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "core/fresh.h"
#include "unit.h"

/* Times of this table are seconds: a source of every 60, late from 75 on (tolerance 15), stale after 300. */
static const struct fresh_policy plain = { 60, 15, 300, FRESH_NEVER };
static const struct fresh_policy never = { 60, 15, 0, FRESH_NEVER };
static const struct fresh_policy unknown = { 0, 0, 300, FRESH_NEVER }; /* of a program that keeps no schedule */
static const struct fresh_policy resting = { 60, 15, 300, 500 }; /* its site has asked for it */
static const struct fresh_policy strict = { 60, 15, 30, FRESH_NEVER };

struct answer {
	int64_t at;
	const char *status, *reason;
};

static const struct row {
	const char *what;
	const struct fresh_policy *policy;
	struct answer answers[5]; /* until one has no status */
	int64_t now;
	enum fresh_state state;
	enum fresh_why why;
	int64_t since, until;
} rows[] = {
	{ "nothing yet", &plain, { { 0, NULL, NULL } }, 74, FRESH_NEW, FRESH_WHY_ANSWER, 0, 75 },
	{ "no first answer", &plain, { { 0, NULL, NULL } }, 75, FRESH_LATE, FRESH_WHY_OVERDUE, 75, 300 },
	{ "never an answer", &plain, { { 0, NULL, NULL } }, 300, FRESH_STALE, FRESH_WHY_OVERDUE, 75, INT64_MAX },
	{ "never an answer, never stale", &never, { { 0, NULL, NULL } }, 9999, FRESH_LATE, FRESH_WHY_OVERDUE, 75, INT64_MAX },
	{ "a price", &plain, { { 10, "ok", NULL } }, 84, FRESH_FRESH, FRESH_WHY_ANSWER, 10, 85 },
	{ "a price, then none", &plain, { { 10, "ok", NULL } }, 85, FRESH_LATE, FRESH_WHY_OVERDUE, 85, 310 },
	{ "a price, then none for long", &plain, { { 10, "ok", NULL } }, 310, FRESH_STALE, FRESH_WHY_OVERDUE, 85, INT64_MAX },
	{ "prices", &plain, { { 10, "ok", NULL }, { 70, "ok", NULL }, { 130, "ok", NULL } }, 140, FRESH_FRESH, FRESH_WHY_ANSWER, 10, 205 },
	{ "nothing has changed", &plain, { { 10, "ok", NULL }, { 70, "not_modified", NULL } }, 80, FRESH_FRESH, FRESH_WHY_ANSWER, 10,
	    145 },
	{ "sold out", &plain, { { 10, "ok", NULL }, { 70, "unavailable", NULL } }, 80, FRESH_UNAVAILABLE, FRESH_WHY_ANSWER, 70, 145 },
	{ "P50: still sold out", &plain, { { 10, "unavailable", NULL }, { 70, "not_modified", NULL } }, 80, FRESH_UNAVAILABLE,
	    FRESH_WHY_ANSWER, 10, 145 },
	{ "P50: still sold out, after a failure", &plain,
	    { { 10, "unavailable", NULL }, { 70, "error", "timeout" }, { 130, "not_modified", NULL } }, 140, FRESH_UNAVAILABLE,
	    FRESH_WHY_ANSWER, 130, 205 },
	{ "there again", &plain, { { 10, "unavailable", NULL }, { 70, "ok", NULL }, { 130, "not_modified", NULL } }, 140, FRESH_FRESH,
	    FRESH_WHY_ANSWER, 70, 205 },
	{ "sold out is no stale price", &plain, { { 0, "unavailable", NULL }, { 290, "unavailable", NULL } }, 310, FRESH_UNAVAILABLE,
	    FRESH_WHY_ANSWER, 0, 365 },
	{ "sold out, then none", &plain, { { 0, "unavailable", NULL } }, 80, FRESH_LATE, FRESH_WHY_OVERDUE, 75, 300 },
	{ "no price", &plain, { { 10, "ok", NULL }, { 70, "no_match", "no-match" } }, 71, FRESH_LATE, FRESH_WHY_ANSWER, 70, 310 },
	{ "no price for long", &plain, { { 10, "ok", NULL }, { 70, "no_match", NULL }, { 130, "error", "timeout" }, { 300, "gone", NULL } },
	    310, FRESH_STALE, FRESH_WHY_ANSWER, 70, INT64_MAX },
	{ "no price, never stale", &never, { { 10, "ok", NULL }, { 70, "no_match", NULL } }, 99999, FRESH_LATE, FRESH_WHY_ANSWER, 70,
	    INT64_MAX },
	{ "no price at all", &plain, { { 10, "no_match", NULL } }, 299, FRESH_LATE, FRESH_WHY_ANSWER, 10, 300 },
	{ "no price at all for long", &plain, { { 10, "no_match", NULL } }, 300, FRESH_STALE, FRESH_WHY_ANSWER, 10, INT64_MAX },
	{ "a price again", &plain, { { 10, "no_match", NULL }, { 400, "ok", NULL } }, 401, FRESH_FRESH, FRESH_WHY_ANSWER, 400, 475 },
	{ "P42: not believed", &plain, { { 10, "ok", NULL }, { 70, "suspect", NULL } }, 71, FRESH_SUSPECT, FRESH_WHY_ANSWER, 70,
	    INT64_MAX },
	{ "P42: believed now", &plain, { { 10, "ok", NULL }, { 70, "suspect", NULL }, { 130, "ok", NULL } }, 131, FRESH_FRESH,
	    FRESH_WHY_ANSWER, 130, 205 },
	{ "P44: a captcha", &plain, { { 10, "ok", NULL }, { 70, "blocked", NULL } }, 9999, FRESH_BLOCKED, FRESH_WHY_ANSWER, 70,
	    INT64_MAX },
	{ "P51: the site wants rest", &plain, { { 10, "ok", NULL }, { 70, "error", "http-429" }, { 130, "error", "http-503" } },
	    140, FRESH_BLOCKED, FRESH_WHY_ANSWER, 70, INT64_MAX },
	{ "P47: robots", &plain, { { 10, "robots", NULL } }, 20, FRESH_BLOCKED, FRESH_WHY_ANSWER, 10, INT64_MAX },
	{ "blocked no more, but no price", &plain, { { 10, "blocked", NULL }, { 70, "error", "http-500" } }, 80, FRESH_LATE,
	    FRESH_WHY_ANSWER, 70, 300 },
	{ "a word that nobody knows", &plain, { { 10, "ok", NULL }, { 70, "okay", NULL } }, 80, FRESH_LATE, FRESH_WHY_ANSWER, 70, 310 },
	{ "an error that gives no reason", &plain, { { 10, "ok", NULL }, { 70, "error", NULL } }, 80, FRESH_LATE, FRESH_WHY_ANSWER, 70,
	    310 },
	{ "no schedule", &unknown, { { 10, "ok", NULL } }, 200, FRESH_FRESH, FRESH_WHY_ANSWER, 10, 310 },
	{ "no schedule, for long", &unknown, { { 10, "ok", NULL } }, 310, FRESH_STALE, FRESH_WHY_OVERDUE, 310, INT64_MAX },
	{ "P51: a site that rests, before anything is due", &resting, { { 10, "ok", NULL } }, 84, FRESH_FRESH, FRESH_WHY_ANSWER, 10,
	    85 },
	{ "P51: ... and then", &resting, { { 10, "ok", NULL } }, 85, FRESH_BLOCKED, FRESH_WHY_REST, 85, 500 },
	{ "P51: ... for long", &resting, { { 10, "ok", NULL } }, 499, FRESH_BLOCKED, FRESH_WHY_REST, 85, 500 },
	{ "P51: ... until it should have been over", &resting, { { 10, "ok", NULL } }, 500, FRESH_STALE, FRESH_WHY_OVERDUE, 85,
	    INT64_MAX },
	{ "P51: ... of a source that had failed", &resting, { { 10, "error", "timeout" } }, 100, FRESH_BLOCKED, FRESH_WHY_REST, 10,
	    500 },
	{ "stale before the next is due", &strict, { { 10, "ok", NULL } }, 40, FRESH_STALE, FRESH_WHY_OVERDUE, 40, INT64_MAX },
};

START_TEST(judged)
{
	const struct row *r = &rows[_i];
	struct fresh_facts facts = FRESH_FACTS_INIT(0);
	struct fresh_verdict v;
	const struct answer *a;

	for (a = r->answers; a < r->answers + ARRAY_LEN(r->answers) && a->status != NULL; a++)
		fresh_note(&facts, fresh_kind(a->status, strlen(a->status), a->reason, a->reason == NULL ? 0 : strlen(a->reason)),
		    a->at);
	fresh_judge(&facts, r->policy, r->now, &v);
	ck_assert_msg(v.state == r->state, "%s: %s", r->what, fresh_state_name(v.state));
	ck_assert_msg(v.why == r->why, "%s: why", r->what);
	ck_assert_msg(v.since == r->since, "%s: since %lld", r->what, (long long)v.since);
	ck_assert_msg(v.until == r->until, "%s: until %lld", r->what, (long long)v.until);
}
END_TEST

/* Of what was restored it may be known how the source was, and not since when. */
START_TEST(since_is_found_again)
{
	struct fresh_facts facts = FRESH_FACTS_INIT(0);

	facts.kind = FRESH_KIND_GOOD;
	fresh_note(&facts, FRESH_KIND_GOOD, 70);
	ck_assert_int_eq(facts.since, 70);
	fresh_note(&facts, FRESH_KIND_GOOD, 130);
	ck_assert_int_eq(facts.since, 70);
}
END_TEST

/* Until `until` nothing changes by itself, and then it does: a timer for it is enough. */
START_TEST(until_is_exact)
{
	const struct row *r = &rows[_i];
	struct fresh_facts facts = FRESH_FACTS_INIT(0);
	struct fresh_verdict v, w;
	const struct answer *a;

	for (a = r->answers; a < r->answers + ARRAY_LEN(r->answers) && a->status != NULL; a++)
		fresh_note(&facts, fresh_kind(a->status, strlen(a->status), a->reason, a->reason == NULL ? 0 : strlen(a->reason)),
		    a->at);
	fresh_judge(&facts, r->policy, r->now, &v);
	if (v.until == INT64_MAX)
		return;
	fresh_judge(&facts, r->policy, v.until - 1, &w);
	ck_assert_int_eq(w.state, v.state);
	ck_assert_int_eq(w.since, v.since);
	fresh_judge(&facts, r->policy, v.until, &w);
	ck_assert_int_ne(w.state, v.state);
	ck_assert_int_gt(w.until, v.until);
}
END_TEST

START_TEST(policy_of_a_schedule)
{
	struct fresh_policy p = fresh_policy(300000, 100, 30000, 10000, FRESH_STALE_AUTO);

	ck_assert_int_eq(p.every, 300000);
	ck_assert_int_eq(p.tolerance, 30000 + 75000 + 30000 + 10000);
	ck_assert_int_eq(p.stale, 3 * 300000 + p.tolerance);
	/* Of a fast schedule a long timeout does not hide a missed slot. */
	ck_assert_int_eq(fresh_policy(1000, 0, 30000, 0, 0).tolerance, 250 + 1000);
	ck_assert_int_eq(fresh_policy(1000, 0, 30000, 0, 0).stale, 0);
	ck_assert_int_eq(fresh_policy(0, 0, 30000, 0, FRESH_STALE_AUTO).stale, 0);
	ck_assert_int_eq(fresh_policy(1000, 0, 1, 0, 77).stale, 77);
}
END_TEST

START_TEST(years_do_not_overflow)
{
	struct fresh_facts facts = FRESH_FACTS_INIT(INT64_MAX - 5);
	struct fresh_policy p = { INT64_MAX / 4, 0, INT64_MAX / 2, FRESH_NEVER };
	struct fresh_verdict v;

	fresh_judge(&facts, &p, INT64_MAX - 1, &v);
	ck_assert_int_eq(v.state, FRESH_NEW);
	ck_assert_int_eq(v.until, INT64_MAX);
}
END_TEST

START_TEST(what_is_an_alarm)
{
	enum fresh_state s;

	for (s = 0; s < FRESH_STATES; s++)
		ck_assert_int_eq(fresh_is_alarm(s), s >= FRESH_SUSPECT);
	ck_assert_str_eq(fresh_state_name(FRESH_STALE), "stale");
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("fresh");
	TCase *t = tcase_create("all");

	tcase_add_test(t, since_is_found_again);
	tcase_add_loop_test(t, judged, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(t, until_is_exact, 0, ARRAY_LEN(rows));
	tcase_add_test(t, policy_of_a_schedule);
	tcase_add_test(t, years_do_not_overflow);
	tcase_add_test(t, what_is_an_alarm);
	suite_add_tcase(s, t);
	return unit_run(s);
}
