#include "wire/event_match.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "wire/name_match.h"

static const char *const names[EVENT_FIELDS] = {
	[EVENT_TYPE] = "type", [EVENT_T] = "t", [EVENT_CHILD] = "child", [EVENT_TOKEN] = "token",
	[EVENT_REASON] = "reason", [EVENT_NODE] = "node", [EVENT_PID] = "pid", [EVENT_SNAP] = "snap",
	[EVENT_OBJECT] = "object", [EVENT_EVENT] = "event", [EVENT_REPORT] = "report", [EVENT_ALARM] = "alarm",
	[EVENT_ORDER] = "order",
};

static const char *const daemon_kinds[] = { "begin", "ready", "end", "upgrade", "upgrade_failed", NULL };
static const char *const node_kinds[] = { "up", "down", "over", "gone", "lease", NULL };
static const char *const report_kinds[] = { "progress", "child_terminated", "start_error", "shutdown_error", "shutdown",
	"escalated", "cool_down", "stopped", "no_node", "node_sick", NULL };
static const char *const alarm_kinds[] = { "hung", "disk_full", "journal", "journal_ok", "stale", "blocked", "suspect", "fresh",
	NULL };

/* Members that conditions are about. */
enum { C = 1 << EVENT_CHILD, R = 1 << EVENT_REASON, N = 1 << EVENT_NODE };

/* As the table of ARCHITECTURE.md, without what only the journal itself needs. A test compares the two. */
static const struct type {
	const char *name;
	enum event_field kind; /* where it stands; EVENT_TYPE: it has none */
	const char *const *kinds; /* NULL: any */
	unsigned members;
} types[] = {
	{ "daemon", EVENT_EVENT, daemon_kinds, R },
	{ "node", EVENT_EVENT, node_kinds, R | N },
	{ "start", EVENT_TYPE, NULL, C | N },
	{ "started", EVENT_TYPE, NULL, C },
	{ "start_failed", EVENT_TYPE, NULL, C | R | N },
	{ "ready", EVENT_TYPE, NULL, C },
	{ "ending", EVENT_TYPE, NULL, C },
	{ "exit", EVENT_TYPE, NULL, C | R | N },
	{ "late_exit", EVENT_TYPE, NULL, C | R | N },
	{ "report", EVENT_REPORT, report_kinds, C | R },
	{ "wish", EVENT_TYPE, NULL, C },
	{ "added", EVENT_TYPE, NULL, C },
	{ "removed", EVENT_TYPE, NULL, C },
	{ "terminated", EVENT_TYPE, NULL, C },
	{ "permit", EVENT_TYPE, NULL, C | N },
	{ "order", EVENT_ORDER, NULL, C },
	{ "link", EVENT_TYPE, NULL, C },
	{ "unlink", EVENT_TYPE, NULL, C },
	{ "monitor", EVENT_TYPE, NULL, C },
	{ "demonitor", EVENT_TYPE, NULL, C },
	{ "exit_signal", EVENT_TYPE, NULL, C | R },
	{ "tell", EVENT_TYPE, NULL, C },
	{ "reload", EVENT_TYPE, NULL, 0 },
	{ "observation", EVENT_TYPE, NULL, C },
	{ "state", EVENT_TYPE, NULL, C },
	{ "line", EVENT_TYPE, NULL, C },
	{ "evidence", EVENT_TYPE, NULL, C },
	{ "done", EVENT_TYPE, NULL, C },
	{ "alarm", EVENT_ALARM, alarm_kinds, C },
};

static const char *const type_names[] = { "daemon", "node", "start", "started", "start_failed", "ready", "ending",
	"exit", "late_exit", "report", "wish", "added", "removed", "terminated", "permit", "order", "link", "unlink", "monitor",
	"demonitor", "exit_signal", "tell", "reload", "observation", "state", "line", "evidence", "done", "alarm",
	NULL };
_Static_assert(ARRAY_LEN(type_names) == ARRAY_LEN(types) + 1, "a name for each type");

static const struct type *
type_find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strlen(types[i].name) == len && memcmp(types[i].name, name, len) == 0)
			return &types[i];
	return NULL;
}

const char *const *
event_types(void)
{
	return type_names;
}

const char *const *
event_kinds(const char *type)
{
	const struct type *t = type_find(type, strlen(type));

	return t == NULL ? NULL : t->kinds;
}

bool
event_type_has(const char *text, enum event_field member)
{
	const struct type *t = type_find(text, strcspn(text, ":"));

	return t != NULL && (t->members >> member & 1) != 0;
}

static size_t
count(const char *const *list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	return n;
}

/* "no event 'xeit'; did you mean 'exit'?" */
static int
unknown(const char *what, const char *word, const char *const *list, struct err *err)
{
	const char *meant = name_suggest(word, list, count(list));
	struct buf all = BUF_INIT(0);

	if (meant != NULL)
		return err_set(err, 0, "there is no %s '%.64s'; did you mean '%s'?", what, word, meant);
	for (size_t i = 0; list[i] != NULL; i++)
		buf_xprintf(&all, "%s%s", i > 0 ? ", " : "", list[i]);
	err_set(err, 0, "there is no %s '%.64s', expected one of %s", what, word, all.data);
	buf_release(&all);
	return -1;
}

