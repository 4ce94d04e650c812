/*
 * Where an agent lives: its socket and its lock file, named by installation and
 * node, and how it gets the place for itself.
 */
#ifndef TRAPEXIT_AGENT_PLACE_H
#define TRAPEXIT_AGENT_PLACE_H

#include <stdbool.h>

#include "agent/agent.h"
#include "os/lockfile.h"

struct place {
	char *dir;    /* owned, as the next two */
	char *socket; /* DIR/agent-<first 16 hex digits of the installation>-NODE.sock */
	char *lock;   /* the same, .lock */
	int lock_fd;
};

/* dir NULL: /run/trapexit for root, ~/.local/state/trapexit/run for others. Makes it. */
int place_init(struct place *p, const struct agent_options *opt, const char *dir, struct err *err);
void place_release(struct place *p);
/*
 * Get the lock, waiting for a predecessor that is ending. A guard of it that is
 * frozen is told to go on, so that it ends. *was: what the lock file said. -1 with
 * err set, also when a healthy agent answers at the socket.
 */
int place_take(struct place *p, const struct agent_options *opt, struct lockfile_owner *was, struct err *err);

#endif
