/* What the files of a fetch share: the chain of hops in fetch.c, what robots.txt says in fetch_robots.c. */
#ifndef TRAPEXIT_SCRAPE_FETCH_PRIVATE_H
#define TRAPEXIT_SCRAPE_FETCH_PRIVATE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/mono.h"
#include "scrape/fetch.h"
#include "scrape/fetch_proxy.h"
#include "scrape/fetch_transfer.h"
#include "scrape/fetch_url.h"
#include "scrape/robots_cache.h"

/* Of a robots.txt: one byte more than is read of it, so that a line that is cut is seen to be. */
#define FETCH_ROBOTS_BODY (ROBOTS_MAX + 1)

struct fetch_asking;

/* What a fetch is to end with, once the loop runs. */
struct fetch_refusal {
	char reason[32]; /* "": it goes on */
	char detail[160];
	char *robots_line; /* owned; NULL: none */
	bool passing;
};

struct fetch {
	LIST_ENTRY(fetch) entry;
	struct fetcher *fetcher;
	fetch_hop_cb *host_hop;
	fetch_over_cb *robots_over;
	fetch_done_cb *done;
	void *arg;
	char *etag, *last_modified, *validated_url; /* owned; NULL: none */
	struct fetch_url at;			    /* this hop's; all zero: the URL is none */
	unsigned redirects;
	char *moved_to; /* owned; NULL: no permanent redirect */
	bool moving;	/* all redirects up to here were permanent ones */
	bool permitted; /* by robots.txt, this hop */
	struct fetch_asking *asks;	/* this is the request of a robots.txt; NULL: of a page */
	struct fetch_asking *waits_for; /* a robots.txt; NULL: none */
	TAILQ_ENTRY(fetch) waiting;	/* there */
	struct transfer *transfer;	/* NULL: this hop's request is not under way */
	struct event *timer;		/* owned; NULL: not needed yet */
	struct fetch_refusal refusal;
	mono_t not_before;
	int64_t used_ms; /* by requests */
};

struct fetcher {
	struct fetch_options options; /* its texts are not to be used, but for the User-Agent */
	char *user_agent; /* owned */
	struct event_base *base; /* borrowed */
	struct transfers *transfers;
	struct fetch_proxy proxy;
	struct robots_cache *robots; /* NULL: not obeyed */
	LIST_HEAD(, fetch) running;
};

enum fetch_gate {
	FETCH_GATE_OPEN,
	FETCH_GATE_SHUT, /* the fetch's refusal says why */
	FETCH_GATE_ASKS, /* fetch_hop() is called again when the robots.txt is known */
};

struct fetch *fetch_new(struct fetcher *f, const struct fetch_request *request);
void fetch_begin(struct fetch *fetch, const char *url);
void fetch_hop(struct fetch *fetch);
/* The end: what it has come to, with what the chain knows of it. */
void fetch_finish(struct fetch *fetch, struct fetch_result *r);

void fetch_robots_init(struct fetcher *f);
enum fetch_gate fetch_robots_gate(struct fetch *fetch);
/* The fetch waits no longer; a robots.txt that nobody waits for is not asked for. */
void fetch_robots_leave(struct fetch *fetch);
#endif
