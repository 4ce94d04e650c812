/*
 * Two hash maps of borrowed pointers: by 64-bit number (tokens, pids) and by
 * string. Open addressing; growth doubles; the table is never NULL after the
 * first put. Iteration: for (i = 0; map_next(&m, &i, &key, &value); ).
 */
#ifndef TRAPEXIT_BASE_MAP_H
#define TRAPEXIT_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map_slot;

struct map {
	struct map_slot *slots; /* owned */
	size_t n;		/* live entries */
	size_t used;		/* live and deleted */
	size_t cap;
};

#define MAP_INIT { NULL, 0, 0, 0 }

/* value may not be NULL. Replaces; returns the old value or NULL. */
void *map_put(struct map *m, uint64_t key, void *value);
void *map_find(const struct map *m, uint64_t key);
void *map_remove(struct map *m, uint64_t key);
bool map_next(const struct map *m, size_t *i, uint64_t *key, void **value);
/* So that the next n puts allocate nothing. */
void map_reserve(struct map *m, size_t n);
void map_release(struct map *m);

struct strmap_slot;

struct strmap {
	struct strmap_slot *slots; /* owned */
	size_t n;
	size_t used;
	size_t cap;
};

#define STRMAP_INIT { NULL, 0, 0, 0 }

/* The key is borrowed and must live as long as its entry. */
void *strmap_put(struct strmap *m, const char *key, void *value);
void *strmap_find(const struct strmap *m, const char *key);
void *strmap_findn(const struct strmap *m, const char *key, size_t len);
void *strmap_remove(struct strmap *m, const char *key);
bool strmap_next(const struct strmap *m, size_t *i, const char **key, void **value);
void strmap_release(struct strmap *m);

/* FNV-1a, 64 bit: for the maps, and for jitter that two incarnations agree on. */
uint64_t hash_bytes(const void *p, size_t n);
/* splitmix64: a number from a number; the step of the seeded generators. */
uint64_t hash_u64(uint64_t x);

#endif
