/*
 * The daemon's side of a link, as src/daemon/node.c and node_events.c have it, for
 * nodes that are reached over a network, too (node_lease.c): who is not attached any
 * more holds what was started there until its lease is surely over (architecture 5).
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/ring.h"
#include "base/xalloc.h"
#include "sim.h"

#define RETRY_FIRST_US INT64_C(5000)
#define RETRY_MAX_US INT64_C(1000000)

struct order {
	uint64_t seq; /* record that must be appended first; 0: none */
	uint64_t token;
	bool start, safe;
	int signal;
	bool group;
	enum start_type start_type;
};

/* Good until the fourth call from now. */
const char *
node_name(uint32_t index)
{
	static char texts[4][16];
	static unsigned next;
	char *text = texts[next++ % 4];

	snprintf(text, sizeof(texts[0]), "n%u", index);
	return index == 0 ? "local" : text;
}

uint32_t
node_by_name(const char *name)
{
	return name == NULL || name[0] == 'l' ? 0 : (uint32_t)strtoul(name + 1, NULL, 10);
}

static mono_t
daemon_now(const struct dnode *n)
{
	return clock_now(n->d->w, &n->d->w->hosts[0].clock);
}

static struct host *
host_of(const struct dnode *n)
{
	return &n->d->w->hosts[n->index];
}

void
node_send(struct dnode *n, const struct agent_msg *m)
{
	if (n->state != NODE_DOWN)
		conn_send(n->d->w, &n->conn->to_agent, m);
}

static void
retry_later(struct dnode *n)
{
	int64_t us = RETRY_FIRST_US << (n->tries < 8 ? n->tries : 8);

	n->tries++;
	timer_set(n->d->w, &n->retry, mono_add_us(daemon_now(n), us < RETRY_MAX_US ? us : RETRY_MAX_US));
}

/* Nobody waits for it at a first start. */
static void
failed(struct dnode *n)
{
	n->failed = true;
	nodes_begin_if_known(n->d);
}

static void refuse_queued(struct dnode *n);

static void
lose(struct dnode *n, const char *why)
{
	struct daemon *d = n->d;
	bool was_up = n->state == NODE_UP;

	sim_tell(d->w, "daemon: node %s lost: %s", node_name(n->index), why);
	if (n->conn != NULL)
		conn_close_daemon(d->w, n->conn);
	n->conn = NULL;
	n->state = NODE_DOWN;
	timer_set(d->w, &n->silence, MONO_NEVER);
	if (n->said_goodbye)
		return;
	if (was_up) {
		rec_node(d, n, "down");
		check_node_down(d, n->index);
		daemon_event(d, &(struct tree_event){ .type = TREE_NODE_DOWN, .node = n->index });
		refuse_queued(n);
		timer_set(d->w, &n->safe, n->grantor.until);
		n->tries = 0;
	}
	failed(n);
	retry_later(n);
	daemon_pump(d);
}

static void
expect_ping(struct dnode *n)
{
	timer_set(n->d->w, &n->silence, mono_add_us(daemon_now(n), n->grantor.length_us / 5 * 4));
}

/* Whoever is there cannot act any more. */
static void
silence(struct world *w, void *arg, uint64_t unused)
{
	struct dnode *n = arg;
	struct agent *a = host_of(n)->agent;

	(void)unused;
	if (n->index == 0 && a != NULL && a->phase != AGENT_GONE)
		agent_die(w, a);
	lose(n, "the agent does not answer");
}

static void
send_hello(struct dnode *n)
{
	struct agent_msg m = { .type = AGENT_HELLO };

	m.u.hello.version_min = AGENT_PROTO_MIN;
	m.u.hello.version_max = AGENT_PROTO_MAX;
	m.u.hello.build = "sim";
	m.u.hello.installation = "sim";
	m.u.hello.node = node_name(n->index);
	m.u.hello.epoch = n->d->epoch;
	m.u.hello.attach = ++n->attach;
	m.u.hello.lease_ms = n->grantor.length_us / US_PER_MS;
	n->state = NODE_GREETING;
	node_send(n, &m);
}

