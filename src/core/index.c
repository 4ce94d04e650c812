#include "config.h"

#include "core/index.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

void
index_put(struct index *ix, uint32_t hash, uint32_t handle)
{
	uint32_t *bucket = &ix->bucket[hash & (ix->cap - 1)];

	ix->hash[handle] = hash;
	ix->next[handle] = *bucket;
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
	ix->next = xreallocarray(ix->next, cap, sizeof(*ix->next));
	ix->hash = xreallocarray(ix->hash, cap, sizeof(*ix->hash));
	ix->cap = cap;
	for (i = 0; i < old_cap; i++) {
		for (h = old[i]; h != INDEX_END; h = next) {
			next = ix->next[h];
			index_put(ix, ix->hash[h], h);
		}
	}
	free(old);
}

void
index_release(struct index *ix)
{
	free(ix->bucket);
	free(ix->next);
	free(ix->hash);
	memset(ix, 0, sizeof(*ix));
}

void
index_remove(struct index *ix, uint32_t handle)
{
	uint32_t *at = &ix->bucket[ix->hash[handle] & (ix->cap - 1)];

	while (*at != handle)
		at = &ix->next[*at];
	*at = ix->next[handle];
}

uint32_t
index_first(const struct index *ix, uint32_t hash)
{
	uint32_t h = ix->bucket[hash & (ix->cap - 1)];

	while (h != INDEX_END && ix->hash[h] != hash)
		h = ix->next[h];
	return h;
}

uint32_t
index_next(const struct index *ix, uint32_t handle)
{
	uint32_t h = ix->next[handle];

	while (h != INDEX_END && ix->hash[h] != ix->hash[handle])
		h = ix->next[h];
	return h;
}
