/*
 * What the journal says about the past, folded: who was started and not seen
 * ended, which output is held, what the operator wished, what scrapers told
 * their successors. Filled by journal_open(); written out as a snapshot by the
 * daemon at the head of each segment through past_encode_*() lines.
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

/* An incarnation that may still matter: alive, or its last words may be on their way. */
struct past_incarnation {
	uint64_t token;
	char *child;
	char *node;
	uint32_t pid;		     /* 0: not known to have started */
	bool exited;		     /* an exit record is there */
	uint64_t spec;	      /* hash of what it was started with (start record, `spec`); 0: unknown */
	uint64_t job_bytes;   /* length of its job on stdin (start record, `job_bytes`) */
	uint64_t held[3];	     /* [STREAM_OUT], [STREAM_ERR]: bytes below are in the journal or log */
};

struct past_child {
	char *child; /* path */
	bool stopped;		/* the operator's wish */
	uint64_t last_token;
	uint64_t starts, restarts;
	int64_t last_good_ms;	/* wall clock of the newest good price; 0: none */
	struct strmap states;	/* key -> char * (owned): newest {"type":"state",...} line of each key */
};

struct past_node {
	char *node;
	int64_t lease_us; /* the largest L in use there */
};

struct past {
	uint32_t epoch;		  /* the newest seen */
	char installation[33];	  /* "" if there is no journal yet */
	bool clean;		  /* the newest epoch ended with an ordered stop */
	struct map incarnations;  /* token -> struct past_incarnation */
	struct strmap children;	  /* path -> struct past_child */
	struct strmap nodes;	  /* name -> struct past_node */
};

void past_init(struct past *p);
void past_release(struct past *p);
/* Fold one line of the journal in; unknown types are passed over. -1 if it is no record at all. */
int past_fold(struct past *p, const char *line, size_t len);
struct past_child *past_child(struct past *p, const char *child); /* made if missing */
/* The snapshot lines that fold to the same. */
void past_encode(const struct past *p, struct buf *out);

#endif
