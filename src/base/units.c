#include "base/units.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	int64_t us;
};

/* Longest names first where one begins another. */
static const struct unit units[] = {
	{ "us", 1 }, { "ms", 1000 }, { "s", 1000000 }, { "m", 60000000 }, { "h", INT64_C(3600000000) },
	{ "d", INT64_C(86400000000) }, { "w", INT64_C(604800000000) },
};
#define N_UNITS (sizeof(units) / sizeof(units[0]))

static const struct unit *
unit_find(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < N_UNITS; i++)
		if (strlen(units[i].name) == len && memcmp(units[i].name, p, len) == 0)
			return &units[i];
	return NULL;
}

static size_t
alpha_span(const char *p)
{
	size_t n = 0;

	while (isalpha((unsigned char)p[n]))
		n++;
	return n;
}

/* One "1.5h" at *p, added to *sum; exact, a fraction finer than 1 us is an error. */
static int
duration_part(const char **p, int64_t *sum)
{
	int64_t whole = 0, fraction = 0, scale = 1, value;
	const char *start = *p;
	const struct unit *unit;
	size_t len;

	for (; isdigit((unsigned char)**p); (*p)++)
		if (__builtin_mul_overflow(whole, 10, &whole) || __builtin_add_overflow(whole, **p - '0', &whole))
			return -1;
	if (*p == start)
		return -1;
	if (**p == '.') {
		for ((*p)++; isdigit((unsigned char)**p); (*p)++) {
			if (scale > INT64_C(1000000000))
				return -1;
			fraction = fraction * 10 + (**p - '0');
			scale *= 10;
		}
		if (scale == 1)
			return -1;
	}
	len = alpha_span(*p);
	if (len == 0 && whole == 0 && fraction == 0)
		return 0;
	if ((unit = unit_find(*p, len)) == NULL)
		return -1;
	*p += len;
	if (__builtin_mul_overflow(whole, unit->us, &value) || __builtin_mul_overflow(fraction, unit->us, &fraction) ||
	    fraction % scale != 0 || __builtin_add_overflow(value, fraction / scale, &value))
		return -1;
	return __builtin_add_overflow(*sum, value, sum) ? -1 : 0;
}

int
duration_parse(const char *text, int64_t *us)
{
	int64_t sum = 0;

	if (*text == '\0')
		return -1;
	do {
		if (duration_part(&text, &sum) == -1)
			return -1;
	} while (*text != '\0');
	*us = sum;
	return 0;
}

const char *
duration_text(int64_t us, char buf[DURATION_TEXT_SIZE])
{
	size_t i, used = 0;

	if (us == 0)
		return memcpy(buf, "0s", 3);
	buf[0] = '\0';
	for (i = N_UNITS; i-- > 0;) {
		if (us < units[i].us)
			continue;
		used += (size_t)snprintf(buf + used, DURATION_TEXT_SIZE - used, "%lld%s", (long long)(us / units[i].us),
		    units[i].name);
		us %= units[i].us;
	}
	return buf;
}

const char *
duration_human(int64_t us, char buf[DURATION_TEXT_SIZE])
{
	size_t i, used = 0;
	int shown = 0;

	if (us <= 0)
		return memcpy(buf, "0s", 3);
	if (us < 1000) {
		snprintf(buf, DURATION_TEXT_SIZE, "%lldus", (long long)us);
		return buf;
	}
	for (i = N_UNITS; i-- > 1 && shown < 2;) {
		if (units[i].us == INT64_C(604800000000) || us < units[i].us)
			continue;
		/* Milliseconds matter below ten seconds only, and alone. */
		if (i == 1 && shown > 0)
			break;
		used += (size_t)snprintf(buf + used, DURATION_TEXT_SIZE - used, "%lld%s", (long long)(us / units[i].us),
		    units[i].name);
		us %= units[i].us;
		shown++;
	}
	return buf;
}

int
size_parse(const char *text, uint64_t *bytes)
{
	static const char letters[] = "KMGT";
	uint64_t value = 0, digit;
	const char *p = text, *letter;

	for (; isdigit((unsigned char)*p); p++) {
		digit = (uint64_t)(*p - '0');
		if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, digit, &value))
			return -1;
	}
	if (p == text)
		return -1;
	if (*p != '\0' && (letter = strchr(letters, toupper((unsigned char)*p))) != NULL) {
		if (__builtin_mul_overflow(value, UINT64_C(1) << (10 * (letter - letters + 1)), &value))
			return -1;
		p++;
		if (p[0] == 'i' && p[1] == 'B')
			p += 2;
		else if (*p == 'B')
			p++;
	} else if (*p == 'B') {
		p++;
	}
	if (*p != '\0')
		return -1;
	*bytes = value;
	return 0;
}

const char *
size_text(uint64_t bytes, char buf[SIZE_TEXT_SIZE])
{
	static const char letters[] = "KMGT";
	int i;

	for (i = 3; i >= 0; i--)
		if (bytes != 0 && bytes % (UINT64_C(1) << (10 * (i + 1))) == 0)
			break;
	if (i >= 0)
		snprintf(buf, SIZE_TEXT_SIZE, "%llu%c", (unsigned long long)(bytes >> (10 * (i + 1))), letters[i]);
	else
		snprintf(buf, SIZE_TEXT_SIZE, "%llu", (unsigned long long)bytes);
	return buf;
}
