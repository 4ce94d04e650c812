#include "config.h"

#include "core/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
index_put(struct index *ix, uint32_t hash, uint32_t handle)
{
	uint32_t *bucket = &ix->bucket[hash & (ix->cap - 1)];

	ix->link[handle] = (struct index_link){ *bucket, hash };
	*bucket = handle;
}

void
index_reserve(struct index *ix, uint32_t n)
{
	uint32_t *old = ix->bucket, old_cap = ix->cap, cap = 16, i, h, next;

	if (n <= old_cap)
		return;
	while (cap < n)
		cap *= 2;
	ix->bucket = xreallocarray(NULL, cap, sizeof(*ix->bucket));
	memset(ix->bucket, 0xff, cap * sizeof(*ix->bucket)); /* INDEX_END everywhere */
	ix->link = xreallocarray(ix->link, cap, sizeof(*ix->link));
	ix->cap = cap;
	for (i = 0; i < old_cap; i++) {
		for (h = old[i]; h != INDEX_END; h = next) {
			next = ix->link[h].next;
			index_put(ix, ix->link[h].hash, h);
		}
	}
	free(old);
}

void
index_release(struct index *ix)
{
	free(ix->bucket);
	free(ix->link);
	memset(ix, 0, sizeof(*ix));
}

void
index_remove(struct index *ix, uint32_t handle)
{
	uint32_t *at = &ix->bucket[ix->link[handle].hash & (ix->cap - 1)];

	while (*at != handle)
		at = &ix->link[*at].next;
	*at = ix->link[handle].next;
}

uint32_t
index_first(const struct index *ix, uint32_t hash)
{
	uint32_t h = ix->bucket[hash & (ix->cap - 1)];

	while (h != INDEX_END && ix->link[h].hash != hash)
		h = ix->link[h].next;
	return h;
}

uint32_t
index_next(const struct index *ix, uint32_t handle)
{
	uint32_t h = ix->link[handle].next;

	while (h != INDEX_END && ix->link[h].hash != ix->link[handle].hash)
		h = ix->link[h].next;
	return h;
}
