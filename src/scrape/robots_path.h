/* Paths and patterns of robots.txt: normalised, and matched (RFC 9309 2.2.2, 2.2.3). Pure. */
#ifndef TRAPEXIT_SCRAPE_ROBOTS_PATH_H
#define TRAPEXIT_SCRAPE_ROBOTS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* A URL's path and query, up to its fragment; allocated. */
char *robots_path(const char *path);
/* Append the pattern of a rule that is not anchored, with a NUL; its octets. */
size_t robots_put_pattern(struct buf *out, const char *value, size_t len);
bool robots_matches(const char *pattern, bool anchored, const char *path, size_t len);

#endif
