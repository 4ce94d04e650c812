/*
 * The recorder: tails the journal into the store (architecture 6).
 *
 *	struct recorder *r = recorder_new(&options);
 *
 *	return recorder_run(r, &wake) ...
 *
 * It may be killed anywhere: its position is in the store, in the same
 * transaction as the rows. It sleeps until the journal grows (inotify), and
 * wakes for nothing else. When the store is locked, full or fails, it tries
 * again, slower each time, from what is committed; the journal keeps the rest.
 */
#ifndef TRAPEXIT_RECORDER_RECORDER_H
#define TRAPEXIT_RECORDER_RECORDER_H

#include <stdbool.h>

#include "base/err.h"

struct recorder;

struct recorder_options {
	const char *journal; /* directory */
	const char *store;   /* URL */
	bool once;	     /* record what is there, then leave; a failing store ends it */
	int leave_fd[2];     /* readable: record what is there, then leave; -1: none */
};

/* Strings of the options are borrowed. */
struct recorder *recorder_new(const struct recorder_options *o);
/* 0: all that was there is recorded; -1 with err set. */
int recorder_run(struct recorder *r, struct err *err);
void recorder_free(struct recorder *r);

#endif
