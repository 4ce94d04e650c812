/* Orders about nodes: move, permit, forbid; drain and undrain. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mono.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/jget.h"
#include "cli/order.h"
#include "cli/rpc.h"
#include "cli/status_view.h"
#include "cli/term.h"

/* How often it is looked who is still there. */
#define LOOK_MS 200

/* They have left, and wait: that is no failure, but somebody may have expected them elsewhere. */
static void
tell_waiting(struct json_object *result)
{
	struct json_object *list = jget_array(result, "waiting");
	size_t n = list == NULL ? 0 : json_object_array_length(list);
	char safe[1024];

	for (size_t i = 0; i < n; i++)
		complain("%s waits: no other node can be had for it; see trapexit status",
		    term_safe(json_object_get_string(json_object_array_get_idx(list, i)), safe, sizeof(safe)));
}

static int
order_place(struct cli *cli, enum control_method method)
{
	struct control_request rq = { .method = method,
		.names = cli->args,
		.n_names = (size_t)cli->n_args - 1,
		.node = cli->args[cli->n_args - 1] };

	return order(cli, &rq, RPC_FOREVER, tell_waiting);
}

int
cmd_move(struct cli *cli)
{
	return order_place(cli, CONTROL_MOVE);
}

int
cmd_permit(struct cli *cli)
{
	return order_place(cli, CONTROL_PERMIT);
}

int
cmd_forbid(struct cli *cli)
{
	return order_place(cli, CONTROL_FORBID);
}

int
cmd_undrain(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_UNDRAIN, .names = cli->args, .n_names = (size_t)cli->n_args };

	return order(cli, &rq, RPC_PATIENCE_MS, NULL);
}

static struct json_object *
node_named(struct json_object *result, const char *name)
{
	struct json_object *nodes = jget_array(result, "nodes");
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);

	for (size_t i = 0; i < n; i++) {
		struct json_object *node = json_object_array_get_idx(nodes, i);
		const char *its = jget_str(node, "name");

		if (its != NULL && strcmp(its, name) == 0)
			return node;
	}
	return NULL;
}

/* How many are still to leave the node; -1, said, if that will not come to an end. */
static int64_t
left_on(struct json_object *result, const char *name)
{
	struct json_object *node = node_named(result, name);

	if (node == NULL) {
		complain("node %s is no more: it was taken out of the configuration", name);
		return -1;
	}
	if (jget_bool(node, "permitted")) {
		complain("node %s: somebody has permitted it again; it is not drained", name);
		return -1;
	}
	return jget_int(node, "to_leave");
}

/* "box2: 3 children left, box3: 1 child left", on one line that is written again and again. */
static void
put_progress(struct buf *line, const char *name, int64_t left)
{
	if (left > 0)
		buf_xprintf(line, "%s%s: %" PRId64 " %s left", line->len > 0 ? ", " : "", name, left,
		    left == 1 ? "child" : "children");
}

static void
show_progress(const struct buf *line)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r\033[K%s", line->len > 0 ? line->data : "");
}

/* One look: 1 if all have left, 0 if not, -1 if it is of no use to wait. */
static int
look(struct cli *cli)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_NODES };
	struct buf line = BUF_INIT(0);
	struct control_reply reply;
	struct err err = ERR_INIT;
	int64_t left, all = 0;
	int result = 0;

	if (rpc_call(cli, &rq, RPC_PATIENCE_MS, &reply, &err) == -1) {
		show_progress(&line);
		rpc_complain(&err);
		complain("the order stands: whoever is still there leaves when trapexitd is back");
		return -1;
	}
	if (reply.code != 0 && reply.code != CONTROL_BUSY) {
		complain("%s", reply.message);
		result = -1;
	}
	for (int i = 0; reply.code == 0 && i < cli->n_args && result == 0; i++) {
		if ((left = left_on(reply.result, cli->args[i])) == -1)
			result = -1;
		put_progress(&line, cli->args[i], left);
		all += left;
	}
	show_progress(&line);
	if (result == 0 && reply.code == 0 && all == 0)
		result = 1;
	buf_release(&line);
	control_reply_release(&reply);
	return result;
}

struct stranded {
	const struct cli *cli;
	unsigned n;
	char first[256];
};

/* Does it wait for a node that we have drained? */
static void
note_stranded(struct json_object *child, void *arg)
{
	struct json_object *nodes = jget_array(child, "waits_for");
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);
	struct stranded *s = arg;

	for (size_t i = 0; i < n; i++) {
		const char *node = jget_str(json_object_array_get_idx(nodes, i), "node");

		for (int k = 0; node != NULL && k < s->cli->n_args; k++)
			if (strcmp(node, s->cli->args[k]) == 0) {
				if (s->n++ == 0)
					term_safe(jget_str(child, "name"), s->first, sizeof(s->first));
				return;
			}
	}
}

/* All have left; some of them may have nowhere to go, which is worth a word. */
static void
tell_stranded(struct cli *cli)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_STATUS };
	struct stranded s = { .cli = cli };
	struct control_reply reply;

	if (rpc_call(cli, &rq, RPC_PATIENCE_MS, &reply, NULL) == -1)
		return;
	if (reply.code == 0)
		status_each_child(reply.result, note_stranded, &s);
	control_reply_release(&reply);
	if (s.n == 1)
		complain("%s waits: no other node can be had for it; see trapexit status", s.first);
	else if (s.n > 1)
		complain("%s and %u more wait: no other node can be had for them; see trapexit status", s.first, s.n - 1);
}

int
cmd_drain(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_DRAIN, .names = cli->args, .n_names = (size_t)cli->n_args };
	const struct timespec pause = { .tv_nsec = LOOK_MS * 1000000L };
	struct control_reply reply;
	struct err err = ERR_INIT;
	int done = 0;

	rq.id = (char[]){ "1" };
	if (rpc_call(cli, &rq, RPC_PATIENCE_MS, &reply, &err) == -1)
		return rpc_complain(&err);
	while (reply.code == 0 && !cli->no_wait && (done = look(cli)) == 0)
		nanosleep(&pause, NULL);
	if (done == -1) {
		control_reply_release(&reply);
		return EXITCODE_FAILED;
	}
	if (done == 1)
		tell_stranded(cli);
	return order_finish(cli, &reply, NULL);
}
