/*
 * What goes to an agent, at the pace of its link (core/pace.h).
 *
 * A PONG that stands behind a job of a megabyte is eight seconds late at 1 Mbit/s.
 * So orders become messages, and jobs chunks of one, only as the link takes them;
 * what is not a message yet nothing waits behind.
 *
 * What may overtake what: PONGs, STARTs and SIGNALs leave in the order in which
 * they were queued, always, for a PONG before an old START would revive it. An
 * order that still waits here is not old: that it holds is known when it leaves.
 * A chunk of a job may be overtaken by anything but its own START and the chunks
 * before it: it permits nothing, and acts only on the incarnation that it names.
 *
 * A job is kept until the agent has it. When the connection is lost between, it
 * goes on from where the agent says (CHILD), and nobody is restarted for that.
 */
#ifndef TRAPEXIT_DAEMON_NODE_FLOW_H
#define TRAPEXIT_DAEMON_NODE_FLOW_H

#include "daemon/node.h"

/* A new connection, before the first byte. */
void flow_begin(struct node *node);
/* May one more START go out? */
bool flow_has_room(const struct node *node);
/* One went out. */
void flow_ordered(struct node *node);
/* So many bytes have arrived there, as a PING says. */
void flow_arrived(struct node *node, uint64_t received);
/* The job of this incarnation, from that byte on; its START has gone before. */
void flow_feed(struct node *node, struct incarnation *inc, uint64_t from);
/* Chunks of jobs, as many as there is room for. */
void flow_go_on(struct node *node);
/* Is a job still on its way? */
bool flow_is_feeding(const struct node *node);
void flow_release(struct node *node);

#endif
