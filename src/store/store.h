/*
 * The store: where recorded observations are kept and asked for. All SQL of
 * the project is behind this header. Backends are named by the URL's scheme:
 * "sqlite:PATH", or a bare path, which means the same.
 *
 * Writing (the recorder). The position in the journal is kept in the same
 * transaction as the rows made of it, and is compared when the transaction
 * begins; so a record arrives once, however often its writer is killed and
 * however many writers there are:
 *
 *	store = store_open(url, STORE_WRITE, &err);
 *	store_position(store, installation, &pos, &err);
 *	switch (store_begin(store, installation, &pos, &err)) {
 *	case 1: somebody else has recorded this meanwhile: pos is where to go on
 *	case 0: store_put() and store_quarantine() for each record, then
 *		store_commit(store, &pos_behind_them, &err)
 *	}
 *
 * Reading (trapexit(1), the web page). STORE_READ needs no more than permission
 * to read, while a recorder writes or when there is none:
 *
 *	store = store_open(url, STORE_READ, &err);
 *	store_offers(store, &(struct store_filter){ .stale_ms = ... }, cb, arg, &err);
 *
 * What a record becomes (architecture 5): the first record of a slot is history,
 * from an older token than the child's largest too, and is then marked late; a
 * second one goes to quarantine. Records without slot are identified by (token,
 * n); one from an older token goes to quarantine. A record that is there
 * already, told by (token, n), changes nothing.
 *
 * Ownership: a store owns its handle and statements. What a callback is given
 * is borrowed until it returns. A callback may not use the store; it returns 0
 * to go on, anything else to end the walk, which then returns that value.
 *
 * Errors: -1 with `err` set. err.code says what can be done about it:
 * store_error_passes() is true for a store that is locked, full or has a bad
 * moment (try again later), false for one that needs a person. After a failed
 * store_begin/put/quarantine/commit the transaction is rolled back.
 */
#ifndef TRAPEXIT_STORE_STORE_H
#define TRAPEXIT_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

struct store;

enum store_mode { STORE_READ, STORE_WRITE };

/* Is this a URL that this build can open? Opens nothing. */
int store_check_url(const char *url, struct err *err) ATTR_MUST_CHECK;
/* STORE_WRITE makes the store if it is missing, and brings an old one up to date. NULL on failure. */
struct store *store_open(const char *url, enum store_mode mode, struct err *err) ATTR_MUST_CHECK;
void store_close(struct store *s);
bool store_error_passes(const struct err *err);

/*
 * An exact decimal (P2): coefficient * 10^-scale, at most 18 digits, scale 0
 * to 8. The scale is kept as it was read.
 */
struct store_amount {
	int64_t coefficient;
	int scale;
};
#define STORE_AMOUNT_DIGITS 18
#define STORE_AMOUNT_SCALE 8
#define STORE_AMOUNT_TEXT_SIZE 48

/*
 * "24.99", "-3", ".5"; no exponent, no sign but '-'. -1 if it is no decimal, -2
 * if it does not fit: it is never rounded.
 */
int store_amount_parse(const char *text, size_t len, struct store_amount *out) ATTR_MUST_CHECK;
/* Every digit as it was read: {2490, 2} is "24.90". Returns buf. */
const char *store_amount_text(struct store_amount a, char buf[STORE_AMOUNT_TEXT_SIZE]);
/* <0, 0, >0; trailing zeros do not matter (P4). */
int store_amount_compare(struct store_amount a, struct store_amount b);

/*
 * Writing.
 */
struct store_position {
	uint32_t epoch;
	uint32_t segment;
	uint64_t offset;
};

/* A text with its length; p NULL: absent. Not NUL-terminated. */
struct store_text {
	const char *p;
	size_t n;
};

