#include "daemon/fresh.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "conf/text.h"
#include "core/timers.h"
#include "daemon/handover.h"
#include "daemon/states.h"

/* A child that prints ever new words as reasons is not to fill the memory. */
#define WORDS_MAX 1000
#define WORD_SIZE 64
/* P51: no rest that a site asks for is longer than a day. */
#define REST_MAX_MS (INT64_C(24) * 3600 * 1000)
#define SITE_NAME_SIZE 300

struct fresh_watch {
	struct timers timers;
	struct source_state **sources; /* by handle; NULL: free */
	uint32_t n, cap;
	uint32_t *unused; /* handles */
	uint32_t n_unused, unused_cap;
	struct event *event;
	struct freshness *due; /* children with an alarm to come */
	mono_t at;
};

int64_t
fresh_now(void)
{
	return mono_now().us / US_PER_MS;
}

int64_t
fresh_wall(int64_t ms)
{
	return ms == FRESH_NEVER ? 0 : wall_ms() + ms - fresh_now();
}

struct freshness *
fresh_new(child_handle h)
{
	struct freshness *f = xcalloc(1, sizeof(*f));

	f->handle = h;
	f->alarm_at = MONO_NEVER;
	f->alarmed_at = MONO_NEVER;
	return f;
}

static struct fresh_watch *
watch_of(struct daemon *d)
{
	if (d->fresh_watch == NULL) {
		d->fresh_watch = xcalloc(1, sizeof(*d->fresh_watch));
		d->fresh_watch->at = MONO_NEVER;
	}
	return d->fresh_watch;
}

static uint32_t
take_handle(struct daemon *d, struct source_state *s)
{
	struct fresh_watch *w = watch_of(d);
	uint32_t h;

	if (w->n_unused > 0) {
		h = w->unused[--w->n_unused];
	} else {
		if (w->n == w->cap) {
			w->cap = w->cap == 0 ? 64 : w->cap * 2;
			w->sources = xreallocarray(w->sources, w->cap, sizeof(struct source_state *));
			timers_reserve(&w->timers, w->cap);
		}
		h = w->n++;
	}
	w->sources[h] = s;
	return h;
}

static void
give_back_handle(struct daemon *d, uint32_t h)
{
	struct fresh_watch *w = d->fresh_watch;

	timers_cancel(&w->timers, h);
	w->sources[h] = NULL;
	if (w->n_unused == w->unused_cap) {
		w->unused_cap = w->unused_cap == 0 ? 64 : w->unused_cap * 2;
		w->unused = xreallocarray(w->unused, w->unused_cap, sizeof(*w->unused));
	}
	w->unused[w->n_unused++] = h;
}

struct fresh_policy
fresh_policy_of(const struct source_state *s)
{
	const struct scraper *scraper = s->of->scraper;
	struct fresh_policy p = s->of->policy;

	if (scraper != NULL && s->every_ms != p.every)
		p = config_fresh_policy(scraper, s->every_ms * US_PER_MS);
	if (s->site != NULL && s->site->asked)
		p.rest = s->site->rest_until;
	return p;
}

/* What is it now? And when may it be something else? */
static void
look(struct daemon *d, struct source_state *s, int64_t now)
{
	struct fresh_policy policy = fresh_policy_of(s);
	struct fresh_verdict v;
	mono_t until = MONO_NEVER;

	fresh_judge(&s->facts, &policy, now, &v);
	if (v.until != INT64_MAX)
		until = mono_add_ms(MONO_ZERO, v.until);
	timers_set(&d->fresh_watch->timers, s->handle, until);
	fresh_arm(d, until);
	if (v.state == s->state)
		return;
	s->of->counts[s->state]--;
	s->of->counts[v.state]++;
	s->state = (unsigned char)v.state;
	fresh_alarm_note(d, s);
}

static void
time_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct fresh_watch *w = d->fresh_watch;
	mono_t now = mono_now(), next;
	uint32_t handle;

	(void)fd;
	(void)what;
	w->at = MONO_NEVER;
	if (handover_holds(d)) {
		fresh_arm(d, mono_add_us(now, US_PER_S));
		return;
	}
	while (timers_pop(&w->timers, now, &handle))
		look(d, w->sources[handle], now.us / US_PER_MS);
	next = fresh_alarm_run(d, now);
	fresh_arm(d, mono_min(next, timers_due(&w->timers)));
	journal_push(d->journal);
}

