/*
 * What a fetch needs to know of a URL. Pure.
 *
 *	struct fetch_url u;
 *
 *	if (fetch_url_parse(&u, text, false) == -1)
 *		... no http or https URL: nothing to release
 *	fetch_url_release(&u);
 *
 * Hosts are in lower case, internationalised ones in their ASCII form, numbers
 * that are spelled in hexadecimal, octal or in fewer than four parts as
 * dotted quads; a port that is the scheme's own is left out.
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_URL_H
#define TRAPEXIT_SCRAPE_FETCH_URL_H

#include <stdbool.h>

struct fetch_url {
	char *text;   /* owned; the whole of it, without its fragment */
	char *origin; /* owned; "https://host:port" */
	const char *host; /* "host:port", in `origin` */
	char *name;   /* owned; the host without its port; an IPv6 address without its brackets */
	const char *path; /* with its query, in `text` where that has one; at least "/" */
	bool https;
};

/* With guess, a text without a scheme is of http, as curl(1) has it. */
int fetch_url_parse(struct fetch_url *u, const char *text, bool guess);
/* What a Location means that `from` has answered; relative ones, too. */
int fetch_url_follow(struct fetch_url *u, const struct fetch_url *from, const char *location);
void fetch_url_release(struct fetch_url *u);
/* Does the name itself say that it is private (P53): an address, or localhost? */
bool fetch_url_is_private(const struct fetch_url *u);

#endif
