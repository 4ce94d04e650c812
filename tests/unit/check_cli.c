/*
 * The pure parts of trapexit(1): sentences out of records, safe text, times, the
 * status in columns, CSV, the last lines.
 */
#include "config.h"

#include <json-c/json.h>

#include <elf.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "cli/command.h"
#include "cli/csv.h"
#include "cli/deploy.h"
#include "cli/event_text.h"
#include "cli/help.h"
#include "cli/lines.h"
#include "cli/options.h"
#include "cli/status_view.h"
#include "cli/term.h"
#include "cli/words.h"
#include "unit.h"

/* Each record, in its order, and what is made of it. NULL: nothing for people. */
static const struct event_row {
	const char *record;
	enum tell tell;
	const char *text;
	bool alarm;
} event_rows[] = {
	{ "{\"type\":\"journal\",\"version\":1,\"epoch\":17,\"segment\":3}", TELL_DETAIL,
	    "journal: segment 3 of epoch 17 begins", false },
	{ "{\"type\":\"snapshot_incarnation\",\"snap\":true,\"child\":\"old\",\"token\":5,\"pid\":77}", TELL_NOTHING, NULL,
	    false },
	{ "{\"type\":\"snapshot_child\",\"snap\":true,\"child\":\"old\",\"starts\":3}", TELL_NOTHING, NULL, false },
	{ "{\"type\":\"daemon\",\"t\":1000,\"event\":\"begin\",\"pid\":12,\"version\":\"0.1\"}", TELL_SHOW,
	    "trapexitd begins (pid 12, version 0.1)", false },
	{ "{\"type\":\"daemon\",\"t\":1000,\"event\":\"end\"}", TELL_SHOW, "trapexitd has ended, as it was told to", false },
	{ "{\"type\":\"node\",\"t\":1,\"node\":\"local\",\"event\":\"up\",\"agent_pid\":5,\"guard_pid\":4}", TELL_SHOW,
	    "node local is up (agent pid 5, guard pid 4)", false },
	{ "{\"type\":\"node\",\"t\":1,\"node\":\"box2\",\"event\":\"down\",\"reason\":\"lease over\"}", TELL_SHOW,
	    "node box2 is down: lease over", true },
	{ "{\"type\":\"node\",\"t\":1,\"node\":\"box2\",\"event\":\"lease\",\"lease_ms\":30000}", TELL_SHOW,
	    "node box2 has a lease of 30s", false },
	/* A life: started, exited, with pid and time; S15's reasons in fewer words. */
	{ "{\"type\":\"start\",\"t\":1000,\"child\":\"s/a\",\"token\":9,\"node\":\"local\",\"start_type\":\"restart\"}",
	    TELL_DETAIL, "is to be started on local, restart", false },
	{ "{\"type\":\"start\",\"t\":1000,\"child\":\"s/c\",\"token\":90,\"node\":\"box3\",\"start_type\":\"failover\",\"from\":\"box2\",\"why\":\"down\"}",
	    TELL_DETAIL, "is to be started on box3, failover from box2, which was down", false },
	{ "{\"type\":\"started\",\"t\":1001,\"child\":\"s/c\",\"token\":90,\"pid\":33}", TELL_SHOW,
	    "started on box3 (pid 33), failover from box2, which was down", false },
	{ "{\"type\":\"start\",\"t\":1000,\"child\":\"s/b\",\"token\":7,\"node\":\"box2\",\"start_type\":\"normal\"}",
	    TELL_DETAIL, "is to be started on box2", false },
	{ "{\"type\":\"started\",\"t\":1000,\"child\":\"s/b\",\"token\":7,\"pid\":70}", TELL_SHOW,
	    "started on box2 (pid 70)", false },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"s/b\",\"report\":\"progress\",\"token\":7,\"reason\":\"normal\"}",
	    TELL_DETAIL, "is up", false },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"s\",\"report\":\"progress\",\"reason\":\"normal\"}", TELL_SHOW,
	    "is up", false },
	{ "{\"type\":\"started\",\"t\":1000,\"child\":\"s/a\",\"token\":9,\"pid\":4711}", TELL_SHOW,
	    "started on local (pid 4711), restart", false },
	{ "{\"type\":\"exit\",\"t\":193500,\"child\":\"s/a\",\"token\":9,\"reason\":\"killed\",\"delay_ms\":0}", TELL_SHOW,
	    "exited: killed (pid 4711, ran 3m12s), restart at once", false },
	/* Its time is forgotten with it. */
	{ "{\"type\":\"exit\",\"t\":193500,\"child\":\"s/a\",\"token\":9,\"reason\":\"killed\",\"pid\":4711}", TELL_SHOW,
	    "exited: killed (pid 4711)", false },
	/* What a snapshot said: the pid, but not since when. */
	{ "{\"type\":\"exit\",\"t\":99,\"child\":\"old\",\"token\":5,\"reason\":\"{exit,3}\",\"delay_ms\":200}", TELL_SHOW,
	    "exited: exit 3 (pid 77), restart in 200ms", false },
	{ "{\"type\":\"exit\",\"t\":99,\"child\":\"b\",\"token\":6,\"reason\":\"{signal,SIGSEGV}\"}", TELL_SHOW,
	    "exited: SIGSEGV", false },
	{ "{\"type\":\"exit\",\"t\":99,\"child\":\"b\",\"token\":6,\"reason\":\"{shutdown,3}\"}", TELL_SHOW,
	    "exited: shutdown, exit 3", false },
	{ "{\"type\":\"exit\",\"t\":99,\"child\":\"b\",\"token\":6,\"reason\":\"noconnection\"}", TELL_SHOW,
	    "exited: noconnection", false },
	{ "{\"type\":\"start_failed\",\"t\":1,\"child\":\"b\",\"token\":8,\"reason\":\"{start_error,exec,ENOENT}\"}",
	    TELL_SHOW, "could not be started: exec: ENOENT", true },
	{ "{\"type\":\"ready\",\"t\":1,\"child\":\"b\",\"token\":8,\"info\":\"port 80\"}", TELL_SHOW, "is ready: port 80",
	    false },
	{ "{\"type\":\"ending\",\"t\":1,\"child\":\"b\",\"token\":8}", TELL_DETAIL, "incarnation 8 is told to end", false },
	{ "{\"type\":\"done\",\"t\":1,\"child\":\"b\",\"token\":8}", TELL_DETAIL,
	    "incarnation 8: all that it printed is kept", false },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"child_terminated\",\"reason\":\"killed\",\"delay_ms\":1500}",
	    TELL_SHOW, "has ended: killed, restart in 1s", false },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"cool_down\",\"reason\":\"killed\"}", TELL_SHOW,
	    "is set aside: it failed too often: killed", true },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"new_kind\",\"reason\":\"normal\"}", TELL_SHOW,
	    "report new_kind: normal", false },
	{ "{\"type\":\"wish\",\"t\":1,\"child\":\"b\",\"stopped\":true,\"by\":4294967290}", TELL_SHOW,
	    "is to stay stopped, by uid 4294967290", false },
	{ "{\"type\":\"wish\",\"t\":1,\"child\":\"b\",\"stopped\":false}", TELL_DETAIL, "is to run", false },
	{ "{\"type\":\"order\",\"t\":1,\"order\":\"restart\",\"child\":\"b\",\"by\":4294967290}", TELL_SHOW,
	    "is ordered to restart, by uid 4294967290", false },
	{ "{\"type\":\"order\",\"t\":1,\"order\":\"move\",\"child\":\"b\",\"node\":\"box2\",\"by\":4294967290}", TELL_SHOW,
	    "is ordered to move to box2, by uid 4294967290", false },
	{ "{\"type\":\"permit\",\"t\":1,\"node\":\"box2\",\"child\":\"b\",\"permitted\":false,\"by\":4294967290}", TELL_SHOW,
	    "may not run on box2 any more, by uid 4294967290", false },
	{ "{\"type\":\"permit\",\"t\":1,\"node\":\"box2\",\"child\":\"b\",\"permitted\":true}", TELL_SHOW,
	    "may run on box2 again", false },
	{ "{\"type\":\"permit\",\"t\":1,\"node\":\"box2\",\"permitted\":false}", TELL_SHOW,
	    "node box2 is to be drained: its children leave, and none is started there", false },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"no_node\"}", TELL_SHOW,
	    "waits for a node: none of its list can be had", true },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"no_node\",\"delay_ms\":30000}", TELL_SHOW,
	    "waits for its node to come back, at most 30s", true },
	{ "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"node_sick\",\"node\":\"box2\",\"delay_ms\":60000,\"reason\":\"{exit,3}\"}",
	    TELL_SHOW, "keeps failing, as others do, on box2, which is sick: it is avoided for 1m: exit 3", true },
	{ "{\"type\":\"permit\",\"t\":1,\"node\":\"box2\",\"permitted\":true}", TELL_SHOW,
	    "node box2 takes children again", false },
	{ "{\"type\":\"order\",\"t\":1,\"order\":\"shutdown\"}", TELL_SHOW, "order: shutdown", false },
	{ "{\"type\":\"link\",\"t\":1,\"child\":\"b\",\"token\":8,\"peer\":\"s/a\",\"peer_token\":9,\"by\":4294967290}",
	    TELL_SHOW, "is linked to s/a, by uid 4294967290", false },
	{ "{\"type\":\"unlink\",\"t\":1,\"child\":\"b\",\"token\":8,\"peer\":\"s/a\",\"peer_token\":9}", TELL_SHOW,
	    "is no longer linked to s/a", false },
	{ "{\"type\":\"monitor\",\"t\":1,\"child\":\"b\",\"token\":8,\"peer\":\"s/a\",\"peer_token\":9,\"ref\":7}", TELL_SHOW,
	    "watches s/a", false },
	{ "{\"type\":\"demonitor\",\"t\":1,\"child\":\"b\",\"token\":8,\"ref\":7}", TELL_SHOW,
	    "watches less: monitor 7 is removed", false },
	{ "{\"type\":\"exit_signal\",\"t\":1,\"child\":\"b\",\"token\":8,\"reason\":\"{exit,3}\"}", TELL_SHOW,
	    "is ended by an exit signal: exit 3", false },
	{ "{\"type\":\"tell\",\"t\":1,\"child\":\"b\",\"token\":8,\"n\":1,\"line\":\"EXIT s/a killed\"}", TELL_SHOW,
	    "is told: EXIT s/a killed", false },
	{ "{\"type\":\"reload\",\"t\":1,\"added\":2,\"removed\":0,\"changed\":1}", TELL_SHOW,
	    "the configuration is read anew: 2 added, 0 removed, 1 changed", false },
	{ "{\"type\":\"reload\",\"t\":1,\"added\":[\"a\"],\"removed\":[],\"changed\":[\"b\",\"c\"]}", TELL_SHOW,
	    "the configuration is read anew: 1 added, 0 removed, 2 changed", false },
	{ "{\"type\":\"reload\",\"t\":1,\"error\":\"x.conf:3: no\"}", TELL_SHOW,
	    "the configuration is refused: x.conf:3: no", true },
	{ "{\"type\":\"observation\",\"child\":\"b\",\"token\":8,\"n\":1,\"source\":\"webcam\",\"data\":{\"status\":\"ok\","
	  "\"amount\":\"24.99\",\"currency\":\"GBP\",\"availability\":\"in_stock\"}}",
	    TELL_DETAIL, "observed webcam: ok, 24.99 GBP, in_stock", false },
	{ "{\"type\":\"observation\",\"child\":\"b\",\"source\":\"webcam\",\"data\":{\"status\":\"no_match\",\"reason\":\"x\"}}",
	    TELL_DETAIL, "observed webcam: no_match: x", false },
	{ "{\"type\":\"state\",\"child\":\"b\",\"key\":\"done/webcam\",\"data\":{}}", TELL_DETAIL, "remembers done/webcam",
	    false },
	/* A child that would move the terminal, or forge a line, cannot. */
	{ "{\"type\":\"line\",\"child\":\"b\",\"text\":\"a\\u001b[2J\\nforged\\u009b\\u007f\"}", TELL_DETAIL,
	    "printed: a\\x1b[2J\\x0aforged\\xc2\\x9b\\x7f", false },
	{ "{\"type\":\"mark\",\"child\":\"b\",\"token\":8,\"stream\":1,\"at\":0,\"file\":1,\"pos\":400}", TELL_DETAIL,
	    "writes its log, from byte 400 of the file", false },
	{ "{\"type\":\"alarm\",\"t\":1,\"alarm\":\"stale\",\"object\":\"b\",\"text\":\"no price for 2h\"}", TELL_SHOW,
	    "ALARM stale b: no price for 2h", true },
	{ "{\"type\":\"of_later\",\"t\":1,\"x\":[1]}", TELL_DETAIL,
	    "record of an unknown type: {\"type\":\"of_later\",\"t\":1,\"x\":[1]}", false },
	/* What is missing is no reason to fall over. */
	{ "{\"type\":\"exit\"}", TELL_SHOW, "exited: ?", false },
	{ "{\"type\":\"observation\",\"data\":7}", TELL_DETAIL, "observed ?: ?", false },
	{ "{\"type\":\"node\"}", TELL_SHOW, "node ? is ?", false },
	{ "not JSON", TELL_NOTHING, NULL, false },
	{ "", TELL_NOTHING, NULL, false },
};

