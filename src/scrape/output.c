#include "scrape/output.h"

#include <errno.h>
#include <event2/event.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mono.h"

/* The first piece that one write(2) may take: whole lines if any fit. */
static size_t
piece(const struct buf *b)
{
	const char *end;

	if (b->len <= PIPE_BUF)
		return b->len;
	end = memrchr(b->data, '\n', PIPE_BUF);
	return end != NULL ? (size_t)(end - b->data) + 1 : PIPE_BUF;
}

/* Write while the reader takes it, or for so long as said. */
static void
drain(struct output *o, int timeout_ms)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };
	ssize_t n;

	while (o->pending.len > 0 && o->error == 0) {
		n = poll(&p, 1, timeout_ms);
		if (n == 0 || (n == -1 && errno == EINTR))
			break;
		n = write(o->fd, o->pending.data, piece(&o->pending));
		if (n >= 0)
			buf_drop(&o->pending, (size_t)n);
		else if (errno == EINTR || errno == EAGAIN)
			break;
		else
			o->error = errno;
	}
}

static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct output *o = arg;
	bool was_full = output_is_full(o);

	(void)fd;
	(void)what;
	drain(o, 0);
	if (o->pending.len > 0 && o->error == 0)
		event_add(o->event, NULL);
	if (o->error != 0 || (was_full && !output_is_full(o)))
		o->changed(o->arg);
}

void
output_init(struct output *o, struct event_base *base, int fd, void (*changed)(void *arg), void *arg)
{
	*o = (struct output){ .base = base, .fd = fd, .changed = changed, .arg = arg };
	o->event = event_new(base, fd, EV_WRITE, writable_cb, o);
	if (o->event == NULL)
		fatalx("libevent: out of memory");
}

void
output_put(struct output *o, const char *lines, size_t len)
{
	bool idle = o->pending.len == 0;

	buf_xadd(&o->pending, lines, len);
	if (!idle)
		return; /* the event is armed */
	drain(o, 0);
	/* A regular file never waits, so an event that epoll refuses is never needed. */
	if (o->pending.len > 0 || o->error != 0) {
		if (event_add(o->event, NULL) == -1)
			o->error = o->error != 0 ? o->error : errno;
		if (o->error != 0)
			event_active(o->event, EV_WRITE, 1);
	}
}

bool
output_is_full(const struct output *o)
{
	return o->pending.len >= OUTPUT_FULL;
}

int
output_flush(struct output *o, int timeout_ms)
{
	mono_t end = mono_add_ms(mono_now(), timeout_ms);
	int64_t left;

	while (o->pending.len > 0 && o->error == 0 && (left = mono_diff_us(end, mono_now())) > 0)
		drain(o, (int)(left / US_PER_MS) + 1);
	return o->pending.len == 0 && o->error == 0 ? 0 : -1;
}

void
output_release(struct output *o)
{
	if (o->event != NULL)
		event_free(o->event);
	buf_release(&o->pending);
	memset(o, 0, sizeof(*o));
}
