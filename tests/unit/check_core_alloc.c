/*
 * No allocation from an exit to the START of the replacement, whatever the
 * strategy; and what that path costs with 100,000 children. All allocators are
 * counted that the core can reach: tests/unit/core-pure.sh says which these are.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/xalloc.h"
#include "core/supervisor.h"
#include "core/tree.h"
#include "unit.h"

static unsigned long allocations;
static bool counting; /* while the tree works; Check allocates too */

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t n);
void *__real_reallocarray(void *p, size_t n, size_t size);
char *__real_strdup(const char *s);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t n);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
char *__wrap_strdup(const char *s);
char *__wrap_xasprintf(const char *fmt, ...);

void *
__wrap_malloc(size_t n)
{
	allocations += counting;
	return __real_malloc(n);
}

void *
__wrap_calloc(size_t n, size_t size)
{
	allocations += counting;
	return __real_calloc(n, size);
}

void *
__wrap_realloc(void *p, size_t n)
{
	allocations += counting;
	return __real_realloc(p, n);
}

void *
__wrap_reallocarray(void *p, size_t n, size_t size)
{
	allocations += counting;
	return __real_reallocarray(p, n, size);
}

char *
__wrap_strdup(const char *s)
{
	allocations += counting;
	return __real_strdup(s);
}

/* Nobody calls it; who comes to do so is counted, and fails then. */
char *
__wrap_xasprintf(const char *fmt, ...)
{
	allocations += counting;
	(void)fmt;
	abort();
}

struct flock {
	struct sup_spec root;
	struct child_spec *specs;
	const struct child_spec **list;
	char (*ids)[32];
	struct tree *tree;
	mono_t now;
	unsigned long actions;
	unsigned long told; /* lines for control descriptors */
	const char *(*names)[2];
};

static void
flock_new(struct flock *f, enum strategy strategy, size_t n)
{
	size_t i;

	f->specs = xcalloc(n, sizeof(*f->specs));
	f->list = xcalloc(n, sizeof(*f->list));
	f->ids = xcalloc(n, sizeof(*f->ids));
	for (i = 0; i < n; i++) {
		snprintf(f->ids[i], sizeof(f->ids[i]), "worker%zu", i);
		f->specs[i] = (struct child_spec){ .id = f->ids[i], .shutdown_ms = 5000, .backoff = BACKOFF_DEFAULT };
		f->list[i] = &f->specs[i];
	}
	f->root = (struct sup_spec){ .strategy = strategy, .intensity = 100, .period_us = 1000, .children = f->list,
		.n_children = n };
	f->tree = tree_new(&f->root, 1, 1, NULL);
	ck_assert_ptr_nonnull(f->tree);
	f->now = (mono_t){ 0 };
	f->actions = f->told = 0;
	f->names = NULL;
}

static void
flock_free(struct flock *f)
{
	tree_free(f->tree);
	free(f->names);
	free(f->specs);
	free(f->list);
	free(f->ids);
}

static void
feed(struct flock *f, const struct tree_event *ev)
{
	counting = true;
	tree_event(f->tree, ev, f->now);
	counting = false;
}

static bool
next_action(struct flock *f, struct tree_action *a)
{
	bool more;

	counting = true;
	more = tree_next_action(f->tree, a);
	counting = false;
	return more;
}

/* Drain; whoever is told to end does, whoever is to start does. Returns the starts. */
static unsigned long
serve(struct flock *f)
{
	struct tree_action a;
	unsigned long starts = 0;

	while (next_action(f, &a)) {
		struct tree_event ev = { .token = a.token };

		f->actions++;
		if (a.type == TREE_ACT_START) {
			starts++;
			ev.type = TREE_STARTED;
		} else if (a.type == TREE_ACT_SIGNAL) {
			ev.type = TREE_EXITED;
			ev.reason.kind = REASON_SHUTDOWN;
		} else {
			f->told += a.type == TREE_ACT_TELL;
			continue;
		}
		feed(f, &ev);
	}
	return starts;
}

/* Each is linked to the next one and watches the one behind that; every third traps exits, the others end with it. */
static void
flock_link(struct flock *f, size_t n)
{
	struct tree_event begin = { .type = TREE_BEGIN };
	struct tree_command cmd = { .type = CMD_MONITOR };
	size_t i;

	f->names = xcalloc(n, sizeof(*f->names));
	for (i = 0; i < n; i++) {
		f->names[i][0] = f->ids[(i + 1) % n];
		f->names[i][1] = f->ids[(i + 2) % n];
		f->specs[i].links = &f->names[i][0];
		f->specs[i].monitors = &f->names[i][1];
		f->specs[i].n_links = f->specs[i].n_monitors = 1;
		f->specs[i].trap_exit = i % 3 == 0;
	}
	tree_free(f->tree);
	f->tree = tree_new(&f->root, 1, 1, NULL);
	tree_event(f->tree, &begin, f->now);
	ck_assert_uint_eq(serve(f), n);
	for (i = 0; i < n; i++) {
		cmd.child = (child_handle)i + 1;
		cmd.peer = 1;
		ck_assert_int_eq(tree_command(f->tree, &cmd, f->now, NULL), i == 0 ? RESULT_BADARG : RESULT_OK);
		serve(f);
	}
}

