/*
 * Random walks through the tree: whatever happens, the invariants of
 * core_walk.h hold; and when the faults end, everything that is wanted runs.
 *
 * A failure names its seed; TRAPEXIT_SEED=N walks that one alone, and
 * TRAPEXIT_TRACE=1 shows what the tree did. TRAPEXIT_SEEDS=N walks that many.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/tree.h"
#include "core_walk.h"
#include "unit.h"

#define SEEDS 4000
#define STEPS 600
#define ADDED_MAX 30

static child_handle
pick(struct world *w)
{
	return (child_handle)world_random(w, tree_size(w->tree));
}

static void
end_life(struct world *w, child_handle h, enum tree_event_type type, struct exit_reason reason)
{
	struct tree_event ev = { .type = type, .token = w->lives[h].token, .reason = reason };

	w->dead_token = ev.token;
	w->lives[h] = (struct life){ 0 };
	world_event(w, ev);
}

static struct exit_reason
random_reason(struct world *w, child_handle h)
{
	static const int statuses[] = { 0, 1 << 8, 3 << 8, SIGKILL, SIGTERM, SIGSEGV };
	struct child_view v;

	tree_view(w->tree, h, &v);
	if (w->lives[h].killed)
		return (struct exit_reason){ .kind = REASON_KILLED };
	return reason_from_status(v.spec, statuses[world_random(w, 6)], v.state == CHILD_STOPPING);
}

/* A life moves on: it starts, fails, ends, obeys. False: it stays as it is. */
static bool
live_on(struct world *w, child_handle h, bool faults)
{
	struct life *life = &w->lives[h];
	struct exit_reason error = { .kind = REASON_START_ERROR, .number = 2, .step = STEP_EXEC };
	uint64_t dice = world_random(w, 100);

	if (life->token == 0)
		return false;
	if (life->doomed) {
		end_life(w, h, TREE_EXITED, (struct exit_reason){ .kind = REASON_NOCONNECTION });
	} else if (life->told) {
		if (!faults || dice < 50)
			end_life(w, h, TREE_EXITED, random_reason(w, h));
	} else if (!life->started) {
		if (!faults || dice < 60) {
			life->started = true;
			world_event(w, (struct tree_event){ .type = TREE_STARTED, .token = life->token });
		} else if (dice < 75) {
			error.step = dice < 62 ? STEP_LEASE : STEP_EXEC;
			end_life(w, h, TREE_START_FAILED, error);
		} else if (dice < 80) {
			end_life(w, h, TREE_EXITED, random_reason(w, h));
		}
	} else {
		if (faults && dice < 40)
			end_life(w, h, TREE_EXITED, random_reason(w, h));
		return faults;
	}
	return true;
}

static void
say_ignored(struct world *w, child_handle h)
{
	struct life *life = &w->lives[h];

	if (life->token == 0 || life->started || life->told)
		return;
	w->asked[h] = true;
	world_event(w, (struct tree_event){ .type = TREE_IGNORED, .token = life->token });
}

static void
all_live_on(struct world *w)
{
	bool moved = true;
	child_handle h;

	while (moved) {
		moved = false;
		for (h = 0; h < tree_size(w->tree); h++)
			moved = live_on(w, h, false) || moved;
	}
}

/* Without faults nobody is slow: who is to start or to end does so before time goes on. */
static void
pass_time(struct world *w, bool faults)
{
	static const int64_t spans[] = { 1, 1000, 100000, 1000000, 3000000, 30000000 };
	mono_t end = mono_add_us(w->now, (int64_t)world_random(w, (uint64_t)spans[world_random(w, 6)])), due;
	child_handle h;

	while (!mono_is_never(due = tree_deadline(w->tree)) && !mono_before(end, due)) {
		w->now = due.us > w->now.us ? due : w->now;
		/* Who has been starting for too long may be told to end, in no order. */
		for (h = 0; h < tree_size(w->tree); h++)
			w->asked[h] = w->asked[h] || (w->lives[h].token != 0 && !w->lives[h].started);
		world_event(w, (struct tree_event){ .type = TREE_TIMER });
		WORLD_ASSERT(w, mono_before(w->now, tree_deadline(w->tree)), "broken");
		if (!faults)
			all_live_on(w);
	}
	w->now = end;
}

static void
ask_end(struct world *w, enum tree_command_type type, child_handle h)
{
	bool asked = w->asked[h];
	struct child_view v;

	w->asked[h] = true;
	tree_view(w->tree, h, &v);
	/* One that is forgotten may come back with its supervisor, under the same handle. */
	if (type == CMD_STOP && v.spec->restart != RESTART_TEMPORARY)
		w->stopped[h] = true;
	if (world_command(w, type, h, NULL) != RESULT_OK)
		w->asked[h] = asked;
}

