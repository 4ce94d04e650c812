/*
 * The simulator: a world of hosts, agents, links, a daemon and operators around
 * the real core, the real codecs and the real fold of the journal, in one process
 * with a virtual time and a seed.
 *
 * What happens in a run is a plan: a list of items made from the seed before
 * anything runs (schedule.c). Everything else that looks random (how long a
 * message is on its way, how long a kill takes) is a hash of the seed and of what
 * it is about, so items may be taken out one by one and the rest stays as it was
 * (shrink.c).
 *
 *	world.c     time, events, clocks, what is told of a run
 *	link.c	    connections: bytes that are late, held up or cut off anywhere
 *	host.c	    hosts, processes, guards
 *	agent.c	    an agent, as src/agent does it; agent_start.c: its children
 *	journal.c   what the daemon has written, and how much of it survives
 *	daemon.c    the daemon's shell, as src/daemon does it; daemon_node.c: its side of a link
 *	dynamic.c   what it keeps of children that come and go at run time; reload.c: a changed file
 *	operator.c  who gives orders, and what they may rely on
 *	family.c    the tree of a run; file.c: what of it is listed in the file
 *	schedule.c  the plan of a run; run.c: the run; shrink.c: less of a plan
 *	scale.c	    the same world, large, and how long it takes
 *	check.c	    what must be true, always; check_tree.c: of what the tree says; check_orders.c:
 *		    of what operators were told
 *
 * All times are microseconds. `now` is the true time that nobody in the world
 * knows; each host has a monotonic clock with a drift of its own, which begins at
 * its boot, and a wall clock that may jump.
 */
#ifndef TRAPEXIT_TESTS_SIM_H
#define TRAPEXIT_TESTS_SIM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/mono.h"
#include "core/lease.h"
#include "core/supervisor.h"
#include "journal/past.h"
#include "wire/agent_msg.h"

struct world;
struct host;
struct agent;
struct daemon;
struct kid;
struct plan;

/* The restarts that a supervisor has counted (S50), by the checks. */
struct restarts {
	int64_t at[64];
	uint32_t n;
	uint32_t *counted; /* by node: the loss that was counted last (S108) */
	uint32_t birth;	   /* of the supervisor */
};

typedef void (*sim_fn)(struct world *w, void *p, uint64_t arg);

struct event {
	int64_t at;
	uint64_t seq; /* of two at the same time the earlier made comes first */
	struct actor *actor;
	sim_fn fn;
	void *p;
	uint64_t arg;
};

/* Who events are for: frozen, they wait; dead, they are lost. Lives as long as the world. */
struct actor {
	bool dead, frozen;
	struct event *waiting; /* owned */
	size_t n_waiting, cap_waiting;
	struct actor *next; /* of the world */
};

struct clock {
	int64_t true_at; /* at this time ... */
	int64_t mono_at; /* ... it showed this */
	int64_t permille; /* of the true speed */
	int64_t wall_ms;  /* wall clock less true time */
};

/* Fires once, by a host's clock. */
struct timer_ev {
	struct actor *actor;
	const struct clock *clock;
	sim_fn fn;
	void *p;
	mono_t due;
	uint64_t gen;
};

/* Bytes on their way in one direction. */
struct chunk;
struct pipe {
	struct conn *conn;
	bool to_agent;
	struct buf in; /* arrived, not read */
	struct chunk *first, *last; /* owned; on their way */
	uint64_t n_sent;
	int64_t last_at;
	bool moving; /* an event for the first chunk is there */
	bool eof;    /* nothing comes any more: arrived */
	bool shut;   /* nothing more is taken */
};

struct conn {
	struct host *host;
	struct agent *agent;   /* NULL: that end is closed */
	struct daemon *daemon; /* NULL: that end is closed */
	uint32_t node;
	uint32_t id;
	bool attached; /* the agent has accepted its hello */
	struct pipe to_agent, to_daemon;
	struct conn *next; /* of the host */
};

