/*
 * Between the two halves of the journal: journal.c, which the event loop calls,
 * and disk.c, the thread that does the disk.
 *
 * The loop fills the newest batch under the lock; the thread takes all batches at
 * once. A batch goes through two stages, so that a start or an exit does not
 * wait behind megabytes of logs:
 *
 *  - its lines are written to the segment as soon as the thread sees it;
 *  - its log bytes join a queue that is written in slices; between two slices
 *    the thread looks for new lines.
 *
 * A batch is complete when both are done. A batch with a snapshot ends a
 * segment: nothing behind it is written before the new segment is there, or the
 * attempt is given up because something waits for room.
 */
#ifndef TRAPEXIT_JOURNAL_DISK_H
#define TRAPEXIT_JOURNAL_DISK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "journal/journal.h"
#include "journal/logs.h"
#include "journal/segment.h"

/* Lines of one kind that follow each other in a batch. */
struct span {
	size_t off, len;
	enum journal_kind kind;
};

struct batch {
	struct batch *next;
	struct buf lines;
	struct span *spans; /* owned */
	size_t n_spans, cap_spans;
	struct piece *pieces; /* owned */
	size_t n_pieces, cap_pieces;
	struct buf bytes;      /* small log pieces, copied: their `p` is set when the batch is taken */
	struct buf snapshot;   /* with `rotate`: ends the segment */
	bool rotate;
	uint64_t last[2];      /* newest numbers, by kind, up to and with this batch */
	size_t weight;	       /* bytes in it, for the backlog */
	/* The thread's: */
	bool reached; /* its pieces are in the queue */
	bool vital_done, output_done;
	size_t pieces_left;
};

struct disk {
	struct segment segment;
	struct logs logs;
	struct batch *first, *last;	    /* taken, not complete */
	struct piece *log_first, *log_last; /* the queue of log bytes */
	uint32_t slice;
	bool vital_wait, lines_wait, logs_wait; /* could not be written: until retry_at */
	bool full;			    /* for want of room */
	bool unsynced_output;
	bool snapshot_asked;
	uint64_t segment_bytes;
	uint64_t want_at; /* position in the segment from which a snapshot is wanted */
	int64_t sync_us;
	int64_t sync_at, retry_at; /* deadlines; INT64_MAX: none */
	uint64_t appended[2], safe[2];
	size_t written; /* weight of completed batches, until the backlog is told */
	struct batch *complete; /* to be given back */
	char error[256];
};

struct journal {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t work, flushed;
	int event_fd;
	/* Under the lock: */
	struct batch *head, *tail; /* given, not taken */
	struct batch *spare;
	unsigned n_spare;
	uint64_t last[2];
	size_t backlog;
	bool waiting;	    /* the thread sleeps */
	bool hold;	    /* only journal_push() wakes it */
	bool notified;	    /* event_fd is readable and nobody has looked */
	bool stop;
	uint64_t flush_wanted, flush_done;
	struct journal_progress progress;
	/* The thread's: */
	struct disk disk;
};

struct batch *batch_new(void);
/* Empty and ready to be filled again; large memory is given back. */
void batch_clear(struct batch *b);
void batch_free(struct batch *b);

void *disk_main(void *journal);

#endif
