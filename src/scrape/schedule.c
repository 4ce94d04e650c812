#include "scrape/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "scrape/fetch.h"

#define DAY_MS (INT64_C(86400) * 1000)
#define REST_FIRST_MS INT64_C(60000) /* P51: without Retry-After */
#define REST_MAX_MS (INT64_C(6) * 3600000)
#define RETRY_FIRST_MS INT64_C(2000)

static int64_t
min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/*
 * The end of the gap that a state names. A wall clock that went back meanwhile
 * does not stretch it: then what was left of it when it was said counts.
 */
static int64_t
gap_of_state(const struct job_state *st, int64_t now)
{
	int64_t left = st->next - (st->at != 0 && st->at > now ? st->at : now);

	return now + min64(left, DAY_MS);
}

static struct host *
host_of(struct schedule *s, const char *url, int64_t now)
{
	char *name = fetch_host(url);
	const struct job_state *st;
	struct host *h;

	if (name == NULL)
		return NULL;
	h = strmap_find(&s->by_name, name);
	if (h != NULL) {
		free(name);
		return h;
	}
	h = xcalloc(1, sizeof(*h));
	h->name = name;
	TAILQ_INIT(&h->waiting);
	st = job_find_state(s->job, "gap/", name);
	if (st != NULL) {
		h->next = gap_of_state(st, now);
		h->strikes = st->strikes;
	}
	strmap_put(&s->by_name, h->name, h);
	return h;
}

static bool
is_late(const struct work *w, int64_t now)
{
	return grid_newest(&w->grid, now) > w->done;
}

/* P52: what is late already is spread over as long as it takes politely, at most over `every`. */
static void
spread_late(struct schedule *s, int64_t now)
{
	size_t i, n = 0, k = 0;

	for (i = 0; i < s->job->n_sources; i++)
		n += is_late(&s->works[i], now);
	for (i = 0; i < s->job->n_sources; i++) {
		struct work *w = &s->works[i];

		if (is_late(w, now)) {
			int64_t step = min64(s->job->gap_ms, w->grid.every_ms / (int64_t)n); /* NOLINT: n counts this one, too */

			heap_put(&s->due, &w->timed, now + step * (int64_t)k++);
		} else {
			heap_put(&s->due, &w->timed, grid_due(&w->grid, grid_next(&w->grid, w->done)));
		}
	}
}

void
schedule_init(struct schedule *s, const struct job *job, int64_t now)
{
	const struct job_state *st;
	size_t i;

	memset(s, 0, sizeof(*s));
	s->job = job;
	s->works = xcalloc(job->n_sources + 1, sizeof(*s->works));
	for (i = 0; i < job->n_sources; i++) {
		const struct job_source *src = &job->sources[i];
		struct work *w = &s->works[i];

		w->source = src;
		w->grid.source = hash_bytes(src->id, strlen(src->id));
		w->grid.every_ms = src->every_ms != 0 ? src->every_ms : job->every_ms;
		w->grid.jitter_permille = job->jitter_permille;
		w->timed.order = i;
		w->host = host_of(s, src->url, now);
		st = job_find_state(job, "done/", src->id);
		w->done = st != NULL ? st->slot : GRID_NO_SLOT;
		w->slot = GRID_NO_SLOT;
	}
	spread_late(s, now);
}

void
schedule_release(struct schedule *s)
{
	const char *name;
	void *value;
	size_t i = 0;

	while (strmap_next(&s->by_name, &i, &name, &value)) {
		struct host *h = value;

		free(h->name);
		free(h);
	}
	strmap_release(&s->by_name);
	heap_release(&s->due);
	heap_release(&s->gaps);
	free(s->works);
	memset(s, 0, sizeof(*s));
}

/* The source's next turn: at once if a slot is owed, else when the next one is due. */
static void
plan_next(struct schedule *s, struct work *w, int64_t now)
{
	int64_t due = now;

	if (!is_late(w, now))
		due = grid_due(&w->grid, grid_next(&w->grid, w->done));
	heap_put(&s->due, &w->timed, due);
}

