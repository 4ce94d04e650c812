/*
 * What a reload would do: two configurations compared by the children's paths.
 * A pure function; nothing is done here.
 *
 *	new = config_load(path, &errors);	NULL: nothing changes
 *	config_keep_places(new, running);
 *	plan = plan_make(running, new);
 *	plan_print(plan, &text);		for people; the same as data: plan->v
 *	for each entry, in order: carry it out
 *	config_unref(running);			now no spec of it is in use any more
 *	plan_free(plan);
 *
 * The entries stand in an order in which they can be carried out:
 *
 *  1. settings of the daemon itself (path NULL);
 *  2. removals, in reverse start order; a removed supervisor is one entry, its
 *     children go with it;
 *  3. all others in start order of the new configuration, a supervisor before
 *     its children; the root is the path "", with specs NULL. An added
 *     supervisor is one entry, its children come with it (its spec has them).
 *
 * PLAN_KEEP is listed too: what runs of it stays untouched, but its spec is
 * `new` from now on, for the old one goes away with its configuration. The same
 * holds for PLAN_CHANGE, where the new spec says something else about it that
 * needs no new incarnation. PLAN_RESTART is a change that only a new incarnation
 * knows; nothing else is restarted. A child that became a supervisor, or the
 * reverse, is a removal and an addition.
 *
 * A plan owns paths and reasons; specs are borrowed from the two configurations.
 */
#ifndef TRAPEXIT_CONF_PLAN_H
#define TRAPEXIT_CONF_PLAN_H

#include <stddef.h>

#include "base/buf.h"
#include "conf/config.h"

enum plan_kind {
	PLAN_SETTING, /* of the daemon, applies at once */
	PLAN_LATER,   /* of the daemon, applies when it is started the next time */
	PLAN_REMOVE,
	PLAN_ADD,
	PLAN_RESTART,
	PLAN_CHANGE,
	PLAN_KEEP,
	PLAN_KINDS,
};

struct plan_entry {
	enum plan_kind kind;
	char *path;   /* owned; NULL for a setting, "" for the root supervisor */
	const struct child_spec *old; /* NULL for an addition, a setting, the root */
	const struct child_spec *new; /* NULL for a removal, a setting, the root */
	char *reason; /* owned: in words, as "every: 5m -> 10m"; "" for PLAN_KEEP */
};

struct plan {
	struct plan_entry *v; /* owned */
	size_t n;
	size_t cap;
	size_t counts[PLAN_KINDS]; /* a supervisor that comes or goes counts one */
};

struct plan *plan_make(const struct config *old, const struct config *new);
void plan_free(struct plan *p);
/* What the caller knows better: `reason` becomes the plan's. */
void plan_amend(struct plan *p, struct plan_entry *e, enum plan_kind kind, char *reason);
/* "restart suppliers/ebuyer: every: 5m -> 10m", a line an entry, without what is kept; at last a line of sums. */
void plan_print(const struct plan *p, struct buf *out);
/* "add", "remove", ... */
const char *plan_kind_name(enum plan_kind kind);

#endif
