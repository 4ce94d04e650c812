/*
 * How far it goes: the same world with thousands of nodes, and no plan but this:
 * all starts; nothing happens; one host is lost, then every tenth; the daemon is
 * killed and comes back. All of it by the real core, codecs and fold of the journal
 * and by the models of daemon and agents, with all checks but two that look at all
 * children each time. How long each takes, of that how long in the core (by the
 * clock of this thread, which costs about as much as a small event does), and what
 * a child and a node cost the core in memory.
 */
#include "config.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/xalloc.h"
#include "core/supervisor.h"
#include "sim.h"

#define SLICE_US 50000
#define PATIENCE_US (600 * US_PER_S)
#define STEADY_US (60 * US_PER_S)

struct phase {
	const char *name;
	double wall, cpu;
	int64_t at, core_ns;
	struct counts counts;
};

static double
wall_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
cpu_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void
phase_begin(const struct world *w, struct phase *p, const char *name)
{
	*p = (struct phase){ name, wall_seconds(), cpu_seconds(), w->now, w->core_ns, w->counts };
}

static void
phase_end(const struct world *w, const struct phase *p)
{
	double wall = wall_seconds() - p->wall, cpu = cpu_seconds() - p->cpu, core = (double)(w->core_ns - p->core_ns) / 1e9;
	uint64_t events = w->counts.events - p->counts.events, tree = w->counts.tree_events - p->counts.tree_events;

	printf("%-28s %8.2f %8.2f %9.2f %10ju %9.0f %9ju %8.3f %8.0f %8ju\n", p->name, wall, cpu,
	    (double)(w->now - p->at) / US_PER_S, (uintmax_t)events, (double)events / cpu, (uintmax_t)(w->counts.messages - p->counts.messages), core,
	    tree > 0 ? core * 1e9 / (double)tree : 0, (uintmax_t)(w->counts.starts - p->counts.starts));
	fflush(stdout);
}

/* Until all children live again, and the tree says so, too. */
static void
wait_for_all(struct world *w, uint32_t children)
{
	int64_t deadline = w->now + PATIENCE_US;
	uint32_t i;

	do {
		if (w->now > deadline)
			sim_fail(w, "liveness", "only %u of %u live after %jd s", w->n_live, children,
			    (intmax_t)(PATIENCE_US / US_PER_S));
		run_until(w, w->now + SLICE_US);
	} while (w->n_live < children || w->daemon == NULL || !w->daemon->begun);
	for (i = 1; i < w->n_kids; i++) {
		if (!w->kids[i].is_sup && w->kids[i].live != 1)
			sim_fail(w, "never two", "%s lives %u times", w->kids[i].path, w->kids[i].live);
	}
}

static void
wait_for_nodes(struct world *w)
{
	int64_t deadline = w->now + PATIENCE_US;
	uint32_t i = 0;

	while (i < w->n_hosts) {
		for (i = 0; i < w->n_hosts && w->daemon->nodes[i].state == NODE_UP; i++)
			;
		if (w->now > deadline)
			sim_fail(w, "liveness", "node %s is not attached", node_name(i));
		run_until(w, w->now + SLICE_US);
	}
}

/* Hosts first, first + step, … without those that are lost already. */
static void
lose_hosts(struct world *w, uint32_t first, uint32_t step)
{
	uint32_t i;

	for (i = first; i < w->n_hosts; i += step)
		host_lose(w, &w->hosts[i]);
}

/* Nodes that are attached first have the children of their neighbours, too. */
static uint32_t
busiest(const struct world *w)
{
	uint32_t *n = xcalloc(w->n_hosts, sizeof(*n)), best = 1, i;

	for (i = 1; i < w->n_kids; i++) {
		if (w->kids[i].live > 0)
			n[w->kids[i].live_host]++;
	}
	for (i = 1; i < w->n_hosts; i++) {
		if (n[i] > n[best])
			best = i;
	}
	free(n);
	return best;
}

static void
boot_hosts(struct world *w)
{
	uint32_t i;

	for (i = 0; i < w->n_hosts; i++) {
		if (!w->hosts[i].up)
			host_boot(w, &w->hosts[i]);
	}
}

static void
play(struct world *w, uint32_t children)
{
	struct phase p;

	phase_begin(w, &p, "all start");
	wait_for_all(w, children);
	phase_end(w, &p);
	phase_begin(w, &p, "60 s of nothing but leases");
	run_until(w, w->now + STEADY_US);
	phase_end(w, &p);
	phase_begin(w, &p, "a host is lost");
	lose_hosts(w, busiest(w), w->n_hosts);
	wait_for_all(w, children);
	phase_end(w, &p);
	phase_begin(w, &p, "every tenth is lost at once");
	lose_hosts(w, 5, 10);
	wait_for_all(w, children);
	phase_end(w, &p);
	phase_begin(w, &p, "they are back, takeovers");
	boot_hosts(w);
	wait_for_nodes(w);
	run_until(w, w->now + 10 * US_PER_S);
	wait_for_all(w, children);
	phase_end(w, &p);
	phase_begin(w, &p, "the daemon dies, and adopts");
	daemon_die(w);
	daemon_start(w);
	wait_for_nodes(w);
	wait_for_all(w, children);
	phase_end(w, &p);
	phase_begin(w, &p, "all that must be true is");
	run_until(w, w->now + 10 * US_PER_S);
	w->calm = true;
	check_end(w);
	phase_end(w, &p);
}

/* The core by itself, with these specs. */
static void
weigh_core(const struct world *w, uint32_t children)
{
	size_t before = mallinfo2().uordblks, made, known;
	struct err err = ERR_INIT;
	struct tree *t = tree_new(w->file, 1, 1, &err);
	struct tree_event ev = { .type = TREE_NODE_DOWN };
	struct tree_action a;

	made = mallinfo2().uordblks;
	for (ev.node = 0; ev.node < w->n_hosts; ev.node++)
		tree_event(t, &ev, MONO_ZERO);
	known = mallinfo2().uordblks;
	while (tree_next_action(t, &a))
		;
	printf("the core takes %.0f bytes a child, and %.0f bytes a node beside\n", (double)(made - before) / children,
	    (double)(known - made) / w->n_hosts);
	tree_free(t);
}

bool
scale_run(uint32_t nodes, uint32_t children, uint64_t seed)
{
	const struct plan plan = { .seed = seed, .n_kids = children, .n_hosts = nodes + 1, .large = true };
	struct world *w = xcalloc(1, sizeof(*w));
	struct rusage usage;
	jmp_buf broken;
	bool ok = true;

	printf("%u nodes, %u children, %u a node; leases of 10 s\n", nodes, children, children / nodes);
	world_make(w, &plan, 0);
	w->timed = true;
	weigh_core(w, children);
	printf("%-28s %8s %8s %9s %10s %9s %9s %8s %8s %8s\n", "", "wall s", "cpu s", "virtual s", "events", "events/s", "messages", "core s",
	    "ns/event", "starts");
	w->broken = &broken;
	if (setjmp(broken) == 0) {
		play(w, children);
	} else {
		printf("at %.3f s this breaks \"%s\": %s\n", (double)w->now / US_PER_S, w->invariant, w->failure);
		ok = false;
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("all of it, hosts and journal included, took at most %ld MiB: %.0f bytes a child\n", usage.ru_maxrss / 1024,
	    (double)usage.ru_maxrss * 1024 / children);
	world_release(w);
	free(w);
	return ok;
}
