#include <inttypes.h>
#include <stdio.h>

#include "store/store.h"

static const int64_t power_of_ten[STORE_AMOUNT_SCALE + 1] = { 1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
	100000000 };

int
store_amount_parse(const char *text, size_t len, struct store_amount *out)
{
	bool negative = len > 0 && text[0] == '-', point = false;
	size_t i = negative, digits = 0, significant = 0, scale = 0;
	int64_t v = 0;

	for (; i < len; i++) {
		if (text[i] == '.' && !point) {
			point = true;
			continue;
		}
		if (text[i] < '0' || text[i] > '9')
			return -1;
		digits++;
		scale += point;
		if ((significant > 0 || text[i] != '0') && ++significant <= STORE_AMOUNT_DIGITS)
			v = v * 10 + (text[i] - '0');
	}
	if (digits == 0 || (point && scale == 0))
		return -1;
	if (significant > STORE_AMOUNT_DIGITS || scale > STORE_AMOUNT_SCALE)
		return -2;
	out->coefficient = negative ? -v : v;
	out->scale = (int)scale;
	return 0;
}

const char *
store_amount_text(struct store_amount a, char buf[STORE_AMOUNT_TEXT_SIZE])
{
	int64_t unit, magnitude = a.coefficient < 0 ? -a.coefficient : a.coefficient;
	const char *sign = a.coefficient < 0 ? "-" : "";

	if (a.scale <= 0 || a.scale > STORE_AMOUNT_SCALE) {
		snprintf(buf, STORE_AMOUNT_TEXT_SIZE, "%s%" PRId64, sign, magnitude);
		return buf;
	}
	unit = power_of_ten[a.scale];
	snprintf(buf, STORE_AMOUNT_TEXT_SIZE, "%s%" PRId64 ".%0*" PRId64, sign, magnitude / unit, a.scale,
	    magnitude % unit);
	return buf;
}

int
store_amount_compare(struct store_amount a, struct store_amount b)
{
	/* Whole part and fraction have the sign of the amount both, so they order as a pair. */
	int64_t ua = power_of_ten[a.scale], ub = power_of_ten[b.scale];
	int64_t wa = a.coefficient / ua, wb = b.coefficient / ub;
	int64_t fa = a.coefficient % ua * power_of_ten[STORE_AMOUNT_SCALE - a.scale];
	int64_t fb = b.coefficient % ub * power_of_ten[STORE_AMOUNT_SCALE - b.scale];

	if (wa != wb)
		return wa < wb ? -1 : 1;
	return fa < fb ? -1 : fa > fb;
}
