#include "cli/event_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/map.h"
#include "base/mono.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "cli/jget.h"
#include "cli/term.h"
#include "cli/words.h"

#define DURATION_MOST_MS (INT64_C(1000) * 366 * 86400 * 1000)

/* An incarnation that has not been seen to end. */
struct run {
	int64_t since_ms; /* 0: not known, it is older than what was read */
	uint32_t pid;
	char node[64]; /* "": not known */
	char start_type[96 + WORDS_MOVE_SIZE]; /* with where from; "": the ordinary one */
};

struct teller {
	struct map runs; /* token -> struct run * (owned) */
	struct buf text;
	struct buf behind;
	char *child; /* owned */
	struct json_object *record; /* owned; the one that is told */
	bool detail; /* the one that is told says nothing that another does not */
};

/* Append a member as safe text; "?" if it is missing. */
static void
put_member(struct teller *t, const char *name)
{
	const char *s = jget_str(t->record, name);

	if (s == NULL)
		s = "?";
	term_put_safe(&t->text, s, strlen(s));
}

static void
put(struct teller *t, const char *text)
{
	buf_xaddstr(&t->text, text);
}

/* ": reason" if there is one. */
static void
put_behind(struct teller *t, const char *between, const char *name)
{
	const char *s = jget_str(t->record, name);

	if (s == NULL || *s == '\0')
		return;
	put(t, between);
	put_member(t, name);
}

static void
put_reason(struct teller *t)
{
	char words[WORDS_REASON_SIZE];

	words_reason(jget_str(t->record, "reason"), words);
	term_put_safe(&t->text, words, strlen(words));
}

static void
put_duration_ms(struct buf *out, int64_t ms)
{
	char text[DURATION_TEXT_SIZE];

	/* From a second on, nobody wants the milliseconds; nor, of a record that is wrong, a thousand years. */
	if (ms >= 1000)
		ms -= ms % 1000;
	if (ms > DURATION_MOST_MS || ms < 0)
		buf_xaddstr(out, "?");
	else
		buf_xaddstr(out, duration_human(ms * US_PER_MS, text));
}

static void
put_by(struct teller *t)
{
	char user[WORDS_USER_SIZE];

	if (jget_has(t->record, "by"))
		buf_xprintf(&t->text, ", by %s", words_user(jget_int(t->record, "by"), user));
}

/* ", restart at once", ", restart in 200ms", or nothing if none is owed. */
static void
put_restart(struct teller *t, struct buf *out)
{
	int64_t delay = jget_int(t->record, "delay_ms");

	if (!jget_has(t->record, "delay_ms"))
		return;
	if (delay <= 0) {
		buf_xaddstr(out, ", restart at once");
		return;
	}
	buf_xaddstr(out, ", restart in ");
	put_duration_ms(out, delay);
}

static struct run *
run_of(struct teller *t, uint64_t token)
{
	struct run *r = map_find(&t->runs, token);

	if (r == NULL && token != 0) {
		r = xcalloc(1, sizeof(*r));
		map_put(&t->runs, token, r);
	}
	return r;
}

static void
tell_journal(struct teller *t, struct event *e)
{
	(void)e;
	buf_xprintf(&t->text, "journal: segment %" PRId64 " of epoch %" PRId64 " begins",
	    jget_int(t->record, "segment"), jget_int(t->record, "epoch"));
}

static void
tell_daemon(struct teller *t, struct event *e)
{
	static const struct {
		const char *event, *text;
	} texts[] = {
		{ "begin", "begins" },
		{ "ready", "is ready" },
		{ "end", "has ended, as it was told to" },
		{ "upgrade", "has taken over" },
		{ "upgrade_failed", "goes on: a new one did not come up" },
	};
	const char *event = jget_str(t->record, "event"), *text = event == NULL ? "?" : event;

	(void)e;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		if (strcmp(text, texts[i].event) == 0)
			text = texts[i].text;
	}
	put(t, "trapexitd ");
	term_put_safe(&t->text, text, strlen(text));
	if (jget_int(t->record, "pid") != 0)
		buf_xprintf(&t->text, " (pid %" PRId64, jget_int(t->record, "pid"));
	if (jget_int(t->record, "pid") != 0) {
		put_behind(t, ", version ", "version");
		put(t, ")");
	}
	if (strcmp(event == NULL ? "" : event, "upgrade") == 0)
		put_behind(t, " from version ", "from");
	put_behind(t, ": ", "reason");
}

