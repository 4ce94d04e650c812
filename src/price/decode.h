/*
 * Bytes to UTF-8 text, once, before anything is parsed (P32, P33).
 *
 *	struct decoded d = DECODED_INIT;
 *
 *	if (decode_page(body, len, "text/html; charset=latin1", &d, &err) == 0)
 *		... d.text, d.len
 *	decoded_release(&d);
 *
 * Text that is UTF-8 already and holds no NUL is borrowed from the body.
 */
#ifndef TRAPEXIT_PRICE_DECODE_H
#define TRAPEXIT_PRICE_DECODE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct decoded {
	const char *text; /* borrowed from the body, or in `store` */
	size_t len;
	const char *charset; /* static: what was taken, in iconv's words */
	unsigned warnings;   /* WARN_UNKNOWN_CHARSET */
	struct buf store;    /* owned */
};

#define DECODED_INIT { NULL, 0, NULL, 0, BUF_INIT(0) }

/* content_type may be NULL. -1 only when memory is out or iconv does not know the encoding. */
int decode_page(const char *body, size_t len, const char *content_type, struct decoded *out, struct err *err);
void decoded_release(struct decoded *d);
/* The value of a parameter in "text/html; charset=x", as a slice; NULL if it has none. */
const char *content_type_charset(const char *content_type, size_t len, size_t *charset_len);

#endif
