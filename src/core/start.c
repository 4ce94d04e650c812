/*
 * A start, a supervisor's init, and the walk upwards through its children.
 *
 * A child that is ready when it is executed holds nobody up: its START goes out
 * and the next one follows (architecture 11, S23). One that says when it is
 * ready holds up those behind it; a nested supervisor holds them up while it
 * holds up its own; one that waits for a delay or a node holds up nobody.
 * init = strict waits for each (S23 to the letter), and for its node.
 */
#include "config.h"

#include "core/tree.h"

static void
start_process(struct tree *t, struct child *c, uint32_t from)
{
	struct tree_action *a;

	c->episode = t->nodes[c->node].episode;
	if (c->spec->trap_exit)
		child_set(c, CF_TRAPS);
	token_set(t, c, t->next_token);
	a = action_push(t, TREE_ACT_START, c);
	a->start_type = place_start_type(c, from);
	a->from = from;
	place_forget(c);
	if (c->spec->start_timeout_us > 0)
		child_set_due(t, c, mono_add_us(t->now, c->spec->start_timeout_us));
}

void
child_start(struct tree *t, struct child *c)
{
	uint32_t from = c->node;

	if (c->sup == NULL && !place_choose(t, c))
		return; /* S113, S115 */
	c->starts++;
	if (child_is(c, CF_AUTO))
		c->restarts++;
	child_clear(c, CF_ORDERED | CF_KILLED | CF_TIMED_OUT | CF_IGNORED | CF_AGAIN | CF_COOLING | CF_TERMINATED);
	child_clear(c, CF_SIGNALLED | CF_TRAPS);
	child_become(t, c, CHILD_STARTING);
	if (c->sup != NULL)
		sup_begin(t, c->sup);
	else
		start_process(t, c, from);
}

void
child_started(struct tree *t, struct child *c)
{
	child_clear(c, CF_FIRST | CF_COMMAND | CF_DISCARD | CF_AUTO);
	child_become(t, c, CHILD_RUNNING);
	action_report(t, c, REPORT_PROGRESS, -1);
	waiters_answer(t, c, true, RESULT_OK);
	place_started(t, c);
}

/* Those of the supervisor's own list that are there already; the others have been added. */
static void
forget_additions(struct tree *t, struct sup *s)
{
	child_handle h, next;

	for (h = s->first; h != NONE; h = next) {
		struct child *c = child_of(t, h);

		next = c->next;
		/* Nothing lives below a supervisor that begins again. */
		if (!child_is(c, CF_STATIC))
			child_remove(t, c);
	}
}

/*
 * S55: a supervisor that begins again has its static children, in their order,
 * with the specs of its list: additions are lost, deleted ones are back (which
 * may take memory; nothing else here does). Operators' wishes stay.
 */
static void
refresh_children(struct tree *t, struct sup *s)
{
	size_t n = s->spec->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE ? 0 : s->spec->n_children, i;
	const struct child_spec *const *specs = s->spec->children;
	child_handle h;
	struct child *c;

	for (h = s->first; h != NONE; h = child_of(t, h)->next)
		child_clear(child_of(t, h), CF_STATIC);
	for (i = 0; i < n; i++) {
		h = id_find(t, s->self, specs[i]->id);
		if (h != CHILD_NONE && child_of(t, h)->spec->type == specs[i]->type)
			child_set(child_of(t, h), CF_STATIC);
	}
	forget_additions(t, s);
	for (i = 0; i < n; i++) {
		h = id_find(t, s->self, specs[i]->id);
		if (h == CHILD_NONE) {
			c = child_add(t, specs[i], s);
		} else {
			c = child_of(t, h);
			child_set_spec(t, c, specs[i]);
			child_unlink(t, c);
			child_append(t, s, c);
		}
		child_set(c, CF_STATIC);
	}
	links_resolve(t);
}

void
sup_begin(struct tree *t, struct sup *s)
{
	child_handle h;
	struct child *c;

	if (child_of(t, s->self)->starts > 1)
		refresh_children(t, s);
	for (h = s->first; h != NONE; h = c->next) {
		c = child_of(t, h);
		child_clear(c, CF_AUTO | CF_COMMAND | CF_DISCARD);
		place_forget(c);
		if (child_is_live(c))
			review_begin(t); /* adopted: from now on it can be moved */
		if (c->state == CHILD_UNDEFINED)
			child_set(c, CF_FIRST);
	}
	window_clear(&s->window);
	s->phase = SUP_STARTING;
	s->init = true;
	s->hurry = false;
	s->leader = NONE;
	s->cursor = s->first;
	s->ordered = false;
	sup_wake(t, s);
}

/* A walk upwards has reached c: start it, unless it runs, is not wanted or has its own time. */
static void
give_turn(struct tree *t, struct sup *s, struct child *c)
{
	if (!child_is(c, CF_WANTED))
		return;
	switch ((enum child_state)c->state) {
	case CHILD_UNDEFINED:
		if (child_is(c, CF_DONE)) {
			child_clear(c, CF_DONE);
			return;
		}
		break;
	case CHILD_RESTARTING: /* the one whose failure it is has no time of its own */
		if (!mono_is_never(c->due) || child_is(c, CF_WAIT_NODE))
			return;
		break;
	case CHILD_STARTING:
		if (c->sup == NULL || c->sup->phase != SUP_ADOPTING)
			return;
		break;
	case CHILD_STOPPING:
		child_set(c, CF_AGAIN);
		return;
	case CHILD_RUNNING:
		return;
	}
	if (!s->init) {
		if (c->starts > 0)
			child_set(c, CF_AUTO);
		child_clear(c, CF_FIRST); /* it is one of the group now (S41, S45) */
	}
	child_start(t, c);
}

static bool
holds_up(const struct sup *s, const struct child *c)
{
	bool strict = s->init && s->spec->init_strict;

	if (c->state == CHILD_STOPPING) /* its start is undecided until it is down */
		return s->spec->init_strict &&
		    (c->sup != NULL ? c->sup->cause == RESULT_INIT_FAILED : child_is(c, CF_TIMED_OUT));
	if (c->state == CHILD_RESTARTING)
		return strict && child_is(c, CF_WAIT_NODE);
	return c->state == CHILD_STARTING && (c->sup != NULL || c->spec->ready != READY_EXEC || strict);
}

void
sup_walk_up(struct tree *t, struct sup *s)
{
	while (s->cursor != NONE) {
		struct child *c = child_of(t, s->cursor);

		if (t->ring.n >= RING_PAUSE) {
			sup_wake(t, s);
			return;
		}
		if (!s->ordered) {
			s->ordered = true;
			give_turn(t, s, c);
		}
		if (holds_up(s, c))
			return;
		s->cursor = c->next;
		s->ordered = false;
	}
	sup_settle(t, s);
}

/* No walk is left to do: a supervisor that was starting has started (S24). */
void
sup_settle(struct tree *t, struct sup *s)
{
	s->phase = SUP_IDLE;
	t->redo = t->n_deferred > 0;
	if (!s->init)
		return;
	s->init = false;
	child_started(t, child_of(t, s->self));
}
