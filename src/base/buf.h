/*
 * A growing run of bytes that knows its maximum.
 *
 *	struct buf b = BUF_INIT(1 << 20);
 *
 *	if (buf_add(&b, p, n) == -1)
 *		... the maximum, or no memory: b is as it was
 *	buf_release(&b);
 *
 * `data` is NUL-terminated behind `len`, so that it can be read as a string.
 * Growth doubles. A zero max means no bound. buf_clear() keeps the memory.
 */
#ifndef TRAPEXIT_BASE_BUF_H
#define TRAPEXIT_BASE_BUF_H

#include <stddef.h>

#include "base/attr.h"

struct buf {
	char *data; /* owned */
	size_t len;
	size_t cap;
	size_t max;
};

#define BUF_INIT(maximum) { NULL, 0, 0, (maximum) }

int buf_add(struct buf *b, const void *p, size_t n) ATTR_MUST_CHECK;
/* As the above, for what cannot be too long: dies when memory is out. */
void buf_xadd(struct buf *b, const void *p, size_t n);
void buf_xaddstr(struct buf *b, const char *s);
void buf_xaddc(struct buf *b, char c);
void buf_xprintf(struct buf *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Room for n more bytes behind len; NULL on failure. The caller adds to len. */
char *buf_room(struct buf *b, size_t n) ATTR_MUST_CHECK;
/* Drop the first n bytes. */
void buf_drop(struct buf *b, size_t n);
void buf_clear(struct buf *b);
void buf_release(struct buf *b);
/* The string, owned by the caller; the buffer is empty afterwards. */
char *buf_detach(struct buf *b);

#endif
