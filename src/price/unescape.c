#include "price/unescape.h"

#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "price/entity.h"

/* The code unit behind the \u at p; false if four hexadecimal digits are not there. */
static bool
read_unit(const char *p, const char *end, uint32_t *unit)
{
	int i;

	*unit = 0;
	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return false;
	for (i = 2; i < 6; i++) {
		if (!isxdigit((unsigned char)p[i]))
			return false;
		*unit = *unit * 16 + (uint32_t)(isdigit((unsigned char)p[i]) ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	}
	return true;
}

static bool
has_escape(struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	uint32_t unit;

	while (p < end && (p = memchr(p, '\\', (size_t)(end - p))) != NULL) {
		if (read_unit(p, end, &unit) || (end - p > 1 && p[1] == '/'))
			return true;
		p++;
	}
	return false;
}

/* At a \uXXXX, which may be the first half of a pair; returns what is behind it. */
static const char *
put_unit(struct buf *out, const char *p, const char *end, uint32_t unit)
{
	uint32_t low;
	char utf8[4];

	p += 6;
	if (unit >= 0xd800 && unit < 0xdc00 && read_unit(p, end, &low) && low >= 0xdc00 && low < 0xe000) {
		unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
		p += 6;
	}
	if (unit == 0 || (unit >= 0xd800 && unit < 0xe000))
		unit = 0xfffd;
	buf_xadd(out, utf8, utf8_put(unit, utf8));
	return p;
}

bool
unescape_put(struct buf *out, struct slice text)
{
	const char *p = text.p, *end = text.p + text.len;
	uint32_t unit;

	if (!has_escape(text))
		return false;
	while (p < end) {
		if (read_unit(p, end, &unit)) {
			p = put_unit(out, p, end, unit);
		} else if (*p == '\\' && end - p > 1) {
			buf_xaddc(out, strchr("bfnrt", p[1]) != NULL ? ' ' : p[1]);
			p += 2;
		} else {
			buf_xaddc(out, *p++);
		}
	}
	return true;
}
