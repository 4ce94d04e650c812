/*
 * OTP's operations on a supervisor's children, with OTP's results (S74-S86).
 *
 * In OTP a supervisor answers calls between two of its steps, so a call finds
 * each child running, `restarting` or `undefined`, and never half-way. Here a
 * command that comes half-way waits in tree.deferred until its supervisor has
 * done its walk and its child has come up or down; only terminate_child cuts a
 * start short (S32). Memory is taken when the command comes, not later.
 */
#include "config.h"

#include <string.h>

#include "base/xalloc.h"
#include "core/tree.h"
#include "core/validate.h"

static bool
is_half_way(const struct child *c)
{
	return c->state == CHILD_STARTING || c->state == CHILD_STOPPING;
}

static bool
is_simple(const struct sup *s)
{
	return s->spec->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
}

/* S74: has the command to wait? `c` is the supervisor of a CMD_START_CHILD, or the child. */
static bool
has_to_wait(const struct tree *t, const struct child *c, const struct tree_command *cmd)
{
	const struct sup *s = cmd->type == CMD_START_CHILD ? c->sup : sup_of(t, c);
	child_handle h;

	if (!sup_is_up(s))
		return false;
	if (cmd->type == CMD_TERMINATE_CHILD) {
		if (s->phase == SUP_TEARDOWN)
			return true;
		return has_turn_to_come(t, s, c);
	}
	if (s->phase != SUP_IDLE)
		return true;
	if (cmd->type != CMD_START_CHILD)
		return is_half_way(c);
	h = id_find(t, s->self, cmd->spec->id);
	return h != CHILD_NONE && is_half_way(child_of(t, h));
}

static enum tree_result
start_child(struct tree *t, struct child *parent, const struct tree_command *cmd, child_handle *added)
{
	struct sup *s = parent->sup;
	struct child *c;
	child_handle h;

	if (!sup_is_up(s))
		return RESULT_NOPROC;
	h = id_find(t, s->self, cmd->spec->id);
	if (h != CHILD_NONE)
		return child_is_live(child_of(t, h)) ? RESULT_ALREADY_STARTED : RESULT_ALREADY_PRESENT;
	if (is_simple(s) && s->spec->max_children > 0 && s->n_children >= s->spec->max_children)
		return RESULT_MAX_CHILDREN;
	c = child_add(t, cmd->spec, s);
	if (!node_is_there(t, c)) {
		child_remove(t, c);
		return RESULT_NO_NODE;
	}
	*added = c->self;
	links_resolve(t);
	waiter_add(t, c, cmd->cookie, true);
	child_set(c, CF_FIRST | CF_COMMAND | CF_DISCARD);
	child_start(t, c);
	return RESULT_OK;
}

/* Before TREE_BEGIN, of one that is down since an earlier daemon's time: init passes it over, a group restart does not. */
static enum tree_result
was_terminated(struct tree *t, struct child *c, uint64_t cookie)
{
	action_reply(t, c, cookie, RESULT_OK);
	child_set(c, CF_DONE);
	if (is_simple(sup_of(t, c)) || c->spec->restart == RESTART_TEMPORARY)
		child_remove(t, c);
	return RESULT_OK;
}

/* S60, S66, S79. */
static enum tree_result
terminate_child(struct tree *t, struct child *c, uint64_t cookie)
{
	struct sup *s = sup_of(t, c);

	if (!t->begun)
		return was_terminated(t, c, cookie);
	if (!sup_is_up(s))
		return RESULT_NOPROC;
	waiter_add(t, c, cookie, false);
	if (child_is_live(c)) {
		child_clear(c, CF_AGAIN);
		place_forget(c);
		child_set(c, CF_TERMINATED);
		child_stop(t, c, CF_ORDERED);
		return RESULT_OK;
	}
	child_cancel(t, c);
	waiters_answer(t, c, false, RESULT_OK);
	if (is_simple(s) || c->spec->restart == RESTART_TEMPORARY)
		child_remove(t, c);
	return RESULT_OK;
}

static enum tree_result
restart_child(struct tree *t, struct child *c, uint64_t cookie)
{
	struct sup *s = sup_of(t, c);

	if (!sup_is_up(s))
		return RESULT_NOPROC;
	if (c->state == CHILD_RESTARTING)
		return RESULT_RESTARTING;
	if (c->state != CHILD_UNDEFINED)
		return RESULT_RUNNING;
	if (!child_is(c, CF_WANTED))
		return RESULT_START_ERROR; /* stopped by wish while this waited: the later order counts */
	if (!node_is_there(t, c))
		return RESULT_NO_NODE;
	c->row = 0; /* S124 */
	waiter_add(t, c, cookie, true);
	child_clear(c, CF_FIRST);
	child_set(c, CF_COMMAND);
	child_start(t, c);
	return RESULT_OK;
}

