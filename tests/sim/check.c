/*
 * What must be true, always, of processes, leases, deaths and answers: judged by
 * what is so in the world, whatever the daemon and the agents believe.
 */
#include "config.h"

#include <signal.h>
#include <sys/wait.h>

#include "sim.h"

/* How long after its lease something may still live. */
#define LATE_US LEASE_KILL_US

bool
is_stopped_by_wish(const struct world *w, const struct kid *k)
{
	for (; k->index != 0; k = &w->kids[k->parent]) {
		if (k->wish == WISH_STOP)
			return true;
	}
	return false;
}

void
check_process_begins(struct world *w, const struct proc *p)
{
	struct kid *k = p->kid;
	const struct clock *clock = &p->host->clock;
	uint64_t seq = (uint64_t)(uintptr_t)map_find(&w->start_seq, p->token);

	if (k->live > 1)
		sim_fail(w, "never two", "%s lives twice: token %jx on %s, and token %jx on %s", k->path, (uintmax_t)p->token,
		    node_name(p->host->index), (uintmax_t)k->live_token, node_name(k->live_host));
	if (!mono_before(clock_now(w, clock), p->agent->truth))
		sim_fail(w, "lease", "%s is started on %s, whose lease is over", k->path, node_name(p->host->index));
	if (k->gone)
		sim_fail(w, "a removed child is gone", "%s is started after an order to take it out was answered", k->path);
	if (is_stopped_by_wish(w, k))
		sim_fail(w, "a stopped child stays stopped", "%s is started after an order to stop it was answered", k->path);
	if (seq == 0 || (w->daemon != NULL && p->token >> 32 == w->daemon->epoch && seq > w->journal.appended))
		sim_fail(w, "journal", "%s is started before its record is written", k->path);
	k->live_token = p->token;
	k->live_host = p->host->index;
}

void
check_process_ends(struct world *w, const struct proc *p)
{
	(void)w;
	if (p->kid->live == 0)
		p->kid->live_token = 0;
}

/* The daemon records an end. */
void
check_death(struct world *w, const struct inc *inc, const struct exit_reason *reason)
{
	char text[REASON_TEXT_SIZE];

	if (inc->token == inc->kid->start_token)
		inc->kid->ended_told = inc->kid->told || inc->kid->told_token == inc->token;
	if (inc->kid->live_token == inc->token)
		sim_fail(w, "dead means dead", "%s (token %jx) is taken for dead (%s) while it lives on %s", inc->kid->path,
		    (uintmax_t)inc->token, reason_text(reason, text), node_name(inc->kid->live_host));
	if (map_put(&w->deaths, inc->token, (void *)(uintptr_t)(w->journal.base + w->journal.n + 1)) != NULL)
		sim_fail(w, "each death once", "%s (token %jx) has ended a second time: %s", inc->kid->path,
		    (uintmax_t)inc->token, reason_text(reason, text));
}

/* Records behind `upto` are lost: these deaths will be told again. */
void
check_records_lost(struct world *w, uint64_t upto)
{
	uint64_t token;
	size_t i = 0;
	void *seq;

	while (map_next(&w->deaths, &i, &token, &seq)) {
		if ((uintptr_t)seq > upto) {
			map_remove(&w->deaths, token);
			i = 0;
		}
	}
}

/* Leases. */

static void
lease_is_over(struct world *w, void *arg, uint64_t unused)
{
	struct agent *a = arg;
	const struct clock *clock = &a->host->clock;
	mono_t due = mono_add_us(a->truth, LATE_US);
	const struct proc *p;

	(void)unused;
	if (mono_before(clock_now(w, clock), due)) {
		sim_at(w, clock_when(w, clock, due), &a->host->actor, lease_is_over, a, 0);
		return;
	}
	a->truth_watched = false;
	LIST_FOREACH(p, &a->host->procs, entry) {
		if (p->agent == a && p->state == PROC_LIVE)
			sim_fail(w, "lease", "%s lives on %s long after its lease", p->kid->path, node_name(a->host->index));
	}
}

