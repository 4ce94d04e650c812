#include "price/entity.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"

#define NAME_MAX_LEN 32

struct entity {
	const char *name;
	uint32_t cp;
	unsigned legacy;
};

static const struct entity entities[] = {
#define ENTITY(name, cp, legacy) { name, cp, legacy },
#include "price/entity.def"
#undef ENTITY
};

/* What browsers make of &#128; to &#159;: the bytes of windows-1252 (P32). */
static const uint16_t c1[32] = { 0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160,
	0x2039, 0x0152, 0x8d, 0x017d, 0x8f, 0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc,
	0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178 };

size_t
utf8_put(uint32_t cp, char out[4])
{
	if (cp < 0x80) {
		out[0] = (char)cp;
		return 1;
	}
	if (cp < 0x800) {
		out[0] = (char)(0xc0 | cp >> 6);
		out[1] = (char)(0x80 | (cp & 0x3f));
		return 2;
	}
	if (cp < 0x10000) {
		out[0] = (char)(0xe0 | cp >> 12);
		out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
		out[2] = (char)(0x80 | (cp & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | cp >> 18);
	out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
	out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
	out[3] = (char)(0x80 | (cp & 0x3f));
	return 4;
}

uint32_t
utf8_get(const char *text, size_t len, size_t *used)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)text;
	size_t i, n = p[0] < 0x80 ? 1 : p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	uint32_t cp;

	*used = 1;
	if (n == 1)
		return p[0];
	if (p[0] < 0xc2 || p[0] > 0xf4 || len < n)
		return 0xfffd;
	cp = p[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	if (cp < least[n] || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0xfffd;
	*used = n;
	return cp;
}

static uint32_t
decode_numeric(const char *text, size_t len, size_t *used)
{
	size_t i = 2, digits = 0;
	uint32_t base = 10, cp = 0;

	if (i < len && (text[i] == 'x' || text[i] == 'X')) {
		base = 16;
		i++;
	}
	for (; i < len; i++, digits++) {
		unsigned char c = (unsigned char)text[i];
		uint32_t d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if (base == 16 && (c | 32) >= 'a' && (c | 32) <= 'f')
			d = (c | 32u) - 'a' + 10;
		else
			break;
		if (cp <= 0x10ffff)
			cp = cp * base + d;
	}
	if (digits == 0)
		return 0;
	*used = i + (i < len && text[i] == ';');
	if (cp >= 0x80 && cp < 0xa0)
		return c1[cp - 0x80];
	return cp == 0 || cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff) ? 0xfffd : cp;
}

struct name {
	const char *p;
	size_t len;
};

static int
compare(const void *key, const void *row)
{
	const struct name *name = key;
	const struct entity *entity = row;
	int d = strncmp(name->p, entity->name, name->len);

	return d != 0 ? d : -(entity->name[name->len] != '\0');
}

uint32_t
entity_decode(const char *text, size_t len, size_t *used)
{
	const struct entity *found;
	struct name name = { text + 1, 0 };
	size_t n;

	if (len < 3)
		return 0;
	if (text[1] == '#')
		return decode_numeric(text, len, used);
	for (n = 0; n < NAME_MAX_LEN && n + 1 < len; n++) {
		unsigned char c = (unsigned char)name.p[n];

		if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9'))
			break;
	}
	/* With its semicolon any name counts; without, the longest legacy one. */
	for (name.len = n; name.len >= 2; name.len--) {
		bool closed = name.len == n && n + 1 < len && name.p[n] == ';';

		found = bsearch(&name, entities, ARRAY_LEN(entities), sizeof(entities[0]), compare);
		if (found != NULL && (closed || found->legacy != 0)) {
			*used = 1 + name.len + closed;
			return found->cp;
		}
	}
	return 0;
}