struct link {
	unsigned cut;	  /* nothing goes through */
	unsigned mute[2]; /* nothing to the agent; nothing to the daemon */
	unsigned slow;
	int64_t latency; /* while it is slow */
};

/* A child as a version of the file has it; nobody changes it. */
struct listing {
	struct child_spec spec;
	struct sup_spec *sup; /* what spec.sup is */
	uint32_t program;     /* which one is to be executed */
};

/* A child as the world knows it, whatever the daemon believes. */
enum wish { WISH_RUN, WISH_STOP, WISH_EITHER };
/* What is known from answers: an order that is not answered may have been heard or not. */
enum sure { SURE_NO, SURE_MAYBE, SURE_YES };

struct kid {
	const char *path, *id;
	uint32_t index, parent; /* the root is 0 and its own parent */
	bool is_sup;
	bool is_template;	  /* no child itself (S6) */
	const struct kid *template; /* of an instance */
	/* In the file, if those above it are: and how it was read last by a daemon, or would be now. */
	bool configured;
	struct child_spec *draft;
	struct sup_spec *sup; /* supervisors: the same of spec->sup */
	uint32_t program;
	const struct listing *listed; /* NULL: the file does not have it */
	const struct child_spec *spec; /* what the daemon goes by */
	unsigned live; /* processes that live now, wherever */
	uint32_t runs; /* processes so far */
	bool ignored; /* its last run said that there is nothing to do */
	int last_status; /* raw, of the newest process that ended */
	uint64_t live_token, abandoned; /* of one that a daemon which ends does not wait for */
	uint32_t live_host;
	enum wish wish;
	uint64_t newest_order, wish_order; /* the newest that moves it, and that says what is wished */
	uint64_t wish_seq;   /* its record */
	bool done;     /* it ended, and its restart type was content with that; a change of policy restarts nothing */
	bool run_lost; /* the record of its newest start went with the power */
	bool gave_up; /* down by a command, and not by a wish: it has seen it fail (S29), or has terminated it */
	bool gave_in; /* its last run was ended by an exit signal, for a reason that is normal-class (S98) */
	/* What the checks remember; see check_tree.c. */
	struct restarts *restarts;
	uint64_t start_no, start_token; /* of its newest start */
	uint64_t ended_no; /* of the last start before it ended */
	uint64_t begin_no; /* supervisors: of the last start before it began */
	bool start_by_itself, start_waited;
	uint32_t start_node, start_episode;
	uint32_t row, birth;
	int64_t up_since;
	int64_t up_us; /* how long it was up when an exit signal began to end it; -1: none has */
	struct exit_reason ended_by; /* that signal's */
	bool told, asked;
	bool ended_told; /* its newest incarnation */
	uint64_t told_token; /* of the one to which an order to end has gone out */
	const struct behave *behaves; /* by the plan */
	/* What operators were told of it; see check_orders.c. */
	enum sure added, deleted;
	uint64_t starts_above; /* of its supervisor, when it was deleted */
	uint32_t doubts; /* how often something has made them doubtful */
	bool gone;	 /* taken out by order, and not started since */
	bool terminated; /* and nothing has been that may start it */
	uint32_t move_target; /* an order to move is under way; UINT32_MAX: none */
	uint32_t moved_to;    /* where it is since an order to move; UINT32_MAX */
	uint64_t banned;      /* set of nodes; to the child of this birth: */
	uint32_t banned_birth;
	uint64_t banned_sure; /* that was answered, and holds over a daemon's death */
};

struct behave {
	uint32_t nth; /* of the child's runs, from 1 */
	uint32_t what;
	int64_t us;
	const struct behave *next;
};

enum proc_state { PROC_FORKED, PROC_LIVE, PROC_DEAD };

