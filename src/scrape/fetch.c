#include "scrape/fetch.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "scrape/fetch_transfer.h"
#include "scrape/fetch_url.h"

#define WAIT_MAX_MS (INT64_C(3600) * 1000) /* before a host's limits are asked for again */

struct fetch {
	LIST_ENTRY(fetch) entry;
	struct fetcher *fetcher;
	fetch_hop_cb *host_hop;
	fetch_over_cb *host_over;
	fetch_done_cb *done;
	void *arg;
	char *etag, *last_modified, *validated_url; /* owned; NULL: none */
	struct fetch_url at;			    /* this hop's; all zero: the URL is none */
	unsigned redirects;
	char *moved_to; /* owned; NULL: no permanent redirect */
	bool moving;	/* all redirects up to here were permanent ones */
	struct transfer *transfer; /* NULL: this hop's request is not under way */
	struct event *timer;	   /* owned; NULL: not needed yet */
	const char *refusal;	   /* what the timer is to end the fetch with; NULL: it goes on */
	mono_t not_before;
	int64_t used_ms; /* by requests */
};

struct fetcher {
	struct fetch_options options;
	struct event_base *base; /* borrowed */
	struct transfers *transfers;
	LIST_HEAD(, fetch) running;
};

static void fetch_hop(struct fetch *fetch);

static void
fetch_free(struct fetch *fetch)
{
	LIST_REMOVE(fetch, entry);
	if (fetch->transfer != NULL)
		transfer_abort(fetch->transfer);
	if (fetch->timer != NULL)
		event_free(fetch->timer);
	fetch_url_release(&fetch->at);
	free(fetch->etag);
	free(fetch->last_modified);
	free(fetch->validated_url);
	free(fetch->moved_to);
	free(fetch);
}

/* The end: what it has come to, with what the chain knows of it. */
static void
fetch_finish(struct fetch *fetch, struct fetch_result *r)
{
	r->duration_ms = fetch->used_ms;
	r->host = r->http_status != 0 ? fetch->at.host : NULL;
	r->final_url = fetch->redirects > 0 ? fetch->at.text : NULL;
	r->moved_to = fetch->moved_to;
	if (r->not_modified && r->etag == NULL)
		r->etag = fetch->etag;
	if (r->not_modified && r->last_modified == NULL)
		r->last_modified = fetch->last_modified;
	fetch->done(r, fetch->arg);
	fetch_free(fetch);
}

static const struct {
	const char *reason, *detail;
} refusals[] = {
	{ "bad-url", "no http or https URL" },
	{ "refused", "its host is not to be asked" },
	{ "timeout", "its redirects have used all its time up" },
};

static void
fetch_refuse(struct fetch *fetch)
{
	struct fetch_result r = { .reason = fetch->refusal, .body = "" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(refusals); i++) {
		if (strcmp(refusals[i].reason, r.reason) == 0)
			snprintf(r.detail, sizeof(r.detail), "%s", refusals[i].detail);
	}
	r.passing = strcmp(r.reason, "timeout") == 0;
	fetch_finish(fetch, &r);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *fetch = arg;

	(void)fd;
	(void)what;
	if (fetch->refusal != NULL)
		fetch_refuse(fetch);
	else
		fetch_hop(fetch);
}

/* Go on from the loop, in so many ms. */
static void
fetch_wait(struct fetch *fetch, int64_t ms)
{
	struct timeval tv = { ms / 1000, ms % 1000 * 1000 };

	if (fetch->timer == NULL)
		fetch->timer = evtimer_new(fetch->fetcher->base, timer_cb, fetch);
	if (fetch->timer == NULL || evtimer_add(fetch->timer, &tv) == -1)
		fatalx("libevent: cannot wait");
}

/* No callback runs before the caller has the fetch. */
static void
refuse_later(struct fetch *fetch, const char *reason)
{
	fetch->refusal = reason;
	fetch_wait(fetch, 0);
}

