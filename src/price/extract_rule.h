/*
 * A user's rule: a regular expression of PCRE2 (P21, P39).
 *
 *	struct matcher *matcher = matcher_new();
 *	struct rule *rule = rule_compile(matcher, pattern, &err);
 *
 *	result = rule_match(rule, text, len, &captures);
 *
 * Named groups price, currency, title, availability and list_price; with no
 * named group, group 1 is the price; with no group, the whole match. A matcher
 * holds the limits and the memory of matching; all rules of a thread share one,
 * which outlives them.
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_RULE_H
#define TRAPEXIT_PRICE_EXTRACT_RULE_H

#include "base/err.h"
#include "price/extract.h"
#include "price/markup.h"

#define RULE_SUBJECT_MAX (8u << 20) /* P39 */

struct matcher;
struct rule;

enum rule_group { GROUP_PRICE, GROUP_CURRENCY, GROUP_TITLE, GROUP_AVAILABILITY, GROUP_LIST_PRICE };
#define GROUP_COUNT 5

enum rule_result { RULE_MATCH, RULE_NO_MATCH, RULE_LIMIT };

struct rule_captures {
	struct slice group[GROUP_COUNT]; /* p NULL: not there */
};

struct matcher *matcher_new(void);
void matcher_free(struct matcher *m);
/* NULL with err set if the pattern is bad: "offset 12: missing closing parenthesis". */
struct rule *rule_compile(struct matcher *m, const char *pattern, struct err *err);
void rule_free(struct rule *rule);
/* Slices of the text. */
enum rule_result rule_match(struct rule *rule, const char *text, size_t len, struct rule_captures *out);
/* Fill the offer from the rule; false, with the reason in it, if that gave no amount. */
bool extract_rule(const struct extract *x, struct rule *rule, struct offer *o);

#endif
