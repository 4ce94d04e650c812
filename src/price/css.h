/*
 * CSS selectors as rules know them (pricescrape(1)): type, class, id,
 * attributes, :nth-of-type and what can be told when an element begins; and
 * at their end ::attr(x), @x or ::text, which say what of the element it is.
 *
 *	css = css_parse(text, len, &offset, &err);
 *	css_free(css);
 */
#ifndef TRAPEXIT_PRICE_CSS_H
#define TRAPEXIT_PRICE_CSS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define CSS_STEPS_MAX 64 /* compounds in all selectors of a list: the bits of a mask */

enum css_test_kind { CSS_ID, CSS_CLASS, CSS_ATTR, CSS_NTH_OF_TYPE, CSS_NTH_CHILD };

/* How the value of an attribute is compared. */
enum css_op { CSS_IS_THERE, CSS_EQUALS, CSS_HAS_WORD, CSS_DASH, CSS_BEGINS, CSS_ENDS, CSS_CONTAINS };

struct css_test {
	enum css_test_kind kind;
	bool negated; /* in :not() */
	char *name;   /* of an attribute, in lower case */
	char *value;  /* of an attribute; the id or class */
	enum css_op op;
	bool no_case;
	int a, b; /* of nth: a * n + b */
};

enum css_relation { CSS_FIRST, CSS_DESCENDANT, CSS_CHILD, CSS_NEXT, CSS_BEHIND };

/* One compound: what must hold for an element, and how it stands to the compound before. */
struct css_step {
	enum css_relation relation;
	char *type; /* in lower case; NULL: any */
	size_t first_test, n_tests;
};

enum css_take { CSS_ELEMENT, CSS_OWN_TEXT, CSS_VALUE };

/* One selector of a list. */
struct css_selector {
	size_t last_step; /* the one whose elements are selected */
	enum css_take take;
	char *attr; /* of CSS_VALUE, in lower case */
};

struct css {
	struct css_test *tests;
	size_t n_tests;
	struct css_step steps[CSS_STEPS_MAX];
	size_t n_steps;
	struct css_selector *selectors;
	size_t n_selectors;
	bool counts; /* there are nth tests */
};

/* NULL with err set and *offset at the byte that is wrong. */
struct css *css_parse(const char *text, size_t len, size_t *offset, struct err *err);
void css_free(struct css *css);

#endif
