/*
 * Between the files of the past: states with their order, and the marks of log
 * files that are not borne out yet.
 */
#ifndef TRAPEXIT_JOURNAL_PAST_PRIVATE_H
#define TRAPEXIT_JOURNAL_PAST_PRIVATE_H

#include "journal/past.h"

/* The line that a child's map of states points at is the end of one of these. */
struct past_state {
	uint64_t token, n;
	size_t cap;
	char text[]; /* the line, a NUL, room up to cap, then the key that the map borrows */
};

struct past_state *past_state_of(char *line);

void past_added_release(struct past *p);
/* The elements of a JSON list of strings; -1 if it is something else. */
int past_strings(const char *list, size_t len, struct strvec *out);
/* The snapshot's lines. */
void past_encode_added(const struct past *p, struct buf *out);

/* past_sources.c */
int past_fold_source(struct past_child *c, const char *line, size_t len);
void past_encode_sources(const struct past_child *c, struct buf *out);
void past_sources_release(struct past_child *c);

/* past_permit.c */
int past_fold_permit(struct past *p, const char *line, size_t len);
void past_encode_permits(const struct past *p, struct buf *out);
void past_permit_release(struct past *p);

/* past_ties.c */
int past_fold_tie(struct past *p, const char *line, size_t len);
/* The snapshot's lines, behind that of the incarnation. */
void past_encode_ties(const struct past_incarnation *i, struct buf *out);

/* A mark: byte `at` of (token, stream) stands, or will stand, at `pos` of the file. */
struct past_mark {
	uint64_t token;
	uint64_t at;
	uint64_t pos;
	unsigned stream;
};

/* The marks of one log file in their order; those behind its known length are plans. */
struct past_log {
	char *path;
	uint64_t file; /* inode */
	struct past_mark *v; /* owned */
	size_t n, cap;
};

/* `size`: of the file when the mark was made; `was`: final size of its predecessor, UINT64_MAX if it has none. */
void past_fold_mark(struct past *p, const char *path, uint64_t file, const struct past_mark *m, uint64_t size, uint64_t was);
void past_logs_clear(struct past *p);

#endif
