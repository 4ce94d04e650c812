/*
 * A node: a host whose agent we are attached to, or try to be. What differs
 * between a host reached by a Unix socket and one reached over ssh is in struct
 * node_ops; everything else is one path (architecture: attach again).
 *
 * Calling sequence: node_new(), node_begin() with what the journal says of its
 * lease, node_connect() (again and again by its own timer until it is up),
 * node_order_*() at any time: orders wait until their record is written and the
 * node is up, and keep their order.
 *
 * A node is who it is by its name and where it is reached (`ssh`). It keeps its
 * number, by which the tree knows it, for as long as the daemon runs; one that is
 * no longer configured is `leaving` until nothing of it is left, and `done` then.
 *
 *	node.c		connection, orders
 *	node_events.c	what an agent says
 *	node_lease.c	a node that is out of reach: until when something may live there
 *	node_set.c	which nodes there are
 */
#ifndef TRAPEXIT_DAEMON_NODE_H
#define TRAPEXIT_DAEMON_NODE_H

#include "conf/plan.h"
#include "core/lease.h"
#include "core/pace.h"
#include "daemon/daemon.h"
#include "wire/agent_msg.h"

#define NODE_ERROR_SIZE 256

struct ssh_link;

struct node_ops {
	const char *name;
	/* At the start: can there ever be a connection? */
	int (*check)(struct node *node, struct err *err);
	/* A connected, non-blocking descriptor; -1 with err: not now (EAGAIN: an agent is being started; EBUSY: its turn comes). */
	int (*connect)(struct node *node, struct err *err);
	/* The agent does not answer: make an end of it. */
	void (*kill)(struct node *node);

	/* Where there is more between us and the agent than a socket; else NULL, each. */

	/*
	 * What comes before the first frame: 1: node->in_start is where that begins; 0: more must come; -1 with err.
	 * Until then the state is NODE_CONNECTING, for patience_us at most; then overdue says why.
	 */
	int (*skim)(struct node *node, struct err *err);
	int64_t (*patience_us)(const struct node *node);
	void (*overdue)(struct node *node, char words[NODE_ERROR_SIZE]);
	/* The end of the connection was seen: true: node_drop() will be called when the reason is known. */
	bool (*ended)(struct node *node);
	/* The descriptor is closed: let go of all else that connect made. */
	void (*close)(struct node *node);
	/* µs until connect is called again, after so many failures; 0: after one that stood was lost. */
	int64_t (*delay_us)(unsigned failures);
	/* ... after it said EBUSY, which is no failure. */
	int64_t (*turn_us)(const struct node *node);
};

extern const struct node_ops node_local;
extern const struct node_ops node_ssh;

enum node_state {
	NODE_DOWN,	/* not connected; a timer tries again */
	NODE_CONNECTING, /* on the way; the agent's end has not spoken yet (not every kind of node) */
	NODE_GREETING,	/* hello sent, no welcome yet */
	NODE_SORTING,	/* welcome received, the list of children is coming */
	NODE_UP,
};

/* An order that waits for its record to be appended, or for the node. */
struct order {
	uint64_t seq; /* vital record that must be appended first; 0: none */
	bool safe;    /* ... and fsynced */
	uint64_t token;
	enum { ORDER_START, ORDER_SIGNAL, ORDER_TELL } type;
	int signal;
	bool group;
	enum start_type start_type;
	uint32_t from; /* START_FAILOVER, START_TAKEOVER: where it was */
	/* safe: the predecessor, whose output must be fsynced up to here. */
	uint64_t before;
	uint64_t before_out[2];
};

struct node {
	struct daemon *d;
	const struct node_ops *ops;
	struct config *config;	      /* a reference: what conf is borrowed from */
	const struct node_conf *conf; /* NULL: of an earlier daemon's configuration; it is only waited for */
	char *name;		      /* owned */
	char *ssh;		      /* owned: where it is; NULL: here */
	uint32_t index;
	enum node_state state;
	int fd;
	uint32_t attach; /* grows with each connection */
	int64_t lease_us;	      /* L as configured; granted when its record is safe */
	uint64_t lease_seq;	      /* that record; 0: it is */
	struct lease_grantor grantor;
	bool known;   /* since we began it was attached, or its lease was over */
	bool failed;  /* the last try to attach did */
	bool over;    /* it is out of reach, and nothing lives there */
	bool in_use;  /* something of ours may be there; of all of one name only one is */
	bool leaving; /* it is not in the configuration any more */
	bool done;    /* ... and nothing of it is left */
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
	char error[NODE_ERROR_SIZE];
	unsigned tries;
	bool sent_goodbye;
	bool cleaned; /* our last hello was for an agent that follows one which is gone (AGENT_CLEAN) */
	bool spoken; /* our end is closed */
	uint32_t to_name; /* SORTING: children that are still to be named */
	bool named;	  /* ... all are */
	bool deaf;	  /* takes nothing, and we keep no more for it */
	/* Lines that its agent had us log: at once, since when, and those left out. */
	unsigned said, unsaid;
	mono_t said_at;

