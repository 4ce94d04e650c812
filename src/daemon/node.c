#include "config.h"

#include "daemon/node.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/node_flow.h"
#include "daemon/ties.h"

#define READ_SIZE (1u << 20)
/* Orders are turned into messages only as fast as the agent takes them. */
#define OUT_QUEUE_MAX (256u << 10)
/* Tries to connect: at once, then 5 ms doubling to 1 s. */
#define RETRY_FIRST_US INT64_C(5000)
#define RETRY_MAX_US INT64_C(1000000)
/* A farewell is waited for so long. */
#define FAREWELL_US INT64_C(1000000)
/* In a turn of the loop one agent is listened to for so long; then others are. */
#define FRAMES_AT_ONCE 4096
/* What an agent that does not read lets pile up here. */
#define OUT_MOST (128u << 20)

const char *
node_state_name(enum node_state s)
{
	switch (s) {
	case NODE_DOWN:
		return "down";
	case NODE_CONNECTING:
	case NODE_GREETING:
	case NODE_SORTING:
		return "attaching";
	case NODE_UP:
		return "up";
	}
	return "unknown";
}

static struct timeval
tv_from_us(int64_t us)
{
	return (struct timeval){ .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };
}

/* lost: a connection that stood; else it failed once more. */
static void
retry_later(struct node *node, bool lost)
{
	int64_t us = RETRY_FIRST_US << (node->tries < 8 ? node->tries : 8);
	struct timeval tv;

	if (node->ops->delay_us != NULL)
		us = node->ops->delay_us(lost ? 0 : node->tries + 1);
	else if (us > RETRY_MAX_US)
		us = RETRY_MAX_US;
	tv = tv_from_us(us);
	node->tries++;
	evtimer_add(node->ev_retry, &tv);
}

/* Others connect just now. */
static void
wait_for_turn(struct node *node)
{
	struct timeval tv = tv_from_us(node->ops->turn_us(node));

	evtimer_add(node->ev_retry, &tv);
}

/* Write what is queued; what does not go now waits for the descriptor. */
static void
flush(struct node *node)
{
	ssize_t n;

	while (node->out_start < node->outq.len) {
		n = send(node->fd, node->outq.data + node->out_start, node->outq.len - node->out_start, MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN) {
			event_add(node->ev_write, NULL);
			return;
		}
		if (n == -1)
			return; /* the read side sees the end, too, and acts on it */
		node->out_start += (size_t)n;
	}
	/* A burst's memory is given back. */
	if (node->outq.cap > 2 * OUT_QUEUE_MAX)
		buf_release(&node->outq);
	buf_clear(&node->outq);
	node->out_start = 0;
	if (node->sent_goodbye && !node->spoken) {
		shutdown(node->fd, SHUT_WR);
		node->spoken = true;
	}
}

void
node_send(struct node *node, const struct agent_msg *m)
{
	struct err err = ERR_INIT;
	size_t before;

	if (node->state == NODE_DOWN || node->state == NODE_CONNECTING)
		return;
	if (node->out_start > READ_SIZE) {
		buf_drop(&node->outq, node->out_start);
		node->out_start = 0;
	}
	before = node->outq.len;
	if (agent_msg_encode(&node->outq, m, &err) == -1)
		log_error("node %s: %s: %s", node->name, agent_msg_name(m->type), err.msg);
	pace_sent(&node->pace, node->outq.len - before);
	if (node->outq.len - node->out_start > OUT_MOST)
		node->deaf = true;
	/* Sent when the loop turns: many small messages become one write. */
	event_active(node->ev_write, EV_WRITE, 0);
}

static void
write_cb(evutil_socket_t fd, short what, void *arg)
{
	struct node *node = arg;

	(void)fd;
	(void)what;
	flush(node);
	node_flush_orders(node);
	flow_go_on(node);
}

/* Whole frames of what was read: 0 if these were all, 1 if the next turn has more, -1 with err. */
static int
take_frames(struct node *node, struct err *err)
{
	struct agent_msg m;
	size_t used;
	unsigned n;
	int r;

	for (n = 0; node->fd != -1; n++) {
		if (n == FRAMES_AT_ONCE)
			return 1;
		if (node->deaf)
			return err_set(err, EPIPE, "the agent does not read what it is sent");
		r = agent_msg_decode(node->in.data + node->in_start, node->in.len - node->in_start, &m, &used, err);
		if (r <= 0)
			return r;
		r = node_message(node, &m, err);
		agent_msg_release(&m);
		if (r == -1)
			return -1;
		if (node->fd != -1)
			node->in_start += used;
	}
	return 0;
}

