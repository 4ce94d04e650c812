/*
 * What children print: read from their pipes, kept until acknowledged, sent
 * under credit (architecture 6).
 *
 * Bytes are read straight into the pieces of memory (chunks) from which they are
 * later sent; an idle stream has none. A read fills what is left of the last
 * chunk and goes on in a spare one of full size; if that gets much it becomes
 * the next chunk as it is, if little that little is copied into a small one, so
 * that ten thousand children with a line each cost a line each.
 *
 * Two bounds stop the reading, and so the child: what is kept of one stream (and
 * while a daemon is attached, what of it is not sent yet: more would only leave
 * the processor's caches), and what is kept in all. A stream below STREAM_LEAST
 * is always read, so one flood does not silence the others.
 *
 * On a link that is too slow for all, observations go first and logs have what
 * is left, a quarter at least; each stream has its turn.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/uio.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "base/xalloc.h"
#include "os/fd.h"

#define CHUNK_LARGE (256u << 10)
#define CHUNK_MEDIUM (32u << 10)
#define POOL_MAX 16
#define PIPE_LARGE (1 << 20)
#define PIPE_USUAL (64 << 10)
#define STREAM_LEAST (64u << 10)
#define UNSENT_MAX (1u << 20)
#define READS_AT_ONCE 4
/* After the last acknowledgement; also the longest that a quiet agent keeps memory for the next flood. */
#define REST_US INT64_C(1000000)

/*
 * A child that writes line by line at full speed would wake us for every line,
 * and be stopped itself each time. So in a flood we look a millisecond later
 * when a look has brought little: by then its pipe holds a worthwhile piece.
 * Exits, heartbeats and orders come by other descriptors and do not wait.
 */
#define NAP_US 1000
#define NAP_BELOW (128u << 10)
#define FLOW_PERIOD_US 10000
#define FLOOD (FLOW_PERIOD_US * UINT64_C(30)) /* bytes a period: 30 MB/s */

void
output_turn_over(struct agent *a)
{
	mono_t now;

	if (a->flow.turn == 0)
		return;
	now = mono_now();
	a->flow.bytes += a->flow.turn;
	if (mono_diff_us(now, a->flow.since) >= FLOW_PERIOD_US) {
		/* A long silence ends a flood, too. */
		a->flow.fast = a->flow.bytes >= FLOOD && mono_diff_us(now, a->flow.since) < 5 * FLOW_PERIOD_US;
		a->flow.since = now;
		a->flow.bytes = 0;
	}
	if (a->flow.fast && a->flow.turn < NAP_BELOW && !event_pending(a->flow.over, EV_TIMEOUT, NULL)) {
		event_del(a->epoll_event);
		agent_timer_set(a->flow.over, NAP_US);
	}
	a->flow.turn = 0;
}

static void
nap_over_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	event_add(a->epoll_event, NULL);
}

static struct stream *
stream_of(struct watch *w)
{
	return (struct stream *)(void *)w;
}

static struct chunk *
chunk_new(struct agent *a, uint32_t size)
{
	struct chunk *k = a->pool;

	if (size == CHUNK_LARGE && k != NULL) {
		a->pool = k->next;
		a->n_pool--;
	} else {
		k = xmalloc(sizeof(*k) + size);
		k->size = size;
	}
	k->next = NULL;
	k->used = 0;
	return k;
}

static void
chunk_free(struct agent *a, struct chunk *k)
{
	if (k->size == CHUNK_LARGE && a->n_pool < POOL_MAX) {
		k->next = a->pool;
		a->pool = k;
		a->n_pool++;
	} else {
		free(k);
	}
}

static void
stream_append(struct agent *a, struct stream *s, struct chunk *k)
{
	k->at = s->end;
	if (s->last != NULL)
		s->last->next = k;
	else
		s->first = k;
	s->last = k;
	a->kept += k->size;
}

static bool
may_read(const struct agent *a, const struct stream *s)
{
	uint64_t kept = s->end - s->acked;

	if (s->ended)
		return false;
	if (kept < STREAM_LEAST)
		return true;
	return kept < a->opt->stream_max && a->kept < a->opt->output_max &&
	    (a->conn == NULL || s->end - s->sent < UNSENT_MAX);
}

