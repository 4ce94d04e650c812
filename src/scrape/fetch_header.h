/*
 * Header fields whose words count. Pure.
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_HEADER_H
#define TRAPEXIT_SCRAPE_FETCH_HEADER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * P51, RFC 9110 10.2.3: the seconds that a Retry-After asks for, as a number or
 * as a date; at most a day, 0 if it is none or past. A date is held against
 * the answer's own Date (NULL: none) as the server's clock may not be ours,
 * without one against now_s (since 1970).
 */
int64_t fetch_retry_after(const char *value, const char *date, int64_t now_s);
/* May it be sent back in If-None-Match as it is? */
bool fetch_is_etag(const char *value);
/*
 * May it be sent back in If-Modified-Since? Not if the answer was made in the
 * second in which the page was modified: it may have changed again within
 * that second, and no later 304 would tell (RFC 9110 8.8.2.2).
 */
bool fetch_is_last_modified(const char *value, const char *date);

#endif
