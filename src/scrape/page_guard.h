/*
 * P41: a page that crashes, hangs or fills its reader costs one result of one
 * source, and it is told which page it was.
 *
 *	struct page_guard *g = page_guard_new(&options);
 *
 *	page_guard_know(g, source, value, len);		of each state crash/SOURCE
 *	reason = page_guard_extract(g, &what, &page, rule, &offer, &lines);
 *	...				NULL: it was read; else "quarantined": it was not
 *
 * While a page is read, a timer looks at the processor time that it takes (P38). At
 * its limit page.stop is raised, which the extractor looks at now and then: reason
 * "limit". At twice the limit, or when the process crashes or is out of memory, the dying
 * process itself says so, from its signal handler: the observation of that slot and its
 * state, the state crash/SOURCE {hash, n, total, at, why}, and a line on standard error. Then it
 * dies by its signal. SIGKILL leaves no time for that; so of a page that is large, or whose
 * source has killed before, the state is printed before it is read and taken back afterwards.
 *
 * A page with the same hash that has killed three times is not read again. If the hash is
 * another one each time, the source rests: an hour after the third death, then two, up to a day.
 *
 * One a process, as signal handlers are. Costs two stores for an ordinary page.
 */
#ifndef TRAPEXIT_SCRAPE_PAGE_GUARD_H
#define TRAPEXIT_SCRAPE_PAGE_GUARD_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "price/extract.h"

#define PAGE_GUARD_CPU_MS 2000 /* P38 */
#define PAGE_GUARD_DEATHS 3    /* P41 */
#define PAGE_GUARD_LARGE (1u << 20)

struct page_guard;

struct page_guard_options {
	int fd;			   /* where lines go: standard output */
	int64_t cpu_ms;		   /* 0: the default */
	const struct buf *pending; /* what is still to be written there, whole lines; NULL: nothing ever is */
	/* Write this line soon; NULL: there are no states here. */
	void (*put)(const char *line, size_t len, void *arg);
	void *arg;
};

/* All borrowed until the call returns. */
struct guarded {
	const char *source;
	const char *url;
	int64_t slot;	  /* INT64_MIN: none, and no states */
	const char *time; /* as an observation has it */
	int64_t now_ms;	  /* of a clock that does not go back */
};

struct page_guard *page_guard_new(const struct page_guard_options *options);
void page_guard_free(struct page_guard *g);
/* The value of a state crash/SOURCE; what cannot be read is passed over. */
void page_guard_know(struct page_guard *g, const char *source, const char *value, size_t len);
/* Appends to `lines` the state of a source that has recovered. */
const char *page_guard_extract(struct page_guard *g, const struct guarded *what, struct page *page, struct rule *rule,
    struct offer *offer, struct buf *lines);
/* Last words for who is about to end the process by this signal; async-signal-safe. Does nothing without a page. */
void page_guard_violated(void);

#endif
