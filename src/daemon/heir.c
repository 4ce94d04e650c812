/* Who takes over; handover.h has the conversation. */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"
#include "daemon/trapexitd.h"
#include "os/fd.h"
#include "os/notify.h"
#include "os/proc.h"
#include "os/reap.h"
#include "os/successor.h"
#include "wire/agent_msg.h"

#define OFFER_WAIT_MS 10000
/* Whoever is not needed any more ends at once, unless it is frozen. */
#define LEAVE_TIME_S 10

struct heir {
	struct offer offer;
	int sock;
	bool alone; /* who was to hand over has died: its lock is ours */
	mono_t since; /* nobody is in charge since then */
	char packet[PACKET_MAX + 1]; /* the last that came */
};

static void
say(const struct heir *heir, const char *word, const char *arg)
{
	char *text = xasprintf("%s %s", word, arg);

	(void)packet_send(heir->sock, text, strlen(text), NULL, 0);
	free(text);
}

struct heir *
heir_begin(void)
{
	const char *text = getenv(HANDOVER_ENV);
	struct err err = ERR_INIT;
	int fds[PACKET_FDS_MAX], sock = -1, lock = -1;
	struct heir *heir;
	size_t n_fds = 0;
	ssize_t n;

	if (text == NULL)
		return NULL;
	if (sscanf(text, "%d,%d", &sock, &lock) < 1 || sock < SUCCESSOR_FD)
		fatalx(HANDOVER_ENV ": it is not for you to set");
	unsetenv(HANDOVER_ENV);
	successor_name("trapexitd");
	successor_block();
	fd_set_cloexec(sock, true);
	if (lock != -1)
		fd_set_cloexec(lock, true);
	heir = xcalloc(1, sizeof(*heir));
	heir->sock = sock;
	heir->since = MONO_NEVER;
	n = packet_receive(sock, heir->packet, fds, &n_fds, OFFER_WAIT_MS);
	if (n > 0 && offer_decode(&heir->offer, heir->packet, (size_t)n, fds, n_fds, &err) == -1)
		fatalx("%s", err.msg);
	if (n > 0 && lock != -1)
		close(lock);
	if (n > 0)
		return heir;
	if (lock == -1)
		fatalx(HANDOVER_ENV ": nobody hands over");
	/* It has died behind its `up`, or will not move again: it is the only child that we may have. */
	log_warnx("upgrade: who was to hand over is gone; beginning");
	reap_all();
	offer_init(&heir->offer);
	heir->offer.kind = OFFER_RESUME;
	heir->offer.lock = lock;
	heir->alone = true;
	return heir;
}

const struct offer *
heir_offer(const struct heir *heir)
{
	return &heir->offer;
}

bool
heir_is_guest(const struct heir *heir)
{
	return heir != NULL && heir->offer.kind == OFFER_TAKE;
}

bool
heir_has_word(const struct heir *heir)
{
	return heir == NULL || heir->offer.kind == OFFER_RESUME;
}

int
heir_check(const struct heir *heir, struct err *err)
{
	const struct offer *o = &heir->offer;
	char theirs[AGENT_PROTO_TEXT_SIZE], ours[AGENT_PROTO_TEXT_SIZE];

	for (size_t i = 0; i < o->n_nodes; i++)
		if (agent_proto_choose(AGENT_PROTO_MIN, AGENT_PROTO_MAX, o->nodes[i].version_min, o->nodes[i].version_max) == 0)
			return err_set(err, EPROTONOSUPPORT, "node %s: speaks agent protocol %s, we speak %s", o->nodes[i].name,
			    agent_proto_text(o->nodes[i].version_min, o->nodes[i].version_max, theirs),
			    agent_proto_text(AGENT_PROTO_MIN, AGENT_PROTO_MAX, ours));
	return 0;
}

