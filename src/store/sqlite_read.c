/*
 * Answers. Each walk is one read transaction, so that it sees one moment of
 * the store while the recorder goes on writing.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "store/sqlite.h"

/*
 * A chain is in the order of recording, which is that of time but for late
 * records and wall clocks that were set. So a walk into the past ends only
 * after so many rows in a row that are too old.
 */
#define TOO_OLD_MAX 1000

static const char *
text(sqlite3_stmt *stmt, int i)
{
	return (const char *)sqlite3_column_text(stmt, i);
}

static int
begin(struct sqlite_store *s, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_BEGIN_READ, err);

	return stmt == NULL ? -1 : sqlite_run(s, stmt, "read", err);
}

static void
end(struct sqlite_store *s)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_COMMIT, NULL);

	if (stmt != NULL)
		sqlite_run(s, stmt, "read", NULL);
}

int
sqlite_largest_epoch(struct store *base, uint32_t *epoch, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_TOKENS, err);
	uint64_t largest = 0;
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sqlite_row(s, stmt, "epochs", err)) == 1) {
		uint64_t token = (uint64_t)sqlite3_column_int64(stmt, 0);

		if (token > largest)
			largest = token;
	}
	sqlite3_reset(stmt);
	if (rc == 0)
		*epoch = (uint32_t)(largest >> 32);
	return rc;
}

static void
read_offer(sqlite3_stmt *stmt, struct store_offer *o)
{
	*o = (struct store_offer){
		.product = text(stmt, 0),
		.supplier = text(stmt, 1),
		.source = text(stmt, 2),
		.url = text(stmt, 3),
		.status = text(stmt, 4),
		.reason = text(stmt, 5),
		.checked_ms = sqlite3_column_int64(stmt, 6),
		.good_ms = sqlite3_column_int64(stmt, 7),
		.has_price = sqlite3_column_type(stmt, 8) != SQLITE_NULL,
		.amount = { sqlite3_column_int64(stmt, 8), sqlite3_column_int(stmt, 9) },
		.currency = text(stmt, 10),
		.availability = text(stmt, 11),
		.price_ms = sqlite3_column_int64(stmt, 12),
		.since_ms = sqlite3_column_int64(stmt, 13),
		.kind = (enum store_kind)(sqlite3_column_int(stmt, 14) & 15),
	};
}

int
sqlite_offers(struct store *base, const struct store_filter *f, store_offer_cb *cb, void *arg, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_OFFERS, err);
	struct store_offer o;
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, f->product, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, f->supplier, -1, SQLITE_STATIC);
	while ((rc = sqlite_row(s, stmt, "offers", err)) == 1) {
		read_offer(stmt, &o);
		if ((rc = cb(&o, arg)) != 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}

int
sqlite_products(struct store *base, store_product_cb *cb, void *arg, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_PRODUCTS, err);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sqlite_row(s, stmt, "products", err)) == 1)
		if ((rc = cb(text(stmt, 0), arg)) != 0)
			break;
	sqlite3_reset(stmt);
	return rc;
}

/* The history of one source: `stmt` stands on the row that comes next. */
struct chain {
	sqlite3_stmt *stmt; /* owned */
	char *supplier, *source, *url; /* owned */
	int64_t next; /* the row behind it; 0: none */
	bool has_row;
	int64_t time_ms;
};

struct chains {
	struct chain *v; /* owned */
	size_t n;
};

static void
chains_release(struct chains *cs)
{
	for (size_t i = 0; i < cs->n; i++) {
		sqlite3_finalize(cs->v[i].stmt);
		free(cs->v[i].supplier);
		free(cs->v[i].source);
		free(cs->v[i].url);
	}
	free(cs->v);
}

