#include "config.h"

#include "scrape/page_guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "scrape/last_words.h"
#include "scrape/observe.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define REST_HOURS_MAX 24

/* What is known of a source that has killed its reader. */
struct death {
	char *source;
	uint64_t hash; /* of the page */
	int64_t at_ms;
	unsigned n;	/* by this page, in a row */
	unsigned total; /* by any of its pages, in a row */
};

struct page_guard {
	struct page_guard_options options;
	struct strmap deaths; /* of struct death, owned */
};

struct page_guard *
page_guard_new(const struct page_guard_options *options)
{
	struct page_guard *g = xcalloc(1, sizeof(*g));

	g->options = *options;
	last_words_open(options->fd, options->cpu_ms != 0 ? options->cpu_ms : PAGE_GUARD_CPU_MS, options->pending);
	return g;
}

static void
death_free(struct death *d)
{
	free(d->source);
	free(d);
}

void
page_guard_free(struct page_guard *g)
{
	const char *source;
	void *death;
	size_t i = 0;

	if (g == NULL)
		return;
	last_words_close();
	while (strmap_next(&g->deaths, &i, &source, &death))
		death_free(death);
	strmap_release(&g->deaths);
	free(g);
}

void
page_guard_know(struct page_guard *g, const char *source, const char *value, size_t len)
{
	struct json_field f[] = { { .name = "hash" }, { .name = "n" }, { .name = "total" }, { .name = "at" } };
	struct death *d, *old;
	int64_t n, total, at;
	char hash[17] = "";

	if (json_scan(value, len, f, ARRAY_LEN(f)) == -1 || f[0].kind != JSON_STRING || f[0].len >= sizeof(hash) ||
	    json_field_int(&f[1], &n) == -1 || json_field_int(&f[2], &total) == -1 || json_field_int(&f[3], &at) == -1 ||
	    n < 1 || n > UINT16_MAX || total < n || total > UINT16_MAX)
		return;
	memcpy(hash, f[0].p, f[0].len);
	d = xcalloc(1, sizeof(*d));
	d->source = xstrdup(source);
	d->hash = strtoull(hash, NULL, 16);
	d->n = (unsigned)n;
	d->total = (unsigned)total;
	d->at_ms = at;
	if ((old = strmap_put(&g->deaths, d->source, d)) != NULL)
		death_free(old);
}

static bool
is_quarantined(const struct death *d, uint64_t hash, int64_t now_ms)
{
	unsigned more = d->total - PAGE_GUARD_DEATHS;
	int64_t hours;

	if (d->n >= PAGE_GUARD_DEATHS && d->hash == hash)
		return true;
	if (d->total < PAGE_GUARD_DEATHS)
		return false;
	hours = more < 5 ? INT64_C(1) << more : REST_HOURS_MAX;
	return now_ms < d->at_ms + hours * HOUR_MS;
}

static void
put_death(struct buf *out, const char *source, const struct last_words_of *w, const char *why)
{
	char value[192];

	snprintf(value, sizeof(value), "{\"hash\":\"%016" PRIx64 "\",\"n\":%u,\"total\":%u,\"at\":%" PRId64 ",\"why\":\"%s\"}",
	    w->hash, w->n, w->total, w->now_ms, why);
	observe_put_state(out, "crash/", source, value);
}

/* The state that counts if nothing can be said any more. */
static void
put_before(struct page_guard *g, const char *source, const struct last_words_of *w)
{
	struct buf line = BUF_INIT(0);

	put_death(&line, source, w, "killed");
	g->options.put(line.data, line.len, g->options.arg);
	buf_release(&line);
}

static void
forget(struct page_guard *g, struct death *d)
{
	strmap_remove(&g->deaths, d->source);
	death_free(d);
}

const char *
page_guard_extract(struct page_guard *g, const struct guarded *what, struct page *page, struct rule *rule,
    struct offer *offer, struct buf *lines)
{
	struct death *d = g->deaths.n > 0 ? strmap_find(&g->deaths, what->source) : NULL;
	struct last_words_of w = { .source = what->source,
		.url = what->url,
		.slot = what->slot,
		.time = what->time,
		.now_ms = what->now_ms,
		.body = page->body,
		.len = page->len,
		.n = 1,
		.total = 1 };
	bool suspicious = g->options.put != NULL && what->slot != INT64_MIN && (d != NULL || page->len >= PAGE_GUARD_LARGE);

	if (d != NULL) {
		w.known_hash = d->hash;
		w.known_n = d->n;
		w.total = d->total + 1;
	}
	if (suspicious) {
		w.hash = hash_bytes(page->body, page->len);
		w.hashed = true;
		if (d != NULL && is_quarantined(d, w.hash, what->now_ms))
			return "quarantined";
		w.n = d != NULL && d->hash == w.hash ? d->n + 1 : 1;
		put_before(g, what->source, &w);
	}
	page->stop = last_words_enter(&w);
	extract_page(page, rule, offer);
	if (last_words_leave()) {
		memset(offer, 0, sizeof(*offer));
		offer->none = NONE_LIMIT;
	}
	if (suspicious)
		observe_put_state(lines, "crash/", what->source, "{\"n\":0}");
	if (d != NULL)
		forget(g, d);
	return NULL;
}

void
page_guard_violated(void)
{
	last_words_say("SIGSYS");
}