/* Who hands over is gone. If it was our guest its place is ours; if we are the guest we have none. */
static int
lost(struct heir *heir, struct err *err)
{
	struct reaped r;

	if (heir->offer.kind == OFFER_TAKE)
		return err_set(err, ECHILD, "the daemon that was to hand over is gone");
	log_warnx("upgrade: process %d, which was to hand over, is gone; beginning", (int)heir->offer.pid);
	kill(heir->offer.pid, SIGKILL);
	reap_wait(heir->offer.pid, &r);
	heir->since = mono_now();
	heir->alone = true;
	return 0;
}

/* Our guest stops in order, and that is the end of us both. */
static void ATTR_NORETURN
end_with_guest(const struct heir *heir)
{
	struct reaped r = { 0, 0, 0, 0 };

	reap_wait(heir->offer.pid, &r);
	_exit(WIFEXITED(r.status) ? WEXITSTATUS(r.status) : EXITCODE_FAILED);
}

int
heir_wait(struct heir *heir, struct err *err)
{
	int fds[PACKET_FDS_MAX];
	size_t n_fds;
	ssize_t n;

	if (heir->offer.kind == OFFER_RESUME)
		return 0;
	say(heir, "prepared", daemon_version());
	n = packet_receive(heir->sock, heir->packet, fds, &n_fds, -1);
	if (n <= 0)
		return lost(heir, err);
	if (strncmp(heir->packet, "go ", 3) == 0) {
		heir->since.us = strtoll(heir->packet + 3, NULL, 10);
		/* Until now our words went through the other's hands. */
		if (heir->offer.log != -1)
			dup2(heir->offer.log, STDERR_FILENO);
		fd_close(&heir->offer.log);
		return 0;
	}
	if (strncmp(heir->packet, "abort", 5) == 0 && heir->offer.kind == OFFER_RETURN)
		end_with_guest(heir);
	return err_set(err, EPROTO, "handover: \"%.64s\" instead of \"go\"", heir->packet);
}

void
heir_fail(struct heir *heir, const char *why)
{
	if (heir != NULL && heir->sock != -1 && heir->offer.kind != OFFER_RESUME)
		say(heir, "error", why);
}

struct leaver {
	pid_t pid;
	int pid_fd;
};

static void
left_cb(evutil_socket_t fd, short what, void *arg)
{
	struct leaver *l = arg;
	struct reaped r;

	(void)fd;
	if ((what & EV_TIMEOUT) != 0)
		kill(l->pid, SIGKILL);
	reap_wait(l->pid, &r);
	/* Until it said who comes after it a service manager listened to it alone. */
	notify_send("READY=1");
	fd_close(&l->pid_fd);
	free(l);
}

/* The guest is our child, and has ended in a moment. */
static void
see_off(struct daemon *d, pid_t pid)
{
	const struct timeval patience = { .tv_sec = LEAVE_TIME_S };
	struct leaver *l = xcalloc(1, sizeof(*l));
	struct proc_id id;

	l->pid = pid;
	l->pid_fd = proc_identify(pid, &id) == 0 ? proc_open(&id) : -1;
	event_base_once(d->base, l->pid_fd, l->pid_fd != -1 ? EV_READ | EV_TIMEOUT : EV_TIMEOUT, left_cb, l, &patience);
}

void
heir_up(struct daemon *d)
{
	struct heir *heir = d->heir;
	struct offer *o;

	if (heir == NULL)
		return;
	d->heir = NULL;
	o = &heir->offer;
	if (!mono_is_never(o->away_since))
		heir->since = o->away_since;
	if (!mono_is_never(heir->since))
		o->away_us += mono_diff_us(mono_now(), heir->since);
	o->away_since = MONO_NEVER;
	if (o->kind != OFFER_RESUME && !heir->alone)
		say(heir, "up", daemon_version());
	if (o->kind == OFFER_TAKE) {
		handover_return(d, heir->sock, o);
		heir->sock = -1;
	} else if (o->kind == OFFER_RETURN) {
		if (!heir->alone)
			see_off(d, o->pid);
		else
			notify_send("READY=1");
		handover_done(d, o, false, NULL);
	} else if (o->reason != NULL) {
		handover_done(d, o, !o->moved, o->reason);
	}
	fd_close(&heir->sock);
	fd_close(&o->client);
	fd_close(&o->log);
	offer_release(o);
	free(heir);
}
