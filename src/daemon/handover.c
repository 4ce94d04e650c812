/* Who hands over; handover.h has the conversation. */
#include "config.h"

#include "daemon/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/control.h"
#include "daemon/dynamic.h"
#include "daemon/daemon.h"
#include "daemon/node_flow.h"
#include "daemon/node_ssh.h"
#include "daemon/trapexitd.h"
#include "os/fd.h"
#include "os/notify.h"
#include "os/proc.h"
#include "os/reap.h"
#include "os/successor.h"
#include "wire/control_msg.h"

/* Orders that are under way are waited for so long, and looked at so often. */
#define SETTLE_US (2 * US_PER_S)
#define SETTLE_TICK_US (2 * US_PER_MS)

enum stage {
	STAGE_PREPARING, /* the other reads and looks; we are in charge */
	STAGE_SETTLING,	 /* it is ready; our orders come to their end */
	STAGE_QUIET,	 /* it is its turn */
	STAGE_STOPPING,	 /* it is in charge, and stops in order, as we were told to */
	STAGE_KILLED,	 /* it has failed; its death is waited for */
};

struct handover {
	struct daemon *d;
	enum stage stage;
	bool guest;	/* we are the new program already; the other is the process that will stay */
	bool held;	/* orders are held up: if it fails we begin anew, nothing is undone */
	bool went;	/* `go` was said: the other may act, and we may not */
	int sock;
	int err_fd;	/* its standard error; -1: not through us */
	pid_t pid;
	int pid_fd;
	struct event *ev_sock, *ev_err, *ev_pid, *ev_timer;
	struct buf said; /* a line of its standard error that has no end yet */
	char last_line[256];
	char reason[512]; /* why it failed; "": its end will tell */
	struct offer about;
	mono_t quiet_since, settle_until;
	int stop; /* the signal that told us to stop, to be passed on; 0: none */
};

static void
after(struct handover *h, int64_t us)
{
	struct timeval tv = { .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };

	evtimer_add(h->ev_timer, &tv);
}

static void
free_event(struct event **ev)
{
	if (*ev != NULL)
		event_free(*ev);
	*ev = NULL;
}

static void
handover_free(struct handover *h)
{
	free_event(&h->ev_sock);
	free_event(&h->ev_err);
	free_event(&h->ev_pid);
	free_event(&h->ev_timer);
	fd_close(&h->sock);
	fd_close(&h->err_fd);
	fd_close(&h->pid_fd);
	buf_release(&h->said);
	offer_release(&h->about);
	h->d->handover = NULL;
	free(h);
}

bool
handover_holds(const struct daemon *d)
{
	return d->handover != NULL && d->handover->held;
}

static void
say(struct handover *h, const char *word, int64_t number)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%s %" PRId64, word, number);

	/* Whoever cannot be told has died; its end is seen by itself. */
	(void)packet_send(h->sock, text, (size_t)n, NULL, 0);
}

static void
signal_it(const struct handover *h, int sig)
{
	if (h->pid_fd != -1)
		(void)proc_fd_signal(h->pid_fd, sig);
}

/* The program: as the heart starts it. */
static char **
program_argv(const struct daemon *d)
{
	return d->options->detach ? d->options->heart.v : d->options->argv;
}

/* Ends. */

void
handover_done(struct daemon *d, struct offer *about, bool failed, const char *reason)
{
	struct buf result = BUF_INIT(0);

	rec_upgrade(d, failed ? "upgrade_failed" : "upgrade", about->from, about->away_us, reason);
	if (failed) {
		log_error("upgrade: %s; version %s goes on", reason, daemon_version());
		buf_xprintf(&result, HANDOVER_FAILED_FORMAT ": %s", daemon_version(), reason);
		control_upgraded(d, about, CONTROL_FAILED, result.data);
	} else {
		log_info("upgrade: version %s, was %s; nobody was in charge for %" PRId64 " us", daemon_version(), about->from,
		    about->away_us);
		buf_xaddc(&result, '{');
		json_put_str(&result, "from", about->from);
		json_put_str(&result, "to", daemon_version());
		json_put_int(&result, "away_us", about->away_us);
		json_put_int(&result, "pid", getpid());
		json_put_str(&result, "note", reason);
		buf_xaddc(&result, '}');
		control_upgraded(d, about, 0, result.data);
		buf_release(&result);
	}
}

