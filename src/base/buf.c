#include "base/buf.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

char *
buf_room(struct buf *b, size_t n)
{
	size_t cap = b->cap == 0 ? 64 : b->cap;
	char *data;

	if (n > SIZE_MAX / 4 - b->len || (b->max != 0 && b->len + n > b->max))
		return NULL;
	while (cap < b->len + n + 1)
		cap *= 2;
	if (b->max != 0 && cap > b->max + 1)
		cap = b->max + 1;
	if (cap > b->cap) {
		if ((data = realloc(b->data, cap)) == NULL)
			return NULL;
		b->data = data;
		b->cap = cap;
	}
	return b->data + b->len;
}

int
buf_add(struct buf *b, const void *p, size_t n)
{
	/* Most of what is added is a few bytes, for which there is room. */
	bool fits = b->data != NULL && n < b->cap - b->len && (b->max == 0 || b->len + n <= b->max);
	char *room = fits ? b->data + b->len : buf_room(b, n);

	if (room == NULL)
		return -1;
	if (n > 0)
		memcpy(room, p, n);
	b->len += n;
	b->data[b->len] = '\0';
	return 0;
}

void
buf_xadd(struct buf *b, const void *p, size_t n)
{
	if (buf_add(b, p, n) == -1)
		fatalx("out of memory");
}

void
buf_xaddstr(struct buf *b, const char *s)
{
	buf_xadd(b, s, strlen(s));
}

void
buf_xaddc(struct buf *b, char c)
{
	buf_xadd(b, &c, 1);
}

void
buf_xprintf(struct buf *b, const char *fmt, ...)
{
	char small[256], *big = NULL;
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(small, sizeof(small), fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= sizeof(small))
		n = vasprintf(&big, fmt, again);
	va_end(again);
	if (n < 0)
		fatalx("out of memory");
	buf_xadd(b, big != NULL ? big : small, (size_t)n);
	free(big);
}

void
buf_drop(struct buf *b, size_t n)
{
	if (n >= b->len) {
		buf_clear(b);
		return;
	}
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
	b->data[b->len] = '\0';
}

void
buf_clear(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

void
buf_release(struct buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
}

char *
buf_detach(struct buf *b)
{
	char *s;

	if (b->data == NULL)
		buf_xadd(b, "", 0);
	s = b->data;
	b->data = NULL;
	b->len = b->cap = 0;
	return s;
}
