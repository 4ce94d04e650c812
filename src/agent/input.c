/*
 * What children read: bytes of STDIN messages, numbered by offset, kept until the
 * pipe takes them. A child that does not read, or ends first, loses nothing else.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/agent.h"
#include "base/xalloc.h"

#define INPUT_MAX (64u << 20)

struct input {
	struct watch watch;
	struct buf queue;
	uint64_t accepted; /* offset behind the last byte taken */
	bool eof;	   /* close when the queue is empty */
	bool opened;
};

struct input *
input_new(void)
{
	struct input *in = xcalloc(1, sizeof(*in));

	in->watch.fd = -1;
	in->queue = (struct buf)BUF_INIT(INPUT_MAX);
	return in;
}

static void
input_close(struct agent *a, struct input *in)
{
	watch_close(a, &in->watch);
	buf_release(&in->queue);
}

static void
input_write(struct agent *a, struct input *in)
{
	ssize_t n;

	while (in->watch.fd != -1 && in->queue.len > 0) {
		if ((n = write(in->watch.fd, in->queue.data, in->queue.len)) > 0) {
			buf_drop(&in->queue, (size_t)n);
		} else if (errno == EAGAIN) {
			if (!in->watch.armed && watch_arm(a, &in->watch, EPOLLOUT) == -1)
				input_close(a, in);
			return;
		} else if (errno != EINTR) {
			/* EPIPE: nobody reads any more. SIGPIPE is blocked. */
			input_close(a, in);
		}
	}
	watch_disarm(a, &in->watch);
	if (in->eof)
		input_close(a, in);
	else
		buf_release(&in->queue);
}

static void
input_cb(struct agent *a, struct watch *w, uint32_t events)
{
	(void)events;
	input_write(a, (struct input *)(void *)w);
}

void
input_open(struct agent *a, struct input *in, int fd)
{
	in->opened = true;
	in->watch.fd = fd;
	in->watch.ready = input_cb;
	input_write(a, in);
}

void
input_add(struct agent *a, struct child *c, uint64_t offset, struct agent_bytes bytes, bool eof)
{
	struct input *in = c->in;

	if (in == NULL || offset + bytes.n < in->accepted || in->eof)
		return;
	if (offset > in->accepted) {
		agent_note(a, LOG_LEVEL_WARNING, "child %s: standard input has a gap at %" PRIu64, c->name, in->accepted);
		return;
	}
	/* Sent again after an attach: the part that we have is passed over. */
	bytes.p += in->accepted - offset;
	bytes.n -= (size_t)(in->accepted - offset);
	if (in->opened && in->watch.fd == -1)
		bytes.n = 0; /* it does not read any more */
	if (bytes.n > 0 && buf_add(&in->queue, bytes.p, bytes.n) == -1) {
		agent_note(a, LOG_LEVEL_WARNING, "child %s: does not read its standard input: closed", c->name);
		input_close(a, in);
		return;
	}
	in->accepted += bytes.n;
	in->eof = eof;
	if (in->opened)
		input_write(a, in);
}

uint64_t
input_offset(const struct input *in)
{
	return in->accepted;
}

void
input_free(struct agent *a, struct input *in)
{
	if (in == NULL)
		return;
	input_close(a, in);
	agent_free_later(a, in);
}
