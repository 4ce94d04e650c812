/* An agent's children, from START to EXIT_ACK (src/agent/launch.c, child.c, reaper.c, ready.c). */
#include "config.h"

#include <errno.h>
#include <signal.h>

#include "core/reason.h"
#include "sim.h"

enum salt { SALT_FORK = 200, SALT_SEEN, SALT_HEARD };

struct rec *
agent_find(struct world *w, const struct agent *a, uint64_t token)
{
	struct rec *r = map_find(&w->recs, token);

	return r != NULL && r->agent == a ? r : NULL;
}

void
agent_drop(struct world *w, struct agent *a, struct rec *r)
{
	TAILQ_REMOVE(&a->recs, r, entry);
	if (map_find(&w->recs, r->token) == r)
		map_remove(&w->recs, r->token);
	if (r->proc != NULL)
		r->proc->rec = NULL;
}

static void
start_failed(struct world *w, struct agent *a, struct rec *r, uint32_t step, int error)
{
	agent_say(w, a, &(struct agent_msg){ .type = AGENT_START_FAILED, .u.start_failed = { r->token, step, error } });
	agent_drop(w, a, r);
}

static void
not_in_time(struct world *w, void *arg, uint64_t token)
{
	struct agent *a = arg;
	struct rec *r = agent_find(w, a, token);

	if (r == NULL || r->ready || r->state == REC_ENDED)
		return;
	r->late = true;
	agent_signal(w, a, r, SIGKILL, true);
}

static void
try_fork(struct world *w, void *arg, uint64_t token)
{
	struct agent *a = arg;
	struct rec *r = agent_find(w, a, token);

	if (r == NULL || r->state != REC_QUEUED)
		return;
	if (!agent_lease_is_valid(w, a)) {
		start_failed(w, a, r, STEP_LEASE, ETIME);
		return;
	}
	agent_live_changed(w, a, 1);
	r->state = REC_FORKED;
	r->started = clock_now(w, &a->host->clock);
	r->proc = proc_fork(w, a, r);
	if (r->ready_timeout > 0)
		sim_at(w, clock_when(w, &a->host->clock, mono_add_us(r->started, r->ready_timeout)), &a->actor,
		    not_in_time, a, token);
}

void
agent_order_start(struct world *w, struct agent *a, const struct agent_start *s)
{
	struct rec *r;
	struct kid *k = strmap_find(&w->by_path, s->child);

	if (k == NULL)
		sim_fail(w, "codec", "a start of %s, whom nobody knows", s->child);
	if (agent_find(w, a, s->token) != NULL || a->phase != AGENT_UP)
		return;
	r = sim_alloc(w, sizeof(*r));
	r->token = s->token;
	r->kid = k;
	r->ready_kind = s->ready;
	r->ready_timeout = s->ready_timeout_ms * US_PER_MS;
	r->started = clock_now(w, &a->host->clock);
	r->agent = a;
	TAILQ_INSERT_TAIL(&a->recs, r, entry);
	map_put(&w->recs, r->token, r);
	sim_at(w, w->now + sim_between(w, SALT_FORK, s->token, 10, 1000), &a->actor, try_fork, a, s->token);
}

void
agent_forget_queued(struct world *w, struct agent *a)
{
	struct rec *r, *next;

	for (r = TAILQ_FIRST(&a->recs); r != NULL; r = next) {
		next = TAILQ_NEXT(r, entry);
		if (r->state == REC_QUEUED)
			agent_drop(w, a, r);
	}
}

void
agent_signal(struct world *w, struct agent *a, struct rec *r, int sig, bool group)
{
	(void)group;
	if (r->state == REC_QUEUED)
		start_failed(w, a, r, STEP_FORK, ECANCELED);
	else if (r->proc != NULL)
		proc_send_signal(w, r->proc, sig);
}

static void
exec_seen(struct world *w, void *arg, uint64_t token)
{
	struct agent *a = arg;
	struct rec *r = agent_find(w, a, token);

	if (r == NULL || r->state != REC_FORKED)
		return;
	r->state = REC_RUNS;
	if (r->ready_kind == READY_EXEC)
		r->ready = true;
	agent_say(w, a, &(struct agent_msg){ .type = AGENT_STARTED, .u.started = { token, (uint32_t)(token & 0xffff) } });
}

void
agent_sees_exec(struct world *w, struct agent *a, struct proc *p)
{
	sim_at(w, w->now + sim_between(w, SALT_SEEN, p->token, 5, 300), &a->actor, exec_seen, a, p->token);
}

static void
ready_heard(struct world *w, void *arg, uint64_t ignore)
{
	struct proc *p = arg;
	struct rec *r = p->rec;
	struct agent_msg m = { .type = AGENT_READY };

	if (r == NULL || r->ready || r->state != REC_RUNS)
		return;
	r->ready = true;
	m.u.ready.token = r->token;
	m.u.ready.ignore = ignore != 0;
	m.u.ready.info = "";
	agent_say(w, p->agent, &m);
}

void
agent_hears_ready(struct world *w, struct agent *a, struct proc *p, bool ignore)
{
	if (p->rec->ready_kind != READY_EXEC)
		sim_at(w, w->now + sim_between(w, SALT_HEARD, p->token, 300, 600), &a->actor, ready_heard, p, ignore);
}

void
agent_tell_child(struct world *w, struct agent *a, const struct rec *r)
{
	struct agent_msg m = { .type = AGENT_CHILD };

	m.u.child.token = r->token;
	m.u.child.child = r->kid->path;
	m.u.child.pid = r->state == REC_ENDED ? 0 : (uint32_t)(r->token & 0xffff) + 1;
	m.u.child.age_ms = mono_diff_us(clock_now(w, &a->host->clock), r->started) / US_PER_MS;
	m.u.child.ready = r->ready;
	agent_say(w, a, &m);
}

void
agent_tell_exit(struct world *w, struct agent *a, const struct rec *r)
{
	struct agent_msg m = { .type = AGENT_EXITED };

	if (r->late)
		agent_say(w, a, &(struct agent_msg){ .type = AGENT_START_FAILED,
				    .u.start_failed = { r->token, STEP_TIMEOUT, ETIMEDOUT } });
	m.u.exited.token = r->token;
	m.u.exited.status = r->status;
	agent_say(w, a, &m);
}

void
agent_reap(struct world *w, struct agent *a, struct proc *p)
{
	struct rec *r = agent_find(w, a, p->token);

	if (r == NULL || r->state == REC_ENDED)
		return;
	r->proc = NULL;
	r->status = p->status;
	if (p->failed) {
		start_failed(w, a, r, p->failed_step, p->failed_errno);
		agent_live_changed(w, a, -1);
		return;
	}
	if (r->state == REC_FORKED)
		exec_seen(w, a, r->token);
	r->state = REC_ENDED;
	if (a->conn != NULL)
		agent_tell_exit(w, a, r);
	agent_live_changed(w, a, -1);
}
