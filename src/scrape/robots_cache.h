/*
 * What is known of the robots.txt of each origin, scheme, host and port (P47).
 * Pure: time is an argument, in milliseconds since 1970.
 *
 *	o = robots_cache_get(cache, "https://shop.example");
 *	if (!robots_origin_is_known(o, now))
 *		... fetch it, then robots_cache_learn(cache, o, &answer, now)
 *	... o->what
 *
 * Rules, and that there are none (3xx that lead nowhere, 4xx), hold for a day.
 * A server that fails or is out of reach forbids all; it is asked again after
 * a minute, which doubles up to six hours, until 30 days have passed: then it
 * counts as one that has none.
 *
 * What takes more than ROBOTS_CACHE_BYTES is forgotten, the least recently
 * used first; it costs one request to learn it again.
 */
#ifndef TRAPEXIT_SCRAPE_ROBOTS_CACHE_H
#define TRAPEXIT_SCRAPE_ROBOTS_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/buf.h"
#include "scrape/robots.h"

#define ROBOTS_CACHE_BYTES (32u << 20)
#define ROBOTS_STATE_MAX (32u << 10) /* bytes of lines in a state; with more a successor asks itself */

enum robots_what { ROBOTS_UNKNOWN, ROBOTS_RULES, ROBOTS_ABSENT, ROBOTS_DOWN };

struct robots_cache;

struct robots_origin {
	TAILQ_ENTRY(robots_origin) entry; /* by last use */
	char *name;	       /* owned; "https://shop.example:8443" */
	enum robots_what what;
	struct robots *robots; /* owned; NULL unless there are rules */
	long status;	       /* of the answer; 0: there was none */
	char why[32];	       /* of DOWN: "http-503", "dns" */
	int64_t at_ms;	       /* when this was learnt */
	int64_t until_ms;      /* until when it holds */
	int64_t since_ms;      /* of DOWN, and of what counts as absent for it: since when */
	uint32_t tries;	       /* that failed in a row */
	void *asking;	       /* the caller's, not NULL while it asks: then it is not forgotten */
};

struct robots_answer {
	long status; /* 0: none */
	const char *why; /* without a page: the reason */
	const char *body;
	size_t len;
	int64_t retry_after_s; /* 0: not said */
};

/* token: robots_token(); copied. */
struct robots_cache *robots_cache_new(const char *token);
void robots_cache_free(struct robots_cache *c);
/* Made if it is new. The pointer lives until the next get. */
struct robots_origin *robots_cache_get(struct robots_cache *c, const char *name);
/* NULL if nothing is known of it; it does not count as use. */
const struct robots_origin *robots_cache_find(const struct robots_cache *c, const char *name);
bool robots_origin_is_known(const struct robots_origin *o, int64_t now);
void robots_cache_learn(struct robots_cache *c, struct robots_origin *o, const struct robots_answer *a, int64_t now);

/* Append the value of the state robots/ORIGIN, by which a successor knows the same without asking. */
void robots_cache_put_state(const struct robots_cache *c, const struct robots_origin *o, struct buf *out);
/* From such a value; what is malformed, of another agent or of a time to come is passed over. */
void robots_cache_restore(struct robots_cache *c, const char *name, const char *value, size_t len, int64_t now);

#endif
