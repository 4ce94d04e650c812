/* Alarms of sources: gathered for a moment, and told a child at a time (fresh.h). */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "daemon/fresh.h"

/* What goes wrong together is told together. */
#define GATHER_MS 1000
/* Between two alarms of a child: doubled each time, until it was quiet for a while. */
#define PAUSE_FIRST_MS 5000
#define PAUSE_MAX_MS 60000
#define QUIET_MS 120000
/* So many sources are named. */
#define NAMES_MAX 10

struct group {
	enum fresh_state state; /* FRESH_FRESH: well again */
	size_t n;
	const char *names[NAMES_MAX];
	const char *reason; /* of the first */
	bool mixed;	    /* others gave other reasons */
};

/* Is what the alarms say of it no longer so? Late is on the way to stale, and no alarm. */
static bool
is_due(const struct source_state *s)
{
	if (fresh_is_alarm(s->state))
		return s->state != s->told;
	return fresh_is_alarm(s->told) && (s->state == FRESH_FRESH || s->state == FRESH_UNAVAILABLE);
}

static void
schedule(struct daemon *d, struct freshness *f)
{
	mono_t now = mono_now(), after;

	if (!mono_is_never(f->alarm_at))
		return;
	f->alarm_at = mono_add_ms(now, GATHER_MS);
	if (!mono_is_never(f->alarmed_at)) {
		after = mono_add_ms(f->alarmed_at, f->pause_ms);
		f->alarm_at = mono_before(f->alarm_at, after) ? after : f->alarm_at;
	}
	f->next_due = d->alarms_due;
	d->alarms_due = f;
	fresh_arm(d, f->alarm_at);
}

void
fresh_alarm_note(struct daemon *d, struct source_state *s)
{
	if (!is_due(s))
		return;
	if (!s->dirty) {
		s->dirty = true;
		s->next_dirty = s->of->dirty;
		s->of->dirty = s;
	}
	schedule(d, s->of);
}

void
fresh_alarm_forget(struct source_state *s)
{
	struct source_state **at;

	for (at = &s->of->dirty; s->dirty && *at != NULL; at = &(*at)->next_dirty) {
		if (*at == s) {
			*at = s->next_dirty;
			s->dirty = false;
			break;
		}
	}
}

void
fresh_alarm_leave(struct daemon *d, struct freshness *f)
{
	struct freshness **at;

	for (at = &d->alarms_due; *at != NULL; at = &(*at)->next_due) {
		if (*at == f) {
			*at = f->next_due;
			break;
		}
	}
}

static void
join(struct group *g, const struct source_state *s)
{
	const char *reason = fresh_reason(s);

	if (g->n == 0)
		g->reason = reason;
	else if (strcmp(g->reason, reason) != 0)
		g->mixed = true;
	if (g->n < NAMES_MAX)
		g->names[g->n] = s->id;
	g->n++;
}

/* "webcam: no-match", "12 of 100 sources: no-match and others (webcam, mouse, and 10 more)" */
static void
put_text(const struct freshness *f, const struct group *g, struct buf *text)
{
	const bool well = g->state == FRESH_FRESH;
	size_t i;

	if (g->n == 1) {
		buf_xprintf(text, "%s: %s", g->names[0], well ? "there is a good answer again" : g->reason);
		return;
	}
	buf_xprintf(text, "%zu of %zu sources: %s%s (", g->n, f->sources.n, well ? "there are good answers again" : g->reason,
	    g->mixed && !well ? " and others" : "");
	for (i = 0; i < g->n && i < NAMES_MAX; i++)
		buf_xprintf(text, "%s%s", i > 0 ? ", " : "", g->names[i]);
	if (g->n > NAMES_MAX)
		buf_xprintf(text, " and %zu more", g->n - NAMES_MAX);
	buf_xaddc(text, ')');
}

static void
tell(struct daemon *d, struct freshness *f, const struct group *g)
{
	const char *path = d->kids[f->handle].path;
	struct fresh_alarm a = { fresh_state_name(g->state), path, NULL, g->state == FRESH_FRESH ? NULL : g->reason, g->names,
		g->n < NAMES_MAX ? g->n : NAMES_MAX, g->n, f->counts[g->state], f->sources.n };
	struct buf text = BUF_INIT(0);

	put_text(f, g, &text);
	a.text = text.data;
	log_warnx("child %s: %zu of its sources %s %s%s%s", path, g->n, g->n == 1 ? "is" : "are", a.alarm,
	    a.reason != NULL ? ": " : " again", a.reason != NULL ? a.reason : "");
	rec_fresh_alarm(d, &a);
	buf_release(&text);
}

/* Who was told to stop has no fresh prices, and that is no news: it waits until it is to run again. */
static bool
is_wanted(struct daemon *d, const struct freshness *f)
{
	struct child_view view;

	return d->begun && !d->stopping && tree_view(d->tree, f->handle, &view) && view.wanted;
}

/* All that has changed since the last time, each state by itself. */
static void
tell_all(struct daemon *d, struct freshness *f, mono_t now)
{
	static const enum fresh_state order[] = { FRESH_STALE, FRESH_BLOCKED, FRESH_SUSPECT, FRESH_FRESH };
	struct group groups[ARRAY_LEN(order)];
	struct source_state *s;
	size_t i;
	bool any = false;

	for (i = 0; i < ARRAY_LEN(order); i++)
		groups[i] = (struct group){ .state = order[i] };
	while ((s = f->dirty) != NULL) {
		f->dirty = s->next_dirty;
		s->dirty = false;
		if (!is_due(s))
			continue;
		for (i = 0; i < ARRAY_LEN(order) - 1 && order[i] != s->state; i++)
			;
		join(&groups[i], s);
		s->told = s->state;
	}
	for (i = 0; i < ARRAY_LEN(order); i++) {
		if (groups[i].n > 0)
			tell(d, f, &groups[i]);
		any |= groups[i].n > 0;
	}
	if (!any)
		return;
	if (mono_is_never(f->alarmed_at) || mono_diff_us(now, f->alarmed_at) > (f->pause_ms + QUIET_MS) * US_PER_MS)
		f->pause_ms = PAUSE_FIRST_MS;
	else
		f->pause_ms = 2 * f->pause_ms < PAUSE_MAX_MS ? 2 * f->pause_ms : PAUSE_MAX_MS;
	f->alarmed_at = now;
	f->told_ms = wall_ms();
}

mono_t
fresh_alarm_run(struct daemon *d, mono_t now)
{
	struct freshness **at = &d->alarms_due, *f;
	mono_t next = MONO_NEVER;

	while ((f = *at) != NULL) {
		if (!mono_before(now, f->alarm_at) && is_wanted(d, f)) {
			*at = f->next_due;
			f->alarm_at = MONO_NEVER;
			tell_all(d, f, now);
			continue;
		}
		if (!mono_before(now, f->alarm_at))
			f->alarm_at = mono_add_ms(now, PAUSE_FIRST_MS);
		next = mono_min(next, f->alarm_at);
		at = &f->next_due;
	}
	return next;
}
