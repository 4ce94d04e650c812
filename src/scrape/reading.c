#include "scrape/reading.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/map.h"
#include "base/xalloc.h"

struct readings {
	struct matcher *matcher;
	struct map by_terms;
	TAILQ_HEAD(reading_list, reading) all; /* the one used last first */
};

struct readings *
readings_new(void)
{
	struct readings *r = xcalloc(1, sizeof(*r));

	r->matcher = matcher_new();
	TAILQ_INIT(&r->all);
	return r;
}

static void
forget(struct readings *r, struct reading *reading)
{
	TAILQ_REMOVE(&r->all, reading, entry);
	map_remove(&r->by_terms, (uintptr_t)reading->terms);
	rule_free(reading->rule);
	free(reading);
}

void
readings_free(struct readings *r)
{
	struct reading *reading;

	while ((reading = TAILQ_FIRST(&r->all)) != NULL)
		forget(r, reading);
	map_release(&r->by_terms);
	matcher_free(r->matcher);
	free(r);
}

static void
compile(struct readings *r, struct reading *reading, struct err *err)
{
	const struct job_terms *t = reading->terms;

	if (t->pattern == NULL)
		return;
	reading->rule = rule_compile(r->matcher, t->pattern, err);
	reading->bad = reading->rule == NULL;
}

const struct reading *
reading_of(struct readings *r, const struct job_terms *terms, struct err *err)
{
	struct reading *reading = map_find(&r->by_terms, (uintptr_t)terms);

	if (reading != NULL) {
		TAILQ_REMOVE(&r->all, reading, entry);
	} else {
		if (r->by_terms.n >= READINGS_MAX)
			forget(r, TAILQ_LAST(&r->all, reading_list));
		reading = xcalloc(1, sizeof(*reading));
		reading->terms = terms;
		compile(r, reading, err);
		map_put(&r->by_terms, (uintptr_t)terms, reading);
	}
	TAILQ_INSERT_HEAD(&r->all, reading, entry);
	return reading;
}
