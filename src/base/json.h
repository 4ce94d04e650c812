/*
 * JSON where json-c would be too slow or too much: writing into a buffer, and
 * looking into a line that is only carried.
 *
 * json_scan() checks one complete JSON text (RFC 8259, UTF-8 checked, depth
 * at most JSON_SCAN_DEPTH, without recursion or allocation) and finds the
 * values of some top-level members as slices of the input. It exists because
 * the daemon carries 250,000 lines a second and reads four members of each;
 * json-c builds a tree a line. What is looked into deeper goes to json-c.
 */
#ifndef TRAPEXIT_BASE_JSON_H
#define TRAPEXIT_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define JSON_SCAN_DEPTH 64

enum json_kind { JSON_ABSENT, JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

/* One wanted member: the caller fills `name`; json_scan() fills the rest. */
struct json_field {
	const char *name;
	enum json_kind kind;
	const char *p; /* slice of the input: strings without quotes, still escaped */
	size_t len;
};

/*
 * 0 if text[0..len) is one JSON object, -1 otherwise. The last of equal names
 * wins. Names are compared as they are written (an escaped name matches none).
 */
int json_scan(const char *text, size_t len, struct json_field *fields, size_t n);
/* Any JSON value, checked only. */
bool json_valid(const char *text, size_t len);
/* A number slice as int64; -1 if it has a fraction, exponent or does not fit. */
int json_field_int(const struct json_field *f, int64_t *out);
int json_field_uint(const struct json_field *f, uint64_t *out);
/* Is it this string (compared unescaped only if it has no escapes)? */
bool json_field_is(const struct json_field *f, const char *s);
/* The string unescaped, allocated; NULL if it is no string. */
char *json_field_strdup(const struct json_field *f);

/*
 * The character that \uXXXX at p, or the two halves of one there, stands for (RFC 8259, 7): how many bytes they take; 0
 * if p begins with none. A lone half is no character, and NUL would cut a C string: U+FFFD for both.
 */
size_t json_unicode_at(const char *p, const char *end, uint32_t *cp);
/* Bytes of the UTF-8 sequence (RFC 3629) that text[0..n), n > 0, begins with; 0: it begins with none. */
size_t json_utf8_length(const char *text, size_t n);
/* Append "text" with quotes; invalid UTF-8 becomes U+FFFD. */
void json_put_string(struct buf *b, const char *s);
void json_put_stringn(struct buf *b, const char *s, size_t n);
/* Append ,"name": (no comma behind an opening bracket). */
void json_put_name(struct buf *b, const char *name);
void json_put_str(struct buf *b, const char *name, const char *value);	/* NULL: null */
void json_put_int(struct buf *b, const char *name, int64_t value);
void json_put_uint(struct buf *b, const char *name, uint64_t value);
void json_put_bool(struct buf *b, const char *name, bool value);
/* ,"name":raw with raw already JSON. */
void json_put_raw(struct buf *b, const char *name, const char *raw, size_t len);

#endif
