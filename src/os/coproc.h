/*
 * A program that we talk with: its standard input and output are one socket of
 * ours, its standard error a pipe.
 *
 *	struct coproc c = COPROC_INIT;
 *
 *	coproc_start(sp, argv, &c, &err);	 it runs
 *	...  c.fd: the conversation; c.err_fd: what it complains about;
 *	...  c.pidfd becomes readable at its end (and perhaps before): then
 *	     coproc_reap() looks
 *	coproc_kill(&c);			 it, and all that it started
 *	if (coproc_reap(&c, &status)) ...	 never waits: false while it still lives
 *	coproc_release(&c);			 closes what is still open
 *
 * It leads a session of its own, so that no terminal reaches it and its
 * helpers (ssh's ProxyCommand) end with it. When we die, however that may be,
 * the kernel kills it; helpers then see the end of their input.
 */
#ifndef TRAPEXIT_OS_COPROC_H
#define TRAPEXIT_OS_COPROC_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "os/spawn.h"

struct coproc {
	pid_t pid;  /* 0: none, or reaped */
	int fd;	    /* the socket; -1 when somebody else has taken it over */
	int err_fd; /* non-blocking */
	int pidfd;
};
#define COPROC_INIT { 0, -1, -1, -1 }

/*
 * argv[0] without '/' is looked for in PATH. Its environment is ours without what a
 * service manager told us. 0, or -1 with err set and nothing left behind.
 */
int coproc_start(struct spawner *sp, const char *const *argv, struct coproc *c, struct err *err);
/* SIGKILL to its process group; nothing if it is reaped. */
void coproc_kill(const struct coproc *c);
/*
 * Has it ended? Then what is left of its group is killed, it is reaped, and *status is what
 * waitpid(2) says (-1 if another has reaped it).
 */
bool coproc_reap(struct coproc *c, int *status);
void coproc_release(struct coproc *c);

#endif
