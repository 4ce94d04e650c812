/* What the daemon says. */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"

static void
refuse(struct agent *a, struct conn *c, const char *reason)
{
	struct agent_msg m = { .type = AGENT_REFUSE };

	log_info("connection of pid %d refused: %s", (int)c->peer, reason);
	m.u.refuse.reason = reason;
	m.u.refuse.epoch = a->epoch;
	m.u.refuse.attach = a->attach;
	m.u.refuse.version_min = AGENT_PROTO_MIN;
	m.u.refuse.version_max = AGENT_PROTO_MAX;
	c->closing = true;
	conn_send(c, &m);
}

static bool
is_larger(const struct agent *a, const struct agent_hello *h)
{
	return h->epoch > a->epoch || (h->epoch == a->epoch && h->attach > a->attach);
}

static void
tell_child(struct conn *c, struct child *k)
{
	struct agent_msg m = { .type = AGENT_CHILD };

	m.u.child.token = k->token;
	m.u.child.child = k->name;
	m.u.child.pid = k->state == CHILD_ENDED ? 0 : (uint32_t)k->pid;
	m.u.child.age_ms = (mono_now().us - k->started_us) / US_PER_MS;
	m.u.child.ready = k->ready;
	m.u.child.out_acked = k->out.acked;
	m.u.child.out_end = k->out.end;
	if (k->err != NULL) {
		m.u.child.err_acked = k->err->acked;
		m.u.child.err_end = k->err->end;
	}
	m.u.child.in_offset = k->in != NULL ? input_offset(k->in) : 0;
	m.u.child.control_n = k->control != NULL ? control_accepted(k->control) : 0;
	conn_send(c, &m);
}

/* WELCOME, what there is, what has ended, and then orders are taken. */
static void
tell_all(struct agent *a, struct conn *c)
{
	struct agent_msg m = { .type = AGENT_WELCOME };
	struct child *k;

	m.u.welcome.version = c->version;
	m.u.welcome.version_min = AGENT_PROTO_MIN;
	m.u.welcome.version_max = AGENT_PROTO_MAX;
	m.u.welcome.build = PACKAGE_VERSION;
	m.u.welcome.boot_id = a->boot_id;
	m.u.welcome.machine_id = a->machine_id;
	m.u.welcome.pid = (uint32_t)getpid();
	m.u.welcome.guard_pid = (uint32_t)a->guard_pid;
	m.u.welcome.epoch = a->epoch;
	m.u.welcome.attach = a->attach;
	TAILQ_FOREACH(k, &a->children, entry)
		m.u.welcome.n_children++;
	conn_send(c, &m);
	TAILQ_FOREACH(k, &a->children, entry)
		tell_child(c, k);
	TAILQ_FOREACH(k, &a->children, entry)
		if (k->state == CHILD_ENDED)
			child_tell_exit(a, k);
	m = (struct agent_msg){ .type = AGENT_READY_FOR_ORDERS };
	conn_send(c, &m);
	TAILQ_FOREACH(k, &a->children, entry) {
		stream_rewind(a, &k->out);
		if (k->err != NULL)
			stream_rewind(a, k->err);
	}
}

static void
refuse_versions(struct agent *a, struct conn *c, const struct agent_hello *h)
{
	char ours[AGENT_PROTO_TEXT_SIZE], theirs[AGENT_PROTO_TEXT_SIZE], reason[160];

	agent_proto_text(AGENT_PROTO_MIN, AGENT_PROTO_MAX, ours);
	agent_proto_text(h->version_min, h->version_max, theirs);
	snprintf(reason, sizeof(reason), "it speaks agent protocol %s, this agent %s", theirs, ours);
	refuse(a, c, reason);
}

