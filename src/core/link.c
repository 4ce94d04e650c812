/*
 * Links, monitors and exit signals (S90-S99).
 *
 * A tie is a record between two children, in the lists of both. Joined, it is
 * one between their present incarnations. Records are made by commands, and for
 * specs (link_names.c); a death only goes through a list.
 */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "base/xalloc.h"
#include "core/tree.h"

static child_handle
child_at(const struct tree *t, uint32_t e)
{
	return tie_of(t, e)->end[e % 2].child;
}

static uint32_t
tie_alloc(struct tree *t)
{
	uint32_t i = t->ties_free;

	if (i != NONE) {
		t->ties_free = t->ties[i].end[0].next;
		return i;
	}
	if (t->ties_size == t->ties_cap) {
		t->ties_cap = t->ties_cap == 0 ? 16 : 2 * t->ties_cap;
		t->ties = xreallocarray(t->ties, t->ties_cap, sizeof(*t->ties));
	}
	return t->ties_size++;
}

static void
list_add(struct tree *t, uint32_t e)
{
	struct child *c = child_of(t, child_at(t, e));
	struct tie *tie = tie_of(t, e);

	tie->end[e % 2].prev = NONE;
	tie->end[e % 2].next = c->ties;
	if (c->ties != NONE)
		tie_of(t, c->ties)->end[c->ties % 2].prev = e;
	c->ties = e;
}

static void
list_remove(struct tree *t, uint32_t e)
{
	uint32_t prev = tie_of(t, e)->end[e % 2].prev, next = tie_next(t, e);

	if (prev != NONE)
		tie_of(t, prev)->end[prev % 2].next = next;
	else
		child_of(t, child_at(t, e))->ties = next;
	if (next != NONE)
		tie_of(t, next)->end[next % 2].prev = prev;
}

struct tie *
tie_new(struct tree *t, const struct child *a, const struct child *b, uint32_t flags)
{
	uint32_t i = tie_alloc(t);
	struct tie *tie = &t->ties[i];

	memset(tie, 0, sizeof(*tie));
	tie->end[0].child = a->self;
	tie->end[1].child = b->self;
	tie->flags = flags;
	list_add(t, 2 * i);
	list_add(t, 2 * i + 1);
	t->n_ties++;
	ring_reserve(t, t->n_deferred);
	return tie;
}

static void
tie_free(struct tree *t, struct tie *tie)
{
	uint32_t i = (uint32_t)(tie - t->ties);

	list_remove(t, 2 * i);
	list_remove(t, 2 * i + 1);
	memset(tie, 0, sizeof(*tie));
	tie->end[0].child = tie->end[1].child = NONE;
	tie->end[0].next = t->ties_free;
	t->ties_free = i;
	t->n_ties--;
}

void
tie_part(struct tree *t, struct tie *tie)
{
	tie->flags &= ~(unsigned)TF_JOINED;
	if ((tie->flags & (TF_CONF_0 | TF_CONF_1)) == 0)
		tie_free(t, tie);
}

struct tie *
tie_find(const struct tree *t, const struct child *a, const struct child *b, bool monitor)
{
	const struct child *at[2] = { a, b };
	uint32_t e[2] = { a->ties, b->ties };
	unsigned turn;

	/* Through both lists by turns: the shorter one is enough. */
	for (turn = 0; e[turn] != NONE; turn = 1 - turn) {
		struct tie *tie = tie_of(t, e[turn]);
		child_handle other = tie->end[1 - e[turn] % 2].child;
		bool fits = !monitor ? (tie->flags & TF_MONITOR) == 0 :
				       (tie->flags & TF_MONITOR) != 0 && (tie->flags & TF_CONF_0) != 0 &&
				tie->end[0].child == a->self;

		if (fits && other == at[1 - turn]->self)
			return tie;
		e[turn] = tie_next(t, e[turn]);
	}
	return NULL;
}

static void
tell(struct tree *t, const struct child *c, enum tree_tell what, child_handle about, uint64_t ref,
    const struct exit_reason *reason)
{
	struct tree_action *a = action_push(t, TREE_ACT_TELL, c);

	a->tell = what;
	a->about = about;
	a->ref = ref;
	a->reason = *reason;
}