/* Is what comes from here on the agent's? -1: the connection is of no use. */
static int
skim(struct node *node, struct err *err)
{
	int r;

	if (node->state != NODE_CONNECTING)
		return 1;
	if ((r = node->ops->skim(node, err)) == 1) {
		node_hello(node);
		node_expect_ping(node);
	}
	return r;
}

static void
read_end(struct node *node, const char *why)
{
	if (node->ops->ended == NULL || node->sent_goodbye) {
		node_drop(node, why);
		return;
	}
	event_del(node->ev_read);
	if (!node->ops->ended(node))
		node_drop(node, why);
}

/* More of what it says; -1: there is none. */
static int
read_more(struct node *node, int fd)
{
	char *room;
	ssize_t n;

	if (node->in_start > 0) {
		buf_drop(&node->in, node->in_start);
		node->in_start = 0;
	}
	if ((room = buf_room(&node->in, READ_SIZE)) == NULL) {
		node_drop(node, "out of memory");
		return -1;
	}
	n = recv(fd, room, READ_SIZE, 0);
	if (n == -1 && (errno == EAGAIN || errno == EINTR))
		return -1;
	if (n <= 0) {
		read_end(node, n == 0 ? "connection closed" : strerror(errno));
		return -1;
	}
	node->in.len += (size_t)n;
	return 0;
}

static void
read_cb(evutil_socket_t fd, short what, void *arg)
{
	struct node *node = arg;
	struct err err = ERR_INIT;
	int r;

	(void)what;
	/* What was left for this turn goes first: nothing is read on top of it, or the buffer would fill. */
	if (!node->more && read_more(node, fd) == -1)
		return;
	node->more = false;
	if ((r = skim(node, &err)) == 1)
		r = take_frames(node, &err);
	bury_due(node->d);
	if (r == -1) {
		node_drop(node, err.msg);
		return;
	}
	node->more = r == 1;
	if (node->more && node->fd != -1)
		event_active(node->ev_read, EV_READ, 0);
	daemon_pump(node->d);
}

/* No ping for most of a lease: whoever is there cannot act any more. */
static void
silence_cb(evutil_socket_t fd, short what, void *arg)
{
	struct node *node = arg;

	(void)fd;
	(void)what;
	if (node->state == NODE_CONNECTING) {
		char words[NODE_ERROR_SIZE];

		node->ops->overdue(node, words);
		node_drop(node, words);
		return;
	}
	log_warnx("node %s: the agent (pid %u) does not answer%s", node->name, node->agent_pid,
	    node->ssh == NULL ? "; killing it" : "");
	node->ops->kill(node);
	node_drop(node, "the agent did not answer");
}

void
node_expect_ping(struct node *node)
{
	struct timeval tv = tv_from_us(node->grantor.length_us / 5 * 4);

	evtimer_add(node->ev_silence, &tv);
}

static void
retry_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	node_connect(arg);
}

struct node *
node_new(struct daemon *d, const char *name, const char *ssh)
{
	struct node *node = xcalloc(1, sizeof(*node));

	node->d = d;
	node->name = xstrdup(name);
	node->ssh = ssh != NULL ? xstrdup(ssh) : NULL;
	node->fd = -1;
	node->since_ms = wall_ms();
	node->ev_retry = evtimer_new(d->base, retry_cb, node);
	node->ev_silence = evtimer_new(d->base, silence_cb, node);
	node->index = d->n_nodes;
	d->nodes = xreallocarray(d->nodes, d->n_nodes + 1, sizeof(struct node *));
	d->nodes[d->n_nodes++] = node;
	return node;
}

int
node_configure(struct node *node, struct config *config, const struct node_conf *conf, struct err *err)
{
	static const struct node_ops *const kinds[] = { [NODE_LOCAL] = &node_local, [NODE_SSH] = &node_ssh };

	config_ref(config);
	config_unref(node->config);
	node->config = config;
	node->conf = conf;
	node->ops = kinds[conf->kind];
	node->leaving = node->done = false;
	return node->ops->check(node, err);
}