static void
tell_node(struct teller *t, struct event *e)
{
	const char *event = jget_str(t->record, "event");

	put(t, "node ");
	put_member(t, "node");
	if (event != NULL && strcmp(event, "lease") == 0) {
		put(t, " has a lease of ");
		put_duration_ms(&t->text, jget_int(t->record, "lease_ms"));
		return;
	}
	if (event != NULL && (strcmp(event, "over") == 0 || strcmp(event, "gone") == 0)) {
		put(t, event[0] == 'o' ? " has lost what ran there" : " is no longer one of ours");
		put_behind(t, ": ", "reason");
		return;
	}
	put(t, " is ");
	put_member(t, "event");
	e->alarm = event != NULL && strcmp(event, "down") == 0;
	if (jget_int(t->record, "agent_pid") != 0 && !e->alarm)
		buf_xprintf(&t->text, " (agent pid %" PRId64 ", guard pid %" PRId64 ")",
		    jget_int(t->record, "agent_pid"), jget_int(t->record, "guard_pid"));
	put_behind(t, ": ", "reason");
}

/* The order to start; that it is done, `started`, says the same and more. */
static void
tell_start(struct teller *t, struct event *e)
{
	const char *type = jget_str(t->record, "start_type"), *node = jget_str(t->record, "node");
	const char *from = jget_str(t->record, "from");
	char move[WORDS_MOVE_SIZE], text[96 + WORDS_MOVE_SIZE] = "", safe[sizeof(text)];
	struct run *r = run_of(t, e->token);

	if (type != NULL && strcmp(type, "normal") != 0)
		snprintf(text, sizeof(text), "%.80s%s%s", type, from != NULL ? " " : "",
		    from != NULL ? words_move(from, jget_str(t->record, "why"), move) : "");
	term_safe(text, safe, sizeof(safe));
	if (r != NULL) {
		term_safe(node, r->node, sizeof(r->node));
		memcpy(r->start_type, safe, sizeof(safe));
	}
	put(t, "is to be started on ");
	put_member(t, "node");
	if (safe[0] != '\0')
		buf_xprintf(&t->text, ", %s", safe);
	t->detail = true;
}

static void
tell_started(struct teller *t, struct event *e)
{
	struct run *r = run_of(t, e->token);

	put(t, "started");
	if (r != NULL && r->node[0] != '\0')
		buf_xprintf(&t->text, " on %s", r->node);
	buf_xprintf(&t->text, " (pid %" PRId64 ")", jget_int(t->record, "pid"));
	if (r != NULL && r->start_type[0] != '\0')
		buf_xprintf(&t->text, ", %s", r->start_type);
	if (r == NULL)
		return;
	r->pid = (uint32_t)jget_int(t->record, "pid");
	r->since_ms = e->t_ms;
}

static void
tell_start_failed(struct teller *t, struct event *e)
{
	e->alarm = e->exit = true;
	put(t, "could not be started: ");
	put_reason(t);
	put_restart(t, &t->text);
}

static void
tell_ready(struct teller *t, struct event *e)
{
	(void)e;
	put(t, "is ready");
	put_behind(t, ": ", "info");
}

static void
tell_exit(struct teller *t, struct event *e)
{
	struct run *r = map_remove(&t->runs, e->token);
	int64_t pid = r != NULL && r->pid != 0 ? r->pid : jget_int(t->record, "pid");

	e->exit = true;
	put(t, "exited: ");
	put_reason(t);
	if (pid != 0)
		buf_xprintf(&t->text, " (pid %" PRId64, pid);
	if (pid != 0 && r != NULL && r->since_ms > 0 && e->t_ms >= r->since_ms) {
		put(t, ", ran ");
		put_duration_ms(&t->text, e->t_ms - r->since_ms);
	}
	if (pid != 0)
		put(t, ")");
	put_restart(t, &t->text);
	free(r);
}

static void
tell_ending(struct teller *t, struct event *e)
{
	buf_xprintf(&t->text, "incarnation %" PRIu64 " is told to end", e->token);
}

static void
tell_late_exit(struct teller *t, struct event *e)
{
	buf_xprintf(&t->text, "incarnation %" PRIu64 ", taken for lost with its node, had exited: ", e->token);
	put_reason(t);
}

static void
tell_done(struct teller *t, struct event *e)
{
	buf_xprintf(&t->text, "incarnation %" PRIu64 ": all that it printed is kept", e->token);
}