struct proc {
	struct kid *kid;
	struct host *host;
	struct agent *agent;
	struct rec *rec; /* the agent's; NULL when it has forgotten it */
	uint64_t token;
	enum proc_state state;
	bool killed, failed;
	bool ready_counts; /* it is asked to say when it is ready */
	int failed_errno;
	uint32_t failed_step;
	uint32_t nth;
	int status;
	const struct behave *behave; /* NULL: it behaves well */
	LIST_ENTRY(proc) entry;	     /* of the host */
};

enum rec_state { REC_QUEUED, REC_FORKED, REC_RUNS, REC_ENDED };

/* An agent's record of a child. */
struct rec {
	uint64_t token;
	struct kid *kid;
	enum rec_state state;
	bool ready, late, ignored;
	struct proc *proc;
	uint32_t ready_kind;
	int64_t ready_timeout;
	mono_t started;
	int status;
	struct agent *agent;
	TAILQ_ENTRY(rec) entry;
};

enum agent_phase { AGENT_WAITS, AGENT_UP, AGENT_LEAVES, AGENT_GONE };

struct agent {
	struct actor actor;
	struct host *host;
	uint32_t id;
	enum agent_phase phase;
	struct actor guard;
	bool guard_gone;
	bool guard_acts; /* it ends what is left */
	uint32_t epoch, attach;
	struct conn *conn;
	TAILQ_HEAD(, rec) recs; /* in start order */
	uint32_t live;
	struct lease_holder lease;
	mono_t deadline, acting, handled; /* the page that it shares with its guard and its children */
	mono_t truth; /* of the lease, as the checks reckon it */
	struct {
		uint64_t k;
		mono_t at;
	} truth_pings[LEASE_PINGS_KEPT];
	bool truth_watched;
	struct timer_ev expiry, ping, idle, leave, guard_timer;
};

struct host {
	struct world *w;
	uint32_t index;
	struct actor actor; /* of its processes */
	bool up;
	uint32_t boots;
	struct clock clock;
	struct link link;
	struct agent *agent;  /* holds the lock, or is the guard's, until all of it is gone */
	struct agent *waiter; /* waits for the lock */
	struct conn *conns;
	LIST_HEAD(, proc) procs; /* not dead */
	bool clean;	    /* the last agent's guard has seen everything gone */
	int64_t lease_us;
	uint32_t capacity; /* 0: no bound */
	uint32_t n_agents;
	bool cut_signal; /* the connection is to be cut with the next signal on its way */
	int64_t freeze_us; /* the agent is to be frozen for so long in the middle of its next start; 0: it is not */
};

/* Journal: numbers of records are from 1 and never used again. */
struct journal {
	char **lines; /* owned; the record number `base + i + 1` */
	size_t n, cap;
	uint64_t base;
	uint64_t appended, safe;
	bool writing, syncing;
	int64_t stalled_until;
	struct past past; /* scratch */
};

enum node_state { NODE_DOWN, NODE_GREETING, NODE_SORTING, NODE_UP };

struct dnode {
	struct daemon *d;
	uint32_t index;
	enum node_state state;
	struct conn *conn;
	bool connecting;
	uint32_t attach;
	struct lease_grantor grantor;
	uint64_t generation;
	unsigned tries;
	bool said_goodbye;
	bool is_dirty; /* it is in the daemon's list of those that may have orders to send */
	LIST_HEAD(, inc) incs; /* in no order */
	bool has_ended; /* some ends are known and not buried yet */
	bool known;  /* attached, or given up, since the daemon began */
	bool failed; /* it could not be had: nobody waits for it at a first start */
	struct ring *orders; /* base/ring.h; core/tree.h has another one */
	struct timer_ev retry, silence, safe;
};

enum inc_state { INC_QUEUED, INC_SENT, INC_LIVE, INC_ENDED, INC_BURIED };

struct inc {
	uint64_t token;
	bool orphan; /* not the tree's business */
	struct kid *kid;
	uint32_t node;
	enum inc_state state;
	bool ready, present, exit_sent, failed, signal_waits;
	bool told;   /* to end, by an order */
	bool lost;   /* it died with its agent, or its node was given up: nobody has told how it ended */
	bool unseen; /* given up: its agent may have its exit, and is asked when it is back */
	int64_t age_us;
	int status;
	struct exit_reason reason;
	uint64_t exit_seq;
	LIST_ENTRY(inc) entry; /* of its node */
};