void
handover_become_self(struct daemon *d, const struct offer *about)
{
	struct offer o = *about;
	struct buf packet = BUF_INIT(0);
	struct err err = ERR_INIT;
	int pair[2], fds[OFFER_FDS], keep[2];
	char text[64];
	size_t n_fds;

	/* All borrowed: this is the end of us. */
	o.kind = OFFER_RESUME;
	o.pid = getpid();
	o.state_dir = d->config->state_dir;
	o.run_dir = d->config->run_dir;
	o.log_dir = d->config->log_dir;
	o.lock = d->lock_fd;
	o.listener = control_listener(d);
	o.log = -1;
	offer_encode(&o, &packet, fds, &n_fds);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1 ||
	    packet_send(pair[0], packet.data, packet.len, fds, n_fds) == -1)
		fatal("beginning anew");
	close(pair[0]);
	snprintf(text, sizeof(text), "%d,%d", pair[1], d->lock_fd);
	setenv(HANDOVER_ENV, text, 1);
	keep[0] = pair[1];
	keep[1] = d->lock_fd;
	ssh_hub_free(d->ssh);
	(void)successor_become(NULL, program_argv(d), keep, ARRAY_LEN(keep), &err);
	fatalx("beginning anew: %s", err.msg);
}

/* Our image again, in our process. */
static void ATTR_NORETURN
resume(struct handover *h)
{
	struct daemon *d = h->d;
	struct offer *o = &h->about;

	if (!h->went) {
		h->quiet_since = mono_now();
		daemon_quiet(d);
	}
	o->away_since = h->quiet_since;
	o->moved = h->guest;
	free(o->reason);
	o->reason = xstrdup(h->reason);
	if (!h->guest)
		o->client = control_upgrade_client(d);
	log_warnx("upgrade: %s; version %s takes its place again", h->reason, daemon_version());
	if (h->stop != 0) {
		successor_block();
		raise(h->stop);
	}
	handover_become_self(d, o);
	_exit(EXITCODE_FAILED);
}

/* The new program runs here, and its process is another one from now on. */
static void
stay(struct handover *h)
{
	struct daemon *d = h->d;
	struct err err = ERR_INIT;
	char note[sizeof(h->reason) + 64];

	snprintf(note, sizeof(note), "process %d could not go on: %s", (int)h->pid, h->reason);
	log_warnx("upgrade: %s; staying process %d", note, (int)getpid());
	if (daemon_write_pid_file(d, &err) == -1)
		log_error("%s", err.msg);
	handover_done(d, &h->about, false, note);
	handover_free(h);
	notify_send("READY=1");
}

/* It is dead for certain. */
static void
failed(struct handover *h)
{
	struct daemon *d = h->d;

	if (h->held)
		resume(h);
	if (h->guest) {
		stay(h);
	} else {
		/* Who asked is a client still, or gone, and then its descriptor may be another's. */
		h->about.client = -1;
		handover_done(d, &h->about, true, h->reason);
		handover_free(h);
		notify_send("READY=1");
	}
	daemon_pump(d);
}

static void
kill_it(struct handover *h)
{
	free_event(&h->ev_sock);
	evtimer_del(h->ev_timer);
	signal_it(h, SIGKILL);
	/* What a script has started, too. */
	if (!h->guest)
		kill(-h->pid, SIGKILL);
}

/* It will not come up: kill it; when it is dead pid_cb() goes on. */
static void
fail(struct handover *h, const char *reason)
{
	if (h->stage == STAGE_KILLED)
		return;
	if (h->reason[0] == '\0')
		snprintf(h->reason, sizeof(h->reason), "%s", reason);
	kill_it(h);
	h->stage = STAGE_KILLED;
}

/* In its place: the new program in this process, which was ours. */
static void ATTR_NORETURN
become_new(struct handover *h)
{
	struct daemon *d = h->d;
	struct err err = ERR_INIT;
	char **argv = program_argv(d), text[64], image[32];
	const int keep[] = { h->sock, d->lock_fd };

	notify_send("MAINPID=%d\nWATCHDOG=1", (int)h->pid);
	control_flush(d);
	snprintf(text, sizeof(text), "%d,%d", h->sock, d->lock_fd);
	setenv(HANDOVER_ENV, text, 1);
	if (successor_become(argv[0], argv, keep, ARRAY_LEN(keep), &err) == -1) {
		log_warnx("upgrade: %s; taking what the new one runs", err.msg);
		snprintf(image, sizeof(image), "/proc/%d/exe", (int)h->pid);
		(void)successor_become(image, argv, keep, ARRAY_LEN(keep), &err);
	}
	log_error("upgrade: %s; process %d goes on in place of %d", err.msg, (int)h->pid, (int)getpid());
	_exit(EXITCODE_FAILED);
}

