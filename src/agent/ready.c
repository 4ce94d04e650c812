/*
 * Readiness (S13, S24, S25): sd_notify's socket, one for all children, and s6's
 * newline on descriptor 3, a pipe for each until it has come.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "base/xalloc.h"
#include "core/spec.h"
#include "os/fd.h"

#define READY_INFO_SIZE 256

struct readiness {
	struct watch watch; /* READY_NEWLINE: the pipe */
	struct agent *agent;
	struct child *child;
	uint32_t kind;
	struct event *timeout; /* owned; NULL: none */
	bool early; /* it has said so already, but is not known to have been executed: */
	bool ignore;
	char info[READY_INFO_SIZE];
};

void
ready_free(struct agent *a, struct readiness *r)
{
	if (r == NULL)
		return;
	watch_close(a, &r->watch);
	if (r->timeout != NULL)
		event_free(r->timeout);
	r->timeout = NULL;
	agent_free_later(a, r);
}

static void
child_is_ready(struct agent *a, struct child *c, bool ignore, const char *info)
{
	struct agent_msg m = { .type = AGENT_READY };

	if (c->ready || c->readiness == NULL)
		return;
	/*
	 * STARTED comes first. That it was executed may be seen later than what it says: the end of its status
	 * pipe waits for all that were forked meanwhile and have the pipe, too, until they execute.
	 */
	if (c->launch != NULL) {
		c->readiness->early = true;
		c->readiness->ignore = ignore;
		snprintf(c->readiness->info, sizeof(c->readiness->info), "%s", info);
		return;
	}
	c->ready = true;
	ready_free(a, c->readiness);
	c->readiness = NULL;
	m.u.ready.token = c->token;
	m.u.ready.ignore = ignore;
	m.u.ready.info = info;
	agent_send(a, &m);
}

void
ready_started(struct agent *a, struct child *c)
{
	const struct readiness *r = c->readiness;

	if (r != NULL && r->early)
		child_is_ready(a, c, r->ignore, r->info);
}

static void
newline_cb(struct agent *a, struct watch *w, uint32_t events)
{
	struct readiness *r = (struct readiness *)(void *)w;
	char text[256];
	ssize_t n = read(w->fd, text, sizeof(text));

	(void)events;
	if (n > 0 && memchr(text, '\n', (size_t)n) != NULL)
		child_is_ready(a, r->child, false, "");
	else if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR))
		watch_close(a, w); /* closed without a word: the timeout, or its exit, decides */
}

/* S25: not ready in time: it is ended, and that counts as a failed start. */
static void
timeout_cb(evutil_socket_t fd, short what, void *arg)
{
	struct readiness *r = arg;

	(void)fd;
	(void)what;
	r->child->late = true;
	child_kill(r->agent, r->child);
}

void
ready_begin(struct agent *a, struct child *c, uint32_t kind, int64_t timeout_ms, int fd)
{
	struct readiness *r = xcalloc(1, sizeof(*r));

	r->agent = a;
	r->child = c;
	r->kind = kind;
	r->watch.fd = fd;
	r->watch.ready = newline_cb;
	c->readiness = r;
	if (kind == READY_NEWLINE)
		watch_arm(a, &r->watch, EPOLLIN);
	if (timeout_ms > 0) {
		if ((r->timeout = event_new(a->base, -1, 0, timeout_cb, r)) == NULL)
			fatalx("out of memory");
		agent_timer_set(r->timeout, timeout_ms * US_PER_MS);
	}
}

/* The only child that is to say it, if there is just one. */
static struct child *
child_that_waits(struct agent *a)
{
	struct child *found = NULL;
	uint64_t pid;
	size_t i = 0;
	void *value;

	while (map_next(&a->by_pid, &i, &pid, &value)) {
		struct child *c = value;

		if (c->readiness == NULL || c->readiness->kind != READY_NOTIFY || c->ready)
			continue;
		if (found != NULL)
			return NULL;
		found = c;
	}
	return found;
}

/*
 * The leader itself, or one of its session. Of a sender that is gone already (a
 * program that says it and ends) no session can be told any more.
 */
static struct child *
child_of_sender(struct agent *a, pid_t pid)
{
	struct child *c = pid > 0 ? map_find(&a->by_pid, (uint64_t)pid) : NULL;
	pid_t session;

	if (pid <= 0 || c != NULL)
		return c;
	if ((session = getsid(pid)) > 0)
		return map_find(&a->by_pid, (uint64_t)session);
	if (errno == ESRCH && (c = child_that_waits(a)) == NULL)
		log_warnx("a process %d said that it is ready, and is gone: whose it was is not known", (int)pid);
	return c;
}

static void
notify_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	char text[NOTIFY_TEXT_SIZE], info[READY_INFO_SIZE];
	const char *p;
	struct child *c;
	size_t n;
	pid_t pid;

	(void)what;
	while (notify_receive((int)fd, text, &pid) == 1) {
		bool ignore = (p = notify_field(text, "X_TRAPEXIT", &n)) != NULL && n == 6 && memcmp(p, "ignore", 6) == 0;
		bool ready = (p = notify_field(text, "READY", &n)) != NULL && n == 1 && *p == '1';

		if ((!ready && !ignore) || (c = child_of_sender(a, pid)) == NULL)
			continue;
		info[0] = '\0';
		if ((p = notify_field(text, "STATUS", &n)) != NULL) {
			n = n < sizeof(info) - 1 ? n : sizeof(info) - 1;
			memcpy(info, p, n);
			info[n] = '\0';
		}
		child_is_ready(a, c, ignore, info);
	}
}

int
ready_init(struct agent *a, struct err *err)
{
	if ((a->notify_fd = notify_listen(a->notify_name, err)) == -1)
		return -1;
	a->notify_fd = fd_move_up(a->notify_fd, SPAWN_FD_LIMIT);
	a->notify_event = event_new(a->base, a->notify_fd, EV_READ | EV_PERSIST, notify_cb, a);
	if (a->notify_event == NULL || event_add(a->notify_event, NULL) == -1)
		return err_set(err, ENOMEM, "notify socket");
	return 0;
}

void
ready_release(struct agent *a)
{
	if (a->notify_event != NULL)
		event_free(a->notify_event);
	a->notify_event = NULL;
	fd_close(&a->notify_fd);
}
