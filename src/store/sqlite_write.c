/*
 * Recording. What a transaction needs of children and sources is kept in
 * memory between transactions, as long as nobody else has written meanwhile
 * (PRAGMA data_version); their rows are written once a transaction.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/sqlite.h"
#include "store/sqlite_known.h"

/* Beyond so many sources in memory all are forgotten, and read again when needed. */
#define KNOWN_MAX 200000
#define REASONS_MAX 32
#define LINK_WALK_MAX 1000

struct sqlite_writer {
	struct known known;
	char *installation; /* owned; of the transaction */
	bool in_transaction;
	int64_t data_version;
	/* What this transaction adds to the tally. */
	uint64_t history, late, quarantine;
	struct {
		const char *reason;
		uint64_t n;
	} reasons[REASONS_MAX];
	size_t n_reasons;
};

struct sqlite_writer *
sqlite_writer_new(void)
{
	return xcalloc(1, sizeof(struct sqlite_writer));
}

void
sqlite_writer_free(struct sqlite_writer *w)
{
	if (w == NULL)
		return;
	known_release(&w->known);
	free(w->installation);
	free(w);
}

int
sqlite_position(struct store *base, const char *installation, struct store_position *pos, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_POSITION, err);
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, installation, -1, SQLITE_STATIC);
	rc = sqlite_row(s, stmt, "position", err);
	if (rc != -1)
		*pos = (struct store_position){ 0, 0, 0 };
	if (rc == 1) {
		pos->epoch = (uint32_t)sqlite3_column_int64(stmt, 0);
		pos->segment = (uint32_t)sqlite3_column_int64(stmt, 1);
		pos->offset = (uint64_t)sqlite3_column_int64(stmt, 2);
	}
	sqlite3_reset(stmt);
	return rc;
}

void
sqlite_rollback(struct store *base)
{
	struct sqlite_store *s = sqlite_store(base);
	struct sqlite_writer *w = s->writer;
	sqlite3_stmt *stmt;

	if (!w->in_transaction)
		return;
	w->in_transaction = false;
	known_forget(&w->known);
	/* After some errors SQLite has rolled back by itself. */
	if (sqlite3_get_autocommit(s->db))
		return;
	stmt = sqlite_stmt(s, SQL_ROLLBACK, NULL);
	if (stmt != NULL)
		sqlite_run(s, stmt, "roll back", NULL);
}

static int
fail(struct sqlite_store *s)
{
	sqlite_rollback(&s->base);
	return -1;
}

/* Another connection has written: what is in memory may be old. */
static int
check_known(struct sqlite_store *s, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_DATA_VERSION, err);
	int64_t version;

	if (stmt == NULL || sqlite_row(s, stmt, "begin", err) == -1)
		return -1;
	version = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	if (version != s->writer->data_version || s->writer->known.sources.n > KNOWN_MAX)
		known_forget(&s->writer->known);
	s->writer->data_version = version;
	return 0;
}

int
sqlite_begin(struct store *base, const char *installation, struct store_position *pos, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	struct sqlite_writer *w = s->writer;
	struct store_position is;
	sqlite3_stmt *stmt;

	assert(w != NULL && !w->in_transaction);
	stmt = sqlite_stmt(s, SQL_BEGIN_WRITE, err);
	if (stmt == NULL || sqlite_run(s, stmt, "begin", err) == -1)
		return -1;
	w->in_transaction = true;
	if (check_known(s, err) == -1 || sqlite_position(base, installation, &is, err) == -1)
		return fail(s);
	if (is.epoch != pos->epoch || is.segment != pos->segment || is.offset != pos->offset) {
		*pos = is;
		sqlite_rollback(base);
		return 1;
	}
	if (w->installation == NULL || strcmp(w->installation, installation) != 0) {
		free(w->installation);
		w->installation = xstrdup(installation);
	}
	w->history = w->late = w->quarantine = 0;
	w->n_reasons = 0;
	return 0;
}

static void
tally_reason(struct sqlite_writer *w, const char *reason)
{
	size_t i;

	w->quarantine++;
	for (i = 0; i < w->n_reasons; i++)
		if (strcmp(w->reasons[i].reason, reason) == 0)
			break;
	assert(i < REASONS_MAX);
	if (i == w->n_reasons) {
		w->reasons[i].reason = reason;
		w->reasons[i].n = 0;
		w->n_reasons++;
	}
	w->reasons[i].n++;
}

