#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "scrape/fetch_private.h"

/* A robots.txt under way, and all that wait for it. */
struct fetch_asking {
	struct fetcher *fetcher;
	struct robots_origin *origin; /* borrowed: the cache keeps it meanwhile */
	struct fetch *fetch;	      /* NULL: it is answered */
	TAILQ_HEAD(, fetch) waiters;
};

void
fetch_robots_init(struct fetcher *f)
{
	char *token = robots_token(f->options.user_agent);

	f->robots = robots_cache_new(token);
	free(token);
}

/* Nobody asks for himself: the request is one of him who has waited longest. */
static int64_t
hop_cb(const char *host, void *arg)
{
	struct fetch_asking *asking = arg;
	struct fetch *first = TAILQ_FIRST(&asking->waiters);

	return first->host_hop != NULL ? first->host_hop(host, first->arg) : 0;
}

static void
tell_state(const struct fetcher *f, const struct robots_origin *o)
{
	struct buf value = BUF_INIT(0);

	if (f->options.robots_state == NULL)
		return;
	robots_cache_put_state(f->robots, o, &value);
	f->options.robots_state(o->name, value.data, f->options.robots_arg);
	buf_release(&value);
}

static void
learn(struct fetch_asking *asking, const struct fetch_result *r)
{
	struct robots_answer answer = { .status = r->http_status,
		.why = r->reason,
		.body = r->body,
		.len = r->len,
		.retry_after_s = r->retry_after_s };

	if (r->reason != NULL && r->http_status < 300)
		answer.status = 0; /* a body that is cut off is none */
	robots_cache_learn(asking->fetcher->robots, asking->origin, &answer, wall_ms());
	tell_state(asking->fetcher, asking->origin);
}

/*
 * What is left of the answer for a fetch that must end with it: who gave it
 * rests by it, too, as by that of a page (P51).
 */
static void
end_waiter(struct fetch *fetch, const struct fetch_result *r)
{
	struct fetch_result mine = { .reason = r->reason,
		.passing = r->passing,
		.site_rest = r->site_rest,
		.host = r->site_rest ? r->host : NULL,
		.retry_after_s = r->retry_after_s,
		.body = "" };
	char line[64];

	snprintf(mine.detail, sizeof(mine.detail), "robots.txt: %.200s", r->detail);
	if (r->http_status >= 500) {
		snprintf(line, sizeof(line), "robots.txt: %s", r->reason);
		mine.reason = "robots";
		mine.robots_line = line;
	}
	fetch_finish(fetch, &mine);
}

/*
 * The robots.txt is there, or is not. Who says 429, or who is not to be asked
 * now, has told nothing of it: it will be asked for again.
 */
static void
asked_cb(const struct fetch_result *r, void *arg)
{
	struct fetch_asking *asking = arg;
	struct robots_origin *o = asking->origin;
	bool told = r->http_status != 429 && !(r->site_rest && r->http_status < 400) &&
	    !(r->reason != NULL && strcmp(r->reason, "refused") == 0);
	struct fetch *fetch = TAILQ_FIRST(&asking->waiters); /* whose request it was */
	bool ends;

	if (told)
		learn(asking, r);
	if (fetch->robots_over != NULL)
		fetch->robots_over(asking->fetch->at.host, fetch->arg);
	asking->fetch->asks = NULL;
	asking->fetch = NULL;
	o->asking = NULL;
	ends = !told || o->what == ROBOTS_DOWN;
	while ((fetch = TAILQ_FIRST(&asking->waiters)) != NULL) {
		TAILQ_REMOVE(&asking->waiters, fetch, waiting);
		fetch->waits_for = NULL;
		if (ends)
			end_waiter(fetch, r);
		else
			fetch_hop(fetch);
	}
	free(asking);
}

