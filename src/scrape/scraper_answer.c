/* What comes of a fetch: the observation of its slot, and the states that a successor needs. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "price/extract.h"
#include "scrape/observe.h"
#include "scrape/scraper_private.h"

#define GONE_CHECKS 3 /* P51 */

/* P50: validators hold while the same page is read in the same way. */
static uint32_t
rule_hash(const struct scraper *s, const struct job_source *src)
{
	static const char version[] = PACKAGE_VERSION;
	uint64_t h = reading_of(s->readings, src->terms, NULL)->hash;

	h = hash_u64(h ^ hash_bytes(src->url, strlen(src->url)));
	h = hash_u64(h ^ hash_bytes(version, sizeof(version) - 1) ^ EXTRACT_VERSION);
	return (uint32_t)h;
}

void
answer_prepare(const struct scraper *s, const struct job_source *src, struct known *known,
    struct fetch_request *request)
{
	request->url = src->url;
	known_unpack(src->known, known);
	if (known->rule != rule_hash(s, src))
		return;
	request->etag = known->etag[0] != '\0' ? known->etag : NULL;
	request->last_modified = known->last_modified[0] != '\0' ? known->last_modified : NULL;
	request->validated_url = known->validated_url[0] != '\0' ? known->validated_url : NULL;
}

static void
put_state(struct scraper *s, const char *prefix, const char *name)
{
	observe_put_state(&s->lines, prefix, name, s->value.data);
	buf_clear(&s->value);
}

void
answer_put_gap(struct scraper *s, struct site *site, int64_t now)
{
	/* Where there is nothing to keep; and of hosts that pages choose, those alone that want rest. */
	if ((site->next <= now || site->foreign) && site->strikes == 0 && site->told == 0)
		return;
	site_put_state(site, now, &s->value);
	put_state(s, "gap/", site->name);
}

void
answer_put_try(struct scraper *s, const struct work *w)
{
	schedule_put_try(w, &s->value);
	put_state(s, "try/", w->source->id);
}

void
answer_flush(struct scraper *s)
{
	if (confine_news(&s->confine))
		confine_put_state(&s->confine, &s->lines);
	if (s->lines.len > 0)
		output_put(&s->out, s->lines.data, s->lines.len);
	buf_clear(&s->lines);
}

/* P41: NULL if it was read; else why it was not. */
static const char *
read_page(struct scraper *s, const struct work *w, const struct fetch_result *r, struct offer *offer)
{
	const struct job_source *src = w->source;
	char today[WALL_TEXT_SIZE];
	struct page page = { .body = r->body,
		.len = r->len,
		.content_type = r->content_type,
		.url = r->final_url != NULL ? r->final_url : src->url,
		.named = src->product != NULL,
		.today = wall_text(wall_ms(), today) };
	const struct reading *reading = reading_of(s->readings, src->terms, NULL);

	told_page(&reading->told, &page);
	return page_guard_extract(s->guard,
	    &(struct guarded){ .source = src->id, .url = src->url, .slot = w->slot, .time = today, .now_ms = scraper_now(s) },
	    &page, reading->rule, offer, &s->lines);
}

/* P42: what the page offers, against what it offered. */
static enum doubt
weigh(const struct job_source *src, const struct offer *offer, struct known *known)
{
	const struct money *m = &offer->money;
	struct plausible_price price = { .known = true, .amount = m->amount };

	if (!m->has_amount || offer->method == METHOD_NONE || offer_is_unavailable(offer))
		return DOUBT_NONE;
	if (m->currency != NULL)
		memcpy(price.currency, m->currency->code, strlen(m->currency->code) + 1);
	return plausible_check(&src->terms->plausible, &known->prices, &price);
}

/*
 * A page was read. Validators are worth keeping only of one that was
 * understood: behind any other "not modified" would hide that it was not.
 */
