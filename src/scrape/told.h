/*
 * What a person says of a page: rules, and how to read it. The same words on
 * the command line, in a batch and in a job.
 *
 *	struct told told = TOLD_INIT;
 *
 *	if (told_set(&told, "css", ".price", &err) == -1)
 *		... err.msg
 *	rule = told_compile(&told, matcher, &err);
 *	told_page(&told, &page);
 *
 * Texts are borrowed.
 */
#ifndef TRAPEXIT_SCRAPE_TOLD_H
#define TRAPEXIT_SCRAPE_TOLD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "price/extract.h"
#include "price/extract_rule.h"

#define TOLD_RULES_MAX 32

struct told {
	struct rule_spec rules[TOLD_RULES_MAX]; /* one kind each, in the order they were said */
	size_t n_rules;
	const char *charset, *currency, *locale; /* NULL: not said */
	char decimal, group;
	bool allow_zero, allow_negative, magnitudes;
	unsigned sources;
};

#define TOLD_INIT { .n_rules = 0 }

/*
 * regex (or pattern), xpath, css, pointer; charset, currency, locale, decimal, group, sources; and,
 * with "yes" or "no", allow_zero, allow_negative and magnitudes. -1 with err
 * set: the value is wrong, or there is no such word.
 */
int told_set(struct told *t, const char *word, const char *value, struct err *err);
/* An option of the command line, whose name has dashes; exits with a message if it is wrong. */
void told_option(struct told *t, const char *option, const char *value);
/* The lines of --help for these options. */
const char *told_usage(void);
/* Is there such a word? */
bool told_knows(const char *word);
/* Is it one of those with "yes" or "no"? */
bool told_is_switch(const char *word);
/* The rules; NULL if there is none, or with err set if one is bad. */
struct rule *told_compile(const struct told *t, struct matcher *m, struct err *err);
/* Into a page. */
void told_page(const struct told *t, struct page *page);

#endif
