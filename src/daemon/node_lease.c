/*
 * A node that is out of reach (architecture 5).
 *
 * At once nothing is started there any more. Its children go on, for all that
 * we know, until its lease is surely over, or there is proof: an agent that is
 * attached and does not name them, or the guard's word. Who comes back in time
 * finds them adopted, as if nothing had happened. When the lease is over they have
 * ended (noconnection), and may be started elsewhere; what their agent has of them
 * still, it tells when it is back, late.
 *
 * A daemon that begins knows of no ping. What the journal says was started on a
 * node that is not attached yet counts as running there, until the daemon's own
 * start + the largest lease in use there, by the same formula. The journal never
 * misses a start on another host, since it is fsynced before the order goes out
 * (act.c); so the tree can begin as soon as the local agent is attached.
 */
#include <signal.h>
#include <stdlib.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "daemon/handover.h"
#include "daemon/node.h"
#include "journal/journal.h"

/* While an upgrade goes on nothing is decided. */
#define HOLD_TICK_US INT64_C(100000)

static void
wait_until(struct node *node, mono_t at)
{
	int64_t us = mono_diff_us(at, mono_now());
	struct timeval tv;

	/* Timers may be a little early. */
	us = us > 0 ? us + 1000 : 1000;
	tv = (struct timeval){ .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };
	evtimer_add(node->ev_over, &tv);
}

static bool
may_live(const struct incarnation *inc)
{
	return inc->state == INC_SENT || inc->state == INC_LIVE || inc->state == INC_ENDED;
}

static bool
is_queued(const struct incarnation *inc)
{
	return inc->state == INC_QUEUED;
}

/* S114: orders that never went out: the next node, at once and uncounted. (Here, the agent is back in a moment.) */
static void
refuse_queued(struct node *node)
{
	struct daemon *d = node->d;
	struct incarnation *inc;
	uint64_t *tokens;
	size_t i, n;

	if (node->ssh == NULL)
		return;
	tokens = node_tokens(node, is_queued, &n);
	for (i = 0; i < n; i++) {
		if ((inc = inc_find(d, tokens[i])) == NULL || inc->state != INC_QUEUED)
			continue;
		inc_drop_job(inc);
		inc->failed = inc->exit_sent = true;
		inc->reason = (struct exit_reason){ .kind = REASON_START_ERROR, .step = STEP_LEASE };
		inc->state = INC_ENDED;
		act_bury(d, inc);
	}
	free(tokens);
}

void
node_lost(struct node *node)
{
	struct daemon *d = node->d;

	daemon_event(d, &(struct tree_event){ .type = TREE_NODE_DOWN, .node = node->index });
	wait_until(node, node->grantor.until);
	if (handover_holds(d))
		return;
	refuse_queued(node);
	d->abandons |= d->stopping;
}

void
node_found(struct node *node)
{
	node->known = true;
	node->failed = node->over = false;
	evtimer_del(node->ev_over);
}

/* Nobody has seen its end. Its words, and how it ended, may come yet. */
static void
end_unseen(struct incarnation *inc)
{
	inc->unseen = true;
	if (inc->state == INC_ENDED)
		return; /* its end is known, and not all of its output */
	inc_drop_job(inc);
	inc->lost = true;
	inc->reason = (struct exit_reason){ .kind = REASON_NOCONNECTION };
	inc->state = INC_ENDED;
}

static void
give_up(struct node *node)
{
	struct daemon *d = node->d;
	struct incarnation *inc;
	uint64_t *tokens;
	size_t i, n;

	/* What an attach that is under way will name may be dead by now: it is to be asked again. */
	if (node->state != NODE_DOWN && node->state != NODE_CONNECTING)
		node_drop(node, "it did not attach in time");
	node->known = node->over = true;
	tokens = node_tokens(node, may_live, &n);
	if (n > 0) {
		log_warnx("node %s: its lease is over: what ran there has ended", node->name);
		rec_node(d, node, "over", NULL);
	}
	for (i = 0; i < n; i++)
		if ((inc = inc_find(d, tokens[i])) != NULL)
			end_unseen(inc);
	free(tokens);
	if (d->begun)
		node_bury(node);
	else
		nodes_begin_if_known(d);
	daemon_pump(d);
}