/* ", last of all ebuyer": whose failure it was. */
static void
put_offender(struct teller *t)
{
	struct json_object *record = t->record;

	if ((t->record = jget_object(record, "offender")) != NULL)
		put_behind(t, ", last of all ", "id");
	t->record = record;
}

/* S115; with a delay it is S113. */
static void
tell_no_node(struct teller *t, struct event *e)
{
	e->alarm = true;
	if (!jget_has(t->record, "delay_ms")) {
		put(t, "waits for a node: none of its list can be had");
		return;
	}
	put(t, "waits for its node to come back, at most ");
	put_duration_ms(&t->text, jget_int(t->record, "delay_ms"));
}

/* Architecture 7: it was the last of several. */
static void
tell_node_sick(struct teller *t, struct event *e)
{
	e->alarm = true;
	put(t, "keeps failing, as others do, on ");
	put_member(t, "node");
	put(t, ", which is sick: it is avoided for ");
	put_duration_ms(&t->text, jget_int(t->record, "delay_ms"));
	if (jget_has(t->record, "reason")) {
		put(t, ": ");
		put_reason(t);
	}
}

/* S126. Most say again what start and exit said; what they add goes behind an exit. */
static void
tell_supervision(struct teller *t, struct event *e)
{
	static const struct {
		const char *report, *text, *behind;
		bool alarm, reason;
	} reports[] = {
		{ "progress", "is up", NULL, false, false },
		{ "child_terminated", "has ended", "", false, true },
		{ "start_error", "cannot be started", "", true, true },
		{ "shutdown_error", "did not end as it was told to", ", not as it was told to", false, true },
		{ "shutdown", "is shut down", NULL, false, true },
		{ "escalated", "gives up: its children fail too often", NULL, true, false },
		{ "cool_down", "is set aside: it failed too often", NULL, true, true },
		{ "stopped", "is stopped", ", as it was told to", false, false },
	};
	const char *name = jget_str(t->record, "report");
	bool reason = true;

	for (size_t i = 0; name != NULL && i < ARRAY_LEN(reports); i++) {
		if (strcmp(name, reports[i].report) != 0)
			continue;
		put(t, reports[i].text);
		e->alarm = reports[i].alarm;
		reason = reports[i].reason;
		e->behind = reports[i].behind;
		/* Of a supervisor nothing else says it; of a child, its start did. */
		t->detail = i == 0 && e->token != 0;
		break;
	}
	if (t->text.len == 0) {
		put(t, "report ");
		put_member(t, "report");
	}
	if (name != NULL && strcmp(name, "escalated") == 0)
		put_offender(t);
	if (reason && jget_has(t->record, "reason")) {
		put(t, ": ");
		put_reason(t);
	}
	put_restart(t, &t->text);
	if (e->behind == NULL)
		return;
	buf_xaddstr(&t->behind, e->behind);
	put_restart(t, &t->behind);
	e->behind = t->behind.data;
}

static void
tell_report(struct teller *t, struct event *e)
{
	const char *name = jget_str(t->record, "report");

	if (name != NULL && strcmp(name, "no_node") == 0)
		tell_no_node(t, e);
	else if (name != NULL && strcmp(name, "node_sick") == 0)
		tell_node_sick(t, e);
	else
		tell_supervision(t, e);
}

static void
tell_wish(struct teller *t, struct event *e)
{
	bool stopped = jget_bool(t->record, "stopped");

	(void)e;
	put(t, stopped ? "is to stay stopped" : "is to run");
	put_by(t);
	/* The ordinary wish: the order beside it says as much. */
	t->detail = !stopped;
}

/* S118. */
static void
tell_permit(struct teller *t, struct event *e)
{
	bool permitted = jget_bool(t->record, "permitted");

	if (e->child != NULL) {
		put(t, permitted ? "may run on " : "may not run on ");
		put_member(t, "node");
		put(t, permitted ? " again" : " any more");
	} else {
		put(t, "node ");
		put_member(t, "node");
		put(t, permitted ? " takes children again" : " is to be drained: its children leave, and none is started there");
	}
	put_by(t);
}

static void
tell_order(struct teller *t, struct event *e)
{
	put(t, e->child != NULL ? "is ordered to " : "order: ");
	put_member(t, "order");
	put_behind(t, " to ", "node");
	put_by(t);
}

static void
put_peer(struct teller *t, const char *text)
{
	put(t, text);
	put_member(t, "peer");
	put_by(t);
}

