/*
 * The inside of the supervision tree; supervisor.h is its outside.
 *
 * How it works: an event changes the state of one child at once, and tells the
 * child's supervisor that it has something to do (sup_wake). Supervisors that
 * have something to do stand in a queue; tree_next_action() lets them take
 * steps whenever the ring of actions is empty. A step walks a cursor over the
 * children and emits a few actions, so starting or stopping 100,000 children
 * needs neither a large ring nor a deep stack.
 *
 *	step.c	      events, and what a child's end means (S34, S35, S42, S62)
 *	start.c	      a start, a supervisor's init, the walk upwards (S23, S41, S55)
 *	stop.c	      a stop, a supervisor's end, the walk downwards (S58-S63)
 *	restart.c     counting, delays, groups, escalation (S38-S54, S122-S124)
 *	command.c     what operators and reloads ask for, in everyday words
 *	operation.c   what OTP's operations ask for, and those that wait (S74-S86)
 *	link.c	      links, monitors, exit signals (S90-S99)
 *	link_names.c  whom specs name
 *	node.c	      which node is up and has room (S108, S115)
 *	places.c      lists of nodes, and who waits for one of them (S113, S115)
 *	failover.c    on which node a child starts, when it leaves it (S111-S117)
 *	permit.c      what operators say of nodes (S118)
 *	child.c	      records, states and counters; the order of siblings
 *	action.c      the ring of actions, reports, replies
 *	supervisor.c  tree_new, views, names
 */
#ifndef TRAPEXIT_CORE_TREE_H
#define TRAPEXIT_CORE_TREE_H

#include "core/index.h"
#include "core/intensity.h"
#include "core/placement.h"
#include "core/supervisor.h"
#include "core/timers.h"

#define NONE UINT32_MAX

/* Why a child is as it is; beside its state. */
enum child_flag {
	CF_WANTED = 1 << 0,	/* no operator has stopped it */
	CF_ORDERED = 1 << 1,	/* STOPPING: told so from above or by a command */
	CF_KILLED = 1 << 2,	/* STOPPING: SIGKILL is on its way */
	CF_TIMED_OUT = 1 << 3,	/* STOPPING: start_timeout has passed; its end is a start error */
	CF_IGNORED = 1 << 4,	/* STOPPING: it said that there is nothing to do (S26) */
	CF_AGAIN = 1 << 5,	/* STOPPING: start it as soon as it is down */
	CF_REMOVE = 1 << 6,	/* STOPPING: forget it as soon as it is down */
	CF_FIRST = 1 << 7,	/* has not come to life since its supervisor did: retried alone */
	CF_COMMAND = 1 << 8,	/* to be started, STARTING: a command said so; an error is the command's (S29) */
	CF_AUTO = 1 << 9,	/* RESTARTING, STARTING: an automatic restart */
	CF_WAIT_NODE = 1 << 10, /* RESTARTING: no node can be had (S113, S115); it is in a queue */
	CF_COOLING = 1 << 11,	/* RESTARTING: set aside at the root */
	CF_STATIC = 1 << 12,	/* one of its supervisor's own list (S55) */
	CF_GONE = 1 << 13,	/* removed; can be looked at until the next call */
	CF_DONE = 1 << 14,	/* ended for good before TREE_BEGIN: init passes it over */
	CF_LAST = 1 << 15,	/* live: ends after its siblings (as its spec said when it was started) */
	CF_DISCARD = 1 << 16,	/* with CF_COMMAND: it goes with the error */
	CF_WAIT_RETURN = 1 << 24, /* with CF_WAIT_NODE: in the queue of its node, not of its list */
	CF_NEXT = 1 << 25,	/* to be started: on the next node of its list (architecture 7) */
	CF_MOVE = 1 << 26,	/* told to end, to be started: it moves, which counts nothing (S116, S118) */
	CF_BACK = 1 << 27,	/* a better node has come since it was there last (S116) */
	CF_BANNED = 1 << 28,	/* some node is forbidden to it (S118) */
	CF_TERMINATED = 1 << 17, /* STOPPING: by terminate_child; a temporary one is forgotten then (S76) */
	CF_SIGNALLED = 1 << 20,	/* STOPPING: an exit signal ends it, c->last is the reason (S98) */
	CF_TRAPS = 1 << 21,	/* live: traps exits (as its spec said when it was started) */
	CF_WANTS = 1 << 22,	/* its spec names links or monitors: it is in tree.wants */
	CF_UNTIED = 1 << 23,	/* and they are to be looked up */
};

