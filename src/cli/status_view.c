#include "cli/status_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/mono.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "cli/fresh_view.h"
#include "cli/jget.h"
#include "cli/table.h"
#include "cli/term.h"
#include "cli/words.h"
#include "wire/name_match.h"

enum { COL_NAME, COL_STATE, COL_NODE, COL_PID, COL_UPTIME, COL_RESTARTS, COL_EXIT, COL_GOOD, COL_DUE, COL_FRESH,
	COL_NOTES };

static const struct table_column columns[] = {
	[COL_NAME] = { .title = "NAME", .tree = true, .least = 16 },
	[COL_STATE] = { .title = "STATE" },
	[COL_NODE] = { .title = "NODE", .rank = 1 },
	[COL_PID] = { .title = "PID", .right = true, .rank = 4 },
	[COL_UPTIME] = { .title = "UPTIME", .right = true, .rank = 5 },
	[COL_RESTARTS] = { .title = "RESTARTS", .right = true },
	[COL_EXIT] = { .title = "LAST EXIT", .least = 9, .rank = 2 },
	[COL_GOOD] = { .title = "LAST GOOD", .right = true, .rank = 6 },
	[COL_DUE] = { .title = "NEXT DUE", .right = true, .rank = 3 },
	[COL_FRESH] = { .title = "FRESHNESS", .least = 18, .rank = 7 },
	[COL_NOTES] = { .title = "SUPERVISION", .least = 16, .rank = 2 },
};

/* On a narrow screen the node is told only where there are several. */
#define WIDE 120

static bool
is_supervisor(struct json_object *node)
{
	const char *type = jget_str(node, "type");

	return type != NULL && strcmp(type, "supervisor") == 0;
}

/* The word for the state, and its colour. What is down by wish is "stopped". */
static const char *
state_word(struct json_object *child, const char **color)
{
	const char *state = jget_str(child, "state");

	*color = "yellow";
	if (state == NULL)
		return "?";
	if (strcmp(state, "running") == 0) {
		*color = "green";
	} else if (strcmp(state, "undefined") == 0) {
		*color = NULL;
		if (jget_has(child, "wanted") && !jget_bool(child, "wanted"))
			return "stopped";
	}
	return state;
}

static void
put_age(struct table *t, struct table_row *r, size_t column, int64_t ms, int64_t now_ms, const char *color)
{
	char age[TERM_AGE_SIZE];

	if (ms != 0)
		table_set(t, r, column, term_age(ms, now_ms, age), color);
}

/* A scraper's price: how old, and in yellow if the latest answer was not a good one. */
static void
put_good(struct table *t, struct table_row *r, struct json_object *child, const struct status_view *view)
{
	static const char *const good[] = { "ok", "unavailable", "not_modified" };
	const char *status = jget_str(child, "last_status"), *color = status == NULL ? NULL : "yellow";

	for (size_t i = 0; i < ARRAY_LEN(good) && status != NULL; i++) {
		if (strcmp(status, good[i]) == 0)
			color = NULL;
	}
	if (jget_int(child, "last_good") != 0)
		put_age(t, r, COL_GOOD, jget_int(child, "last_good"), view->now_ms, color);
	else if (jget_int(child, "sources") > 0)
		table_set(t, r, COL_GOOD, "never", color);
}

static void
put_process(struct table *t, struct table_row *r, struct json_object *child, const struct status_view *view)
{
	char text[32];

	if (jget_int(child, "pid") == 0)
		return;
	snprintf(text, sizeof(text), "%" PRId64, jget_int(child, "pid"));
	table_set(t, r, COL_PID, text, NULL);
	put_age(t, r, COL_UPTIME, jget_int(child, "since"), view->now_ms, NULL);
}