/* Lead the fetch to where its answer points; false with the reason why not. */
static bool
follow(struct fetch *fetch, struct fetch_result *r, const char *location)
{
	bool permanent = r->http_status == 301 || r->http_status == 308;
	struct fetch_url next;

	r->passing = false;
	if (fetch->redirects == FETCH_REDIRECTS_MAX) {
		r->reason = "too-many-redirects";
		snprintf(r->detail, sizeof(r->detail), "more than %d redirects", FETCH_REDIRECTS_MAX);
		return false;
	}
	if (fetch_url_follow(&next, &fetch->at, location) == -1) {
		r->reason = "bad-url";
		snprintf(r->detail, sizeof(r->detail), "a redirect to what is no http or https URL: %.128s", location);
		return false;
	}
	if (r->retry_after_s > FETCH_REDIRECT_WAIT_MAX_S) {
		snprintf(r->detail, sizeof(r->detail), "a redirect that asks to wait for %d s", (int)r->retry_after_s);
		r->site_rest = r->passing = true;
		fetch_url_release(&next);
		return false;
	}
	fetch->not_before = mono_add_ms(mono_now(), r->retry_after_s * 1000);
	fetch->redirects++;
	fetch->moving = fetch->moving && permanent;
	fetch_url_release(&fetch->at);
	fetch->at = next;
	if (fetch->moving) {
		free(fetch->moved_to);
		fetch->moved_to = xstrdup(next.text);
	}
	return true;
}

static void
transferred_cb(struct fetch_result *r, const char *location, void *arg)
{
	struct fetch *fetch = arg;

	fetch->transfer = NULL;
	fetch->used_ms += r->duration_ms;
	if (fetch->host_over != NULL)
		fetch->host_over(fetch->at.host, fetch->arg);
	if (location != NULL && follow(fetch, r, location))
		fetch_hop(fetch);
	else
		fetch_finish(fetch, r);
}

/* This hop's request, unless time, host or rule are against it. */
static void
fetch_hop(struct fetch *fetch)
{
	struct fetcher *f = fetch->fetcher;
	struct transfer_request request = { .url = fetch->at.text,
		.timeout_ms = f->options.timeout_ms - fetch->used_ms,
		.max_body = f->options.max_body,
		.done = transferred_cb,
		.arg = fetch };
	int64_t ms = mono_diff_us(fetch->not_before, mono_now()) / US_PER_MS;

	if (request.timeout_ms <= 0) {
		refuse_later(fetch, "timeout");
		return;
	}
	if (ms <= 0)
		ms = fetch->host_hop != NULL ? fetch->host_hop(fetch->at.host, fetch->arg) : 0;
	if (ms < 0) {
		refuse_later(fetch, "refused");
	} else if (ms > 0) {
		fetch_wait(fetch, ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS);
	} else {
		if (fetch->validated_url != NULL && strcmp(fetch->validated_url, fetch->at.text) == 0) {
			request.etag = fetch->etag;
			request.last_modified = fetch->last_modified;
		}
		fetch->transfer = transfer_start(f->transfers, &request);
	}
}

static char *
copy(const char *text)
{
	return text != NULL ? xstrdup(text) : NULL;
}

/* What the validators belong to, as the hops are spelled. */
static void
take_validators(struct fetch *fetch, const struct fetch_request *request)
{
	struct fetch_url u;

	if ((request->etag == NULL && request->last_modified == NULL) ||
	    fetch_url_parse(&u, request->validated_url != NULL ? request->validated_url : request->url, true) == -1)
		return;
	fetch->etag = copy(request->etag);
	fetch->last_modified = copy(request->last_modified);
	fetch->validated_url = xstrdup(u.text);
	fetch_url_release(&u);
}

struct fetch *
fetch_start(struct fetcher *f, const struct fetch_request *request)
{
	struct fetch *fetch = xcalloc(1, sizeof(*fetch));

	fetch->fetcher = f;
	fetch->host_hop = request->host_hop;
	fetch->host_over = request->host_over;
	fetch->done = request->done;
	fetch->arg = request->arg;
	fetch->moving = true;
	LIST_INSERT_HEAD(&f->running, fetch, entry);
	take_validators(fetch, request);
	if (fetch_url_parse(&fetch->at, request->url, true) == -1)
		refuse_later(fetch, "bad-url");
	else
		fetch_hop(fetch);
	return fetch;
}

void
fetch_abort(struct fetch *fetch)
{
	fetch_free(fetch);
}

struct fetcher *
fetcher_new(struct event_base *base, const struct fetch_options *options, struct err *err)
{
	struct fetcher *f = xcalloc(1, sizeof(*f));

	LIST_INIT(&f->running);
	f->options = *options;
	f->base = base;
	f->transfers = transfers_new(base, &f->options, err);
	if (f->transfers != NULL)
		return f;
	free(f);
	return NULL;
}

void
fetcher_free(struct fetcher *f)
{
	struct fetch *fetch;

	if (f == NULL)
		return;
	while ((fetch = LIST_FIRST(&f->running)) != NULL)
		fetch_abort(fetch); /* NOLINT: it takes itself off the list */
	transfers_free(f->transfers);
	free(f);
}
