/*
 * What the writer of the SQLite store remembers of children and sources from
 * one transaction to the next, and writes back once a transaction. It must be
 * forgotten when a transaction is rolled back, and when another connection has
 * written (PRAGMA data_version).
 *
 * Ownership: the known own all they point to; pointers to them live until
 * known_forget().
 */
#ifndef TRAPEXIT_STORE_SQLITE_KNOWN_H
#define TRAPEXIT_STORE_SQLITE_KNOWN_H

#include "base/map.h"
#include "store/sqlite.h"

struct known_child {
	int64_t id;
	char *path; /* owned */
	uint64_t token;
	bool dirty;
};

struct known_source {
	int64_t id;
	char *key; /* owned: child, newline, source */
	struct known_child *child;
	char *product, *url; /* owned; NULL: none known */
	int64_t tail, latest, price; /* rows; 0: none */
	int64_t latest_at, price_at; /* slots or times of those rows */
	int64_t good;
	int64_t since; /* 0: not known */
	enum store_kind kind; /* of the newest */
	bool sold_out; /* as of the last good one */
	struct known_source *next_dirty;
	bool dirty;
};

struct known {
	struct strmap children; /* path -> known_child */
	struct strmap sources;	/* key -> known_source */
	struct known_source *dirty;
	bool child_dirty;
	char *key; /* owned: the key that is looked up */
	size_t key_size;
};

void known_forget(struct known *k);
void known_release(struct known *k);
/* The source of this observation, added to the store if it is new. NULL with err set. */
struct known_source *known_find(struct sqlite_store *s, struct known *k, const struct store_observation *o,
    struct err *err);
/* Is this a text, and another than the one that is known? */
bool known_differs(const char *is, struct store_text now);
/* The observation is now row `id`, first of its chain or not: the source's row follows. */
void known_advance(struct known *k, struct known_source *src, const struct store_observation *o, bool late, int64_t id,
    bool first);
/* Write what has changed. */
int known_write(struct sqlite_store *s, struct known *k, struct err *err);

#endif
