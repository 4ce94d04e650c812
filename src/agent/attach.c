#include "config.h"

#include "agent/attach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "os/fd.h"
#include "os/reap.h"
#include "os/sock.h"
#include "os/spawn.h"

#define RELAY_SIZE (256u << 10)

extern char **environ;

/* Its standard error is ours: what goes wrong there is seen at the daemon. */
static int
start_agent(char *const argv[], struct err *err)
{
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	struct spawner *sp = spawner_new(err);
	struct reaped r = { 0, 0, 0, 0 };
	pid_t pid;
	int rc;

	if (sp == NULL)
		return -1;
	plan.argv = (const char *const *)(uintptr_t)argv;
	plan.env = (const char *const *)(uintptr_t)environ;
	plan.fds[2] = STDERR_FILENO;
	rc = spawn_now(sp, &plan, &pid, err);
	if (rc == 0)
		reap_wait(pid, &r);
	spawner_free(sp);
	if (rc == 0 && r.status != 0)
		rc = err_set(err, ECHILD, "%s: could not start", argv[0]);
	return rc;
}

int
attach_connect(const char *socket_path, char *const start_argv[], struct err *err)
{
	int fd = sock_connect(socket_path, NULL);

	/* Two that attach at once start two; the second finds the first and says so. Then both connect. */
	for (int attempt = 0; fd == -1 && attempt < 3; attempt++) {
		struct err e = ERR_INIT;

		if (start_agent(start_argv, &e) == -1)
			log_warnx("%s", e.msg);
		fd = sock_connect(socket_path, err);
	}
	return fd;
}

struct way {
	int from, to;
	size_t have, done; /* in data */
	bool eof;
	char data[RELAY_SIZE];
};

static void
way_read(struct way *w)
{
	ssize_t n = read(w->from, w->data, RELAY_SIZE);

	if (n > 0)
		w->have = (size_t)n;
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		w->eof = true;
}

/* -1: nobody takes it any more. */
static int
way_write(struct way *w)
{
	ssize_t n = write(w->to, w->data + w->done, w->have - w->done);

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	w->done += (size_t)n;
	if (w->done == w->have)
		w->have = w->done = 0;
	return 0;
}

int
attach_relay(int sock)
{
	static struct way up, down;
	struct pollfd fds[4];
	bool told = false;

	signal(SIGPIPE, SIG_IGN);
	up.from = STDIN_FILENO;
	up.to = down.from = sock;
	down.to = STDOUT_FILENO;
	while (!down.eof || down.have > 0) {
		fds[0] = (struct pollfd){ up.have == 0 && !up.eof ? up.from : -1, POLLIN, 0 };
		fds[1] = (struct pollfd){ up.have > 0 ? up.to : -1, POLLOUT, 0 };
		fds[2] = (struct pollfd){ down.have == 0 && !down.eof ? down.from : -1, POLLIN, 0 };
		/* With nothing to write it still tells that nobody reads any more. */
		fds[3] = (struct pollfd){ down.to, down.have > 0 ? POLLOUT : 0, 0 };
		if (poll(fds, 4, -1) == -1 && errno != EINTR)
			return EXITCODE_FAILED;
		if (fds[0].revents != 0)
			way_read(&up);
		if ((fds[1].revents != 0 && way_write(&up) == -1) || (fds[3].revents & (POLLERR | POLLNVAL)) != 0)
			return EXITCODE_FAILED;
		if (fds[2].revents != 0)
			way_read(&down);
		if (down.have > 0 && fds[3].revents != 0 && way_write(&down) == -1)
			return EXITCODE_FAILED;
		if (up.eof && up.have == 0 && !told) {
			shutdown(sock, SHUT_WR);
			told = true;
		}
	}
	return EXITCODE_OK;
}
