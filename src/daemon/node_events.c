/*
 * What an agent says, and what follows: attach, adoption, starts and ends.
 *
 * An attach sorts all incarnations of the node in one pass when the agent has
 * named those that it holds: an incarnation that it does not name is dead,
 * because an agent answers only when it owns its host's lock, and then nothing
 * of an earlier agent is left.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/handover.h"
#include "daemon/node.h"
#include "daemon/node_check.h"
#include "daemon/node_flow.h"
#include "daemon/ties.h"

/* Nothing in common: said as both sides understand it. */
static int
versions_differ(uint32_t min, uint32_t max, struct err *err)
{
	char theirs[AGENT_PROTO_TEXT_SIZE], ours[AGENT_PROTO_TEXT_SIZE];

	return err_set(err, EPROTONOSUPPORT, "speaks agent protocol %s, we speak %s", agent_proto_text(min, max, theirs),
	    agent_proto_text(AGENT_PROTO_MIN, AGENT_PROTO_MAX, ours));
}

static int
take_versions(struct node *node, const struct agent_msg *m, struct err *err)
{
	uint32_t version = m->u.welcome.version;

	/* Version 1 tells no range. */
	node->version_min = m->u.welcome.version_min != 0 ? m->u.welcome.version_min : version;
	node->version_max = m->u.welcome.version_max != 0 ? m->u.welcome.version_max : version;
	if (version < AGENT_PROTO_MIN || version > AGENT_PROTO_MAX)
		return versions_differ(node->version_min, node->version_max, err);
	node->version = version;
	snprintf(node->build, sizeof(node->build), "%s", m->u.welcome.build);
	return 0;
}

static bool
may_live(const struct incarnation *inc)
{
	return inc->state == INC_SENT || inc->state == INC_LIVE || inc->state == INC_ENDED;
}

/* That another machine does not hold what ran on the earlier one proves nothing. */
static int
check_machine(const struct node *node, const struct agent_msg *m, struct err *err)
{
	const char *id = m->u.welcome.machine_id;
	size_t n;

	if (node->machine_id[0] == '\0' || id[0] == '\0' || strcmp(node->machine_id, id) == 0 ||
	    lease_grantor_is_over(&node->grantor, mono_now()))
		return 0;
	free(node_tokens(node, may_live, &n));
	if (n == 0)
		return 0;
	return err_set(err, 0, "another machine answers than before; waiting until what ran there has surely ended");
}

void
node_forget_present(struct node *node)
{
	size_t i = 0;
	uint64_t token;
	void *value;

	while (map_next(&node->d->incarnations, &i, &token, &value)) {
		struct incarnation *inc = value;

		if (inc->node == node->index)
			inc->present = false;
	}
}

static int
on_welcome(struct node *node, const struct agent_msg *m, struct err *err)
{
	if (node->state != NODE_GREETING)
		return err_set(err, 0, "a second welcome");
	if (take_versions(node, m, err) == -1 || check_machine(node, m, err) == -1)
		return -1;
	node->state = NODE_SORTING;
	node->cleaned = false;
	node->agent_pid = m->u.welcome.pid;
	node->guard_pid = m->u.welcome.guard_pid;
	snprintf(node->boot_id, sizeof(node->boot_id), "%s", m->u.welcome.boot_id);
	snprintf(node->machine_id, sizeof(node->machine_id), "%s", m->u.welcome.machine_id);
	node_forget_present(node);
	return 0;
}

static int
on_refuse(struct node *node, const struct agent_msg *m, struct err *err)
{
	struct daemon *d = node->d;
	uint32_t min = m->u.refuse.version_min, max = m->u.refuse.version_max;

	if (min != 0 && agent_proto_choose(AGENT_PROTO_MIN, AGENT_PROTO_MAX, min, max) == 0)
		return versions_differ(min, max, err);
	/*
	 * Our own host's word counts; another's would be a way to end us again and again. Such an agent has no daemon, and
	 * leaves when its lease and its patience are over.
	 */
	if (m->u.refuse.epoch > d->epoch && node->ssh == NULL && m->u.refuse.epoch < UINT32_MAX) {
		log_warnx("node %s: the agent has served a daemon of epoch %u, ours is %u; beginning a later one", node->name,
		    m->u.refuse.epoch, d->epoch);
		daemon_start_anew(d, m->u.refuse.epoch + 1);
	}
	if (m->u.refuse.epoch == d->epoch && m->u.refuse.attach >= node->attach)
		node->attach = m->u.refuse.attach;
	return err_set(err, 0, "the agent refused: %s", m->u.refuse.reason);
}

