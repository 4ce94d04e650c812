/*
 * Is a price that was read plausible (P42, P43)? It is compared with the last
 * one that was accepted; what is doubtful is accepted once so many further
 * checks agree. Pure, and exact: no rounding, no overflow.
 *
 *	struct plausible_policy policy = PLAUSIBLE_POLICY_INIT;
 *	struct plausible_memory memory = { .accepted.known = false };
 *
 *	switch (plausible_check(&policy, &memory, &price)) {
 *	case DOUBT_NONE:	it is accepted, and memory.accepted now
 *	...			it is not, for this reason: doubt_text()
 *	}
 *
 * The memory is a plain value, to be kept between checks: a check without a
 * price says nothing and leaves it as it is (P1).
 */
#ifndef TRAPEXIT_PRICE_PLAUSIBLE_H
#define TRAPEXIT_PRICE_PLAUSIBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "price/amount.h"

#define PLAUSIBLE_CODE_SIZE 8
#define PLAUSIBLE_JUMP_MAX 1000000000u /* a millionfold */

struct plausible_policy {
	bool has_min, has_max; /* P43; amounts in the currency of the page */
	struct amount min, max;
	uint32_t jump_permille; /* suspect beyond so many times the last one, or below its inverse; 0: no bound */
	uint32_t confirm;	/* so many further checks must agree; 0: nothing is suspect */
};

#define PLAUSIBLE_POLICY_INIT { .jump_permille = 5000, .confirm = 2 }

struct plausible_price {
	bool known;
	struct amount amount;
	char currency[PLAUSIBLE_CODE_SIZE]; /* ISO 4217; "": open */
};

struct plausible_memory {
	struct plausible_price accepted; /* the last one */
	struct plausible_price pending;	 /* the last suspect one */
	uint32_t agreed;		 /* checks that agreed with it since it was seen first */
};

enum doubt {
	DOUBT_NONE,
	DOUBT_BELOW_MIN, /* these two are never confirmed */
	DOUBT_ABOVE_MAX,
	DOUBT_FACTOR_10, /* up or down, ±1 %: a point was lost or misread */
	DOUBT_FACTOR_100,
	DOUBT_FACTOR_1000,
	DOUBT_JUMP,
	DOUBT_CURRENCY, /* it changed */
};

/* The price is known. What is accepted is remembered; what is suspect, too, until it is confirmed or gone. */
enum doubt plausible_check(
    const struct plausible_policy *policy, struct plausible_memory *memory, const struct plausible_price *price);
/* A stable word for scripts (P6): "factor-100"; NULL for none. */
const char *doubt_text(enum doubt doubt);

#endif
