#include "scrape/fetch_url.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/xalloc.h"
#include "scrape/address.h"
#include "scrape/fetch.h"

#define PLAIN_MAX 4096 /* bytes of a URL that is looked at by ourselves */

/* The whole URL in libcurl's own spelling, owned by libcurl; NULL if it is no http or https URL. */
static char *
normal_text(CURLU *u)
{
	char *scheme = NULL, *out = NULL;

	if (curl_url_set(u, CURLUPART_FRAGMENT, NULL, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
	    (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0) &&
	    curl_url_get(u, CURLUPART_URL, &out, CURLU_NO_DEFAULT_PORT | CURLU_PUNYCODE) != CURLUE_OK)
		out = NULL;
	curl_free(scheme);
	return out;
}

static void
lower(char *p, const char *end)
{
	for (; p < end; p++) {
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p - 'A' + 'a');
	}
}

/* The host without its port and, of an IPv6 address, brackets and zone. */
static char *
name_of(const char *host)
{
	if (host[0] == '[')
		return xstrndup(host + 1, strcspn(host + 1, "]%"));
	return xstrndup(host, strcspn(host, ":"));
}

static int
take_apart(struct fetch_url *u, CURLU *from)
{
	char *normal = normal_text(from), *host, *at;
	size_t n;

	memset(u, 0, sizeof(*u));
	if (normal == NULL)
		return -1;
	u->text = xstrdup(normal);
	curl_free(normal);
	u->https = strncmp(u->text, "https:", 6) == 0;
	host = strstr(u->text, "://") + 3; /* NOLINT: libcurl has put it there */
	n = strcspn(host, "/?#");
	u->path = host + n;
	at = memrchr(host, '@', n); /* behind a name and a password */
	if (at != NULL) {
		n -= (size_t)(at + 1 - host);
		host = at + 1;
	}
	lower(host, host + n);
	u->origin = xasprintf("%s://%.*s", u->https ? "https" : "http", (int)n, host);
	u->host = strstr(u->origin, "://") + 3;
	u->name = name_of(u->host);
	if (u->name[0] != '\0')
		return 0;
	fetch_url_release(u);
	return -1;
}

/* "10.0.0.1" as libcurl would write it, and nothing that it would read as such. */
static bool
is_dotted_quad(const char *p, size_t n)
{
	size_t i, digits = 0, parts = 1;
	unsigned value = 0;

	for (i = 0; i < n; i++) {
		if (p[i] == '.') {
			if (digits == 0 || ++parts > 4)
				return false;
			digits = value = 0;
		} else {
			value = 10 * value + (unsigned)(p[i] - '0');
			if (p[i] < '0' || p[i] > '9' || value > 255 || (digits > 0 && value < 10))
				return false;
			digits++;
		}
	}
	return parts == 4 && digits > 0;
}

static bool
is_plain_name(const char *p, size_t n)
{
	size_t i;

	if (n == 0 || p[0] == '.' || p[n - 1] == '.')
		return false;
	if (p[0] >= '0' && p[0] <= '9')
		return is_dotted_quad(p, n);
	for (i = 0; i < n; i++) {
		if (!(p[i] >= 'a' && p[i] <= 'z') && !(p[i] >= '0' && p[i] <= '9') && p[i] != '-' &&
		    (p[i] != '.' || p[i + 1] == '.'))
			return false;
	}
	return true;
}

/* ":8080", not the scheme's own. */
static bool
is_plain_port(const char *p, size_t n, bool https)
{
	unsigned long port = 0;
	size_t i;

	if (n < 2 || n > 6 || p[1] == '0')
		return false;
	for (i = 1; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		port = 10 * port + (unsigned long)(p[i] - '0');
	}
	return port <= UINT16_MAX && port != (https ? 443 : 80);
}

/*
 * Most URLs are spelled already as libcurl spells them. Those are taken as they are: for 100,000 sources, and once
 * more for each fetch, libcurl's look at them takes longer than the rest that is done for a request.
 */
static bool
take_plain(struct fetch_url *u, const char *text)
{
	static const char in_path[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/?=&+,;:@!$()*";
	size_t len = strlen(text), scheme, n, name_len;
	const char *host;

	u->https = strncmp(text, "https://", 8) == 0;
	if (len > PLAIN_MAX || (!u->https && strncmp(text, "http://", 7) != 0))
		return false;
	scheme = u->https ? 8 : 7;
	host = text + scheme;
	n = strcspn(host, "/?#@");
	name_len = strcspn(host, ":/?#@");
	if (host[n] != '/' || host[n + strspn(host + n, in_path)] != '\0' || strstr(host + n, "/.") != NULL ||
	    text[len - 1] == '?' || !is_plain_name(host, name_len) ||
	    (name_len < n && !is_plain_port(host + name_len, n - name_len, u->https)))
		return false;
	u->text = xstrndup(text, len);
	u->path = u->text + scheme + n;
	u->origin = xstrndup(text, scheme + n);
	u->host = u->origin + scheme;
	u->name = xstrndup(host, name_len);
	return true;
}

int
fetch_url_parse(struct fetch_url *u, const char *text, bool guess)
{
	CURLU *parts;
	int result = -1;

	if (take_plain(u, text))
		return 0;
	parts = curl_url();
	if (parts != NULL && curl_url_set(parts, CURLUPART_URL, text, guess ? CURLU_GUESS_SCHEME : 0) == CURLUE_OK)
		result = take_apart(u, parts);
	curl_url_cleanup(parts);
	return result;
}

int
fetch_url_follow(struct fetch_url *u, const struct fetch_url *from, const char *location)
{
	CURLU *parts = curl_url();
	int result = -1;

	/* Servers write blanks and letters there that a URL has encoded only. */
	if (parts != NULL && curl_url_set(parts, CURLUPART_URL, from->text, 0) == CURLUE_OK &&
	    curl_url_set(parts, CURLUPART_URL, location, CURLU_URLENCODE | CURLU_ALLOW_SPACE) == CURLUE_OK)
		result = take_apart(u, parts);
	curl_url_cleanup(parts);
	return result;
}

void
fetch_url_release(struct fetch_url *u)
{
	free(u->text);
	free(u->origin);
	free(u->name);
	memset(u, 0, sizeof(*u));
}

bool
fetch_url_is_private(const struct fetch_url *u)
{
	static const char localhost[] = "localhost";
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	char name[256];
	size_t n = strlen(u->name);

	while (n > 0 && u->name[n - 1] == '.')
		n--;
	if (n >= sizeof(name))
		return false;
	memcpy(name, u->name, n);
	name[n] = '\0';
	if (inet_pton(AF_INET, name, &in.sin_addr) == 1)
		return address_is_private((struct sockaddr *)&in);
	if (inet_pton(AF_INET6, name, &in6.sin6_addr) == 1)
		return address_is_private((struct sockaddr *)&in6);
	if (n < sizeof(localhost) - 1 || strcmp(name + n - (sizeof(localhost) - 1), localhost) != 0)
		return false;
	return n == sizeof(localhost) - 1 || name[n - sizeof(localhost)] == '.';
}

char *
fetch_host(const char *url)
{
	struct fetch_url u;
	char *host;

	if (fetch_url_parse(&u, url, false) == -1)
		return NULL;
	host = xstrdup(u.host);
	fetch_url_release(&u);
	return host;
}
