/*
 * The one page of memory that guard and agent share (MAP_SHARED, made before the
 * fork). A frozen or dead agent cannot speak, but what it wrote here stands.
 *
 * All times are CLOCK_BOOTTIME in microseconds. `deadline` only grows. When it
 * has come the agent has its children killed, at once (`acting` = that
 * deadline), and when all are gone it says so (`handled`). If it does neither in
 * time the guard kills the agent and does it.
 */
#ifndef TRAPEXIT_AGENT_PAGE_H
#define TRAPEXIT_AGENT_PAGE_H

#include <stdatomic.h>
#include <stdint.h>

struct page {
	_Atomic int64_t deadline;
	_Atomic int64_t acting;
	_Atomic int64_t handled;
	/* Twice the number of strays that the guard has reaped, and one more while it may be about to (strays.c). */
	_Atomic uint64_t reaped;
	_Atomic uint32_t live; /* children that may live: counted before the fork, until they are seen gone */
};

/* How long after the deadline the agent's own action may take to begin, and to end. */
#define PAGE_GRACE_US 100000
#define PAGE_KILL_US 5000000

#endif
