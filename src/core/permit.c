/*
 * What operators say of nodes (S118): to move, to permit, to forbid.
 *
 * That a node is forbidden to one child is rare: such pairs stand in one sorted
 * list, and only children with CF_BANNED are looked for in it.
 */
#include "config.h"

#include <string.h>

#include "base/xalloc.h"
#include "core/tree.h"

/* Where the pair is, or would be. */
static uint32_t
ban_at(const struct tree *t, child_handle h, uint32_t node)
{
	uint32_t low = 0, high = t->n_bans;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;
		const struct ban *b = &t->bans[mid];

		if (b->child < h || (b->child == h && b->node < node))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static bool
is_at(const struct tree *t, uint32_t i, child_handle h, uint32_t node)
{
	return i < t->n_bans && t->bans[i].child == h && t->bans[i].node == node;
}

bool
ban_is_set(const struct tree *t, const struct child *c, uint32_t node)
{
	return child_is(c, CF_BANNED) && is_at(t, ban_at(t, c->self, node), c->self, node);
}

bool
tree_permits(const struct tree *t, child_handle h, uint32_t node)
{
	const struct child *c = child_of(t, h);

	return node >= t->n_nodes || !ban_is_set(t, c, node);
}

bool
tree_ban(const struct tree *t, uint32_t i, child_handle *child, uint32_t *node)
{
	if (i >= t->n_bans)
		return false;
	*child = t->bans[i].child;
	*node = t->bans[i].node;
	return true;
}

static void
ban_set(struct tree *t, struct child *c, uint32_t node)
{
	uint32_t i = ban_at(t, c->self, node);

	if (is_at(t, i, c->self, node))
		return;
	if (t->n_bans == t->bans_cap) {
		t->bans_cap = t->bans_cap == 0 ? 4 : 2 * t->bans_cap;
		t->bans = xreallocarray(t->bans, t->bans_cap, sizeof(*t->bans));
	}
	memmove(t->bans + i + 1, t->bans + i, (t->n_bans++ - i) * sizeof(*t->bans));
	t->bans[i] = (struct ban){ c->self, node };
	child_set(c, CF_BANNED);
}

static void
bans_remove(struct tree *t, uint32_t i, uint32_t end)
{
	memmove(t->bans + i, t->bans + end, (t->n_bans - end) * sizeof(*t->bans));
	t->n_bans -= end - i;
}

static void
ban_clear(struct tree *t, const struct child *c, uint32_t node)
{
	uint32_t i = ban_at(t, c->self, node);

	if (is_at(t, i, c->self, node))
		bans_remove(t, i, i + 1);
}

void
bans_drop(struct tree *t, struct child *c)
{
	if (!child_is(c, CF_BANNED))
		return;
	bans_remove(t, ban_at(t, c->self, 0), ban_at(t, c->self + 1, 0));
	child_clear(c, CF_BANNED);
}

/* S118: takeover(id, node). */
enum tree_result
cmd_move(struct tree *t, struct child *c, const struct tree_command *cmd)
{
	const struct sup *s;

	if (c->sup != NULL)
		return RESULT_INVALID;
	s = sup_of(t, c);
	if (c->state != CHILD_RUNNING || !sup_is_up(s) || is_being_torn_down(s, c))
		return RESULT_NOT_RUNNING;
	if (cmd->node == c->node)
		return RESULT_ALREADY_RUNNING;
	if (cmd->node >= t->n_nodes || !t->nodes[cmd->node].up)
		return RESULT_NODEDOWN;
	if (!place_is_listed(t, c, cmd->node) || !node_permits(t, c, cmd->node))
		return RESULT_NOT_PERMITTED;
	if (!node_is_usable(t, c, cmd->node))
		return RESULT_NO_NODE; /* no room */
	waiter_add(t, c, cmd->cookie, true);
	child_clear(c, CF_BACK);
	child_move(t, c, cmd->node);
	return RESULT_OK;
}

static void
permit_all(struct tree *t, uint32_t node, bool permit)
{
	struct node *n = &t->nodes[node];

	n->forbidden = !permit;
	if (!permit) {
		review_begin(t);
		return;
	}
	n->sickness = (struct sickness){ .until = MONO_ZERO };
	review_news(t, node);
	node_gain(t, node);
}

/* S118: permit(id, node, bool); with the root, for all: the node is drained. */
enum tree_result
cmd_permit(struct tree *t, struct child *c, const struct tree_command *cmd)
{
	bool moves;

	if (c->self != TREE_ROOT && c->sup != NULL)
		return RESULT_INVALID;
	node_reserve(t, cmd->node);
	if (c->self == TREE_ROOT) {
		permit_all(t, cmd->node, cmd->permit);
		action_reply(t, c, cmd->cookie, RESULT_OK);
		return RESULT_OK;
	}
	moves = !cmd->permit && c->state == CHILD_RUNNING && c->node == cmd->node && sup_is_up(sup_of(t, c)) &&
	    !is_being_torn_down(sup_of(t, c), c);
	if (cmd->permit) {
		ban_clear(t, c, cmd->node);
		place_news(t, c);
		node_gain(t, cmd->node);
	} else {
		ban_set(t, c, cmd->node);
	}
	if (moves) {
		waiter_add(t, c, cmd->cookie, true);
		child_move(t, c, NONE);
	} else {
		action_reply(t, c, cmd->cookie, RESULT_OK);
	}
	return RESULT_OK;
}