static void
free_event(struct event **ev)
{
	if (*ev != NULL)
		event_free(*ev);
	*ev = NULL;
}

static void
disconnect(struct node *node)
{
	free_event(&node->ev_read);
	free_event(&node->ev_write);
	if (node->fd != -1)
		close(node->fd);
	node->fd = -1;
	if (node->ops != NULL && node->ops->close != NULL)
		node->ops->close(node);
	buf_clear(&node->in);
	buf_clear(&node->outq);
	node->in_start = node->out_start = 0;
	node->more = node->deaf = false;
	evtimer_del(node->ev_silence);
	node->state = NODE_DOWN;
	node->spoken = node->cleaned = false;
}

void
node_free(struct node *node)
{
	disconnect(node);
	free_event(&node->ev_retry);
	free_event(&node->ev_silence);
	free_event(&node->ev_over);
	buf_release(&node->in);
	buf_release(&node->outq);
	ring_release(&node->orders);
	flow_release(node);
	config_unref(node->config);
	free(node->name);
	free(node->ssh);
	free(node);
}

/* Nobody waits for it at a start. */
static void
node_failed(struct node *node)
{
	node->failed = true;
	nodes_begin_if_known(node->d);
}

void
node_drop(struct node *node, const char *why)
{
	struct daemon *d = node->d;
	bool was_up = node->state == NODE_UP, known = strcmp(node->error, why) == 0;

	snprintf(node->error, sizeof(node->error), "%s", why);
	disconnect(node);
	if (node->sent_goodbye)
		return;
	if (was_up) {
		log_warnx("node %s: %s; attaching again", node->name, why);
		rec_node(d, node, "down", why);
		node->tries = 0;
		node->since_ms = wall_ms();
		node_lost(node);
	} else if (!known) {
		/* Tried again and again: said once. */
		log_warnx("node %s: %s", node->name, why);
	}
	node_failed(node);
	retry_later(node, was_up);
	daemon_pump(d);
}

void
node_hello(struct node *node)
{
	struct daemon *d = node->d;
	const struct options *o = d->options;
	struct agent_msg m = { .type = AGENT_HELLO };
	struct agent_hello *hello = &m.u.hello;

	hello->version_min = AGENT_PROTO_MIN;
	hello->version_max = AGENT_PROTO_MAX;
	hello->build = PACKAGE_STRING;
	hello->installation = d->installation;
	hello->node = node->name;
	hello->epoch = d->epoch;
	hello->attach = ++node->attach;
	hello->lease_ms = node->grantor.length_us / US_PER_MS;
	if (o->detach && node->conf->kind == NODE_LOCAL) {
		hello->heart = (const char *const *)o->heart.v;
		hello->n_heart = (uint32_t)o->heart.n;
	}
	node->state = NODE_GREETING;
	flow_begin(node);
	node_send(node, &m);
}

void
node_connect(struct node *node)
{
	struct err err = ERR_INIT;

	if (node->fd != -1 || !node_has_turn(node))
		return;
	/* A lease is in the journal before it is used. */
	if (node->lease_seq > node->d->vital_safe) {
		struct timeval tv = tv_from_us(RETRY_FIRST_US);

		evtimer_add(node->ev_retry, &tv);
		return;
	}
	node->fd = node->ops->connect(node, &err);
	if (node->fd == -1 && err.code == EBUSY) {
		wait_for_turn(node);
		return;
	}
	if (node->fd == -1) {
		if (err.code != EAGAIN || node->tries == 8)
			log_warnx("node %s: %s", node->name, err.msg);
		snprintf(node->error, sizeof(node->error), "%.255s", err.msg);
		if (err.code != EAGAIN)
			node_failed(node);
		retry_later(node, false);
		return;
	}
	node->ev_read = event_new(node->d->base, node->fd, EV_READ | EV_PERSIST, read_cb, node);
	node->ev_write = event_new(node->d->base, node->fd, EV_WRITE, write_cb, node);
	event_add(node->ev_read, NULL);
	node->connected_at = mono_now();
	if (node->ops->skim != NULL) {
		struct timeval tv = tv_from_us(node->ops->patience_us(node));

		node->state = NODE_CONNECTING;
		evtimer_add(node->ev_silence, &tv);
		return;
	}
	node_hello(node);
	node_expect_ping(node);
}

