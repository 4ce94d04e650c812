/*
 * A store in a private folder for the tests of it, and short words for what
 * they do with it. Each test has its own, through a checked fixture of
 * store_setup() and store_teardown(); what fails ends the test.
 */
#ifndef TRAPEXIT_TESTS_STORE_FIXTURE_H
#define TRAPEXIT_TESTS_STORE_FIXTURE_H

#include "store/store.h"

#define INSTALLATION "0123456789abcdef0123456789abcdef"

extern char dir[64];
extern char *file;		   /* the store's */
extern struct store *store;	   /* open to write; a test may close it (NULL) or open another */
extern struct store_position pos;  /* of INSTALLATION, as committed */
extern struct err err;

void store_setup(void);
void store_teardown(void);

struct store_text text(const char *s);
/* Status ok, product Webcam, currency GBP. slot 0: none; amount NULL: none. */
struct store_observation observation(const char *child, const char *source, uint64_t token, uint64_t n, int64_t slot,
    const char *amount);
void begin(void);
void commit(void);
/* In the transaction that is open. */
enum store_put_result put_in(struct store_observation o);
/* In one of its own. */
enum store_put_result put(struct store_observation o);
struct store_counts counts(void);
/* One line an offer: product, supplier, status, amount, currency, marks. */
void offers_are(const struct store_filter *f, const char *want);
/* Of the product Webcam: "SUPPLIER SLOT[L] " each. */
void history_is(int64_t since, uint64_t limit, const char *want);

#endif
