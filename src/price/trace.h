/*
 * Every candidate for the price of a page, and why it won or lost: what stands
 * behind --explain.
 *
 *	struct trace *trace = trace_new();
 *	struct page page = { ..., .trace = trace };
 *
 *	extract_page(&page, NULL, &offer);
 *	for (i = 0; i < trace->n; i++)
 *		... trace->entries[i].method, .place, .text, .verdict
 *	trace_free(trace);
 *
 * A page that is extracted without one (NULL) pays nothing for it: trace_add()
 * then returns NULL, and the others do nothing without an entry.
 * Entries are plain values; they borrow nothing from the page.
 */
#ifndef TRAPEXIT_PRICE_TRACE_H
#define TRAPEXIT_PRICE_TRACE_H

#include <stdbool.h>
#include <stddef.h>

#include "price/offer.h"

#define TRACE_ENTRIES_MAX 200 /* further ones are counted only */
#define TRACE_PLACE_SIZE 160
#define TRACE_WHY_SIZE 80

enum trace_verdict { TRACE_WON, TRACE_LOST };

struct trace_entry {
	enum method method;
	/* "line 12 <span class=\"price\">", "line 3 $.@graph[2].offers.price", "offset 123" */
	char place[TRACE_PLACE_SIZE];
	char text[READER_RAW_SIZE]; /* what stood there; "" if nothing did */
	bool has_amount;	    /* what the reader made of it */
	struct amount amount;
	const struct currency *currency; /* NULL: none, or open */
	enum trace_verdict verdict;
	char why[TRACE_WHY_SIZE]; /* "later source", "list price", "hidden duplicate"; "" if it won with nothing to add */
};

struct trace {
	size_t n;
	size_t dropped; /* that found no room */
	struct trace_entry entries[TRACE_ENTRIES_MAX];
};

struct trace *trace_new(void);
void trace_free(struct trace *t);
/*
 * A new candidate, lost until something else is said of it; NULL if t is NULL or
 * full. Text is cut at READER_RAW_SIZE, in whole characters, and its control
 * characters become blanks.
 */
struct trace_entry *trace_add(struct trace *t, enum method method, const char *text, size_t len);
/* Where it stands and what the reader made of it (NULL: nothing). Do nothing without an entry. */
void trace_place(struct trace_entry *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void trace_money(struct trace_entry *e, const struct money *money);
void trace_lost(struct trace_entry *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void trace_won(struct trace_entry *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* "won", "lost" */
const char *trace_verdict_text(enum trace_verdict v);

#endif
