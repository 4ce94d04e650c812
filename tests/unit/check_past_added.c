/* What the journal tells of what was done by hand: children added, deleted, terminated; nodes that are forbidden. */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "journal/past.h"
#include "unit.h"

static struct past past;

static void
setup(void)
{
	past_init(&past);
}

static void
teardown(void)
{
	past_release(&past);
}

static int
fold(const char *line)
{
	return past_fold(&past, line, strlen(line));
}

/* Out as a snapshot, and in again. */
static void
pass_on(void)
{
	struct buf b = BUF_INIT(0);
	const char *p, *end;

	past_encode(&past, &b);
	past_release(&past);
	past_init(&past);
	for (p = b.data; p != NULL && (end = strchr(p, '\n')) != NULL; p = end + 1)
		ck_assert_msg(past_fold(&past, p, (size_t)(end - p)) == 0, "%.*s", (int)(end - p), p);
	buf_release(&b);
}

static const struct past_added *
added(const char *path)
{
	return strmap_find(&past.added, path);
}

START_TEST(an_addition)
{
	const struct past_added *a;

	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":1,\"child\":\"s/x\",\"spec\":\"child x { command = \\\"a\\\" }\",\"seq\":3,\"by\":0}"), 0);
	pass_on();
	a = added("s/x");
	ck_assert_ptr_nonnull(a);
	ck_assert_str_eq(a->child, "s/x");
	ck_assert_str_eq(a->spec, "child x { command = \"a\" }");
	ck_assert_uint_eq(a->seq, 3);
	/* Removed and added anew: the newest word counts. */
	ck_assert_int_eq(fold("{\"type\":\"removed\",\"t\":2,\"child\":\"s/x\"}"), 0);
	ck_assert_ptr_null(added("s/x"));
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":3,\"child\":\"s/x\",\"spec\":\"child x { }\",\"seq\":4}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":3,\"child\":\"s/x\",\"spec\":\"child x { }\",\"seq\":5}"), 0);
	pass_on();
	ck_assert_uint_eq(past.added.n, 1);
	ck_assert_uint_eq(added("s/x")->seq, 5);
	ck_assert_uint_eq(past.deleted.n, 0);
}
END_TEST

START_TEST(an_instance)
{
	const struct past_added *a;
	const struct past_number *n;

	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":1,\"child\":\"a/pool/w:12\",\"args\":[\"\",\"two words\", \"\\\"\\\\\\u00e9\\t,[]\"],\"seq\":1}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":1,\"child\":\"a/pool/w:7\",\"args\":[ ],\"seq\":2}"), 0);
	pass_on();
	a = added("a/pool/w:12");
	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_null(a->spec);
	ck_assert_uint_eq(a->args.n, 3);
	ck_assert_str_eq(a->args.v[0], "");
	ck_assert_str_eq(a->args.v[1], "two words");
	ck_assert_str_eq(a->args.v[2], "\"\\\xc3\xa9\t,[]");
	ck_assert_uint_eq(added("a/pool/w:7")->args.n, 0);
	/* The number goes on, whatever becomes of the instances. */
	ck_assert_int_eq(fold("{\"type\":\"removed\",\"t\":2,\"child\":\"a/pool/w:12\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"t\":3,\"event\":\"end\"}"), 0);
	pass_on();
	n = strmap_find(&past.numbers, "a/pool");
	ck_assert_ptr_nonnull(n);
	ck_assert_uint_eq(n->last, 12);
	ck_assert_uint_eq(past.added.n, 0);
}
END_TEST

/* One that was ordered, and cut short by a crash, has used its number; but not one's own sibling's order. */
START_TEST(an_ordered_instance)
{
	const struct past_number *n;

	ck_assert_int_eq(fold("{\"type\":\"order\",\"t\":1,\"order\":\"start_child\",\"child\":\"pool/w:3\",\"by\":0}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"order\",\"t\":1,\"order\":\"add\",\"child\":\"pool/w:4\",\"by\":0}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"order\",\"t\":1,\"order\":\"stop\",\"child\":\"pool/w:9\",\"by\":0}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"order\",\"t\":1,\"order\":\"shutdown\",\"by\":0}"), 0);
	pass_on();
	n = strmap_find(&past.numbers, "pool");
	ck_assert_ptr_nonnull(n);
	ck_assert_uint_eq(n->last, 4);
}
END_TEST