/* S95: not to be trapped. */
static void
end_by_kill(struct tree *t, struct child *c)
{
	if (c->state != CHILD_STOPPING) {
		child_set(c, CF_SIGNALLED);
		c->last = (struct exit_reason){ REASON_KILLED, SIGKILL, STEP_NONE, false };
		child_become(t, c, CHILD_STOPPING);
	}
	child_kill(t, c);
}

/* S93, S94, S98: an exit signal comes to c, which lives. */
static void
signal_arrives(struct tree *t, struct child *c, child_handle from, const struct exit_reason *reason)
{
	if (child_is(c, CF_TRAPS)) {
		tell(t, c, TELL_EXIT, from, 0, reason);
		return;
	}
	/* Of two signals the first one counts, and so does an order to end. */
	if (reason->kind == REASON_NORMAL || c->state == CHILD_STOPPING)
		return;
	c->last = *reason;
	child_stop(t, c, CF_SIGNALLED);
}

void
links_fire(struct tree *t, const struct child *c, const struct exit_reason *reason)
{
	uint32_t e, next;

	for (e = c->ties; e != NONE; e = next) {
		struct tie *tie = tie_of(t, e);
		struct child *other = child_of(t, tie->end[1 - e % 2].child);
		uint64_t ref = tie->ref;
		uint32_t flags = tie->flags;

		next = tie_next(t, e);
		if ((flags & TF_JOINED) == 0)
			continue;
		tie_part(t, tie);
		if ((flags & TF_MONITOR) == 0)
			signal_arrives(t, other, c->self, reason);
		else if (e % 2 == 1)
			tell(t, other, TELL_DOWN, c->self, ref, reason);
	}
}

void
links_join(struct tree *t, const struct child *c)
{
	uint32_t e;

	for (e = c->ties; e != NONE; e = tie_next(t, e)) {
		struct tie *tie = tie_of(t, e);

		if ((tie->flags & (TF_CONF_0 | TF_CONF_1)) != 0 &&
		    child_of(t, tie->end[1 - e % 2].child)->state == CHILD_RUNNING)
			tie->flags |= TF_JOINED;
	}
}

void
links_drop(struct tree *t, struct child *c)
{
	while (c->ties != NONE)
		tie_free(t, tie_of(t, c->ties));
	links_forget(t, c);
}

/* Why a child that has no live incarnation cannot be reached (S91, S99). */
static struct exit_reason
absence_of(const struct tree *t, const struct child *c)
{
	bool up = t->nodes[c->node].up;

	return (struct exit_reason){ up ? REASON_NOPROC : REASON_NOCONNECTION, 0, STEP_NONE, false };
}

/* S90, S91. */
static void
make_link(struct tree *t, struct child *c, const struct child *peer)
{
	struct exit_reason absence;
	struct tie *tie;

	if (c == peer)
		return;
	if (!child_is_live(peer)) {
		absence = absence_of(t, peer);
		signal_arrives(t, c, peer->self, &absence);
		return;
	}
	tie = tie_find(t, c, peer, false);
	if (tie == NULL)
		tie = tie_new(t, c, peer, 0);
	tie->flags |= TF_JOINED;
}

static void
make_monitor(struct tree *t, const struct child *c, const struct child *peer, uint64_t ref)
{
	struct exit_reason absence;

	if (!child_is_live(peer)) {
		absence = absence_of(t, peer);
		tell(t, c, TELL_DOWN, peer->self, ref, &absence);
	} else {
		tie_new(t, c, peer, TF_MONITOR | TF_JOINED)->ref = ref;
	}
}

