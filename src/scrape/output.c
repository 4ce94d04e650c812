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

static uint32_t
group_at(const struct output *o, size_t i)
{
	uint32_t len;

	memcpy(&len, o->groups.data + i * sizeof(len), sizeof(len));
	return len;
}

static size_t
count_groups(const struct output *o)
{
	return o->groups.len / sizeof(uint32_t);
}

/* The first piece that one write(2) may take: whole groups if any fits, else whole lines if any do. */
static size_t
piece(const struct output *o)
{
	size_t i, len = 0, n = count_groups(o);
	const char *end;

	if (o->pending.len <= PIPE_BUF)
		return o->pending.len;
	for (i = 0; i < n && len + group_at(o, i) <= PIPE_BUF; i++)
		len += group_at(o, i);
	if (len > 0)
		return len;
	end = memrchr(o->pending.data, '\n', PIPE_BUF);
	return end != NULL ? (size_t)(end - o->pending.data) + 1 : PIPE_BUF;
}

static void
drop(struct output *o, size_t written)
{
	size_t i = 0;
	uint32_t left;

	buf_drop(&o->pending, written);
	while (written > 0 && (left = group_at(o, i)) <= written) {
		written -= left;
		i++;
	}
	buf_drop(&o->groups, i * sizeof(uint32_t));
	if (written > 0) {
		left = group_at(o, 0) - (uint32_t)written;
		memcpy(o->groups.data, &left, sizeof(left));
	}
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
		n = write(o->fd, o->pending.data, piece(o));
		if (n >= 0)
			drop(o, (size_t)n);
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
	/* A regular file never waits, so an event that epoll refuses is never needed. */
	if (o->pending.len > 0 && o->error == 0 && event_add(o->event, NULL) == -1)
		o->error = errno;
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
	uint32_t group = (uint32_t)len;
	bool idle = o->pending.len == 0;

	buf_xadd(&o->pending, lines, len);
	buf_xadd(&o->groups, &group, sizeof(group));
	/* When it is not idle the event is armed, or active in this turn already. */
	if (idle)
		event_active(o->event, EV_WRITE, 1);
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
	buf_release(&o->groups);
	memset(o, 0, sizeof(*o));
}
