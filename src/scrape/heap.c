#include "scrape/heap.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

static bool
before(const struct timed *a, const struct timed *b)
{
	return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void
place(struct heap *h, size_t i, struct timed *t)
{
	h->v[i] = t;
	t->place = (uint32_t)i + 1;
}

static void
sift_up(struct heap *h, size_t i, struct timed *t)
{
	while (i > 0 && before(t, h->v[(i - 1) / 2])) {
		place(h, i, h->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(h, i, t);
}

static void
sift_down(struct heap *h, size_t i, struct timed *t)
{
	size_t child;

	while ((child = 2 * i + 1) < h->n) {
		if (child + 1 < h->n && before(h->v[child + 1], h->v[child]))
			child++;
		if (!before(h->v[child], t))
			break;
		place(h, i, h->v[child]);
		i = child;
	}
	place(h, i, t);
}

void
heap_remove(struct heap *h, struct timed *t)
{
	size_t i = (size_t)t->place - 1;
	struct timed *last;

	if (t->place == 0)
		return;
	t->place = 0;
	last = h->v[--h->n];
	if (last == t)
		return;
	sift_down(h, i, last);
	sift_up(h, (size_t)last->place - 1, last);
}

void
heap_put(struct heap *h, struct timed *t, int64_t due)
{
	heap_remove(h, t);
	if (h->n == h->cap) {
		h->cap = h->cap == 0 ? 16 : h->cap * 2;
		h->v = xreallocarray(h->v, h->cap, sizeof(struct timed *));
	}
	t->due = due;
	sift_up(h, h->n++, t);
}

struct timed *
heap_top(const struct heap *h)
{
	return h->n > 0 ? h->v[0] : NULL;
}

void
heap_release(struct heap *h)
{
	free(h->v);
	memset(h, 0, sizeof(*h));
}
