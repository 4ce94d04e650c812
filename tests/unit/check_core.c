/* Tables over the pure parts of src/core: reasons, strategies, windows, delays, deadlines, specs. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/map.h"
#include "core/backoff.h"
#include "core/index.h"
#include "core/intensity.h"
#include "core/reason.h"
#include "core/strategy.h"
#include "core/supervisor.h"
#include "core/timers.h"
#include "core/validate.h"
#include "core_script.h"
#include "unit.h"

#define CODE(n) ((n) << 8)
#define CORE 0x80

/* S15, S16: stop signal SIGINT, success code 3, success signal SIGUSR1. */
static const struct {
	int status;
	bool ordered;
	const char *text;
	bool normal;
} reasons[] = {
	{ CODE(0), false, "normal", true },
	{ CODE(0), true, "shutdown", true },
	{ CODE(128 + SIGINT), true, "shutdown", true },
	{ CODE(128 + SIGINT), false, "{exit,130}", false },
	{ CODE(128 + SIGTERM), true, "{exit,143}", false },
	{ CODE(128 + SIGTERM), false, "{exit,143}", false },
	{ CODE(3), false, "{shutdown,3}", true },
	{ CODE(3), true, "{shutdown,3}", true },
	{ CODE(1), false, "{exit,1}", false },
	{ CODE(1), true, "{exit,1}", false },
	{ CODE(126), false, "{exit,126}", false },
	{ CODE(127), false, "{exit,127}", false },
	{ CODE(255), false, "{exit,255}", false },
	{ SIGTERM, false, "shutdown", true },
	{ SIGTERM, true, "shutdown", true },
	{ SIGINT, false, "shutdown", true },
	{ SIGUSR1, false, "shutdown", true },
	{ SIGKILL, false, "killed", false },
	{ SIGKILL, true, "killed", false },
	{ SIGSEGV, false, "{signal,SIGSEGV}", false },
	{ SIGSEGV | CORE, false, "{signal,SIGSEGV}", false },
	{ SIGHUP, false, "{signal,SIGHUP}", false },
	{ SIGPIPE, true, "{signal,SIGPIPE}", false },
	{ 40, false, "{signal,40}", false },
	{ 64, false, "{signal,64}", false },
};

START_TEST(s15_reason_table)
{
	struct child_spec spec = { .stop_signal = SIGINT, .success_codes = { 1 << 3 },
		.success_signals = UINT64_C(1) << SIGUSR1 };
	struct exit_reason r = reason_from_status(&spec, reasons[_i].status, reasons[_i].ordered);
	char text[REASON_TEXT_SIZE];

	ck_assert_str_eq(reason_text(&r, text), reasons[_i].text);
	ck_assert_msg(reason_is_normal(&r) == reasons[_i].normal, "%s", text);
	ck_assert_msg(r.core_dumped == ((reasons[_i].status & CORE) != 0 && (reasons[_i].status & 0x7f) != 0), "%s", text);
}
END_TEST

START_TEST(s16_sighup_is_a_failure_and_sigterm_is_not_by_default)
{
	struct child_spec spec = { .id = "a" };
	struct exit_reason hup = reason_from_status(&spec, SIGHUP, false), term = reason_from_status(&spec, SIGTERM, false);

	ck_assert(!reason_is_normal(&hup));
	ck_assert(reason_is_normal(&term));
}
END_TEST

static const struct {
	struct exit_reason reason;
	const char *text;
	bool normal;
} texts[] = {
	{ { REASON_NONE, 0, STEP_NONE, false }, "none", false },
	{ { REASON_NOCONNECTION, 0, STEP_NONE, false }, "noconnection", false },
	{ { REASON_NOPROC, 0, STEP_NONE, false }, "noproc", false },
	{ { REASON_KILL, 0, STEP_NONE, false }, "kill", false },
	{ { REASON_START_ERROR, ENOENT, STEP_EXEC, false }, "{start_error,exec,ENOENT}", false },
	{ { REASON_START_ERROR, 0, STEP_TIMEOUT, false }, "{start_error,timeout}", false },
	{ { REASON_START_ERROR, 9999, STEP_CHDIR, false }, "{start_error,chdir,9999}", false },
};

START_TEST(reason_text_table)
{
	char text[REASON_TEXT_SIZE];

	ck_assert_str_eq(reason_text(&texts[_i].reason, text), texts[_i].text);
	ck_assert(reason_is_normal(&texts[_i].reason) == texts[_i].normal);
}
END_TEST

