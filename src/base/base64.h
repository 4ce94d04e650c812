/*
 * Base64 (RFC 4648, with padding): bytes inside a JSON string.
 *
 *	base64_put(&out, bytes, n);
 *	if (base64_decode(text, len, &out) == -1)
 *		... it is none; out is as it was
 */
#ifndef TRAPEXIT_BASE_BASE64_H
#define TRAPEXIT_BASE_BASE64_H

#include <stddef.h>

#include "base/attr.h"
#include "base/buf.h"

/* Append the text, without quotes. */
void base64_put(struct buf *out, const void *bytes, size_t n);
/* Append the bytes. Strict: no blanks, no missing padding, no bits left over. */
int base64_decode(const char *text, size_t len, struct buf *out) ATTR_MUST_CHECK;

#endif
