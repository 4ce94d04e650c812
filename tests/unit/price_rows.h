/*
 * Rows of the reader's tables: a text, what is known beside it, and what it
 * must be read as, in one line:
 *
 *	"24.99 EUR max=30.00 list=40.00 from range !ambiguous-3"
 *
 * "-" for no amount, with a reason behind it if that is not no-match; "?" for
 * a sign that stays open. Texts go through what pasted HTML goes through.
 */
#ifndef TRAPEXIT_TESTS_PRICE_ROWS_H
#define TRAPEXIT_TESTS_PRICE_ROWS_H

#include <check.h>

#include "price/reader.h"

struct price_row {
	const char *rule, *text;
	struct reader_hints hints;
	const char *expect;
};

void price_row_check(const struct price_row *row);
/* A suite of one test that is run for each of n rows. */
Suite *price_rows_suite(const char *name, const TTest *test, int n);

#endif
