/* Runs the scripts of core_script.h. */
#include "core_script.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "unit.h"

struct run {
	const struct script_row *row;
	const char *line; /* as it stands in the row, for messages */
	struct specs *specs;
	struct sup_spec root;
	struct tree *tree;
	mono_t now;
	int reports; /* 0: none, 1: all but progress, 2: all */
	struct buf out; /* what came out of the line so far */
	const char *cookies[64];
	size_t n_cookies;
	char *words[16];
	size_t n_words;
};

static const char *
word(const struct run *r, size_t i)
{
	ck_assert_msg(i < r->n_words, "%s: a word is missing in '%s'", r->row->sentence, r->line);
	return r->words[i];
}

static child_handle
find_below(const struct tree *t, child_handle sup, const char *id)
{
	child_handle h = tree_find(t, sup, id), found;

	if (h != CHILD_NONE)
		return h;
	for (h = tree_first(t, sup); h != CHILD_NONE; h = tree_next(t, h)) {
		if ((found = find_below(t, h, id)) != CHILD_NONE)
			return found;
	}
	return CHILD_NONE;
}

static child_handle
find(const struct run *r, const char *id)
{
	return strcmp(id, "root") == 0 ? TREE_ROOT : find_below(r->tree, TREE_ROOT, id);
}

static child_handle
child(const struct run *r, size_t i)
{
	child_handle h = find(r, word(r, i));

	ck_assert_msg(h != CHILD_NONE, "%s: nobody is called so in '%s'", r->row->sentence, r->line);
	return h;
}

static struct child_view
view_of(const struct run *r, child_handle h)
{
	struct child_view v;

	ck_assert(tree_view(r->tree, h, &v));
	return v;
}

static const char *
name_of(const struct run *r, child_handle h)
{
	return h == TREE_ROOT ? "root" : view_of(r, h).spec->id;
}

static void ATTR_PRINTF(2, 3)
say(struct run *r, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->out.len > 0)
		buf_xaddstr(&r->out, ", ");
	buf_xaddstr(&r->out, text);
}

static void
say_report(struct run *r, const struct tree_action *a)
{
	char reason[REASON_TEXT_SIZE], delay[DURATION_TEXT_SIZE] = "none";

	if (r->reports < (a->report == REPORT_PROGRESS ? 2 : 1))
		return;
	if (a->delay_us >= 0)
		duration_text(a->delay_us, delay);
	say(r, "%s %s %s %s", tree_report_name(a->report), name_of(r, a->child), reason_text(&a->reason, reason), delay);
}

static void
say_tell(struct run *r, const struct tree_action *a)
{
	const char *about = a->about == CHILD_NONE ? "-" : name_of(r, a->about);
	char reason[REASON_TEXT_SIZE];

	ck_assert_uint_eq(view_of(r, a->child).token, a->token);
	reason_text(&a->reason, reason);
	if (a->tell == TELL_EXIT)
		say(r, "%s gets EXIT %s %s", name_of(r, a->child), about, reason);
	else
		say(r, "%s gets DOWN %u %s %s", name_of(r, a->child), (unsigned)a->ref, about, reason);
}

static void
say_action(struct run *r, const struct tree_action *a)
{
	static const char *const starts[] = { "start", "restart", "failover", "takeover" };
	char reason[REASON_TEXT_SIZE];

	switch (a->type) {
	case TREE_ACT_START:
		ck_assert_uint_eq(view_of(r, a->child).token, a->token);
		if (a->start_type == START_FAILOVER || a->start_type == START_TAKEOVER)
			say(r, "%s %s@%u from %u", starts[a->start_type], name_of(r, a->child), a->node, a->from);
		else if (a->node == 0)
			say(r, "%s %s", starts[a->start_type], name_of(r, a->child));
		else
			say(r, "%s %s@%u", starts[a->start_type], name_of(r, a->child), a->node);
		break;
	case TREE_ACT_SIGNAL:
		say(r, "%s %s", a->signal == SIGTERM ? "term" : "signal", name_of(r, a->child));
		break;
	case TREE_ACT_KILL:
		say(r, "kill %s", name_of(r, a->child));
		break;
	case TREE_ACT_REPORT:
		say_report(r, a);
		break;
	case TREE_ACT_REPLY:
		if (a->ref != 0)
			say(r, "%s %s %u", tree_result_name(a->result), r->cookies[a->cookie - 1], (unsigned)a->ref);
		else
			say(r, "%s %s", tree_result_name(a->result), r->cookies[a->cookie - 1]);
		break;
	case TREE_ACT_TELL:
		say_tell(r, a);
		break;
	case TREE_ACT_FINISH:
		say(r, "finish %s %s", tree_result_name(a->result), reason_text(&a->reason, reason));
		break;
	}
}