struct child {
	const struct child_spec *spec; /* borrowed */
	struct sup *sup;	       /* owned; NULL for a worker */
	uint64_t token;
	mono_t since;
	mono_t due;
	uint64_t starts;
	uint64_t restarts;
	struct exit_reason last;
	child_handle self;
	child_handle parent;
	child_handle prev, next; /* siblings; next also links free and removed records */
	uint32_t ord;		 /* grows in start order; unique among siblings */
	uint32_t node;	  /* where it is, or was */
	uint32_t episode; /* of its node when it was started (S108) */
	uint32_t places;  /* its list of nodes; NONE: it stays on its node */
	uint32_t target;  /* with CF_MOVE: the node to move to, if it can be had; or NONE */
	uint32_t wait_prev, wait_next; /* with CF_WAIT_NODE */
	uint32_t mate_prev, mate_next; /* those with the same list of nodes */
	uint32_t row;
	uint32_t waiters; /* first reply that waits for it */
	uint32_t ties;	  /* first end of a link or monitor */
	uint32_t birth;	  /* unique, where a handle is not */
	uint32_t flags;
	uint16_t node_row; /* failures in a row on its node */
	uint8_t state;
	uint8_t refused; /* starts in a row that nodes without a lease refused (S114) */
};
_Static_assert(sizeof(struct child) <= 152, "a child costs memory 100,000 times");

enum sup_phase {
	SUP_DOWN,     /* not running */
	SUP_ADOPTING, /* has children from before TREE_BEGIN */
	SUP_IDLE,     /* up */
	SUP_STARTING, /* walks upwards: init, or the start of a group */
	SUP_TEARDOWN, /* walks downwards: a group is to be restarted */
	SUP_ENDING,   /* walks downwards: everything is to end */
};

struct sup {
	const struct sup_spec *spec; /* borrowed */
	struct sup *run_next;
	child_handle self;
	child_handle first, last;
	uint32_t n_children;
	uint32_t next_ord;
	uint32_t live[2];     /* starting, running or stopping; [1]: those with CF_LAST */
	uint32_t significant; /* of these, live or restarting (S71) */
	child_handle cursor;
	child_handle leader; /* TEARDOWN: whose failure it is */
	uint32_t stop_from;  /* TEARDOWN: the first ord of the group */
	uint32_t start_from; /* TEARDOWN: start from this ord afterwards; NONE: not yet */
	uint8_t phase;
	uint8_t pass;	 /* downwards: 1 when only stop_last children are left */
	bool parallel;	 /* downwards: all at once */
	bool hurry;	 /* ENDING: SIGKILL */
	bool init;	 /* not yet counted as started itself */
	bool ordered;	 /* upwards: the child at the cursor has had its turn */
	bool queued;
	enum tree_result cause; /* ENDING: why */
	struct exit_reason cause_reason;
	struct window window;
	uint32_t *episodes; /* owned; by node: the last loss that was counted (S108) */
};

/* A reply that waits until a child is up, or down; each has a place in the ring reserved. */
struct waiter {
	uint64_t cookie;
	uint32_t next;
	bool up;
};

/* A command that waits for its turn (S74). */
struct deferred {
	struct tree_command cmd;
	uint32_t birth; /* of the child that it names */
};

/* What a link or monitor is; a link may be configured by both. */
enum tie_flag {
	TF_MONITOR = 1 << 0, /* end 0 watches end 1; else a link */
	TF_CONF_0 = 1 << 1,  /* the spec of end 0 says so */
	TF_CONF_1 = 1 << 2,  /* links only */
	TF_JOINED = 1 << 3,  /* between the present incarnations of both */
	TF_SEEN = 1 << 4,    /* while specs are looked through */
};

/*
 * An end is named by 2 * (index of the tie) + side; those of a child form a
 * list. A tie that is neither configured nor joined does not exist.
 */
struct tie {
	struct {
		child_handle child;
		uint32_t prev, next; /* ends */
	} end[2];
	uint64_t ref;
	uint32_t flags;
};

/* Children that wait, in the order in which they came. */
struct wait_list {
	child_handle first, last;
};

