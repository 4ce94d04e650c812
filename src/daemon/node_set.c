/*
 * Which nodes there are: those of the configuration, those of an earlier
 * configuration that may still have something of ours, and what a reload makes of
 * them.
 *
 * Where a node is reached is part of who it is: box2 at another address is another
 * node, which has its turn when nothing of the earlier one is left. Nothing may be
 * started on a node that leaves; its children go elsewhere or wait, as their own
 * lists say, and its agent is told to leave when it has nothing of ours any more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/node_list.h"
#include "daemon/node.h"
#include "daemon/permits.h"
#include "journal/journal.h"
#include "journal/past.h"

static bool
same_text(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* The node with this name and place that is not done, or is not but could be again. */
static struct node *
find_node(const struct daemon *d, const char *name, const char *ssh)
{
	uint32_t i;

	for (i = 0; i < d->n_nodes; i++)
		if (strcmp(d->nodes[i]->name, name) == 0 && same_text(d->nodes[i]->ssh, ssh))
			return d->nodes[i];
	return NULL;
}

bool
node_has_turn(const struct node *node)
{
	const struct daemon *d = node->d;
	uint32_t i;

	if (node->conf == NULL || node->done)
		return false;
	for (i = 0; i < d->n_nodes; i++)
		if (d->nodes[i] != node && d->nodes[i]->in_use && strcmp(d->nodes[i]->name, node->name) == 0)
			return false;
	return true;
}

/*
 * Where it is, as far as it makes it another node; owned by the caller. NULL: here. In another run_dir there is another
 * lock, so an agent that is found there knows nothing of those of this one, and proves nothing.
 */
static char *
place_of(const struct node_conf *conf)
{
	char port[16] = "";

	if (conf->kind == NODE_LOCAL)
		return NULL;
	if (conf->port != 0)
		snprintf(port, sizeof(port), ":%u", conf->port);
	return xasprintf("%s%s%s%s", conf->ssh, port, conf->run_dir != NULL ? " " : "",
	    conf->run_dir != NULL ? conf->run_dir : "");
}

int
nodes_make(struct daemon *d, struct err *err)
{
	struct config *c = d->config;
	struct node *node;
	char *place;
	size_t i;

	for (i = 0; i < c->n_nodes; i++) {
		place = place_of(&c->nodes[i]);
		node = node_new(d, c->nodes[i].name, place);
		free(place);
		node->lease_us = c->nodes[i].lease_us;
		node->in_use = true;
		if (node_configure(node, c, &c->nodes[i], err) == -1)
			return -1;
	}
	return 0;
}

/* A node that is not configured any more: it is waited for until its lease is over. */
static struct node *
ghost_new(struct daemon *d, const char *name, const char *ssh, int64_t lease_us)
{
	struct node *node = node_new(d, name, ssh);
	uint32_t i;

	/* Who has its name now comes after it. */
	for (i = 0; i < d->n_nodes; i++)
		if (strcmp(d->nodes[i]->name, name) == 0)
			d->nodes[i]->in_use = false;
	node->lease_us = lease_us;
	node->in_use = node->leaving = true;
	d->nodes_leave = true;
	node_begin(node, lease_us);
	return node;
}

void
nodes_recall(struct daemon *d)
{
	const struct past_node *pn;
	struct node *node;
	uint32_t i;

	for (i = 0; i < d->config->n_nodes; i++) {
		node = d->nodes[i];
		pn = past_node(&d->past, node->name);
		if (!same_text(pn->ssh, node->ssh)) {
			node_begin(node, node->lease_us);
			continue;
		}
		node_begin(node, pn->lease_us);
		snprintf(node->machine_id, sizeof(node->machine_id), "%s", pn->machine_id);
	}
}

uint32_t
node_recalled(struct daemon *d, const char *name)
{
	const struct past_node *pn = past_node(&d->past, name != NULL ? name : d->nodes[0]->name);
	struct node *node = find_node(d, pn->node, pn->ssh);

	/* The local node has no `ssh`, and nor has one whose lease was never written. */
	if (node == NULL) {
		log_warnx("node %s: no longer configured%s; waiting until what ran there has surely ended", pn->node,
		    pn->ssh != NULL ? " as it was" : "");
		node = ghost_new(d, pn->node, pn->ssh, pn->lease_us);
	}
	return node->index;
}

/* Its lease is written before it is used; the first attach waits for that. */
static void
bring_in(struct daemon *d, struct node *node)
{
	node->in_use = true;
	node->lease_seq = rec_node(d, node, "lease", NULL);
	journal_flush_soon(d->journal);
	node_connect(node);
}

/* The latest node of this name; UINT32_MAX: there was none. */
static uint32_t
named(const struct daemon *d, const char *name)
{
	uint32_t i = d->n_nodes;

	while (i > 0)
		if (strcmp(d->nodes[--i]->name, name) == 0)
			return i;
	return UINT32_MAX;
}

