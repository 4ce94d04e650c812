/*
 * Where a child is to run (S111, S112, S116, architecture 7): pure.
 *
 * A child has a list of nodes, best first; nodes of the same rank are equals. What
 * is known of a node comes from the caller's `look`. All functions return a node,
 * or PLACE_NONE.
 */
#ifndef TRAPEXIT_CORE_PLACEMENT_H
#define TRAPEXIT_CORE_PLACEMENT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mono.h"
#include "core/spec.h"

#define PLACE_NONE UINT32_MAX

struct place_node {
	bool usable;	 /* up, permitted, with room for one more */
	bool sick;	 /* taken only if nothing else is usable */
	uint32_t load;	 /* how many of our children it has */
	mono_t up_since; /* if it is usable */
};

struct place_query {
	const struct node_pref *prefs; /* by rank */
	uint32_t n;
	struct place_node (*look)(const void *arg, uint32_t node);
	const void *arg;
};

/* S111: of the best rank that has one; among equals that with the fewest children, then by list order. */
uint32_t place_first(const struct place_query *q);
/*
 * Architecture 7: the next one after `node`, where too much failed: its equals that
 * stand behind it, then rank by rank, from the end on to the best again, so that
 * all have their turn; `node` itself if there is no other.
 */
uint32_t place_after(const struct place_query *q, uint32_t node);
/*
 * S116: one of strictly better rank than `node` that has been up for timeout_us. *due is
 * when it is worth asking again if there is none (MONO_NEVER: when something changes).
 */
uint32_t place_better(const struct place_query *q, uint32_t node, int64_t timeout_us, mono_t now, mono_t *due);
bool place_lists(const struct node_pref *prefs, uint32_t n, uint32_t node);

/*
 * A node where children fail again and again. A child is *spent* there when it has
 * failed failover_after times in a row and goes elsewhere. SICK_AFTER children spent
 * one after the other (not the same one twice, none further apart than SICK_WINDOW,
 * and none that lived long there in between) make the node sick: for SICK_MIN, twice
 * as long the next time, up to SICK_MAX; after SICK_MAX in health it begins anew.
 */
#define SICK_AFTER 3
#define SICK_WINDOW_US (300 * US_PER_S)
#define SICK_MIN_US (60 * US_PER_S)
#define SICK_MAX_US (3600 * US_PER_S)

struct sickness {
	mono_t until; /* sick before this; zero: never was */
	mono_t last;
	uint64_t culprit; /* of the last one that was spent */
	uint32_t row;
	uint32_t times;
};

/* True: from now on, until `until`, it is sick. */
bool sickness_spent(struct sickness *s, uint64_t culprit, mono_t now);
/* A child has lived long there. */
void sickness_lived(struct sickness *s);
bool sickness_is_on(const struct sickness *s, mono_t now);

#endif
