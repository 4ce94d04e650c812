/* What `nodes` answers, and what `status` says of nodes; ARCHITECTURE.md, Control, has the shapes. */
#include "config.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/moves.h"
#include "daemon/node.h"
#include "daemon/status.h"
#include "daemon/trapexitd.h"

/* What there is on a node. */
struct census {
	unsigned children; /* that live */
	unsigned to_leave; /* it is drained, and they are still there */
};

static bool
is_there(const struct child_view *v)
{
	return v->state == CHILD_STARTING || v->state == CHILD_RUNNING || v->state == CHILD_STOPPING;
}

/* By node; one walk for all. Owned by the caller. */
static struct census *
take_census(struct daemon *d)
{
	struct census *all = xcalloc(d->n_nodes + 1, sizeof(*all));
	const struct incarnation *now;
	struct child_view v;
	struct node_view n;
	child_handle h;

	for (h = 0; h < d->n_kids; h++) {
		if ((now = d->kids[h].now) != NULL && now->state == INC_LIVE)
			all[now->node].children++;
		if (d->kids[h].path == NULL || h == TREE_ROOT || !tree_view(d->tree, h, &v) || v.spec->type != CHILD_WORKER)
			continue;
		if (is_there(&v) && !v.spec->stop_last && tree_node(d->tree, v.node, &n) && !n.permitted)
			all[v.node].to_leave++;
	}
	return all;
}

/* A node that was never mentioned to the tree is as good as down. */
static struct node_view
view_of(const struct daemon *d, uint32_t node)
{
	struct node_view v;

	if (!tree_node(d->tree, node, &v))
		v = (struct node_view){ .permitted = true };
	return v;
}

/* A monotonic time as wall clock; null if it is not to come. */
static void
put_until(struct buf *b, const char *name, mono_t at)
{
	mono_t now = mono_now();

	if (mono_before(now, at))
		json_put_int(b, name, wall_ms() + mono_diff_us(at, now) / US_PER_MS);
	else
		json_put_str(b, name, NULL);
}

/* 0 is for what is not known (yet). */
static void
put_known(struct buf *b, const char *name, int64_t value)
{
	if (value == 0)
		json_put_str(b, name, NULL);
	else
		json_put_int(b, name, value);
}

static void
put_text(struct buf *b, const char *name, const char *text)
{
	json_put_str(b, name, text != NULL && text[0] != '\0' ? text : NULL);
}

/* What the tree thinks of it. */
static void
put_standing(const struct node_view *v, const struct census *census, struct buf *b)
{
	put_known(b, "capacity", v->capacity);
	json_put_uint(b, "load", v->load);
	json_put_bool(b, "permitted", v->permitted);
	json_put_uint(b, "to_leave", census->to_leave);
	put_until(b, "sick_until", v->sick_until);
}

void
status_put_nodes(struct daemon *d, struct buf *b)
{
	struct census *census = take_census(d);
	uint32_t i;

	json_put_name(b, "nodes");
	buf_xaddc(b, '[');
	for (i = 0; i < d->n_nodes; i++) {
		const struct node *n = node_at(d, i);
		struct node_view v = view_of(d, i);

		if (n->done)
			continue;
		buf_xaddstr(b, i > 0 ? ",{" : "{");
		json_put_str(b, "name", n->name);
		json_put_str(b, "state", node_state_name(n->state));
		json_put_uint(b, "agent_pid", n->agent_pid);
		json_put_uint(b, "guard_pid", n->guard_pid);
		json_put_int(b, "lease_ms", n->lease_us / US_PER_MS);
		json_put_uint(b, "children", census[i].children);
		put_standing(&v, &census[i], b);
		put_text(b, "error", n->error);
		buf_xaddc(b, '}');
	}
	buf_xaddc(b, ']');
	free(census);
}

/*
 * How long the children there may run if no further word comes; of a node that is out of reach, until it is given up
 * and they may be started elsewhere: null when it is.
 */
static void
put_left(const struct node *n, struct buf *b)
{
	mono_t now = mono_now();

	if (n->state == NODE_UP)
		json_put_int(b, "lease_left_ms", (n->grantor.length_us - mono_diff_us(now, n->last_ping)) / US_PER_MS);
	else if (!n->over && mono_before(now, n->grantor.until))
		json_put_int(b, "lease_left_ms", mono_diff_us(n->grantor.until, now) / US_PER_MS);
	else
		json_put_str(b, "lease_left_ms", NULL);
}