/* "simple_one_for_one, 2 restarts left in 5s, at most 10, auto_shutdown any_significant": what is worth a word. */
static void
put_policy(struct json_object *node, struct buf *out)
{
	const char *strategy = jget_str(node, "strategy"), *end = jget_str(node, "auto_shutdown");
	char period[DURATION_TEXT_SIZE];

	buf_xaddstr(out, strategy != NULL ? strategy : "");
	if (jget_has(node, "left"))
		buf_xprintf(out, ", %" PRId64 " restart%s left in %s", jget_int(node, "left"),
		    jget_int(node, "left") == 1 ? "" : "s", duration_human(jget_int(node, "period_ms") * US_PER_MS, period));
	if (jget_has(node, "max_children"))
		buf_xprintf(out, ", at most %" PRId64, jget_int(node, "max_children"));
	if (end != NULL && strcmp(end, "never") != 0)
		buf_xprintf(out, ", auto_shutdown %s", end);
}

/* "from box2, which was down" */
static void
put_moved(struct json_object *child, struct buf *out)
{
	struct json_object *moved = jget_object(child, "moved");
	char words[WORDS_MOVE_SIZE];

	if (moved != NULL)
		buf_xprintf(out, "%s%s", out->len > 0 ? ", " : "",
		    words_move(jget_str(moved, "from"), jget_str(moved, "why"), words));
}

/* "not on box2, box3" */
static void
put_forbidden(struct json_object *child, struct buf *out)
{
	struct json_object *nodes = jget_array(child, "forbidden");
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);

	for (size_t i = 0; i < n; i++)
		buf_xprintf(out, "%s%s", i > 0 ? ", " : out->len > 0 ? ", not on " : "not on ",
		    json_object_get_string(json_object_array_get_idx(nodes, i)));
}

/* "no sandbox", "sandbox without Landlock", "sandbox has denied 2": what is not as it should be. */
static void
put_sandbox(struct json_object *child, struct buf *out)
{
	struct json_object *sandbox = jget_object(child, "sandbox");
	const char *mode = jget_str(sandbox, "mode"), *missing = jget_str(sandbox, "missing");
	const char *comma = out->len > 0 ? ", " : "";

	if (mode == NULL)
		return;
	if (strcmp(mode, "off") == 0)
		buf_xprintf(out, "%sno sandbox", comma);
	else if (strcmp(mode, "full") != 0)
		buf_xprintf(out, "%ssandbox without %s", comma, missing != NULL ? missing : "?");
	if (jget_int(sandbox, "denied") > 0)
		buf_xprintf(out, "%ssandbox has denied %" PRId64, out->len > 0 ? ", " : "", jget_int(sandbox, "denied"));
}

static void
put_notes(struct table *t, struct table_row *r, struct json_object *node)
{
	const char *restart = jget_str(node, "restart");
	struct buf out = BUF_INIT(0);

	if (is_supervisor(node))
		put_policy(node, &out);
	if (restart != NULL && strcmp(restart, "permanent") != 0)
		buf_xprintf(&out, "%s%s", out.len > 0 ? ", " : "", restart);
	if (jget_bool(node, "significant"))
		buf_xprintf(&out, "%ssignificant", out.len > 0 ? ", " : "");
	if (jget_bool(node, "added"))
		buf_xprintf(&out, "%sadded at run time", out.len > 0 ? ", " : "");
	put_moved(node, &out);
	put_forbidden(node, &out);
	put_sandbox(node, &out);
	if (out.len > 0)
		table_set(t, r, COL_NOTES, out.data, NULL);
	buf_release(&out);
}

/* `restarting`, with the time until it is started, if that is long enough to be read. */
static void
put_state(struct table *t, struct table_row *r, struct json_object *node, const struct status_view *view)
{
	const char *color, *state = state_word(node, &color);
	int64_t due = jget_int(node, "due");
	char text[128], age[TERM_AGE_SIZE];

	if (strcmp(state, "restarting") == 0 && due >= view->now_ms + 1000)
		snprintf(text, sizeof(text), "restarting %s", term_age(due, view->now_ms, age));
	else
		snprintf(text, sizeof(text), "%s", state);
	table_set(t, r, COL_STATE, text, color);
}