struct request {
	uint64_t cookie;
	uint32_t kid;
	uint32_t op;
	uint32_t node; /* or what was edited */
	uint64_t seq;
	const struct child_spec *spec; /* start_child: of this one */
	enum sure added, deleted;      /* before */
	uint32_t doubts;	       /* when it was replied */
	bool replied;
	enum tree_result result;
	struct request *next;
};

/* A child that was added at run time, as the daemon keeps it. */
struct dynamic {
	const struct child_spec *spec; /* NULL: none of this path */
	uint64_t seq;		       /* 0: it is not kept yet */
	uint32_t birth;
};

struct daemon {
	struct actor actor;
	struct world *w;
	uint32_t epoch;
	struct tree *tree; /* owned */
	struct map incs;   /* owned */
	struct dnode *nodes;
	uint64_t *newest; /* by kid: the newest incarnation */
	uint64_t last_token;
	uint64_t appended, safe;
	struct ring *graves, *held, *dirty;
	struct timer_ev timer;
	struct request *requests;
	child_handle last_failed; /* whose end was reported last (checks) */
	struct exit_reason last_reason;
	/* By kid. */
	const struct child_spec **listed;
	struct dynamic *dynamic;
	uint32_t *removed; /* the birth of one that a reload has taken out */
	uint64_t *numbers; /* of the last instance */
	bool *deleted;	   /* by hand, of what is listed */
	bool *late;	   /* to be added when the one before it is gone */
	uint32_t n_dynamic, n_deleted, n_late;
	uint64_t dynamic_seq;
	uint32_t births;
	uint64_t drained; /* set of nodes */
	bool changing;	  /* a changed spec is told, which ends nothing (S85) */
	bool begun, stopping, finished, ended;
	bool hasty; /* told to stop before it had begun */
	bool fresh; /* nothing of ours lives: nodes are waited for, so that they share the children (S119) */
};

struct counts {
	uint64_t tree_events;
	uint64_t events, messages, starts, deaths, orders, faults, lives, attaches;
};

#define TELL_LINES 400
#define TELL_WIDTH 160

struct world {
	const struct plan *plan;
	uint64_t seed;
	int64_t now;
	uint64_t seq;
	struct event *heap;
	size_t n_heap, cap_heap;
	void *arena;
	struct actor *actors;
	struct host *hosts;
	uint32_t n_hosts;
	struct kid *kids; /* [0] is the root */
	uint32_t n_kids, cap_kids;
	struct strmap by_path;
	struct map recs; /* token -> struct rec */
	struct map start_seq; /* token -> number of its start record (checks) */
	struct map deaths;    /* token -> number of its exit record (checks) */
	struct daemon *daemon; /* NULL: none runs */
	struct journal journal;
	struct sup_spec *file; /* the newest */
	const struct child_spec **texts; /* owned; what was added is written as a number of these */
	uint32_t n_texts, cap_texts;
	uint32_t epoch_file;
	struct actor nature; /* whom the plan's items belong to */
	uint64_t cookies;
	uint64_t start_no;
	uint32_t n_live; /* processes of children */
	int64_t core_ns; /* spent in the core, by the real clock; if it is timed */
	bool timed;
	bool calm;     /* no more faults */
	bool crowded;  /* somebody waits for room on a node */
	int64_t kill_us; /* the daemon is to be killed with its next answer, and to be down for so long; 0: it is not */
	int64_t down_us; /* when the daemon has ended by order: how long until it is started again */
	struct ring *forbidden; /* of orders that take it back */
	uint64_t drained_sure;	/* set of nodes; as banned_sure */
	uint32_t *episodes; /* by node: how often it was lost (checks) */
	uint32_t n_conns;
	struct counts counts;
	int tell; /* 0: nothing is kept; 1: the last lines; 2: printed, too */
	char (*lines)[TELL_WIDTH];
	uint64_t n_lines;
	jmp_buf *broken;
	char invariant[64];
	char failure[512];
};

