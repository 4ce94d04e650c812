/*
 * How fresh the prices of each child's sources are: core/fresh.h judges, this
 * keeps what it judges by, looks again when time alone changes something, and
 * raises alarms.
 *
 *	fresh_new() with its kid, fresh_configure() when its configuration is
 *	known or has changed, fresh_recall() with what the journal says,
 *	fresh_observed() at each observation.
 *
 * The truth is the journal: a new daemon makes all of this from its
 * observations and from the snapshots in it (snapshot_source). In memory times
 * are milliseconds of CLOCK_BOOTTIME, so a wall clock that is set makes nothing
 * stale.
 *
 * An alarm is a record for a child, not for a source: what becomes stale,
 * suspect or blocked, and what is well again, is gathered for a moment and told
 * together, and each time the child has more to say within minutes it has to
 * wait longer. So a shop that changes all its pages is a line, not a flood.
 */
#ifndef TRAPEXIT_DAEMON_FRESH_H
#define TRAPEXIT_DAEMON_FRESH_H

#include "core/fresh.h"
#include "daemon/daemon.h"

/* A site that a scraper fetches from, as its states name it: "shop.example", "shop.example:8080". */
struct source_site {
	int64_t rest_until; /* nothing is fetched before; FRESH_NEVER: not said */
	bool asked;	    /* by the site (P51); else it is only the gap */
	uint32_t sources;   /* of the configuration */
	char name[];
};

struct source_state {
	struct fresh_facts facts;
	int64_t slot;	    /* of the newest observation; FRESH_NEVER: it had none */
	int64_t every_ms;   /* 0: nobody knows */
	const char *status, *reason; /* of the newest; "": none. Kept in freshness.words */
	struct freshness *of;
	struct source_site *site; /* NULL: not known */
	struct source_state *next_dirty;
	uint32_t handle;    /* in fresh_watch.timers */
	unsigned char state; /* enum fresh_state, as it was judged last */
	unsigned char told; /* ... and as the alarms say that it is */
	bool dirty;	    /* in freshness.dirty: an alarm may be due */
	bool listed;	    /* in the configuration, as fresh_configure() goes through it */
	char id[];
};

/* What only a child that prints observations needs. */
struct freshness {
	child_handle handle;
	struct strmap states; /* key -> struct state * (owned; states.h) */
	struct strmap sites;  /* name -> struct source_site * (owned) */
	int64_t last_good_ms;
	char last_status[24];	  /* "" before the first */
	char last_reason[64];
	struct strmap sources; /* id -> struct source_state * (owned) */
	struct strmap words;   /* statuses and reasons: there are few (owned) */
	uint32_t counts[FRESH_STATES];
	struct fresh_policy policy; /* of a source that has no `every` of its own */
	const struct scraper *scraper; /* borrowed from the configuration; NULL: another program */
	/* fresh_alarm.c: */
	struct source_state *dirty;
	struct freshness *next_due;
	mono_t alarm_at;    /* MONO_NEVER: nothing is to be told */
	mono_t alarmed_at;  /* when something was told last */
	int64_t pause_ms;   /* between two alarms */
	int64_t told_ms;    /* by the wall clock: for the snapshot */
};

struct fresh_watch; /* the timers of all sources; owned by the daemon */

struct freshness *fresh_new(child_handle h);
void fresh_free(struct daemon *d, struct freshness *f);
void fresh_configure(struct daemon *d, child_handle h);
void fresh_recall(struct daemon *d, child_handle h, const struct past_child *pc);
/* An observation's members as json_scan() found them. */
void fresh_observed(struct daemon *d, child_handle h, const struct json_field *source, const struct json_field *status,
    const struct json_field *reason, const struct json_field *slot);
/* A state "gap/HOST": until when nothing is fetched from there (FRESH_NEVER: it is over), and whether the site asked. */
bool fresh_rest_of(const char *line, size_t len, int64_t *until, bool *asked);
/* ... for a child's sources there. */
void fresh_rest(struct freshness *f, const char *host, int64_t until, bool asked);
/* Until then there is nothing to say, because all its sites rest; MONO_ZERO: there is. */
mono_t fresh_silent_until(const struct freshness *f);
/* The lines of a segment's head: states and sources. */
void fresh_snapshot(struct daemon *d, struct buf *out);
/* For a handover: nothing happens by itself any more. */
void fresh_quiet(struct daemon *d);
void fresh_release(struct daemon *d);
/* Milliseconds of CLOCK_BOOTTIME, and what the wall clock showed then. */
int64_t fresh_now(void);
int64_t fresh_wall(int64_t ms);
struct fresh_policy fresh_policy_of(const struct source_state *s);

/* fresh_alarm.c */
/* Its state has changed. */
void fresh_alarm_note(struct daemon *d, struct source_state *s);
void fresh_alarm_forget(struct source_state *s);
/* The child goes. */
void fresh_alarm_leave(struct daemon *d, struct freshness *f);
/* Alarms that are due now; when the next is. */
mono_t fresh_alarm_run(struct daemon *d, mono_t now);
void fresh_arm(struct daemon *d, mono_t at);

/* fresh_status.c */
/* Why it is not fresh: the reason of its newest answer, or that none came; "" if it is. */
const char *fresh_reason(const struct source_state *s);
/* Members of `status`: how many sources are in which state, and the worst; with `list` all of them. */
void fresh_status(struct daemon *d, child_handle h, bool list, struct buf *b);

#endif
