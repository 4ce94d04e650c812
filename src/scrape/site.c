#include "scrape/site.h"

#include <inttypes.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/minmax.h"
#include "base/xalloc.h"

#define DAY_MS (INT64_C(86400) * 1000)
#define REST_FIRST_MS INT64_C(60000)
#define REST_MAX_MS (INT64_C(6) * 3600000)
#define STRIKES_MAX 1000
#define TAKES_MAX_MS INT64_C(60000)
#define ASK_AGAIN_MS 100 /* of a site that is busy */
#define TIME_MAX (INT64_MAX / 4)

static uint64_t
hash_of(const struct site *site, int64_t now)
{
	return hash_u64(hash_bytes(site->name, strlen(site->name)) ^ (uint64_t)now);
}

struct site *
site_new(const char *name)
{
	size_t size = strlen(name) + 1;
	struct site *site = xcalloc(1, sizeof(*site) + size);

	memcpy(site->name, name, size);
	STAILQ_INIT(&site->waiting);
	site->next = site->ended = site->refused_at = INT64_MIN;
	return site;
}

bool
site_is_busy(const struct site *site, const struct site_limits *limits)
{
	return site->busy >= limits->concurrency;
}

int64_t
site_wait(const struct site *site, const struct site_limits *limits, int64_t now)
{
	int64_t wait = site->next > now ? site->next - now : 0;

	return site_is_busy(site, limits) ? max64(wait, ASK_AGAIN_MS) : wait;
}

/* P49, P48: until the next request. */
static int64_t
rest_between(const struct site *site, const struct site_limits *limits, int64_t now)
{
	int64_t permille = 800 + (int64_t)(hash_of(site, now) % 401);

	/* A gap is at most ten years: no overflow. */
	return max64(limits->gap_ms * permille / 1000 / limits->concurrency, site->crawl_delay_ms);
}

void
site_begin(struct site *site, const struct site_limits *limits, int64_t now)
{
	int64_t rest = rest_between(site, limits, now);

	site->busy++;
	site->began = now;
	site->next = max64(site->next, now + rest);
	if (site->ended == INT64_MIN)
		site->takes_ms = min64(rest / 4, TAKES_MAX_MS);
}

void
site_end(struct site *site, const struct site_limits *limits, int64_t now)
{
	site->busy--;
	site->ended = now;
	site->takes_ms = min64(now - site->began, TAKES_MAX_MS);
	site->next = max64(site->next, now + rest_between(site, limits, now));
}

void
site_undo(struct site *site, int64_t next)
{
	site->busy--;
	/* Unless others have begun or ended meanwhile: they counted from later. */
	if (site->busy == 0 && (site->ended == INT64_MIN || site->ended <= next))
		site->next = next;
}

void
site_forgive(struct site *site, int64_t began)
{
	if (began >= site->refused_at)
		site->strikes = 0;
}

void
site_set_crawl_delay(struct site *site, int64_t ms)
{
	site->crawl_delay_ms = ms;
	if (site->ended != INT64_MIN)
		site->next = max64(site->next, site->ended + ms);
}

void
site_refuse(struct site *site, int64_t retry_after_ms, int64_t began, int64_t now)
{
	int64_t rest = retry_after_ms, most;

	if (began >= site->refused_at || site->strikes == 0) {
		site->strikes += site->strikes < STRIKES_MAX;
		site->refused_at = now;
	}
	if (rest <= 0) {
		most = min64(REST_FIRST_MS << min64(site->strikes - 1, 10), REST_MAX_MS);
		rest = 1 + (int64_t)(hash_of(site, now) % (uint64_t)most);
	}
	site->next = max64(site->next, now + min64(rest, DAY_MS));
}

void
site_put_state(struct site *site, int64_t now, struct buf *out)
{
	int64_t next = max64(site->next, now) + (site->busy > 0 ? site->takes_ms : 0);

	site->told = site->strikes;
	buf_xprintf(
	    out, "{\"next\":%" PRId64 ",\"at\":%" PRId64 ",\"strikes\":%" PRIu32 "}", next, now, site->strikes);
}

/*
 * A wall clock that went back meanwhile does not stretch the gap: then what
 * was left of it when it was said counts.
 */
void
site_read_state(struct site *site, const char *value, size_t len, int64_t now)
{
	struct json_field f[] = { { .name = "next" }, { .name = "at" }, { .name = "strikes" } };
	int64_t next = 0, at = 0, strikes = 0;

	if (json_scan(value, len, f, 3) == -1 || json_field_int(&f[0], &next) == -1 || next > TIME_MAX || next < -TIME_MAX)
		return;
	if (json_field_int(&f[1], &at) == -1 || at < now || at > TIME_MAX)
		at = now;
	if (json_field_int(&f[2], &strikes) == 0 && strikes > 0)
		site->strikes = site->told = (uint32_t)min64(strikes, STRIKES_MAX);
	site->next = now + min64(next - at, DAY_MS);
}