/* world.c */
void *sim_alloc(struct world *w, size_t n); /* zeroed; freed with the world */
char *sim_printf(struct world *w, const char *fmt, ...) ATTR_PRINTF(2, 3);
void sim_at(struct world *w, int64_t at, struct actor *actor, sim_fn fn, void *p, uint64_t arg);
bool sim_step(struct world *w, int64_t until);
void actor_init(struct world *w, struct actor *a);
void actor_freeze(struct actor *a);
void actor_thaw(struct world *w, struct actor *a);
void actor_kill(struct actor *a);
mono_t clock_now(const struct world *w, const struct clock *c);
int64_t clock_when(const struct world *w, const struct clock *c, mono_t t);
void timer_init(struct timer_ev *t, struct actor *actor, const struct clock *clock, sim_fn fn, void *p);
void timer_set(struct world *w, struct timer_ev *t, mono_t due); /* MONO_NEVER: off */
/* The same for the same seed and numbers, always. */
uint64_t sim_hash(const struct world *w, uint64_t a, uint64_t b);
int64_t sim_between(const struct world *w, uint64_t a, uint64_t b, int64_t low, int64_t high);
void sim_tell(struct world *w, const char *fmt, ...) ATTR_PRINTF(2, 3);
void sim_fail(struct world *w, const char *invariant, const char *fmt, ...) ATTR_PRINTF(3, 4) ATTR_NORETURN;
void world_release(struct world *w);

/* link.c */
struct conn *conn_open(struct world *w, struct daemon *d, uint32_t node, struct agent *a);
void conn_send(struct world *w, struct pipe *p, const struct agent_msg *m);
/* An end says no more and hears no more. */
void conn_close_daemon(struct world *w, struct conn *c);
void conn_close_agent(struct world *w, struct conn *c);
/* In the middle of whatever is on its way: both ends hear of it. */
void conn_cut(struct world *w, struct conn *c);
/* The host of the agent is gone without a word. */
void conn_vanish(struct world *w, struct conn *c);
/* The host is back, and knows nothing of it. */
void conn_reset(struct world *w, struct conn *c);
void conn_release(struct conn *c);
void link_changed(struct world *w, struct host *h);
bool link_is_open(const struct host *h);
int64_t link_latency(const struct world *w, const struct host *h, uint64_t salt);

/* host.c */
void host_boot(struct world *w, struct host *h);
void host_lose(struct world *w, struct host *h);
struct proc *proc_fork(struct world *w, struct agent *a, struct rec *r);
void proc_send_signal(struct world *w, struct proc *p, int sig);
void proc_die(struct world *w, struct proc *p, int status);
void guard_look(struct world *w, void *agent, uint64_t unused);
void guard_begin(struct world *w, struct agent *a, const char *why);
void guard_hears_end(struct world *w, void *agent, uint64_t unused);
/* The agent's process has gone. */
void host_agent_gone(struct world *w, struct agent *a);
/* What an earlier agent has left is killed; false: not all of it is gone. */
bool host_sweep(struct world *w, struct host *h);
/* A daemon wants to be connected; NULL: not now. */
struct agent *host_listener(struct world *w, struct host *h);
void host_freeze_agent(struct world *w, struct host *h, int64_t us);
bool host_is_whole(const struct host *h); /* agent and guard are there, and neither is frozen */

/* agent.c */
struct agent *agent_begin(struct world *w, struct host *h);
void agent_own(struct world *w, struct agent *a); /* it has the lock */
void agent_die(struct world *w, struct agent *a);
void agent_forget(struct world *w, struct agent *a);
void agent_guard_lost(struct world *w, void *agent, uint64_t unused);
void agent_leave(struct world *w, struct agent *a);
void agent_readable(struct world *w, struct conn *c);
void agent_conn_lost(struct world *w, struct conn *c);
void agent_say(struct world *w, struct agent *a, const struct agent_msg *m);
void agent_live_changed(struct world *w, struct agent *a, int by);
bool agent_lease_is_valid(const struct world *w, const struct agent *a);
void agent_kill_children(struct world *w, struct agent *a);

