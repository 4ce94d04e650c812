#include "config.h"

#include "core/pace.h"

#include <string.h>

/* Of what is on its way, a mark stands behind each such part. */
#define PARTS 4
/* A heartbeat is late after L/3: queues may take a quarter of that. */
#define LEASE_PART 12
#define PIECE_LEAST 1024u

static uint64_t
bounded(uint64_t window)
{
	if (window < PACE_LEAST)
		return PACE_LEAST;
	return window < PACE_MOST ? window : PACE_MOST;
}

static uint64_t
on_way(const struct pace *p)
{
	return p->sent - p->arrived;
}

void
pace_set_lease(struct pace *p, int64_t lease_us)
{
	p->target_us = lease_us / LEASE_PART < PACE_TARGET_MOST_US ? lease_us / LEASE_PART : PACE_TARGET_MOST_US;
}

void
pace_init(struct pace *p, int64_t lease_us)
{
	memset(p, 0, sizeof(*p));
	p->window = PACE_FIRST;
	pace_set_lease(p, lease_us);
}

uint64_t
pace_room(const struct pace *p)
{
	uint64_t window = p->sounding ? PACE_LEAST : p->window;

	return on_way(p) < window ? window - on_way(p) : 0;
}

uint64_t
pace_piece(const struct pace *p)
{
	uint64_t piece = (p->sounding ? PACE_LEAST : p->window) / PARTS;

	return piece > PIECE_LEAST ? piece : PIECE_LEAST;
}

void
pace_sent(struct pace *p, uint64_t bytes)
{
	p->sent += bytes;
}

bool
pace_wants_mark(const struct pace *p)
{
	uint64_t unmarked = p->sent - p->marked;

	return unmarked > 0 && p->n_marks < PACE_MARKS && (unmarked >= p->window / PARTS || pace_room(p) == 0);
}

void
pace_quiet(struct pace *p)
{
	if (on_way(p) < PIECE_LEAST && p->window > PACE_FIRST)
		p->window = p->window / 2 > PACE_FIRST ? p->window / 2 : PACE_FIRST;
}

void
pace_mark(struct pace *p, mono_t now)
{
	if (p->n_marks == PACE_MARKS)
		return;
	p->marks[p->n_marks].at = p->sent;
	p->marks[p->n_marks].on_way = on_way(p);
	p->marks[p->n_marks].alone = on_way(p) <= PACE_LEAST + PIECE_LEAST || (p->sounding && p->marked == p->arrived);
	p->marks[p->n_marks++].when = now;
	p->marked = p->sent;
}

/* The shortest way, which a mark alone on the link may also find to be longer than it was. */
static void
renew_base(struct pace *p, mono_t now, int64_t way_us, bool alone)
{
	bool due = !mono_before(now, p->base_until);

	p->sounding = false;
	if (p->base_us == 0 || way_us <= p->base_us || (due && alone)) {
		p->base_us = way_us;
		p->base_until = mono_add_us(now, PACE_BASE_US);
	} else {
		p->sounding = due;
	}
}

/* What a mark's way says of the link. */
static void
learn(struct pace *p, mono_t now, mono_t when, uint64_t then_on_way, bool alone)
{
	int64_t way_us = mono_diff_us(now, when) > 0 ? mono_diff_us(now, when) : 1, want_us;
	uint64_t fits;

	renew_base(p, now, way_us, alone);
	want_us = p->base_us + p->target_us;
	/* In floating point: the product has no bound. */
	fits = (uint64_t)((double)then_on_way * (double)want_us / (double)way_us);
	if (way_us <= want_us) {
		if (fits > 2 * then_on_way)
			fits = 2 * then_on_way;
		if (fits > p->window)
			p->window = bounded(fits);
	} else if (then_on_way >= PACE_LEAST && fits < p->window) {
		/* Less than that is no queue of ours: somebody else was slow. */
		p->window = bounded(fits);
	}
}

void
pace_arrived(struct pace *p, mono_t now, uint64_t total)
{
	unsigned n;

	if (total > p->sent)
		total = p->sent;
	if (total > p->arrived)
		p->arrived = total;
	for (n = 0; n < p->n_marks && p->marks[n].at <= total; n++)
		;
	if (n == 0)
		return;
	/* Several that were answered at once: the last one says how it is now. */
	learn(p, now, p->marks[n - 1].when, p->marks[n - 1].on_way, p->marks[n - 1].alone);
	p->n_marks -= n;
	memmove(p->marks, p->marks + n, p->n_marks * sizeof(p->marks[0]));
}