static void
order_kill(struct node *node, uint64_t token, int signal)
{
	node_send(node, &(struct agent_msg){ .type = AGENT_SIGNAL, .u.signal = { token, signal, true } });
}

/* One that this agent may speak of; NULL: it is not known. */
static struct incarnation *
own_inc(const struct node *node, uint64_t token)
{
	struct incarnation *inc = inc_find(node->d, token);

	return inc != NULL && inc->node == node->index ? inc : NULL;
}

static int
check_own(const struct node *node, uint64_t token, struct err *err)
{
	const struct incarnation *inc = inc_find(node->d, token);

	if (inc == NULL || inc->node == node->index)
		return 0;
	return err_set(err, 0, "the agent speaks of child %s of node %s", inc->path, node->d->nodes[inc->node]->name);
}

/*
 * Our journal has lost it. Before the tree begins it is taken for what it says that it is, so that no other one is
 * started beside it, and is then started anew, since nobody knows what it was started with. Later, it is stopped.
 * Its words are taken all the same.
 */
static struct incarnation *
take_in(struct node *node, const struct agent_msg *m)
{
	const uint64_t held[3] = { 0, m->u.child.out_acked, m->u.child.err_acked };
	uint64_t token = m->u.child.token;
	uint32_t pid = m->u.child.pid;
	struct daemon *d = node->d;
	child_handle h = kid_find(d, m->u.child.child);
	struct incarnation *inc;

	if (h == CHILD_NONE || pid == 0 || d->begun || d->kids[h].supervisor ||
	    (d->kids[h].now != NULL && d->kids[h].now->token > token))
		h = CHILD_NONE;
	inc = inc_new(d, token, h, m->u.child.child, node->index);
	inc->state = INC_LIVE;
	output_resume(inc, held);
	if (node_may_say(node))
		log_warnx("node %s: child %s (pid %u) is not known here; %s it", node->name, inc->path, pid,
		    h == CHILD_NONE ? "stopping" : "restarting");
	if (h == CHILD_NONE)
		return inc;
	inc->told = true;
	d->kids[h].now = inc;
	d->kids[h].run_token = inc->token;
	if (inc->token > d->last_token)
		d->last_token = inc->token;
	rec_start(d, inc, START_NORMAL, 0, NULL);
	rec_started(d, inc);
	return inc;
}

/* An incarnation that the agent holds. */
static int
on_child(struct node *node, const struct agent_msg *m, struct err *err)
{
	struct daemon *d = node->d;
	struct incarnation *inc = inc_find(d, m->u.child.token);
	uint32_t stream;

	if (check_own(node, m->u.child.token, err) == -1)
		return -1;
	if (inc == NULL && m->u.child.pid == 0 && inc_is_done(d, m->u.child.token))
		return 0;
	if (inc == NULL && node_is_strange(node, m->u.child.child)) {
		/* Nor did we ever start it here: it might be anybody's words. */
		if (node_may_say(node))
			log_warnx("node %s: child %s (pid %u) has no place on this node; it is stopped, and what it says is not taken",
			    node->name, m->u.child.child, m->u.child.pid);
		order_kill(node, m->u.child.token, SIGKILL);
		return 0;
	}
	if (inc == NULL)
		inc = take_in(node, m);
	inc->present = true;
	if (m->u.child.pid != 0) {
		inc->pid = m->u.child.pid;
		if (inc->state == INC_SENT || inc->state == INC_QUEUED) {
			inc->state = INC_LIVE;
			rec_started(d, inc);
		}
	}
	inc->age_us = m->u.child.age_ms * US_PER_MS;
	inc->cut_job = m->u.child.in_offset < inc->job_bytes && inc->job == NULL;
	if (inc->job != NULL && inc->state != INC_QUEUED)
		flow_feed(node, inc, m->u.child.in_offset);
	inc->ready = m->u.child.ready;
	ties_taken(inc, m->u.child.control_n);
	output_skip(inc, m->u.child.out_acked, m->u.child.err_acked);
	for (stream = STREAM_OUT; stream <= STREAM_ERR; stream++) {
		struct out_stream *s = &inc->out[stream - 1];

		node_send(node, &(struct agent_msg){ .type = AGENT_ACK, .u.ack = { inc->token, stream, s->safe, s->limit } });
		s->acked = s->safe;
	}
	return 0;
}

