/* Hosts, processes, and the guard (src/agent/guard.c, place.c). */
#include "config.h"

#include <errno.h>
#include <signal.h>

#include "core/reason.h"
#include "sim.h"

/* As agent/page.h. */
#define GRACE_US 100000
#define KILL_US 5000000
/* Of LEASE_KILL_US the grace takes its part, waking the guard may take this, and SIGKILL the rest. */
#define GUARD_LATE_US 400000
/* A new agent looks after the lock's owner so often. */
#define TICK_US 200000

enum salt { SALT_EXEC = 100, SALT_KILL, SALT_TERM, SALT_TERM_CODE, SALT_REAP, SALT_DRIFT, SALT_READY, SALT_GUARD, SALT_WORST };

/* Two clocks may differ by the drift bound, and no more: 917 * 1.2 = 1100.4. */
#define SLOWEST 917
#define FASTEST 1100

void
host_boot(struct world *w, struct host *h)
{
	struct conn *c;

	h->boots++;
	h->up = true;
	h->clock.true_at = w->now;
	h->clock.mono_at = sim_between(w, SALT_DRIFT, h->index, 1000000, 9000000);
	h->clock.permille = sim_between(w, SALT_DRIFT + 1000, (uint64_t)h->boots << 32 | h->index, 0, 3) == 0 ?
	    (sim_hash(w, h->index, h->boots) % 2 == 0 ? SLOWEST : FASTEST) :
	    sim_between(w, SALT_DRIFT, (uint64_t)h->boots << 32 | h->index, SLOWEST, FASTEST);
	h->clean = false;
	for (c = h->conns; c != NULL; c = c->next)
		conn_reset(w, c);
	link_changed(w, h);
}

static void
forget_process(struct world *w, struct proc *p)
{
	LIST_REMOVE(p, entry);
	if (p->state == PROC_LIVE) {
		p->kid->live--;
		w->n_live--;
		p->kid->last_status = p->status;
		check_process_ends(w, p);
	}
	p->state = PROC_DEAD;
	if (p->rec != NULL)
		p->rec->proc = NULL;
}

static void
kill_agent_and_guard(struct world *w, struct agent *a)
{
	if (a == NULL)
		return;
	actor_kill(&a->actor);
	actor_kill(&a->guard);
	a->phase = AGENT_GONE;
	a->guard_gone = true;
	agent_forget(w, a);
}

void
host_lose(struct world *w, struct host *h)
{
	struct conn *c;

	if (!h->up)
		return;
	h->up = false;
	kill_agent_and_guard(w, h->agent);
	kill_agent_and_guard(w, h->waiter);
	h->agent = h->waiter = NULL;
	while (!LIST_EMPTY(&h->procs)) {
		LIST_FIRST(&h->procs)->status = SIGKILL;
		forget_process(w, LIST_FIRST(&h->procs));
	}
	for (c = h->conns; c != NULL; c = c->next)
		conn_vanish(w, c);
	if (h->index == 0) {
		daemon_die(w);
		journal_lose_power(w);
	}
}

/* Processes. */

static const struct behave *
behaviour(const struct kid *k, uint32_t nth)
{
	const struct behave *b;

	for (b = k->behaves; b != NULL && b->nth != nth; b = b->next)
		;
	return b;
}

static bool
behaves(const struct proc *p, uint32_t what)
{
	return p->behave != NULL && p->behave->what == what;
}

static void
tell_agent_of_end(struct world *w, void *arg, uint64_t unused)
{
	struct proc *p = arg;

	(void)unused;
	agent_reap(w, p->agent, p);
}

static void guard_check(struct world *w, struct agent *a);

void
proc_die(struct world *w, struct proc *p, int status)
{
	struct agent *a = p->agent;
	struct rec *rec = p->rec;

	if (p->state == PROC_DEAD)
		return;
	p->status = status;
	sim_tell(w, "host %u: process of %s (token %jx) ends, status %d", p->host->index, p->kid->path, (uintmax_t)p->token,
	    status);
	forget_process(w, p);
	w->counts.deaths++;
	if (a->phase != AGENT_GONE && rec != NULL)
		sim_at(w, w->now + sim_between(w, SALT_REAP, p->token, 20, 200), &a->actor, tell_agent_of_end, p, 0);
	guard_check(w, a);
}

static void
die_by(struct world *w, void *arg, uint64_t status)
{
	proc_die(w, arg, (int)status);
}

static void
die_if_free(struct world *w, void *arg, uint64_t status)
{
	struct proc *p = arg;

	if (!p->killed)
		proc_die(w, p, (int)status);
}

