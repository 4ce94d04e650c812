/*
 * Load for the recorder, and the floor that it is measured against.
 *
 *	record-load journal DIR ROWS SOURCES [FIRST]	write a journal of so many observations
 *	record-load lines DIR EPOCH INSTALLATION	the same of the lines on standard input
 *	record-load store FILE ROWS SOURCES		the same lines into a store, without a journal
 *	record-load parse - ROWS SOURCES		the same lines read, and nothing done with them
 *	record-load floor FILE ROWS SOURCES BATCH	the same rows with plain SQLite statements
 *
 * The journal is written by the journal's own library, as a new epoch (EPOCH 0:
 * the next) of installation 00… if none is named; every line is fsynced at the
 * end, and with "lines" after each. FIRST is the number of the first row. The last three
 * print rows a second. The floor knows its rows already: it parses nothing, keeps no
 * chain, no position and no source; it is what SQLite needs for the table and
 * its unique index alone.
 */
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mono.h"
#include "journal/journal.h"
#include "recorder/record.h"
#include "store/store.h"

#define INSTALLATION "00000000000000000000000000000000"
#define CHILDREN 20
#define BEGIN_MS INT64_C(1732278000000)
#define EVERY_MS 300000

struct row {
	uint64_t i;
	unsigned source, child;
	int64_t slot_ms;
	uint64_t token, n;
	unsigned cents;
};

static struct row
row_at(uint64_t i, unsigned sources, uint32_t epoch)
{
	struct row r = { .i = i };

	r.source = (unsigned)(i % sources);
	r.child = r.source % CHILDREN;
	r.slot_ms = BEGIN_MS + (int64_t)(i / sources) * EVERY_MS;
	r.token = (uint64_t)epoch << 32 | (r.child + 1);
	r.n = (i + 1) * 420;
	r.cents = (unsigned)(hash_u64(i) % 100000);
	return r;
}

static void
row_line(const struct row *r, struct buf *b)
{
	char text[WALL_TEXT_SIZE];

	wall_text(r->slot_ms + 1234, text);
	buf_clear(b);
	buf_xprintf(b,
	    "{\"type\":\"observation\",\"t\":%" PRId64 ",\"child\":\"suppliers/shop%02u\",\"token\":%" PRIu64
	    ",\"n\":%" PRIu64 ",\"slot\":%" PRId64 ",\"source\":\"product-%u\",\"data\":"
	    "{\"type\":\"observation\",\"source\":\"product-%u\",\"slot\":%" PRId64 ",\"time\":\"%s\",\"status\":\"ok\","
	    "\"product\":\"Product number %u\",\"url\":\"http://shop%02u.example/product/%u\",\"amount\":\"%u.%02u\","
	    "\"currency\":\"GBP\",\"currency_text\":\"\xc2\xa3\",\"availability\":\"in_stock\",\"method\":\"rule\","
	    "\"confidence\":\"stated\",\"raw\":\"\xc2\xa3%u.%02u\",\"warnings\":[],\"http_status\":200,\"bytes\":5123,"
	    "\"duration_ms\":12}}",
	    r->slot_ms + 1300, r->child, r->token, r->n, r->slot_ms, r->source, r->source, r->slot_ms, text, r->source,
	    r->child, r->source, r->cents / 100, r->cents % 100, r->cents / 100, r->cents % 100);
}

static void
print_rate(uint64_t rows, mono_t begin)
{
	int64_t us = mono_diff_us(mono_now(), begin);

	printf("%" PRIu64 "\n", rows * 1000000 / (uint64_t)(us > 0 ? us : 1));
}

static struct journal *
open_journal(const char *dir, const char *installation, uint32_t epoch, uint64_t segment_bytes)
{
	const struct journal_options o = {
		.dir = dir,
		.installation = installation,
		.epoch = epoch,
		.sync_us = 100000,
		.segment_bytes = segment_bytes,
		.reserve_bytes = 1 << 20,
		.keep_us = INT64_MAX,
	};
	struct err err = ERR_INIT;
	struct past past;
	struct journal *j = journal_open(&o, &past, &err);

	if (j == NULL)
		fatalx("%s", err.msg);
	past_release(&past);
	return j;
}

