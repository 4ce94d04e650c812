/*
 * What a request has ended with, in stable words. Pure.
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_REASON_H
#define TRAPEXIT_SCRAPE_FETCH_REASON_H

#include <stdbool.h>

#include "scrape/fetch.h"

#define FETCH_REASON_SIZE 32

/* Of a CURLcode. */
const char *fetch_reason_of(int code, bool *passing);
/*
 * Of the status of an answer: reason (in `reason`), passing, site_rest and
 * detail of *r are set if it is no page.
 */
void fetch_reason_of_status(struct fetch_result *r, char reason[FETCH_REASON_SIZE]);

#endif
