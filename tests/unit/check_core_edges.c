/*
 * The core at its edges: callers that do not drain, commands for nobody, hashes that
 * are equal, numbers that are used up, values that no configuration has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "core/backoff.h"
#include "core/index.h"
#include "core/reason.h"
#include "core/tree.h"
#include "core/validate.h"
#include "core_script.h"
#include "unit.h"

static struct specs *all;
static struct sup_spec root;
static struct tree *t;
static mono_t now;

static void
make(const char *text)
{
	all = specs_parse(text, &root);
	t = tree_new(&root, 1, 1, NULL);
	ck_assert_ptr_nonnull(t);
	now = MONO_ZERO;
}

static void
done(void)
{
	tree_free(t);
	specs_free(all);
}

static unsigned
drain(struct tree_action *last)
{
	struct tree_action a;
	unsigned n = 0;

	for (; tree_next_action(t, &a); n++) {
		if (last != NULL)
			*last = a;
	}
	return n;
}

static void
event(enum tree_event_type type, child_handle child, uint64_t token, enum reason_kind kind)
{
	struct tree_event ev = { .type = type, .child = child, .token = token, .reason = { .kind = kind } };

	tree_event(t, &ev, now);
}

static enum tree_result
command(enum tree_command_type type, child_handle child, const struct child_spec *spec, uint64_t cookie)
{
	struct tree_command cmd = { .type = type, .child = child, .spec = spec, .cookie = cookie };

	return tree_command(t, &cmd, now, NULL);
}

static struct child_view
view(child_handle h)
{
	struct child_view v;

	ck_assert(tree_view(t, h, &v));
	return v;
}

/* Many exits, and only then a look at what is to be done. */
START_TEST(a_caller_who_does_not_drain_loses_nothing)
{
	enum { N = 400 };
	char text[N * 6 + 32] = "one_for_one(";
	unsigned starts = 0, i;
	struct tree_action a;

	for (i = 0; i < N; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "w%u ", i);
	strncat(text, ")", 2);
	make(text);
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	drain(NULL);
	for (i = 1; i <= N; i++)
		event(TREE_EXITED, 0, view(i).token, REASON_KILLED);
	while (tree_next_action(t, &a))
		starts += a.type == TREE_ACT_START;
	ck_assert_uint_eq(starts, N);
	done();
}
END_TEST

START_TEST(s74_each_of_many_commands_is_answered)
{
	enum { N = 100 };
	unsigned answers = 0, i;
	struct tree_action a;

	make("one_for_one(a[notify] b)");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	for (i = 1; i <= N; i++) {
		ck_assert_int_eq(command(CMD_START, 1, NULL, i), RESULT_OK);
		ck_assert_int_eq(command(CMD_DELETE_CHILD, 2, NULL, N + i), RESULT_OK);
	}
	drain(NULL);
	event(TREE_STARTED, 0, view(1).token, REASON_NONE);
	while (tree_next_action(t, &a)) {
		answers += a.type == TREE_ACT_REPLY;
		if (a.type == TREE_ACT_START)
			event(TREE_STARTED, 0, a.token, REASON_NONE);
	}
	ck_assert_uint_eq(answers, 2 * N);
	done();
}
END_TEST

START_TEST(s74_no_cookie_no_answer)
{
	struct tree_action a = { .type = TREE_ACT_START };

	make("one_for_one(a)");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	drain(NULL);
	event(TREE_STARTED, 0, view(1).token, REASON_NONE);
	drain(NULL);
	ck_assert_int_eq(command(CMD_START, 1, NULL, 0), RESULT_OK);
	ck_assert_uint_eq(drain(NULL), 0);
	ck_assert_int_eq(command(CMD_STOP, 1, NULL, 0), RESULT_OK);
	ck_assert_uint_eq(drain(&a), 1);
	ck_assert_int_eq(a.type, TREE_ACT_SIGNAL);
	done();
}
END_TEST

