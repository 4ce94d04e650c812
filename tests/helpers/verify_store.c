/*
 * Is every observation of the journal in the store exactly once?
 *
 *	verify-store --journal DIR --store FILE [--trimmed]
 *
 * Reads the segments themselves and the tables themselves: a judge that shares
 * no code with the recorder but the scanner of JSON. Holds that
 *
 *  - each observation record that is fsynced, named by (token, n), is in the
 *    history or in quarantine, once; a line without a name is counted;
 *  - the store has no others (--trimmed: it may, old segments are gone);
 *  - no slot of a source is there twice in the history;
 *  - the chain of each source holds all its observations, the tally is right,
 *    and SQLite finds the file sound.
 *
 * Prints the counts, then each difference; exits 1 if there is one.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "journal/names.h"
#include "journal/synced.h"

#define SHOWN_MAX 20

struct name {
	uint64_t token, n;
};

struct names {
	struct name *v; /* owned */
	size_t n, cap;
	uint64_t nameless;
};

static unsigned differences;

static void differ(const char *fmt, ...) ATTR_PRINTF(1, 2);

static void
differ(const char *fmt, ...)
{
	va_list ap;

	if (differences++ < SHOWN_MAX) {
		va_start(ap, fmt);
		printf("DIFFERENCE: ");
		vprintf(fmt, ap);
		printf("\n");
		va_end(ap);
	}
}

static void
names_add(struct names *all, uint64_t token, uint64_t n)
{
	if (all->n == all->cap) {
		all->cap = all->cap == 0 ? 1024 : 2 * all->cap;
		all->v = xreallocarray(all->v, all->cap, sizeof(*all->v));
	}
	all->v[all->n++] = (struct name){ token, n };
}

static int
compare(const void *pa, const void *pb)
{
	const struct name *a = pa, *b = pb;

	if (a->token != b->token)
		return a->token < b->token ? -1 : 1;
	return a->n < b->n ? -1 : a->n > b->n;
}

static void
names_sort(struct names *all)
{
	if (all->n > 0)
		qsort(all->v, all->n, sizeof(*all->v), compare);
}

static void
read_line(const char *line, size_t len, struct names *all)
{
	struct json_field f[] = { { .name = "type" }, { .name = "token" }, { .name = "n" }, { .name = "child" } };
	uint64_t token, n;

	if (json_scan(line, len, f, 4) == -1) {
		all->nameless++;
		return;
	}
	if (!json_field_is(&f[0], "observation"))
		return;
	if (f[1].kind == JSON_NUMBER && json_field_uint(&f[1], &token) == 0 && f[2].kind == JSON_NUMBER &&
	    json_field_uint(&f[2], &n) == 0)
		names_add(all, token, n);
	else
		all->nameless++;
}

/* Whole lines only; zeros are space that was taken in advance. */
static void
read_segment(const char *dir, struct segment_name name, uint64_t limit, struct names *all)
{
	char file[SEGMENT_NAME_SIZE], *path = xasprintf("%s/%s", dir, segment_name_text(name, file));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *p, *end, *newline;
	struct stat st;
	char *map;

	if (fd == -1 || fstat(fd, &st) == -1)
		fatal("%s", path);
	free(path);
	if (st.st_size == 0) {
		close(fd);
		return;
	}
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		fatal("mmap");
	close(fd);
	end = map + ((uint64_t)st.st_size < limit ? (uint64_t)st.st_size : limit);
	for (p = map; p < end && *p != '\0'; p = newline + 1) {
		if ((newline = memchr(p, '\n', (size_t)(end - p))) == NULL)
			break;
		read_line(p, (size_t)(newline - p), all);
	}
	munmap(map, (size_t)st.st_size);
}

static void
read_journal(const char *dir, struct names *all)
{
	struct segment_list list;
	struct segment_name synced;
	struct err err = ERR_INIT;
	char *path = xasprintf("%s/%s", dir, SYNCED_FILE);
	uint64_t offset;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool bounded = fd != -1 && synced_read(fd, &synced, &offset) == 0;

	if (segment_list_read(dir, &list, &err) == -1)
		fatalx("%s", err.msg);
	for (size_t i = 0; i < list.n; i++) {
		int d = bounded ? segment_name_compare(list.v[i], synced) : -1;

		if (d <= 0)
			read_segment(dir, list.v[i], d == 0 ? offset : UINT64_MAX, all);
	}
	segment_list_release(&list);
	if (fd != -1)
		close(fd);
	free(path);
}

static sqlite3_stmt *
prepare(sqlite3 *db, const char *sql)
{
	sqlite3_stmt *stmt;

	if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
		fatalx("%s: %s", sql, sqlite3_errmsg(db));
	return stmt;
}

static bool
next_row(sqlite3 *db, sqlite3_stmt *stmt)
{
	int rc = sqlite3_step(stmt);

	if (rc == SQLITE_ROW)
		return true;
	if (rc != SQLITE_DONE)
		fatalx("%s", sqlite3_errmsg(db));
	sqlite3_finalize(stmt);
	return false;
}

static void
read_table(sqlite3 *db, const char *sql, struct names *all)
{
	sqlite3_stmt *stmt = prepare(db, sql);

	while (next_row(db, stmt)) {
		if (sqlite3_column_type(stmt, 0) == SQLITE_NULL)
			all->nameless++;
		else
			names_add(all, (uint64_t)sqlite3_column_int64(stmt, 0),
			    (uint64_t)sqlite3_column_int64(stmt, 1));
	}
}

/* Every row that such a query gives is something wrong. */
static void
must_be_empty(sqlite3 *db, const char *what, const char *sql)
{
	sqlite3_stmt *stmt = prepare(db, sql);

	while (next_row(db, stmt))
		differ("%s: %s", what, (const char *)sqlite3_column_text(stmt, 0));
}

