/*
 * The journal -> commands: reads on, offers each event to the handlers whose
 * conditions it meets, runs what waits, and keeps up to where each is done.
 *
 *	struct dispatcher *d = dispatcher_new(&options, &err);
 *	rc = dispatcher_run(d, &err);	until it is told to leave: 0; -1 with err
 *	dispatcher_free(d);
 *
 * A handler that hangs or is slow stops no other: each has its own queue and its
 * own runs. Told to leave, it goes on for LEAVE_US with what there is, then ends
 * what still runs; the events of those come again when it is run the next time.
 */
#ifndef TRAPEXIT_EVENT_DISPATCHER_H
#define TRAPEXIT_EVENT_DISPATCHER_H

#include <stdbool.h>

#include "base/err.h"
#include "conf/config.h"

struct dispatcher_options {
	const char *journal;  /* its directory */
	const char *position; /* the file */
	const struct config *config; /* handlers, borrowed */
	const char *self;     /* events of this child are nobody's; NULL: none */
	int signal_fd;	      /* a signalfd with SIGCHLD, and the signals that tell us to leave */
	bool once;	      /* leave when all that is there is done */
};

struct dispatcher;

struct dispatcher *dispatcher_new(const struct dispatcher_options *o, struct err *err);
int dispatcher_run(struct dispatcher *d, struct err *err);
void dispatcher_free(struct dispatcher *d);

#endif
