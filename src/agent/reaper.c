/*
 * SIGCHLD: what has ended, with all that belonged to it (S20, S22).
 *
 * A leader's exit counts only when nothing of it lives: its process group was
 * killed while the zombie still held the number, then it was reaped, then the
 * group is seen gone, then strays are: descendants that left the group (setsid)
 * and lost their parents.
 *
 * Who would look for strays among its own children reads the list of all of
 * them: with 10,000 that is milliseconds for every exit. So this process is not
 * a subreaper; the guard is. Strays become the guard's children: see strays.h.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "base/xalloc.h"
#include "os/fd.h"

/*
 * To ask for any child that has ended costs 25 ns for each that has not. Up to
 * FEW all that have ended are found before the first is told, so that the daemon
 * hears of them at once (S21); beyond, the one that the signal names is told first.
 */
#define FEW 256
#define MANY 1000
#define REAP_REST_US 2000
#define REAPED_AT_ONCE 256
#define SETTLE_FIRST_US 1000
#define SETTLE_LAST_US 200000
/* From when on the search in all of /proc is worth its time. */
#define SETTLE_SEARCH_US 50000

/* Is nothing of it left? */
static bool
is_gone(struct agent *a, const struct child *c)
{
	/* Zombies that a frozen guard does not reap still make a group, but nobody lives in it. */
	if (!reap_group_is_gone(c->pid) && (a->settle_us < SETTLE_SEARCH_US || proc_group_lives(c->pid)))
		return false;
	return !strays_exist(a, c);
}

static bool
settle(struct agent *a, struct child *c)
{
	if (!is_gone(a, c))
		return false;
	if (c->unsettled)
		TAILQ_REMOVE(&a->unsettled, c, settling);
	c->unsettled = false;
	stream_finish(a, &c->out);
	if (c->err != NULL)
		stream_finish(a, c->err);
	child_try_end(a, c);
	lease_live_changed(a, -1);
	return true;
}

static void
settle_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	struct child *c, *next;

	(void)fd;
	(void)what;
	for (c = TAILQ_FIRST(&a->unsettled); c != NULL; c = next) {
		next = TAILQ_NEXT(c, settling);
		settle(a, c);
	}
	/* Nobody tells us of deaths among strays; they are quick, unless the disk or a mount holds them. */
	a->settle_us = a->settle_us * 2 < SETTLE_LAST_US ? a->settle_us * 2 : SETTLE_LAST_US;
	if (!TAILQ_EMPTY(&a->unsettled))
		agent_timer_set(a->settle, a->settle_us);
	else
		a->settle_us = SETTLE_FIRST_US;
}

static void
wait_to_settle(struct agent *a, struct child *c)
{
	if (TAILQ_EMPTY(&a->unsettled) || a->settle_us < SETTLE_SEARCH_US)
		a->settle_us = SETTLE_FIRST_US;
	c->unsettled = true;
	TAILQ_INSERT_TAIL(&a->unsettled, c, settling);
	agent_timer_set(a->settle, a->settle_us);
}

/* `pid` is a zombie of ours. */
static void
leader_ended(struct agent *a, pid_t pid)
{
	struct child *c = map_find(&a->by_pid, (uint64_t)pid);
	struct reaped r;

	if (c == NULL) {
		reap_take(pid, &r);
		return;
	}
	kill(-pid, SIGKILL);
	if (reap_take(pid, &c->exit) == -1)
		return;
	map_remove(&a->by_pid, (uint64_t)pid);
	if (c->launch != NULL) {
		launch_reaped(a, c);
		if (c->state != CHILD_RUNS)
			return; /* the start has failed; the record is gone */
	}
	c->state = CHILD_DEAD;
	input_free(a, c->in);
	c->in = NULL;
	ready_free(a, c->readiness);
	c->readiness = NULL;
	if (!settle(a, c))
		wait_to_settle(a, c);
}

static void
reap_rest_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	pid_t pid = 0;

	(void)fd;
	(void)what;
	for (int n = 0; n < REAPED_AT_ONCE && (pid = reap_peek()) > 0; n++)
		leader_ended(a, pid);
	if (pid > 0)
		agent_timer_set(a->reap_rest, 0);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	struct signalfd_siginfo si[16];
	struct agent *a = arg;
	bool few = atomic_load(&a->page->live) <= FEW;
	ssize_t n;
	pid_t pid;

	(void)what;
	while ((n = read((int)fd, si, sizeof(si))) > 0) {
		for (size_t i = 0; i < (size_t)n / sizeof(si[0]); i++) {
			pid = (pid_t)si[i].ssi_pid;
			if (si[i].ssi_signo != SIGCHLD)
				agent_leave(a);
			/* This first: to find it among thousands by asking for any takes longer. */
			else if (!few && map_find(&a->by_pid, (uint64_t)pid) != NULL && reap_has_ended(pid))
				leader_ended(a, pid);
		}
	}
	/* Signals of one kind merge, so: until nothing is left. But what was found is told first. */
	if (few)
		reap_rest_cb(-1, EV_TIMEOUT, a);
	else if (atomic_load(&a->page->live) < MANY)
		event_active(a->reap_rest, EV_TIMEOUT, 0);
	else if (!event_pending(a->reap_rest, EV_TIMEOUT, NULL))
		agent_timer_set(a->reap_rest, REAP_REST_US);
}

void
reaper_end_all(struct agent *a)
{
	char marker[128];
	struct err err = ERR_INIT;

	/* The guard's strays went to init; what follows now comes to us. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	reap_all();
	snprintf(marker, sizeof(marker), "%s/%s", a->opt->installation, a->opt->node);
	if (proc_sweep("TRAPEXIT_AGENT", marker, &err) == -1)
		log_warnx("%s", err.msg);
}

int
reaper_init(struct agent *a, struct err *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if ((a->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)) == -1)
		return err_sys(err, errno, "signalfd");
	a->signal_fd = fd_move_up(a->signal_fd, SPAWN_FD_LIMIT);
	a->signals = event_new(a->base, a->signal_fd, EV_READ | EV_PERSIST, signal_cb, a);
	if (a->signals == NULL || event_add(a->signals, NULL) == -1)
		return err_set(err, ENOMEM, "signals");
	a->settle = agent_timer(a, settle_cb);
	a->reap_rest = agent_timer(a, reap_rest_cb);
	strays_init(&a->strays, a->guard_pid);
	return 0;
}

void
reaper_release(struct agent *a)
{
	if (a->signals != NULL)
		event_free(a->signals);
	if (a->settle != NULL)
		event_free(a->settle);
	if (a->reap_rest != NULL)
		event_free(a->reap_rest);
	a->signals = a->settle = a->reap_rest = NULL;
	fd_close(&a->signal_fd);
	strays_release(&a->strays);
}
