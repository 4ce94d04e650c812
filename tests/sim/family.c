/* The tree of a run: made from the seed alone, so that it stays the same when the plan shrinks. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "sim.h"

enum salt { SALT_FAMILY = 400 };

#define DEPTH_MAX 3
#define LARGE_GROUP 1000

struct dice {
	const struct world *w;
	uint64_t n;
};

static uint64_t
roll(struct dice *d, uint64_t below)
{
	return sim_hash(d->w, SALT_FAMILY, d->n++) % below;
}

struct kid *
family_kid(struct world *w, uint32_t parent, const char *id, bool is_sup)
{
	struct kid *k = &w->kids[w->n_kids];

	if (w->n_kids == w->cap_kids)
		sim_fail(w, "family", "more children than there is room for");
	memset(k, 0, sizeof(*k));
	k->index = w->n_kids++;
	k->parent = parent;
	k->is_sup = is_sup;
	k->id = id != NULL ? id : sim_printf(w, "%c%u", is_sup ? 's' : 'w', k->index);
	k->path = parent == 0 ? k->id : sim_printf(w, "%s/%s", w->kids[parent].path, k->id);
	if (is_sup) {
		k->restarts = sim_alloc(w, sizeof(struct restarts));
		k->restarts->counted = sim_alloc(w, w->n_hosts * sizeof(uint32_t));
	}
	k->moved_to = k->move_target = UINT32_MAX;
	k->draft = sim_alloc(w, sizeof(*k->draft));
	k->draft->id = k->id;
	k->draft->user = k;
	k->spec = k->draft;
	strmap_put(&w->by_path, k->path, k);
	return k;
}

static struct kid *
kid_new(struct world *w, uint32_t parent, bool is_sup)
{
	struct kid *k = family_kid(w, parent, NULL, is_sup);

	k->configured = true;
	return k;
}

/* S111: some of the hosts, best first. */
static void
make_nodes(struct world *w, struct dice *d, struct child_spec *s)
{
	struct node_pref *prefs;
	uint32_t n = 1 + (uint32_t)roll(d, w->n_hosts), first = (uint32_t)roll(d, w->n_hosts), rank = 0, i;

	if (roll(d, 5) == 0)
		return;
	s->nodes = prefs = sim_alloc(w, n * sizeof(*prefs));
	s->n_nodes = n;
	for (i = 0; i < n; i++) {
		rank += (uint32_t)roll(d, 2);
		prefs[i] = (struct node_pref){ (first + i) % w->n_hosts, rank };
	}
	s->failover_after = (uint32_t)roll(d, 3);
	s->failover_timeout_us = (int64_t)roll(d, 3) * 2 * US_PER_S;
	s->takeover = roll(d, 2) == 0;
}

static struct kid *
make_worker(struct world *w, struct dice *d, uint32_t parent, bool significant)
{
	static const enum restart_type types[] = { RESTART_PERMANENT, RESTART_PERMANENT, RESTART_TRANSIENT, RESTART_TEMPORARY };
	struct kid *k = kid_new(w, parent, false);
	struct child_spec *s = k->draft;

	s->type = CHILD_WORKER;
	s->restart = types[roll(d, 4)];
	s->significant = significant && s->restart != RESTART_PERMANENT && roll(d, 3) == 0;
	s->shutdown_ms = roll(d, 8) == 0 ? SHUTDOWN_BRUTAL_KILL : (int64_t)(1 + roll(d, 4)) * 1000;
	s->ready = roll(d, 3) == 0 ? READY_NOTIFY : READY_EXEC;
	if (roll(d, 4) == 0)
		s->start_timeout_us = 3 * US_PER_S;
	s->stop_last = roll(d, 12) == 0;
	make_nodes(w, d, s);
	if (roll(d, 2) == 0)
		s->backoff = (struct backoff_spec){ true, roll(d, 2) == 0, 200000, 5 * US_PER_S, 2, 100, 8 * US_PER_S };
	return k;
}

static struct sup_spec *
sup_policy(struct world *w, struct dice *d, bool root)
{
	static const enum strategy strategies[] = { STRATEGY_ONE_FOR_ONE, STRATEGY_ONE_FOR_ALL, STRATEGY_REST_FOR_ONE };
	struct sup_spec *s = sim_alloc(w, sizeof(*s));

	s->strategy = root && roll(d, 2) == 0 ? STRATEGY_ONE_FOR_ONE : strategies[roll(d, 3)];
	s->intensity = roll(d, 3) == 0 ? INTENSITY_INFINITY : (uint32_t)roll(d, 5);
	s->period_us = (int64_t)(2 + roll(d, 8)) * US_PER_S;
	s->stop_serial = roll(d, 4) == 0;
	s->init_strict = !root && roll(d, 6) == 0;
	s->cool_down_us = 20 * US_PER_S;
	if (!root && roll(d, 5) == 0)
		s->auto_shutdown = roll(d, 2) == 0 ? AUTO_SHUTDOWN_ANY_SIGNIFICANT : AUTO_SHUTDOWN_ALL_SIGNIFICANT;
	return s;
}

