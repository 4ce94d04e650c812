#include "price/trace.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"

struct trace *
trace_new(void)
{
	return xcalloc(1, sizeof(struct trace));
}

void
trace_free(struct trace *t)
{
	free(t);
}

/* At most size - 1 bytes, whole characters only, on one line. */
static void
copy_line(char *out, size_t size, const char *text, size_t len)
{
	size_t i;

	if (len >= size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
			len--;
	}
	for (i = 0; i < len; i++)
		out[i] = (unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i];
	out[len] = '\0';
}

struct trace_entry *
trace_add(struct trace *t, enum method method, const char *text, size_t len)
{
	struct trace_entry *e;

	if (t == NULL)
		return NULL;
	if (t->n == TRACE_ENTRIES_MAX) {
		t->dropped++;
		return NULL;
	}
	e = &t->entries[t->n++];
	*e = (struct trace_entry){ .method = method, .verdict = TRACE_LOST };
	if (text != NULL)
		copy_line(e->text, sizeof(e->text), text, len);
	return e;
}

static void
format_line(char *out, size_t size, const char *fmt, va_list ap) __attribute__((format(printf, 3, 0)));

static void
format_line(char *out, size_t size, const char *fmt, va_list ap)
{
	char line[512];
	int n = vsnprintf(line, sizeof(line), fmt, ap);

	copy_line(out, size, line, n < 0 ? 0 : (size_t)n < sizeof(line) ? (size_t)n : sizeof(line) - 1);
}

void
trace_place(struct trace_entry *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return;
	va_start(ap, fmt);
	format_line(e->place, sizeof(e->place), fmt, ap);
	va_end(ap);
}

void
trace_money(struct trace_entry *e, const struct money *money)
{
	if (e == NULL || money == NULL || !money->has_amount)
		return;
	e->has_amount = true;
	e->amount = money->amount;
	e->currency = money->currency;
}

static void
decide(struct trace_entry *e, enum trace_verdict verdict, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

static void
decide(struct trace_entry *e, enum trace_verdict verdict, const char *fmt, va_list ap)
{
	e->verdict = verdict;
	format_line(e->why, sizeof(e->why), fmt, ap);
}

void
trace_lost(struct trace_entry *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return;
	va_start(ap, fmt);
	decide(e, TRACE_LOST, fmt, ap);
	va_end(ap);
}

void
trace_won(struct trace_entry *e, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return;
	va_start(ap, fmt);
	decide(e, TRACE_WON, fmt, ap);
	va_end(ap);
}

const char *
trace_verdict_text(enum trace_verdict v)
{
	switch (v) {
	case TRACE_WON:
		return "won";
	case TRACE_LOST:
		return "lost";
	}
	return NULL;
}
