/*
 * What a backend of the store gives. store.h says what each function does;
 * a `struct store` is the first member of the backend's own struct.
 *
 * offers() and products() give plain rows in any order: which offer is for
 * sale and cheapest, and which product a person means, is decided above all
 * backends (offers.c, product.c).
 */
#ifndef TRAPEXIT_STORE_BACKEND_H
#define TRAPEXIT_STORE_BACKEND_H

#include "store/store.h"

typedef int store_product_cb(const char *product, void *arg);

struct store_backend {
	const char *scheme;
	struct store *(*open)(const char *where, enum store_mode mode, struct err *err);
	void (*close)(struct store *s);

	int (*position)(struct store *s, const char *installation, struct store_position *pos, struct err *err);
	int (*begin)(struct store *s, const char *installation, struct store_position *pos, struct err *err);
	int (*put)(struct store *s, const struct store_observation *o, enum store_put_result *result, struct err *err);
	int (*quarantine)(struct store *s, const struct store_reject *r, struct err *err);
	int (*put_evidence)(struct store *s, const struct store_evidence *e, struct err *err);
	int (*commit)(struct store *s, const struct store_position *pos, struct err *err);
	void (*rollback)(struct store *s);
	int (*largest_epoch)(struct store *s, uint32_t *epoch, struct err *err);

	int (*offers)(struct store *s, const struct store_filter *f, store_offer_cb *cb, void *arg, struct err *err);
	int (*products)(struct store *s, store_product_cb *cb, void *arg, struct err *err);
	int (*history)(struct store *s, const char *product, int64_t since_ms, uint64_t limit, store_event_cb *cb,
	    void *arg, struct err *err);
	int (*last_good)(struct store *s, const char *supplier, const char *source, int64_t *ms, struct err *err);
	int (*count)(struct store *s, struct store_counts *out, struct err *err);
	int (*count_quarantine)(struct store *s, store_reason_cb *cb, void *arg, struct err *err);
	int (*pages)(struct store *s, const char *supplier, const char *source, bool bodies, store_page_cb *cb, void *arg,
	    struct err *err);
	int (*quarantined)(struct store *s, uint64_t limit, store_quarantined_cb *cb, void *arg, struct err *err);
};

struct store {
	const struct store_backend *backend;
};

extern const struct store_backend store_sqlite;

#endif
