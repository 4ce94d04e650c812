/* The loop: signals, timers, the journal's progress; and its beginning and end. */
#include "config.h"

#include "daemon/daemon.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "conf/paths.h"
#include "daemon/call.h"
#include "daemon/control.h"
#include "daemon/dynamic.h"
#include "daemon/fresh.h"
#include "daemon/handover.h"
#include "daemon/node_ssh.h"
#include "daemon/states.h"
#include "daemon/ties.h"
#include "os/notify.h"
#include "os/successor.h"

/* How long an order to stop waits for the agent, if that is not attached yet. */
#define STOP_PATIENCE_S 3

static void
arm_timer(struct daemon *d)
{
	mono_t at = tree_deadline(d->tree);
	struct timeval tv;
	int64_t us;

	if (at.us == d->timer_at.us)
		return;
	d->timer_at = at;
	if (mono_is_never(at)) {
		evtimer_del(d->ev_timer);
		return;
	}
	us = mono_diff_us(at, mono_now());
	if (us < 0)
		us = 0;
	tv = (struct timeval){ .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };
	evtimer_add(d->ev_timer, &tv);
}

/* What was given to the journal is safe, and everybody told so who waits for that. */
static void
acknowledge_all(struct daemon *d)
{
	struct journal_progress p;

	journal_flush(d->journal);
	journal_get_progress(d->journal, &p);
	d->vital_appended = p.appended[JOURNAL_VITAL];
	d->vital_safe = p.safe[JOURNAL_VITAL];
	output_progress(d, p.appended[JOURNAL_OUTPUT], p.safe[JOURNAL_OUTPUT]);
	output_acknowledge(d);
	act_settle_graves(d);
	control_progress(d);
}

/* The tree has ended: when its last records are safe, say goodbye and leave the loop. */
static void
finish(struct daemon *d)
{
	if (d->end_recorded)
		return;
	d->end_recorded = true;
	acknowledge_all(d);
	rec_daemon(d, "end");
	journal_flush(d->journal);
	nodes_goodbye(d, true);
	heir_up(d);
	event_base_loopbreak(d->base);
}

void
daemon_drain(struct daemon *d)
{
	struct tree_action a;

	while (tree_next_action(d->tree, &a)) {
		kids_sync(d);
		act(d, &a);
	}
	kids_sync(d);
}

void
daemon_pump(struct daemon *d)
{
	uint32_t i;

	daemon_drain(d);
	/* One supervisor after the other is told to end. */
	if (d->abandons)
		nodes_abandon(d);
	for (i = 0; i < d->n_nodes; i++)
		node_flush_orders(d->nodes[i]);
	output_acknowledge(d);
	journal_push(d->journal);
	arm_timer(d);
	if (d->changes.sweep)
		dynamic_sweep(d);
	if (d->changes.dropped != NULL)
		dynamic_free_dropped(d);
	if (d->sweep)
		reload_sweep(d);
	if (d->nodes_leave)
		nodes_sweep(d);
	if (d->finished)
		finish(d);
}

void
daemon_event(struct daemon *d, const struct tree_event *ev)
{
	tree_event(d->tree, ev, mono_now());
	/* At once: the ring of actions is sized for one event. */
	daemon_drain(d);
}

void
daemon_check(struct daemon *d, const struct incarnation *inc)
{
	struct child_view view;
	bool changed;

	if (inc->state != INC_LIVE || inc->handle == CHILD_NONE || !tree_view(d->tree, inc->handle, &view) ||
	    view.token != inc->token || view.state == CHILD_STOPPING)
		return;
	/* An instance has a changed template from its next start on (S85). */
	changed = inc->spec != 0 && inc->spec != spec_hash(view.spec) && !dynamic_is_instance(d, view.spec);
	if (!changed && !inc->cut_job)
		return;
	log_info("child %s: %s; restarting it", inc->path,
	    changed ? "its configuration changed while no daemon was there" : "it was given a part of its job only");
	tree_command(d->tree, &(struct tree_command){ .type = CMD_RESTART, .child = inc->handle }, mono_now(), NULL);
}

void
daemon_begin(struct daemon *d)
{
	size_t i = 0;
	uint64_t token;
	void *value;

	d->begun = true;
	if (d->stopping) {
		/* Told to stop before we were attached: what the agent holds ends with it. */
		d->finished = true;
		heir_up(d);
		return;
	}
	ties_restore(d);
	daemon_event(d, &(struct tree_event){ .type = TREE_BEGIN });
	while (map_next(&d->incarnations, &i, &token, &value))
		daemon_check(d, value);
	reload_leave_unlisted(d);
	rec_daemon(d, "ready");
	if (heir_has_word(d->heir))
		notify_send("READY=1");
	heir_up(d);
	if (d->reload_due)
		raise(SIGHUP);
	daemon_pump(d);
}