/* 1: it is there now, 0: it was there already (told by its name), -1. */
static int
put_quarantine(struct sqlite_store *s, const struct store_reject *r, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_QUARANTINE, err);

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, r->reason, -1, SQLITE_STATIC);
	sqlite_bind_text(stmt, 2, r->child);
	sqlite_bind_text(stmt, 3, r->source);
	if (r->has_name) {
		sqlite3_bind_int64(stmt, 4, (int64_t)r->token);
		sqlite3_bind_int64(stmt, 5, (int64_t)r->n);
	} else {
		sqlite3_bind_null(stmt, 4);
		sqlite3_bind_null(stmt, 5);
	}
	sqlite3_bind_int64(stmt, 6, r->time_ms);
	if (r->binary)
		sqlite3_bind_blob64(stmt, 7, r->line.p, r->line.n, SQLITE_STATIC);
	else
		sqlite_bind_text(stmt, 7, r->line);
	if (sqlite_run(s, stmt, "quarantine", err) == -1)
		return -1;
	if (sqlite3_changes(s->db) == 0)
		return 0;
	tally_reason(s->writer, r->reason);
	return 1;
}

int
sqlite_quarantine(struct store *base, const struct store_reject *r, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);

	return put_quarantine(s, r, err) == -1 ? fail(s) : 0;
}

static int
refuse(struct sqlite_store *s, const struct store_observation *o, const char *reason, enum store_put_result *result,
    struct err *err)
{
	struct store_reject r = { reason, true, o->token, o->n, o->time_ms, o->child, o->source, o->line, false };
	int rc = put_quarantine(s, &r, err);

	*result = rc == 1 ? STORE_PUT_QUARANTINED : STORE_PUT_AGAIN;
	return rc == -1 ? -1 : 0;
}

/* Is the observation in the slot (or of this name) this very record? 1, 0, -1. */
static int
is_this(struct sqlite_store *s, const struct known_source *src, const struct store_observation *o, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, o->has_slot ? SQL_AT_SLOT : SQL_AT_NAME, err);
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, o->has_slot ? o->slot_ms : (int64_t)o->token);
	sqlite3_bind_int64(stmt, 2, o->has_slot ? src->id : (int64_t)o->n);
	rc = sqlite_row(s, stmt, "observation", err);
	if (rc == 1 && o->has_slot)
		rc = (uint64_t)sqlite3_column_int64(stmt, 0) == o->token &&
		    (uint64_t)sqlite3_column_int64(stmt, 1) == o->n;
	sqlite3_reset(stmt);
	return rc;
}

/* Where a row goes in the chain of its source. */
struct link {
	int64_t newer; /* 0: none, it is the first */
	int64_t older; /* 0: none, it is the last */
};

/*
 * At its begin, but for a late record: behind what is newer. It is rarely far,
 * and a walk has an end: beyond LINK_WALK_MAX the order of time is given up.
 */
static int
find_link(struct sqlite_store *s, const struct known_source *src, const struct store_observation *o, bool late,
    struct link *at, struct err *err)
{
	*at = (struct link){ 0, src->tail };
	for (int i = 0; late && at->older != 0 && i < LINK_WALK_MAX; i++) {
		sqlite3_stmt *stmt = sqlite_stmt(s, SQL_LINK, err);
		int64_t next, time_ms;
		int rc;

		if (stmt == NULL)
			return -1;
		sqlite3_bind_int64(stmt, 1, at->older);
		if ((rc = sqlite_row(s, stmt, "chain", err)) == -1)
			return -1;
		next = sqlite3_column_int64(stmt, 0);
		time_ms = sqlite3_column_int64(stmt, 1);
		sqlite3_reset(stmt);
		if (rc == 0 || time_ms <= o->time_ms)
			return 0;
		*at = (struct link){ at->older, next };
	}
	return 0;
}

static int
set_link(struct sqlite_store *s, const struct link *at, int64_t id, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_SET_LINK, err);

	if (stmt == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, at->newer);
	sqlite3_bind_int64(stmt, 2, id);
	return sqlite_run(s, stmt, "chain", err);
}

static void
bind_observation(sqlite3_stmt *stmt, const struct known_source *src, const struct store_observation *o, bool late,
    const struct link *at)
{
	const struct store_text none = { NULL, 0 };

	if (o->has_slot)
		sqlite3_bind_int64(stmt, 1, o->slot_ms);
	else
		sqlite3_bind_null(stmt, 1);
	sqlite3_bind_int64(stmt, 2, src->id);
	sqlite_bind_row(stmt, 3, at->older);
	sqlite3_bind_int64(stmt, 4, (int64_t)o->token);
	sqlite3_bind_int64(stmt, 5, (int64_t)o->n);
	sqlite3_bind_int64(stmt, 6, o->time_ms);
	sqlite3_bind_int(stmt, 7, late);
	sqlite_bind_text(stmt, 8, o->status);
	if (o->has_amount) {
		sqlite3_bind_int64(stmt, 9, o->amount.coefficient);
		sqlite3_bind_int(stmt, 10, o->amount.scale);
	} else {
		sqlite3_bind_null(stmt, 9);
		sqlite3_bind_null(stmt, 10);
	}
	sqlite_bind_text(stmt, 11, o->currency);
	sqlite_bind_text(stmt, 12, o->availability);
	sqlite_bind_text(stmt, 13, o->reason);
	sqlite_bind_text(stmt, 14, known_differs(src->product, o->product) ? o->product : none);
	sqlite_bind_text(stmt, 15, known_differs(src->url, o->url) ? o->url : none);
	sqlite_bind_text(stmt, 16, o->rest);
}