static void
ask(struct fetch *fetch, struct robots_origin *o)
{
	struct fetch_asking *asking = o->asking;
	bool begins = asking == NULL;
	char *url;

	if (begins) {
		asking = xcalloc(1, sizeof(*asking));
		asking->fetcher = fetch->fetcher;
		asking->origin = o;
		TAILQ_INIT(&asking->waiters);
		o->asking = asking;
	}
	fetch->waits_for = asking;
	TAILQ_INSERT_TAIL(&asking->waiters, fetch, waiting);
	if (!begins)
		return;
	asking->fetch = fetch_new(fetch->fetcher,
	    &(struct fetch_request){ .host_hop = hop_cb, .done = asked_cb, .arg = asking });
	asking->fetch->asks = asking;
	url = xasprintf("%s/robots.txt", o->name);
	fetch_begin(asking->fetch, url);
	free(url);
}

void
fetch_robots_leave(struct fetch *fetch)
{
	struct fetch_asking *asking = fetch->waits_for;
	struct fetch *request;

	if (fetch->asks != NULL)
		fetch->asks->fetch = NULL;
	if (asking == NULL)
		return;
	fetch->waits_for = NULL;
	TAILQ_REMOVE(&asking->waiters, fetch, waiting);
	if (!TAILQ_EMPTY(&asking->waiters) || asking->origin->asking != asking)
		return;
	request = asking->fetch;
	asking->origin->asking = NULL;
	free(asking);
	if (request != NULL) {
		request->asks = NULL;
		fetch_abort(request);
	}
}

static void
refuse_down(struct fetch_refusal *refusal, const struct robots_origin *o)
{
	bool answered = o->status >= 500;

	/* A host that is out of reach is that; one that fails to say its rules forbids. */
	snprintf(refusal->reason, sizeof(refusal->reason), "%s", answered ? "robots" : o->why);
	snprintf(refusal->detail, sizeof(refusal->detail), "robots.txt cannot be had since a while: %s", o->why);
	if (answered)
		refusal->robots_line = xasprintf("robots.txt: %s", o->why);
}

static enum fetch_gate
judge(struct fetch *fetch, const struct robots *r)
{
	struct fetch_refusal *refusal = &fetch->refusal;
	struct robots_verdict v;

	robots_check(r, fetch->at.path, &v);
	if (v.allowed)
		return FETCH_GATE_OPEN;
	snprintf(refusal->reason, sizeof(refusal->reason), "robots");
	snprintf(refusal->detail, sizeof(refusal->detail), "robots.txt forbids it in line %u: %.100s", v.line, v.text);
	refusal->robots_line = xasprintf("%u: %s", v.line, v.text);
	if (r->joined_line != 0 && r->joined_line < v.line) { /* P48 */
		char *line = xasprintf("%s (the Crawl-delay in line %u does not end its group)", refusal->robots_line,
		    r->joined_line);

		free(refusal->robots_line);
		refusal->robots_line = line;
	}
	return FETCH_GATE_SHUT;
}

enum fetch_gate
fetch_robots_gate(struct fetch *fetch)
{
	struct robots_origin *o = robots_cache_get(fetch->fetcher->robots, fetch->at.origin);

	if (!robots_origin_is_known(o, wall_ms())) {
		ask(fetch, o);
		return FETCH_GATE_ASKS;
	}
	switch (o->what) {
	case ROBOTS_UNKNOWN:
	case ROBOTS_ABSENT:
		return FETCH_GATE_OPEN;
	case ROBOTS_RULES:
		return judge(fetch, o->robots);
	case ROBOTS_DOWN:
		refuse_down(&fetch->refusal, o);
		return FETCH_GATE_SHUT;
	}
	return FETCH_GATE_OPEN;
}

static int64_t
delay_of(const struct fetcher *f, const char *scheme, const char *host)
{
	char *name = xasprintf("%s://%s", scheme, host);
	const struct robots_origin *o = robots_cache_find(f->robots, name);

	free(name);
	if (o == NULL)
		return -1;
	return o->robots != NULL && o->robots->crawl_delay_ms > 0 ? o->robots->crawl_delay_ms : 0;
}

int64_t
fetch_crawl_delay(const struct fetcher *f, const char *host)
{
	int64_t https, http;

	if (f->robots == NULL)
		return -1;
	https = delay_of(f, "https", host);
	http = delay_of(f, "http", host);
	return https > http ? https : http;
}

void
fetch_robots_restore(struct fetcher *f, const char *origin, const char *value, size_t len)
{
	if (f->robots != NULL)
		robots_cache_restore(f->robots, origin, value, len, wall_ms());
}
