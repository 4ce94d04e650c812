#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "base/json.h"

/*
 * A checker by hand, without recursion: the stack is one bit a level (object
 * or array). Numbers and strings are checked by small functions that return
 * behind what they took, or NULL.
 */
struct scan {
	const char *p, *end;
	uint64_t is_object; /* bit n: level n is an object */
	unsigned depth;
};

_Static_assert(JSON_SCAN_DEPTH <= 64, "the level stack is one 64-bit word");

static const char *
skip_space(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r'))
		p++;
	return p;
}

static bool
is_digit(const char *p, const char *end)
{
	return p < end && *p >= '0' && *p <= '9';
}

static const char *
take_number(const char *p, const char *end)
{
	if (p < end && *p == '-')
		p++;
	if (!is_digit(p, end))
		return NULL;
	if (*p == '0')
		p++;
	else
		while (is_digit(p, end))
			p++;
	if (p < end && *p == '.') {
		if (!is_digit(++p, end))
			return NULL;
		while (is_digit(p, end))
			p++;
	}
	if (p < end && (*p == 'e' || *p == 'E')) {
		p++;
		if (p < end && (*p == '+' || *p == '-'))
			p++;
		if (!is_digit(p, end))
			return NULL;
		while (is_digit(p, end))
			p++;
	}
	return p;
}

/* Behind the backslash. */
static const char *
take_escape(const char *p, const char *end)
{
	int i;

	if (p >= end)
		return NULL;
	if (*p != 'u')
		return strchr("\"\\/bfnrt", *p) != NULL && *p != '\0' ? p + 1 : NULL;
	if (end - p < 5)
		return NULL;
	for (i = 1; i <= 4; i++)
		if (hex_value(p[i]) < 0)
			return NULL;
	return p + 5;
}

/* Behind the opening quote; returns at the closing one. */
static const char *
take_string(const char *p, const char *end)
{
	size_t n;

	while (p != NULL && p < end) {
		unsigned char c = (unsigned char)*p;

		if (c == '"')
			return p;
		if (c < 0x20)
			return NULL;
		if (c == '\\')
			p = take_escape(p + 1, end);
		else if (c < 0x80)
			p++;
		else if ((n = json_utf8_length(p, (size_t)(end - p))) > 0)
			p += n;
		else
			return NULL;
	}
	return NULL;
}

static const char *
take_word(const char *p, const char *end, const char *word)
{
	size_t n = strlen(word);

	return (size_t)(end - p) >= n && memcmp(p, word, n) == 0 ? p + n : NULL;
}

static enum json_kind
kind_of(char c)
{
	switch (c) {
	case '{':
		return JSON_OBJECT;
	case '[':
		return JSON_ARRAY;
	case '"':
		return JSON_STRING;
	case 't':
	case 'f':
		return JSON_BOOL;
	case 'n':
		return JSON_NULL;
	default:
		return JSON_NUMBER;
	}
}

static const char *
take_scalar(const char *p, const char *end)
{
	switch (*p) {
	case '"':
		p = take_string(p + 1, end);
		return p == NULL ? NULL : p + 1;
	case 't':
		return take_word(p, end, "true");
	case 'f':
		return take_word(p, end, "false");
	case 'n':
		return take_word(p, end, "null");
	default:
		return take_number(p, end);
	}
}

/* ,"name": -- returns at the value; the name as a slice. */
static const char *
take_name(const char *p, const char *end, const char **name, size_t *len)
{
	const char *close;

	p = skip_space(p, end);
	if (p >= end || *p != '"' || (close = take_string(p + 1, end)) == NULL)
		return NULL;
	*name = p + 1;
	*len = (size_t)(close - p - 1);
	p = skip_space(close + 1, end);
	return p < end && *p == ':' ? skip_space(p + 1, end) : NULL;
}

static struct json_field *
field_find(struct json_field *fields, size_t n, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strlen(fields[i].name) == len && memcmp(fields[i].name, name, len) == 0)
			return &fields[i];
	return NULL;
}

static void
field_set(struct json_field *f, const char *start, const char *behind)
{
	f->kind = kind_of(*start);
	f->p = start;
	f->len = (size_t)(behind - start);
	if (f->kind == JSON_STRING) {
		f->p++;
		f->len -= 2;
	}
}

static bool
in_object(const struct scan *s)
{
	return s->depth > 0 && (s->is_object >> (s->depth - 1) & 1) != 0;
}

/* Open a bracket; an empty one is closed again at once. -1 if too deep. */
static int
open_level(struct scan *s, bool *empty)
{
	bool object = *s->p == '{';

	if (s->depth == JSON_SCAN_DEPTH)
		return -1;
	s->is_object = (s->is_object & ~(UINT64_C(1) << s->depth)) | ((uint64_t)object << s->depth);
	s->depth++;
	s->p = skip_space(s->p + 1, s->end);
	*empty = s->p < s->end && *s->p == (object ? '}' : ']');
	return 0;
}

/*
 * Check one value at s->p. In the outermost object, members named in `fields`
 * are noted.
 */
