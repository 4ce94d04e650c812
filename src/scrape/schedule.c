#include "scrape/schedule.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/minmax.h"
#include "base/xalloc.h"
#include "scrape/fetch.h"

#define RETRY_FIRST_MS INT64_C(2000)
#define HOP_WAIT_MS INT64_C(600000) /* for the gap of a host that a redirect leads to */
#define FOREIGN_MAX 256		    /* hosts that redirects lead to; then those at rest are forgotten */

static struct site *
site_of(struct schedule *s, const char *name, bool foreign, int64_t now)
{
	struct site *site = strmap_find(&s->sites, name);
	const struct job_state *st;

	if (site != NULL)
		return site;
	site = site_new(name);
	site->foreign = foreign;
	s->n_foreign += foreign;
	st = job_find_state(s->job, "gap/", name);
	if (st != NULL)
		site_read_state(site, st->value, st->len, now);
	strmap_put(&s->sites, site->name, site);
	return site;
}

static struct site *
site_of_url(struct schedule *s, const char *url, int64_t now)
{
	char *name = fetch_host(url);
	struct site *site = name != NULL ? site_of(s, name, false, now) : NULL;

	free(name);
	return site;
}

static struct grid
grid_of(const struct schedule *s, const struct work *w)
{
	return (struct grid){ .source = hash_bytes(w->source->id, strlen(w->source->id)),
		.every_ms = w->source->terms->every_ms,
		.jitter_permille = s->job->jitter_permille };
}

static bool
is_late(const struct schedule *s, const struct work *w, int64_t now)
{
	const struct grid g = grid_of(s, w);

	return grid_newest(&g, now) > w->done;
}

/* When the slot behind this one is due. */
static int64_t
due_after(const struct schedule *s, const struct work *w, int64_t slot)
{
	const struct grid g = grid_of(s, w);

	return grid_due(&g, grid_next(&g, slot));
}

/*
 * P52: no burst. What was never fetched is spread over as long as it takes
 * politely, at most over `every`: the first prices are wanted soon. What is
 * late, after a crash or a night without power, comes back at the pace that it
 * has day by day.
 */
static int64_t
first_due(const struct schedule *s, const struct work *w, int64_t now, size_t n_new, size_t k_new, size_t k_late)
{
	const int64_t every = w->source->terms->every_ms;

	if (w->done == GRID_NO_SLOT)
		/* NOLINTNEXTLINE: n_new counts this one, too */
		return now + min64(s->job->gap_ms * (int64_t)k_new, every * (int64_t)k_new / (int64_t)n_new);
	return now + every * (int64_t)k_late / (int64_t)s->job->n_sources;
}

static void
spread_first_round(struct schedule *s, int64_t now)
{
	size_t i, n_new = 0, k_new = 0, k_late = 0;

	for (i = 0; i < s->job->n_sources; i++)
		n_new += s->works[i].done == GRID_NO_SLOT;
	for (i = 0; i < s->job->n_sources; i++) {
		struct work *w = &s->works[i];

		if (!is_late(s, w, now)) {
			heap_put(&s->due, &w->timed, due_after(s, w, w->done));
			continue;
		}
		heap_put(&s->due, &w->timed, first_due(s, w, now, n_new, k_new, k_late));
		if (w->done == GRID_NO_SLOT)
			k_new++;
		else
			k_late++;
	}
}

/* P52: the tries of a slot are counted on, and its next one is no earlier than it was to be. */
static void
restore_try(struct schedule *s, struct work *w, const struct job_state *st)
{
	struct json_field f[] = { { .name = "slot" }, { .name = "tries" }, { .name = "next" } };
	int64_t slot = GRID_NO_SLOT, tries = 0, next = INT64_MIN;

	if (json_scan(st->value, st->len, f, 3) == -1 || json_field_int(&f[0], &slot) == -1 ||
	    json_field_int(&f[1], &tries) == -1 || slot <= w->done || slot > JOB_SLOT_MAX || tries < 1 ||
	    tries >= SCHEDULE_TRIES)
		return;
	w->slot = slot;
	w->tries = (unsigned)tries;
	if (json_field_int(&f[2], &next) == 0 && next > w->timed.due)
		heap_put(&s->due, &w->timed, min64(next, max64(w->timed.due, due_after(s, w, slot))));
}

