/*
 * The local kind of node: the agent of this host, behind a Unix socket named
 * by installation and node. Where nobody provides the socket, we start it.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/log.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/node.h"
#include "os/run.h"
#include "os/sock.h"

/* An agent that was started needs this long to bind its socket; then another is tried. */
#define START_PATIENCE 6
/* The program we fork detaches at once and leaves. */
#define START_TIMEOUT_MS 5000

static int
socket_path(const struct node *node, char *buf, size_t size)
{
	return snprintf(buf, size, "%s/agent-%.16s-%s.sock", node->d->config->run_dir, node->d->installation, node->name);
}

static int
local_check(struct node *node, struct err *err)
{
	struct sockaddr_un addr;
	int n = socket_path(node, addr.sun_path, sizeof(addr.sun_path));

	if (n >= 0 && (size_t)n < sizeof(addr.sun_path))
		return 0;
	return err_set(err, ENAMETOOLONG, "run_dir %s is too long by %d bytes for the socket of the agent",
	    node->d->config->run_dir, n - (int)sizeof(addr.sun_path) + 1);
}

/* Start trapexit-agent; it detaches by itself, and we reap what we forked. */
static int
start_agent(struct node *node, struct err *err)
{
	char *program = paths_program("trapexit-agent");
	struct strvec argv = STRVEC_INIT;
	char hold[32];
	int r;

	snprintf(hold, sizeof(hold), "%lldms", (long long)(node->lease_us / US_PER_MS));
	strvec_push(&argv, program);
	strvec_push(&argv, "--installation");
	strvec_push(&argv, node->d->installation);
	strvec_push(&argv, "--node");
	strvec_push(&argv, node->name);
	strvec_push(&argv, "--run-dir");
	strvec_push(&argv, node->d->config->run_dir);
	strvec_push(&argv, "--hold");
	strvec_push(&argv, hold);
	if (node->d->options->debug)
		strvec_push(&argv, "--debug");
	log_debug("node %s: starting %s", node->name, program);
	r = run_program((const char *const *)argv.v, NULL, START_TIMEOUT_MS, err);
	strvec_release(&argv);
	free(program);
	return r;
}

static int
local_connect(struct node *node, struct err *err)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;

	socket_path(node, path, sizeof(path));
	fd = sock_connect(path, err);
	if (fd != -1 || (err->code != ENOENT && err->code != ECONNREFUSED && err->code != EAGAIN))
		return fd;
	if (err->code != EAGAIN && node->tries % START_PATIENCE == 0 && start_agent(node, err) == -1)
		return -1;
	return err_set(err, EAGAIN, "%s: waiting for the agent", path);
}

/*
 * The agent is known by the pid that the kernel gave for its end of the
 * socket, so nobody else can be hit while the connection is there.
 */
static void
local_kill(struct node *node)
{
	struct sock_peer peer;

	if (node->agent_pid > 1)
		kill((pid_t)node->agent_pid, SIGKILL);
	else if (sock_peer(node->fd, &peer) == 0 && peer.pid > 1)
		kill(peer.pid, SIGKILL);
}

const struct node_ops node_local = {
	.name = "local",
	.check = local_check,
	.connect = local_connect,
	.kill = local_kill,
};
