/*
 * The lease (architecture 5): what core/lease.h decides, carried out. Pings are
 * sent, the deadline is a timerfd, and it stands in the page that the guard and
 * every child look at.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "agent/guard.h"
#include "os/fd.h"

/* Of the pings that are kept, so many are the lease's own, whatever is to be marked. */
/* Exits and output that no daemon has acknowledged are kept so long. */
#define KEEP_US (INT64_C(24) * 3600 * US_PER_S)
#define PINGS_SPARE 4
/* What has come of orders is told so much later: several that come together are told at once. */
#define TELL_US 2000
/* ... and of what is not a mark, so much together; pongs never, or ping and pong would have no end. */
#define TELL_BYTES 1024

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
	int64_t us = a->lease.holder.deadline.us;
	struct itimerspec when = { .it_value = { us / US_PER_S, us % US_PER_S * 1000 + 1 } };

	timerfd_settime(a->lease.timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

_Static_assert(PAGE_GRACE_US < LEASE_KILL_US, "the daemon waits until the guard has acted");

bool
lease_is_valid(const struct agent *a)
{
	return !a->leaving && lease_holder_permits(&a->lease.holder, mono_now());
}

static void
arm_ping(struct agent *a)
{
	mono_t due = lease_holder_due(&a->lease.holder);
	int64_t in_us = mono_is_never(due) ? -1 : mono_diff_us(due, mono_now());

	agent_timer_set(a->lease.ping, in_us < 0 && !mono_is_never(due) ? 0 : in_us);
}

static void
ping(struct agent *a)
{
	struct agent_msg m = { .type = AGENT_PING };
	mono_t now = mono_now();

	m.u.ping.k = lease_holder_ping(&a->lease.holder, now);
	m.u.ping.round_trip_us = a->lease.round_trip_us;
	m.u.ping.load1 = a->lease.load1;
	m.u.ping.received = a->conn->received;
	agent_send(a, &m);
	pace_mark(&a->conn->pace, now);
	a->lease.behind[m.u.ping.k % LEASE_PINGS_KEPT] = a->conn->pace.sent;
	a->conn->untold = 0;
	agent_timer_set(a->lease.told, -1);
	arm_ping(a);
}

static void
ping_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	double load;

	(void)fd;
	(void)what;
	if (getloadavg(&load, 1) == 1)
		a->lease.load1 = load < 1e6 ? (uint32_t)(load * 100 + 0.5) : UINT32_C(100000000);
	pace_quiet(&a->conn->pace);
	ping(a);
}

/* More pings than are kept would be answered in vain, the lease's own among them. */
static bool
may_ping_more(const struct lease_holder *h)
{
	unsigned n = 0;

	for (size_t i = 0; i < LEASE_PINGS_KEPT; i++)
		n += h->pings[i].k != 0;
	return n < LEASE_PINGS_KEPT - PINGS_SPARE;
}

void
lease_mark(struct agent *a)
{
	if (may_ping_more(&a->lease.holder))
		ping(a);
}

static void
told_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	if (a->conn == NULL || a->conn->untold == 0)
		return;
	lease_mark(a);
	if (a->conn->untold > 0)
		agent_timer_set(a->lease.told, TELL_US);
}

void
lease_tell(struct agent *a, size_t bytes, bool mark)
{
	if (a->conn == NULL || a->conn->version < 3)
		return;
	a->conn->untold += bytes;
	if ((mark || a->conn->untold >= TELL_BYTES) && !event_pending(a->lease.told, EV_TIMEOUT, NULL))
		agent_timer_set(a->lease.told, TELL_US);
}

void
lease_pong(struct agent *a, uint64_t k, int64_t length_us)
{
	struct lease_holder *h = &a->lease.holder;
	int64_t before = h->deadline.us, length_before = h->length_us;
	mono_t now = mono_now();
	bool granted;

	if (k != 0 && h->pings[k % LEASE_PINGS_KEPT].k == k) {
		a->lease.round_trip_us = mono_diff_us(now, h->pings[k % LEASE_PINGS_KEPT].at);
		pace_arrived(&a->conn->pace, now, a->lease.behind[k % LEASE_PINGS_KEPT]);
		conn_flush(a);
	}
	granted = lease_holder_pong(h, now, k, length_us);
	if (h->length_us != length_before) {
		pace_set_lease(&a->conn->pace, h->length_us);
		arm_ping(a);
	}
	if (!granted)
		return;
	atomic_store(&a->page->deadline, h->deadline.us);
	arm_deadline(a);
	/* The guard sleeps until the deadline that it knows, or for ever if that one was handled. */
	if (h->deadline.us < before || atomic_load(&a->page->acting) >= before)
		poke_guard(a);
}

static void
expire(struct agent *a)
{
	agent_note(a, LOG_LEVEL_WARNING, "the lease is over: %u children end", atomic_load(&a->page->live));
	children_kill_all(a);
	atomic_store(&a->page->acting, a->lease.holder.ended.us);
	lease_live_changed(a, 0);
}

static void
deadline_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	mono_t now;
	uint64_t n;

	(void)what;
	if (read((int)fd, &n, sizeof(n)) == -1 && errno == EAGAIN)
		return;
	now = mono_now();
	if (lease_holder_is_over(&a->lease.holder, now))
		expire(a);
	else if (mono_before(now, a->lease.holder.deadline))
		arm_deadline(a);
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
	int64_t us = a->lease.holder.length_us;

	/* What nobody has taken over yet is what the host was asked for: a link may be down for hours. */
	if (!TAILQ_EMPTY(&a->children) && us < KEEP_US)
		us = KEEP_US;
	if (a->lease.idle != NULL && !a->leaving)
		agent_timer_set(a->lease.idle, idle ? us : -1);
}

void
lease_attached(struct agent *a, int64_t length_us)
{
	lease_holder_attached(&a->lease.holder, mono_now(), length_us);
	pace_set_lease(&a->conn->pace, length_us);
	agent_timer_set(a->lease.idle, -1);
	ping_cb(-1, 0, a);
}

void
lease_detached(struct agent *a)
{
	lease_holder_detached(&a->lease.holder);
	if (a->lease.told != NULL)
		agent_timer_set(a->lease.told, -1);
	if (a->lease.ping != NULL)
		arm_ping(a);
	lease_idle_check(a);
}

int
lease_init(struct agent *a, struct err *err)
{
	struct lease *l = &a->lease;

	/* As main.c has written it before guard and agent parted. */
	lease_holder_init(&l->holder, (mono_t){ atomic_load(&a->page->deadline) - a->opt->hold_us }, a->opt->hold_us);
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->timer_fd == -1)
		return err_sys(err, errno, "timerfd");
	l->timer_fd = fd_move_up(l->timer_fd, SPAWN_FD_LIMIT);
	l->deadline = event_new(a->base, l->timer_fd, EV_READ | EV_PERSIST, deadline_cb, a);
	if (l->deadline == NULL || event_add(l->deadline, NULL) == -1)
		return err_set(err, ENOMEM, "timer");
	l->ping = agent_timer(a, ping_cb);
	l->idle = agent_timer(a, idle_cb);
	l->told = agent_timer(a, told_cb);
	arm_deadline(a);
	return 0;
}

void
lease_release(struct agent *a)
{
	struct event **events[] = { &a->lease.deadline, &a->lease.ping, &a->lease.idle, &a->lease.told };

	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		if (*events[i] != NULL)
			event_free(*events[i]);
		*events[i] = NULL;
	}
	fd_close(&a->lease.timer_fd);
}
