/*
 * The end of one log file, and what is written to it from then on, over its
 * rotation (PATH -> PATH.1 -> PATH.2 ...) and truncation: no line is lost,
 * none comes twice.
 *
 *	struct log_tail *t = log_tail_new(path, cb, arg);
 *
 *	log_tail_last(t, 10);	   the last lines there are, from rotated files, too
 *	while (...)
 *		log_tail_more(t);  what has come since
 *	log_tail_free(t);
 *
 * cb gets whole lines, without newline. A line longer than LOG_TAIL_LINE_MAX
 * comes in pieces.
 */
#ifndef TRAPEXIT_CLI_LOG_TAIL_H
#define TRAPEXIT_CLI_LOG_TAIL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define LOG_TAIL_LINE_MAX (1u << 20)

struct log_tail;

typedef void log_tail_cb(const char *line, size_t len, void *arg);

/* path is copied. */
struct log_tail *log_tail_new(const char *path, log_tail_cb *cb, void *arg);
/* 1: there is a log; 0: there is none (yet); -1: err. n: at most so many lines; LINES_ALL: all. */
int log_tail_last(struct log_tail *t, size_t n, struct err *err);
int log_tail_more(struct log_tail *t, struct err *err);
/* A last line that has no newline (yet), as if it had one. */
void log_tail_flush(struct log_tail *t);
/* The open file, to be watched; -1: none. */
int log_tail_fd(const struct log_tail *t);
const char *log_tail_path(const struct log_tail *t);
void log_tail_free(struct log_tail *t);

#endif
