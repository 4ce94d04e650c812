/* How each record of the journal is written; ARCHITECTURE.md has the table. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/daemon.h"
#include "daemon/dynamic.h"
#include "daemon/fresh.h"
#include "daemon/node.h"
#include "daemon/permits.h"
#include "daemon/ties.h"
#include "daemon/trapexitd.h"

static const char *const start_type_names[] = {
	[START_NORMAL] = "normal",
	[START_RESTART] = "restart",
	[START_FAILOVER] = "failover",
	[START_TAKEOVER] = "takeover",
};

const char *
start_type_name(enum start_type type)
{
	return start_type_names[type];
}

const char *
start_text(const struct daemon *d, enum start_type type, uint32_t from, char buf[START_TEXT_SIZE])
{
	bool moved = (type == START_FAILOVER || type == START_TAKEOVER) && from < d->n_nodes;

	snprintf(buf, START_TEXT_SIZE, "%s%s%s", start_type_names[type], moved ? ":" : "", moved ? d->nodes[from]->name : "");
	return buf;
}

static struct buf *
begin(struct daemon *d, const char *type)
{
	buf_clear(&d->rec);
	buf_xaddstr(&d->rec, "{\"type\":\"");
	buf_xaddstr(&d->rec, type);
	buf_xaddc(&d->rec, '"');
	json_put_int(&d->rec, "t", wall_ms());
	return &d->rec;
}

static uint64_t
end(struct daemon *d, enum journal_kind kind)
{
	buf_xaddc(&d->rec, '}');
	return journal_append(d->journal, kind, d->rec.data, d->rec.len);
}

static struct buf *
begin_child(struct daemon *d, const char *type, const struct incarnation *inc)
{
	struct buf *b = begin(d, type);

	json_put_str(b, "child", inc->path);
	json_put_uint(b, "token", inc->token);
	return b;
}

static void
put_reason(struct buf *b, const struct exit_reason *reason)
{
	char text[REASON_TEXT_SIZE];

	json_put_str(b, "reason", reason_text(reason, text));
}

uint64_t
rec_daemon(struct daemon *d, const char *event)
{
	struct buf *b = begin(d, "daemon");

	json_put_str(b, "event", event);
	json_put_int(b, "pid", getpid());
	json_put_str(b, "version", daemon_version());
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_upgrade(struct daemon *d, const char *event, const char *from, int64_t away_us, const char *reason)
{
	struct buf *b = begin(d, "daemon");

	json_put_str(b, "event", event);
	json_put_int(b, "pid", getpid());
	json_put_str(b, "version", daemon_version());
	json_put_str(b, "from", from);
	json_put_int(b, "away_us", away_us);
	if (reason != NULL)
		json_put_str(b, "reason", reason);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_node(struct daemon *d, const struct node *node, const char *event, const char *reason)
{
	struct buf *b = begin(d, "node");

	json_put_str(b, "node", node->name);
	json_put_str(b, "event", event);
	json_put_int(b, "lease_ms", node->lease_us / US_PER_MS);
	if (node->ssh != NULL)
		json_put_str(b, "ssh", node->ssh);
	if (reason != NULL)
		json_put_str(b, "reason", reason);
	if (node->agent_pid != 0) {
		json_put_str(b, "boot_id", node->boot_id);
		json_put_str(b, "machine_id", node->machine_id);
		json_put_uint(b, "agent_pid", node->agent_pid);
		json_put_uint(b, "guard_pid", node->guard_pid);
	}
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_start(struct daemon *d, const struct incarnation *inc, enum start_type type, uint32_t from, const char *why)
{
	struct buf *b = begin_child(d, "start", inc);

	json_put_str(b, "node", d->nodes[inc->node]->name);
	json_put_str(b, "start_type", start_type_name(type));
	if ((type == START_FAILOVER || type == START_TAKEOVER) && from < d->n_nodes)
		json_put_str(b, "from", d->nodes[from]->name);
	if (why != NULL)
		json_put_str(b, "why", why);
	json_put_uint(b, "spec", inc->spec);
	if (inc->job_bytes != 0)
		json_put_uint(b, "job_bytes", inc->job_bytes);
	if (inc->control)
		json_put_bool(b, "control", true);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_started(struct daemon *d, const struct incarnation *inc)
{
	struct buf *b = begin_child(d, "started", inc);

	json_put_uint(b, "pid", inc->pid);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_ready(struct daemon *d, const struct incarnation *inc, const char *info)
{
	struct buf *b = begin_child(d, "ready", inc);

	if (info[0] != '\0')
		json_put_str(b, "info", info);
	return end(d, JOURNAL_VITAL);
}

static void
put_exit(struct daemon *d, struct buf *b, const struct incarnation *inc, const struct exit_reason *reason)
{
	json_put_str(b, "node", d->nodes[inc->node]->name);
	put_reason(b, reason);
	if (inc->pid != 0)
		json_put_uint(b, "pid", inc->pid);
	if (inc->failed || inc->lost)
		return;
	json_put_int(b, "status", inc->status);
	json_put_int(b, "user_ms", inc->user_us / US_PER_MS);
	json_put_int(b, "system_ms", inc->system_us / US_PER_MS);
	json_put_uint(b, "maxrss_kb", inc->maxrss_kb);
}

uint64_t
rec_exit(struct daemon *d, const struct incarnation *inc, const struct exit_reason *reason, bool told)
{
	bool failed = inc->failed && reason->kind == REASON_START_ERROR;
	struct buf *b = begin_child(d, failed ? "start_failed" : "exit", inc);

	put_exit(d, b, inc, reason);
	if (told)
		json_put_bool(b, "told", true);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_ending(struct daemon *d, const struct incarnation *inc)
{
	begin_child(d, "ending", inc);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_late(struct daemon *d, const struct incarnation *inc, const struct exit_reason *reason)
{
	struct buf *b = begin_child(d, "late_exit", inc);

	put_exit(d, b, inc, reason);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_done(struct daemon *d, const struct incarnation *inc)
{
	begin_child(d, "done", inc);
	return end(d, JOURNAL_VITAL);
}

/*
 * The context of the report that OTP's supervisor would make of this; NULL: it would make none. Of exits it
 * tells all of permanent children, and of others those that are failures. Giving up is its shutdown.
 */
