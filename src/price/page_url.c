#include "price/page_url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/hex.h"
#include "price/markup.h"

#define SKU_MIN 3 /* shorter ones are parts of anything */
#define NAME_MIN 4

struct parts {
	struct slice host, path, query;
};

static struct slice
until(struct slice s, const char *stops)
{
	size_t n = 0;

	while (n < s.len && strchr(stops, s.p[n]) == NULL)
		n++;
	return (struct slice){ s.p, n };
}

static struct slice
after(struct slice s, size_t n)
{
	return (struct slice){ s.p + n, s.len - n };
}

static bool
begins(struct slice s, const char *text)
{
	size_t n = strlen(text);

	return s.len >= n && strncasecmp(s.p, text, n) == 0;
}

/* Host without www. and port; path without slashes at its end; no fragment. */
static struct parts
split(const char *url, size_t len)
{
	struct parts parts = { { NULL, 0 }, { NULL, 0 }, { NULL, 0 } };
	struct slice s = until((struct slice){ url, len }, "#");

	if (begins(s, "https:"))
		s = after(s, 6);
	else if (begins(s, "http:"))
		s = after(s, 5);
	if (begins(s, "//")) {
		s = after(s, 2);
		parts.host = until(s, "/?:");
		s = after(s, until(s, "/?").len);
		if (begins(parts.host, "www."))
			parts.host = after(parts.host, 4);
	}
	parts.path = until(s, "?");
	s = after(s, parts.path.len);
	if (s.len > 0)
		parts.query = after(s, 1);
	while (parts.path.len > 0 && parts.path.p[parts.path.len - 1] == '/')
		parts.path.len--;
	return parts;
}

static bool
same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

/* The next byte of a path, escaped or not. */
static int
next_byte(struct slice *s)
{
	unsigned char c = (unsigned char)s->p[0];

	if (c == '%' && s->len >= 3 && hex_value(s->p[1]) >= 0 && hex_value(s->p[2]) >= 0) {
		c = (unsigned char)(hex_value(s->p[1]) * 16 + hex_value(s->p[2]));
		*s = after(*s, 3);
	} else {
		*s = after(*s, 1);
	}
	return c;
}

static bool
same_path(struct slice a, struct slice b)
{
	while (a.len > 0 && b.len > 0) {
		if (next_byte(&a) != next_byte(&b))
			return false;
	}
	return a.len == 0 && b.len == 0;
}

static struct slice
last_part(struct slice path)
{
	size_t n = path.len;

	while (n > 0 && path.p[n - 1] != '/')
		n--;
	return after(path, n);
}

/* Does the query have this part, as a whole? */
static bool
query_has(struct slice query, struct slice part)
{
	while (query.len > 0) {
		struct slice one = until(query, "&");

		if (same(one, part))
			return true;
		query = after(query, one.len + (one.len < query.len));
	}
	return false;
}

/* The same parameters, and maybe some more that tell where the visitor comes from. */
static bool
is_asked(struct slice page, struct slice query)
{
	if (query.len == 0)
		return page.len == 0;
	while (query.len > 0) {
		struct slice one = until(query, "&");

		if (!query_has(page, one))
			return false;
		query = after(query, one.len + (one.len < query.len));
	}
	return true;
}

enum url_match
url_match(const char *page, const char *url, size_t len)
{
	struct parts a, b;
	struct slice name;

	/* "#product" says nothing of which page it is on. */
	if (page == NULL || len == 0 || url[0] == '#')
		return URL_OTHER;
	a = split(page, strlen(page));
	b = split(url, len);
	if (b.host.p != NULL && (a.host.len != b.host.len || strncasecmp(a.host.p, b.host.p, b.host.len) != 0))
		return URL_OTHER;
	/* Relative to the page's folder: its last part is what can be compared. */
	if (b.host.p == NULL && b.path.len > 0 && b.path.p[0] != '/')
		a.path = last_part(a.path);
	if (same_path(a.path, b.path))
		return is_asked(a.query, b.query) ? URL_EXACT : URL_PATH;
	name = last_part(b.path);
	return name.len >= NAME_MIN && same_path(last_part(a.path), name) ? URL_NAME : URL_OTHER;
}

