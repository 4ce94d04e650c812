#include "scrape/grid.h"

#include "base/map.h"

static int64_t
jitter(const struct grid *g, int64_t slot)
{
	/* every_ms is at most ten years: no overflow. */
	int64_t most = g->every_ms * g->jitter_permille / 1000;

	return most > 0 ? (int64_t)(hash_u64(g->source ^ hash_u64((uint64_t)slot)) % (uint64_t)most) : 0;
}

static int64_t
align(int64_t ms, int64_t every)
{
	int64_t rest = ms % every;

	return ms - (rest < 0 ? rest + every : rest);
}

int64_t
grid_due(const struct grid *g, int64_t slot)
{
	return slot + jitter(g, slot);
}

int64_t
grid_newest(const struct grid *g, int64_t now)
{
	int64_t slot = align(now, g->every_ms);

	/* Jitter is less than `every`, so the slot before is due for certain. */
	return grid_due(g, slot) <= now ? slot : slot - g->every_ms;
}

int64_t
grid_next(const struct grid *g, int64_t slot)
{
	return align(slot, g->every_ms) + g->every_ms;
}

void
grid_clock_start(struct grid_clock *c, int64_t wall_ms, int64_t boot_us, int64_t latest_slot)
{
	c->start_ms = wall_ms > latest_slot ? wall_ms : latest_slot;
	c->started_us = boot_us;
}

int64_t
grid_clock_ms(const struct grid_clock *c, int64_t boot_us)
{
	return c->start_ms + (boot_us - c->started_us) / 1000;
}

int64_t
grid_clock_boot_us(const struct grid_clock *c, int64_t grid_ms)
{
	return c->started_us + (grid_ms - c->start_ms) * 1000;
}
