/*
 * On which node a child starts, and when it changes (S111-S117).
 *
 * It stays where it was after an exit, until it has failed there failover_after
 * times in a row; it starts anew by the order of its list. A node that was lost is
 * waited for (S113). Where nothing can be had the child waits (S115); and it
 * leaves a node that is not permitted any more, or for a better one (S116), by an
 * ordered stop: never are there two of it.
 */
#include "config.h"

#include "core/tree.h"

struct seeker {
	const struct tree *t;
	const struct child *c;
};

static struct place_node
look(const void *arg, uint32_t node)
{
	const struct seeker *s = arg;
	struct place_node p = { .usable = node_is_usable(s->t, s->c, node) };

	if (p.usable) {
		p.sick = sickness_is_on(&s->t->nodes[node].sickness, s->t->now);
		p.load = s->t->nodes[node].load;
		p.up_since = s->t->nodes[node].up_since;
	}
	return p;
}

static struct place_query
query(const struct seeker *s)
{
	const struct places *p = &s->t->places[s->c->places];

	return (struct place_query){ p->prefs, p->n, look, s };
}

bool
place_is_listed(const struct tree *t, const struct child *c, uint32_t node)
{
	if (c->places == NONE)
		return node == c->node;
	return place_lists(t->places[c->places].prefs, t->places[c->places].n, node);
}

/* S112: a restart stays; an order, and a supervisor's init, place it anew. */
static bool
stays(const struct tree *t, const struct child *c)
{
	if (c->starts == 0 || child_is(c, CF_MOVE | CF_NEXT))
		return false;
	return child_is(c, CF_AUTO) || (!child_is(c, CF_COMMAND) && !sup_of(t, c)->init);
}

/* S111, S112. NONE: nowhere. */
static uint32_t
choose(const struct tree *t, const struct child *c)
{
	struct seeker seeker = { t, c };
	struct place_query q;

	if (c->target != NONE && place_is_listed(t, c, c->target) && node_is_usable(t, c, c->target))
		return c->target;
	if (c->places == NONE)
		return node_is_usable(t, c, c->node) ? c->node : NONE;
	q = query(&seeker);
	if (child_is(c, CF_NEXT))
		return place_after(&q, c->node);
	if (stays(t, c) && place_is_listed(t, c, c->node) && node_is_usable(t, c, c->node) &&
	    !sickness_is_on(&t->nodes[c->node].sickness, t->now))
		return c->node;
	return place_first(&q);
}

bool
node_is_there(const struct tree *t, const struct child *c)
{
	return c->sup != NULL || choose(t, c) != NONE;
}

/* S113: until when its lost node is waited for; MONO_ZERO: it is not. */
static mono_t
return_due(const struct tree *t, const struct child *c)
{
	const struct node *n = &t->nodes[c->node];
	mono_t due = mono_add_us(n->down_since, c->spec->failover_timeout_us);

	if (n->up || c->places == NONE || child_is(c, CF_WAIT_NODE) || !stays(t, c) ||
	    !place_is_listed(t, c, c->node) || !node_permits(t, c, c->node) || !mono_before(t->now, due))
		return MONO_ZERO;
	return due;
}

static void
wait_for_node(struct tree *t, struct child *c, mono_t due)
{
	bool for_return = c->places == NONE || mono_before(MONO_ZERO, due);
	bool news = c->places != NONE && !child_is(c, CF_WAIT_NODE);

	/* The command that asked for it has its answer. */
	child_clear(c, CF_COMMAND | CF_DISCARD | CF_COOLING);
	child_become(t, c, CHILD_RESTARTING);
	if (mono_before(MONO_ZERO, due))
		child_set_due(t, c, due);
	wait_enter(t, c, for_return);
	if (news)
		action_report(t, c, REPORT_NO_NODE, mono_before(MONO_ZERO, due) ? mono_diff_us(due, t->now) : -1);
	waiters_answer(t, c, true, RESULT_RESTARTING);
}

bool
place_choose(struct tree *t, struct child *c)
{
	mono_t due = return_due(t, c);
	uint32_t node = mono_before(MONO_ZERO, due) ? NONE : choose(t, c);

	if (node == NONE) {
		wait_for_node(t, c, due);
		return false;
	}
	/* Its node says in which queue it is. */
	if (child_is(c, CF_WAIT_NODE))
		wait_leave(t, c);
	if (node != c->node)
		c->node_row = 0;
	c->node = node;
	child_clear(c, CF_NEXT);
	return true;
}

enum start_type
place_start_type(const struct child *c, uint32_t from)
{
	if (c->starts > 1 && from != c->node) {
		if (child_is(c, CF_MOVE))
			return START_TAKEOVER;
		if (child_is(c, CF_AUTO))
			return START_FAILOVER;
	}
	return child_is(c, CF_AUTO | CF_MOVE) ? START_RESTART : START_NORMAL;
}

void
place_forget(struct child *c)
{
	child_clear(c, CF_NEXT | CF_MOVE);
	c->target = NONE;
}

