/* Pages that were kept as evidence: the newest few of each source. */
#include "store/sqlite.h"

#define EVIDENCE_KEPT 3

static const char *
text(sqlite3_stmt *stmt, int i)
{
	return (const char *)sqlite3_column_text(stmt, i);
}

static void
bind_evidence(sqlite3_stmt *stmt, int64_t source, const struct store_evidence *e)
{
	sqlite3_bind_int64(stmt, 1, source);
	sqlite3_bind_int64(stmt, 2, (int64_t)e->token);
	sqlite3_bind_int64(stmt, 3, (int64_t)e->n);
	sqlite3_bind_int64(stmt, 4, e->time_ms);
	if (e->has_slot)
		sqlite3_bind_int64(stmt, 5, e->slot_ms);
	else
		sqlite3_bind_null(stmt, 5);
	sqlite_bind_text(stmt, 6, e->status);
	sqlite_bind_text(stmt, 7, e->reason);
	sqlite_bind_text(stmt, 8, e->url);
	sqlite_bind_row(stmt, 9, e->http_status);
	sqlite_bind_text(stmt, 10, e->content_type);
	sqlite3_bind_int64(stmt, 11, (int64_t)e->bytes);
	sqlite_bind_text(stmt, 12, e->hash);
	sqlite3_bind_int64(stmt, 13, (int64_t)e->offset);
	/* An empty page is no absent one. */
	sqlite3_bind_blob64(stmt, 14, e->body.n > 0 ? e->body.p : "", e->body.n, SQLITE_STATIC);
}

int
sqlite_keep_evidence(struct sqlite_store *s, int64_t source, const struct store_evidence *e, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_PUT_EVIDENCE, err);

	if (stmt == NULL)
		return -1;
	bind_evidence(stmt, source, e);
	if (sqlite_run(s, stmt, "evidence", err) == -1 || (stmt = sqlite_stmt(s, SQL_DROP_EVIDENCE, err)) == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, source);
	sqlite3_bind_int(stmt, 2, EVIDENCE_KEPT);
	return sqlite_run(s, stmt, "evidence", err);
}

static void
read_page(sqlite3_stmt *stmt, bool bodies, struct store_page *p)
{
	*p = (struct store_page){
		.supplier = text(stmt, 0),
		.source = text(stmt, 1),
		.time_ms = sqlite3_column_int64(stmt, 2),
		.status = text(stmt, 3),
		.reason = text(stmt, 4),
		.url = text(stmt, 5),
		.content_type = text(stmt, 6),
		.hash = text(stmt, 7),
		.http_status = sqlite3_column_int64(stmt, 8),
		.bytes = (uint64_t)sqlite3_column_int64(stmt, 9),
		.offset = (uint64_t)sqlite3_column_int64(stmt, 10),
		.body = bodies ? sqlite3_column_blob(stmt, 11) : NULL,
		.body_len = (size_t)sqlite3_column_int64(stmt, 12),
	};
}

int
sqlite_pages(struct store *base, const char *supplier, const char *source, bool bodies, store_page_cb *cb, void *arg,
    struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_PAGES, err);
	struct store_page p;
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, supplier, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, source, -1, SQLITE_STATIC);
	while ((rc = sqlite_row(s, stmt, "evidence", err)) == 1) {
		read_page(stmt, bodies, &p);
		if ((rc = cb(&p, arg)) != 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}
