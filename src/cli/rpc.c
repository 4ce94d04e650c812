#include "config.h"

#include "cli/rpc.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "cli/place.h"

/* The largest reply that is read: a status of a million children. */
#define REPLY_MAX (512u << 20)
#define READ_STEP (64u << 10)

bool
rpc_is_down(const struct err *err)
{
	return err->code == ENOENT || err->code == ECONNREFUSED;
}

int
rpc_complain(const struct err *err)
{
	return complain("%s", err->msg);
}

/*
 * A path that is too long for a socket's address is reached through its
 * folder's descriptor. -1 with errno.
 */
static int
connect_path(int fd, const char *path)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	const char *slash = strrchr(path, '/');
	int dir = -1, result = -1;
	char *folder;

	if (strlen(path) < sizeof(sun.sun_path)) {
		memcpy(sun.sun_path, path, strlen(path) + 1);
		return connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	}
	folder = slash == NULL ? xstrdup(".") : xstrndup(path, (size_t)(slash - path) + 1);
	dir = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	if (dir == -1)
		return -1;
	if (snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/%s", dir,
		slash == NULL ? path : slash + 1) >= (int)sizeof(sun.sun_path))
		errno = ENAMETOOLONG;
	else
		result = connect(fd, (struct sockaddr *)&sun, sizeof(sun));
	close(dir);
	return result;
}

/* Why there is no connection, and what to do about it. */
static void
explain(const char *socket, int code, struct err *err)
{
	if (code == ENOENT || code == ENOTDIR)
		err_set(err, ENOENT, "trapexitd is not running (no socket %s); start it with: trapexitd -d", socket);
	else if (code == ECONNREFUSED)
		err_set(
		    err, code, "trapexitd is not running (nobody listens on %s); start it with: trapexitd -d", socket);
	else if (code == EACCES || code == EPERM)
		err_set(err, EACCES,
		    "%s: permission denied; its owner and root may do all, the group of the "
		    "configuration's \"group\" may look",
		    socket);
	else
		err_sys(err, code, "%s", socket);
}

int
rpc_open(struct cli *cli, struct err *err)
{
	const char *path = place_get(cli)->socket;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd == -1)
		return err_sys(err, errno, "socket");
	if (connect_path(fd, path) == -1) {
		explain(path, errno, err);
		close(fd);
		return -1;
	}
	return fd;
}

/* Wait for an event; -1 if the time is over. */
static int
wait_for(int fd, short events, mono_t until, struct err *err)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = events };
		int64_t left = mono_is_never(until) ? -1 : mono_diff_us(until, mono_now()) / US_PER_MS;
		int n;

		if (!mono_is_never(until) && left <= 0)
			return err_set(err, ETIMEDOUT,
			    "trapexitd is there but does not answer; is it stopped (SIGSTOP) or "
			    "overloaded?");
		n = poll(&p, 1, (int)left);
		if (n > 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return err_sys(err, errno, "poll");
		if (n == -1)
			return err_set(err, EINTR, "interrupted");
	}
}

static int
send_all(int fd, const char *p, size_t n, mono_t until, struct err *err)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent > 0) {
			p += sent;
			n -= (size_t)sent;
		} else if (sent == -1 && errno != EAGAIN && errno != EINTR) {
			/* It may have said why before it hung up: read on. */
			return errno == EPIPE || errno == ECONNRESET ? 0 : err_sys(err, errno, "trapexitd");
		} else if (wait_for(fd, POLLOUT, until, err) == -1) {
			return -1;
		}
	}
	return 0;
}

/* One line into b, without its newline. */
static int
receive_line(int fd, struct buf *b, mono_t until, struct err *err)
{
	for (;;) {
		char *room = buf_room(b, READ_STEP);
		const char *newline;
		ssize_t n;

		if (room == NULL)
			return err_set(err, EPROTO, "the reply of trapexitd is longer than %u bytes", REPLY_MAX);
		n = recv(fd, room, READ_STEP, MSG_DONTWAIT);
		if (n == 0 || (n == -1 && errno == ECONNRESET))
			return err_set(err, ECONNRESET, "trapexitd hung up without a reply; has it just ended?");
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return err_sys(err, errno, "trapexitd");
		if (n == -1) {
			if (wait_for(fd, POLLIN, until, err) == -1)
				return -1;
			continue;
		}
		newline = memchr(room, '\n', (size_t)n);
		if (newline != NULL) {
			b->len += (size_t)(newline - room);
			return 0;
		}
		b->len += (size_t)n;
	}
}

int
rpc_ask(int fd, const struct control_request *rq, int timeout_ms, struct control_reply *reply, struct err *err)
{
	mono_t until = timeout_ms == RPC_FOREVER ? MONO_NEVER : mono_add_ms(mono_now(), timeout_ms);
	struct buf out = BUF_INIT(0), in = BUF_INIT(REPLY_MAX);
	int result;

	control_request_encode(&out, rq);
	result = send_all(fd, out.data, out.len, until, err);
	if (result == 0)
		result = receive_line(fd, &in, until, err);
	if (result == 0) {
		result = control_reply_decode(in.data, in.len, reply, err);
		if (result == -1) {
			control_reply_release(reply);
			err_wrap(err, "trapexitd");
		}
	}
	buf_release(&out);
	buf_release(&in);
	return result;
}

int
rpc_call(
    struct cli *cli, const struct control_request *rq, int timeout_ms, struct control_reply *reply, struct err *err)
{
	int fd = rpc_open(cli, err), result;

	if (fd == -1)
		return -1;
	result = rpc_ask(fd, rq, timeout_ms, reply, err);
	close(fd);
	return result;
}