static void
drain(struct run *r)
{
	struct tree_action a;

	while (tree_next_action(r->tree, &a))
		say_action(r, &a);
}

static void
feed(struct run *r, struct tree_event ev)
{
	tree_event(r->tree, &ev, r->now);
	drain(r);
}

static void
feed_child(struct run *r, enum tree_event_type type, struct exit_reason reason)
{
	struct child_view v = view_of(r, child(r, 1));

	feed(r, (struct tree_event){ .type = type, .token = v.token, .reason = reason });
}

static void
give(struct run *r, struct tree_command cmd, const char *name)
{
	enum tree_result result;

	r->cookies[r->n_cookies++] = name;
	cmd.cookie = r->n_cookies;
	result = tree_command(r->tree, &cmd, r->now, NULL);
	if (result != RESULT_OK)
		say(r, "!%s", tree_result_name(result));
	drain(r);
}

static void
command(struct run *r, enum tree_command_type type, child_handle h, const struct child_spec *spec)
{
	give(r, (struct tree_command){ .type = type, .child = h, .spec = spec },
	    type == CMD_SHUTDOWN ? "root" : spec != NULL ? spec->id : name_of(r, h));
}

static uint32_t
number(const struct run *r, size_t i)
{
	return (uint32_t)strtoul(word(r, i), NULL, 10);
}

static void
do_move(struct run *r)
{
	give(r, (struct tree_command){ .type = CMD_MOVE, .child = child(r, 1), .node = number(r, 2) },
	    name_of(r, child(r, 1)));
}

static void
do_permit(struct run *r)
{
	give(r, (struct tree_command){ .type = CMD_PERMIT, .child = child(r, 1), .node = number(r, 2), .permit = true },
	    name_of(r, child(r, 1)));
}

static void
do_forbid(struct run *r)
{
	give(r, (struct tree_command){ .type = CMD_PERMIT, .child = child(r, 1), .node = number(r, 2) },
	    name_of(r, child(r, 1)));
}

/* "bans a@2 b@1": all that is forbidden to single children. */
static void
do_bans(struct run *r)
{
	char have[256] = "", want[256] = "";
	size_t used = 0, w;
	child_handle h;
	uint32_t node, i;

	for (i = 0; tree_ban(r->tree, i, &h, &node); i++) {
		ck_assert(!tree_permits(r->tree, h, node));
		ck_assert(tree_permits(r->tree, h, 1000));
		used += (size_t)snprintf(have + used, sizeof(have) - used, " %s@%u", name_of(r, h), node);
	}
	for (used = 0, w = 1; w < r->n_words; w++)
		used += (size_t)snprintf(want + used, sizeof(want) - used, " %s", r->words[w]);
	ck_assert_str_eq(have, want);
}

/* "at 1 up load=2": a node. */
static void
do_at(struct run *r)
{
	struct node_view v;
	char have[256], value[DURATION_TEXT_SIZE];
	size_t i;

	if (strcmp(word(r, 2), "unknown") == 0) {
		ck_assert(!tree_node(r->tree, number(r, 1), &v));
		return;
	}
	ck_assert_msg(tree_node(r->tree, number(r, 1), &v), "%s: no node in '%s'", r->row->sentence, r->line);
	snprintf(have, sizeof(have), " %s %s load=%u capacity=%u sick=%s ", v.up ? "up" : "down",
	    v.permitted ? "permitted" : "forbidden", v.load, v.capacity, duration_text(v.sick_until.us, value));
	for (i = 2; i < r->n_words; i++) {
		const char *found = strstr(have, r->words[i]);

		ck_assert_msg(found != NULL && found[-1] == ' ' && found[strlen(r->words[i])] == ' ', "%s: in '%s': not %s but%s",
		    r->row->sentence, r->line, r->words[i], have);
	}
}