static void
connected(struct world *w, void *arg, uint64_t unused)
{
	struct dnode *n = arg;
	struct agent *a;

	(void)unused;
	n->connecting = false;
	if (n->conn != NULL || n->said_goodbye)
		return;
	if (!link_is_open(host_of(n))) {
		failed(n);
		retry_later(n);
		return;
	}
	if ((a = host_listener(w, host_of(n))) == NULL) {
		/* It is being started, and leaves again if nobody comes for the length of a lease. */
		n->tries = n->tries < 4 ? n->tries : 4;
		retry_later(n);
		return;
	}
	n->conn = conn_open(w, n->d, n->index, a);
	send_hello(n);
	expect_ping(n);
}

void
node_connect(struct dnode *n)
{
	struct world *w = n->d->w;

	if (n->conn != NULL || n->connecting)
		return;
	n->connecting = true;
	sim_at(w, w->now + 2 * link_latency(w, host_of(n), w->seq), &n->d->actor, connected, n, 0);
}

static void
retry(struct world *w, void *arg, uint64_t unused)
{
	(void)w;
	(void)unused;
	node_connect(arg);
}

/* Orders (node.c). */

/* It may have something to send with the next pump. */
static void
make_dirty(struct dnode *n)
{
	if (n->is_dirty)
		return;
	n->is_dirty = true;
	*(uint32_t *)ring_push(n->d->dirty, sizeof(n->index)) = n->index;
}

void
node_order_start(struct dnode *n, uint64_t seq, bool safe, uint64_t token, enum start_type type)
{
	*(struct order *)ring_push(n->orders, sizeof(struct order)) =
	    (struct order){ .seq = seq, .safe = safe, .token = token, .start = true, .start_type = type };
	make_dirty(n);
}

void
node_order_signal(struct dnode *n, uint64_t token, int sig, bool group)
{
	struct inc *inc = inc_find(n->d, token);
	struct order o = { .token = token, .signal = sig, .group = group };

	if (inc != NULL) {
		inc->signal_waits = true;
		/* Written first: who comes after us must not take its end for its own choice. */
		if (!inc->told && inc_is_ending(n->d, inc)) {
			inc->told = true;
			o.seq = rec_ending(n->d, inc);
		}
	}
	*(struct order *)ring_push(n->orders, sizeof(struct order)) = o;
	make_dirty(n);
}

static bool
view_of(const struct dnode *n, const struct inc *inc, struct child_view *v)
{
	child_handle h = inc->orphan ? CHILD_NONE : tree_find_kid(n->d, inc->kid);

	return h != CHILD_NONE && tree_view(n->d->tree, h, v);
}

static void
send_start(struct dnode *n, struct inc *inc)
{
	struct agent_msg m = { .type = AGENT_START };
	static const char *const argv[] = { "sim" };
	struct child_view view;

	if (!view_of(n, inc, &view) || view.token != inc->token)
		return;
	m.u.start.token = inc->token;
	m.u.start.child = inc->kid->path;
	m.u.start.argv = argv;
	m.u.start.n_argv = 1;
	m.u.start.cwd = m.u.start.user = m.u.start.group = "";
	m.u.start.ready = view.spec->ready;
	m.u.start.ready_timeout_ms = view.spec->start_timeout_us / US_PER_MS;
	node_send(n, &m);
	inc->state = INC_SENT;
}

static void
cut_now(struct world *w, void *conn, uint64_t unused)
{
	(void)unused;
	sim_tell(w, "the connection of a signal is cut");
	conn_cut(w, conn);
}

static void
send_signal(struct dnode *n, struct inc *inc, int sig, bool group)
{
	inc->signal_waits = false;
	if (inc->told)
		inc->kid->told_token = inc->token;
	node_send(n, &(struct agent_msg){ .type = AGENT_SIGNAL, .u.signal = { inc->token, sig, group } });
	if (host_of(n)->cut_signal && n->conn != NULL)
		sim_at(n->d->w, n->d->w->now, &n->d->w->nature, cut_now, n->conn, 0);
	host_of(n)->cut_signal = false;
}