static int
chains_load(struct sqlite_store *s, const char *product, struct chains *cs, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_CHAINS, err);
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, product, -1, SQLITE_STATIC);
	while ((rc = sqlite_row(s, stmt, "history", err)) == 1) {
		struct chain *c;

		cs->v = xreallocarray(cs->v, cs->n + 1, sizeof(*cs->v));
		c = &cs->v[cs->n++];
		*c = (struct chain){ .next = sqlite3_column_int64(stmt, 0) };
		c->supplier = xstrdup(text(stmt, 1));
		c->source = xstrdup(text(stmt, 2));
		c->url = text(stmt, 3) == NULL ? NULL : xstrdup(text(stmt, 3));
		if ((c->stmt = sqlite_chain_stmt(s, err)) == NULL) {
			rc = -1;
			break;
		}
	}
	sqlite3_reset(stmt);
	return rc;
}

/* On to the next row that is young enough; none: has_row is false. */
static int
chain_step(struct sqlite_store *s, struct chain *c, int64_t since_ms, struct err *err)
{
	int rc;

	c->has_row = false;
	for (int too_old = 0; c->next != 0 && too_old < TOO_OLD_MAX; too_old++) {
		sqlite3_reset(c->stmt);
		sqlite3_bind_int64(c->stmt, 1, c->next);
		if ((rc = sqlite_row(s, c->stmt, "history", err)) != 1)
			return rc;
		c->next = sqlite3_column_int64(c->stmt, 0);
		c->time_ms = sqlite3_column_int64(c->stmt, 4);
		if (c->time_ms >= since_ms) {
			c->has_row = true;
			return 0;
		}
	}
	return 0;
}

static void
read_event(const struct chain *c, const char *product, struct store_event *e)
{
	sqlite3_stmt *stmt = c->stmt;

	*e = (struct store_event){
		.product = product,
		.supplier = c->supplier,
		.source = c->source,
		.url = c->url,
		.token = (uint64_t)sqlite3_column_int64(stmt, 1),
		.n = (uint64_t)sqlite3_column_int64(stmt, 2),
		.has_slot = sqlite3_column_type(stmt, 3) != SQLITE_NULL,
		.slot_ms = sqlite3_column_int64(stmt, 3),
		.time_ms = c->time_ms,
		.late = sqlite3_column_int(stmt, 5) != 0,
		.status = text(stmt, 6),
		.has_amount = sqlite3_column_type(stmt, 7) != SQLITE_NULL,
		.amount = { sqlite3_column_int64(stmt, 7), sqlite3_column_int(stmt, 8) },
		.currency = text(stmt, 9),
		.availability = text(stmt, 10),
		.reason = text(stmt, 11),
		.rest = text(stmt, 12),
	};
}

static struct chain *
newest(const struct chains *cs)
{
	struct chain *best = NULL;

	for (size_t i = 0; i < cs->n; i++)
		if (cs->v[i].has_row && (best == NULL || cs->v[i].time_ms > best->time_ms))
			best = &cs->v[i];
	return best;
}

static int
walk(struct sqlite_store *s, const struct chains *cs, const struct store_event *what, uint64_t limit,
    store_event_cb *cb, void *arg, struct err *err)
{
	struct store_event e;
	struct chain *c;
	int rc;

	for (uint64_t i = 0; (limit == 0 || i < limit) && (c = newest(cs)) != NULL; i++) {
		read_event(c, what->product, &e);
		if ((rc = cb(&e, arg)) != 0)
			return rc;
		if (chain_step(s, c, what->time_ms, err) == -1)
			return -1;
	}
	return 0;
}

int
sqlite_history(struct store *base, const char *product, int64_t since_ms, uint64_t limit, store_event_cb *cb,
    void *arg, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	const struct store_event what = { .product = product, .time_ms = since_ms };
	struct chains cs = { NULL, 0 };
	int rc;

	if (begin(s, err) == -1)
		return -1;
	rc = chains_load(s, product, &cs, err);
	for (size_t i = 0; rc == 0 && i < cs.n; i++)
		rc = chain_step(s, &cs.v[i], since_ms, err);
	if (rc == 0)
		rc = walk(s, &cs, &what, limit, cb, arg, err);
	chains_release(&cs);
	end(s);
	return rc;
}

