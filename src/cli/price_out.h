/*
 * What `prices` and `history` share: the store, texts of amounts and times, and
 * where the output goes.
 */
#ifndef TRAPEXIT_CLI_PRICE_OUT_H
#define TRAPEXIT_CLI_PRICE_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "price/amount.h"
#include "store/store.h"

/* The store, for reading; NULL, and said why. */
struct store *price_store_open(struct cli *cli);
/*
 * The exact amount with at least the decimals of its currency (P4); "" if there is
 * none. Returns out.
 */
const char *price_amount(bool has, struct store_amount a, const char *currency, char out[AMOUNT_TEXT_SIZE]);
/* "24.99 GBP"; "" if there is none. */
#define PRICE_TEXT_SIZE 96
const char *price_text(bool has, struct store_amount a, const char *currency, char out[PRICE_TEXT_SIZE]);
/* RFC 3339, "" for 0; out holds WALL_TEXT_SIZE. */
const char *price_time(int64_t ms, char *out);
/* ,"name":ms, or null for 0. */
void price_put_ms(struct buf *b, const char *name, int64_t ms);
/* Write out what is in b, and clear it. Nonzero: nobody reads it any more. */
int price_flush(struct buf *b);

#endif
