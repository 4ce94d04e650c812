/*
 * What scrapers want their successors to know: the newest line of each key.
 *
 *	states_note(d, f, token, n, key, line, len)	at each state of a child, and for those of the journal
 *	states_inherit(d, inc)				before a scraper's job is made, and
 *	states_record(d, inc)				when its start is recorded
 *
 * The rest that a site has asked for is the program's, not one scraper's (P49,
 * P51): one that is new, renamed or given sources of another one starts with
 * what any of them was told. Who runs already is not told: the configuration
 * warns of two scrapers on one site. These rests are kept in memory; a new
 * daemon learns them from the states of its children.
 */
#ifndef TRAPEXIT_DAEMON_STATES_H
#define TRAPEXIT_DAEMON_STATES_H

#include "daemon/daemon.h"

/* The line, copied, is the newest of its key unless a later incarnation has said one. */
void states_note(struct daemon *d, struct freshness *f, uint64_t token, uint64_t n, const char *key, const char *line,
    size_t len);
/* What others know of its sites becomes its own, as if it was its first word; false: they know nothing. */
bool states_inherit(struct daemon *d, const struct incarnation *inc);
/* ... and is recorded, behind its start: it holds for its successors, too. */
void states_record(struct daemon *d, const struct incarnation *inc);
/* The child goes. */
void states_free(struct freshness *f);
/* The daemon goes: what no child owns. */
void states_release(struct daemon *d);

#endif
