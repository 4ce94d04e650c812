/*
 * What the journal says about the past, folded: who was started and not seen
 * ended, which output is held, what the operator wished, what scrapers told
 * their successors. Filled by journal_open(). The daemon goes on folding what it
 * appends (or sets the fields itself, which means the same), and writes it out
 * with past_encode() as the snapshot at the head of each segment.
 *
 * Output that goes to a log file has no record: its held[] follows from marks.
 * past_fold() keeps the marks of each file that are not yet borne out by its
 * length; journal_open() resolves them with past_resolve_logs(). A daemon that
 * folds its own records knows held[] better: it sets it as it hands output over.
 *
 * Ownership: everything is owned by the struct past.
 */
#ifndef TRAPEXIT_JOURNAL_PAST_H
#define TRAPEXIT_JOURNAL_PAST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/strvec.h"
#include "core/fresh.h"

/* Of an incarnation: a link (ref 0), a link that was cut though it is configured, or a monitor of another one. */
struct past_tie {
	struct past_tie *next;
	uint64_t peer; /* token; it may have ended */
	uint64_t ref;
	bool cut;
};

/* A line for its control descriptor that an agent may not have taken over. */
struct past_tell {
	struct past_tell *next;
	uint64_t n; /* from 1 */
	char line[];
};

/* Owned by the incarnation (past_ties.c). */
struct past_ties {
	struct past_tie *first;
	struct past_tell *tells, *last_tell; /* in the order of their numbers */
	char *ended_by; /* reason of an exit signal that ends it (S98); NULL: none does */
};

/* An incarnation that may still matter: alive, or its last words may be on their way. */
struct past_incarnation {
	uint64_t token;
	char *child;
	char *node;
	uint32_t pid;		     /* 0: not known to have started */
	bool exited;		     /* an exit record is there */
	bool unseen;		     /* ... that nobody saw: its node was out of reach, or its agent gone */
	bool told;		     /* it was ordered to end: how it ends is not its own choice (S34) */
	uint64_t spec;	      /* hash of what it was started with (start record, `spec`); 0: unknown */
	uint64_t job_bytes;   /* length of its job on stdin (start record, `job_bytes`) */
	bool control;	      /* it has a control descriptor (start record, `control`) */
	struct past_ties ties;
	uint64_t held[3];	     /* [STREAM_OUT], [STREAM_ERR]: bytes below are in the journal or log */
};

/* What the observations of a source have said; times by the wall clock, in ms. */
struct past_source {
	struct fresh_facts facts;
	int64_t slot;	    /* of the newest; FRESH_NEVER: it had none */
	const char *status; /* of the newest; cut if long */
	const char *reason; /* "" if it gave none */
	const char *id;
};

/* A program of any kind may name sources without end. */
#define PAST_SOURCES_MAX 200000

struct past_child {
	char *child; /* path */
	bool stopped;		/* the operator's wish */
	uint64_t last_token;
	uint64_t starts, restarts;
	uint64_t run_token;	/* its own newest start; 0: none */
	uint64_t ended_token;	/* its own newest exit; equal to run_token: it has ended */
	bool ended_normal;	/* ... by itself, for a normal-class reason (S15) */
	bool terminated;	/* by terminate_child, and not started since (S41) */
	int64_t last_good_ms;	/* wall clock of the newest good price; 0: none */
	int64_t told_ms;	/* when the newest alarm of its sources was recorded; 0: none */
	struct strmap sources;	/* id -> struct past_source (past_sources.c) */
	struct strmap states;	/* key -> char * (owned): newest {"type":"state",...} line of each key; see past_put_state() */
};

/* A child that was added at run time and is still there: no configuration has it. */
struct past_added {
	char *child;	    /* path */
	char *spec;	    /* its text; NULL: an instance of its supervisor's template ... */
	struct strvec args; /* ... with these further arguments */
	uint64_t seq;	    /* grows in the order of additions; from 1 */
};

struct past_node {
	char *node;
	int64_t lease_us; /* the largest L in use there */
	char *ssh;	  /* where it is; NULL: here. Another one is another node, with a lease of its own */
	char machine_id[40];
};