void
node_flush_orders(struct dnode *n)
{
	const struct order *o;
	struct inc *inc;

	if (n->state != NODE_UP)
		return;
	for (; n->orders->head < n->orders->tail; n->orders->head++) {
		o = ring_at(n->orders, sizeof(*o), n->orders->head);
		if (o->seq > (o->safe ? n->d->safe : n->d->appended)) {
			make_dirty(n);
			return;
		}
		if ((inc = inc_find(n->d, o->token)) == NULL)
			continue;
		if (!o->start)
			send_signal(n, inc, o->signal, o->group);
		else if (inc->state == INC_QUEUED)
			send_start(n, inc);
	}
}

void
node_goodbye(struct dnode *n, bool leave)
{
	n->said_goodbye = true;
	if (n->state != NODE_DOWN)
		node_send(n, &(struct agent_msg){ .type = AGENT_GOODBYE, .u.goodbye = { leave } });
	if (n->conn != NULL)
		conn_close_daemon(n->d->w, n->conn);
	n->conn = NULL;
	n->state = NODE_DOWN;
}

/* What the agent says (node_events.c). */

/* The tokens of this node's incarnations for which `wanted` says yes, in the order of their starts. */
struct tokens {
	uint64_t *v; /* owned */
	size_t n;
};

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static struct tokens
collect(struct dnode *n, bool (*wanted)(const struct dnode *n, const struct inc *inc))
{
	struct tokens t = { NULL, 0 };
	const struct inc *inc;
	size_t cap = 0;

	LIST_FOREACH(inc, &n->incs, entry) {
		if (!wanted(n, inc))
			continue;
		if (t.n == cap)
			t.v = xreallocarray(t.v, cap = cap == 0 ? 16 : 2 * cap, sizeof(*t.v));
		t.v[t.n++] = inc->token;
	}
	if (t.n == 0)
		return t;
	qsort(t.v, t.n, sizeof(*t.v), compare);
	return t;
}

static void
each(struct dnode *n, bool (*wanted)(const struct dnode *n, const struct inc *inc),
    void (*fn)(struct dnode *n, struct inc *inc))
{
	struct tokens t = collect(n, wanted);
	struct inc *inc;
	size_t i;

	for (i = 0; i < t.n; i++) {
		if ((inc = inc_find(n->d, t.v[i])) != NULL)
			fn(n, inc);
	}
	free(t.v);
}

static bool
is_any(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	(void)inc;
	return true;
}

static bool
may_live(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->state == INC_SENT || inc->state == INC_LIVE || inc->state == INC_ENDED;
}

static bool
is_queued(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->state == INC_QUEUED;
}

static bool
is_late(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->present && inc->unseen;
}

static bool
is_ended(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->state == INC_ENDED;
}

static bool
is_buried(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->state == INC_BURIED;
}

static bool
is_orphan(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->present && inc->state == INC_LIVE && inc->orphan;
}

static bool
is_due(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return !inc->present && inc->state != INC_QUEUED;
}

static bool
has_to_catch_up(const struct dnode *n, const struct inc *inc)
{
	struct child_view v;

	return inc->present && inc->state == INC_LIVE && view_of(n, inc, &v) && v.token == inc->token && v.state == CHILD_STARTING &&
	    (v.spec->ready == READY_EXEC || inc->ready);
}

static void
absent(struct dnode *n, struct inc *inc)
{
	(void)n;
	inc->present = false;
}

static void
order_kill(struct dnode *n, struct inc *inc)
{
	send_signal(n, inc, SIGKILL, true);
}

static bool
is_to_end(const struct dnode *n, const struct inc *inc)
{
	(void)n;
	return inc->present && inc->state == INC_LIVE && !inc->orphan && !inc->signal_waits;
}

/* An order to end it may have been lost with a connection; and what is not the tree's is to end, too. */
static void
end_again(struct dnode *n, struct inc *inc)
{
	struct child_view v;

	if (!view_of(n, inc, &v) || v.token != inc->token || v.state == CHILD_UNDEFINED || v.killed)
		order_kill(n, inc);
	else if (v.state == CHILD_STOPPING)
		send_signal(n, inc, v.spec->stop_signal != 0 ? v.spec->stop_signal : SIGTERM, false);
}

