/*
 * One request over HTTP and its answer; no redirect is followed. The part of
 * fetch.h that knows libcurl.
 *
 *	struct transfers *all = transfers_new(base, &options, &err);
 *
 *	t = transfer_start(all, &request);	the request's `done` runs once, later, from the loop
 *	transfer_abort(t);			then it does not run
 *	transfers_free(all);
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_TRANSFER_H
#define TRAPEXIT_SCRAPE_FETCH_TRANSFER_H

#include "scrape/fetch.h"

#define TRANSFER_HEADERS_MAX (256u << 10) /* bytes of an answer's header, with all that come before it */

struct transfer;
struct transfers;

/* `location` is that of a redirect, as it was written; else NULL. Reasons are as in fetch_result. */
typedef void transfer_done_cb(struct fetch_result *result, const char *location, void *arg);

struct transfer_request {
	const char *url;
	const char *proxy; /* "": none */
	const char *etag, *last_modified; /* P50: If-None-Match, else If-Modified-Since; NULL: none */
	int64_t timeout_ms;
	uint64_t max_body;
	bool cut; /* a longer body is cut, and no error */
	transfer_done_cb *done;
	void *arg;
};

/* The options are borrowed for life. */
struct transfers *transfers_new(struct event_base *base, const struct fetch_options *options, struct err *err);
void transfers_free(struct transfers *all);
struct transfer *transfer_start(struct transfers *all, const struct transfer_request *request);
void transfer_abort(struct transfer *t);

#endif
