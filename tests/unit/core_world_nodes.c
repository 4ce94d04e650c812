/* Several nodes in the world of core_walk.h: they come and go, are full, are forbidden. */
#include <string.h>

#include "core/tree.h"
#include "core_walk.h"
#include "unit.h"

/* Handles are used again: what was forbidden to the last child that had it is not to the next. */
static void
meet(struct world *w, child_handle h)
{
	struct child_view v;

	if (!tree_view(w->tree, h, &v) || v.birth == w->births[h])
		return;
	w->births[h] = v.birth;
	memset(w->banned[h], 0, sizeof(w->banned[h]));
}

static bool
is_permitted(const struct world *w, child_handle h, uint32_t node)
{
	struct child_view v;
	bool stays = tree_view(w->tree, h, &v) && v.spec->stop_last;

	return (!w->nodes[node].forbidden || stays) && !w->banned[h][node];
}

static unsigned
lives_on(const struct world *w, uint32_t node)
{
	unsigned n = 0, h;

	for (h = 0; h < WORLD_MAX; h++)
		n += w->lives[h].token != 0 && w->lives[h].node == node;
	return n;
}

void
world_check_start(struct world *w, const struct tree_action *a)
{
	const struct world_node *n = &w->nodes[a->node];
	struct child_view v;

	meet(w, a->child);
	WORLD_ASSERT(w, a->node < WORLD_NODES && tree_view(w->tree, a->child, &v) && v.node == a->node, "broken");
	WORLD_ASSERT(w, n->up, "%s starts on node %u, which is down", v.spec->id, a->node);
	WORLD_ASSERT(w, is_permitted(w, a->child, a->node), "%s starts on node %u, which is forbidden", v.spec->id, a->node);
	WORLD_ASSERT(w, n->capacity == 0 || lives_on(w, a->node) < n->capacity, "%s starts on node %u, which is full",
	    v.spec->id, a->node);
	WORLD_ASSERT(w, v.spec->n_nodes == 0 || place_lists(v.spec->nodes, v.spec->n_nodes, a->node),
	    "%s starts on node %u, which is not in its list", v.spec->id, a->node);
	WORLD_ASSERT(w, (a->start_type != START_FAILOVER && a->start_type != START_TAKEOVER) || a->from != a->node, "broken");
}

static uint32_t
check_queue(const struct world *w, const struct wait_list *q, uint32_t places, uint32_t node)
{
	child_handle h, prev = NONE;
	uint32_t n = 0;

	for (h = q->first; h != NONE; prev = h, h = child_of(w->tree, h)->wait_next, n++) {
		const struct child *c = child_of(w->tree, h);

		WORLD_ASSERT(w, c->state == CHILD_RESTARTING && child_is(c, CF_WAIT_NODE) && c->wait_prev == prev, "broken");
		if (child_is(c, CF_WAIT_RETURN))
			WORLD_ASSERT(w, c->node == node && places == NONE, "broken");
		else
			WORLD_ASSERT(w, c->places == places, "broken");
	}
	WORLD_ASSERT(w, q->last == prev, "broken");
	return n;
}

/* Nobody waits for what is there, nobody runs where it may not. */
static void
check_child(const struct world *w, const struct child *c)
{
	const struct tree *t = w->tree;
	const struct sup *s = child_of(t, c->parent)->sup;
	bool free = t->begun && sup_is_up(s) && !is_being_torn_down(s, c);

	if (child_is(c, CF_WAIT_NODE) && free && mono_is_never(c->due))
		WORLD_ASSERT(w, !node_is_there(t, c), "%s waits, but need not", c->spec->id);
	if (child_is(c, CF_WAIT_NODE) && free && !mono_is_never(c->due))
		WORLD_ASSERT(w, !node_is_usable(t, c, c->node), "%s waits for its node, which is there", c->spec->id);
	if (c->state == CHILD_RUNNING && child_is(c, CF_WANTED) && free)
		WORLD_ASSERT(w, node_permits(t, c, c->node), "%s is left on node %u", c->spec->id, c->node);
	WORLD_ASSERT(w, !child_is(c, CF_MOVE) || c->state != CHILD_RUNNING || is_being_torn_down(s, c) || !sup_is_up(s),
	    "%s", c->spec->id);
}