static const char *
report_context(const struct tree_action *a, const struct child_view *view)
{
	switch (a->report) {
	case REPORT_CHILD_TERMINATED:
		if (view->spec->restart != RESTART_PERMANENT && reason_is_normal(&a->reason))
			return NULL;
		return tree_report_name(a->report);
	case REPORT_START_ERROR:
	case REPORT_SHUTDOWN_ERROR:
		return tree_report_name(a->report);
	case REPORT_ESCALATED:
	case REPORT_COOL_DOWN:
		return tree_report_name(REPORT_SHUTDOWN);
	case REPORT_PROGRESS:
	case REPORT_SHUTDOWN:
	case REPORT_STOPPED:
	case REPORT_NO_NODE:
	case REPORT_NODE_SICK:
		break;
	}
	return NULL;
}

/* Whose failure made this supervisor give up: it was reported just before. */
static void
put_blamed(struct daemon *d, struct buf *b, child_handle supervisor)
{
	struct child_view view;

	if (d->blamed != TREE_ROOT && tree_view(d->tree, d->blamed, &view) && view.parent == supervisor)
		offender_encode(d, d->blamed, d->blamed_token, b);
}

/* S126: who reports, in which context, on whom. */
static void
put_report(struct daemon *d, struct buf *b, const struct tree_action *a)
{
	bool own = a->report == REPORT_ESCALATED || a->report == REPORT_SHUTDOWN; /* a supervisor on itself */
	struct child_view view;
	const char *context;

	if (!tree_view(d->tree, a->child, &view))
		return;
	json_put_str(b, "supervisor", d->kids[own || a->child == TREE_ROOT ? a->child : view.parent].path);
	if ((context = report_context(a, &view)) == NULL)
		return;
	json_put_str(b, "context", context);
	if (own)
		put_blamed(d, b, a->child);
	else
		offender_encode(d, a->child, a->token, b);
	d->blamed = a->child;
	d->blamed_token = a->token;
}

