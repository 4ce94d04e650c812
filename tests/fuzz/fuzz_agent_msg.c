/*
 * The decoder of the agent messages: any bytes, whole frames and parts of frames.
 * What is taken is written and read again, and must be the same bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/agent_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
require(bool condition)
{
	if (!condition)
		abort();
}

/* The first encoding may differ from the input (msgpack has several forms of a number); the second may not. */
static void
same_again(const struct agent_msg *m)
{
	struct buf one = BUF_INIT(0), two = BUF_INIT(0);
	struct agent_msg again;
	size_t used;

	if (agent_msg_encode(&one, m, NULL) == 0) {
		require(agent_msg_decode(one.data, one.len, &again, &used, NULL) == 1);
		require(used == one.len && again.type == m->type);
		require(agent_msg_encode(&two, &again, NULL) == 0);
		require(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
		agent_msg_release(&again);
	}
	buf_release(&one);
	buf_release(&two);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data;
	struct err err = ERR_INIT;
	struct agent_msg m;
	struct agent_msg cut;
	size_t used, ignored;

	while (agent_msg_decode(p, size, &m, &used, &err) == 1) {
		require(used > 0 && used <= size);
		/* A cut frame is incomplete, never wrong. */
		require(agent_msg_decode(p, used - 1, &cut, &ignored, NULL) == 0);
		same_again(&m);
		agent_msg_release(&m);
		p += used;
		size -= used;
	}
	return 0;
}
