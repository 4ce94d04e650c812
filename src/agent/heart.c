/*
 * The heart (S121, architecture 5), as Erlang's: a daemon that is gone without
 * goodbye, or says nothing for half a lease, is killed and started again. The
 * guard starts it, as a child of its own parent: from below here the new daemon
 * would be one more process that the guard kills.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "agent/guard.h"

#define BACKOFF_FIRST_US INT64_C(1000000)
#define BACKOFF_LAST_US INT64_C(30000000)

bool
heart_beats(const struct agent *a)
{
	return a->heart.argv.n > 0 && !a->leaving;
}

static void
start_daemon(struct agent *a)
{
	struct buf b = BUF_INIT(GUARD_MESSAGE_MAX);

	buf_xaddc(&b, GUARD_HEART);
	for (size_t i = 0; i < a->heart.argv.n; i++)
		buf_xadd(&b, a->heart.argv.v[i], strlen(a->heart.argv.v[i]) + 1);
	log_warnx("starting the daemon again: %s", a->heart.argv.v[0]);
	if (send(a->guard_fd, b.data, b.len, MSG_NOSIGNAL | MSG_DONTWAIT) == -1)
		log_warn("heart: guard");
	buf_release(&b);
}

static void
beat(struct agent *a)
{
	struct heart *h = &a->heart;

	/* Exactly that process, if it is still there: a second daemon could not start beside it. */
	if (h->daemon.pid > 0 && proc_signal(&h->daemon, SIGKILL) == 0)
		log_warnx("daemon %d killed", (int)h->daemon.pid);
	h->daemon.pid = 0;
	h->farewell = false;
	start_daemon(a);
	/* Whoever does not attach in time is tried again. */
	agent_timer_set(h->again, h->backoff_us);
	h->backoff_us = h->backoff_us * 2 < BACKOFF_LAST_US ? h->backoff_us * 2 : BACKOFF_LAST_US;
}

static void
again_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;

	(void)fd;
	(void)what;
	if (a->conn == NULL && heart_beats(a))
		beat(a);
}

static void
silence_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	struct pollfd pfd = { .events = POLLIN };

	(void)fd;
	(void)what;
	if (a->conn == NULL || !heart_beats(a))
		return;
	/* If it was we who were stopped, what it said meanwhile waits in the socket. */
	pfd.fd = a->conn->fd;
	if (poll(&pfd, 1, 0) > 0) {
		heart_heard(a);
		return;
	}
	log_warnx("daemon %d has said nothing for %lld ms", (int)a->heart.daemon.pid,
	    (long long)(a->lease.holder.length_us / 2 / US_PER_MS));
	/* The end of the connection starts the rest. */
	conn_close(a->conn, "silent");
}

void
heart_heard(struct agent *a)
{
	if (heart_beats(a))
		agent_timer_set(a->heart.silence, a->lease.holder.length_us / 2);
}

void
heart_attached(struct agent *a, const struct agent_hello *hello, pid_t daemon)
{
	struct heart *h = &a->heart;

	strvec_release(&h->argv);
	for (uint32_t i = 0; i < hello->n_heart; i++)
		strvec_push(&h->argv, hello->heart[i]);
	if (proc_identify(daemon, &h->daemon) == -1)
		h->daemon.pid = 0;
	h->backoff_us = BACKOFF_FIRST_US;
	h->farewell = false;
	agent_timer_set(h->again, -1);
	agent_timer_set(h->silence, -1);
	if (h->argv.n > 0)
		agent_timer_set(h->silence, (hello->lease_ms > 0 ? hello->lease_ms * US_PER_MS : a->opt->hold_us) / 2);
}

void
heart_detached(struct agent *a)
{
	struct heart *h = &a->heart;

	if (h->silence == NULL)
		return;
	agent_timer_set(h->silence, -1);
	if (!heart_beats(a))
		return;
	/* After a farewell it is given the time that its silence would have had. */
	agent_timer_set(h->again, h->farewell ? a->lease.holder.length_us / 2 : 0);
}

void
heart_init(struct agent *a)
{
	a->heart.argv = (struct strvec)STRVEC_INIT;
	a->heart.silence = agent_timer(a, silence_cb);
	a->heart.again = agent_timer(a, again_cb);
}

void
heart_release(struct agent *a)
{
	if (a->heart.silence != NULL)
		event_free(a->heart.silence);
	if (a->heart.again != NULL)
		event_free(a->heart.again);
	a->heart.silence = a->heart.again = NULL;
	strvec_release(&a->heart.argv);
}