static void
tell_link(struct teller *t, struct event *e)
{
	(void)e;
	put_peer(t, "is linked to ");
}

static void
tell_unlink(struct teller *t, struct event *e)
{
	(void)e;
	put_peer(t, "is no longer linked to ");
}

static void
tell_monitor(struct teller *t, struct event *e)
{
	(void)e;
	put_peer(t, "watches ");
}

static void
tell_demonitor(struct teller *t, struct event *e)
{
	(void)e;
	put(t, "watches less: monitor ");
	buf_xprintf(&t->text, "%" PRId64 " is removed", jget_int(t->record, "ref"));
	put_by(t);
}

static void
tell_exit_signal(struct teller *t, struct event *e)
{
	(void)e;
	put(t, "is ended by an exit signal: ");
	put_reason(t);
}

static void
tell_tell(struct teller *t, struct event *e)
{
	(void)e;
	put(t, "is told: ");
	put_member(t, "line");
}

/* A list, or the number of what would be in it. */
static int64_t
count_of(struct teller *t, const char *name)
{
	struct json_object *list = jget_array(t->record, name);

	return list != NULL ? (int64_t)json_object_array_length(list) : jget_int(t->record, name);
}

static void
tell_reload(struct teller *t, struct event *e)
{
	if (jget_str(t->record, "error") != NULL) {
		e->alarm = true;
		put(t, "the configuration is refused");
		put_by(t);
		put_behind(t, ": ", "error");
		return;
	}
	buf_xprintf(&t->text,
	    "the configuration is read anew: %" PRId64 " added, %" PRId64 " removed, %" PRId64 " changed",
	    count_of(t, "added"), count_of(t, "removed"), count_of(t, "changed"));
	put_by(t);
}

static void
tell_added(struct teller *t, struct event *e)
{
	(void)e;
	put(t, jget_bool(t->record, "listed") ? "is there again, as the configuration says" : "was added at run time");
	put_by(t);
}

static void
tell_removed(struct teller *t, struct event *e)
{
	(void)e;
	put(t, jget_bool(t->record, "listed") ? "was removed, though the configuration has it" :
						 "is no more: it had been added at run time");
	put_by(t);
}

static void
tell_terminated(struct teller *t, struct event *e)
{
	(void)e;
	put(t, jget_bool(t->record, "ignored") ? "says that there is nothing to do" :
						  "was terminated; only a restart of its group would start it");
	put_by(t);
}

static void
tell_observation(struct teller *t, struct event *e)
{
	struct json_object *data = jget_object(t->record, "data"), *record = t->record;

	(void)e;
	put(t, "observed ");
	put_member(t, "source");
	t->record = data;
	put(t, ": ");
	put_member(t, "status");
	put_behind(t, ", ", "amount");
	put_behind(t, " ", "currency");
	put_behind(t, ", ", "availability");
	put_behind(t, ": ", "reason");
	t->record = record;
}

static void
tell_state(struct teller *t, struct event *e)
{
	(void)e;
	put(t, "remembers ");
	put_member(t, "key");
}

static void
tell_line(struct teller *t, struct event *e)
{
	(void)e;
	put(t, "printed: ");
	put_member(t, "text");
}

static void
tell_evidence(struct teller *t, struct event *e)
{
	const char *reason = jget_str(jget_object(t->record, "data"), "reason");

	(void)e;
	put(t, "keeps the page of ");
	put_member(t, "source");
	put(t, " as evidence: ");
	term_put_safe(&t->text, reason != NULL ? reason : "?", reason != NULL ? strlen(reason) : 1);
}

static void
tell_mark(struct teller *t, struct event *e)
{
	(void)e;
	buf_xprintf(&t->text, "writes its log, from byte %" PRId64 " of the file", jget_int(t->record, "pos"));
}

static void
tell_alarm(struct teller *t, struct event *e)
{
	/* Well again is no alarm, though it belongs to one. */
	const char *alarm = jget_str(t->record, "alarm");

	e->alarm = alarm == NULL || strcmp(alarm, "fresh") != 0;
	put(t, e->alarm ? "ALARM " : "");
	put_member(t, "alarm");
	put_behind(t, " ", "object");
	put_behind(t, ": ", "text");
}