static void
put_fresh(struct table *t, struct table_row *r, struct json_object *child, const struct status_view *view)
{
	struct buf text = BUF_INIT(0);

	fresh_view_counts(child, view->now_ms, &text);
	if (text.len > 0)
		table_set(t, r, COL_FRESH, text.data, fresh_view_color(jget_str(jget_object(child, "worst"), "state")));
	buf_release(&text);
}

/* A row each, below their child's, if they were asked for. */
static void
put_sources(struct table *t, struct table_row *above, struct json_object *child, const struct status_view *view)
{
	struct json_object *list = jget_array(child, "source_list");
	size_t i, n = list == NULL ? 0 : json_object_array_length(list);

	for (i = 0; i < n; i++) {
		struct json_object *source = json_object_array_get_idx(list, i);
		const char *id = jget_str(source, "source"), *state = jget_str(source, "state");
		struct table_row *r = table_add(t, above);
		struct buf text = BUF_INIT(0);

		table_set(t, r, COL_NAME, id == NULL ? "?" : id, NULL);
		table_set(t, r, COL_STATE, state, fresh_view_color(state));
		if (jget_int(source, "last_good") != 0)
			put_age(t, r, COL_GOOD, jget_int(source, "last_good"), view->now_ms, NULL);
		else
			table_set(t, r, COL_GOOD, "never", NULL);
		fresh_view_reason(source, view->now_ms, &text);
		if (text.len > 0)
			table_set(t, r, COL_FRESH, text.data, fresh_view_color(state));
		buf_release(&text);
	}
}

static void
put_child(struct table *t, struct table_row *r, struct json_object *child, const struct status_view *view)
{
	char text[32], words[WORDS_REASON_SIZE];
	struct json_object *exit = jget_object(child, "last_exit");

	put_state(t, r, child, view);
	table_set(t, r, COL_NODE, jget_str(child, "node"), NULL);
	put_process(t, r, child, view);
	snprintf(text, sizeof(text), "%" PRId64, jget_int(child, "restarts"));
	table_set(t, r, COL_RESTARTS, text, NULL);
	if (jget_str(exit, "reason") != NULL)
		table_set(t, r, COL_EXIT, words_reason(jget_str(exit, "reason"), words), NULL);
	put_good(t, r, child, view);
	put_age(t, r, COL_DUE, jget_int(child, "next_due"), view->now_ms, NULL);
	put_fresh(t, r, child, view);
	put_sources(t, r, child, view);
}

/* A supervisor shows how much of its intensity is used up. */
static void
put_supervisor(struct table *t, struct table_row *r, struct json_object *node, const struct status_view *view)
{
	char text[64];

	put_state(t, r, node, view);
	if (!jget_has(node, "intensity"))
		return;
	snprintf(text, sizeof(text), "%" PRId64 "/%" PRId64, jget_int(node, "window"), jget_int(node, "intensity"));
	table_set(t, r, COL_RESTARTS, text, NULL);
}

static const char *
row_name(struct json_object *node)
{
	const char *id = jget_str(node, "id"), *name = jget_str(node, "name");

	return id != NULL ? id : name != NULL ? name_id(name) : "?";
}

/* The nodes of the tree in its order, depth first, without recursion. */
struct walk {
	struct walk_level {
		struct json_object *children; /* borrowed */
		size_t next;
		struct table_row *row; /* of their supervisor */
	} * levels;
	size_t depth, cap;
};

static void
walk_push(struct walk *w, struct json_object *supervisor, struct table_row *row)
{
	if (w->depth == w->cap) {
		w->cap = w->cap == 0 ? 8 : w->cap * 2;
		w->levels = xreallocarray(w->levels, w->cap, sizeof(*w->levels));
	}
	w->levels[w->depth++] = (struct walk_level){ jget_array(supervisor, "children"), 0, row };
}

/* NULL at the end; *above is the row of its supervisor. */
static struct json_object *
walk_next(struct walk *w, struct table_row **above)
{
	while (w->depth > 0) {
		struct walk_level *top = &w->levels[w->depth - 1];

		if (top->children != NULL && top->next < json_object_array_length(top->children)) {
			*above = top->row;
			return json_object_array_get_idx(top->children, top->next++);
		}
		w->depth--;
	}
	return NULL;
}

