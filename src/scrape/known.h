/*
 * What is known of a source's page between two checks, over crashes and moves
 * of its scraper: the state page/SOURCE (trapexit-observation(5)). Pure; a
 * plain value that borrows nothing.
 *
 *	struct known k;
 *
 *	known_read(&k, value, len);		from the state's value, JSON
 *	known_put(&k, &value_out);		and back
 *
 * Where there are 100,000 of them they are kept packed:
 *
 *	known_unpack(packed, &k);		NULL: nothing is known
 *	if (known_replace(&packed, &k))		false: it is as it was
 *		... print the state
 *	free(packed);
 */
#ifndef TRAPEXIT_SCRAPE_KNOWN_H
#define TRAPEXIT_SCRAPE_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/availability.h"
#include "price/plausible.h"

/* Longer ones, and such with other bytes than printable ASCII, are not kept. */
#define KNOWN_ETAG_SIZE 256
#define KNOWN_DATE_SIZE 64
#define KNOWN_URL_SIZE 1024

struct known_packed;

struct known {
	struct plausible_memory prices; /* P42 */
	/* P50; "" for none. They hold for the page as `rule` read it. */
	char etag[KNOWN_ETAG_SIZE];
	char last_modified[KNOWN_DATE_SIZE];
	char validated_url[KNOWN_URL_SIZE]; /* what they belong to, if that is not the source's URL */
	uint32_t rule; /* a hash of what decides what is read: rule, URL, version of the extractor */
	/* What the page said with these validators, so that "not modified" says it again. */
	enum availability availability;
	unsigned gone; /* checks in a row that said 404 or 410 (P51) */
};

/* A member that cannot be read is not known. */
void known_read(struct known *k, const char *value, size_t len);
/* Append the value of its state, one JSON object. */
void known_put(const struct known *k, struct buf *out);
/* P50: the next answer is to be a full one. */
void known_forget_validators(struct known *k);
/* Those of an answer, and the URL that redirects led to; NULL: none. */
void known_set_validators(struct known *k, const char *etag, const char *last_modified, const char *url);

void known_unpack(const struct known_packed *packed, struct known *k);
/* Renew *packed (allocated; NULL when nothing is known) and return whether it changed. */
bool known_replace(struct known_packed **packed, const struct known *k);

#endif
