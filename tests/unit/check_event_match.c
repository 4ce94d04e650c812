/* Which records are meant (S126): types with their kinds, children, reasons, nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/supervisor.h"
#include "unit.h"
#include "wire/event_match.h"

#define EXIT "{\"type\":\"exit\",\"t\":1,\"child\":\"suppliers/ebuyer\",\"token\":7,\"node\":\"box2\",\"reason\":\"killed\"}"
#define DONE_WELL "{\"type\":\"exit\",\"child\":\"web\",\"reason\":\"normal\"}"
#define HUNG "{\"type\":\"alarm\",\"alarm\":\"hung\",\"object\":\"web\",\"text\":\"no output\"}"
#define BEGIN "{\"type\":\"daemon\",\"event\":\"begin\",\"pid\":1}"
#define REPORT "{\"type\":\"report\",\"child\":\"\",\"report\":\"start_error\",\"reason\":\"{start_error,exec,ENOENT}\"}"

/* Lists with blanks between the items; "": no condition. */
static const struct row {
	const char *types, *child, *reason, *node, *line;
	bool matches;
} rows[] = {
	{ "exit", "", "", "", EXIT, true },
	{ "alarm exit", "", "", "", EXIT, true },
	{ "alarm", "", "", "", EXIT, false },
	{ "", "", "", "", EXIT, true },
	{ "alarm:hung", "", "", "", HUNG, true },
	{ "alarm:disk_full", "", "", "", HUNG, false },
	{ "daemon:begin", "", "", "", BEGIN, true },
	{ "daemon:end node", "", "", "", BEGIN, false },
	{ "report:start_error", "", "", "", REPORT, true },
	{ "order:stop", "", "", "", "{\"type\":\"order\",\"order\":\"stop\"}", true },
	/* children: paths, ids, globs, supervisors; an alarm's object; the root is "" */
	{ "exit", "suppliers/ebuyer", "", "", EXIT, true },
	{ "exit", "ebuyer", "", "", EXIT, true },
	{ "exit", "suppliers/*", "", "", EXIT, true },
	{ "exit", "@suppliers", "", "", EXIT, true },
	{ "exit", "suppliers", "", "", EXIT, false },
	{ "exit", "x ebuyer", "", "", EXIT, true },
	{ "exit", "!ebuyer", "", "", EXIT, false },
	{ "exit", "!web !db", "", "", EXIT, true },
	{ "exit", "@suppliers !ebuyer", "", "", EXIT, false },
	{ "exit", "@suppliers !web", "", "", EXIT, true },
	{ "exit", "@others !web", "", "", EXIT, false },
	{ "alarm", "web", "", "", HUNG, true },
	{ "alarm", "db", "", "", HUNG, false },
	{ "daemon", "web", "", "", BEGIN, false },
	{ "daemon", "!web", "", "", BEGIN, false },
	{ "report", "*", "", "", REPORT, true },
	/* reasons */
	{ "exit", "", "killed", "", EXIT, true },
	{ "exit", "", "kill*", "", EXIT, true },
	{ "exit", "", "normal", "", EXIT, false },
	{ "exit", "", "failure", "", EXIT, true },
	{ "exit", "", "success", "", EXIT, false },
	{ "exit", "", "failure", "", DONE_WELL, false },
	{ "exit", "", "success", "", DONE_WELL, true },
	{ "exit", "", "!killed", "", EXIT, false },
	{ "exit", "", "!success", "", EXIT, true },
	{ "exit", "", "success", "", "{\"type\":\"exit\",\"reason\":\"{shutdown,3}\"}", true },
	{ "exit", "", "success", "", "{\"type\":\"exit\",\"reason\":\"shutdown\"}", true },
	{ "exit", "", "failure", "", "{\"type\":\"exit\",\"reason\":\"noconnection\"}", true },
	{ "report", "", "{start_error,exec,*}", "", REPORT, true },
	{ "alarm", "", "failure", "", HUNG, false },
	{ "exit", "", "\\u006billed", "", EXIT, false },
	{ "exit", "", "killed", "", "{\"type\":\"exit\",\"reason\":\"\\u006billed\"}", true },
	/* nodes */
	{ "exit", "", "", "box*", EXIT, true },
	{ "exit", "", "", "local", EXIT, false },
	{ "exit", "web", "success", "local", "{\"type\":\"exit\",\"child\":\"web\",\"reason\":\"normal\",\"node\":\"local\"}", true },
	{ "exit", "web", "success", "local", "{\"type\":\"exit\",\"child\":\"web\",\"reason\":\"normal\",\"node\":\"box2\"}", false },
};