static void
do_begin(struct run *r)
{
	feed(r, (struct tree_event){ .type = TREE_BEGIN });
}

static void
do_adopt(struct run *r)
{
	struct tree_event ev = { .type = TREE_ADOPTED, .child = child(r, 1), .token = strtoull(word(r, 2), NULL, 10) };

	ev.node = r->n_words > 3 ? (uint32_t)strtol(word(r, 3), NULL, 10) : 0;
	ev.age_us = 1000000;
	feed(r, ev);
}

static void
do_started(struct run *r)
{
	feed_child(r, TREE_STARTED, (struct exit_reason){ 0 });
}

static void
do_ignored(struct run *r)
{
	feed_child(r, TREE_IGNORED, (struct exit_reason){ 0 });
}

static void
do_lost(struct run *r)
{
	feed_child(r, TREE_EXITED, (struct exit_reason){ .kind = REASON_NOCONNECTION });
}

static void
do_failed(struct run *r)
{
	struct exit_reason reason = { .kind = REASON_START_ERROR, .number = 2 };

	reason.step = strcmp(word(r, 2), "lease") == 0 ? STEP_LEASE : STEP_EXEC;
	feed_child(r, TREE_START_FAILED, reason);
}

/* A raw wait status, by a code or the name of a signal. */
static int
wait_status(const char *text)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = { { "KILL", SIGKILL }, { "TERM", SIGTERM }, { "SEGV", SIGSEGV }, { "HUP", SIGHUP } };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(*signals); i++) {
		if (strcmp(signals[i].name, text) == 0)
			return signals[i].number;
	}
	return (int)strtol(text, NULL, 10) << 8;
}

static void
do_exit(struct run *r)
{
	struct child_view v = view_of(r, child(r, 1));

	feed_child(r, TREE_EXITED, reason_from_status(v.spec, wait_status(word(r, 2)), v.state == CHILD_STOPPING));
}

/* The exit of an incarnation that is no longer current. */
static void
do_old(struct run *r)
{
	struct child_view v = view_of(r, child(r, 1));
	struct tree_event ev = { .type = TREE_EXITED, .token = v.token - 1 };

	ev.reason = reason_from_status(v.spec, wait_status(word(r, 2)), false);
	feed(r, ev);
}

static void
do_all(struct run *r)
{
	uint32_t h;

	for (h = 1; h < tree_size(r->tree); h++) {
		struct child_view v;

		if (tree_view(r->tree, h, &v) && v.state == CHILD_STARTING && v.spec->type == CHILD_WORKER)
			feed(r, (struct tree_event){ .type = TREE_STARTED, .token = v.token });
	}
}

static void
do_node(struct run *r)
{
	bool up = strcmp(word(r, 1), "up") == 0;
	struct tree_event ev = { .type = up ? TREE_NODE_UP : TREE_NODE_DOWN, .node = number(r, 2) };

	ev.capacity = r->n_words > 3 ? number(r, 3) : 0;
	feed(r, ev);
}

/* The words of the line have moved the clock; serve what was due on the way. */
static void
do_wait(struct run *r)
{
	mono_t end = r->now, due;

	while (!mono_is_never(due = tree_deadline(r->tree)) && !mono_before(end, due)) {
		struct tree_event ev = { .type = TREE_TIMER };

		tree_event(r->tree, &ev, due);
		drain(r);
	}
}

static void
do_stop(struct run *r)
{
	command(r, CMD_STOP, child(r, 1), NULL);
}

static void
do_start(struct run *r)
{
	command(r, CMD_START, child(r, 1), NULL);
}

static void
do_restart(struct run *r)
{
	command(r, CMD_RESTART, child(r, 1), NULL);
}

static void
do_add(struct run *r)
{
	command(r, CMD_ADD, child(r, 1), specs_child(r->specs, word(r, 2)));
}

static void
do_remove(struct run *r)
{
	command(r, CMD_REMOVE, child(r, 1), NULL);
}

static void
do_change(struct run *r)
{
	command(r, CMD_CHANGE, child(r, 1), specs_child(r->specs, word(r, 2)));
}

/* OTP's: start_child SUP CHILD, and the others on an id. */
static void
do_start_child(struct run *r)
{
	command(r, CMD_START_CHILD, child(r, 1), specs_child(r->specs, word(r, 2)));
}

