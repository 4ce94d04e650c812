/*
 * Fetching pages: libcurl's multi interface on libevent.
 *
 *	struct fetcher *f = fetcher_new(base, &options, &err);
 *
 *	fetch = fetch_start(f, url, done_cb, arg);	 done_cb runs once, later
 *	fetch_abort(fetch);				 then it does not run
 *	fetcher_free(f);
 *
 * Connections are kept and reused; HTTP/2 is spoken where TLS offers it.
 * Content codings are undone; the bound of a body counts decoded bytes (P34,
 * P38). Redirects lead to http and https only, five at most (P53). What a
 * callback is given lives until it returns.
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

#define FETCH_REDIRECTS_MAX 5
#define FETCH_RETRY_AFTER_MAX_S 86400 /* P51 */

struct fetch_options {
	const char *user_agent; /* borrowed for the life of the fetcher */
	int64_t timeout_ms;
	uint64_t max_body;
	bool allow_private; /* P53 */
};

struct fetch_result {
	const char *reason; /* NULL: there is a page; else stable text: "timeout", "http-404" */
	bool passing; /* worth another try soon: no connection, 5xx (P51) */
	long http_status; /* 0: none */
	const char *content_type; /* NULL: none */
	const char *body;
	size_t len;
	int64_t duration_ms;
	int64_t retry_after_s; /* P51; 0: not said */
	char detail[256]; /* for people */
};

typedef void fetch_done_cb(const struct fetch_result *result, void *arg);

struct fetcher *fetcher_new(struct event_base *base, const struct fetch_options *options, struct err *err);
void fetcher_free(struct fetcher *f);
struct fetch *fetch_start(struct fetcher *f, const char *url, fetch_done_cb *done, void *arg);
void fetch_abort(struct fetch *fetch);
/*
 * "host:port" of an http or https URL, in lower case, the port left out where
 * it is the scheme's own; allocated. NULL if it is none.
 */
char *fetch_host(const char *url);

#endif