static void
on_up(struct handover *h)
{
	if (h->guest) {
		/* It answers who asked. */
		notify_send("MAINPID=%d\nWATCHDOG=1", (int)h->pid);
		control_flush(h->d);
		_exit(EXITCODE_OK);
	}
	if (h->stop == 0)
		become_new(h);
	h->stage = STAGE_STOPPING;
	evtimer_del(h->ev_timer);
}

/* The conversation. */

/* What was ordered is done, or cannot be waited for. */
static bool
is_settled(const struct daemon *d)
{
	const struct incarnation *inc;
	uint64_t token;
	size_t i = 0;
	void *value;

	for (uint32_t n = 0; n < d->n_nodes; n++)
		if (d->nodes[n]->state != NODE_DOWN && d->nodes[n]->state != NODE_CONNECTING &&
		    (d->nodes[n]->orders.head < d->nodes[n]->orders.tail || d->nodes[n]->outq.len > d->nodes[n]->out_start ||
			flow_is_feeding(d->nodes[n])))
			return false;
	while (map_next(&d->incarnations, &i, &token, &value)) {
		inc = value;
		if ((inc->state == INC_QUEUED || inc->state == INC_SENT) && d->nodes[inc->node]->state != NODE_DOWN)
			return false;
	}
	return true;
}

static int64_t
time_to_come_up(const struct handover *h)
{
	int64_t us = h->about.timeout_ms * US_PER_MS;

	/* We want to be back ourselves while the agents still hold their children, and before a heart beats. */
	for (uint32_t i = 0; i < h->d->n_nodes; i++)
		if (h->d->nodes[i]->lease_us / 3 < us)
			us = h->d->nodes[i]->lease_us / 3;
	return us;
}

static void
go(struct handover *h)
{
	h->quiet_since = mono_now();
	daemon_quiet(h->d);
	h->stage = STAGE_QUIET;
	h->went = true;
	say(h, "go", h->quiet_since.us);
	after(h, time_to_come_up(h));
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct handover *h = arg;
	char text[64], human[DURATION_TEXT_SIZE];

	(void)fd;
	(void)what;
	if (h->stage == STAGE_SETTLING && !is_settled(h->d) && mono_before(mono_now(), h->settle_until)) {
		after(h, SETTLE_TICK_US);
	} else if (h->stage == STAGE_SETTLING) {
		go(h);
	} else if (h->stage == STAGE_PREPARING || h->stage == STAGE_QUIET) {
		snprintf(text, sizeof(text), "it was not %s within %s", h->went ? "in charge" : "ready",
		    duration_human(h->went ? time_to_come_up(h) : h->about.timeout_ms * US_PER_MS, human));
		fail(h, text);
	}
}

static void
settle(struct handover *h, const char *version)
{
	log_info("upgrade: version %s is ready to take over", version);
	h->stage = STAGE_SETTLING;
	h->held = true;
	h->settle_until = mono_add_us(mono_now(), SETTLE_US);
	control_pause(h->d);
	dynamic_keep_pending(h->d);
	after(h, 0);
}

static const char *
argument(const char *text, const char *word)
{
	size_t n = strlen(word);

	return strncmp(text, word, n) == 0 && (text[n] == ' ' || text[n] == '\0') ? text + n + (text[n] == ' ') : NULL;
}

/* True: there may be more. */
static bool
take_word(struct handover *h)
{
	char *text = xmalloc(PACKET_MAX + 1);
	int fds[PACKET_FDS_MAX];
	size_t n_fds = 0;
	ssize_t n = packet_receive(h->sock, text, fds, &n_fds, 0);
	const char *arg;

	for (size_t i = 0; n > 0 && i < n_fds; i++)
		close(fds[i]);
	if (n == 0 || (n == -1 && errno != EAGAIN)) {
		/* Killed, or it takes no part: let its end say which. */
		free_event(&h->ev_sock);
		if (h->stage == STAGE_QUIET)
			kill_it(h);
	} else if (n > 0 && (arg = argument(text, "prepared")) != NULL && h->stage == STAGE_PREPARING) {
		settle(h, arg);
	} else if (n > 0 && (arg = argument(text, "error")) != NULL) {
		fail(h, arg);
	} else if (n > 0 && argument(text, "up") != NULL && h->stage == STAGE_QUIET) {
		free(text);
		on_up(h);
		return false;
	}
	free(text);
	return n > 0 && h->ev_sock != NULL;
}

