/*
 * Is a text a regular expression that pricescrape will take (P21, P39)?
 */
#ifndef TRAPEXIT_CONF_CHECK_PATTERN_H
#define TRAPEXIT_CONF_CHECK_PATTERN_H

#include <stddef.h>

#include "base/err.h"

/* 0; or -1 with err set and *offset at the byte that is wrong. */
int check_pattern(const char *pattern, size_t len, size_t *offset, struct err *err);

#endif