/*
 * 1: inserted, 0: its place is taken, -1. A plain INSERT that fails costs less
 * over all than ON CONFLICT, which is looked at for every row.
 */
static int
insert(struct sqlite_store *s, struct known_source *src, const struct store_observation *o, bool late, struct err *err)
{
	struct link at;
	sqlite3_stmt *stmt;
	int64_t id;
	int rc;

	if (find_link(s, src, o, late, &at, err) == -1 || (stmt = sqlite_stmt(s, SQL_PUT, err)) == NULL)
		return -1;
	bind_observation(stmt, src, o, late, &at);
	rc = sqlite3_step(stmt);
	if (rc != SQLITE_DONE && rc != SQLITE_CONSTRAINT_UNIQUE)
		return sqlite_fail(s, "observation", err);
	sqlite3_reset(stmt);
	if (rc == SQLITE_CONSTRAINT_UNIQUE)
		return 0;
	id = sqlite3_last_insert_rowid(s->db);
	if (at.newer != 0 && set_link(s, &at, id, err) == -1)
		return -1;
	known_advance(&s->writer->known, src, o, late, id, at.newer == 0);
	return 1;
}

static int
put(struct sqlite_store *s, const struct store_observation *o, enum store_put_result *result, struct err *err)
{
	struct known_source *src = known_find(s, &s->writer->known, o, err);
	bool late;
	int rc;

	if (src == NULL)
		return -1;
	late = o->token < src->child->token;
	if (late && !o->has_slot)
		rc = 0;
	else
		rc = insert(s, src, o, late, err);
	if (rc == 0) {
		if ((rc = is_this(s, src, o, err)) == -1)
			return -1;
		*result = STORE_PUT_AGAIN;
		if (rc == 1)
			return 0;
		return refuse(s, o, o->has_slot ? STORE_DUPLICATE_SLOT : STORE_OLD_TOKEN, result, err);
	}
	if (rc == -1)
		return -1;
	s->writer->history++;
	s->writer->late += late;
	*result = late ? STORE_PUT_LATE : STORE_PUT_HISTORY;
	return 0;
}

int
sqlite_put(struct store *base, const struct store_observation *o, enum store_put_result *result, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);

	assert(s->writer != NULL && s->writer->in_transaction);
	return put(s, o, result, err) == -1 ? fail(s) : 0;
}

int
sqlite_put_evidence(struct store *base, const struct store_evidence *e, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	const struct store_observation of = { .child = e->child, .source = e->source, .token = e->token };
	const struct known_source *src;

	assert(s->writer != NULL && s->writer->in_transaction);
	src = known_find(s, &s->writer->known, &of, err);
	return src == NULL || sqlite_keep_evidence(s, src->id, e, err) == -1 ? fail(s) : 0;
}

static int
add_tally(struct sqlite_store *s, const char *what, const char *more, uint64_t n, struct err *err)
{
	sqlite3_stmt *stmt;
	char name[80];

	if (n == 0)
		return 0;
	if ((stmt = sqlite_stmt(s, SQL_TALLY, err)) == NULL)
		return -1;
	sqlite3_snprintf(sizeof(name), name, "%s%s", what, more);
	sqlite3_bind_text(stmt, 1, name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, (int64_t)n);
	return sqlite_run(s, stmt, "tally", err);
}

static int
write_tally(struct sqlite_store *s, struct err *err)
{
	struct sqlite_writer *w = s->writer;

	if (add_tally(s, "history", "", w->history, err) == -1 || add_tally(s, "late", "", w->late, err) == -1 ||
	    add_tally(s, "quarantine", "", w->quarantine, err) == -1)
		return -1;
	for (size_t i = 0; i < w->n_reasons; i++)
		if (add_tally(s, "quarantine/", w->reasons[i].reason, w->reasons[i].n, err) == -1)
			return -1;
	return 0;
}

static int
write_position(struct sqlite_store *s, const struct store_position *pos, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_SET_POSITION, err);

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, s->writer->installation, -1, SQLITE_STATIC);
	sqlite3_bind_int64(stmt, 2, pos->epoch);
	sqlite3_bind_int64(stmt, 3, pos->segment);
	sqlite3_bind_int64(stmt, 4, (int64_t)pos->offset);
	return sqlite_run(s, stmt, "position", err);
}

int
sqlite_commit(struct store *base, const struct store_position *pos, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt;

	assert(s->writer != NULL && s->writer->in_transaction);
	if (known_write(s, &s->writer->known, err) == -1 || write_tally(s, err) == -1 ||
	    write_position(s, pos, err) == -1)
		return fail(s);
	if ((stmt = sqlite_stmt(s, SQL_COMMIT, err)) == NULL || sqlite_run(s, stmt, "commit", err) == -1)
		return fail(s);
	s->writer->in_transaction = false;
	return 0;
}
