/*
 * The job of a scraper: what the daemon says on its standard input, one JSON
 * object a line (trapexit-observation(5)). Pure.
 *
 *	struct job job;
 *
 *	job_init(&job);
 *	while ((r = job_read_line(&job, line, len, &err)) == JOB_MORE)
 *		...
 *	job_release(&job);
 *
 * A job owns all it points to. Lines and members that are not known are passed
 * over, so that a newer daemon may say more.
 */
#ifndef TRAPEXIT_SCRAPE_JOB_H
#define TRAPEXIT_SCRAPE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"

#define JOB_VERSION 1
#define JOB_LINE_MAX (1u << 20)
#define JOB_EVERY_MAX_MS (INT64_C(3650) * 86400 * 1000)

struct job_source {
	char *id;
	char *product;	/* NULL: the page's title */
	char *url;
	char *pattern;	/* NULL: what the page states */
	char *currency; /* NULL: read */
	char *locale;	/* NULL: none */
	int64_t every_ms; /* 0: the job's */
};

/* What an earlier incarnation has left; the last one of a key counts. */
struct job_state {
	char *key;
	int64_t slot; /* of done/SOURCE */
	int64_t next, at; /* of gap/HOST: no fetch before `next`, said at `at`, in the grid's time */
	uint32_t strikes; /* 429 and 503 answers in a row */
};

struct job {
	bool begun, ended;
	char *child;
	char *user_agent; /* NULL: our own */
	int64_t every_ms;
	uint32_t jitter_permille;
	int64_t gap_ms;
	int64_t timeout_ms;
	uint64_t max_body;
	bool allow_private;
	bool no_sandbox;
	int64_t die_after; /* 0: never */
	struct job_source *sources;
	size_t n_sources, cap_sources;
	struct job_state **states; /* owned, in the order of their lines */
	size_t n_states, cap_states;
	struct strmap by_key; /* the last one of each key */
};

enum job_result { JOB_MORE, JOB_ENDED, JOB_BAD };

void job_init(struct job *job);
/* JOB_BAD with err set: the line is no part of a job. The job is as it was. */
enum job_result job_read_line(struct job *job, const char *line, size_t len, struct err *err);
void job_release(struct job *job);
/* The state under "done/" or "gap/" and a name; NULL if there is none. */
const struct job_state *job_find_state(const struct job *job, const char *prefix, const char *name);
/* The latest slot that any state names; INT64_MIN if none does. */
int64_t job_latest_slot(const struct job *job);

#endif