static enum tree_result
delete_child(struct tree *t, struct child *c, uint64_t cookie)
{
	if (!sup_is_up(sup_of(t, c)))
		return RESULT_NOPROC;
	if (c->state == CHILD_RESTARTING)
		return RESULT_RESTARTING;
	if (c->state != CHILD_UNDEFINED)
		return RESULT_RUNNING;
	action_reply(t, c, cookie, RESULT_OK);
	child_remove(t, c);
	return RESULT_OK;
}

static enum tree_result
carry_out(struct tree *t, struct child *c, const struct tree_command *cmd, child_handle *added)
{
	switch (cmd->type) {
	case CMD_START_CHILD:
		return start_child(t, c, cmd, added);
	case CMD_TERMINATE_CHILD:
		return terminate_child(t, c, cmd->cookie);
	case CMD_RESTART_CHILD:
		return restart_child(t, c, cmd->cookie);
	case CMD_DELETE_CHILD:
		return delete_child(t, c, cmd->cookie);
	case CMD_START:
	case CMD_STOP:
	case CMD_RESTART:
	case CMD_ADD:
	case CMD_REMOVE:
	case CMD_CHANGE:
	case CMD_LINK:
	case CMD_UNLINK:
	case CMD_MONITOR:
	case CMD_DEMONITOR:
	case CMD_EXIT:
	case CMD_SHUTDOWN:
	case CMD_MOVE:
	case CMD_PERMIT:
		break;
	}
	return RESULT_NOT_FOUND;
}

static void
defer(struct tree *t, const struct child *c, const struct tree_command *cmd)
{
	if (t->n_deferred == t->deferred_cap) {
		t->deferred_cap = t->deferred_cap == 0 ? 16 : 2 * t->deferred_cap;
		t->deferred = xreallocarray(t->deferred, t->deferred_cap, sizeof(*t->deferred));
	}
	t->deferred[t->n_deferred++] = (struct deferred){ *cmd, c->birth };
	ring_reserve(t, t->n_deferred);
}

/* What can be answered whatever the supervisor is doing; RESULT_OK: go on. */
static enum tree_result
refuse(const struct tree *t, const struct child *c, const struct tree_command *cmd)
{
	if (cmd->type == CMD_START_CHILD) {
		if (c->sup == NULL)
			return RESULT_NOT_FOUND;
		/* S77: an invalid spec fails first. */
		return validate_child(cmd->spec, c->sup->spec, depth_of(t, c), NULL) == -1 ? RESULT_INVALID : RESULT_OK;
	}
	if (c->self == TREE_ROOT)
		return RESULT_NOT_FOUND;
	if (cmd->type != CMD_TERMINATE_CHILD && is_simple(sup_of(t, c)))
		return RESULT_SIMPLE_ONE_FOR_ONE;
	return RESULT_OK;
}

enum tree_result
operation(struct tree *t, struct child *c, const struct tree_command *cmd, child_handle *added)
{
	enum tree_result result = refuse(t, c, cmd);
	child_handle h = CHILD_NONE;

	if (result == RESULT_OK) {
		if (cmd->type == CMD_RESTART_CHILD)
			child_set(c, CF_WANTED);
		if (has_to_wait(t, c, cmd))
			defer(t, c, cmd);
		else
			result = carry_out(t, c, cmd, &h);
	}
	if (added != NULL)
		*added = h;
	return result;
}

/* It has its turn: whatever it comes to is the reply's. */
static void
resume(struct tree *t, const struct deferred *d)
{
	struct child *c = child_of(t, d->cmd.child);
	enum tree_result result;
	child_handle h = CHILD_NONE;

	if (c->spec == NULL || child_is(c, CF_GONE) || c->birth != d->birth)
		result = d->cmd.type == CMD_START_CHILD ? RESULT_NOPROC : RESULT_NOT_FOUND;
	else
		result = carry_out(t, c, &d->cmd, &h);
	if (result != RESULT_OK)
		action_reply(t, c, d->cmd.cookie, result);
}

static void
undefer(struct tree *t, uint32_t i)
{
	t->n_deferred--;
	memmove(t->deferred + i, t->deferred + i + 1, (t->n_deferred - i) * sizeof(*t->deferred));
}

void
operation_overtake(struct tree *t, struct child *c)
{
	uint32_t i = 0;

	while (i < t->n_deferred) {
		struct deferred d = t->deferred[i];

		if (d.cmd.type != CMD_TERMINATE_CHILD || d.cmd.child != c->self || d.birth != c->birth) {
			i++;
			continue;
		}
		undefer(t, i);
		action_reply(t, c, d.cmd.cookie, RESULT_OK);
	}
}

bool
operation_next(struct tree *t)
{
	uint32_t i;

	if (!t->redo)
		return false;
	for (i = 0; i < t->n_deferred; i++) {
		struct deferred d = t->deferred[i];
		const struct child *c = child_of(t, d.cmd.child);

		if (c->spec != NULL && !child_is(c, CF_GONE) && c->birth == d.birth && has_to_wait(t, c, &d.cmd))
			continue;
		undefer(t, i);
		resume(t, &d);
		return true;
	}
	t->redo = false;
	return false;
}
