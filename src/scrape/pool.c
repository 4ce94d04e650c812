#include "scrape/pool.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"

#define BLOCK_SIZE ((size_t)64 << 10)

struct pool_block {
	struct pool_block *next;
	char data[];
};

struct pool_shared {
	const void *bytes; /* NULL: free */
	uint32_t len, hash;
};

static void
add_block(struct pool *p, size_t size)
{
	struct pool_block *block = xmalloc(sizeof(*block) + size);

	block->next = p->blocks;
	p->blocks = block;
	p->next = block->data;
	p->left = size;
}

void *
pool_alloc(struct pool *p, size_t size, size_t align)
{
	size_t pad = -(uintptr_t)p->next & (align - 1);
	char *out;

	if (pad + size > p->left) {
		/* xmalloc()'s alignment is enough for all, and behind the link of a block still for a pointer. */
		add_block(p, size > BLOCK_SIZE ? size : BLOCK_SIZE);
		pad = -(uintptr_t)p->next & (align - 1);
	}
	out = p->next + pad;
	p->next += pad + size;
	p->left -= pad + size;
	return out;
}

const char *
pool_text(struct pool *p, const char *text, size_t len)
{
	char *out = pool_alloc(p, len + 1, 1);

	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

static struct pool_shared *
find_shared(const struct pool *p, const void *bytes, size_t len, uint32_t hash)
{
	size_t i = hash & (p->cap_shared - 1);

	for (; p->shared[i].bytes != NULL; i = (i + 1) & (p->cap_shared - 1)) {
		const struct pool_shared *s = &p->shared[i];

		if (s->hash == hash && s->len == len && memcmp(s->bytes, bytes, len) == 0)
			break;
	}
	return &p->shared[i];
}

static void
grow_shared(struct pool *p)
{
	size_t i, cap = p->cap_shared;
	struct pool_shared *old = p->shared;

	p->cap_shared = cap == 0 ? 64 : 2 * cap;
	p->shared = xcalloc(p->cap_shared, sizeof(*p->shared));
	for (i = 0; i < cap; i++) {
		if (old[i].bytes != NULL)
			*find_shared(p, old[i].bytes, old[i].len, old[i].hash) = old[i];
	}
	free(old);
}

const void *
pool_share(struct pool *p, const void *bytes, size_t len, size_t align)
{
	uint32_t hash = (uint32_t)hash_u64(hash_bytes(bytes, len) + align);
	struct pool_shared *s;
	char *copy;

	if (p->n_shared >= p->cap_shared / 2)
		grow_shared(p);
	s = find_shared(p, bytes, len, hash);
	if (s->bytes != NULL)
		return s->bytes;
	copy = pool_alloc(p, len + 1, align);
	memcpy(copy, bytes, len);
	copy[len] = '\0';
	*s = (struct pool_shared){ copy, (uint32_t)len, hash };
	p->n_shared++;
	return copy;
}

void
pool_release(struct pool *p)
{
	struct pool_block *block, *next;

	for (block = p->blocks; block != NULL; block = next) {
		next = block->next;
		free(block);
	}
	free(p->shared);
	*p = (struct pool)POOL_INIT;
}
