/*
 * What the tests of the journal share: a private directory with a journal in it,
 * waiting for progress with a deadline, and reading back.
 */
#ifndef TRAPEXIT_TESTS_JOURNAL_RIG_H
#define TRAPEXIT_TESTS_JOURNAL_RIG_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "journal/journal.h"
#include "journal/reader.h"

struct rig {
	char top[PATH_MAX];      /* private */
	char dir[PATH_MAX + 16]; /* top/journal */
	struct journal_options options;
	struct journal *journal;
	struct past past;
};

/* A private directory; nothing is open. Ends the test on any trouble, as all functions here. */
void rig_init(struct rig *r);
/* Open with the next epoch. */
void rig_open(struct rig *r);
void rig_close(struct rig *r);
/* Close, and remove the directory. */
void rig_release(struct rig *r);
/* top/name; owned by the caller. */
char *rig_path(const struct rig *r, const char *name);

uint64_t rig_append(struct rig *r, enum journal_kind kind, const char *line);
/* Wait until this number is appended, or safe; up to 20 s. False when the time is over. */
bool rig_wait_appended(struct rig *r, enum journal_kind kind, uint64_t number);
bool rig_wait_safe(struct rig *r, enum journal_kind kind, uint64_t number);
struct journal_progress rig_progress(struct rig *r);
/* A line {"type":"line",...} whose n and text say `n`. */
const char *rig_line(char buf[256], uint64_t token, uint64_t n, size_t pad);

/* Numbers of the regular files in the journal's directory that are segments. */
size_t rig_segments(const struct rig *r);
/* The names of the segments, in order, "EPOCH-NUMBER EPOCH-NUMBER "; owned by the caller. */
char *rig_segment_names(const struct rig *r);
/* Whole file into b (cleared before); -1 if it is not there. */
int rig_read(const char *path, struct buf *b);
void rig_write(const char *path, const char *text, size_t len);
/*
 * The `n` of all records "line" of this token that a reader gives, each behind
 * the other, "1 2 3 "; owned by the caller.
 */
char *rig_read_back(const struct rig *r, uint64_t token, bool unsynced);

#endif
