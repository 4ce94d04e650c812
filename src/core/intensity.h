/*
 * The sliding window of restarts (S50-S52): pure, one per supervisor.
 *
 * A window holds the times of the restarts that still count, in microseconds;
 * an entry aged exactly `period` still counts (S52). Memory is taken by
 * window_init() and window_resize() only.
 */
#ifndef TRAPEXIT_CORE_INTENSITY_H
#define TRAPEXIT_CORE_INTENSITY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mono.h"

struct window {
	int64_t *at; /* owned; a ring of `intensity` times, oldest at head */
	uint32_t intensity;
	uint32_t head;
	uint32_t n;
};

void window_init(struct window *w, uint32_t intensity);
void window_release(struct window *w);
/* Keeps the newest entries that fit. */
void window_resize(struct window *w, uint32_t intensity);
void window_clear(struct window *w);
/* Count a restart at `now`; true: more than `intensity` within `period_us`, so escalate. */
bool window_add(struct window *w, mono_t now, int64_t period_us);
/* How many entries count at `now`. */
uint32_t window_count(const struct window *w, mono_t now, int64_t period_us);

#endif
