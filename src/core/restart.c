/*
 * What a failure costs: it is counted (S50-S52), paced (S122), and carried out
 * alone or with its group (S38-S48); or it is one too many (S53).
 */
#include "config.h"

#include "base/map.h"
#include "core/backoff.h"
#include "core/strategy.h"
#include "core/tree.h"

/* When the root's spec does not say for how long. */
#define COOL_DOWN_DEFAULT_US (300 * US_PER_S)

static bool
is_alone(const struct sup *s, const struct child *c)
{
	return strategy_is_single(s->spec->strategy) || child_is(c, CF_FIRST);
}

static uint32_t
group_first(const struct sup *s, const struct child *c)
{
	return strategy_group(s->spec->strategy, NONE, c->ord).first;
}

/*
 * Stop all children from the ord `stop_from` on, and then start those from the
 * ord `start_from` on (NONE: later, when the delay of c is over; S124). What is
 * under way already is taken in: children that a walk upwards has not reached
 * yet are still to be started.
 */
static void
group_begin(struct tree *t, struct sup *s, struct child *c, uint32_t stop_from, uint32_t start_from)
{
	uint32_t reached = NONE;

	if (s->phase == SUP_STARTING && s->cursor != NONE)
		reached = child_of(t, s->cursor)->ord;
	else if (s->phase == SUP_TEARDOWN)
		reached = s->start_from;
	if (reached < c->ord && reached < stop_from)
		start_from = reached;
	if (s->phase == SUP_TEARDOWN && s->stop_from < stop_from)
		stop_from = s->stop_from;
	s->phase = SUP_TEARDOWN;
	s->leader = c->self;
	s->stop_from = stop_from;
	s->start_from = start_from;
	s->parallel = false;
	s->hurry = false;
	s->pass = 0;
	s->cursor = s->last;
	sup_wake(t, s);
}

/* The child that fails once too often is set aside; its siblings go on (architecture 7). */
static void
cool_down(struct tree *t, struct sup *s, struct child *c, enum tree_report report)
{
	int64_t us = s->spec->cool_down_us > 0 ? s->spec->cool_down_us : COOL_DOWN_DEFAULT_US;

	action_report(t, c, report, us);
	action_report(t, c, REPORT_COOL_DOWN, us);
	child_become(t, c, CHILD_RESTARTING);
	child_set(c, CF_AUTO | CF_COOLING);
	child_set_due(t, c, mono_add_us(t->now, us));
	c->row = 0;
	/* The window is spent: the next failure of a sibling is judged by itself. */
	window_clear(&s->window);
}

/* S53: it is not restarted, and neither is anything else here. */
static void
escalate(struct tree *t, struct sup *s, struct child *c, enum tree_report report)
{
	struct child *self = child_of(t, s->self);

	if (s->self == TREE_ROOT && !s->spec->root_exit) {
		cool_down(t, s, c, report);
		return;
	}
	action_report(t, c, report, -1);
	child_become(t, c, CHILD_UNDEFINED);
	self->last = c->last;
	action_report(t, self, REPORT_ESCALATED, -1);
	sup_end(t, s, RESULT_ESCALATED, NULL);
}

/* A start that was refused for want of a lease says nothing about the child (S114). */
static bool
is_refusal(const struct child *c)
{
	return c->last.kind == REASON_START_ERROR && c->last.step == STEP_LEASE;
}

/* S51, S108. */
static bool
is_counted(struct tree *t, struct sup *s, const struct child *c)
{
	if (is_refusal(c))
		return false;
	return c->last.kind != REASON_NOCONNECTION || !node_loss_counted(t, s, c);
}

void
child_failed(struct tree *t, struct child *c, enum tree_report report)
{
	struct sup *s = sup_of(t, c);
	bool alone = is_alone(s, c);
	int64_t delay;

	waiters_answer(t, c, true, RESULT_START_ERROR);
	/* The command that started it has had its answer: from here on it is its supervisor's. */
	child_clear(c, CF_COMMAND | CF_DISCARD);
	if (c->last.kind != REASON_NOCONNECTION && !is_refusal(c))
		place_failed(t, c);
	if (is_counted(t, s, c) && window_add(&s->window, t->now, s->spec->period_us)) {
		escalate(t, s, c, report);
		return;
	}
	child_become(t, c, CHILD_RESTARTING);
	child_set(c, CF_AUTO);
	c->row++;
	t->random = hash_u64(t->random);
	delay = backoff_delay(&c->spec->backoff, c->row, t->random);
	action_report(t, c, report, delay);
	if (delay > 0)
		child_set_due(t, c, mono_add_us(t->now, delay));
	else if (alone)
		child_start(t, c);
	else
		group_begin(t, s, c, group_first(s, c), group_first(s, c));
	/* S124: the group goes down before the delay. S44: after a start error, those behind it only. */
	if (delay > 0 && !alone)
		group_begin(t, s, c, report == REPORT_START_ERROR ? c->ord + 1 : group_first(s, c), NONE);
}

void
child_retry(struct tree *t, struct child *c)
{
	struct sup *s = sup_of(t, c);

	if (!sup_is_up(s) || is_being_torn_down(s, c))
		return; /* S47: void */
	child_clear(c, CF_COOLING);
	child_set_due(t, c, MONO_NEVER);
	/* S115: one that has waited for its node is alone; its siblings have gone on without it. */
	if (is_alone(s, c) || child_is(c, CF_WAIT_NODE))
		child_start(t, c);
	else
		group_begin(t, s, c, group_first(s, c), group_first(s, c)); /* S45 */
}

/*
 * The restart of the group is owed and counted; an operator's stop takes c out of
 * it, and says nothing about the others. (terminate_child does: S79.)
 */
void
group_release(struct tree *t, const struct child *c)
{
	struct sup *s = sup_of(t, c);
	uint32_t from = group_first(s, c);

	if (c->state != CHILD_RESTARTING || is_alone(s, c) || child_is(c, CF_COOLING | CF_WAIT_NODE))
		return;
	if (s->phase == SUP_TEARDOWN && s->leader == c->self && s->start_from == NONE) {
		s->start_from = from;
	} else if (s->phase == SUP_IDLE) {
		s->phase = SUP_STARTING;
		s->cursor = sup_first_from(t, s, from);
		s->ordered = false;
		sup_wake(t, s);
	}
}

void
child_cancel(struct tree *t, struct child *c)
{
	if (c->state != CHILD_RESTARTING)
		return;
	child_clear(c, CF_AUTO | CF_COOLING);
	place_forget(c);
	child_become(t, c, CHILD_UNDEFINED);
	waiters_answer(t, c, true, sup_is_up(sup_of(t, c)) ? RESULT_RESTARTING : RESULT_NOPROC);
}

/* S116: as a planned S39 or S40. A temporary child would not come back with its group (S41). */
void
child_move(struct tree *t, struct child *c, uint32_t target)
{
	struct sup *s = sup_of(t, c);

	c->target = target;
	child_set(c, CF_MOVE);
	if (is_alone(s, c) || c->spec->restart == RESTART_TEMPORARY) {
		child_stop(t, c, CF_ORDERED);
		child_set(c, CF_AGAIN);
		return;
	}
	group_begin(t, s, c, group_first(s, c), group_first(s, c));
	s->leader = NONE; /* it is stopped with the others */
}
