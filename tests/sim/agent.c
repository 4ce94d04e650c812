/*
 * An agent as src/agent is one: attach, lease, leaving. Its children are in
 * agent_start.c, its guard in host.c.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "sim.h"

/* How long the daemon has for its acknowledgements when the agent leaves. */
#define LEAVE_US 10000000
#define SWEEP_US 5000
#define EXPIRE_LATE_US 80000

enum salt { SALT_EXPIRE = 500 };

static void expire(struct world *w, void *arg, uint64_t unused);

static void
poke_guard(struct world *w, struct agent *a)
{
	sim_at(w, w->now + 20, &a->guard, guard_look, a, 0);
}

static mono_t
host_now(const struct world *w, const struct agent *a)
{
	return clock_now(w, &a->host->clock);
}

void
agent_say(struct world *w, struct agent *a, const struct agent_msg *m)
{
	if (a->conn != NULL)
		conn_send(w, &a->conn->to_daemon, m);
}

/* The lease as src/agent/lease.c carries it out. */

bool
agent_lease_is_valid(const struct world *w, const struct agent *a)
{
	return a->phase == AGENT_UP && lease_holder_permits(&a->lease, host_now(w, a));
}

static void
ping(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;
	uint64_t k = lease_holder_ping(&a->lease, host_now(w, a));

	(void)unused;
	check_ping(w, a, k);
	agent_say(w, a, &(struct agent_msg){ .type = AGENT_PING, .u.ping = { .k = k } });
	timer_set(w, &a->ping, lease_holder_due(&a->lease));
}

static void
on_pong(struct world *w, struct agent *a, uint64_t k, int64_t length)
{
	bool granted;

	check_grant(w, a, k, length);
	granted = lease_holder_pong(&a->lease, host_now(w, a), k, length);
	timer_set(w, &a->ping, lease_holder_due(&a->lease));
	if (!granted)
		return;
	/* The guard sleeps until the deadline that it knows, or for ever if that one was handled. */
	if (mono_before(a->lease.deadline, a->deadline) || a->acting.us >= a->deadline.us)
		poke_guard(w, a);
	a->deadline = a->lease.deadline;
	timer_set(w, &a->expiry, a->deadline);
}

void
agent_kill_children(struct world *w, struct agent *a)
{
	struct rec *r, *next;

	for (r = TAILQ_FIRST(&a->recs); r != NULL; r = next) {
		next = TAILQ_NEXT(r, entry);
		agent_signal(w, a, r, SIGKILL, true);
	}
}

/* The host is busy: the loop comes to it a little later, within the guard's grace. */
static void
expiry_due(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	sim_at(w, w->now + sim_between(w, SALT_EXPIRE, (uint64_t)a->deadline.us, 10, EXPIRE_LATE_US), &a->actor, expire, a, 0);
}

static void
expire(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	if (!lease_holder_is_over(&a->lease, host_now(w, a))) {
		if (mono_before(host_now(w, a), a->lease.deadline))
			timer_set(w, &a->expiry, a->lease.deadline);
		return;
	}
	sim_tell(w, "host %u: agent %u: the lease is over, %u children end", a->host->index, a->id, a->live);
	agent_kill_children(w, a);
	a->acting = a->lease.ended;
	agent_live_changed(w, a, 0);
}

static void
leave_if_done(struct world *w, struct agent *a)
{
	if (a->phase != AGENT_LEAVES || a->live > 0)
		return;
	if (a->conn == NULL || TAILQ_EMPTY(&a->recs))
		timer_set(w, &a->leave, host_now(w, a));
}

static void
idle_check(struct world *w, struct agent *a)
{
	bool idle = a->conn == NULL && a->live == 0 && a->phase == AGENT_UP;

	timer_set(w, &a->idle, idle ? mono_add_us(host_now(w, a), a->lease.length_us) : MONO_NEVER);
}

void
agent_live_changed(struct world *w, struct agent *a, int by)
{
	a->live += (uint32_t)by;
	if (a->live > 0)
		return;
	a->handled = a->acting;
	idle_check(w, a);
	leave_if_done(w, a);
}

/* Beginning and leaving. */

static void
leave_time(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	if (a->live > 0) {
		timer_set(w, &a->leave, mono_add_us(host_now(w, a), LEAVE_US));
		return;
	}
	sim_tell(w, "host %u: agent %u leaves", a->host->index, a->id);
	agent_die(w, a);
}