/* The end of an incarnation without an exit record: it died with its agent. */
static void
end_without_record(struct incarnation *inc)
{
	inc->end[0] = inc->end[1] = 0;
	if (inc->state == INC_ENDED)
		return; /* the status is known, only its last words are lost */
	inc->lost = true;
	inc->reason = (struct exit_reason){ .kind = REASON_NOCONNECTION };
	inc->state = INC_ENDED;
}

static int
compare_tokens(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* What runs and fits no wish of the tree is stopped. */
static void
stop_orphans(struct node *node)
{
	struct daemon *d = node->d;
	size_t i = 0;
	uint64_t token;
	void *value;

	while (map_next(&d->incarnations, &i, &token, &value)) {
		struct incarnation *inc = value;

		if (inc->node == node->index && inc->present && inc->state == INC_LIVE && inc->handle == CHILD_NONE)
			order_kill(node, token, SIGKILL);
	}
}

static void
tell_started(struct daemon *d, const struct incarnation *inc, enum tree_event_type type)
{
	if (inc->handle != CHILD_NONE)
		daemon_event(d, &(struct tree_event){ .type = type, .child = inc->handle, .token = inc->token,
				    .node = inc->node });
	if (inc->handle != CHILD_NONE)
		hang_watch(d, inc->handle);
}

uint64_t *
node_tokens(const struct node *node, bool (*wanted)(const struct incarnation *inc), size_t *n)
{
	struct daemon *d = node->d;
	uint64_t *tokens = xcalloc(d->incarnations.n + 1, sizeof(*tokens)), token;
	size_t i = 0;
	void *value;

	*n = 0;
	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->node == node->index && wanted(inc))
			tokens[(*n)++] = token;
	}
	qsort(tokens, *n, sizeof(*tokens), compare_tokens);
	return tokens;
}

static bool
is_absent(const struct incarnation *inc)
{
	return !inc->present && inc->state != INC_QUEUED;
}

void
node_end_absent(struct node *node)
{
	struct daemon *d = node->d;
	struct incarnation *inc;
	size_t i, n;
	uint64_t *tokens = node_tokens(node, is_absent, &n);

	for (i = 0; i < n; i++) {
		inc = inc_find(d, tokens[i]);
		inc->unseen = false;
		if (inc->state != INC_BURIED) {
			end_without_record(inc);
			continue;
		}
		inc->end[0] = inc->end[1] = 0;
		inc->exit_sent = true;
		inc_settle(d, inc);
	}
	free(tokens);
}

/* What was taken for dead and is not: it is, at once. */
static void
end_late(struct node *node)
{
	struct daemon *d = node->d;
	size_t i = 0;
	uint64_t token;
	void *value;

	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->node == node->index && inc->present && inc->unseen)
			order_kill(node, token, SIGKILL);
	}
}

/* All incarnations of this node, once the agent has named what it holds. */
static void
sort_incarnations(struct node *node)
{
	stop_orphans(node);
	end_late(node);
	node_end_absent(node);
}

static void
bury_some(struct node *node, bool lost_only)
{
	struct daemon *d = node->d;
	uint64_t token;
	size_t i = 0;
	void *value;

	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->state == INC_ENDED && inc->node == node->index && (inc->lost || !lost_only) && output_is_in(d, inc))
			bury_later(d, inc);
	}
	bury_due(d);
}

void
node_bury(struct node *node)
{
	bury_some(node, false);
}

static bool
is_buried(const struct incarnation *inc)
{
	return inc->state == INC_BURIED;
}

/* Those whose end was recorded before, by us or by an earlier daemon, and that the agent holds still. */
static void
settle_buried(struct node *node)
{
	struct incarnation *inc;
	size_t i, n;
	uint64_t *tokens = node_tokens(node, is_buried, &n);

	/* Who is settled is freed. */
	for (i = 0; i < n; i++)
		if ((inc = inc_find(node->d, tokens[i])) != NULL)
			inc_settle(node->d, inc);
	free(tokens);
}

/*
 * At a later attach: an order to end something may have been lost with the connection, and nobody gives a SIGKILL
 * twice. What lives and is not the tree's (any more) is to end, too.
 */
