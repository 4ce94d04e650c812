/*
 * Many saved pages, each with its own rule: JSON lines in, observations out.
 *
 *	{"file":"a.html","url":"https://shop.example/a","charset":"latin1",
 *	 "content_type":"text/html","rule":{"regex":"...","currency":"EUR"}}
 *
 * `rule` is one object or a list of them. What a line does not say is as the
 * options have it.
 */
#ifndef TRAPEXIT_SCRAPE_EXTRACT_BATCH_H
#define TRAPEXIT_SCRAPE_EXTRACT_BATCH_H

#include <stdbool.h>
#include <stdio.h>

#include "scrape/extract_file.h"

/* True if every line gave a price; one bad line does not stop the others. */
bool extract_batch(struct extractor *e, const struct extract_page_options *o, FILE *in);

#endif
