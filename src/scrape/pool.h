/*
 * Many small things that live and go together: 100,000 sources have their
 * texts here without a malloc(3) for each, and what several of them have in
 * common is there once.
 *
 *	struct pool pool = POOL_INIT;
 *
 *	url = pool_text(&pool, p, len);		 a copy of its own
 *	pattern = pool_share(&pool, p, len, 1);	 one for all that are the same
 *	pool_release(&pool);
 */
#ifndef TRAPEXIT_SCRAPE_POOL_H
#define TRAPEXIT_SCRAPE_POOL_H

#include <stddef.h>
#include <stdint.h>

struct pool_block;
struct pool_shared;

struct pool {
	struct pool_block *blocks; /* the newest first */
	char *next;		   /* free bytes of that */
	size_t left;
	struct pool_shared *shared; /* open addressing */
	size_t n_shared, cap_shared;
};

#define POOL_INIT { NULL, NULL, 0, NULL, 0, 0 }

/* Not initialised; aligned for `align`: 1, 2, 4 or 8. */
void *pool_alloc(struct pool *p, size_t size, size_t align);
/* NUL-terminated. */
const char *pool_text(struct pool *p, const char *text, size_t len);
/* The same address for the same bytes, which may not be changed; a NUL stands behind them. */
const void *pool_share(struct pool *p, const void *bytes, size_t len, size_t align);
void pool_release(struct pool *p);

#endif
