/*
 * The supervision tree as a value: events in, actions out.
 *
 * Nothing here makes a system call, reads a clock or allocates when a child
 * dies: time is an argument, memory is taken when the configuration changes.
 * The caller carries the actions out, in their order, and feeds back what
 * happened.
 *
 * Calling sequence:
 *
 *  1. tree_new() with the root supervisor's spec. Nothing runs yet. Node 0 is up
 *     and all others are down until TREE_NODE_UP and TREE_NODE_DOWN say
 *     otherwise; what should start on a node that is down goes elsewhere, or
 *     waits for one (S111-S115).
 *  2. TREE_ADOPTED for every incarnation that an agent still holds and that
 *     the tree wants (found by tree_find()); it becomes `running` as it is.
 *  3. TREE_BEGIN: everything that is not adopted and not stopped by wish is
 *     started, in start order (S23 with architecture 11).
 *  4. Then tree_event() and tree_command() as things happen, and TREE_TIMER
 *     when the deadline of tree_deadline() has come (one timer for the tree).
 *  5. When TREE_ACT_FINISH comes out, all is down; tree_free().
 *
 * After every call the caller drains the actions with tree_next_action()
 * until it returns false. Much of the work is done there, in steps: starting
 * 100,000 children needs no large ring of actions. (A caller who does not drain
 * loses nothing, but then the ring takes memory.)
 *
 * A child is named by its handle: an index that is stable until the child is
 * removed (handles are used again later). Handle 0 is the root supervisor. A
 * child that was removed can be viewed until the next tree_event() or
 * tree_command(), so that its last report still has a name; it is in no list.
 * Every incarnation has its own token (architecture 5): epoch << 32 | n, later
 * is always larger; the tree numbers them.
 *
 * Nodes: a child is never in two places (S110, S117). The tree starts a
 * replacement when the last incarnation has ended, TREE_EXITED; where no exit
 * record is to be had (noconnection), that event is the caller's word that
 * nothing of it lives: the lease of its node is over, or there is proof
 * (core/lease.h). TREE_NODE_DOWN comes as soon as the node is out of reach, and
 * TREE_NODE_UP when it can start something again; who is adopted there before
 * its lease was over goes on as if nothing had happened.
 *
 * Rules: S1-S73 and S122-S124, as architecture 11 changes them. Events that name
 * a token that is no longer current have no effect (S35). Where the rules leave
 * a choice:
 *
 *  - A wish outlives everything: who was stopped by hand is started neither with
 *    its group (S41) nor with its supervisor (S55).
 *  - Who is stopped or removed by hand while its group is down for its sake leaves the others to be started
 *    without it. (After CMD_TERMINATE_CHILD they stay down: S79.)
 *  - A child that has not come to life since its supervisor did is retried alone,
 *    whatever the strategy: its siblings have never seen it.
 *  - A start that fails is counted and paced when it fails, as an exit is (S123).
 *  - Deaths during an init are handled at once (S31 waits, as OTP's starts do).
 *  - CMD_TERMINATE_CHILD does not wait for a start: it ends it (S32).
 *  - After a cool-down at the root the restart that was owed is carried out, with
 *    its group if the strategy says so; the window begins anew.
 *
 * Links and monitors (S90-S99) join incarnations; what was joined by a command
 * ends with either of them (S90). One that is configured stands for what the
 * program would do at its own start: it joins the two whenever both run. One
 * that is being ended is not joined any more, so that a pair that ends together
 * comes back together. Exit signals and lines come out before the restart of
 * the one that has ended (S97). Only workers have links, monitors and exit
 * signals; that to the supervisor (S96) is the tree itself.
 *
 * Memory: tree_new(), tree_command() and the first mention of a node take it.
 * Beyond that only a supervisor that begins again, and gets children back that
 * were removed from it (S55).
 */
#ifndef TRAPEXIT_CORE_SUPERVISOR_H
#define TRAPEXIT_CORE_SUPERVISOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/mono.h"
#include "core/reason.h"
#include "core/spec.h"

struct tree;
typedef uint32_t child_handle;
#define CHILD_NONE UINT32_MAX
#define TREE_ROOT 0u

/* What is (one comment a state); what should be and why are fields of their own. */
enum child_state {
	CHILD_UNDEFINED,  /* down, nothing owed */
	CHILD_STARTING,	  /* start ordered, not yet counted as started */
	CHILD_RUNNING,	  /* started */
	CHILD_STOPPING,	  /* told to end, not yet seen gone */
	CHILD_RESTARTING, /* a restart is owed: delay, retry, or waiting for a node */
};