static void
sock_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	/* One at a time: what comes behind `up` is for the program that we become. */
	(void)take_word(arg);
}

static void
take_line(struct handover *h)
{
	if (h->said.len == 0)
		return;
	log_info("new trapexitd: %s", h->said.data);
	snprintf(h->last_line, sizeof(h->last_line), "%.*s", (int)sizeof(h->last_line) - 1, h->said.data);
	buf_clear(&h->said);
}

/* Its standard error is ours, and the last line of it the reason if it fails. */
static void
err_cb(evutil_socket_t fd, short what, void *arg)
{
	struct handover *h = arg;
	char bytes[4096];
	ssize_t n = read((int)fd, bytes, sizeof(bytes));

	(void)what;
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		take_line(h);
		free_event(&h->ev_err);
	}
	for (ssize_t i = 0; i < n; i++) {
		if (bytes[i] == '\n' || h->said.len > 1024)
			take_line(h);
		if (bytes[i] != '\n' && bytes[i] != '\0')
			buf_xaddc(&h->said, bytes[i]);
	}
}

static void
describe_end(struct handover *h, int status)
{
	const char *line = h->last_line[0] != '\0' ? h->last_line : NULL;

	if (h->reason[0] != '\0')
		return;
	if (WIFSIGNALED(status))
		snprintf(h->reason, sizeof(h->reason), "it was killed by signal %d%s%s", WTERMSIG(status),
		    line != NULL ? "; its last words: " : "", line != NULL ? line : "");
	else if (line != NULL)
		snprintf(h->reason, sizeof(h->reason), "%s", line);
	else
		snprintf(h->reason, sizeof(h->reason), "it ended with status %d, without a word", WEXITSTATUS(status));
}

static void
pid_cb(evutil_socket_t fd, short what, void *arg)
{
	struct handover *h = arg;
	struct reaped r = { 0, 0, 0, 0 };

	(void)fd;
	(void)what;
	/* What it said before it ended counts. */
	while (h->ev_sock != NULL && take_word(h))
		;
	if (h->ev_err != NULL) {
		fd_set_nonblock(h->err_fd);
		err_cb(h->err_fd, 0, h);
		take_line(h);
	}
	free_event(&h->ev_pid);
	if (!h->guest) {
		kill(-h->pid, SIGKILL);
		reap_wait(h->pid, &r);
		describe_end(h, r.status);
	} else if (h->reason[0] == '\0') {
		snprintf(h->reason, sizeof(h->reason), "it has died");
	}
	if (h->stage == STAGE_STOPPING && WIFEXITED(r.status))
		_exit(WEXITSTATUS(r.status));
	fail(h, "");
	failed(h);
}

static struct event *
watch(struct daemon *d, int fd, event_callback_fn cb, void *arg)
{
	struct event *ev = event_new(d->base, fd, EV_READ | EV_PERSIST, cb, arg);

	event_add(ev, NULL);
	return ev;
}

static void
offer(struct handover *h)
{
	struct buf packet = BUF_INIT(0);
	int fds[OFFER_FDS];
	size_t n_fds;

	offer_encode(&h->about, &packet, fds, &n_fds);
	(void)packet_send(h->sock, packet.data, packet.len, fds, n_fds);
	buf_release(&packet);
}

static void
fill_offer(struct handover *h, enum offer_kind kind)
{
	struct daemon *d = h->d;
	struct offer *o = &h->about;

	o->kind = kind;
	o->pid = getpid();
	o->lock = d->lock_fd;
	o->listener = control_listener(d);
	free(o->state_dir);
	free(o->run_dir);
	free(o->log_dir);
	o->state_dir = xstrdup(d->config->state_dir);
	o->run_dir = xstrdup(d->config->run_dir);
	o->log_dir = xstrdup(d->config->log_dir);
	while (o->n_nodes > 0)
		free(o->nodes[--o->n_nodes].name);
	for (uint32_t i = 0; i < d->n_nodes; i++)
		if (d->nodes[i]->version_max != 0)
			offer_add_node(o, d->nodes[i]->name, d->nodes[i]->version_min, d->nodes[i]->version_max);
}

