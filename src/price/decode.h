/*
 * Bytes to UTF-8 text, once, before anything is parsed (P32, P33).
 *
 *	struct decode_hints hints = { .content_type = "text/html; charset=latin1" };
 *	struct decoded d = DECODED_INIT;
 *
 *	if (decode_page(body, len, &hints, &d, &err) == 0)
 *		... d.text, d.len
 *	decoded_release(&d);
 *
 * Text that is UTF-8 already and holds no NUL is borrowed from the body.
 *
 * iconv(3) loads what it needs for an encoding when that is first opened. Who
 * closes the file system around itself holds all of them open before:
 *
 *	struct decode_set *set = decode_preload();
 *	... enter the sandbox, decode pages, leave
 *	decode_preload_free(set);
 */
#ifndef TRAPEXIT_PRICE_DECODE_H
#define TRAPEXIT_PRICE_DECODE_H

#include <stdbool.h>
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

/* What is said of the encoding outside of the body; all of it may be absent. */
struct decode_hints {
	const char *told;	  /* a label of the target's own, above all but a byte order mark */
	const char *content_type; /* of the header */
	bool json;		  /* UTF-8 unless the header says otherwise: no <meta> is looked for */
};

/* -1 only when memory is out or iconv does not know the encoding. */
int decode_page(
    const char *body, size_t len, const struct decode_hints *hints, struct decoded *out, struct err *err);
void decoded_release(struct decoded *d);
/* Is the page said to be UTF-8, whether it is or not? *skip is the length of its byte order mark. */
bool decode_is_told(const char *body, size_t len, const struct decode_hints *hints, size_t *skip);

struct decode_set;

/* Open a converter for each encoding of P32, and hold it. */
struct decode_set *decode_preload(void);
/* How many could not be opened: of those, pages have no price, for "bad-charset". */
size_t decode_preload_missing(const struct decode_set *set);
void decode_preload_free(struct decode_set *set);
/* Is it a label of the WHATWG's table (P32)? */
bool decode_knows(const char *label);
/* The value of a parameter in "text/html; charset=x", as a slice; NULL if it has none. */
const char *content_type_charset(const char *content_type, size_t len, size_t *charset_len);

#endif
