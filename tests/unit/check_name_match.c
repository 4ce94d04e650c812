/* Which children an operator means. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "unit.h"
#include "wire/control_msg.h"
#include "wire/name_match.h"

static const struct glob_row {
	const char *glob, *text;
	bool matches;
} glob_rows[] = {
	{ "*", "", true }, { "*", "a/b", true }, { "", "", true }, { "", "a", false }, { "a*", "a", true },
	{ "a*b*c", "aXbYc", true }, { "a*b*c", "aXbY", false }, { "*a*a*a*b", "aaaaaaaaaaaa", false },
	{ "*ab", "aab", true }, { "*aab", "aaab", true }, { "?", "", false }, { "?", "x", true }, { "a?c", "abc", true },
	{ "a?c", "ac", false }, { "worker:[1-3]", "worker:2", true }, { "worker:[1-3]", "worker:4", false },
	{ "[!a]x", "bx", true }, { "[!a]x", "ax", false }, { "[^a]x", "bx", true }, { "[]]", "]", true },
	{ "[a-]", "-", true }, { "[", "[", true }, { "[a", "[a", true }, { "[a", "a", false }, { "[]", "[]", true },
	{ "\\*", "*", true }, { "\\*", "x", false }, { "a\\", "a\\", true }, { "[z-a]", "m", false },
	{ "[a-", "[a-", true }, { "*[", "x[", true },
};

START_TEST(globs)
{
	const struct glob_row *row = &glob_rows[_i];

	ck_assert_msg(name_glob(row->glob, row->text) == row->matches, "%s on %s", row->glob, row->text);
}
END_TEST

/* Patterns that make matchers with recursion take hours end at once. */
START_TEST(globs_take_no_time)
{
	char glob[201], text[20001];

	for (size_t i = 0; i < 200; i++)
		glob[i] = i % 2 == 0 ? '*' : 'a';
	glob[199] = 'b';
	glob[200] = '\0';
	memset(text, 'a', 20000);
	text[20000] = '\0';
	ck_assert(!name_glob(glob, text));
}
END_TEST

static const struct fit_row {
	const char *name, *path;
	enum name_fit fit;
} fit_rows[] = {
	{ "ebuyer", "ebuyer", NAME_FIT_PATH }, { "ebuyer", "suppliers/ebuyer", NAME_FIT_ID },
	{ "suppliers/ebuyer", "suppliers/ebuyer", NAME_FIT_PATH }, { "buyer", "suppliers/ebuyer", NAME_FIT_NONE },
	{ "suppliers", "suppliers/ebuyer", NAME_FIT_NONE }, { "eb*", "suppliers/ebuyer", NAME_FIT_PATH },
	{ "s*r", "suppliers/ebuyer", NAME_FIT_PATH }, { "*", "suppliers/ebuyer", NAME_FIT_PATH },
	{ "x*", "suppliers/ebuyer", NAME_FIT_NONE }, { "@", "a", NAME_FIT_PATH },
	{ "@suppliers", "suppliers/ebuyer", NAME_FIT_PATH }, { "@suppliers", "suppliers", NAME_FIT_NONE },
	{ "@suppliers", "suppliers2/x", NAME_FIT_NONE }, { "@nested", "suppliers/nested/x", NAME_FIT_ID },
	{ "@suppliers/nested", "suppliers/nested/x", NAME_FIT_PATH }, { "@x", "suppliers/nested/x", NAME_FIT_NONE },
	{ "@suppliers", "suppliers/nested/x", NAME_FIT_PATH },
};

START_TEST(fits)
{
	const struct fit_row *row = &fit_rows[_i];

	ck_assert_msg(name_fit(row->name, row->path) == row->fit, "%s on %s: %d", row->name, row->path,
	    name_fit(row->name, row->path));
	ck_assert_int_eq(name_fits(row->name, row->path), row->fit != NAME_FIT_NONE);
}
END_TEST

static const char *const paths[] = {
	"suppliers/ebuyer",	/* 0 */
	"suppliers/argos",	/* 1 */
	"suppliers/deep/x",	/* 2 */
	"other/ebuyer",		/* 3 */
	"other/deep/y",		/* 4 */
	"worker:1", "worker:2", "worker:3", /* 5, 6, 7 */
	"argus",		/* 8 */
	"other/inner/z",	/* 9 */
	"other/worker:1",	/* 10 */
};

