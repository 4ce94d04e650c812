#include "base/base64.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
put_group(char out[4], const unsigned char *in, size_t n)
{
	uint32_t bits = (uint32_t)in[0] << 16;

	if (n > 1)
		bits |= (uint32_t)in[1] << 8;
	if (n > 2)
		bits |= in[2];
	out[0] = digits[bits >> 18];
	out[1] = digits[bits >> 12 & 63];
	out[2] = n > 1 ? digits[bits >> 6 & 63] : '=';
	out[3] = n > 2 ? digits[bits & 63] : '=';
}

void
base64_put(struct buf *out, const void *bytes, size_t n)
{
	const unsigned char *in = bytes;
	char group[4];

	while (n > 0) {
		size_t now = n < 3 ? n : 3;

		put_group(group, in, now);
		buf_xadd(out, group, sizeof(group));
		in += now;
		n -= now;
	}
}

/* 0 to 63; -1: no digit. */
static int
value_of(char c)
{
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at == NULL ? -1 : (int)(at - digits);
}

/* How many bytes the four digits hold; 0: they are none. */
static size_t
read_group(const char in[4], bool last, unsigned char out[3])
{
	size_t n = 3, i;
	uint32_t bits = 0;
	int value;

	if (last && in[3] == '=')
		n = in[2] == '=' ? 1 : 2;
	for (i = 0; i < 4; i++) {
		value = i <= n ? value_of(in[i]) : 0;
		if (value == -1)
			return 0;
		bits = bits << 6 | (uint32_t)value;
	}
	out[0] = (unsigned char)(bits >> 16);
	out[1] = (unsigned char)(bits >> 8);
	out[2] = (unsigned char)bits;
	/* What the padding cuts off must be nothing. */
	if ((n < 3 && out[2] != 0) || (n < 2 && out[1] != 0))
		return 0;
	return n;
}

int
base64_decode(const char *text, size_t len, struct buf *out)
{
	const size_t begin = out->len;
	unsigned char bytes[3];
	size_t n;

	if (len % 4 != 0)
		return -1;
	for (; len > 0; text += 4, len -= 4) {
		n = read_group(text, len == 4, bytes);
		if (n == 0 || buf_add(out, bytes, n) == -1) {
			out->len = begin;
			return -1;
		}
	}
	return 0;
}
