/*
 * The ring of actions, and the replies that wait for an effect.
 *
 * A walk pauses at RING_PAUSE, what an event emits by itself is bounded by the
 * levels of supervisors, and each waiting reply, link and monitor has its place
 * reserved when it is made. So the ring does not grow for a caller who drains it; for
 * one who does not, it grows rather than lose an action.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "core/tree.h"

#define RING_SPARE 256

static void
ring_grow(struct ring *r, uint32_t cap)
{
	struct tree_action *slots = xcalloc(cap, sizeof(*slots));
	uint32_t i;

	for (i = 0; i < r->n; i++)
		slots[i] = r->slots[(r->head + i) % r->cap];
	free(r->slots);
	r->slots = slots;
	r->cap = cap;
	r->head = 0;
}

struct tree_action *
action_push(struct tree *t, enum tree_action_type type, const struct child *c)
{
	struct ring *r = &t->ring;
	struct tree_action *a;

	if (r->n == r->cap)
		ring_grow(r, r->cap == 0 ? RING_SPARE : 2 * r->cap);
	a = &r->slots[(r->head + r->n++) % r->cap];
	memset(a, 0, sizeof(*a));
	a->type = type;
	a->child = c->self;
	a->token = c->token;
	a->node = c->node;
	a->delay_us = -1;
	return a;
}

bool
action_pop(struct tree *t, struct tree_action *out)
{
	struct ring *r = &t->ring;

	if (r->n == 0)
		return false;
	*out = r->slots[r->head];
	r->head = (r->head + 1) % r->cap;
	r->n--;
	return true;
}

void
action_report(struct tree *t, const struct child *c, enum tree_report report, int64_t delay_us)
{
	struct tree_action *a = action_push(t, TREE_ACT_REPORT, c);

	a->report = report;
	a->delay_us = delay_us;
	if (report != REPORT_PROGRESS)
		a->reason = c->last;
}

void
action_reply(struct tree *t, const struct child *c, uint64_t cookie, enum tree_result result)
{
	struct tree_action *a;

	if (cookie == 0)
		return;
	a = action_push(t, TREE_ACT_REPLY, c);
	a->cookie = cookie;
	a->result = result;
	if (result == RESULT_START_ERROR)
		a->reason = c->last;
}

void
ring_reserve(struct tree *t, uint32_t extra)
{
	uint32_t n = t->n_waiters + t->n_ties + extra;

	if (t->ring.cap < n + RING_SPARE)
		ring_grow(&t->ring, 2 * n + RING_SPARE);
}

static uint32_t
waiter_alloc(struct tree *t)
{
	uint32_t i = t->waiters_free, cap;

	if (i == NONE) {
		cap = t->waiters_cap == 0 ? 16 : 2 * t->waiters_cap;
		t->waiters = xreallocarray(t->waiters, cap, sizeof(*t->waiters));
		for (i = t->waiters_cap; i < cap; i++)
			t->waiters[i].next = i + 1 < cap ? i + 1 : NONE;
		t->waiters_free = i = t->waiters_cap;
		t->waiters_cap = cap;
	}
	t->waiters_free = t->waiters[i].next;
	t->n_waiters++;
	ring_reserve(t, t->n_deferred);
	return i;
}

void
waiter_add(struct tree *t, struct child *c, uint64_t cookie, bool up)
{
	uint32_t i;

	if (cookie == 0)
		return;
	i = waiter_alloc(t);
	t->waiters[i] = (struct waiter){ .cookie = cookie, .next = c->waiters, .up = up };
	c->waiters = i;
}

void
waiters_answer(struct tree *t, struct child *c, bool up, enum tree_result result)
{
	uint32_t i = c->waiters, kept = NONE, next;

	for (; i != NONE; i = next) {
		next = t->waiters[i].next;
		if (t->waiters[i].up == up) {
			action_reply(t, c, t->waiters[i].cookie, result);
			t->waiters[i].next = t->waiters_free;
			t->waiters_free = i;
			t->n_waiters--;
		} else {
			t->waiters[i].next = kept;
			kept = i;
		}
	}
	c->waiters = kept;
}