START_TEST(records_become_sentences)
{
	struct teller *t = teller_new();
	struct event e;

	for (size_t i = 0; i < ARRAY_LEN(event_rows); i++) {
		const struct event_row *row = &event_rows[i];
		enum tell tell = teller_tell(t, row->record, strlen(row->record), true, &e);

		ck_assert_msg(tell == row->tell, "%s: %d", row->record, tell);
		if (row->text == NULL)
			continue;
		ck_assert_msg(strcmp(e.text, row->text) == 0, "%s: %s", row->record, e.text);
		ck_assert_msg(e.alarm == row->alarm, "%s", row->record);
	}
	teller_free(t);
}
END_TEST

/* Without `details` nothing is made of what children printed, but what starts and ends is told. */
START_TEST(details_only_on_request)
{
	struct teller *t = teller_new();
	struct event e;

	for (size_t i = 0; i < ARRAY_LEN(event_rows); i++) {
		const struct event_row *row = &event_rows[i];
		enum tell tell = teller_tell(t, row->record, strlen(row->record), false, &e);

		ck_assert_int_eq(tell, row->tell);
		ck_assert_msg((e.text != NULL) == (tell == TELL_SHOW), "%s", row->record);
	}
	teller_free(t);
}
END_TEST

START_TEST(report_goes_behind_its_exit)
{
	static const char report[] = "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"child_terminated\","
				     "\"token\":8,\"delay_ms\":0}";
	static const char told[] = "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"stopped\",\"token\":8}";
	static const char other[] = "{\"type\":\"report\",\"t\":1,\"child\":\"b\",\"report\":\"progress\"}";
	struct teller *t = teller_new();
	struct event e;

	ck_assert_int_eq(teller_tell(t, report, sizeof(report) - 1, false, &e), TELL_SHOW);
	ck_assert_str_eq(e.behind, ", restart at once");
	ck_assert_int_eq(teller_tell(t, told, sizeof(told) - 1, false, &e), TELL_SHOW);
	ck_assert_str_eq(e.behind, ", as it was told to");
	ck_assert_uint_eq(e.token, 8);
	ck_assert_int_eq(teller_tell(t, other, sizeof(other) - 1, false, &e), TELL_SHOW);
	ck_assert_ptr_null(e.behind);
	teller_free(t);
}
END_TEST

