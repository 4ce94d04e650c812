/*
 * A min-heap of due times, intrusive: what is timed embeds a struct timed.
 *
 *	heap_put(&heap, &source->timed, due);	 also moves one that is in it
 *	while ((t = heap_top(&heap)) != NULL && t->due <= now)
 *		heap_remove(&heap, t);
 *
 * Equal due times come out in the order of their `order`, so that what is
 * planned is the same in every run.
 */
#ifndef TRAPEXIT_SCRAPE_HEAP_H
#define TRAPEXIT_SCRAPE_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct timed {
	int64_t due;
	uint32_t order;
	uint32_t place; /* 1 ..: index in the heap + 1; 0: not in it */
};

struct heap {
	struct timed **v; /* owned; its entries are not */
	size_t n, cap;
};

#define HEAP_INIT { NULL, 0, 0 }

void heap_put(struct heap *h, struct timed *t, int64_t due);
/* Does nothing if it is not in the heap. */
void heap_remove(struct heap *h, struct timed *t);
struct timed *heap_top(const struct heap *h);
void heap_release(struct heap *h);

#endif
