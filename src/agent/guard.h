/*
 * The guard: the agent's parent, which ends what the agent cannot end.
 *
 * A subreaper: whatever loses its parent below becomes its child. It sleeps
 * until the lease's deadline (page.h), the death of a child, or a word of the
 * agent. When the agent has gone, or is deaf at the deadline, it kills and reaps
 * the agent first (so that nothing more is started), then all that it inherits,
 * until there is none; then it notes a clean ending in the lock file and leaves,
 * which drops the lock.
 */
#ifndef TRAPEXIT_AGENT_GUARD_H
#define TRAPEXIT_AGENT_GUARD_H

#include <sys/types.h>

#include "agent/page.h"
#include "os/lockfile.h"

struct guard {
	struct page *page;
	pid_t agent;
	int lock_fd;
	int agent_fd;		     /* our end of the pair of sockets */
	const char *socket_path;     /* removed at the end; NULL: not ours */
	struct lockfile_owner owner; /* what the lock file says */
};

/* What the agent tells its guard, as the first byte of a datagram. */
#define GUARD_POKE 'P'	/* the deadline was in the past and is not any more */
#define GUARD_HEART 'H' /* start this command beside us: strings, each with its NUL */
#define GUARD_MESSAGE_MAX 65536

/* Before the fork: be a subreaper, block the signals that are waited for. */
void guard_prepare(void);
/* Returns the exit code. */
int guard_run(struct guard *g);

#endif