static struct handover *
handover_new(struct daemon *d, int sock)
{
	struct handover *h = xcalloc(1, sizeof(*h));

	h->d = d;
	h->sock = sock;
	h->err_fd = h->pid_fd = -1;
	h->said = (struct buf)BUF_INIT(0);
	offer_init(&h->about);
	h->ev_sock = watch(d, sock, sock_cb, h);
	h->ev_timer = evtimer_new(d->base, timer_cb, h);
	d->handover = h;
	return h;
}

static void
watch_pid(struct handover *h)
{
	struct proc_id id;

	if (proc_identify(h->pid, &id) == 0 && (h->pid_fd = proc_open(&id)) != -1)
		h->ev_pid = watch(h->d, h->pid_fd, pid_cb, h);
	else
		h->ev_pid = event_new(h->d->base, -1, 0, pid_cb, h);
	if (h->pid_fd == -1)
		event_active(h->ev_pid, EV_READ, 0);
}

int
handover_start(struct daemon *d, uint32_t by, uint32_t timeout_ms, struct err *err)
{
	char **argv = program_argv(d);
	int pair[2] = { -1, -1 }, pipe_fds[2] = { -1, -1 };
	struct handover *h;
	pid_t pid;

	if (d->handover != NULL)
		return err_set(err, EBUSY, "an upgrade is going on");
	if (!d->begun || d->stopping)
		return err_set(err, EBUSY, d->stopping ? "trapexitd is stopping" : "not attached to the agent yet; try again");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1 || pipe2(pipe_fds, O_CLOEXEC) == -1) {
		err_sys(err, errno, "upgrade");
	} else if (successor_start(argv, pair[1], pipe_fds[1], HANDOVER_ENV "=3", &pid, err) == 0) {
		log_info("upgrade: started %s, process %d", argv[0], (int)pid);
		notify_send("RELOADING=1");
		h = handover_new(d, pair[0]);
		h->pid = pid;
		watch_pid(h);
		h->err_fd = pipe_fds[0];
		h->ev_err = watch(d, h->err_fd, err_cb, h);
		h->about.by = by;
		h->about.timeout_ms = timeout_ms != 0 ? timeout_ms : HANDOVER_TIMEOUT_MS;
		h->about.from = xstrdup(daemon_version());
		h->about.client = control_upgrade_client(d);
		h->about.request = control_upgrade_request(d);
		h->about.log = STDERR_FILENO;
		fill_offer(h, OFFER_TAKE);
		offer(h);
		after(h, h->about.timeout_ms * US_PER_MS);
		pair[0] = pipe_fds[0] = -1;
	}
	fd_close(&pair[0]);
	fd_close(&pair[1]);
	fd_close(&pipe_fds[0]);
	fd_close(&pipe_fds[1]);
	if (d->handover != NULL)
		return 0;
	rec_upgrade(d, "upgrade_failed", daemon_version(), 0, err->msg);
	return -1;
}

void
handover_return(struct daemon *d, int sock, struct offer *about)
{
	struct handover *h = handover_new(d, sock);

	h->guest = true;
	h->pid = about->pid;
	h->about = *about;
	offer_init(about);
	h->about.log = -1;
	watch_pid(h);
	fill_offer(h, OFFER_RETURN);
	offer(h);
	after(h, h->about.timeout_ms * US_PER_MS);
}

bool
handover_signal(struct daemon *d, int sig)
{
	struct handover *h = d->handover;
	bool ends = sig == SIGTERM || sig == SIGINT;

	if (h == NULL)
		return false;
	if (!h->held) {
		/* We are in charge, and do it; the other, if it comes to that, must not have missed it. */
		if (!ends)
			signal_it(h, sig);
		return false;
	}
	if (ends)
		h->stop = sig;
	signal_it(h, sig);
	return true;
}

void
handover_cancel(struct daemon *d)
{
	struct handover *h = d->handover;

	if (h == NULL || h->held)
		return;
	if (!h->guest) {
		fail(h, "trapexitd is stopping");
		return;
	}
	/* The process that we came from waits until we have ended, and ends as we do. */
	say(h, "abort", 0);
	handover_free(h);
}