void
node_order(struct node *node, const struct order *o)
{
	*(struct order *)ring_push(&node->orders, sizeof(*o)) = *o;
}

static bool
names_same(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strncmp(a, b, n) == 0 && b[n] == '=';
}

static bool
is_configured(const struct launch *l, const char *assignment)
{
	size_t i;

	for (i = 0; i < l->env.n; i++)
		if (names_same(assignment, l->env.v[i]))
			return true;
	return false;
}

/* Is its own environment the children's? */
static bool
is_far(const struct node *node)
{
	return node->ssh != NULL && node->version >= 3;
}

/* What of ours a child runs is where the agent is. */
static void
push_argv(const struct node *node, const struct launch *l, struct strvec *argv)
{
	size_t i;

	for (i = 0; i < l->argv.n; i++)
		strvec_push(argv, i == 0 && node->ssh != NULL && l->scraper != NULL ? "pricescrape" : l->argv.v[i]);
}

static void
push_env(struct daemon *d, const struct incarnation *inc, const struct launch *l, const struct order *o, struct strvec *env)
{
	char start[START_TEXT_SIZE];
	extern char **environ;
	char **e;
	size_t i;

	/*
	 * The environment of the daemon, ours, and what is configured; each name once, for getenv(3) takes the first.
	 * On another host, that of its agent.
	 */
	for (e = environ; *e != NULL && !is_far(d->nodes[inc->node]); e++)
		if (strncmp(*e, "TRAPEXIT_", 9) != 0 && strncmp(*e, "NOTIFY_SOCKET=", 14) != 0 &&
		    strncmp(*e, "WATCHDOG_", 9) != 0 && strncmp(*e, "LISTEN_", 7) != 0 &&
		    !is_configured(l, *e))
			strvec_push(env, *e);
	strvec_pushf(env, "TRAPEXIT_ID=%s", inc->path);
	strvec_pushf(env, "TRAPEXIT_TOKEN=%llu", (unsigned long long)inc->token);
	strvec_pushf(env, "TRAPEXIT_NODE=%s", d->nodes[inc->node]->name);
	strvec_pushf(env, "TRAPEXIT_START=%s", start_text(d, o->start_type, o->from, start));
	strvec_pushf(env, "TRAPEXIT_AGENT=%s/%s", d->installation, d->nodes[inc->node]->name);
	/* So that it finds us with trapexit(1). */
	if (d->nodes[inc->node]->ssh == NULL)
		strvec_pushf(env, "TRAPEXIT_CONFIG=%s", d->config->path);
	for (i = 0; i < l->env.n; i++)
		strvec_push(env, l->env.v[i]);
}

static void
send_start(struct node *node, struct incarnation *inc, const struct order *o)
{
	struct agent_msg m = { .type = AGENT_START };
	struct agent_start *s = &m.u.start;
	struct strvec env = STRVEC_INIT, argv = STRVEC_INIT;
	const struct launch *l;
	struct child_view view;

	if (inc->handle == CHILD_NONE || !tree_view(node->d->tree, inc->handle, &view))
		return;
	/* Such an agent knows no control descriptors. */
	if (inc->control && node->version < 2) {
		log_warnx("child %s: gets no control descriptor: the agent of node %s is too old", inc->path, node->name);
		inc->control = false;
	}
	l = config_launch(view.spec);
	push_env(node->d, inc, l, o, &env);
	s->token = inc->token;
	s->child = inc->path;
	push_argv(node, l, &argv);
	s->argv = (const char *const *)argv.v;
	s->n_argv = (uint32_t)argv.n;
	s->env = (const char *const *)env.v;
	s->n_env = (uint32_t)env.n;
	s->cwd = l->cwd != NULL ? l->cwd : "";
	s->user = l->user != NULL ? l->user : "";
	s->group = l->group != NULL ? l->group : "";
	s->umask = l->umask;
	s->nice = l->nice;
	s->n_rlimits = l->n_rlimits;
	memcpy(s->rlimits, l->rlimits, sizeof(s->rlimits));
	s->in = l->in;
	s->out = l->out;
	s->err = l->err;
	s->ready = view.spec->ready;
	s->ready_timeout_ms = view.spec->start_timeout_us / US_PER_MS;
	s->control = inc->control;
	s->own_env = is_far(node);
	node_send(node, &m);
	strvec_release(&env);
	strvec_release(&argv);
	flow_ordered(node);
	if (inc->job != NULL)
		flow_feed(node, inc, 0);
	inc->state = INC_SENT;
}

