/*
 * The SQLite store between its files: sqlite.c opens and closes and owns the
 * statements, sqlite_write.c records, sqlite_read.c answers.
 */
#ifndef TRAPEXIT_STORE_SQLITE_H
#define TRAPEXIT_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/backend.h"

enum sqlite_sql {
	SQL_BEGIN_WRITE,
	SQL_BEGIN_READ,
	SQL_COMMIT,
	SQL_ROLLBACK,
	SQL_DATA_VERSION,
	SQL_POSITION,
	SQL_SET_POSITION,
	SQL_CHILD,
	SQL_ADD_CHILD,
	SQL_SET_CHILD,
	SQL_SOURCE,
	SQL_ADD_SOURCE,
	SQL_SET_SOURCE,
	SQL_PUT,
	SQL_AT_SLOT,
	SQL_AT_NAME,
	SQL_LINK,
	SQL_SET_LINK,
	SQL_QUARANTINE,
	SQL_PUT_EVIDENCE,
	SQL_DROP_EVIDENCE,
	SQL_TALLY,
	SQL_TOKENS,
	SQL_OFFERS,
	SQL_PRODUCTS,
	SQL_CHAINS,
	SQL_LAST_GOOD,
	SQL_TALLIES,
	SQL_SOURCES,
	SQL_QUARANTINED,
	SQL_PAGES,
	SQL_COUNT /* not a statement: how many there are */
};

struct sqlite_writer; /* sqlite_write.c */

struct sqlite_store {
	struct store base;
	sqlite3 *db;	/* owned */
	char *path;	/* owned */
	sqlite3_stmt *stmt[SQL_COUNT]; /* owned; made when first used */
	struct sqlite_writer *writer;  /* owned; NULL: opened to read */
};

struct sqlite_store *sqlite_store(struct store *s);
/* The statement, reset and ready to be bound; NULL with err set. */
sqlite3_stmt *sqlite_stmt(struct sqlite_store *s, enum sqlite_sql which, struct err *err);
/* A statement of one's own for the rows of one chain; the caller finalizes it. */
sqlite3_stmt *sqlite_chain_stmt(struct sqlite_store *s, struct err *err);
/* Run a statement that gives no rows. */
int sqlite_run(struct sqlite_store *s, sqlite3_stmt *stmt, const char *what, struct err *err);
int sqlite_fail(struct sqlite_store *s, const char *what, struct err *err);
/* 1: a row, 0: no more, -1 with err set. */
int sqlite_row(struct sqlite_store *s, sqlite3_stmt *stmt, const char *what, struct err *err);

/* An absent text is NULL. Borrowed until the statement is bound anew. */
void sqlite_bind_text(sqlite3_stmt *stmt, int i, struct store_text t);
/* Row 0 is NULL. */
void sqlite_bind_row(sqlite3_stmt *stmt, int i, int64_t row);

struct sqlite_writer *sqlite_writer_new(void);
void sqlite_writer_free(struct sqlite_writer *w);
int sqlite_position(struct store *base, const char *installation, struct store_position *pos, struct err *err);
int sqlite_begin(struct store *base, const char *installation, struct store_position *pos, struct err *err);
int sqlite_put(struct store *base, const struct store_observation *o, enum store_put_result *result, struct err *err);
int sqlite_quarantine(struct store *base, const struct store_reject *r, struct err *err);
/* sqlite_evidence.c: of a source that is known. */
int sqlite_keep_evidence(struct sqlite_store *s, int64_t source, const struct store_evidence *e, struct err *err);
int sqlite_pages(struct store *base, const char *supplier, const char *source, bool bodies, store_page_cb *cb, void *arg,
    struct err *err);
int sqlite_put_evidence(struct store *base, const struct store_evidence *e, struct err *err);
int sqlite_commit(struct store *base, const struct store_position *pos, struct err *err);
void sqlite_rollback(struct store *base);

int sqlite_largest_epoch(struct store *base, uint32_t *epoch, struct err *err);
int sqlite_offers(struct store *base, const struct store_filter *f, store_offer_cb *cb, void *arg, struct err *err);
int sqlite_products(struct store *base, store_product_cb *cb, void *arg, struct err *err);
int sqlite_history(struct store *base, const char *product, int64_t since_ms, uint64_t limit, store_event_cb *cb,
    void *arg, struct err *err);
int sqlite_last_good(struct store *base, const char *supplier, const char *source, int64_t *ms, struct err *err);
int sqlite_count(struct store *base, struct store_counts *out, struct err *err);
int sqlite_count_quarantine(struct store *base, store_reason_cb *cb, void *arg, struct err *err);
int sqlite_quarantined(struct store *base, uint64_t limit, store_quarantined_cb *cb, void *arg, struct err *err);

#endif