static void
fill(struct table *t, struct json_object *tree, const struct status_view *view)
{
	struct walk w = { 0 };
	struct json_object *node;
	struct table_row *above, *r;

	walk_push(&w, tree, NULL);
	while ((node = walk_next(&w, &above)) != NULL) {
		r = table_add(t, above);
		table_set(t, r, COL_NAME, row_name(node), NULL);
		if (is_supervisor(node)) {
			put_supervisor(t, r, node, view);
			walk_push(&w, node, r);
		} else {
			put_child(t, r, node, view);
		}
		put_notes(t, r, node);
	}
	free(w.levels);
}

void
status_each_child(struct json_object *status, status_child_cb *cb, void *arg)
{
	struct walk w = { 0 };
	struct json_object *node;
	struct table_row *above;

	walk_push(&w, jget_object(status, "tree"), NULL);
	while ((node = walk_next(&w, &above)) != NULL) {
		if (is_supervisor(node))
			walk_push(&w, node, NULL);
		else
			cb(node, arg);
	}
	free(w.levels);
}

static void
put_alarm(struct buf *out, const struct status_view *view, const char *what, const char *text)
{
	char safe_what[256], safe[1024];

	buf_xprintf(out, "%s%s: %s%s\n", view->color ? TERM_RED : "", term_safe(what, safe_what, sizeof(safe_what)),
	    term_safe(text, safe, sizeof(safe)), view->color ? TERM_PLAIN : "");
}

static void
put_header(struct json_object *daemon, const struct status_view *view, struct buf *out)
{
	struct json_object *journal = jget_object(daemon, "journal");
	const char *error = jget_str(journal, "error"), *state = jget_str(daemon, "state");
	char safe[128], age[TERM_AGE_SIZE];

	buf_xprintf(out, "%strapexitd%s %s, pid %" PRId64 ", up %s", view->color ? TERM_BOLD : "",
	    view->color ? TERM_PLAIN : "", term_safe(jget_str(daemon, "version"), safe, sizeof(safe)),
	    jget_int(daemon, "pid"), term_age(jget_int(daemon, "since"), view->now_ms, age));
	if (state != NULL && strcmp(state, "running") != 0)
		buf_xprintf(out, ", %s", term_safe(state, safe, sizeof(safe)));
	buf_xaddc(out, '\n');
	if (jget_bool(journal, "disk_full"))
		put_alarm(out, view, "ALARM journal",
		    "the disk is full: what children print waits; it goes on by itself when there is room");
	if (error != NULL && *error != '\0')
		put_alarm(out, view, "ALARM journal", error);
}

/* ", draining, 3 left", ", drained", ", sick": what keeps children from a node that is up. */
static void
put_standing(struct json_object *node, const struct status_view *view, struct buf *out)
{
	if (jget_has(node, "permitted") && !jget_bool(node, "permitted")) {
		if (jget_int(node, "to_leave") > 0)
			buf_xprintf(out, ", draining, %" PRId64 " left", jget_int(node, "to_leave"));
		else
			buf_xaddstr(out, ", drained");
	}
	if (jget_int(node, "sick_until") > view->now_ms)
		buf_xaddstr(out, ", sick: children fail there again and again");
}

/* Nodes that are well need no line. */
static void
put_nodes(struct json_object *nodes, const struct status_view *view, struct buf *out)
{
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);

	for (size_t i = 0; i < n; i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);
		const char *state = jget_str(node, "state"), *error = jget_str(node, "error");
		const char *name = jget_str(node, "name");
		struct buf text = BUF_INIT(0);
		char what[256];

		buf_xaddstr(&text, state == NULL ? "?" : state);
		put_standing(node, view, &text);
		if (error != NULL && *error != '\0')
			buf_xprintf(&text, ", %s", error);
		snprintf(what, sizeof(what), "node %s", name == NULL ? "?" : name);
		if (strcmp(text.data, "up") != 0)
			put_alarm(out, view, what, text.data);
		buf_release(&text);
	}
}