static int
hello(struct agent *a, struct conn *c, const struct agent_hello *h)
{
	if (c->attached || h->lease_ms < 0 || h->lease_ms > LEASE_MAX_US / US_PER_MS)
		return -1;
	event_del(c->patience);
	c->version = agent_proto_choose(AGENT_PROTO_MIN, AGENT_PROTO_MAX, h->version_min, h->version_max);
	if (c->version == 0)
		refuse_versions(a, c, h);
	else if (strcmp(h->installation, a->opt->installation) != 0)
		refuse(a, c, "another installation");
	else if (strcmp(h->node, a->opt->node) != 0)
		refuse(a, c, "another node");
	else if (!is_larger(a, h))
		refuse(a, c, "a later connection has been here");
	if (c->closing)
		return 0;
	if (a->conn != NULL)
		conn_close(a->conn, "replaced by a later one");
	a->epoch = h->epoch;
	a->attach = h->attach;
	a->conn = c;
	c->attached = true;
	log_info("attached: daemon %d, epoch %u, attach %u, build %s", (int)c->peer, h->epoch, h->attach, h->build);
	tell_all(a, c);
	heart_attached(a, h, c->peer);
	lease_attached(a, h->lease_ms > 0 ? h->lease_ms * US_PER_MS : a->opt->hold_us);
	return 0;
}

static struct stream *
stream_of(struct child *c, uint32_t id)
{
	if (id == STREAM_OUT)
		return &c->out;
	return id == STREAM_ERR ? c->err : NULL;
}

static void
goodbye(struct agent *a, bool leave)
{
	log_info("the daemon takes leave%s", leave ? " for good" : " and comes back");
	if (leave)
		agent_leave(a);
	else
		a->heart.farewell = true;
}

static void
child_order(struct agent *a, struct agent_msg *m)
{
	/* All of these begin with the token. */
	struct child *c = child_by_token(a, m->u.signal.token);
	struct stream *s;

	/* Of one that is gone already; the message was on its way. */
	if (c == NULL)
		return;
	if (m->type == AGENT_SIGNAL) {
		child_signal(a, c, m->u.signal.signal, m->u.signal.group);
	} else if (m->type == AGENT_STDIN) {
		input_add(a, c, m->u.in.offset, m->u.in.bytes, m->u.in.eof);
	} else if (m->type == AGENT_CONTROL) {
		control_add(a, c, m->u.control.n, m->u.control.line);
	} else if (m->type == AGENT_ACK) {
		if ((s = stream_of(c, m->u.ack.stream)) != NULL)
			stream_ack(a, s, m->u.ack.acked, m->u.ack.limit);
	} else if (c->state == CHILD_ENDED) {
		c->exit_acked = true;
		child_drop_if_done(a, c);
	}
}

int
order_handle(struct agent *a, struct conn *c, struct agent_msg *m)
{
	if (m->type == AGENT_HELLO)
		return hello(a, c, &m->u.hello);
	if (!c->attached)
		return -1;
	heart_heard(a);
	switch (m->type) {
	case AGENT_PONG:
		if (m->u.pong.lease_ms <= 0 || m->u.pong.lease_ms > LEASE_MAX_US / US_PER_MS)
			return -1;
		lease_pong(a, m->u.pong.k, m->u.pong.lease_ms * US_PER_MS);
		return 0;
	case AGENT_START:
		launch_order(a, m);
		return 0;
	case AGENT_SIGNAL:
	case AGENT_STDIN:
	case AGENT_CONTROL:
	case AGENT_ACK:
	case AGENT_EXIT_ACK:
		child_order(a, m);
		return 0;
	case AGENT_GOODBYE:
		goodbye(a, m->u.goodbye.leave);
		return 0;
	case AGENT_HELLO:
	case AGENT_WELCOME:
	case AGENT_REFUSE:
	case AGENT_CHILD:
	case AGENT_READY_FOR_ORDERS:
	case AGENT_PING:
	case AGENT_STARTED:
	case AGENT_START_FAILED:
	case AGENT_READY:
	case AGENT_OUTPUT:
	case AGENT_EXITED:
	case AGENT_NOTE:
	case AGENT_CONTROL_ACK:
	case AGENT_CLEAN:
		return -1;
	}
	/* A message of a later version: passed over. */
	return 0;
}
