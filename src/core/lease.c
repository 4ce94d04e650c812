#include "config.h"

#include "core/lease.h"

#include <string.h>

void
lease_holder_init(struct lease_holder *h, mono_t start, int64_t hold_us)
{
	memset(h, 0, sizeof(*h));
	h->length_us = hold_us;
	h->deadline = mono_add_us(start, hold_us);
	h->ping_due = MONO_NEVER;
}

void
lease_holder_attached(struct lease_holder *h, mono_t now, int64_t length_us)
{
	memset(h->pings, 0, sizeof(h->pings));
	h->length_us = length_us;
	h->ping_due = now;
}

void
lease_holder_detached(struct lease_holder *h)
{
	h->ping_due = MONO_NEVER;
}

uint64_t
lease_holder_ping(struct lease_holder *h, mono_t now)
{
	h->k++;
	h->pings[h->k % LEASE_PINGS_KEPT].k = h->k;
	h->pings[h->k % LEASE_PINGS_KEPT].at = now;
	h->ping_due = mono_add_us(now, h->length_us / 3);
	return h->k;
}

mono_t
lease_holder_due(const struct lease_holder *h)
{
	return h->ping_due;
}

bool
lease_holder_pong(struct lease_holder *h, mono_t now, uint64_t k, int64_t length_us)
{
	mono_t until;

	if (k == 0 || h->pings[k % LEASE_PINGS_KEPT].k != k || length_us <= 0 || length_us > LEASE_MAX_US)
		return false;
	h->pings[k % LEASE_PINGS_KEPT].k = 0;
	until = mono_add_us(h->pings[k % LEASE_PINGS_KEPT].at, length_us);
	if (length_us != h->length_us) {
		h->length_us = length_us;
		h->ping_due = mono_add_us(now, length_us / 3);
	}
	/* The first grant replaces the deadline that was there without one, be it longer or shorter. */
	if (h->granted && !mono_before(h->deadline, until))
		return false;
	h->deadline = until;
	h->granted = true;
	return true;
}

bool
lease_holder_permits(const struct lease_holder *h, mono_t now)
{
	return h->granted && mono_before(now, h->deadline);
}

bool
lease_holder_is_over(struct lease_holder *h, mono_t now)
{
	if (mono_before(now, h->deadline) || !mono_before(h->ended, h->deadline))
		return false;
	h->ended = h->deadline;
	return true;
}

mono_t
lease_all_dead(mono_t received, int64_t length_us)
{
	int64_t drift_us = (length_us / 1000 + 1) * LEASE_DRIFT_PERMILLE;

	return mono_add_us(mono_add_us(mono_add_us(received, length_us), drift_us), LEASE_KILL_US);
}

static mono_t
later(mono_t a, mono_t b)
{
	return mono_before(a, b) ? b : a;
}

void
lease_grantor_init(struct lease_grantor *g, mono_t start, int64_t length_us, int64_t largest_us)
{
	memset(g, 0, sizeof(*g));
	g->length_us = length_us;
	if (largest_us < length_us)
		largest_us = length_us;
	g->until = lease_all_dead(start, largest_us);
	if (largest_us > length_us) {
		g->older_us = largest_us;
		g->older_until = g->until;
	}
}

int64_t
lease_grantor_answer(struct lease_grantor *g, mono_t received)
{
	/* An answer with a smaller L does not shorten what was granted before. */
	g->until = later(g->until, lease_all_dead(received, g->length_us));
	return g->length_us;
}

void
lease_grantor_set(struct lease_grantor *g, mono_t now, int64_t length_us)
{
	int64_t largest_us = lease_grantor_largest(g, now);

	g->older_us = 0;
	if (largest_us > length_us && !lease_grantor_is_over(g, now)) {
		g->older_us = largest_us;
		g->older_until = g->until;
	}
	g->length_us = length_us;
}

void
lease_grantor_proved(struct lease_grantor *g)
{
	g->until = MONO_ZERO;
	g->older_us = 0;
}

bool
lease_grantor_is_over(const struct lease_grantor *g, mono_t now)
{
	return !mono_before(now, g->until);
}

int64_t
lease_grantor_largest(const struct lease_grantor *g, mono_t now)
{
	bool older = g->older_us > g->length_us && mono_before(now, g->older_until);

	return older ? g->older_us : g->length_us;
}
