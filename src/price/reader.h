/*
 * Text to money (P2 to P19): the amount that a short text states, and its
 * currency.
 *
 *	struct reader_hints hints = { .locale = "en-GB" };
 *	struct money money;
 *
 *	if (reader_read(text, len, &hints, &money) == READ_OK)
 *		... money.amount, money.currency
 *
 * The text is UTF-8 with its entities decoded and its tags gone (markup.h).
 * What was struck out stands between READER_STRUCK and READER_UNSTRUCK. Money
 * borrows nothing from the text.
 */
#ifndef TRAPEXIT_PRICE_READER_H
#define TRAPEXIT_PRICE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "price/amount.h"
#include "price/currency.h"

#define READER_TEXT_MAX 4096 /* P38 */
#define READER_RAW_SIZE 121  /* P5 */
#define READER_SIGN_SIZE 24
#define READER_STRUCK '\x02'
#define READER_UNSTRUCK '\x03'

struct reader_hints {
	const char *currency;	   /* told (P17); NULL: read it */
	const char *page_currency; /* the source's own field; NULL: none */
	const char *locale;	   /* P16; NULL: none */
	char decimal;		   /* told (P9.1); 0: not */
	char group;
	bool machine; /* a content= attribute or a JSON string (P9.2) */
	bool allow_negative;
	bool magnitudes; /* 15k is 15,000 (P14) */
};

/* Warnings, as bits; their names are in warning_text(). */
enum {
	WARN_AMBIGUOUS_3 = 1 << 0,
	WARN_AMBIGUOUS_CURRENCY = 1 << 1,
	WARN_CURRENCY_CONFLICT = 1 << 2,
	WARN_HISTORIC_CURRENCY = 1 << 3,
	WARN_SOURCE_CONFLICT = 1 << 4,
	WARN_UNKNOWN_CHARSET = 1 << 5,
	WARN_BAD_JSON = 1 << 6,
	WARN_AVAILABILITY_CONFLICT = 1 << 7, /* P30 */
};
#define WARN_COUNT 8

enum {
	MONEY_FROM = 1 << 0,  /* P15.3 */
	MONEY_RANGE = 1 << 1, /* P15.2: the price is the low end */
	MONEY_FREE = 1 << 2,  /* P31 */
	MONEY_VARIANTS = 1 << 3, /* P24 */
};

struct money {
	bool has_amount; /* what is absent is not zero (P1) */
	struct amount amount;
	bool has_list_price;
	struct amount list_price;
	bool has_max;
	bool per_unit; /* for a kilogram, a month, one of several instalments (P15.5), and there is no plain one */
	struct amount max;
	const struct currency *currency; /* NULL: open */
	char currency_text[READER_SIGN_SIZE]; /* as found; "" if none stood there */
	char raw[READER_RAW_SIZE];
	unsigned flags;
	unsigned warnings;
};

enum read_result {
	READ_OK,
	READ_NONE,     /* no amount in it */
	READ_TOO_LONG, /* an amount of more digits than fit (P2) */
	READ_LIMIT,    /* more text than READER_TEXT_MAX */
};

enum read_result reader_read(const char *text, size_t len, const struct reader_hints *hints, struct money *out);
/* The stable name of one warning bit. */
const char *warning_text(unsigned bit);

#endif
