/*
 * The grid of a source: its slots, and when each is due. Pure.
 *
 * A slot is a nominal time in milliseconds since 1970, a multiple of `every`.
 * Its fetch is due at slot + jitter; jitter is a hash of (source, slot), less
 * than `every`, so that every incarnation of a scraper takes the same slot at
 * the same grid time. Late slots are not caught up: grid_newest() names the
 * one to fetch now, however many were missed.
 *
 * The clock of the grid is taken from the wall once and goes on by
 * CLOCK_BOOTTIME; it starts no earlier than the latest slot that a state
 * names. So a wall clock that is set costs no slot and repeats none.
 */
#ifndef TRAPEXIT_SCRAPE_GRID_H
#define TRAPEXIT_SCRAPE_GRID_H

#include <stdint.h>

struct grid {
	uint64_t source; /* hash of its id */
	int64_t every_ms;
	uint32_t jitter_permille; /* at most 1000 */
};

#define GRID_NO_SLOT INT64_MIN

int64_t grid_due(const struct grid *g, int64_t slot);
/* The latest slot that is due at this time. */
int64_t grid_newest(const struct grid *g, int64_t now);
/* The first slot behind this one (which need not be a slot of the grid). */
int64_t grid_next(const struct grid *g, int64_t slot);

struct grid_clock {
	int64_t start_ms;   /* of the grid, at ... */
	int64_t started_us; /* ... this CLOCK_BOOTTIME */
};

void grid_clock_start(struct grid_clock *c, int64_t wall_ms, int64_t boot_us, int64_t latest_slot);
int64_t grid_clock_ms(const struct grid_clock *c, int64_t boot_us);
/* The CLOCK_BOOTTIME at which the grid's clock shows this. */
int64_t grid_clock_boot_us(const struct grid_clock *c, int64_t grid_ms);

#endif
