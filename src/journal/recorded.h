/*
 * STATE/journal/recorded: up to where the recorder has the journal in its store.
 *
 * The recorder calls journal_recorded_write() after each commit with the
 * position that it committed (journal_reader_next()'s *after). The file is one
 * line, "EPOCH SEGMENT OFFSET\n" in decimal, replaced by rename and not
 * fsynced: the truth about the position stands in the store, in the same
 * transaction as the rows; this is only a hint for the journal, which removes
 * segments that lie wholly below it. An old value merely keeps them longer.
 *
 * Both return 0, or -1 with err set. Reading a file that is not there is no
 * error: it gives {0, 0, 0}, below which there is nothing.
 */
#ifndef TRAPEXIT_JOURNAL_RECORDED_H
#define TRAPEXIT_JOURNAL_RECORDED_H

#include "base/err.h"
#include "journal/reader.h"

int journal_recorded_write(const char *dir, const struct journal_pos *pos, struct err *err);
int journal_recorded_read(const char *dir, struct journal_pos *pos, struct err *err);

#endif