static void
apply_conf(struct daemon *d, struct config *c, struct node_conf *conf)
{
	char *place = place_of(conf);
	struct node *node = find_node(d, conf->name, place);
	struct err err = ERR_INIT;
	bool new = node == NULL || node->done;

	if (node == NULL) {
		uint32_t before = named(d, conf->name);

		node = node_new(d, conf->name, place);
		node->lease_us = conf->lease_us;
		node_begin(node, conf->lease_us);
		if (before != UINT32_MAX)
			permits_inherit(d, before, node->index);
		/* Nothing of ours is there. */
		lease_grantor_proved(&node->grantor);
		node->known = node->over = true;
	}
	free(place);
	conf->number = node->index;
	node->sent_goodbye = false;
	if (node_configure(node, c, conf, &err) == -1)
		log_error("node %s: %s", node->name, err.msg);
	if (new || !node->in_use) {
		node->lease_us = conf->lease_us;
		if (node_has_turn(node))
			bring_in(d, node);
	} else {
		node_set_lease(node, conf->lease_us);
		/* It was about to leave. */
		node_connect(node);
		if (node->state == NODE_UP)
			daemon_event(d, &(struct tree_event){ .type = TREE_NODE_UP, .node = node->index,
					    .capacity = conf->capacity });
	}
}

static bool
is_configured(const struct node *node, const struct config *c)
{
	bool found = false;
	char *place;
	size_t i;

	for (i = 0; i < c->n_nodes && !found; i++) {
		place = place_of(&c->nodes[i]);
		found = strcmp(c->nodes[i].name, node->name) == 0 && same_text(place, node->ssh);
		free(place);
	}
	return found;
}

/* Will it be where it may be by the new configuration? */
static bool
may_stay(const struct config *new, const struct launch *l, const struct node *node)
{
	size_t i;

	if (!is_configured(node, new))
		return false;
	if (l->nodes.n == 0)
		return node->index == 0;
	for (i = 0; i < l->nodes.n; i++)
		if (strcmp(node_list_name(&l->nodes, i), node->name) == 0)
			return true;
	return false;
}

void
nodes_amend_plan(struct daemon *d, struct plan *plan, const struct config *new)
{
	struct plan_entry *e;
	struct child_view v;
	child_handle h;
	char *reason;

	for (e = plan->v; e < plan->v + plan->n; e++) {
		if ((e->kind != PLAN_CHANGE && e->kind != PLAN_KEEP) || e->new == NULL || e->new->type != CHILD_WORKER ||
		    (h = kid_find(d, e->path)) == CHILD_NONE || !tree_view(d->tree, h, &v) ||
		    (v.state != CHILD_RUNNING && v.state != CHILD_STARTING) ||
		    may_stay(new, config_launch(e->new), d->nodes[v.node]))
			continue;
		reason = xasprintf("%s%sleaves node %s", e->reason, e->reason[0] != '\0' ? ", " : "", d->nodes[v.node]->name);
		plan_amend(plan, e, PLAN_RESTART, reason);
	}
}

void
nodes_apply(struct daemon *d, struct config *config)
{
	struct node *node;
	uint32_t i;
	size_t k;

	for (i = 0; i < d->n_nodes; i++) {
		node = d->nodes[i];
		if (node->leaving || node->done || is_configured(node, config))
			continue;
		log_info("node %s: no longer configured; its children leave it", node->name);
		node->leaving = d->nodes_leave = true;
		daemon_event(d, &(struct tree_event){ .type = TREE_NODE_DOWN, .node = node->index });
	}
	for (k = 0; k < config->n_nodes; k++)
		apply_conf(d, config, &config->nodes[k]);
	/* Once there was more than one, a list says where a child may be. */
	config_place(config, config, d->n_nodes > 1);
}

static bool
is_any(const struct incarnation *inc)
{
	(void)inc;
	return true;
}

/* Nobody will be asked for the rest any more. */
static void
forget(struct daemon *d, const struct node *node)
{
	struct incarnation *inc;
	size_t i, n;
	uint64_t *tokens = node_tokens(node, is_any, &n);

	for (i = 0; i < n; i++) {
		if ((inc = inc_find(d, tokens[i])) == NULL || inc->state != INC_BURIED)
			continue;
		inc->unseen = false;
		inc->lost = true;
		inc->end[0] = inc->end[1] = 0;
		inc_settle(d, inc);
	}
	free(tokens);
}

static bool
has_something(const struct node *node)
{
	size_t n;

	free(node_tokens(node, is_any, &n));
	return n > 0;
}

static void
sweep(struct daemon *d, struct node *node)
{
	bool reachable = node->conf != NULL && !node->over;
	uint32_t i;

	if (node->over)
		forget(d, node);
	if (has_something(node))
		return;
	if (reachable && node->state != NODE_UP)
		return; /* it is still to be told, or given up */
	log_info("node %s: nothing of ours is left there", node->name);
	node_goodbye(node, true);
	evtimer_del(node->ev_retry);
	node->done = true;
	if (node->in_use)
		rec_node(d, node, "gone", NULL);
	node->in_use = false;
	for (i = 0; i < d->n_nodes; i++)
		if (!d->nodes[i]->leaving && !d->nodes[i]->in_use && strcmp(d->nodes[i]->name, node->name) == 0 &&
		    node_has_turn(d->nodes[i]))
			bring_in(d, d->nodes[i]);
}

void
nodes_sweep(struct daemon *d)
{
	uint32_t i;

	d->nodes_leave = false;
	for (i = 0; i < d->n_nodes; i++) {
		struct node *node = d->nodes[i];

		if (node->leaving && !node->done)
			sweep(d, node);
		d->nodes_leave |= node->leaving && !node->done;
	}
}