static void
over_cb(evutil_socket_t fd, short what, void *arg)
{
	struct node *node = arg;
	mono_t now = mono_now();

	(void)fd;
	(void)what;
	if (node->state == NODE_UP)
		return;
	if (handover_holds(node->d))
		wait_until(node, mono_add_us(now, HOLD_TICK_US));
	else if (!lease_grantor_is_over(&node->grantor, now))
		wait_until(node, node->grantor.until);
	else
		give_up(node);
}

void
node_begin(struct node *node, int64_t largest_us)
{
	lease_grantor_init(&node->grantor, mono_now(), node->lease_us, largest_us);
	node->ev_over = evtimer_new(node->d->base, over_cb, node);
	wait_until(node, node->grantor.until);
}

int64_t
node_grant(struct node *node)
{
	struct daemon *d = node->d;
	mono_t now = mono_now();

	if (node->lease_us != node->grantor.length_us && node->lease_seq <= d->vital_safe)
		lease_grantor_set(&node->grantor, now, node->lease_us);
	node->last_ping = now;
	return lease_grantor_answer(&node->grantor, now);
}

void
node_set_lease(struct node *node, int64_t lease_us)
{
	if (node->lease_us == lease_us)
		return;
	node->lease_us = lease_us;
	node->lease_seq = rec_node(node->d, node, "lease", NULL);
	journal_flush_soon(node->d->journal);
}

void
node_is_clean(struct node *node)
{
	struct daemon *d = node->d;
	bool was_up = node->state == NODE_UP;

	log_warnx("node %s: the agent is gone, and its guard says that nothing of it is left", node->name);
	rec_node(d, node, was_up ? "down" : "over", "the agent is gone");
	lease_grantor_proved(&node->grantor);
	node->known = node->over = true;
	node->state = NODE_GREETING;
	if (was_up) {
		node->since_ms = wall_ms();
		daemon_event(d, &(struct tree_event){ .type = TREE_NODE_DOWN, .node = node->index });
		refuse_queued(node);
	}
	node_forget_present(node);
	node_end_absent(node);
	if (d->begun)
		node_bury(node);
	else
		nodes_begin_if_known(d);
}

/* All above it are told to end: its end is the last that is heard of it, and brings up no other one (S62). */
static bool
is_ending_above(const struct daemon *d, uint64_t token)
{
	child_handle h = tree_by_token(d->tree, token);
	struct child_view v;

	if (h == CHILD_NONE || !tree_view(d->tree, h, &v))
		return false;
	while (v.parent != CHILD_NONE) {
		if (!tree_view(d->tree, v.parent, &v) || v.state != CHILD_STOPPING)
			return false;
	}
	return true;
}

/* To the tree it has ended. To the journal, and so to the next daemon, it lives until its lease is over. */
static void
abandon(struct node *node)
{
	struct daemon *d = node->d;
	struct incarnation *inc;
	uint64_t *tokens;
	size_t i, n, left = 0;

	tokens = node_tokens(node, may_live, &n);
	for (i = 0; i < n; i++) {
		if ((inc = inc_find(d, tokens[i])) == NULL || inc->handle == CHILD_NONE || !is_ending_above(d, tokens[i]))
			continue;
		left++;
		daemon_event(d, &(struct tree_event){ .type = TREE_EXITED, .child = inc->handle, .token = inc->token,
				    .node = node->index, .reason = { .kind = REASON_NOCONNECTION } });
	}
	if (left > 0)
		log_warnx("node %s: out of reach; not waiting for %zu children, which end there with its lease", node->name, left);
	free(tokens);
}