static void
check_file(sqlite3 *db)
{
	must_be_empty(db, "SQLite's integrity check",
	    "SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'");
	must_be_empty(db, "foreign key", "SELECT \"table\" || ' row ' || rowid FROM pragma_foreign_key_check");
	must_be_empty(db, "slot twice in the history",
	    "SELECT slot || ' of source ' || source || ': ' || count(*) FROM observation NOT INDEXED"
	    " WHERE slot IS NOT NULL GROUP BY slot, source HAVING count(*) > 1");
	must_be_empty(db, "chain of a source",
	    "WITH RECURSIVE chain (source, id) AS (SELECT id, tail FROM source WHERE tail IS NOT NULL UNION ALL"
	    " SELECT c.source, o.previous FROM chain c JOIN observation o ON o.id = c.id"
	    " WHERE o.previous IS NOT NULL AND o.source = c.source),"
	    " held (source, n) AS (SELECT source, count(*) FROM chain GROUP BY source),"
	    " there (source, n) AS (SELECT source, count(*) FROM observation GROUP BY source)"
	    " SELECT t.source || ' holds ' || coalesce(h.n, 0) || ' of ' || t.n FROM there t"
	    " LEFT JOIN held h ON h.source = t.source WHERE h.n IS NOT t.n");
	must_be_empty(db, "tally",
	    "WITH is_ (what, n) AS (SELECT 'history', count(*) FROM observation"
	    " UNION ALL SELECT 'late', count(*) FROM observation WHERE late"
	    " UNION ALL SELECT 'quarantine', count(*) FROM quarantine"
	    " UNION ALL SELECT 'quarantine/' || reason, count(*) FROM quarantine GROUP BY reason)"
	    " SELECT i.what || ' says ' || coalesce(t.n, 0) || ', is ' || i.n FROM is_ i"
	    " LEFT JOIN tally t ON t.what = i.what WHERE coalesce(t.n, 0) <> i.n");
}

static size_t
count_at(const struct names *all, size_t *i, const struct name *name)
{
	size_t n = 0;

	for (; *i < all->n && compare(&all->v[*i], name) == 0; (*i)++)
		n++;
	return n;
}

/* Both sorted: walk all names of the three in order. */
static uint64_t
compare_all(const struct names *journal, const struct names *history, const struct names *quarantine, bool trimmed)
{
	const struct names *all[3] = { journal, history, quarantine };
	size_t at[3] = { 0, 0, 0 }, n[3];
	uint64_t twice = 0;

	for (;;) {
		const struct name *least = NULL;
		struct name name;

		for (int k = 0; k < 3; k++)
			if (at[k] < all[k]->n && (least == NULL || compare(&all[k]->v[at[k]], least) < 0))
				least = &all[k]->v[at[k]];
		if (least == NULL)
			return twice;
		name = *least;
		for (int k = 0; k < 3; k++)
			n[k] = count_at(all[k], &at[k], &name);
		twice += n[0] > 1;
		if (n[1] + n[2] > 1)
			differ("(%" PRIu64 ", %" PRIu64 ") is %zu times in the history, %zu times in quarantine",
			    name.token, name.n, n[1], n[2]);
		else if (n[0] > 0 && n[1] + n[2] == 0)
			differ("(%" PRIu64 ", %" PRIu64 ") of the journal is not in the store", name.token, name.n);
		else if (n[0] == 0 && !trimmed)
			differ("(%" PRIu64 ", %" PRIu64 ") of the store is not in the journal", name.token, name.n);
	}
}

static int
verify(const char *dir, const char *file, bool trimmed)
{
	struct names journal = { 0 }, history = { 0 }, quarantine = { 0 };
	uint64_t twice;
	sqlite3 *db;

	if (sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
		fatalx("%s: %s", file, sqlite3_errmsg(db));
	sqlite3_busy_timeout(db, 10000);
	if (sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		fatalx("%s: %s", file, sqlite3_errmsg(db));
	read_table(db, "SELECT token, n FROM observation NOT INDEXED", &history);
	read_table(db, "SELECT token, n FROM quarantine NOT INDEXED", &quarantine);
	read_journal(dir, &journal);
	check_file(db);
	sqlite3_close(db);
	names_sort(&journal);
	names_sort(&history);
	names_sort(&quarantine);
	twice = compare_all(&journal, &history, &quarantine, trimmed);
	if (journal.nameless != quarantine.nameless && !trimmed)
		differ("%" PRIu64 " nameless lines in the journal, %" PRIu64 " in quarantine", journal.nameless,
		    quarantine.nameless);
	printf("journal %" PRIu64 " history %zu quarantine %" PRIu64 " repeated-in-journal %" PRIu64
	       " differences %u\n",
	    journal.n + journal.nameless, history.n, quarantine.n + quarantine.nameless, twice, differences);
	free(journal.v);
	free(history.v);
	free(quarantine.v);
	return differences > 0;
}

int
main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "journal", required_argument, NULL, 'j' },
		{ "store", required_argument, NULL, 's' },
		{ "trimmed", no_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	const char *dir = NULL, *file = NULL;
	bool trimmed = false;
	int c;

	log_open("verify-store", LOG_LEVEL_INFO);
	while ((c = getopt_long(argc, argv, "j:s:t", longs, NULL)) != -1) {
		if (c == 'j')
			dir = optarg;
		else if (c == 's')
			file = optarg;
		else if (c == 't')
			trimmed = true;
		else
			return 2;
	}
	if (dir == NULL || file == NULL)
		fatalx("usage: verify-store --journal DIR --store FILE [--trimmed]");
	return verify(dir, file, trimmed);
}