static const struct safe_row {
	const char *text, *safe;
} safe_rows[] = {
	{ "plain", "plain" }, { "", "" }, { "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80", "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
	{ "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd" }, { "\x1b[31m", "\\x1b[31m" }, { "\x7f", "\\x7f" },
	/* C1 controls, lone and cut sequences, over-long ones. */
	{ "\xc2\x9b" "31m", "\\xc2\\x9b" "31m" }, { "\xc2\xa0", "\xc2\xa0" }, { "\xff", "\\xff" }, { "\xc3", "\\xc3" },
	{ "\xe2\x82", "\\xe2\\x82" }, { "\xc0\x9b", "\\xc0\\x9b" }, { "\x80", "\\x80" },
};

START_TEST(text_is_safe)
{
	char out[256];

	ck_assert_str_eq(term_safe(safe_rows[_i].text, out, sizeof(out)), safe_rows[_i].safe);
}
END_TEST

START_TEST(text_is_cut)
{
	char out[24], text[64];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	term_safe(text, out, sizeof(out));
	ck_assert_uint_lt(strlen(out), sizeof(out));
	ck_assert_str_eq(out + strlen(out) - 3, "...");
	ck_assert_str_eq(term_safe(NULL, out, sizeof(out)), "");
	for (size_t n = 0; n < sizeof(text); n++) {
		memset(text, 1, n);
		text[n] = '\0';
		ck_assert_uint_lt(strlen(term_safe(text, out, sizeof(out))), sizeof(out));
	}
}
END_TEST

#define NOW INT64_C(1795348800000) /* 2026-11-22T12:00:00Z */

static const struct since_row {
	const char *text;
	int64_t ms; /* -1: refused */
} since_rows[] = {
	{ "2h", NOW - 7200000 }, { "90s", NOW - 90000 }, { "1h30m", NOW - 5400000 }, { "0", NOW },
	{ "today", NOW - 43200000 }, { "yesterday", NOW - 43200000 - 86400000 }, { "2026-11-22", NOW - 43200000 },
	{ "2026-11-22 11:00", NOW - 3600000 }, { "2026-11-22 11:00:01", NOW - 3599000 },
	{ "2026-11-22T11:00:00Z", NOW - 3600000 }, { "2026-11-22T13:00:00+02:00", NOW - 3600000 },
	{ "11:00", NOW - 3600000 }, { "11:00:30", NOW - 3570000 }, { "", -1 }, { "5", -1 }, { "tomorrow", -1 },
	{ "2026-13-01", -1 }, { "2026-11-22x", -1 }, { "-2h", -1 }, { "11:00x", -1 },
};

START_TEST(since)
{
	int64_t ms = -1;
	int n = term_since_parse(since_rows[_i].text, NOW, &ms);

	ck_assert_msg(n == (since_rows[_i].ms == -1 ? -1 : 0), "%s", since_rows[_i].text);
	if (n == 0)
		ck_assert_msg(ms == since_rows[_i].ms, "%s: %" PRId64, since_rows[_i].text, ms - NOW);
}
END_TEST

START_TEST(times)
{
	char age[TERM_AGE_SIZE], text[TERM_TIME_SIZE];

	ck_assert_str_eq(term_age(0, NOW, age), "-");
	ck_assert_str_eq(term_age(NOW, NOW, age), "now");
	ck_assert_str_eq(term_age(NOW - 192999, NOW, age), "3m12s");
	ck_assert_str_eq(term_age(NOW + 5000, NOW, age), "in 5s");
	ck_assert_str_eq(term_age(INT64_MIN, NOW, age), "?");
	ck_assert_str_eq(term_age(INT64_MAX, NOW, age), "?");
	ck_assert_uint_gt(strlen(term_time(INT64_MAX, NOW, text)), 0);
	ck_assert_str_eq(term_time(NOW - 1000, NOW, text), "11:59:59");
	ck_assert_str_eq(term_time(NOW - 86400000, NOW, text), "2026-11-21 12:00:00");
}
END_TEST

START_TEST(csv_as_rfc_4180)
{
	static const char *const fields[] = { "plain", "a,b", "say \"x\"", "two\r\nlines", NULL, "", " blank" };
	struct buf b = BUF_INIT(0);

	for (size_t i = 0; i < ARRAY_LEN(fields); i++)
		csv_put(&b, fields[i]);
	csv_end(&b);
	csv_put(&b, "next");
	csv_end(&b);
	ck_assert_str_eq(b.data, "plain,\"a,b\",\"say \"\"x\"\"\",\"two\r\nlines\",\"\",\"\",\" blank\"\r\nnext\r\n");
	buf_release(&b);
}
END_TEST

START_TEST(the_last_lines)
{
	for (size_t n = 0; n < 7; n++) {
		struct lines *l = lines_new(n);
		char *text = NULL;
		size_t size = 0;
		FILE *f = open_memstream(&text, &size);
		char want[32] = "";

		for (int i = 0; i < 5; i++)
			lines_add(l, &"abcde"[i], 1);
		for (size_t i = n < 5 ? 5 - n : 0; i < 5; i++)
			strncat(want, (char[]){ "abcde"[i], '\n', '\0' }, 3);
		lines_print(l, f);
		fclose(f);
		ck_assert_str_eq(text, want);
		ck_assert_int_eq(lines_full(l), n <= 5);
		free(text);
		lines_free(l);
	}
}
END_TEST

START_TEST(numbers_of_lines)
{
	size_t n;

	ck_assert(lines_parse("20", &n) == 0 && n == 20);
	ck_assert(lines_parse("0", &n) == 0 && n == 0);
	ck_assert(lines_parse("all", &n) == 0 && n == LINES_ALL);
	ck_assert_int_eq(lines_parse("-1", &n), -1);
	ck_assert_int_eq(lines_parse("", &n), -1);
	ck_assert_int_eq(lines_parse("5x", &n), -1);
}
END_TEST

static const char status[] =
    "{\"version\":1,\"daemon\":{\"pid\":12,\"version\":\"0.1.0\",\"since\":1795262400000,"
    "\"journal\":{\"disk_full\":false,\"error\":null}},"
    "\"nodes\":[{\"name\":\"local\",\"state\":\"up\",\"error\":null}],"
    "\"tree\":{\"name\":\"\",\"type\":\"supervisor\",\"state\":\"running\",\"children\":["
    "{\"name\":\"recorder\",\"id\":\"recorder\",\"type\":\"recorder\",\"state\":\"running\",\"wanted\":true,"
    "\"node\":\"local\",\"pid\":816,\"since\":1795262400000,\"restarts\":0,\"due\":null,\"last_exit\":null},"
    "{\"name\":\"suppliers\",\"id\":\"suppliers\",\"type\":\"supervisor\",\"state\":\"running\",\"intensity\":5,"
    "\"strategy\":\"rest_for_one\",\"period_ms\":90000,\"left\":3,\"auto_shutdown\":\"any_significant\",\"max_children\":7,"
    "\"restart\":\"transient\",\"significant\":true,\"added\":true,\"window\":2,\"children\":["
    "{\"name\":\"suppliers/ebuyer\",\"id\":\"ebuyer\",\"type\":\"scraper\",\"state\":\"running\",\"wanted\":true,"
    "\"node\":\"local\",\"pid\":9120,\"since\":1795348073000,\"restarts\":14,\"due\":null,"
    "\"last_exit\":{\"reason\":\"{signal,SIGSEGV}\",\"time\":1795348073000},\"sources\":12,"
    "\"last_good\":1795348549000,\"next_due\":1795348848000,\"last_status\":\"no_match\",\"last_reason\":null},"
    "{\"name\":\"suppliers/argos\",\"id\":\"argos\",\"type\":\"scraper\",\"state\":\"restarting\",\"wanted\":true,"
    "\"node\":null,\"pid\":null,\"since\":null,\"restarts\":3,\"due\":1795348804000,"
    "\"last_exit\":{\"reason\":\"{exit,3}\",\"time\":1},\"sources\":1,\"last_good\":null,\"next_due\":null}]},"
    "{\"name\":\"off\",\"id\":\"off\",\"type\":\"child\",\"state\":\"undefined\",\"wanted\":false,\"restarts\":0},"
    "{\"name\":\"gone\",\"id\":\"gone\",\"type\":\"child\",\"state\":\"undefined\",\"restart\":\"temporary\",\"wanted\":true,\"restarts\":0}"
    "]}}";

/* The status as text; the caller frees. Checks that no line is wider. */
static char *
view(const char *json, unsigned width, bool color)
{
	struct json_object *object = json_tokener_parse(json);
	struct status_view v = { .width = width, .color = color, .now_ms = NOW };
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;

	ck_assert_ptr_nonnull(object);
	ck_assert_msg(status_view(object, &v, &out, &err) == 0, "%s", err.msg);
	json_object_put(object);
	for (const char *p = out.data; width > 0 && !color && *p != '\0';) {
		size_t len = strcspn(p, "\n"), columns = 0;

		for (size_t i = 0; i < len; i++)
			columns += (p[i] & 0xc0) != 0x80;
		ck_assert_msg(columns <= width, "%zu columns: %.*s", columns, (int)len, p);
		p += len + (p[len] == '\n');
	}
	return buf_detach(&out);
}

static void
has(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) != NULL, "\"%s\" is not in:\n%s", part, text);
}

