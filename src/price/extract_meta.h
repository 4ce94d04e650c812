/*
 * OpenGraph and other <meta> elements (P28).
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_META_H
#define TRAPEXIT_PRICE_EXTRACT_META_H

#include "price/extract.h"
#include "price/markup.h"
#include "price/stated.h"

enum meta_name {
	META_SALE_AMOUNT,
	META_AMOUNT,
	META_OG_AMOUNT,
	META_ORIGINAL_AMOUNT,
	META_SALE_CURRENCY,
	META_ORIGINAL_CURRENCY,
	META_CURRENCY,
	META_OG_CURRENCY,
	META_AVAILABILITY,
	META_OG_AVAILABILITY,
	META_TITLE,
	META_LABEL1,
	META_DATA1,
	META_LABEL2,
	META_DATA2,
	META_OG_STANDARD, /* a list price, as Pinterest has it */
	META_SALE_START,
	META_SALE_END,
	META_TYPE,
};
#define META_COUNT 19

struct metas {
	struct slice value[META_COUNT]; /* the first that is not empty */
	bool has_items; /* one has a property of RDFa */
};

void metas_tag(struct metas *metas, const struct tag *tag);
/* The currency that they state of the whole page (P17); NULL: none. */
const struct currency *metas_currency(const struct metas *metas);
/* What they state. */
void extract_metas(const struct extract *x, const struct metas *metas, struct stated *out);

#endif
