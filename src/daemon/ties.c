#include "config.h"

#include "daemon/ties.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "journal/past.h"

static struct tell *
tell_new(struct incarnation *inc, uint64_t n, uint64_t seq, const char *line)
{
	size_t len = strlen(line);
	struct tell *t = xmalloc(sizeof(*t) + len + 1);

	t->next = NULL;
	t->n = n;
	t->seq = seq;
	memcpy(t->line, line, len + 1);
	if (inc->last_tell != NULL)
		inc->last_tell->next = t;
	else
		inc->tells = t;
	inc->last_tell = t;
	if (inc->to_send == NULL)
		inc->to_send = t;
	inc->tell_n = n;
	return t;
}

static void
drop_first(struct incarnation *inc)
{
	struct tell *t = inc->tells;

	inc->tells = t->next;
	if (inc->tells == NULL)
		inc->last_tell = NULL;
	if (inc->to_send == t)
		inc->to_send = t->next;
	free(t);
}

void
ties_taken(struct incarnation *inc, uint64_t n)
{
	while (inc->tells != NULL && inc->tells->n <= n)
		drop_first(inc);
	if (inc->tell_n < n)
		inc->tell_n = n;
}

void
ties_free(struct incarnation *inc)
{
	while (inc->tells != NULL)
		drop_first(inc);
	past_ties_free(&inc->recalled);
}

void
ties_tell(struct daemon *d, const struct tree_action *a)
{
	struct incarnation *inc = inc_find(d, a->token);
	const char *about = a->about == CHILD_NONE ? "-" : d->kids[a->about].path;
	char reason[REASON_TEXT_SIZE], *line;
	struct order order = { .type = ORDER_TELL, .token = a->token };

	reason_text(&a->reason, reason);
	line = a->tell == TELL_EXIT ? xasprintf("EXIT %s %s", about, reason) :
				      xasprintf("DOWN %llu %s %s", (unsigned long long)a->ref, about, reason);
	if (inc == NULL || !inc->control) {
		log_debug("child %s: has no control descriptor for: %s", d->kids[a->child].path, line);
	} else {
		order.seq = rec_tell(d, inc, inc->tell_n + 1, line);
		tell_new(inc, inc->tell_n + 1, order.seq, line);
		node_order(d->nodes[inc->node], &order);
	}
	free(line);
}

void
ties_signalled(struct daemon *d, const struct tree_action *a)
{
	struct incarnation *inc = inc_find(d, a->token);
	struct child_view v;

	if (inc == NULL || inc->signalled || !tree_view(d->tree, a->child, &v) || v.token != a->token || !v.end_is_known)
		return;
	inc->signalled = true;
	rec_exit_signal(d, inc, &v.last);
}

void
ties_send(struct node *node, struct incarnation *inc)
{
	/* It was started by an agent that knows no control descriptors. */
	if (node->version < 2)
		ties_taken(inc, inc->tell_n);
	/* Its start comes first; what has ended hears nothing. */
	if (inc->state != INC_SENT && inc->state != INC_LIVE)
		return;
	for (; inc->to_send != NULL && inc->to_send->seq <= node->d->vital_appended; inc->to_send = inc->to_send->next)
		node_send(node, &(struct agent_msg){ .type = AGENT_CONTROL,
				    .u.control = { inc->token, inc->to_send->n, inc->to_send->line } });
}

void
ties_resend(struct node *node)
{
	struct daemon *d = node->d;
	struct order order = { .type = ORDER_TELL };
	size_t i = 0;
	void *value;

	while (map_next(&d->incarnations, &i, &order.token, &value)) {
		struct incarnation *inc = value;

		if (inc->node != node->index || inc->tells == NULL)
			continue;
		inc->to_send = inc->tells;
		node_order(node, &order);
	}
}

void
ties_recall(struct incarnation *inc, struct past_incarnation *pi)
{
	const struct past_tell *t;

	inc->control = pi->control;
	for (t = pi->ties.tells; t != NULL; t = t->next)
		tell_new(inc, t->n, 0, t->line);
	inc->recalled = pi->ties;
	pi->ties = (struct past_ties){ 0 };
}

/* The child whose present incarnation this is; CHILD_NONE if it is nobody's. */
static child_handle
owner_of(struct daemon *d, const struct incarnation *inc)
{
	struct child_view v;

	if (inc == NULL || inc->handle == CHILD_NONE || !tree_view(d->tree, inc->handle, &v) || v.token != inc->token)
		return CHILD_NONE;
	return tree_by_token(d->tree, inc->token);
}