/* What an observation means for how fresh its source is; values as in core/fresh.h, which judges. */
enum store_kind {
	STORE_KIND_NONE,	/* not said */
	STORE_KIND_GOOD,
	STORE_KIND_SOLD_OUT,
	STORE_KIND_BAD,
	STORE_KIND_SUSPECT,
	STORE_KIND_BLOCKED,
	STORE_KIND_SAME,	/* as the last good one (P50) */
};

struct store_observation {
	enum store_kind kind;
	struct store_text child;	/* the supplier */
	struct store_text source;	/* id of the source */
	uint64_t token, n;		/* the record's name */
	bool has_slot;
	int64_t slot_ms;
	int64_t time_ms;		/* when it was observed */
	struct store_text status;
	bool has_amount;
	struct store_amount amount;
	struct store_text currency, availability, product, url, reason;
	struct store_text rest;		/* JSON object of all other members; absent: none */
	struct store_text line;		/* the whole record, kept if it goes to quarantine */
};

/* Why a record is no history: a stable word for scripts (P6). */
#define STORE_DUPLICATE_SLOT "duplicate-slot"
#define STORE_OLD_TOKEN "old-token"

/* A record that cannot be history, whatever the store knows. */
struct store_reject {
	const char *reason;	/* "malformed-amount", ... */
	bool has_name;		/* token and n are known */
	uint64_t token, n;
	int64_t time_ms;
	struct store_text child, source; /* as far as known */
	struct store_text line;
	bool binary;		/* line is no JSON: kept as bytes */
};

/* A page that was kept for whoever mends a rule. */
struct store_evidence {
	struct store_text child, source;
	uint64_t token, n;		/* the record's name */
	bool has_slot;
	int64_t slot_ms;
	int64_t time_ms;
	struct store_text status, reason, url, content_type, hash;
	int64_t http_status;		/* 0: none */
	uint64_t bytes;			/* of the whole page */
	uint64_t offset;		/* where body begins in it */
	struct store_text body;		/* bytes, not text */
};

enum store_put_result {
	STORE_PUT_HISTORY,
	STORE_PUT_LATE,		/* history, marked late */
	STORE_PUT_QUARANTINED,
	STORE_PUT_AGAIN,	/* it was there already */
};

/* 1 and *pos; 0 with *pos zeroed if nothing of this installation was recorded yet. */
int store_position(struct store *s, const char *installation, struct store_position *pos, struct err *err);
/* 0: begun; 1: the position is not *pos (which is set to what it is), nothing begun. */
int store_begin(struct store *s, const char *installation, struct store_position *pos, struct err *err);
int store_put(struct store *s, const struct store_observation *o, enum store_put_result *result, struct err *err);
int store_quarantine(struct store *s, const struct store_reject *r, struct err *err);
/* Keeps it, and of its source the newest three. */
int store_put_evidence(struct store *s, const struct store_evidence *e, struct err *err);
int store_commit(struct store *s, const struct store_position *pos, struct err *err);
void store_rollback(struct store *s);
/* The largest epoch that anything here came from; 0 if none. */
int store_largest_epoch(struct store *s, uint32_t *epoch, struct err *err);

/*
 * Reading. Times are milliseconds since 1970; 0: never. Texts may be NULL where
 * said so.
 */

/* What is known of one source: its newest price and how it is doing. */
struct store_offer {
	const char *product;	/* the id of the source if none was given */
	const char *supplier;	/* the child's path */
	const char *source;
	const char *url;	/* NULL */
	const char *status;	/* of the newest observation */
	const char *reason;	/* of that, NULL */
	int64_t checked_ms;	/* when that was */
	int64_t good_ms;	/* the newest good one: ok, unavailable, not_modified */
	enum store_kind kind;	/* of the newest; NONE: not known (never SAME) */
	int64_t since_ms;	/* the first of the newest that are of one kind; 0: not known */
	bool has_price;		/* there was a price (status ok): the next four */
	struct store_amount amount;
	const char *currency;	/* NULL */
	const char *availability; /* NULL */
	int64_t price_ms;	/* when that price was observed */
	bool for_sale;		/* not known to be sold out, unavailable, gone or suspect, and not stale (P30, P46) */
	bool cheapest;		/* the lowest that is for sale of this product in this currency */
};

