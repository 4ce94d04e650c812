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

#include <event2/event.h>

#include "base/xalloc.h"
#include "daemon/handover.h"
#include "daemon/node.h"

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

/* Those that wait no longer for the end of a log; others go on waiting. */
static void
bury_cb(evutil_socket_t fd, short what, void *arg)
{
	static const struct timeval again = { .tv_sec = BURY_LOG_US / US_PER_S };
	struct daemon *d = arg;
	bool waits = false;
	uint64_t token;
	size_t i = 0;
	void *value;

	(void)fd;
	(void)what;
	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->state != INC_ENDED)
			continue;
		if (d->begun && node_at(d, inc->node)->state == NODE_UP && output_is_in(d, inc))
			bury_later(d, inc);
		waits = true;
	}
	if (waits)
		evtimer_add(d->ev_bury, &again);
	bury_due(d);
	daemon_pump(d);
}

void
bury_wait(struct daemon *d, struct incarnation *inc)
{
	static const struct timeval patience = { .tv_sec = BURY_LOG_US / US_PER_S, .tv_usec = 1000 };

	if (inc->ended_at.us == 0)
		inc->ended_at = mono_now();
	if (d->ev_bury == NULL)
		d->ev_bury = evtimer_new(d->base, bury_cb, d);
	if (!evtimer_pending(d->ev_bury, NULL))
		evtimer_add(d->ev_bury, &patience);
}
