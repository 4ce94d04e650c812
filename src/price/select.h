/*
 * What the kinds of rules have in common: they select pieces of a page, and
 * extract_rule.c reads those. Internal to the rules.
 */
#ifndef TRAPEXIT_PRICE_SELECT_H
#define TRAPEXIT_PRICE_SELECT_H

#include <stdbool.h>
#include <stddef.h>

#include "price/extract_rule.h"

/* P39. Names that stand twice are refused by PCRE2 unless the pattern says (?J). */
#define REGEX_OPTIONS (PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_USE_OFFSET_LIMIT)

/* What a rule has selected. */
struct selected {
	struct slice text;
	bool markup;	      /* a piece of the page; else text that needs no more decoding */
	bool machine;	      /* P9.2 */
	bool number;	      /* may have an exponent (P25) */
	bool rounded;	      /* digits may be missing: no amount is in it (P2) */
	const char *currency; /* that the source states beside it; NULL: none */
};

/* Returns true if it has enough. The slice lives until it returns. */
typedef bool selected_fn(const struct selected *s, void *arg);

/* PCRE2 (select_regex.c) */
struct regex;
/* The pattern has passed rule_check(). */
struct regex *regex_compile(const char *pattern);
void regex_free(struct regex *r);
enum rule_result regex_match(
    struct regex *r, const struct matcher *m, const char *text, size_t len, struct rule_captures *out);

/* RFC 6901 on a body that is JSON (select_pointer.c); WARN_BAD_JSON if it is none. */
enum rule_result pointer_select(
    const char *pointer, const struct extract *x, selected_fn *fn, void *arg, unsigned *warnings);

/* CSS selectors (select_css.c). */
struct css;
enum rule_result css_select(const struct css *css, const struct extract *x, selected_fn *fn, void *arg);

/* XPath 1.0 (select_xpath.c). The text has passed rule_check(); NULL if libxml2 takes it for wrong all the same. */
struct xpath;
struct xpath *xpath_compile(const char *text);
void xpath_free(struct xpath *x);
enum rule_result xpath_select(const struct xpath *xpath, const struct extract *x, selected_fn *fn, void *arg);

#endif
