/*
 * The decoders of the control socket: any line, as a request and as a reply. What
 * is taken as a request is written and read again, and must be the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/control_msg.h"
#include "wire/name_match.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

static void
same_again(const struct control_request *rq)
{
	struct control_request again;
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;

	control_request_encode(&b, rq);
	/* Writing may take more room than was read: then it is too long for a line. */
	if (b.len <= CONTROL_LINE_MAX) {
		require(control_request_decode(b.data, b.len - 1, &again, &err) == 0);
		require(strcmp(again.id, rq->id) == 0 && again.method == rq->method);
		require(again.n_names == rq->n_names && again.signal == rq->signal && again.plan == rq->plan);
		for (size_t i = 0; i < rq->n_names; i++)
			require(strcmp(again.names[i], rq->names[i]) == 0);
		require(again.n_args == rq->n_args && (again.args == NULL) == (rq->args == NULL));
		for (size_t i = 0; i < rq->n_args; i++)
			require(strcmp(again.args[i], rq->args[i]) == 0);
		require((again.spec == NULL) == (rq->spec == NULL) &&
		    (rq->spec == NULL || strcmp(again.spec, rq->spec) == 0));
		control_request_release(&again);
	}
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = { "suppliers/ebuyer", "suppliers/deep/x", "worker:1" };
	bool chosen[3] = { false };
	struct control_request rq;
	struct control_reply reply;
	struct err err = ERR_INIT;

	if (control_request_decode((const char *)data, size, &rq, &err) == 0) {
		same_again(&rq);
		for (size_t i = 0; i < rq.n_names; i++)
			require(name_resolve(rq.names[i], paths, 3, chosen, &err) <= 3);
	} else {
		require(err.code < 0 && err.msg[0] != '\0' && rq.id != NULL);
	}
	control_request_release(&rq);
	if (control_reply_decode((const char *)data, size, &reply, &err) == 0)
		require((reply.code == 0) == (reply.result != NULL));
	control_reply_release(&reply);
	return 0;
}