static void
has_not(const char *text, const char *part)
{
	ck_assert_msg(strstr(text, part) == NULL, "\"%s\" is in:\n%s", part, text);
}

START_TEST(status_wide)
{
	char *text = view(status, 200, false);

	has(text, "trapexitd 0.1.0, pid 12, up 1d\n");
	has(text, "NODE");
	has(text, "SIGSEGV");
	has(text, "12m7s");	 /* uptime */
	has(text, "4m11s");	 /* age of the last good */
	has(text, "in 48s");	 /* next due */
	has(text, "restarting in 4s");
	has(text, "exit 3");
	has(text, "never");
	has(text, "2/5");
	has(text, "SUPERVISION");
	has(text, "rest_for_one, 3 restarts left in 1m30s");
	has(text, "temporary");
	has_not(text, "root:");
	has(text, "stopped");
	has(text, "undefined");
	has_not(text, "\033");
	free(text);
}
END_TEST

START_TEST(status_of_the_root)
{
	char *text = view("{\"version\":1,\"daemon\":{},\"nodes\":[],\"tree\":{\"name\":\"\",\"type\":\"supervisor\","
			  "\"strategy\":\"one_for_all\",\"intensity\":2,\"window\":1,\"left\":1,\"period_ms\":5000,\"children\":["
			  "{\"name\":\"s\",\"id\":\"s\",\"type\":\"supervisor\",\"state\":\"restarting\",\"due\":1795348842000,"
			  "\"children\":[]}]}}", 120, false);

	has(text, "root: one_for_all, 1 restart left in 5s\n");
	has(text, "restarting in 42s"); /* a supervisor whose restart is owed */
	free(text);
}
END_TEST

