/*
 * Is a text an expression of XPath 1.0 that a rule can be? libxml2 would tell
 * of its syntax, but of functions, prefixes, variables and types only once it
 * is used on a page; and who only checks rules need not load libxml2.
 */
#ifndef TRAPEXIT_PRICE_XPATH_CHECK_H
#define TRAPEXIT_PRICE_XPATH_CHECK_H

#include <stddef.h>

#include "base/err.h"

/* 0; or -1 with err set and *offset at the byte that is wrong. */
int xpath_check(const char *text, size_t len, size_t *offset, struct err *err);

#endif