/* S6: its instances are made by hand, like this one. */
static void
make_template(struct world *w, struct dice *d, struct kid *k)
{
	k->sup->strategy = STRATEGY_SIMPLE_ONE_FOR_ONE;
	k->sup->auto_shutdown = AUTO_SHUTDOWN_NEVER;
	k->sup->init_strict = false;
	k->sup->max_children = (uint32_t)roll(d, 3) * 2;
	make_worker(w, d, k->index, false)->is_template = true;
}

/* `n` children below, and what is below these. */
static void
make_below(struct world *w, struct dice *d, uint32_t parent, uint32_t depth, uint32_t n)
{
	bool significant = w->kids[parent].sup->auto_shutdown != AUTO_SHUTDOWN_NEVER;
	struct child_spec *s;
	uint32_t inside;
	struct kid *k;

	while (n > 0) {
		inside = 1 + (uint32_t)roll(d, n > 12 ? n / 3 : 4);
		if (depth == DEPTH_MAX || n <= inside || roll(d, 4) != 0) {
			make_worker(w, d, parent, significant);
			n--;
			continue;
		}
		k = kid_new(w, parent, true);
		s = k->draft;
		s->type = CHILD_SUPERVISOR;
		s->restart = roll(d, 4) == 0 ? RESTART_TRANSIENT : RESTART_PERMANENT;
		s->significant = significant && s->restart == RESTART_TRANSIENT && roll(d, 2) == 0;
		s->shutdown_ms = roll(d, 8) == 0 ? 2000 : SHUTDOWN_INFINITY;
		s->sup = k->sup = sup_policy(w, d, false);
		if (roll(d, 4) == 0) {
			make_template(w, d, k);
			inside = 1;
		} else {
			make_below(w, d, k->index, depth + 1, inside);
		}
		n -= inside + 1;
	}
}

static const char *const *
one_name(struct world *w, struct dice *d, const struct kid *k)
{
	const struct kid *other = &w->kids[1 + roll(d, w->n_kids - 1)];
	const char **names;

	if (other == k || other->is_sup)
		return NULL;
	names = sim_alloc(w, sizeof(*names));
	names[0] = sim_printf(w, "/%s", other->path);
	return names;
}

/* S90-S99: in every third family some are linked, or watch each other. */
static void
make_ties(struct world *w, struct dice *d)
{
	struct child_spec *s;
	uint32_t i;

	if (roll(d, 3) != 0)
		return;
	for (i = 1; i < w->n_kids; i++) {
		if (w->kids[i].is_sup || w->kids[i].is_template)
			continue;
		s = w->kids[i].draft;
		s->trap_exit = roll(d, 4) == 0;
		if (roll(d, 4) == 0 && (s->links = one_name(w, d, &w->kids[i])) != NULL)
			s->n_links = 1;
		if (roll(d, 6) == 0 && (s->monitors = one_name(w, d, &w->kids[i])) != NULL)
			s->n_monitors = 1;
	}
}

/* What no file lists at first, but may list later, and what operators may add. */
static void
make_spares(struct world *w, struct dice *d, uint32_t n)
{
	uint32_t parent;
	struct kid *k;

	while (n-- > 0) {
		do
			parent = (uint32_t)roll(d, w->n_kids);
		while (!w->kids[parent].is_sup || w->kids[parent].sup->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE);
		k = make_worker(w, d, parent, w->kids[parent].sup->auto_shutdown != AUTO_SHUTDOWN_NEVER);
		k->configured = false;
	}
}

void
family_make(struct world *w)
{
	uint32_t n = w->plan->n_kids;
	struct dice d = { w, 0 };
	struct kid *root;

	/* Each order may be one to start an instance. */
	w->cap_kids = 1 + n + w->plan->n_spares + (uint32_t)w->plan->n_items;
	w->kids = sim_alloc(w, w->cap_kids * sizeof(*w->kids));
	root = kid_new(w, 0, true);
	root->id = root->path = "";
	root->sup = sup_policy(w, &d, true);
	make_below(w, &d, 0, 0, n);
	make_spares(w, &d, w->plan->n_spares);
	make_ties(w, &d);
	file_write(w);
}

