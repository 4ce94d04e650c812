/*
 * pricescrape shuts itself in (os/sandbox.h): what its libraries would load or
 * open later is loaded and opened here, before.
 *
 *	struct confine c = CONFINE_INIT;
 *
 *	... make the fetcher, read what is to be read ...
 *	confine_enter(&c, &(struct confine_options){ .off = o->sandbox_off, .max_body = n });
 *	... read strangers' bytes ...
 *	if (confine_news(&c))
 *		confine_put_state(&c, &lines);	the state "sandbox"
 *
 * Every way of pricescrape that reads strangers' bytes goes through this, with one thread, once.
 */
#ifndef TRAPEXIT_SCRAPE_CONFINE_H
#define TRAPEXIT_SCRAPE_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "os/sandbox.h"

struct decode_set;

struct confine_options {
	bool off;
	uint64_t max_body;    /* of a page */
	const char *cacert;   /* to be trusted, as fetch.h has it; NULL: the usual */
	bool offline;	      /* saved pages only: no network, but ... */
	char *const *files;   /* ... these to read, ended by NULL; NULL: all that we may read */
	unsigned concurrency; /* fetches in flight; 0: none */
	size_t sources;	      /* of a job */
	void (*violated)(void); /* as in os/sandbox.h */
};

struct confine {
	struct sandbox_report report;
	uint64_t told; /* denied, when that was said last */
	bool new;      /* nothing was said so far */
	struct decode_set *charsets; /* owned: held open */
};
#define CONFINE_INIT { .new = true }

/* The value of --sandbox: yes, off and the like; exits with a message if it is none of them. */
void confine_option(const char *word, bool *off);
void confine_enter(struct confine *c, const struct confine_options *options);
void confine_release(struct confine *c);
/* Is there something that the last state did not say? Cheap. */
bool confine_news(const struct confine *c);
/* Append the state "sandbox": {"mode":…,"landlock":…,"user":…,"denied":…}. */
void confine_put_state(struct confine *c, struct buf *out);
/* The same for people, to the log, where it is asked for (--verbose). */
void confine_tell(struct confine *c);

#endif