void
check_ping(struct world *w, struct agent *a, uint64_t k)
{
	a->truth_pings[k % LEASE_PINGS_KEPT].k = k;
	a->truth_pings[k % LEASE_PINGS_KEPT].at = clock_now(w, &a->host->clock);
}

/* A pong of the attached connection is read: the lease that it grants, by the book. */
void
check_grant(struct world *w, struct agent *a, uint64_t k, int64_t length)
{
	mono_t until;

	if (k == 0 || a->truth_pings[k % LEASE_PINGS_KEPT].k != k)
		return;
	a->truth_pings[k % LEASE_PINGS_KEPT].k = 0;
	until = mono_add_us(a->truth_pings[k % LEASE_PINGS_KEPT].at, length);
	if (until.us <= a->truth.us)
		return;
	a->truth = until;
	if (!a->truth_watched)
		sim_at(w, clock_when(w, &a->host->clock, mono_add_us(until, LATE_US)), &a->host->actor, lease_is_over, a, 0);
	a->truth_watched = true;
}

void
check_attach(struct world *w, const struct agent *a, uint32_t epoch, uint32_t attach)
{
	if (epoch < a->epoch || (epoch == a->epoch && attach <= a->attach))
		sim_fail(w, "attach", "agent %u of %s takes (%u, %u) after (%u, %u)", a->id, node_name(a->host->index), epoch,
		    attach, a->epoch, a->attach);
}

/* Orders. */

static bool
is_at_or_below(const struct world *w, const struct kid *k, const struct kid *top)
{
	while (k != top && k->index != 0)
		k = &w->kids[k->parent];
	return k == top;
}

/* A daemon that ends leaves what is out of reach to its lease. */
bool
lives(const struct kid *k)
{
	return k->live > 0 && k->live_token != k->abandoned;
}

void
check_stopped(struct world *w, const struct kid *top)
{
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		if (lives(&w->kids[i]) && is_at_or_below(w, &w->kids[i], top))
			sim_fail(w, "orders", "stop %s was answered while %s lives", top->path, w->kids[i].path);
	}
}

/* S74: the reply comes when the effect is complete; a later order may undo it before the answer is safe. */
void
check_reply(struct world *w, const struct request *r)
{
	struct kid *k = &w->kids[r->kid];

	if (r->op == OP_STOP && r->result == RESULT_OK && r->seq != 0 && k->wish_order == r->cookie)
		check_stopped(w, k);
}

void
check_answer(struct world *w, const struct request *r)
{
	struct kid *k = &w->kids[r->kid];

	if (r->seq == 0 || k->wish_order != r->cookie || r->op == OP_DELETE_CHILD || r->op == OP_REMOVE)
		return;
	if (r->op == OP_START_CHILD) {
		k->wish = r->result == RESULT_OK && !is_instance(k) ? WISH_RUN : WISH_EITHER;
		return;
	}
	if (r->op != OP_STOP) {
		if (r->op != OP_RESTART_CHILD || (r->result != RESULT_START_ERROR && r->result != RESULT_NOPROC))
			k->wish = WISH_RUN;
		return;
	}
	if (r->result != RESULT_OK)
		return;
	/* One that is temporary is forgotten, and with it the wish. */
	if (k->spec->restart != RESTART_TEMPORARY && !is_instance(k) && !k->gone)
		k->wish = WISH_STOP;
}

void
check_all_dead(struct world *w, const char *when)
{
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		if (w->daemon != NULL ? lives(&w->kids[i]) : w->kids[i].live > 0)
			sim_fail(w, "end", "%s, but %s lives on %s", when, w->kids[i].path, node_name(w->kids[i].live_host));
	}
}

/* No more faults, and time enough. */

static bool
ended_normally(const struct kid *k)
{
	int s = k->last_status;

	return s == 0 || (WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM);
}