static void
restore_tries(struct schedule *s)
{
	static const char prefix[] = "try/";
	const struct job_state *st;
	size_t i = 0;

	while ((st = job_next_state(s->job, prefix, &i)) != NULL) {
		const struct job_source *src = job_find_source(s->job, st->key + sizeof(prefix) - 1);

		if (src != NULL)
			restore_try(s, &s->works[src - s->job->sources], st);
	}
}

void
schedule_init(struct schedule *s, const struct job *job, int64_t now)
{
	size_t i;

	memset(s, 0, sizeof(*s));
	s->job = job;
	s->limits = (struct site_limits){ .gap_ms = job->gap_ms, .concurrency = job->concurrency };
	s->works = xcalloc(job->n_sources + 1, sizeof(*s->works));
	for (i = 0; i < job->n_sources; i++) {
		struct work *w = &s->works[i];

		w->source = &job->sources[i];
		w->timed.order = (uint32_t)i;
		w->site = site_of_url(s, w->source->url, now);
		w->done = w->source->done;
		w->slot = GRID_NO_SLOT;
	}
	spread_first_round(s, now);
	restore_tries(s);
}

void
schedule_put_try(const struct work *w, struct buf *out)
{
	buf_xprintf(out, "{\"slot\":%" PRId64 ",\"tries\":%u,\"next\":%" PRId64 "}", w->slot, w->tries, w->timed.due);
}

void
schedule_release(struct schedule *s)
{
	const char *name;
	void *site;
	size_t i = 0;

	while (strmap_next(&s->sites, &i, &name, &site))
		free(site);
	strmap_release(&s->sites);
	heap_release(&s->due);
	heap_release(&s->gaps);
	free(s->works);
	memset(s, 0, sizeof(*s));
}

size_t
schedule_parallel_max(const struct schedule *s)
{
	size_t n = s->job->n_sources, most = s->sites.n * s->limits.concurrency;

	most = most < n ? most : n;
	return most > 0 ? most : 1;
}

/* The source's next turn: at once if a slot is owed, else when the next one is due. */
static void
plan_next(struct schedule *s, struct work *w, int64_t now)
{
	heap_put(&s->due, &w->timed, is_late(s, w, now) ? now : due_after(s, w, w->done));
}

/* Work waits for its site: plan when that may be asked. */
static void
plan_site(struct schedule *s, struct site *site)
{
	if (site_is_busy(site, &s->limits) || site->claims > 0 || STAILQ_EMPTY(&site->waiting))
		heap_remove(&s->gaps, &site->timed);
	else
		heap_put(&s->gaps, &site->timed, site->next);
}

/* Begin the slot of this time; false if it was done meanwhile. */
static bool
begin(const struct schedule *s, struct work *w, int64_t now)
{
	const struct grid g = grid_of(s, w);
	int64_t slot = grid_newest(&g, now);

	if (slot <= w->done)
		return false;
	if (slot != w->slot)
		w->tries = 0;
	w->slot = slot;
	w->tries++;
	return true;
}

bool
schedule_take(struct schedule *s, int64_t now, struct turn *turn)
{
	struct timed *t;

	while ((t = heap_top(&s->due)) != NULL && t->due <= now) {
		struct work *w = (struct work *)(void *)t; /* its first member */

		heap_remove(&s->due, t);
		if (w->site != NULL) {
			STAILQ_INSERT_TAIL(&w->site->waiting, w, entry);
			plan_site(s, w->site);
		} else if (begin(s, w, now)) {
			*turn = (struct turn){ .work = w, .began = now };
			return true;
		} else {
			plan_next(s, w, now);
		}
	}
	while ((t = heap_top(&s->gaps)) != NULL && t->due <= now) {
		struct site *site = (struct site *)(void *)t;
		struct work *w = STAILQ_FIRST(&site->waiting);
		bool begun = begin(s, w, now);

		STAILQ_REMOVE_HEAD(&site->waiting, entry);
		if (begun) {
			*turn = (struct turn){ .work = w, .site = site, .began = now, .next = site->next };
			site_begin(site, &s->limits, now);
		}
		plan_site(s, site);
		if (begun)
			return true;
		plan_next(s, w, now);
	}
	return false;
}

int64_t
schedule_wake(const struct schedule *s)
{
	const struct timed *due = heap_top(&s->due), *gap = heap_top(&s->gaps);

	return min64(due != NULL ? due->due : SCHEDULE_NEVER, gap != NULL ? gap->due : SCHEDULE_NEVER);
}

