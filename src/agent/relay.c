#include "config.h"

#include "agent/relay.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/attach.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "os/fd.h"
#include "os/lockfile.h"
#include "os/sock.h"
#include "wire/frame.h"

/* What is read at once. */
#define READ_MAX (64u << 10)
#define WAY_SIZE (FRAME_SIZE_MAX + READ_MAX)
/* An agent that closed its connection because it dies is dead within this time. */
#define DEATH_MS 5000
/* How often it is looked whether the guard has let go of its lock. */
#define LOCK_TICK_MS 10

/* AGENT_CLEAN is understood from this version on. */
#define CLEAN_VERSION 3

struct way {
	int from, to; /* -1: none */
	size_t have;  /* in data */
	size_t whole; /* up to here it is frames */
	size_t done;  /* up to here it is written */
	bool eof;
	char *data; /* owned */
};

struct relay {
	const struct place *place;
	char *const *start_argv;
	struct way up, down; /* daemon -> agent, agent -> daemon */
	int sock;
	struct proc_id guard; /* of the agent that sock leads to */
	bool deaf;	  /* that agent does not read any more */
	bool told;	  /* ... and it has heard the end of the daemon's side */
	bool greeted;	  /* a HELLO went to it */
	bool cleaning;	  /* until its next HELLO the daemon speaks to a dead one */
	bool farewell;	  /* the daemon has said GOODBYE */
	bool knows_clean; /* the daemon knows that message */
};

/* The daemon's words. */

/* A whole frame of the daemon: is it to be passed on? */
static bool
take_up(struct relay *r, const char *frame, size_t size)
{
	enum agent_msg_type type = frame_type(frame, size);
	struct agent_msg m;
	size_t used;

	if (type == AGENT_HELLO && agent_msg_decode(frame, size, &m, &used, NULL) == 1) {
		r->knows_clean = m.u.hello.version_max >= CLEAN_VERSION;
		agent_msg_release(&m);
	}
	if (type == AGENT_HELLO) {
		r->greeted = true;
		r->cleaning = false;
	}
	if (type == AGENT_GOODBYE)
		r->farewell = true;
	return !r->cleaning;
}

/* 0, or -1: no frame can be made of this. */
static int
measure(struct relay *r, struct way *w)
{
	ptrdiff_t n;

	while ((n = frame_size(w->data + w->whole, w->have - w->whole)) > 0) {
		bool pass = w != &r->up || take_up(r, w->data + w->whole, (size_t)n);

		w->whole += (size_t)n;
		/* What is not passed on comes when nothing else waits. */
		if (!pass)
			w->done = w->whole;
	}
	return n == -1 ? -1 : 0;
}

/* What was written is let go of; a frame that is not whole yet moves to the front. */
static void
compact(struct way *w)
{
	if (w->done < w->whole)
		return;
	memmove(w->data, w->data + w->whole, w->have - w->whole);
	w->have -= w->whole;
	w->whole = w->done = 0;
}

static int
way_read(struct relay *r, struct way *w)
{
	ssize_t n = read(w->from, w->data + w->have, READ_MAX);

	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		w->eof = true;
	if (n <= 0)
		return 0;
	w->have += (size_t)n;
	if (measure(r, w) == -1)
		return -1;
	compact(w);
	return 0;
}

/* -1: nobody takes it any more. */
static int
way_write(struct way *w)
{
	ssize_t n = write(w->to, w->data + w->done, w->whole - w->done);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	w->done += (size_t)n;
	compact(w);
	return 0;
}

static bool
waits(const struct way *w)
{
	return w->done < w->whole;
}

/* The agent. */

static void
use_agent(struct relay *r, int sock)
{
	struct lockfile_owner o;

	r->sock = r->up.to = r->down.from = sock;
	r->down.eof = r->greeted = r->deaf = r->told = false;
	/* It stands there before anybody can connect. */
	r->guard = lockfile_read(r->place->lock, &o) == 0 ? o.owner : (struct proc_id){ 0, 0 };
}

/* What it had begun to say has no end; what was said to it and is not written, nobody hears. */
static void
leave_agent(struct relay *r)
{
	fd_close(&r->sock);
	r->up.to = r->down.from = -1;
	r->down.have = r->down.whole = r->down.done = 0;
	r->up.done = r->up.whole;
	compact(&r->up);
}

/* The daemon's side has closed: seen while we wait for something else. */
static bool
daemon_left(const struct relay *r)
{
	struct pollfd pfd = { .fd = r->up.from, .events = POLLRDHUP };

	return r->up.eof || (poll(&pfd, 1, 0) == 1 && pfd.revents != 0);
}

enum verdict {
	CLEAN,	 /* its guard has ended in order: nothing of the agent lives */
	UNKNOWN, /* both were killed: the next agent looks */
	LIVES,	 /* the agent has closed its connection for a reason that it told */
	OTHERS,	 /* another agent was started meanwhile */
	LEFT,	 /* nobody is there any more who would want to know */
};

/* The lock as it is: is it still about the agent that we had? */
static bool
read_lock(const struct relay *r, struct lockfile_owner *o)
{
	return lockfile_read(r->place->lock, o) == 0 && o->owner.pid == r->guard.pid && o->owner.start == r->guard.start;
}

static bool
is_dead(const struct relay *r, const struct proc_id *agent)
{
	struct pollfd fds[] = { { -1, POLLIN, 0 }, { r->up.from, POLLRDHUP, 0 } };
	int n;

	if (agent->pid == 0 || (fds[0].fd = proc_open(agent)) == -1)
		return true;
	while ((n = poll(fds, 2, DEATH_MS)) == -1 && errno == EINTR)
		;
	fd_close(&fds[0].fd);
	return n > 0 && fds[0].revents != 0;
}

