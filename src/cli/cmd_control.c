/* The orders: start, stop, restart, signal, reload, reopen, shutdown; and version. */
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

#include <json-c/json_object_iterator.h>

#include "cli/cli.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/jget.h"
#include "cli/rpc.h"
#include "cli/term.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)

static void
complain_reply(const struct control_reply *reply)
{
	for (size_t i = 0; i < reply->n_failures; i++) {
		/* That there is no such child names it already. */
		if (reply->code == CONTROL_NO_CHILD)
			complain("%s", reply->failures[i].error);
		else
			complain("%s: %s", reply->failures[i].name, reply->failures[i].error);
	}
	if (reply->n_failures == 0)
		complain("%s", reply->message);
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

/* Say how it went; `told` (may be NULL) tells a good result to people. */
static int
finish(const struct cli *cli, struct control_reply *reply, void (*told)(struct json_object *result))
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

static int
order(struct cli *cli, struct control_request *rq, int patience_ms, void (*told)(struct json_object *result))
{
	struct control_reply reply;
	struct err err = ERR_INIT;
	char id[] = "1";

	rq->id = id;
	if (rpc_call(cli, rq, patience_ms, &reply, &err) == -1)
		return rpc_complain(&err);
	return finish(cli, &reply, told);
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

/* "added: 2 (a, b)" of a list, "added: 2" of a number; nothing of what is neither, or empty. */
static void
tell_part(const char *name, struct json_object *value)
{
	char safe[512];

	if (json_object_is_type(value, json_type_int) && json_object_get_int64(value) != 0) {
		printf("%s: %" PRId64 "\n", name, json_object_get_int64(value));
		return;
	}
	if (!json_object_is_type(value, json_type_array) || json_object_array_length(value) == 0)
		return;
	printf("%s: %zu", name, json_object_array_length(value));
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		struct json_object *item = json_object_array_get_idx(value, i);

		printf("%s%s", i == 0 ? " (" : ", ", term_safe(json_object_get_string(item), safe, sizeof(safe)));
	}
	puts(")");
}

static void
tell_plan(struct json_object *result)
{
	struct json_object_iterator at, end;

	if (!json_object_is_type(result, json_type_object))
		return;
	at = json_object_iter_begin(result);
	for (end = json_object_iter_end(result); !json_object_iter_equal(&at, &end); json_object_iter_next(&at))
		tell_part(json_object_iter_peek_name(&at), json_object_iter_peek_value(&at));
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
		status = finish(cli, &reply, NULL);
	else if (err.code != ECONNRESET || peer == -1)
		status = rpc_complain(&err);
	if (status == EXITCODE_OK && peer != -1)
		wait_until_gone(peer);
	close(fd);
	if (peer != -1)
		close(peer);
	return status;
}