/* Older agents do not say it. */
static void
put_load1(const struct node *n, struct buf *b)
{
	if (n->state == NODE_UP && n->version >= 3 && mono_before(MONO_ZERO, n->last_ping)) {
		json_put_name(b, "load1");
		buf_xprintf(b, "%u.%02u", n->load1 / 100, n->load1 % 100);
	} else {
		json_put_str(b, "load1", NULL);
	}
}

static void
put_node(struct daemon *d, const struct node *n, const struct census *census, struct buf *b)
{
	bool up = n->state == NODE_UP;
	struct node_view v = view_of(d, n->index);

	buf_xaddc(b, '{');
	json_put_str(b, "name", n->name);
	json_put_str(b, "kind", n->ssh == NULL ? "local" : "ssh");
	put_text(b, "address", n->ssh);
	json_put_str(b, "state", node_state_name(n->state));
	json_put_int(b, "since", n->since_ms);
	put_text(b, "build", n->build);
	put_known(b, "protocol", n->version);
	put_known(b, "protocol_min", n->version_min);
	put_known(b, "protocol_max", n->version_max);
	put_known(b, "agent_pid", n->agent_pid);
	put_known(b, "guard_pid", n->guard_pid);
	json_put_uint(b, "children", census->children);
	put_standing(&v, census, b);
	json_put_int(b, "lease_ms", n->lease_us / US_PER_MS);
	put_left(n, b);
	put_known(b, "round_trip_us", up ? n->round_trip_us : 0);
	put_load1(n, b);
	put_text(b, "boot_id", n->boot_id);
	put_text(b, "machine_id", n->machine_id);
	put_text(b, "error", n->error);
	buf_xaddc(b, '}');
}

void
status_nodes(struct daemon *d, struct buf *out)
{
	struct census *census = take_census(d);
	struct buf b = BUF_INIT(0);
	uint32_t i;

	tree_look(d->tree, mono_now());
	buf_xaddc(&b, '{');
	json_put_int(&b, "version", 1);
	json_put_str(&b, "daemon", daemon_version());
	json_put_int(&b, "protocol_min", AGENT_PROTO_MIN);
	json_put_int(&b, "protocol_max", AGENT_PROTO_MAX);
	json_put_name(&b, "nodes");
	buf_xaddc(&b, '[');
	for (i = 0; i < d->n_nodes; i++) {
		if (node_at(d, i)->done)
			continue;
		if (i > 0)
			buf_xaddc(&b, ',');
		put_node(d, node_at(d, i), &census[i], &b);
	}
	buf_xaddstr(&b, "]}");
	buf_xadd(out, b.data, b.len);
	buf_release(&b);
	free(census);
}

/* Why a node is not to be had for a child that waits: as a word for programs. */
static const char *
why_not(struct daemon *d, child_handle h, uint32_t node)
{
	struct node_view v = view_of(d, node);

	if (!v.up)
		return "down";
	if (!v.permitted)
		return "drained";
	if (!tree_permits(d->tree, h, node))
		return "forbidden";
	return v.capacity != 0 && v.load >= v.capacity ? "full" : "up";
}

static void
put_wait(struct daemon *d, child_handle h, uint32_t node, bool first, struct buf *b)
{
	if (node >= d->n_nodes)
		return;
	buf_xaddstr(b, first ? "{" : ",{");
	json_put_str(b, "node", node_at(d, node)->name);
	json_put_str(b, "why", why_not(d, h, node));
	buf_xaddc(b, '}');
}

void
status_put_places(struct daemon *d, child_handle h, const struct child_view *v, struct buf *b)
{
	bool first = true;
	uint32_t i;

	moves_status(d, h, b);
	json_put_name(b, "waits_for");
	if (v->waits_for_node) {
		buf_xaddc(b, '[');
		for (i = 0; i < v->spec->n_nodes; i++)
			put_wait(d, h, v->spec->nodes[i].node, i == 0, b);
		if (v->spec->n_nodes == 0)
			put_wait(d, h, v->node, true, b);
		buf_xaddc(b, ']');
	} else {
		buf_xaddstr(b, "null");
	}
	for (i = 0; i < d->n_nodes; i++) {
		if (tree_permits(d->tree, h, i))
			continue;
		if (first)
			json_put_name(b, "forbidden");
		buf_xaddc(b, first ? '[' : ',');
		json_put_string(b, node_at(d, i)->name);
		first = false;
	}
	if (!first)
		buf_xaddc(b, ']');
}
