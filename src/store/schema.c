#include "store/schema.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "base/attr.h"

/*
 * Version 1.
 *
 * Observations are found in two ways, and neither costs an index that begins
 * with the source (which would make every insert land elsewhere in the tree):
 * whether a slot is taken is asked of an index that begins with the slot, where
 * all inserts fall near the end; and the history of a source is a chain, each
 * row naming the one before it (previous), with its end in the source's row.
 *
 * Tokens and n are 64 bits without sign, kept in SQLite's signed integers bit
 * by bit; they are compared in C.
 */
static const char *const version_1[] = {
	/* How far each journal has been recorded; written with the rows made of it. */
	"CREATE TABLE position ("
	" installation TEXT NOT NULL PRIMARY KEY,"
	" epoch INTEGER NOT NULL,"
	" segment INTEGER NOT NULL,"
	" offset INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID",

	"CREATE TABLE child ("
	" id INTEGER PRIMARY KEY,"
	" path TEXT NOT NULL UNIQUE,"
	" token INTEGER NOT NULL" /* the largest that an observation came with */
	") STRICT",

	"CREATE TABLE source ("
	" id INTEGER PRIMARY KEY,"
	" child INTEGER NOT NULL REFERENCES child (id),"
	" name TEXT NOT NULL,"
	" product TEXT,"
	" url TEXT,"
	" tail INTEGER,"   /* where the chain of its observations begins */
	" latest INTEGER," /* newest observation */
	" price INTEGER,"  /* newest with status ok and an amount */
	" good INTEGER NOT NULL DEFAULT 0," /* time of the newest good one */
	" UNIQUE (child, name)"
	") STRICT",

	"CREATE TABLE observation ("
	" id INTEGER PRIMARY KEY,"
	" slot INTEGER," /* NULL: of a child that knows no slots */
	" source INTEGER NOT NULL REFERENCES source (id),"
	" previous INTEGER," /* the next in the chain of its source, older */
	" token INTEGER NOT NULL,"
	" n INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" late INTEGER NOT NULL," /* 1: from an older token than its child had reached */
	" status TEXT NOT NULL,"
	" coefficient INTEGER," /* amount = coefficient * 10^-scale */
	" scale INTEGER,"
	" currency TEXT,"
	" availability TEXT,"
	" reason TEXT,"
	" product TEXT," /* these two: NULL when as the source had them already */
	" url TEXT,"
	" rest TEXT" /* JSON object of all other members */
	") STRICT",
	"CREATE UNIQUE INDEX observation_slot ON observation (slot, source) WHERE slot IS NOT NULL",
	"CREATE UNIQUE INDEX observation_name ON observation (token, n) WHERE slot IS NULL",

	/* What may not count: kept, counted and shown, never in the history. */
	"CREATE TABLE quarantine ("
	" id INTEGER PRIMARY KEY,"
	" reason TEXT NOT NULL,"
	" child TEXT,"
	" source TEXT,"
	" token INTEGER," /* both NULL: the record could not be read */
	" n INTEGER,"
	" time INTEGER NOT NULL,"
	" line ANY NOT NULL" /* the journal's record; a blob if it is no JSON */
	") STRICT",
	"CREATE UNIQUE INDEX quarantine_name ON quarantine (token, n) WHERE token IS NOT NULL",

	/* Rows of each kind: 'history', 'late', 'quarantine', 'quarantine/REASON'. */
	"CREATE TABLE tally ("
	" what TEXT NOT NULL PRIMARY KEY,"
	" n INTEGER NOT NULL"
	") STRICT, WITHOUT ROWID",
};

/*
 * Version 2: since when a source is as it is, and the pages that were kept as
 * evidence, the newest EVIDENCE_KEPT of a source (sqlite_evidence.c).
 */
static const char *const version_2[] = {
	"ALTER TABLE source ADD COLUMN since INTEGER", /* time of the first of the newest observations of one kind */
	"ALTER TABLE source ADD COLUMN kind INTEGER",  /* enum store_kind, and whether the last good one was sold out */
	"CREATE TABLE evidence ("
	" id INTEGER PRIMARY KEY,"
	" source INTEGER NOT NULL REFERENCES source (id),"
	" token INTEGER NOT NULL,"
	" n INTEGER NOT NULL,"
	" time INTEGER NOT NULL,"
	" slot INTEGER,"
	" status TEXT,"
	" reason TEXT,"
	" url TEXT,"
	" http_status INTEGER,"
	" content_type TEXT,"
	" bytes INTEGER," /* of the whole page */
	" hash TEXT,"
	" offset INTEGER NOT NULL," /* where the body begins in it */
	" body BLOB NOT NULL"
	") STRICT",
	"CREATE UNIQUE INDEX evidence_name ON evidence (token, n)",
	"CREATE INDEX evidence_source ON evidence (source, time)",
};

