/*
 * A node: a host whose agent we are attached to, or try to be. What differs
 * between a host reached by a Unix socket and one reached over ssh is in struct
 * node_ops; everything else is one path (architecture: attach again).
 *
 * Calling sequence: node_init(), node_connect() (again and again by its own
 * timer until it is up), node_order_*() at any time: orders wait until their
 * record is appended and the node is up, and keep their order.
 */
#ifndef TRAPEXIT_DAEMON_NODE_H
#define TRAPEXIT_DAEMON_NODE_H

#include "daemon/daemon.h"
#include "wire/agent_msg.h"

struct node_ops {
	const char *name;
	/* At the start: can there ever be a connection? */
	int (*check)(struct node *node, struct err *err);
	/* A connected, non-blocking descriptor; -1 with err: not now (EAGAIN: an agent is being started). */
	int (*connect)(struct node *node, struct err *err);
	/* The agent does not answer: make an end of it. */
	void (*kill)(struct node *node);
};

extern const struct node_ops node_local;

enum node_state {
	NODE_DOWN,	/* not connected; a timer tries again */
	NODE_GREETING,	/* hello sent, no welcome yet */
	NODE_SORTING,	/* welcome received, the list of children is coming */
	NODE_UP,
};

/* An order that waits for its record to be appended, or for the node. */
struct order {
	uint64_t seq; /* vital record that must be appended first; 0: none */
	uint64_t token;
	enum { ORDER_START, ORDER_SIGNAL, ORDER_TELL } type;
	int signal;
	bool group;
	enum start_type start_type;
};

struct node {
	struct daemon *d;
	const struct node_ops *ops;
	const struct node_conf *conf; /* borrowed from the configuration */
	char *name;		      /* owned */
	uint32_t index;
	enum node_state state;
	int fd;
	uint32_t attach; /* grows with each connection */
	int64_t lease_us;
	mono_t last_ping;    /* r_k: when the last ping that we answered came */
	mono_t connected_at;
	uint32_t agent_pid, guard_pid;
	uint32_t version;		   /* of the protocol, as chosen; 0: not attached since we began */
	uint32_t version_min, version_max; /* what the agent speaks */
	char build[32];			   /* of the agent */
	int64_t round_trip_us;		   /* as its last ping told; 0: not known */
	uint32_t load1;			   /* x 100, as its last ping told; of version 3 */
	int64_t since_ms;		   /* of the state: up or not */
	char boot_id[40], machine_id[40];
	char error[256];
	unsigned tries;
	bool sent_goodbye;

	struct buf in;
	size_t in_start;
	struct buf outq; /* frames to send */
	size_t out_start;
	struct event *ev_read, *ev_write, *ev_retry, *ev_silence;

	struct ring orders; /* of struct order */
};

static inline struct node *
node_at(const struct daemon *d, uint32_t number)
{
	return &d->nodes[number];
}

int node_init(struct daemon *d, struct node *node, uint32_t index, const struct node_conf *conf, struct err *err);
void node_release(struct node *node);
void node_connect(struct node *node);
void node_order(struct node *node, const struct order *o);
/* The next ping is expected within most of a lease; else the agent is killed. */
void node_expect_ping(struct node *node);
/* Send the orders whose records are appended. */
void node_flush_orders(struct node *node);
/* Queue one message; the connection must be at least greeting. */
void node_send(struct node *node, const struct agent_msg *m);
/* Say goodbye: leave (the agent ends) or stay (a daemon comes back). */
void node_goodbye(struct node *node, bool leave);
/* Say that a daemon comes back, and let go for good; before, what is still to be said goes out. */
void node_quiet(struct node *node);
const char *node_state_name(enum node_state s);

/* node_events.c: what an agent says. -1 with err: drop the connection. */
int node_message(struct node *node, const struct agent_msg *m, struct err *err);

#endif