/* The agent's timer and the tree's race. */
START_TEST(a_timeout_is_one_reason)
{
	const struct exit_reason agents = { REASON_START_ERROR, ETIMEDOUT, STEP_TIMEOUT, false };
	char text[REASON_TEXT_SIZE];

	ck_assert_str_eq(reason_text(&agents, text), "{start_error,timeout}");
}
END_TEST

/* Whatever is printed is understood, but for "none": nobody can end with that. */
START_TEST(reason_parse_reads_what_reason_text_prints)
{
	static const struct exit_reason more[] = {
		{ REASON_NORMAL, 0, STEP_NONE, false },
		{ REASON_SHUTDOWN, 0, STEP_NONE, false },
		{ REASON_SHUTDOWN_CODE, 3, STEP_NONE, false },
		{ REASON_KILLED, 0, STEP_NONE, false },
		{ REASON_SIGNAL, SIGSEGV, STEP_NONE, false },
		{ REASON_SIGNAL, 33, STEP_NONE, false },
		{ REASON_EXIT, 255, STEP_NONE, false },
	};
	char text[REASON_TEXT_SIZE];
	struct exit_reason r;
	size_t i;

	for (i = 1; i < ARRAY_LEN(texts) + ARRAY_LEN(more); i++) {
		const struct exit_reason *want = i < ARRAY_LEN(texts) ? &texts[i].reason : &more[i - ARRAY_LEN(texts)];

		reason_text(want, text);
		ck_assert_msg(reason_parse(text, &r) == 0, "%s", text);
		ck_assert_msg(r.kind == want->kind && r.number == want->number && r.step == want->step, "%s", text);
	}
}
END_TEST