/* Watch its pipe or not, as the bounds say. */
static void
update_reading(struct agent *a, struct stream *s)
{
	bool want = may_read(a, s);

	if (s->watch.fd == -1 || want == s->watch.armed)
		return;
	if (!want)
		watch_disarm(a, &s->watch);
	else if (watch_arm(a, &s->watch, EPOLLIN) == -1)
		agent_note(a, LOG_LEVEL_ERROR, "child %s: epoll: %s", s->child->name, strerror(errno));
	if (s->paused != !want)
		a->n_paused += s->paused ? -1u : 1u;
	s->paused = !want;
}

struct streams *
stream_turns(struct agent *a, const struct stream *s)
{
	return s->urgent ? &a->turns : &a->bulk;
}

uint64_t
stream_sendable(const struct stream *s)
{
	uint64_t end = s->end < s->limit ? s->end : s->limit;

	return end > s->sent ? end - s->sent : 0;
}

void
stream_kick(struct agent *a, struct stream *s)
{
	if (a->conn != NULL && !s->waiting && stream_sendable(s) > 0) {
		TAILQ_INSERT_TAIL(stream_turns(a, s), s, turn);
		s->waiting = true;
		conn_flush(a);
	}
	update_reading(a, s);
}

/* The flood is over: what it needed goes back to the system. */
static void
rest_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	struct chunk *k;

	(void)fd;
	(void)what;
	if (a->kept > 0)
		return;
	while ((k = a->pool) != NULL) {
		a->pool = k->next;
		free(k);
	}
	a->n_pool = 0;
	free(a->spare);
	a->spare = NULL;
	malloc_trim(0);
}

void
output_init(struct agent *a)
{
	/* Large chunks always in mappings of their own: else they tear holes into the heap that nothing fills. */
	mallopt(M_MMAP_THRESHOLD, CHUNK_LARGE / 2);
	a->rest = agent_timer(a, rest_cb);
	a->flow.over = agent_timer(a, nap_over_cb);
}

/* Give back what is acknowledged, but for what is just being written to the socket. */
static void
release_acked(struct agent *a, struct stream *s)
{
	uint64_t held = conn_holds(a, s);
	uint64_t below = s->acked < held ? s->acked : held;
	struct chunk *k;

	while ((k = s->first) != NULL && k->at + k->used <= below) {
		s->first = k->next;
		if (s->first == NULL)
			s->last = NULL;
		a->kept -= k->size;
		chunk_free(a, k);
	}
	if (a->kept == 0 && !event_pending(a->rest, EV_TIMEOUT, NULL))
		agent_timer_set(a->rest, REST_US);
}

/* There is room again: those that stand still may go on. */
static void
resume_paused(struct agent *a)
{
	struct child *c;

	if (a->n_paused == 0 || a->kept >= a->opt->output_max - a->opt->output_max / 8)
		return;
	TAILQ_FOREACH(c, &a->children, entry) {
		if (c->out.paused)
			update_reading(a, &c->out);
		if (c->err != NULL && c->err->paused)
			update_reading(a, c->err);
	}
}

void
output_detached(struct agent *a)
{
	resume_paused(a);
}

void
stream_ack(struct agent *a, struct stream *s, uint64_t acked, uint64_t limit)
{
	bool was_full = a->kept >= a->opt->output_max;

	/* What was never read cannot be acknowledged. */
	if (acked > s->end)
		acked = s->end;
	if (acked > s->acked)
		s->acked = acked;
	if (s->sent < s->acked)
		s->sent = s->acked;
	if (limit > s->limit)
		s->limit = limit;
	release_acked(a, s);
	stream_kick(a, s);
	if (was_full)
		resume_paused(a);
	child_drop_if_done(a, s->child);
}

void
stream_rewind(struct agent *a, struct stream *s)
{
	s->sent = s->acked;
	s->limit = s->acked + AGENT_CREDIT_FIRST;
	s->turn_rest = 0;
	if (s->waiting)
		TAILQ_REMOVE(stream_turns(a, s), s, turn);
	s->waiting = false;
	stream_kick(a, s);
}