/* As the daemon does: a full segment is followed by the next. */
static void
rotate_if_asked(struct journal *j)
{
	struct journal_progress progress;

	journal_get_progress(j, &progress);
	if (progress.want_snapshot)
		journal_rotate(j, "", 0);
}

static void
load_journal(const char *dir, uint64_t rows, unsigned sources, uint64_t first)
{
	uint32_t epoch = journal_last_epoch(dir) + 1;
	struct journal *j = open_journal(dir, INSTALLATION, epoch, 64 << 20);
	struct buf b = BUF_INIT(0);

	for (uint64_t i = first; i < first + rows; i++) {
		struct row r = row_at(i, sources, epoch);

		row_line(&r, &b);
		journal_append(j, JOURNAL_OUTPUT, b.data, b.len);
		if (i % 10000 == 9999) {
			journal_flush(j);
			rotate_if_asked(j);
		}
	}
	journal_close(j);
	buf_release(&b);
}

static void
load_lines(const char *dir, uint32_t epoch, const char *installation)
{
	struct journal *j = open_journal(dir, installation, epoch == 0 ? journal_last_epoch(dir) + 1 : epoch, 64 << 10);
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		journal_append(j, JOURNAL_OUTPUT, line, (size_t)n);
		journal_flush(j);
		rotate_if_asked(j);
	}
	journal_close(j);
	free(line);
}

static void
put_line(struct store *s, struct record *r, const struct buf *b)
{
	enum store_put_result result;
	struct err err = ERR_INIT;

	if (record_read(r, b->data, b->len) != RECORD_OBSERVATION)
		fatalx("%s: %s", r->reject.reason, b->data);
	if (store_put(s, &r->observation, &result, &err) == -1)
		fatalx("%s", err.msg);
}

/* How fast lines are read, without a store. */
static void
load_parse(uint64_t rows, unsigned sources)
{
	struct buf lines[64] = { 0 };
	struct record r;
	mono_t begin;

	record_init(&r);
	for (size_t k = 0; k < 64; k++) {
		struct row row = row_at(k, sources, 1);

		row_line(&row, &lines[k]);
	}
	begin = mono_now();
	for (uint64_t i = 0; i < rows; i++)
		if (record_read(&r, lines[i % 64].data, lines[i % 64].len) != RECORD_OBSERVATION)
			fatalx("%s: %s", r.reject.reason, lines[i % 64].data);
	print_rate(rows, begin);
	for (size_t k = 0; k < 64; k++)
		buf_release(&lines[k]);
	record_release(&r);
}

static void
load_store(const char *file, uint64_t rows, unsigned sources)
{
	struct err err = ERR_INIT;
	struct store *s = store_open(file, STORE_WRITE, &err);
	struct store_position pos = { 0, 0, 0 };
	struct buf *lines = calloc(5000, sizeof(*lines));
	struct record r;
	int64_t us = 0;

	if (s == NULL || lines == NULL)
		fatalx("%s", err.msg);
	record_init(&r);
	for (uint64_t i = 0; i < rows;) {
		size_t n;
		mono_t begin;

		for (n = 0; n < 5000 && i < rows; n++, i++) {
			struct row row = row_at(i, sources, 1);

			row_line(&row, &lines[n]);
		}
		begin = mono_now();
		if (store_begin(s, INSTALLATION, &pos, &err) != 0)
			fatalx("%s", err.msg);
		for (size_t k = 0; k < n; k++)
			put_line(s, &r, &lines[k]);
		pos = (struct store_position){ 1, 1, i * 500 };
		if (store_commit(s, &pos, &err) == -1)
			fatalx("%s", err.msg);
		us += mono_diff_us(mono_now(), begin);
	}
	printf("%" PRIu64 "\n", rows * 1000000 / (uint64_t)us);
	for (size_t k = 0; k < 5000; k++)
		buf_release(&lines[k]);
	free(lines);
	record_release(&r);
	store_close(s);
}

