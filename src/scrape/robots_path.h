/* Paths and patterns of robots.txt: normalised, and matched (RFC 9309 2.2.2, 2.2.3). Pure. */
#ifndef TRAPEXIT_SCRAPE_ROBOTS_PATH_H
#define TRAPEXIT_SCRAPE_ROBOTS_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "scrape/robots.h"

/* A URL's path and query, up to its fragment; allocated. */
char *robots_path(const char *path);
/* The pattern, anchored and octets of a rule. */
void robots_set_pattern(struct robots_rule *rule, const char *value, size_t len);
bool robots_matches(const struct robots_rule *rule, const char *path, size_t len);

#endif