struct node {
	bool up;
	bool forbidden; /* to all (S118) */
	bool gained;	/* is in tree.gained: somebody may be waiting for it */
	bool news;	/* those that like it better are still to be told (S116) */
	uint32_t gain_next, news_next;
	uint32_t episode;  /* how often it was lost */
	uint32_t capacity; /* 0: no bound */
	uint32_t load;	   /* incarnations there */
	mono_t up_since, down_since;
	struct wait_list waiting; /* for this node alone */
	struct sickness sickness;
};

/* A list of nodes, shared by all children that have the same. */
struct places {
	struct node_pref *prefs; /* owned; NULL: a free record */
	uint32_t n;
	uint32_t users;
	uint32_t prev, next; /* of those that have somebody waiting; next also links free ones */
	struct wait_list waiting;
	struct wait_list mates; /* all of them */
};

struct ban {
	child_handle child;
	uint32_t node;
};

struct ring {
	struct tree_action *slots; /* owned */
	uint32_t cap;
	uint32_t head;
	uint32_t n;
};

struct tree {
	struct child **chunks; /* owned; records never move */
	uint32_t n_chunks;
	uint32_t size; /* handles ever used */
	child_handle free;
	child_handle gone;
	struct timers timers;
	struct index tokens; /* live incarnations */
	struct index ids;    /* (supervisor, id) */
	struct ring ring;
	struct waiter *waiters; /* owned; a pool */
	uint32_t n_waiters, waiters_cap, waiters_free;
	struct deferred *deferred; /* owned; in the order in which they came */
	uint32_t n_deferred, deferred_cap;
	bool redo; /* one of them may have its turn now */
	struct tie *ties; /* owned; a pool */
	uint32_t n_ties, ties_size, ties_cap, ties_free;
	uint64_t next_ref;
	child_handle *wants; /* owned: children with CF_WANTS */
	uint32_t n_wants, wants_cap;
	uint8_t *wanted; /* owned; a bit set of hashes: ids that specs have named */
	bool ties_stale; /* one that may be named has come: look all up */
	bool untied;	 /* there are children with CF_UNTIED */
	struct node *nodes; /* owned */
	uint32_t n_nodes, nodes_cap;
	uint32_t n_waiting; /* children with CF_WAIT_NODE */
	uint32_t gained;    /* the first node that somebody who waits may have now; or NONE */
	uint32_t news;	    /* the first node with news; or NONE */
	uint32_t review;    /* NONE, or where the review of who has to move goes on */
	bool has_takeovers; /* some spec has had `takeover` */
	struct places *places; /* owned */
	struct index place_index;
	uint32_t n_places, places_free;
	uint32_t places_waiting, places_last; /* those with somebody in their queue */
	struct ban *bans; /* owned; sorted */
	uint32_t n_bans, bans_cap;
	struct sup *run_first, *run_last;
	mono_t now;
	mono_t timers_until; /* timers up to here are being served */
	uint64_t next_token;
	uint64_t random;
	uint32_t births;
	bool begun;
	bool finished;
	struct child_spec root_spec;
};

#define CHUNK_BITS 8
#define CHUNK_SIZE (1u << CHUNK_BITS)
/* A walk pauses when so many actions wait to be carried out. */
#define RING_PAUSE 64

static inline struct child *
child_of(const struct tree *t, child_handle h)
{
	return &t->chunks[h >> CHUNK_BITS][h & (CHUNK_SIZE - 1)];
}

static inline struct sup *
sup_of(const struct tree *t, const struct child *c)
{
	return child_of(t, c->parent)->sup;
}

static inline bool
child_is(const struct child *c, unsigned flag)
{
	return (c->flags & flag) != 0;
}

static inline void
child_set(struct child *c, unsigned flag)
{
	c->flags |= flag;
}

static inline void
child_clear(struct child *c, unsigned flag)
{
	c->flags &= ~flag;
}

static inline bool
child_is_live(const struct child *c)
{
	return c->state == CHILD_STARTING || c->state == CHILD_RUNNING || c->state == CHILD_STOPPING;
}

/* supervisor.c */
/* Every call begins here: time goes on, and only forward. */
void tree_enter(struct tree *t, mono_t now);