enum tree_event_type {
	TREE_ADOPTED,	   /* child, token, node, age_us, (ready) */
	TREE_BEGIN,	   /* start what should run */
	TREE_STARTED,	   /* token: exec succeeded, or ready (S24) */
	TREE_IGNORED,	   /* token: deliberate no-start (S26); it lives until TREE_EXITED, and is told to end */
	TREE_START_FAILED, /* token, reason (START_ERROR) */
	TREE_EXITED,	   /* token, reason */
	TREE_NODE_UP,	   /* node, capacity: starts there are possible from now on; again: a new capacity */
	TREE_NODE_DOWN,	   /* node: nothing can be started there; its children are not
			      dead by this, they end by TREE_EXITED (noconnection) */
	TREE_TIMER,	   /* the deadline has come */
};

struct tree_event {
	enum tree_event_type type;
	child_handle child;
	uint64_t token;
	uint32_t node; /* index; 0 is the local node */
	uint32_t capacity; /* so many incarnations at most; 0: no bound */
	int64_t age_us;
	struct exit_reason reason;
};

enum tree_action_type {
	TREE_ACT_START,	 /* child, token, node, start_type, from (failover, takeover: where it was) */
	TREE_ACT_SIGNAL, /* child, token, signal: to the leader, then SIGCONT (S58) */
	TREE_ACT_KILL,	 /* child, token: SIGKILL to the group */
	TREE_ACT_REPORT, /* report, child, token, reason, delay_us, text */
	TREE_ACT_REPLY,	 /* cookie, result: a command's effect is complete (S74) */
	TREE_ACT_FINISH, /* reason: the root has ended; result says why (S57) */
	TREE_ACT_TELL,	 /* child, token, tell, about (CHILD_NONE: nobody of the tree), ref, reason: a line for its control
			    descriptor (S94, S99) */
};

enum tree_tell {
	TELL_EXIT, /* S94: an exit signal came to a child that traps */
	TELL_DOWN, /* S99: a monitor has fired; ref 0: a configured one */
};

/* S126, and what people want to see in `trapexit events`. */
enum tree_report {
	REPORT_PROGRESS,	 /* started */
	REPORT_CHILD_TERMINATED, /* exited (any exit; `reason`; delay_us if a restart is owed) */
	REPORT_START_ERROR,
	REPORT_SHUTDOWN_ERROR,	 /* did not end as told (S67) */
	REPORT_SHUTDOWN,	 /* a supervisor has ended, all below it is down; `result` as for FINISH */
	REPORT_ESCALATED,	 /* a supervisor gave up, child = the supervisor */
	REPORT_COOL_DOWN,	 /* at the root: set aside for delay_us */
	REPORT_STOPPED,		 /* ended by an order, as told */
	REPORT_NO_NODE,		 /* waits for a node of its list (S115); delay_us: for its lost one, so long (S113) */
	REPORT_NODE_SICK,	 /* node: children fail there again and again; avoided for delay_us (architecture 7) */
};

enum start_type { START_NORMAL, START_RESTART, START_FAILOVER, START_TAKEOVER };

/* OTP's results (S76), and ours. */
enum tree_result {
	RESULT_OK,
	RESULT_ALREADY_STARTED,
	RESULT_ALREADY_PRESENT,
	RESULT_NOT_FOUND,
	RESULT_RUNNING,
	RESULT_RESTARTING,
	RESULT_START_ERROR, /* `reason` says which */
	RESULT_NOPROC,	    /* the supervisor is stopping */
	RESULT_ORDERED,	    /* FINISH: ordered stop or auto-shutdown */
	RESULT_ESCALATED,   /* FINISH: intensity exceeded under root_exit */
	RESULT_INIT_FAILED, /* FINISH: init_strict and a child did not start */
	RESULT_INVALID,	    /* a command's spec is not valid (S77) */
	RESULT_UNDEFINED,   /* {ok,undefined}: it said that there is nothing to do (S26) */
	RESULT_NO_NODE,	    /* no node that it could be started on is up (S115) */
	RESULT_SIMPLE_ONE_FOR_ONE, /* not to be asked of a simple_one_for_one's child (S81) */
	RESULT_MAX_CHILDREN, /* a simple_one_for_one has as many as it may (S86) */
	RESULT_BADARG,	    /* links, monitors and exit: not between these */
	RESULT_NOT_RUNNING,  /* CMD_MOVE (S118), this and the next ones */
	RESULT_ALREADY_RUNNING, /* on that node */
	RESULT_NODEDOWN,
	RESULT_NOT_PERMITTED, /* it is not in the child's list, or was forbidden */
};

