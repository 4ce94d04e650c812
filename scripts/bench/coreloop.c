/*
 * coreloop STRATEGY CHILDREN DEATHS [ordered]: what a death costs the core: TREE_EXITED, its report and the START of the
 * replacement, TREE_STARTED and its report. Children die in random order (or in start order), one after the other,
 * and come to life at once.
 *
 * coreloop floor CHILDREN DEATHS [ordered]: the floor of that: the same number of events and actions is copied through a ring,
 * and the same random child's record is written to.
 *
 * Prints: nanoseconds a death, actions a death, allocations on the path (all of libc's allocators), bytes of the
 * tree a child.
 */
#include <err.h>
#include <malloc.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "core/supervisor.h"

static unsigned long allocations;

/* Instead of libc's own, which call these as well. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *__libc_memalign(size_t align, size_t n);

void *
malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	allocations++;
	return __libc_realloc(p, n);
}

void *
aligned_alloc(size_t align, size_t n)
{
	allocations++;
	return __libc_memalign(align, n);
}

static size_t
bytes_in_use(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

/* Whose turn is it, of n? */
static uint64_t
next_turn(uint64_t *state, uint64_t n, bool ordered)
{
	if (ordered)
		return (*state)++ % n;
	*state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (*state >> 33) % n;
}

struct load {
	struct sup_spec root;
	struct child_spec *specs;
	const struct child_spec **list;
	char (*ids)[32];
	struct tree *tree;
	mono_t now;
	unsigned long actions, starts;
};

static void
feed(struct load *l, enum tree_event_type type, uint64_t token, enum reason_kind kind)
{
	struct tree_event ev = { .type = type, .token = token, .reason = { .kind = kind } };

	tree_event(l->tree, &ev, l->now);
}

/* Who is told to end does, who is to start does. */
static void
serve(struct load *l)
{
	struct tree_action a;

	while (tree_next_action(l->tree, &a)) {
		l->actions++;
		if (a.type == TREE_ACT_START) {
			l->starts++;
			feed(l, TREE_STARTED, a.token, REASON_NONE);
		} else if (a.type == TREE_ACT_SIGNAL) {
			feed(l, TREE_EXITED, a.token, REASON_SHUTDOWN);
		}
	}
}

static void
make_specs(struct load *l, size_t n)
{
	size_t i;

	l->specs = xcalloc(n, sizeof(*l->specs));
	l->list = xcalloc(n, sizeof(*l->list));
	l->ids = xcalloc(n, sizeof(*l->ids));
	for (i = 0; i < n; i++) {
		snprintf(l->ids[i], sizeof(l->ids[i]), "w%zu", i);
		l->specs[i] = (struct child_spec){ .id = l->ids[i], .shutdown_ms = 5000, .backoff = BACKOFF_DEFAULT };
		l->list[i] = &l->specs[i];
	}
}

static void
report(mono_t begin, unsigned long deaths, unsigned long actions, unsigned long made, double bytes)
{
	printf("%.1f %.2f %lu %.0f\n", (double)mono_diff_us(mono_now(), begin) * 1e3 / (double)deaths,
	    (double)actions / (double)deaths, made, bytes);
}

static void
run_tree(enum strategy strategy, size_t n, unsigned long deaths, bool ordered)
{
	struct load l = { .root = { .strategy = strategy, .intensity = 100, .period_us = 1, .n_children = n } };
	unsigned long i, before;
	uint64_t random = 1;
	struct child_view v;
	size_t bytes;
	mono_t begin;

	make_specs(&l, n);
	l.root.children = l.list;
	bytes = bytes_in_use();
	if ((l.tree = tree_new(&l.root, 1, 1, NULL)) == NULL)
		errx(1, "tree_new");
	feed(&l, TREE_BEGIN, 0, REASON_NONE);
	serve(&l);
	bytes = bytes_in_use() - bytes;
	l.actions = l.starts = 0;
	before = allocations;
	begin = mono_now();
	for (i = 0; i < deaths; i++) {
		/* With the last child of a group alone it would be a short one; so it is anyone's turn. */
		tree_view(l.tree, (child_handle)(next_turn(&random, n, ordered) + 1), &v);
		l.now.us += 70 * US_PER_S; /* everyone begins a new row */
		feed(&l, TREE_EXITED, v.token, REASON_KILLED);
		serve(&l);
	}
	report(begin, deaths, l.actions, allocations - before, (double)bytes / (double)n);
	if (l.starts < deaths)
		errx(1, "%lu starts after %lu deaths", l.starts, deaths);
	tree_free(l.tree);
	free(l.specs);
	free(l.list);
	free(l.ids);
}

/* As one_for_one: two events in, three actions out, and a record of the size of a child's. */
static void
run_floor(size_t n, unsigned long deaths, bool ordered)
{
	struct record {
		uint64_t words[18];
	} *records = xcalloc(n, sizeof(*records));
	struct tree_event events[64];
	struct tree_action actions[64], out;
	unsigned long i, sum = 0;
	uint64_t random = 1;
	mono_t begin = mono_now();
	unsigned j;

	memset(events, 0, sizeof(events));
	memset(actions, 0, sizeof(actions));
	for (i = 0; i < deaths; i++) {
		struct record *r = &records[next_turn(&random, n, ordered)];

		for (j = 0; j < 2; j++) {
			struct tree_event *ev = &events[(2 * i + j) % 64];

			*ev = (struct tree_event){ .type = TREE_EXITED, .token = r->words[0] + i };
			r->words[j] = ev->token;
		}
		for (j = 0; j < 3; j++)
			actions[(3 * i + j) % 64] = (struct tree_action){ .type = TREE_ACT_START, .token = r->words[1] };
		for (j = 0; j < 3; j++) {
			memcpy(&out, &actions[(3 * i + j) % 64], sizeof(out));
			sum += out.token;
		}
	}
	report(begin, deaths, 3 * deaths, sum == 1, sizeof(*records));
	free(records);
}

int
main(int argc, char *argv[])
{
	static const char *const names[] = { "one_for_one", "one_for_all", "rest_for_one" };
	bool ordered = argc == 5 && strcmp(argv[4], "ordered") == 0;
	unsigned long n, deaths, i;

	if ((argc != 4 && !ordered) || (n = strtoul(argv[2], NULL, 10)) == 0 || (deaths = strtoul(argv[3], NULL, 10)) == 0)
		errx(2, "usage: coreloop floor|one_for_one|one_for_all|rest_for_one CHILDREN DEATHS [ordered]");
	if (strcmp(argv[1], "floor") == 0) {
		run_floor(n, deaths, ordered);
		return 0;
	}
	for (i = 0; i < 3; i++) {
		if (strcmp(argv[1], names[i]) == 0) {
			run_tree((enum strategy)i, n, deaths, ordered);
			return 0;
		}
	}
	errx(2, "not a strategy: %s", argv[1]);
}
