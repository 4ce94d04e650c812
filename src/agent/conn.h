/*
 * A connection: frames in, frames out.
 *
 * Out: short messages are encoded into a queue at once (conn_send); output is
 * not queued, it is taken from the streams, in turn, when the socket takes
 * more: so whatever is queued overtakes it (architecture 6). Frames of output
 * go by writev from where the bytes lie.
 *
 * Between this socket and the daemon may lie a relay, ssh and TCP, whose buffers
 * nothing overtakes. So output waits here while what is on its way would fill
 * them (core/pace.h); it is pings that tell how much of it has arrived.
 */
#ifndef TRAPEXIT_AGENT_CONN_H
#define TRAPEXIT_AGENT_CONN_H

#include "agent/agent.h"
#include "core/pace.h"

struct conn {
	LIST_ENTRY(conn) entry;
	struct agent *agent;
	int fd;
	struct event *readable, *writable;
	struct event *patience; /* for the hello */
	struct buf in;
	struct buf queue;
	size_t queue_done; /* bytes of queue that are written */
	struct pace pace;  /* counts a message when it is queued, a frame of output when it is begun */
	uint64_t received; /* bytes, since the connection began */
	size_t untold;	   /* ... but for pongs, since the last ping */
	unsigned firsts;   /* frames of observations since the last one of a log */
	/* A frame of output of which a part is written. */
	struct {
		struct stream *stream; /* NULL: none */
		uint64_t at;
		uint32_t n;
		uint32_t done; /* of head and payload together */
		uint32_t head_len;
		char head[AGENT_OUTPUT_HEAD_MAX];
	} part;
	pid_t peer;
	uint32_t version; /* of the protocol, chosen at the hello; 0: none yet */
	bool attached;
	bool held;    /* is not read: too many starts wait */
	bool closing; /* after what is queued is written */
};

int conn_listen(struct agent *a, int listen_fd, struct err *err);
/* No more connections; those that have not attached are closed. */
void conn_stop_listening(struct agent *a);
void conn_close(struct conn *c, const char *why);
void conn_send(struct conn *c, const struct agent_msg *m);
/* To the daemon, if there is one. */
void agent_send(struct agent *a, const struct agent_msg *m);
/* Write what can be written now. Called at the end of what made something to send. */
void conn_flush(struct agent *a);
/* Orders may be read again. */
void conn_resume(struct agent *a);
/* The bytes of s from `keep` on are being sent: where that is; UINT64_MAX if none are. */
uint64_t conn_holds(const struct agent *a, const struct stream *s);

#endif
