#include "config.h"

#include "scrape/fetch.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "scrape/fetch_private.h"

#define WAIT_MAX_MS (INT64_C(3600) * 1000) /* before a host's limits are asked for again */

static void
fetch_free(struct fetch *fetch)
{
	LIST_REMOVE(fetch, entry);
	fetch_robots_leave(fetch);
	if (fetch->transfer != NULL)
		transfer_abort(fetch->transfer);
	if (fetch->timer != NULL)
		event_free(fetch->timer);
	fetch_url_release(&fetch->at);
	free(fetch->etag);
	free(fetch->last_modified);
	free(fetch->validated_url);
	free(fetch->moved_to);
	free(fetch->refusal.robots_line);
	free(fetch);
}

void
fetch_finish(struct fetch *fetch, struct fetch_result *r)
{
	const char *delay_of;

	r->duration_ms = fetch->used_ms;
	if (r->host == NULL && r->http_status != 0)
		r->host = fetch->at.host;
	delay_of = r->host != NULL ? r->host : fetch->at.host;
	r->final_url = fetch->redirects > 0 ? fetch->at.text : NULL;
	r->moved_to = fetch->moved_to;
	r->crawl_delay_ms = delay_of != NULL ? fetch_crawl_delay(fetch->fetcher, delay_of) : -1;
	if (r->not_modified && r->etag == NULL)
		r->etag = fetch->etag;
	if (r->not_modified && r->last_modified == NULL)
		r->last_modified = fetch->last_modified;
	fetch->done(r, fetch->arg);
	fetch_free(fetch);
}

static void
end_refused(struct fetch *fetch)
{
	const struct fetch_refusal *refusal = &fetch->refusal;
	struct fetch_result r = { .reason = refusal->reason, .body = "", .robots_line = refusal->robots_line };

	snprintf(r.detail, sizeof(r.detail), "%s", refusal->detail);
	r.passing = refusal->passing;
	fetch_finish(fetch, &r);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct fetch *fetch = arg;

	(void)fd;
	(void)what;
	if (fetch->refusal.reason[0] != '\0')
		end_refused(fetch);
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
refuse_later(struct fetch *fetch, const char *reason, const char *detail)
{
	snprintf(fetch->refusal.reason, sizeof(fetch->refusal.reason), "%s", reason);
	snprintf(fetch->refusal.detail, sizeof(fetch->refusal.detail), "%s", detail);
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
	fetch->permitted = false;
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
	if (location != NULL && follow(fetch, r, location))
		fetch_hop(fetch);
	else
		fetch_finish(fetch, r);
}

static void
fetch_transfer(struct fetch *fetch, int64_t timeout_ms)
{
	struct fetcher *f = fetch->fetcher;
	struct transfer_request request = { .url = fetch->at.text,
		.proxy = fetch_proxy_for(&f->proxy, &fetch->at),
		.timeout_ms = timeout_ms,
		.max_body = fetch->asks != NULL ? FETCH_ROBOTS_BODY : f->options.max_body,
		.cut = fetch->asks != NULL,
		.done = transferred_cb,
		.arg = fetch };

	if (request.proxy[0] != '\0' && !f->options.allow_private && fetch_url_is_private(&fetch->at)) {
		refuse_later(fetch, "private-address", "a loopback, private or link-local address");
		return;
	}
	if (fetch->validated_url != NULL && strcmp(fetch->validated_url, fetch->at.text) == 0) {
		request.etag = fetch->etag;
		request.last_modified = fetch->last_modified;
	}
	fetch->transfer = transfer_start(f->transfers, &request);
}

/* May this hop go, by its origin's robots.txt? If not, or not yet, all else is arranged. */
static bool
is_permitted(struct fetch *fetch)
{
	if (fetch->permitted || fetch->asks != NULL || fetch->fetcher->robots == NULL)
		return true;
	switch (fetch_robots_gate(fetch)) {
	case FETCH_GATE_OPEN:
		fetch->permitted = true;
		return true;
	case FETCH_GATE_SHUT:
		fetch_wait(fetch, 0);
		break;
	case FETCH_GATE_ASKS:
		break;
	}
	return false;
}

/* This hop's request, unless time, rules or host are against it. */
void
fetch_hop(struct fetch *fetch)
{
	int64_t timeout_ms = fetch->fetcher->options.timeout_ms - fetch->used_ms;
	int64_t ms = mono_diff_us(fetch->not_before, mono_now()) / US_PER_MS;

	if (timeout_ms <= 0) {
		fetch->refusal.passing = true;
		refuse_later(fetch, "timeout", "its redirects have used all its time up");
		return;
	}
	if (!is_permitted(fetch))
		return;
	if (ms <= 0)
		ms = fetch->host_hop != NULL ? fetch->host_hop(fetch->at.host, fetch->arg) : 0;
	if (ms < 0) {
		fetch->refusal.passing = true;
		refuse_later(fetch, "refused", "its host is not to be asked now");
	} else if (ms > 0) {
		fetch_wait(fetch, ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS);
	} else {
		fetch_transfer(fetch, timeout_ms);
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
fetch_new(struct fetcher *f, const struct fetch_request *request)
{
	struct fetch *fetch = xcalloc(1, sizeof(*fetch));

	fetch->fetcher = f;
	fetch->host_hop = request->host_hop;
	fetch->robots_over = request->robots_over;
	fetch->done = request->done;
	fetch->arg = request->arg;
	fetch->moving = true;
	LIST_INSERT_HEAD(&f->running, fetch, entry);
	take_validators(fetch, request);
	return fetch;
}

void
fetch_begin(struct fetch *fetch, const char *url)
{
	if (fetch_url_parse(&fetch->at, url, true) == -1)
		refuse_later(fetch, "bad-url", "no http or https URL");
	else
		fetch_hop(fetch);
}

struct fetch *
fetch_start(struct fetcher *f, const struct fetch_request *request)
{
	struct fetch *fetch = fetch_new(f, request);

	fetch_begin(fetch, request->url);
	return fetch;
}

void
fetch_abort(struct fetch *fetch)
{
	fetch_free(fetch);
}

const char *
fetch_user_agent(void)
{
	return "trapexit/" PACKAGE_VERSION;
}

/* P54: who we are, and where we are found. */
static char *
user_agent_of(const struct fetch_options *o)
{
	if (o->user_agent != NULL)
		return xstrdup(o->user_agent);
	return o->contact != NULL ? xasprintf("%s (+%s)", fetch_user_agent(), o->contact) : xstrdup(fetch_user_agent());
}

struct fetcher *
fetcher_new(struct event_base *base, const struct fetch_options *options, struct err *err)
{
	struct fetcher *f = xcalloc(1, sizeof(*f));

	LIST_INIT(&f->running);
	f->options = *options;
	f->user_agent = user_agent_of(options);
	f->options.user_agent = f->user_agent;
	f->base = base;
	f->transfers = transfers_new(base, &f->options, err);
	if (f->transfers == NULL) {
		free(f->user_agent);
		free(f);
		return NULL;
	}
	fetch_proxy_init(&f->proxy, options->proxy);
	if (options->robots)
		fetch_robots_init(f);
	return f;
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
	robots_cache_free(f->robots);
	fetch_proxy_release(&f->proxy);
	free(f->user_agent);
	free(f);
}