/* No agent came to say goodbye to; or not to all that we have something with. */
static void
stop_waiting_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	if (!d->begun)
		d->finished = true;
	else
		d->abandons = true;
	daemon_pump(d);
}

void
daemon_stop(struct daemon *d, uint32_t by)
{
	const struct timeval patience = { .tv_sec = STOP_PATIENCE_S };

	if (!d->stopping) {
		rec_order(d, "shutdown", NULL, by);
		notify_send("STOPPING=1");
	}
	if (!d->begun) {
		/*
		 * Nothing has been started by us, but an agent may be on its way, with children of an
		 * earlier daemon: they end when we attach to it. A second order does not wait for that.
		 */
		d->finished = d->stopping;
	} else {
		tree_command(d->tree, &(struct tree_command){ .type = CMD_SHUTDOWN, .child = TREE_ROOT }, mono_now(), NULL);
	}
	event_base_once(d->base, -1, EV_TIMEOUT, stop_waiting_cb, d, &patience);
	d->stopping = true;
	handover_cancel(d);
	daemon_pump(d);
}

static void
timer_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;

	(void)fd;
	(void)what;
	d->timer_at = MONO_NEVER;
	if (handover_holds(d))
		return;
	daemon_event(d, &(struct tree_event){ .type = TREE_TIMER });
	daemon_pump(d);
}

/* A full or failing disk is an alarm when it begins, and a record when it ends. */
static void
note_journal_trouble(struct daemon *d, const struct journal_progress *p)
{
	if (strcmp(p->error, d->journal_error) == 0 && p->disk_full == d->disk_full)
		return;
	if (p->error[0] != '\0') {
		log_error("journal: %s", p->error);
		rec_alarm(d, p->disk_full ? "disk_full" : "journal", "journal", p->error);
	} else {
		log_info("journal: all is well again");
		rec_alarm(d, "journal_ok", "journal", "");
	}
	d->disk_full = p->disk_full;
	snprintf(d->journal_error, sizeof(d->journal_error), "%s", p->error);
}

static void
journal_cb(evutil_socket_t fd, short what, void *arg)
{
	struct daemon *d = arg;
	struct journal_progress p;
	struct buf snapshot = BUF_INIT(0);

	(void)fd;
	(void)what;
	journal_get_progress(d->journal, &p);
	d->vital_appended = p.appended[JOURNAL_VITAL];
	d->vital_safe = p.safe[JOURNAL_VITAL];
	note_journal_trouble(d, &p);
	output_progress(d, p.appended[JOURNAL_OUTPUT], p.safe[JOURNAL_OUTPUT]);
	act_settle_graves(d);
	control_progress(d);
	if (p.want_snapshot) {
		rec_snapshot(d, &snapshot);
		journal_rotate(d->journal, snapshot.data, snapshot.len);
		buf_release(&snapshot);
	}
	daemon_pump(d);
}

static void
take_signal(struct daemon *d, int sig)
{
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;

	if (handover_signal(d, sig))
		return;
	switch (sig) {
	case SIGTERM:
	case SIGINT:
		log_info("%s: stopping%s", sig == SIGTERM ? "SIGTERM" : "SIGINT", d->stopping ? " at once" : "");
		daemon_stop(d, (uint32_t)getuid());
		break;
	case SIGHUP:
		d->reload_due = !d->begun;
		if (d->begun && reload(d, false, (uint32_t)getuid(), &out, &err) == -1)
			log_error("reload: %s", err.msg);
		buf_release(&out);
		daemon_pump(d);
		break;
	case SIGUSR1:
		log_reopen();
		journal_reopen_logs(d->journal);
		break;
	case SIGUSR2:
		if (handover_start(d, (uint32_t)getuid(), 0, &err) == -1)
			log_error("upgrade: %s", err.msg);
		break;
	default:
		break;
	}
}

static void
signals_cb(evutil_socket_t fd, short what, void *arg)
{
	int sig;

	(void)what;
	while ((sig = successor_signal((int)fd)) != 0)
		take_signal(arg, sig);
}

static void
watchdog_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	(void)arg;
	notify_send("WATCHDOG=1");
}

