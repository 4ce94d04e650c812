/*
 * Lines for children's control pipes (S94, S99): taken over at once, written as
 * the pipe takes them. A child that does not read loses its own lines, when its
 * pipe and this queue are full, and nobody else's.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "base/xalloc.h"

#define CONTROL_MAX (64u << 10)

struct control {
	struct watch watch;
	struct buf queue;
	uint64_t accepted; /* number of the last line */
	bool opened;
	bool full; /* and that was said */
};

struct control *
control_new(void)
{
	struct control *k = xcalloc(1, sizeof(*k));

	k->watch.fd = -1;
	k->queue = (struct buf)BUF_INIT(CONTROL_MAX + 1);
	return k;
}

static void
control_close(struct agent *a, struct control *k)
{
	watch_close(a, &k->watch);
	buf_release(&k->queue);
}

static void
control_write(struct agent *a, struct control *k)
{
	ssize_t n;

	while (k->watch.fd != -1 && k->queue.len > 0) {
		if ((n = write(k->watch.fd, k->queue.data, k->queue.len)) > 0) {
			buf_drop(&k->queue, (size_t)n);
		} else if (errno == EAGAIN) {
			if (!k->watch.armed && watch_arm(a, &k->watch, EPOLLOUT) == -1)
				control_close(a, k);
			return;
		} else if (errno != EINTR) {
			/* EPIPE: nobody reads any more. SIGPIPE is blocked. */
			control_close(a, k);
		}
	}
	watch_disarm(a, &k->watch);
	buf_release(&k->queue);
	k->full = false;
}

static void
control_cb(struct agent *a, struct watch *w, uint32_t events)
{
	(void)events;
	control_write(a, (struct control *)(void *)w);
}

void
control_open(struct agent *a, struct control *k, int fd)
{
	k->opened = true;
	k->watch.fd = fd;
	k->watch.ready = control_cb;
	control_write(a, k);
}

/* A whole line, or nothing of it. */
static void
queue_line(struct agent *a, const struct child *c, const char *line)
{
	struct control *k = c->control;
	size_t n = strlen(line);

	if (k->queue.len + n + 1 <= CONTROL_MAX && buf_add(&k->queue, line, n) == 0 && buf_add(&k->queue, "\n", 1) == 0)
		return;
	if (!k->full)
		agent_note(a, LOG_LEVEL_WARNING, "child %s: does not read its control descriptor; lost from here on: %s",
		    c->name, line);
	k->full = true;
}

void
control_add(struct agent *a, struct child *c, uint64_t n, const char *line)
{
	struct agent_msg ack = { .type = AGENT_CONTROL_ACK };
	struct control *k = c->control;

	if (k != NULL && n > k->accepted) {
		k->accepted = n;
		/* Before it is open the child is not there yet; when it is closed, the child reads no more. */
		if (!k->opened || k->watch.fd != -1)
			queue_line(a, c, line);
		if (k->opened)
			control_write(a, k);
	}
	/* For one that has no such descriptor they need not be kept either. */
	ack.u.control_ack.token = c->token;
	ack.u.control_ack.n = k != NULL ? k->accepted : n;
	agent_send(a, &ack);
}

uint64_t
control_accepted(const struct control *k)
{
	return k->accepted;
}

void
control_free(struct agent *a, struct control *k)
{
	if (k == NULL)
		return;
	control_close(a, k);
	agent_free_later(a, k);
}
