/*
 * Children as a text of their own: what may stand there and what not (S77, S84), by
 * supervisor(3)'s names; and how one is shown again, which parses to the same.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "conf/config.h"
#include "unit.h"

static const char file[] = "supervisor sup { auto_shutdown = any_significant restart = transient\n"
			   "  child a { command = \"a\" restart = transient significant = yes } }\n"
			   "supervisor pool { strategy = simple_one_for_one child w { command = \"w\" } }\n";

static struct config *
parse_file(void)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_parse("file", file, sizeof(file) - 1, &errors);

	ck_assert_msg(c != NULL, "%s", errors.text.data);
	buf_release(&errors.text);
	return c;
}

static struct config *
parse_children(const struct config *c, const char *sup, const char *text, struct config_errors *errors)
{
	const struct child_spec *spec = sup[0] != '\0' ? config_find(c, sup) : NULL;
	const struct config_place place = { c, spec != NULL ? spec->sup : &c->root, sup };

	return config_parse_children("text", text, strlen(text), &place, errors);
}

static const struct {
	const char *sup, *text, *otp, *part;
} wrong[] = {
	{ "", "child x { }", "missing_start", "text:1:1: this child has no 'command'" },
	{ "", "child { command = \"a\" }", "missing_id", "has no name" },
	{ "", "child -x { command = \"a\" }", "invalid_id", "cannot be a name" },
	{ "", "child x { command = \"\" }", "invalid_start", "command" },
	{ "", "child x { command = \"a\" } child x { command = \"b\" }", "duplicate_child_name", "is taken" },
	{ "", "child x { command = \"a\"\n restart = sometimes }", "invalid_restart_type", "text:2:12:" },
	{ "", "child x { command = \"a\" shutdown = -1 }", "invalid_shutdown", "shutdown" },
	{ "", "child x { command = \"a\" significant = maybe }", "invalid_significant", "significant" },
	{ "", "child x { command = \"a\" significant = yes }", "bad_combination", "permanent child" },
	{ "", "child x { command = \"a\" restart = transient significant = yes }", "bad_combination", "auto_shutdown" },
	{ "", "supervisor x { strategy = one_for_some }", "invalid_strategy", "did you mean" },
	{ "", "supervisor x { intensity = -1 }", "invalid_intensity", "intensity" },
	{ "", "supervisor x { period = 0s }", "invalid_period", "period" },
	{ "", "supervisor x { auto_shutdown = often }", "invalid_auto_shutdown", "auto_shutdown" },
	{ "", "supervisor x { strategy = simple_one_for_one }", "bad_start_spec", "one 'child' here, not 0" },
	{ "", "child recorder { command = \"a\" }", NULL, "kept for trapexit" },
	{ "", "journal { }", "invalid_child_type", "'journal' is no child, expected child NAME" },
	{ "", "chld x { command = \"a\" }", "invalid_child_type", "did you mean 'child'?" },
	{ "", "child = 5", "invalid_child_type", "'child' is no child" },
	{ "", "node box { ssh = \"box\" }", "invalid_child_type", "'node' is no child" },
	{ "", "child x { command = \"a\" nodes = box9 }", NULL, "there is no node 'box9'" },
	{ "", "child x { command = \"a\" colour = red }", NULL, "unknown word 'colour'" },
	{ "", "child x { command =", "invalid_start", "text:1:" },
	{ "", "}", NULL, "text:1:1" },
	{ "", "child x \"\xff\" {", NULL, "text:1:" },
};

START_TEST(wrong_text)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = parse_file();

	ck_assert_msg(parse_children(c, wrong[_i].sup, wrong[_i].text, &errors) == NULL, "%s", wrong[_i].text);
	ck_assert_uint_gt(errors.errors, 0);
	ck_assert_msg(strstr(errors.text.data, wrong[_i].part) != NULL, "%s: %s", wrong[_i].text, errors.text.data);
	ck_assert_pstr_eq(errors.otp, wrong[_i].otp);
	buf_release(&errors.text);
	config_unref(c);
}
END_TEST

static const struct {
	const char *sup, *text;
	unsigned children;
} good[] = {
	{ "", "", 0 },
	{ "", "# nothing\n", 0 },
	{ "", "child x { command = \"a b\" } scraper y { } supervisor z { child x { command = \"c\" } }", 3 },
	{ "", "child x { command = \"a\" instances = 3 nodes = local }", 3 },
	{ "sup", "child recorder { command = \"a\" restart = temporary significant = yes }", 1 },
	{ "pool", "child x { command = \"a\" }", 1 },
};

START_TEST(good_text)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = parse_file(), *children = parse_children(c, good[_i].sup, good[_i].text, &errors);

	/* What was needed of the place is not borrowed. */
	config_unref(c);
	ck_assert_msg(children != NULL, "%s: %s", good[_i].text, errors.text.data);
	ck_assert_uint_eq(children->root.n_children, good[_i].children);
	ck_assert_pstr_eq(errors.otp, NULL);
	config_unref(children);
	buf_release(&errors.text);
}
END_TEST

