#include "cli/judge.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "conf/config.h"

/* A supplier that was asked for. */
struct supplier {
	char *path; /* owned */
	const struct scraper *scraper; /* NULL: it is none, or not configured */
	struct strmap sources; /* id -> struct source, of the configuration */
};

struct judge {
	const struct config *config;
	int64_t now_ms;
	int64_t stale_ms;
	int64_t largest_ms; /* stale_after that is written somewhere; 0: none is */
	struct strmap suppliers; /* path -> struct supplier */
};

/* The largest stale_after below this supervisor. */
static int64_t
largest_stale(const struct sup_spec *sup)
{
	int64_t largest = 0;

	for (size_t i = 0; i < sup->n_children; i++) {
		const struct child_spec *spec = sup->children[i];
		int64_t us = 0;

		if (spec->type == CHILD_SUPERVISOR)
			us = largest_stale(spec->sup); /* NOLINT: as deep as supervisors, 32 at most */
		else if (config_launch(spec)->scraper != NULL)
			us = config_launch(spec)->scraper->stale_after_us;
		if (us > largest)
			largest = us;
	}
	return largest;
}

struct judge *
judge_new(const struct config *config, int64_t now_ms, int64_t stale_ms)
{
	struct judge *j = xcalloc(1, sizeof(*j));

	j->config = config;
	j->now_ms = now_ms;
	j->stale_ms = stale_ms;
	j->largest_ms = largest_stale(&config->root) / US_PER_MS;
	return j;
}

void
judge_free(struct judge *j)
{
	const char *path;
	void *value;

	if (j == NULL)
		return;
	for (size_t i = 0; strmap_next(&j->suppliers, &i, &path, &value);) {
		struct supplier *s = value;

		strmap_release(&s->sources);
		free(s->path);
		free(s);
	}
	strmap_release(&j->suppliers);
	free(j);
}

static struct supplier *
find_supplier(struct judge *j, const char *path)
{
	struct supplier *s = strmap_find(&j->suppliers, path);
	const struct child_spec *spec;
	const struct launch *launch;

	if (s != NULL)
		return s;
	s = xcalloc(1, sizeof(*s));
	s->path = xstrdup(path);
	strmap_put(&j->suppliers, s->path, s);
	spec = config_find(j->config, path);
	launch = spec == NULL ? NULL : config_launch(spec);
	s->scraper = launch == NULL ? NULL : launch->scraper;
	for (size_t i = 0; s->scraper != NULL && i < s->scraper->n_sources; i++)
		strmap_put(&s->sources, s->scraper->sources[i].id, &s->scraper->sources[i]);
	return s;
}

static struct fresh_policy
policy_of(struct judge *j, const struct store_offer *o)
{
	const struct supplier *supplier = find_supplier(j, o->supplier);
	struct fresh_policy p = { 0, 0, j->largest_ms, FRESH_NEVER };
	const struct source *source;

	if (supplier->scraper != NULL) {
		source = strmap_find(&supplier->sources, o->source);
		p = config_fresh_policy(supplier->scraper,
		    source != NULL && source->every_us != 0 ? source->every_us : supplier->scraper->every_us);
	}
	if (j->stale_ms != JUDGE_STALE_CONFIGURED)
		p.stale = j->stale_ms;
	return p;
}

static enum fresh_kind
kind_of(const struct store_offer *o)
{
	enum fresh_kind kind = (enum fresh_kind)o->kind;

	/* Recorded before kinds were. */
	if (kind == FRESH_KIND_NONE)
		kind = fresh_kind(o->status, strlen(o->status), o->reason, o->reason == NULL ? 0 : strlen(o->reason));
	return kind == FRESH_KIND_SAME ? FRESH_KIND_GOOD : kind;
}

void
judge_offer(struct judge *j, const struct store_offer *o, struct fresh_verdict *v)
{
	struct fresh_policy policy = policy_of(j, o);
	struct fresh_facts facts = FRESH_FACTS_INIT(o->since_ms != 0 ? o->since_ms : o->checked_ms);

	facts.kind = kind_of(o);
	facts.last = o->checked_ms;
	facts.good = o->good_ms != 0 ? o->good_ms : FRESH_NEVER;
	facts.since = o->since_ms != 0 ? o->since_ms : o->checked_ms;
	fresh_judge(&facts, &policy, j->now_ms, v);
}

const char *
judge_reason(const struct store_offer *o, const struct fresh_verdict *v)
{
	if (v->why == FRESH_WHY_OVERDUE)
		return "overdue";
	if (v->state == FRESH_FRESH || v->state == FRESH_NEW)
		return NULL;
	return o->reason != NULL ? o->reason : o->status;
}

bool
judge_is_current(const struct store_offer *o, void *judge)
{
	struct fresh_verdict v;

	judge_offer(judge, o, &v);
	return !fresh_is_alarm(v.state) && v.state != FRESH_UNAVAILABLE;
}