static void
end_again(struct node *node)
{
	struct daemon *d = node->d;
	struct child_view v;
	size_t i = 0;
	uint64_t token;
	void *value;

	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->node != node->index || !inc->present || inc->state != INC_LIVE || inc->handle == CHILD_NONE ||
		    inc->signal_waits)
			continue;
		if (!tree_view(d->tree, inc->handle, &v) || v.token != token || v.state == CHILD_UNDEFINED || v.killed)
			order_kill(node, token, SIGKILL);
		else if (v.state == CHILD_STOPPING)
			node_send(node, &(struct agent_msg){ .type = AGENT_SIGNAL,
					    .u.signal = { token, v.spec->stop_signal != 0 ? v.spec->stop_signal : SIGTERM, false } });
	}
}

/*
 * At a later attach: one whose STARTED or READY was lost with the connection is
 * named with its pid, and that says the same.
 */
static void
catch_up(struct node *node)
{
	struct daemon *d = node->d;
	uint64_t *tokens = calloc(d->incarnations.n + 1, sizeof(*tokens)), token;
	struct child_view v;
	size_t i = 0, n = 0;
	void *value;

	if (tokens == NULL)
		fatalx("out of memory");
	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->node == node->index && inc->present && inc->state == INC_LIVE && inc->handle != CHILD_NONE &&
		    tree_view(d->tree, inc->handle, &v) && v.token == token && v.state == CHILD_STARTING &&
		    (v.spec->ready == READY_EXEC || inc->ready))
			tokens[n++] = token;
	}
	/* What is told may start others. */
	for (i = 0; i < n; i++)
		if ((value = inc_find(d, tokens[i])) != NULL)
			tell_started(d, value, TREE_STARTED);
	free(tokens);
}

static bool
has_cut_job(const struct incarnation *inc)
{
	return inc->present && inc->cut_job && inc->state == INC_LIVE;
}

/* The rest of a job is lost with its connection. */
static void
check_jobs(struct node *node)
{
	const struct incarnation *inc;
	size_t i, n;
	uint64_t *tokens = node_tokens(node, has_cut_job, &n);

	for (i = 0; i < n; i++)
		if ((inc = inc_find(node->d, tokens[i])) != NULL)
			daemon_check(node->d, inc);
	free(tokens);
}

static void
node_up(struct node *node)
{
	struct daemon *d = node->d;

	node->state = NODE_UP;
	node->since_ms = wall_ms();
	node->tries = 0;
	node->error[0] = '\0';
	log_info("node %s: attached to the agent, pid %u, guard %u, version %s, protocol %u", node->name, node->agent_pid,
	    node->guard_pid, node->build, node->version);
	rec_node(d, node, "up", NULL);
	node_found(node);
	/*
	 * S107: the node is up before the exits are told that its agent has kept, so that who has exited stays (S112). Who
	 * was lost with an earlier agent has lost its node, too.
	 */
	if (d->begun)
		bury_some(node, true);
	if (!node->leaving)
		daemon_event(d, &(struct tree_event){ .type = TREE_NODE_UP, .node = node->index,
					 .capacity = node->conf->capacity });
	if (d->begun) {
		node_bury(node);
		catch_up(node);
		end_again(node);
		check_jobs(node);
	} else {
		nodes_begin_if_known(d);
	}
	settle_buried(node);
	ties_resend(node);
	node_flush_orders(node);
}

static int
on_ping(struct node *node, const struct agent_msg *m, struct err *err)
{
	if (node->state == NODE_GREETING)
		return err_set(err, 0, "a ping before the welcome");
	node->round_trip_us = m->u.ping.round_trip_us;
	node->load1 = m->u.ping.load1;
	flow_arrived(node, m->u.ping.received);
	node_send(node, &(struct agent_msg){ .type = AGENT_PONG, .u.pong = { m->u.ping.k, node_grant(node) / US_PER_MS } });
	/* By the lease that was just granted. */
	node_expect_ping(node);
	/* The lease stands before the first order in the same stream. */
	if (node->state == NODE_SORTING)
		node_up(node);
	return 0;
}

static void
on_started(struct node *node, const struct agent_msg *m)
{
	struct daemon *d = node->d;
	struct incarnation *inc = own_inc(node, m->u.started.token);
	struct child_view view;

	if (inc == NULL || inc->state != INC_SENT)
		return;
	inc->pid = m->u.started.pid;
	inc->state = INC_LIVE;
	rec_started(d, inc);
	if (inc->handle != CHILD_NONE && tree_view(d->tree, inc->handle, &view) && view.spec->ready == READY_EXEC)
		tell_started(d, inc, TREE_STARTED);
}

