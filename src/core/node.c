/*
 * Nodes: which of them can start something, and what is owed to their children.
 *
 * Node 0 is up until told otherwise, all others are down until told otherwise.
 */
#include "config.h"

#include <string.h>

#include "base/xalloc.h"
#include "core/tree.h"

static void
sup_grow(struct sup *s, uint32_t from, uint32_t n)
{
	s->episodes = xreallocarray(s->episodes, n, sizeof(*s->episodes));
	memset(s->episodes + from, 0, (n - from) * sizeof(*s->episodes));
}

/* Doubling: it goes through all children. */
static void
nodes_grow(struct tree *t, uint32_t cap)
{
	uint32_t h;

	t->nodes = xreallocarray(t->nodes, cap, sizeof(*t->nodes));
	for (h = 0; h < t->size; h++) {
		if (child_of(t, h)->sup != NULL)
			sup_grow(child_of(t, h)->sup, t->nodes_cap, cap);
	}
	t->nodes_cap = cap;
}

void
node_reserve(struct tree *t, uint32_t node)
{
	if (node < t->n_nodes)
		return;
	if (node >= t->nodes_cap)
		nodes_grow(t, node < 4 ? 4 : 2 * node);
	for (; t->n_nodes <= node; t->n_nodes++)
		t->nodes[t->n_nodes] = (struct node){ .down_since = t->now, .waiting = { NONE, NONE }, .gain_next = NONE };
}

static bool
has_room(const struct node *n)
{
	return n->capacity == 0 || n->load < n->capacity;
}

bool
node_permits(const struct tree *t, const struct child *c, uint32_t node)
{
	/* Who serves the others (the recorder) stays with them when a node is drained. */
	return (!t->nodes[node].forbidden || c->spec->stop_last) && !ban_is_set(t, c, node);
}

bool
node_is_usable(const struct tree *t, const struct child *c, uint32_t node)
{
	return node < t->n_nodes && t->nodes[node].up && has_room(&t->nodes[node]) && node_permits(t, c, node);
}

void
node_gain(struct tree *t, uint32_t node)
{
	struct node *n = &t->nodes[node];

	if (t->n_waiting == 0 || n->gained || !n->up || !has_room(n))
		return;
	n->gained = true;
	n->gain_next = t->gained;
	t->gained = node;
}

void
node_load(struct tree *t, uint32_t node, int by)
{
	t->nodes[node].load += (uint32_t)by;
	if (by < 0)
		node_gain(t, node);
}

void
node_up(struct tree *t, uint32_t node, uint32_t capacity)
{
	struct node *n = &t->nodes[node];

	if (!n->up) {
		n->up = true;
		n->up_since = t->now;
		review_news(t, node);
	}
	n->capacity = capacity;
	node_gain(t, node);
}

void
node_down(struct tree *t, uint32_t node)
{
	struct node *n = &t->nodes[node];

	if (!n->up)
		return;
	n->episode++;
	n->up = false;
	n->down_since = t->now;
}

/* Start the next child that has waited for a node that can be had now; true: call again. */
bool
node_scan(struct tree *t)
{
	while (t->gained != NONE) {
		struct node *n = &t->nodes[t->gained];
		struct child *c = has_room(n) ? wait_first(t, t->gained) : NULL;

		if (c != NULL) {
			/* S115: uncounted, and alone: its siblings have gone on without it. */
			child_start(t, c);
			return true;
		}
		n->gained = false;
		t->gained = n->gain_next;
	}
	return false;
}

bool
node_loss_counted(struct tree *t, struct sup *s, const struct child *c)
{
	uint32_t episode = t->nodes[c->node].episode;

	/* Started since the node was lost the last time: a loss of its own. */
	if (episode == c->episode)
		return false;
	if (s->episodes[c->node] == episode)
		return true;
	s->episodes[c->node] = episode;
	return false;
}

bool
tree_node(const struct tree *t, uint32_t node, struct node_view *out)
{
	const struct node *n;

	if (node >= t->n_nodes)
		return false;
	n = &t->nodes[node];
	out->up = n->up;
	out->permitted = !n->forbidden;
	out->capacity = n->capacity;
	out->load = n->load;
	out->sick_until = sickness_is_on(&n->sickness, t->now) ? n->sickness.until : MONO_ZERO;
	return true;
}