/* agent_start.c */
void agent_order_start(struct world *w, struct agent *a, const struct agent_start *s);
void agent_tell_child(struct world *w, struct agent *a, const struct rec *r);
void agent_tell_exit(struct world *w, struct agent *a, const struct rec *r);
void agent_signal(struct world *w, struct agent *a, struct rec *r, int sig, bool group);
void agent_reap(struct world *w, struct agent *a, struct proc *p);
/* From the host, not yet heard. */
void agent_sees_exec(struct world *w, struct agent *a, struct proc *p);
void agent_hears_ready(struct world *w, struct agent *a, struct proc *p, bool ignore);
void agent_forget_queued(struct world *w, struct agent *a);
void agent_drop(struct world *w, struct agent *a, struct rec *r);
struct rec *agent_find(struct world *w, const struct agent *a, uint64_t token);

/* journal.c */
uint64_t journal_add(struct world *w, struct buf *line);
void journal_lose_process(struct world *w);
void journal_lose_power(struct world *w);
/* A daemon of this epoch begins: what the past says goes to `past`, the caller's to release. */
void journal_begin(struct world *w, uint32_t epoch, struct past *past);
void journal_sync_now(struct world *w);
void journal_release(struct world *w);

/* daemon.c */
void daemon_start(struct world *w);
void daemon_die(struct world *w); /* killed */
void daemon_free(struct world *w);
void daemon_exit(struct world *w); /* by itself, when the caller has returned */
/* `r`: whose answer it is, or NULL. */
child_handle daemon_command(struct daemon *d, const struct tree_command *cmd, struct request *r);
void daemon_drain(struct daemon *d);
void daemon_pump(struct daemon *d);
void daemon_event(struct daemon *d, const struct tree_event *ev);
void daemon_begin(struct daemon *d);
void daemon_progress(struct daemon *d);
void daemon_bury(struct daemon *d, struct inc *inc);
bool inc_is_ending(const struct daemon *d, const struct inc *inc);
uint64_t rec_ending(struct daemon *d, const struct inc *inc);
struct inc *inc_find(struct daemon *d, uint64_t token);
bool inc_is_done(struct daemon *d, uint64_t token);
struct inc *inc_new(struct daemon *d, uint64_t token, struct kid *kid, uint32_t node);
void inc_settle(struct daemon *d, struct inc *inc);
void inc_move(struct daemon *d, struct inc *inc, uint32_t node);
void rec_node(struct daemon *d, const struct dnode *n, const char *event);
uint64_t rec_start(struct daemon *d, const struct inc *inc, enum start_type type);
void rec_started(struct daemon *d, const struct inc *inc);
uint64_t rec_wish(struct daemon *d, const char *path, bool stopped);
uint64_t rec_order(struct daemon *d, const char *order, const char *path);
uint64_t rec_added(struct daemon *d, const struct kid *k, const struct dynamic *dyn);
uint64_t rec_permit(struct daemon *d, const struct kid *k, uint32_t node, bool permit);
uint64_t rec_child(struct daemon *d, const char *type, const struct kid *k, bool listed);
struct kid *kid_of(const struct daemon *d, child_handle h);
/* CHILD_NONE: the tree has no record of it. */
child_handle tree_find_kid(const struct daemon *d, const struct kid *k);

