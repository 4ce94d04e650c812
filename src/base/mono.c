#include "base/mono.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

mono_t
mono_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (mono_t){ (int64_t)ts.tv_sec * US_PER_S + ts.tv_nsec / 1000 };
}

int64_t
wall_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* So many digits at p; returns behind them. */
static char *
put_digits(char *p, int value, int n)
{
	int i;

	for (i = n - 1; i >= 0; i--, value /= 10)
		p[i] = (char)('0' + value % 10);
	return p + n;
}

static char *
put_part(char *p, int value, int n, char behind)
{
	p = put_digits(p, value, n);
	*p = behind;
	return p + 1;
}

const char *
wall_text(int64_t ms, char buf[WALL_TEXT_SIZE])
{
	static const char before[] = "1970-01-01T00:00:00.000Z";
	int64_t s = ms / 1000, rest = ms % 1000;
	time_t t;
	struct tm tm;
	char *p = buf;

	if (rest < 0) {
		rest += 1000;
		s--;
	}
	t = (time_t)s;
	if (gmtime_r(&t, &tm) == NULL || tm.tm_year < 0 || tm.tm_year > 8099)
		return memcpy(buf, before, sizeof(before));
	p = put_part(p, tm.tm_year + 1900, 4, '-');
	p = put_part(p, tm.tm_mon + 1, 2, '-');
	p = put_part(p, tm.tm_mday, 2, 'T');
	p = put_part(p, tm.tm_hour, 2, ':');
	p = put_part(p, tm.tm_min, 2, ':');
	p = put_part(p, tm.tm_sec, 2, '.');
	p = put_part(p, (int)rest, 3, 'Z');
	*p = '\0';
	return buf;
}

/* ".123" -> 123 ms; further digits are dropped. Returns behind it. */
static const char *
parse_fraction(const char *p, int64_t *ms)
{
	int64_t scale = 100;

	*ms = 0;
	if (*p != '.')
		return p;
	for (p++; *p >= '0' && *p <= '9'; p++, scale /= 10)
		*ms += (*p - '0') * scale;
	return p;
}

/* So many digits, known to be some, as a number. */
static int
digits(const char *p, int n)
{
	int v = 0;

	for (; n > 0; n--, p++)
		v = v * 10 + (*p - '0');
	return v;
}

/*
 * What wall_text() writes, between 1970 and 9999: strptime() and timegm() take
 * a tenth of the recorder's time. Anything else is left to them.
 */
static int
parse_own(const char *text, int64_t *ms)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	static const short before[] = { 0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 };
	int y, mo, d, h, mi, s, leap;
	int64_t days;

	for (size_t i = 0; i < sizeof(form); i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return -1;
	y = digits(text, 4), mo = digits(text + 5, 2), d = digits(text + 8, 2);
	h = digits(text + 11, 2), mi = digits(text + 14, 2), s = digits(text + 17, 2);
	if (y < 1970 || mo < 1 || mo > 12 || d < 1 || (d > 28 && d > before[mo + 1] - before[mo]) || h > 23 || mi > 59 || s > 59)
		return -1; /* a leap day, a leap second: seldom, and not so simple */
	leap = mo > 2 && y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
	y--;
	days = INT64_C(365) * y + y / 4 - y / 100 + y / 400 - 719162 + before[mo] + leap + d - 1;
	*ms = (((days * 24 + h) * 60 + mi) * 60 + s) * 1000 + digits(text + 20, 3);
	return 0;
}

int
wall_parse(const char *text, int64_t *ms)
{
	struct tm tm;
	int64_t fraction, offset = 0;
	const char *p;
	int hours, minutes, used;
	char sign;

	if (parse_own(text, ms) == 0)
		return 0;
	memset(&tm, 0, sizeof(tm));
	p = strptime(text, "%Y-%m-%d", &tm);
	if (p == NULL || (*p != 'T' && *p != ' ' && *p != '\0'))
		return -1;
	if (*p != '\0' && (p = strptime(p + 1, "%H:%M:%S", &tm)) == NULL)
		return -1;
	p = parse_fraction(p, &fraction);
	if (sscanf(p, "%c%2d:%2d%n", &sign, &hours, &minutes, &used) == 3 && (sign == '+' || sign == '-')) {
		offset = (sign == '+' ? 1 : -1) * (hours * INT64_C(60) + minutes) * 60000;
		p += used;
	} else if (*p == 'Z' || *p == 'z') {
		p++;
	}
	if (*p != '\0')
		return -1;
	*ms = (int64_t)timegm(&tm) * 1000 + fraction - offset;
	return 0;
}
