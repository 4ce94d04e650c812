/*
 * How a node's host is reached: the command line of ssh.
 *
 *	struct strvec argv = STRVEC_INIT;
 *
 *	ssh_argv(node, &argv);				   ssh, its options, --, the destination
 *	strvec_push_nodup(&argv, ssh_attach_command(...)); what is to be run there
 *
 * ssh's own configuration holds (jump hosts, ProxyCommand, agents, keys, aliases),
 * but for what would break the conversation: nothing asks at a terminal, nothing
 * is forwarded, and the connection is shared with nobody. After that come the
 * node's ssh_options, and then our own wishes, which they overrule: ssh takes the
 * first that it is told.
 */
#ifndef TRAPEXIT_CONF_SSH_H
#define TRAPEXIT_CONF_SSH_H

#include "base/strvec.h"
#include "conf/config.h"

/*
 * Where `trapexit deploy` puts the programs, each version in a folder of its name: below the home of the user
 * there, or, of root, where whoever root's children run as can read them.
 */
#define SSH_DEPLOY_HOME ".local/lib/trapexit"
#define SSH_DEPLOY_SYSTEM "/usr/local/lib/trapexit"

/* What is pushed is owned by argv. */
void ssh_argv(const struct node_conf *node, struct strvec *argv);
/* Seconds that ssh may take to reach the host. */
int ssh_connect_timeout(const struct node_conf *node);
/*
 * One line that runs trapexit-agent --attach there, whatever shell the user has; owned by the
 * caller. It exits with 127 if there is no agent.
 */
char *ssh_attach_command(const struct node_conf *node, const char *installation);

#endif
