/*
 * The only waitpid. A child that has ended is first seen, while it is still a
 * zombie and its number (and its group's) can belong to nobody else; then its
 * group is killed; then it is reaped (S20, S22).
 */
#ifndef TRAPEXIT_OS_REAP_H
#define TRAPEXIT_OS_REAP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct reaped {
	int status; /* raw */
	int64_t user_us, system_us;
	uint64_t maxrss_kb;
};

/* A child that has ended and is not reaped: its pid; 0 if none has; -1 if there are no children at all. */
pid_t reap_peek(void);
/* The same question about one child. */
bool reap_has_ended(pid_t pid);
/* Reap it: 0, or -1 if it is not ours or still lives. */
int reap_take(pid_t pid, struct reaped *r);
/* The same, waiting for its end; -1: it is not ours. */
int reap_wait(pid_t pid, struct reaped *r);
/* SIGKILL to a process that is our child (or zombie), and to its group if it leads one. */
void reap_kill(pid_t pid);
/* Is no process left in this group? */
bool reap_group_is_gone(pid_t pgid);
/*
 * Kill and reap all our children, and as a subreaper all that become our children
 * thereby, until there are none. Waits as long as it takes.
 */
void reap_all(void);

#endif
