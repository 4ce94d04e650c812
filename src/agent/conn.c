#include "config.h"

#include "agent/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/err.h"
#include "base/xalloc.h"
#include "os/fd.h"
#include "os/sock.h"

#define READ_AT_ONCE (256u << 10)
#define SEND_BUFFER (1 << 20)
#define QUEUE_MAX (64u << 20)
#define HELLO_TIME_US 10000000
#define CONNS_MAX 32
#define FRAMES_AT_ONCE 16
#define BYTES_AT_ONCE (1u << 20)
#define IOV_MAX_USED 64
/* While a log waits, too, so many frames of observations go before one of it. */
#define FIRSTS_MOST 3
/* A frame that would have to be smaller waits until there is room for more. */
#define FRAME_LEAST 512

/* Writing. */

/* What one writev is given. */
struct batch {
	struct iovec iov[IOV_MAX_USED];
	int n_iov;
	size_t bytes;
	uint64_t paced; /* of frames, which are not counted as sent yet */
	struct {
		struct stream *stream;
		uint64_t at;
		uint32_t n;
		uint32_t head_len;
		uint32_t turn_rest; /* before it */
	} frames[FRAMES_AT_ONCE];
	char heads[FRAMES_AT_ONCE][AGENT_OUTPUT_HEAD_MAX];
	int n_frames;
};

static void
batch_add(struct batch *b, const char *p, size_t n)
{
	if (n == 0)
		return;
	/* writev only reads; its type does not say so. */
	b->iov[b->n_iov].iov_base = (void *)(uintptr_t)p;
	b->iov[b->n_iov++].iov_len = n;
	b->bytes += n;
}

/* Bytes [at, at + n) of a stream, as far as there are iovecs. Returns how many bytes that is. */
static size_t
batch_add_stream(struct batch *b, const struct stream *s, uint64_t at, size_t n)
{
	size_t done = 0;

	for (const struct chunk *k = s->first; k != NULL && done < n && b->n_iov < IOV_MAX_USED; k = k->next) {
		uint64_t end = k->at + k->used;
		size_t len;

		if (at + done >= end)
			continue;
		len = (size_t)(end - (at + done));
		if (len > n - done)
			len = n - done;
		batch_add(b, k->data + (at + done - k->at), len);
		done += len;
	}
	return done;
}

static void
batch_add_part(struct batch *b, const struct conn *c)
{
	uint32_t payload_done;

	if (c->part.stream == NULL)
		return;
	if (c->part.done < c->part.head_len)
		batch_add(b, c->part.head + c->part.done, c->part.head_len - c->part.done);
	payload_done = c->part.done > c->part.head_len ? c->part.done - c->part.head_len : 0;
	batch_add_stream(b, c->part.stream, c->part.at + payload_done, c->part.n - payload_done);
}

static struct stream *
next_stream(struct conn *c)
{
	struct stream *first = TAILQ_FIRST(&c->agent->turns), *bulk = TAILQ_FIRST(&c->agent->bulk);

	if (bulk != NULL && bulk->turn_rest > 0)
		return bulk;
	if (first != NULL && (bulk == NULL || first->turn_rest > 0 || c->firsts < FIRSTS_MOST)) {
		c->firsts += bulk != NULL && first->turn_rest == 0;
		return first;
	}
	c->firsts = 0;
	return bulk;
}

/* What may be written behind what the batch has already; 0: too little for a frame, which waits. */
static uint64_t
frame_room(const struct conn *c, const struct batch *b)
{
	uint64_t room = pace_room(&c->pace);

	room = room > b->paced ? room - b->paced : 0;
	return room < FRAME_LEAST ? 0 : room;
}

/* What the stream may send in its turn. */
static uint64_t
turn_size(const struct conn *c, const struct stream *s)
{
	uint64_t n = stream_sendable(s), most = pace_piece(&c->pace);

	if (most > AGENT_CHUNK_MAX)
		most = AGENT_CHUNK_MAX;
	if (s->turn_rest > 0 && s->turn_rest < most)
		most = s->turn_rest;
	return n < most ? n : most;
}

/*
 * A turn of which `rest` bytes had no room goes on when there is some: room
 * comes in steps, and else the same streams might have the small ones each time.
 */
static void
take_turn(struct agent *a, struct stream *s, uint64_t rest)
{
	s->turn_rest = 0;
	if (stream_sendable(s) == 0)
		return;
	if (rest >= FRAME_LEAST) {
		s->turn_rest = (uint32_t)rest;
		TAILQ_INSERT_HEAD(stream_turns(a, s), s, turn);
	} else {
		TAILQ_INSERT_TAIL(stream_turns(a, s), s, turn);
	}
	s->waiting = true;
}