START_TEST(reason_parse_refuses_what_is_none)
{
	static const char *const bad[] = { "", "none", "Normal", "normal ", "exit", "{exit}", "{exit,}", "{exit,-1}",
		"{exit,256}", "{exit,3", "{exit,3}}", "{exit, 3}", "{shutdown,x}", "{signal,SIGNONE}", "{signal,SEGV}",
		"{signal,SIGSEGV", "{signal,1000}", "{start_error}", "{start_error,none}", "{start_error,nowhere}",
		"{start_error,exec,}", "{start_error,exec,ENOENTX}", "{start_error,exec", "{exit,99999999999999999999}" };
	struct exit_reason r;
	size_t i;

	for (i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(reason_parse(bad[i], &r) == -1, "'%s'", bad[i]);
}
END_TEST

START_TEST(names_are_told_apart)
{
	int i, j;

	for (i = 0; i <= STEP_EXITED; i++) {
		for (j = 0; j < i; j++)
			ck_assert_str_ne(start_step_name((enum start_step)i), start_step_name((enum start_step)j));
	}
	for (i = 0; i <= RESULT_BADARG; i++) {
		for (j = 0; j < i; j++)
			ck_assert_str_ne(tree_result_name((enum tree_result)i), tree_result_name((enum tree_result)j));
	}
	ck_assert_str_eq(child_state_name(CHILD_RESTARTING), "restarting");
	ck_assert_str_eq(tree_report_name(REPORT_STOPPED), "stopped");
	ck_assert_str_eq(tree_result_name((enum tree_result)99), "unknown");
}
END_TEST

/* S38-S40: of five children, who goes with the failed one. */
static const struct {
	enum strategy strategy;
	uint32_t failed;
	struct group group;
} groups[] = {
	{ STRATEGY_ONE_FOR_ONE, 0, { 0, 1 } },
	{ STRATEGY_ONE_FOR_ONE, 4, { 4, 5 } },
	{ STRATEGY_SIMPLE_ONE_FOR_ONE, 2, { 2, 3 } },
	{ STRATEGY_ONE_FOR_ALL, 0, { 0, 5 } },
	{ STRATEGY_ONE_FOR_ALL, 3, { 0, 5 } },
	{ STRATEGY_REST_FOR_ONE, 0, { 0, 5 } },
	{ STRATEGY_REST_FOR_ONE, 3, { 3, 5 } },
	{ STRATEGY_REST_FOR_ONE, 4, { 4, 5 } },
};

START_TEST(s38_group_table)
{
	struct group g = strategy_group(groups[_i].strategy, 5, groups[_i].failed);

	ck_assert_uint_eq(g.first, groups[_i].group.first);
	ck_assert_uint_eq(g.end, groups[_i].group.end);
	ck_assert(strategy_is_single(groups[_i].strategy) == (groups[_i].strategy == STRATEGY_ONE_FOR_ONE ||
	    groups[_i].strategy == STRATEGY_SIMPLE_ONE_FOR_ONE));
}
END_TEST

START_TEST(s34_restart_types)
{
	ck_assert(strategy_restarts(RESTART_PERMANENT, true));
	ck_assert(strategy_restarts(RESTART_PERMANENT, false));
	ck_assert(!strategy_restarts(RESTART_TRANSIENT, true));
	ck_assert(strategy_restarts(RESTART_TRANSIENT, false));
	ck_assert(!strategy_restarts(RESTART_TEMPORARY, true));
	ck_assert(!strategy_restarts(RESTART_TEMPORARY, false));
}
END_TEST

START_TEST(s59_who_stops_at_once)
{
	struct sup_spec s = { .strategy = STRATEGY_ONE_FOR_ONE };

	ck_assert(strategy_stops_parallel(&s));
	s.stop_serial = true;
	ck_assert(!strategy_stops_parallel(&s));
	s = (struct sup_spec){ .strategy = STRATEGY_REST_FOR_ONE };
	ck_assert(!strategy_stops_parallel(&s));
}
END_TEST

/* S50-S52: restarts at these times; which one is one too many (-1: none). */
static const struct {
	const char *sentence;
	uint32_t intensity;
	int64_t period;
	int64_t at[8]; /* ends with -1 */
	int trips;
} windows[] = {
	{ "none is too many for infinity", INTENSITY_INFINITY, 10, { 0, 0, 0, 0, 0, -1 }, -1 },
	{ "the first is for 0", 0, 10, { 5, -1 }, 0 },
	{ "two at once are for 1", 1, 10, { 5, 5, -1 }, 1 },
	{ "aged exactly the period still counts", 1, 10, { 0, 10, -1 }, 1 },
	{ "one microsecond more does not", 1, 10, { 0, 11, -1 }, -1 },
	{ "the window slides, it does not reset", 2, 10, { 0, 9, 11, 12, -1 }, 3 },
	{ "steady below the rate goes on for ever", 2, 10, { 0, 6, 12, 18, 24, 30, 36, -1 }, -1 },
	{ "a burst after a long rest", 3, 10, { 0, 1, 2, 1000, 1000, 1000, 1000, -1 }, 6 },
	{ "negative times are times", 1, 10, { -100, -95, -1 }, 1 },
};

START_TEST(s50_window_table)
{
	struct window w;
	int i, tripped = -1;

	window_init(&w, windows[_i].intensity);
	for (i = 0; windows[_i].at[i] != -1 && tripped == -1; i++) {
		if (window_add(&w, (mono_t){ windows[_i].at[i] }, windows[_i].period))
			tripped = i;
	}
	ck_assert_msg(tripped == windows[_i].trips, "%s: %d", windows[_i].sentence, tripped);
	window_release(&w);
}
END_TEST

/* Against a list of all times. */
START_TEST(s50_window_agrees_with_its_definition)
{
	int64_t at[2000], now = 0;
	uint64_t random = (uint64_t)_i;
	uint32_t intensity = (uint32_t)_i % 7, n = 0, i, counted;
	struct window w;

	window_init(&w, intensity);
	for (; n < ARRAY_LEN(at); n++) {
		bool tripped;

		random = hash_u64(random);
		now += (int64_t)(random % 7);
		tripped = window_add(&w, (mono_t){ now }, 20);
		at[n] = now;
		for (counted = 0, i = n + 1; i > 0 && now - at[i - 1] <= 20; i--)
			counted++;
		ck_assert_msg(tripped == (counted > intensity), "%u of %u at %u", counted, intensity, n);
		if (tripped) {
			/* Begin anew, as a supervisor does. */
			window_clear(&w);
			n = UINT32_MAX;
			if (++now > 3000)
				break;
			continue;
		}
		ck_assert_uint_eq(window_count(&w, (mono_t){ now }, 20), counted);
	}
	window_release(&w);
}
END_TEST

START_TEST(s85_window_resized_keeps_the_newest)
{
	struct window w;
	int64_t i;

	window_init(&w, 4);
	for (i = 1; i <= 6; i++)
		ck_assert(!window_add(&w, (mono_t){ i * 10 }, 35));
	window_resize(&w, 2);
	ck_assert_uint_eq(window_count(&w, (mono_t){ 60 }, 10), 2);
	ck_assert_uint_eq(window_count(&w, (mono_t){ 60 }, 9), 1);
	ck_assert(window_add(&w, (mono_t){ 61 }, 35));
	window_resize(&w, 3);
	ck_assert(!window_add(&w, (mono_t){ 61 }, 35));
	ck_assert(window_add(&w, (mono_t){ 61 }, 35));
	window_resize(&w, INTENSITY_INFINITY);
	ck_assert(!window_add(&w, (mono_t){ 61 }, 35));
	ck_assert_uint_eq(window_count(&w, (mono_t){ 61 }, 35), 0);
	window_release(&w);
}
END_TEST

#define MS INT64_C(1000)
#define SECOND INT64_C(1000000)

/* S122 with architecture 4. */
static const struct {
	const char *sentence;
	struct backoff_spec spec;
	uint32_t row;
	int64_t delay;
} delays[] = {
	{ "without backoff there is no delay", { false, true, 200 * MS, 60 * SECOND, 2, 0, 0 }, 9, 0 },
	{ "the first is at once", BACKOFF_DEFAULT, 1, 0 },
	{ "then min", { true, true, 200 * MS, 60 * SECOND, 2, 0, 0 }, 2, 200 * MS },
	{ "doubled", { true, true, 200 * MS, 60 * SECOND, 2, 0, 0 }, 3, 400 * MS },
	{ "and doubled", { true, true, 200 * MS, 60 * SECOND, 2, 0, 0 }, 10, 51200 * MS },
	{ "to max", { true, true, 200 * MS, 60 * SECOND, 2, 0, 0 }, 11, 60 * SECOND },
	{ "and stays there", { true, true, 200 * MS, 60 * SECOND, 2, 0, 0 }, UINT32_MAX, 60 * SECOND },
	{ "to the letter of S122 the first waits min", { true, false, 200 * MS, 60 * SECOND, 2, 0, 0 }, 1, 200 * MS },
	{ "and the second twice that", { true, false, 200 * MS, 60 * SECOND, 2, 0, 0 }, 2, 400 * MS },
	{ "factor 1 is a steady pace", { true, false, SECOND, 60 * SECOND, 1, 0, 0 }, 1000, SECOND },
	{ "min 0 is no delay", { true, false, 0, 60 * SECOND, 2, 0, 0 }, 30, 0 },
	{ "no overflow", { true, false, 1, INT64_MAX, 2, 0, 0 }, 500, INT64_MAX },
	{ "no overflow by jitter", { true, false, INT64_MAX / 2, INT64_MAX, 2, 5000, 0 }, 500, INT64_MAX },
	{ "a large factor", { true, false, SECOND, 60 * SECOND, UINT32_MAX, 0, 0 }, 2, 60 * SECOND },
};

START_TEST(s122_backoff_table)
{
	int64_t delay = backoff_delay(&delays[_i].spec, delays[_i].row, UINT64_C(0x9e3779b97f4a7c15));

	ck_assert_msg(delay == delays[_i].delay, "%s: %jd", delays[_i].sentence, (intmax_t)delay);
}
END_TEST

START_TEST(s122_jitter_lengthens_up_to_its_part_and_not_beyond_max)
{
	struct backoff_spec b = { true, false, SECOND, 2 * SECOND, 2, 100, 0 };
	int64_t low = INT64_MAX, high = 0;
	uint64_t random = 1;
	int i;

	for (i = 0; i < 10000; i++) {
		int64_t delay;

		random = hash_u64(random);
		delay = backoff_delay(&b, 1, random);
		low = delay < low ? delay : low;
		high = delay > high ? delay : high;
		ck_assert_int_eq(backoff_delay(&b, 2, random), 2 * SECOND);
	}
	ck_assert_int_ge(low, SECOND);
	ck_assert_int_le(low, SECOND + SECOND / 1000);
	ck_assert_int_le(high, SECOND + SECOND / 10);
	ck_assert_int_ge(high, SECOND + SECOND * 99 / 1000);
}
END_TEST

START_TEST(timers_agree_with_a_list)
{
	enum { N = 50 };
	int64_t due[N];
	uint64_t random = (uint64_t)_i + 1;
	struct timers t = TIMERS_INIT;
	uint32_t i, h, first;
	int step;

	timers_reserve(&t, N / 2);
	timers_reserve(&t, N);
	for (i = 0; i < N; i++)
		due[i] = INT64_MAX;
	for (step = 0; step < 20000; step++) {
		random = hash_u64(random);
		h = (uint32_t)(random % N);
		due[h] = random % 3 == 0 ? INT64_MAX : (int64_t)(random >> 32) % 40;
		timers_set(&t, h, (mono_t){ due[h] });
		for (first = 0, i = 1; i < N; i++)
			first = due[i] < due[first] ? i : first;
		ck_assert_int_eq(timers_due(&t).us, due[first]);
		if (due[first] == INT64_MAX)
			continue;
		ck_assert(!timers_pop(&t, (mono_t){ due[first] - 1 }, &h));
		if (random >> 16 & 1) {
			ck_assert(timers_pop(&t, (mono_t){ due[first] }, &h));
			ck_assert_uint_eq(h, first);
			due[first] = INT64_MAX;
		}
	}
	timers_release(&t);
}
END_TEST

START_TEST(index_finds_what_was_put_and_nothing_else)
{
	enum { N = 300 };
	struct index ix = INDEX_INIT;
	uint32_t h, found;

	index_reserve(&ix, 10);
	for (h = 0; h < N; h++) {
		index_reserve(&ix, h + 1);
		index_put(&ix, h / 3, h); /* three of each */
	}
	for (h = 0; h < N; h += 2)
		index_remove(&ix, h);
	for (h = 0; h < N / 3; h++) {
		unsigned seen = 0;

		for (found = index_first(&ix, h); found != INDEX_END; found = index_next(&ix, found)) {
			ck_assert_uint_eq(found / 3, h);
			ck_assert_uint_eq(found % 2, 1);
			seen++;
		}
		ck_assert_uint_eq(seen, h % 2 == 0 ? 1 : 2);
	}
	ck_assert_uint_eq(index_first(&ix, N), INDEX_END);
	index_release(&ix);
}
END_TEST

/* S2, S3, S7, S9-S12: what is refused, and how. NULL: accepted. */
static const struct {
	const char *tree;
	const char *message;
} specs[] = {
	{ "one_for_one()", NULL },
	{ "one_for_one[intensity=0](a)", NULL },
	{ "one_for_one[intensity=1000001](a)", "invalid_intensity: more than 1000000" },
	{ "one_for_one[intensity=3,period=0](a)", "invalid_period: must be above 0" },
	{ "one_for_one[period=0](a)", NULL },
	{ "one_for_one(a b a)", "a: duplicate_child_name" },
	{ "one_for_one(a n:one_for_all(a))", NULL },
	{ "one_for_one(n:one_for_all(x m:rest_for_one(y y)))", "n: m: y: duplicate_child_name" },
	{ "one_for_one[any](a[transient,sig])", NULL },
	{ "one_for_one[any](a[sig])", "a: bad_combination: a permanent child cannot be significant" },
	{ "one_for_one(a[transient,sig])", "a: bad_combination: a significant child needs auto_shutdown" },
	{ "one_for_one(a[ms=-2])", "a: invalid_shutdown" },
	{ "one_for_one(a[signal=65])", "a: invalid_stop_signal" },
	{ "one_for_one(a[backoff,min=2s,max=1s])", "a: invalid_backoff: must be 0 <= min <= max, and reset_after >= 0" },
	{ "one_for_one(a[min=2s,max=1s])", NULL },
	{ "one_for_one(n:simple_one_for_one(a b))", "n: bad_start_spec: simple_one_for_one takes exactly one child" },
	{ "one_for_one(n:simple_one_for_one(a))", NULL },
};

START_TEST(s3_validation_table)
{
	struct err err = ERR_INIT;
	struct sup_spec sup;
	struct specs *all = specs_parse(specs[_i].tree, &sup);
	struct tree *t = tree_new(&sup, 1, 1, &err);

	ck_assert_msg((t != NULL) == (specs[_i].message == NULL), "%s: %s", specs[_i].tree, err.msg);
	ck_assert_str_eq(err.msg, specs[_i].message != NULL ? specs[_i].message : "");
	tree_free(t);
	specs_free(all);
}
END_TEST

/* S113, S111. */
START_TEST(s113_placement_is_validated)
{
	static const struct node_pref nodes[] = { { 0, 1 }, { 1, 0 } };
	struct child_spec child = { .id = "a", .failover_timeout_us = -1 };
	const struct child_spec *list[] = { &child };
	struct sup_spec sup = { .intensity = INTENSITY_INFINITY, .children = list, .n_children = 1 };
	struct err err = ERR_INIT;

	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "a: invalid_failover_timeout");
	child = (struct child_spec){ .id = "a", .nodes = nodes, .n_nodes = 2 };
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "a: invalid_nodes: must be sorted by rank");
}
END_TEST

