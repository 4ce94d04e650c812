#include "price/amount.h"

#include <string.h>

static const int64_t powers[AMOUNT_DIGITS_MAX + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000,
	1000000000, 10000000000, 100000000000, 1000000000000, 10000000000000, 100000000000000, 1000000000000000,
	10000000000000000, 100000000000000000, 1000000000000000000 };

/* Append digits to a coefficient; false once there are more than fit. */
static bool
add_digits(int64_t *coef, const char *digits, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (*coef >= powers[AMOUNT_DIGITS_MAX - 1])
			return false;
		*coef = *coef * 10 + (digits[i] - '0');
	}
	return true;
}

enum amount_result
amount_from_digits(
    bool negative, const char *whole, size_t n_whole, const char *frac, size_t n_frac, struct amount *out)
{
	int64_t coef = 0;

	if (n_whole + n_frac == 0)
		return AMOUNT_MALFORMED;
	/* Zeros behind the eighth decimal say nothing and are dropped exactly. */
	while (n_frac > AMOUNT_SCALE_MAX && frac[n_frac - 1] == '0')
		n_frac--;
	if (n_frac > AMOUNT_SCALE_MAX || !add_digits(&coef, whole, n_whole) || !add_digits(&coef, frac, n_frac))
		return AMOUNT_TOO_LONG;
	out->coef = negative ? -coef : coef;
	out->scale = (unsigned)n_frac;
	return AMOUNT_OK;
}

static size_t
count_digits(const char *text, size_t len)
{
	size_t n = 0;

	while (n < len && text[n] >= '0' && text[n] <= '9')
		n++;
	return n;
}

/* "e+12" into *exp; the whole rest must be it. */
static enum amount_result
parse_exponent(const char *text, size_t len, int *exp)
{
	bool negative = false;
	size_t i = 1;

	if (i < len && (text[i] == '+' || text[i] == '-'))
		negative = text[i++] == '-';
	if (i == len || count_digits(text + i, len - i) != len - i)
		return AMOUNT_MALFORMED;
	*exp = 0;
	for (; i < len; i++) {
		*exp = *exp * 10 + (text[i] - '0');
		if (*exp > 1000)
			return AMOUNT_TOO_LONG;
	}
	*exp = negative ? -*exp : *exp;
	return AMOUNT_OK;
}

enum amount_result
amount_shift(struct amount *a, int exp)
{
	int scale = (int)a->scale - exp;

	if (a->coef == 0) {
		a->scale = scale < 0 ? 0 : scale > AMOUNT_SCALE_MAX ? AMOUNT_SCALE_MAX : (unsigned)scale;
		return AMOUNT_OK;
	}
	for (; scale > AMOUNT_SCALE_MAX && a->coef % 10 == 0; scale--)
		a->coef /= 10;
	for (; scale < 0; scale++) {
		if (a->coef >= powers[AMOUNT_DIGITS_MAX - 1] || a->coef <= -powers[AMOUNT_DIGITS_MAX - 1])
			return AMOUNT_TOO_LONG;
		a->coef *= 10;
	}
	if (scale > AMOUNT_SCALE_MAX)
		return AMOUNT_TOO_LONG;
	a->scale = (unsigned)scale;
	return AMOUNT_OK;
}

enum amount_result
amount_parse(const char *text, size_t len, struct amount *out)
{
	bool negative = len > 0 && text[0] == '-';
	const char *whole, *frac = "";
	size_t n_whole, n_frac = 0, i = negative;
	enum amount_result result;
	struct amount a;
	int exp = 0;

	whole = text + i;
	n_whole = count_digits(whole, len - i);
	i += n_whole;
	if (n_whole == 0)
		return AMOUNT_MALFORMED;
	if (i < len && text[i] == '.') {
		frac = text + i + 1;
		n_frac = count_digits(frac, len - i - 1);
		i += 1 + n_frac;
		if (n_frac == 0)
			return AMOUNT_MALFORMED;
	}
	if (i < len) {
		if (text[i] != 'e' && text[i] != 'E')
			return AMOUNT_MALFORMED;
		result = parse_exponent(text + i, len - i, &exp);
		if (result != AMOUNT_OK)
			return result;
	}
	result = amount_from_digits(negative, whole, n_whole, frac, n_frac, &a);
	if (result == AMOUNT_OK && exp != 0)
		result = amount_shift(&a, exp);
	if (result == AMOUNT_OK)
		*out = a;
	return result;
}

const char *
amount_text(const struct amount *a, unsigned exponent, char buf[AMOUNT_TEXT_SIZE])
{
	uint64_t magnitude = a->coef < 0 ? 0 - (uint64_t)a->coef : (uint64_t)a->coef;
	unsigned pad = exponent > a->scale ? exponent - a->scale : 0;
	char digits[AMOUNT_TEXT_SIZE], *end = digits + sizeof(digits), *p = end;
	size_t n_frac = a->scale, n_whole;
	char *out = buf;

	do
		*--p = (char)('0' + magnitude % 10);
	while ((magnitude /= 10) > 0 || (size_t)(end - p) <= n_frac);
	n_whole = (size_t)(end - p) - n_frac;
	if (a->coef < 0)
		*out++ = '-';
	memcpy(out, p, n_whole);
	out += n_whole;
	if (n_frac + pad > 0)
		*out++ = '.';
	memcpy(out, p + n_whole, n_frac);
	out += n_frac;
	for (; pad > 0; pad--)
		*out++ = '0';
	*out = '\0';
	return buf;
}

int
amount_cmp(const struct amount *a, const struct amount *b)
{
	int64_t wa = a->coef / powers[a->scale], wb = b->coef / powers[b->scale];
	int64_t fa = a->coef % powers[a->scale] * powers[AMOUNT_SCALE_MAX - a->scale];
	int64_t fb = b->coef % powers[b->scale] * powers[AMOUNT_SCALE_MAX - b->scale];

	if (wa != wb)
		return wa < wb ? -1 : 1;
	return fa < fb ? -1 : fa > fb;
}

enum amount_result
amount_add_cents(struct amount *a, unsigned cents)
{
	if (a->scale != 0 || a->coef >= powers[AMOUNT_DIGITS_MAX - 2])
		return AMOUNT_TOO_LONG;
	a->coef = a->coef * 100 + cents;
	a->scale = 2;
	return AMOUNT_OK;
}

int
amount_minor(const struct amount *a, unsigned exponent, int64_t *minor)
{
	int64_t coef = a->coef;
	unsigned scale = a->scale;

	for (; scale > exponent; scale--) {
		if (coef % 10 != 0)
			return -1;
		coef /= 10;
	}
	for (; scale < exponent; scale++) {
		if (coef >= powers[AMOUNT_DIGITS_MAX - 1] || coef <= -powers[AMOUNT_DIGITS_MAX - 1])
			return -1;
		coef *= 10;
	}
	*minor = coef;
	return 0;
}
