/*
 * A line of `pricescrape read --batch`:
 *
 *	{"input":"1.234,50 €","hint":"EUR","locale":"de-DE","decimal":","}
 *
 * input is needed; hint is the page's own currency field (P17, P18), currency
 * a told one. Members that are not known are passed over.
 */
#ifndef TRAPEXIT_SCRAPE_READ_REQUEST_H
#define TRAPEXIT_SCRAPE_READ_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "price/reader.h"

struct json_object;

struct read_request {
	struct json_object *root; /* owned: input and hints borrow from it */
	const char *input;
	size_t len;
	struct reader_hints hints;
};

/* NULL, or what is wrong with the line. Members that are absent are as in `base`. Release it in either case. */
const char *read_request_parse(
    struct read_request *r, const char *line, size_t len, const struct reader_hints *base);
void read_request_release(struct read_request *r);
/* Is the text one character of the list? */
bool separator_is(const char *text, const char *list);

#endif
