/*
 * Nodes over ssh: one ssh a host, which runs trapexit-agent --attach there.
 * What is shared by all of them (whose turn it is to connect, processes that
 * are on their way out) is made with the first connect.
 */
#ifndef TRAPEXIT_DAEMON_NODE_SSH_H
#define TRAPEXIT_DAEMON_NODE_SSH_H

#include "daemon/node.h"

struct ssh_hub;

/* When all nodes are released: ends and reaps what is left. */
void ssh_hub_free(struct ssh_hub *hub);

#endif