/* The lock is free when the guard, too, is gone. */
static enum verdict
await_lock(const struct relay *r, int fd)
{
	struct lockfile_owner o;

	while (lockfile_try(fd) == -1) {
		if (daemon_left(r))
			return LEFT;
		if (!read_lock(r, &o))
			return OTHERS;
		/* It was just starting when its end of the lock was read, and the connection was to another before it. */
		if (o.worker.pid != 0 && proc_lives(&o.worker))
			return LIVES;
		/* One that is stopped would hold it for ever. */
		(void)proc_signal(&r->guard, SIGCONT);
		poll(NULL, 0, LOCK_TICK_MS);
	}
	if (!read_lock(r, &o))
		return OTHERS;
	return o.clean ? CLEAN : UNKNOWN;
}

/* The connection to the agent is at its end: what has become of it? */
static enum verdict
look_for_agent(const struct relay *r)
{
	struct lockfile_owner o;
	struct err err = ERR_INIT;
	enum verdict v;
	int fd;

	if (daemon_left(r))
		return LEFT;
	if (!read_lock(r, &o))
		return OTHERS;
	if (!is_dead(r, &o.worker))
		return LIVES;
	if ((fd = lockfile_open(r->place->lock, &err)) == -1) {
		log_warnx("%s", err.msg);
		return OTHERS;
	}
	v = await_lock(r, fd);
	fd_close(&fd);
	return v;
}

/* It stands between two frames: what is not whole of the dead one's words was dropped. */
static void
say_clean(struct relay *r)
{
	struct buf b = BUF_INIT(0);

	if (agent_msg_encode(&b, &(struct agent_msg){ .type = AGENT_CLEAN }, NULL) == 0) {
		memcpy(r->down.data, b.data, b.len);
		r->down.have = r->down.whole = b.len;
		r->cleaning = true;
	}
	buf_release(&b);
}

/* All that the agent had said is passed on. 0: there is another one; -1: it is over. */
static int
next_agent(struct relay *r)
{
	struct err err = ERR_INIT;
	enum verdict v;
	int sock;

	if (r->farewell || (r->greeted && !r->knows_clean))
		return -1;
	v = look_for_agent(r);
	if (v != CLEAN && v != UNKNOWN)
		return -1;
	leave_agent(r);
	/* To whom the daemon had not spoken is no news to it. */
	if (v == CLEAN && r->greeted)
		say_clean(r);
	/* One that we did not see start may not have begun to look yet. */
	if (v == UNKNOWN && attach_start(r->start_argv, &err) == -1) {
		log_warnx("%s", err.msg);
		return -1;
	}
	if (v == UNKNOWN && r->greeted)
		say_clean(r);
	if ((sock = attach_connect(r->place->socket, r->start_argv, &err)) == -1) {
		/* The word of the guard is worth something without another agent. */
		log_warnx("%s", err.msg);
		r->down.eof = r->farewell = true;
		return waits(&r->down) ? 0 : -1;
	}
	use_agent(r, sock);
	return 0;
}

/* The loop. */

static void
set_poll(const struct relay *r, struct pollfd fds[4])
{
	bool hear = !r->up.eof && !r->deaf && !waits(&r->up), speak = !r->deaf && waits(&r->up);

	fds[0] = (struct pollfd){ hear ? r->up.from : -1, POLLIN, 0 };
	fds[1] = (struct pollfd){ speak ? r->up.to : -1, POLLOUT, 0 };
	fds[2] = (struct pollfd){ !r->down.eof && !waits(&r->down) ? r->down.from : -1, POLLIN, 0 };
	/* With nothing to write it still tells that nobody reads any more. */
	fds[3] = (struct pollfd){ r->down.to, waits(&r->down) ? POLLOUT : 0, 0 };
}

static int
turn(struct relay *r)
{
	struct pollfd fds[4];

	set_poll(r, fds);
	if (poll(fds, 4, -1) == -1)
		return errno == EINTR ? 0 : -1;
	if (fds[0].revents != 0 && way_read(r, &r->up) == -1)
		return -1;
	/* What has become of it, its own side tells. */
	if (fds[1].revents != 0 && way_write(&r->up) == -1)
		r->deaf = true;
	if ((fds[3].revents & (POLLERR | POLLNVAL | POLLHUP)) != 0)
		return -1;
	if (fds[2].revents != 0 && way_read(r, &r->down) == -1) {
		log_warnx("the agent says what no frame can be made of");
		return -1;
	}
	if (waits(&r->down) && fds[3].revents != 0 && way_write(&r->down) == -1)
		return -1;
	if (r->up.eof && !waits(&r->up) && !r->told) {
		shutdown(r->sock, SHUT_WR);
		r->told = true;
	}
	return 0;
}

static void
way_init(struct way *w, int from, int to)
{
	*w = (struct way){ .from = from, .to = to, .data = xmalloc(WAY_SIZE) };
	(void)fd_set_nonblock(from != -1 ? from : to);
}

int
relay_run(const struct place *place, int sock, char *const start_argv[])
{
	struct relay r = { .place = place, .start_argv = start_argv };
	int code = EXITCODE_OK;

	signal(SIGPIPE, SIG_IGN);
	way_init(&r.up, STDIN_FILENO, -1);
	way_init(&r.down, -1, STDOUT_FILENO);
	use_agent(&r, sock);
	for (;;) {
		if (r.down.eof && !waits(&r.down) && next_agent(&r) == -1)
			break;
		if (turn(&r) == -1) {
			code = EXITCODE_FAILED;
			break;
		}
	}
	fd_close(&r.sock);
	free(r.up.data);
	free(r.down.data);
	return code;
}
