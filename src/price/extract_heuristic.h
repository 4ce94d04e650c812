/*
 * The price by how it looks (P29), and what people see of the stock (P30): for
 * pages that state nothing, and to hold against those that do (P45).
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_HEURISTIC_H
#define TRAPEXIT_PRICE_EXTRACT_HEURISTIC_H

#include "price/extract.h"
#include "price/stated.h"

struct heuristic {
	struct stated stated; /* confidence inferred; no amount: none stands out */
	bool ambiguous;	      /* several do */
	bool any;	      /* something calls itself a price, or a button buys: it may be a product */
};

/*
 * A quick look around the heading: do people see the price and the stock that
 * are stated? Then there is nothing to warn of and nothing to fill in.
 */
bool heuristic_agrees(const struct extract *x, const struct offer *o);
/*
 * Looks at the whole page, or (near) at the part around its main heading only:
 * that is for a page whose price is known, and costs a fraction.
 */
void extract_heuristic(const struct extract *x, bool near, struct heuristic *out);

#endif