void
fresh_arm(struct daemon *d, mono_t at)
{
	struct fresh_watch *w = watch_of(d);
	struct timeval tv;
	int64_t us;

	if (mono_is_never(at) || !mono_before(at, w->at))
		return;
	if (w->event == NULL && (w->event = evtimer_new(d->base, time_cb, d)) == NULL)
		return;
	us = mono_diff_us(at, mono_now());
	/* A little later, and then all that has become due meanwhile. */
	us = us < 0 ? 0 : us;
	us += 10 * US_PER_MS;
	w->at = at;
	tv = (struct timeval){ .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };
	evtimer_add(w->event, &tv);
}

static struct source_state *
source_add(struct daemon *d, struct freshness *f, const char *id, int64_t now)
{
	struct source_state *s = xcalloc(1, sizeof(*s) + strlen(id) + 1);

	memcpy(s->id, id, strlen(id) + 1);
	s->facts = (struct fresh_facts)FRESH_FACTS_INIT(now);
	s->slot = FRESH_NEVER;
	s->status = s->reason = "";
	s->of = f;
	s->state = FRESH_NEW;
	s->told = FRESH_NEW;
	s->handle = take_handle(d, s);
	f->counts[FRESH_NEW]++;
	strmap_put(&f->sources, s->id, s);
	return s;
}

static void
source_drop(struct daemon *d, struct source_state *s)
{
	struct freshness *f = s->of;

	fresh_alarm_forget(s);
	give_back_handle(d, s->handle);
	f->counts[s->state]--;
	strmap_remove(&f->sources, s->id);
	free(s);
}

/* What is not in the configuration any more goes. */
static void
drop_unlisted(struct daemon *d, struct freshness *f)
{
	struct source_state **gone = xcalloc(f->sources.n + 1, sizeof(struct source_state *));
	const char *id;
	void *value;
	size_t i = 0, n = 0;

	while (strmap_next(&f->sources, &i, &id, &value)) {
		struct source_state *s = value;

		if (!s->listed)
			gone[n++] = s;
		s->listed = false;
	}
	while (n > 0)
		source_drop(d, gone[--n]);
	free(gone);
}

/* As pricescrape names a site in its states. */
static bool
site_name(const char *url, char name[SITE_NAME_SIZE])
{
	struct err err = ERR_INIT;
	struct text_url u;
	unsigned own;
	size_t i;

	if (text_url_parse(url, &u, &err) == -1 || u.host_len > SITE_NAME_SIZE - 8)
		return false;
	for (i = 0; i < u.host_len; i++)
		name[i] = (char)tolower((unsigned char)u.host[i]);
	name[i] = '\0';
	own = tolower((unsigned char)url[4]) == 's' ? 443 : 80;
	if (u.port != own)
		snprintf(name + i, SITE_NAME_SIZE - i, ":%u", u.port);
	return true;
}

static struct source_site *
site_of(struct freshness *f, const char *url)
{
	struct source_site *site;
	char name[SITE_NAME_SIZE];

	if (!site_name(url, name))
		return NULL;
	if ((site = strmap_find(&f->sites, name)) != NULL)
		return site;
	site = xcalloc(1, sizeof(*site) + strlen(name) + 1);
	memcpy(site->name, name, strlen(name) + 1);
	site->rest_until = FRESH_NEVER;
	strmap_put(&f->sites, site->name, site);
	return site;
}

bool
fresh_rest_of(const char *line, size_t len, int64_t *until, bool *asked)
{
	struct json_field value = { .name = "value" }, v[] = { { .name = "next" }, { .name = "strikes" } };
	int64_t next, strikes, left;

	if (json_scan(line, len, &value, 1) == -1 || value.kind != JSON_OBJECT ||
	    json_scan(value.p, value.len, v, ARRAY_LEN(v)) == -1 || json_field_int(&v[0], &next) == -1)
		return false;
	left = next - wall_ms();
	*until = left <= 0 ? FRESH_NEVER : fresh_now() + (left < REST_MAX_MS ? left : REST_MAX_MS);
	*asked = json_field_int(&v[1], &strikes) == 0 && strikes > 0;
	return true;
}

void
fresh_rest(struct freshness *f, const char *host, int64_t until, bool asked)
{
	struct source_site *site = strmap_find(&f->sites, host);

	if (site == NULL)
		return;
	site->rest_until = until;
	site->asked = asked;
}

