/*
 * How fresh the price of a source is (architecture 7): what is known of its
 * answers, and what that means now. Pure: times are milliseconds of any one
 * clock, INT64_MIN is "never".
 *
 *	struct fresh_facts facts = FRESH_FACTS_INIT(now);
 *
 *	fresh_note(&facts, fresh_kind(status, reason), now);	at each observation
 *	fresh_judge(&facts, &policy, now, &verdict);
 *	... look again at verdict.until, at the latest
 *
 * What the newest answer says decides, as long as it may be the newest:
 *
 *	good		fresh, until the next one is overdue: then late
 *	sold out	unavailable, likewise; a good answer, too
 *	no price	late, with the reason that the answer gave
 *	suspect, or the site is closed to us
 *			suspect, blocked, until another answer comes
 *
 * While its site has asked for a rest, what would be late is blocked; and what
 * is late without a good answer for `stale` is stale. Before the
 * first answer a source is new, until that is overdue.
 */
#ifndef TRAPEXIT_CORE_FRESH_H
#define TRAPEXIT_CORE_FRESH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* From good to bad: of several sources the largest is told. */
enum fresh_state {
	FRESH_FRESH,
	FRESH_NEW,
	FRESH_UNAVAILABLE,
	FRESH_LATE,
	FRESH_SUSPECT,
	FRESH_BLOCKED,
	FRESH_STALE,
};
#define FRESH_STATES 7

/* What an answer means. */
enum fresh_kind {
	FRESH_KIND_NONE, /* there was none yet */
	FRESH_KIND_GOOD,
	FRESH_KIND_SOLD_OUT,
	FRESH_KIND_BAD,	    /* no price, for whatever reason */
	FRESH_KIND_SUSPECT, /* a price that is not believed (P42) */
	FRESH_KIND_BLOCKED, /* the site wants rest, or does not want us */
	FRESH_KIND_SAME,    /* only noted: nothing has changed since the last good one (P50) */
};

#define FRESH_NEVER INT64_MIN

struct fresh_facts {
	int64_t known; /* since when the source is there */
	int64_t last;  /* newest answer */
	int64_t good;  /* newest good one: good or sold out */
	int64_t since; /* the first of the newest answers that are of one kind */
	enum fresh_kind kind; /* of the newest answer */
	bool sold_out; /* as of the newest good one */
};

#define FRESH_FACTS_INIT(now) { (now), FRESH_NEVER, FRESH_NEVER, FRESH_NEVER, FRESH_KIND_NONE, false }

struct fresh_policy {
	int64_t every;	   /* between two answers; 0: nobody knows, then none is overdue */
	int64_t tolerance; /* so much later it may be */
	int64_t stale;	   /* so long without a good answer; 0: never */
	int64_t rest;	   /* its site has asked for a rest until then (P51); FRESH_NEVER: it has not */
};

/* Why it is not fresh. */
enum fresh_why {
	FRESH_WHY_ANSWER,  /* the newest answer says it */
	FRESH_WHY_OVERDUE, /* none came when one was due */
	FRESH_WHY_REST,	   /* ... and its site had asked for a rest */
};

struct fresh_verdict {
	enum fresh_state state;
	enum fresh_why why;
	int64_t since; /* when it began: the first such answer, or when one was missed */
	int64_t until; /* if no answer comes, it changes then; INT64_MAX: never */
};

/* The words of an observation; a reason of NULL is none. */
enum fresh_kind fresh_kind(const char *status, size_t status_len, const char *reason, size_t reason_len);
void fresh_note(struct fresh_facts *facts, enum fresh_kind kind, int64_t now);
void fresh_judge(const struct fresh_facts *facts, const struct fresh_policy *policy, int64_t now,
    struct fresh_verdict *verdict);
/* Is it worth an alarm? */
bool fresh_is_alarm(enum fresh_state state);
/* "fresh"; the words of `trapexit status --json`. */
const char *fresh_state_name(enum fresh_state state);
/* The policy of a scraper's source. stale: 0 never, -1 by its schedule: three times `every`, and the tolerance. */
struct fresh_policy fresh_policy(int64_t every, uint32_t jitter_permille, int64_t timeout, int64_t gap, int64_t stale);
#define FRESH_STALE_AUTO (-1)

#endif
