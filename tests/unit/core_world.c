/* The invariants of core_walk.h. */
#include "core_walk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "core/tree.h"
#include "unit.h"

void
world_fail(const struct world *w, const char *what, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	ck_abort_msg("TRAPEXIT_SEED=%ju at %jd us: %s: %s\n  in %s", (uintmax_t)w->seed, (intmax_t)w->now.us, what, text,
	    w->text);
}

uint64_t
world_random(struct world *w, uint64_t below)
{
	w->random = hash_u64(w->random + UINT64_C(0x9e3779b97f4a7c15));
	return w->random % below;
}

static void ATTR_PRINTF(3, 4)
add(char *text, size_t size, const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, size - n, fmt, ap);
	va_end(ap);
}

static void
make_nodes(struct world *w)
{
	static const char *const lists[] = { "0/1", "1/0", "1+2/0", "3/2+1+0", "2", "0+1+2+3" };

	if (world_random(w, 5) == 0)
		return;
	add(w->text, sizeof(w->text), ",nodes=%s", lists[world_random(w, 6)]);
	if (world_random(w, 2) == 0)
		add(w->text, sizeof(w->text), ",after=%u", 1 + (unsigned)world_random(w, 2));
	if (world_random(w, 3) == 0)
		add(w->text, sizeof(w->text), ",wait=%us", 1 + (unsigned)world_random(w, 3));
	if (world_random(w, 3) == 0)
		add(w->text, sizeof(w->text), ",back");
}

static void
make_worker(struct world *w, unsigned *n, bool significant)
{
	static const char *const types[] = { "permanent", "permanent", "transient", "temporary" };
	uint64_t type = world_random(w, 4);

	add(w->text, sizeof(w->text), "w%u[%s", (*n)++, types[type]);
	if (significant && type >= 2 && world_random(w, 3) == 0)
		add(w->text, sizeof(w->text), ",sig");
	if (world_random(w, 3) == 0)
		add(w->text, sizeof(w->text), ",notify");
	if (world_random(w, 2) == 0)
		add(w->text, sizeof(w->text), ",backoff,max=5s,reset=2s,jitter=100");
	if (world_random(w, 8) == 0)
		add(w->text, sizeof(w->text), ",last");
	if (world_random(w, 8) == 0)
		add(w->text, sizeof(w->text), ",brutal");
	if (world_random(w, 8) == 0)
		add(w->text, sizeof(w->text), ",timeout=3s");
	if (w->linked && world_random(w, 4) == 0)
		add(w->text, sizeof(w->text), ",trap");
	if (w->spread)
		make_nodes(w);
	if (w->linked && world_random(w, 4) == 0)
		add(w->text, sizeof(w->text), ",%s=w%u", world_random(w, 2) == 0 ? "link" : "monitor", (unsigned)world_random(w, 12));
	add(w->text, sizeof(w->text), "] ");
}

static void
make_sup(struct world *w, unsigned *n, unsigned depth, bool significant_above)
{
	static const char *const strategies[] = { "one_for_one", "one_for_all", "rest_for_one" };
	static const char *const shutdowns[] = { "", ",any", ",all" };
	uint64_t children = world_random(w, 6), auto_shutdown = depth == 0 ? 0 : world_random(w, 6) / 2, i;

	if (depth > 0 && world_random(w, 8) == 0) {
		add(w->text, sizeof(w->text), "simple_one_for_one(t)");
		return;
	}
	add(w->text, sizeof(w->text), "%s[period=3s", strategies[world_random(w, 3)]);
	add(w->text, sizeof(w->text), "%s", shutdowns[auto_shutdown]);
	if (world_random(w, 3) != 0)
		add(w->text, sizeof(w->text), ",intensity=%u", (unsigned)world_random(w, 5));
	if (world_random(w, 4) == 0)
		add(w->text, sizeof(w->text), ",serial");
	if (depth > 0 && world_random(w, 5) == 0)
		add(w->text, sizeof(w->text), ",strict");
	if (depth == 0)
		add(w->text, sizeof(w->text), ",cool=20s");
	if (depth > 0 && w->hurried && world_random(w, 4) == 0)
		add(w->text, sizeof(w->text), ",ms=1000");
	if (depth > 0 && world_random(w, 4) == 0)
		add(w->text, sizeof(w->text), ",transient%s", significant_above ? ",sig" : "");
	add(w->text, sizeof(w->text), "](");
	for (i = 0; i < children; i++) {
		if (depth < 3 && world_random(w, 4) == 0) {
			add(w->text, sizeof(w->text), "s%u:", (*n)++);
			make_sup(w, n, depth + 1, auto_shutdown > 0);
			add(w->text, sizeof(w->text), " ");
		} else {
			make_worker(w, n, auto_shutdown > 0);
		}
	}
	add(w->text, sizeof(w->text), ")");
}

