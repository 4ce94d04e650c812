/*
 * Deadlines of handles: an indexed binary heap. One deadline a handle; set,
 * change and cancel cost O(log n), looking at the first costs O(1). Handles
 * with the same deadline come in the order of their numbers.
 *
 * timers_reserve() takes memory for all handles below n; nothing else does.
 */
#ifndef TRAPEXIT_CORE_TIMERS_H
#define TRAPEXIT_CORE_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mono.h"

struct timer {
	int64_t due_us;
	uint32_t handle;
};

struct timers {
	struct timer *heap; /* owned */
	uint32_t *pos;	    /* owned; by handle: place in the heap + 1, 0: not set */
	uint32_t n;
	uint32_t cap;
};

#define TIMERS_INIT { NULL, NULL, 0, 0 }

void timers_reserve(struct timers *t, uint32_t n);
void timers_release(struct timers *t);
/* MONO_NEVER cancels. */
void timers_set(struct timers *t, uint32_t handle, mono_t due);
void timers_cancel(struct timers *t, uint32_t handle);
/* MONO_NEVER if none is set. */
mono_t timers_due(const struct timers *t);
/* Take the first out if it is due at `now`. */
bool timers_pop(struct timers *t, mono_t now, uint32_t *handle);

#endif
