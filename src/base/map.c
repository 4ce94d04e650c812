#include "base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/*
 * Open addressing with linear probing. A deleted slot keeps a tombstone; the
 * table is rebuilt when live and deleted entries fill three quarters of it.
 */
struct map_slot {
	uint64_t key;
	void *value; /* NULL: free */
};

struct strmap_slot {
	const char *key;
	uint64_t hash;
	void *value;
};

static char tombstone;
#define DELETED ((void *)&tombstone)
#define IS_LIVE(slot) ((slot)->value != NULL && (slot)->value != DELETED)

uint64_t
hash_u64(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

uint64_t
hash_bytes(const void *p, size_t n)
{
	const unsigned char *s = p;
	uint64_t h = UINT64_C(0xcbf29ce484222325);
	size_t i;

	for (i = 0; i < n; i++)
		h = (h ^ s[i]) * UINT64_C(0x100000001b3);
	return h;
}

static size_t
capacity_for(size_t n)
{
	size_t cap = 16;

	while (cap - cap / 4 <= n)
		cap *= 2;
	return cap;
}

static void
map_rebuild(struct map *m, size_t cap)
{
	struct map_slot *old = m->slots;
	size_t i, j, old_cap = m->cap;

	m->slots = xcalloc(cap, sizeof(*m->slots));
	m->cap = cap;
	m->used = m->n;
	for (i = 0; i < old_cap; i++) {
		if (!IS_LIVE(&old[i]))
			continue;
		for (j = hash_u64(old[i].key) & (cap - 1); m->slots[j].value != NULL; j = (j + 1) & (cap - 1))
			;
		m->slots[j] = old[i];
	}
	free(old);
}

static struct map_slot *
map_locate(const struct map *m, uint64_t key)
{
	size_t j;

	if (m->cap == 0)
		return NULL;
	for (j = hash_u64(key) & (m->cap - 1); m->slots[j].value != NULL; j = (j + 1) & (m->cap - 1))
		if (m->slots[j].key == key && m->slots[j].value != DELETED)
			return &m->slots[j];
	return NULL;
}

void *
map_put(struct map *m, uint64_t key, void *value)
{
	struct map_slot *slot = map_locate(m, key);
	void *old;
	size_t j;

	if (slot != NULL) {
		old = slot->value;
		slot->value = value;
		return old;
	}
	if (m->used + 1 > m->cap - m->cap / 4)
		map_rebuild(m, capacity_for(m->n + 1));
	for (j = hash_u64(key) & (m->cap - 1); IS_LIVE(&m->slots[j]); j = (j + 1) & (m->cap - 1))
		;
	m->used += m->slots[j].value == NULL;
	m->slots[j] = (struct map_slot){ key, value };
	m->n++;
	return NULL;
}

void *
map_find(const struct map *m, uint64_t key)
{
	struct map_slot *slot = map_locate(m, key);

	return slot == NULL ? NULL : slot->value;
}

void *
map_remove(struct map *m, uint64_t key)
{
	struct map_slot *slot = map_locate(m, key);
	void *old;

	if (slot == NULL)
		return NULL;
	old = slot->value;
	slot->value = DELETED;
	m->n--;
	return old;
}

bool
map_next(const struct map *m, size_t *i, uint64_t *key, void **value)
{
	for (; *i < m->cap; (*i)++) {
		if (!IS_LIVE(&m->slots[*i]))
			continue;
		*key = m->slots[*i].key;
		*value = m->slots[(*i)++].value;
		return true;
	}
	return false;
}

void
map_reserve(struct map *m, size_t n)
{
	/* Twice, so that a rebuild for tombstones keeps the size and is rare. */
	size_t cap = capacity_for((m->n + n) * 2);

	if (cap > m->cap)
		map_rebuild(m, cap);
}

void
map_release(struct map *m)
{
	free(m->slots);
	*m = (struct map)MAP_INIT;
}

static void
strmap_rebuild(struct strmap *m, size_t cap)
{
	struct strmap_slot *old = m->slots;
	size_t i, j, old_cap = m->cap;

	m->slots = xcalloc(cap, sizeof(*m->slots));
	m->cap = cap;
	m->used = m->n;
	for (i = 0; i < old_cap; i++) {
		if (!IS_LIVE(&old[i]))
			continue;
		for (j = old[i].hash & (cap - 1); m->slots[j].value != NULL; j = (j + 1) & (cap - 1))
			;
		m->slots[j] = old[i];
	}
	free(old);
}

static struct strmap_slot *
strmap_locate(const struct strmap *m, const char *key, size_t len, uint64_t hash)
{
	const struct strmap_slot *slot;
	size_t j;

	if (m->cap == 0)
		return NULL;
	for (j = hash & (m->cap - 1); m->slots[j].value != NULL; j = (j + 1) & (m->cap - 1)) {
		slot = &m->slots[j];
		if (slot->hash == hash && slot->value != DELETED && strncmp(slot->key, key, len) == 0 && slot->key[len] == '\0')
			return &m->slots[j];
	}
	return NULL;
}

/* FNV's low bits are weak on short keys; mix once more. */
static uint64_t
string_hash(const char *key, size_t len)
{
	return hash_u64(hash_bytes(key, len));
}

void *
strmap_put(struct strmap *m, const char *key, void *value)
{
	size_t j, len = strlen(key);
	uint64_t hash = string_hash(key, len);
	struct strmap_slot *slot = strmap_locate(m, key, len, hash);
	void *old;

	if (slot != NULL) {
		old = slot->value;
		slot->value = value;
		slot->key = key;
		return old;
	}
	if (m->used + 1 > m->cap - m->cap / 4)
		strmap_rebuild(m, capacity_for(m->n + 1));
	for (j = hash & (m->cap - 1); IS_LIVE(&m->slots[j]); j = (j + 1) & (m->cap - 1))
		;
	m->used += m->slots[j].value == NULL;
	m->slots[j] = (struct strmap_slot){ key, hash, value };
	m->n++;
	return NULL;
}

void *
strmap_findn(const struct strmap *m, const char *key, size_t len)
{
	struct strmap_slot *slot = strmap_locate(m, key, len, string_hash(key, len));

	return slot == NULL ? NULL : slot->value;
}

void *
strmap_find(const struct strmap *m, const char *key)
{
	return strmap_findn(m, key, strlen(key));
}

void *
strmap_remove(struct strmap *m, const char *key)
{
	size_t len = strlen(key);
	struct strmap_slot *slot = strmap_locate(m, key, len, string_hash(key, len));
	void *old;

	if (slot == NULL)
		return NULL;
	old = slot->value;
	slot->value = DELETED;
	m->n--;
	return old;
}

bool
strmap_next(const struct strmap *m, size_t *i, const char **key, void **value)
{
	for (; *i < m->cap; (*i)++) {
		if (!IS_LIVE(&m->slots[*i]))
			continue;
		*key = m->slots[*i].key;
		*value = m->slots[(*i)++].value;
		return true;
	}
	return false;
}

void
strmap_release(struct strmap *m)
{
	free(m->slots);
	*m = (struct strmap)STRMAP_INIT;
}
