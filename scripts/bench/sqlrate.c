/*
 * sqlrate insert DB COUNT		SQLite's own rate: inserts the observations that `spew observation`
 *					prints as rows like those of the store, in transactions of 1,000 with
 *					synchronous=FULL and an index that begins with the slot; prints rows/s
 * sqlrate wait DB COUNT FILE SLOT SECONDS
 *					until the store has COUNT committed observations; prints the ns since the
 *					slot's child came into main()
 */
#include <err.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "stamp.h"

#define BATCH 1000
#define SECOND INT64_C(1000000000)

static void
run(sqlite3 *db, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		errx(1, "%s: %s", sql, message);
}

static sqlite3 *
open_db(const char *path, int flags)
{
	sqlite3 *db;

	if (sqlite3_open_v2(path, &db, flags, NULL) != SQLITE_OK)
		errx(1, "%s: %s", path, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 5000);
	return db;
}

static void
bind_row(sqlite3_stmt *stmt, int64_t i)
{
	sqlite3_bind_int64(stmt, 1, INT64_C(1700000000000) + i / 1000 * 1000);
	sqlite3_bind_int64(stmt, 2, i % 1000 + 1);
	sqlite3_bind_int64(stmt, 3, i - 1000);
	sqlite3_bind_int64(stmt, 4, INT64_C(1732278000) << 32 | 1);
	sqlite3_bind_int64(stmt, 5, i * 200);
	sqlite3_bind_int64(stmt, 6, INT64_C(1732278000123));
	sqlite3_bind_text(stmt, 7, "ok", 2, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 8, i % 500 * 100 + 99);
	sqlite3_bind_int64(stmt, 9, 2);
	sqlite3_bind_text(stmt, 10, "GBP", 3, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 11, "in_stock", 8, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 12, "{\"method\":\"rule\"}", 17, SQLITE_STATIC);
}

static void
insert_rows(sqlite3 *db, int64_t count)
{
	sqlite3_stmt *stmt;
	int64_t i, begin = stamp_now();

	run(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536;"
	    "CREATE TABLE observation (id INTEGER PRIMARY KEY, slot INTEGER, source INTEGER NOT NULL, previous INTEGER,"
	    " token INTEGER NOT NULL, n INTEGER NOT NULL, time INTEGER NOT NULL, status TEXT NOT NULL,"
	    " coefficient INTEGER, scale INTEGER, currency TEXT, availability TEXT, rest TEXT) STRICT;"
	    "CREATE UNIQUE INDEX observation_slot ON observation (slot, source)");
	if (sqlite3_prepare_v2(db, "INSERT INTO observation (slot, source, previous, token, n, time, status, coefficient,"
	    " scale, currency, availability, rest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", -1, &stmt, NULL) != SQLITE_OK)
		errx(1, "%s", sqlite3_errmsg(db));
	for (i = 0; i < count; i++) {
		if (i % BATCH == 0)
			run(db, "BEGIN");
		bind_row(stmt, i);
		if (sqlite3_step(stmt) != SQLITE_DONE)
			errx(1, "%s", sqlite3_errmsg(db));
		sqlite3_reset(stmt);
		if (i % BATCH == BATCH - 1 || i == count - 1)
			run(db, "COMMIT");
	}
	sqlite3_finalize(stmt);
	printf("%.0f\n", (double)count / ((double)(stamp_now() - begin) / 1e9));
}

/* Rows are only ever added, so the largest id is their number. 0 while there is no table. */
static int64_t
count_rows(sqlite3 *db)
{
	sqlite3_stmt *stmt;
	int64_t n = 0;

	if (sqlite3_prepare_v2(db, "SELECT max(id) FROM observation", -1, &stmt, NULL) != SQLITE_OK)
		return 0;
	if (sqlite3_step(stmt) == SQLITE_ROW)
		n = sqlite3_column_int64(stmt, 0);
	sqlite3_finalize(stmt);
	return n;
}

static void
wait_for_rows(const char *path, int64_t count, struct stamp *slot, int64_t seconds)
{
	const struct timespec pause = { 0, 5000000 };
	sqlite3 *db = open_db(path, SQLITE_OPEN_READONLY);
	int64_t n, begin = stamp_now();

	while ((n = count_rows(db)) < count) {
		if (stamp_now() - begin > seconds * SECOND)
			errx(1, "only %" PRId64 " of %" PRId64 " rows in %" PRId64 " s", n, count, seconds);
		nanosleep(&pause, NULL);
	}
	printf("%" PRId64 "\n", stamp_now() - atomic_load(&slot->ns));
	sqlite3_close(db);
}

int
main(int argc, char **argv)
{
	struct board *board;
	sqlite3 *db;

	if (argc == 4 && strcmp(argv[1], "insert") == 0) {
		db = open_db(argv[2], SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
		insert_rows(db, strtoll(argv[3], NULL, 10));
		sqlite3_close(db);
	} else if (argc == 7 && strcmp(argv[1], "wait") == 0) {
		board = stamp_open(argv[4]);
		if (board == NULL)
			err(1, "%s", argv[4]);
		wait_for_rows(argv[2], strtoll(argv[3], NULL, 10), stamp_slot(board, argv[5]), strtol(argv[6], NULL, 10));
	} else {
		errx(2, "usage: sqlrate insert DB COUNT | sqlrate wait DB COUNT FILE SLOT SECONDS");
	}
	return 0;
}
