/*
 * Events, and what the end of a child means.
 */
#include "config.h"

#include "core/strategy.h"
#include "core/tree.h"

/* S42: a member that ends by itself while its group is stopped is consumed. */
bool
is_being_torn_down(const struct sup *s, const struct child *c)
{
	return s->phase == SUP_TEARDOWN && c->ord >= s->stop_from && c->self != s->leader;
}

/* Its spec goes with it (S34, S81). */
static bool
is_forgotten(const struct sup *s, const struct child *c)
{
	return c->spec->restart == RESTART_TEMPORARY || s->spec->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
}

static enum tree_result
answer_for_down(const struct sup *s, const struct child *c)
{
	if (child_is(c, CF_REMOVE))
		return RESULT_NOT_FOUND;
	if (!sup_is_up(s))
		return RESULT_NOPROC;
	return is_being_torn_down(s, c) ? RESULT_RESTARTING : RESULT_START_ERROR;
}

void
child_down(struct tree *t, struct child *c)
{
	struct sup *s = sup_of(t, c);
	bool torn_down = is_being_torn_down(s, c), discard = child_is(c, CF_DISCARD), again;
	bool wanted = child_is(c, CF_WANTED) && !child_is(c, CF_TERMINATED);

	again = wanted && child_is(c, CF_AGAIN) && sup_is_up(s) && !torn_down;
	child_clear(c, CF_AGAIN | CF_AUTO | CF_COMMAND | CF_DISCARD);
	if (!child_is(c, CF_REMOVE))
		waiters_answer(t, c, false, RESULT_OK);
	if (again && !child_is(c, CF_REMOVE)) {
		child_start(t, c);
		return;
	}
	child_become(t, c, CHILD_UNDEFINED);
	/* Who asked for a move waits for the start. */
	if (!child_is(c, CF_MOVE) || !has_turn_to_come(t, s, c)) {
		place_forget(c);
		waiters_answer(t, c, true, answer_for_down(s, c));
	}
	if (child_is(c, CF_REMOVE) || discard || (is_forgotten(s, c) && (torn_down || !wanted || child_is(c, CF_IGNORED))))
		child_remove(t, c);
}

/* S67: did it end as it was told? */
static bool
ended_as_told(const struct child *c)
{
	bool brutal = c->spec->shutdown_ms == SHUTDOWN_BRUTAL_KILL;

	if (c->last.kind == (brutal ? REASON_KILLED : REASON_SHUTDOWN))
		return true;
	return c->spec->restart != RESTART_PERMANENT && reason_is_normal(&c->last);
}

/* It was told to end, and has. */
static void
child_stopped(struct tree *t, struct child *c)
{
	bool ordered = child_is(c, CF_ORDERED);

	if (!ordered && child_is(c, CF_TIMED_OUT)) {
		c->last = (struct exit_reason){ REASON_START_ERROR, 0, STEP_TIMEOUT, false };
		child_start_error(t, c);
		return;
	}
	if (!ordered) { /* S26: it said so itself */
		child_clear(c, CF_DISCARD);
		waiters_answer(t, c, true, RESULT_UNDEFINED);
	}
	action_report(t, c, !ordered || ended_as_told(c) ? REPORT_STOPPED : REPORT_SHUTDOWN_ERROR, -1);
	child_down(t, c);
}

/* S70-S73. */
static void
check_significant(struct tree *t, struct sup *s)
{
	switch (s->spec->auto_shutdown) {
	case AUTO_SHUTDOWN_NEVER:
		return;
	case AUTO_SHUTDOWN_ALL_SIGNIFICANT:
		if (s->significant > 0)
			return;
		break;
	case AUTO_SHUTDOWN_ANY_SIGNIFICANT:
		break;
	}
	sup_end(t, s, RESULT_ORDERED, NULL);
}