struct tree_action {
	enum tree_action_type type;
	child_handle child;
	uint64_t token;
	uint32_t node;
	uint32_t from;
	enum start_type start_type;
	int signal;
	enum tree_report report;
	struct exit_reason reason;
	int64_t delay_us; /* until the restart that is owed; -1: none owed */
	uint64_t cookie;
	enum tree_result result;
	enum tree_tell tell;
	child_handle about;
	uint64_t ref; /* also of the REPLY to CMD_MONITOR */
};

enum tree_command_type {
	CMD_START,    /* restart_child: up again if it is down; ok if it runs; cuts a delay short (S124). Under a
			 supervisor that is down: RESULT_NOPROC, but the wish is kept */
	CMD_STOP,     /* terminate_child: down, and stays down (S58, S60, S79) */
	CMD_RESTART,  /* stop, then start; not counted */
	CMD_ADD,      /* start_child(spec) under supervisor `child`; placed last (S76). If it does not start, the
			 reply says so and it is retried; under init_strict it is discarded (S29) */
	CMD_REMOVE,   /* terminate_child + delete_child */
	CMD_CHANGE,   /* new spec (or sup policy) for `child` (S85): policy counts at once, the rest from its next
			 start on; the old spec is not used any more. A supervisor's new list of children is what
			 it begins with when it begins again; nothing is added or removed now */
	CMD_SHUTDOWN, /* S61: everything ends; a second one hurries (SIGKILL now) */
	/*
	 * OTP's own operations, with OTP's results (S76, S81). They are serialised with what the child's
	 * supervisor is doing (S74): while it starts or stops a group, or the child itself is starting or
	 * stopping, they wait, and what they come to is told in the reply alone.
	 */
	CMD_START_CHILD,     /* `spec` under supervisor `child`; placed last; discarded if it does not start (S29) */
	CMD_TERMINATE_CHILD, /* down, but not for good: a restart of its group revives it (S41). Before TREE_BEGIN:
				it was, and is not started by that */
	CMD_RESTART_CHILD,   /* up again if it is down and nothing is owed; takes a CMD_STOP back */
	CMD_DELETE_CHILD,    /* forgotten, if it is down and nothing is owed */
	CMD_LINK,     /* S90: child and peer; where peer is gone, child is sent noproc (S91). RESULT_NOPROC: child is gone */
	CMD_UNLINK,   /* S90: ok whether there was one or not */
	CMD_MONITOR,  /* S99: child watches peer; the reply has the ref (`ref`, if it is not 0: a monitor of before a crash) */
	CMD_DEMONITOR, /* ref; RESULT_NOT_FOUND: it is no more */
	CMD_EXIT,     /* S95: child gets the exit signal `reason`, from peer (CHILD_NONE: from outside). RESULT_NOPROC: gone */
	CMD_MOVE,   /* S118: `child` to `node`, a planned restart; answered when it is there. RESULT_NO_NODE: no room */
	CMD_PERMIT, /* S118: `node` is (not) permitted to `child`, which leaves it, or waits; child TREE_ROOT: to all,
		       answered at once; those with stop_last may stay. A sick node is well again */
};

struct tree_command {
	enum tree_command_type type;
	child_handle child;
	const struct child_spec *spec; /* CMD_ADD, CMD_CHANGE, CMD_START_CHILD */
	child_handle peer;	       /* CMD_LINK, CMD_UNLINK, CMD_MONITOR, CMD_EXIT */
	uint64_t ref;		       /* CMD_MONITOR, CMD_DEMONITOR */
	struct exit_reason reason;     /* CMD_EXIT */
	uint32_t node;		       /* CMD_MOVE, CMD_PERMIT */
	bool permit;		       /* CMD_PERMIT */
	uint64_t cookie;	       /* comes back in TREE_ACT_REPLY; 0: no reply wanted */
};

/* What may be seen of a child. Pointers are borrowed until the next call. */
struct child_view {
	const struct child_spec *spec;
	child_handle parent;
	enum child_state state;
	bool wanted;		 /* should run; false after CMD_STOP */
	uint64_t token;		 /* of the current or last incarnation; 0: none yet */
	uint32_t node;
	mono_t since;		 /* of the present state */
	mono_t due;		 /* CHILD_RESTARTING: when it is started; else MONO_NEVER */
	uint64_t starts;	 /* incarnations in all */
	uint64_t restarts;	 /* automatic ones */
	struct exit_reason last; /* of the last incarnation that ended; with end_is_known: of the present one */
	bool end_is_known;	 /* an exit signal ends it: `last` is what is recorded, whatever its status is (S98) */
	bool traps;		 /* the present incarnation traps exits (S94) */
	bool killed;		 /* CHILD_STOPPING: it was to be ended by SIGKILL, no longer by its stop signal */
	uint32_t window;	 /* supervisors: restarts now in the window (S50) */
	uint32_t row;		 /* failures in a row (backoff) */
	bool waits_for_node;	 /* CHILD_RESTARTING: no node can be had (S115), or its own may return (S113) */
	uint32_t birth;		 /* unique: a handle is used again, and then this differs */
};

