/*
 * The terminal: may there be colours, how wide is it, and text that cannot
 * move it.
 */
#ifndef TRAPEXIT_CLI_TERM_H
#define TRAPEXIT_CLI_TERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define TERM_BOLD "\033[1m"
#define TERM_DIM "\033[2m"
#define TERM_RED "\033[31m"
#define TERM_GREEN "\033[32m"
#define TERM_YELLOW "\033[33m"
#define TERM_PLAIN "\033[0m"

/* Not if told so, $NO_COLOR is set, standard output is no terminal, or a dumb one. */
bool term_wants_color(bool told_not);
/* Columns of standard output: $COLUMNS, else the terminal's; 0: not a terminal, no bound. */
unsigned term_width(void);
unsigned term_height(void);

/*
 * text with control characters (C0, DEL, C1) and bytes that are no UTF-8 written as
 * \xNN; NULL gives "". Cut with "..." if it does not fit. Returns out.
 */
const char *term_safe(const char *text, char *out, size_t size);
/* The same of n bytes, appended; tabs stay. */
void term_put_safe(struct buf *out, const char *text, size_t n);

/* "3d4h" since then, "now" below a second, "-" for 0 and "in 5s" for what is to come. */
#define TERM_AGE_SIZE 64
const char *term_age(int64_t ms, int64_t now_ms, char out[TERM_AGE_SIZE]);
/* "12:20:01" of today, "2026-11-21 12:20:01" of other days: local time. */
#define TERM_TIME_SIZE 40
const char *term_time(int64_t ms, int64_t now_ms, char out[TERM_TIME_SIZE]);

/*
 * "2h", "30m" (that long ago), "today", "yesterday", a date, a date and a time
 * ("2026-11-22 12:00", local) or RFC 3339. -1 if it is none of these.
 */
int term_since_parse(const char *text, int64_t now_ms, int64_t *ms);

#endif