/* What is asked before the first look at the actions: the walk has not begun. */
START_TEST(s74_commands_before_the_first_step)
{
	struct tree_action a;
	unsigned starts = 0;

	make("one_for_one(a b)");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	ck_assert_int_eq(command(CMD_START, 1, NULL, 1), RESULT_OK);
	ck_assert_int_eq(command(CMD_START, 2, NULL, 2), RESULT_OK);
	while (tree_next_action(t, &a))
		starts += a.type == TREE_ACT_START;
	ck_assert_uint_eq(starts, 2);
	ck_assert_uint_eq(view(1).starts, 1);
	done();
	make("one_for_one()");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	ck_assert_int_eq(command(CMD_ADD, TREE_ROOT, specs_child(all, "c"), 1), RESULT_OK);
	drain(NULL);
	ck_assert_uint_eq(view(1).starts, 1);
	ck_assert_uint_eq(tree_births(t), 2);
	done();
	/* A whole life before the first step. */
	make("one_for_all()");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	ck_assert_int_eq(command(CMD_ADD, TREE_ROOT, specs_child(all, "c"), 1), RESULT_OK);
	event(TREE_STARTED, 0, view(1).token, REASON_NONE);
	event(TREE_EXITED, 0, view(1).token, REASON_KILLED);
	drain(NULL);
	ck_assert_uint_eq(view(1).starts, 2);
	done();
}
END_TEST

START_TEST(s78_commands_on_the_root_and_on_nobody)
{
	struct tree_action a = { .type = TREE_ACT_START };
	struct tree_command cmd = { .type = CMD_ADD, .child = TREE_ROOT, .cookie = 9 };
	child_handle added = CHILD_NONE;

	make("one_for_one(a)");
	ck_assert_int_eq(command(CMD_START, TREE_ROOT, NULL, 1), RESULT_NOPROC);
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	event(TREE_BEGIN, 0, 0, REASON_NONE); /* once is enough */
	ck_assert_uint_eq(drain(NULL), 2);
	ck_assert_int_eq(command(CMD_START, TREE_ROOT, NULL, 1), RESULT_OK);
	ck_assert_uint_eq(drain(&a), 1);
	ck_assert_int_eq(a.result, RESULT_OK);
	ck_assert_int_eq(command(CMD_RESTART, TREE_ROOT, NULL, 1), RESULT_RUNNING);
	ck_assert_int_eq(command(CMD_REMOVE, TREE_ROOT, NULL, 1), RESULT_NOT_FOUND);
	ck_assert_int_eq(command(CMD_STOP, 999999, NULL, 1), RESULT_NOT_FOUND);
	ck_assert_int_eq(command(CMD_STOP, 2, NULL, 1), RESULT_NOT_FOUND); /* a handle that nobody has had */
	cmd.spec = specs_child(all, "b[stopped]");
	ck_assert_int_eq(tree_command(t, &cmd, now, &added), RESULT_OK);
	ck_assert_int_eq(view(added).state, CHILD_UNDEFINED);
	ck_assert_int_eq(command(CMD_REMOVE, added, NULL, 0), RESULT_OK);
	ck_assert_int_eq(command(CMD_STOP, added, NULL, 1), RESULT_NOT_FOUND);
	ck_assert_int_eq(command(CMD_STOP, TREE_ROOT, NULL, 1), RESULT_OK);
	ck_assert_int_eq(command(CMD_CHANGE, 1, specs_child(all, "a"), 1), RESULT_NOPROC);
	drain(NULL);
	event(TREE_EXITED, 0, view(1).token, REASON_SHUTDOWN);
	drain(NULL);
	ck_assert_int_eq(command(CMD_START, 1, NULL, 1), RESULT_NOPROC);
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	ck_assert_uint_eq(drain(NULL), 0);
	done();
}
END_TEST

START_TEST(s76_a_start_child_says_who_came)
{
	struct tree_command cmd = { .type = CMD_START_CHILD, .child = TREE_ROOT, .cookie = 9 };
	child_handle added = 77;

	make("one_for_one(a)");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	drain(NULL);
	cmd.spec = specs_child(all, "b");
	ck_assert_int_eq(tree_command(t, &cmd, now, &added), RESULT_OK);
	ck_assert_uint_eq(added, 2);
	drain(NULL);
	event(TREE_STARTED, 0, view(2).token, REASON_NONE);
	drain(NULL);
	ck_assert_int_eq(tree_command(t, &cmd, now, &added), RESULT_ALREADY_STARTED);
	ck_assert_uint_eq(added, CHILD_NONE);
	done();
}
END_TEST

START_TEST(s85_changes_that_are_refused)
{
	struct sup_spec bad = { .strategy = (enum strategy)9 };
	struct child_spec spec = { .id = "", .type = CHILD_SUPERVISOR };

	make("one_for_one(a n:one_for_one())");
	ck_assert_int_eq(command(CMD_CHANGE, TREE_ROOT, NULL, 1), RESULT_INVALID);
	ck_assert_int_eq(command(CMD_CHANGE, TREE_ROOT, &spec, 1), RESULT_INVALID);
	spec.sup = &bad;
	ck_assert_int_eq(command(CMD_CHANGE, TREE_ROOT, &spec, 1), RESULT_INVALID);
	ck_assert_int_eq(command(CMD_CHANGE, 1, specs_child(all, "a[ms=-3]"), 1), RESULT_INVALID);
	ck_assert_int_eq(command(CMD_CHANGE, 1, specs_child(all, "x"), 1), RESULT_INVALID);
	done();
}
END_TEST