/* May it be the best price? Asked of each, and what is stale, suspect or sold out may not (P46). */
typedef bool store_judge_cb(const struct store_offer *o, void *arg);

struct store_filter {
	const char *product;	/* this product (exact name); NULL: all */
	const char *supplier;	/* this child; NULL: all */
	int64_t now_ms;		/* for stale_ms */
	int64_t stale_ms;	/* a last good answer older than this is stale; 0: never */
	store_judge_cb *judge;	/* NULL: nobody is asked, beyond what follows from these */
	void *judge_arg;
};

typedef int store_offer_cb(const struct store_offer *o, void *arg);
/* By product, then price (no price last), then supplier. */
int store_offers(struct store *s, const struct store_filter *f, store_offer_cb *cb, void *arg, struct err *err);

/* One observation of the past. */
struct store_event {
	const char *product, *supplier, *source;
	const char *url;	/* of the source, as it is now; NULL */
	uint64_t token, n;
	bool has_slot;
	int64_t slot_ms;
	int64_t time_ms;
	const char *status;
	const char *reason;	/* NULL */
	bool has_amount;
	struct store_amount amount;
	const char *currency, *availability; /* NULL */
	bool late;
	const char *rest;	/* JSON object, NULL */
};

typedef int store_event_cb(const struct store_event *e, void *arg);
/*
 * Observations of a product (exact name), newest first, of all its suppliers;
 * not older than since_ms, at most `limit` (0: all).
 */
int store_history(struct store *s, const char *product, int64_t since_ms, uint64_t limit, store_event_cb *cb, void *arg,
    struct err *err);

/*
 * The product that a person means: the exact name; else the only one equal
 * without regard to case; else the only one that matches as a glob, or that
 * contains the text. *name is the caller's to free. -1 with the candidates in
 * the message if there are several, or none.
 */
int store_find_product(struct store *s, const char *text, char **name, struct err *err);

/* The newest good observation of a child, or of one source of it (NULL: any); 0 if none. */
int store_last_good(struct store *s, const char *supplier, const char *source, int64_t *ms, struct err *err);

struct store_counts {
	uint64_t sources;
	uint64_t history;	/* late ones among them */
	uint64_t late;
	uint64_t quarantine;
	uint32_t largest_epoch;
};

int store_count(struct store *s, struct store_counts *out, struct err *err);
typedef int store_reason_cb(const char *reason, uint64_t n, void *arg);
/* How many records are in quarantine for each reason. */
int store_count_quarantine(struct store *s, store_reason_cb *cb, void *arg, struct err *err);

struct store_quarantined {
	const char *reason;
	const char *supplier, *source; /* NULL if not known */
	bool has_name;
	uint64_t token, n;
	int64_t time_ms;
	const char *line;	/* the journal's record */
	size_t line_len;
};

/* A page that was kept. Texts may be NULL but for the first two. */
struct store_page {
	const char *supplier, *source;
	int64_t time_ms;
	const char *status, *reason, *url, *content_type, *hash;
	int64_t http_status;	/* 0: none */
	uint64_t bytes;		/* of the whole page; it is cut if body is less */
	uint64_t offset;
	const void *body;
	size_t body_len;
};

typedef int store_page_cb(const struct store_page *p, void *arg);
/* By supplier and source (NULL: any), and of each the newest first; bodies: else body is NULL, its length right. */
int store_pages(struct store *s, const char *supplier, const char *source, bool bodies, store_page_cb *cb, void *arg,
    struct err *err);

typedef int store_quarantined_cb(const struct store_quarantined *q, void *arg);
/* Newest first, at most `limit` (0: all). */
int store_quarantined(struct store *s, uint64_t limit, store_quarantined_cb *cb, void *arg, struct err *err);

#endif