static void
add_signals(struct daemon *d)
{
	int fd = successor_signals();

	if (fd == -1)
		fatal("signalfd");
	signal(SIGPIPE, SIG_IGN);
	d->ev_signals = event_new(d->base, fd, EV_READ | EV_PERSIST, signals_cb, d);
	event_add(d->ev_signals, NULL);
}

/* sd_notify's watchdog: a sign of life twice in its time. */
static void
add_watchdog(struct daemon *d)
{
	int64_t us = notify_watchdog_us() / 2;
	struct timeval tv = { .tv_sec = us / US_PER_S, .tv_usec = us % US_PER_S };

	if (us <= 0)
		return;
	/* Who was before us in this process may have given none for most of that time. */
	if (d->heir != NULL)
		notify_send("WATCHDOG=1");
	d->ev_watchdog = event_new(d->base, -1, EV_PERSIST, watchdog_cb, d);
	event_add(d->ev_watchdog, &tv);
}

static void
open_loop(struct daemon *d)
{
	uint32_t i;

	d->ev_timer = evtimer_new(d->base, timer_cb, d);
	journal_hold(d->journal);
	d->timer_at = d->unrecorded = d->hang_at = MONO_NEVER;
	d->ev_journal = event_new(d->base, journal_fd(d->journal), EV_READ | EV_PERSIST, journal_cb, d);
	event_add(d->ev_journal, NULL);
	add_signals(d);
	add_watchdog(d);
	/* A lease is journaled before it is used. */
	for (i = 0; i < d->n_nodes; i++)
		if (d->nodes[i]->in_use)
			rec_node(d, d->nodes[i], "lease", NULL);
	journal_flush(d->journal);
	for (i = 0; i < d->n_nodes; i++)
		node_connect(d->nodes[i]);
	nodes_sync(d);
}

void
daemon_quiet(struct daemon *d)
{
	uint32_t i;

	control_break(d);
	acknowledge_all(d);
	nodes_goodbye(d, false);
	for (i = 0; i < d->n_nodes; i++)
		node_quiet(d->nodes[i]);
	ssh_hub_settle(d->ssh);
	event_del(d->ev_timer);
	event_del(d->ev_journal);
	if (d->ev_hang != NULL)
		event_del(d->ev_hang);
	if (d->ev_bury != NULL)
		event_del(d->ev_bury);
	fresh_quiet(d);
	journal_close(d->journal);
	d->journal = NULL;
}

static void
close_loop(struct daemon *d)
{
	uint32_t i;

	for (i = 0; i < d->n_nodes; i++)
		node_free(d->nodes[i]);
	ssh_hub_free(d->ssh);
	d->ssh = NULL;
	control_close(d->control);
	close(event_get_fd(d->ev_signals));
	event_free(d->ev_signals);
	if (d->ev_hang != NULL)
		event_free(d->ev_hang);
	if (d->ev_bury != NULL)
		event_free(d->ev_bury);
	if (d->ev_watchdog != NULL)
		event_free(d->ev_watchdog);
	event_free(d->ev_journal);
	event_free(d->ev_timer);
}

static void
release(struct daemon *d)
{
	size_t i = 0;
	uint64_t token;
	void *value;
	child_handle h;

	while (map_next(&d->incarnations, &i, &token, &value)) {
		inc_free(d, value);
		i = 0;
	}
	map_release(&d->incarnations);
	for (h = 0; h < d->n_kids; h++)
		kid_remove(d, h);
	fresh_release(d);
	states_release(d);
	free(d->kids);
	free(d->nodes);
	ring_release(&d->pending);
	ring_release(&d->graves);
	free(d->due);
	strmap_release(&d->by_path);
	journal_close(d->journal);
	tree_free(d->tree);
	calls_release(d);
	dynamic_release(d);
	past_release(&d->past);
	buf_release(&d->rec);
	config_unref(d->config);
	while (d->n_old_configs > 0)
		config_unref(d->old_configs[--d->n_old_configs]);
	free(d->old_configs);
	strvec_release(&d->late_adds);
	event_base_free(d->base);
	free(d->config_path);
}

int
daemon_run(struct daemon *d)
{
	open_loop(d);
	log_info("%s, epoch %u, configuration %s", PACKAGE_STRING, d->epoch, d->config_path);
	event_base_dispatch(d->base);
	close_loop(d);
	if (d->options->pid_file != NULL)
		unlink(d->options->pid_file);
	release(d);
	return d->exit_code;
}