void
agent_leave(struct world *w, struct agent *a)
{
	if (a->phase != AGENT_UP)
		return;
	a->phase = AGENT_LEAVES;
	agent_forget_queued(w, a);
	agent_kill_children(w, a);
	timer_set(w, &a->leave, mono_add_us(host_now(w, a), LEAVE_US));
	leave_if_done(w, a);
}

static void
idle_over(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	if (a->conn == NULL && a->live == 0)
		agent_leave(w, a);
}

void
agent_guard_lost(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	sim_tell(w, "host %u: agent %u: the guard has died", a->host->index, a->id);
	agent_leave(w, a);
}

/* Its memory is gone. */
void
agent_forget(struct world *w, struct agent *a)
{
	struct rec *r;

	while ((r = TAILQ_FIRST(&a->recs)) != NULL)
		agent_drop(w, a, r);
}

void
agent_die(struct world *w, struct agent *a)
{
	struct conn *c;

	if (a->phase == AGENT_GONE)
		return;
	a->phase = AGENT_GONE;
	actor_kill(&a->actor);
	a->conn = NULL;
	for (c = a->host->conns; c != NULL; c = c->next) {
		if (c->agent == a)
			conn_close_agent(w, c);
	}
	agent_forget(w, a);
	if (!a->guard_gone)
		sim_at(w, w->now + 50, &a->guard, guard_hears_end, a, 0);
	else
		host_agent_gone(w, a);
}

struct agent *
agent_begin(struct world *w, struct host *h)
{
	struct agent *a = sim_alloc(w, sizeof(*a));

	actor_init(w, &a->actor);
	actor_init(w, &a->guard);
	TAILQ_INIT(&a->recs);
	a->host = h;
	a->id = ++h->n_agents;
	a->phase = AGENT_WAITS;
	a->acting = a->handled = a->truth = (mono_t){ -1 };
	timer_init(&a->expiry, &a->actor, &h->clock, expiry_due, a);
	timer_init(&a->ping, &a->actor, &h->clock, ping, a);
	timer_init(&a->idle, &a->actor, &h->clock, idle_over, a);
	timer_init(&a->leave, &a->actor, &h->clock, leave_time, a);
	timer_init(&a->guard_timer, &a->guard, &h->clock, guard_look, a);
	sim_tell(w, "host %u: agent %u begins", h->index, a->id);
	return a;
}

static void
own(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	agent_own(w, a);
}

void
agent_own(struct world *w, struct agent *a)
{
	if (!host_sweep(w, a->host)) {
		sim_at(w, w->now + SWEEP_US, &a->actor, own, a, 0);
		return;
	}
	a->host->clean = false;
	a->phase = AGENT_UP;
	lease_holder_init(&a->lease, host_now(w, a), a->host->lease_us);
	a->deadline = a->lease.deadline;
	timer_set(w, &a->expiry, a->deadline);
	guard_look(w, a, 0);
	idle_check(w, a);
}

/* What the daemon says (src/agent/order.c). */

static void
refuse(struct world *w, struct agent *a, struct conn *c)
{
	struct agent_msg m = { .type = AGENT_REFUSE };

	m.u.refuse.reason = "a later connection has been here";
	m.u.refuse.epoch = a->epoch;
	m.u.refuse.attach = a->attach;
	sim_tell(w, "host %u: agent %u refuses", a->host->index, a->id);
	conn_send(w, &c->to_daemon, &m);
	conn_close_agent(w, c);
}

static bool
is_larger(const struct agent *a, const struct agent_hello *h)
{
	return h->epoch > a->epoch || (h->epoch == a->epoch && h->attach > a->attach);
}

