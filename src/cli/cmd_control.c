/* The orders: start, stop, restart, signal, link and its like, reload, reopen, shutdown; and version. */
#include "config.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mono.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/jget.h"
#include "cli/order.h"
#include "cli/rpc.h"
#include "cli/term.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static void
complain_reply(const struct control_reply *reply)
{
	for (size_t i = 0; i < reply->n_failures; i++) {
		/* That there is no such child, or node, names it already. */
		if (reply->code == CONTROL_NO_CHILD || reply->code == CONTROL_NO_SUCH_NODE)
			complain("%s", reply->failures[i].error);
		else
			complain("%s: %s", reply->failures[i].name, reply->failures[i].error);
	}
	if (reply->n_failures == 0)
		complain_lines(reply->message);
}

static struct json_object *
reply_error(const struct control_reply *reply)
{
	struct json_object *error = json_object_new_object(), *list = json_object_new_array();

	json_object_object_add(error, "code", json_object_new_int(reply->code));
	json_object_object_add(error, "message", json_object_new_string(reply->message));
	for (size_t i = 0; i < reply->n_failures; i++) {
		struct json_object *row = json_object_new_object();

		json_object_object_add(row, "name", json_object_new_string(reply->failures[i].name));
		json_object_object_add(row, "error", json_object_new_string(reply->failures[i].error));
		json_object_array_add(list, row);
	}
	json_object_object_add(error, "failures", list);
	return error;
}

/* {"version":1,"ok":true,"result":...}, or "ok":false with the error. */
static void
print_json(const struct control_reply *reply)
{
	struct json_object *object = json_object_new_object();

	json_object_object_add(object, "version", json_object_new_int(1));
	json_object_object_add(object, "ok", json_object_new_boolean(reply->code == 0));
	if (reply->code == 0)
		json_object_object_add(object, "result", json_object_get(reply->result));
	else
		json_object_object_add(object, "error", reply_error(reply));
	puts(json_object_to_json_string_ext(object, JSON_FLAGS));
	json_object_put(object);
}

int
order_finish(const struct cli *cli, struct control_reply *reply, void (*told)(struct json_object *result))
{
	int status = reply->code == 0 ? EXITCODE_OK : EXITCODE_FAILED;

	if (reply->code != 0)
		complain_reply(reply);
	if (cli->json)
		print_json(reply);
	else if (reply->code == 0 && told != NULL)
		told(reply->result);
	control_reply_release(reply);
	return status;
}

int
order(struct cli *cli, struct control_request *rq, int patience_ms, void (*told)(struct json_object *result))
{
	struct control_reply reply;
	struct err err = ERR_INIT;
	char id[] = "1";

	rq->id = id;
	if (rpc_call(cli, rq, patience_ms, &reply, &err) == -1)
		return rpc_complain(&err);
	return order_finish(cli, &reply, told);
}

static int
order_names(struct cli *cli, enum control_method method)
{
	struct control_request rq = { .method = method, .names = cli->args, .n_names = (size_t)cli->n_args };

	return order(cli, &rq, RPC_FOREVER, NULL);
}

int
cmd_start(struct cli *cli)
{
	return order_names(cli, CONTROL_START);
}

int
cmd_stop(struct cli *cli)
{
	return order_names(cli, CONTROL_STOP);
}

int
cmd_restart(struct cli *cli)
{
	return order_names(cli, CONTROL_RESTART);
}

int
cmd_remove(struct cli *cli)
{
	return order_names(cli, CONTROL_REMOVE);
}

int
cmd_signal(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_SIGNAL,
		.names = cli->args + 1,
		.n_names = (size_t)cli->n_args - 1,
		.signal = control_signal_parse(cli->args[0]) };

	if (rq.signal == -1)
		return complain_usage("signal", "no such signal: %s", cli->args[0]);
	return order(cli, &rq, RPC_PATIENCE_MS, NULL);
}

static int
order_pair(struct cli *cli, enum control_method method, void (*told)(struct json_object *result))
{
	struct control_request rq = { .method = method, .names = cli->args, .n_names = 2 };

	return order(cli, &rq, RPC_PATIENCE_MS, told);
}

int
cmd_link(struct cli *cli)
{
	return order_pair(cli, CONTROL_LINK, NULL);
}

int
cmd_unlink(struct cli *cli)
{
	return order_pair(cli, CONTROL_UNLINK, NULL);
}

static void
tell_ref(struct json_object *result)
{
	printf("%" PRId64 "\n", jget_int(result, "ref"));
}

int
cmd_monitor(struct cli *cli)
{
	return order_pair(cli, CONTROL_MONITOR, tell_ref);
}

int
cmd_demonitor(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_DEMONITOR };
	char *end;

	errno = 0;
	rq.ref = strtoull(cli->args[0], &end, 10);
	if (cli->args[0][0] < '0' || cli->args[0][0] > '9' || *end != '\0' || errno != 0)
		return complain_usage("demonitor", "not a number as monitor prints it: %s", cli->args[0]);
	return order(cli, &rq, RPC_PATIENCE_MS, NULL);
}

/* From a child it comes from that one: its own $TRAPEXIT_ID says so. */
int
cmd_exit(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_EXIT,
		.names = cli->args,
		.n_names = (size_t)cli->n_args - 1,
		.reason = cli->args[cli->n_args - 1],
		.from = getenv("TRAPEXIT_ID") };

	return order(cli, &rq, RPC_PATIENCE_MS, NULL);
}

