/*
 * A lock file: the flock(2) on it says that its owner lives, its content says
 * who that is. The kernel drops the lock when the last process that inherited
 * the descriptor has gone; the file itself stays.
 *
 *	fd = lockfile_open(path, &err);
 *	if (lockfile_try(fd) == 0)		   ours
 *		lockfile_write(fd, &owner, &err);
 *	else if (lockfile_read(path, &owner) == 0) theirs
 *
 * The content is lines: "owner PID START", "worker PID START", "clean yes|no".
 * For an agent the owner is its guard and the worker the agent itself.
 */
#ifndef TRAPEXIT_OS_LOCKFILE_H
#define TRAPEXIT_OS_LOCKFILE_H

#include <stdbool.h>

#include "base/err.h"
#include "os/proc.h"

struct lockfile_owner {
	struct proc_id owner;
	struct proc_id worker; /* pid 0: none */
	bool clean;	       /* the last owner ended in order, and left nothing */
};

/* The descriptor, close-on-exec; the file is made if missing (0600). -1 with err set. */
int lockfile_open(const char *path, struct err *err);
/* 0: locked; -1 with errno set, EWOULDBLOCK: another has it. */
int lockfile_try(int fd);
/*
 * Wait for the lock. Every tick_ms `tick` is called (it may be NULL); when it returns false,
 * waiting ends. 0: locked; -1: given up. Uses SIGALRM, which must not be in use.
 */
int lockfile_wait(int fd, int tick_ms, bool (*tick)(void *arg), void *arg);
int lockfile_write(int fd, const struct lockfile_owner *o, struct err *err);
/* -1 if there is none or it is malformed; *o is then all zero. */
int lockfile_read(const char *path, struct lockfile_owner *o);

#endif