struct waits {
	const struct status_view *view;
	struct buf *out;
	unsigned told, more;
};

/* Nobody reads a line each of a thousand. */
#define WAITS_MOST 8

/* "waits for a node: box2 is down, box3 is full": of one child. */
static void
put_wait(struct json_object *child, void *arg)
{
	struct json_object *nodes = jget_array(child, "waits_for");
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);
	struct buf text = BUF_INIT(0);
	struct waits *w = arg;
	char age[TERM_AGE_SIZE];

	if (n == 0)
		return;
	if (w->told == WAITS_MOST) {
		w->more++;
		return;
	}
	w->told++;
	buf_xaddstr(&text, "waits for a node: ");
	for (size_t i = 0; i < n; i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);
		const char *name = jget_str(node, "node"), *why = jget_str(node, "why");

		buf_xprintf(&text, "%s%s is %s", i > 0 ? ", " : "", name == NULL ? "?" : name, why == NULL ? "?" : why);
	}
	/* S113 */
	if (jget_int(child, "due") > w->view->now_ms)
		buf_xprintf(&text, "; elsewhere %s", term_age(jget_int(child, "due"), w->view->now_ms, age));
	put_alarm(w->out, w->view, jget_str(child, "name"), text.data);
	buf_release(&text);
}

/* "3 lines of ebuyer.csv were left out, the first is line 7; trapexitd -t says why" */
static void
put_left_out(struct json_object *child, void *arg)
{
	struct json_object *files = jget_array(child, "left_out");
	size_t n = files == NULL ? 0 : json_object_array_length(files);
	struct waits *w = arg;

	for (size_t i = 0; i < n; i++) {
		struct json_object *file = json_object_array_get_idx(files, i);
		const char *name = jget_str(file, "file");
		int64_t lines = jget_int(file, "lines");
		struct buf text = BUF_INIT(0);

		buf_xprintf(&text, "%" PRId64 " line%s of %s %s left out, the first is line %" PRId64 "; trapexitd -t says why",
		    lines, lines == 1 ? "" : "s", name == NULL ? "?" : name, lines == 1 ? "was" : "were", jget_int(file, "first"));
		put_alarm(w->out, w->view, jget_str(child, "name"), text.data);
		buf_release(&text);
	}
}

static void
put_waits(struct json_object *status, const struct status_view *view, struct buf *out)
{
	struct waits w = { .view = view, .out = out };

	status_each_child(status, put_wait, &w);
	status_each_child(status, put_left_out, &w);
	if (w.more > 0)
		buf_xprintf(out, "... and %u more wait for a node\n", w.more);
}

/* The root has no row: a line, where there is more to say of it than that it is there. */
static void
put_root(struct json_object *root, struct buf *out)
{
	const char *strategy = jget_str(root, "strategy"), *end = jget_str(root, "auto_shutdown");

	if ((strategy == NULL || strcmp(strategy, "one_for_one") == 0) && !jget_has(root, "left") &&
	    (end == NULL || strcmp(end, "never") == 0))
		return;
	buf_xaddstr(out, "root: ");
	put_policy(root, out);
	buf_xaddc(out, '\n');
}

int
status_view(struct json_object *status, const struct status_view *view, struct buf *out, struct err *err)
{
	struct table *t = table_new(columns, ARRAY_LEN(columns));
	struct json_object *nodes = jget_array(status, "nodes");
	int result = 0;

	put_header(jget_object(status, "daemon"), view, out);
	put_nodes(nodes, view, out);
	put_waits(status, view, out);
	put_root(jget_object(status, "tree"), out);
	fill(t, jget_object(status, "tree"), view);
	if (view->width > 0 && view->width < WIDE && (nodes == NULL || json_object_array_length(nodes) < 2))
		table_hide(t, COL_NODE);
	if (table_rows(t) == 0)
		buf_xaddstr(out, "no children\n");
	else
		result = table_print(t, view->width, view->color, out, err);
	table_free(t);
	return result;
}