/* It ended by itself, and its restart type is content with that (S34, S36). */
static void
child_done(struct tree *t, struct child *c)
{
	struct sup *s = sup_of(t, c);
	bool significant = c->spec->significant;

	action_report(t, c, REPORT_CHILD_TERMINATED, -1);
	waiters_answer(t, c, true, RESULT_START_ERROR);
	c->row = 0;
	child_become(t, c, CHILD_UNDEFINED);
	if (s->phase == SUP_ADOPTING)
		child_set(c, CF_DONE);
	if (is_forgotten(s, c))
		child_remove(t, c);
	if (significant && sup_is_up(s))
		check_significant(t, s);
}

/* S35. */
static void
child_died(struct tree *t, struct child *c)
{
	struct sup *s = sup_of(t, c);
	bool restarts = strategy_restarts(c->spec->restart, reason_is_normal(&c->last));

	if (s->phase == SUP_ENDING || s->phase == SUP_DOWN || is_being_torn_down(s, c) ||
	    (s->phase == SUP_ADOPTING && restarts)) {
		action_report(t, c, REPORT_CHILD_TERMINATED, -1);
		child_down(t, c);
	} else if (child_is(c, CF_SIGNALLED) && child_is(c, CF_AGAIN)) {
		/* Somebody has asked for it while it was ended. */
		action_report(t, c, REPORT_CHILD_TERMINATED, -1);
		child_down(t, c);
	} else if (restarts) {
		child_failed(t, c, REPORT_CHILD_TERMINATED);
	} else {
		child_done(t, c);
	}
}

void
child_ended(struct tree *t, struct child *c)
{
	if (c->state == CHILD_RUNNING)
		place_lived(t, c);
	if (c->state == CHILD_STOPPING && child_is(c, CF_ORDERED | CF_TIMED_OUT | CF_IGNORED))
		child_stopped(t, c);
	else
		child_died(t, c);
}

void
child_start_error(struct tree *t, struct child *c)
{
	struct sup *s = sup_of(t, c);
	bool ordered = c->state == CHILD_STOPPING && child_is(c, CF_ORDERED);

	/* Who asked for that is told of the error. But one that was told to end is down by this, as it was to be. */
	if (!ordered)
		child_clear(c, CF_AGAIN);
	if (c->state == CHILD_STARTING && sup_is_up(s) && !is_being_torn_down(s, c) && place_refused(t, c)) {
		/* S114: the same attempt, elsewhere. */
		action_report(t, c, REPORT_START_ERROR, 0);
		child_set(c, CF_NEXT);
		child_start(t, c);
		return;
	}
	if (!sup_is_up(s) || is_being_torn_down(s, c) || ordered) {
		action_report(t, c, REPORT_START_ERROR, -1);
		child_down(t, c);
	} else if (child_is(c, CF_COMMAND)) {
		/* S29: the command's, not the supervisor's. */
		action_report(t, c, REPORT_START_ERROR, -1);
		if (child_is(c, CF_DISCARD))
			child_set(c, CF_REMOVE);
		waiters_answer(t, c, true, RESULT_START_ERROR);
		child_down(t, c);
	} else if (s->init && s->spec->init_strict && child_is(c, CF_FIRST)) {
		/* S27. */
		action_report(t, c, REPORT_START_ERROR, -1);
		child_down(t, c);
		sup_end(t, s, RESULT_INIT_FAILED, &c->last);
	} else {
		child_failed(t, c, REPORT_START_ERROR);
	}
}

/* Before TREE_BEGIN: is c wanted, with all above it? */
static bool
is_wanted(const struct tree *t, const struct child *c)
{
	for (; c->parent != CHILD_NONE; c = child_of(t, c->parent)) {
		if (!child_is(c, CF_WANTED))
			return false;
	}
	return true;
}

