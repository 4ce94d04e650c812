/* Why children change their node, for people: as a word that records and `status` have. */
#ifndef TRAPEXIT_DAEMON_MOVES_H
#define TRAPEXIT_DAEMON_MOVES_H

#include "daemon/daemon.h"

/*
 * A start is carried out. If it is a failover or a takeover: why; it is remembered for `status`. Else NULL.
 *
 *	ordered		by trapexit move
 *	drained, forbidden	the node that it left is
 *	down, gone	it is out of reach, or not configured any more
 *	better		S116: the new one is better
 *	failed		it failed there failover_after times, or all do (sick)
 */
const char *moves_note(struct daemon *d, const struct tree_action *a);
/* ,"moved":{...} or null. */
void moves_status(struct daemon *d, child_handle h, struct buf *b);

#endif