static const struct kind {
	const char *type;
	void (*tell)(struct teller *t, struct event *e);
	bool detail;
} kinds[] = {
	{ "journal", tell_journal, true },
	{ "daemon", tell_daemon, false },
	{ "node", tell_node, false },
	{ "start", tell_start, false },
	{ "started", tell_started, false },
	{ "start_failed", tell_start_failed, false },
	{ "ready", tell_ready, false },
	{ "ending", tell_ending, true },
	{ "exit", tell_exit, false },
	{ "late_exit", tell_late_exit, false },
	{ "done", tell_done, true },
	{ "report", tell_report, false },
	{ "wish", tell_wish, false },
	{ "permit", tell_permit, false },
	{ "order", tell_order, false },
	{ "added", tell_added, false },
	{ "removed", tell_removed, false },
	{ "terminated", tell_terminated, false },
	{ "link", tell_link, false },
	{ "unlink", tell_unlink, false },
	{ "monitor", tell_monitor, false },
	{ "demonitor", tell_demonitor, false },
	{ "exit_signal", tell_exit_signal, false },
	{ "tell", tell_tell, false },
	{ "reload", tell_reload, false },
	{ "observation", tell_observation, true },
	{ "state", tell_state, true },
	{ "line", tell_line, true },
	{ "evidence", tell_evidence, true },
	{ "mark", tell_mark, true },
	{ "alarm", tell_alarm, false },
};

/* Of a later version: shown as it is, on request. */
static void
tell_unknown(struct teller *t, struct event *e)
{
	const char *json = json_object_to_json_string_ext(t->record, JSON_C_TO_STRING_PLAIN);

	(void)e;
	put(t, "record of an unknown type: ");
	term_put_safe(&t->text, json, strlen(json));
}

static const struct kind unknown = { "", tell_unknown, true };

static const struct kind *
kind_find(const struct json_field *type)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (json_field_is(type, kinds[i].type))
			return &kinds[i];
	}
	return &unknown;
}

/* What still runs when a segment begins is told by its snapshot, without the time of its start. */
static void
learn_snapshot(struct teller *t, const struct json_field *type, uint64_t token, const struct json_field *pid)
{
	uint64_t number;
	struct run *r;

	if (!json_field_is(type, "snapshot_incarnation") || json_field_uint(pid, &number) == -1)
		return;
	r = run_of(t, token);
	if (r != NULL)
		r->pid = (uint32_t)number;
}

struct teller *
teller_new(void)
{
	return xcalloc(1, sizeof(struct teller));
}

enum { F_TYPE, F_T, F_CHILD, F_TOKEN, F_PID, F_SNAP, FIELDS };

enum tell
teller_tell(struct teller *t, const char *line, size_t len, bool details, struct event *event)
{
	struct json_field f[FIELDS] = { [F_TYPE] = { .name = "type" },
		[F_T] = { .name = "t" },
		[F_CHILD] = { .name = "child" },
		[F_TOKEN] = { .name = "token" },
		[F_PID] = { .name = "pid" },
		[F_SNAP] = { .name = "snap" } };
	const struct kind *kind;

	*event = (struct event){ 0 };
	if (json_scan(line, len, f, FIELDS) == -1)
		return TELL_NOTHING;
	if (json_field_uint(&f[F_TOKEN], &event->token) == -1)
		event->token = 0;
	if (f[F_SNAP].kind != JSON_ABSENT) {
		learn_snapshot(t, &f[F_TYPE], event->token, &f[F_PID]);
		return TELL_NOTHING;
	}
	if (json_field_int(&f[F_T], &event->t_ms) == -1)
		event->t_ms = 0;
	free(t->child);
	event->child = t->child = json_field_strdup(&f[F_CHILD]);
	kind = kind_find(&f[F_TYPE]);
	/* Most of a journal is what scrapers saw: nothing is made of it unless somebody wants it. */
	if (kind->detail && !details)
		return TELL_DETAIL;
	/* The line is whole JSON, but not a string of C. */
	buf_clear(&t->text);
	buf_clear(&t->behind);
	buf_xadd(&t->text, line, len);
	json_object_put(t->record);
	t->record = json_tokener_parse(t->text.data);
	buf_clear(&t->text);
	t->detail = kind->detail;
	kind->tell(t, event);
	if (!t->detail || details)
		event->text = t->text.data;
	return t->detail ? TELL_DETAIL : TELL_SHOW;
}

void
teller_free(struct teller *t)
{
	uint64_t token;
	void *run;
	size_t i = 0;

	while (map_next(&t->runs, &i, &token, &run))
		free(run);
	map_release(&t->runs);
	buf_release(&t->text);
	buf_release(&t->behind);
	free(t->child);
	json_object_put(t->record);
	free(t);
}
