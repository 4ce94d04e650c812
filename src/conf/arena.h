/*
 * Memory that is freed all at once: what a parsed file and a config consist of.
 *
 *	struct arena a = ARENA_INIT;
 *
 *	p = arena_alloc(&a, sizeof(*p));	zeroed
 *	arena_release(&a);
 *
 * Dies when memory is out, as xalloc.h does.
 */
#ifndef TRAPEXIT_CONF_ARENA_H
#define TRAPEXIT_CONF_ARENA_H

#include <stddef.h>

struct arena_block;

struct arena {
	struct arena_block *blocks; /* owned; the newest first */
};

#define ARENA_INIT { NULL }

void *arena_alloc(struct arena *a, size_t size);
/* n * size, checked for overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
void arena_release(struct arena *a);

#endif
