/*
 * The segment that is being written: the disk thread's view of the journal.
 *
 *	segment_open(&s, ...)		the first one, with header and snapshot
 *	segment_write(&s, ...)		whole lines
 *	segment_sync(&s)		fdatasync, then tells the readers
 *	segment_rotate(&s, ...)		the next one
 *	segment_close(&s)
 *
 * A segment appears under its name whole: it is made under another name, with
 * its header and snapshot, fsynced, then renamed. So a name that is there means
 * that the one before it is complete and fsynced.
 *
 * Space is allocated ahead, behind the end of the file (no reader sees a NUL),
 * and `reserve` bytes of that are for vital lines alone.
 *
 * What is written and not fsynced is kept in memory. When write or fdatasync
 * fails, the segment is cut back to what was fsynced and the rest goes into a
 * new one (`continued` in its header: it has no snapshot, so what is before it
 * must be read too). Until that works the segment is `broken` and takes nothing.
 */
#ifndef TRAPEXIT_JOURNAL_SEGMENT_H
#define TRAPEXIT_JOURNAL_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "journal/journal.h"
#include "journal/names.h"

struct segment {
	char *dir;	    /* owned */
	char *installation; /* owned */
	int dir_fd;
	int fd;
	int synced_fd;
	struct segment_name name;
	struct segment_name base; /* the newest with a snapshot: nothing before it is needed to fold the past */
	uint64_t pos;	    /* end of the lines written */
	uint64_t synced;    /* end of those fsynced */
	uint64_t allocated; /* end of the space that is ours */
	uint64_t reserve;
	uint64_t step;	    /* allocate so much at once */
	bool preallocates;  /* the file system can */
	bool broken;
	struct buf unsynced; /* the lines between synced and pos */
	int64_t keep_us;
	bool no_store;
};

enum segment_result { SEGMENT_OK, SEGMENT_FULL, SEGMENT_BROKEN };

/* -1 with err set: nothing is left open. */
int segment_open(struct segment *s, const struct journal_options *o, const char *snapshot, size_t len, struct err *err);
/*
 * Write whole lines. SEGMENT_FULL: *done of n bytes (whole lines) are written, for
 * the rest there is no room. SEGMENT_BROKEN: none of the rest is, and err says why.
 */
enum segment_result segment_write(struct segment *s, enum journal_kind kind, const char *lines, size_t n, size_t *done,
    struct err *err);
/* All that is written is safe when this returns SEGMENT_OK, in this segment or in a new one. */
enum segment_result segment_sync(struct segment *s, struct err *err);
/* SEGMENT_FULL: no room for a new one; go on with the old one. */
enum segment_result segment_rotate(struct segment *s, const char *snapshot, size_t len, struct err *err);
/* Remove the segments that nobody needs any more. */
void segment_remove_old(const struct segment *s);
/* Fsync, give the unused space back, close. */
void segment_close(struct segment *s);

#endif