/* A new spec for h: a worker's, or a supervisor's with other children when it begins again. */
static void
change(struct world *w, child_handle h, const struct child_view *v)
{
	static const char *const workers[] = { "", "[transient]", "[notify,timeout=1s]", "[backoff,last]", "[brutal]",
		"[trap,link=w1+w2,monitor=k]", "[link=w3]", "[nodes=1/0,after=1,back]", "[nodes=2+3/1]" };
	static const char *const sups[] = { ":one_for_all[intensity=2,period=3s](k l[notify])",
		":one_for_one[period=3s](k)", ":rest_for_one[intensity=1,period=3s,serial](l k[last] m[temporary])" };
	uint64_t which = world_random(w, w->spread ? 9 : w->linked ? 7 : 5);
	char text[128];

	if (which >= 5 && which < 7 && !w->linked)
		which = 0;
	if (v->spec->type == CHILD_SUPERVISOR)
		snprintf(text, sizeof(text), "%s%s", v->spec->id, sups[world_random(w, 3)]);
	else
		snprintf(text, sizeof(text), "%s%s", v->spec->id, workers[which]);
	w->n_changed++;
	world_command(w, CMD_CHANGE, h, specs_child(w->specs, text));
}

/* OTP's operations, S74-S86. */
static void
operate(struct world *w, child_handle h)
{
	bool stopped;
	char text[64];

	switch (world_random(w, 4)) {
	case 0:
		if (w->n_added == ADDED_MAX)
			break;
		snprintf(text, sizeof(text), world_random(w, 3) == 0 ? "o%u[notify,timeout=1s,temporary]" : "o%u", w->n_added++);
		world_command(w, CMD_START_CHILD, h, specs_child(w->specs, text));
		break;
	case 1:
		world_command(w, CMD_TERMINATE_CHILD, h, NULL);
		break;
	case 2:
		stopped = w->stopped[h];
		w->stopped[h] = false;
		if (world_command(w, CMD_RESTART_CHILD, h, NULL) != RESULT_OK)
			w->stopped[h] = stopped;
		break;
	case 3:
		world_command(w, CMD_DELETE_CHILD, h, NULL);
		break;
	}
}

static void
tie(struct world *w)
{
	static const enum reason_kind kinds[] = { REASON_NORMAL, REASON_SHUTDOWN, REASON_EXIT, REASON_KILL };
	static const enum tree_command_type types[] = { CMD_LINK, CMD_LINK, CMD_UNLINK, CMD_MONITOR, CMD_DEMONITOR, CMD_EXIT };
	struct tree_command cmd = { .type = types[world_random(w, 6)], .child = pick(w), .peer = pick(w) };

	cmd.reason.kind = kinds[world_random(w, 4)];
	if (cmd.type == CMD_DEMONITOR)
		cmd.ref = w->first_ref + 1 + world_random(w, 32);
	if (cmd.type == CMD_MONITOR && w->tree->next_ref - w->first_ref >= WORLD_REFS)
		return;
	world_give(w, cmd);
}

static void
command(struct world *w)
{
	child_handle h = pick(w);
	struct child_view v;
	char text[64];

	if (w->linked && world_random(w, 2) == 0) {
		tie(w);
		return;
	}
	if (h == TREE_ROOT || !tree_view(w->tree, h, &v))
		return;
	switch (world_random(w, 9)) {
	case 0:
	case 1:
		w->stopped[h] = false;
		/* It is to be up again, but the end that was asked for goes on. */
		w->asked[h] = w->asked[h] || child_is(child_of(w->tree, h), CF_TERMINATED);
		world_command(w, CMD_START, h, NULL);
		break;
	case 2:
		ask_end(w, CMD_STOP, h);
		break;
	case 3:
		w->stopped[h] = false;
		ask_end(w, CMD_RESTART, h);
		break;
	case 4:
		if (world_random(w, 3) == 0)
			ask_end(w, CMD_REMOVE, h);
		break;
	case 5:
		if (w->n_added == ADDED_MAX)
			break;
		snprintf(text, sizeof(text), world_random(w, 5) == 0 ? "a%u:rest_for_one(x y)" : "a%u", w->n_added++);
		world_command(w, CMD_ADD, h, specs_child(w->specs, text));
		break;
	case 6:
		change(w, h, &v);
		break;
	case 7:
	case 8:
		operate(w, h);
		break;
	}
}

/* Handles are used again: what was said about the last one does not hold for the next. */
static void
forget_removed(struct world *w)
{
	struct child_view v;
	child_handle h;

	for (h = 0; h < tree_size(w->tree); h++) {
		if (!tree_view(w->tree, h, &v) || (v.wanted && w->stopped[h])) {
			w->stopped[h] = false;
			w->n_restarts[h] = 0;
		}
	}
}

