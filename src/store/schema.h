/*
 * The schema of the SQLite store, as the steps that lead to it. Step i brings
 * a store of version i to version i + 1; PRAGMA user_version holds the version.
 * A step that was released is never changed again: a new one is added, with a
 * test from a saved store of the version before (tests/data/store-N.db).
 */
#ifndef TRAPEXIT_STORE_SCHEMA_H
#define TRAPEXIT_STORE_SCHEMA_H

#include <sqlite3.h>
#include <stddef.h>

#include "base/err.h"

/* "trap": file(1) and we know the file by it. */
#define SCHEMA_APPLICATION_ID 0x74726170

struct schema_step {
	const char *const *sql; /* statements */
	size_t n;
};

extern const struct schema_step schema_steps[];
extern const size_t schema_version; /* the newest */

/*
 * Whose file is this? 1: a store of ours, 0: empty, -1: something else, or an
 * error. *version is its version. `name` is for messages.
 */
int schema_identify(sqlite3 *db, const char *name, size_t *version, struct err *err);
/*
 * Bring it to the version `to` = number of steps, in one transaction: all
 * steps or none. A file newer than that is refused. Fit to be run by two at
 * once.
 */
int schema_migrate(sqlite3 *db, const char *name, const struct schema_step *steps, size_t to, struct err *err);
/* What SQLite says, as a struct err; returns -1. */
int schema_error(sqlite3 *db, const char *name, const char *what, struct err *err);

#endif