/* Architecture 7: so many failures in a row on one node. */
void
place_failed(struct tree *t, struct child *c)
{
	struct node *n = &t->nodes[c->node];

	if (c->places == NONE || c->spec->failover_after == 0)
		return;
	if (++c->node_row < c->spec->failover_after)
		return;
	c->node_row = 0;
	child_set(c, CF_NEXT);
	child_clear(c, CF_BACK);
	if (sickness_spent(&n->sickness, c->birth, t->now))
		action_report(t, c, REPORT_NODE_SICK, mono_diff_us(n->sickness.until, t->now));
}

/* S114: it was refused by a node that has no lease; the next candidate, if there is one that has not refused. */
bool
place_refused(struct tree *t, struct child *c)
{
	struct seeker seeker = { t, c };
	struct place_query q;
	uint32_t next;

	if (c->last.kind != REASON_START_ERROR || c->last.step != STEP_LEASE || c->places == NONE)
		return false;
	q = query(&seeker);
	next = place_after(&q, c->node);
	/* A start_child does not wait for a node: who asked for it is told, and that is all (S29, S115). */
	if (++c->refused >= (q.n < UINT8_MAX ? q.n : UINT8_MAX) || next == c->node ||
	    (next == NONE && child_is(c, CF_DISCARD))) {
		c->refused = 0;
		return false;
	}
	return true;
}

void
place_lived(struct tree *t, struct child *c)
{
	if (c->spec->backoff.reset_after_us <= 0 || mono_diff_us(t->now, c->since) < c->spec->backoff.reset_after_us)
		return;
	c->node_row = 0;
	sickness_lived(&t->nodes[c->node].sickness);
}

static bool
can_move(const struct tree *t, const struct child *c)
{
	const struct sup *s = sup_of(t, c);

	return c->state == CHILD_RUNNING && sup_is_up(s) && !is_being_torn_down(s, c);
}

static bool
takes_over(const struct child *c)
{
	return c->spec->takeover && c->places != NONE;
}

/* S116: it runs, and was told that a better node is there; when has that been up for long enough? */
static void
arm_takeover(struct tree *t, struct child *c)
{
	struct seeker seeker = { t, c };
	struct place_query q = query(&seeker);
	mono_t due;

	if (place_better(&q, c->node, c->spec->failover_timeout_us, t->now, &due) != NONE)
		due = t->now;
	else if (mono_is_never(due))
		child_clear(c, CF_BACK);
	child_set_due(t, c, due);
}

void
place_started(struct tree *t, struct child *c)
{
	if (c->sup != NULL)
		return;
	c->refused = 0;
	if (!node_permits(t, c, c->node) && can_move(t, c))
		child_move(t, c, NONE);
	else if (child_is(c, CF_BACK) && takes_over(c))
		arm_takeover(t, c);
}

void
place_timer(struct tree *t, struct child *c)
{
	struct seeker seeker = { t, c };
	struct place_query q;
	uint32_t better;
	mono_t due;

	if (!takes_over(c) || !can_move(t, c))
		return;
	q = query(&seeker);
	better = place_better(&q, c->node, c->spec->failover_timeout_us, t->now, &due);
	if (better == NONE) {
		arm_takeover(t, c);
		return;
	}
	child_move(t, c, better);
}

void
place_news(struct tree *t, struct child *c)
{
	if (!takes_over(c))
		return;
	child_set(c, CF_BACK);
	if (c->state == CHILD_RUNNING && mono_is_never(c->due))
		arm_takeover(t, c);
}

void
review_begin(struct tree *t)
{
	t->review = 0;
}

void
review_news(struct tree *t, uint32_t node)
{
	if (!t->has_takeovers || t->nodes[node].news)
		return;
	t->nodes[node].news = true;
	t->nodes[node].news_next = t->news;
	t->news = node;
}

/* S116: it stands before the one where c is. */
static bool
is_liked_better(const struct places *p, const struct child *c, uint32_t node)
{
	uint32_t i;

	for (i = 0; p->prefs[i].node != node; i++) {
		if (p->prefs[i].node == c->node)
			return false;
	}
	return node != c->node;
}

/* Only those are asked whose list has the node: where there are many nodes, that is a small part of all. */
static void
tell_news(struct tree *t, uint32_t node)
{
	child_handle h;
	uint32_t i;

	t->nodes[node].news = false;
	for (i = 0; i < t->n_places; i++) {
		if (!place_lists(t->places[i].prefs, t->places[i].n, node))
			continue;
		for (h = t->places[i].mates.first; h != NONE; h = child_of(t, h)->mate_next) {
			if (is_liked_better(&t->places[i], child_of(t, h), node))
				place_news(t, child_of(t, h));
		}
	}
}

static bool
review(struct tree *t, struct child *c)
{
	if (c->spec == NULL || child_is(c, CF_GONE) || c->sup != NULL)
		return false;
	if (takes_over(c) && child_is(c, CF_BACK))
		place_news(t, c);
	if (!can_move(t, c) || node_permits(t, c, c->node))
		return false;
	child_move(t, c, NONE);
	return true;
}

bool
review_next(struct tree *t)
{
	uint32_t node;

	if (!t->begun)
		return false;
	while ((node = t->news) != NONE) {
		t->news = t->nodes[node].news_next;
		tell_news(t, node);
	}
	if (t->review == NONE)
		return false;
	while (t->review < t->size) {
		if (review(t, child_of(t, t->review++)))
			return true;
	}
	t->review = NONE;
	return false;
}