static bool
is_up(const struct daemon *d, child_handle h)
{
	struct child_view v;

	for (; h != CHILD_NONE; h = v.parent) {
		if (!tree_view(d->tree, h, &v) || v.state != CHILD_RUNNING)
			return false;
	}
	return true;
}

/* S115: none of its nodes has room for it. */
bool
is_full(const struct daemon *d, uint32_t node)
{
	struct node_view n;

	return tree_node(d->tree, node, &n) && n.capacity > 0 && n.load >= n.capacity;
}

static bool
is_crowded(const struct world *w)
{
	struct child_view v;
	child_handle h;
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		h = tree_find_kid(w->daemon, &w->kids[i]);
		if (h != CHILD_NONE && tree_view(w->daemon->tree, h, &v) && v.waits_for_node &&
		    is_without_node(w->daemon, &w->kids[i], v.node))
			return true;
	}
	return false;
}

static void
check_kid(struct world *w, const struct kid *k)
{
	struct daemon *d = w->daemon;
	child_handle h = tree_find_kid(d, k);
	struct child_view v;
	bool there = h != CHILD_NONE && tree_view(d->tree, h, &v);

	if (k->live > 0 && (!there || v.token != k->live_token))
		sim_fail(w, "nothing else runs", "%s lives, and the tree does not know of it", k->path);
	if (k->live > 0 && v.state != CHILD_RUNNING)
		sim_fail(w, "liveness", "%s lives, but is %s for the tree", k->path, child_state_name(v.state));
	if (!there)
		return;
	if (k->wish == WISH_STOP && v.wanted)
		sim_fail(w, "no order forgotten", "%s was stopped, and the tree wants it", k->path);
	if (k->wish == WISH_RUN && !v.wanted && k->spec->restart == RESTART_PERMANENT)
		sim_fail(w, "no order forgotten", "%s was not stopped, and the tree does not want it", k->path);
	if (!is_up(d, v.parent) || !v.wanted || w->crowded)
		return;
	if (v.state == CHILD_STARTING || v.state == CHILD_STOPPING || v.state == CHILD_RESTARTING)
		sim_fail(w, "liveness", "%s is still %s", k->path, child_state_name(v.state));
	if (v.state == CHILD_RUNNING && !k->is_sup && k->live == 0)
		sim_fail(w, "liveness", "%s runs for the tree, but does not live", k->path);
	if (v.state == CHILD_RUNNING)
		return;
	if (k->spec->restart == RESTART_PERMANENT && !k->ignored && !k->gave_up && !k->done)
		sim_fail(w, "liveness", "%s is down: permanent, not stopped, and its supervisor runs", k->path);
	if (k->spec->restart == RESTART_TRANSIENT && !k->is_sup && !k->ignored && !k->gave_up && !k->gave_in && !k->run_lost &&
	    (!ended_normally(k) || k->ended_told))
		sim_fail(w, "liveness", "%s is down: transient, ended with status %d, and its supervisor runs", k->path,
		    k->last_status);
}

void
check_end(struct world *w)
{
	const struct rec *r;
	uint32_t i;

	if (w->daemon == NULL || !w->daemon->begun)
		sim_fail(w, "liveness", "the daemon has not begun");
	for (i = 0; i < w->n_hosts; i++) {
		if (w->daemon->nodes[i].state != NODE_UP)
			sim_fail(w, "liveness", "node %s is not attached", node_name(i));
		TAILQ_FOREACH(r, &w->hosts[i].agent->recs, entry) {
			if (r->state != REC_RUNS)
				sim_fail(w, "exits", "the end of %s (token %jx) is never acknowledged", r->kid->path,
				    (uintmax_t)r->token);
		}
	}
	/* One that finds no room may hold others up, under init = strict. */
	w->crowded = is_crowded(w);
	check_members(w->daemon, "at the end");
	if (!w->crowded)
		check_all_answered(w->daemon, "at the end");
	check_drained(w->daemon);
	for (i = 1; i < w->n_kids; i++)
		check_kid(w, &w->kids[i]);
}
