/*
 * What one daemon tells the next at a handover (handover.h). A packet of
 * "name\0value\0" pairs, so that another release can read it: what it does not know
 * it passes over, what is missing is empty.
 */
#ifndef TRAPEXIT_DAEMON_OFFER_H
#define TRAPEXIT_DAEMON_OFFER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mono.h"

enum offer_kind {
	OFFER_TAKE,	/* to a new program: take over */
	OFFER_RETURN,	/* from that to the process that it took over from, which now is the same program */
	OFFER_RESUME,	/* from a process to itself: nobody else is there, go on */
};

/* Ranges of the agents' protocols, for who takes over to look at first. */
struct offer_node {
	char *name; /* owned */
	uint32_t version_min, version_max;
};

struct offer {
	enum offer_kind kind;
	pid_t pid;	/* of who offers */
	char *from;	/* owned; the version that the upgrade began with */
	char *state_dir, *run_dir, *log_dir; /* owned: they stay */
	char *request;	/* owned; the id of the request to answer, as JSON; NULL: none */
	char *reason;	/* owned; OFFER_RESUME: why the upgrade failed; NULL: there was none */
	bool moved;	/* OFFER_RESUME: the new program is in charge, but as another process */
	uint32_t by;	/* uid of who asked */
	uint32_t timeout_ms;
	int64_t away_us;    /* how long nobody was in charge until now */
	mono_t away_since;  /* OFFER_RESUME: nobody is since then; MONO_NEVER: somebody is */
	struct offer_node *nodes; /* owned */
	size_t n_nodes;
	int lock, listener, client, log; /* descriptors; -1: none. Not closed by offer_release() */
};
#define OFFER_FDS 4

void offer_init(struct offer *o);
void offer_release(struct offer *o);
void offer_add_node(struct offer *o, const char *name, uint32_t version_min, uint32_t version_max);
/* The packet, and the descriptors in the order in which it names them. */
void offer_encode(const struct offer *o, struct buf *out, int fds[OFFER_FDS], size_t *n_fds);
/* -1 with err set: it is no offer. *o is initialized, and takes the descriptors, either way. */
int offer_decode(struct offer *o, const char *data, size_t len, const int *fds, size_t n_fds, struct err *err);

#endif
