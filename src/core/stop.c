/*
 * A stop, a supervisor's end, and the walk downwards through its children.
 *
 * The walk goes against the start order, one after the other (S59), or all at
 * once where children are independent; those with stop_last have their turn
 * when all others are gone.
 */
#include "config.h"

#include <signal.h>

#include "core/strategy.h"
#include "core/tree.h"

/* S58, for a nested supervisor too: how long it may take. */
static void
set_patience(struct tree *t, struct child *c)
{
	if (c->spec->shutdown_ms == SHUTDOWN_BRUTAL_KILL)
		child_kill(t, c);
	else if (c->spec->shutdown_ms != SHUTDOWN_INFINITY)
		child_set_due(t, c, mono_add_ms(t->now, c->spec->shutdown_ms));
}

static void
signal_process(struct tree *t, const struct child *c)
{
	struct tree_action *a;

	/* SIGKILL follows at once. */
	if (c->spec->shutdown_ms == SHUTDOWN_BRUTAL_KILL || sup_of(t, c)->hurry)
		return;
	a = action_push(t, TREE_ACT_SIGNAL, c);
	a->signal = c->spec->stop_signal != 0 ? c->spec->stop_signal : SIGTERM;
}

void
child_stop(struct tree *t, struct child *c, unsigned why)
{
	bool news;

	if (!child_is_live(c))
		return;
	news = c->state != CHILD_STOPPING || (c->sup != NULL && !child_is(c, CF_ORDERED));
	child_set(c, why);
	if (!news)
		return;
	if (c->sup != NULL) {
		sup_end(t, c->sup, RESULT_ORDERED, NULL);
	} else {
		child_become(t, c, CHILD_STOPPING);
		signal_process(t, c);
	}
	set_patience(t, c);
}

void
child_kill(struct tree *t, struct child *c)
{
	if (child_is(c, CF_KILLED))
		return;
	child_set(c, CF_KILLED);
	child_set_due(t, c, MONO_NEVER);
	if (c->sup != NULL)
		sup_hurry(t, c->sup);
	else
		action_push(t, TREE_ACT_KILL, c);
}

static void
begin_walk_down(struct tree *t, struct sup *s)
{
	s->cursor = s->last;
	s->pass = 0;
	sup_wake(t, s);
}

/* S53, S61, S73. From here on nothing is started and no exit counts (S62). */
void
sup_end(struct tree *t, struct sup *s, enum tree_result cause, const struct exit_reason *reason)
{
	if (s->phase == SUP_ENDING)
		return;
	s->cause = cause;
	s->cause_reason = reason != NULL ? *reason : (struct exit_reason){ REASON_SHUTDOWN, 0, STEP_NONE, false };
	s->phase = SUP_ENDING;
	s->init = false;
	s->hurry = false;
	s->leader = NONE;
	s->parallel = strategy_stops_parallel(s->spec);
	child_become(t, child_of(t, s->self), CHILD_STOPPING);
	begin_walk_down(t, s);
}

void
sup_hurry(struct tree *t, struct sup *s)
{
	s->hurry = true;
	s->parallel = true;
	begin_walk_down(t, s);
}

/* False if the walk has to wait for c. */
static bool
take_down(struct tree *t, struct sup *s, struct child *c)
{
	bool teardown = s->phase == SUP_TEARDOWN;

	if (c->state == CHILD_RESTARTING) {
		/* Not the one whose failure it is, nor one that is set aside anyway. */
		if (teardown && (c->self == s->leader || child_is(c, CF_COOLING)))
			return true;
		child_cancel(t, c);
	}
	if (c->state == CHILD_UNDEFINED) {
		/* Its turn to start was to come; now it will not, or not soon. */
		if (!teardown || s->start_from == NONE)
			waiters_answer(t, c, true, teardown ? RESULT_RESTARTING : RESULT_NOPROC);
		/* S41; others keep their place. */
		if (teardown && c->spec->restart == RESTART_TEMPORARY)
			child_remove(t, c);
		return true;
	}
	if (child_is(c, CF_LAST) != (s->pass == 1))
		return true;
	child_stop(t, c, CF_ORDERED);
	if (s->hurry)
		child_kill(t, c);
	return s->parallel;
}

child_handle
sup_first_from(const struct tree *t, const struct sup *s, uint32_t ord)
{
	child_handle h = s->last, found = NONE;

	for (; h != NONE && child_of(t, h)->ord >= ord; h = child_of(t, h)->prev)
		found = h;
	return found;
}

static void
finish_teardown(struct tree *t, struct sup *s)
{
	s->leader = NONE;
	if (s->start_from == NONE) {
		sup_settle(t, s);
		return;
	}
	s->phase = SUP_STARTING;
	s->cursor = sup_first_from(t, s, s->start_from);
	s->ordered = false;
	sup_wake(t, s);
}

static void
finish_tree(struct tree *t, struct child *root, const struct sup *s)
{
	struct tree_action *a;

	child_become(t, root, CHILD_UNDEFINED);
	waiters_answer(t, root, false, RESULT_OK);
	a = action_push(t, TREE_ACT_FINISH, root);
	a->reason = root->last;
	a->result = s->cause;
	t->finished = true;
}

/* S53, S54, S57: all below is down. */
static void
finish_ending(struct tree *t, struct sup *s)
{
	struct child *self = child_of(t, s->self);
	bool killed = child_is(self, CF_KILLED);

	s->phase = SUP_DOWN;
	s->hurry = false;
	window_clear(&s->window);
	self->last = killed ? (struct exit_reason){ REASON_KILLED, SIGKILL, STEP_NONE, false } : s->cause_reason;
	action_report(t, self, REPORT_SHUTDOWN, -1);
	t->ring.slots[(t->ring.head + t->ring.n - 1) % t->ring.cap].result = s->cause;
	if (s->self == TREE_ROOT)
		finish_tree(t, self, s);
	else if (s->cause == RESULT_INIT_FAILED)
		child_start_error(t, self);
	else
		child_ended(t, self);
}

void
sup_walk_down(struct tree *t, struct sup *s)
{
	while (s->cursor != NONE) {
		struct child *c = child_of(t, s->cursor);

		if (t->ring.n >= RING_PAUSE) {
			sup_wake(t, s);
			return;
		}
		if (s->phase == SUP_TEARDOWN && c->ord < s->stop_from)
			break;
		if (!take_down(t, s, c))
			return;
		if (s->cursor == c->self) /* not if it was removed */
			s->cursor = c->prev;
	}
	s->cursor = NONE;
	if (s->parallel && s->live[s->pass] > 0)
		return;
	if (s->pass == 0 && s->live[1] > 0) {
		s->pass = 1;
		s->cursor = s->last;
		sup_wake(t, s);
		return;
	}
	if (s->phase == SUP_TEARDOWN)
		finish_teardown(t, s);
	else
		finish_ending(t, s);
}