void
nodes_abandon(struct daemon *d)
{
	uint32_t i;

	for (i = 0; i < d->n_nodes; i++)
		if (d->nodes[i]->ssh != NULL && d->nodes[i]->state != NODE_UP)
			abandon(d->nodes[i]);
}

/* What lives, or died while no daemon was there, is the tree's again. */
static void
adopt(struct daemon *d, struct incarnation *inc)
{
	const struct node *node = d->nodes[inc->node];
	struct tree_event ev = { .type = TREE_ADOPTED, .child = inc->handle, .token = inc->token, .node = inc->node,
		.age_us = inc->age_us };
	struct child_view view;

	if (inc->lost || inc->handle == CHILD_NONE || (inc->state != INC_LIVE && inc->state != INC_ENDED))
		return;
	if (d->kids[inc->handle].now != inc || !tree_view(d->tree, inc->handle, &view)) {
		if (inc->state == INC_LIVE)
			node_order(d->nodes[inc->node],
			    &(struct order){ .type = ORDER_SIGNAL, .token = inc->token, .signal = SIGKILL, .group = true });
		return;
	}
	/*
	 * What lives and is not wanted is the tree's, too: it ends it, and knows when it may start another, if somebody
	 * asks for one meanwhile.
	 */
	if (!view.wanted && inc->state == INC_ENDED)
		return;
	d->kids[inc->handle].terminated = false;
	daemon_event(d, &ev);
	hang_watch(d, inc->handle);
	if (inc->state != INC_LIVE)
		return;
	if (node->state == NODE_UP)
		log_info("child %s: adopted, pid %u", inc->path, inc->pid);
	else
		log_info("child %s: may run on node %s, which is not attached yet", inc->path, node->name);
}

/* S119: has every node answered or failed? */
static bool
is_in_sync(const struct daemon *d)
{
	uint32_t i;

	for (i = 1; i < d->n_nodes; i++)
		if (node_has_turn(d->nodes[i]) && !d->nodes[i]->known && !d->nodes[i]->failed)
			return false;
	return true;
}

static void
sync_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	d->fresh = false;
	nodes_begin_if_known(d);
	daemon_pump(d);
}

void
nodes_sync(struct daemon *d)
{
	struct timeval tv = { .tv_sec = d->config->sync_us / US_PER_S, .tv_usec = d->config->sync_us % US_PER_S };

	if (d->fresh)
		event_base_once(d->base, -1, EV_TIMEOUT, sync_cb, d, &tv);
}

/*
 * Who had been told to end by an earlier daemon was to come back with its group, or elsewhere: else it would have a
 * wish against it, or be terminated. Its end may be near or may have come, and is not its own choice.
 */
static void
restart_told(struct daemon *d)
{
	struct tree_command cmd = { .type = CMD_RESTART };
	const struct incarnation *inc;
	struct child_view v;

	for (cmd.child = 1; cmd.child < d->n_kids; cmd.child++) {
		inc = d->kids[cmd.child].path != NULL ? d->kids[cmd.child].now : NULL;
		if (inc != NULL && inc->told && tree_view(d->tree, cmd.child, &v) && v.token == inc->token && v.wanted &&
		    v.state == CHILD_RUNNING)
			tree_command(d->tree, &cmd, mono_now(), NULL);
	}
}

void
nodes_begin_if_known(struct daemon *d)
{
	uint64_t token;
	size_t i = 0;
	void *value;
	uint32_t n;

	if (d->begun || !d->nodes[0]->known || (d->fresh && !is_in_sync(d)))
		return;
	while (map_next(&d->incarnations, &i, &token, &value))
		adopt(d, value);
	/* The tree takes this one for up until it is told otherwise. */
	if (d->nodes[0]->state != NODE_UP)
		daemon_event(d, &(struct tree_event){ .type = TREE_NODE_DOWN, .node = 0 });
	daemon_begin(d);
	restart_told(d);
	for (n = 0; n < d->n_nodes; n++)
		node_bury(d->nodes[n]);
}
