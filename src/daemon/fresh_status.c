/* What `status` says of sources; ARCHITECTURE.md, Control, has its shape. */
#include <string.h>

#include "base/json.h"
#include "daemon/fresh.h"

static void
put_ms(struct buf *b, const char *name, int64_t ms)
{
	if (ms == FRESH_NEVER)
		json_put_str(b, name, NULL);
	else
		json_put_int(b, name, fresh_wall(ms));
}

static void
put_wall(struct buf *b, const char *name, int64_t ms)
{
	if (ms == 0)
		json_put_str(b, name, NULL);
	else
		json_put_int(b, name, ms);
}

static void
judge(const struct source_state *s, int64_t now, struct fresh_verdict *v)
{
	struct fresh_policy policy = fresh_policy_of(s);

	fresh_judge(&s->facts, &policy, now, v);
}

const char *
fresh_reason(const struct source_state *s)
{
	struct fresh_verdict v;

	judge(s, fresh_now(), &v);
	if (v.why == FRESH_WHY_OVERDUE)
		return "overdue";
	if (v.why == FRESH_WHY_REST)
		return "site-rest";
	if (v.state == FRESH_FRESH || v.state == FRESH_NEW)
		return "";
	return s->reason[0] != '\0' ? s->reason : s->status;
}

/* State, reason and since when: of a source, or of the worst one. */
static void
put_verdict(const struct source_state *s, const struct fresh_verdict *v, struct buf *b)
{
	const char *reason = fresh_reason(s);

	json_put_str(b, "state", fresh_state_name(v->state));
	json_put_str(b, "reason", reason[0] != '\0' ? reason : NULL);
	put_ms(b, "since", v->since);
}

static void
put_source(const struct source_state *s, int64_t now, struct buf *b)
{
	struct fresh_verdict v;

	judge(s, now, &v);
	buf_xaddc(b, '{');
	json_put_str(b, "source", s->id);
	put_verdict(s, &v, b);
	json_put_str(b, "status", s->status[0] != '\0' ? s->status : NULL);
	put_ms(b, "checked", s->facts.last);
	put_ms(b, "last_good", s->facts.good);
	buf_xaddc(b, '}');
}

/* In the order of the configuration, where there is one. */
static void
put_list(const struct freshness *f, int64_t now, struct buf *b)
{
	const struct source_state *s;
	const char *id;
	void *value;
	size_t i = 0, n = 0;

	json_put_name(b, "source_list");
	buf_xaddc(b, '[');
	for (; f->scraper != NULL && i < f->scraper->n_sources; i++) {
		if ((s = strmap_find(&f->sources, f->scraper->sources[i].id)) == NULL)
			continue;
		if (n++ > 0)
			buf_xaddc(b, ',');
		put_source(s, now, b);
	}
	while (f->scraper == NULL && strmap_next(&f->sources, &i, &id, &value)) {
		if (n++ > 0)
			buf_xaddc(b, ',');
		put_source(value, now, b);
	}
	buf_xaddc(b, ']');
}

/* Of the sources in the worst state there is, the one that has been so for longest. */
static void
put_worst(const struct freshness *f, int64_t now, struct buf *b)
{
	const struct source_state *worst = NULL;
	struct fresh_verdict v, found = { FRESH_NEW, FRESH_WHY_ANSWER, 0, 0 };
	const char *id;
	void *value;
	size_t i = 0;

	while (f->counts[FRESH_FRESH] + f->counts[FRESH_NEW] < f->sources.n && strmap_next(&f->sources, &i, &id, &value)) {
		judge(value, now, &v);
		if (v.state <= FRESH_NEW || (worst != NULL && (v.state < found.state ||
			(v.state == found.state && v.since >= found.since))))
			continue;
		worst = value;
		found = v;
	}
	json_put_name(b, "worst");
	if (worst == NULL) {
		buf_xaddstr(b, "null");
		return;
	}
	buf_xaddc(b, '{');
	put_verdict(worst, &found, b);
	json_put_str(b, "source", worst->id);
	buf_xaddc(b, '}');
}

/* Lines of files of sources that are of no use. */
static void
put_left_out(const struct scraper *scraper, struct buf *b)
{
	size_t i;

	if (scraper == NULL || scraper->n_left_out == 0)
		return;
	json_put_name(b, "left_out");
	buf_xaddc(b, '[');
	for (i = 0; i < scraper->n_left_out; i++) {
		buf_xaddstr(b, i > 0 ? ",{" : "{");
		json_put_str(b, "file", scraper->left_out[i].file);
		json_put_uint(b, "lines", scraper->left_out[i].lines);
		json_put_uint(b, "first", scraper->left_out[i].first);
		buf_xaddc(b, '}');
	}
	buf_xaddc(b, ']');
}

/* The first fetch behind a slot that is known to be done. */
static int64_t
next_due(const struct freshness *f)
{
	const struct source_state *s;
	int64_t due = 0;
	const char *id;
	void *value;
	size_t i = 0;

	while (strmap_next(&f->sources, &i, &id, &value)) {
		s = value;
		if (s->slot != FRESH_NEVER && s->every_ms != 0 && (due == 0 || s->slot + s->every_ms < due))
			due = s->slot + s->every_ms;
	}
	return due;
}

void
fresh_status(struct daemon *d, child_handle h, bool list, struct buf *b)
{
	const struct freshness *f = d->kids[h].fresh;
	int64_t now = fresh_now();
	enum fresh_state state;

	if (f == NULL)
		return;
	if (f->scraper != NULL)
		json_put_uint(b, "sources", f->scraper->n_sources);
	put_left_out(f->scraper, b);
	put_wall(b, "last_good", f->last_good_ms);
	put_wall(b, "next_due", next_due(f));
	json_put_str(b, "last_status", f->last_status[0] != '\0' ? f->last_status : NULL);
	json_put_str(b, "last_reason", f->last_reason[0] != '\0' ? f->last_reason : NULL);
	json_put_name(b, "freshness");
	buf_xaddc(b, '{');
	for (state = 0; state < FRESH_STATES; state++)
		json_put_uint(b, fresh_state_name(state), f->counts[state]);
	buf_xaddc(b, '}');
	put_worst(f, now, b);
	if (list)
		put_list(f, now, b);
}