static void
do_terminate_child(struct run *r)
{
	command(r, CMD_TERMINATE_CHILD, child(r, 1), NULL);
}

static void
do_restart_child(struct run *r)
{
	command(r, CMD_RESTART_CHILD, child(r, 1), NULL);
}

static void
do_delete_child(struct run *r)
{
	command(r, CMD_DELETE_CHILD, child(r, 1), NULL);
}

static void
between(struct run *r, enum tree_command_type type)
{
	give(r, (struct tree_command){ .type = type, .child = child(r, 1), .peer = child(r, 2) }, name_of(r, child(r, 1)));
}

static void
do_link(struct run *r)
{
	between(r, CMD_LINK);
}

static void
do_unlink(struct run *r)
{
	between(r, CMD_UNLINK);
}

static void
do_monitor(struct run *r)
{
	between(r, CMD_MONITOR);
}

static void
do_demonitor(struct run *r)
{
	give(r, (struct tree_command){ .type = CMD_DEMONITOR, .ref = (UINT64_C(1) << 32) + strtoull(word(r, 1), NULL, 10) },
	    "monitor");
}

static void
do_send(struct run *r)
{
	struct tree_command cmd = { .type = CMD_EXIT, .child = child(r, 1), .peer = CHILD_NONE };

	if (strcmp(word(r, 2), "none") != 0)
		ck_assert_msg(reason_parse(word(r, 2), &cmd.reason) == 0, "not a reason: '%s'", word(r, 2));
	if (r->n_words > 3)
		cmd.peer = child(r, 3);
	give(r, cmd, name_of(r, cmd.child));
}

static void
do_shutdown(struct run *r)
{
	command(r, CMD_SHUTDOWN, TREE_ROOT, NULL);
}

static const struct {
	const char *name;
	void (*run)(struct run *r);
} events[] = {
	{ "begin", do_begin },
	{ "adopt", do_adopt },
	{ "started", do_started },
	{ "ignored", do_ignored },
	{ "all", do_all },
	{ "exit", do_exit },
	{ "lost", do_lost },
	{ "failed", do_failed },
	{ "old", do_old },
	{ "node", do_node },
	{ "wait", do_wait },
	{ "stop", do_stop },
	{ "start", do_start },
	{ "restart", do_restart },
	{ "add", do_add },
	{ "remove", do_remove },
	{ "change", do_change },
	{ "shutdown", do_shutdown },
	{ "move", do_move },
	{ "permit", do_permit },
	{ "forbid", do_forbid },
	{ "at", do_at },
	{ "bans", do_bans },
	{ "start_child", do_start_child },
	{ "terminate_child", do_terminate_child },
	{ "restart_child", do_restart_child },
	{ "delete_child", do_delete_child },
	{ "link", do_link },
	{ "unlink", do_unlink },
	{ "monitor", do_monitor },
	{ "demonitor", do_demonitor },
	{ "send", do_send },
};

static bool
is_word(const struct run *r, const struct child_view *v, const char *text)
{
	char have[128], value[REASON_TEXT_SIZE];

	if (strcmp(text, "up") == 0 || strcmp(text, "down") == 0)
		return v->wanted == (strcmp(text, "up") == 0);
	if (strchr(text, '=') == NULL)
		return strcmp(child_state_name(v->state), text) == 0;
	if (strncmp(text, "due=", 4) == 0)
		snprintf(have, sizeof(have), "due=%s", mono_is_never(v->due) ? "never" : duration_text(v->due.us, value));
	else if (strncmp(text, "last=", 5) == 0)
		snprintf(have, sizeof(have), "last=%s", reason_text(&v->last, value));
	else if (strncmp(text, "window=", 7) == 0)
		snprintf(have, sizeof(have), "window=%u", v->window);
	else if (strncmp(text, "row=", 4) == 0)
		snprintf(have, sizeof(have), "row=%u", v->row);
	else if (strncmp(text, "node=", 5) == 0)
		snprintf(have, sizeof(have), "node=%u", v->node);
	else if (strncmp(text, "starts=", 7) == 0)
		snprintf(have, sizeof(have), "starts=%ju", (uintmax_t)v->starts);
	else if (strncmp(text, "restarts=", 9) == 0)
		snprintf(have, sizeof(have), "restarts=%ju", (uintmax_t)v->restarts);
	else if (strncmp(text, "waits=", 6) == 0)
		snprintf(have, sizeof(have), "waits=%d", v->waits_for_node);
	else
		ck_abort_msg("%s: not a word: '%s'", r->row->sentence, text);
	ck_assert_msg(strcmp(have, text) == 0, "%s: in '%s': %s, not %s", r->row->sentence, r->line, have, text);
	return true;
}