	struct buf in;
	size_t in_start;
	bool more; /* of it is to be handled in the next turn */
	struct buf outq; /* frames to send */
	size_t out_start;
	struct event *ev_read, *ev_write, *ev_retry, *ev_silence, *ev_over;
	struct ssh_link *link; /* node_ssh.c; owned; NULL: none */

	struct ring orders; /* of struct order */
	/* node_flow.c: */
	struct pace pace;
	struct ring feeds; /* jobs of which a part is to be sent */
	struct ring fed;   /* ... all of which is on its way */
};

static inline struct node *
node_at(const struct daemon *d, uint32_t number)
{
	return d->nodes[number];
}

/* The next of d->nodes. conf may be NULL, see above. */
struct node *node_new(struct daemon *d, const char *name, const char *ssh);
int node_configure(struct node *node, struct config *config, const struct node_conf *conf, struct err *err);
void node_free(struct node *node);
void node_connect(struct node *node);
void node_order(struct node *node, const struct order *o);
/* The next ping is expected within most of a lease; else the agent is killed. */
void node_expect_ping(struct node *node);
/* Send the orders whose records are appended. */
void node_flush_orders(struct node *node);
/* Queue one message; the connection must be at least greeting. */
void node_send(struct node *node, const struct agent_msg *m);
/* Close the connection; it is tried again. */
void node_drop(struct node *node, const char *why);
/* Say hello on a connection that is there. */
void node_hello(struct node *node);
/* Say goodbye to all: leave (the agent ends) or stay (a daemon comes back). Before, what is still to be said goes out. */
void nodes_goodbye(struct daemon *d, bool leave);
/* To one; it closes the connection then. */
void node_goodbye(struct node *node, bool leave);
/* Let go for good. */
void node_quiet(struct node *node);
const char *node_state_name(enum node_state s);

/* node_events.c: what an agent says. -1 with err: drop the connection. */
int node_message(struct node *node, const struct agent_msg *m, struct err *err);
/* What the agent that is (or was) there does not hold has ended with it. */
void node_end_absent(struct node *node);
/* Another agent is to name what there is. */
void node_forget_present(struct node *node);
/* Those whose exit is known and whose output is in: the tree may hear of it now. */
void node_bury(struct node *node);
/* All tokens of this node's incarnations for which wanted() says yes, in start order; *n is their number. Owned by the caller. */
uint64_t *node_tokens(const struct node *node, bool (*wanted)(const struct incarnation *inc), size_t *n);

/* node_lease.c */
/* largest_us: the largest L that an earlier daemon may have granted. */
void node_begin(struct node *node, int64_t largest_us);
/* L for the answer to a ping that has come now. */
int64_t node_grant(struct node *node);
/* Another L, once it is in the journal. */
void node_set_lease(struct node *node, int64_t lease_us);
/* It was up, and its connection is gone. */
void node_lost(struct node *node);
/* It is up (again). */
void node_found(struct node *node);
/* Nothing of what was there lives: the guard's word. */
void node_is_clean(struct node *node);
/* An ordered stop does not wait for those that are out of reach: their agents end what is there. */
void nodes_abandon(struct daemon *d);
/* A first start gives them a moment. */
void nodes_sync(struct daemon *d);
/* Once all is known that must be known before the tree may begin. */
void nodes_begin_if_known(struct daemon *d);

/* node_set.c */
int nodes_make(struct daemon *d, struct err *err);
/* What the journal says of them; before recall_incarnation(). */
void nodes_recall(struct daemon *d);
/* By its name, of an earlier daemon's records; made if there is none any more. */
uint32_t node_recalled(struct daemon *d, const char *name);
/* Which children would leave their node. */
void nodes_amend_plan(struct daemon *d, struct plan *plan, const struct config *new);
/* A new configuration: who comes, goes, changes. Numbers its nodes (config_place()). */
void nodes_apply(struct daemon *d, struct config *config);
/* May it be connected to? Not while an earlier node of its name has something. */
bool node_has_turn(const struct node *node);
/* Those that leave, and have nothing left. */
void nodes_sweep(struct daemon *d);

#endif
