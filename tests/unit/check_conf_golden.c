/*
 * Golden tests of the configuration: what tests/conf/NAME.in is said and printed
 * to be stands in NAME.ok. UPDATE_GOLDEN=1 writes the .ok files anew.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "conf/config.h"
#include "conf/file.h"
#include "unit.h"

#define CASES_MAX 100

static char *cases[CASES_MAX];
static int n_cases;

/* Messages, then the canonical form; *good: were there no errors? */
static void
run_case(const char *name, const char *text, size_t len, struct buf *out, bool *good)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_parse(name, text, len, &errors);

	*good = c != NULL;
	ck_assert_msg((c == NULL) == (errors.errors > 0), "%s: %u errors, but %s", name, errors.errors,
	    c == NULL ? "no config" : "a config");
	if (errors.text.len > 0)
		buf_xadd(out, errors.text.data, errors.text.len);
	if (c != NULL)
		config_print(c, out);
	buf_release(&errors.text);
	config_unref(c);
}

static void
read_or_fail(const char *name, struct buf *text)
{
	struct err err = ERR_INIT;

	ck_assert_msg(conf_file_read(name, text, &err) == 0, "%s", err.msg);
	buf_xadd(text, "", 0);
}

static void
compare(const char *name, const char *ok_name, const struct buf *got)
{
	struct buf want = BUF_INIT(0);
	const char *g = got->data != NULL ? got->data : "", *w;
	FILE *f;
	size_t i, line = 1;

	if (getenv("UPDATE_GOLDEN") != NULL) {
		f = fopen(ok_name, "w");
		ck_assert_msg(f != NULL, "%s cannot be written", ok_name);
		fwrite(g, 1, got->len, f);
		fclose(f);
		return;
	}
	read_or_fail(ok_name, &want);
	w = want.data != NULL ? want.data : "";
	for (i = 0; g[i] != '\0' && g[i] == w[i]; i++)
		line += g[i] == '\n';
	ck_assert_msg(strcmp(g, w) == 0, "%s differs from %s in line %zu:\n%.400s", name, ok_name, line, g + i);
	buf_release(&want);
}

START_TEST(golden)
{
	const char *name = cases[_i];
	struct buf text = BUF_INIT(0), out = BUF_INIT(0);
	char ok_name[256];
	bool good;

	read_or_fail(name, &text);
	run_case(name, text.data != NULL ? text.data : "", text.len, &out, &good);
	snprintf(ok_name, sizeof(ok_name), "%.*s.ok", (int)(strlen(name) - 3), name);
	compare(name, ok_name, &out);
	buf_release(&out);
	buf_release(&text);
}
END_TEST

/* parse(print(c)) prints the same. */
START_TEST(canonical)
{
	const char *name = cases[_i];
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct buf text = BUF_INIT(0), first = BUF_INIT(0), second = BUF_INIT(0);
	struct config *c;

	read_or_fail(name, &text);
	c = config_parse(name, text.data != NULL ? text.data : "", text.len, &errors);
	if (c != NULL) {
		config_print(c, &first);
		config_unref(c);
		c = config_parse("canonical", first.data != NULL ? first.data : "", first.len, &errors);
		ck_assert_msg(c != NULL, "%s: the canonical form does not parse:\n%s", name, errors.text.data);
		config_print(c, &second);
		ck_assert_uint_eq(first.len, second.len);
		if (first.len > 0)
			ck_assert_str_eq(first.data, second.data);
		config_unref(c);
	}
	ck_assert(c != NULL || strncmp(name, "e_", 2) == 0);
	buf_release(&errors.text);
	buf_release(&text);
	buf_release(&first);
	buf_release(&second);
}
END_TEST

/* S4, S8: those whose names begin with e_, and only they, are refused, each for what it says. */
START_TEST(refused)
{
	struct buf text = BUF_INIT(0), out = BUF_INIT(0);
	bool good;

	read_or_fail(cases[_i], &text);
	run_case(cases[_i], text.data != NULL ? text.data : "", text.len, &out, &good);
	ck_assert_msg(good == (strncmp(cases[_i], "e_", 2) != 0), "%s: %s", cases[_i], good ? "taken" : out.data);
	buf_release(&out);
	buf_release(&text);
}
END_TEST

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
find_cases(void)
{
	DIR *dir = opendir(".");
	struct dirent *e;
	size_t len;

	while (dir != NULL && (e = readdir(dir)) != NULL && n_cases < CASES_MAX) {
		len = strlen(e->d_name);
		if (len > 3 && strcmp(e->d_name + len - 3, ".in") == 0)
			cases[n_cases++] = strdup(e->d_name);
	}
	if (dir != NULL)
		closedir(dir);
	qsort(cases, (size_t)n_cases, sizeof(cases[0]), compare_names);
}

int
main(void)
{
	const char *top = getenv("top_srcdir");
	Suite *s = suite_create("conf golden");
	TCase *t = tcase_create("golden");

	/* Without a folder of its own, relative paths in a text are left as they are: here. */
	if (chdir(top != NULL ? top : ".") == -1 || chdir("tests/conf") == -1) {
		printf("Bail out! tests/conf is not in $top_srcdir\n");
		return EXIT_FAILURE;
	}
	find_cases();
	if (n_cases == 0) {
		printf("Bail out! there are no cases\n");
		return EXIT_FAILURE;
	}
	tcase_add_loop_test(t, golden, 0, n_cases);
	tcase_add_loop_test(t, canonical, 0, n_cases);
	tcase_add_loop_test(t, refused, 0, n_cases);
	suite_add_tcase(s, t);
	return unit_run(s);
}
