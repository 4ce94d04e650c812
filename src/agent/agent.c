#include "config.h"

#include "agent/agent.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/conn.h"
#include "base/exitcode.h"
#include "base/xalloc.h"
#include "os/fd.h"

#define EVENTS_AT_ONCE 256
/* When told to leave: how long the daemon has for its acknowledgements. */
#define LEAVE_TIME_US 10000000

struct event *
agent_timer(struct agent *a, event_callback_fn fn)
{
	struct event *ev = event_new(a->base, -1, 0, fn, a);

	if (ev == NULL)
		fatalx("out of memory");
	return ev;
}

void
agent_timer_set(struct event *timer, int64_t us)
{
	struct timeval tv = { us / US_PER_S, us % US_PER_S };

	if (us < 0)
		event_del(timer);
	else
		event_add(timer, &tv);
}

void
agent_note(struct agent *a, enum log_level level, const char *fmt, ...)
{
	struct agent_msg m = { .type = AGENT_NOTE };
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	switch (level) {
	case LOG_LEVEL_ERROR:
	case LOG_LEVEL_WARNING:
		log_warnx("%s", text);
		break;
	case LOG_LEVEL_INFO:
		log_info("%s", text);
		break;
	case LOG_LEVEL_DEBUG:
		log_debug("%s", text);
		break;
	}
	m.u.note.level = level;
	m.u.note.text = text;
	agent_send(a, &m);
}

/* Descriptors of children. */

int
watch_arm(struct agent *a, struct watch *w, uint32_t events)
{
	struct epoll_event ev = { .events = events, .data = { .ptr = w } };

	if (epoll_ctl(a->epoll_fd, w->armed ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, w->fd, &ev) == -1)
		return -1;
	w->armed = true;
	return 0;
}

void
watch_disarm(struct agent *a, struct watch *w)
{
	if (w->armed)
		epoll_ctl(a->epoll_fd, EPOLL_CTL_DEL, w->fd, NULL);
	w->armed = false;
}

void
watch_close(struct agent *a, struct watch *w)
{
	watch_disarm(a, w);
	fd_close(&w->fd);
}

static void
epoll_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	struct epoll_event events[EVENTS_AT_ONCE];
	int n = epoll_wait((int)fd, events, EVENTS_AT_ONCE, 0);

	(void)what;
	for (int i = 0; i < n; i++) {
		struct watch *w = events[i].data.ptr;

		/* One that was closed in this very turn is still here, but not armed. */
		if (w->armed)
			w->ready(a, w, events[i].events);
	}
	output_turn_over(a);
}

void
agent_free_later(struct agent *a, void *p)
{
	if (p == NULL)
		return;
	if (a->n_graves == a->cap_graves) {
		a->cap_graves = a->cap_graves == 0 ? 64 : a->cap_graves * 2;
		a->graves = xreallocarray(a->graves, a->cap_graves, sizeof(*a->graves));
	}
	a->graves[a->n_graves++] = p;
	if (a->n_graves == 1)
		event_active(a->bury, EV_TIMEOUT, 0);
}

static void
bury_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	while (a->n_graves > 0)
		free(a->graves[--a->n_graves]);
}

/* Leaving. */

static void
leave_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	/* What is not acknowledged by now was not reported. What lives is waited for, always. */
	if (atomic_load(&a->page->live) == 0)
		event_base_loopbreak(a->base);
	else
		agent_timer_set(a->leave_at, LEAVE_TIME_US);
}

void
agent_leave_if_done(struct agent *a)
{
	if (!a->leaving || atomic_load(&a->page->live) > 0)
		return;
	if (a->conn == NULL || TAILQ_EMPTY(&a->children))
		event_active(a->leave_at, EV_TIMEOUT, 0);
}

void
agent_leave(struct agent *a)
{
	if (a->leaving)
		return;
	a->leaving = true;
	/* A starter that finds nobody listening starts a new agent, which waits for our lock. */
	conn_stop_listening(a);
	launch_forget_queued(a);
	children_kill_all(a);
	agent_timer_set(a->leave_at, LEAVE_TIME_US);
	agent_leave_if_done(a);
}