/* daemon_node.c */
const char *node_name(uint32_t index);
uint32_t node_by_name(const char *name);
void node_init(struct daemon *d, struct dnode *n, uint32_t index);
void node_begin(struct dnode *n, int64_t largest_us);
void node_release(struct dnode *n);
void node_connect(struct dnode *n);
void node_readable(struct dnode *n, struct conn *c);
/* `safe`: its record must be fsynced. */
void node_order_start(struct dnode *n, uint64_t seq, bool safe, uint64_t token, enum start_type type);
void node_order_signal(struct dnode *n, uint64_t token, int sig, bool group);
void nodes_begin_if_known(struct daemon *d);
void nodes_abandon(struct daemon *d);
void node_flush_orders(struct dnode *n);
void node_send(struct dnode *n, const struct agent_msg *m);
void node_goodbye(struct dnode *n, bool leave);

/* dynamic.c */
void dynamic_init(struct daemon *d);
void dynamic_recall(struct daemon *d, struct past *past);
bool is_instance(const struct kid *k);
bool is_simple(const struct kid *sup);
/* By its path: not one that a reload has taken out, and that is on its way. */
child_handle kid_handle(const struct daemon *d, const struct kid *k);
/* S81: a new instance of the template below `sup`. */
struct kid *dynamic_instance(struct daemon *d, const struct kid *sup);
const struct child_spec *dynamic_spec(struct daemon *d, const struct kid *k);
void dynamic_there(struct daemon *d, const struct request *r, child_handle h);
/* What an answer means for what is kept; the record that it waits for. */
uint64_t dynamic_reply(struct daemon *d, const struct request *r, child_handle child);
void dynamic_hand_over(struct daemon *d, const struct kid *k);
void dynamic_new_template(struct daemon *d, const struct kid *sup);
bool dynamic_is_there(const struct daemon *d, const struct kid *k);
/* It may be gone. */
void dynamic_check(struct daemon *d, struct kid *k);
void dynamic_sweep(struct daemon *d);

/* reload.c */
void reload(struct daemon *d, struct request *r);
void reload_sweep(struct daemon *d);
void forget_wishes(struct daemon *d, child_handle h, uint64_t cookie);

/* operator.c */
enum operation { OP_START, OP_STOP, OP_RESTART, OP_TERMINATE_CHILD, OP_RESTART_CHILD, OP_MOVE, OP_FORBID, OP_PERMIT,
	OP_START_CHILD, OP_DELETE_CHILD, OP_REMOVE, OP_RELOAD, OP_SHUTDOWN, OP_TAKE_OUT, OP_COUNT };
/* By a reload, which asks for no answer; here it does. */
struct request *operator_take_out(struct daemon *d, uint32_t kid);
/* `node`: for what concerns one. */
void operator_order(struct world *w, enum operation op, uint32_t kid, uint32_t node);
/* What was forbidden is permitted again. */
void operator_calm(struct world *w);
void operator_begin(struct daemon *d); /* orders that came too early */
void operator_reply(struct daemon *d, uint64_t cookie, child_handle child, enum tree_result result);
void operator_progress(struct daemon *d);
void operator_daemon_gone(struct world *w, struct daemon *d);
void operator_power_lost(struct world *w, uint64_t upto);
const char *operation_name(enum operation op);

/* file.c */
#define FILE_EDITS 4
void file_write(struct world *w);
void file_edit(struct world *w, uint32_t kid, uint32_t what);
const struct child_spec *file_copy(struct world *w, const struct kid *k); /* as somebody would write it now */
uint32_t file_program(const struct child_spec *spec);

/* family.c */
void family_make(struct world *w);
/* id NULL: one of its own. */
struct kid *family_kid(struct world *w, uint32_t parent, const char *id, bool is_sup);
void family_print(const struct world *w);
/* Supervisors with a thousand children each, all alike, on all nodes but the daemon's. */
void family_make_large(struct world *w);

