#include "conf/csv.h"

#include <string.h>

void
csv_init(struct csv *c, const char *text, size_t len, struct arena *arena)
{
	*c = (struct csv){ text, text + len, { 1, 1 }, false, arena };
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		c->p += 3;
}

static void
advance(struct csv *c)
{
	unsigned char byte = (unsigned char)*c->p++;

	if (byte == '\n') {
		c->at.line++;
		c->at.column = 1;
	} else if ((byte & 0xc0) != 0x80) {
		c->at.column++;
	}
}

static bool
at_line_end(const struct csv *c)
{
	return c->p == c->end || *c->p == '\n' || (*c->p == '\r' && c->p + 1 < c->end && c->p[1] == '\n');
}

static void
skip_line_end(struct csv *c)
{
	if (c->p < c->end && *c->p == '\r')
		advance(c);
	if (c->p < c->end)
		advance(c);
}

static void
wrong(struct csv *c, struct csv_field *f, const char *what)
{
	f->wrong = what;
	while (!at_line_end(c))
		advance(c);
}

/* The closing quote, the first one that is not doubled; NULL: there is none. */
static const char *
closing_quote(const char *p, const char *end)
{
	for (; p < end && (p = memchr(p, '"', (size_t)(end - p))) != NULL; p += 2)
		if (p + 1 == end || p[1] != '"')
			return p;
	return NULL;
}

static bool
ends_field(const struct csv *c, const char *p)
{
	return p == c->end || *p == ',' || *p == '\n' || (*p == '\r' && p + 1 < c->end && p[1] == '\n');
}

static void
read_quoted(struct csv *c, struct csv_field *f)
{
	const char *start = c->p + 1, *end = c->end, *q;
	char *out;

	/* All quotes in it may be doubled. */
	if ((size_t)(end - start) > 2 * CSV_FIELD_MAX)
		end = start + 2 * CSV_FIELD_MAX;
	q = closing_quote(start, end);
	if (q == NULL || (q + 1 == end && end != c->end)) {
		wrong(c, f, end == c->end ? "a quoted field is not closed, expected '\"' before the end of the file" :
					    "a quoted field is not closed within 64 KiB, expected '\"'");
		return;
	}
	if (!ends_field(c, q + 1)) {
		wrong(c, f, "text behind a quoted field, expected ',' or the end of the line");
		return;
	}
	advance(c);
	out = arena_alloc(c->arena, (size_t)(q - start) + 1);
	f->text = out;
	while (c->p < q) {
		out[f->len++] = *c->p;
		if (*c->p == '"')
			advance(c);
		advance(c);
	}
	advance(c);
}

static void
read_plain(struct csv *c, struct csv_field *f)
{
	const char *start = c->p;

	while (!at_line_end(c) && *c->p != ',') {
		if (*c->p == '"') {
			wrong(c, f, "'\"' inside a field, expected the whole field in quotes and '\"' doubled");
			return;
		}
		advance(c);
	}
	f->len = (size_t)(c->p - start);
	f->text = arena_strndup(c->arena, start, f->len);
}

bool
csv_next(struct csv *c, struct csv_field *f)
{
	while (!c->in_record && c->p < c->end && at_line_end(c))
		skip_line_end(c);
	if (!c->in_record && c->p == c->end)
		return false;
	*f = (struct csv_field){ .text = "", .at = c->at };
	if (c->p < c->end && *c->p == '"')
		read_quoted(c, f);
	else
		read_plain(c, f);
	if (f->len > CSV_FIELD_MAX || memchr(f->text, '\0', f->len) != NULL) {
		wrong(c, f, f->len > CSV_FIELD_MAX ? "a field of more than 64 KiB, expected less" : "a NUL byte, expected text");
		f->text = "";
		f->len = 0;
	}
	f->last = at_line_end(c);
	if (f->last)
		skip_line_end(c);
	else
		advance(c); /* the comma */
	c->in_record = !f->last;
	return true;
}