static const char waiting[] =
    "{\"version\":1,\"daemon\":{},\"nodes\":["
    "{\"name\":\"local\",\"state\":\"up\",\"permitted\":true,\"sick_until\":null,\"error\":null},"
    "{\"name\":\"box1\",\"state\":\"up\",\"permitted\":false,\"to_leave\":2,\"error\":null},"
    "{\"name\":\"box2\",\"state\":\"down\",\"permitted\":false,\"to_leave\":0,\"error\":\"ssh: no route\"},"
    "{\"name\":\"box3\",\"state\":\"up\",\"permitted\":true,\"sick_until\":1795348842000,\"error\":null}],"
    "\"tree\":{\"name\":\"\",\"type\":\"supervisor\",\"children\":["
    "{\"name\":\"s/a\",\"id\":\"a\",\"type\":\"child\",\"state\":\"restarting\",\"due\":null,\"moved\":{\"from\":\"box2\",\"why\":\"down\"},\"forbidden\":[\"box3\",\"box4\"],"
    "\"waits_for\":[{\"node\":\"box2\",\"why\":\"down\"},{\"node\":\"box3\",\"why\":\"forbidden\"}]},"
    "{\"name\":\"b\",\"id\":\"b\",\"type\":\"child\",\"state\":\"restarting\",\"due\":1795348842000,"
    "\"waits_for\":[{\"node\":\"box2\",\"why\":\"down\"}]}]}}";