void
world_init(struct world *w, uint64_t seed, bool commands)
{
	struct err err = ERR_INIT;
	unsigned n = 0;

	memset(w, 0, sizeof(*w));
	w->seed = w->random = seed;
	w->spread = commands && seed % 5 == 1;
	w->nodes[0].up = true;
	w->exact = !commands || (seed % 2 == 0 && !w->spread);
	w->hurried = seed % 8 == 7;
	w->linked = commands && seed % 3 == 0;
	make_sup(w, &n, 0, false);
	w->specs = specs_parse(w->text, &w->root);
	w->tree = tree_new(&w->root, 7, seed, &err);
	WORLD_ASSERT(w, w->tree != NULL, "%s", err.msg);
	w->last_token = w->first_ref = UINT64_C(7) << 32;
}

void
world_release(struct world *w)
{
	tree_free(w->tree);
	specs_free(w->specs);
}

static struct child_view
view_of(const struct world *w, child_handle h)
{
	struct child_view v;

	WORLD_ASSERT(w, tree_view(w->tree, h, &v), "%u", h);
	return v;
}

bool
world_is_up(const struct world *w, child_handle sup)
{
	for (; sup != CHILD_NONE; sup = view_of(w, sup).parent) {
		if (view_of(w, sup).state != CHILD_RUNNING)
			return false;
	}
	return true;
}

static void
on_start(struct world *w, const struct tree_action *a)
{
	struct life *life = &w->lives[a->child];

	WORLD_ASSERT(w, a->child < WORLD_MAX, "%u", a->child);
	WORLD_ASSERT(w, life->token == 0, "a second incarnation of %s", view_of(w, a->child).spec->id);
	WORLD_ASSERT(w, a->token > w->last_token, "broken");
	world_check_start(w, a);
	if (view_of(w, a->child).starts == 1)
		w->stopped[a->child] = false; /* a new record under an old handle */
	WORLD_ASSERT(w, !w->stopped[a->child] && view_of(w, a->child).wanted, "%s was stopped by hand",
	    view_of(w, a->child).spec->id);
	/* S62: the supervisor that is told; others go on until it is their turn. */
	WORLD_ASSERT(w, !w->finished && view_of(w, view_of(w, a->child).parent).state != CHILD_STOPPING, "broken");
	w->last_token = a->token;
	*life = (struct life){ .token = a->token, .node = a->node };
	w->asked[a->child] = false;
}

static bool
lives_below(const struct world *w, child_handle h)
{
	child_handle below;

	if (w->lives[h].token != 0)
		return true;
	for (below = tree_first(w->tree, h); below != CHILD_NONE; below = tree_next(w->tree, below)) {
		if (lives_below(w, below))
			return true;
	}
	return false;
}

/* S39, S59: what stands behind it in start order is down. */
static void
check_order(const struct world *w, child_handle h)
{
	bool last = child_is(child_of(w->tree, h), CF_LAST);
	child_handle later = tree_next(w->tree, h);

	for (; later != CHILD_NONE; later = tree_next(w->tree, later)) {
		if (!last && child_is(child_of(w->tree, later), CF_LAST))
			continue;
		WORLD_ASSERT(w, !lives_below(w, later), "%s is told to end before %s", view_of(w, h).spec->id,
		    view_of(w, later).spec->id);
	}
}

/* Its end was asked for by itself: no order holds. */
static bool
is_asked(const struct world *w, child_handle h)
{
	return w->asked[h] || child_is(child_of(w->tree, h), CF_TERMINATED);
}

/* S116, S118. */
static bool
moves_alone(const struct world *w, child_handle h)
{
	return child_is(child_of(w->tree, h), CF_MOVE) && child_is(child_of(w->tree, h), CF_AGAIN);
}