static void
learn(const struct scraper *s, const struct job_source *src, const struct observed *o, struct known *known)
{
	const char *status = observe_status(o);

	known->gone = 0;
	known->rule = rule_hash(s, src);
	known_forget_validators(known);
	if (strcmp(status, "ok") != 0 && strcmp(status, "unavailable") != 0)
		return;
	known->availability = o->offer->availability;
	known_set_validators(known, o->fetch->etag, o->fetch->last_modified, o->fetch->final_url);
}

/* There is no page: 404 and 410 are counted (P51). */
static void
miss(const struct fetch_result *r, struct observed *o, struct known *known)
{
	bool gone = r->http_status == 404 || r->http_status == 410;

	if (gone && known->gone < GONE_CHECKS)
		known->gone++;
	o->gone = gone && known->gone >= GONE_CHECKS;
}

static struct evidence_mark *
mark_of(struct scraper *s, const struct work *w)
{
	const struct job_state *st;
	struct evidence_mark *mark = map_find(&s->marks, w->timed.order + UINT64_C(1));

	if (mark != NULL)
		return mark;
	mark = xmalloc(sizeof(*mark));
	*mark = (struct evidence_mark)EVIDENCE_MARK_INIT;
	st = job_find_state(&s->job, "evidence/", w->source->id);
	if (st != NULL)
		evidence_mark_read(mark, st->value, st->len);
	map_put(&s->marks, w->timed.order + UINT64_C(1), mark);
	return mark;
}

/* Behind the lines of the slot: the page, if somebody will have to look at it. */
static void
put_evidence(struct scraper *s, const struct work *w, const struct observed *o, const struct known *known)
{
	const struct fetch_result *r = o->fetch;
	const struct plausible_price *last = &known->prices.accepted;
	const char *status = observe_status(o);
	int64_t now = scraper_now(s);
	char price[AMOUNT_TEXT_SIZE];
	struct evidence e;
	struct evidence_mark *mark;

	if (r == NULL || r->len == 0 || !evidence_is_wanted(&(struct evidence_mark)EVIDENCE_MARK_INIT, status, now))
		return;
	mark = mark_of(s, w);
	if (!evidence_is_wanted(mark, status, now))
		return;
	e = (struct evidence){ .source = o->source,
		.status = status,
		.reason = observe_reason(o),
		.url = o->url,
		.slot = o->slot,
		.time_ms = o->time_ms,
		.http_status = r->http_status,
		.content_type = r->content_type,
		.body = r->body,
		.len = r->len,
		.price = last->known ? amount_text(&last->amount, 0, price) : NULL };
	evidence_put(&e, &s->evidence, mark, now, &s->lines);
}

static void
put_states(struct scraper *s, const struct work *w, const struct known *known)
{
	buf_xaddc(&s->value, '{');
	json_put_int(&s->value, "slot", w->slot);
	buf_xaddc(&s->value, '}');
	put_state(s, "done/", w->source->id);
	if (known_replace(&w->source->known, known)) {
		known_put(known, &s->value);
		put_state(s, "page/", w->source->id);
	}
}

void
answer_report(struct scraper *s, const struct work *w, const struct fetch_result *r, const char *reason)
{
	const struct job_source *src = w->source;
	struct observed o = { .source = src->id,
		.product = src->product,
		.url = src->url,
		.slot = w->slot,
		.time_ms = wall_ms(),
		.reason = reason,
		.fetch = r };
	struct offer offer;
	struct known known;

	known_unpack(src->known, &known);
	if (r != NULL && r->not_modified) {
		o.not_modified = true;
		o.availability = known.availability;
		known.gone = 0;
	} else if (r != NULL && r->reason == NULL) {
		o.reason = read_page(s, w, r, &offer);
		if (o.reason == NULL) {
			o.offer = &offer;
			o.doubt = weigh(src, &offer, &known);
			learn(s, src, &o, &known);
		}
	} else if (r != NULL) {
		miss(r, &o, &known);
	}
	observe_put(&s->lines, &o);
	put_states(s, w, &known);
	put_evidence(s, w, &o, &known);
}