START_TEST(adoptions_of_nobody)
{
	make("one_for_one(a n:one_for_one(x))");
	event(TREE_ADOPTED, 999999, 5, REASON_NONE);
	event(TREE_ADOPTED, TREE_ROOT, 5, REASON_NONE);
	event(TREE_ADOPTED, 2, 5, REASON_NONE); /* a supervisor */
	event(TREE_ADOPTED, 4, 5, REASON_NONE); /* nobody has had it */
	ck_assert_uint_eq(drain(NULL), 0);
	ck_assert_int_eq(command(CMD_REMOVE, 1, NULL, 0), RESULT_OK);
	event(TREE_ADOPTED, 1, 5, REASON_NONE);
	ck_assert_uint_eq(drain(NULL), 0);
	/* Removed, and not yet told. */
	ck_assert_int_eq(command(CMD_REMOVE, 2, NULL, 1), RESULT_OK);
	event(TREE_ADOPTED, 3, 5, REASON_NONE);
	ck_assert_uint_eq(drain(NULL), 1);
	done();
	make("one_for_one(a n:one_for_one(x))");
	event(TREE_ADOPTED, 3, 6, REASON_NONE);
	event(TREE_ADOPTED, 3, 6, REASON_NONE); /* the same once more */
	ck_assert_uint_eq(drain(NULL), 0);
	ck_assert_uint_eq(view(3).starts, 1);
	done();
}
END_TEST

/* Tokens of two epochs with the same number: they fall into one bucket. */
START_TEST(tokens_of_two_epochs)
{
	make("one_for_one(a b c)");
	event(TREE_ADOPTED, 1, UINT64_C(1) << 32 | 5, REASON_NONE);
	event(TREE_ADOPTED, 2, UINT64_C(2) << 32 | 5, REASON_NONE);
	event(TREE_ADOPTED, 3, UINT64_C(3) << 32 | 5, REASON_NONE);
	ck_assert_uint_eq(tree_by_token(t, UINT64_C(1) << 32 | 5), 1);
	ck_assert_uint_eq(tree_by_token(t, UINT64_C(2) << 32 | 5), 2);
	ck_assert_uint_eq(tree_by_token(t, UINT64_C(4) << 32 | 5), CHILD_NONE);
	event(TREE_EXITED, 0, UINT64_C(1) << 32 | 5, REASON_KILLED);
	ck_assert_uint_eq(tree_by_token(t, UINT64_C(1) << 32 | 5), CHILD_NONE);
	ck_assert_uint_eq(tree_by_token(t, UINT64_C(2) << 32 | 5), 2);
	done();
}
END_TEST

struct hashed {
	uint32_t hash;
	unsigned sup, n;
};

static int
compare_hashes(const void *a, const void *b)
{
	const struct hashed *x = a, *y = b;

	return x->hash < y->hash ? -1 : x->hash > y->hash;
}

/* As child.c has it; if it came to have another one, the pairs below would be no collisions, and coverage would tell. */
static uint32_t
id_hash(child_handle sup, const char *id)
{
	return (uint32_t)hash_u64(hash_bytes(id, strlen(id)) ^ hash_u64(sup));
}

/* Two ids with the same hash, below one supervisor or below two; of the longest names that differ in nothing else. */
static void
collide(unsigned sup_1, unsigned sup_2, char first[16], char second[16])
{
	enum { N = 400000 };
	struct hashed *h = xcalloc(N, sizeof(*h));
	char id[16];
	unsigned i;

	for (i = 0; i < N; i++) {
		snprintf(id, sizeof(id), "w%u", i);
		h[i] = (struct hashed){ 0, i % 2 == 0 ? sup_1 : sup_2, i };
		h[i].hash = id_hash(h[i].sup, id);
	}
	qsort(h, N, sizeof(*h), compare_hashes);
	for (i = 1; i < N; i++) {
		if (h[i].hash == h[i - 1].hash && (sup_1 == sup_2 || h[i].sup != h[i - 1].sup))
			break;
	}
	ck_assert_uint_lt(i, N);
	if (h[i].sup != sup_1 || (sup_1 == sup_2 && h[i].n > h[i - 1].n)) {
		snprintf(first, 16, "w%u", h[i - 1].n);
		snprintf(second, 16, "w%u", h[i].n);
	} else {
		snprintf(first, 16, "w%u", h[i].n);
		snprintf(second, 16, "w%u", h[i - 1].n);
	}
	free(h);
}

