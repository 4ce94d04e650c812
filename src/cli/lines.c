#include "cli/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"

/* More than anybody reads; a ring of so many pointers is still small. */
#define LINES_MAX 10000000

struct lines {
	struct buf *ring;
	size_t n; /* of the ring, as far as it has grown */
	size_t max; /* wanted */
	size_t next; /* the oldest, once it is full */
};

int
lines_parse(const char *text, size_t *n)
{
	char *end;
	unsigned long long v;

	if (strcmp(text, "all") == 0) {
		*n = LINES_ALL;
		return 0;
	}
	if (*text < '0' || *text > '9')
		return -1;
	v = strtoull(text, &end, 10);
	if (*end != '\0')
		return -1;
	*n = v > LINES_MAX ? LINES_ALL : (size_t)v;
	return 0;
}

struct lines *
lines_new(size_t n)
{
	struct lines *l = xcalloc(1, sizeof(*l));

	l->max = n;
	return l;
}

void
lines_add(struct lines *l, const char *line, size_t len)
{
	struct buf *b;

	if (l->max == 0)
		return;
	if (l->n < l->max) {
		/* Doubling, up to what is wanted. */
		if ((l->n & (l->n - 1)) == 0)
			l->ring = xreallocarray(l->ring, l->n == 0 ? 1 : 2 * l->n, sizeof(*l->ring));
		b = &l->ring[l->n++];
		*b = (struct buf)BUF_INIT(0);
	} else {
		b = &l->ring[l->next];
		l->next = (l->next + 1) % l->max;
		buf_clear(b);
	}
	buf_xadd(b, line, len);
}

bool
lines_full(const struct lines *l)
{
	return l->n == l->max;
}

void
lines_clear(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		buf_release(&l->ring[i]);
	free(l->ring);
	*l = (struct lines){ .max = l->max };
}

void
lines_print(const struct lines *l, FILE *f)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct buf *b = &l->ring[(l->next + i) % l->n];

		if (b->len > 0)
			fwrite(b->data, 1, b->len, f);
		putc('\n', f);
	}
}

void
lines_free(struct lines *l)
{
	if (l == NULL)
		return;
	lines_clear(l);
	free(l);
}
