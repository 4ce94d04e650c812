/*
 * Whose certificates are trusted: those of a file that was told, or as OpenSSL
 * has it those of SSL_CERT_FILE and SSL_CERT_DIR, or the system's.
 *
 *	if (fetch_trust_init(&trust, cacert, &err) == -1) ...
 *	fetch_trust_apply(&trust, easy);	for each handle
 *	fetch_trust_release(&trust);		after the last handle has gone
 *
 * A small file is read here, once, so that later nobody needs to be able to;
 * a large one is left to libcurl, which keeps what it has parsed for a day.
 */
#ifndef TRAPEXIT_SCRAPE_FETCH_TRUST_H
#define TRAPEXIT_SCRAPE_FETCH_TRUST_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

struct fetch_trust {
	char *file, *dir; /* owned; NULL: libcurl's */
	struct buf text;  /* of the file, if it is small */
	bool no_dir;	  /* the file has it all */
};

int fetch_trust_init(struct fetch_trust *t, const char *cacert, struct err *err);
void fetch_trust_apply(const struct fetch_trust *t, CURL *easy);
void fetch_trust_release(struct fetch_trust *t);

#endif
