/*
 * Reading the journal while it is written: for the recorder, `trapexit events`
 * and recovery. Reads up to what is fsynced, goes from segment to segment, and
 * can wait for more with inotify (no polling).
 *
 *	struct journal_reader *r = journal_reader_open(dir, &pos, &err);
 *
 *	while ((n = journal_reader_next(r, &line, &len, &pos, &err)) == 1)
 *		... pos is behind this line: keep it with what was made of it
 *	n == 0: no more for now; journal_reader_fd() becomes readable when there is
 */
#ifndef TRAPEXIT_JOURNAL_READER_H
#define TRAPEXIT_JOURNAL_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct journal_reader;

struct journal_pos {
	uint32_t epoch;
	uint32_t segment; /* number in the epoch, from 1 */
	uint64_t offset;  /* bytes from the start of the segment */
};

/* From *pos on; {0,0,0} is the oldest segment there is. A segment that is gone: the next one, with *skipped told by journal_reader_skipped(). */
struct journal_reader *journal_reader_open(const char *dir, const struct journal_pos *pos, struct err *err);
/* 1: a line (without newline; borrowed until the next call); 0: none for now; -1: error. */
int journal_reader_next(struct journal_reader *r, const char **line, size_t *len, struct journal_pos *after, struct err *err);
/* Readable when the journal has grown; drained by the next journal_reader_next(). */
int journal_reader_fd(const struct journal_reader *r);
/* Read also what is written but not fsynced yet (events for people; never the recorder). */
void journal_reader_unsynced(struct journal_reader *r, bool yes);
/* True once if the position given to open() was no longer there. */
bool journal_reader_skipped(struct journal_reader *r);
void journal_reader_close(struct journal_reader *r);

#endif