void
proc_send_signal(struct world *w, struct proc *p, int sig)
{
	int64_t us;
	int status = sig;

	if (p->state == PROC_DEAD || (p->killed && sig == SIGKILL))
		return;
	if (sig == SIGKILL) {
		p->killed = true;
		us = behaves(p, BEHAVE_SLOW_KILL) ? p->behave->us : sim_between(w, SALT_KILL, p->token, 50, 3000);
		sim_at(w, w->now + us, &p->host->actor, die_by, p, SIGKILL);
		return;
	}
	if (p->state == PROC_LIVE && behaves(p, BEHAVE_DEAF))
		return;
	us = sim_between(w, SALT_TERM, p->token, 200, 20000);
	if (behaves(p, BEHAVE_SLOW_STOP))
		us = p->behave->us;
	if (p->state == PROC_LIVE && sim_hash(w, SALT_TERM_CODE, p->token) % 2 == 0)
		status = 0;
	sim_at(w, w->now + us, &p->host->actor, die_if_free, p, (uint64_t)status);
}

static void
proc_fail(struct world *w, struct proc *p, enum start_step step, int error)
{
	p->failed = true;
	p->failed_step = step;
	p->failed_errno = error;
	proc_die(w, p, 127 << 8);
}

static void
say_ready(struct world *w, void *arg, uint64_t ignore)
{
	struct proc *p = arg;

	if (p->state == PROC_LIVE)
		p->kid->ignored = ignore != 0 && p->ready_counts;
	if (p->state == PROC_LIVE && p->rec != NULL && p->agent->phase != AGENT_GONE)
		agent_hears_ready(w, p->agent, p, ignore != 0);
}

/* What it does with its life, if nobody interferes. */
static void
proc_live(struct world *w, struct proc *p)
{
	const struct behave *b = p->behave;
	int64_t ready = sim_between(w, SALT_READY, p->token, 1000, 50000);
	struct actor *host = &p->host->actor;

	if (b != NULL && b->what == BEHAVE_LATE)
		ready = b->us;
	sim_at(w, w->now + ready, host, say_ready, p, behaves(p, BEHAVE_IGNORE));
	if (b == NULL)
		return;
	if (b->what == BEHAVE_CRASH)
		sim_at(w, w->now + b->us, host, die_if_free, p, b->us % 3 == 0 ? SIGSEGV : 1 << 8);
	else if (b->what == BEHAVE_EXIT)
		sim_at(w, w->now + b->us, host, die_if_free, p, 0);
	else if (b->what == BEHAVE_TERM)
		sim_at(w, w->now + b->us, host, die_if_free, p, SIGTERM);
}

/* In the child, right before exec: a last look at the page (architecture 5). */
static void
proc_exec(struct world *w, void *arg, uint64_t unused)
{
	struct proc *p = arg;

	(void)unused;
	if (p->state != PROC_FORKED || p->killed)
		return;
	if (!mono_before(clock_now(w, &p->host->clock), p->agent->deadline)) {
		proc_fail(w, p, STEP_LEASE, ETIME);
		return;
	}
	if (behaves(p, BEHAVE_NO_SPAWN)) {
		proc_fail(w, p, STEP_EXEC, ENOENT);
		return;
	}
	p->state = PROC_LIVE;
	p->kid->live++;
	w->n_live++;
	w->counts.lives++;
	sim_tell(w, "host %u: process of %s (token %jx) lives", p->host->index, p->kid->path, (uintmax_t)p->token);
	check_process_begins(w, p);
	agent_sees_exec(w, p->agent, p);
	proc_live(w, p);
}

static void
thaw_agent(struct world *w, void *agent, uint64_t unused)
{
	(void)unused;
	actor_thaw(w, &((struct agent *)agent)->actor);
}

void
host_freeze_agent(struct world *w, struct host *h, int64_t us)
{
	actor_freeze(&h->agent->actor);
	sim_at(w, w->now + us, &w->nature, thaw_agent, h->agent, 0);
}

/* Between clone and exec: the child goes on, and has its turn when it is worst, every other time. */
static int64_t
freeze_in_start(struct world *w, struct agent *a, uint64_t token, int64_t us)
{
	struct host *h = a->host;
	int64_t worst = clock_when(w, &h->clock, a->deadline) - w->now + sim_between(w, SALT_WORST, token, 0, 300000);

	sim_tell(w, "host %u: agent %u is frozen in the middle of a start", h->index, a->id);
	host_freeze_agent(w, h, h->freeze_us);
	h->freeze_us = 0;
	return sim_hash(w, SALT_WORST, ~token) % 2 == 0 && worst > 0 ? worst : us;
}

struct proc *
proc_fork(struct world *w, struct agent *a, struct rec *r)
{
	struct proc *p = sim_alloc(w, sizeof(*p));
	int64_t us = sim_between(w, SALT_EXEC, r->token, 300, 3000);

	p->kid = r->kid;
	p->host = a->host;
	p->agent = a;
	p->rec = r;
	p->token = r->token;
	p->nth = ++r->kid->runs;
	p->behave = w->calm ? NULL : behaviour(r->kid, p->nth);
	p->ready_counts = r->ready_kind != READY_EXEC;
	r->kid->ignored = false;
	LIST_INSERT_HEAD(&a->host->procs, p, entry);
	if (behaves(p, BEHAVE_SLOW_SPAWN))
		us = p->behave->us;
	if (a->host->freeze_us > 0 && !w->calm && host_is_whole(a->host))
		us = freeze_in_start(w, a, p->token, us);
	sim_at(w, w->now + us, &p->host->actor, proc_exec, p, 0);
	return p;
}