/* One child dies; its replacement is started, at once or after its delay. Returns the starts. */
static unsigned long
kill_one(struct flock *f, child_handle h)
{
	struct tree_event ev = { .type = TREE_EXITED, .reason = { .kind = REASON_KILLED } }, timer = { .type = TREE_TIMER };
	struct child_view view;
	unsigned long starts;

	/* Nothing of Check in here: this is measured. */
	if (!tree_view(f->tree, h, &view) || view.state != CHILD_RUNNING)
		return 0;
	ev.token = view.token;
	f->now.us += 100;
	feed(f, &ev);
	starts = serve(f);
	if (starts == 0) {
		f->now = tree_deadline(f->tree);
		feed(f, &timer);
		starts = serve(f);
	}
	return starts;
}

static const enum strategy strategies[] = { STRATEGY_ONE_FOR_ONE, STRATEGY_ONE_FOR_ALL, STRATEGY_REST_FOR_ONE };

START_TEST(no_allocation_from_exit_to_start)
{
	struct tree_event begin = { .type = TREE_BEGIN };
	unsigned long before, starts = 0;
	struct flock f;
	child_handle h;
	int round;

	flock_new(&f, strategies[_i], 500);
	feed(&f, &begin);
	ck_assert_uint_eq(serve(&f), 500);
	before = allocations;
	ck_assert_uint_gt(before, 0); /* the first action makes the ring; or nothing would be counted at all */
	for (round = 0; round < 6; round++) {
		for (h = 1; h <= 500; h += 7)
			starts += kill_one(&f, h);
	}
	ck_assert_uint_ge(starts, 6 * 72); /* so each of them died and came back */
	ck_assert_msg(allocations == before, "%lu allocations", allocations - before);
	flock_free(&f);
}
END_TEST

/* S92, S99: whoever hears of it, or ends with it. */
START_TEST(no_allocation_with_links_and_monitors)
{
	unsigned long before, starts = 0;
	struct flock f;
	child_handle h;
	int round;

	flock_new(&f, strategies[_i], 500);
	flock_link(&f, 500);
	before = allocations;
	for (round = 0; round < 6; round++) {
		for (h = 1; h <= 500; h += 7)
			starts += kill_one(&f, h);
	}
	ck_assert_uint_ge(starts, 300); /* not each time: some wait for their delay when it is their turn to die */
	ck_assert_uint_ge(f.told, 499); /* all monitors of the first one have fired, and more */
	ck_assert_msg(allocations == before, "%lu allocations", allocations - before);
	flock_free(&f);
}
END_TEST

/* Two nodes with room for a quarter of them each: the others wait. */
static void
flock_spread(struct flock *f, size_t n, uint32_t failover_after)
{
	static const struct node_pref nodes[] = { { 1, 0 }, { 2, 0 } };
	struct tree_event begin = { .type = TREE_BEGIN }, up = { .type = TREE_NODE_UP, .node = 1, .capacity = (uint32_t)n / 4 };
	size_t i;

	for (i = 0; i < n; i++) {
		f->specs[i].nodes = nodes;
		f->specs[i].n_nodes = 2;
		f->specs[i].failover_after = failover_after;
		f->specs[i].restart = RESTART_TRANSIENT;
	}
	tree_free(f->tree);
	f->tree = tree_new(&f->root, 1, 1, NULL);
	feed(f, &up);
	up.node = 2;
	feed(f, &up);
	feed(f, &begin);
	ck_assert_uint_eq(serve(f), n / 2);
}

/* S111-S118: it moves, it waits, it is started when another one has ended, its node is lost. */
START_TEST(no_allocation_with_nodes)
{
	struct tree_event down = { .type = TREE_NODE_DOWN, .node = 1 }, up = { .type = TREE_NODE_UP, .node = 1, .capacity = 200 };
	struct tree_event lost = { .type = TREE_EXITED, .reason = { .kind = REASON_NOCONNECTION } };
	unsigned long before, starts = 0;
	struct child_view view;
	struct flock f;
	child_handle h;

	flock_new(&f, strategies[_i], 500);
	flock_spread(&f, 500, 1);
	before = allocations;
	for (h = 1; h <= 500; h += 7)
		starts += kill_one(&f, h);
	feed(&f, &down);
	for (h = 1; h <= 500; h++) {
		lost.token = tree_view(f.tree, h, &view) && view.node == 1 && view.state == CHILD_RUNNING ? view.token : 0;
		feed(&f, &lost);
		starts += serve(&f);
	}
	feed(&f, &up);
	starts += serve(&f);
	ck_assert_uint_ge(starts, 100);
	ck_assert_msg(allocations == before, "%lu allocations", allocations - before);
	flock_free(&f);
}
END_TEST

