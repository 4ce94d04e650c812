#include "daemon/permits.h"

#include <string.h>

#include "base/log.h"
#include "daemon/node.h"

uint32_t
permits_node(const struct daemon *d, const char *name)
{
	uint32_t i;

	/* One that leaves may have the name of one that comes. */
	for (i = 0; i < d->n_nodes; i++)
		if (!node_at(d, i)->leaving && strcmp(node_at(d, i)->name, name) == 0)
			return i;
	return UINT32_MAX;
}

static void
recall(struct daemon *d, const struct past_forbidden *f)
{
	struct tree_command cmd = { .type = CMD_PERMIT, .child = TREE_ROOT, .node = permits_node(d, f->node) };

	if (f->child[0] != '\0')
		cmd.child = kid_find(d, f->child);
	/* Neither a node nor a child that is no longer configured is remembered. */
	if (cmd.node == UINT32_MAX || cmd.child == CHILD_NONE)
		return;
	if (cmd.child == TREE_ROOT)
		log_info("node %s: drained, as an operator wished; trapexit undrain %s ends that", f->node, f->node);
	tree_command(d->tree, &cmd, mono_now(), NULL);
}

void
permits_recall(struct daemon *d)
{
	const char *key;
	size_t i = 0;
	void *value;

	while (strmap_next(&d->past.forbidden, &i, &key, &value))
		recall(d, value);
}

void
permits_inherit(struct daemon *d, uint32_t from, uint32_t to)
{
	struct tree_command cmd = { .type = CMD_PERMIT, .child = TREE_ROOT, .node = to };
	struct node_view node;
	uint32_t i, number;

	if (tree_node(d->tree, from, &node) && !node.permitted)
		tree_command(d->tree, &cmd, mono_now(), NULL);
	/* What is forbidden anew comes before or behind what is looked at; looked at twice does no harm. */
	for (i = 0; tree_ban(d->tree, i, &cmd.child, &number); i++)
		if (number == from && tree_permits(d->tree, cmd.child, to))
			tree_command(d->tree, &cmd, mono_now(), NULL);
}

void
permits_snapshot(struct daemon *d, struct past *p)
{
	struct node_view node;
	child_handle h;
	uint32_t i, number;

	for (i = 0; i < d->n_nodes; i++)
		if (!node_at(d, i)->leaving && tree_node(d->tree, i, &node) && !node.permitted)
			past_forbid(p, node_at(d, i)->name, "");
	for (i = 0; tree_ban(d->tree, i, &h, &number); i++)
		if (number < d->n_nodes && !node_at(d, number)->leaving && h < d->n_kids && d->kids[h].path != NULL)
			past_forbid(p, node_at(d, number)->name, d->kids[h].path);
}
