/*
 * A user's rule (P21): where the price of a page is. One of
 *
 *	regex	  PCRE2 (P39); named groups price, currency, title, availability and list_price; with no named
 *		  group, group 1 is the price; with no group, the whole match
 *	xpath	  XPath 1.0 on the tree of the page: the first node with an amount, or the text, or number
 *	css	  a selector (css.h): the text of the first element with an amount, or its attribute
 *	pointer	  RFC 6901, for a body that is JSON
 *
 * or several, of which the first that yields an amount wins.
 *
 *	struct matcher *matcher = matcher_new();
 *	struct rule *rule = rule_compile_spec(matcher, &(struct rule_spec){ .regex = pattern }, &err);
 *
 *	rule = rule_append(rule, another);
 *	extract_page(&page, rule, &offer);
 *	rule_free(rule);
 *
 * What a rule selects goes through the reader. A matcher holds the limits and
 * the memory of matching; all rules of a thread share one, which outlives them.
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_RULE_H
#define TRAPEXIT_PRICE_EXTRACT_RULE_H

#include "base/err.h"
#include "price/extract.h"
#include "price/markup.h"
#include "price/rule_check.h"

#define RULE_SUBJECT_MAX (8u << 20) /* P39 */

struct matcher;
struct rule;

/* Borrowed; NULL: none of that kind. Several kinds are tried in this order. */
struct rule_spec {
	const char *regex;
	const char *xpath;
	const char *css;
	const char *pointer;
};

enum rule_group { GROUP_PRICE, GROUP_CURRENCY, GROUP_TITLE, GROUP_AVAILABILITY, GROUP_LIST_PRICE };
#define GROUP_COUNT 5

enum rule_result { RULE_MATCH, RULE_NO_MATCH, RULE_LIMIT };

struct rule_captures {
	struct slice group[GROUP_COUNT]; /* p NULL: not there */
};

struct matcher *matcher_new(void);
void matcher_free(struct matcher *m);
/* NULL with err set if a text is bad: "regex: line 1, column 13: missing closing parenthesis". */
struct rule *rule_compile_spec(struct matcher *m, const struct rule_spec *spec, struct err *err);
/* A regular expression. */
struct rule *rule_compile(struct matcher *m, const char *pattern, struct err *err);
/* Put one (owned then by `first`, which may be NULL) behind the others; returns the first. */
struct rule *rule_append(struct rule *first, struct rule *rule);
/* With all that were appended. */
void rule_free(struct rule *rule);
/* Of a regular expression: slices of the text. */
enum rule_result rule_match(struct rule *rule, const char *text, size_t len, struct rule_captures *out);
/* How many pieces the rule selects; the others behind it do not count. */
size_t rule_count(struct rule *rule, const struct extract *x);
/* Is it a regular expression, which needs no more than the bytes? */
bool rule_is_quick(const struct rule *rule);
/* Fill the offer from the rule; false, with the reason in it, if that gave no amount. */
bool extract_rule(const struct extract *x, struct rule *rule, struct offer *o);
/*
 * P17, P18: the currency that the page states for its product is that of a
 * rule's amount which has none, or a sign that may be its; another one beside
 * the amount is warned of.
 */
void extract_rule_currency(const struct extract *x, const struct money *stated, struct offer *o);

#endif
