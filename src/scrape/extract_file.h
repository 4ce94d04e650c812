/*
 * A saved page to a line of output. One extractor serves thousands of pages:
 * what it needs for one it keeps for the next.
 *
 *	struct extractor e = EXTRACTOR_INIT;
 *
 *	extractor_init(&e);
 *	good = extract_file(&e, "page.html", &options);
 *	extractor_release(&e);
 *
 * Lines go to stdout, through its buffer.
 */
#ifndef TRAPEXIT_SCRAPE_EXTRACT_FILE_H
#define TRAPEXIT_SCRAPE_EXTRACT_FILE_H

#include "base/buf.h"
#include "base/mono.h"
#include "scrape/told.h"

struct observed;
struct trace;

#define EXTRACT_BODY_DEFAULT ((size_t)8 << 20) /* P38 */
#define EXTRACT_BODY_MAX ((size_t)1 << 30)

struct extractor {
	bool explain;
	size_t max_body;
	struct matcher *matcher;
	struct page_guard *guard; /* owned */
	struct trace *trace; /* NULL: not to be explained */
	char today[WALL_TEXT_SIZE];
	struct buf body, line;
};

#define EXTRACTOR_INIT { .max_body = EXTRACT_BODY_DEFAULT, .body = BUF_INIT(0), .line = BUF_INIT(0) }

/* What is known of one page. All is borrowed. */
struct extract_page_options {
	const char *url;	  /* NULL: not known */
	const char *content_type; /* NULL: none */
	struct told told;
	struct rule *rule; /* compiled; NULL: what the page states */
};

void extractor_init(struct extractor *e);
void extractor_release(struct extractor *e);
/* Print the observation; true if there is a price, or the thing is sold out. */
bool extract_file(struct extractor *e, const char *file, const struct extract_page_options *o);
/* Print that nothing can be said of a file, for this reason; `error` is for people. */
void extract_failed(
    struct extractor *e, const char *file, const char *url, const char *reason, const char *error);

#endif