/* One read; how many bytes, 0 at the end, -1 with errno set. *full: there may be more. */
static ssize_t
read_once(struct agent *a, struct stream *s, bool *full)
{
	struct chunk *last = s->last;
	uint32_t room = last != NULL ? last->size - last->used : 0;
	struct iovec iov[2] = { { last != NULL ? last->data + last->used : NULL, room }, { NULL, CHUNK_LARGE } };
	struct chunk *k;
	size_t rest;
	ssize_t n;

	if (a->spare == NULL)
		a->spare = chunk_new(a, CHUNK_LARGE);
	iov[1].iov_base = a->spare->data;
	do
		n = room > 0 ? readv(s->watch.fd, iov, 2) : read(s->watch.fd, a->spare->data, CHUNK_LARGE);
	while (n == -1 && errno == EINTR);
	if (n <= 0)
		return n;
	a->flow.turn += (uint64_t)n;
	*full = (size_t)n == room + CHUNK_LARGE;
	rest = (size_t)n > room ? (size_t)n - room : 0;
	if (room > 0)
		last->used += (uint32_t)((size_t)n - rest);
	s->end += (size_t)n - rest;
	if (rest == 0)
		return n;
	if (rest >= CHUNK_LARGE / 4) {
		k = a->spare;
		a->spare = NULL;
	} else {
		/* A stream that is busy gets room for what follows. */
		k = chunk_new(a, s->first != NULL && rest < CHUNK_MEDIUM ? CHUNK_MEDIUM : (uint32_t)(rest + 255) & ~255u);
		memcpy(k->data, a->spare->data, rest);
	}
	k->used = (uint32_t)rest;
	stream_append(a, s, k);
	s->end += rest;
	return n;
}

static void
stream_end(struct agent *a, struct stream *s)
{
	s->ended = true;
	if (s->paused)
		a->n_paused--;
	s->paused = false;
	watch_close(a, &s->watch);
}

/* A writer that fills its pipe gets a larger one: fewer changes between it and us. */
static void
grow_pipe(const struct agent *a, struct stream *s, ssize_t n)
{
	if (s->grown || (n < PIPE_USUAL && !a->flow.fast))
		return;
	s->grown = true;
	(void)fcntl(s->watch.fd, F_SETPIPE_SZ, PIPE_LARGE);
}

static void
stream_cb(struct agent *a, struct watch *w, uint32_t events)
{
	struct stream *s = stream_of(w);
	bool full = true;
	ssize_t n = 1; /* not read at all: others have filled the bound of all since this pipe was armed */

	(void)events;
	for (int i = 0; i < READS_AT_ONCE && full && may_read(a, s); i++) {
		full = false;
		if ((n = read_once(a, s, &full)) <= 0)
			break;
		grow_pipe(a, s, n);
	}
	if (n == 0 || (n == -1 && errno != EAGAIN))
		stream_end(a, s);
	stream_kick(a, s);
}

void
stream_finish(struct agent *a, struct stream *s)
{
	bool full;
	ssize_t n;

	if (s->ended)
		return;
	/* At most a pipe full; nobody is left to write more, or nobody who counts. */
	for (uint64_t left = PIPE_LARGE + CHUNK_LARGE; left > 0; left -= (uint64_t)n < left ? (uint64_t)n : left)
		if ((n = read_once(a, s, &full)) <= 0)
			break;
	stream_end(a, s);
	stream_kick(a, s);
}

void
stream_open(struct agent *a, struct stream *s, struct child *c, enum agent_stream id, int fd)
{
	s->child = c;
	s->id = (uint8_t)id;
	s->limit = AGENT_CREDIT_FIRST;
	s->ended = false;
	s->watch.fd = fd;
	s->watch.ready = stream_cb;
	update_reading(a, s);
}

void
stream_free(struct agent *a, struct stream *s)
{
	struct chunk *k;

	if (!s->ended)
		stream_end(a, s);
	if (s->waiting)
		TAILQ_REMOVE(stream_turns(a, s), s, turn);
	s->waiting = false;
	while ((k = s->first) != NULL) {
		s->first = k->next;
		a->kept -= k->size;
		chunk_free(a, k);
	}
	s->last = NULL;
}

void
output_release(struct agent *a)
{
	if (a->rest == NULL)
		return;
	a->kept = 0;
	rest_cb(-1, 0, a);
	event_free(a->rest);
	event_free(a->flow.over);
	a->rest = a->flow.over = NULL;
}