static void
settle(struct dnode *n, struct inc *inc)
{
	inc_settle(n->d, inc);
}

static void
bury(struct dnode *n, struct inc *inc)
{
	daemon_bury(n->d, inc);
}

/* S114: the order never went out: the next node, at once and uncounted. */
static void
refuse(struct dnode *n, struct inc *inc)
{
	inc->failed = inc->exit_sent = true;
	inc->reason = (struct exit_reason){ .kind = REASON_START_ERROR, .step = STEP_LEASE };
	inc->state = INC_ENDED;
	daemon_bury(n->d, inc);
}

static void
refuse_queued(struct dnode *n)
{
	/* Here, the agent is back in a moment. */
	if (n->index != 0)
		each(n, is_queued, refuse);
}

/* To the tree it has ended. To the journal, and so to the next daemon, it lives until its lease is over. */
static void
abandon(struct dnode *n, struct inc *inc)
{
	child_handle h = tree_by_token(n->d->tree, inc->token);
	struct child_view v;

	if (h == CHILD_NONE || !tree_view(n->d->tree, h, &v))
		return;
	/* Only when all above it are told to end: then its end brings up no other one (S62). */
	while (v.parent != CHILD_NONE) {
		if (!tree_view(n->d->tree, v.parent, &v) || v.state != CHILD_STOPPING)
			return;
	}
	inc->kid->abandoned = inc->token;
	daemon_event(n->d, &(struct tree_event){ .type = TREE_EXITED, .token = inc->token, .node = n->index,
			       .reason = { .kind = REASON_NOCONNECTION } });
}

void
nodes_abandon(struct daemon *d)
{
	uint32_t i;

	for (i = 1; i < d->w->n_hosts; i++) {
		if (d->nodes[i].state != NODE_UP)
			each(&d->nodes[i], may_live, abandon);
	}
}

/* Nobody has seen its end. How it ended may come yet. */
static void
end_unseen(struct dnode *n, struct inc *inc)
{
	(void)n;
	inc->unseen = true;
	if (inc->state == INC_ENDED)
		return;
	inc->lost = true;
	inc->reason = (struct exit_reason){ .kind = REASON_NOCONNECTION };
	inc->state = INC_ENDED;
}

/* It died with its agent. */
static void
end_without_record(struct dnode *n, struct inc *inc)
{
	inc->unseen = false;
	if (inc->state == INC_BURIED) {
		inc->exit_sent = true;
		inc_settle(n->d, inc);
		return;
	}
	if (inc->state == INC_ENDED)
		return;
	inc->lost = true;
	inc->reason = (struct exit_reason){ .kind = REASON_NOCONNECTION };
	inc->state = INC_ENDED;
}

static void
adopt(struct dnode *n, struct inc *inc)
{
	struct daemon *d = n->d;
	struct tree_event ev = { .type = TREE_ADOPTED, .token = inc->token, .node = n->index, .age_us = inc->age_us };
	struct child_view view;

	/* Whether its node is attached already, or not: what the journal says was started there may run. */
	if (inc->lost || inc->orphan || (inc->state != INC_LIVE && inc->state != INC_ENDED))
		return;
	if (d->newest[inc->kid->index] != inc->token || !view_of(n, inc, &view)) {
		if (inc->state == INC_LIVE)
			node_order_signal(n, inc->token, SIGKILL, true);
		return;
	}
	/* What lives and is not wanted is the tree's, too: it ends it, and knows when it may start another. */
	if (!view.wanted && inc->state == INC_ENDED)
		return;
	sim_tell(d->w, "daemon: %s adopted, token %jx", inc->kid->path, (uintmax_t)inc->token);
	ev.child = tree_find_kid(d, inc->kid);
	check_adopted(d, inc);
	daemon_event(d, &ev);
}

