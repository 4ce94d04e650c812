/*
 * What a process that dies of a page still says (page_guard.h): from signal
 * handlers, so with nothing but stores, reads and write(2). Of page_guard.c
 * alone.
 *
 *	last_words_open(fd, cpu_ms, pending);
 *	page.stop = last_words_enter(&of);	`of` must live until ...
 *	... read the page ...
 *	over = last_words_leave();		true: it took longer than cpu_ms
 *
 * Within a page SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, twice the processor
 * time and exit(3) (memory is out) speak. Behind them the process goes the
 * way it would have gone, by the same signal.
 */
#ifndef TRAPEXIT_SCRAPE_LAST_WORDS_H
#define TRAPEXIT_SCRAPE_LAST_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

struct last_words_of {
	const char *source, *url, *time;
	int64_t slot; /* INT64_MIN: none */
	int64_t now_ms;
	const char *body;
	size_t len;
	bool hashed; /* else the hash is computed when it comes to it */
	uint64_t hash;
	unsigned n, total; /* deaths with this one */
	uint64_t known_hash; /* if not hashed: of the last death, and how many it had */
	unsigned known_n;
};

void last_words_open(int fd, int64_t cpu_ms, const struct buf *pending);
void last_words_close(void);
/* A flag that is raised when the page has had its time. */
const volatile int *last_words_enter(const struct last_words_of *of);
bool last_words_leave(void);
void last_words_say(const char *why);

#endif