mono_t
fresh_silent_until(const struct freshness *f)
{
	int64_t first = INT64_MAX;
	const char *name;
	void *value;
	size_t i = 0;

	while (strmap_next(&f->sites, &i, &name, &value)) {
		const struct source_site *site = value;

		if (site->sources > 0 && site->rest_until < first)
			first = site->rest_until;
	}
	return first == INT64_MAX || first == FRESH_NEVER ? MONO_ZERO : mono_add_ms(MONO_ZERO, first);
}

void
fresh_configure(struct daemon *d, child_handle h)
{
	struct freshness *f = d->kids[h].fresh;
	struct child_view view;
	const struct scraper *scraper;
	int64_t now = fresh_now();
	const char *name;
	void *site;
	size_t i;

	if (f == NULL || !tree_view(d->tree, h, &view))
		return;
	watch_of(d);
	f->scraper = scraper = config_launch(view.spec)->scraper;
	if (scraper == NULL) {
		f->policy = (struct fresh_policy){ .rest = FRESH_NEVER };
		return;
	}
	f->policy = config_fresh_policy(scraper, scraper->every_us);
	for (i = 0; strmap_next(&f->sites, &i, &name, &site);)
		((struct source_site *)site)->sources = 0;
	for (i = 0; i < scraper->n_sources; i++) {
		const struct source *source = &scraper->sources[i];
		struct source_state *s = strmap_find(&f->sources, source->id);

		if (s == NULL)
			s = source_add(d, f, source->id, now);
		s->listed = true;
		s->site = site_of(f, source->url);
		if (s->site != NULL)
			s->site->sources++;
		s->every_ms = (source->every_us != 0 ? source->every_us : scraper->every_us) / US_PER_MS;
		look(d, s, now);
	}
	drop_unlisted(d, f);
}

/* Kept once for all sources. */
static const char *
word_of(struct freshness *f, const char *p, size_t n)
{
	char *word;

	n = n < WORD_SIZE ? n : WORD_SIZE;
	if (n == 0)
		return "";
	if ((word = strmap_findn(&f->words, p, n)) != NULL)
		return word;
	if (f->words.n >= WORDS_MAX)
		return "other";
	word = xstrndup(p, n);
	strmap_put(&f->words, word, word);
	return word;
}

/* Up to an escape: words have none. */
static const char *
field_word(struct freshness *f, const struct json_field *field)
{
	const char *escape;

	if (field->kind != JSON_STRING)
		return "";
	escape = memchr(field->p, '\\', field->len);
	return word_of(f, field->p, escape == NULL ? field->len : (size_t)(escape - field->p));
}

static struct source_state *
source_named(struct daemon *d, struct freshness *f, const struct json_field *id, int64_t now)
{
	struct source_state *s;
	char *name;

	if (id->kind != JSON_STRING || id->len == 0)
		return NULL;
	if (memchr(id->p, '\\', id->len) == NULL && (s = strmap_findn(&f->sources, id->p, id->len)) != NULL)
		return s;
	if ((name = json_field_strdup(id)) == NULL)
		return NULL;
	s = strmap_find(&f->sources, name);
	/* Of a scraper all are configured; the newest words of one that was taken out are not waited for. */
	if (s == NULL && f->scraper == NULL && f->sources.n < PAST_SOURCES_MAX)
		s = source_add(d, f, name, now);
	free(name);
	return s;
}

void
fresh_observed(struct daemon *d, child_handle h, const struct json_field *source, const struct json_field *status,
    const struct json_field *reason, const struct json_field *slot)
{
	struct freshness *f = d->kids[h].fresh;
	int64_t now = fresh_now();
	struct source_state *s;

	if (f == NULL || status->kind != JSON_STRING || (s = source_named(d, f, source, now)) == NULL)
		return;
	s->status = field_word(f, status);
	s->reason = field_word(f, reason);
	if (slot->kind != JSON_NUMBER || json_field_int(slot, &s->slot) == -1)
		s->slot = FRESH_NEVER;
	fresh_note(&s->facts, fresh_kind(s->status, strlen(s->status), s->reason, strlen(s->reason)), now);
	look(d, s, now);
}

/* By the wall clock, as in the journal; by ours. What lies in the future is now. */
static int64_t
recalled(int64_t wall, int64_t shift, int64_t now)
{
	if (wall == FRESH_NEVER)
		return FRESH_NEVER;
	return wall + shift < now ? wall + shift : now;
}