/* "restart suppliers/ebuyer: every: 5m -> 10m", a line a change, and their sums, as trapexitd plans them. */
static void
tell_change(struct json_object *change)
{
	const char *action = jget_str(change, "action"), *name = jget_str(change, "name");
	char safe[1024];

	printf("%s", term_safe(action, safe, sizeof(safe)));
	if (name != NULL)
		printf(" %s", *name == '\0' ? "the root" : term_safe(name, safe, sizeof(safe)));
	printf(": %s\n", term_safe(jget_str(change, "reason"), safe, sizeof(safe)));
}

/* As trapexitd -t has them. */
static void
tell_warnings(struct json_object *warnings)
{
	size_t n = warnings == NULL ? 0 : json_object_array_length(warnings);
	char safe[2048];

	fflush(stdout);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n",
		    term_safe(json_object_get_string(json_object_array_get_idx(warnings, i)), safe, sizeof(safe)));
}

static void
tell_plan(struct json_object *result)
{
	struct json_object *plan = jget_array(result, "plan");
	bool done = jget_bool(result, "done");
	size_t n = plan == NULL ? 0 : json_object_array_length(plan);

	tell_warnings(jget_array(result, "warnings"));
	for (size_t i = 0; i < n; i++)
		tell_change(json_object_array_get_idx(plan, i));
	if (n == 0) {
		puts("nothing changes");
		return;
	}
	printf("%" PRId64 " %s, %" PRId64 " %s, %" PRId64 " %s, %" PRId64 " %s, %" PRId64 " kept as they are\n",
	    jget_int(result, "add"), done ? "added" : "to add", jget_int(result, "remove"),
	    done ? "removed" : "to remove", jget_int(result, "restart"), done ? "restarted" : "to restart",
	    jget_int(result, "change"), done ? "changed in place" : "to change in place", jget_int(result, "keep"));
}

int
cmd_reload(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_RELOAD, .plan = cli->plan };

	return order(cli, &rq, RPC_FOREVER, tell_plan);
}

int
cmd_reopen(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_REOPEN };

	return order(cli, &rq, RPC_PATIENCE_MS, NULL);
}

/* "trapexitd 0.1.0 -> 0.2.0 (pid 4711); nobody was in charge for 34 ms" */
static void
tell_upgrade(struct json_object *result)
{
	char from[128], to[128], away[DURATION_TEXT_SIZE], note[1024];

	printf("trapexitd %s -> %s (pid %" PRId64 "); nobody was in charge for %s\n",
	    term_safe(jget_str(result, "from"), from, sizeof(from)), term_safe(jget_str(result, "to"), to, sizeof(to)),
	    jget_int(result, "pid"), duration_human(jget_int(result, "away_us"), away));
	if (jget_str(result, "note") != NULL)
		printf("it is another process now: %s\n", term_safe(jget_str(result, "note"), note, sizeof(note)));
}

int
cmd_upgrade(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_UPGRADE };
	int64_t us;

	if (cli->timeout != NULL && (duration_parse(cli->timeout, &us) == -1 || us < US_PER_MS || us / US_PER_MS > INT32_MAX))
		return complain_usage("upgrade", "--timeout: not a time: %s", cli->timeout);
	if (cli->timeout != NULL)
		rq.timeout_ms = (uint32_t)(us / US_PER_MS);
	return order(cli, &rq, RPC_FOREVER, tell_upgrade);
}

static void
tell_version(struct json_object *result)
{
	char safe[128];

	printf("trapexitd (trapexit) %s\n", term_safe(jget_str(result, "version"), safe, sizeof(safe)));
}

int
cmd_version(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_VERSION };

	if (!cli->json) {
		help_version(stdout);
		fflush(stdout);
	}
	return order(cli, &rq, RPC_PATIENCE_MS, tell_version);
}

/* A descriptor that becomes readable when whoever listens on the socket is gone; -1 if there is no such thing. */
static int
peer_open(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == -1 || peer.pid <= 0)
		return -1;
	return (int)syscall(SYS_pidfd_open, peer.pid, 0);
}

static void
wait_until_gone(int peer)
{
	struct pollfd p = { .fd = peer, .events = POLLIN };

	while (poll(&p, 1, -1) == -1 && errno == EINTR)
		continue;
}

/*
 * "Done" is when trapexitd has ended, as the init script and people take it. It
 * may end faster than its answer is read; then that it has ended is the answer.
 */
int
cmd_shutdown(struct cli *cli)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_SHUTDOWN };
	struct control_reply reply;
	struct err err = ERR_INIT;
	int fd = rpc_open(cli, &err), peer, status = EXITCODE_OK;

	if (fd == -1)
		return rpc_complain(&err);
	peer = peer_open(fd);
	if (rpc_ask(fd, &rq, RPC_FOREVER, &reply, &err) == 0)
		status = order_finish(cli, &reply, NULL);
	else if (err.code != ECONNRESET || peer == -1)
		status = rpc_complain(&err);
	if (status == EXITCODE_OK && peer != -1)
		wait_until_gone(peer);
	close(fd);
	if (peer != -1)
		close(peer);
	return status;
}
