#include "config.h"

#include "core/timers.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
timers_reserve(struct timers *t, uint32_t n)
{
	if (n <= t->cap)
		return;
	t->heap = xreallocarray(t->heap, n, sizeof(*t->heap));
	t->pos = xreallocarray(t->pos, n, sizeof(*t->pos));
	memset(t->pos + t->cap, 0, (n - t->cap) * sizeof(*t->pos));
	t->cap = n;
}

void
timers_release(struct timers *t)
{
	free(t->heap);
	free(t->pos);
	memset(t, 0, sizeof(*t));
}

static bool
is_before(const struct timer *a, const struct timer *b)
{
	return a->due_us != b->due_us ? a->due_us < b->due_us : a->handle < b->handle;
}

static void
place(struct timers *t, uint32_t i, struct timer e)
{
	t->heap[i] = e;
	t->pos[e.handle] = i + 1;
}

static void
sift(struct timers *t, uint32_t i, struct timer e)
{
	uint32_t child;

	while (i > 0 && is_before(&e, &t->heap[(i - 1) / 2])) {
		place(t, i, t->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	while ((child = 2 * i + 1) < t->n) {
		if (child + 1 < t->n && is_before(&t->heap[child + 1], &t->heap[child]))
			child++;
		if (!is_before(&t->heap[child], &e))
			break;
		place(t, i, t->heap[child]);
		i = child;
	}
	place(t, i, e);
}

void
timers_set(struct timers *t, uint32_t handle, mono_t due)
{
	struct timer e = { due.us, handle };

	if (mono_is_never(due)) {
		timers_cancel(t, handle);
		return;
	}
	sift(t, t->pos[handle] != 0 ? t->pos[handle] - 1 : t->n++, e);
}

void
timers_cancel(struct timers *t, uint32_t handle)
{
	uint32_t i = t->pos[handle];

	if (i-- == 0)
		return;
	t->pos[handle] = 0;
	t->n--;
	if (i < t->n)
		sift(t, i, t->heap[t->n]);
}

mono_t
timers_due(const struct timers *t)
{
	return t->n == 0 ? MONO_NEVER : (mono_t){ t->heap[0].due_us };
}

bool
timers_pop(struct timers *t, mono_t now, uint32_t *handle)
{
	if (t->n == 0 || t->heap[0].due_us > now.us)
		return false;
	*handle = t->heap[0].handle;
	timers_cancel(t, *handle);
	return true;
}
