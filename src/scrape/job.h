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
 * A job owns all it points to, in one pool: it may have 100,000 sources. Lines
 * and members that are not known are passed over, so that a newer daemon may
 * say more.
 */
#ifndef TRAPEXIT_SCRAPE_JOB_H
#define TRAPEXIT_SCRAPE_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "price/plausible.h"
#include "scrape/pool.h"

#define JOB_VERSION 1
#define JOB_LINE_MAX (1u << 20)
#define JOB_EVERY_MAX_MS (INT64_C(3650) * 86400 * 1000)
#define JOB_CONCURRENCY_MAX 10000
#define JOB_SLOT_MAX (INT64_MAX / 4)

struct known_packed;

/*
 * How a page is read and judged: one for all sources of which it is the same,
 * which is so if their addresses are.
 */
struct job_terms {
	const char *pattern;  /* NULL: what the page states; so with these other kinds of rules: */
	const char *xpath, *css, *pointer;
	const char *currency; /* NULL: read */
	const char *locale;   /* NULL: none */
	const char *charset;  /* P32; NULL: as the page says */
	const char *decimal, *group; /* P9.1; NULL: read */
	const char *sources;  /* P20; NULL: all */
	int64_t every_ms;
	struct plausible_policy plausible; /* P42, P43 */
	bool allow_zero;		   /* P31 */
	bool allow_negative;		   /* P13 */
	bool magnitudes;		   /* P14 */
};

struct job_source {
	const char *id;
	const char *product; /* NULL: the page's title */
	const char *url;
	const struct job_terms *terms;
	/* What an earlier incarnation has left: */
	int64_t done;		    /* the latest slot that was reported; INT64_MIN: none */
	struct known_packed *known; /* of its page (known.h); NULL: nothing */
};

/* What else an earlier incarnation has left; the last one of a key counts. */
struct job_state {
	const char *key;
	const char *value; /* JSON, as it was printed */
	size_t len;
};

struct job {
	bool begun, ended;
	const char *child;
	const char *user_agent; /* NULL: our own */
	const char *contact;	/* in our own (P54); NULL: none */
	const char *proxy;	/* NULL: that of the environment */
	uint32_t jitter_permille;
	int64_t gap_ms;
	uint32_t concurrency; /* fetches from one site at a time (P49) */
	int64_t timeout_ms;
	int64_t page_cpu_ms; /* 0: the usual */
	uint64_t max_body;
	bool allow_private;
	bool no_sandbox;
	bool no_robots; /* P47 */
	int64_t die_after; /* 0: never */
	struct job_terms defaults; /* of sources that do not say */
	struct job_source *sources;
	size_t n_sources, cap_sources;
	/* private to job*.c: */
	struct pool pool;
	uint32_t *by_id; /* numbers of sources, and one; by a hash of their ids */
	size_t cap_by_id;
	struct strmap states; /* of struct job_state */
	int64_t latest_slot;
};

enum job_result { JOB_MORE, JOB_ENDED, JOB_BAD };

void job_init(struct job *job);
/* JOB_BAD with err set: the line is no part of a job. The job is as it was. */
enum job_result job_read_line(struct job *job, const char *line, size_t len, struct err *err);
void job_release(struct job *job);
/* A hash of all that they say: the same in every run. */
uint64_t job_terms_hash(const struct job_terms *terms);
struct job_source *job_find_source(const struct job *job, const char *id);
/*
 * The state of a key that begins so, "gap/" and a name; NULL if there is none.
 * "done/" and "page/" of a source are not among them: they are in the source.
 */
const struct job_state *job_find_state(const struct job *job, const char *prefix, const char *name);
/* All that begin so, in no order; *i is 0 at first. NULL at the end. */
const struct job_state *job_next_state(const struct job *job, const char *prefix, size_t *i);
/* The latest slot that any state names; INT64_MIN if none does. */
int64_t job_latest_slot(const struct job *job);

#endif
