/*
 * An amount of money, exact (P2, P3, P4): an integer coefficient and how many
 * of its digits stand behind the point. 24.99 is { 2499, 2 }.
 *
 *	struct amount a;
 *	char text[AMOUNT_TEXT_SIZE];
 *
 *	if (amount_parse("24.99", 5, &a) == AMOUNT_OK)
 *		puts(amount_text(&a, 2, text));
 *
 * The scale stays as it was read; 7.5 equals 7.50. No function here, nor on
 * the way of a price anywhere, computes in floating point.
 */
#ifndef TRAPEXIT_PRICE_AMOUNT_H
#define TRAPEXIT_PRICE_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AMOUNT_DIGITS_MAX 18 /* without leading zeros */
#define AMOUNT_SCALE_MAX 8
#define AMOUNT_TEXT_SIZE 48

struct amount {
	int64_t coef;
	unsigned scale;
};

enum amount_result {
	AMOUNT_OK,
	AMOUNT_MALFORMED,
	AMOUNT_TOO_LONG, /* more digits than fit: never wrapped, rounded or cut */
};

/* From the digits before and behind the point (both may be empty, not both at once). */
enum amount_result amount_from_digits(
    bool negative, const char *whole, size_t n_whole, const char *frac, size_t n_frac, struct amount *out);
/* A JSON number, exponent included (P25): read from its own digits. */
enum amount_result amount_parse(const char *text, size_t len, struct amount *out);
/* With at least `exponent` decimals and no grouping (P4). Returns buf. */
const char *amount_text(const struct amount *a, unsigned exponent, char buf[AMOUNT_TEXT_SIZE]);
/* Less than, equal to or greater than zero; trailing zeros do not count. */
int amount_cmp(const struct amount *a, const struct amount *b);
/* Times ten to the power of exp, exactly or not at all: pence to pounds (P19), thousands (P14). */
enum amount_result amount_shift(struct amount *a, int exp);
/* An amount without decimals and its hundredths (P10). */
enum amount_result amount_add_cents(struct amount *a, unsigned cents);
/* In minor units of the exponent; -1 if that is not exact or does not fit (P3). */
int amount_minor(const struct amount *a, unsigned exponent, int64_t *minor);

#endif
