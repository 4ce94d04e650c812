#include "conf/text.h"

#include <string.h>
#include <strings.h>

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Length of the well-formed sequence at s (RFC 3629: no surrogates, nothing overlong), or 0. */
static size_t
utf8_sequence(const unsigned char *s, size_t n)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t len, i;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	len = s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
	if (n < len)
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (i = 2; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool
text_utf8_valid(const char *s, size_t n)
{
	size_t i, len;

	for (i = 0; i < n; i += len)
		if ((len = utf8_sequence((const unsigned char *)s + i, n - i)) == 0)
			return false;
	return true;
}

size_t
text_utf8_encode(uint32_t code, char *out)
{
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
		return 0;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

bool
text_is_id(const char *s)
{
	size_t i;

	if (!is_alpha(s[0]) && !is_digit(s[0]) && s[0] != '_')
		return false;
	for (i = 1; s[i] != '\0'; i++)
		if (i == TEXT_ID_MAX || (!is_alpha(s[i]) && !is_digit(s[i]) && strchr("_.:-", s[i]) == NULL))
			return false;
	return true;
}

bool
text_is_source_id(const char *s)
{
	size_t n = strlen(s), i;

	if (n == 0 || n > TEXT_SOURCE_ID_MAX || !text_utf8_valid(s, n))
		return false;
	for (i = 0; i < n; i++)
		if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
			return false;
	return true;
}

bool
text_is_env_name(const char *s)
{
	if (!is_alpha(*s) && *s != '_')
		return false;
	for (s++; *s != '\0'; s++)
		if (!is_alpha(*s) && !is_digit(*s) && *s != '_')
			return false;
	return true;
}

bool
text_is_currency(const char *s)
{
	size_t i;

	for (i = 0; i < 3; i++)
		if (s[i] < 'A' || s[i] > 'Z')
			return false;
	return s[3] == '\0';
}

bool
text_is_amount(const char *s)
{
	size_t n = 0, digits = 0, decimals = 0;

	n += s[0] == '-';
	for (; is_digit(s[n]); n++)
		digits += digits > 0 || s[n] != '0';
	if (!is_digit(n > 0 ? s[n - 1] : '-'))
		return false;
	if (s[n] == '.') {
		for (n++; is_digit(s[n]); n++)
			decimals++;
		if (decimals == 0)
			return false;
	}
	return s[n] == '\0' && decimals <= 8 && digits + decimals <= 18;
}

/* Without sign. */
static int
compare_sizes(const char *a, const char *b)
{
	size_t n, m;
	int d;

	a += strspn(a, "0");
	b += strspn(b, "0");
	n = strspn(a, "0123456789");
	m = strspn(b, "0123456789");
	if (n != m)
		return n < m ? -1 : 1;
	d = strncmp(a, b, n);
	if (d != 0)
		return d;
	a += n + (a[n] == '.');
	b += m + (b[m] == '.');
	/* Where one has ended the other may go on with zeros. */
	for (; *a != '\0' || *b != '\0'; a += *a != '\0', b += *b != '\0') {
		char x = *a != '\0' ? *a : '0', y = *b != '\0' ? *b : '0';

		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

int
text_amount_compare(const char *a, const char *b)
{
	if (a[0] == '-')
		return b[0] == '-' ? compare_sizes(b + 1, a + 1) : -1;
	return b[0] == '-' ? 1 : compare_sizes(a, b);
}

bool
text_is_locale(const char *s)
{
	size_t n, part;

	for (n = 0; s[n] >= 'a' && s[n] <= 'z'; n++)
		;
	if (n < 2 || n > 3)
		return false;
	while (s[n] == '-' || s[n] == '_') {
		for (part = 0, n++; is_alpha(s[n]) || is_digit(s[n]); n++)
			part++;
		if (part < 2 || part > 8)
			return false;
	}
	return s[n] == '\0';
}

/* A name (labels of letters, digits, '-', '_', or of other than ASCII), or an address in brackets. */
static int
check_host(const char *s, size_t n, struct err *err)
{
	size_t i, label = 0;

	if (n == 0)
		return err_set(err, 0, "it has no host");
	if (n > 253)
		return err_set(err, 0, "its host is longer than 253 bytes");
	if (s[0] == '[') {
		if (n < 4 || s[n - 1] != ']' || strspn(s + 1, "0123456789abcdefABCDEF:.") != n - 2)
			return err_set(err, 0, "its host is no address in brackets");
		return 0;
	}
	for (i = 0; i < n; i++) {
		if (s[i] == '.') {
			if (label == 0)
				return err_set(err, 0, "its host has an empty part");
			label = 0;
			continue;
		}
		if (!is_alpha(s[i]) && !is_digit(s[i]) && s[i] != '_' && (s[i] != '-' || label == 0) &&
		    (unsigned char)s[i] < 0x80)
			return err_set(err, 0, "its host has a '%c'", s[i]);
		if (++label > 63)
			return err_set(err, 0, "its host has a part longer than 63 bytes");
	}
	return 0;
}

static int
parse_port(const char *s, size_t n, struct text_url *url, struct err *err)
{
	unsigned port = 0;
	size_t i;

	for (i = 0; i < n && i < 6 && is_digit(s[i]); i++)
		port = port * 10 + (unsigned)(s[i] - '0');
	if (i != n || port == 0 || port > 65535)
		return err_set(err, 0, "its port is not a number from 1 to 65535");
	url->port = port;
	return 0;
}

/* The part between "//" and the path: [user@]host[:port]. */
static int
parse_authority(const char *s, size_t n, struct text_url *url, struct err *err)
{
	const char *end = s + n, *at = memrchr(s, '@', n), *colon;

	if (at != NULL)
		s = at + 1;
	if (s < end && *s == '[') {
		colon = memchr(s, ']', (size_t)(end - s));
		if (colon != NULL && ++colon < end && *colon != ':')
			return err_set(err, 0, "there is a '%c' behind its address in brackets", *colon);
	} else {
		colon = memchr(s, ':', (size_t)(end - s));
	}
	if (colon == NULL)
		colon = end;
	url->host = s;
	url->host_len = (size_t)(colon - s);
	if (check_host(url->host, url->host_len, err) == -1)
		return -1;
	/* "host:" without a number is the scheme's own port (RFC 3986). */
	return end - colon <= 1 ? 0 : parse_port(colon + 1, (size_t)(end - colon) - 1, url, err);
}

int
text_url_parse(const char *s, struct text_url *url, struct err *err)
{
	const char *p;

	for (p = s; *p != '\0'; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f || strchr("\"<>\\^`{|}", *p) != NULL)
			return err_set(err, 0, "it has a %s, which must be written as %%%02X",
			    *p == ' ' ? "blank" : "character that no URL has", (unsigned)(unsigned char)*p);
	*url = (struct text_url){ .port = 80 };
	if (strncasecmp(s, "https://", 8) == 0) {
		url->port = 443;
		s += 8;
	} else if (strncasecmp(s, "http://", 7) == 0) {
		s += 7;
	} else {
		return err_set(err, 0, "it does not begin with http:// or https://");
	}
	return parse_authority(s, strcspn(s, "/?#"), url, err);
}