int
sqlite_last_good(struct store *base, const char *supplier, const char *source, int64_t *ms, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_LAST_GOOD, err);
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_text(stmt, 1, supplier, -1, SQLITE_STATIC);
	sqlite3_bind_text(stmt, 2, source, -1, SQLITE_STATIC);
	if ((rc = sqlite_row(s, stmt, "freshness", err)) == 1)
		*ms = sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc == -1 ? -1 : 0;
}

static int
count_sources(struct sqlite_store *s, uint64_t *n, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_SOURCES, err);
	int rc;

	if (stmt == NULL)
		return -1;
	if ((rc = sqlite_row(s, stmt, "count", err)) == 1)
		*n = (uint64_t)sqlite3_column_int64(stmt, 0);
	sqlite3_reset(stmt);
	return rc == -1 ? -1 : 0;
}

static int
count_in_transaction(struct sqlite_store *s, struct store_counts *out, struct err *err)
{
	sqlite3_stmt *stmt;
	int rc;

	*out = (struct store_counts){ 0 };
	if (count_sources(s, &out->sources, err) == -1 ||
	    sqlite_largest_epoch(&s->base, &out->largest_epoch, err) == -1)
		return -1;
	if ((stmt = sqlite_stmt(s, SQL_TALLIES, err)) == NULL)
		return -1;
	while ((rc = sqlite_row(s, stmt, "count", err)) == 1) {
		uint64_t n = (uint64_t)sqlite3_column_int64(stmt, 1);
		const char *what = text(stmt, 0);

		if (strcmp(what, "history") == 0)
			out->history = n;
		else if (strcmp(what, "late") == 0)
			out->late = n;
		else if (strcmp(what, "quarantine") == 0)
			out->quarantine = n;
	}
	sqlite3_reset(stmt);
	return rc;
}

int
sqlite_count(struct store *base, struct store_counts *out, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	int rc;

	if (begin(s, err) == -1)
		return -1;
	rc = count_in_transaction(s, out, err);
	end(s);
	return rc;
}

int
sqlite_count_quarantine(struct store *base, store_reason_cb *cb, void *arg, struct err *err)
{
	static const char prefix[] = "quarantine/";
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_TALLIES, err);
	int rc;

	if (stmt == NULL)
		return -1;
	while ((rc = sqlite_row(s, stmt, "count", err)) == 1) {
		const char *what = text(stmt, 0);

		if (strncmp(what, prefix, sizeof(prefix) - 1) != 0)
			continue;
		if ((rc = cb(what + sizeof(prefix) - 1, (uint64_t)sqlite3_column_int64(stmt, 1), arg)) != 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}

static void
read_quarantined(sqlite3_stmt *stmt, struct store_quarantined *q)
{
	*q = (struct store_quarantined){
		.reason = text(stmt, 0),
		.supplier = text(stmt, 1),
		.source = text(stmt, 2),
		.has_name = sqlite3_column_type(stmt, 3) != SQLITE_NULL,
		.token = (uint64_t)sqlite3_column_int64(stmt, 3),
		.n = (uint64_t)sqlite3_column_int64(stmt, 4),
		.time_ms = sqlite3_column_int64(stmt, 5),
		.line = text(stmt, 6),
		.line_len = (size_t)sqlite3_column_bytes(stmt, 6),
	};
	if (q->line == NULL)
		q->line = "";
}

int
sqlite_quarantined(struct store *base, uint64_t limit, store_quarantined_cb *cb, void *arg, struct err *err)
{
	struct sqlite_store *s = sqlite_store(base);
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_QUARANTINED, err);
	struct store_quarantined q;
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, limit == 0 ? -1 : (int64_t)limit);
	while ((rc = sqlite_row(s, stmt, "quarantine", err)) == 1) {
		read_quarantined(stmt, &q);
		if ((rc = cb(&q, arg)) != 0)
			break;
	}
	sqlite3_reset(stmt);
	return rc;
}
