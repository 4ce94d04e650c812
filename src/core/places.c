/*
 * Lists of nodes, and the children that wait for one of them.
 *
 * Children whose lists are the same share one record, so a hundred thousand
 * children cost a few of them, and a node that has room again asks a few queues,
 * not all children. A child waits in the queue of its list (S115), or in that of
 * one node: if it has no list, or if it waits for that node's return (S113).
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "core/tree.h"

static uint32_t
prefs_hash(const struct node_pref *prefs, uint32_t n)
{
	return (uint32_t)hash_bytes(prefs, n * sizeof(*prefs));
}

static uint32_t
places_alloc(struct tree *t)
{
	uint32_t i = t->places_free;

	if (i != NONE) {
		t->places_free = t->places[i].next;
		return i;
	}
	if (t->n_places == t->place_index.cap) {
		index_reserve(&t->place_index, t->n_places + 1);
		t->places = xreallocarray(t->places, t->place_index.cap, sizeof(*t->places));
	}
	return t->n_places++;
}

/* The record of this list; NONE for an empty one. */
static uint32_t
places_get(struct tree *t, const struct node_pref *prefs, uint32_t n)
{
	uint32_t hash, i;
	struct places *p;

	if (n == 0)
		return NONE;
	hash = prefs_hash(prefs, n);
	for (i = t->place_index.cap == 0 ? INDEX_END : index_first(&t->place_index, hash); i != INDEX_END;
	     i = index_next(&t->place_index, i)) {
		p = &t->places[i];
		if (p->n == n && memcmp(p->prefs, prefs, n * sizeof(*prefs)) == 0) {
			p->users++;
			return i;
		}
	}
	i = places_alloc(t);
	p = &t->places[i];
	*p = (struct places){ .n = n, .users = 1, .waiting = { NONE, NONE }, .prev = NONE, .next = NONE,
		.mates = { NONE, NONE } };
	p->prefs = xreallocarray(NULL, n, sizeof(*prefs));
	memcpy(p->prefs, prefs, n * sizeof(*prefs));
	index_put(&t->place_index, hash, i);
	return i;
}

static void
places_put(struct tree *t, uint32_t i)
{
	struct places *p;

	if (i == NONE || --t->places[i].users > 0)
		return;
	p = &t->places[i];
	index_remove(&t->place_index, i);
	free(p->prefs);
	p->prefs = NULL;
	p->n = 0;
	p->next = t->places_free;
	t->places_free = i;
}

bool
places_join(struct tree *t, struct child *c)
{
	uint32_t i = places_get(t, c->spec->nodes, c->spec->n_nodes);
	struct wait_list *mates;

	t->has_takeovers = t->has_takeovers || c->spec->takeover;
	if (i == c->places) {
		places_put(t, i);
		return false;
	}
	if (child_is(c, CF_WAIT_NODE))
		wait_leave(t, c);
	places_leave(t, c);
	c->places = i;
	if (i == NONE)
		return true;
	mates = &t->places[i].mates;
	c->mate_prev = mates->last;
	c->mate_next = NONE;
	if (mates->last != NONE)
		child_of(t, mates->last)->mate_next = c->self;
	else
		mates->first = c->self;
	mates->last = c->self;
	return true;
}

void
places_leave(struct tree *t, struct child *c)
{
	struct wait_list *mates;

	if (c->places == NONE)
		return;
	mates = &t->places[c->places].mates;
	if (c->mate_prev != NONE)
		child_of(t, c->mate_prev)->mate_next = c->mate_next;
	else
		mates->first = c->mate_next;
	if (c->mate_next != NONE)
		child_of(t, c->mate_next)->mate_prev = c->mate_prev;
	else
		mates->last = c->mate_prev;
	places_put(t, c->places);
	c->places = NONE;
}

void
places_release(struct tree *t)
{
	uint32_t i;

	for (i = 0; i < t->n_places; i++)
		free(t->places[i].prefs);
	free(t->places);
	index_release(&t->place_index);
}

/* The lists in which somebody waits are linked. */
static void
places_link(struct tree *t, uint32_t i)
{
	struct places *p = &t->places[i];

	p->prev = t->places_last;
	p->next = NONE;
	if (p->prev != NONE)
		t->places[p->prev].next = i;
	else
		t->places_waiting = i;
	t->places_last = i;
}

static void
places_unlink(struct tree *t, uint32_t i)
{
	struct places *p = &t->places[i];

	if (p->prev != NONE)
		t->places[p->prev].next = p->next;
	else
		t->places_waiting = p->next;
	if (p->next != NONE)
		t->places[p->next].prev = p->prev;
	else
		t->places_last = p->prev;
}

static struct wait_list *
queue_of(struct tree *t, const struct child *c)
{
	return child_is(c, CF_WAIT_RETURN) ? &t->nodes[c->node].waiting : &t->places[c->places].waiting;
}

void
wait_enter(struct tree *t, struct child *c, bool for_return)
{
	struct wait_list *q;

	child_set(c, CF_WAIT_NODE | (for_return ? CF_WAIT_RETURN : 0));
	q = queue_of(t, c);
	if (q->first == NONE && !for_return)
		places_link(t, c->places);
	c->wait_prev = q->last;
	c->wait_next = NONE;
	if (q->last != NONE)
		child_of(t, q->last)->wait_next = c->self;
	else
		q->first = c->self;
	q->last = c->self;
	t->n_waiting++;
}

void
wait_leave(struct tree *t, struct child *c)
{
	struct wait_list *q = queue_of(t, c);

	if (c->wait_prev != NONE)
		child_of(t, c->wait_prev)->wait_next = c->wait_next;
	else
		q->first = c->wait_next;
	if (c->wait_next != NONE)
		child_of(t, c->wait_next)->wait_prev = c->wait_prev;
	else
		q->last = c->wait_prev;
	if (q->first == NONE && !child_is(c, CF_WAIT_RETURN))
		places_unlink(t, c->places);
	child_clear(c, CF_WAIT_NODE | CF_WAIT_RETURN);
	t->n_waiting--;
}

/* May it be started there now, whenever its supervisor allows? */
static bool
is_served(const struct tree *t, const struct child *c, uint32_t node)
{
	const struct sup *s = sup_of(t, c);

	return node_is_usable(t, c, node) && sup_is_up(s) && !is_being_torn_down(s, c);
}

static struct child *
first_served(const struct tree *t, const struct wait_list *q, uint32_t node)
{
	child_handle h = q->first;

	while (h != NONE && !is_served(t, child_of(t, h), node))
		h = child_of(t, h)->wait_next;
	return h == NONE ? NULL : child_of(t, h);
}

struct child *
wait_first(const struct tree *t, uint32_t node)
{
	struct child *c = first_served(t, &t->nodes[node].waiting, node);
	uint32_t i = t->places_waiting;

	for (; c == NULL && i != NONE; i = t->places[i].next) {
		if (place_lists(t->places[i].prefs, t->places[i].n, node))
			c = first_served(t, &t->places[i].waiting, node);
	}
	return c;
}