START_TEST(no_allocation_in_an_end)
{
	struct tree_event begin = { .type = TREE_BEGIN };
	struct tree_command shutdown = { .type = CMD_SHUTDOWN };
	unsigned long before;
	struct flock f;

	flock_new(&f, strategies[_i], 1000);
	feed(&f, &begin);
	ck_assert_uint_eq(serve(&f), 1000);
	before = allocations;
	counting = true;
	tree_command(f.tree, &shutdown, f.now, NULL);
	serve(&f);
	ck_assert_msg(allocations == before, "%lu allocations", allocations - before);
	flock_free(&f);
}
END_TEST

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static double
ns_per_restart(size_t n, unsigned deaths)
{
	struct tree_event begin = { .type = TREE_BEGIN };
	struct flock f;
	unsigned long starts = 0;
	uint64_t random = 1;
	double start;
	unsigned i;

	flock_new(&f, STRATEGY_ONE_FOR_ONE, n);
	f.root.period_us = 1;
	feed(&f, &begin);
	ck_assert_uint_eq(serve(&f), n);
	start = seconds();
	for (i = 0; i < deaths; i++) {
		random = random * UINT64_C(6364136223846793005) + 1442695040888963407u;
		f.now.us += 70 * US_PER_S; /* everyone begins a new row */
		starts += kill_one(&f, (child_handle)(random >> 33) % (uint32_t)n + 1);
	}
	start = (seconds() - start) * 1e9 / deaths;
	ck_assert_uint_eq(starts, deaths);
	flock_free(&f);
	return start;
}

/*
 * A walk over the siblings would cost 100,000 children 100 times more than
 * 1,000, and at least 100 us; what caches cost is far below what is allowed here.
 */
START_TEST(a_restart_costs_the_same_with_many_siblings)
{
	double few = ns_per_restart(1000, 200000), many = ns_per_restart(100000, 200000);

	printf("# restart: %.0f ns with 1,000 children, %.0f ns with 100,000; a child's record has %zu bytes\n", few, many,
	    sizeof(struct child));
	ck_assert_msg(many < 20 * few + 20000, "%.0f ns with 1,000 children, %.0f ns with 100,000", few, many);
}
END_TEST

/* S115: one is done, and the next one that has waited has its place. */
static double
ns_per_turn(size_t n)
{
	struct tree_event ev = { .type = TREE_EXITED, .reason = { .kind = REASON_NORMAL } };
	unsigned long starts = 0, deaths = n / 3;
	struct child_view view;
	struct flock f;
	double start;
	child_handle h;

	flock_new(&f, STRATEGY_ONE_FOR_ONE, n);
	flock_spread(&f, n, 2);
	start = seconds();
	for (h = 1; h <= deaths; h++) {
		if (!tree_view(f.tree, h, &view) || view.state != CHILD_RUNNING)
			break;
		ev.token = view.token;
		f.now.us += 100;
		feed(&f, &ev);
		starts += serve(&f);
	}
	start = (seconds() - start) * 1e9 / (double)deaths;
	ck_assert_uint_eq(starts, deaths);
	flock_free(&f);
	return start;
}

START_TEST(a_place_that_is_free_costs_the_same_with_many_that_wait)
{
	double few = ns_per_turn(1000), many = ns_per_turn(100000);

	printf("# turn: %.0f ns with 500 that wait, %.0f ns with 50,000\n", few, many);
	ck_assert_msg(many < 20 * few + 20000, "%.0f ns with 500 that wait, %.0f ns with 50,000", few, many);
}
END_TEST

/* What the tree takes for a child, all tables included. */
START_TEST(a_child_costs_less_than_200_bytes)
{
	size_t per_child = sizeof(struct child) + sizeof(struct timer) + sizeof(uint32_t) + 2 * 3 * sizeof(uint32_t);

	ck_assert_uint_le(per_child, 200);
}
END_TEST

static Suite *
core_alloc_suite(void)
{
	Suite *s = suite_create("core_alloc");
	TCase *tc = tcase_create("alloc");

	tcase_add_loop_test(tc, no_allocation_from_exit_to_start, 0, 3);
	tcase_add_loop_test(tc, no_allocation_with_links_and_monitors, 0, 3);
	tcase_add_loop_test(tc, no_allocation_with_nodes, 0, 3);
	tcase_add_loop_test(tc, no_allocation_in_an_end, 0, 3);
	tcase_add_test(tc, a_restart_costs_the_same_with_many_siblings);
	tcase_add_test(tc, a_place_that_is_free_costs_the_same_with_many_that_wait);
	tcase_add_test(tc, a_child_costs_less_than_200_bytes);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(core_alloc_suite());
}
