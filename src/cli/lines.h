/*
 * The last n lines of what comes: --lines.
 */
#ifndef TRAPEXIT_CLI_LINES_H
#define TRAPEXIT_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LINES_ALL SIZE_MAX

struct lines;

/* "20" or "all" (LINES_ALL); -1 if it is neither. */
int lines_parse(const char *text, size_t *n);
struct lines *lines_new(size_t n);
/* Without its newline; copied. */
void lines_add(struct lines *l, const char *line, size_t len);
/* Are there n already? */
bool lines_full(const struct lines *l);
void lines_clear(struct lines *l);
void lines_print(const struct lines *l, FILE *f);
void lines_free(struct lines *l);

#endif