/* The next frame of the stream whose turn it is. */
static bool
batch_add_frame(struct batch *b, struct conn *c)
{
	struct agent *a = c->agent;
	struct stream *s;
	uint64_t room = frame_room(c, b), whole, n;
	int head;

	if (b->n_frames == FRAMES_AT_ONCE || b->n_iov > IOV_MAX_USED - 2 || b->bytes >= BYTES_AT_ONCE || room == 0 ||
	    (s = next_stream(c)) == NULL)
		return false;
	TAILQ_REMOVE(stream_turns(a, s), s, turn);
	s->waiting = false;
	if ((whole = turn_size(c, s)) == 0)
		return true;
	head = b->n_iov++;
	n = batch_add_stream(b, s, s->sent, (size_t)(whole < room ? whole : room));
	b->frames[b->n_frames].stream = s;
	b->frames[b->n_frames].at = s->sent;
	b->frames[b->n_frames].n = (uint32_t)n;
	b->frames[b->n_frames].turn_rest = s->turn_rest;
	b->iov[head].iov_base = b->heads[b->n_frames];
	b->iov[head].iov_len = agent_output_head(b->heads[b->n_frames], s->child->token, s->id, s->sent, (size_t)n);
	b->frames[b->n_frames].head_len = (uint32_t)b->iov[head].iov_len;
	b->bytes += b->iov[head].iov_len;
	b->paced += b->frames[b->n_frames].head_len + n;
	b->n_frames++;
	s->sent += n;
	take_turn(a, s, whole - n);
	return true;
}

/* Of a frame that was begun `written` bytes got out. */
static void
keep_part(struct conn *c, const struct batch *b, int i, size_t written)
{
	c->part.stream = b->frames[i].stream;
	c->part.at = b->frames[i].at;
	c->part.n = b->frames[i].n;
	c->part.done = (uint32_t)written;
	c->part.head_len = b->frames[i].head_len;
	memcpy(c->part.head, b->heads[i], AGENT_OUTPUT_HEAD_MAX);
}

/* Not a byte of this frame got out: as if it had not been taken. */
static void
take_back(struct agent *a, const struct batch *b, int i)
{
	struct stream *s = b->frames[i].stream;

	if (s->sent > b->frames[i].at)
		s->sent = b->frames[i].at;
	s->turn_rest = b->frames[i].turn_rest;
	if (!s->waiting)
		TAILQ_INSERT_HEAD(stream_turns(a, s), s, turn);
	s->waiting = true;
}

/* All that was to send of this stream may have gone. */
static void
stream_was_sent(struct agent *a, struct stream *s)
{
	struct child *c = s->child;

	stream_kick(a, s);
	if (c->state == CHILD_ENDED)
		child_drop_if_done(a, c);
}

static size_t
consume_part(struct conn *c, size_t n)
{
	struct stream *s = c->part.stream;
	size_t left = s != NULL ? c->part.head_len + c->part.n - c->part.done : 0;

	if (s == NULL || n < left) {
		c->part.done += s != NULL ? (uint32_t)n : 0;
		return s != NULL ? 0 : n;
	}
	c->part.stream = NULL;
	stream_was_sent(c->agent, s);
	return n - left;
}

static size_t
consume_queue(struct conn *c, size_t queued, size_t n)
{
	size_t done = n < queued ? n : queued;

	c->queue_done += done;
	if (c->queue_done == c->queue.len) {
		if (c->queue.cap > READ_AT_ONCE)
			buf_release(&c->queue);
		buf_clear(&c->queue);
		c->queue_done = 0;
	}
	return n - done;
}

static void
consume(struct conn *c, struct batch *b, size_t queued, size_t n)
{
	struct agent *a = c->agent;
	int i;

	n = consume_part(c, n);
	n = consume_queue(c, queued, n);
	for (i = 0; i < b->n_frames; i++) {
		size_t len = b->frames[i].head_len + b->frames[i].n;

		if (n < len)
			break;
		n -= len;
		pace_sent(&c->pace, len);
	}
	if (i < b->n_frames && n > 0) {
		keep_part(c, b, i, n);
		pace_sent(&c->pace, b->frames[i].head_len + b->frames[i].n);
	}
	/* Backwards, so that turns and offsets are as they were. */
	for (int k = b->n_frames - 1; k >= i + (n > 0); k--)
		take_back(a, b, k);
	for (int k = 0; k < i; k++)
		stream_was_sent(a, b->frames[k].stream);
}

