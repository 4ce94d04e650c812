#include "store/sqlite.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/schema.h"

#define BUSY_MS 5000
/*
 * The log is copied into the database every so many pages (16 MiB): rarer, so
 * that a page that many transactions touch is copied once for all of them.
 */
#define CHECKPOINT_PAGES 4096

static const char *const sql[SQL_COUNT] = {
	[SQL_BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[SQL_BEGIN_READ] = "BEGIN",
	[SQL_COMMIT] = "COMMIT",
	[SQL_ROLLBACK] = "ROLLBACK",
	[SQL_DATA_VERSION] = "PRAGMA data_version",
	[SQL_POSITION] = "SELECT epoch, segment, offset FROM position WHERE installation = ?1",
	[SQL_SET_POSITION] = "INSERT INTO position (installation, epoch, segment, offset) VALUES (?1, ?2, ?3, ?4)"
			     " ON CONFLICT (installation) DO UPDATE SET"
			     " epoch = excluded.epoch, segment = excluded.segment, offset = excluded.offset",
	[SQL_CHILD] = "SELECT id, token FROM child WHERE path = ?1",
	[SQL_ADD_CHILD] = "INSERT INTO child (path, token) VALUES (?1, ?2)",
	[SQL_SET_CHILD] = "UPDATE child SET token = ?2 WHERE id = ?1",
	[SQL_SOURCE] = "SELECT s.id, s.product, s.url, s.tail, s.latest, s.price, s.good,"
		       " coalesce(l.slot, l.time), coalesce(p.slot, p.time), s.since, s.kind"
		       " FROM source s LEFT JOIN observation l ON l.id = s.latest"
		       " LEFT JOIN observation p ON p.id = s.price WHERE s.child = ?1 AND s.name = ?2",
	[SQL_ADD_SOURCE] = "INSERT INTO source (child, name) VALUES (?1, ?2)",
	[SQL_SET_SOURCE] = "UPDATE source SET tail = ?2, latest = ?3, price = ?4, good = ?5, product = ?6, url = ?7,"
			   " since = ?8, kind = ?9 WHERE id = ?1",
	[SQL_PUT] = "INSERT INTO observation (slot, source, previous, token, n, time, late, status, coefficient, scale,"
		    " currency, availability, reason, product, url, rest)"
		    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
	[SQL_AT_SLOT] = "SELECT token, n FROM observation WHERE slot = ?1 AND source = ?2",
	[SQL_AT_NAME] = "SELECT 1 FROM observation WHERE token = ?1 AND n = ?2 AND slot IS NULL",
	[SQL_LINK] = "SELECT previous, time FROM observation WHERE id = ?1",
	[SQL_SET_LINK] = "UPDATE observation SET previous = ?2 WHERE id = ?1",
	[SQL_QUARANTINE] = "INSERT INTO quarantine (reason, child, source, token, n, time, line)"
			   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
	[SQL_PUT_EVIDENCE] = "INSERT INTO evidence (source, token, n, time, slot, status, reason, url, http_status,"
			     " content_type, bytes, hash, offset, body)"
			     " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14) ON CONFLICT DO NOTHING",
	[SQL_DROP_EVIDENCE] = "DELETE FROM evidence WHERE source = ?1 AND id NOT IN"
			      " (SELECT id FROM evidence WHERE source = ?1 ORDER BY time DESC, id DESC LIMIT ?2)",
	[SQL_PAGES] = "SELECT c.path, s.name, e.time, e.status, e.reason, e.url, e.content_type, e.hash, e.http_status,"
		      " e.bytes, e.offset, e.body, length(e.body)"
		      " FROM evidence e JOIN source s ON s.id = e.source JOIN child c ON c.id = s.child"
		      " WHERE (?1 IS NULL OR c.path = ?1) AND (?2 IS NULL OR s.name = ?2)"
		      " ORDER BY c.path, s.name, e.time DESC, e.id DESC",
	[SQL_TALLY] = "INSERT INTO tally (what, n) VALUES (?1, ?2) ON CONFLICT (what) DO UPDATE SET n = n + excluded.n",
	[SQL_TOKENS] = "SELECT token FROM child UNION ALL SELECT epoch << 32 FROM position",
	[SQL_OFFERS] = "SELECT coalesce(s.product, s.name), c.path, s.name, s.url, l.status, l.reason, l.time, s.good,"
		       " p.coefficient, p.scale, p.currency, coalesce(l.availability, p.availability), p.time,"
		       " s.since, s.kind"
		       " FROM source s JOIN child c ON c.id = s.child JOIN observation l ON l.id = s.latest"
		       " LEFT JOIN observation p ON p.id = s.price"
		       " WHERE (?1 IS NULL OR coalesce(s.product, s.name) = ?1) AND (?2 IS NULL OR c.path = ?2)",
	[SQL_PRODUCTS] = "SELECT DISTINCT coalesce(product, name) FROM source ORDER BY 1",
	[SQL_CHAINS] = "SELECT s.tail, c.path, s.name, s.url FROM source s JOIN child c ON c.id = s.child"
		       " WHERE coalesce(s.product, s.name) = ?1 AND s.tail IS NOT NULL",
	[SQL_LAST_GOOD] = "SELECT coalesce(max(s.good), 0) FROM source s JOIN child c ON c.id = s.child"
			  " WHERE c.path = ?1 AND (?2 IS NULL OR s.name = ?2)",
	[SQL_TALLIES] = "SELECT what, n FROM tally ORDER BY what",
	[SQL_SOURCES] = "SELECT count(*) FROM source",
	[SQL_QUARANTINED] = "SELECT reason, child, source, token, n, time, line FROM quarantine ORDER BY id DESC LIMIT ?1",
};

static const char chain_sql[] = "SELECT previous, token, n, slot, time, late, status, coefficient, scale, currency,"
				" availability, reason, rest FROM observation WHERE id = ?1";

struct sqlite_store *
sqlite_store(struct store *s)
{
	/* base is the first member. */
	return (struct sqlite_store *)s;
}

int
sqlite_fail(struct sqlite_store *s, const char *what, struct err *err)
{
	return schema_error(s->db, s->path, what, err);
}

sqlite3_stmt *
sqlite_stmt(struct sqlite_store *s, enum sqlite_sql which, struct err *err)
{
	sqlite3_stmt **stmt = &s->stmt[which];

	if (*stmt == NULL) {
		if (sqlite3_prepare_v3(s->db, sql[which], -1, SQLITE_PREPARE_PERSISTENT, stmt, NULL) != SQLITE_OK) {
			sqlite_fail(s, "prepare", err);
			return NULL;
		}
	} else {
		sqlite3_reset(*stmt);
	}
	return *stmt;
}

sqlite3_stmt *
sqlite_chain_stmt(struct sqlite_store *s, struct err *err)
{
	sqlite3_stmt *stmt = NULL;

	if (sqlite3_prepare_v2(s->db, chain_sql, -1, &stmt, NULL) != SQLITE_OK)
		sqlite_fail(s, "prepare", err);
	return stmt;
}

int
sqlite_row(struct sqlite_store *s, sqlite3_stmt *stmt, const char *what, struct err *err)
{
	switch (sqlite3_step(stmt)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return sqlite_fail(s, what, err);
	}
}

int
sqlite_run(struct sqlite_store *s, sqlite3_stmt *stmt, const char *what, struct err *err)
{
	int rc = sqlite_row(s, stmt, what, err);

	sqlite3_reset(stmt);
	return rc == -1 ? -1 : 0;
}

void
sqlite_bind_text(sqlite3_stmt *stmt, int i, struct store_text t)
{
	if (t.p == NULL)
		sqlite3_bind_null(stmt, i);
	else
		sqlite3_bind_text64(stmt, i, t.p, t.n, SQLITE_STATIC, SQLITE_UTF8);
}

void
sqlite_bind_row(sqlite3_stmt *stmt, int i, int64_t row)
{
	if (row == 0)
		sqlite3_bind_null(stmt, i);
	else
		sqlite3_bind_int64(stmt, i, row);
}

static int
run_text(struct sqlite_store *s, const char *text, struct err *err)
{
	return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? 0 : sqlite_fail(s, "open", err);
}

static int
set_wal(struct sqlite_store *s, struct err *err)
{
	sqlite3_stmt *stmt = NULL;
	bool wal = false;
	int rc;

	if (sqlite3_prepare_v2(s->db, "PRAGMA journal_mode = WAL", -1, &stmt, NULL) != SQLITE_OK)
		return sqlite_fail(s, "open", err);
	rc = sqlite_row(s, stmt, "open", err);
	if (rc == 1)
		wal = strcmp((const char *)sqlite3_column_text(stmt, 0), "wal") == 0;
	sqlite3_finalize(stmt);
	if (rc == -1)
		return -1;
	if (!wal)
		return err_set(err, EINVAL, "store %s: this file system gives no shared memory, which a write-ahead"
		    " log needs", s->path);
	return 0;
}

/*
 * WAL, so that readers and the writer do not wait for each other; FULL, so that
 * a commit is on the disk. The log stays behind when the last connection
 * closes: without it, who may not write into the directory could not open the
 * store.
 */
static int
setup_write(struct sqlite_store *s, struct err *err)
{
	size_t version;
	int yes = 1;

	if (schema_identify(s->db, s->path, &version, err) == -1)
		return -1;
	sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &yes);
	if (set_wal(s, err) == -1 || run_text(s, "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON", err) == -1)
		return -1;
	if (schema_migrate(s->db, s->path, schema_steps, schema_version, err) == -1)
		return -1;
	sqlite3_wal_autocheckpoint(s->db, CHECKPOINT_PAGES);
	s->writer = sqlite_writer_new();
	return run_text(s, "PRAGMA journal_size_limit = 67108864", err);
}

