/*
 * Small questions about texts: is it UTF-8, is it an id, a URL, a currency.
 */
#ifndef TRAPEXIT_CONF_TEXT_H
#define TRAPEXIT_CONF_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* Ids become names of files; with ".log" and a rotation's number they must fit one. */
#define TEXT_ID_MAX 128
#define TEXT_SOURCE_ID_MAX 200

bool text_utf8_valid(const char *s, size_t n);
/* Bytes of the character (at most 4), or 0 if there is none with that number. */
size_t text_utf8_encode(uint32_t code, char *out);
/* [A-Za-z0-9_][A-Za-z0-9_.:-]*, at most TEXT_ID_MAX bytes. */
bool text_is_id(const char *s);
/* Of a source: UTF-8 without control characters, at most TEXT_SOURCE_ID_MAX bytes. */
bool text_is_source_id(const char *s);
/* Of an environment variable. */
bool text_is_env_name(const char *s);
/* Three capital letters, as ISO 4217 has them. */
bool text_is_currency(const char *s);
/* 24.99, -3: at most 18 digits, 8 of them behind the point. */
bool text_is_amount(const char *s);
/* Of two of these: less than, equal to or greater than zero. */
int text_amount_compare(const char *a, const char *b);
/* en, en-GB, de_AT. */
bool text_is_locale(const char *s);

/* Parts of an http(s) URL, as slices of it. */
struct text_url {
	const char *host;
	size_t host_len;
	unsigned port;
};
/* Strict: scheme http or https, a host, a port in range, no blanks. */
int text_url_parse(const char *s, struct text_url *url, struct err *err);

#endif