bool
url_has_sku(const char *page, const char *sku, size_t len)
{
	struct parts parts;
	struct slice rest;
	size_t i;

	if (page == NULL || len < SKU_MIN)
		return false;
	parts = split(page, strlen(page));
	rest = (struct slice){ parts.path.p, parts.path.len + (parts.query.p != NULL ? parts.query.len + 2 : 0) };
	if (rest.p == NULL)
		return false;
	rest.len = strcspn(rest.p, "#") < rest.len ? strcspn(rest.p, "#") : rest.len;
	for (i = 0; i + len <= rest.len; i++) {
		if (strncasecmp(rest.p + i, sku, len) == 0 && (i == 0 || !isalnum((unsigned char)rest.p[i - 1])) &&
		    (i + len == rest.len || !isalnum((unsigned char)rest.p[i + len])))
			return true;
	}
	return false;
}

static bool
two_letters(struct slice s)
{
	return s.len >= 2 && isalpha((unsigned char)s.p[0]) && isalpha((unsigned char)s.p[1]);
}

/* A part of the path like de-ch or en_GB. */
static bool
find_locale(struct slice path, struct slice *locale)
{
	while (path.len > 0) {
		struct slice part;

		path = path.p[0] == '/' ? after(path, 1) : path;
		part = until(path, "/");
		if (part.len == 5 && two_letters(part) && (part.p[2] == '-' || part.p[2] == '_') &&
		    two_letters(after(part, 3))) {
			*locale = part;
			return true;
		}
		path = after(path, part.len);
	}
	return false;
}

bool
url_country(const char *url, char country[3])
{
	/* Domains of countries that everybody uses. */
	static const char *const generic[] = { "io", "co", "tv", "me", "ai", "cc", "ly", "fm", "to", "ws", "eu", "gg",
		"sh", "la", "vc", "st", "am", "nu" };
	struct parts parts;
	struct slice found;
	size_t i;

	if (url == NULL)
		return false;
	parts = split(url, strlen(url));
	found = parts.host;
	while (found.len > 0 && memchr(found.p, '.', found.len) != NULL)
		found = after(found, (size_t)((const char *)memchr(found.p, '.', found.len) - found.p) + 1);
	if (found.len == 2 && two_letters(found) && found.len < parts.host.len) {
		for (i = 0; i < ARRAY_LEN(generic) && !slice_is(found, generic[i]); i++)
			;
		if (i < ARRAY_LEN(generic))
			found.len = 0;
	} else {
		found.len = 0;
	}
	if (found.len == 0) {
		if (!find_locale(parts.path, &found))
			return false;
		found = after(found, 3);
	}
	country[0] = (char)toupper((unsigned char)found.p[0]);
	country[1] = (char)toupper((unsigned char)found.p[1]);
	country[2] = '\0';
	if (strcmp(country, "UK") == 0)
		memcpy(country, "GB", 2);
	return true;
}

bool
url_language(const char *url, char language[3])
{
	struct slice found;

	if (url == NULL || !find_locale(split(url, strlen(url)).path, &found))
		return false;
	language[0] = (char)tolower((unsigned char)found.p[0]);
	language[1] = (char)tolower((unsigned char)found.p[1]);
	language[2] = '\0';
	return true;
}

const char *
url_language_of(const char country[3])
{
	static const char pairs[][6] = { "AT de", "BE nl", "BG bg", "BR pt", "CH de", "CN zh", "CZ cs", "DE de", "DK da",
		"EE et", "ES es", "FI fi", "FR fr", "GR el", "HR hr", "HU hu", "ID id", "IT it", "JP ja", "KR ko", "LT lt",
		"LU fr", "LV lv", "NL nl", "NO nb", "PL pl", "PT pt", "RO ro", "RS sr", "RU ru", "SE sv", "SI sl", "SK sk",
		"TR tr", "TW zh", "UA uk", "VN vi", "GB en", "US en", "IE en", "AU en", "NZ en", "CA en", "IN en",
		"ZA en", "MX es", "AR es", "CL es", "CO es", "PE es" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(pairs); i++) {
		if (memcmp(pairs[i], country, 2) == 0)
			return pairs[i] + 3;
	}
	return "und";
}
