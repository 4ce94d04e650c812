/*
 * Allocation that ends the program when memory is out. For start-up, for
 * configuration and for the command line; the paths that must go on when
 * memory is short (a restart, a record on its way) allocate beforehand.
 */
#ifndef TRAPEXIT_BASE_XALLOC_H
#define TRAPEXIT_BASE_XALLOC_H

#include <stddef.h>

#include "base/attr.h"

void *xmalloc(size_t size) ATTR_MALLOC;
void *xcalloc(size_t n, size_t size) ATTR_MALLOC;
void *xrealloc(void *p, size_t size) ATTR_MUST_CHECK;
/* n * size, checked for overflow. */
void *xreallocarray(void *p, size_t n, size_t size) ATTR_MUST_CHECK;
char *xstrdup(const char *s) ATTR_MALLOC;
char *xstrndup(const char *s, size_t n) ATTR_MALLOC;
char *xasprintf(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_MUST_CHECK;

#endif