/* check.c */
void check_process_begins(struct world *w, const struct proc *p);
void check_process_ends(struct world *w, const struct proc *p);
void check_death(struct world *w, const struct inc *inc, const struct exit_reason *reason);
void check_records_lost(struct world *w, uint64_t upto);
void check_ping(struct world *w, struct agent *a, uint64_t k);
void check_grant(struct world *w, struct agent *a, uint64_t k, int64_t length);
void check_attach(struct world *w, const struct agent *a, uint32_t epoch, uint32_t attach);
void check_reply(struct world *w, const struct request *r);
void check_answer(struct world *w, const struct request *r);
void check_stopped(struct world *w, const struct kid *k);
void check_end(struct world *w);
void check_all_dead(struct world *w, const char *when);
bool is_stopped_by_wish(const struct world *w, const struct kid *k);
bool is_full(const struct daemon *d, uint32_t node);
bool lives(const struct kid *k);

/* check_orders.c */
void check_order_given(struct daemon *d, struct request *r);
void check_order_replied(struct daemon *d, struct request *r, child_handle child);
void check_order_answered(struct daemon *d, const struct request *r);
void check_all_answered(struct daemon *d, const char *when);
void check_orders_begin(struct daemon *d, bool clean);
void check_reload(struct kid *k, bool was_listed, const struct kid *above);
void check_known(struct daemon *d);
void check_members(struct daemon *d, const char *when);
void check_start(struct daemon *d, const struct tree_action *a, struct kid *k, const struct child_view *v);
void check_sup(struct world *w, const struct kid *sup); /* it has ended, or begun */
void check_drained(struct daemon *d);
bool is_below(const struct world *w, const struct kid *k, const struct kid *top);
bool is_without_node(const struct daemon *d, const struct kid *k, uint32_t node);

/* check_tree.c: each action as the tree gives it */
void check_begin(struct daemon *d);
void check_action(struct daemon *d, const struct tree_action *a);
void check_adopted(struct daemon *d, const struct inc *inc);
void check_node_down(struct daemon *d, uint32_t node);

/* schedule.c */
enum item_type {
	ITEM_BEHAVE, ITEM_CRASH, ITEM_AGENT_KILL, ITEM_AGENT_FREEZE, ITEM_GUARD_KILL, ITEM_GUARD_FREEZE, ITEM_HOST_LOSS,
	ITEM_LINK_CUT, ITEM_LINK_MUTE, ITEM_LINK_SLOW, ITEM_CONN_CUT, ITEM_DAEMON_KILL, ITEM_DAEMON_FREEZE,
	ITEM_DISK_STALL, ITEM_WALL_JUMP, ITEM_START_FREEZE, ITEM_ORDER, ITEM_TYPES
};

enum { BEHAVE_CRASH, BEHAVE_EXIT, BEHAVE_TERM, BEHAVE_DEAF, BEHAVE_NO_SPAWN, BEHAVE_LATE, BEHAVE_IGNORE, BEHAVE_SLOW_STOP,
	BEHAVE_SLOW_SPAWN, BEHAVE_SLOW_KILL, BEHAVE_TYPES };

struct item {
	enum item_type type;
	int64_t at;
	uint32_t a, b; /* host or child; what */
	int64_t us;    /* for how long, or when */
};

struct plan {
	uint64_t seed;
	uint32_t n_kids, n_spares, n_hosts;
	size_t n_items;
	bool large; /* no faults but those of scale.c */
	struct item *items; /* owned */
	int64_t end;
};

struct plan_options {
	uint64_t seed;
	uint32_t steps, children, agents; /* 0: as the seed says */
};

void plan_make(struct plan *p, const struct plan_options *o);
void plan_release(struct plan *p);
/* As a person reads it. */
void item_print(const struct item *i);

/* run.c */
struct outcome {
	bool failed;
	char invariant[64];
	char failure[512];
	int64_t simulated_us;
	struct counts counts;
};

void plan_run(const struct plan *p, int tell, struct outcome *out);
void world_make(struct world *w, const struct plan *p, int tell);
void run_until(struct world *w, int64_t until);

/* scale.c: false if something that must be true was not */
bool scale_run(uint32_t nodes, uint32_t children, uint64_t seed);

/* shrink.c: as few items as still break the same invariant */
void plan_shrink(struct plan *p, const struct outcome *first);

#endif
