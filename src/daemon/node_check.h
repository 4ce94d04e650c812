/*
 * What an agent may say (architecture 5, 6). A host is trusted with nothing but
 * the bytes of its own children: whoever has taken it over can make its children
 * look dead or alive, and that is all. So each message is looked at before
 * anything is done: when it may come, whose child it names, whether its numbers
 * can be. One that fails costs the connection; `trapexit nodes` shows the reason.
 *
 *	node_check() for each message; -1 with err: drop the connection
 *	node_may_say() before a line of an agent goes to our log
 */
#ifndef TRAPEXIT_DAEMON_NODE_CHECK_H
#define TRAPEXIT_DAEMON_NODE_CHECK_H

#include "daemon/node.h"

/* The most children that an agent may name at an attach. */
#define NODE_CHILDREN_MAX (1u << 17)
/* Offsets, numbers of lines, times: no honest one comes near, and sums of two do not overflow. */
#define NODE_NUMBER_MAX (UINT64_C(1) << 60)

int node_check(struct node *node, const struct agent_msg *m, struct err *err);
/* So many lines at once, and a few a second; the rest is counted, and the number told later. */
bool node_may_say(struct node *node);
/* Does it name a child that is the tree's, but has no place on this node? Its words are not taken. */
bool node_is_strange(const struct node *node, const char *path);

#endif
