/*
 * fetch_one [--etag E] [--last-modified D] [--validated-url U] [--hop-wait MS] [--refuse HOST]
 *           [--allow-private] [--timeout MS] [--max-body N] URL …
 *
 * --robots obeys robots.txt; --robots-state ORIGIN=JSON knows one already, and what is learnt stands on standard error,
 * "state ORIGIN JSON". --parallel begins all fetches at once; --abort N gives the first N up again.
 *
 * Each URL fetched by one fetcher, one after the other; a line of JSON each with all that a result says.
 * Each request that a host is asked for stands on standard error: "hop HOST", before it "wait HOST"
 * as often as it was too early, behind one for a robots.txt "robots HOST".
 */
#include <event2/event.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mono.h"
#include "scrape/fetch.h"

struct state {
	struct event_base *base;
	const char *refuse; /* NULL: no host */
	int64_t hop_wait_ms;
	const char *known; /* ORIGIN=JSON; NULL: none */
	bool parallel;
	int n_abort;
	int running;
	mono_t last; /* when host_hop let the last request go */
	bool any;
};

static void
done_cb(const struct fetch_result *r, void *arg)
{
	struct state *st = arg;
	struct buf b = BUF_INIT(0);

	buf_xaddc(&b, '{');
	json_put_str(&b, "reason", r->reason);
	json_put_int(&b, "status", r->http_status);
	json_put_str(&b, "host", r->host);
	json_put_bool(&b, "passing", r->passing);
	json_put_bool(&b, "not_modified", r->not_modified);
	json_put_bool(&b, "site_rest", r->site_rest);
	json_put_int(&b, "retry_after", r->retry_after_s);
	json_put_str(&b, "etag", r->etag);
	json_put_str(&b, "last_modified", r->last_modified);
	json_put_str(&b, "final_url", r->final_url);
	json_put_str(&b, "moved_to", r->moved_to);
	json_put_str(&b, "robots_line", r->robots_line);
	json_put_int(&b, "crawl_delay", r->crawl_delay_ms);
	json_put_uint(&b, "bytes", r->len);
	json_put_str(&b, "detail", r->detail);
	buf_xaddstr(&b, "}\n");
	fwrite(b.data, 1, b.len, stdout);
	fflush(stdout);
	buf_release(&b);
	if (--st->running == 0)
		event_base_loopbreak(st->base);
}

static int64_t
hop_cb(const char *host, void *arg)
{
	struct state *st = arg;
	int64_t left = st->any ? st->hop_wait_ms - mono_diff_us(mono_now(), st->last) / US_PER_MS : 0;

	if (st->refuse != NULL && strcmp(host, st->refuse) == 0)
		return -1;
	if (left > 0) {
		fprintf(stderr, "wait %s\n", host);
		return left;
	}
	fprintf(stderr, "hop %s\n", host);
	st->last = mono_now();
	st->any = true;
	return 0;
}

static void
robots_over_cb(const char *host, void *arg)
{
	(void)arg;
	fprintf(stderr, "robots %s\n", host);
}

static void
robots_state_cb(const char *origin, const char *value, void *arg)
{
	(void)arg;
	fprintf(stderr, "state %s %s\n", origin, value);
}

static void
parse_options(struct state *st, struct fetch_options *fo, struct fetch_request *rq, int argc, char **argv)
{
	static const struct option options[] = { { "etag", required_argument, NULL, 'e' },
		{ "last-modified", required_argument, NULL, 'l' }, { "validated-url", required_argument, NULL, 'u' },
		{ "hop-wait", required_argument, NULL, 'w' }, { "refuse", required_argument, NULL, 'r' },
		{ "allow-private", no_argument, NULL, 'p' }, { "timeout", required_argument, NULL, 't' },
		{ "max-body", required_argument, NULL, 'm' }, { "robots", no_argument, NULL, 'R' },
		{ "robots-state", required_argument, NULL, 's' }, { "parallel", no_argument, NULL, 'P' },
		{ "abort", required_argument, NULL, 'a' },
		{ "cacert", required_argument, NULL, 'c' }, { "proxy", required_argument, NULL, 'x' }, { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			rq->etag = optarg;
			break;
		case 'l':
			rq->last_modified = optarg;
			break;
		case 'u':
			rq->validated_url = optarg;
			break;
		case 'w':
			st->hop_wait_ms = strtoll(optarg, NULL, 10);
			break;
		case 'r':
			st->refuse = optarg;
			break;
		case 'p':
			fo->allow_private = true;
			break;
		case 't':
			fo->timeout_ms = strtoll(optarg, NULL, 10);
			break;
		case 'm':
			fo->max_body = strtoull(optarg, NULL, 10);
			break;
		case 'R':
			fo->robots = true;
			break;
		case 's':
			st->known = optarg;
			break;
		case 'P':
			st->parallel = true;
			break;
		case 'c':
			fo->cacert = optarg;
			break;
		case 'x':
			fo->proxy = optarg;
			break;
		case 'a':
			st->n_abort = (int)strtol(optarg, NULL, 10);
			break;
		default:
			exit(2);
		}
	}
}

/* ORIGIN=JSON */
static void
restore(struct fetcher *f, const char *known)
{
	const char *value = strchr(known, '=') + 1;
	char *origin = strndup(known, (size_t)(value - known) - 1);

	fetch_robots_restore(f, origin, value, strlen(value));
	free(origin);
}

static void
fetch_all(struct state *st, struct fetcher *f, struct fetch_request *rq, char **urls, int n)
{
	struct fetch *fetch;
	int i;

	for (i = 0; i < n; i++) {
		rq->url = urls[i];
		fetch = fetch_start(f, rq);
		if (i < st->n_abort)
			fetch_abort(fetch);
		else
			st->running++;
		if (!st->parallel)
			event_base_dispatch(st->base);
	}
	if (st->parallel && st->running > 0)
		event_base_dispatch(st->base);
}

int
main(int argc, char **argv)
{
	struct state st = { .base = event_base_new() };
	struct fetch_options fo = { .user_agent = "fetch_one/1", .timeout_ms = 10000, .max_body = 1u << 20 };
	struct fetch_request rq = { .host_hop = hop_cb, .robots_over = robots_over_cb, .done = done_cb, .arg = &st };
	struct err err = ERR_INIT;
	struct fetcher *f;

	log_open("fetch_one", LOG_LEVEL_WARNING);
	signal(SIGPIPE, SIG_IGN);
	parse_options(&st, &fo, &rq, argc, argv);
	fo.robots_state = robots_state_cb;
	f = st.base != NULL ? fetcher_new(st.base, &fo, &err) : NULL;
	if (f == NULL)
		fatalx("%s", err.msg);
	if (st.known != NULL)
		restore(f, st.known);
	fetch_all(&st, f, &rq, argv + optind, argc - optind);
	fetcher_free(f);
	event_base_free(st.base);
	return 0;
}