static void
run_sql(sqlite3 *db, const char *text)
{
	if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
		fatalx("%s: %s", text, sqlite3_errmsg(db));
}

static void
insert_plain(sqlite3 *db, sqlite3_stmt *stmt, const struct row *r)
{
	static const char rest[] = "{\"currency_text\":\"\xc2\xa3\",\"method\":\"rule\",\"confidence\":\"stated\","
				   "\"raw\":\"\xc2\xa3" "123.45\",\"warnings\":[],\"http_status\":200,\"bytes\":5123,"
				   "\"duration_ms\":12}";

	sqlite3_reset(stmt);
	sqlite3_bind_int64(stmt, 1, r->slot_ms);
	sqlite3_bind_int64(stmt, 2, r->source + 1);
	sqlite3_bind_int64(stmt, 3, (int64_t)r->token);
	sqlite3_bind_int64(stmt, 4, (int64_t)r->n);
	sqlite3_bind_int64(stmt, 5, r->slot_ms + 1234);
	sqlite3_bind_text(stmt, 6, "ok", 2, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 7, r->cents);
	sqlite3_bind_int64(stmt, 8, 2);
	sqlite3_bind_text(stmt, 9, "GBP", 3, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 10, "in_stock", 8, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 11, rest, sizeof(rest) - 1, SQLITE_STATIC);
	if (sqlite3_step(stmt) != SQLITE_DONE)
		fatalx("insert: %s", sqlite3_errmsg(db));
}

static void
load_floor(const char *file, uint64_t rows, unsigned sources, uint64_t batch)
{
	sqlite3_stmt *stmt;
	mono_t begin;
	sqlite3 *db;

	if (sqlite3_open(file, &db) != SQLITE_OK)
		fatalx("%s", file);
	run_sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		    "CREATE TABLE observation (id INTEGER PRIMARY KEY, slot INTEGER, source INTEGER, token INTEGER,"
		    " n INTEGER, time INTEGER, status TEXT, coefficient INTEGER, scale INTEGER, currency TEXT,"
		    " availability TEXT, rest TEXT) STRICT;"
		    "CREATE UNIQUE INDEX slot ON observation (slot, source)");
	sqlite3_prepare_v2(db, "INSERT INTO observation (slot, source, token, n, time, status, coefficient, scale,"
	    " currency, availability, rest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)", -1, &stmt, NULL);
	begin = mono_now();
	for (uint64_t i = 0; i < rows; i++) {
		struct row r = row_at(i, sources, 1);

		if (i % batch == 0)
			run_sql(db, "BEGIN IMMEDIATE");
		insert_plain(db, stmt, &r);
		if (i % batch == batch - 1 || i == rows - 1) {
			sqlite3_reset(stmt);
			run_sql(db, "COMMIT");
		}
	}
	print_rate(rows, begin);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
}

int
main(int argc, char **argv)
{
	uint64_t rows, extra;
	unsigned sources;

	log_open("record-load", LOG_LEVEL_INFO);
	if (argc < 5)
		fatalx("usage: record-load journal|store|parse|floor FILE ROWS SOURCES [FIRST|BATCH]");
	rows = strtoull(argv[3], NULL, 10);
	sources = (unsigned)strtoul(argv[4], NULL, 10);
	extra = argc > 5 ? strtoull(argv[5], NULL, 10) : 0;
	if (strcmp(argv[1], "lines") == 0) {
		load_lines(argv[2], (uint32_t)rows, argv[4]);
		return 0;
	}
	if (sources == 0)
		fatalx("there must be a source");
	if (strcmp(argv[1], "journal") == 0)
		load_journal(argv[2], rows, sources, extra);
	else if (strcmp(argv[1], "store") == 0)
		load_store(argv[2], rows, sources);
	else if (strcmp(argv[1], "parse") == 0)
		load_parse(rows, sources);
	else if (strcmp(argv[1], "floor") == 0)
		load_floor(argv[2], rows, sources, extra == 0 ? 1000 : extra);
	else
		fatalx("%s?", argv[1]);
	return 0;
}