static void
drop_claim(struct schedule *s, struct turn *turn)
{
	if (turn->claim == NULL)
		return;
	turn->claim->claims--;
	plan_site(s, turn->claim);
	turn->claim = NULL;
}

void
schedule_over(struct schedule *s, struct turn *turn, int64_t now)
{
	struct site *site = turn->site;

	if (site == NULL)
		return;
	turn->site = NULL;
	if (turn->asked)
		site_end(site, &s->limits, now);
	else
		site_undo(site, turn->next);
	plan_site(s, site);
}

void
schedule_crawl_delay(struct schedule *s, const char *host, int64_t ms)
{
	struct site *site = strmap_find(&s->sites, host);

	if (site == NULL || ms < 0)
		return;
	site_set_crawl_delay(site, ms);
	plan_site(s, site);
}

struct site *
schedule_site(const struct schedule *s, const char *host)
{
	return strmap_find(&s->sites, host);
}

/* A page may redirect to ever new hosts: those that are at rest are not worth their memory. */
static void
forget_foreign(struct schedule *s, int64_t now)
{
	const char *name;
	void *value;
	size_t i = 0;

	if (s->n_foreign < FOREIGN_MAX)
		return;
	while (strmap_next(&s->sites, &i, &name, &value)) {
		struct site *site = value;

		/* One that was left this very moment is still looked at by our caller. */
		if (!site->foreign || site->busy > 0 || site->claims > 0 || site->next >= now)
			continue;
		strmap_remove(&s->sites, name);
		free(site);
		s->n_foreign--;
	}
}

int64_t
schedule_hop(struct schedule *s, struct turn *turn, const char *host, int64_t now)
{
	struct site *site;
	int64_t wait;

	if (turn->site != NULL && strcmp(turn->site->name, host) == 0) {
		turn->asked = true;
		return 0;
	}
	schedule_over(s, turn, now);
	if (turn->claim != NULL && strcmp(turn->claim->name, host) != 0)
		drop_claim(s, turn);
	forget_foreign(s, now);
	site = site_of(s, host, true, now);
	wait = site_wait(site, &s->limits, now);
	if (wait > max64(HOP_WAIT_MS, 2 * s->limits.gap_ms)) {
		drop_claim(s, turn);
		return -1;
	}
	if (wait > 0) {
		site->claims += turn->claim == NULL;
		turn->claim = site;
		plan_site(s, site);
		return wait;
	}
	site_begin(site, &s->limits, now);
	turn->site = site;
	turn->began = now;
	turn->asked = true;
	drop_claim(s, turn);
	plan_site(s, site);
	return 0;
}

/* Full jitter, the same in every run: between 1 and `most` ms. */
static int64_t
jittered(const struct work *w, int64_t most)
{
	uint64_t id = hash_bytes(w->source->id, strlen(w->source->id));

	return 1 + (int64_t)(hash_u64(id ^ (uint64_t)w->slot ^ w->tries) % (uint64_t)most);
}

/* P51: a failure that may pass is tried again, while its slot is the newest. */
static bool
try_again(struct schedule *s, struct work *w, const struct answer *a, int64_t not_before, int64_t now)
{
	int64_t again = now;

	if (!a->failed || !a->passing || w->tries >= SCHEDULE_TRIES || w->site == NULL)
		return false;
	if (!a->busy_host)
		again += jittered(w, RETRY_FIRST_MS << w->tries);
	again = max64(again, max64(w->site->next, not_before));
	if (again >= due_after(s, w, w->slot))
		return false;
	heap_put(&s->due, &w->timed, again);
	return true;
}

bool
schedule_answered(struct schedule *s, struct turn *turn, const struct answer *a, int64_t now)
{
	struct work *w = turn->work;
	int64_t not_before = now;

	schedule_over(s, turn, now);
	drop_claim(s, turn);
	if (a->host != NULL) {
		struct site *site = site_of(s, a->host, true, now);

		if (a->busy_host)
			site_refuse(site, a->retry_after_s * 1000, turn->began, now);
		else if (!a->failed)
			site_forgive(site, turn->began);
		plan_site(s, site);
		not_before = site->next;
	}
	if (try_again(s, w, a, not_before, now))
		return false;
	w->done = w->slot;
	plan_next(s, w, now);
	return true;
}
