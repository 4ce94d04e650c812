/*
 * Delta debugging (Zeller's ddmin): take out pieces of the plan, larger ones
 * first, for as long as the same invariant still breaks.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim.h"

/* The plan without the items [from, from + n). */
static bool
still_fails(const struct plan *p, size_t from, size_t n, const char *invariant)
{
	struct plan less = *p;
	struct outcome out;

	less.items = xcalloc(p->n_items + 1, sizeof(*less.items));
	less.n_items = p->n_items - n;
	memcpy(less.items, p->items, from * sizeof(*p->items));
	memcpy(less.items + from, p->items + from + n, (p->n_items - from - n) * sizeof(*p->items));
	plan_run(&less, 0, &out);
	free(less.items);
	return out.failed && strcmp(out.invariant, invariant) == 0;
}

static void
take_out(struct plan *p, size_t from, size_t n)
{
	memmove(p->items + from, p->items + from + n, (p->n_items - from - n) * sizeof(*p->items));
	p->n_items -= n;
}

void
plan_shrink(struct plan *p, const struct outcome *first)
{
	size_t piece = p->n_items / 2, from, before = p->n_items, n;
	bool smaller = true;

	while (piece > 0) {
		smaller = false;
		for (from = 0; from < p->n_items;) {
			n = piece < p->n_items - from ? piece : p->n_items - from;
			if (still_fails(p, from, n, first->invariant)) {
				take_out(p, from, n);
				smaller = true;
			} else {
				from += n;
			}
		}
		if (piece > 1)
			piece /= 2;
		else if (!smaller)
			break;
	}
	printf("shrunk from %zu items to %zu\n", before, p->n_items);
}
