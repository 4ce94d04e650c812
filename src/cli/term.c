#include "config.h"

#include "cli/term.h"

#include <sys/ioctl.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mono.h"
#include "base/units.h"

/* A thousand years: what is beyond is a number that somebody got wrong. */
#define AGE_MOST_S (INT64_C(1000) * 366 * 86400)

bool
term_wants_color(bool told_not)
{
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	if (told_not || (no_color != NULL && *no_color != '\0') || !isatty(STDOUT_FILENO))
		return false;
	return term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

static unsigned
env_number(const char *name)
{
	const char *text = getenv(name);
	char *end;
	long n;

	if (text == NULL || *text == '\0')
		return 0;
	n = strtol(text, &end, 10);
	return *end == '\0' && n > 0 && n < 100000 ? (unsigned)n : 0;
}

unsigned
term_width(void)
{
	unsigned told = env_number("COLUMNS");
	struct winsize w;

	if (told > 0)
		return told;
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0)
		return w.ws_col;
	return isatty(STDOUT_FILENO) ? 80 : 0;
}

unsigned
term_height(void)
{
	struct winsize w;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row > 0)
		return w.ws_row;
	return env_number("LINES") > 0 ? env_number("LINES") : 24;
}

/*
 * Bytes of the character at s[0..n) if it may be shown as it is, else 0. C1
 * controls (U+0080 to U+009F) move terminals as escape sequences do.
 */
static size_t
shown_length(const unsigned char *s, size_t n)
{
	static const struct {
		unsigned char mask, lead, low;
	} kinds[] = {
		{ 0xe0, 0xc0, 0xc2 },
		{ 0xf0, 0xe0, 0xe0 },
		{ 0xf8, 0xf0, 0xf0 },
	};

	if (s[0] < 0x80)
		return s[0] >= 0x20 && s[0] != 0x7f;
	for (size_t k = 0; k < 3; k++) {
		size_t len = k + 2;

		if ((s[0] & kinds[k].mask) != kinds[k].lead)
			continue;
		if (s[0] < kinds[k].low || s[0] > 0xf4 || n < len)
			return 0;
		for (size_t i = 1; i < len; i++) {
			if ((s[i] & 0xc0) != 0x80)
				return 0;
		}
		return s[0] == 0xc2 && s[1] < 0xa0 ? 0 : len;
	}
	return 0;
}

const char *
term_safe(const char *text, char *out, size_t size)
{
	size_t n = text == NULL ? 0 : strlen(text), used = 0;

	for (size_t i = 0; i < n;) {
		size_t len = shown_length((const unsigned char *)text + i, n - i);

		if (used + 8 > size) {
			memcpy(out + used, "...", 4);
			return out;
		}
		if (len == 0) {
			used += (size_t)snprintf(out + used, size - used, "\\x%02x", (unsigned char)text[i++]);
			continue;
		}
		memcpy(out + used, text + i, len);
		used += len;
		i += len;
	}
	out[used] = '\0';
	return out;
}

void
term_put_safe(struct buf *out, const char *text, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t len = text[i] == '\t' ? 1 : shown_length((const unsigned char *)text + i, n - i);

		if (len > 0)
			buf_xadd(out, text + i, len);
		else
			buf_xprintf(out, "\\x%02x", (unsigned char)text[i]);
		i += len > 0 ? len : 1;
	}
}

const char *
term_age(int64_t ms, int64_t now_ms, char out[TERM_AGE_SIZE])
{
	char text[DURATION_TEXT_SIZE];
	int64_t s;

	if (ms == 0)
		snprintf(out, TERM_AGE_SIZE, "-");
	else if (__builtin_sub_overflow(now_ms, ms, &s) || (s /= 1000) > AGE_MOST_S || s < -AGE_MOST_S)
		snprintf(out, TERM_AGE_SIZE, "?");
	else if (s == 0)
		snprintf(out, TERM_AGE_SIZE, "now");
	else
		snprintf(
		    out, TERM_AGE_SIZE, "%s%s", s < 0 ? "in " : "", duration_human((s < 0 ? -s : s) * US_PER_S, text));
	return out;
}

static struct tm
local_time(int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;

	if (localtime_r(&t, &tm) == NULL)
		memset(&tm, 0, sizeof(tm));
	return tm;
}

const char *
term_time(int64_t ms, int64_t now_ms, char out[TERM_TIME_SIZE])
{
	struct tm then = local_time(ms), now = local_time(now_ms);
	bool today = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;

	strftime(out, TERM_TIME_SIZE, today ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &then);
	return out;
}

/* A local date and perhaps time, whole: -1 if there is anything else. */
static int
local_parse(const char *text, int64_t *ms)
{
	static const char *const formats[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S",
		"%Y-%m-%dT%H:%M", "%Y-%m-%d" };

	for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
		struct tm tm = { .tm_isdst = -1 };
		const char *end = strptime(text, formats[i], &tm);
		time_t t;

		if (end == NULL || *end != '\0')
			continue;
		tm.tm_isdst = -1;
		t = mktime(&tm);
		if (t == (time_t)-1)
			return -1;
		*ms = (int64_t)t * 1000;
		return 0;
	}
	return -1;
}

int
term_since_parse(const char *text, int64_t now_ms, int64_t *ms)
{
	struct tm day = local_time(now_ms);
	int64_t us;

	if (duration_parse(text, &us) == 0 && us >= 0) {
		*ms = now_ms - us / 1000;
		return 0;
	}
	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		day.tm_hour = day.tm_min = day.tm_sec = 0;
		day.tm_mday -= text[0] == 'y';
		day.tm_isdst = -1;
		*ms = (int64_t)mktime(&day) * 1000;
		return 0;
	}
	if (wall_parse(text, ms) == 0)
		return 0;
	/* "12:20": today. */
	if (strptime(text, "%H:%M:%S", &day) != NULL || strptime(text, "%H:%M", &day) != NULL) {
		char full[64];

		snprintf(
		    full, sizeof(full), "%04d-%02d-%02d %.32s", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday, text);
		return local_parse(full, ms);
	}
	return local_parse(text, ms);
}
