/*
 * Becoming a process of one's own.
 *
 *	detach_start(&word);	    in the shell's process this never returns: it
 *				    exits with what the detached one says
 *	...			    in the detached one: new session, cwd /
 *	detach_done(&word, 0);	    it works: the one in front exits with 0, and
 *				    standard descriptors become /dev/null
 *
 * If the detached process ends without a word, the one in front exits with 1.
 */
#ifndef TRAPEXIT_OS_DETACH_H
#define TRAPEXIT_OS_DETACH_H

#include <sys/types.h>

#include "base/err.h"

/* *word: the way back to the process in front; -1 with err set if it cannot fork. */
int detach_start(int *word, struct err *err);
void detach_done(int *word, int exit_code);
/* fork(), with all that libc buffers written before. */
pid_t process_fork(void);
/*
 * Start argv as a child of our parent, not ours: it survives us, and no
 * subreaper of our line inherits it. New session, /dev/null, default signals.
 */
int process_start_beside(char *const argv[], struct err *err);

#endif