static void
restore_tie(struct daemon *d, child_handle h, const struct past_tie *tie)
{
	struct incarnation *peer = inc_find(d, tie->peer);
	struct tree_command cmd = { .child = h, .peer = owner_of(d, peer), .ref = tie->ref };

	/* It has ended, and whom that concerned has been told: or it is none of ours any more. */
	if (cmd.peer == CHILD_NONE && (peer == NULL || peer->state == INC_BURIED))
		return;
	if (cmd.peer != CHILD_NONE) {
		cmd.type = tie->ref != 0 ? CMD_MONITOR : tie->cut ? CMD_UNLINK : CMD_LINK;
	} else if (tie->ref == 0 && !tie->cut) {
		cmd.type = CMD_EXIT;
		cmd.reason.kind = REASON_NOPROC;
	} else {
		return;
	}
	tree_command(d->tree, &cmd, mono_now(), NULL);
}

void
ties_restore(struct daemon *d)
{
	size_t i = 0, k = 0;
	uint64_t token;
	void *value;

	while (map_next(&d->incarnations, &i, &token, &value)) {
		struct incarnation *inc = value;
		child_handle h = owner_of(d, inc);
		const struct past_tie *tie;

		for (tie = inc->recalled.first; tie != NULL && h != CHILD_NONE; tie = tie->next)
			restore_tie(d, h, tie);
	}
	/* Who was being ended goes on to be ended, for the same reason. */
	while (map_next(&d->incarnations, &k, &token, &value)) {
		struct incarnation *inc = value;
		struct tree_command cmd = { .type = CMD_EXIT, .child = owner_of(d, inc), .peer = CHILD_NONE };

		if (inc->recalled.ended_by != NULL && cmd.child != CHILD_NONE &&
		    reason_parse(inc->recalled.ended_by, &cmd.reason) == 0)
			tree_command(d->tree, &cmd, mono_now(), NULL);
		past_ties_free(&inc->recalled);
	}
}

static bool
is_running(const struct daemon *d, child_handle h)
{
	struct child_view v;

	return tree_view(d->tree, h, &v) && v.state == CHILD_RUNNING;
}

/* Is this the end that it is written with? A link has two, and is written once; a configured one if it was cut. */
static bool
is_written(const struct daemon *d, const struct incarnation *inc, const struct tie_view *v)
{
	if (v->kind != TIE_LINK)
		return v->kind == TIE_MONITOR && v->ref != 0;
	if (inc->token > v->other_token)
		return false;
	return v->configured ? !v->joined && is_running(d, inc->handle) && is_running(d, v->other) : v->joined;
}

void
ties_snapshot(struct daemon *d, struct past_incarnation *pi, const struct incarnation *inc)
{
	char reason[REASON_TEXT_SIZE];
	const struct tell *t;
	struct child_view v;
	struct tie_view tie;
	uint32_t e;

	pi->control = inc->control;
	for (t = inc->tells; t != NULL; t = t->next)
		past_tell(&pi->ties, t->n, t->line);
	if (owner_of(d, inc) == CHILD_NONE || !tree_view(d->tree, inc->handle, &v))
		return;
	if (v.end_is_known)
		past_end_by(&pi->ties, reason_text(&v.last, reason));
	for (e = tie_first(d->tree, inc->handle); tie_view(d->tree, e, &tie); e = tie_next(d->tree, e))
		if (is_written(d, inc, &tie))
			past_tie(&pi->ties, tie.other_token, tie.ref, tie.configured);
}

static void
put_tie(struct daemon *d, const struct tie_view *v, struct buf *b)
{
	buf_xaddstr(b, b->data[b->len - 1] == '[' ? "{" : ",{");
	json_put_str(b, "name", d->kids[v->other].path);
	if (v->kind != TIE_LINK) {
		json_put_name(b, "ref");
		if (v->ref != 0)
			buf_xprintf(b, "%llu", (unsigned long long)v->ref);
		else
			buf_xaddstr(b, "null");
	}
	json_put_bool(b, "configured", v->configured);
	json_put_bool(b, "joined", v->joined);
	buf_xaddc(b, '}');
}

static void
put_kind(struct daemon *d, child_handle h, enum tie_kind kind, const char *name, struct buf *b)
{
	struct tie_view v;
	bool any = false;
	uint32_t e;

	for (e = tie_first(d->tree, h); tie_view(d->tree, e, &v); e = tie_next(d->tree, e)) {
		if (v.kind != kind)
			continue;
		if (!any) {
			json_put_name(b, name);
			buf_xaddc(b, '[');
		}
		any = true;
		put_tie(d, &v, b);
	}
	if (any)
		buf_xaddc(b, ']');
}

void
ties_status(struct daemon *d, child_handle h, struct buf *b)
{
	struct child_view v;

	if (!tree_view(d->tree, h, &v))
		return;
	json_put_bool(b, "trap_exit", v.spec->trap_exit);
	put_kind(d, h, TIE_LINK, "links", b);
	put_kind(d, h, TIE_MONITOR, "monitors", b);
	put_kind(d, h, TIE_MONITORED, "monitored_by", b);
}
