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

/* P21: kinds of rules are tried in this order. */
static int
take_terms(const struct job_terms *t, struct told *told, struct err *err)
{
	const struct {
		const char *word, *value;
	} texts[] = { { "regex", t->pattern }, { "xpath", t->xpath }, { "css", t->css }, { "pointer", t->pointer },
		{ "decimal", t->decimal }, { "group", t->group }, { "sources", t->sources } };
	size_t i;

	told->currency = t->currency;
	told->locale = t->locale;
	told->charset = t->charset;
	told->allow_zero = t->allow_zero;
	told->allow_negative = t->allow_negative;
	told->magnitudes = t->magnitudes;
	for (i = 0; i < ARRAY_LEN(texts); i++) {
		if (texts[i].value != NULL && told_set(told, texts[i].word, texts[i].value, err) == -1)
			return err_wrap(err, "%s", texts[i].word);
	}
	return 0;
}

static void
compile(struct readings *r, struct reading *reading, struct err *err)
{
	if (take_terms(reading->terms, &reading->told, err) == -1) {
		reading->bad = true;
	} else if (reading->told.n_rules > 0) {
		reading->rule = told_compile(&reading->told, r->matcher, err);
		reading->bad = reading->rule == NULL;
	}
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
		reading->hash = job_terms_hash(terms);
		compile(r, reading, err);
		map_put(&r->by_terms, (uintptr_t)terms, reading);
	}
	TAILQ_INSERT_HEAD(&r->all, reading, entry);
	return reading;
}