static void
split(struct strvec *out, const char *list)
{
	ck_assert_int_eq(strvec_split(out, list), 0);
}

START_TEST(matches)
{
	const struct row *row = &rows[_i];
	struct event_match m = { STRVEC_INIT, STRVEC_INIT, STRVEC_INIT, STRVEC_INIT };
	struct event_record rec;
	struct err err = ERR_INIT;

	split(&m.types, row->types);
	split(&m.child, row->child);
	split(&m.reason, row->reason);
	split(&m.node, row->node);
	for (size_t i = 0; i < m.types.n; i++)
		ck_assert_msg(event_type_check(m.types.v[i], &err) == 0, "%s", err.msg);
	ck_assert_int_eq(event_scan(row->line, strlen(row->line), &rec), 0);
	ck_assert_msg(event_matches(&m, &rec) == row->matches, "%s %s %s %s on %s", row->types, row->child, row->reason,
	    row->node, row->line);
	strvec_release(&m.types);
	strvec_release(&m.child);
	strvec_release(&m.reason);
	strvec_release(&m.node);
}
END_TEST

START_TEST(not_every_line_is_an_event)
{
	static const char *const lines[] = { "", "{", "[]", "{\"t\":1}", "{\"type\":1}",
		"{\"type\":\"snapshot_child\",\"snap\":true,\"child\":\"web\"}", "{\"type\":\"exit\",\"snap\":true}" };
	struct event_record rec;

	for (size_t i = 0; i < ARRAY_LEN(lines); i++)
		ck_assert_msg(event_scan(lines[i], strlen(lines[i]), &rec) == -1, "%s", lines[i]);
}
END_TEST

START_TEST(globs_are_sound)
{
	static const struct {
		const char *glob;
		bool sound;
	} globs[] = {
		{ "web", true }, { "*", true }, { "a[1-3]", true }, { "a[1-3", false }, { "[", false }, { "[]]", true },
		{ "[]", false }, { "[!]", false }, { "[!]]", true }, { "\\[", true }, { "\\", true }, { "a\\[b]", true },
		{ "", false }, { "!", false }, { "!a", true }, { "![a", false }, { "@sup", true },
	};

	for (size_t i = 0; i < ARRAY_LEN(globs); i++)
		ck_assert_msg(event_glob_is_sound(globs[i].glob) == globs[i].sound, "%s", globs[i].glob);
}
END_TEST

START_TEST(what_is_wrong_is_said)
{
	static const struct {
		const char *type, *message;
	} wrong[] = {
		{ "exti", "there is no event 'exti'; did you mean 'exit'?" },
		{ "alarm:hang", "there is no alarm 'hang'; did you mean 'hung'?" },
		{ "report:progres", "there is no report 'progres'; did you mean 'progress'?" },
		{ "exit:killed", "there are no kinds of the event 'exit', expected 'exit' alone" },
		{ "node:", "the kind behind 'node:' is missing" },
		{ "node:qqqqqqqqq", "there is no node 'qqqqqqqqq', expected one of up, down, over, gone, lease" },
	};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		ck_assert_int_eq(event_type_check(wrong[i].type, &err), -1);
		ck_assert_str_eq(err.msg, wrong[i].message);
	}
}
END_TEST

/* Is `word` one of the list? */
static bool
is_in(const char *word, size_t len, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strlen(*list) == len && memcmp(*list, word, len) == 0)
			return true;
	return false;
}