static void
look_at_order(struct run *r)
{
	child_handle h = tree_first(r->tree, child(r, 1));
	size_t i;

	for (i = 3; i < r->n_words; i++, h = tree_next(r->tree, h))
		ck_assert_msg(h != CHILD_NONE && strcmp(name_of(r, h), r->words[i]) == 0, "%s: in '%s': not %s",
		    r->row->sentence, r->line, r->words[i]);
	ck_assert_msg(h == CHILD_NONE, "%s: in '%s': there is more", r->row->sentence, r->line);
}

static void
look(struct run *r)
{
	struct child_view v;
	size_t i;

	tree_look(r->tree, r->now);
	if (r->n_words > 2 && strcmp(r->words[2], "=") == 0) {
		look_at_order(r);
		return;
	}
	if (r->n_words == 3 && strcmp(r->words[2], "gone") == 0) {
		ck_assert_msg(find(r, r->words[1]) == CHILD_NONE, "%s: '%s'", r->row->sentence, r->line);
		return;
	}
	v = view_of(r, child(r, 1));
	for (i = 2; i < r->n_words; i++)
		ck_assert_msg(is_word(r, &v, r->words[i]), "%s: in '%s': not %s but %s", r->row->sentence, r->line,
		    r->words[i], child_state_name(v.state));
}

static void
run_event(struct run *r)
{
	size_t i;

	if (strcmp(word(r, 0), "?") == 0) {
		look(r);
		return;
	}
	for (i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (strcmp(events[i].name, word(r, 0)) == 0) {
			events[i].run(r);
			return;
		}
	}
	ck_abort_msg("%s: not an event: '%s'", r->row->sentence, r->line);
}

/* A child's text may hold blanks in its brackets. */
static void
split(struct run *r, char *text)
{
	int64_t at;
	int depth = 0;
	char *p;

	r->n_words = 0;
	for (p = text; *p != '\0'; p++) {
		depth += *p == '(' ? 1 : *p == ')' ? -1 : 0;
		if (*p == ' ' && depth == 0)
			*p = '\0';
		else if (p == text || p[-1] == '\0')
			r->words[r->n_words++] = p;
	}
	if (r->n_words > 0 && duration_parse(r->words[0], &at) == 0) {
		r->now.us = at;
		memmove(r->words, r->words + 1, --r->n_words * sizeof(*r->words));
	}
}

static void
run_line(struct run *r, char *line)
{
	char *text = xstrdup(line), *arrow = strstr(text, "->");
	const char *expected = "";

	r->line = line;
	r->reports = arrow == NULL ? 0 : (int)strspn(arrow + 2, ">");
	if (arrow != NULL) {
		expected = arrow + 2 + r->reports;
		expected += strspn(expected, " ");
		while (arrow > text && arrow[-1] == ' ')
			arrow--;
		*arrow = '\0';
	}
	buf_clear(&r->out);
	split(r, text);
	if (r->n_words > 0)
		run_event(r);
	ck_assert_msg(strcmp(r->out.len > 0 ? r->out.data : "", expected) == 0,
	    "%s\n  line:     %s\n  expected: %s\n  outcome:  %s", r->row->sentence, line, expected,
	    r->out.len > 0 ? r->out.data : "");
	free(text);
}

void
script_run(const struct script_row *row)
{
	struct run r = { .row = row, .out = BUF_INIT(0) };
	char *lines = xstrdup(row->lines), *line, *state;
	struct err err = ERR_INIT;

	r.specs = specs_parse(row->tree, &r.root);
	r.tree = tree_new(&r.root, 1, 1, &err);
	ck_assert_msg(r.tree != NULL, "%s: %s", row->sentence, err.msg);
	for (line = strtok_r(lines, "\n", &state); line != NULL; line = strtok_r(NULL, "\n", &state))
		run_line(&r, line);
	tree_free(r.tree);
	specs_free(r.specs);
	buf_release(&r.out);
	free(lines);
}