struct past {
	uint32_t epoch;		  /* the newest seen */
	char installation[33];	  /* "" if there is no journal yet */
	bool clean;		  /* the newest epoch ended with an ordered stop */
	struct map incarnations;  /* token -> struct past_incarnation */
	struct strmap children;	  /* path -> struct past_child */
	struct strmap nodes;	  /* name -> struct past_node */
	struct strmap added;	  /* path -> struct past_added */
	struct strmap deleted;	  /* path -> the same: of the configuration, but deleted by hand */
	struct strmap numbers;	  /* path of a supervisor -> struct past_number: the last instance's */
	struct strmap forbidden;  /* NODE/CHILD, NODE/ -> struct past_forbidden */
	struct strmap logs;	  /* path -> struct past_log: marks that are not borne out yet (past_log.c) */
};

/* S118: what an operator has forbidden to a child, or to all (child ""): then the node is drained. */
struct past_forbidden {
	char *key;
	char *node;
	const char *child; /* a part of the key */
};

struct past_number {
	uint64_t last;
	char path[];
};

void past_init(struct past *p);
void past_release(struct past *p);
/* Fold one line of the journal in; unknown types are passed over. -1 if it is no record at all. */
int past_fold(struct past *p, const char *line, size_t len);
struct past_child *past_child(struct past *p, const char *child); /* made if missing */
/* Made if missing (and then `child` is remembered); the child's last_token grows with it. */
struct past_incarnation *past_incarnation(struct past *p, uint64_t token, const char *child);
/* What a record `done` does. */
void past_drop_incarnation(struct past *p, uint64_t token);
/* held = max(held, offset); an unknown token changes nothing. */
void past_hold(struct past *p, uint64_t token, unsigned stream, uint64_t offset);
/* Keep this line (a whole {"type":"state",...}) if (token, n) is newer than what is there under `key`. */
void past_put_state(struct past_child *c, const char *key, uint64_t token, uint64_t n, const char *line, size_t len);
/* past_sources.c: the newest observation of a source, `data` as the child printed it. */
void past_observe(struct past_child *c, int64_t t, const char *data, size_t len);
/* Append the line of a snapshot: for who has many and keeps them elsewhere. */
void past_state_encode(const char *child, const char *key, uint64_t token, uint64_t n, const char *line, struct buf *out);
void past_source_encode(const struct past_source *s, const char *child, struct buf *out);
/* Children added and deleted at run time (past_added.c). args may be NULL. */
void past_add(struct past *p, const char *child, const char *spec, const struct strvec *args, uint64_t seq);
/* `listed`: it is the configuration's, which is not to bring it back. (An addition may have its path by now.) */
void past_remove(struct past *p, const char *child, bool listed);
/* It is not deleted any more. */
void past_bring_back(struct past *p, const char *child);
/* Instances up to this number there have been. */
void past_count(struct past *p, const char *sup, uint64_t number);
/* past_permit.c: child "" means all. */
void past_forbid(struct past *p, const char *node, const char *child);
void past_permit(struct past *p, const char *node, const char *child);
/* Nothing is forbidden any more of this child and what is below it. */
void past_permit_child(struct past *p, const char *child);
/* An ordered end: the next start has what the configuration says. */
void past_forget_changes(struct past *p);
/* past_ties.c: link, cut or monitor; a second one between the same takes the place of the first. */
void past_tie(struct past_ties *t, uint64_t peer, uint64_t ref, bool cut);
void past_tell(struct past_ties *t, uint64_t n, const char *line);
void past_end_by(struct past_ties *t, const char *reason);
void past_ties_free(struct past_ties *t);
struct past_node *past_node(struct past *p, const char *node); /* made if missing */
/*
 * Ask the file system how far the log files got, fold that into held[], forget
 * the marks, and finish a rotation of a log that was cut short.
 */
void past_resolve_logs(struct past *p);
/* The snapshot lines that fold to the same. */
void past_encode(const struct past *p, struct buf *out);

#endif