START_TEST(s2_enums_out_of_range_are_refused)
{
	struct child_spec child = { .id = "a", .restart = (enum restart_type)7 };
	const struct child_spec *list[] = { &child };
	struct sup_spec sup = { .intensity = INTENSITY_INFINITY, .children = list, .n_children = 1 };
	struct err err = ERR_INIT;

	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "a: invalid_restart_type");
	child = (struct child_spec){ .id = "a", .type = CHILD_SUPERVISOR };
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	child = (struct child_spec){ .id = "" };
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "missing_id");
	child = (struct child_spec){ .id = "a" };
	sup.strategy = (enum strategy)9;
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "invalid_strategy");
}
END_TEST

/* In the order in which a walk down the tree meets them. */
static void
collect(const struct tree *t, child_handle h, child_handle *list, size_t *n)
{
	child_handle below;

	list[(*n)++] = h;
	for (below = tree_first(t, h); below != CHILD_NONE; below = tree_next(t, below))
		collect(t, below, list, n);
}

START_TEST(s21_start_order_is_that_of_the_tree)
{
	struct sup_spec sup;
	struct specs *all = specs_parse("one_for_one(a n:rest_for_one(x m:one_for_all(p q) y) b l:one_for_one(z))", &sup);
	struct tree *t = tree_new(&sup, 1, 1, NULL);
	child_handle list[32];
	size_t n = 0, i, j;

	ck_assert_ptr_nonnull(t);
	collect(t, TREE_ROOT, list, &n);
	ck_assert_uint_eq(n, 11);
	for (i = 0; i < n; i++) {
		for (j = 0; j < n; j++)
			ck_assert_msg(tree_is_before(t, list[i], list[j]) == (i < j), "%zu, %zu", i, j);
	}
	tree_free(t);
	specs_free(all);
}
END_TEST