/* S115: who waits, and for what. */
START_TEST(status_of_who_waits)
{
	char *text = view(waiting, 200, false);

	has_not(text, "node local");
	has(text, "node box1: up, draining, 2 left\n");
	has(text, "node box2: down, drained, ssh: no route\n");
	has(text, "node box3: up, sick: children fail there again and again\n");
	has(text, "s/a: waits for a node: box2 is down, box3 is forbidden\n");
	has(text, "b: waits for a node: box2 is down; elsewhere in 42s\n");
	has(text, "from box2, which was down, not on box3, box4");
	free(text);
}
END_TEST

START_TEST(status_narrow)
{
	for (unsigned width = 40; width <= 200; width++)
		free(view(status, width, false));
	char *text = view(status, 80, false);

	has_not(text, "NODE");
	has(text, "RESTARTS");
	has(text, "LAST GOOD");
	has(text, "STATE");
	free(text);
}
END_TEST

START_TEST(status_without_bound)
{
	char *text = view(status, 0, false);

	has(text, "rest_for_one, 3 restarts left in 1m30s, at most 7, auto_shutdown any_significant, transient, significant, "
		  "added at run time\n");
	has(text, "NODE");
	has(text, "NEXT DUE");
	has(text, "restarting in 4s");
	free(text);
}
END_TEST