/* A child of the configuration that was deleted, whose path an addition took. */
START_TEST(a_deletion)
{
	ck_assert_int_eq(fold("{\"type\":\"removed\",\"t\":1,\"child\":\"s/a\",\"listed\":true,\"by\":0}"), 0);
	pass_on();
	ck_assert_ptr_nonnull(strmap_find(&past.deleted, "s/a"));
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":2,\"child\":\"s/a\",\"spec\":\"child a { }\",\"seq\":1}"), 0);
	pass_on();
	ck_assert_ptr_nonnull(strmap_find(&past.deleted, "s/a"));
	ck_assert_ptr_nonnull(added("s/a"));
	ck_assert_int_eq(fold("{\"type\":\"removed\",\"t\":3,\"child\":\"s/a\"}"), 0);
	ck_assert_ptr_null(added("s/a"));
	ck_assert_ptr_nonnull(strmap_find(&past.deleted, "s/a"));
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":4,\"child\":\"s/a\",\"listed\":true}"), 0);
	ck_assert_uint_eq(past.deleted.n, 0);
	ck_assert_uint_eq(past.added.n, 0);
}
END_TEST

/* After an ordered end there is what the configuration says; after a crash there is not. */
START_TEST(an_ordered_end)
{
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":1,\"child\":\"x\",\"spec\":\"child x { }\",\"seq\":1}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"removed\",\"t\":1,\"child\":\"y\",\"listed\":true}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"t\":2,\"event\":\"begin\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"t\":2,\"event\":\"ready\"}"), 0);
	ck_assert_uint_eq(past.added.n, 1);
	ck_assert_uint_eq(past.deleted.n, 1);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"t\":3,\"event\":\"end\"}"), 0);
	ck_assert_uint_eq(past.added.n, 0);
	ck_assert_uint_eq(past.deleted.n, 0);
}
END_TEST

START_TEST(wishes_and_terminations)
{
	ck_assert_int_eq(fold("{\"type\":\"wish\",\"t\":1,\"child\":\"x\",\"stopped\":true}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"terminated\",\"t\":2,\"child\":\"x\",\"by\":0}"), 0);
	pass_on();
	ck_assert(past_child(&past, "x")->stopped);
	ck_assert(past_child(&past, "x")->terminated);
	ck_assert_int_eq(fold("{\"type\":\"start\",\"t\":3,\"child\":\"x\",\"token\":9,\"node\":\"local\",\"start_type\":\"normal\"}"), 0);
	ck_assert(!past_child(&past, "x")->terminated);
	pass_on();
	ck_assert(!past_child(&past, "x")->terminated);
	/* A new child of that path has no wish against it; a snapshot is not news. */
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":4,\"child\":\"x\",\"spec\":\"child x { }\",\"seq\":1}"), 0);
	ck_assert(!past_child(&past, "x")->stopped);
	ck_assert_int_eq(fold("{\"type\":\"wish\",\"t\":5,\"child\":\"x\",\"stopped\":true}"), 0);
	pass_on();
	ck_assert(past_child(&past, "x")->stopped);
}
END_TEST

static bool
is_forbidden(const char *key)
{
	return strmap_find(&past.forbidden, key) != NULL;
}

START_TEST(s118_what_is_forbidden_holds)
{
	const struct past_forbidden *f;

	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":1,\"node\":\"box2\",\"permitted\":false,\"by\":0}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":1,\"node\":\"box2\",\"child\":\"s/x\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":1,\"node\":\"box3\",\"child\":\"s/x\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":1,\"node\":\"box3\",\"child\":\"s/x\",\"permitted\":false}"), 0);
	pass_on();
	ck_assert_uint_eq(past.forbidden.n, 3);
	f = strmap_find(&past.forbidden, "box2/s/x");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->node, "box2");
	ck_assert_str_eq(f->child, "s/x");
	f = strmap_find(&past.forbidden, "box2/");
	ck_assert_ptr_nonnull(f);
	ck_assert_str_eq(f->child, "");
	/* The newest word counts, of each by itself; an ordered end changes nothing. */
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":2,\"node\":\"box3\",\"child\":\"s/x\",\"permitted\":true}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":2,\"node\":\"box4\",\"permitted\":true}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"daemon\",\"t\":2,\"event\":\"end\"}"), 0);
	pass_on();
	ck_assert_uint_eq(past.forbidden.n, 2);
	ck_assert(is_forbidden("box2/") && is_forbidden("box2/s/x"));
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"t\":2,\"node\":\"box2\",\"permitted\":true}"), 0);
	pass_on();
	ck_assert(!is_forbidden("box2/") && is_forbidden("box2/s/x"));
}
END_TEST

START_TEST(s118_of_a_new_child_nothing_is_forbidden)
{
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"node\":\"a\",\"child\":\"s/x\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"node\":\"b\",\"child\":\"s/x\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"node\":\"b\",\"child\":\"s/x/y\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"node\":\"b\",\"child\":\"s/xy\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"permit\",\"node\":\"b\",\"permitted\":false}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"added\",\"t\":3,\"child\":\"s/x\",\"spec\":\"child x { }\",\"seq\":4}"), 0);
	ck_assert_uint_eq(past.forbidden.n, 2);
	ck_assert(is_forbidden("b/s/xy") && is_forbidden("b/"));
}
END_TEST

