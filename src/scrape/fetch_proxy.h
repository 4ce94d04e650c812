/*
 * Which proxy a request goes through: the one that was told, or that of the
 * environment, as curl(1) has it (http_proxy in lower case only; https_proxy,
 * all_proxy, no_proxy in both).
 *
 *	struct fetch_proxy p;
 *
 *	fetch_proxy_init(&p, told);		told: NULL, "none", or a URL
 *	proxy = fetch_proxy_for(&p, &url);	"": none
 *	fetch_proxy_release(&p);
 *
 * Names are resolved by the proxy, with SOCKS, too: so socks5 becomes socks5h
 * and socks4 becomes socks4a. Which addresses may be asked for is its business
 * then; see fetch_url_is_private() for what can be known without it.
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_PROXY_H
#define TRAPEXIT_SCRAPE_FETCH_PROXY_H

#include <stdbool.h>

#include "scrape/fetch_url.h"

struct fetch_proxy {
	char *http, *https; /* owned; NULL: none */
	char *none; /* owned; hosts that are asked directly, NULL: none */
};

void fetch_proxy_init(struct fetch_proxy *p, const char *told);
void fetch_proxy_release(struct fetch_proxy *p);
const char *fetch_proxy_for(const struct fetch_proxy *p, const struct fetch_url *u);
/* A URL of scheme http, https or socks…, with a host, or "none". */
bool fetch_proxy_is_valid(const char *told);

#endif
