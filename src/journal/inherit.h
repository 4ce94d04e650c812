/*
 * Taking over what is there: repair, fsync and fold an inherited journal.
 */
#ifndef TRAPEXIT_JOURNAL_INHERIT_H
#define TRAPEXIT_JOURNAL_INHERIT_H

#include "base/err.h"
#include "journal/past.h"

/*
 * Cuts a torn last line off the newest segment and gives its unused space back,
 * fsyncs it, and folds all segments from the newest snapshot on into *past.
 * Lines that are no records are passed over with a warning. -1 with err set when
 * the directory or a segment cannot be read or fsynced.
 */
int inherit(const char *dir, struct past *past, struct err *err);
/* Make the directory if it is missing, in a way that lasts. -1 with err set. */
int inherit_make_dir(const char *dir, struct err *err);

#endif
