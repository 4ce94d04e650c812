#include "base/ring.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

#define FIRST_CAP 64

void *
ring_at(const struct ring *r, size_t size, uint64_t i)
{
	return (char *)r->v + (size_t)(i & (r->cap - 1)) * size;
}

static void
grow(struct ring *r, size_t size)
{
	struct ring larger = { .cap = r->cap == 0 ? FIRST_CAP : r->cap * 2, .head = r->head, .tail = r->tail };
	uint64_t i;

	larger.v = xreallocarray(NULL, larger.cap, size);
	for (i = r->head; i < r->tail; i++)
		memcpy(ring_at(&larger, size, i), ring_at(r, size, i), size);
	free(r->v);
	*r = larger;
}

void *
ring_push(struct ring *r, size_t size)
{
	if (r->tail - r->head == r->cap)
		grow(r, size);
	return ring_at(r, size, r->tail++);
}

void
ring_release(struct ring *r)
{
	free(r->v);
	*r = (struct ring){ .cap = 0 };
}