struct node_view {
	bool up;
	bool permitted; /* to children in general */
	uint32_t capacity;
	uint32_t load;	   /* incarnations there */
	mono_t sick_until; /* MONO_ZERO: it is not */
};

/*
 * seed feeds the jitter of backoff. Returns NULL with err set when a spec is
 * invalid (S2, S3, S7, S12) or memory is out.
 */
struct tree *tree_new(const struct sup_spec *root, uint32_t epoch, uint64_t seed, struct err *err);
void tree_free(struct tree *t);
void tree_event(struct tree *t, const struct tree_event *ev, mono_t now);
/*
 * RESULT_OK: accepted; the reply comes as TREE_ACT_REPLY when the effect is
 * complete (if cookie is not 0). Anything else is the final answer, and no
 * reply follows. *added is the new child's handle for CMD_ADD and CMD_START_CHILD
 * (may be NULL); CHILD_NONE if the child is not there yet because the command
 * waits (S74): then the reply's `child` is the new one.
 *
 * A new spec is borrowed for as long as the child exists. A CMD_START_CHILD whose
 * answer or reply is not RESULT_OK or RESULT_UNDEFINED has left no child.
 */
enum tree_result tree_command(struct tree *t, const struct tree_command *cmd, mono_t now, child_handle *added);
bool tree_next_action(struct tree *t, struct tree_action *out);
/* When TREE_TIMER is due; MONO_NEVER if nothing waits. */
mono_t tree_deadline(const struct tree *t);

/* Time goes on, and nothing else happens: what is viewed from here on is as of now (the window). */
void tree_look(struct tree *t, mono_t now);
/* Capacity of handles; a handle in [0, n) may be free (tree_view returns false). */
uint32_t tree_size(const struct tree *t);
bool tree_view(const struct tree *t, child_handle h, struct child_view *out);
/*
 * How many records of children were made. It grows by CMD_ADD, and when a supervisor
 * that begins again takes its forgotten children back (S55), under whatever handles.
 */
uint32_t tree_births(const struct tree *t);
/* False for a node that was never mentioned. */
bool tree_node(const struct tree *t, uint32_t node, struct node_view *out);
/* S118: is this node permitted to this child, whatever is said of it to all? */
bool tree_permits(const struct tree *t, child_handle h, uint32_t node);
/* The i-th of the pairs that are not, in no order; false: there are no more. */
bool tree_ban(const struct tree *t, uint32_t i, child_handle *child, uint32_t *node);
/* The children of a supervisor in start order: first, then next until CHILD_NONE. */
child_handle tree_first(const struct tree *t, child_handle sup);
child_handle tree_next(const struct tree *t, child_handle h);
/* Of two that are there: does a come before b in start order? (A supervisor comes before what is below it.) */
bool tree_is_before(const struct tree *t, child_handle a, child_handle b);
/* By id under a supervisor; CHILD_NONE if there is none. */
child_handle tree_find(const struct tree *t, child_handle sup, const char *id);
/* Whose current incarnation this is; CHILD_NONE if it is nobody's. */
child_handle tree_by_token(const struct tree *t, uint64_t token);

/* A link or a monitor, as one of its two ends sees it. */
enum tie_kind {
	TIE_LINK,
	TIE_MONITOR,   /* it watches `other` */
	TIE_MONITORED, /* it is watched by `other` */
};

struct tie_view {
	enum tie_kind kind;
	child_handle other;
	uint64_t other_token;
	uint64_t ref;	 /* of a monitor made at run time; else 0 */
	bool configured; /* by either of the two */
	bool joined;	 /* between the present incarnations; a configured one waits for both to run */
};

/* All ties of a child: for (e = tie_first(t, h); tie_view(t, e, &v); e = tie_next(t, e)). In no order. */
uint32_t tie_first(const struct tree *t, child_handle h);
uint32_t tie_next(const struct tree *t, uint32_t e);
bool tie_view(const struct tree *t, uint32_t e, struct tie_view *out);
/* Whose monitor this is; CHILD_NONE if it is no more. */
child_handle tie_watcher(const struct tree *t, uint64_t ref);
const char *child_state_name(enum child_state s);
const char *tree_result_name(enum tree_result r);
const char *tree_report_name(enum tree_report r);

#endif
