#include "scrape/robots_path.h"

#include <stdint.h>
#include <string.h>

#include "base/hex.h"

static bool
is_unreserved(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~", c) != NULL);
}

/* Those of RFC 3986 that stand for themselves; `*` and `$` are special in patterns. */
static bool
is_reserved(uint8_t c)
{
	return c != '\0' && strchr(":/?#[]@!&'()+,;=", c) != NULL;
}

static void
put_encoded(struct buf *out, uint8_t c)
{
	static const char digits[] = "0123456789ABCDEF";

	buf_xaddc(out, '%');
	buf_xaddc(out, digits[c >> 4]);
	buf_xaddc(out, digits[c & 15]);
}

/* Append the normal form of text; `*` stays what it is in a pattern. */
static void
normalise(struct buf *out, const char *text, size_t len, bool pattern)
{
	bool query = false;
	size_t i;

	for (i = 0; i < len; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c == '%' && len - i > 2 && hex_value(text[i + 1]) >= 0 && hex_value(text[i + 2]) >= 0) {
			c = (uint8_t)(hex_value(text[i + 1]) << 4 | hex_value(text[i + 2]));
			i += 2;
			if (is_unreserved(c) || (query && c != '\0' && strchr(":/?@", c) != NULL))
				buf_xaddc(out, (char)c);
			else
				put_encoded(out, c);
			continue;
		}
		query = query || c == '?';
		if (is_unreserved(c) || is_reserved(c) || (pattern && c == '*'))
			buf_xaddc(out, (char)c);
		else
			put_encoded(out, c);
	}
}

char *
robots_path(const char *path)
{
	struct buf out = BUF_INIT(0);

	if (path[0] != '/')
		buf_xaddc(&out, '/');
	normalise(&out, path, strcspn(path, "#"), false);
	return buf_detach(&out);
}

size_t
robots_put_pattern(struct buf *out, const char *value, size_t len)
{
	size_t start = out->len, octets;

	normalise(out, value, len, true);
	octets = out->len - start;
	buf_xaddc(out, '\0');
	return octets;
}

/*
 * Piece by piece between the `*`: the first at the beginning, each other one
 * where it is found first; nothing is tried twice, whatever the pattern.
 */
bool
robots_matches(const char *pattern, bool anchored, const char *path, size_t len)
{
	const char *piece = pattern, *end = path + len, *star = strchrnul(piece, '*');
	size_t n = (size_t)(star - piece);

	if (n > len || memcmp(path, piece, n) != 0)
		return false;
	path += n;
	while (*star == '*') {
		piece = star + 1;
		star = strchrnul(piece, '*');
		n = (size_t)(star - piece);
		if (*star == '\0' && anchored)
			return n <= (size_t)(end - path) && memcmp(end - n, piece, n) == 0;
		path = n > 0 ? memmem(path, (size_t)(end - path), piece, n) : path;
		if (path == NULL)
			return false;
		path += n;
	}
	return !anchored || path == end;
}
