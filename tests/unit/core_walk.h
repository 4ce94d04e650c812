/*
 * A world around the tree: incarnations that live, and what must be true of
 * them whatever happens. world_drain() takes the tree's actions and fails the
 * running Check test when one breaks an invariant:
 *
 *  - a START finds no live incarnation of the child, a larger token, a node that
 *    is up, of its list, permitted and not full, and nobody who has stopped the
 *    child by hand;
 *  - nobody waits for a node that is there, or is left on one that is forbidden;
 *  - signals go to live incarnations only;
 *  - a group or a serial supervisor ends its children in reverse order;
 *  - restarts within the period never pass the intensity without escalation,
 *    and nothing escalates below it;
 *  - a line goes to an incarnation that lives, before its subject comes back, and
 *    a monitor's once; links and monitors join incarnations that live;
 *  - every command that was accepted is answered once;
 *  - when the tree finishes nothing lives;
 *  - the tree's counters and lists are what its records say.
 */
#ifndef TRAPEXIT_TESTS_CORE_WALK_H
#define TRAPEXIT_TESTS_CORE_WALK_H

#include "base/attr.h"
#include "core/supervisor.h"
#include "core_script.h"

#define WORLD_MAX 256
#define WORLD_REFS 1024
#define WORLD_NODES 4

struct life {
	uint64_t token; /* 0: none */
	uint32_t node;
	bool started, told, killed, doomed; /* doomed: its node is lost */
};

struct world_node {
	bool up, forbidden;
	uint32_t capacity;
};

struct world {
	uint64_t seed, random;
	char text[4096]; /* the tree, for messages */
	struct specs *specs;
	struct sup_spec root;
	struct tree *tree;
	mono_t now;
	struct life lives[WORLD_MAX]; /* by handle */
	bool stopped[WORLD_MAX];      /* by hand, by handle */
	bool asked[WORLD_MAX];	      /* its end was asked for by itself: no order holds */
	int64_t restarts[WORLD_MAX][64];
	unsigned n_restarts[WORLD_MAX]; /* of a supervisor since it began */
	uint64_t last_token, dead_token;
	uint64_t cookies, answers;
	bool exact;    /* no node was lost: every count is known */
	bool hurried;  /* or a supervisor is killed: no order holds */
	bool finished;
	bool spread; /* there is more than one node */
	struct world_node nodes[WORLD_NODES];
	bool banned[WORLD_MAX][WORLD_NODES];
	uint32_t births[WORLD_MAX]; /* to whom that applies */
	unsigned n_added, n_changed;
	bool linked; /* there are links and monitors */
	uint64_t first_ref;
	bool fired[WORLD_REFS];
};

uint64_t world_random(struct world *w, uint64_t below);
void world_init(struct world *w, uint64_t seed, bool commands);
void world_release(struct world *w);
void world_event(struct world *w, struct tree_event ev);
enum tree_result world_command(struct world *w, enum tree_command_type type, child_handle h,
    const struct child_spec *spec);
enum tree_result world_give(struct world *w, struct tree_command cmd);
/* The counters and lists of the tree against its records. */
void world_check(const struct world *w);
void world_check_nodes(const struct world *w);
void world_check_start(struct world *w, const struct tree_action *a);
/* Something happens to a node. */
void world_shake(struct world *w);
/* An operator moves a child, or permits or forbids a node. */
void world_arrange(struct world *w, child_handle h);
/* All nodes are up, permitted and large. */
void world_open(struct world *w);
bool world_is_up(const struct world *w, child_handle sup);

/* Fails the running test with seed, time and tree. */
void world_fail(const struct world *w, const char *what, const char *fmt, ...) ATTR_PRINTF(3, 4) ATTR_NORETURN;
#define WORLD_ASSERT(w, what, ...) \
	do { \
		if (!(what)) \
			world_fail(w, #what, __VA_ARGS__); \
	} while (0)

#endif
