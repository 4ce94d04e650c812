/*
 * What operators and reloads ask for, in everyday words; OTP's are in operation.c.
 *
 * A wish (should it run?) is kept whatever becomes of the request: a child that
 * was stopped by hand stays down through group restarts and restarts of its
 * supervisor, until it is told to start.
 */
#include "config.h"

#include "core/tree.h"
#include "core/validate.h"

bool
has_turn_to_come(const struct tree *t, const struct sup *s, const struct child *c)
{
	const struct child *at;

	if (s->phase == SUP_TEARDOWN)
		return s->start_from <= c->ord;
	if (s->phase != SUP_STARTING || s->cursor == NONE)
		return false;
	at = child_of(t, s->cursor);
	return at->ord < c->ord || (at == c && !s->ordered);
}

/* c is down and is to be up: now, or with its group. */
static void
start_from_down(struct tree *t, struct child *c, uint64_t cookie, unsigned how)
{
	struct sup *s = sup_of(t, c);

	if (is_being_torn_down(s, c) && !has_turn_to_come(t, s, c)) {
		action_reply(t, c, cookie, RESULT_RESTARTING);
		return;
	}
	child_set(c, how);
	waiter_add(t, c, cookie, true);
	if (!has_turn_to_come(t, s, c))
		child_start(t, c);
}

/* c is to be up, and its supervisor is. */
static enum tree_result
ask_up(struct tree *t, struct child *c, uint64_t cookie)
{
	switch ((enum child_state)c->state) {
	case CHILD_RUNNING:
		action_reply(t, c, cookie, RESULT_OK);
		break;
	case CHILD_STARTING:
		waiter_add(t, c, cookie, true);
		break;
	case CHILD_STOPPING:
		child_clear(c, CF_TERMINATED);
		child_set(c, CF_AGAIN);
		waiter_add(t, c, cookie, true);
		break;
	case CHILD_RESTARTING: /* S124: at once, and a new row */
		c->row = 0;
		if (child_is(c, CF_WAIT_NODE) && mono_is_never(c->due)) {
			action_reply(t, c, cookie, RESULT_RESTARTING);
			break;
		}
		waiter_add(t, c, cookie, true);
		if (!mono_is_never(c->due))
			child_retry(t, c);
		break;
	case CHILD_UNDEFINED:
		c->row = 0;
		child_clear(c, CF_FIRST);
		start_from_down(t, c, cookie, CF_COMMAND);
		break;
	}
	return RESULT_OK;
}

static enum tree_result
cmd_start(struct tree *t, struct child *c, uint64_t cookie)
{
	child_set(c, CF_WANTED);
	child_clear(c, CF_DONE);
	operation_overtake(t, c);
	if (c->self == TREE_ROOT) {
		if (!sup_is_up(c->sup))
			return RESULT_NOPROC;
		action_reply(t, c, cookie, RESULT_OK);
		return RESULT_OK;
	}
	return sup_is_up(sup_of(t, c)) ? ask_up(t, c, cookie) : RESULT_NOPROC;
}

static enum tree_result
cmd_shutdown(struct tree *t, uint64_t cookie)
{
	struct child *root = child_of(t, TREE_ROOT);

	waiter_add(t, root, cookie, false);
	if (root->sup->phase == SUP_ENDING)
		child_kill(t, root);
	else
		child_stop(t, root, CF_ORDERED);
	return RESULT_OK;
}

/* S60, S76: down, or on its way; one that ran and is temporary is forgotten then. */
static enum tree_result
cmd_stop(struct tree *t, struct child *c, uint64_t cookie)
{
	if (c->self == TREE_ROOT)
		return cmd_shutdown(t, cookie);
	child_clear(c, CF_WANTED | CF_AGAIN);
	place_forget(c);
	waiter_add(t, c, cookie, false);
	if (child_is_live(c)) {
		child_stop(t, c, CF_ORDERED);
		return RESULT_OK;
	}
	group_release(t, c);
	child_cancel(t, c);
	waiters_answer(t, c, true, RESULT_START_ERROR);
	waiters_answer(t, c, false, RESULT_OK);
	if (sup_of(t, c)->spec->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE)
		child_remove(t, c);
	return RESULT_OK;
}

static enum tree_result
cmd_restart(struct tree *t, struct child *c, uint64_t cookie)
{
	if (c->self == TREE_ROOT)
		return RESULT_RUNNING;
	child_set(c, CF_WANTED);
	child_clear(c, CF_DONE);
	operation_overtake(t, c);
	if (!sup_is_up(sup_of(t, c)))
		return RESULT_NOPROC;
	if (c->state == CHILD_STARTING || c->state == CHILD_RUNNING) {
		c->row = 0;
		child_stop(t, c, CF_ORDERED);
	}
	return ask_up(t, c, cookie);
}