START_TEST(s7_ids_with_the_same_hash)
{
	char first[16], second[16], text[64];

	collide(TREE_ROOT, TREE_ROOT, first, second);
	snprintf(text, sizeof(text), "one_for_one(%s %s)", first, second);
	make(text);
	ck_assert_uint_eq(tree_find(t, TREE_ROOT, first), 1);
	ck_assert_uint_eq(tree_find(t, TREE_ROOT, second), 2);
	ck_assert_int_eq(command(CMD_REMOVE, 2, NULL, 0), RESULT_OK);
	ck_assert_uint_eq(tree_find(t, TREE_ROOT, first), 1);
	ck_assert_uint_eq(tree_find(t, TREE_ROOT, second), CHILD_NONE);
	done();
	/* Below the root, and below a supervisor that is its first child. */
	collide(TREE_ROOT, 1, first, second);
	snprintf(text, sizeof(text), "one_for_one(n:one_for_one(%s) %s)", second, first);
	make(text);
	ck_assert_uint_eq(tree_find(t, TREE_ROOT, first), 3);
	ck_assert_uint_eq(tree_find(t, 1, second), 2);
	ck_assert_uint_eq(tree_find(t, TREE_ROOT, second), CHILD_NONE);
	done();
}
END_TEST

START_TEST(index_of_one_bucket)
{
	struct index ix = INDEX_INIT;
	uint32_t cap;

	index_reserve(&ix, 4);
	cap = ix.cap;
	/* Equal hashes around one that only falls into the same bucket. */
	index_put(&ix, 1, 0);
	index_put(&ix, 1 + cap, 1);
	index_put(&ix, 1, 2);
	ck_assert_uint_eq(index_first(&ix, 1), 2);
	ck_assert_uint_eq(index_next(&ix, 2), 0);
	ck_assert_uint_eq(index_next(&ix, 0), INDEX_END);
	ck_assert_uint_eq(index_first(&ix, 1 + cap), 1);
	ck_assert_uint_eq(index_next(&ix, 1), INDEX_END);
	index_release(&ix);
}
END_TEST

/* After 2^32 children of one supervisor the numbers of their places begin anew. */
START_TEST(s80_places_are_numbered_anew)
{
	child_handle h, last = 0;

	make("one_for_one(a b c)");
	event(TREE_BEGIN, 0, 0, REASON_NONE);
	drain(NULL);
	child_of(t, TREE_ROOT)->sup->next_ord = NONE - 1;
	ck_assert_int_eq(command(CMD_ADD, TREE_ROOT, specs_child(all, "d"), 0), RESULT_OK);
	ck_assert_int_eq(command(CMD_ADD, TREE_ROOT, specs_child(all, "e"), 0), RESULT_OK);
	drain(NULL);
	for (h = tree_first(t, TREE_ROOT); h != CHILD_NONE; last = h, h = tree_next(t, h))
		ck_assert_uint_eq(h, last + 1);
	ck_assert_uint_eq(last, 5);
	ck_assert(tree_is_before(t, 4, 5) && tree_is_before(t, 3, 4));
	done();
}
END_TEST

START_TEST(views_of_nobody)
{
	struct child_view v;

	make("one_for_one(a n:one_for_one(x))");
	ck_assert(!tree_view(t, 999999, &v));
	ck_assert(!tree_view(t, 4, &v));
	ck_assert_uint_eq(tree_first(t, 999999), CHILD_NONE);
	ck_assert_uint_eq(tree_first(t, 1), CHILD_NONE); /* a worker */
	ck_assert_uint_eq(tree_next(t, 999999), CHILD_NONE);
	ck_assert_int_eq(command(CMD_REMOVE, 2, NULL, 0), RESULT_OK);
	/* Removed ones can be looked at until the next call, but are in no list. */
	ck_assert(tree_view(t, 2, &v));
	ck_assert_uint_eq(tree_first(t, 2), CHILD_NONE);
	ck_assert_uint_eq(tree_next(t, 2), CHILD_NONE);
	drain(NULL);
	event(TREE_TIMER, 0, 0, REASON_NONE);
	ck_assert(!tree_view(t, 2, &v));
	ck_assert_str_eq(child_state_name((enum child_state)99), "unknown");
	ck_assert_str_eq(tree_report_name((enum tree_report)99), "unknown");
	ck_assert_str_eq(start_step_name((enum start_step)99), "unknown");
	done();
}
END_TEST

