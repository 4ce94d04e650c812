/*
 * One request to trapexitd, over its control socket.
 *
 *	if (rpc_call(cli, &rq, RPC_PATIENCE_MS, &reply, &err) == -1)
 *		return rpc_complain(&err);
 *	... reply.code, reply.result
 *	control_reply_release(&reply);
 *
 * err.code says why there is no reply: ENOENT or ECONNREFUSED (nobody listens),
 * EACCES, ETIMEDOUT, EPROTO, ECONNRESET. err.msg says it in words, and what to do.
 */
#ifndef TRAPEXIT_CLI_RPC_H
#define TRAPEXIT_CLI_RPC_H

#include <stdbool.h>

#include "base/err.h"
#include "cli/cli.h"
#include "wire/control_msg.h"

/* A question is answered from memory; who takes longer is frozen. */
#define RPC_PATIENCE_MS 10000
/* A stop takes as long as the child's shutdown time, which may be infinite. */
#define RPC_FOREVER (-1)

int rpc_call(struct cli *cli, const struct control_request *rq, int timeout_ms, struct control_reply *reply,
    struct err *err);
/* In two steps, for who wants to go on with the connection: a descriptor, or -1. */
int rpc_open(struct cli *cli, struct err *err);
int rpc_ask(int fd, const struct control_request *rq, int timeout_ms, struct control_reply *reply, struct err *err);
/* Says why there was no reply. */
int rpc_complain(const struct err *err);
/* Is trapexitd not running (rather than unwilling)? */
bool rpc_is_down(const struct err *err);

#endif
