/*
 * Is a text a rule (P21)? What a configuration is checked with before a scraper
 * is told of it; the same check stands before a rule is compiled.
 *
 *	if (rule_check(RULE_CSS, text, strlen(text), &offset, &err) == -1) {
 *		rule_place(text, offset, &line, &column);
 *		... line, column, err.msg
 *	}
 */
#ifndef TRAPEXIT_PRICE_RULE_CHECK_H
#define TRAPEXIT_PRICE_RULE_CHECK_H

#include <stddef.h>

#include "base/err.h"

enum rule_kind { RULE_REGEX, RULE_XPATH, RULE_CSS, RULE_POINTER };
#define RULE_KINDS 4

/* "regex" */
const char *rule_kind_text(enum rule_kind kind);
/* 0; or -1 with err set, no place in its text, and *offset at the byte that is wrong. */
int rule_check(enum rule_kind kind, const char *text, size_t len, size_t *offset, struct err *err);
/*
 * "json-ld, heuristic" (blanks or commas between them) to PAGE_SOURCE() bits;
 * -1 with err set if one is no automatic source, or there is none.
 */
int rule_sources(const char *text, unsigned *sources, struct err *err);
/* Of a byte of the text, counted from 1; a column is a character. */
void rule_place(const char *text, size_t offset, unsigned *line, unsigned *column);

#endif
