#include "scrape/fetch_proxy.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "base/attr.h"
#include "base/xalloc.h"

static const char *
env(const char *lower, const char *upper)
{
	const char *value = getenv(lower);

	if ((value == NULL || value[0] == '\0') && upper != NULL)
		value = getenv(upper);
	return value != NULL && value[0] != '\0' ? value : NULL;
}

/* With names left to the proxy. */
static char *
far_resolving(const char *proxy)
{
	static const struct {
		const char *scheme, *far;
	} schemes[] = { { "socks5://", "socks5h://" }, { "socks4://", "socks4a://" } };
	size_t i, n;

	if (proxy == NULL)
		return NULL;
	for (i = 0; i < ARRAY_LEN(schemes); i++) {
		n = strlen(schemes[i].scheme);
		if (strncasecmp(proxy, schemes[i].scheme, n) == 0)
			return xasprintf("%s%s", schemes[i].far, proxy + n);
	}
	return xstrdup(proxy);
}

void
fetch_proxy_init(struct fetch_proxy *p, const char *told)
{
	const char *all = env("all_proxy", "ALL_PROXY"), *http = env("http_proxy", NULL);
	const char *https = env("https_proxy", "HTTPS_PROXY"), *none = env("no_proxy", "NO_PROXY");

	memset(p, 0, sizeof(*p));
	if (told != NULL && strcmp(told, "none") == 0)
		return;
	if (told != NULL) {
		p->http = far_resolving(told);
		p->https = far_resolving(told);
		return;
	}
	p->http = far_resolving(http != NULL ? http : all);
	p->https = far_resolving(https != NULL ? https : all);
	p->none = none != NULL ? xstrdup(none) : NULL;
}

void
fetch_proxy_release(struct fetch_proxy *p)
{
	free(p->http);
	free(p->https);
	free(p->none);
	memset(p, 0, sizeof(*p));
}

/* Is the address in the net "10.0.0.0/8"? */
static bool
is_in_net(const char *name, const char *net)
{
	uint8_t a[16], b[16];
	char base[64];
	const char *slash = strchr(net, '/');
	size_t n = slash != NULL ? (size_t)(slash - net) : 0;
	int family = strchr(net, ':') != NULL ? AF_INET6 : AF_INET;
	unsigned long bits = slash != NULL ? strtoul(slash + 1, NULL, 10) : 0, whole = bits / 8, rest = bits % 8;

	if (n == 0 || n >= sizeof(base) || bits > (family == AF_INET ? 32 : 128))
		return false;
	memcpy(base, net, n);
	base[n] = '\0';
	if (inet_pton(family, name, a) != 1 || inet_pton(family, base, b) != 1 || memcmp(a, b, whole) != 0)
		return false;
	return rest == 0 || ((unsigned)a[whole] ^ b[whole]) >> (8 - rest) == 0;
}

/* One entry of no_proxy: a name with all below it, an address, or a net. */
static bool
is_excepted(const char *name, const char *entry)
{
	size_t n = strlen(name), m;

	entry += entry[0] == '.';
	m = strlen(entry);
	while (n > 0 && name[n - 1] == '.')
		n--;
	while (m > 0 && entry[m - 1] == '.')
		m--;
	if (m == 0 || strchr(entry, '/') != NULL)
		return m > 0 && is_in_net(name, entry);
	if (m == 1 && entry[0] == '*')
		return true;
	return n >= m && strncasecmp(name + n - m, entry, m) == 0 && (n == m || name[n - m - 1] == '.');
}

const char *
fetch_proxy_for(const struct fetch_proxy *p, const struct fetch_url *u)
{
	const char *proxy = u->https ? p->https : p->http;
	char *list, *entry, *rest;
	bool direct = proxy == NULL;

	if (direct || p->none == NULL)
		return direct ? "" : proxy;
	rest = list = xstrdup(p->none);
	while (!direct && (entry = strsep(&rest, ", \t")) != NULL)
		direct = is_excepted(u->name, entry);
	free(list);
	return direct ? "" : proxy;
}

bool
fetch_proxy_is_valid(const char *told)
{
	static const char *const schemes[] = { "http", "https", "socks4", "socks4a", "socks5", "socks5h" };
	CURLU *u = curl_url();
	char *scheme = NULL;
	bool valid = strcmp(told, "none") == 0;
	size_t i;

	if (u != NULL && curl_url_set(u, CURLUPART_URL, told, CURLU_NON_SUPPORT_SCHEME) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
		for (i = 0; i < ARRAY_LEN(schemes); i++)
			valid = valid || strcmp(scheme, schemes[i]) == 0;
	}
	curl_free(scheme);
	curl_url_cleanup(u);
	return valid;
}
