/*
 * Addresses of pages, as far as an extractor needs them: is that this page
 * (P23), and which country is it of (P16). Slices of text; nothing is fetched.
 */
#ifndef TRAPEXIT_PRICE_PAGE_URL_H
#define TRAPEXIT_PRICE_PAGE_URL_H

#include <stdbool.h>
#include <stddef.h>

/* How surely two addresses name the same thing. */
enum url_match {
	URL_OTHER,
	URL_NAME,  /* the same last part of the path, at another place: /c/shoes/red-shoe, /red-shoe */
	URL_PATH,  /* the same but for the query */
	URL_EXACT, /* the same but for scheme, www, fragment, a slash at the end, and what the page's query has besides */
};

/* `url` may be relative to `page`. */
enum url_match url_match(const char *page, const char *url, size_t len);
/* Does a stock keeping unit stand in the path or query, as a word of its own? */
bool url_has_sku(const char *page, const char *sku, size_t len);
/*
 * The country that an address speaks of, two upper case letters: in the path
 * (/de-ch/) or by its top level domain. False if by neither.
 */
bool url_country(const char *url, char country[3]);
/* A language of a country, if its numbers are written as those of one; "und" for the others. */
const char *url_language_of(const char country[3]);
/* The language of such a path, two lower case letters. */
bool url_language(const char *url, char language[3]);

#endif
