/*
 * trapexit-agent --attach: standard input and output become a connection to
 * this host's agent. That is what the daemon runs at the other end of ssh. Here is
 * how one is found or started; relay.h has what follows.
 */
#ifndef TRAPEXIT_AGENT_ATTACH_H
#define TRAPEXIT_AGENT_ATTACH_H

#include "base/err.h"

/*
 * Connect to the socket, running start_argv (which detaches, and returns when it
 * listens) if nobody answers there. Returns the descriptor, or -1 with err set.
 */
int attach_connect(const char *socket_path, char *const start_argv[], struct err *err);
/*
 * Run it, whether one is there or not: 0 when it listens, and what an earlier one may have left
 * is gone; -1 with err set, also when another is there.
 */
int attach_start(char *const start_argv[], struct err *err);

#endif
