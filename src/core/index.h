/*
 * From a hash to handles: chains through an array, one entry a handle.
 * Nothing allocates but index_reserve(). The caller compares keys:
 *
 *	for (h = index_first(ix, hash); h != INDEX_END; h = index_next(ix, h))
 */
#ifndef TRAPEXIT_CORE_INDEX_H
#define TRAPEXIT_CORE_INDEX_H

#include <stdint.h>

#define INDEX_END UINT32_MAX

struct index_link {
	uint32_t next;
	uint32_t hash;
};

struct index {
	uint32_t *bucket;	 /* owned */
	struct index_link *link; /* owned; by handle */
	uint32_t cap;		 /* handles, and buckets; a power of two */
};

#define INDEX_INIT { NULL, NULL, 0 }

/* For all handles below n. */
void index_reserve(struct index *ix, uint32_t n);
void index_release(struct index *ix);
/* The handle may not be in the index. */
void index_put(struct index *ix, uint32_t hash, uint32_t handle);
/* It must be in. */
void index_remove(struct index *ix, uint32_t handle);
uint32_t index_first(const struct index *ix, uint32_t hash);
uint32_t index_next(const struct index *ix, uint32_t handle);

#endif
