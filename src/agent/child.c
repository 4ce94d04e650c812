#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "base/xalloc.h"
#include "core/reason.h"

struct child *
child_new(struct agent *a, const struct agent_start *start)
{
	struct child *c = xcalloc(1, sizeof(*c));

	c->token = start->token;
	c->name = xstrdup(start->child);
	c->state = CHILD_QUEUED;
	c->started_us = mono_now().us;
	c->out.child = c;
	c->out.id = STREAM_OUT;
	c->out.watch.fd = -1;
	c->out.ended = true;
	c->out.limit = AGENT_CREDIT_FIRST;
	map_put(&a->by_token, c->token, c);
	TAILQ_INSERT_TAIL(&a->children, c, entry);
	return c;
}

struct child *
child_by_token(struct agent *a, uint64_t token)
{
	return map_find(&a->by_token, token);
}

void
child_drop(struct agent *a, struct child *c)
{
	if (c->state == CHILD_QUEUED) {
		TAILQ_REMOVE(&a->queue, c, settling);
		a->n_queued--;
	} else if (c->unsettled) {
		TAILQ_REMOVE(&a->unsettled, c, settling);
	}
	if (c->pid > 0 && map_find(&a->by_pid, (uint64_t)c->pid) == c)
		map_remove(&a->by_pid, (uint64_t)c->pid);
	map_remove(&a->by_token, c->token);
	TAILQ_REMOVE(&a->children, c, entry);
	stream_free(a, &c->out);
	if (c->err != NULL)
		stream_free(a, c->err);
	agent_free_later(a, c->err);
	input_free(a, c->in);
	control_free(a, c->control);
	launch_free(a, c->launch);
	ready_free(a, c->readiness);
	free(c->name);
	agent_free_later(a, c);
	agent_leave_if_done(a);
}

void
child_start_failed(struct agent *a, struct child *c, uint32_t step, int error)
{
	struct agent_msg m = { .type = AGENT_START_FAILED };

	m.u.start_failed.token = c->token;
	m.u.start_failed.step = step;
	m.u.start_failed.error = error;
	agent_send(a, &m);
	child_drop(a, c);
}

void
child_kill(struct agent *a, struct child *c)
{
	switch ((enum child_state)c->state) {
	case CHILD_QUEUED:
		child_start_failed(a, c, STEP_FORK, ECANCELED);
		return;
	case CHILD_FORKED:
	case CHILD_RUNS:
		c->killed = true;
		reap_kill(c->pid);
		return;
	case CHILD_DEAD:
	case CHILD_ENDED:
		return;
	}
}

void
children_kill_all(struct agent *a)
{
	struct child *c, *next;

	for (c = TAILQ_FIRST(&a->children); c != NULL; c = next) {
		next = TAILQ_NEXT(c, entry);
		child_kill(a, c);
	}
}

void
child_signal(struct agent *a, struct child *c, int sig, bool group)
{
	if (sig < 1 || sig >= NSIG)
		return;
	if (c->state == CHILD_QUEUED || (sig == SIGKILL && group)) {
		child_kill(a, c);
		return;
	}
	if (c->state != CHILD_FORKED && c->state != CHILD_RUNS)
		return;
	/* Until exec the group may not be there yet. */
	if (!group || kill(-c->pid, sig) == -1)
		kill(c->pid, sig);
	/* S58: a stopped process takes a signal only when it goes on. */
	if (sig != SIGKILL && sig != SIGSTOP && sig != SIGCONT)
		kill(group ? -c->pid : c->pid, SIGCONT);
}

/*
 * EXITED may overtake the output that it names: on a full disk no credit comes,
 * and a restart must not wait for that. The daemon knows what is still to come.
 */
void
child_try_end(struct agent *a, struct child *c)
{
	if (c->state != CHILD_DEAD || c->unsettled)
		return;
	c->state = CHILD_ENDED;
	if (a->conn != NULL)
		child_tell_exit(a, c);
}

void
child_tell_exit(struct agent *a, struct child *c)
{
	struct agent_msg m = { .type = AGENT_EXITED };

	if (c->late) {
		struct agent_msg failed = { .type = AGENT_START_FAILED };

		failed.u.start_failed.token = c->token;
		failed.u.start_failed.step = STEP_TIMEOUT;
		failed.u.start_failed.error = ETIMEDOUT;
		agent_send(a, &failed);
	}
	m.u.exited.token = c->token;
	m.u.exited.status = c->exit.status;
	m.u.exited.out_end = c->out.end;
	m.u.exited.err_end = c->err != NULL ? c->err->end : 0;
	m.u.exited.user_us = c->exit.user_us;
	m.u.exited.system_us = c->exit.system_us;
	m.u.exited.maxrss_kb = c->exit.maxrss_kb;
	agent_send(a, &m);
}

void
child_drop_if_done(struct agent *a, struct child *c)
{
	if (c->state != CHILD_ENDED || !c->exit_acked || c->out.acked < c->out.end ||
	    (c->err != NULL && c->err->acked < c->err->end))
		return;
	/* A frame of it that is half written must be written whole. */
	if (conn_holds(a, &c->out) != UINT64_MAX || (c->err != NULL && conn_holds(a, c->err) != UINT64_MAX))
		return;
	child_drop(a, c);
}