START_TEST(status_in_colour)
{
	char *text = view(status, 120, true);

	has(text, "\033[32m"); /* running is green */
	has(text, "\033[1;33m"); /* restarting is yellow */
	free(text);
}
END_TEST

START_TEST(status_alarms)
{
	static const char json[] =
	    "{\"daemon\":{\"pid\":12,\"version\":\"0.1.0\",\"since\":1,\"state\":\"stopping\","
	    "\"journal\":{\"disk_full\":true,\"error\":\"fdatasync: I/O\\u001b error\"}},"
	    "\"nodes\":[{\"name\":\"local\",\"state\":\"up\"},{\"name\":\"box2\",\"state\":\"down\",\"error\":\"ssh: no route\"}],"
	    "\"tree\":{\"children\":[]}}";
	char *text = view(json, 0, false);

	has(text, ", stopping\n");
	has(text, "ALARM journal: the disk is full");
	has(text, "ALARM journal: fdatasync: I/O\\x1b error\n");
	has(text, "node box2: down, ssh: no route\n");
	has_not(text, "node local");
	has(text, "no children\n");
	free(text);
}
END_TEST

/* A server that is broken, or of another time, does no harm. */
START_TEST(status_of_nonsense)
{
	static const char *const rows[] = { "{}", "{\"tree\":7}", "{\"tree\":{\"children\":[7,null,{}]}}",
		"{\"tree\":{\"children\":[{\"type\":\"supervisor\"},{\"type\":\"supervisor\",\"children\":{}}]}}" };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		free(view(rows[i], 80, false));
}
END_TEST