int
event_type_check(const char *text, struct err *err)
{
	size_t len = strcspn(text, ":");
	const struct type *t = type_find(text, len);
	const char *kind = text[len] == ':' ? text + len + 1 : NULL;

	if (t == NULL)
		return unknown("event", text, type_names, err);
	if (kind == NULL)
		return 0;
	if (t->kind == EVENT_TYPE)
		return err_set(err, 0, "there are no kinds of the event '%s', expected '%s' alone", t->name, t->name);
	if (*kind == '\0')
		return err_set(err, 0, "the kind behind '%s:' is missing", t->name);
	for (size_t i = 0; t->kinds != NULL && t->kinds[i] != NULL; i++)
		if (strcmp(t->kinds[i], kind) == 0)
			return 0;
	return t->kinds == NULL ? 0 : unknown(t->name, kind, t->kinds, err);
}

/* Behind the class that begins at p (behind its '['); NULL: it is not closed. Its first character may be a ']'. */
static const char *
class_end(const char *p)
{
	const char *end;

	if (*p == '!' || *p == '^')
		p++;
	end = *p == '\0' ? NULL : strchr(p + 1, ']');
	return end == NULL ? NULL : end + 1;
}

bool
event_glob_is_sound(const char *text)
{
	const char *p = *text == '!' ? text + 1 : text;

	if (*p == '\0')
		return false;
	while (p != NULL && *p != '\0') {
		if (*p == '\\' && p[1] != '\0')
			p += 2;
		else if (*p == '[')
			p = class_end(p + 1);
		else
			p++;
	}
	return p != NULL;
}

int
event_scan(const char *line, size_t len, struct event_record *rec)
{
	for (size_t i = 0; i < EVENT_FIELDS; i++)
		rec->f[i] = (struct json_field){ .name = names[i] };
	if (json_scan(line, len, rec->f, EVENT_FIELDS) == -1)
		return -1;
	return rec->f[EVENT_TYPE].kind != JSON_STRING || rec->f[EVENT_SNAP].kind != JSON_ABSENT ? -1 : 0;
}

bool
event_is(const struct event_record *rec, const char *type)
{
	size_t len = strcspn(type, ":");
	const struct type *t = type_find(type, len);

	if (t == NULL || !json_field_is(&rec->f[EVENT_TYPE], t->name))
		return false;
	return type[len] == '\0' || json_field_is(&rec->f[t->kind], type + len + 1);
}

static bool
type_fits(const struct strvec *wanted, const struct event_record *rec)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (event_is(rec, wanted->v[i]))
			return true;
	return wanted->n == 0;
}

static bool
reason_fits(const char *glob, const char *reason)
{
	bool normal = strcmp(reason, "normal") == 0 || strcmp(reason, "shutdown") == 0 ||
	    strncmp(reason, "{shutdown,", 10) == 0;

	if (strcmp(glob, "failure") == 0)
		return !normal;
	if (strcmp(glob, "success") == 0)
		return normal;
	return name_glob(glob, reason);
}

/* NULL: the record has no such member. */
static bool
list_fits(const struct strvec *wanted, const char *text, bool (*fits)(const char *item, const char *text))
{
	bool any = false, all_negated = true;

	if (wanted->n == 0)
		return true;
	if (text == NULL)
		return false;
	for (size_t i = 0; i < wanted->n; i++) {
		const char *item = wanted->v[i];

		if (*item == '!') {
			if (fits(item + 1, text))
				return false;
			continue;
		}
		all_negated = false;
		any = any || fits(item, text);
	}
	return any || all_negated;
}

char *
event_child(const struct event_record *rec)
{
	const struct json_field *f = &rec->f[EVENT_CHILD];

	return json_field_strdup(f->kind == JSON_ABSENT ? &rec->f[EVENT_OBJECT] : f);
}

/* A condition on a member is looked at only where there is one: most records are not even copied. */
static bool
field_fits(const struct strvec *wanted, const struct json_field *f, bool (*fits)(const char *item, const char *text))
{
	char *text;
	bool r;

	if (wanted->n == 0)
		return true;
	text = json_field_strdup(f);
	r = list_fits(wanted, text, fits);
	free(text);
	return r;
}

bool
event_matches(const struct event_match *m, const struct event_record *rec)
{
	const struct json_field *child = &rec->f[EVENT_CHILD];

	if (!type_fits(&m->types, rec))
		return false;
	return field_fits(&m->child, child->kind == JSON_ABSENT ? &rec->f[EVENT_OBJECT] : child, name_fits) &&
	    field_fits(&m->reason, &rec->f[EVENT_REASON], reason_fits) &&
	    field_fits(&m->node, &rec->f[EVENT_NODE], name_glob);
}