/* It has no start record. */
START_TEST(a_supervisor_that_was_terminated_is_up_again)
{
	ck_assert_int_eq(fold("{\"type\":\"terminated\",\"t\":1,\"child\":\"s\",\"by\":0}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"report\",\"t\":2,\"child\":\"s\",\"report\":\"shutdown\"}"), 0);
	ck_assert(past_child(&past, "s")->terminated);
	ck_assert_int_eq(fold("{\"type\":\"report\",\"t\":2,\"child\":\"\",\"report\":\"progress\"}"), 0);
	ck_assert_int_eq(fold("{\"type\":\"report\",\"t\":3,\"child\":\"s\",\"report\":\"progress\"}"), 0);
	ck_assert(!past_child(&past, "s")->terminated);
}
END_TEST

/* Who was told to end has not ended for good (S34): it was to come back with its group. */
START_TEST(an_end_that_was_told)
{
	static const char start[] = "{\"type\":\"start\",\"t\":1,\"child\":\"x\",\"token\":9,\"node\":\"local\",\"start_type\":\"normal\"}";

	ck_assert_int_eq(fold(start), 0);
	ck_assert_int_eq(fold("{\"type\":\"exit\",\"t\":2,\"child\":\"x\",\"token\":9,\"reason\":\"shutdown\",\"told\":true}"), 0);
	pass_on();
	ck_assert(past_child(&past, "x")->ended_token == 9 && !past_child(&past, "x")->ended_normal);
	ck_assert_int_eq(fold("{\"type\":\"exit\",\"t\":3,\"child\":\"x\",\"token\":10,\"reason\":\"shutdown\"}"), 0);
	pass_on();
	ck_assert(past_child(&past, "x")->ended_token == 10 && past_child(&past, "x")->ended_normal);
}
END_TEST

static const char *const garbage[] = {
	"{\"type\":\"permit\",\"permitted\":false}",
	"{\"type\":\"permit\",\"node\":\"\",\"permitted\":false}",
	"{\"type\":\"permit\",\"node\":\"a\"}",
	"{\"type\":\"permit\",\"node\":\"a\",\"permitted\":\"false\"}",
	"{\"type\":\"permit\",\"node\":\"a\",\"child\":\"\",\"permitted\":false}",
	"{\"type\":\"permit\",\"node\":\"a\",\"child\":7,\"permitted\":false}",
	"{\"type\":\"permit\",\"node\":1,\"permitted\":false}",
	"{\"type\":\"added\",\"t\":1,\"seq\":1}",
	"{\"type\":\"added\",\"child\":\"\",\"spec\":\"x\"}",
	"{\"type\":\"added\",\"child\":\"x\"}",
	"{\"type\":\"added\",\"child\":\"x\",\"spec\":7}",
	"{\"type\":\"added\",\"child\":\"x\",\"args\":[1]}",
	"{\"type\":\"added\",\"child\":\"x\",\"args\":[[\"a\"],{}]}",
	"{\"type\":\"added\",\"child\":\"x\",\"args\":[null]}",
	"{\"type\":\"added\",\"child\":\"x\",\"spec\":\"y\",\"seq\":\"z\"}",
	"{\"type\":\"added\",\"child\":\"x\",\"listed\":1}",
	"{\"type\":\"removed\"}",
	"{\"type\":\"removed\",\"child\":\"x\",\"listed\":\"yes\"}",
	"{\"type\":\"terminated\"}",
	"{\"type\":\"snapshot_number\",\"child\":\"x\"}",
	"{\"type\":\"snapshot_number\",\"last\":3}",
};

START_TEST(garbage_is_no_record)
{
	ck_assert_msg(fold(garbage[_i]) == -1, "%s", garbage[_i]);
	ck_assert_uint_eq(past.added.n, 0);
	ck_assert_uint_eq(past.deleted.n, 0);
	ck_assert_uint_eq(past.forbidden.n, 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("past");
	TCase *t = tcase_create("added");

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_addition);
	tcase_add_test(t, an_instance);
	tcase_add_test(t, an_ordered_instance);
	tcase_add_test(t, a_deletion);
	tcase_add_test(t, an_ordered_end);
	tcase_add_test(t, wishes_and_terminations);
	tcase_add_test(t, s118_what_is_forbidden_holds);
	tcase_add_test(t, s118_of_a_new_child_nothing_is_forbidden);
	tcase_add_test(t, a_supervisor_that_was_terminated_is_up_again);
	tcase_add_test(t, an_end_that_was_told);
	tcase_add_loop_test(t, garbage_is_no_record, 0, (int)ARRAY_LEN(garbage));
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