/*
 * Its record is written. Where another host is concerned it is fsynced, and so is what the predecessor said there:
 * a power cut must not make us forget what runs on a host that lives on, and no successor speaks before its
 * predecessor's words are safe.
 */
static bool
is_due(const struct node *node, const struct order *o)
{
	struct incarnation *before;

	if (!o->safe)
		return o->seq <= node->d->vital_appended;
	if (o->seq > node->d->vital_safe)
		return false;
	before = o->before != 0 ? inc_find(node->d, o->before) : NULL;
	return before == NULL || output_is_safe(node->d, before, o->before_out);
}

void
node_flush_orders(struct node *node)
{
	struct incarnation *inc;
	const struct order *o;

	if (node->state != NODE_UP)
		return;
	for (; node->orders.head < node->orders.tail; node->orders.head++) {
		o = ring_at(&node->orders, sizeof(*o), node->orders.head);
		if (!is_due(node, o) || node->outq.len - node->out_start > OUT_QUEUE_MAX || !flow_has_room(node))
			return;
		if ((inc = inc_find(node->d, o->token)) == NULL)
			continue;
		switch (o->type) {
		case ORDER_START:
			if (inc->state == INC_QUEUED)
				send_start(node, inc, o);
			break;
		case ORDER_TELL:
			ties_send(node, inc);
			break;
		case ORDER_SIGNAL:
			inc->signal_waits = false;
			node_send(node, &(struct agent_msg){ .type = AGENT_SIGNAL,
					    .u.signal = { o->token, o->signal, o->group } });
			break;
		}
	}
}

/* A step of the farewell; true: it has closed, or there is nothing to wait for. */
static bool
speak_out(struct node *node)
{
	char waste[4096];
	ssize_t n;

	if (node->state == NODE_DOWN || node->state == NODE_CONNECTING)
		return true;
	flush(node);
	/* What it says until it has read our end it keeps for who comes. */
	while ((n = recv(node->fd, waste, sizeof(waste), MSG_DONTWAIT)) > 0)
		;
	return n == 0 || (errno != EAGAIN && errno != EINTR);
}

/* All have closed; else pfds holds those that have not. */
static bool
speak_out_all(struct daemon *d, struct pollfd *pfds, nfds_t *n)
{
	uint32_t i;

	*n = 0;
	for (i = 0; i < d->n_nodes; i++) {
		struct node *node = d->nodes[i];

		if (speak_out(node))
			continue;
		pfds[(*n)++] = (struct pollfd){ .fd = node->fd,
			.events = (short)(node->spoken ? POLLIN : POLLIN | POLLOUT) };
	}
	return *n == 0;
}

void
node_goodbye(struct node *node, bool leave)
{
	if (node->state == NODE_DOWN || node->state == NODE_CONNECTING)
		return;
	node_send(node, &(struct agent_msg){ .type = AGENT_GOODBYE, .u.goodbye = { leave } });
	node->sent_goodbye = true;
}

/*
 * What is queued goes out, and the agents take it. If we just closed, one might find out by writing, and drop the
 * connection with our last words unread: it would take us for dead, and a heart would kill us.
 */
void
nodes_goodbye(struct daemon *d, bool leave)
{
	struct pollfd *pfds = xcalloc(d->n_nodes, sizeof(*pfds));
	mono_t until = mono_add_us(mono_now(), FAREWELL_US);
	uint32_t i;
	nfds_t n;

	for (i = 0; i < d->n_nodes; i++)
		node_goodbye(d->nodes[i], leave);
	while (mono_before(mono_now(), until) && !speak_out_all(d, pfds, &n))
		poll(pfds, n, 50);
	free(pfds);
}

void
node_quiet(struct node *node)
{
	disconnect(node);
	evtimer_del(node->ev_retry);
	if (node->ev_over != NULL)
		evtimer_del(node->ev_over);
}