void
world_check_nodes(const struct world *w)
{
	const struct tree *t = w->tree;
	uint32_t n, queued = 0, i;

	for (n = 0; n < t->n_nodes; n++) {
		WORLD_ASSERT(w, t->nodes[n].load == lives_on(w, n), "node %u: %u", n, t->nodes[n].load);
		WORLD_ASSERT(w, !t->nodes[n].gained, "broken");
		queued += check_queue(w, &t->nodes[n].waiting, NONE, n);
	}
	for (i = t->places_waiting; i != NONE; i = t->places[i].next) {
		WORLD_ASSERT(w, t->places[i].waiting.first != NONE && t->places[i].users > 0, "broken");
		queued += check_queue(w, &t->places[i].waiting, i, NONE);
	}
	WORLD_ASSERT(w, queued == t->n_waiting, "%u of %u", queued, t->n_waiting);
	for (i = 0; i < t->size; i++) {
		const struct child *c = child_of(t, i);

		if (c->spec != NULL && !child_is(c, CF_GONE) && c->sup == NULL)
			check_child(w, c);
	}
	for (i = 1; i < t->n_bans; i++)
		WORLD_ASSERT(w, t->bans[i - 1].child < t->bans[i].child || t->bans[i - 1].node < t->bans[i].node, "broken");
}

static void
bring_up(struct world *w, uint32_t node, uint32_t capacity)
{
	unsigned h;

	w->nodes[node].up = true;
	w->nodes[node].capacity = capacity;
	/* Back before its lease was over: what lives there goes on, if nobody has said that it is lost. */
	for (h = 0; h < WORLD_MAX; h++) {
		if (w->lives[h].node == node && world_random(w, 2) == 0)
			w->lives[h].doomed = false;
	}
	world_event(w, (struct tree_event){ .type = TREE_NODE_UP, .node = node, .capacity = capacity });
}

static void
take_down(struct world *w, uint32_t node)
{
	unsigned h;

	w->exact = false;
	w->nodes[node].up = false;
	for (h = 0; h < WORLD_MAX; h++)
		w->lives[h].doomed = w->lives[h].doomed || (w->lives[h].token != 0 && w->lives[h].node == node);
	world_event(w, (struct tree_event){ .type = TREE_NODE_DOWN, .node = node });
}

/* A node is lost, comes, or has another capacity. */
void
world_shake(struct world *w)
{
	uint32_t node = w->spread ? (uint32_t)world_random(w, WORLD_NODES) : 0;
	uint32_t capacity = w->spread && world_random(w, 2) == 0 ? 1 + (uint32_t)world_random(w, 4) : 0;

	if (!w->nodes[node].up || (w->spread && world_random(w, 3) == 0))
		bring_up(w, node, capacity);
	else
		take_down(w, node);
}

/* S118. */
void
world_arrange(struct world *w, child_handle h)
{
	struct tree_command cmd = { .type = CMD_PERMIT, .child = h, .node = (uint32_t)world_random(w, WORLD_NODES) };
	struct child_view v;

	if (world_random(w, 3) == 0)
		cmd.type = CMD_MOVE;
	cmd.permit = world_random(w, 2) == 0;
	meet(w, h);
	if (cmd.type == CMD_PERMIT && (h == TREE_ROOT || world_random(w, 4) == 0)) {
		cmd.child = TREE_ROOT;
		w->nodes[cmd.node].forbidden = !cmd.permit;
	} else if (cmd.type == CMD_PERMIT && tree_view(w->tree, h, &v) && v.spec->type == CHILD_WORKER) {
		w->banned[h][cmd.node] = !cmd.permit;
	}
	world_give(w, cmd);
}

/* All nodes are there, and open to all. */
void
world_open(struct world *w)
{
	uint32_t node, h;

	for (node = 0; node < (w->spread ? WORLD_NODES : 1); node++) {
		if (!w->nodes[node].up || w->nodes[node].capacity > 0)
			bring_up(w, node, 0);
		if (w->nodes[node].forbidden) {
			w->nodes[node].forbidden = false;
			world_give(w, (struct tree_command){ .type = CMD_PERMIT, .node = node, .permit = true });
		}
		for (h = 0; h < tree_size(w->tree); h++) {
			if (!w->banned[h][node])
				continue;
			w->banned[h][node] = false;
			world_give(w, (struct tree_command){ .type = CMD_PERMIT, .child = h, .node = node, .permit = true });
		}
	}
}