static enum tree_result
cmd_monitor(struct tree *t, const struct child *c, const struct child *peer, const struct tree_command *cmd)
{
	uint64_t ref = cmd->ref != 0 ? cmd->ref : t->next_ref;

	if (c == peer)
		return RESULT_BADARG;
	if (ref >= t->next_ref)
		t->next_ref = ref + 1;
	/* The answer first: who asked must know the ref when a DOWN names it. */
	if (cmd->cookie != 0) {
		action_reply(t, c, cmd->cookie, RESULT_OK);
		t->ring.slots[(t->ring.head + t->ring.n - 1) % t->ring.cap].ref = ref;
	}
	make_monitor(t, c, peer, ref);
	return RESULT_OK;
}

static enum tree_result
cmd_exit(struct tree *t, struct child *c, const struct tree_command *cmd)
{
	if (cmd->reason.kind == REASON_NONE)
		return RESULT_BADARG;
	if (cmd->reason.kind == REASON_KILL)
		end_by_kill(t, c);
	else
		signal_arrives(t, c, cmd->peer, &cmd->reason);
	return RESULT_OK;
}

/* The other one of a command; NULL if it is none that can be tied to. */
static struct child *
peer_of(const struct tree *t, const struct tree_command *cmd)
{
	struct child *peer = cmd->peer < t->size ? child_of(t, cmd->peer) : NULL;

	return peer == NULL || peer->spec == NULL || child_is(peer, CF_GONE) ? NULL : peer;
}

enum tree_result
links_command(struct tree *t, struct child *c, const struct tree_command *cmd)
{
	struct child *peer = peer_of(t, cmd);
	enum tree_result result = RESULT_OK;
	struct tie *tie;

	if (cmd->type != CMD_EXIT && peer == NULL)
		return RESULT_NOT_FOUND;
	if (c->sup != NULL || (peer != NULL && peer->sup != NULL))
		return RESULT_BADARG;
	if (!child_is_live(c) && cmd->type != CMD_UNLINK)
		return RESULT_NOPROC;
	if (cmd->type == CMD_MONITOR)
		return cmd_monitor(t, c, peer, cmd);
	if (cmd->type == CMD_LINK)
		make_link(t, c, peer);
	else if (cmd->type == CMD_EXIT)
		result = cmd_exit(t, c, cmd);
	else if ((tie = tie_find(t, c, peer, false)) != NULL)
		tie_part(t, tie);
	if (result == RESULT_OK)
		action_reply(t, c, cmd->cookie, RESULT_OK);
	return result;
}

/* NULL if it is no more. */
static struct tie *
find_ref(const struct tree *t, uint64_t ref)
{
	uint32_t i;

	for (i = 0; ref != 0 && i < t->ties_size; i++) {
		if (t->ties[i].ref == ref)
			return &t->ties[i];
	}
	return NULL;
}

enum tree_result
links_demonitor(struct tree *t, uint64_t ref, uint64_t cookie)
{
	struct tie *tie = find_ref(t, ref);

	if (tie == NULL)
		return RESULT_NOT_FOUND;
	action_reply(t, child_of(t, tie->end[0].child), cookie, RESULT_OK);
	tie_part(t, tie);
	return RESULT_OK;
}

child_handle
tie_watcher(const struct tree *t, uint64_t ref)
{
	const struct tie *tie = find_ref(t, ref);

	return tie == NULL ? CHILD_NONE : tie->end[0].child;
}

uint32_t
tie_first(const struct tree *t, child_handle h)
{
	return h < t->size ? child_of(t, h)->ties : NONE;
}

uint32_t
tie_next(const struct tree *t, uint32_t e)
{
	return tie_of(t, e)->end[e % 2].next;
}

bool
tie_view(const struct tree *t, uint32_t e, struct tie_view *out)
{
	const struct tie *tie;

	if (e == NONE)
		return false;
	tie = tie_of(t, e);
	out->kind = (tie->flags & TF_MONITOR) == 0 ? TIE_LINK : e % 2 == 0 ? TIE_MONITOR : TIE_MONITORED;
	out->other = tie->end[1 - e % 2].child;
	out->other_token = child_of(t, out->other)->token;
	out->ref = tie->ref;
	out->configured = (tie->flags & (TF_CONF_0 | TF_CONF_1)) != 0;
	out->joined = (tie->flags & TF_JOINED) != 0;
	return true;
}