/* By node: it, and two others if it cannot be had. */
static const struct node_pref *
list_from(struct world *w, uint32_t node)
{
	struct node_pref *prefs = sim_alloc(w, 3 * sizeof(*prefs));
	uint32_t i;

	for (i = 0; i < 3; i++)
		prefs[i] = (struct node_pref){ 1 + (node + i) % (w->n_hosts - 1), i > 0 };
	return prefs;
}

void
family_make_large(struct world *w)
{
	const struct node_pref **lists = sim_alloc(w, w->n_hosts * sizeof(*lists));
	static const struct sup_spec policy = { .strategy = STRATEGY_ONE_FOR_ONE, .intensity = INTENSITY_INFINITY };
	struct kid *k, *sup = NULL;
	uint32_t i;

	w->cap_kids = 2 + w->plan->n_kids + w->plan->n_kids / LARGE_GROUP;
	w->kids = sim_alloc(w, w->cap_kids * sizeof(*w->kids));
	for (i = 0; i + 1 < w->n_hosts; i++)
		lists[i] = list_from(w, i);
	k = kid_new(w, 0, true);
	k->id = k->path = "";
	k->sup = sim_alloc(w, sizeof(*k->sup));
	*k->sup = policy;
	for (i = 0; i < w->plan->n_kids; i++) {
		if (i % LARGE_GROUP == 0) {
			sup = kid_new(w, 0, true);
			sup->draft->type = CHILD_SUPERVISOR;
			sup->draft->shutdown_ms = SHUTDOWN_INFINITY;
			sup->draft->sup = sup->sup = sim_alloc(w, sizeof(*sup->sup));
			*sup->sup = policy;
		}
		k = kid_new(w, sup->index, false);
		k->draft->shutdown_ms = 5000;
		k->draft->nodes = lists[i % (w->n_hosts - 1)];
		k->draft->n_nodes = 3;
		k->draft->failover_after = 3;
		k->draft->takeover = i % 10 == 0;
		k->draft->backoff = (struct backoff_spec)BACKOFF_DEFAULT;
	}
	file_write(w);
}

static void
print_sup(const struct sup_spec *s)
{
	static const char *const strategies[] = { "one_for_one", "one_for_all", "rest_for_one", "simple_one_for_one" };
	static const char *const autos[] = { "", ", auto_shutdown any_significant", ", auto_shutdown all_significant" };

	printf("%s, ", strategies[s->strategy]);
	if (s->intensity == INTENSITY_INFINITY)
		printf("intensity infinity");
	else
		printf("intensity %u in %jd s", s->intensity, (intmax_t)(s->period_us / US_PER_S));
	printf("%s%s%s", autos[s->auto_shutdown], s->stop_serial ? ", stop serial" : "", s->init_strict ? ", init strict" : "");
}

static void
print_ties(const struct child_spec *s)
{
	printf("%s%s%s%s%s", s->trap_exit ? ", traps" : "", s->n_links > 0 ? ", linked to " : "",
	    s->n_links > 0 ? s->links[0] : "", s->n_monitors > 0 ? ", watches " : "", s->n_monitors > 0 ? s->monitors[0] : "");
}

void
family_print(const struct world *w)
{
	static const char *const types[] = { "permanent", "transient", "temporary" };
	uint32_t i, n;

	printf("  the root: ");
	print_sup(w->kids[0].sup);
	putchar('\n');
	for (i = 1; i < w->n_kids; i++) {
		const struct kid *k = &w->kids[i];

		printf("  %s: %s, ", k->path, types[k->spec->restart]);
		if (k->is_template)
			printf("the template: ");
		if (k->is_sup)
			print_sup(k->sup);
		else
			printf("shutdown %jd ms, ready %s", (intmax_t)k->spec->shutdown_ms,
			    k->spec->ready == READY_EXEC ? "exec" : "notify");
		for (n = 0; n < k->spec->n_nodes; n++)
			printf("%s%s/%u", n == 0 ? ", nodes " : " ", node_name(k->spec->nodes[n].node), k->spec->nodes[n].rank);
		print_ties(k->spec);
		printf("%s%s%s%s%s%s\n", k->configured ? "" : ", not listed", k->spec->takeover ? ", takeover" : "", k->spec->significant ? ", significant" : "", k->spec->stop_last ? ", last" : "",
		    k->spec->backoff.enabled ? ", backoff" : "", k->spec->start_timeout_us > 0 ? ", timeout" : "");
	}
}
