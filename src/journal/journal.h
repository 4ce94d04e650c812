/*
 * The journal: the one truth about the past (architecture 6).
 *
 * Append-only segments of JSON lines, STATE/journal/EPOCH-NNNNNN.jsonl (epoch
 * as 8, number as 6 hex digits, so that names sort in time order). Each begins
 * with a header line and a snapshot of what later segments need. ARCHITECTURE.md
 * lists the records.
 *
 * One thread does the disk; the event loop never waits for it:
 *
 *  1. journal_open() repairs and fsyncs what it inherits, folds it into a
 *     struct past (past.h), and opens the segment of this epoch.
 *  2. journal_append() takes a line; journal_log() takes bytes for a child's
 *     log file. Both copy into the batch that the disk thread takes next, and
 *     return a number; each kind (vital, output) has its own, growing by one.
 *  3. journal_fd() becomes readable when there is progress; journal_progress()
 *     then says up to which number everything is appended (written), and up to
 *     which it is safe (fsynced; log bytes count as safe when written: any
 *     process may be killed, but a power cut may cost the last of them).
 *
 * In one batch the journal's lines are written before the log bytes, so a mark
 * (below) is always there before the bytes that it speaks of.
 *
 * Space is preallocated, with a reserve that only records of kind
 * JOURNAL_VITAL (starts, exits, wishes, leases) may use. When the disk is full,
 * records of kind JOURNAL_OUTPUT and log bytes wait, in order, and vital ones
 * go on; it goes on by itself when there is room. (Wait for the number of a
 * start before it is sent; for that of output before it is acknowledged.) After
 * a failed fsync the unsynced part is written anew into a new segment, never
 * assumed.
 *
 * What waits is held in memory. journal_backlog() says how much that is: above
 * a bound of its choice the daemon gives no more credit.
 *
 * When a segment is full, the thread asks for the next snapshot (progress
 * `want_snapshot`); the loop answers with journal_rotate(), giving the snapshot.
 * The snapshot speaks of everything that was given to the journal before that
 * call: held[] of a log stream is then the end of what was given.
 *
 * Old segments are removed at each new one: those below the newest snapshot, last
 * written longer than keep_us ago, and wholly below the recorder's position
 * (recorded.h). Without a store nobody writes that position: `no_store` says so,
 * and then keep_us alone counts.
 *
 * STATE/journal/synced (one line "EPOCH-NNNNNN OFFSET CHECK\n", fixed width,
 * rewritten in place) says up to where readers may read; they watch it with
 * inotify.
 */
#ifndef TRAPEXIT_JOURNAL_JOURNAL_H
#define TRAPEXIT_JOURNAL_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "journal/past.h"

struct journal;
struct log_file; /* a child's log, with rotation; see journal_log_file() */

enum journal_kind { JOURNAL_VITAL, JOURNAL_OUTPUT };

struct journal_options {
	const char *dir;	  /* STATE/journal, made if missing, 0750 */
	const char *installation; /* 32 hex digits */
	uint32_t epoch;
	int64_t sync_us;	  /* group commit: at the latest this long after the append; 0: at once */
	uint64_t segment_bytes;	  /* a new segment is begun beyond this */
	uint64_t reserve_bytes;	  /* kept free for JOURNAL_VITAL */
	int64_t keep_us;	  /* recorded segments older than this are removed */
	bool no_store;		  /* nobody records: segments go by age alone */
};

struct journal_progress {
	/*
	 * By enum journal_kind, since vital records go on when output waits for
	 * room: each kind is numbered by itself, from 1. Log bytes count as
	 * JOURNAL_OUTPUT.
	 */
	uint64_t appended[2], safe[2];
	bool want_snapshot;
	bool disk_full; /* output is waiting for room */
	char error[256]; /* the latest trouble in words; "" when all is well */
};

/*
 * *past is filled from what is there (caller releases with past_release).
 * Fails when the directory cannot be used.
 */
struct journal *journal_open(const struct journal_options *o, struct past *past, struct err *err);
/* The newest epoch that the directory names; 0 if none. */
uint32_t journal_last_epoch(const char *dir);
/* Append one line (without its newline). Returns its number. */
uint64_t journal_append(struct journal *j, enum journal_kind kind, const char *line, size_t len);
/*
 * Append bytes to a child's log file. `token`, `stream` and `offset` (of the
 * first byte) say where they come from: the journal keeps marks by which, after
 * a crash, the length of the file tells how far it got (see past.h).
 */
uint64_t journal_log(struct journal *j, struct log_file *f, uint64_t token, unsigned stream, uint64_t offset, const void *p, size_t n);
/*
 * The same without a copy: p stays the caller's memory, unchanged, until
 * release(arg) is called. That is called once, from the disk thread, when the
 * bytes are written (or, on a full disk at journal_close(), given up): it must be
 * safe from another thread (free(), or an atomic count going down).
 */
uint64_t journal_log_take(struct journal *j, struct log_file *f, uint64_t token, unsigned stream, uint64_t offset,
    const void *p, size_t n, void (*release)(void *arg), void *arg);
/*
 * From now on what is given wakes the disk thread only at journal_push(): so
 * the records of one turn of the loop are one batch, and one wake-up.
 */
void journal_hold(struct journal *j);
void journal_push(struct journal *j);
/* Bytes of lines and logs that were given and are not written yet: what memory they hold. */
size_t journal_backlog(struct journal *j);
/*
 * Everything before this call is written and fsynced before it returns
 * (shutdown only: it waits). When the disk is full or broken it returns after
 * one more try.
 */
void journal_flush(struct journal *j);
/* The same without waiting: everything before this call is fsynced as soon as the disk can, and not only after `sync`. */
void journal_flush_soon(struct journal *j);
int journal_fd(const struct journal *j);
/* Makes journal_fd() unreadable until there is more. */
void journal_get_progress(struct journal *j, struct journal_progress *out);
/* Begin a new segment with this snapshot (whole lines, newline-terminated). */
void journal_rotate(struct journal *j, const char *snapshot, size_t len);
void journal_close(struct journal *j); /* flush, stop the thread, free */

/*
 * The log file at `path` (parent folders made, 0750; file 0640), rotated at
 * `size` bytes (0: never) keeping `keep` old ones (PATH.1 is the newest).
 * Descriptors are opened when needed and shared out among the files (at most
 * 64 open), so 10,000 children cost none while they are silent. `child` is the
 * child's path, for the marks; borrowed strings are copied.
 */
struct log_file *journal_log_file(struct journal *j, const char *child, const char *path, uint64_t size, unsigned keep);
void journal_log_file_free(struct journal *j, struct log_file *f);
/* Close and open all again by name (SIGUSR1). */
void journal_reopen_logs(struct journal *j);

#endif
