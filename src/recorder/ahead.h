/*
 * Reading ahead: while the recorder writes one batch of lines into the store,
 * a thread of its own reads and understands the next. Only when the journal
 * has much: a batch that is not full is read in place, and then the thread
 * sleeps and wakes for nothing.
 *
 *	a = ahead_new();
 *	ahead_from(a, reader);
 *	b = ahead_next(a);
 *	... b->lines[0..b->n), then the position is b->end
 *	b->more: there is more at once
 *
 * The reader is the caller's, and is used by the thread until ahead_from() is
 * called again (NULL: none), which waits for it and forgets what was read. A
 * batch is valid until the next call of either.
 */
#ifndef TRAPEXIT_RECORDER_AHEAD_H
#define TRAPEXIT_RECORDER_AHEAD_H

#include "journal/reader.h"
#include "recorder/record.h"

#define BATCH_LINES 500

struct batch_line {
	enum record_kind kind; /* never RECORD_OTHER: those only move `end` */
	struct record record;
	struct journal_pos after;
	char *own; /* owned: a line that did not fit into the batch's space; NULL */
};

struct batch {
	struct batch_line lines[BATCH_LINES];
	size_t n;
	bool any;	       /* lines were read; else `end` says nothing */
	struct journal_pos end;
	bool more;	       /* it is full */
	int rc;		       /* -1: reading failed behind these lines, with err */
	bool skipped;	       /* the position was gone */
	struct err err;
	/* private */
	char *space; /* owned */
	size_t used;
};

struct ahead;

struct ahead *ahead_new(void);
void ahead_free(struct ahead *a);
void ahead_from(struct ahead *a, struct journal_reader *reader);
struct batch *ahead_next(struct ahead *a);

#endif