/* 1: all is written; 0: the socket is full; -1: it is broken. */
static int
write_some(struct conn *c)
{
	struct batch b;
	struct msghdr msg = { 0 };
	size_t queued;
	ssize_t n;

	b.n_iov = b.n_frames = 0;
	b.bytes = 0;
	b.paced = 0;
	batch_add_part(&b, c);
	queued = c->queue.len - c->queue_done;
	if (b.n_iov < IOV_MAX_USED)
		batch_add(&b, queued > 0 ? c->queue.data + c->queue_done : NULL, queued);
	else
		queued = 0;
	while (c->attached && batch_add_frame(&b, c))
		;
	if (b.bytes == 0)
		return 1;
	msg.msg_iov = b.iov;
	msg.msg_iovlen = (size_t)b.n_iov;
	do
		n = sendmsg(c->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno != EAGAIN && errno != ENOBUFS && errno != ENOMEM)
		return -1;
	consume(c, &b, queued, n > 0 ? (size_t)n : 0);
	if (c->attached && pace_wants_mark(&c->pace))
		lease_mark(c->agent);
	return n == (ssize_t)b.bytes ? 2 : 0;
}

static void
writable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	int rc = 2;

	(void)fd;
	(void)what;
	/* A few rounds, then others have their turn. */
	for (int round = 0; round < 4 && rc == 2; round++)
		rc = write_some(c);
	if (rc == -1)
		conn_close(c, "write failed");
	else if (rc == 1 && c->closing)
		conn_close(c, NULL);
	else if (rc != 1)
		event_add(c->writable, NULL);
}

void
conn_send(struct conn *c, const struct agent_msg *m)
{
	struct err err = ERR_INIT;
	size_t before = c->queue.len;

	if (agent_msg_encode(&c->queue, m, &err) == -1)
		log_warnx("connection: %s", err.msg);
	pace_sent(&c->pace, c->queue.len - before);
	event_active(c->writable, EV_WRITE, 0);
}

void
agent_send(struct agent *a, const struct agent_msg *m)
{
	if (a->conn != NULL)
		conn_send(a->conn, m);
}

void
conn_flush(struct agent *a)
{
	if (a->conn != NULL)
		event_active(a->conn->writable, EV_WRITE, 0);
}

uint64_t
conn_holds(const struct agent *a, const struct stream *s)
{
	return a->conn != NULL && a->conn->part.stream == s ? a->conn->part.at : UINT64_MAX;
}

/* Reading. */

void
conn_close(struct conn *c, const char *why)
{
	struct agent *a = c->agent;
	bool was_attached = a->conn == c;

	if (why != NULL)
		log_info("connection of pid %d: %s", (int)c->peer, why);
	LIST_REMOVE(c, entry);
	if (was_attached)
		a->conn = NULL;
	event_free(c->readable);
	event_free(c->writable);
	event_free(c->patience);
	buf_release(&c->in);
	buf_release(&c->queue);
	fd_close(&c->fd);
	free(c);
	if (!was_attached)
		return;
	launch_forget_queued(a);
	output_detached(a);
	lease_detached(a);
	heart_detached(a);
	agent_leave_if_done(a);
}

static int
handle_frames(struct conn *c)
{
	struct err err = ERR_INIT;
	struct agent_msg m;
	size_t at = 0, used;
	int rc = 0;

	while (!c->held && (rc = agent_msg_decode(c->in.data + at, c->in.len - at, &m, &used, &err)) == 1) {
		at += used;
		rc = order_handle(c->agent, c, &m);
		if (rc == 0 && m.type != AGENT_PONG)
			lease_tell(c->agent, used, m.type == AGENT_START || m.type == AGENT_STDIN);
		agent_msg_release(&m);
		if (rc == -1)
			break;
		if (launch_is_busy(c->agent)) {
			c->held = true;
			event_del(c->readable);
		}
	}
	if (rc == -1 && err.msg[0] != '\0')
		log_warnx("connection of pid %d: %s", (int)c->peer, err.msg);
	buf_drop(&c->in, at);
	if (c->in.len == 0 && c->in.cap > READ_AT_ONCE / 4)
		buf_release(&c->in);
	return rc;
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct conn *c = arg;
	size_t want;
	char *room;
	ssize_t n;

	(void)what;
	/* What was held up goes first: nothing is read on top of it, or the buffer would fill. */
	if (c->in.len > 0 && !c->closing && handle_frames(c) == -1) {
		conn_close(c, "protocol error");
		return;
	}
	if (c->held)
		return;
	want = c->in.len == 0 ? READ_AT_ONCE / 8 : READ_AT_ONCE;
	if ((room = buf_room(&c->in, want)) == NULL) {
		conn_close(c, "a frame that is too long, or no memory");
		return;
	}
	n = recv((int)fd, room, want, MSG_DONTWAIT);
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		conn_close(c, n == 0 ? "closed by the other side" : strerror(errno));
		return;
	}
	c->in.len += n > 0 ? (size_t)n : 0;
	c->received += n > 0 ? (uint64_t)n : 0;
	if (c->closing)
		buf_clear(&c->in);
	else if (handle_frames(c) == -1)
		conn_close(c, "protocol error");
}

