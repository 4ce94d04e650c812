#include "config.h"

#include "agent/guard.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/err.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/strvec.h"
#include "os/detach.h"
#include "os/fd.h"
#include "os/reap.h"

/* What the agent gets to end by itself when we are told to (SIGTERM). */
#define STOP_TIME_US 10000000

enum verdict { GO_ON, AGENT_GONE, AGENT_DEAF, TOLD_TO_STOP };

struct watch_fds {
	int signals;
	int timer;
	bool stopping; /* the agent has been asked to leave */
	mono_t stop_at;
};

void
guard_prepare(void)
{
	sigset_t set;

	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void
arm(const struct watch_fds *w, mono_t at)
{
	struct itimerspec when = { .it_value = { 0, 0 } };

	/* A time of nought would disarm the timer. */
	if (!mono_is_never(at)) {
		when.it_value.tv_sec = at.us / US_PER_S;
		when.it_value.tv_nsec = at.us % US_PER_S * 1000 + 1;
	}
	timerfd_settime(w->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

/* Is it time to act? If not, the timer is set for when it may be. */
static enum verdict
look_at_deadline(const struct guard *g, const struct watch_fds *w)
{
	int64_t deadline = atomic_load(&g->page->deadline);
	mono_t due = { deadline + PAGE_GRACE_US };
	mono_t now = mono_now();

	if (atomic_load(&g->page->handled) >= deadline)
		due = MONO_NEVER; /* the agent pokes us when there is a new one */
	else if (atomic_load(&g->page->acting) >= deadline)
		due = mono_add_us(due, PAGE_KILL_US);
	if (w->stopping)
		due = mono_min(due, w->stop_at);
	if (!mono_before(now, due))
		return AGENT_DEAF;
	arm(w, due);
	return GO_ON;
}

static void
start_heart(const char *p, size_t n)
{
	struct strvec argv = STRVEC_INIT;
	struct err err = ERR_INIT;

	for (const char *end = p + n; p < end; p += strlen(p) + 1)
		strvec_push(&argv, p);
	if (argv.n > 0 && process_start_beside(argv.v, &err) == -1)
		log_warnx("heart: %s", err.msg);
	strvec_release(&argv);
}

static void
hear_agent(const struct guard *g)
{
	char text[GUARD_MESSAGE_MAX + 1];
	ssize_t n;

	while ((n = recv(g->agent_fd, text, GUARD_MESSAGE_MAX, MSG_DONTWAIT)) > 0) {
		text[n] = '\0';
		if (text[0] == GUARD_HEART)
			start_heart(text + 1, (size_t)n - 1);
		/* A poke says nothing more than "look at the deadline", which comes after this anyway. */
	}
}

/* Strays end here as our children. */
static bool
reap_others(const struct guard *g)
{
	struct reaped r;
	pid_t pid;

	while ((pid = reap_peek()) > 0) {
		if (pid == g->agent)
			return false;
		atomic_fetch_add(&g->page->reaped, 1);
		reap_take(pid, &r);
		atomic_fetch_add(&g->page->reaped, 1);
	}
	return pid == 0;
}

static enum verdict
take_signals(const struct guard *g, struct watch_fds *w)
{
	struct signalfd_siginfo si;

	while (read(w->signals, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo != SIGTERM && si.ssi_signo != SIGINT)
			continue;
		if (w->stopping)
			return TOLD_TO_STOP;
		w->stopping = true;
		w->stop_at = mono_add_us(mono_now(), STOP_TIME_US);
		kill(g->agent, SIGTERM);
	}
	return reap_others(g) ? GO_ON : AGENT_GONE;
}

static enum verdict
watch_agent(const struct guard *g, struct watch_fds *w)
{
	struct pollfd fds[] = { { w->signals, POLLIN, 0 }, { w->timer, POLLIN, 0 }, { g->agent_fd, POLLIN, 0 } };
	enum verdict v;
	uint64_t n;

	while ((v = look_at_deadline(g, w)) == GO_ON) {
		if (poll(fds, 3, -1) == -1 && errno != EINTR)
			fatal("guard: poll");
		if (fds[1].revents != 0 && read(w->timer, &n, sizeof(n)) == -1 && errno != EAGAIN)
			fatal("guard: timer");
		if (fds[2].revents != 0)
			hear_agent(g);
		/* Its end of the pair is closed: it is dying, SIGCHLD follows. */
		if (fds[2].revents & (POLLHUP | POLLERR))
			fds[2].fd = -1;
		if ((v = take_signals(g, w)) != GO_ON)
			break;
	}
	return v;
}

static void
open_watch(struct watch_fds *w)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	w->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	w->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	w->stopping = false;
	w->stop_at = MONO_NEVER;
}

int
guard_run(struct guard *g)
{
	struct watch_fds w;
	struct reaped r = { 0, 0, 0, 0 };
	enum verdict v = AGENT_DEAF;
	struct err err = ERR_INIT;

	open_watch(&w);
	/* Without eyes there is nothing to guard with. */
	if (w.signals != -1 && w.timer != -1)
		v = watch_agent(g, &w);
	if (v == AGENT_DEAF)
		log_warnx("the agent did not act at its deadline: killed");
	/* The agent first: from then on nothing is started. */
	kill(g->agent, SIGKILL);
	reap_wait(g->agent, &r);
	reap_all();
	if (g->socket_path != NULL)
		unlink(g->socket_path);
	g->owner.clean = true;
	if (lockfile_write(g->lock_fd, &g->owner, &err) == -1)
		log_warnx("%s", err.msg);
	return v == AGENT_GONE && r.status == 0 ? EXITCODE_OK : EXITCODE_FAILED;
}