static void
sort_incarnations(struct dnode *n)
{
	each(n, is_orphan, order_kill);
	/* What was taken for dead and is not: it is, at once. */
	each(n, is_late, order_kill);
	each(n, is_due, end_without_record);
}

static void
tell_started(struct dnode *n, struct inc *inc)
{
	daemon_event(n->d, &(struct tree_event){ .type = TREE_STARTED, .token = inc->token, .node = n->index });
}

/* Who had been told to end by an earlier daemon was to come back with its group, or elsewhere. */
static void
restart_told(struct daemon *d)
{
	struct tree_command cmd = { .type = CMD_RESTART };
	const struct inc *inc;
	struct child_view v;
	uint32_t i;

	for (i = 1; i < d->w->n_kids; i++) {
		struct kid *k = &d->w->kids[i];

		inc = inc_find(d, d->newest[i]);
		if (inc == NULL || !inc->told || !view_of(&d->nodes[inc->node], inc, &v) || v.token != inc->token || !v.wanted ||
		    v.state != CHILD_RUNNING)
			continue;
		k->asked = true;
		cmd.child = tree_find_kid(d, k);
		daemon_command(d, &cmd, NULL);
	}
}

/* S119: has every node answered, or failed? */
static bool
is_in_sync(const struct daemon *d)
{
	uint32_t i;

	for (i = 1; i < d->w->n_hosts; i++) {
		if (!d->nodes[i].known && !d->nodes[i].failed)
			return false;
	}
	return true;
}

/*
 * What was started on a node that is not attached yet counts as running there: the journal never misses a start on
 * another host. So nobody is waited for but our own agent (and all, for a while, when nothing lives).
 */
void
nodes_begin_if_known(struct daemon *d)
{
	struct node_view local;
	uint32_t i;

	if (d->begun || !d->nodes[0].known || (d->fresh && !is_in_sync(d)))
		return;
	sim_tell(d->w, "daemon: all is known");
	for (i = 0; i < d->w->n_hosts; i++)
		each(&d->nodes[i], is_any, adopt);
	/* The tree takes it for up until it is told otherwise. */
	if (d->nodes[0].state != NODE_UP && tree_node(d->tree, 0, &local) && local.up) {
		check_node_down(d, 0);
		daemon_event(d, &(struct tree_event){ .type = TREE_NODE_DOWN, .node = 0 });
	}
	daemon_begin(d);
	restart_told(d);
	for (i = 0; i < d->w->n_hosts; i++)
		each(&d->nodes[i], is_ended, bury);
}

static void
node_up(struct dnode *n)
{
	struct daemon *d = n->d;

	n->state = NODE_UP;
	n->tries = 0;
	n->known = true;
	n->failed = false;
	timer_set(d->w, &n->safe, MONO_NEVER);
	sim_tell(d->w, "daemon: node %s is up", node_name(n->index));
	rec_node(d, n, "up");
	/* S107: exits first, then the node is up. */
	if (d->begun)
		each(n, is_ended, bury);
	daemon_event(d, &(struct tree_event){ .type = TREE_NODE_UP, .node = n->index,
			    .capacity = host_of(n)->capacity });
	if (d->begun) {
		each(n, has_to_catch_up, tell_started);
		each(n, is_to_end, end_again);
	} else {
		nodes_begin_if_known(d);
	}
	/* Recorded already, but not acknowledged: there was nobody to say it to. */
	each(n, is_buried, settle);
	node_flush_orders(n);
}

/* Its lease is over, whatever has become of it. */
static void
give_up(struct world *w, void *arg, uint64_t unused)
{
	struct dnode *n = arg;

	(void)unused;
	if (n->state == NODE_UP || !lease_grantor_is_over(&n->grantor, daemon_now(n)))
		return;
	/* What an attach that is under way will name may be dead by now: it is to be asked again. */
	if (n->state != NODE_DOWN)
		lose(n, "it did not attach in time");
	sim_tell(w, "daemon: node %s: its lease is over", node_name(n->index));
	n->known = true;
	each(n, may_live, end_unseen);
	if (n->d->begun)
		each(n, is_ended, bury);
	else
		nodes_begin_if_known(n->d);
	daemon_pump(n->d);
}

