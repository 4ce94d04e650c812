/*
 * Nodes over ssh: one ssh a host, which runs trapexit-agent --attach there.
 * What is shared by all of them (whose turn it is to connect, processes that
 * are on their way out) is made with the first connect.
 */
#ifndef TRAPEXIT_DAEMON_NODE_SSH_H
#define TRAPEXIT_DAEMON_NODE_SSH_H

#include "daemon/node.h"

struct ssh_hub;

/* Those whose connections are closed are reaped: an image of us that follows in this process knows none of them. */
void ssh_hub_settle(struct ssh_hub *hub);
/* The end of all: kills and reaps what is left. NULL is passed over. */
void ssh_hub_free(struct ssh_hub *hub);

#endif
