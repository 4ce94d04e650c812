/*
 * The configuration file of a run: what is listed in it, as values that nobody
 * changes any more (a daemon may still use those of an earlier file), and those
 * who edit it.
 */
#include "config.h"

#include <string.h>

#include "sim.h"

enum salt { SALT_EDIT = 700 };

enum edit { EDIT_POLICY, EDIT_NODES, EDIT_PROGRAM, EDIT_LIST };

_Static_assert(EDIT_LIST + 1 == FILE_EDITS, "a number for each");

static struct sup_spec *
copy_sup(struct world *w, const struct sup_spec *draft, uint32_t n_children)
{
	struct sup_spec *s = sim_alloc(w, sizeof(*s));

	*s = *draft;
	s->children = sim_alloc(w, (n_children + 1) * sizeof(*s->children));
	s->n_children = 0;
	return s;
}

static struct listing *
copy_child(struct world *w, const struct kid *k, uint32_t n_children)
{
	struct listing *l = sim_alloc(w, sizeof(*l));

	l->spec = *k->draft;
	l->program = k->program;
	if (k->is_sup)
		l->spec.sup = l->sup = copy_sup(w, k->sup, n_children);
	return l;
}

const struct child_spec *
file_copy(struct world *w, const struct kid *k)
{
	return &copy_child(w, k, 0)->spec;
}

uint32_t
file_program(const struct child_spec *spec)
{
	return ((const struct listing *)spec)->program;
}

/* Each supervisor comes before what is below it. */
void
file_write(struct world *w)
{
	uint32_t *counts = sim_alloc(w, w->n_kids * sizeof(*counts)), i;
	struct sup_spec *above;
	struct kid *k;

	for (i = 1; i < w->n_kids; i++)
		counts[w->kids[i].parent] += w->kids[i].configured;
	w->file = copy_sup(w, w->kids[0].sup, counts[0]);
	for (i = 1; i < w->n_kids; i++) {
		k = &w->kids[i];
		above = k->parent == 0 ? w->file : w->kids[k->parent].listed != NULL ? w->kids[k->parent].listed->sup : NULL;
		k->listed = k->configured && above != NULL ? copy_child(w, k, counts[i]) : NULL;
		if (k->listed != NULL)
			((const struct child_spec **)(uintptr_t)above->children)[above->n_children++] = &k->listed->spec;
	}
}

static uint64_t
roll(const struct world *w, uint64_t salt, uint64_t n, uint64_t below)
{
	return sim_hash(w, salt, SALT_EDIT + n) % below;
}

static void
edit_worker(const struct world *w, struct child_spec *s, uint64_t salt)
{
	/* What is significant is bound to its restart type (S12). */
	if (!s->significant)
		s->restart = (enum restart_type)roll(w, salt, 1, 3);
	s->shutdown_ms = roll(w, salt, 2, 6) == 0 ? SHUTDOWN_BRUTAL_KILL : (int64_t)(1 + roll(w, salt, 3, 4)) * 1000;
	s->start_timeout_us = roll(w, salt, 4, 3) == 0 ? 3 * US_PER_S : 0;
	s->backoff = (struct backoff_spec){ roll(w, salt, 5, 2) == 0, roll(w, salt, 6, 2) == 0,
		100000 * (1 + (int64_t)roll(w, salt, 7, 4)), 5 * US_PER_S, 2, 100, 8 * US_PER_S };
	s->stop_last = roll(w, salt, 8, 10) == 0;
}

static void
edit_supervisor(const struct world *w, struct sup_spec *s, uint64_t salt)
{
	static const enum strategy strategies[] = { STRATEGY_ONE_FOR_ONE, STRATEGY_ONE_FOR_ALL, STRATEGY_REST_FOR_ONE };

	s->intensity = roll(w, salt, 1, 3) == 0 ? INTENSITY_INFINITY : (uint32_t)roll(w, salt, 2, 6);
	s->period_us = (int64_t)(2 + roll(w, salt, 3, 8)) * US_PER_S;
	s->stop_serial = roll(w, salt, 4, 4) == 0;
	if (s->strategy != STRATEGY_SIMPLE_ONE_FOR_ONE && roll(w, salt, 5, 2) == 0)
		s->strategy = strategies[roll(w, salt, 6, 3)];
}

static void
edit_nodes(struct world *w, struct child_spec *s, uint64_t salt)
{
	uint32_t n = 1 + (uint32_t)roll(w, salt, 1, w->n_hosts), first = (uint32_t)roll(w, salt, 2, w->n_hosts), i;
	struct node_pref *prefs = sim_alloc(w, n * sizeof(*prefs));

	for (i = 0; i < n; i++)
		prefs[i] = (struct node_pref){ (first + i) % w->n_hosts, i / 2 };
	s->nodes = prefs;
	s->n_nodes = n;
	s->failover_after = (uint32_t)roll(w, salt, 3, 3);
	s->failover_timeout_us = (int64_t)roll(w, salt, 4, 3) * 2 * US_PER_S;
	s->takeover = roll(w, salt, 5, 2) == 0;
}

void
file_edit(struct world *w, uint32_t kid, uint32_t what)
{
	struct kid *k = &w->kids[kid];
	uint64_t salt = (uint64_t)w->now << 8 | what;

	sim_tell(w, "the file: edit %u of %s", what, k->path);
	switch ((enum edit)what) {
	case EDIT_POLICY:
		if (k->is_sup)
			edit_supervisor(w, k->sup, salt);
		else
			edit_worker(w, k->draft, salt);
		break;
	case EDIT_NODES:
		if (!k->is_sup)
			edit_nodes(w, k->draft, salt);
		break;
	case EDIT_PROGRAM:
		k->program++;
		break;
	case EDIT_LIST:
		if (k->index != 0 && !k->is_template)
			k->configured = !k->configured;
		break;
	}
	file_write(w);
}
