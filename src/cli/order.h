/*
 * An order to trapexitd, and telling how it went.
 *
 *	return order(cli, &rq, RPC_FOREVER, NULL);
 */
#ifndef TRAPEXIT_CLI_ORDER_H
#define TRAPEXIT_CLI_ORDER_H

#include "cli/cli.h"
#include "wire/control_msg.h"

struct json_object;

/* Ask, and tell: `told` (may be NULL) tells a good result to people. The exit status; rq->id is set. */
int order(struct cli *cli, struct control_request *rq, int patience_ms, void (*told)(struct json_object *result));
/* Tell a reply, and release it. */
int order_finish(const struct cli *cli, struct control_reply *reply, void (*told)(struct json_object *result));

#endif
