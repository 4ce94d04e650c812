/*
 * robots.txt: what a site lets an agent fetch (RFC 9309; P47, P48). Pure.
 *
 *	char *token = robots_token(user_agent);
 *	struct robots *r = robots_parse(text, len, token);
 *	struct robots_verdict v;
 *
 *	robots_check(r, "/p/1?colour=red", &v);
 *	... v.allowed, and the line that decided
 *	robots_free(r);
 *
 * Only what concerns the agent is kept: the groups that name its product token,
 * merged, else those of `*`. A group lasts from its first User-agent line to
 * the next one behind a rule; a Crawl-delay is no rule, so it does not end the
 * User-agent lines of its group (P48). The rule with the most octets decides,
 * Allow at a tie. Both sides are compared with percent-encodings normalised
 * (RFC 9309 2.2.2): unreserved characters decoded, all others encoded, in upper
 * case; in a query `:/?@` are decoded, too, as they mean the same there.
 *
 * Lenient as search engines are, where that makes us more polite: a colon may
 * be missing before a single word, and common misspellings are understood.
 */
#ifndef TRAPEXIT_SCRAPE_ROBOTS_H
#define TRAPEXIT_SCRAPE_ROBOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

#define ROBOTS_MAX (512u << 10) /* bytes that are read; a line that this cuts counts no more */
#define ROBOTS_DELAY_MAX_MS 300000

struct robots_rule {
	uint32_t line;	  /* from 1 */
	uint32_t octets;  /* what it weighs */
	uint32_t pattern; /* where it is in `texts`: normalised, without its `$`; `*` is any run of octets */
	uint32_t text;	  /* likewise: the line as it stands, without its comment */
	bool allow;
	bool anchored; /* `$` */
};

struct robots {
	char *group; /* owned; the name that was matched: the token as written there, or "*"; NULL: no group */
	struct robots_rule *rules; /* owned */
	size_t n_rules, cap_rules;
	struct buf texts; /* of all rules, each ended by a NUL */
	int64_t crawl_delay_ms;	 /* -1: none; the longest, if there are several */
	unsigned delay_line;
	unsigned joined_line; /* a Crawl-delay that stands between the User-agent lines of our group; 0: none (P48) */
};

struct robots_verdict {
	bool allowed;
	unsigned line;	  /* that decided; 0: none, so it is allowed */
	const char *text; /* owned by the robots; NULL: no line */
};

/* A product token, "shopbot", from a User-Agent, "shopbot/1.0 (+https://…)"; allocated, never empty: "*" if it has none. */
char *robots_token(const char *user_agent);
struct robots *robots_parse(const char *text, size_t len, const char *token);
/* path: with its query; "/robots.txt" is always allowed. r may be NULL: no rules. */
void robots_check(const struct robots *r, const char *path, struct robots_verdict *verdict);
void robots_free(struct robots *r);
size_t robots_bytes(const struct robots *r);

/* For what keeps parsed rules elsewhere: a robots without rules, and one more of its lines, "Disallow: /x". */
struct robots *robots_new(const char *group);
void robots_add_line(struct robots *r, unsigned line, const char *text);

#endif