const struct schema_step schema_steps[] = {
	{ version_1, ARRAY_LEN(version_1) },
	{ version_2, ARRAY_LEN(version_2) },
};
const size_t schema_version = ARRAY_LEN(schema_steps);

/* The errno that tells a caller what can be done (store_error_passes). */
static int
error_code(sqlite3 *db)
{
	int sys = sqlite3_system_errno(db);

	switch (sqlite3_extended_errcode(db) & 0xff) {
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
	case SQLITE_PROTOCOL:
		return EBUSY;
	case SQLITE_FULL:
		return ENOSPC;
	case SQLITE_IOERR:
		return EIO;
	case SQLITE_NOMEM:
		return ENOMEM;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return EBADMSG;
	case SQLITE_READONLY:
		return EROFS;
	case SQLITE_PERM:
	case SQLITE_AUTH:
		return EACCES;
	case SQLITE_CANTOPEN:
		return sys != 0 ? sys : ENOENT;
	default:
		return EINVAL;
	}
}

int
schema_error(sqlite3 *db, const char *name, const char *what, struct err *err)
{
	int code, primary;

	if (db == NULL)
		return err_sys(err, ENOMEM, "store %s", name);
	code = error_code(db);
	primary = sqlite3_extended_errcode(db) & 0xff;
	if (primary == SQLITE_CANTOPEN || primary == SQLITE_IOERR)
		return err_sys(err, code, "store %s: %s: %s", name, what, sqlite3_errmsg(db));
	return err_set(err, code, "store %s: %s: %s", name, what, sqlite3_errmsg(db));
}

static int
query_int(sqlite3 *db, const char *sql, int64_t *out)
{
	sqlite3_stmt *stmt = NULL;
	int rc = -1;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW) {
		*out = sqlite3_column_int64(stmt, 0);
		rc = 0;
	}
	sqlite3_finalize(stmt);
	return rc;
}

int
schema_identify(sqlite3 *db, const char *name, size_t *version, struct err *err)
{
	int64_t id, v, tables;

	if (query_int(db, "PRAGMA application_id", &id) == -1 || query_int(db, "PRAGMA user_version", &v) == -1 ||
	    query_int(db, "SELECT count(*) FROM sqlite_schema", &tables) == -1)
		return schema_error(db, name, "open", err);
	*version = (size_t)v;
	if (id == 0 && v == 0 && tables == 0)
		return 0;
	if (id != SCHEMA_APPLICATION_ID)
		return err_set(err, EINVAL, "store %s: this is a database of another program", name);
	return 1;
}

static int
run_step(sqlite3 *db, const char *name, const struct schema_step *step, size_t version, struct err *err)
{
	for (size_t i = 0; i < step->n; i++) {
		if (sqlite3_exec(db, step->sql[i], NULL, NULL, NULL) != SQLITE_OK) {
			schema_error(db, name, "migration", err);
			return err_wrap(err, "to version %zu", version);
		}
	}
	return 0;
}

/* Inside the transaction: what another has done meanwhile is seen here. */
static int
run_steps(sqlite3 *db, const char *name, const struct schema_step *steps, size_t to, struct err *err)
{
	char pragmas[96];
	size_t version = 0;

	if (schema_identify(db, name, &version, err) == -1)
		return -1;
	if (version > to)
		return err_set(err, ENOTSUP, "store %s: it is of version %zu, this program knows up to %zu", name, version,
		    to);
	for (size_t v = version; v < to; v++)
		if (run_step(db, name, &steps[v], v + 1, err) == -1)
			return -1;
	snprintf(pragmas, sizeof(pragmas), "PRAGMA application_id = %d; PRAGMA user_version = %zu",
	    SCHEMA_APPLICATION_ID, to);
	if (sqlite3_exec(db, pragmas, NULL, NULL, NULL) != SQLITE_OK)
		return schema_error(db, name, "migration", err);
	return 0;
}

int
schema_migrate(sqlite3 *db, const char *name, const struct schema_step *steps, size_t to, struct err *err)
{
	size_t version = 0;
	int ours = schema_identify(db, name, &version, err);

	if (ours == -1)
		return -1;
	if (ours == 1 && version == to)
		return 0;
	if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
		return schema_error(db, name, "migration", err);
	if (run_steps(db, name, steps, to, err) == 0) {
		if (sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK)
			return 0;
		schema_error(db, name, "migration", err);
	}
	sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
	return -1;
}