/* The guard. */

static bool
has_processes(const struct agent *a)
{
	const struct proc *p;

	LIST_FOREACH(p, &a->host->procs, entry) {
		if (p->agent == a)
			return true;
	}
	return false;
}

static void
lock_is_free(struct world *w, struct host *h)
{
	struct agent *next = h->waiter;

	h->agent = NULL;
	h->waiter = NULL;
	if (next == NULL)
		return;
	h->agent = next;
	agent_own(w, next);
}

/* waitpid says ECHILD. */
static void
guard_check(struct world *w, struct agent *a)
{
	if (!a->guard_acts || a->guard_gone || has_processes(a))
		return;
	sim_tell(w, "host %u: guard of agent %u: all is gone", a->host->index, a->id);
	a->host->clean = true;
	a->guard_gone = true;
	actor_kill(&a->guard);
	lock_is_free(w, a->host);
}

static void
kill_processes_of(struct world *w, struct host *h, const struct agent *a)
{
	struct proc *p;

	LIST_FOREACH(p, &h->procs, entry) {
		if (a == NULL || p->agent == a)
			proc_send_signal(w, p, SIGKILL);
	}
}

void
guard_begin(struct world *w, struct agent *a, const char *why)
{
	if (a->guard_acts)
		return;
	sim_tell(w, "host %u: guard of agent %u acts: %s", a->host->index, a->id, why);
	a->guard_acts = true;
	agent_die(w, a);
	kill_processes_of(w, a->host, a);
	guard_check(w, a);
}

/* The host was busy; by now the lease may have been extended. */
static void
guard_wakes(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;
	mono_t due = mono_add_us(a->deadline, GRACE_US);

	(void)unused;
	if (a->handled.us >= a->deadline.us || mono_before(clock_now(w, &a->host->clock), due))
		guard_look(w, a, 0);
	else
		guard_begin(w, a, "the agent is deaf");
}

void
guard_look(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;
	mono_t due = mono_add_us(a->deadline, GRACE_US);

	(void)unused;
	if (a->guard_acts || a->guard_gone)
		return;
	if (a->handled.us >= a->deadline.us)
		due = MONO_NEVER; /* the agent pokes when there is a new one */
	else if (a->acting.us >= a->deadline.us)
		due = mono_add_us(due, KILL_US);
	if (mono_before(clock_now(w, &a->host->clock), due))
		timer_set(w, &a->guard_timer, due);
	else
		sim_at(w, w->now + sim_between(w, SALT_GUARD, (uint64_t)a->deadline.us, 50, GUARD_LATE_US), &a->guard, guard_wakes, a, 0);
}

void
guard_hears_end(struct world *w, void *arg, uint64_t unused)
{
	(void)unused;
	guard_begin(w, arg, "the agent is gone");
}

/* Agent and guard are both gone: the lock is free, and nobody has seen the children gone. */
void
host_agent_gone(struct world *w, struct agent *a)
{
	if (!a->guard_gone || a->host->agent != a)
		return;
	a->host->clean = false;
	lock_is_free(w, a->host);
}

/* S69: what an unclean end has left is gone before anybody is answered. */
bool
host_sweep(struct world *w, struct host *h)
{
	if (h->clean || LIST_EMPTY(&h->procs))
		return true;
	kill_processes_of(w, h, NULL);
	return false;
}

bool
host_is_whole(const struct host *h)
{
	const struct agent *a = h->agent;

	return h->up && a != NULL && a->phase != AGENT_GONE && !a->guard_gone && !a->guard_acts && !a->actor.frozen &&
	    !a->guard.frozen;
}

/* A frozen guard would hold the lock for ever. */
static void
waiter_tick(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;

	(void)unused;
	if (a->phase != AGENT_WAITS || a->host->waiter != a)
		return;
	if (a->host->agent != NULL && a->host->agent->guard.frozen)
		actor_thaw(w, &a->host->agent->guard);
	sim_at(w, w->now + TICK_US, &a->actor, waiter_tick, a, 0);
}

struct agent *
host_listener(struct world *w, struct host *h)
{
	if (h->agent != NULL && h->agent->phase == AGENT_UP)
		return h->agent;
	if (h->agent == NULL) {
		h->agent = agent_begin(w, h);
		agent_own(w, h->agent);
	} else if (h->waiter == NULL) {
		h->waiter = agent_begin(w, h);
		waiter_tick(w, h->waiter, 0);
	}
	return NULL;
}