/* action.c */
struct tree_action *action_push(struct tree *t, enum tree_action_type type, const struct child *c);
bool action_pop(struct tree *t, struct tree_action *out);
void action_report(struct tree *t, const struct child *c, enum tree_report report, int64_t delay_us);
void action_reply(struct tree *t, const struct child *c, uint64_t cookie, enum tree_result result);
void waiter_add(struct tree *t, struct child *c, uint64_t cookie, bool up);
/* The ring has a place for `extra` more replies than there are waiters. */
void ring_reserve(struct tree *t, uint32_t extra);
/* Answer those that wait for c to be up (or down). */
void waiters_answer(struct tree *t, struct child *c, bool up, enum tree_result result);

/* child.c */
struct child *child_new(struct tree *t, const struct child_spec *spec, child_handle parent);
/* As child_new(), under its parent at the end, with all below it. */
struct child *child_add(struct tree *t, const struct child_spec *spec, struct sup *parent);
/* With all below it; nothing of it may be live. */
void child_remove(struct tree *t, struct child *c);
void children_reclaim(struct tree *t);
void child_unlink(struct tree *t, struct child *c);
void child_append(struct tree *t, struct sup *s, struct child *c);
/* The one function that changes what is. */
void child_become(struct tree *t, struct child *c, enum child_state state);
void child_set_due(struct tree *t, struct child *c, mono_t due);
void child_set_spec(struct tree *t, struct child *c, const struct child_spec *spec);
void token_set(struct tree *t, struct child *c, uint64_t token);
void token_clear(struct tree *t, struct child *c);
child_handle id_find(const struct tree *t, child_handle sup, const char *id);
child_handle id_findn(const struct tree *t, child_handle sup, const char *id, size_t n);
struct sup *sup_new(struct tree *t, const struct sup_spec *spec, child_handle self);
void sup_free(struct sup *s);
void sup_set_spec(struct sup *s, const struct sup_spec *spec);
bool sup_is_up(const struct sup *s);
void sup_wake(struct tree *t, struct sup *s);

/* start.c */
void child_start(struct tree *t, struct child *c);
void child_started(struct tree *t, struct child *c);
void sup_begin(struct tree *t, struct sup *s);
void sup_walk_up(struct tree *t, struct sup *s);
void sup_settle(struct tree *t, struct sup *s);

/* stop.c */
/* `why`: CF_ORDERED, CF_TIMED_OUT, CF_IGNORED or CF_SIGNALLED. */
void child_stop(struct tree *t, struct child *c, unsigned why);
void child_kill(struct tree *t, struct child *c);
void sup_end(struct tree *t, struct sup *s, enum tree_result cause, const struct exit_reason *reason);
void sup_hurry(struct tree *t, struct sup *s);
void sup_walk_down(struct tree *t, struct sup *s);
/* The first child with this ord, or a later one. */
child_handle sup_first_from(const struct tree *t, const struct sup *s, uint32_t ord);

/* step.c */
/* A child ended, by itself or not: c->last says how. */
void child_ended(struct tree *t, struct child *c);
/* It did not come to life: c->last says why. */
void child_start_error(struct tree *t, struct child *c);
/* It is down and its end asks for nothing. */
void child_down(struct tree *t, struct child *c);
bool is_being_torn_down(const struct sup *s, const struct child *c);

/* restart.c */
/* c failed and its restart type wants it back: count, report, restart or escalate. */
void child_failed(struct tree *t, struct child *c, enum tree_report report);
/* Of one that is restarting: its delay is over. */
void child_retry(struct tree *t, struct child *c);
/* c is not to be restarted, by order: a group that is down for its sake does not wait for it. */
void group_release(struct tree *t, const struct child *c);
/* What is owed is not owed any more (S60). */
void child_cancel(struct tree *t, struct child *c);
/* It runs: an ordered stop, alone or with its group, and a start on `target` (NONE: wherever it can be). */
void child_move(struct tree *t, struct child *c, uint32_t target);

/* command.c */
unsigned depth_of(const struct tree *t, const struct child *c);
/* Will a walk upwards that is on its way come to c? */
bool has_turn_to_come(const struct tree *t, const struct sup *s, const struct child *c);

/* operation.c */
enum tree_result operation(struct tree *t, struct child *c, const struct tree_command *cmd, child_handle *added);
/* c is to be up by a later order: a terminate_child that still waits is overtaken. */
void operation_overtake(struct tree *t, struct child *c);
/* Carry out one of those that waited; true: call again. */
bool operation_next(struct tree *t);