/* S26: nothing is owed; a crash of the daemon is no reason to ask it again. */
static void
note_ignored(struct daemon *d, const struct incarnation *inc)
{
	rec_ignored(d, inc);
	if (inc->handle != CHILD_NONE)
		d->kids[inc->handle].terminated = true;
}

static void
on_ready(struct node *node, const struct agent_msg *m)
{
	struct incarnation *inc = own_inc(node, m->u.ready.token);

	if (inc == NULL || inc->state != INC_LIVE || inc->ready)
		return;
	inc->ready = true;
	if (m->u.ready.ignore)
		note_ignored(node->d, inc);
	else
		rec_ready(node->d, inc, m->u.ready.info);
	if (!m->u.ready.ignore && m->u.ready.info[0] != '\0' && inc->info == NULL)
		inc->info = xstrdup(m->u.ready.info);
	tell_started(node->d, inc, m->u.ready.ignore ? TREE_IGNORED : TREE_STARTED);
}

static void
on_start_failed(struct node *node, const struct agent_msg *m)
{
	struct incarnation *inc = own_inc(node, m->u.start_failed.token);

	if (inc == NULL || (inc->state != INC_SENT && inc->state != INC_LIVE))
		return;
	inc->failed = inc->exit_sent = true;
	inc->reason = (struct exit_reason){ .kind = REASON_START_ERROR, .number = m->u.start_failed.error,
		.step = (enum start_step)m->u.start_failed.step };
	/* Told by the same words, whoever's clock has seen it first: the core's has no errno. */
	if (inc->reason.step == STEP_TIMEOUT)
		inc->reason.number = 0;
	inc->state = INC_ENDED;
	act_bury(node->d, inc);
}

static void
take_usage(struct incarnation *inc, const struct agent_msg *m)
{
	inc->lost = inc->unseen = false;
	inc->status = m->u.exited.status;
	inc->user_us = m->u.exited.user_us;
	inc->system_us = m->u.exited.system_us;
	inc->maxrss_kb = m->u.exited.maxrss_kb;
}

/* It was taken for lost with its node; now it is known how it ended. */
static void
note_late(struct daemon *d, struct incarnation *inc, const struct agent_msg *m)
{
	static const struct child_spec plain = { .restart = RESTART_PERMANENT };
	struct exit_reason reason = reason_from_status(&plain, m->u.exited.status, false);

	take_usage(inc, m);
	rec_late(d, inc, &reason);
}

static void
on_exited(struct node *node, const struct agent_msg *m)
{
	struct daemon *d = node->d;
	struct incarnation *inc = own_inc(node, m->u.exited.token);

	if (inc == NULL) {
		node_send(node, &(struct agent_msg){ .type = AGENT_EXIT_ACK, .u.exit_ack = { m->u.exited.token } });
		return;
	}
	inc->end[0] = m->u.exited.out_end;
	inc->end[1] = m->u.exited.err_end;
	output_finish(d, inc);
	if (inc->state == INC_BURIED) {
		/* Told before: by START_FAILED (not ready in time), before an attach, or given up with its node. */
		if (inc->unseen && inc->lost)
			note_late(d, inc, m);
		inc->exit_sent = inc->unseen = false;
		inc_settle(d, inc);
		return;
	}
	take_usage(inc, m);
	inc->state = INC_ENDED;
	if (d->begun && node->state == NODE_UP && output_is_in(d, inc))
		bury_later(d, inc);
	else
		bury_wait(d, inc);
}

/* Of one that is done: it was acknowledged, but the agent has not heard it. Or of one whose words are not taken. */
static void
drop_output(struct node *node, const struct agent_msg *m)
{
	uint64_t end = m->u.output.offset + m->u.output.bytes.n;

	if (node->named)
		node_send(node, &(struct agent_msg){ .type = AGENT_ACK,
				    .u.ack = { m->u.output.token, m->u.output.stream, end, end + AGENT_CREDIT_FIRST } });
}