static void
guard_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	/* The guard never writes: this is the end of the pair, and so of the guard. */
	event_del(a->guard_event);
	agent_note(a, LOG_LEVEL_ERROR, "the guard has died: ending all children");
	a->guard_lost = true;
	agent_leave(a);
}

static int
open_loop(struct agent *a, struct err *err)
{
	if ((a->base = event_base_new()) == NULL)
		return err_set(err, ENOMEM, "event loop");
	if ((a->epoll_fd = epoll_create1(EPOLL_CLOEXEC)) == -1)
		return err_sys(err, errno, "epoll");
	a->epoll_fd = fd_move_up(a->epoll_fd, SPAWN_FD_LIMIT);
	a->epoll_event = event_new(a->base, a->epoll_fd, EV_READ | EV_PERSIST, epoll_cb, a);
	a->guard_event = event_new(a->base, a->guard_fd, EV_READ | EV_PERSIST, guard_cb, a);
	if (a->epoll_event == NULL || a->guard_event == NULL || event_add(a->epoll_event, NULL) == -1 ||
	    event_add(a->guard_event, NULL) == -1)
		return err_set(err, ENOMEM, "event loop");
	a->bury = agent_timer(a, bury_cb);
	a->leave_at = agent_timer(a, leave_cb);
	return 0;
}

struct agent *
agent_new(const struct agent_options *opt, struct page *page, int listen_fd, int guard_fd, pid_t guard,
    struct err *err)
{
	struct agent *a = xcalloc(1, sizeof(*a));

	a->opt = opt;
	a->page = page;
	a->guard_pid = guard;
	a->guard_fd = guard_fd;
	a->epoll_fd = a->signal_fd = a->listen_fd = a->reserve_fd = a->notify_fd = a->strays.fd = -1;
	a->lease.timer_fd = -1;
	TAILQ_INIT(&a->children);
	TAILQ_INIT(&a->unsettled);
	TAILQ_INIT(&a->queue);
	TAILQ_INIT(&a->turns);
	TAILQ_INIT(&a->bulk);
	LIST_INIT(&a->conns);
	hostid_boot(a->boot_id);
	hostid_machine(a->machine_id);
	fd_limit_raise(&a->files_soft, &a->files_hard);
	if (open_loop(a, err) == -1 || launch_init(a, err) == -1 || reaper_init(a, err) == -1 ||
	    ready_init(a, err) == -1 || lease_init(a, err) == -1 || conn_listen(a, listen_fd, err) == -1) {
		agent_free(a);
		return NULL;
	}
	output_init(a);
	heart_init(a);
	lease_idle_check(a);
	return a;
}

int
agent_run(struct agent *a)
{
	if (event_base_dispatch(a->base) == -1)
		fatalx("the event loop has failed");
	if (a->guard_lost)
		reaper_end_all(a);
	return EXITCODE_OK;
}

static void
event_release(struct event **ev)
{
	if (*ev != NULL)
		event_free(*ev);
	*ev = NULL;
}

void
agent_free(struct agent *a)
{
	struct child *c;

	if (a == NULL)
		return;
	a->leaving = true; /* no heart, no idle time any more */
	while (!LIST_EMPTY(&a->conns))
		conn_close(LIST_FIRST(&a->conns), NULL);
	while ((c = TAILQ_FIRST(&a->children)) != NULL)
		child_drop(a, c);
	if (a->base != NULL)
		conn_stop_listening(a);
	heart_release(a);
	lease_release(a);
	ready_release(a);
	output_release(a);
	reaper_release(a);
	launch_release(a);
	if (a->bury != NULL)
		bury_cb(-1, 0, a);
	free(a->graves);
	event_release(&a->bury);
	event_release(&a->leave_at);
	event_release(&a->epoll_event);
	event_release(&a->guard_event);
	fd_close(&a->epoll_fd);
	map_release(&a->by_token);
	map_release(&a->by_pid);
	if (a->base != NULL)
		event_base_free(a->base);
	free(a);
}
