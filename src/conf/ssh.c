/* Not ours, which lies beside us: what configure found. */
#include <config.h>

#include "conf/ssh.h"

#include <stdlib.h>

#include "base/attr.h"
#include "base/mono.h"
#include "base/xalloc.h"

/* Lost answers of the server that end the connection. */
#define ALIVE_COUNT 3
#define CONNECT_MIN_S 5
#define CONNECT_MAX_S 30

static int
clamp(int64_t n, int low, int high)
{
	return n < low ? low : n > high ? high : (int)n;
}

int
ssh_connect_timeout(const struct node_conf *node)
{
	return clamp(node->lease_us / US_PER_S, CONNECT_MIN_S, CONNECT_MAX_S);
}

static void
push_option(struct strvec *argv, const char *option)
{
	strvec_push(argv, "-o");
	strvec_push(argv, option);
}

void
ssh_argv(const struct node_conf *node, struct strvec *argv)
{
	static const char *const always[] = { "BatchMode=yes", "RequestTTY=no", "RemoteCommand=none", "EscapeChar=none",
		"PermitLocalCommand=no", "ControlMaster=no", "ControlPath=none", "ClearAllForwardings=yes" };
	static const char *const wishes[] = { "ForwardAgent=no", "ForwardX11=no", "Tunnel=no" };
	int alive = clamp(node->lease_us / US_PER_S / (ALIVE_COUNT + 1), 1, 60);
	size_t i;

	strvec_push(argv, node->ssh_program != NULL ? node->ssh_program : "ssh");
	for (i = 0; i < ARRAY_LEN(always); i++)
		push_option(argv, always[i]);
	if (node->accept_new)
		push_option(argv, "StrictHostKeyChecking=accept-new");
	for (i = 0; i < node->ssh_options.n; i++)
		push_option(argv, node->ssh_options.v[i]);
	for (i = 0; i < ARRAY_LEN(wishes); i++)
		push_option(argv, wishes[i]);
	strvec_push(argv, "-o");
	strvec_pushf(argv, "ConnectTimeout=%d", ssh_connect_timeout(node));
	strvec_push(argv, "-o");
	strvec_pushf(argv, "ServerAliveInterval=%d", alive);
	strvec_push(argv, "-o");
	strvec_pushf(argv, "ServerAliveCountMax=%d", ALIVE_COUNT);
	if (node->port != 0) {
		strvec_push(argv, "-p");
		strvec_pushf(argv, "%u", (unsigned)node->port);
	}
	if (node->identity != NULL) {
		strvec_push(argv, "-i");
		strvec_push(argv, node->identity);
	}
	strvec_push(argv, "--");
	strvec_push(argv, node->ssh);
}

/*
 * No word in it needs quotes of its own (build_node.c sees to that), and between single quotes
 * sh, bash, dash, zsh, fish and csh all leave it alone.
 */
char *
ssh_attach_command(const struct node_conf *node, const char *installation)
{
	char *find, *command;

	if (node->agent != NULL)
		find = xasprintf("a=%s;", node->agent);
	else
		find = xstrdup("a=$HOME/" SSH_DEPLOY_HOME "/" PACKAGE_VERSION "/trapexit-agent; "
		    "[ -x \"$a\" ] || a=" SSH_DEPLOY_SYSTEM "/" PACKAGE_VERSION "/trapexit-agent; "
		    "[ -x \"$a\" ] || a=trapexit-agent;");
	command = xasprintf("exec /bin/sh -c '%s PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; exec \"$a\" --attach --installation %s "
	    "--node %s --hold %lldms%s%s'", find, installation, node->name, (long long)(node->lease_us / US_PER_MS),
	    node->run_dir != NULL ? " --run-dir " : "", node->run_dir != NULL ? node->run_dir : "");
	free(find);
	return command;
}
