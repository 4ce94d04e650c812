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

bool
node_is_there(const struct tree *t, const struct child *c)
{
	return c->sup != NULL || t->nodes[c->node].up;
}

void
node_reserve(struct tree *t, uint32_t node)
{
	uint32_t n = node + 1, h;

	if (node < t->n_nodes)
		return;
	t->nodes = xreallocarray(t->nodes, n, sizeof(*t->nodes));
	memset(t->nodes + t->n_nodes, 0, (n - t->n_nodes) * sizeof(*t->nodes));
	for (h = 0; h < t->size; h++) {
		if (child_of(t, h)->sup != NULL)
			sup_grow(child_of(t, h)->sup, t->n_nodes, n);
	}
	t->n_nodes = n;
}

void
node_up(struct tree *t, uint32_t node)
{
	t->nodes[node].up = true;
	if (t->n_waiting > 0)
		t->scan = 0;
}

void
node_down(struct tree *t, uint32_t node)
{
	if (t->nodes[node].up)
		t->nodes[node].episode++;
	t->nodes[node].up = false;
}

/* Look for the next child that has waited long enough; true: call again. */
bool
node_scan(struct tree *t)
{
	while (t->scan != NONE) {
		struct child *c;

		if (t->scan >= t->size || t->n_waiting == 0) {
			t->scan = NONE;
			break;
		}
		c = child_of(t, t->scan++);
		/* S115: uncounted, and alone: its siblings have gone on without it. */
		if (child_is(c, CF_WAIT_NODE) && t->nodes[c->node].up && sup_is_up(sup_of(t, c)) &&
		    !is_being_torn_down(sup_of(t, c), c)) {
			child_start(t, c);
			return true;
		}
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