static int
on_welcome(struct dnode *n)
{
	if (n->state != NODE_GREETING)
		return -1;
	n->state = NODE_SORTING;
	each(n, is_any, absent);
	return 0;
}

static int
on_refuse(struct dnode *n, const struct agent_msg *m)
{
	if (m->u.refuse.epoch == n->d->epoch && m->u.refuse.attach >= n->attach)
		n->attach = m->u.refuse.attach;
	if (m->u.refuse.epoch > n->d->epoch)
		sim_fail(n->d->w, "epoch", "node %s has served a later daemon", node_name(n->index));
	return -1;
}

static void
on_child(struct dnode *n, const struct agent_msg *m)
{
	struct daemon *d = n->d;
	struct inc *inc = inc_find(d, m->u.child.token);

	if (inc == NULL && m->u.child.pid == 0 && inc_is_done(d, m->u.child.token))
		return;
	if (inc == NULL) {
		inc = inc_new(d, m->u.child.token, strmap_find(&d->w->by_path, m->u.child.child), n->index);
		inc->state = INC_LIVE;
		/* Its record was lost with our power: before the beginning it is taken in, or there would be two of it. */
		inc->orphan = d->begun || d->newest[inc->kid->index] > inc->token;
		if (!inc->orphan) {
			d->newest[inc->kid->index] = inc->token;
			/* It is started anew: nobody knows what it was started with. And the next daemon is to know it, too. */
			inc->told = true;
			rec_start(d, inc, START_NORMAL);
			rec_started(d, inc);
		}
		sim_tell(d->w, "daemon: %s (token %jx) is not known here%s", inc->kid->path, (uintmax_t)inc->token,
		    inc->orphan ? "; stopping it" : "");
	}
	/* Of one whose start record was lost the journal does not know where it was. */
	inc_move(d, inc, n->index);
	inc->present = true;
	if (m->u.child.pid != 0 && (inc->state == INC_SENT || inc->state == INC_QUEUED)) {
		inc->state = INC_LIVE;
		rec_started(d, inc);
	}
	inc->age_us = m->u.child.age_ms * US_PER_MS;
	inc->ready = m->u.child.ready;
}

static int
on_ping(struct dnode *n, uint64_t k)
{
	int64_t length;

	if (n->state == NODE_GREETING)
		return -1;
	expect_ping(n);
	length = lease_grantor_answer(&n->grantor, daemon_now(n));
	node_send(n, &(struct agent_msg){ .type = AGENT_PONG, .u.pong = { k, length / US_PER_MS } });
	/* The lease stands before the first order in the same stream. */
	if (n->state == NODE_SORTING)
		node_up(n);
	return 0;
}

static void
on_started(struct dnode *n, uint64_t token)
{
	struct inc *inc = inc_find(n->d, token);
	struct child_view view;

	if (inc == NULL || inc->state != INC_SENT)
		return;
	inc->state = INC_LIVE;
	rec_started(n->d, inc);
	if (view_of(n, inc, &view) && view.token == token && view.spec->ready == READY_EXEC)
		tell_started(n, inc);
}

static void
on_ready(struct dnode *n, uint64_t token, bool ignore)
{
	struct inc *inc = inc_find(n->d, token);

	if (inc == NULL || inc->state != INC_LIVE || inc->orphan)
		return;
	daemon_event(n->d, &(struct tree_event){ .type = ignore ? TREE_IGNORED : TREE_STARTED, .token = token,
			       .node = n->index });
}

static void
on_start_failed(struct dnode *n, const struct agent_msg *m)
{
	struct inc *inc = inc_find(n->d, m->u.start_failed.token);

	if (inc == NULL || (inc->state != INC_SENT && inc->state != INC_LIVE))
		return;
	inc->failed = inc->exit_sent = true;
	inc->reason = (struct exit_reason){ .kind = REASON_START_ERROR, .number = m->u.start_failed.error,
		.step = (enum start_step)m->u.start_failed.step };
	inc->state = INC_ENDED;
	daemon_bury(n->d, inc);
}