/* What the newest alarm said of it, or would have said: what has begun later nobody was told. */
static enum fresh_state
told_state(const struct source_state *s, int64_t told)
{
	struct fresh_policy policy = fresh_policy_of(s);
	struct fresh_verdict v;

	if (told == FRESH_NEVER || s->facts.since == FRESH_NEVER || s->facts.since > told)
		return FRESH_FRESH;
	fresh_judge(&s->facts, &policy, told, &v);
	return v.state;
}

static void
recall_source(struct daemon *d, struct freshness *f, const struct past_source *past, int64_t shift, int64_t now)
{
	struct source_state *s = strmap_find(&f->sources, past->id);

	if (s == NULL && f->scraper != NULL)
		return;
	if (s == NULL)
		s = source_add(d, f, past->id, now);
	s->facts = past->facts;
	s->facts.known = recalled(past->facts.known, shift, now);
	s->facts.last = recalled(past->facts.last, shift, now);
	s->facts.good = recalled(past->facts.good, shift, now);
	s->facts.since = recalled(past->facts.since, shift, now);
	s->slot = past->slot;
	s->status = word_of(f, past->status, strlen(past->status));
	s->reason = word_of(f, past->reason, strlen(past->reason));
	s->told = (unsigned char)told_state(s, f->told_ms == 0 ? FRESH_NEVER : recalled(f->told_ms, shift, now));
	look(d, s, now);
	fresh_alarm_note(d, s);
}

void
fresh_recall(struct daemon *d, child_handle h, const struct past_child *pc)
{
	struct freshness *f = d->kids[h].fresh;
	int64_t now = fresh_now(), shift = now - wall_ms();
	const char *id;
	void *source;
	size_t i = 0;

	f->told_ms = pc->told_ms;
	while (strmap_next(&pc->sources, &i, &id, &source))
		recall_source(d, f, source, shift, now);
}

static int64_t
wall_time(int64_t ms)
{
	return ms == FRESH_NEVER ? FRESH_NEVER : fresh_wall(ms);
}

static void
snapshot_states(const struct freshness *f, const char *child, struct buf *out)
{
	const char *key;
	void *value;
	size_t i = 0;

	while (strmap_next(&f->states, &i, &key, &value)) {
		const struct state *state = value;

		past_state_encode(child, key, state->token, state->n, state->line, out);
	}
}

static void
snapshot_sources(const struct freshness *f, const char *child, struct buf *out)
{
	const char *id;
	void *value;
	size_t i = 0;

	while (strmap_next(&f->sources, &i, &id, &value)) {
		const struct source_state *s = value;
		struct past_source past = { s->facts, s->slot, s->status, s->reason, s->id };

		past.facts.known = wall_time(s->facts.known);
		past.facts.last = wall_time(s->facts.last);
		past.facts.good = s->facts.good == s->facts.last ? past.facts.last : wall_time(s->facts.good);
		past.facts.since = s->facts.since == s->facts.last ? past.facts.last : wall_time(s->facts.since);
		past_source_encode(&past, child, out);
	}
}

void
fresh_snapshot(struct daemon *d, struct buf *out)
{
	child_handle h;

	for (h = 0; h < d->n_kids; h++) {
		if (d->kids[h].path == NULL || d->kids[h].removed || d->kids[h].fresh == NULL)
			continue;
		snapshot_states(d->kids[h].fresh, d->kids[h].path, out);
		snapshot_sources(d->kids[h].fresh, d->kids[h].path, out);
	}
}

void
fresh_free(struct daemon *d, struct freshness *f)
{
	const char *key;
	void *value;
	size_t i;

	if (f == NULL)
		return;
	states_free(f);
	drop_unlisted(d, f);
	strmap_release(&f->sources);
	for (i = 0; strmap_next(&f->words, &i, &key, &value);)
		free(value);
	strmap_release(&f->words);
	for (i = 0; strmap_next(&f->sites, &i, &key, &value);)
		free(value);
	strmap_release(&f->sites);
	fresh_alarm_leave(d, f);
	free(f);
}

void
fresh_quiet(struct daemon *d)
{
	if (d->fresh_watch != NULL && d->fresh_watch->event != NULL)
		event_del(d->fresh_watch->event);
}

void
fresh_release(struct daemon *d)
{
	struct fresh_watch *w = d->fresh_watch;

	if (w == NULL)
		return;
	if (w->event != NULL)
		event_free(w->event);
	timers_release(&w->timers);
	free(w->sources);
	free(w->unused);
	free(w);
	d->fresh_watch = NULL;
}
