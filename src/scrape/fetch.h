/*
 * Fetching pages: libcurl's multi interface on libevent.
 *
 *	struct fetcher *f = fetcher_new(base, &options, &err);
 *
 *	fetch = fetch_start(f, &(struct fetch_request){ .url = url, .done = done_cb, .arg = arg });
 *							 done_cb runs once, later, from the loop
 *	fetch_abort(fetch);				 then it does not run
 *	fetcher_free(f);
 *
 * A fetch is a chain of hops: redirects (301, 302, 303, 307, 308) are followed
 * here and not by libcurl, five at most, to http and https only (P53), also
 * from https to http, which the rule allows and `final_url` shows. Each hop
 * asks anew: is that address allowed (P53), what does that origin's robots.txt
 * say (P47), and when may that host be asked (host_hop; P49). A robots.txt that
 * is not known is fetched first, once for all that wait for it, as a request
 * of its host like others. The time of a fetch is that of its requests; what a
 * hop waits for does not count.
 *
 * Connections are kept and reused; HTTP/2 is spoken where TLS offers it.
 * Cookies live as long as the fetcher, in memory. Content codings are undone;
 * the bound of a body counts decoded bytes (P34, P38). No Referer is sent.
 * TLS is verified, always (P51). Through a proxy only names that are private
 * addresses themselves are refused, as it is the proxy that resolves them. What a callback is given lives until it
 * returns; a request is copied.
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_H
#define TRAPEXIT_SCRAPE_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct event_base;
struct fetch;
struct fetcher;

#define FETCH_REDIRECTS_MAX 5 /* P53 */
#define FETCH_RETRY_AFTER_MAX_S 86400 /* P51 */
#define FETCH_REDIRECT_WAIT_MAX_S 60 /* that a Retry-After of a redirect is waited for in the chain */

/* What was learnt of an origin's robots.txt, for fetch_robots_restore(): JSON. */
typedef void fetch_state_cb(const char *origin, const char *value, void *arg);

struct fetch_options {
	const char *user_agent; /* NULL: our own, with the contact (P54) */
	const char *contact;	/* a URL or an address; NULL: none */
	int64_t timeout_ms;
	uint64_t max_body;
	bool allow_private; /* P53 */
	const char *proxy;  /* as in fetch_proxy.h; NULL: the environment's */
	const char *cacert; /* whom to trust, in PEM, and nobody else; NULL: SSL_CERT_FILE, SSL_CERT_DIR, the system */
	bool robots;	    /* obey robots.txt (P47) */
	fetch_state_cb *robots_state; /* NULL: nobody keeps it */
	void *robots_arg;
};

struct fetch_result {
	const char *reason; /* NULL: there is a page, or it is not modified; else stable text: "timeout", "http-404" */
	bool passing; /* worth another try soon: no connection, 5xx (P51) */
	bool not_modified; /* 304 to the validators of the request (P50): a success without a body */
	bool site_rest; /* 429, 503: `host` wants rest (P51) */
	long http_status; /* 0: none */
	const char *host; /* who said this, as fetch_host(); NULL: nobody */
	const char *content_type; /* NULL: none */
	const char *body;
	size_t len;
	int64_t duration_ms; /* of the requests, without what they waited for */
	int64_t retry_after_s; /* P51; 0: not said */
	const char *etag, *last_modified; /* validators for the next request (P50); NULL: none */
	const char *final_url; /* where redirects have led, and what the validators belong to; NULL: the request's URL */
	const char *robots_line; /* of reason "robots": the line that forbids it, with its number; NULL otherwise */
	int64_t crawl_delay_ms;	 /* that `host`, or the host that was not asked, wants (P48); 0: none; -1: not known */
	const char *moved_to; /* a permanent redirect's end: for people to see, not to adopt (P53); NULL: none */
	char detail[256]; /* for people */
};

typedef void fetch_done_cb(const struct fetch_result *result, void *arg);
/*
 * Asked, from the loop or from fetch_start(), before each request to a host ("host:port", as fetch_host() has it).
 * 0: it goes now, and is that host's request; more: ask again in so many ms;
 * -1: not soon (reason "refused").
 */
typedef int64_t fetch_hop_cb(const char *host, void *arg);
/*
 * The request that host_hop let go, the last one, was for a robots.txt, and is
 * over: what follows to this host is another request. (Redirects within a host
 * and the page that they lead to are one.)
 */
typedef void fetch_over_cb(const char *host, void *arg);

struct fetch_request {
	const char *url;
	const char *etag, *last_modified; /* P50: If-None-Match, else If-Modified-Since; NULL: unconditional */
	const char *validated_url; /* what these belong to, a result's final_url; they go nowhere else. NULL: `url` */
	fetch_hop_cb *host_hop;	   /* NULL: no host has limits */
	fetch_over_cb *robots_over; /* NULL: not told */
	fetch_done_cb *done;
	void *arg;
};

/* What the options point to must live until this returns, no longer. */
struct fetcher *fetcher_new(struct event_base *base, const struct fetch_options *options, struct err *err);
void fetcher_free(struct fetcher *f);
struct fetch *fetch_start(struct fetcher *f, const struct fetch_request *request);
void fetch_abort(struct fetch *fetch);
/* What a predecessor's robots_state was told. */
void fetch_robots_restore(struct fetcher *f, const char *origin, const char *value, size_t len);
/* The Crawl-delay of a host ("host:port") in ms; 0: it has none; -1: it is not known (P48). */
int64_t fetch_crawl_delay(const struct fetcher *f, const char *host);
/* "trapexit/0.1", the User-Agent without a contact. */
const char *fetch_user_agent(void);
/*
 * "host:port" of an http or https URL, in lower case, the port left out where
 * it is the scheme's own; allocated. NULL if it is none.
 */
char *fetch_host(const char *url);

#endif
