#include "conf/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

struct diag_entry {
	struct place at;
	size_t seq;   /* order of arrival, for equal places */
	char *text;   /* owned */
	char *prefix; /* owned: "file:line:column" of a second file, or NULL */
	int warning;
};

static struct diag_entry *entry_new(struct diag *d, struct place at, const char *fmt, va_list ap) ATTR_PRINTF(3, 0);

/* NULL when there are too many already. */
static struct diag_entry *
entry_new(struct diag *d, struct place at, const char *fmt, va_list ap)
{
	struct diag_entry *e;
	char *text;

	if (d->n == DIAG_MAX) {
		d->dropped++;
		return NULL;
	}
	if (vasprintf(&text, fmt, ap) == -1)
		return NULL;
	if (d->n == d->cap) {
		d->cap = d->cap == 0 ? 16 : d->cap * 2;
		d->v = xreallocarray(d->v, d->cap, sizeof(*d->v));
	}
	e = &d->v[d->n];
	*e = (struct diag_entry){ .at = at, .seq = d->n, .text = text };
	d->n++;
	return e;
}

void
diag_error(struct diag *d, struct place at, const char *fmt, ...)
{
	struct diag_entry *e;
	va_list ap;

	if (d->lenient && d->n >= DIAG_LENIENT_MAX) {
		d->unsaid++;
		return;
	}
	va_start(ap, fmt);
	e = entry_new(d, at, fmt, ap);
	va_end(ap);
	if (!d->lenient)
		d->errors++;
	else if (e != NULL)
		e->warning = 1;
}

void
diag_name_error(struct diag *d, const char *otp)
{
	if (d->otp == NULL)
		d->otp = otp;
}

void
diag_warning(struct diag *d, struct place at, const char *fmt, ...)
{
	struct diag_entry *e;
	va_list ap;

	va_start(ap, fmt);
	e = entry_new(d, at, fmt, ap);
	va_end(ap);
	if (e != NULL)
		e->warning = 1;
}

void
diag_merge(struct diag *d, struct place at, struct diag *sub)
{
	const struct diag_entry *from;
	struct diag_entry *e;
	size_t i;

	for (i = 0; i < sub->n; i++) {
		from = &sub->v[i];
		if (from->warning)
			diag_warning(d, at, "%s", from->text);
		else
			diag_error(d, at, "%s", from->text);
		if (d->dropped > 0)
			continue;
		e = &d->v[d->n - 1];
		e->prefix = from->at.line == 0 ? xstrdup(sub->name) :
						 xasprintf("%s:%u:%u", sub->name, from->at.line, from->at.column);
	}
	d->dropped += sub->dropped;
	d->errors += (unsigned)sub->dropped;
	diag_release(sub);
}

static int
entry_compare(const void *pa, const void *pb)
{
	const struct diag_entry *a = pa, *b = pb;

	if (a->at.line != b->at.line)
		return a->at.line < b->at.line ? -1 : 1;
	if (a->at.column != b->at.column)
		return a->at.column < b->at.column ? -1 : 1;
	return a->seq < b->seq ? -1 : a->seq > b->seq;
}

void
diag_report(struct diag *d, struct config_errors *errors)
{
	const struct diag_entry *e;
	size_t i;

	if (d->n > 0)
		qsort(d->v, d->n, sizeof(*d->v), entry_compare);
	for (i = 0; i < d->n; i++) {
		e = &d->v[i];
		if (e->prefix != NULL)
			buf_xprintf(&errors->text, "%s: ", e->prefix);
		else if (e->at.line != 0)
			buf_xprintf(&errors->text, "%s:%u:%u: ", d->name, e->at.line, e->at.column);
		else
			buf_xprintf(&errors->text, "%s: ", d->name);
		buf_xprintf(&errors->text, "%s%s\n", e->warning ? "warning: " : "", e->text);
		errors->warnings += e->warning ? 1 : 0;
	}
	if (d->dropped > 0)
		buf_xprintf(&errors->text, "%s: %zu more errors are not shown\n", d->name, d->dropped);
	errors->errors += d->errors;
	if (errors->otp == NULL)
		errors->otp = d->otp;
}

void
diag_release(struct diag *d)
{
	size_t i;

	for (i = 0; i < d->n; i++) {
		free(d->v[i].text);
		free(d->v[i].prefix);
	}
	free(d->v);
	d->v = NULL;
	d->n = d->cap = 0;
}

const char *
diag_quote(const char *s, char buf[DIAG_QUOTE_SIZE])
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;
	unsigned char c;

	for (; (c = (unsigned char)*s) != '\0'; s++) {
		if (n + 9 > DIAG_QUOTE_SIZE) { /* room for \xNN, "..." and NUL */
			memcpy(buf + n, "...", 3);
			n += 3;
			break;
		}
		if (c >= 0x20 && c < 0x7f) {
			buf[n++] = (char)c;
		} else {
			buf[n++] = '\\';
			buf[n++] = 'x';
			buf[n++] = hex[c >> 4];
			buf[n++] = hex[c & 15];
		}
	}
	buf[n] = '\0';
	return buf;
}

#define GUESS_MAX 32

/* Optimal string alignment: a swap of two neighbours counts one. */
static size_t
edit_distance(const char *a, size_t na, const char *b, size_t nb)
{
	size_t row[3][GUESS_MAX + 1];
	size_t i, j, d, *cur, *last, *before;

	for (j = 0; j <= nb; j++)
		row[0][j] = j;
	for (i = 1; i <= na; i++) {
		cur = row[i % 3];
		last = row[(i - 1) % 3];
		before = row[(i + 1) % 3];
		cur[0] = i;
		for (j = 1; j <= nb; j++) {
			d = last[j - 1] + (a[i - 1] != b[j - 1]);
			if (last[j] + 1 < d)
				d = last[j] + 1;
			if (cur[j - 1] + 1 < d)
				d = cur[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < d)
				d = before[j - 2] + 1;
			cur[j] = d;
		}
	}
	return row[na % 3][nb];
}

void
diag_guess_offer(struct diag_guess *g, const char *name)
{
	size_t na = strlen(g->word), nb = strlen(name), d;

	if (na > GUESS_MAX || nb > GUESS_MAX)
		return;
	d = edit_distance(g->word, na, name, nb);
	/* Near: a third of the word may be wrong, and at least one letter. */
	if (d > (na + 2) / 3 || d >= nb)
		return;
	if (g->best == NULL || d < g->distance) {
		g->best = name;
		g->distance = d;
	}
}