static void
on_signal(struct world *w, const struct tree_action *a)
{
	struct life *life = &w->lives[a->child];
	struct child_view v = view_of(w, a->child), above;

	WORLD_ASSERT(w, life->token == a->token && a->token != 0, "broken");
	if (!life->told && !is_asked(w, a->child) && !moves_alone(w, a->child) && !w->hurried && !child_is(child_of(w->tree, a->child), CF_SIGNALLED)) {
		for (; v.parent != CHILD_NONE; v = above) {
			above = view_of(w, v.parent);
			/* As its walk began: a change of its spec comes too late for that. */
			if (child_of(w->tree, v.parent)->sup->parallel)
				break;
			check_order(w, tree_find(w->tree, v.parent, v.spec->id));
			if (above.parent == CHILD_NONE || is_asked(w, v.parent) ||
			    !child_is(child_of(w->tree, v.parent), CF_ORDERED))
				break; /* its end is nobody else's doing */
		}
	}
	life->told = true;
	life->killed = life->killed || a->type == TREE_ACT_KILL;
}

/* Nothing of a signal or a line before the end of the incarnation it is about. */
static void
on_tell(struct world *w, const struct tree_action *a)
{
	WORLD_ASSERT(w, w->lives[a->child].token == a->token && a->token != 0, "broken");
	if (a->tell == TELL_EXIT)
		WORLD_ASSERT(w, view_of(w, a->child).spec->trap_exit || w->n_changed > 0, "broken");
	if (a->about == CHILD_NONE || a->reason.kind == REASON_NOPROC)
		return;
	/* S97: its replacement is not ordered yet. */
	WORLD_ASSERT(w, w->lives[a->about].token == 0 || a->tell == TELL_EXIT, "broken");
	if (a->ref == 0)
		return;
	WORLD_ASSERT(w, a->ref > w->first_ref && a->ref - w->first_ref < WORLD_REFS, "%ju", (uintmax_t)a->ref);
	WORLD_ASSERT(w, !w->fired[a->ref - w->first_ref], "DOWN twice of %ju", (uintmax_t)a->ref);
	w->fired[a->ref - w->first_ref] = true;
}

static bool
is_counted(const struct exit_reason *r)
{
	return r->kind != REASON_NOCONNECTION && (r->kind != REASON_START_ERROR || r->step != STEP_LEASE);
}

/* S50, by its definition: how many count now, this one included. */
static unsigned
count_restart(struct world *w, child_handle sup, int64_t period)
{
	unsigned i, kept = 0, n = w->n_restarts[sup];

	for (i = 0; i < n; i++) {
		if (w->now.us - w->restarts[sup][i] <= period)
			w->restarts[sup][kept++] = w->restarts[sup][i];
	}
	ck_assert_uint_lt(kept, 64);
	w->restarts[sup][kept++] = w->now.us;
	w->n_restarts[sup] = kept;
	return kept;
}

static void
on_failure(struct world *w, const struct tree_action *a)
{
	child_handle sup = view_of(w, a->child).parent;
	struct child_view v = view_of(w, sup);

	if (a->delay_us < 0 || v.spec->sup->intensity == INTENSITY_INFINITY || !is_counted(&a->reason))
		return;
	/* A cool-down is an escalation; its report comes next. */
	if (sup == TREE_ROOT && a->delay_us == w->root.cool_down_us) {
		if (w->exact)
			WORLD_ASSERT(w, count_restart(w, sup, v.spec->sup->period_us) > v.spec->sup->intensity, "broken");
		return;
	}
	WORLD_ASSERT(w, count_restart(w, sup, v.spec->sup->period_us) <= v.spec->sup->intensity, "broken");
}

static void
on_escalated(struct world *w, const struct tree_action *a)
{
	struct child_view v = view_of(w, a->child);

	if (w->exact && is_counted(&a->reason))
		WORLD_ASSERT(w, count_restart(w, a->child, v.spec->sup->period_us) > v.spec->sup->intensity, "broken");
	WORLD_ASSERT(w, v.state == CHILD_STOPPING || v.state == CHILD_UNDEFINED || v.state == CHILD_RESTARTING ||
	    v.state == CHILD_STARTING, "broken");
}