uint64_t
rec_report(struct daemon *d, const struct tree_action *a)
{
	struct buf *b = begin(d, "report");

	json_put_str(b, "child", d->kids[a->child].path);
	json_put_str(b, "report", tree_report_name(a->report));
	if (a->reason.kind != REASON_NONE)
		put_reason(b, &a->reason);
	put_report(d, b, a);
	if (a->token != 0)
		json_put_uint(b, "token", a->token);
	if (a->delay_us >= 0)
		json_put_int(b, "delay_ms", a->delay_us / US_PER_MS);
	if (a->report == REPORT_NODE_SICK)
		json_put_str(b, "node", d->nodes[a->node]->name);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_wish(struct daemon *d, const char *path, bool stopped, uint32_t by)
{
	struct buf *b = begin(d, "wish");

	json_put_str(b, "child", path);
	json_put_bool(b, "stopped", stopped);
	json_put_uint(b, "by", by);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_permit(struct daemon *d, const char *path, uint32_t node, bool permitted, uint32_t by)
{
	struct buf *b = begin(d, "permit");

	json_put_str(b, "node", node_at(d, node)->name);
	if (path != NULL)
		json_put_str(b, "child", path);
	json_put_bool(b, "permitted", permitted);
	json_put_uint(b, "by", by);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_move(struct daemon *d, const char *path, uint32_t node, uint32_t by)
{
	struct buf *b = begin(d, "order");

	json_put_str(b, "order", "move");
	json_put_str(b, "child", path);
	json_put_str(b, "node", node_at(d, node)->name);
	json_put_uint(b, "by", by);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_added(struct daemon *d, const struct dynamic *dyn, uint32_t by)
{
	struct buf text = BUF_INIT(0), *b;
	size_t i;

	if (dyn->instance == NULL)
		config_print_child(dyn->spec, false, &text);
	b = begin(d, "added");
	json_put_str(b, "child", dyn->path);
	if (dyn->instance == NULL) {
		json_put_str(b, "spec", text.data);
	} else {
		json_put_name(b, "args");
		buf_xaddc(b, '[');
		for (i = 0; i < dyn->args.n; i++) {
			if (i > 0)
				buf_xaddc(b, ',');
			json_put_string(b, dyn->args.v[i]);
		}
		buf_xaddc(b, ']');
	}
	json_put_uint(b, "seq", dyn->seq);
	json_put_uint(b, "by", by);
	buf_release(&text);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_removed(struct daemon *d, const char *path, bool listed, uint32_t by)
{
	struct buf *b = begin(d, "removed");

	json_put_str(b, "child", path);
	if (listed) {
		json_put_bool(b, "listed", true);
		json_put_uint(b, "by", by);
	}
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_brought_back(struct daemon *d, const char *path)
{
	struct buf *b = begin(d, "added");

	json_put_str(b, "child", path);
	json_put_bool(b, "listed", true);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_terminated(struct daemon *d, const char *path, uint32_t by)
{
	struct buf *b = begin(d, "terminated");

	json_put_str(b, "child", path);
	json_put_uint(b, "by", by);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_ignored(struct daemon *d, const struct incarnation *inc)
{
	struct buf *b = begin_child(d, "terminated", inc);

	json_put_bool(b, "ignored", true);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_order(struct daemon *d, const char *order, const char *path, uint32_t by)
{
	struct buf *b = begin(d, "order");

	json_put_str(b, "order", order);
	if (path != NULL)
		json_put_str(b, "child", path);
	json_put_uint(b, "by", by);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_reload(struct daemon *d, unsigned added, unsigned removed, unsigned changed, const char *error, uint32_t by)
{
	struct buf *b = begin(d, "reload");

	json_put_uint(b, "by", by);
	json_put_uint(b, "added", added);
	json_put_uint(b, "removed", removed);
	json_put_uint(b, "changed", changed);
	if (error != NULL)
		json_put_str(b, "error", error);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_tell(struct daemon *d, const struct incarnation *inc, uint64_t n, const char *line)
{
	struct buf *b = begin_child(d, "tell", inc);

	json_put_uint(b, "n", n);
	json_put_str(b, "line", line);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_exit_signal(struct daemon *d, const struct incarnation *inc, const struct exit_reason *reason)
{
	put_reason(begin_child(d, "exit_signal", inc), reason);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_tie(struct daemon *d, const char *type, const struct incarnation *inc, const struct incarnation *peer, uint64_t ref,
    uint32_t by)
{
	struct buf *b = begin_child(d, type, inc);

	if (peer != NULL) {
		json_put_str(b, "peer", peer->path);
		json_put_uint(b, "peer_token", peer->token);
	}
	if (ref != 0)
		json_put_uint(b, "ref", ref);
	json_put_uint(b, "by", by);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_alarm(struct daemon *d, const char *alarm, const char *object, const char *text)
{
	struct buf *b = begin(d, "alarm");

	json_put_str(b, "alarm", alarm);
	json_put_str(b, "object", object);
	json_put_str(b, "text", text);
	return end(d, JOURNAL_VITAL);
}

uint64_t
rec_fresh_alarm(struct daemon *d, const struct fresh_alarm *a)
{
	struct buf *b = begin(d, "alarm");
	size_t i;

	json_put_str(b, "alarm", a->alarm);
	json_put_str(b, "object", a->object);
	json_put_str(b, "text", a->text);
	if (a->reason != NULL)
		json_put_str(b, "reason", a->reason);
	json_put_uint(b, "count", a->count);
	json_put_name(b, "sources");
	buf_xaddc(b, '[');
	for (i = 0; i < a->n_sources; i++) {
		if (i > 0)
			buf_xaddc(b, ',');
		json_put_string(b, a->sources[i]);
	}
	buf_xaddc(b, ']');
	json_put_uint(b, "now", a->now);
	json_put_uint(b, "all", a->all);
	return end(d, JOURNAL_VITAL);
}

/* A string slice of the child's line is escaped already: put it back between its quotes. */
static void
put_slice(struct buf *b, const char *name, const struct json_field *f)
{
	if (f->kind == JSON_STRING)
		json_put_raw(b, name, f->p - 1, f->len + 2);
	else if (f->kind == JSON_NUMBER)
		json_put_raw(b, name, f->p, f->len);
}

uint64_t
rec_observation(struct daemon *d, const struct incarnation *inc, uint64_t n, const struct json_field *slot,
    const struct json_field *source, const char *raw, size_t raw_len)
{
	struct buf *b = begin_child(d, "observation", inc);
	uint64_t number;

	json_put_uint(b, "n", n);
	if (json_field_uint(slot, &number) == 0)
		put_slice(b, "slot", slot);
	if (source->kind == JSON_STRING)
		put_slice(b, "source", source);
	json_put_raw(b, "data", raw, raw_len);
	return end(d, JOURNAL_OUTPUT);
}

uint64_t
rec_evidence(struct daemon *d, const struct incarnation *inc, uint64_t n, const struct json_field *source,
    const char *raw, size_t raw_len)
{
	struct buf *b = begin_child(d, "evidence", inc);

	json_put_uint(b, "n", n);
	put_slice(b, "source", source);
	json_put_raw(b, "data", raw, raw_len);
	return end(d, JOURNAL_OUTPUT);
}

uint64_t
rec_state(struct daemon *d, const struct incarnation *inc, uint64_t n, const struct json_field *key, const char *raw,
    size_t raw_len)
{
	struct buf *b = begin_child(d, "state", inc);

	json_put_uint(b, "n", n);
	put_slice(b, "key", key);
	json_put_raw(b, "data", raw, raw_len);
	return end(d, JOURNAL_OUTPUT);
}

uint64_t
rec_text(struct daemon *d, const struct incarnation *inc, uint64_t n, const char *text, size_t len)
{
	struct buf *b = begin_child(d, "line", inc);

	json_put_uint(b, "n", n);
	json_put_name(b, "text");
	json_put_stringn(b, text, len);
	return end(d, JOURNAL_OUTPUT);
}

/*
 * A snapshot is the past as it would be folded from the segments so far. It is
 * built from what we hold now, which is the same and costs nothing on the way.
 */
static void
snapshot_incarnation(struct daemon *d, struct past *p, const struct incarnation *inc)
{
	struct past_incarnation *pi;

	pi = past_incarnation(p, inc->token, inc->path);
	free(pi->node);
	pi->node = xstrdup(d->nodes[inc->node]->name);
	pi->pid = inc->pid;
	pi->exited = inc->state == INC_BURIED;
	pi->unseen = inc->unseen;
	pi->told = inc->told;
	pi->spec = inc->spec;
	pi->job_bytes = inc->job_bytes;
	/* All that was given to the journal lies before the snapshot. */
	pi->held[STREAM_OUT] = inc->out[0].given;
	pi->held[STREAM_ERR] = inc->out[1].given;
	if (!pi->exited)
		ties_snapshot(d, pi, inc);
}

static void
snapshot_kid(struct daemon *d, struct past *p, child_handle h)
{
	struct kid *kid = &d->kids[h];
	struct child_view view;
	struct past_child *pc;
	/* One that is taken out is wished away by the configuration, which is asked anew each time. */
	if (kid->path == NULL || kid->removed || h == TREE_ROOT)
		return;
	/* A temporary child that has ended is no longer in the tree, but it is not to run again after a crash. */
	if (!tree_view(d->tree, h, &view)) {
		if (kid->ended_token == 0)
			return;
		memset(&view, 0, sizeof(view));
		view.wanted = true;
	}
	pc = past_child(p, kid->path);
	pc->stopped = !view.wanted;
	pc->terminated = kid->terminated;
	pc->run_token = kid->run_token;
	pc->ended_token = kid->ended_token;
	pc->ended_normal = kid->ended_normal;
	/* Not its own: that of any child, so that one which is removed is not forgotten either (inc_is_done). */
	pc->last_token = d->last_token;
	pc->starts = kid->past_starts + view.starts;
	pc->restarts = kid->past_restarts + view.restarts;
	if (kid->fresh == NULL)
		return;
	pc->last_good_ms = kid->fresh->last_good_ms;
	pc->told_ms = kid->fresh->told_ms;
}

static void
snapshot_node(struct past *p, const struct node *node)
{
	struct past_node *pn = past_node(p, node->name);

	pn->lease_us = lease_grantor_largest(&node->grantor, mono_now());
	/* It is in a record before this one, and may be used at any moment. */
	if (pn->lease_us < node->lease_us)
		pn->lease_us = node->lease_us;
	if (node->ssh != NULL)
		pn->ssh = xstrdup(node->ssh);
	snprintf(pn->machine_id, sizeof(pn->machine_id), "%s", node->machine_id);
}

void
rec_snapshot(struct daemon *d, struct buf *out)
{
	struct past p;
	size_t i = 0;
	uint64_t token;
	void *value;
	child_handle h;

	past_init(&p);
	while (map_next(&d->incarnations, &i, &token, &value))
		snapshot_incarnation(d, &p, value);
	for (h = 0; h < d->n_kids; h++)
		snapshot_kid(d, &p, h);
	for (i = 0; i < d->n_nodes; i++)
		if (d->nodes[i]->in_use)
			snapshot_node(&p, d->nodes[i]);
	permits_snapshot(d, &p);
	dynamic_snapshot(d, &p);
	past_encode(&p, out);
	/* States and sources not by way of the past: there may be 100,000. */
	fresh_snapshot(d, out);
	past_release(&p);
}