unsigned
depth_of(const struct tree *t, const struct child *c)
{
	unsigned depth = 0;

	for (; c->parent != CHILD_NONE; c = child_of(t, c->parent))
		depth++;
	return depth;
}

static enum tree_result
cmd_add(struct tree *t, struct child *parent, const struct tree_command *cmd, child_handle *added)
{
	struct sup *s = parent->sup;
	struct child *c;
	child_handle h;

	if (s == NULL)
		return RESULT_NOT_FOUND;
	if (validate_child(cmd->spec, s->spec, depth_of(t, parent), NULL) == -1)
		return RESULT_INVALID;
	h = id_find(t, s->self, cmd->spec->id);
	if (h != CHILD_NONE)
		return child_is_live(child_of(t, h)) ? RESULT_ALREADY_STARTED : RESULT_ALREADY_PRESENT;
	c = child_add(t, cmd->spec, s);
	links_resolve(t);
	if (added != NULL)
		*added = c->self;
	if (!sup_is_up(s) || !child_is(c, CF_WANTED)) {
		action_reply(t, c, cmd->cookie, RESULT_OK);
		return RESULT_OK;
	}
	start_from_down(t, c, cmd->cookie, CF_FIRST | (s->spec->init_strict ? CF_COMMAND | CF_DISCARD : 0));
	return RESULT_OK;
}

static enum tree_result
cmd_remove(struct tree *t, struct child *c, uint64_t cookie)
{
	if (c->self == TREE_ROOT)
		return RESULT_NOT_FOUND;
	child_clear(c, CF_WANTED | CF_AGAIN);
	place_forget(c);
	waiter_add(t, c, cookie, false);
	if (child_is_live(c)) {
		child_set(c, CF_REMOVE);
		child_stop(t, c, CF_ORDERED);
	} else {
		group_release(t, c);
		child_remove(t, c);
	}
	return RESULT_OK;
}

/* S85: policy counts from now on, what is executed from the next start on. */
static enum tree_result
cmd_change(struct tree *t, struct child *c, const struct tree_command *cmd)
{
	const struct child_spec *spec = cmd->spec;

	if (c->self == TREE_ROOT) {
		if (spec == NULL || spec->sup == NULL || validate_sup(spec->sup, 0, NULL) == -1)
			return RESULT_INVALID;
		t->root_spec.sup = spec->sup;
		sup_set_spec(c->sup, spec->sup);
	} else {
		if (validate_child(spec, sup_of(t, c)->spec, depth_of(t, c) - 1, NULL) == -1 ||
		    spec->type != c->spec->type || id_find(t, c->parent, spec->id) != c->self)
			return RESULT_INVALID;
		child_set_spec(t, c, spec);
	}
	links_resolve(t);
	action_reply(t, c, cmd->cookie, RESULT_OK);
	return RESULT_OK;
}

enum tree_result
tree_command(struct tree *t, const struct tree_command *cmd, mono_t now, child_handle *added)
{
	bool ending = child_of(t, TREE_ROOT)->sup->phase == SUP_ENDING;
	struct child *c;

	tree_enter(t, now);
	if (t->finished)
		return RESULT_NOPROC;
	if (cmd->type == CMD_SHUTDOWN)
		return cmd_shutdown(t, cmd->cookie);
	if (cmd->type == CMD_DEMONITOR)
		return links_demonitor(t, cmd->ref, cmd->cookie);
	if (cmd->child >= t->size)
		return RESULT_NOT_FOUND;
	c = child_of(t, cmd->child);
	if (c->spec == NULL || child_is(c, CF_GONE))
		return RESULT_NOT_FOUND;
	switch (cmd->type) {
	case CMD_START:
		return cmd_start(t, c, cmd->cookie);
	case CMD_STOP:
		return cmd_stop(t, c, cmd->cookie);
	case CMD_RESTART:
		return cmd_restart(t, c, cmd->cookie);
	case CMD_ADD:
		return ending ? RESULT_NOPROC : cmd_add(t, c, cmd, added);
	case CMD_REMOVE:
		return cmd_remove(t, c, cmd->cookie);
	case CMD_CHANGE:
		return ending ? RESULT_NOPROC : cmd_change(t, c, cmd);
	case CMD_START_CHILD:
	case CMD_TERMINATE_CHILD:
	case CMD_RESTART_CHILD:
	case CMD_DELETE_CHILD:
		return operation(t, c, cmd, added);
	case CMD_LINK:
	case CMD_UNLINK:
	case CMD_MONITOR:
	case CMD_EXIT:
		return links_command(t, c, cmd);
	case CMD_MOVE:
		return cmd_move(t, c, cmd);
	case CMD_PERMIT:
		return cmd_permit(t, c, cmd);
	case CMD_DEMONITOR:
	case CMD_SHUTDOWN:
		break;
	}
	return RESULT_NOT_FOUND;
}