void
conn_resume(struct agent *a)
{
	if (a->conn == NULL || !a->conn->held)
		return;
	a->conn->held = false;
	event_add(a->conn->readable, NULL);
	/* What was left in the buffer needs no new bytes to go on. */
	event_active(a->conn->readable, EV_READ, 0);
}

/* Accepting. */

static void
patience_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	conn_close(arg, "no hello in time");
}

static void
conn_new(struct agent *a, int fd)
{
	struct conn *c = xcalloc(1, sizeof(*c));
	struct sock_peer peer = { 0, (uid_t)-1, (gid_t)-1 };
	int size = SEND_BUFFER;

	/* Fewer wake-ups on both sides; what the system allows if we may not force it. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) == -1)
		(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	c->agent = a;
	c->fd = fd_move_up(fd, SPAWN_FD_LIMIT);
	c->in = (struct buf)BUF_INIT(2 * AGENT_FRAME_MAX);
	c->queue = (struct buf)BUF_INIT(QUEUE_MAX);
	pace_init(&c->pace, a->opt->hold_us);
	c->readable = event_new(a->base, c->fd, EV_READ | EV_PERSIST, readable_cb, c);
	c->writable = event_new(a->base, c->fd, EV_WRITE, writable_cb, c);
	c->patience = event_new(a->base, -1, 0, patience_cb, c);
	if (c->readable == NULL || c->writable == NULL || c->patience == NULL)
		fatalx("out of memory");
	LIST_INSERT_HEAD(&a->conns, c, entry);
	if (sock_peer(c->fd, &peer) == 0)
		c->peer = peer.pid;
	if (peer.uid != 0 && peer.uid != geteuid()) {
		conn_close(c, "another user");
		return;
	}
	event_add(c->readable, NULL);
	agent_timer_set(c->patience, HELLO_TIME_US);
}

static unsigned
conn_count(const struct agent *a)
{
	const struct conn *c;
	unsigned n = 0;

	LIST_FOREACH(c, &a->conns, entry)
		n++;
	return n;
}

/* Out of descriptors: the one in reserve is for the daemon, which can make things better. */
static int
accept_with_reserve(struct agent *a)
{
	int fd = accept4(a->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd == -1 && (errno == EMFILE || errno == ENFILE) && a->reserve_fd != -1) {
		fd_close(&a->reserve_fd);
		fd = accept4(a->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	}
	return fd;
}

static void
listener_cb(evutil_socket_t listen_fd, short what, void *arg)
{
	struct agent *a = arg;
	int fd;

	(void)listen_fd;
	(void)what;
	while (conn_count(a) < CONNS_MAX && (fd = accept_with_reserve(a)) != -1)
		conn_new(a, fd);
	if (a->reserve_fd == -1)
		a->reserve_fd = fd_move_up(open("/dev/null", O_RDWR | O_CLOEXEC), SPAWN_FD_LIMIT);
	if (conn_count(a) < CONNS_MAX && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
		return;
	/* Otherwise the loop would spin on a listener that stays readable. */
	event_del(a->listener);
	agent_timer_set(a->listen_again, US_PER_S);
}

static void
listen_again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	event_add(a->listener, NULL);
}

int
conn_listen(struct agent *a, int listen_fd, struct err *err)
{
	a->listen_fd = fd_move_up(listen_fd, SPAWN_FD_LIMIT);
	a->reserve_fd = fd_move_up(open("/dev/null", O_RDWR | O_CLOEXEC), SPAWN_FD_LIMIT);
	a->listen_again = agent_timer(a, listen_again_cb);
	a->listener = event_new(a->base, a->listen_fd, EV_READ | EV_PERSIST, listener_cb, a);
	if (a->listener == NULL || event_add(a->listener, NULL) == -1)
		return err_set(err, ENOMEM, "listener");
	return 0;
}

void
conn_stop_listening(struct agent *a)
{
	struct conn *c, *next;

	if (a->listener != NULL)
		event_free(a->listener);
	if (a->listen_again != NULL)
		event_free(a->listen_again);
	a->listener = a->listen_again = NULL;
	fd_close(&a->listen_fd);
	fd_close(&a->reserve_fd);
	for (c = LIST_FIRST(&a->conns); c != NULL; c = next) {
		next = LIST_NEXT(c, entry);
		if (c != a->conn)
			conn_close(c, NULL);
	}
}
