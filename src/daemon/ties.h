/*
 * Links, monitors and exit signals (S90-S99) on the daemon's side: lines for
 * control descriptors on their way to agents, what is kept over a crash, and
 * what people ask for.
 *
 * A line has a record in the journal, and goes to the agent when that is
 * appended. It is kept until the agent says that it has taken it over
 * (CONTROL_ACK, or CHILD at an attach), and sent again where that is not known;
 * the agent knows by its number whether it has it. So a child gets each line
 * once, whoever of the two is killed in between.
 */
#ifndef TRAPEXIT_DAEMON_TIES_H
#define TRAPEXIT_DAEMON_TIES_H

#include "daemon/node.h"
#include "wire/control_msg.h"

/* A line for the control descriptor of an incarnation. */
struct tell {
	struct tell *next;
	uint64_t n;   /* from 1, by incarnation */
	uint64_t seq; /* of its record; 0: it has been there before */
	char line[];
};

/* TREE_ACT_TELL. */
void ties_tell(struct daemon *d, const struct tree_action *a);
/* TREE_ACT_SIGNAL, TREE_ACT_KILL: if an exit signal is the cause, the journal must know (S98). */
void ties_signalled(struct daemon *d, const struct tree_action *a);
/* Send the lines of inc that are due. */
void ties_send(struct node *node, struct incarnation *inc);
/* The agent has taken over all lines up to the n-th. */
void ties_taken(struct incarnation *inc, uint64_t n);
/* The node is attached: what is not taken over is sent again. */
void ties_resend(struct node *node);
void ties_free(struct incarnation *inc);

/* What the journal says of an incarnation; takes it from the past. */
void ties_recall(struct incarnation *inc, struct past_incarnation *pi);
/* After all that lives was adopted: links, monitors and exit signals hold again. */
void ties_restore(struct daemon *d);
void ties_snapshot(struct daemon *d, struct past_incarnation *pi, const struct incarnation *inc);

/* Members of a child in `status`. */
void ties_status(struct daemon *d, child_handle h, struct buf *b);
/*
 * link, unlink, monitor, demonitor, exit. -1 with err: what to answer (its code
 * is an enum control_code). Else *result is the answer, when the record *seq is
 * appended.
 */
int ties_request(struct daemon *d, const struct control_request *rq, uint32_t by, struct buf *result, uint64_t *seq,
    struct err *err);

#endif