/* Values that no configuration has: what is done to one that is right, and how it is refused. */
static const struct {
	struct sup_spec sup;
	struct child_spec child;
	const char *message;
} wrong[] = {
	{ { .auto_shutdown = (enum auto_shutdown)9 }, { .id = "a" }, "invalid_auto_shutdown" },
	{ { .cool_down_us = -1 }, { .id = "a" }, "invalid_cool_down" },
	{ { 0 }, { .id = "a", .backoff = { true, true, -1, 5, 2, 0, 0 } }, "a: invalid_backoff: must be" },
	{ { 0 }, { .id = "a", .backoff = { true, true, 1, 5, 2, 0, -1 } }, "a: invalid_backoff: must be" },
	{ { 0 }, { .id = "a", .backoff = { true, true, 1, 5, 0, 0, 0 } }, "a: invalid_backoff: factor" },
	{ { 0 }, { .id = "a", .type = (enum child_type)9 }, "a: invalid_child_type" },
	{ { 0 }, { .id = "a", .stop_signal = -1 }, "a: invalid_stop_signal" },
	{ { 0 }, { .id = "a", .ready = (enum ready_kind)9 }, "a: invalid_ready" },
	{ { 0 }, { .id = "a", .start_timeout_us = -1 }, "a: invalid_start_timeout" },
	{ { 0 }, { .id = NULL }, "missing_id" },
};

START_TEST(s3_values_that_no_configuration_has)
{
	const struct child_spec *list[] = { &wrong[_i].child };
	struct sup_spec sup = wrong[_i].sup;
	struct err err = ERR_INIT;

	sup.intensity = INTENSITY_INFINITY;
	sup.children = list;
	sup.n_children = 1;
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_msg(strncmp(err.msg, wrong[_i].message, strlen(wrong[_i].message)) == 0, "%s", err.msg);
}
END_TEST

START_TEST(s3_the_first_error_is_told)
{
	const struct child_spec a = { .id = "a" }, *list[] = { &a, &a, NULL };
	struct sup_spec sup = { .intensity = INTENSITY_INFINITY, .children = list, .n_children = 3 };
	struct err err = ERR_INIT;

	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "a: duplicate_child_name");
	list[1] = NULL;
	ck_assert_int_eq(validate_sup(&sup, 0, &err), -1);
	ck_assert_str_eq(err.msg, "missing_id");
}
END_TEST

START_TEST(s122_delays_at_the_edges)
{
	struct backoff_spec b = { true, false, 5, INT64_MAX, 2, UINT32_MAX, 0 };

	ck_assert_int_eq(backoff_delay(&b, 0, 1), 0); /* nothing has failed */
	b.min_us = INT64_MAX / 2;
	b.jitter_permille = 4000000000u;
	ck_assert_int_ge(backoff_delay(&b, 1, UINT64_MAX), b.min_us);
	/* A minimum that is the maximum needs no doubling. */
	b = (struct backoff_spec){ true, false, 7, 7, 2, 0, 0 };
	ck_assert_int_eq(backoff_delay(&b, 5, 1), 7);
	/* A span that does not overflow, though delay * permille does. */
	b = (struct backoff_spec){ true, false, INT64_MAX / 500, INT64_MAX, 2, 1000, 0 };
	ck_assert_int_ge(backoff_delay(&b, 1, 12345), b.min_us);
}
END_TEST

static Suite *
core_edges_suite(void)
{
	Suite *s = suite_create("core_edges");
	TCase *tc = tcase_create("edges");

	tcase_add_test(tc, a_caller_who_does_not_drain_loses_nothing);
	tcase_add_test(tc, s74_each_of_many_commands_is_answered);
	tcase_add_test(tc, s74_no_cookie_no_answer);
	tcase_add_test(tc, s74_commands_before_the_first_step);
	tcase_add_test(tc, s78_commands_on_the_root_and_on_nobody);
	tcase_add_test(tc, s76_a_start_child_says_who_came);
	tcase_add_test(tc, s85_changes_that_are_refused);
	tcase_add_test(tc, adoptions_of_nobody);
	tcase_add_test(tc, tokens_of_two_epochs);
	tcase_add_test(tc, s7_ids_with_the_same_hash);
	tcase_add_test(tc, index_of_one_bucket);
	tcase_add_test(tc, s80_places_are_numbered_anew);
	tcase_add_test(tc, views_of_nobody);
	tcase_add_loop_test(tc, s3_values_that_no_configuration_has, 0, (int)ARRAY_LEN(wrong));
	tcase_add_test(tc, s3_the_first_error_is_told);
	tcase_add_test(tc, s122_delays_at_the_edges);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(core_edges_suite());
}
