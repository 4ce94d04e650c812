/*
 * The control socket: JSON-RPC 2.0, one object a line (ARCHITECTURE.md,
 * Control; wire/control_msg.h). The peer's uid decides: the owner and root may
 * do all, the configured group may look.
 *
 * Answers to start, stop and restart are sent when their effect is complete
 * (S74); a client that is gone by then gets none, and the order stands.
 */
#ifndef TRAPEXIT_DAEMON_CONTROL_H
#define TRAPEXIT_DAEMON_CONTROL_H

#include "daemon/daemon.h"

#endif