static void
tell_all(struct world *w, struct agent *a)
{
	struct agent_msg m = { .type = AGENT_WELCOME };
	char boot[32];
	struct rec *r;

	m.u.welcome.version = AGENT_PROTO_MAX;
	m.u.welcome.version_min = AGENT_PROTO_MIN;
	m.u.welcome.version_max = AGENT_PROTO_MAX;
	m.u.welcome.build = "sim";
	m.u.welcome.boot_id = boot;
	m.u.welcome.machine_id = "sim";
	snprintf(boot, sizeof(boot), "%u-%u", a->host->index, a->host->boots);
	m.u.welcome.pid = a->id;
	m.u.welcome.guard_pid = a->id;
	m.u.welcome.epoch = a->epoch;
	m.u.welcome.attach = a->attach;
	TAILQ_FOREACH(r, &a->recs, entry)
		m.u.welcome.n_children++;
	agent_say(w, a, &m);
	TAILQ_FOREACH(r, &a->recs, entry)
		agent_tell_child(w, a, r);
	TAILQ_FOREACH(r, &a->recs, entry) {
		if (r->state == REC_ENDED)
			agent_tell_exit(w, a, r);
	}
	agent_say(w, a, &(struct agent_msg){ .type = AGENT_READY_FOR_ORDERS });
}

void
agent_conn_lost(struct world *w, struct conn *c)
{
	struct agent *a = c->agent;
	bool attached = a->conn == c;

	conn_close_agent(w, c);
	if (!attached)
		return;
	a->conn = NULL;
	agent_forget_queued(w, a);
	lease_holder_detached(&a->lease);
	timer_set(w, &a->ping, lease_holder_due(&a->lease));
	idle_check(w, a);
	leave_if_done(w, a);
}

static int
on_hello(struct world *w, struct agent *a, struct conn *c, const struct agent_hello *h)
{
	if (c->attached)
		return -1;
	if (!is_larger(a, h)) {
		refuse(w, a, c);
		return 0;
	}
	if (a->conn != NULL)
		agent_conn_lost(w, a->conn);
	check_attach(w, a, h->epoch, h->attach);
	a->epoch = h->epoch;
	a->attach = h->attach;
	a->conn = c;
	c->attached = true;
	w->counts.attaches++;
	sim_tell(w, "host %u: agent %u: attached, epoch %u, attach %u", a->host->index, a->id, h->epoch, h->attach);
	tell_all(w, a);
	memset(a->truth_pings, 0, sizeof(a->truth_pings));
	lease_holder_attached(&a->lease, host_now(w, a), h->lease_ms > 0 ? h->lease_ms * US_PER_MS : a->host->lease_us);
	timer_set(w, &a->idle, MONO_NEVER);
	ping(w, a, 0);
	return 0;
}

static int
handle(struct world *w, struct agent *a, struct conn *c, const struct agent_msg *m)
{
	struct rec *r;

	if (m->type == AGENT_HELLO)
		return on_hello(w, a, c, &m->u.hello);
	if (!c->attached)
		return -1;
	if (m->type == AGENT_PONG) {
		on_pong(w, a, m->u.pong.k, m->u.pong.lease_ms * US_PER_MS);
	} else if (m->type == AGENT_START) {
		agent_order_start(w, a, &m->u.start);
	} else if (m->type == AGENT_GOODBYE) {
		if (m->u.goodbye.leave)
			agent_leave(w, a);
	} else if (m->type == AGENT_SIGNAL) {
		if ((r = agent_find(w, a, m->u.signal.token)) != NULL)
			agent_signal(w, a, r, m->u.signal.signal, m->u.signal.group);
	} else if (m->type == AGENT_EXIT_ACK) {
		if ((r = agent_find(w, a, m->u.exit_ack.token)) != NULL && r->state == REC_ENDED)
			agent_drop(w, a, r);
		leave_if_done(w, a);
	} else if (m->type != AGENT_ACK && m->type != AGENT_STDIN) {
		return -1;
	}
	return 0;
}

void
agent_readable(struct world *w, struct conn *c)
{
	struct buf *in = &c->to_agent.in;
	struct err err = ERR_INIT;
	struct agent_msg m;
	size_t at = 0, used;
	int rc = 1;

	while (c->agent != NULL && (rc = agent_msg_decode(in->data + at, in->len - at, &m, &used, &err)) == 1) {
		at += used;
		rc = handle(w, c->agent, c, &m);
		agent_msg_release(&m);
		if (rc == -1)
			break;
	}
	if (rc == -1 && c->agent != NULL)
		sim_fail(w, "codec", "host %u: the agent cannot make sense of a message: %s", c->host->index, err.msg);
	if (c->agent == NULL)
		return;
	buf_drop(in, at);
	if (c->to_agent.eof)
		agent_conn_lost(w, c);
}