static int
scan_value(struct scan *s, struct json_field *fields, size_t n)
{
	struct json_field *wanted = NULL;
	const char *name, *start = NULL;
	size_t len;
	bool empty, value_ended;

	for (;;) {
		s->p = skip_space(s->p, s->end);
		if (s->p >= s->end)
			return -1;
		if (s->depth == 1 && wanted != NULL)
			start = s->p;
		if (*s->p == '{' || *s->p == '[') {
			if (open_level(s, &empty) == -1)
				return -1;
			value_ended = empty;
		} else {
			if ((s->p = take_scalar(s->p, s->end)) == NULL)
				return -1;
			if (s->depth == 0)
				return 0;
			if (s->depth == 1 && wanted != NULL) {
				field_set(wanted, start, s->p);
				wanted = NULL;
			}
			s->p = skip_space(s->p, s->end);
			value_ended = true;
		}
		/* Behind a value: close brackets while they come, then a comma. */
		while (value_ended && s->p < s->end && *s->p == (in_object(s) ? '}' : ']')) {
			s->p++;
			if (--s->depth == 0)
				return 0;
			if (s->depth == 1 && wanted != NULL) {
				field_set(wanted, start, s->p);
				wanted = NULL;
			}
			s->p = skip_space(s->p, s->end);
		}
		if (value_ended) {
			if (s->p >= s->end || *s->p != ',')
				return -1;
			s->p++;
		}
		if (in_object(s)) {
			if ((s->p = take_name(s->p, s->end, &name, &len)) == NULL)
				return -1;
			if (s->depth == 1)
				wanted = field_find(fields, n, name, len);
		}
	}
}

int
json_scan(const char *text, size_t len, struct json_field *fields, size_t n)
{
	struct scan s = { text, text + len, 0, 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		fields[i].kind = JSON_ABSENT;
		fields[i].p = NULL;
		fields[i].len = 0;
	}
	s.p = skip_space(s.p, s.end);
	if (s.p >= s.end || *s.p != '{' || scan_value(&s, fields, n) == -1)
		return -1;
	return skip_space(s.p, s.end) == s.end ? 0 : -1;
}

bool
json_valid(const char *text, size_t len)
{
	struct scan s = { text, text + len, 0, 0 };

	s.p = skip_space(s.p, s.end);
	return s.p < s.end && scan_value(&s, NULL, 0) == 0 && skip_space(s.p, s.end) == s.end;
}

int
json_field_uint(const struct json_field *f, uint64_t *out)
{
	uint64_t value = 0;
	size_t i;

	if (f->kind != JSON_NUMBER)
		return -1;
	for (i = 0; i < f->len; i++)
		if (f->p[i] < '0' || f->p[i] > '9' || __builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, (uint64_t)(f->p[i] - '0'), &value))
			return -1;
	*out = value;
	return 0;
}

int
json_field_int(const struct json_field *f, int64_t *out)
{
	struct json_field digits = *f;
	uint64_t value;
	bool minus = f->kind == JSON_NUMBER && f->len > 0 && f->p[0] == '-';

	if (minus) {
		digits.p++;
		digits.len--;
	}
	if (json_field_uint(&digits, &value) == -1 || value > (uint64_t)INT64_MAX + minus)
		return -1;
	*out = minus ? (int64_t)(0 - value) : (int64_t)value;
	return 0;
}

bool
json_field_is(const struct json_field *f, const char *s)
{
	return f->kind == JSON_STRING && strlen(s) == f->len && memcmp(f->p, s, f->len) == 0;
}

/* The code unit of the \uXXXX at p; false if there is none. */
static bool
unit_at(const char *p, const char *end, uint32_t *unit)
{
	int i;

	*unit = 0;
	if (end - p < 6 || p[0] != '\\' || p[1] != 'u')
		return false;
	for (i = 2; i < 6; i++) {
		if (hex_value(p[i]) == -1)
			return false;
		*unit = *unit << 4 | (uint32_t)hex_value(p[i]);
	}
	return true;
}

size_t
json_unicode_at(const char *p, const char *end, uint32_t *cp)
{
	uint32_t low;

	if (!unit_at(p, end, cp))
		return 0;
	if (*cp >= 0xd800 && *cp < 0xdc00 && unit_at(p + 6, end, &low) && low >= 0xdc00 && low < 0xe000) {
		*cp = 0x10000 + ((*cp - 0xd800) << 10) + (low - 0xdc00);
		return 12;
	}
	if ((*cp >= 0xd800 && *cp < 0xe000) || *cp == 0)
		*cp = 0xfffd;
	return 6;
}

static void
put_utf8(struct buf *b, unsigned c)
{
	if (c < 0x80) {
		buf_xaddc(b, (char)c);
	} else if (c < 0x800) {
		buf_xaddc(b, (char)(0xc0 | c >> 6));
		buf_xaddc(b, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_xaddc(b, (char)(0xe0 | c >> 12));
		buf_xaddc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_xaddc(b, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_xaddc(b, (char)(0xf0 | c >> 18));
		buf_xaddc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_xaddc(b, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_xaddc(b, (char)(0x80 | (c & 0x3f)));
	}
}

char *
json_field_strdup(const struct json_field *f)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	struct buf b = BUF_INIT(0);
	const char *p, *end;
	uint32_t cp;

	if (f->kind != JSON_STRING)
		return NULL;
	end = f->p + f->len;
	for (p = f->p; p < end; p++) {
		if (*p != '\\') {
			buf_xaddc(&b, *p);
		} else if (p[1] == 'u') {
			p += json_unicode_at(p, end, &cp) - 1;
			put_utf8(&b, cp);
		} else {
			p++;
			buf_xaddc(&b, to[strchr(from, *p) - from]);
		}
	}
	return buf_detach(&b);
}
