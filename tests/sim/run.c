/* A run: the world of a plan, its items as their time comes, and then time to recover. */
#include "config.h"

#include <setjmp.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/ring.h"
#include "base/xalloc.h"
#include "sim.h"

/* Faults last for 30 s at most; then come leases, delays, cool-downs. */
#define CALM_US (200 * US_PER_S)
#define FAREWELL_US (60 * US_PER_S)

static void
restart_daemon(struct world *w, void *unused, uint64_t unused2)
{
	(void)unused;
	(void)unused2;
	daemon_start(w);
}

static void
start_daemon_at(struct world *w, int64_t at)
{
	sim_at(w, at, &w->nature, restart_daemon, NULL, 0);
}

/* The other end of faults that last. */

static void
thaw_guard(struct world *w, void *agent, uint64_t unused)
{
	(void)unused;
	actor_thaw(w, &((struct agent *)agent)->guard);
}

static void
thaw_daemon(struct world *w, void *actor, uint64_t unused)
{
	(void)unused;
	actor_thaw(w, actor);
}

static void
power_is_back(struct world *w, void *host, uint64_t unused)
{
	struct host *h = host;

	(void)unused;
	host_boot(w, h);
	if (h->index == 0)
		start_daemon_at(w, w->now + US_PER_S);
}

static void
link_is_back(struct world *w, void *host, uint64_t unused)
{
	struct host *h = host;

	(void)unused;
	h->link.cut--;
	link_changed(w, h);
}

static void
voice_is_back(struct world *w, void *host, uint64_t direction)
{
	struct host *h = host;

	h->link.mute[direction]--;
	link_changed(w, h);
}

static void
speed_is_back(struct world *w, void *host, uint64_t unused)
{
	struct host *h = host;

	(void)w;
	(void)unused;
	h->link.slow--;
}

/*
 * Faults. One part at a time: with the agent frozen and its guard dead nobody is
 * left who could end anything (a frozen host is outside of what is promised).
 */

static void
agent_fault(struct world *w, struct host *h, const struct item *i)
{
	struct agent *a = h->agent;

	if (!host_is_whole(h))
		return;
	if (i->type == ITEM_AGENT_KILL) {
		agent_die(w, a);
	} else if (i->type == ITEM_AGENT_FREEZE) {
		host_freeze_agent(w, h, i->us);
	} else if (i->type == ITEM_GUARD_KILL) {
		a->guard_gone = true;
		actor_kill(&a->guard);
		sim_at(w, w->now + 50, &a->actor, agent_guard_lost, a, 0);
	} else {
		actor_freeze(&a->guard);
		sim_at(w, w->now + i->us, &w->nature, thaw_guard, a, 0);
	}
}

static void
link_fault(struct world *w, struct host *h, const struct item *i)
{
	if (h->index == 0)
		return;
	if (i->type == ITEM_LINK_CUT) {
		h->link.cut++;
		sim_at(w, w->now + i->us, &w->nature, link_is_back, h, 0);
	} else if (i->type == ITEM_LINK_MUTE) {
		h->link.mute[i->b % 2]++;
		sim_at(w, w->now + i->us, &w->nature, voice_is_back, h, i->b % 2);
	} else {
		h->link.slow++;
		h->link.latency = (int64_t)(i->b + 1) * 5000;
		sim_at(w, w->now + i->us, &w->nature, speed_is_back, h, 0);
	}
}

static void
cut_connections(struct world *w, struct host *h)
{
	struct conn *c;

	for (c = h->conns; c != NULL; c = c->next)
		conn_cut(w, c);
}

static void
freeze_daemon(struct world *w, const struct item *i)
{
	if (w->daemon == NULL || w->daemon->actor.frozen)
		return;
	actor_freeze(&w->daemon->actor);
	sim_at(w, w->now + i->us, &w->nature, thaw_daemon, &w->daemon->actor, 0);
}

static void
kill_daemon(struct world *w, const struct item *i)
{
	if (w->daemon == NULL)
		return;
	if (i->b % 3 == 0) {
		w->kill_us = i->us;
		return;
	}
	daemon_die(w);
	start_daemon_at(w, w->now + i->us);
}

static void
crash(struct world *w, const struct item *i)
{
	const struct kid *k = &w->kids[i->a];
	uint32_t n = w->plan->n_kids;
	struct proc *p;

	/* Of a template, an instance. */
	while (k->is_template && n < w->n_kids && (w->kids[n].template != &w->kids[i->a] || w->kids[n].live == 0))
		n++;
	if (k->is_template && n < w->n_kids)
		k = &w->kids[n];
	if (k->live == 0)
		return;
	LIST_FOREACH(p, &w->hosts[k->live_host].procs, entry) {
		if (p->kid == k && p->state == PROC_LIVE) {
			proc_die(w, p, (int)i->b);
			return;
		}
	}
}

static void
order(struct world *w, const struct item *i)
{
	operator_order(w, (enum operation)(i->b & 0xffff), i->a, i->b >> 16);
	if (i->b == OP_SHUTDOWN && w->daemon != NULL)
		w->down_us = i->us;
}

static void
lose_power(struct world *w, struct host *h, const struct item *i)
{
	if (!h->up)
		return;
	host_lose(w, h);
	sim_at(w, w->now + i->us, &w->nature, power_is_back, h, 0);
}

