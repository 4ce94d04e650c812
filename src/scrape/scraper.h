/*
 * The work of `pricescrape --job`: job in, observations and states out.
 *
 *	return scraper_run(&options);
 */
#ifndef TRAPEXIT_SCRAPE_SCRAPER_H
#define TRAPEXIT_SCRAPE_SCRAPER_H

#include <stdbool.h>
#include <stdint.h>

#include "scrape/told.h"

/* What the command line sets; it stands above the job where it says something. */
struct scrape_options {
	struct told told; /* rules, and how to read */
	const char *product;
	const char *source;
	const char *user_agent; /* NULL: not said */
	int64_t timeout_ms;	/* 0: not said */
	int64_t page_cpu_ms;	/* 0: not said */
	uint64_t max_body;	/* 0: not said */
	int64_t die_after;	/* 0: not said */
	bool allow_private;
	bool no_sandbox;
	bool no_robots; /* P47 */
	const char *proxy;   /* NULL: not said */
	const char *contact; /* in our User-Agent (P54); NULL: not said */
	const char *cacert;  /* NULL: not said */
	/* One shot: who looks at the pages instead; NULL: they are extracted and printed. */
	void (*page_cb)(const struct page *page, const char *url, void *arg);
	void *page_arg;
};

/* Until standard input or the reader of standard output goes, or a signal. Returns the exit code. */
int scraper_run(const struct scrape_options *options);
/* Fetch each URL once and print what it offers. Returns the exit code. */
int oneshot_run(const struct scrape_options *options, char *const *urls, int n);

#endif
