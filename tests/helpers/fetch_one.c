/*
 * fetch_one [--etag E] [--last-modified D] [--validated-url U] [--hop-wait MS] [--refuse HOST]
 *           [--allow-private] [--timeout MS] [--max-body N] URL …
 *
 * Each URL fetched by one fetcher, one after the other; a line of JSON each with all that a result says.
 * Each request that a host is asked for stands on standard error: "hop HOST", its end "over HOST".
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
	json_put_uint(&b, "bytes", r->len);
	json_put_str(&b, "detail", r->detail);
	buf_xaddstr(&b, "}\n");
	fwrite(b.data, 1, b.len, stdout);
	buf_release(&b);
	event_base_loopbreak(st->base);
}

static int64_t
hop_cb(const char *host, void *arg)
{
	struct state *st = arg;
	int64_t left = st->any ? st->hop_wait_ms - mono_diff_us(mono_now(), st->last) / US_PER_MS : 0;

	if (st->refuse != NULL && strcmp(host, st->refuse) == 0)
		return -1;
	if (left > 0)
		return left;
	fprintf(stderr, "hop %s\n", host);
	st->last = mono_now();
	st->any = true;
	return 0;
}

static void
over_cb(const char *host, void *arg)
{
	(void)arg;
	fprintf(stderr, "over %s\n", host);
}

static void
parse_options(struct state *st, struct fetch_options *fo, struct fetch_request *rq, int argc, char **argv)
{
	static const struct option options[] = { { "etag", required_argument, NULL, 'e' },
		{ "last-modified", required_argument, NULL, 'l' }, { "validated-url", required_argument, NULL, 'u' },
		{ "hop-wait", required_argument, NULL, 'w' }, { "refuse", required_argument, NULL, 'r' },
		{ "allow-private", no_argument, NULL, 'p' }, { "timeout", required_argument, NULL, 't' },
		{ "max-body", required_argument, NULL, 'm' }, { NULL, 0, NULL, 0 } };
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
		default:
			exit(2);
		}
	}
}

int
main(int argc, char **argv)
{
	struct state st = { .base = event_base_new() };
	struct fetch_options fo = { .user_agent = "fetch_one/1", .timeout_ms = 10000, .max_body = 1u << 20 };
	struct fetch_request rq = { .host_hop = hop_cb, .host_over = over_cb, .done = done_cb, .arg = &st };
	struct err err = ERR_INIT;
	struct fetcher *f;
	int i;

	log_open("fetch_one", LOG_LEVEL_WARNING);
	signal(SIGPIPE, SIG_IGN);
	parse_options(&st, &fo, &rq, argc, argv);
	f = st.base != NULL ? fetcher_new(st.base, &fo, &err) : NULL;
	if (f == NULL)
		fatalx("%s", err.msg);
	for (i = optind; i < argc; i++) {
		rq.url = argv[i];
		fetch_start(f, &rq);
		event_base_dispatch(st.base);
	}
	fetcher_free(f);
	event_base_free(st.base);
	return 0;
}
