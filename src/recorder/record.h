/*
 * One line of the journal as the recorder sees it (ARCHITECTURE.md, "The
 * journal's records"). Pure: bytes in, a struct out.
 *
 *	struct record r;
 *
 *	record_init(&r);
 *	switch (record_read(&r, line, len)) ...
 *	record_release(&r);
 *
 * What is in the record borrows from the line and from the record's own
 * buffers, until the next record_read().
 *
 * Every observation of the journal is either fit for the history or rejected
 * with a reason; what it must have is a child, token and n (its name), a
 * source and a status, and a slot, amount and currency that can be read if
 * there are any. All other members may be as they like: those that are not
 * understood are kept as they are.
 */
#ifndef TRAPEXIT_RECORDER_RECORD_H
#define TRAPEXIT_RECORDER_RECORD_H

#include <stddef.h>

#include "base/buf.h"
#include "store/store.h"

enum record_kind {
	RECORD_OTHER,	    /* nothing for the store */
	RECORD_HEADER,	    /* the head of a segment: installation */
	RECORD_OBSERVATION, /* observation */
	RECORD_EVIDENCE,    /* evidence */
	RECORD_REJECT,	    /* reject */
};

#define RECORD_INSTALLATION_SIZE 65
/* Texts of a record that may have to be unescaped. */
#define RECORD_TEXTS 8

struct record {
	char installation[RECORD_INSTALLATION_SIZE];
	struct store_observation observation;
	struct store_evidence evidence;
	struct store_reject reject;
	/* private */
	struct buf rest;
	struct buf body; /* of evidence */
	char *unescaped[RECORD_TEXTS]; /* owned */
	size_t n_unescaped;
};

void record_init(struct record *r);
void record_release(struct record *r);
/* Is this line certainly RECORD_OTHER? Asked of its first bytes. */
bool record_is_other(const char *line, size_t len);
enum record_kind record_read(struct record *r, const char *line, size_t len);

#endif
