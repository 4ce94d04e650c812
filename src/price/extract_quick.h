/*
 * The short way of a page with a rule, for whom pages a second count: the
 * pattern on the bytes as they came, and nothing else of the page.
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_QUICK_H
#define TRAPEXIT_PRICE_EXTRACT_QUICK_H

#include "price/extract.h"

struct rule;

/*
 * False: nothing is known, and the page has to be read as every other. True:
 * what that would have found, for a page said to be UTF-8 whose rule gives a
 * plain amount and whose title and currency are told.
 */
bool extract_quick(const struct page *page, struct rule *rule, struct offer *out);

#endif
