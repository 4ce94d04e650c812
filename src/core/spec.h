/*
 * What a supervisor and a child are told to be: the values that the
 * configuration is turned into (rules S1-S13) and that the core works on.
 *
 * Ownership: a spec and all that it points to is borrowed by the tree, and must
 * stay unchanged while the tree (or the child that uses it) exists.
 */
#ifndef TRAPEXIT_CORE_SPEC_H
#define TRAPEXIT_CORE_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum restart_type { RESTART_PERMANENT, RESTART_TRANSIENT, RESTART_TEMPORARY };
enum strategy { STRATEGY_ONE_FOR_ONE, STRATEGY_ONE_FOR_ALL, STRATEGY_REST_FOR_ONE, STRATEGY_SIMPLE_ONE_FOR_ONE };
enum child_type { CHILD_WORKER, CHILD_SUPERVISOR };
enum ready_kind { READY_EXEC, READY_NOTIFY, READY_NEWLINE };
enum auto_shutdown { AUTO_SHUTDOWN_NEVER, AUTO_SHUTDOWN_ANY_SIGNIFICANT, AUTO_SHUTDOWN_ALL_SIGNIFICANT };

#define INTENSITY_INFINITY UINT32_MAX
#define SHUTDOWN_INFINITY INT64_MAX
#define SHUTDOWN_BRUTAL_KILL (-1)

/* S122, with architecture 4: the first restart in a row may be immediate. */
struct backoff_spec {
	bool enabled;
	bool first_at_once;	/* the first restart of a row waits for nothing */
	int64_t min_us;
	int64_t max_us;
	uint32_t factor;	/* 2 doubles */
	uint32_t jitter_permille;
	int64_t reset_after_us; /* this long up: the row begins anew */
};

#define BACKOFF_DEFAULT \
	{ true, true, 200000, 60000000, 2, 100, 60000000 }

/* One of the nodes that a child may run on. */
struct node_pref {
	uint32_t node;
	uint32_t rank; /* the smaller the better; equals share one */
};

struct sup_spec;

struct child_spec {
	const char *id; /* unique in its supervisor */
	enum child_type type;
	enum restart_type restart;
	int64_t shutdown_ms;	/* or SHUTDOWN_INFINITY, SHUTDOWN_BRUTAL_KILL (S10) */
	int stop_signal;	/* S13; 0: SIGTERM */
	bool significant;	/* S12 */
	bool stop_last;		/* ends after all its siblings have ended (the recorder) */
	bool stopped;		/* an operator's wish: not started until told to */
	uint8_t success_codes[32]; /* bit set of exit codes; 0 always counts */
	uint64_t success_signals;  /* bit n: signal n (S13) */
	enum ready_kind ready;
	int64_t start_timeout_us; /* 0: none */
	struct backoff_spec backoff;
	bool trap_exit;		    /* S94: exit signals become lines; as of its next start */
	/* S90, S99: joined whenever both live. A sibling's id, or a path from the root ("/a/b"; "a/b" if no sibling is called so). */
	const char *const *links;
	size_t n_links;
	const char *const *monitors;
	size_t n_monitors;
	/*
	 * S111: best first. An empty list: it stays on the node where it is, at first on node 0, and is
	 * started nowhere else.
	 */
	const struct node_pref *nodes;
	uint32_t n_nodes;
	uint32_t failover_after;     /* failures in a row on a node until the next is tried; 0: it is not (S112) */
	int64_t failover_timeout_us; /* S113, S116 */
	bool takeover;		     /* S116: back to a better node by itself */
	const struct sup_spec *sup; /* if type is CHILD_SUPERVISOR */
	void *user;		    /* the caller's, carried through */
};

/* Does it get lines about others (S94, S99)? Then each incarnation has a control descriptor. */
static inline bool
spec_has_control(const struct child_spec *spec)
{
	return spec->trap_exit || spec->n_monitors > 0;
}

struct sup_spec {
	enum strategy strategy;
	uint32_t intensity; /* or INTENSITY_INFINITY */
	int64_t period_us;
	enum auto_shutdown auto_shutdown;
	bool stop_serial;     /* S59 to the letter, under one_for_one too */
	bool init_strict;     /* S27 to the letter: a start error ends the init */
	bool root_exit;	      /* S53, S57 at the root; else the culprit cools down */
	int64_t cool_down_us; /* at the root: how long it is set aside; 0: 5 minutes */
	uint32_t max_children; /* S86: under simple_one_for_one; 0: no bound */
	const struct child_spec *const *children; /* simple_one_for_one: the template alone (S6) */
	size_t n_children;
};

#endif