static const char *const shown[] = {
	"child x { command = {a, \"b  c\", \"\", \"\\\"q'\"} }",
	"child x.y:z-1 { command = \"a\" restart = temporary shutdown = brutal_kill success_codes = {0, 3, 143} "
	"success_signals = {HUP, INT} stop_signal = USR1 ready = notify start_timeout = infinity failover_after = 5 }",
	"child x { command = \"a\" backoff = off environment { A = \"1\" B = \"\" } cwd = \"/tmp\" user = \"u\" group = \"g\" "
	"umask = 027 nice = -3 limit { nofile = 100 } log { size = unlimited keep = 0 } output = observations }",
	"child x { command = \"a\" backoff { min = 1s max = 2s factor = 3 jitter = 2.5% reset_after = 9s first = delayed } }",
	"scraper x { every = 1m options = {--fast} source s { url = \"http://h.example/\" pattern = '<b>(?<price>.*)</b>' } "
	"source t { url = \"http://h.example/t\" every = 2h currency = EUR locale = de-DE product = \"T\" } }",
	"supervisor x { strategy = rest_for_one intensity = 3 period = 9s child a { command = \"a\" instances = 2 } "
	"supervisor b { strategy = simple_one_for_one max_children = 7 child c { command = \"c\" } } }",
};

/* Shown briefly or with everything, it is the same again. */
START_TEST(shown_text)
{
	struct config *c = parse_file(), *first, *again;
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct buf text = BUF_INIT(0), brief = BUF_INIT(0), second = BUF_INIT(0), json = BUF_INIT(0);

	first = parse_children(c, "", shown[_i / 2], &errors);
	ck_assert_msg(first != NULL, "%s", errors.text.data);
	config_print_child(first->root.children[0], false, &brief);
	config_print_child(first->root.children[0], _i % 2, &text);
	again = parse_children(c, "", text.data, &errors);
	ck_assert_msg(again != NULL, "%s\n%s", text.data, errors.text.data);
	config_print_child(again->root.children[0], false, &second);
	ck_assert_str_eq(second.data, brief.data);
	config_json_child(first->root.children[0], &json);
	ck_assert_msg(json_valid(json.data, json.len), "%s", json.data);
	config_unref(first);
	config_unref(again);
	config_unref(c);
	buf_release(&errors.text);
	buf_release(&text);
	buf_release(&brief);
	buf_release(&second);
	buf_release(&json);
}
END_TEST

/* Of several instances each is shown by itself. */
START_TEST(an_instance)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = parse_file(), *children;
	struct buf text = BUF_INIT(0);

	children = parse_children(c, "", "child w { command = \"a\" instances = 3 }", &errors);
	ck_assert_ptr_nonnull(children);
	config_print_child(children->root.children[1], false, &text);
	ck_assert_str_eq(text.data, "child w:2 {\n    command = {a}\n}\n");
	config_unref(children);
	config_unref(c);
	buf_release(&text);
	buf_release(&errors.text);
}
END_TEST

START_TEST(as_json)
{
	struct json_field f[] = { { .name = "id" }, { .name = "type" }, { .name = "section" }, { .name = "command" },
		{ .name = "restart" }, { .name = "shutdown" }, { .name = "significant" }, { .name = "instances" } };
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = parse_file(), *children;
	struct buf json = BUF_INIT(0);

	children = parse_children(c, "", "child w { command = {a, \"b c\"} shutdown = 1500ms }", &errors);
	ck_assert_ptr_nonnull(children);
	config_json_child(children->root.children[0], &json);
	ck_assert_int_eq(json_scan(json.data, json.len, f, ARRAY_LEN(f)), 0);
	ck_assert(json_field_is(&f[0], "w") && json_field_is(&f[1], "worker") && json_field_is(&f[2], "child"));
	ck_assert_int_eq(f[3].kind, JSON_ARRAY);
	ck_assert(strncmp(f[3].p, "[\"a\",\"b c\"]", f[3].len) == 0);
	ck_assert(json_field_is(&f[4], "permanent"));
	ck_assert(json_field_is(&f[5], "1500ms") || json_field_is(&f[5], "1s500ms"));
	ck_assert_int_eq(f[6].kind, JSON_BOOL);
	ck_assert_int_eq(f[7].kind, JSON_ABSENT);
	config_unref(children);
	config_unref(c);
	buf_release(&json);
	buf_release(&errors.text);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("conf");
	TCase *t = tcase_create("children");

	tcase_add_loop_test(t, wrong_text, 0, (int)ARRAY_LEN(wrong));
	tcase_add_loop_test(t, good_text, 0, (int)ARRAY_LEN(good));
	tcase_add_loop_test(t, shown_text, 0, 2 * (int)ARRAY_LEN(shown));
	tcase_add_test(t, an_instance);
	tcase_add_test(t, as_json);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