static void
run_item(struct world *w, void *item, uint64_t unused)
{
	const struct item *i = item;
	struct host *h = &w->hosts[i->a < w->n_hosts ? i->a : 0];

	(void)unused;
	w->counts.faults++;
	if (i->type != ITEM_CRASH && i->type != ITEM_ORDER)
		sim_tell(w, "fault %d at node %s for %jd us", (int)i->type, node_name(h->index), (intmax_t)i->us);
	switch (i->type) {
	case ITEM_CRASH:
		crash(w, i);
		break;
	case ITEM_AGENT_KILL:
	case ITEM_AGENT_FREEZE:
	case ITEM_GUARD_KILL:
	case ITEM_GUARD_FREEZE:
		agent_fault(w, h, i);
		break;
	case ITEM_HOST_LOSS:
		lose_power(w, h, i);
		break;
	case ITEM_LINK_CUT:
	case ITEM_LINK_MUTE:
	case ITEM_LINK_SLOW:
		link_fault(w, h, i);
		break;
	case ITEM_CONN_CUT:
		if (i->b % 2 == 0)
			h->cut_signal = true;
		else
			cut_connections(w, h);
		break;
	case ITEM_DAEMON_KILL:
		kill_daemon(w, i);
		break;
	case ITEM_DAEMON_FREEZE:
		freeze_daemon(w, i);
		break;
	case ITEM_DISK_STALL:
		w->journal.stalled_until = w->now + i->us;
		break;
	case ITEM_WALL_JUMP:
		h->clock.wall_ms += (i->us - 5000000) * (int64_t)i->b;
		break;
	case ITEM_START_FREEZE:
		h->freeze_us = i->us;
		break;
	case ITEM_ORDER:
		order(w, i);
		break;
	case ITEM_BEHAVE:
	case ITEM_TYPES:
		break;
	}
}

static void
add_behaviour(struct world *w, const struct item *i)
{
	struct behave *b = sim_alloc(w, sizeof(*b));
	struct kid *k = &w->kids[i->a];

	if (k->is_sup)
		return;
	*b = (struct behave){ i->b & 0xffff, i->b >> 16, i->us, k->behaves };
	k->behaves = b;
}

void
world_make(struct world *w, const struct plan *p, int tell)
{
	uint32_t i;

	memset(w, 0, sizeof(*w));
	w->plan = p;
	w->seed = hash_u64(p->seed);
	w->tell = tell;
	if (tell > 0)
		w->lines = xcalloc(TELL_LINES, sizeof(*w->lines));
	actor_init(w, &w->nature);
	w->n_hosts = p->n_hosts;
	w->hosts = sim_alloc(w, p->n_hosts * sizeof(*w->hosts));
	w->forbidden = sim_alloc(w, sizeof(struct ring));
	w->episodes = sim_alloc(w, p->n_hosts * sizeof(*w->episodes));
	for (i = 0; i < p->n_hosts; i++) {
		struct host *h = &w->hosts[i];

		h->w = w;
		h->index = i;
		actor_init(w, &h->actor);
		h->lease_us = p->large ? 10 * US_PER_S : sim_between(w, i, 1, 1, 10) * US_PER_S;
		h->capacity = !p->large && sim_hash(w, i, 3) % 12 == 0 ? (uint32_t)sim_between(w, i, 4, 1, p->n_kids) : 0;
		h->clock.wall_ms = INT64_C(1700000000000) + sim_between(w, i, 2, -10000000, 10000000);
		host_boot(w, h);
	}
	if (p->large)
		family_make_large(w);
	else
		family_make(w);
	for (i = 0; i < p->n_items; i++) {
		if (p->items[i].type == ITEM_BEHAVE)
			add_behaviour(w, &p->items[i]);
		else
			sim_at(w, p->items[i].at, &w->nature, run_item, &p->items[i], 0);
	}
	start_daemon_at(w, 0);
}

void
run_until(struct world *w, int64_t until)
{
	while (sim_step(w, until))
		;
	w->now = until;
}

static void
run(struct world *w, const struct plan *p)
{
	run_until(w, p->end);
	w->calm = true;
	sim_tell(w, "--- no more faults");
	operator_calm(w);
	run_until(w, p->end + CALM_US);
	check_end(w);
	operator_order(w, OP_SHUTDOWN, 0, 0);
	w->down_us = INT64_MAX;
	run_until(w, p->end + CALM_US + FAREWELL_US);
	if (w->daemon != NULL)
		sim_fail(w, "end", "the daemon was told to shut down, and has not ended");
	check_all_dead(w, "the daemon has ended");
}

static void
print_last(const struct world *w)
{
	uint64_t i = w->n_lines > 60 ? w->n_lines - 60 : 0;
	uint32_t h;

	printf("the nodes:\n");
	for (h = 0; h < w->n_hosts; h++)
		printf("  %s: lease %jd s, capacity %u, clock at %jd/1000\n", node_name(h),
		    (intmax_t)(w->hosts[h].lease_us / US_PER_S), w->hosts[h].capacity, (intmax_t)w->hosts[h].clock.permille);
	printf("the tree:\n");
	family_print(w);
	printf("the last events:\n");
	for (; i < w->n_lines; i++)
		puts(w->lines[i % TELL_LINES]);
}

void
plan_run(const struct plan *p, int tell, struct outcome *out)
{
	struct world *w = xcalloc(1, sizeof(*w));
	jmp_buf broken;

	memset(out, 0, sizeof(*out));
	world_make(w, p, tell);
	w->broken = &broken;
	if (setjmp(broken) == 0) {
		run(w, p);
	} else {
		out->failed = true;
		memcpy(out->invariant, w->invariant, sizeof(out->invariant));
		memcpy(out->failure, w->failure, sizeof(out->failure));
		if (tell > 0)
			print_last(w);
	}
	out->simulated_us = w->now;
	out->counts = w->counts;
	world_release(w);
	free(w);
}
