/*
 * JSON-LD: the offer that the scripts of type application/ld+json state (P22
 * to P25). Numbers are read from their own digits.
 */
#ifndef TRAPEXIT_PRICE_EXTRACT_JSONLD_H
#define TRAPEXIT_PRICE_EXTRACT_JSONLD_H

#include "price/extract.h"
#include "price/markup.h"
#include "price/stated.h"

#define JSONLD_BLOCKS_MAX 512
#define JSONLD_BYTES_MAX (2u << 20) /* P38 */

struct jsonld {
	struct slice blocks[JSONLD_BLOCKS_MAX];
	bool over; /* there was more than is read (P38) */
	size_t n;
	size_t bytes;
};

/* Look at one tag of the scan: keep its text if it is such a script. */
void jsonld_tag(struct jsonld *j, const struct tag *tag);
/* What they state. */
void extract_jsonld(const struct extract *x, const struct jsonld *j, struct stated *out);
/* The same of a body that is JSON itself. */
void extract_json_body(const struct extract *x, struct stated *out);

#endif