/* A supervisor that is its own child would never end: the depth is bounded. */
START_TEST(nesting_is_bounded)
{
	struct child_spec child = { .id = "a", .type = CHILD_SUPERVISOR };
	const struct child_spec *list[] = { &child };
	struct sup_spec sup = { .intensity = INTENSITY_INFINITY, .children = list, .n_children = 1 };
	struct err err = ERR_INIT;

	child.sup = &sup;
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "nested deeper than 32"));
}
END_TEST

#define ADD_TABLE(tc, test, table) tcase_add_loop_test(tc, test, 0, (int)ARRAY_LEN(table))

static Suite *
core_suite(void)
{
	Suite *s = suite_create("core");
	TCase *tc = tcase_create("parts");

	ADD_TABLE(tc, s15_reason_table, reasons);
	tcase_add_test(tc, s16_sighup_is_a_failure_and_sigterm_is_not_by_default);
	ADD_TABLE(tc, reason_text_table, texts);
	tcase_add_test(tc, reason_parse_reads_what_reason_text_prints);
	tcase_add_test(tc, a_timeout_is_one_reason);
	tcase_add_test(tc, reason_parse_refuses_what_is_none);
	tcase_add_test(tc, names_are_told_apart);
	ADD_TABLE(tc, s38_group_table, groups);
	tcase_add_test(tc, s34_restart_types);
	tcase_add_test(tc, s59_who_stops_at_once);
	ADD_TABLE(tc, s50_window_table, windows);
	tcase_add_loop_test(tc, s50_window_agrees_with_its_definition, 0, 14);
	tcase_add_test(tc, s85_window_resized_keeps_the_newest);
	ADD_TABLE(tc, s122_backoff_table, delays);
	tcase_add_test(tc, s122_jitter_lengthens_up_to_its_part_and_not_beyond_max);
	tcase_add_loop_test(tc, timers_agree_with_a_list, 0, 5);
	tcase_add_test(tc, index_finds_what_was_put_and_nothing_else);
	ADD_TABLE(tc, s3_validation_table, specs);
	tcase_add_test(tc, s2_enums_out_of_range_are_refused);
	tcase_add_test(tc, s113_placement_is_validated);
	tcase_add_test(tc, s21_start_order_is_that_of_the_tree);
	tcase_add_test(tc, nesting_is_bounded);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(core_suite());
}
