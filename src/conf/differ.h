/*
 * In which words do two things of one kind differ? Private to conf/.
 */
#ifndef TRAPEXIT_CONF_DIFFER_H
#define TRAPEXIT_CONF_DIFFER_H

#include "base/buf.h"
#include "conf/config_data.h"

/* The strongest effect of all differences, and what they are, in words. */
struct difference {
	bool any;
	bool restart; /* EFFECT_RESTART among them */
	bool policy;  /* EFFECT_POLICY among them */
	struct buf text;  /* "every: 5m -> 10m, gap: 10s -> 2s" */
	struct buf later; /* the same of EFFECT_LATER */
};

#define DIFFERENCE_INIT { .text = BUF_INIT(0), .later = BUF_INIT(0) }

void difference_release(struct difference *d);
/* Add a difference that is no word's. */
void difference_add(struct difference *d, enum schema_effect effect, const char *text);
/* All words of a section, with its nameless subsections. */
void difference_of_section(struct difference *d, enum schema_id id, const struct const_bases *a,
    const struct const_bases *b);
/* What becomes of the sources of a scraper: "sources: 2 added, 1 removed". */
void difference_of_sources(struct difference *d, const struct scraper *a, const struct scraper *b);

#endif
