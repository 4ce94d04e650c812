/*
 * Exits that were found together are told to the tree in start order (S21): the
 * kernel keeps no order of death, so it must not decide which of two children
 * leads the restart of their group.
 *
 * Together is what was read at once from an agent, what an attach brings, and what
 * one report of the disk thread made complete.
 */
#include "config.h"

#include <stdlib.h>

#include "base/xalloc.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"

void
bury_later(struct daemon *d, const struct incarnation *inc)
{
	if (d->n_due == d->due_cap) {
		d->due_cap = d->due_cap == 0 ? 64 : 2 * d->due_cap;
		d->due = xreallocarray(d->due, d->due_cap, sizeof(*d->due));
	}
	d->due[d->n_due++] = inc->token;
}

static int
compare_exits(const void *a, const void *b, void *arg)
{
	const uint64_t *x = a, *y = b;
	struct daemon *d = arg;
	const struct incarnation *first = inc_find(d, *x), *second = inc_find(d, *y);

	if (first != NULL && second != NULL && first->handle != CHILD_NONE && second->handle != CHILD_NONE &&
	    first->handle != second->handle)
		return tree_is_before(d->tree, first->handle, second->handle) ? -1 : 1;
	return *x < *y ? -1 : *x > *y;
}

void
bury_due(struct daemon *d)
{
	struct incarnation *inc;
	size_t i;

	/* At a handover the agent is not told that we know of their end: who comes hears of it anew. */
	if (handover_holds(d))
		return;
	if (d->n_due > 1)
		qsort_r(d->due, d->n_due, sizeof(*d->due), compare_exits, d);
	/* What is told may drop others, or make the daemon leave; it makes none due. */
	for (i = 0; i < d->n_due; i++) {
		if ((inc = inc_find(d, d->due[i])) != NULL && inc->state == INC_ENDED)
			act_bury(d, inc);
	}
	d->n_due = 0;
}
