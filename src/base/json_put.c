#include <stdio.h>
#include <string.h>

#include "base/json.h"

size_t
json_utf8_length(const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4 || len > n)
		return 0;
	for (i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

static void
put_escape(struct buf *b, unsigned char c)
{
	static const char from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *p = memchr(from, c, sizeof(from) - 1);
	char hex[8];

	if (p != NULL) {
		buf_xaddc(b, '\\');
		buf_xaddc(b, to[p - from]);
	} else {
		snprintf(hex, sizeof(hex), "\\u%04x", c);
		buf_xaddstr(b, hex);
	}
}

void
json_put_stringn(struct buf *b, const char *text, size_t n)
{
	const unsigned char *s = (const unsigned char *)text;
	size_t i = 0, run = 0, len;

	buf_xaddc(b, '"');
	while (i < n) {
		if (s[i] >= 0x20 && s[i] < 0x7f && s[i] != '"' && s[i] != '\\') {
			i++;
			continue;
		}
		len = json_utf8_length(text + i, n - i);
		if (len > 1) {
			i += len;
			continue;
		}
		buf_xadd(b, text + run, i - run);
		if (len == 0)
			buf_xaddstr(b, "\xef\xbf\xbd");
		else
			put_escape(b, s[i]);
		run = ++i;
	}
	buf_xadd(b, text + run, i - run);
	buf_xaddc(b, '"');
}

void
json_put_string(struct buf *b, const char *s)
{
	json_put_stringn(b, s, strlen(s));
}

void
json_put_name(struct buf *b, const char *name)
{
	if (b->len > 0 && b->data[b->len - 1] != '{' && b->data[b->len - 1] != '[')
		buf_xadd(b, ",\"", 2);
	else
		buf_xaddc(b, '"');
	buf_xaddstr(b, name);
	buf_xadd(b, "\":", 2);
}

void
json_put_str(struct buf *b, const char *name, const char *value)
{
	json_put_name(b, name);
	if (value == NULL)
		buf_xadd(b, "null", 4);
	else
		json_put_string(b, value);
}

static void
put_number(struct buf *b, bool negative, uint64_t value)
{
	char text[24], *end = text + sizeof(text), *p = end;

	do
		*--p = (char)('0' + value % 10);
	while ((value /= 10) > 0);
	if (negative)
		*--p = '-';
	buf_xadd(b, p, (size_t)(end - p));
}

void
json_put_int(struct buf *b, const char *name, int64_t value)
{
	json_put_name(b, name);
	put_number(b, value < 0, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
}

void
json_put_uint(struct buf *b, const char *name, uint64_t value)
{
	json_put_name(b, name);
	put_number(b, false, value);
}

void
json_put_bool(struct buf *b, const char *name, bool value)
{
	json_put_name(b, name);
	buf_xaddstr(b, value ? "true" : "false");
}

void
json_put_raw(struct buf *b, const char *name, const char *raw, size_t len)
{
	json_put_name(b, name);
	buf_xadd(b, raw, len);
}