/* The kinds in a row of the table are its words in backquotes: alarm (`hung` `disk_full` ...). */
static void
check_kinds(const char *type, const char *cell, const char *end)
{
	const char *const *kinds = event_kinds(type), *word;
	size_t n = 0, len, want = 0;

	if (kinds == NULL)
		return;
	while (kinds[want] != NULL)
		want++;
	while ((cell = memchr(cell, '`', (size_t)(end - cell))) != NULL) {
		word = cell + 1;
		len = strcspn(word, "`");
		ck_assert_msg(is_in(word, len, kinds), "ARCHITECTURE.md: %s:%.*s cannot be asked for", type, (int)len, word);
		cell = word + len + 1;
		n++;
	}
	ck_assert_msg(n == want, "ARCHITECTURE.md: %s has %zu kinds, not %zu", type, n, want);
}

/* ARCHITECTURE.md's table of records is all that there is: who adds a record, or an alarm, adds it here, too. */
START_TEST(as_the_table_of_records)
{
	static const char *const inner[] = { "journal", "mark", NULL };
	const char *top = getenv("top_srcdir");
	char path[4096], line[4096], type[64];
	bool in_table = false;
	size_t n = 0, want = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/ARCHITECTURE.md", top != NULL ? top : ".");
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, "## ", 3) == 0)
			in_table = strcmp(line, "## The journal's records\n") == 0;
		if (!in_table || sscanf(line, "| `%63[^`]`", type) != 1 || is_in(type, strlen(type), inner) ||
		    strncmp(type, "snapshot_", 9) == 0)
			continue;
		ck_assert_msg(is_in(type, strlen(type), event_types()), "the event '%s' cannot be asked for", type);
		check_kinds(type, line + strlen(type) + 5, strrchr(line, '|'));
		n++;
	}
	fclose(f);
	while (event_types()[want] != NULL)
		want++;
	ck_assert_uint_eq(n, want);
}
END_TEST

/* The words behind `match` in trapexit.conf(5). */
START_TEST(as_the_manual)
{
	const char *top = getenv("top_srcdir"), *const *type = event_types(), *found;
	char path[4096], line[4096], text[8192] = "";
	bool in_match = false;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/man/trapexit.conf.5", top != NULL ? top : ".");
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s", path);
	while (fgets(line, sizeof(line), f) != NULL) {
		if (strncmp(line, ".It Ic ", 7) == 0)
			in_match = strncmp(line, ".It Ic match ", 13) == 0;
		n = strlen(text);
		if (in_match && strncmp(line, ".Cm ", 4) == 0)
			snprintf(text + n, sizeof(text) - n, "%s", line + 3);
	}
	fclose(f);
	for (; *type != NULL; type++) {
		n = strlen(*type);
		for (found = text; (found = strstr(found, *type)) != NULL; found++)
			if (found[-1] == ' ' && strchr(" \n", found[n]) != NULL)
				break;
		ck_assert_msg(found != NULL, "trapexit.conf(5) does not tell of the event '%s'", *type);
	}
}
END_TEST

START_TEST(reports_are_those_of_the_core)
{
	const char *const *kinds = event_kinds("report");
	unsigned n = 0;

	for (; kinds[n] != NULL; n++)
		ck_assert_str_eq(kinds[n], tree_report_name((enum tree_report)n));
	ck_assert_str_eq(tree_report_name((enum tree_report)n), "unknown");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("event_match");
	TCase *tc = tcase_create("event_match");

	tcase_add_loop_test(tc, matches, 0, ARRAY_LEN(rows));
	tcase_add_test(tc, not_every_line_is_an_event);
	tcase_add_test(tc, globs_are_sound);
	tcase_add_test(tc, what_is_wrong_is_said);
	tcase_add_test(tc, as_the_table_of_records);
	tcase_add_test(tc, as_the_manual);
	tcase_add_test(tc, reports_are_those_of_the_core);
	suite_add_tcase(suite, tc);
	return unit_run(suite);
}
