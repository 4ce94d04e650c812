/* Factors: "5", "2.5", "5x", kept in thousandths, exactly. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "conf/value_ops.h"

/* -1: it is none, or does not fit. */
static int
parse(const char *p, uint32_t *out)
{
	uint64_t v = 0;
	unsigned digits, decimals = 0;

	for (digits = 0; *p >= '0' && *p <= '9' && digits < 8; p++, digits++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (digits > 0 && p[0] == '.' && p[1] >= '0' && p[1] <= '9') {
		for (p++; *p >= '0' && *p <= '9' && decimals < 3; p++, decimals++)
			v = v * 10 + (uint64_t)(*p - '0');
	}
	for (; decimals < 3; decimals++)
		v *= 10;
	p += *p == 'x';
	if (digits == 0 || *p != '\0' || v > UINT32_MAX)
		return -1;
	*out = (uint32_t)v;
	return 0;
}

static int
read_factor(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field)
{
	uint32_t v;

	if (w->none != NULL && strcmp(s->words->text, w->none) == 0)
		v = (uint32_t)w->none_value;
	else if (parse(s->words->text, &v) == -1 || v < w->min || v > w->max)
		return value_wrong(cx, w, s->words, "a factor above 1, as 5 or 2.5, or off");
	memcpy(field, &v, sizeof(v));
	return 0;
}

static uint32_t
factor_of(const void *field)
{
	uint32_t v;

	memcpy(&v, field, sizeof(v));
	return v;
}

static bool
equal_factor(const struct schema_word *w ATTR_UNUSED, const void *a, const void *b)
{
	return factor_of(a) == factor_of(b);
}

/* None is below 1, so 0 is absent. */
static bool
is_set_factor(const struct schema_word *w ATTR_UNUSED, const void *field)
{
	return factor_of(field) != 0;
}

static void
print_factor(const struct schema_word *w, const void *field, struct buf *out)
{
	uint32_t v = factor_of(field), rest = v % 1000;
	int decimals = 3;

	if (w->none != NULL && v == (uint32_t)w->none_value) {
		buf_xaddstr(out, w->none);
		return;
	}
	buf_xprintf(out, "%" PRIu32, v / 1000);
	if (rest == 0)
		return;
	for (; rest % 10 == 0; rest /= 10)
		decimals--;
	buf_xprintf(out, ".%0*" PRIu32, decimals, rest);
}

const struct value_ops value_factor_ops = { false, read_factor, equal_factor, is_set_factor, print_factor };
