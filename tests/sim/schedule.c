/* The plan of a run, made from its seed before anything runs: items that may be taken out one by one. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/xalloc.h"
#include "sim.h"

#define GAP_US (2 * US_PER_S)

struct dice {
	uint64_t state;
};

static uint64_t
roll(struct dice *d, uint64_t below)
{
	d->state = hash_u64(d->state + UINT64_C(0x9e3779b97f4a7c15));
	return d->state % below;
}

static int64_t
pick_us(struct dice *d, const int64_t *choices, size_t n)
{
	int64_t most = choices[roll(d, n)];

	return 1 + (int64_t)roll(d, (uint64_t)most);
}

#define PICK_US(d, ...) \
	pick_us(d, (const int64_t[]){ __VA_ARGS__ }, sizeof((const int64_t[]){ __VA_ARGS__ }) / sizeof(int64_t))

static void
make_behave(struct plan *p, struct dice *d, struct item *i)
{
	i->type = ITEM_BEHAVE;
	i->a = 1 + (uint32_t)roll(d, p->n_kids + p->n_spares);
	i->b = (uint32_t)roll(d, BEHAVE_TYPES) << 16 | (1 + (uint32_t)roll(d, roll(d, 3) == 0 ? 12 : 3));
	i->us = i->b >> 16 == BEHAVE_SLOW_KILL ? PICK_US(d, 20000, 100000) :
	    i->b >> 16 == BEHAVE_SLOW_SPAWN    ? PICK_US(d, 20000, 500000, 12000000) :
						   PICK_US(d, 20000, 500000, 6000000, 60000000);
}

static void
make_fault(struct plan *p, struct dice *d, struct item *i)
{
	i->type = (enum item_type)(ITEM_AGENT_KILL + (int)roll(d, ITEM_ORDER - ITEM_AGENT_KILL));
	i->a = (uint32_t)roll(d, p->n_hosts);
	/* The daemon's own host has no link. */
	if (i->a == 0 && p->n_hosts > 1 && i->type >= ITEM_LINK_CUT && i->type <= ITEM_CONN_CUT)
		i->a = 1 + (uint32_t)roll(d, p->n_hosts - 1);
	i->b = (uint32_t)roll(d, 1000);
	i->us = PICK_US(d, 10000, 1000000, 10000000, 30000000);
}

static void
make_order(struct plan *p, struct dice *d, struct item *i)
{
	i->type = ITEM_ORDER;
	i->a = 1 + (uint32_t)roll(d, p->n_kids + p->n_spares);
	i->b = roll(d, 25) == 0 ? OP_SHUTDOWN : (uint32_t)roll(d, OP_SHUTDOWN);
	if (i->b == OP_START_CHILD && roll(d, 2) == 0)
		i->a = 1 + p->n_kids + (uint32_t)roll(d, p->n_spares);
	if (i->b == OP_RELOAD)
		i->b |= (uint32_t)roll(d, FILE_EDITS) << 16;
	if (i->b == OP_MOVE || i->b == OP_FORBID || i->b == OP_PERMIT)
		i->b |= (uint32_t)roll(d, p->n_hosts) << 16;
	if (((i->b & 0xffff) == OP_FORBID && roll(d, 3) == 0) || ((i->b & 0xffff) == OP_RELOAD && roll(d, 8) == 0))
		i->a = 0;
	i->us = PICK_US(d, 1000000, 20000000);
}

static void
make_crash(struct plan *p, struct dice *d, struct item *i)
{
	static const uint32_t statuses[] = { 9, 11, 1 << 8, 0, 15, 3 << 8 };

	i->type = ITEM_CRASH;
	i->a = 1 + (uint32_t)roll(d, p->n_kids + p->n_spares);
	i->b = statuses[roll(d, 6)];
}

static void
choose_sizes(struct plan *p, struct dice *d, const struct plan_options *o)
{
	uint64_t size = roll(d, 100);

	p->n_kids = 2 + (uint32_t)roll(d, size < 50 ? 10 : size < 98 ? 40 : 400);
	p->n_hosts = 1 + (uint32_t)roll(d, 5);
	p->n_items = 20 + roll(d, 120) + p->n_kids;
	if (o->children > 0)
		p->n_kids = o->children;
	p->n_spares = 2 + p->n_kids / 8;
	if (o->agents > 0)
		p->n_hosts = o->agents;
	if (o->steps > 0)
		p->n_items = o->steps;
}

void
plan_make(struct plan *p, const struct plan_options *o)
{
	struct dice d = { hash_u64(o->seed) };
	int64_t at = 0, gap;
	size_t i;

	*p = (struct plan){ .seed = o->seed };
	choose_sizes(p, &d, o);
	p->items = xcalloc(p->n_items + 1, sizeof(*p->items));
	for (i = 0; i < p->n_items; i++) {
		uint64_t dice = roll(&d, 100);

		/* Much at once now and then, and nothing for a while. */
		gap = roll(&d, 4) == 0 ? (int64_t)roll(&d, 4 * GAP_US) : (int64_t)roll(&d, GAP_US / 4);
		at += gap;
		if (dice < 35)
			make_behave(p, &d, &p->items[i]);
		else if (dice < 55)
			make_crash(p, &d, &p->items[i]);
		else if (dice < 80)
			make_fault(p, &d, &p->items[i]);
		else
			make_order(p, &d, &p->items[i]);
		p->items[i].at = at;
	}
	p->end = at + 5 * US_PER_S;
}

void
plan_release(struct plan *p)
{
	free(p->items);
	*p = (struct plan){ .seed = 0 };
}

static const char *const behaves[] = { "crashes after", "exits with 0 after", "ends by SIGTERM after", "ignores SIGTERM",
	"cannot be executed", "is ready late, after", "says that there is nothing to do", "takes its time to end:",
	"takes its time to begin:", "takes its time to be killed:" };

_Static_assert(ARRAY_LEN(behaves) == BEHAVE_TYPES, "words for each behaviour");

static const char *const faults[] = {
	[ITEM_AGENT_KILL] = "the agent is killed", [ITEM_AGENT_FREEZE] = "the agent is frozen",
	[ITEM_GUARD_KILL] = "the guard is killed", [ITEM_GUARD_FREEZE] = "the guard is frozen",
	[ITEM_HOST_LOSS] = "power is lost", [ITEM_LINK_CUT] = "the link is down",
	[ITEM_LINK_MUTE] = "the link is silent in one direction", [ITEM_LINK_SLOW] = "the link is slow",
	[ITEM_CONN_CUT] = "the connection is cut", [ITEM_DAEMON_KILL] = "the daemon is killed",
	[ITEM_DAEMON_FREEZE] = "the daemon is frozen", [ITEM_DISK_STALL] = "the disk stands still",
	[ITEM_WALL_JUMP] = "the wall clock jumps", [ITEM_START_FREEZE] = "the agent is frozen in the middle of its next start",
};

void
item_print(const struct item *i)
{
	double s = (double)i->us / US_PER_S;

	printf("%12.6f  ", (double)i->at / US_PER_S);
	if (i->type == ITEM_BEHAVE)
		printf("run %u of child %u %s %.6f s\n", i->b & 0xffff, i->a, behaves[i->b >> 16], s);
	else if (i->type == ITEM_CRASH)
		printf("child %u ends, status %u\n", i->a, i->b);
	else if (i->type == ITEM_ORDER)
		printf("order: %s child %u (node %u)\n", operation_name((enum operation)(i->b & 0xffff)), i->a, i->b >> 16);
	else
		printf("node %s: %s, for %.6f s\n", node_name(i->a), faults[i->type], s);
}