static void
on_exited(struct dnode *n, const struct agent_msg *m)
{
	struct daemon *d = n->d;
	struct inc *inc = inc_find(d, m->u.exited.token);

	if (inc == NULL) {
		node_send(n, &(struct agent_msg){ .type = AGENT_EXIT_ACK, .u.exit_ack = { m->u.exited.token } });
		return;
	}
	if (inc->state == INC_BURIED) {
		/* Told before: by START_FAILED (not ready in time), before an attach, or given up with its node. */
		if (inc->unseen)
			inc->lost = false;
		inc->exit_sent = inc->unseen = false;
		inc_settle(d, inc);
		return;
	}
	/* Given up with its node, and not acted on yet: how it ended is known now. */
	inc->lost = inc->unseen = false;
	inc->reason = (struct exit_reason){ .kind = REASON_NONE };
	inc->status = m->u.exited.status;
	inc->state = INC_ENDED;
	n->has_ended = true;
}

static int
on_message(struct dnode *n, const struct agent_msg *m)
{
	if (n->state == NODE_GREETING && m->type != AGENT_WELCOME && m->type != AGENT_REFUSE)
		return -1;
	if (m->type == AGENT_WELCOME)
		return on_welcome(n);
	if (m->type == AGENT_REFUSE)
		return on_refuse(n, m);
	if (m->type == AGENT_PING)
		return on_ping(n, m->u.ping.k);
	if (m->type == AGENT_CHILD)
		on_child(n, m);
	else if (m->type == AGENT_READY_FOR_ORDERS)
		sort_incarnations(n);
	else if (m->type == AGENT_STARTED)
		on_started(n, m->u.started.token);
	else if (m->type == AGENT_READY)
		on_ready(n, m->u.ready.token, m->u.ready.ignore);
	else if (m->type == AGENT_START_FAILED)
		on_start_failed(n, m);
	else if (m->type == AGENT_EXITED)
		on_exited(n, m);
	else
		return -1;
	return 0;
}

void
node_readable(struct dnode *n, struct conn *c)
{
	struct buf *in = &c->to_daemon.in;
	struct err err = ERR_INIT;
	struct agent_msg m;
	size_t at = 0, used;
	int rc = 1;

	while (n->conn == c && (rc = agent_msg_decode(in->data + at, in->len - at, &m, &used, &err)) == 1) {
		at += used;
		rc = on_message(n, &m);
		if (rc == -1 && m.type != AGENT_REFUSE)
			sim_fail(n->d->w, "codec", "%s from node %s, which is not expected", agent_msg_name(m.type),
			    node_name(n->index));
		agent_msg_release(&m);
		if (rc == -1)
			break;
	}
	if (n->conn != c)
		return;
	buf_drop(in, at);
	if (rc == -1)
		lose(n, "refused");
	else if (c->to_daemon.eof)
		lose(n, "connection closed");
	if (n->has_ended && n->d->begun && n->state == NODE_UP) {
		/* S21: those that are found together in the order of their starts. */
		n->has_ended = false;
		each(n, is_ended, bury);
	}
	daemon_pump(n->d);
}

void
node_init(struct daemon *d, struct dnode *n, uint32_t index)
{
	const struct clock *clock = &d->w->hosts[0].clock;

	n->d = d;
	n->orders = sim_alloc(d->w, sizeof(struct ring));
	n->index = index;
	timer_init(&n->retry, &d->actor, clock, retry, n);
	timer_init(&n->silence, &d->actor, clock, silence, n);
	timer_init(&n->safe, &d->actor, clock, give_up, n);
}

void
node_begin(struct dnode *n, int64_t largest_us)
{
	lease_grantor_init(&n->grantor, daemon_now(n), host_of(n)->lease_us, largest_us);
	timer_set(n->d->w, &n->safe, n->grantor.until);
	node_connect(n);
}

void
node_release(struct dnode *n)
{
	if (n->conn != NULL)
		conn_close_daemon(n->d->w, n->conn);
	n->conn = NULL;
	ring_release(n->orders);
}