START_TEST(every_command_has_its_help)
{
	size_t n;
	const struct command *commands = command_table(&n);

	for (size_t i = 0; i < n; i++) {
		char *text = NULL;
		size_t size = 0;
		FILE *f = open_memstream(&text, &size);

		help_command(f, &commands[i]);
		fclose(f);
		has(text, commands[i].name);
		has(text, "--config");
		ck_assert(commands[i].summary[0] >= 'a' && commands[i].summary[0] <= 'z');
		ck_assert_ptr_eq(command_find(commands[i].name), &commands[i]);
		free(text);
	}
	ck_assert_ptr_null(command_find("nothing"));
}
END_TEST

/* No letter, no name and no bit twice. */
START_TEST(options_are_told_apart)
{
	size_t n;
	const struct option_row *rows = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(__builtin_popcount(rows[i].bit), 1);
		for (size_t k = 0; k < i; k++) {
			ck_assert_int_ne(rows[i].letter, rows[k].letter);
			ck_assert_str_ne(rows[i].name, rows[k].name);
			ck_assert_uint_ne(rows[i].bit, rows[k].bit);
		}
	}
}
END_TEST

/* What cksum(1) says. */
START_TEST(checksums)
{
	char *zeros = calloc(1, 70000);

	ck_assert_uint_eq(payload_cksum("", 0), 4294967295u);
	ck_assert_uint_eq(payload_cksum("123456789", 9), 930766865u);
	ck_assert_ptr_nonnull(zeros);
	ck_assert_uint_eq(payload_cksum(zeros, 70000), 1774371287u);
	free(zeros);
}
END_TEST

START_TEST(machines)
{
	struct deploy_payload p = { .machine = EM_AARCH64, .class = ELFCLASS64, .order = ELFDATA2LSB };

	ck_assert_ptr_null(payload_misfit(&p, "aarch64"));
	ck_assert_ptr_null(payload_misfit(&p, "e2k"));
	ck_assert_str_eq(payload_misfit(&p, "x86_64"), "aarch64");
	p.machine = EM_ARM;
	p.class = ELFCLASS32;
	ck_assert_ptr_null(payload_misfit(&p, "armv7l"));
	ck_assert_ptr_null(payload_misfit(&p, "armv6l"));
	ck_assert_str_eq(payload_misfit(&p, "aarch64"), "armv7l");
	p.machine = 4711;
	ck_assert_str_eq(payload_misfit(&p, "aarch64"), "another machine");
}
END_TEST

START_TEST(packages)
{
	ck_assert_str_eq(package_of("libjson-c.so.5"), "libjson-c5");
	ck_assert_ptr_null(package_of("libjson-c.so.4"));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("cli");
	TCase *t = tcase_create("events");

	tcase_add_test(t, records_become_sentences);
	tcase_add_test(t, details_only_on_request);
	tcase_add_test(t, report_goes_behind_its_exit);
	suite_add_tcase(s, t);
	t = tcase_create("text");
	tcase_add_loop_test(t, text_is_safe, 0, ARRAY_LEN(safe_rows));
	tcase_add_test(t, text_is_cut);
	tcase_add_loop_test(t, since, 0, ARRAY_LEN(since_rows));
	tcase_add_test(t, times);
	tcase_add_test(t, csv_as_rfc_4180);
	tcase_add_test(t, the_last_lines);
	tcase_add_test(t, numbers_of_lines);
	suite_add_tcase(s, t);
	t = tcase_create("status");
	tcase_add_test(t, status_wide);
	tcase_add_test(t, status_of_the_root);
	tcase_add_test(t, status_of_who_waits);
	tcase_add_test(t, checksums);
	tcase_add_test(t, machines);
	tcase_add_test(t, packages);
	tcase_add_test(t, status_narrow);
	tcase_add_test(t, status_without_bound);
	tcase_add_test(t, status_in_colour);
	tcase_add_test(t, status_alarms);
	tcase_add_test(t, status_of_nonsense);
	suite_add_tcase(s, t);
	t = tcase_create("tables");
	tcase_add_test(t, every_command_has_its_help);
	tcase_add_test(t, options_are_told_apart);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	setlocale(LC_CTYPE, "C.UTF-8");
	return unit_run(suite());
}