static void
on_report(struct world *w, const struct tree_action *a)
{
	switch (a->report) {
	case REPORT_CHILD_TERMINATED:
	case REPORT_START_ERROR:
		on_failure(w, a);
		break;
	case REPORT_ESCALATED:
		on_escalated(w, a);
		break;
	case REPORT_SHUTDOWN:
		WORLD_ASSERT(w, !lives_below(w, a->child), "broken");
		w->n_restarts[a->child] = 0;
		w->asked[a->child] = false;
		break;
	case REPORT_COOL_DOWN:
		w->n_restarts[view_of(w, a->child).parent] = 0;
		break;
	case REPORT_PROGRESS:
	case REPORT_SHUTDOWN_ERROR:
	case REPORT_STOPPED:
	case REPORT_NO_NODE:
	case REPORT_NODE_SICK:
		break;
	}
}

static void
on_finish(struct world *w)
{
	child_handle h;

	for (h = 0; h < WORLD_MAX; h++)
		WORLD_ASSERT(w, w->lives[h].token == 0, "%u lives", h);
	w->finished = true;
}

/* With TRAPEXIT_TRACE a walk can be read. */
static void
trace(const struct world *w, const struct tree_action *a)
{
	static const char *const types[] = { "start", "signal", "kill", "report", "reply", "finish", "tell" };
	char reason[REASON_TEXT_SIZE];

	if (getenv("TRAPEXIT_TRACE") == NULL)
		return;
	printf("# %jd %s %s %s %s\n", (intmax_t)w->now.us, types[a->type], view_of(w, a->child).spec->id,
	    a->type == TREE_ACT_REPORT ? tree_report_name(a->report) :
	    a->type == TREE_ACT_REPLY  ? tree_result_name(a->result) :
					 "",
	    reason_text(&a->reason, reason));
}

static void
world_drain(struct world *w)
{
	struct tree_action a;

	while (tree_next_action(w->tree, &a)) {
		trace(w, &a);
		switch (a.type) {
		case TREE_ACT_START:
			on_start(w, &a);
			break;
		case TREE_ACT_SIGNAL:
		case TREE_ACT_KILL:
			on_signal(w, &a);
			break;
		case TREE_ACT_REPORT:
			on_report(w, &a);
			break;
		case TREE_ACT_REPLY:
			WORLD_ASSERT(w, a.cookie >= 1 && a.cookie <= w->cookies, "%ju", (uintmax_t)a.cookie);
			w->answers++;
			break;
		case TREE_ACT_FINISH:
			on_finish(w);
			break;
		case TREE_ACT_TELL:
			on_tell(w, &a);
			break;
		}
	}
	world_check(w);
}

void
world_event(struct world *w, struct tree_event ev)
{
	tree_event(w->tree, &ev, w->now);
	world_drain(w);
}

/* S85: what a smaller window still holds is the newest. */
static void
trim_restarts(struct world *w, child_handle sup, uint32_t intensity)
{
	unsigned n = w->n_restarts[sup], keep = n;

	if (intensity == INTENSITY_INFINITY)
		keep = 0;
	else if (intensity < n)
		keep = intensity;
	memmove(w->restarts[sup], w->restarts[sup] + n - keep, keep * sizeof(w->restarts[sup][0]));
	w->n_restarts[sup] = keep;
}

enum tree_result
world_give(struct world *w, struct tree_command cmd)
{
	struct child_view v;
	enum tree_result result;

	cmd.cookie = ++w->cookies;
	if (getenv("TRAPEXIT_TRACE") != NULL && tree_view(w->tree, cmd.child, &v))
		printf("# %jd command %d %s\n", (intmax_t)w->now.us, (int)cmd.type, v.spec->id);
	result = tree_command(w->tree, &cmd, w->now, NULL);
	if (result != RESULT_OK)
		w->answers++;
	else if (cmd.type == CMD_CHANGE && cmd.spec->sup != NULL)
		trim_restarts(w, cmd.child, cmd.spec->sup->intensity);
	world_drain(w);
	return result;
}

enum tree_result
world_command(struct world *w, enum tree_command_type type, child_handle h, const struct child_spec *spec)
{
	return world_give(w, (struct tree_command){ .type = type, .child = h, .spec = spec });
}

