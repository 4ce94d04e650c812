/*
 * How much may be on its way to the other end of a connection (architecture 6),
 * as a value: pure, time is an argument, nothing is allocated.
 *
 * Between two ends lie buffers that nobody asked for: a socket's, a relay's,
 * ssh's, TCP's. They hold megabytes, which are nothing on a fast link and half a
 * minute at 1 Mbit/s; and a heartbeat waits behind all that was written before
 * it. So who writes measures: a mark is something that the other end answers at
 * once (a ping), and its answer says that all before it has arrived, and how
 * long the way there and back is now. Beyond the shortest way that was seen, that
 * time is queues. So much is let be on its way that these take `target`:
 *
 *	window = what was on its way at the mark x (shortest + target) / measured
 *
 * which is the rate of the link x (shortest + target) once the link is full, and
 * doubles with each way there and back until then. The window then fits whatever
 * the link is, and a link that changes is followed within a round trip.
 *
 * The shortest way is measured anew every PACE_BASE_US, with little under way,
 * for it may have become longer. After a silence the window is smaller.
 *
 * Calling sequence, of who writes:
 *
 *  1. pace_init() with the connection.
 *  2. pace_room() says how much may be written now; what cannot wait is written
 *     anyway. pace_sent() with all that was written.
 *  3. While pace_wants_mark(): write a mark, pace_sent(), pace_mark().
 *  4. pace_arrived() when it is known up to where all has arrived: there may be
 *     room again.
 *
 * Nothing gets stuck: when there is no room, a mark is wanted or on its way.
 */
#ifndef TRAPEXIT_CORE_PACE_H
#define TRAPEXIT_CORE_PACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/mono.h"

/* Bounds of the window, and what a connection begins with, in bytes. */
#define PACE_LEAST 2048u
#define PACE_FIRST (16u << 10)
#define PACE_MOST (1u << 20)
#define PACE_MARKS 8
#define PACE_TARGET_MOST_US INT64_C(100000)
#define PACE_BASE_US INT64_C(10000000)

struct pace {
	uint64_t sent;	  /* bytes written since the connection began */
	uint64_t arrived; /* ... of which it is known that they arrived */
	uint64_t marked;  /* where the last mark stands */
	uint64_t window;
	int64_t target_us;
	int64_t base_us;  /* the shortest way there and back; 0: not measured yet */
	mono_t base_until; /* ... which holds until then */
	bool sounding;	  /* it is being measured anew: as little as possible is on its way */
	struct {
		uint64_t at;	 /* `sent` behind it */
		uint64_t on_way; /* of that, not arrived yet */
		mono_t when;
		bool alone;	 /* next to nothing else was */
	} marks[PACE_MARKS]; /* those that are not answered, oldest first */
	unsigned n_marks;
};

/* lease_us: heartbeats are due every third of it, and the queues are to be well below that. */
void pace_init(struct pace *p, int64_t lease_us);
void pace_set_lease(struct pace *p, int64_t lease_us);
uint64_t pace_room(const struct pace *p);
/* The largest piece to be written as one, so that what overtakes can do so. */
uint64_t pace_piece(const struct pace *p);
void pace_sent(struct pace *p, uint64_t bytes);
/* Only heartbeats for some time: what the link was able to do may no longer be so. */
void pace_quiet(struct pace *p);
bool pace_wants_mark(const struct pace *p);
/* All that was sent up to now ends in a mark. One too many is passed over. */
void pace_mark(struct pace *p, mono_t now);
/* All up to `total` bytes since the beginning has arrived. */
void pace_arrived(struct pace *p, mono_t now, uint64_t total);

#endif
