/*
 * Programs that another one runs in passing.
 *
 * Not for supervised children: those belong to an agent.
 */
#ifndef TRAPEXIT_OS_RUN_H
#define TRAPEXIT_OS_RUN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strvec.h"

/*
 * Run argv (NULL-terminated, argv[0] a path) with our environment, wait for it
 * for at most timeout_ms, and append its standard output to *out (NULL: let it
 * go). 0 if it exited with 0; -1 with err set otherwise; at the timeout it is
 * killed. SIGCHLD must not be ignored.
 */
int run_program(const char *const *argv, struct buf *out, int timeout_ms, struct err *err);
/* Our environment without what a service manager told us alone (NOTIFY_SOCKET and so on). */
void run_environment(struct strvec *env);

#endif
