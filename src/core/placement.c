#include "config.h"

#include "core/placement.h"

/* The best of prefs[from..end), all of the same rank: the fewest children, then list order. */
static uint32_t
best_of(const struct place_query *q, uint32_t from, uint32_t end, bool sick_too)
{
	uint32_t best = PLACE_NONE, load = UINT32_MAX, i;

	for (i = from; i < end; i++) {
		struct place_node p = q->look(q->arg, q->prefs[i].node);

		if (!p.usable || (p.sick && !sick_too) || (best != PLACE_NONE && p.load >= load))
			continue;
		best = q->prefs[i].node;
		load = p.load;
	}
	return best;
}

/* Where the rank that begins at i ends. */
static uint32_t
rank_end(const struct place_query *q, uint32_t i)
{
	uint32_t rank = q->prefs[i].rank;

	while (i < q->n && q->prefs[i].rank == rank)
		i++;
	return i;
}

/* The best of prefs[from..end), rank by rank. */
static uint32_t
first_of(const struct place_query *q, uint32_t from, uint32_t end, bool sick_too)
{
	uint32_t i = from, next, node;

	for (; i < end; i = next) {
		next = rank_end(q, i);
		if (next > end)
			next = end;
		if ((node = best_of(q, i, next, sick_too)) != PLACE_NONE)
			return node;
	}
	return PLACE_NONE;
}

/* q->n if it is not in the list. */
static uint32_t
index_of(const struct node_pref *prefs, uint32_t n, uint32_t node)
{
	uint32_t i = 0;

	while (i < n && prefs[i].node != node)
		i++;
	return i;
}

bool
place_lists(const struct node_pref *prefs, uint32_t n, uint32_t node)
{
	return index_of(prefs, n, node) < n;
}

uint32_t
place_first(const struct place_query *q)
{
	uint32_t node = first_of(q, 0, q->n, false);

	return node != PLACE_NONE ? node : first_of(q, 0, q->n, true);
}

static uint32_t
next_after(const struct place_query *q, uint32_t at, bool sick_too)
{
	uint32_t node = first_of(q, at + 1, q->n, sick_too);

	return node != PLACE_NONE ? node : first_of(q, 0, at, sick_too);
}

uint32_t
place_after(const struct place_query *q, uint32_t node)
{
	uint32_t at = index_of(q->prefs, q->n, node), next;

	if (at == q->n)
		return place_first(q);
	if ((next = next_after(q, at, false)) != PLACE_NONE || (next = best_of(q, at, at + 1, false)) != PLACE_NONE)
		return next;
	/* All are sick. */
	next = next_after(q, at, true);
	return next != PLACE_NONE ? next : best_of(q, at, at + 1, true);
}

uint32_t
place_better(const struct place_query *q, uint32_t node, int64_t timeout_us, mono_t now, mono_t *due)
{
	uint32_t at = index_of(q->prefs, q->n, node), best = PLACE_NONE, load = UINT32_MAX, i;
	bool found = false;

	*due = MONO_NEVER;
	for (i = 0; i < q->n && (at == q->n || q->prefs[i].rank < q->prefs[at].rank); i++) {
		struct place_node p = q->look(q->arg, q->prefs[i].node);
		mono_t ready = mono_add_us(p.up_since, timeout_us);

		if (found && q->prefs[i].rank != q->prefs[i - 1].rank)
			break;
		if (!p.usable || p.sick)
			continue;
		if (mono_before(now, ready)) {
			*due = mono_min(*due, ready);
		} else if (!found || p.load < load) {
			found = true;
			best = q->prefs[i].node;
			load = p.load;
		}
	}
	return best;
}

bool
sickness_is_on(const struct sickness *s, mono_t now)
{
	return mono_before(now, s->until);
}

/* How long the n-th time lasts. */
static int64_t
sick_us(uint32_t times)
{
	int64_t us = SICK_MIN_US;

	while (--times > 0 && us < SICK_MAX_US)
		us *= 2;
	return us < SICK_MAX_US ? us : SICK_MAX_US;
}

bool
sickness_spent(struct sickness *s, uint64_t culprit, mono_t now)
{
	if (sickness_is_on(s, now))
		return false;
	if (s->row > 0 && mono_diff_us(now, s->last) > SICK_WINDOW_US)
		s->row = 0;
	if (s->row == 0 || s->culprit != culprit)
		s->row++;
	s->culprit = culprit;
	s->last = now;
	if (s->row < SICK_AFTER)
		return false;
	if (s->times > 0 && mono_diff_us(now, s->until) > SICK_MAX_US)
		s->times = 0;
	s->times++;
	s->row = 0;
	s->until = mono_add_us(now, sick_us(s->times));
	return true;
}

void
sickness_lived(struct sickness *s)
{
	s->row = 0;
}