static void
stumble(struct world *w, bool commands)
{
	uint64_t dice = world_random(w, 100);

	if (dice < 60)
		live_on(w, pick(w), true);
	else if (dice < 85)
		pass_time(w, true);
	else if (dice < 87)
		world_event(w, (struct tree_event){ .type = TREE_EXITED, .token = w->dead_token,
				   .reason = { .kind = REASON_KILLED } }); /* again: S35 */
	else if (dice < 88 && commands)
		say_ignored(w, pick(w));
	else if (dice < 90 && commands && w->seed % 2 == 1)
		world_shake(w);
	else if (dice < 93 && w->spread)
		world_shake(w);
	else if (dice < 95 && w->spread)
		world_arrange(w, pick(w));
	else if (commands)
		command(w);
	forget_removed(w);
}

/* No more faults: everyone obeys, and time goes on until nothing is owed. */
static void
calm_down(struct world *w)
{
	int round;

	world_open(w);
	for (round = 0; round < 100; round++) {
		all_live_on(w);
		pass_time(w, false);
	}
	all_live_on(w);
}

/* Nobody asked for anything: what is permanent and under a supervisor that runs, runs. */
static void
assert_alive(struct world *w, bool all)
{
	struct child_view v;
	child_handle h;

	for (h = 1; h < tree_size(w->tree); h++) {
		if (!tree_view(w->tree, h, &v) || !world_is_up(w, v.parent) || !v.wanted)
			continue;
		if (all || v.spec->restart == RESTART_PERMANENT)
			WORLD_ASSERT(w, v.state == CHILD_RUNNING, "%s is %s", v.spec->id, child_state_name(v.state));
	}
}

static void
finish(struct world *w)
{
	bool twice = world_random(w, 2) == 0;
	int round;

	world_command(w, CMD_SHUTDOWN, TREE_ROOT, NULL);
	if (twice && !w->finished) {
		w->hurried = true;
		world_command(w, CMD_SHUTDOWN, TREE_ROOT, NULL);
	}
	for (round = 0; round < 100000 && !w->finished; round++) {
		live_on(w, pick(w), true);
		if (round % 10 == 0)
			pass_time(w, true);
	}
	WORLD_ASSERT(w, w->finished, "broken");
	WORLD_ASSERT(w, w->cookies == w->answers, "%ju of %ju answers", (uintmax_t)w->answers, (uintmax_t)w->cookies);
}

/* What an agent has held over a restart of the daemon. */
static void
adopt_some(struct world *w)
{
	struct tree_event ev = { .type = TREE_ADOPTED, .age_us = 1000000 };
	struct child_view v;

	for (ev.child = 1; ev.child < tree_size(w->tree); ev.child++) {
		if (!tree_view(w->tree, ev.child, &v) || v.spec->type == CHILD_SUPERVISOR || world_random(w, 3) != 0)
			continue;
		ev.token = 1000 + ev.child;
		w->lives[ev.child] = (struct life){ .token = ev.token, .started = true };
		world_event(w, ev);
		if (world_random(w, 4) == 0)
			live_on(w, ev.child, true);
	}
}

static void
walk(uint64_t seed, bool commands)
{
	static struct world w;
	child_handle h;
	int i;

	world_init(&w, seed, commands);
	if (seed % 4 == 1)
		adopt_some(&w);
	world_event(&w, (struct tree_event){ .type = TREE_BEGIN });
	for (i = 0; i < STEPS; i++)
		stumble(&w, commands);
	calm_down(&w);
	if (commands) {
		/* Whoever finished, failed by command or was left behind comes when called. */
		for (h = 1; h < tree_size(w.tree); h++) {
			struct child_view v;

			if (tree_view(w.tree, h, &v) && v.wanted)
				world_command(&w, CMD_START, h, NULL);
		}
		calm_down(&w);
	}
	assert_alive(&w, commands);
	finish(&w);
	world_release(&w);
}

/* A tenth of the seeds (TRAPEXIT_SEEDS in all), or the one that was asked for. */
static void
walk_tenth(int tenth, bool commands)
{
	const char *seed = getenv("TRAPEXIT_SEED"), *seeds = getenv("TRAPEXIT_SEEDS");
	uint64_t n = (seeds != NULL && *seeds != '\0' ? strtoull(seeds, NULL, 10) : SEEDS) / 10, i;

	if (seed != NULL && *seed != '\0') {
		if (tenth == 0)
			walk(strtoull(seed, NULL, 10), commands);
		return;
	}
	for (i = 0; i < n; i++)
		walk((uint64_t)tenth * n + i, commands);
}

START_TEST(faults_alone)
{
	walk_tenth(_i, false);
}
END_TEST

START_TEST(faults_operators_and_nodes)
{
	walk_tenth(_i, true);
}
END_TEST

static Suite *
core_walk_suite(void)
{
	Suite *s = suite_create("core_walk");
	TCase *tc = tcase_create("walk");

	tcase_add_loop_test(tc, faults_alone, 0, 10);
	tcase_add_loop_test(tc, faults_operators_and_nodes, 0, 10);
	tcase_set_timeout(tc, 120);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(core_walk_suite());
}
