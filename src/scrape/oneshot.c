/*
 * `pricescrape URL …`: each page once, one after the other.
 */
#include "config.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/map.h"
#include "base/minmax.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "scrape/confine.h"
#include "scrape/fetch.h"
#include "scrape/observe.h"
#include "scrape/page_guard.h"
#include "scrape/print.h"
#include "scrape/scraper.h"

#define TIMEOUT_MS 30000
#define MAX_BODY (8u << 20) /* P38 */

/* A host that was asked for a page. */
struct asked {
	char *host; /* owned */
	mono_t ended;
	mono_t rests_until; /* by a Retry-After that can be waited for; MONO_NEVER: for longer */
};

struct oneshot {
	const struct scrape_options *options;
	struct event_base *base;
	struct fetcher *fetcher;
	struct strmap asked; /* of struct asked, owned, by host */
	struct confine confine;
	struct page_guard *guard;
	struct rule *rule;
	const char *url;
	bool priced; /* all so far */
};

/*
 * Who asks for one page after the other is polite between two of a host as its
 * robots.txt wants it (P48), and leaves one alone that wants rest (P51); nobody
 * waits in front of the first.
 */
static int64_t
host_hop_cb(const char *host, void *arg)
{
	struct oneshot *os = arg;
	const struct asked *asked = strmap_find(&os->asked, host);
	int64_t delay = fetch_crawl_delay(os->fetcher, host), left, rest;

	if (asked == NULL)
		return 0;
	if (mono_is_never(asked->rests_until))
		return -1;
	rest = (mono_diff_us(asked->rests_until, mono_now()) + US_PER_MS - 1) / US_PER_MS;
	left = delay - mono_diff_us(mono_now(), asked->ended) / US_PER_MS;
	if (rest > 0 && rest >= left)
		log_info("%s: waiting for its Retry-After, %d ms", host, (int)rest);
	else if (left > 0 && delay > 0)
		log_info("%s: waiting for its Crawl-delay, %d ms", host, (int)left);
	else
		return 0;
	return max64(rest, left);
}

static void
note_asked(struct oneshot *os, const struct fetch_result *r)
{
	struct asked *asked = strmap_find(&os->asked, r->host);

	if (asked == NULL) {
		asked = xcalloc(1, sizeof(*asked));
		asked->host = xstrdup(r->host);
		strmap_put(&os->asked, asked->host, asked);
	}
	asked->ended = asked->rests_until = mono_now();
	if (r->site_rest && r->retry_after_s > 0 && r->retry_after_s <= FETCH_REDIRECT_WAIT_MAX_S)
		asked->rests_until = mono_add_ms(asked->ended, r->retry_after_s * 1000);
	else if (r->site_rest)
		asked->rests_until = MONO_NEVER; /* nobody at a terminal waits for that */
}

static void
forget_asked(struct oneshot *os)
{
	const char *host;
	void *value;
	size_t i = 0;

	while (strmap_next(&os->asked, &i, &host, &value)) {
		free(((struct asked *)value)->host);
		free(value);
	}
	strmap_release(&os->asked);
}

static void
fetched_cb(const struct fetch_result *r, void *arg)
{
	struct oneshot *os = arg;
	const struct scrape_options *o = os->options;
	char today[WALL_TEXT_SIZE];
	struct page page = { .body = r->body,
		.len = r->len,
		.content_type = r->content_type,
		.url = r->final_url != NULL ? r->final_url : os->url,
		.today = wall_text(wall_ms(), today) };
	struct observed observed = { .source = o->source != NULL ? o->source : os->url,
		.product = o->product,
		.url = os->url,
		.slot = INT64_MIN,
		.time_ms = wall_ms(),
		.reason = r->reason,
		.fetch = r };
	struct buf line = BUF_INIT(0);
	struct offer offer;

	told_page(&o->told, &page);
	if (r->host != NULL)
		note_asked(os, r);
	if (r->reason == NULL && o->page_cb != NULL) {
		o->page_cb(&page, os->url, o->page_arg);
		event_base_loopbreak(os->base);
		return;
	}
	if (r->reason == NULL) {
		page_guard_extract(os->guard,
		    &(struct guarded){ .source = observed.source, .url = os->url, .slot = INT64_MIN, .time = today }, &page,
		    os->rule, &offer, &line);
		observed.offer = &offer;
	} else {
		log_warnx("%s: %s", os->url, r->detail);
	}
	if (observed.offer == NULL || (observed.offer->method == METHOD_NONE && !offer_is_unavailable(observed.offer)))
		os->priced = false;
	observe_put(&line, &observed);
	print_line(&line);
	buf_release(&line);
	event_base_loopbreak(os->base);
}

int
oneshot_run(const struct scrape_options *o, char *const *urls, int n)
{
	struct oneshot os = { .options = o, .confine = CONFINE_INIT, .priced = true };
	struct fetch_options fo = { .user_agent = o->user_agent,
		.contact = o->contact,
		.timeout_ms = o->timeout_ms != 0 ? o->timeout_ms : TIMEOUT_MS,
		.max_body = o->max_body != 0 ? o->max_body : MAX_BODY,
		.allow_private = o->allow_private,
		.proxy = o->proxy,
		.cacert = o->cacert,
		.robots = !o->no_robots };
	struct matcher *matcher = matcher_new();
	struct err err = ERR_INIT;
	int i, code = EXITCODE_USAGE;

	if (o->told.n_rules > 0 && (os.rule = told_compile(&o->told, matcher, &err)) == NULL) {
		log_warnx("%s", err.msg);
		goto out;
	}
	signal(SIGPIPE, SIG_IGN);
	code = EXITCODE_FAILED;
	os.base = event_base_new();
	os.fetcher = os.base != NULL ? fetcher_new(os.base, &fo, &err) : NULL;
	if (os.fetcher == NULL) {
		log_warnx("%s", os.base != NULL ? err.msg : "libevent: out of memory");
		goto out;
	}
	os.guard = page_guard_new(&(struct page_guard_options){ .fd = STDOUT_FILENO, .cpu_ms = o->page_cpu_ms });
	confine_enter(&os.confine,
	    &(struct confine_options){
		.cacert = fo.cacert,
		.off = o->no_sandbox, .max_body = fo.max_body, .concurrency = 1, .violated = page_guard_violated });
	confine_tell(&os.confine);
	for (i = 0; i < n; i++) {
		os.url = urls[i];
		fetch_start(os.fetcher,
		    &(struct fetch_request){ .url = os.url, .host_hop = host_hop_cb, .done = fetched_cb, .arg = &os });
		event_base_dispatch(os.base);
		if (ferror(stdout)) {
			os.priced = false;
			break;
		}
	}
	confine_tell(&os.confine);
	code = os.priced ? EXITCODE_OK : EXITCODE_FAILED;
out:
	page_guard_free(os.guard);
	confine_release(&os.confine);
	fetcher_free(os.fetcher);
	forget_asked(&os);
	if (os.base != NULL)
		event_base_free(os.base);
	rule_free(os.rule);
	matcher_free(matcher);
	return code;
}
