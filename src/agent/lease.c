/*
 * The lease (architecture 5). It is asked for here, so that delay can only make
 * it shorter: ping k goes out at our own time t_k, and its answer grants until
 * t_k + L, however late it comes. An answer grants once.
 *
 * The page's deadline is what the guard and every child look at. From the start
 * until the first answer it stands at start + hold, so that an agent that freezes
 * before it has done anything does not hold its lock for ever; that alone
 * permits no start.
 */
#include "config.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "agent/guard.h"
#include "os/fd.h"

static void
poke_guard(struct agent *a)
{
	static const char poke = GUARD_POKE;

	/* Full means that it has pokes to read: it will look. */
	(void)!send(a->guard_fd, &poke, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void
arm_deadline(struct agent *a)
{
	int64_t us = atomic_load(&a->page->deadline);
	struct itimerspec when = { .it_value = { us / US_PER_S, us % US_PER_S * 1000 + 1 } };

	timerfd_settime(a->lease.timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Granted by an answer, and not over. */
bool
lease_is_valid(const struct agent *a)
{
	return !a->leaving && a->lease.granted && mono_now().us < atomic_load(&a->page->deadline);
}

static void
ping(struct agent *a)
{
	struct agent_msg m = { .type = AGENT_PING };
	struct lease *l = &a->lease;

	l->k++;
	l->pings[l->k % PINGS_KEPT].k = l->k;
	l->pings[l->k % PINGS_KEPT].at = mono_now();
	m.u.ping.k = l->k;
	agent_send(a, &m);
	agent_timer_set(l->ping, l->length_us / 3);
}

static void
ping_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	ping(arg);
}

void
lease_pong(struct agent *a, uint64_t k, int64_t length_us)
{
	struct lease *l = &a->lease;
	int64_t deadline = atomic_load(&a->page->deadline);
	int64_t until;

	if (k == 0 || l->pings[k % PINGS_KEPT].k != k || length_us <= 0)
		return;
	l->pings[k % PINGS_KEPT].k = 0;
	until = mono_add_us(l->pings[k % PINGS_KEPT].at, length_us).us;
	if (length_us != l->length_us) {
		l->length_us = length_us;
		agent_timer_set(l->ping, length_us / 3);
	}
	if (l->granted && until <= deadline)
		return;
	atomic_store(&a->page->deadline, until);
	arm_deadline(a);
	/* The guard sleeps until the deadline that it knows, or for ever if that one was handled. */
	if (until < deadline || atomic_load(&a->page->acting) >= deadline)
		poke_guard(a);
	l->granted = true;
}

static void
expire(struct agent *a, int64_t deadline)
{
	agent_note(a, LOG_LEVEL_WARNING, "the lease is over: %u children end", atomic_load(&a->page->live));
	children_kill_all(a);
	atomic_store(&a->page->acting, deadline);
	lease_live_changed(a, 0);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	int64_t deadline = atomic_load(&a->page->deadline);
	uint64_t n;

	(void)what;
	if (read((int)fd, &n, sizeof(n)) == -1 && errno == EAGAIN)
		return;
	if (mono_now().us < deadline)
		arm_deadline(a);
	else if (atomic_load(&a->page->acting) < deadline)
		expire(a, deadline);
}

void
lease_live_changed(struct agent *a, int by)
{
	if (by > 0)
		atomic_fetch_add(&a->page->live, (uint32_t)by);
	else if (by < 0)
		atomic_fetch_sub(&a->page->live, (uint32_t)-by);
	if (atomic_load(&a->page->live) > 0)
		return;
	atomic_store(&a->page->handled, atomic_load(&a->page->acting));
	lease_idle_check(a);
	agent_leave_if_done(a);
}

static void
idle_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	if (a->conn != NULL || atomic_load(&a->page->live) > 0)
		return;
	log_info("no daemon and no child for a while: leaving");
	agent_leave(a);
}

void
lease_idle_check(struct agent *a)
{
	bool idle = a->conn == NULL && atomic_load(&a->page->live) == 0 && !heart_beats(a);

	if (a->lease.idle != NULL && !a->leaving)
		agent_timer_set(a->lease.idle, idle ? a->lease.length_us : -1);
}

void
lease_attached(struct agent *a, int64_t length_us)
{
	/* Answers that an older connection still owes grant nothing here. */
	memset(a->lease.pings, 0, sizeof(a->lease.pings));
	a->lease.length_us = length_us;
	agent_timer_set(a->lease.idle, -1);
	ping(a);
}

void
lease_detached(struct agent *a)
{
	if (a->lease.ping != NULL)
		agent_timer_set(a->lease.ping, -1);
	lease_idle_check(a);
}

int
lease_init(struct agent *a, struct err *err)
{
	struct lease *l = &a->lease;

	l->length_us = a->opt->hold_us;
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd == -1)
		return err_sys(err, errno, "timerfd");
	l->timer_fd = fd_move_up(l->timer_fd, SPAWN_FD_LIMIT);
	l->deadline = event_new(a->base, l->timer_fd, EV_READ | EV_PERSIST, deadline_cb, a);
	if (l->deadline == NULL || event_add(l->deadline, NULL) == -1)
		return err_set(err, ENOMEM, "timer");
	l->ping = agent_timer(a, ping_cb);
	l->idle = agent_timer(a, idle_cb);
	arm_deadline(a);
	return 0;
}

void
lease_release(struct agent *a)
{
	struct event **events[] = { &a->lease.deadline, &a->lease.ping, &a->lease.idle };

	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (*events[i] != NULL)
			event_free(*events[i]);
		*events[i] = NULL;
	}
	fd_close(&a->lease.timer_fd);
}