/* Work waits for its host: plan when the host may be asked. */
static void
plan_host(struct schedule *s, struct host *h)
{
	if (h->busy || TAILQ_EMPTY(&h->waiting))
		heap_remove(&s->gaps, &h->timed);
	else
		heap_put(&s->gaps, &h->timed, h->next);
}

/* Begin the slot of this time; false if it was done meanwhile. */
static bool
begin(struct work *w, int64_t now)
{
	int64_t slot = grid_newest(&w->grid, now);

	if (slot <= w->done)
		return false;
	if (slot != w->slot)
		w->tries = 0;
	w->slot = slot;
	w->tries++;
	return true;
}

struct work *
schedule_take(struct schedule *s, int64_t now)
{
	struct timed *t;

	while ((t = heap_top(&s->due)) != NULL && t->due <= now) {
		struct work *w = (struct work *)(void *)t; /* its first member */

		heap_remove(&s->due, t);
		if (w->host != NULL) {
			TAILQ_INSERT_TAIL(&w->host->waiting, w, entry);
			plan_host(s, w->host);
		} else if (begin(w, now)) {
			return w;
		} else {
			plan_next(s, w, now);
		}
	}
	while ((t = heap_top(&s->gaps)) != NULL && t->due <= now) {
		struct host *h = (struct host *)(void *)t;
		struct work *w = TAILQ_FIRST(&h->waiting);

		TAILQ_REMOVE(&h->waiting, w, entry);
		h->busy = begin(w, now);
		plan_host(s, h);
		if (h->busy)
			return w;
		plan_next(s, w, now);
	}
	return NULL;
}

int64_t
schedule_wake(const struct schedule *s)
{
	const struct timed *due = heap_top(&s->due), *gap = heap_top(&s->gaps);

	return min64(due != NULL ? due->due : SCHEDULE_NEVER, gap != NULL ? gap->due : SCHEDULE_NEVER);
}

/* Full jitter, the same in every run: between 1 and `most` ms. */
static int64_t
jittered(const struct work *w, int64_t most, uint32_t n)
{
	return 1 + (int64_t)(hash_u64(w->grid.source ^ (uint64_t)w->slot ^ n) % (uint64_t)most);
}

/* P51: how long a host that said 429 or 503 is left alone. */
static int64_t
rest_of(const struct work *w, const struct answer *a)
{
	uint32_t doublings = w->host->strikes < 10 ? w->host->strikes : 10;

	if (a->retry_after_s > 0)
		return a->retry_after_s * 1000;
	return jittered(w, min64(REST_FIRST_MS << doublings, REST_MAX_MS), w->host->strikes);
}

static void
answered_by_host(struct schedule *s, struct work *w, const struct answer *a, int64_t now)
{
	struct host *h = w->host;
	int64_t rest = s->job->gap_ms;

	if (a->busy_host) {
		int64_t wanted = rest_of(w, a);

		rest = wanted > rest ? wanted : rest;
		h->strikes++;
	} else if (!a->failed) {
		h->strikes = 0;
	}
	h->next = now + rest;
	h->busy = false;
	plan_host(s, h);
}

/* P51: a failure that may pass is tried again, while its slot is the newest. */
static bool
try_again(struct schedule *s, struct work *w, const struct answer *a, int64_t now)
{
	int64_t again = now + jittered(w, RETRY_FIRST_MS << w->tries, w->tries);

	if (!a->failed || !a->passing || a->busy_host || w->tries >= SCHEDULE_TRIES || w->host == NULL)
		return false;
	if (again < w->host->next)
		again = w->host->next;
	if (again >= grid_due(&w->grid, grid_next(&w->grid, w->slot)))
		return false;
	heap_put(&s->due, &w->timed, again);
	return true;
}

bool
schedule_answered(struct schedule *s, struct work *w, const struct answer *a, int64_t now)
{
	if (w->host != NULL)
		answered_by_host(s, w, a, now);
	if (try_again(s, w, a, now))
		return false;
	w->done = w->slot;
	plan_next(s, w, now);
	return true;
}
