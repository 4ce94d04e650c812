/*
 * The terms of sources, compiled: of 100,000 different rules there may not be
 * as many in memory, so the ones that were used last are kept.
 *
 *	struct readings *readings = readings_new();
 *
 *	reading = reading_of(readings, source->terms, &err);
 *	...				valid until the next one is asked for
 *	readings_free(readings);
 */
#ifndef TRAPEXIT_SCRAPE_READING_H
#define TRAPEXIT_SCRAPE_READING_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "base/err.h"
#include "price/extract_rule.h"
#include "scrape/job.h"
#include "scrape/told.h"

#define READINGS_MAX 256

struct readings;

struct reading {
	TAILQ_ENTRY(reading) entry;
	const struct job_terms *terms; /* borrowed */
	struct told told;  /* the terms again, for told_page() */
	struct rule *rule; /* NULL: none, or it is bad */
	uint64_t hash;	   /* of the terms */
	bool bad;
};

struct readings *readings_new(void);
void readings_free(struct readings *r);
/* Never NULL. A bad rule says so in err when it is compiled. */
const struct reading *reading_of(struct readings *r, const struct job_terms *terms, struct err *err);

#endif
