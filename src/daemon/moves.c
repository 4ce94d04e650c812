#include "daemon/moves.h"

#include "base/json.h"
#include "daemon/node.h"

static const char *
why(struct daemon *d, const struct tree_action *a)
{
	struct node_view n;

	if (d->kids[a->child].to_move)
		return "ordered";
	if (a->from >= d->n_nodes || node_at(d, a->from)->leaving)
		return "gone";
	if (!tree_node(d->tree, a->from, &n) || !n.up)
		return "down";
	if (!n.permitted)
		return "drained";
	if (!tree_permits(d->tree, a->child, a->from))
		return "forbidden";
	return a->start_type == START_TAKEOVER ? "better" : "failed";
}

const char *
moves_note(struct daemon *d, const struct tree_action *a)
{
	struct kid *kid = &d->kids[a->child];
	bool moved = a->start_type == START_FAILOVER || a->start_type == START_TAKEOVER;

	if (moved) {
		kid->moved_why = why(d, a);
		kid->moved_from = a->from;
	} else if (a->start_type == START_NORMAL) {
		kid->moved_why = NULL; /* a restart stays where it has come to */
	}
	kid->to_move = false;
	return moved ? kid->moved_why : NULL;
}

void
moves_status(struct daemon *d, child_handle h, struct buf *b)
{
	const struct kid *kid = &d->kids[h];

	json_put_name(b, "moved");
	if (kid->moved_why == NULL || kid->moved_from >= d->n_nodes) {
		buf_xaddstr(b, "null");
		return;
	}
	buf_xaddc(b, '{');
	json_put_str(b, "from", node_at(d, kid->moved_from)->name);
	json_put_str(b, "why", kid->moved_why);
	buf_xaddc(b, '}');
}