static void
check_sup(const struct world *w, const struct child *c)
{
	const struct tree *t = w->tree;
	uint32_t live[2] = { 0, 0 }, significant = 0, n = 0, before = NONE;
	child_handle h, prev = NONE;

	for (h = c->sup->first; h != NONE; prev = h, h = child_of(t, h)->next) {
		const struct child *k = child_of(t, h);

		WORLD_ASSERT(w, k->parent == c->self && k->prev == prev && k->self == h, "broken");
		WORLD_ASSERT(w, before == NONE || k->ord > before, "broken");
		WORLD_ASSERT(w, tree_find(t, c->self, k->spec->id) == h, "broken");
		WORLD_ASSERT(w, !child_is(k, CF_GONE), "broken");
		before = k->ord;
		n++;
		live[child_is(k, CF_LAST)] += child_is_live(k);
		significant += k->spec->significant && (child_is_live(k) || k->state == CHILD_RESTARTING);
	}
	WORLD_ASSERT(w, c->sup->last == prev && c->sup->n_children == n, "broken");
	WORLD_ASSERT(w, c->sup->live[0] == live[0] && c->sup->live[1] == live[1], "broken");
	WORLD_ASSERT(w, c->sup->significant == significant, "broken");
	/* Nothing lives under a supervisor that is down. */
	WORLD_ASSERT(w, c->sup->phase != SUP_DOWN || live[0] + live[1] == 0, "broken");
}

/* The ties of c: the lists of both ends agree, what is joined lives, and what is neither joined nor configured is not. */
static uint32_t
check_ties(const struct world *w, const struct child *c)
{
	uint32_t e, prev = NONE, n = 0;

	for (e = c->ties; e != NONE; prev = e, e = w->tree->ties[e / 2].end[e % 2].next) {
		const struct tie *tie = &w->tree->ties[e / 2];
		const struct child *other = child_of(w->tree, tie->end[1 - e % 2].child);
		bool joined = (tie->flags & TF_JOINED) != 0;

		WORLD_ASSERT(w, tie->end[e % 2].child == c->self && tie->end[e % 2].prev == prev, "broken");
		WORLD_ASSERT(w, other != c && other->spec != NULL && !child_is(other, CF_GONE), "broken");
		WORLD_ASSERT(w, joined || (tie->flags & (TF_CONF_0 | TF_CONF_1)) != 0, "broken");
		WORLD_ASSERT(w, !joined || (child_is_live(c) && child_is_live(other)), "%s and %s", c->spec->id, other->spec->id);
		WORLD_ASSERT(w, (tie->flags & TF_SEEN) == 0, "broken");
		n++;
	}
	return n;
}

void
world_check(const struct world *w)
{
	const struct tree *t = w->tree;
	uint32_t h, waiting = 0, ends = 0;

	WORLD_ASSERT(w, t->run_first == NULL && t->ring.n == 0, "broken");
	WORLD_ASSERT(w, t->ring.cap <= 512, "the ring has grown to %u", t->ring.cap);
	for (h = 0; h < t->size; h++) {
		const struct child *c = child_of(t, h);

		if (c->spec == NULL || child_is(c, CF_GONE)) {
			WORLD_ASSERT(w, w->lives[h].token == 0, "%u", h);
			WORLD_ASSERT(w, c->spec == NULL || c->ties == NONE, "broken");
			continue;
		}
		waiting += child_is(c, CF_WAIT_NODE);
		ends += check_ties(w, c);
		if (c->sup != NULL)
			check_sup(w, c);
		else
			WORLD_ASSERT(w, child_is_live(c) == (w->lives[h].token != 0), "%s", c->spec->id);
		if (child_is_live(c) && c->sup == NULL)
			WORLD_ASSERT(w, tree_by_token(t, c->token) == h, "broken");
		WORLD_ASSERT(w, t->timers.pos[h] == 0 || t->timers.heap[t->timers.pos[h] - 1].handle == h, "broken");
		WORLD_ASSERT(w, mono_is_never(c->due) == (t->timers.pos[h] == 0), "broken");
	}
	WORLD_ASSERT(w, waiting == t->n_waiting, "broken");
	world_check_nodes(w);
	WORLD_ASSERT(w, ends == 2 * t->n_ties, "broken");
	WORLD_ASSERT(w, w->cookies - w->answers == t->n_waiters + t->n_deferred, "broken");
}
