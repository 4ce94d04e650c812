/*
 * A queue of elements by value in one piece of memory that grows. Zero is empty.
 * Positions are absolute: the element that was pushed as number i (from 0) is at
 * i for as long as it is there, so other marks than head may point into the queue.
 *
 *	struct ring r = { 0 };
 *
 *	*(struct order *)ring_push(&r, sizeof(struct order)) = o;
 *	for (; r.head < r.tail; r.head++) {
 *		o = ring_at(&r, sizeof(*o), r.head);
 *		...
 *	}
 *	ring_release(&r);
 *
 * The ring owns its memory, not what elements point to. A pointer into it holds
 * until the next push. Pushing dies when memory is out.
 */
#ifndef TRAPEXIT_BASE_RING_H
#define TRAPEXIT_BASE_RING_H

#include <stddef.h>
#include <stdint.h>

struct ring {
	void *v;
	size_t cap;	     /* elements; a power of 2, or 0 */
	uint64_t head, tail; /* the caller moves head */
};

/* Room for one more at the tail, uninitialised. `size` of an element is always the same. */
void *ring_push(struct ring *r, size_t size);
void *ring_at(const struct ring *r, size_t size, uint64_t i);
void ring_release(struct ring *r);

#endif