static int
on_output(struct node *node, const struct agent_msg *m, struct err *err)
{
	struct daemon *d = node->d;
	struct incarnation *inc = inc_find(d, m->u.output.token);

	if (inc == NULL) {
		drop_output(node, m);
		return 0;
	}
	if (output_take(d, inc, m->u.output.stream, m->u.output.offset, m->u.output.bytes.p, m->u.output.bytes.n, err) == -1)
		return -1;
	if (inc->state == INC_ENDED || inc->state == INC_BURIED)
		output_finish(d, inc);
	return 0;
}

static void
on_control_ack(struct node *node, const struct agent_msg *m)
{
	struct incarnation *inc = inc_find(node->d, m->u.control_ack.token);

	if (inc != NULL)
		ties_taken(inc, m->u.control_ack.n);
}

static void
on_note(struct node *node, const struct agent_msg *m)
{
	if (!node_may_say(node))
		return;
	if (m->u.note.level == LOG_LEVEL_ERROR || m->u.note.level == LOG_LEVEL_WARNING)
		log_warnx("node %s: agent: %s", node->name, m->u.note.text);
	else
		log_info("node %s: agent: %s", node->name, m->u.note.text);
}

/*
 * The other end of our ssh: the agent that we spoke with is gone, and its guard has ended all that was left. On the
 * same connection another one waits for our hello, and hears nothing that we had said before it.
 */
static int
on_clean(struct node *node, struct err *err)
{
	if (node->ssh == NULL)
		return err_set(err, 0, "CLEAN is not for an agent to say");
	/* Nothing is decided now; that the next one does not name them is proof, too. */
	if (handover_holds(node->d))
		return err_set(err, 0, "the agent is gone");
	if (node->state == NODE_GREETING && node->cleaned)
		return err_set(err, 0, "agents there end before they answer");
	node->cleaned = true;
	node_is_clean(node);
	if (node->fd == -1)
		return 0;
	node_hello(node);
	node_expect_ping(node);
	return 0;
}

/*
 * While we hand over, what an agent says of its children is left with it: it keeps what is not acknowledged, and tells
 * who comes. That a start which we ordered has come to its end is what we wait for.
 */
static bool
is_left(struct node *node, const struct agent_msg *m)
{
	struct incarnation *inc;

	if (m->type == AGENT_EXITED && (inc = own_inc(node, m->u.exited.token)) != NULL && inc->state == INC_SENT)
		inc->state = INC_LIVE;
	return m->type == AGENT_EXITED || m->type == AGENT_OUTPUT || m->type == AGENT_READY;
}

int
node_message(struct node *node, const struct agent_msg *m, struct err *err)
{
	if (node->state == NODE_GREETING && m->type != AGENT_WELCOME && m->type != AGENT_REFUSE && m->type != AGENT_NOTE &&
	    m->type != AGENT_CLEAN)
		return err_set(err, 0, "%s before the welcome", agent_msg_name(m->type));
	if (node_check(node, m, err) == -1)
		return -1;
	if (handover_holds(node->d) && is_left(node, m))
		return 0;
	switch (m->type) {
	case AGENT_WELCOME:
		return on_welcome(node, m, err);
	case AGENT_REFUSE:
		return on_refuse(node, m, err);
	case AGENT_CHILD:
		return on_child(node, m, err);
	case AGENT_READY_FOR_ORDERS:
		sort_incarnations(node);
		return 0;
	case AGENT_PING:
		return on_ping(node, m, err);
	case AGENT_STARTED:
		on_started(node, m);
		return 0;
	case AGENT_START_FAILED:
		on_start_failed(node, m);
		return 0;
	case AGENT_READY:
		on_ready(node, m);
		return 0;
	case AGENT_OUTPUT:
		return on_output(node, m, err);
	case AGENT_EXITED:
		on_exited(node, m);
		return 0;
	case AGENT_NOTE:
		on_note(node, m);
		return 0;
	case AGENT_CONTROL_ACK:
		on_control_ack(node, m);
		return 0;
	case AGENT_CLEAN:
		return on_clean(node, err);
	case AGENT_HELLO:
	case AGENT_PONG:
	case AGENT_START:
	case AGENT_SIGNAL:
	case AGENT_STDIN:
	case AGENT_ACK:
	case AGENT_EXIT_ACK:
	case AGENT_GOODBYE:
	case AGENT_CONTROL:
		return err_set(err, 0, "%s is not for an agent to say", agent_msg_name(m->type));
	}
	/* A later version's word. */
	log_debug("node %s: message of unknown type %d", node->name, (int)m->type);
	return 0;
}