/* Before TREE_BEGIN: those above c have something that lives, and can be told to end. */
static void
open_above(struct tree *t, const struct child *c)
{
	while (c->parent != CHILD_NONE) {
		struct child *above = child_of(t, c->parent);

		if (above->sup->phase == SUP_DOWN) {
			above->sup->phase = SUP_ADOPTING;
			child_become(t, above, CHILD_STARTING);
		}
		c = above;
	}
}

static void
take_in(struct tree *t, struct child *c, const struct tree_event *ev)
{
	bool fits = child_is(c, CF_WANTED) && sup_is_up(sup_of(t, c));

	if (!t->begun && is_wanted(t, c) && child_of(t, TREE_ROOT)->sup->phase != SUP_ENDING) {
		open_above(t, c);
		fits = sup_of(t, c)->phase == SUP_ADOPTING;
	}
	node_reserve(t, ev->node);
	if (child_is(c, CF_WAIT_NODE))
		wait_leave(t, c);
	place_forget(c);
	c->node = ev->node;
	c->episode = t->nodes[c->node].episode;
	c->starts++;
	token_set(t, c, ev->token);
	child_clear(c, CF_FIRST | CF_COMMAND | CF_DISCARD | CF_AUTO | CF_COOLING | CF_DONE);
	child_clear(c, CF_ORDERED | CF_KILLED | CF_TIMED_OUT | CF_IGNORED | CF_TERMINATED);
	child_clear(c, CF_SIGNALLED | CF_TRAPS);
	if (c->spec->trap_exit)
		child_set(c, CF_TRAPS);
	child_become(t, c, CHILD_RUNNING);
	c->since.us -= ev->age_us;
	waiters_answer(t, c, true, RESULT_OK);
	if (!fits)
		child_stop(t, c, CF_ORDERED);
}

/* An incarnation that an agent still holds. */
static void
adopt(struct tree *t, const struct tree_event *ev)
{
	struct child *c;

	if (ev->child >= t->size || ev->child == TREE_ROOT)
		return;
	c = child_of(t, ev->child);
	if (c->spec == NULL || child_is(c, CF_GONE) || c->sup != NULL)
		return;
	if (!child_is_live(c)) {
		take_in(t, c, ev);
	} else if (c->token != ev->token) {
		/* There is another one: never two. */
		struct tree_action *a = action_push(t, TREE_ACT_KILL, c);

		a->token = ev->token;
		a->node = ev->node;
	}
}

/* A start_child that will never hear that its child has come to life, nor that it has not (S29). */
static bool
is_lost_start(const struct child *c, const struct exit_reason *reason)
{
	return c->state == CHILD_STARTING && child_is(c, CF_DISCARD) && reason->kind == REASON_NOCONNECTION;
}

/* It is gone, and c->last says why: those that are linked to it, or watch it, hear of it before anything else (S97). */
static void
announce(struct tree *t, const struct child *c)
{
	struct exit_reason normal = { REASON_NORMAL, 0, STEP_NONE, false };

	/* There was nothing to do for it (S26): no reason for anybody else to end. */
	links_fire(t, c, child_is(c, CF_IGNORED) && !child_is(c, CF_ORDERED) ? &normal : &c->last);
}

/* S98: an exit signal ended it, whatever its status is. */
static bool
is_signalled(const struct child *c)
{
	return c->state == CHILD_STOPPING && child_is(c, CF_SIGNALLED);
}

static void
on_exited(struct tree *t, struct child *c, const struct exit_reason *reason)
{
	bool lost_start = is_lost_start(c, reason), early = false;

	token_clear(t, c);
	if (!is_signalled(c)) {
		if (c->state == CHILD_STARTING && c->spec->ready == READY_EXEC && child_is(c, CF_DISCARD) && !lost_start)
			child_started(t, c); /* it was executed, as its exit shows */
		/* S25: an exit before it was ready, whatever the code; but not the loss of its node. */
		early = c->state == CHILD_STARTING && c->spec->ready != READY_EXEC && reason->kind != REASON_NOCONNECTION;
		c->last = early ? (struct exit_reason){ REASON_START_ERROR, 0, STEP_EXITED, false } : *reason;
	}
	announce(t, c);
	if (early || lost_start)
		child_start_error(t, c);
	else
		child_ended(t, c);
}

