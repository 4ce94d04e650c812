/*
 * trapexit-agent --attach: standard input and output become a connection to
 * this host's agent. That is what the daemon runs at the other end of ssh.
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
 * Relay both ways until both have ended. The end of our standard input is passed
 * on; the end of the agent's side ends all. Returns the exit code.
 */
int attach_relay(int sock);

#endif
