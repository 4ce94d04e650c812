#include "scrape/extract_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "price/trace.h"
#include "scrape/observe.h"
#include "scrape/page_guard.h"
#include "scrape/print.h"
#include "scrape/saved.h"

void
extractor_init(struct extractor *e)
{
	e->matcher = matcher_new();
	e->guard = page_guard_new(&(struct page_guard_options){ .fd = STDOUT_FILENO });
	wall_text(wall_ms(), e->today);
	if (e->explain)
		e->trace = trace_new();
}

void
extractor_release(struct extractor *e)
{
	matcher_free(e->matcher);
	page_guard_free(e->guard);
	trace_free(e->trace);
	buf_release(&e->body);
	buf_release(&e->line);
}

static void
put_line(struct extractor *e, const struct observed *observed)
{
	buf_clear(&e->line);
	observe_put(&e->line, observed);
	print_line(&e->line);
}

void
extract_failed(struct extractor *e, const char *file, const char *url, const char *reason, const char *error)
{
	struct observed observed = { .source = file,
		.url = url,
		.slot = INT64_MIN,
		.time_ms = wall_ms(),
		.reason = reason,
		.error = error };

	log_warnx("%s", error);
	put_line(e, &observed);
}

static void
too_large(struct offer *offer)
{
	memset(offer, 0, sizeof(*offer));
	offer->none = NONE_TOO_LARGE;
}

bool
extract_file(struct extractor *e, const char *file, const struct extract_page_options *o)
{
	struct observed observed = { .source = file,
		.url = o->url,
		.slot = INT64_MIN,
		.time_ms = wall_ms() };
	struct page page = { .content_type = o->content_type, .url = o->url, .today = e->today, .trace = e->trace };
	struct err err = ERR_INIT;
	struct offer offer;
	bool large;

	if (saved_read(file, e->max_body, &e->body, &large, &err) == -1) {
		extract_failed(e, file, o->url, "cannot-read", err.msg);
		return false;
	}
	told_page(&o->told, &page);
	page.body = e->body.data != NULL ? e->body.data : "";
	page.len = e->body.len;
	if (e->trace != NULL)
		e->trace->n = e->trace->dropped = 0;
	if (large)
		too_large(&offer);
	else
		page_guard_extract(e->guard,
		    &(struct guarded){ .source = file, .url = o->url != NULL ? o->url : "", .slot = INT64_MIN, .time = e->today },
		    &page, o->rule, &offer, &e->line);
	observed.offer = &offer;
	observed.trace = e->trace;
	put_line(e, &observed);
	return offer.method != METHOD_NONE || offer_is_unavailable(&offer);
}