static void
on_start_failed(struct tree *t, struct child *c, const struct exit_reason *reason)
{
	bool signalled = is_signalled(c);

	token_clear(t, c);
	if (!signalled)
		c->last = *reason;
	announce(t, c);
	if (signalled)
		child_ended(t, c);
	else
		child_start_error(t, c);
}

static void
on_incarnation(struct tree *t, const struct tree_event *ev)
{
	child_handle h = tree_by_token(t, ev->token);
	struct child *c;

	if (h == CHILD_NONE)
		return; /* S35: no longer current */
	c = child_of(t, h);
	if (ev->type == TREE_EXITED)
		on_exited(t, c, &ev->reason);
	else if (ev->type == TREE_START_FAILED)
		on_start_failed(t, c, &ev->reason);
	else if (ev->type == TREE_STARTED && c->state == CHILD_STARTING)
		child_started(t, c);
	else if (ev->type == TREE_IGNORED && c->state == CHILD_STARTING)
		child_stop(t, c, CF_IGNORED);
}

static void
begin(struct tree *t)
{
	struct child *root = child_of(t, TREE_ROOT);

	if (t->begun)
		return;
	t->begun = true;
	if (root->sup->phase != SUP_ENDING)
		child_start(t, root);
}

void
tree_event(struct tree *t, const struct tree_event *ev, mono_t now)
{
	tree_enter(t, now);
	if (t->finished)
		return;
	switch (ev->type) {
	case TREE_ADOPTED:
		adopt(t, ev);
		break;
	case TREE_BEGIN:
		begin(t);
		break;
	case TREE_STARTED:
	case TREE_IGNORED:
	case TREE_START_FAILED:
	case TREE_EXITED:
		on_incarnation(t, ev);
		break;
	case TREE_NODE_UP:
		node_reserve(t, ev->node);
		node_up(t, ev->node, ev->capacity);
		break;
	case TREE_NODE_DOWN:
		node_reserve(t, ev->node);
		node_down(t, ev->node);
		break;
	case TREE_TIMER:
		t->timers_until = t->now;
		break;
	}
}

static void
on_timer(struct tree *t, struct child *c)
{
	switch ((enum child_state)c->state) {
	case CHILD_STARTING:
		child_stop(t, c, CF_TIMED_OUT);
		break;
	case CHILD_STOPPING:
		child_kill(t, c);
		break;
	case CHILD_RESTARTING:
		c->due = MONO_NEVER;
		child_retry(t, c);
		break;
	case CHILD_RUNNING:
		c->due = MONO_NEVER;
		place_timer(t, c);
		break;
	case CHILD_UNDEFINED:
		break;
	}
}

static bool
run_supervisor(struct tree *t)
{
	struct sup *s = t->run_first;

	if (s == NULL)
		return false;
	t->run_first = s->run_next;
	if (t->run_first == NULL)
		t->run_last = NULL;
	s->queued = false;
	if (s->phase == SUP_STARTING)
		sup_walk_up(t, s);
	else if (s->phase == SUP_TEARDOWN || s->phase == SUP_ENDING)
		sup_walk_down(t, s);
	return true;
}

static bool
run_timer(struct tree *t)
{
	uint32_t h;

	if (!timers_pop(&t->timers, t->timers_until, &h))
		return false;
	on_timer(t, child_of(t, h));
	return true;
}

bool
tree_next_action(struct tree *t, struct tree_action *out)
{
	while (!action_pop(t, out)) {
		if (!run_supervisor(t) && !operation_next(t) && !run_timer(t) && !node_scan(t) &&
		    !review_next(t))
			return false;
	}
	return true;
}