/* What a name means among these: a mask, or 0 and a part of the error. */
static const struct resolve_row {
	const char *name;
	unsigned mask;
	const char *error;
} resolve_rows[] = {
	{ "suppliers/ebuyer", 1u << 0, NULL },
	{ "argos", 1u << 1, NULL },
	{ "ebuyer", 0, "\"ebuyer\" is ambiguous: suppliers/ebuyer, other/ebuyer" },
	/* A path is a path, whoever else has such an id. */
	{ "worker:1", 1u << 5, NULL },
	{ "worker:*", 7u << 5 | 1u << 10, NULL },
	{ "worker:[12]", 3u << 5 | 1u << 10, NULL },
	{ "e*", 1u << 0 | 1u << 3, NULL },
	{ "*", (1u << 11) - 1, NULL },
	{ "@", (1u << 11) - 1, NULL },
	{ "@suppliers", 7u, NULL },
	{ "@suppliers/deep", 1u << 2, NULL },
	{ "@inner", 1u << 9, NULL },
	{ "@deep", 0, "\"@deep\" is ambiguous: @suppliers/deep, @other/deep" },
	{ "@nobody", 0, "no supervisor \"nobody\"" },
	{ "z*z", 0, "no child matches \"z*z\"" },
	{ "ebuyr", 0, "no child \"ebuyr\"; did you mean \"suppliers/ebuyer\"?" },
	{ "supliers/argos", 0, "did you mean \"suppliers/argos\"?" },
	{ "entirely-else", 0, "no child \"entirely-else\"" },
};

START_TEST(resolves)
{
	const struct resolve_row *row = &resolve_rows[_i];
	bool chosen[ARRAY_LEN(paths)] = { false };
	struct err err = ERR_INIT;
	unsigned mask = 0;
	long n = name_resolve(row->name, paths, ARRAY_LEN(paths), chosen, &err);

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		mask |= chosen[i] ? 1u << i : 0;
	ck_assert_msg(mask == row->mask, "%s: %x", row->name, mask);
	if (row->error == NULL) {
		ck_assert_int_eq(n, __builtin_popcount(row->mask));
		ck_assert_str_eq(err.msg, "");
		return;
	}
	ck_assert_int_eq(n, -1);
	ck_assert_int_eq(err.code, CONTROL_NO_CHILD);
	ck_assert_msg(strstr(err.msg, row->error) != NULL, "%s: %s", row->name, err.msg);
}
END_TEST

START_TEST(keeps_what_is_chosen)
{
	bool chosen[ARRAY_LEN(paths)] = { [8] = true };
	struct err err = ERR_INIT;

	ck_assert_int_eq(name_resolve("argos", paths, ARRAY_LEN(paths), chosen, &err), 1);
	ck_assert(chosen[1] && chosen[8]);
	ck_assert_int_eq(name_resolve("nobody", paths, 0, chosen, &err), -1);
}
END_TEST

START_TEST(ambiguity_names_a_few)
{
	static const char *const many[] = { "a/x", "b/x", "c/x", "d/x", "e/x", "f/x" };
	bool chosen[ARRAY_LEN(many)] = { false };
	struct err err = ERR_INIT;

	ck_assert_int_eq(name_resolve("x", many, ARRAY_LEN(many), chosen, &err), -1);
	ck_assert_str_eq(err.msg, "\"x\" is ambiguous: a/x, b/x, c/x, d/x, ...");
}
END_TEST

static const struct suggest_row {
	const char *word, *meant;
} suggest_rows[] = {
	{ "statsu", "status" }, { "stat", "start" }, { "strat", "start" }, { "stpo", "stop" }, { "retsart", "restart" },
	{ "x", NULL }, { "", NULL }, { "q", NULL }, { "statusstatusstatus", NULL }, { "hisotry", "history" },
};

START_TEST(suggests)
{
	static const char *const words[] = { "status", "start", "stop", "restart", "history" };
	const char *meant = name_suggest(suggest_rows[_i].word, words, ARRAY_LEN(words));

	if (suggest_rows[_i].meant == NULL)
		ck_assert_msg(meant == NULL, "%s: %s", suggest_rows[_i].word, meant);
	else
		ck_assert_msg(meant != NULL && strcmp(meant, suggest_rows[_i].meant) == 0, "%s: %s",
		    suggest_rows[_i].word, meant == NULL ? "nothing" : meant);
}
END_TEST

START_TEST(ids)
{
	ck_assert_str_eq(name_id("a/b/c"), "c");
	ck_assert_str_eq(name_id("c"), "c");
	ck_assert_int_eq(name_kind("@x*"), NAME_SUPERVISOR);
	ck_assert_int_eq(name_kind("x*"), NAME_GLOB);
	ck_assert_int_eq(name_kind("x[1]"), NAME_GLOB);
	ck_assert_int_eq(name_kind("a/x:1"), NAME_PLAIN);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("name_match");
	TCase *t = tcase_create("names");

	tcase_add_loop_test(t, globs, 0, ARRAY_LEN(glob_rows));
	tcase_add_test(t, globs_take_no_time);
	tcase_add_loop_test(t, fits, 0, ARRAY_LEN(fit_rows));
	tcase_add_loop_test(t, resolves, 0, ARRAY_LEN(resolve_rows));
	tcase_add_test(t, keeps_what_is_chosen);
	tcase_add_test(t, ambiguity_names_a_few);
	tcase_add_loop_test(t, suggests, 0, ARRAY_LEN(suggest_rows));
	tcase_add_test(t, ids);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
