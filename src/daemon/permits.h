/*
 * What operators say of nodes (S118), as far as it outlives a daemon: which are
 * drained, and which are forbidden to single children. The tree has it; here is how
 * the journal gets it, and how a daemon that begins has it from there.
 */
#ifndef TRAPEXIT_DAEMON_PERMITS_H
#define TRAPEXIT_DAEMON_PERMITS_H

#include "daemon/daemon.h"

/* The number of the node of this name; UINT32_MAX: there is none. */
uint32_t permits_node(const struct daemon *d, const char *name);
/* path: NULL: all children. The number of its record. */
uint64_t rec_permit(struct daemon *d, const char *path, uint32_t node, bool permitted, uint32_t by);
uint64_t rec_move(struct daemon *d, const char *path, uint32_t node, uint32_t by);
/* Before TREE_BEGIN: what the journal says. */
void permits_recall(struct daemon *d);
/* A node has another address, and so another number: what was said of it by name holds. */
void permits_inherit(struct daemon *d, uint32_t from, uint32_t to);
void permits_snapshot(struct daemon *d, struct past *p);

#endif
