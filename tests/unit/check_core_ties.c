/* Links and monitors as they are looked at from outside, and as they are made again after a crash (S90-S99). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/tree.h"
#include "core_script.h"
#include "unit.h"

static struct specs *specs;
static struct sup_spec root;
static struct tree *tree;
static struct tree_action last_reply;

static void
drain(void)
{
	struct tree_action a;

	while (tree_next_action(tree, &a)) {
		if (a.type == TREE_ACT_REPLY)
			last_reply = a;
	}
}

/* All of it runs. */
static void
plant(const char *text)
{
	struct child_view v;
	uint32_t h;

	specs = specs_parse(text, &root);
	tree = tree_new(&root, 1, 1, NULL);
	ck_assert_ptr_nonnull(tree);
	tree_event(tree, &(struct tree_event){ .type = TREE_BEGIN }, (mono_t){ 0 });
	drain();
	for (h = 1; h < tree_size(tree); h++) {
		ck_assert(tree_view(tree, h, &v));
		tree_event(tree, &(struct tree_event){ .type = TREE_STARTED, .token = v.token }, (mono_t){ 0 });
		drain();
	}
}

static void
teardown(void)
{
	tree_free(tree);
	specs_free(specs);
	tree = NULL;
}

static child_handle
find(const char *id)
{
	return tree_find(tree, TREE_ROOT, id);
}

static enum tree_result
give(struct tree_command cmd)
{
	enum tree_result result;

	cmd.cookie = 7;
	last_reply = (struct tree_action){ 0 };
	result = tree_command(tree, &cmd, (mono_t){ 0 }, NULL);
	drain();
	return result;
}

/* "other kind ref configured joined", sorted, of all ties of a child. */
static const char *
ties_of(const char *id)
{
	static const char *const kinds[] = { "link", "monitor", "monitored" };
	static char text[512];
	char lines[8][64];
	struct child_view v;
	struct tie_view tie;
	size_t n = 0, i;
	uint32_t e;

	for (e = tie_first(tree, find(id)); tie_view(tree, e, &tie); e = tie_next(tree, e)) {
		ck_assert(n < 8 && tree_view(tree, tie.other, &v));
		ck_assert_uint_eq(tie.other_token, v.token);
		snprintf(lines[n++], sizeof(lines[0]), "%s %s %u%s%s", v.spec->id, kinds[tie.kind], (unsigned)tie.ref,
		    tie.configured ? " configured" : "", tie.joined ? " joined" : "");
	}
	qsort(lines, n, sizeof(lines[0]), (int (*)(const void *, const void *))strcmp);
	text[0] = '\0';
	for (i = 0; i < n; i++) {
		strncat(text, i > 0 ? ", " : "", sizeof(text) - strlen(text) - 1);
		strncat(text, lines[i], sizeof(text) - strlen(text) - 1);
	}
	return text;
}

START_TEST(s90_s99_both_ends_are_seen)
{
	plant("one_for_one(a[link=b] b w[monitor=a] c[stopped])");
	ck_assert_int_eq(give((struct tree_command){ .type = CMD_LINK, .child = find("a"), .peer = find("w") }), RESULT_OK);
	ck_assert_int_eq(give((struct tree_command){ .type = CMD_MONITOR, .child = find("w"), .peer = find("a") }), RESULT_OK);
	ck_assert_uint_eq(last_reply.ref, UINT64_C(1) << 32 | 1);
	ck_assert_str_eq(ties_of("a"), "b link 0 configured joined, w link 0 joined, w monitored 0 configured joined, "
	    "w monitored 1 joined");
	ck_assert_str_eq(ties_of("w"), "a link 0 joined, a monitor 0 configured joined, a monitor 1 joined");
	ck_assert_str_eq(ties_of("c"), "");
	ck_assert_int_eq(give((struct tree_command){ .type = CMD_UNLINK, .child = find("b"), .peer = find("a") }), RESULT_OK);
	ck_assert_str_eq(ties_of("b"), "a link 0 configured");
	ck_assert(!tie_view(tree, tie_first(tree, 99), &(struct tie_view){ 0 }));
	ck_assert(!tie_view(tree, tie_first(tree, tree_size(tree)), &(struct tie_view){ 0 }));
	teardown();
}
END_TEST

/* S99: after a crash of the daemon, a monitor has the ref that its watcher knows; new ones never have it. */
START_TEST(s99_a_monitor_is_made_again)
{
	struct tree_command cmd = { .type = CMD_MONITOR, .ref = UINT64_C(9) << 32 };

	plant("one_for_one(w a)");
	cmd.child = find("w");
	cmd.peer = find("a");
	ck_assert_int_eq(give(cmd), RESULT_OK);
	ck_assert_uint_eq(last_reply.ref, cmd.ref);
	ck_assert_uint_eq(tie_watcher(tree, cmd.ref), find("w"));
	cmd.ref = UINT64_C(1) << 32 | 5; /* from before */
	ck_assert_int_eq(give(cmd), RESULT_OK);
	cmd.ref = 0;
	ck_assert_int_eq(give(cmd), RESULT_OK);
	ck_assert_uint_eq(last_reply.ref, (UINT64_C(9) << 32) + 1);
	/* Who asks for no reply gets none. */
	ck_assert_int_eq(tree_command(tree, &cmd, (mono_t){ 0 }, NULL), RESULT_OK);
	last_reply.ref = 0;
	drain();
	ck_assert_uint_eq(last_reply.ref, 0);
	ck_assert_uint_eq(tie_watcher(tree, 77), CHILD_NONE);
	ck_assert_uint_eq(tie_watcher(tree, 0), CHILD_NONE);
	teardown();
}
END_TEST

/* S91, S95, S99: what cannot be meant is refused, and changes nothing. */
START_TEST(s95_nobody_is_meant)
{
	struct tree_command cmd = { .type = CMD_LINK };

	plant("one_for_one(a b[stopped])");
	cmd.child = find("a");
	cmd.peer = tree_size(tree); /* never was */
	ck_assert_int_eq(give(cmd), RESULT_NOT_FOUND);
	cmd.peer = CHILD_NONE;
	ck_assert_int_eq(give(cmd), RESULT_NOT_FOUND);
	cmd.type = CMD_MONITOR;
	ck_assert_int_eq(give(cmd), RESULT_NOT_FOUND);
	ck_assert_int_eq(give((struct tree_command){ .type = CMD_DEMONITOR }), RESULT_NOT_FOUND);
	/* One that is removed: while its report may still be on its way, and when that has been taken. */
	cmd = (struct tree_command){ .type = CMD_LINK, .child = find("a"), .peer = find("b") };
	ck_assert_int_eq(tree_command(tree, &(struct tree_command){ .type = CMD_REMOVE, .child = cmd.peer, .cookie = 1 },
			     (mono_t){ 0 }, NULL), RESULT_OK);
	ck_assert_int_eq(tree_command(tree, &cmd, (mono_t){ 0 }, NULL), RESULT_NOT_FOUND);
	drain();
	ck_assert_int_eq(give(cmd), RESULT_NOT_FOUND);
	ck_assert_str_eq(ties_of("a"), "");
	teardown();
}
END_TEST

static Suite *
core_ties_suite(void)
{
	Suite *s = suite_create("core_ties");
	TCase *tc = tcase_create("ties");

	tcase_add_test(tc, s90_s99_both_ends_are_seen);
	tcase_add_test(tc, s99_a_monitor_is_made_again);
	tcase_add_test(tc, s95_nobody_is_meant);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(core_ties_suite());
}
