#include "core/fresh.h"

#include <string.h>

static bool
is(const char *text, size_t len, const char *word)
{
	return text != NULL && strlen(word) == len && memcmp(text, word, len) == 0;
}

enum fresh_kind
fresh_kind(const char *status, size_t status_len, const char *reason, size_t reason_len)
{
	static const struct {
		const char *status, *reason; /* NULL: any */
		enum fresh_kind kind;
	} kinds[] = {
		{ "ok", NULL, FRESH_KIND_GOOD },
		{ "not_modified", NULL, FRESH_KIND_SAME },
		{ "unavailable", NULL, FRESH_KIND_SOLD_OUT },
		{ "suspect", NULL, FRESH_KIND_SUSPECT },
		{ "blocked", NULL, FRESH_KIND_BLOCKED },
		{ "robots", NULL, FRESH_KIND_BLOCKED },
		{ "error", "http-429", FRESH_KIND_BLOCKED },
		{ "error", "http-503", FRESH_KIND_BLOCKED },
	};
	size_t i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (is(status, status_len, kinds[i].status) &&
		    (kinds[i].reason == NULL || is(reason, reason_len, kinds[i].reason)))
			return kinds[i].kind;
	return FRESH_KIND_BAD;
}

static bool
is_good(enum fresh_kind kind)
{
	return kind == FRESH_KIND_GOOD || kind == FRESH_KIND_SOLD_OUT;
}

void
fresh_note(struct fresh_facts *f, enum fresh_kind kind, int64_t now)
{
	if (kind == FRESH_KIND_SAME)
		kind = f->sold_out ? FRESH_KIND_SOLD_OUT : FRESH_KIND_GOOD;
	if (kind != f->kind || f->since == FRESH_NEVER)
		f->since = now;
	f->kind = kind;
	f->last = now;
	if (is_good(kind)) {
		f->good = now;
		f->sold_out = kind == FRESH_KIND_SOLD_OUT;
	}
}

/* Saturates: a period of years and a clock of any origin are sums that must not overflow. */
static int64_t
later(int64_t t, int64_t by)
{
	return t > INT64_MAX - by ? INT64_MAX : t + by;
}

/* Late since then; or stale, if that goes on for too long. A site's rest explains both. */
static void
judge_late(const struct fresh_facts *f, const struct fresh_policy *p, int64_t now, struct fresh_verdict *v)
{
	int64_t stale_at = p->stale == 0 ? INT64_MAX : later(f->good != FRESH_NEVER ? f->good : f->known, p->stale);

	if (p->rest != FRESH_NEVER && now < p->rest) {
		v->state = FRESH_BLOCKED;
		v->why = FRESH_WHY_REST;
		v->until = p->rest;
		return;
	}
	v->state = now >= stale_at ? FRESH_STALE : FRESH_LATE;
	v->until = now >= stale_at ? INT64_MAX : stale_at;
}

static void
judge_good(const struct fresh_facts *f, const struct fresh_policy *p, int64_t now, enum fresh_state state,
    struct fresh_verdict *v)
{
	int64_t last = f->last != FRESH_NEVER ? f->last : f->known;
	int64_t overdue = p->every == 0 ? INT64_MAX : later(last, p->every + p->tolerance), stale_at;

	/* A stale_after shorter than the schedule is the user's wish. */
	stale_at = p->stale == 0 ? INT64_MAX : later(f->good != FRESH_NEVER ? f->good : f->known, p->stale);
	overdue = overdue < stale_at ? overdue : stale_at;
	if (now < overdue) {
		*v = (struct fresh_verdict){ state, FRESH_WHY_ANSWER, f->since != FRESH_NEVER ? f->since : f->known, overdue };
		return;
	}
	v->why = FRESH_WHY_OVERDUE;
	v->since = overdue;
	judge_late(f, p, now, v);
}

void
fresh_judge(const struct fresh_facts *f, const struct fresh_policy *p, int64_t now, struct fresh_verdict *v)
{
	*v = (struct fresh_verdict){ FRESH_FRESH, FRESH_WHY_ANSWER, f->since, INT64_MAX };
	switch (f->kind) {
	case FRESH_KIND_NONE:
		judge_good(f, p, now, FRESH_NEW, v);
		return;
	case FRESH_KIND_GOOD:
	case FRESH_KIND_SAME:
		judge_good(f, p, now, FRESH_FRESH, v);
		return;
	case FRESH_KIND_SOLD_OUT:
		judge_good(f, p, now, FRESH_UNAVAILABLE, v);
		return;
	case FRESH_KIND_BAD:
		judge_late(f, p, now, v);
		return;
	case FRESH_KIND_SUSPECT:
		v->state = FRESH_SUSPECT;
		return;
	case FRESH_KIND_BLOCKED:
		v->state = FRESH_BLOCKED;
		return;
	}
}

bool
fresh_is_alarm(enum fresh_state state)
{
	switch (state) {
	case FRESH_SUSPECT:
	case FRESH_BLOCKED:
	case FRESH_STALE:
		return true;
	case FRESH_FRESH:
	case FRESH_NEW:
	case FRESH_UNAVAILABLE:
	case FRESH_LATE:
		break;
	}
	return false;
}

const char *
fresh_state_name(enum fresh_state state)
{
	static const char *const names[FRESH_STATES] = {
		[FRESH_FRESH] = "fresh",
		[FRESH_NEW] = "new",
		[FRESH_UNAVAILABLE] = "unavailable",
		[FRESH_LATE] = "late",
		[FRESH_SUSPECT] = "suspect",
		[FRESH_BLOCKED] = "blocked",
		[FRESH_STALE] = "stale",
	};

	return names[state];
}

/*
 * Within a slot a fetch moves by the jitter, waits for other sources of its
 * site, and may be tried again; a quarter of `every` is for the latter two.
 */
struct fresh_policy
fresh_policy(int64_t every, uint32_t jitter_permille, int64_t timeout, int64_t gap, int64_t stale)
{
	struct fresh_policy p = { .every = every, .stale = stale, .rest = FRESH_NEVER };

	p.tolerance = every / 1000 * jitter_permille + every % 1000 * jitter_permille / 1000 + every / 4 +
	    (timeout < every ? timeout : every) + gap;
	if (stale == FRESH_STALE_AUTO)
		p.stale = every == 0 ? 0 : 3 * every + p.tolerance;
	return p;
}