static inline struct tie *
tie_of(const struct tree *t, uint32_t e)
{
	return &t->ties[e / 2];
}

/* link.c */
/* A link between these two, or a configured monitor of b by a. NULL: there is none. */
struct tie *tie_find(const struct tree *t, const struct child *a, const struct child *b, bool monitor);
/* Between two that are not the same. */
struct tie *tie_new(struct tree *t, const struct child *a, const struct child *b, uint32_t flags);
/* Not between incarnations any more: it goes, unless a spec wants it. */
void tie_part(struct tree *t, struct tie *tie);
/* c runs: configured ties with those that run, too, are joined. */
void links_join(struct tree *t, const struct child *c);
/* c's incarnation has ended: exit signals and DOWNs go out, and its ties end (S90, S92, S97, S99). */
void links_fire(struct tree *t, const struct child *c, const struct exit_reason *reason);
/* c is removed: whatever is left, the configured ones too. */
void links_drop(struct tree *t, struct child *c);
enum tree_result links_command(struct tree *t, struct child *c, const struct tree_command *cmd);
enum tree_result links_demonitor(struct tree *t, uint64_t ref, uint64_t cookie);

/* link_names.c */
/* c is new. */
void links_note_child(struct tree *t, struct child *c);
/* Its spec is new. */
void links_note_spec(struct tree *t, struct child *c);
/* Find whom the specs name, after that; takes memory. */
void links_resolve(struct tree *t);
/* c names nobody any more. */
void links_forget(struct tree *t, struct child *c);

/* node.c */
void node_reserve(struct tree *t, uint32_t node);
void node_up(struct tree *t, uint32_t node, uint32_t capacity);
void node_down(struct tree *t, uint32_t node);
/* An incarnation of c is there, or is not any more (by = -1). */
void node_load(struct tree *t, uint32_t node, int by);
/* It may be had by somebody who could not have it before. */
void node_gain(struct tree *t, uint32_t node);
bool node_scan(struct tree *t);
bool node_permits(const struct tree *t, const struct child *c, uint32_t node);
/* Up, permitted to c, and with room. */
bool node_is_usable(const struct tree *t, const struct child *c, uint32_t node);
/* S108: has this loss been counted in s already? Remembers that it is now. */
bool node_loss_counted(struct tree *t, struct sup *s, const struct child *c);

/* places.c */
/* c has the list of its spec from now on, and waits no more; false: it had that before. */
bool places_join(struct tree *t, struct child *c);
void places_leave(struct tree *t, struct child *c);
void places_release(struct tree *t);
void wait_enter(struct tree *t, struct child *c, bool for_return);
void wait_leave(struct tree *t, struct child *c);
/* The first that waits and can be started on this node now; or NULL. */
struct child *wait_first(const struct tree *t, uint32_t node);

/* failover.c */
/* Is there a node that c could be started on now (S115)? */
bool node_is_there(const struct tree *t, const struct child *c);
bool place_is_listed(const struct tree *t, const struct child *c, uint32_t node);
/* c is to be started: sets its node. False: there is none, or not yet; it waits. */
bool place_choose(struct tree *t, struct child *c);
enum start_type place_start_type(const struct child *c, uint32_t from);
/* A move that was meant is not meant any more. */
void place_forget(struct child *c);
void place_started(struct tree *t, struct child *c);
void place_failed(struct tree *t, struct child *c);
/* True: c->last is the node's fault, and another one is to be tried at once (S114). */
bool place_refused(struct tree *t, struct child *c);
/* An incarnation of c ends that has been running since c->since. */
void place_lived(struct tree *t, struct child *c);
/* c runs, and its deadline has come: it may move to a better node (S116). */
void place_timer(struct tree *t, struct child *c);
/* A node that it may like better can be had. */
void place_news(struct tree *t, struct child *c);
/* Look at all children in time: is there one that has to move? */
void review_begin(struct tree *t);
/* Tell those that like this node better than their own, in time. */
void review_news(struct tree *t, uint32_t node);
bool review_next(struct tree *t);

/* permit.c */
bool ban_is_set(const struct tree *t, const struct child *c, uint32_t node);
void bans_drop(struct tree *t, struct child *c);
enum tree_result cmd_move(struct tree *t, struct child *c, const struct tree_command *cmd);
enum tree_result cmd_permit(struct tree *t, struct child *c, const struct tree_command *cmd);

#endif
