/*
 * The relay of trapexit-agent --attach: standard input and output on one side, this
 * host's agent on the other.
 *
 * It passes on whole frames and reads no further ahead than one of them, so a slow
 * link slows down the agent and not a queue. It looks into none, but for three: the
 * daemon's HELLO and GOODBYE, and the AGENT_CLEAN that it says itself.
 *
 * When an agent dies with which the daemon has spoken, and its guard (by the lock)
 * or, where that died too, the next agent's sweep says that nothing of it is left, the
 * daemon hears AGENT_CLEAN at once, on the connection that is there. Then the relay
 * connects to another agent, and passes over what the daemon had said to the dead one: all up
 * to its next HELLO. A frozen agent is not a dead one: of it nothing is said.
 */
#ifndef TRAPEXIT_AGENT_RELAY_H
#define TRAPEXIT_AGENT_RELAY_H

#include "agent/place.h"

/*
 * sock: connected to the agent; start_argv: starts another and returns when it is there. Returns the exit code,
 * when the daemon's side or a living agent has closed.
 */
int relay_run(const struct place *place, int sock, char *const start_argv[]);

#endif