static int
setup_read(struct sqlite_store *s, struct err *err)
{
	size_t version;
	int ours = schema_identify(s->db, s->path, &version, err);

	if (ours == -1)
		return -1;
	if (ours == 0)
		return err_set(err, ENOENT, "store %s: it is empty: no recorder has begun yet", s->path);
	if (version != schema_version)
		return err_set(err, ENOTSUP, "store %s: it is of version %zu, this program knows %zu%s", s->path, version,
		    schema_version, version < schema_version ? "; the recorder brings it up to date" : "");
	return 0;
}

static void
sqlite_close(struct store *base)
{
	struct sqlite_store *s = sqlite_store(base);

	sqlite_writer_free(s->writer);
	for (size_t i = 0; i < SQL_COUNT; i++)
		sqlite3_finalize(s->stmt[i]);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

static struct store *
sqlite_open(const char *where, enum store_mode mode, struct err *err)
{
	struct sqlite_store *s = xcalloc(1, sizeof(*s));
	int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
	/* SQLite gives a meaning of its own to ":memory:"; here it is a file like any other. */
	char *path = where[0] == ':' ? xasprintf("./%s", where) : xstrdup(where);

	s->base.backend = &store_sqlite;
	s->path = path;
	flags |= mode == STORE_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	if (sqlite3_open_v2(path, &s->db, flags, NULL) != SQLITE_OK) {
		sqlite_fail(s, "open", err);
		sqlite_close(&s->base);
		return NULL;
	}
	sqlite3_busy_timeout(s->db, BUSY_MS);
	sqlite3_exec(s->db, "PRAGMA cache_size = -65536", NULL, NULL, NULL);
	if ((mode == STORE_READ ? setup_read(s, err) : setup_write(s, err)) == -1) {
		sqlite_close(&s->base);
		return NULL;
	}
	return &s->base;
}

const struct store_backend store_sqlite = {
	.scheme = "sqlite",
	.open = sqlite_open,
	.close = sqlite_close,
	.position = sqlite_position,
	.begin = sqlite_begin,
	.put = sqlite_put,
	.quarantine = sqlite_quarantine,
	.put_evidence = sqlite_put_evidence,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.largest_epoch = sqlite_largest_epoch,
	.offers = sqlite_offers,
	.products = sqlite_products,
	.history = sqlite_history,
	.last_good = sqlite_last_good,
	.count = sqlite_count,
	.count_quarantine = sqlite_count_quarantine,
	.pages = sqlite_pages,
	.quarantined = sqlite_quarantined,
};
