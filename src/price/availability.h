/*
 * Whether a thing can be had (P30).
 */
#ifndef TRAPEXIT_PRICE_AVAILABILITY_H
#define TRAPEXIT_PRICE_AVAILABILITY_H

#include <stddef.h>

enum availability {
	AVAILABILITY_ABSENT, /* nothing was said */
	AVAILABILITY_UNKNOWN, /* something was said that we do not understand: never "in stock" */
	AVAILABILITY_IN_STOCK,
	AVAILABILITY_LIMITED,
	AVAILABILITY_PREORDER,
	AVAILABILITY_BACKORDER,
	AVAILABILITY_OUT_OF_STOCK,
	AVAILABILITY_DISCONTINUED,
};

/* A schema.org term with or without its URL, or a few words of a page; negative phrases first. */
enum availability availability_read(const char *text, size_t len);
/* Words of a page alone, which may speak of anything: absent unless they say it. */
enum availability availability_phrase(const char *text, size_t len);
/* "in_stock"; NULL if absent. */
const char *availability_text(enum availability a);

#endif
