/*
 * What must be true of each action of the tree, when it comes out: of starts and
 * stops by what lives in the world, of restarts by a reckoning of our own.
 */
#include "config.h"

#include <string.h>

#include "core/backoff.h"
#include "core/tree.h"
#include "sim.h"

static mono_t
daemon_now(const struct daemon *d)
{
	return clock_now(d->w, &d->w->hosts[0].clock);
}

static struct child_view
view_of(const struct daemon *d, child_handle h)
{
	struct child_view v;

	if (!tree_view(d->tree, h, &v))
		sim_fail(d->w, "tree", "an action names handle %u, which is free", h);
	return v;
}

static void
restarts_begin(const struct world *w, struct restarts *r)
{
	r->n = 0;
	memset(r->counted, 0, w->n_hosts * sizeof(*r->counted));
}

void
check_begin(struct daemon *d)
{
	struct world *w = d->w;
	uint32_t i, n;

	for (n = 0; n < w->n_hosts; n++)
		w->episodes[n] = 0;
	for (i = 0; i < w->n_kids; i++) {
		struct kid *k = &w->kids[i];

		k->row = 0;
		k->told = k->asked = k->done = false;
		k->up_since = k->up_us = -1;
		k->ended_by.kind = REASON_NONE;
		k->gave_up = k->start_waited = false;
		k->begin_no = w->start_no;
		if (k->restarts != NULL)
			restarts_begin(w, k->restarts);
	}
}

void
check_node_down(struct daemon *d, uint32_t node)
{
	d->w->episodes[node]++;
}

void
check_adopted(struct daemon *d, const struct inc *inc)
{
	struct child_view v = view_of(d, tree_find_kid(d, inc->kid));

	inc->kid->birth = v.birth;
	inc->kid->start_node = inc->node;
	inc->kid->start_episode = d->w->episodes[inc->node];
	inc->kid->up_since = daemon_now(d).us - inc->age_us;
	inc->kid->row = 0;
	inc->kid->up_us = -1;
	inc->kid->ended_by.kind = REASON_NONE;
	inc->kid->told = inc->kid->asked = false;
}

static bool
is_listed(const struct child_spec *spec, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < spec->n_nodes && spec->nodes[i].node != node; i++)
		;
	return i < spec->n_nodes || (spec->n_nodes == 0 && node == 0);
}

/*
 * S23: in an init nobody is started after one that stands behind it, but those that have waited for a node, or were
 * still ending when their turn came.
 */
static void
check_start_order(struct daemon *d, const struct tree_action *a)
{
	const struct child *c = child_of(d->tree, a->child), *above = child_of(d->tree, c->parent);
	struct kid *k = kid_of(d, a->child), *later;
	child_handle h;

	if (d->w->plan->large || !above->sup->init || k->asked || k->start_waited || k->spec->n_nodes == 0)
		return;
	for (h = tree_next(d->tree, a->child); h != CHILD_NONE; h = tree_next(d->tree, h)) {
		later = kid_of(d, h);
		/* What the tree says is ahead of what it has told us. */
		if (later->is_sup || !child_is_live(child_of(d->tree, h)) || child_of(d->tree, h)->token != later->start_token)
			continue;
		if (later->start_no > kid_of(d, c->parent)->begin_no && later->start_no > k->ended_no && !later->start_by_itself)
			sim_fail(d->w, "start order", "%s is started after %s", k->path, later->path);
	}
}

/* S34: a restart is owed. */
static void
check_restart_type(struct daemon *d, const struct kid *k, const struct exit_reason *r)
{
	char text[REASON_TEXT_SIZE];

	if (r->kind == REASON_START_ERROR)
		return;
	if (k->spec->restart == RESTART_TEMPORARY || (k->spec->restart == RESTART_TRANSIENT && reason_is_normal(r)))
		sim_fail(d->w, "S34", "%s is to be restarted after %s, and is %s", k->path, reason_text(r, text),
		    k->spec->restart == RESTART_TEMPORARY ? "temporary" : "transient");
}

static void
on_start(struct daemon *d, const struct tree_action *a)
{
	struct child_view v = view_of(d, a->child);
	struct world *w = d->w;
	struct kid *k = v.spec->user;

	k->spec = v.spec; /* one that is back with its supervisor has that of the list */
	if (k->live > 0)
		sim_fail(w, "never two", "%s is to be started while token %jx of it lives on %s", k->path,
		    (uintmax_t)k->live_token, node_name(k->live_host));
	if (a->token <= d->last_token)
		sim_fail(w, "tokens", "%s gets token %jx after %jx", k->path, (uintmax_t)a->token, (uintmax_t)d->last_token);
	if (is_stopped_by_wish(w, k) || !v.wanted)
		sim_fail(w, "a stopped child stays stopped", "%s is to be started, but was stopped", k->path);
	if (d->finished || view_of(d, v.parent).state == CHILD_STOPPING)
		sim_fail(w, "S62", "%s is to be started while its supervisor ends", k->path);
	if (d->nodes[a->node].state != NODE_UP)
		sim_fail(w, "S115", "%s is to be started on %s, which is not up", k->path, node_name(a->node));
	if (!is_listed(v.spec, a->node))
		sim_fail(w, "S111", "%s is to be started on %s, which is not in its list", k->path, node_name(a->node));
	if (a->start_type == START_NORMAL)
		check_start_order(d, a);
	check_start(d, a, k, &v);
	k->start_no = ++w->start_no;
	/* S122: one that was forgotten and is back begins a new row. */
	if (k->birth != v.birth)
		k->row = 0;
	k->birth = v.birth;
	k->start_token = a->token;
	k->start_by_itself = k->asked || k->start_waited || a->start_type != START_NORMAL;
	k->start_waited = false;
	k->start_node = a->node;
	k->start_episode = w->episodes[a->node];
	k->up_since = k->up_us = -1;
	k->ended_by.kind = REASON_NONE;
	k->told = k->asked = k->gave_up = k->ended_told = k->run_lost = k->done = false;
}

/* S39, S59: what stands behind it in start order is down. */

/* Who of it lives; NULL: none. `all`: also those whose end is an operator's doing. */
static const struct kid *
lives_below(const struct daemon *d, child_handle h, bool all)
{
	const struct kid *k = kid_of(d, h);
	child_handle below;

	if (!all && (k->wish != WISH_RUN || !child_is(child_of(d->tree, h), CF_WANTED)))
		return NULL;
	if (lives(k))
		return k;
	for (below = tree_first(d->tree, h); below != CHILD_NONE; below = tree_next(d->tree, below)) {
		if ((k = lives_below(d, below, all)) != NULL)
			return k;
	}
	return NULL;
}

static void
check_order(const struct daemon *d, child_handle h)
{
	bool last = child_is(child_of(d->tree, h), CF_LAST);
	child_handle later = tree_next(d->tree, h);
	const struct kid *k;

	for (; later != CHILD_NONE; later = tree_next(d->tree, later)) {
		if (!last && child_is(child_of(d->tree, later), CF_LAST))
			continue;
		if ((k = lives_below(d, later, false)) != NULL)
			sim_fail(d->w, "stop order", "%s is told to end before %s (token %jx)", kid_of(d, h)->path, k->path,
			    (uintmax_t)k->live_token);
	}
}

static void
on_signal(struct daemon *d, const struct tree_action *a)
{
	const struct child *c = child_of(d->tree, a->child), *above;
	struct child_view v = view_of(d, a->child);
	struct kid *k = v.spec->user;
	struct node_view n;

	/* But who serves the others no more does not stay where they may not (S118). */
	if (d->changing && tree_node(d->tree, v.node, &n) && n.permitted)
		sim_fail(d->w, "S85", "%s is told to end by a change of policy", k->path);
	if (child_is(c, CF_SIGNALLED) && a->token == v.token && k->ended_by.kind == REASON_NONE) {
		k->ended_by = v.last;
		k->up_us = k->up_since >= 0 ? daemon_now(d).us - k->up_since : -1;
	}
	/* What a new daemon finds and nobody wants is ended at once (architecture 5). */
	if (!d->begun || a->token != v.token || k->told || k->asked || child_is(c, CF_GONE)) {
		k->told = true;
		return;
	}
	k->told = true;
	/* By itself: it was not ready in time, has nothing to do, or an exit signal ends it. */
	if (child_is(c, CF_TIMED_OUT | CF_IGNORED | CF_SIGNALLED) && !child_is(c, CF_ORDERED))
		return;
	/* S116: one that would not come back with its group moves alone. */
	if (child_is(c, CF_MOVE) && c->spec->restart == RESTART_TEMPORARY)
		return;
	for (; c->parent != CHILD_NONE; c = above) {
		above = child_of(d->tree, c->parent);
		/* It moves, or its links end it: nobody else's doing either. */
		if (above->sup->parallel || (above->sup->phase != SUP_TEARDOWN && above->sup->phase != SUP_ENDING))
			break;
		check_order(d, c->self);
		if (above->self == TREE_ROOT || kid_of(d, above->self)->asked || !child_is(above, CF_ORDERED))
			break; /* its end is nobody else's doing */
	}
}

/* S94, S97, S99: to an incarnation that is one, of an end that has been, before what comes of that. */
static void
on_tell(struct daemon *d, const struct tree_action *a)
{
	struct child_view v = view_of(d, a->child), about = view_of(d, a->about);
	const struct kid *k = v.spec->user, *other = about.spec->user;

	sim_tell(d->w, "tree: %s hears of the end of %s", k->path, other->path);
	if (v.token != a->token || v.state == CHILD_UNDEFINED || v.state == CHILD_RESTARTING)
		sim_fail(d->w, "S94", "%s hears of the end of %s, but is not there", k->path, other->path);
	if (a->tell == TELL_EXIT && !k->spec->trap_exit)
		sim_fail(d->w, "S93", "%s hears of the end of %s, and does not trap exits", k->path, other->path);
	if (lives(other) && other->live_token >= about.token)
		sim_fail(d->w, "S97", "%s hears of the end of %s, which lives", k->path, other->path);
}

/* Restarts. */

/* S51, S108. */
static bool
is_counted(struct daemon *d, struct kid *sup, const struct kid *k, const struct exit_reason *r)
{
	uint32_t episode = d->w->episodes[k->start_node], *counted = &sup->restarts->counted[k->start_node];

	if (r->kind == REASON_START_ERROR && r->step == STEP_LEASE)
		return false;
	if (r->kind != REASON_NOCONNECTION || episode == k->start_episode)
		return true;
	if (*counted == episode)
		return false;
	*counted = episode;
	return true;
}

/* S50, by its definition: how many count now, this one included. */
static uint32_t
count_restart(struct daemon *d, struct kid *sup, int64_t period)
{
	struct restarts *r = sup->restarts;
	int64_t now = daemon_now(d).us;
	uint32_t i, kept = 0;

	for (i = 0; i < r->n; i++) {
		if (now - r->at[i] <= period)
			r->at[kept++] = r->at[i];
	}
	if (kept == ARRAY_LEN(r->at))
		kept--; /* only without a bound */
	r->at[kept++] = now;
	r->n = kept;
	return kept;
}

/* S122. */
static void
check_delay(struct daemon *d, struct kid *k, int64_t delay)
{
	struct backoff_spec b = k->spec->backoff;
	int64_t low, high, up = k->up_since < 0 ? 0 : k->up_us >= 0 ? k->up_us : daemon_now(d).us - k->up_since;

	if (!b.enabled) {
		k->row += k->row != UINT32_MAX; /* a change of policy may enable it */
		if (delay != 0)
			sim_fail(d->w, "backoff", "%s waits %jd us, and has no backoff", k->path, (intmax_t)delay);
		return;
	}
	if (k->up_since >= 0 && up >= b.reset_after_us)
		k->row = 0;
	if (k->row == UINT32_MAX)
		return;
	k->row++;
	b.jitter_permille = 0;
	low = backoff_delay(&b, k->row, 0);
	high = low + low * k->spec->backoff.jitter_permille / 1000;
	if (delay < low || delay > (high < b.max_us ? high : b.max_us))
		sim_fail(d->w, "backoff", "%s waits %jd us before restart %u in a row, which is to wait %jd us", k->path,
		    (intmax_t)delay, k->row, (intmax_t)low);
}

static void
on_failure(struct daemon *d, const struct tree_action *a)
{
	struct child_view v = view_of(d, a->child), above = view_of(d, v.parent);
	struct kid *k = v.spec->user, *sup = kid_of(d, v.parent);
	uint32_t n;

	if (sup->restarts->birth != above.birth)
		restarts_begin(d->w, sup->restarts); /* another one of the same path */
	sup->restarts->birth = above.birth;
	d->last_failed = a->child;
	d->last_reason = a->reason;
	if (a->delay_us < 0) {
		k->done = v.spec->restart != RESTART_PERMANENT;
		k->row = UINT32_MAX;
		k->up_since = -1;
		return;
	}
	check_restart_type(d, k, &a->reason);
	/* A cool-down is an escalation; its report comes next. */
	if (v.parent == TREE_ROOT && a->delay_us == above.spec->sup->cool_down_us)
		return;
	if (a->reason.kind == REASON_START_ERROR && a->reason.step == STEP_LEASE) {
		k->row = UINT32_MAX; /* S114: maybe the same attempt, elsewhere */
		k->start_waited = true;
	} else {
		check_delay(d, k, a->delay_us);
	}
	k->up_since = -1;
	if (above.spec->sup->intensity == INTENSITY_INFINITY || !is_counted(d, sup, k, &a->reason))
		return;
	n = count_restart(d, sup, above.spec->sup->period_us);
	if (n > above.spec->sup->intensity)
		sim_fail(d->w, "intensity", "%s has %u restarts within %jd ms, and may have %u", sup->path, n,
		    (intmax_t)(above.spec->sup->period_us / US_PER_MS), above.spec->sup->intensity);
}

/* S53: it gives up; that was one restart too many. */
static void
on_escalated(struct daemon *d, child_handle self, child_handle culprit)
{
	struct child_view v = view_of(d, self);
	struct kid *sup = kid_of(d, self), *k = kid_of(d, culprit);
	uint32_t n;

	if (is_counted(d, sup, k, &d->last_reason)) {
		n = count_restart(d, sup, v.spec->sup->period_us);
		if (n > v.spec->sup->intensity)
			return;
	} else {
		n = 0;
	}
	sim_fail(d->w, "intensity", "%s gives up after %u restarts within %jd ms, and may have %u", sup->path, n,
	    (intmax_t)(v.spec->sup->period_us / US_PER_MS), v.spec->sup->intensity);
}

/* S98: who is ended by an exit signal has ended for its reason, whatever it made of that. */
static void
check_reason(struct daemon *d, const struct kid *k, const struct exit_reason *reason)
{
	char text[REASON_TEXT_SIZE], by[REASON_TEXT_SIZE];

	if (k->ended_by.kind != REASON_NONE && (reason->kind != k->ended_by.kind || reason->number != k->ended_by.number))
		sim_fail(d->w, "S98", "%s has ended for %s, and was ended by %s", k->path, reason_text(reason, text),
		    reason_text(&k->ended_by, by));
}

static void
on_report(struct daemon *d, const struct tree_action *a)
{
	struct child_view v = view_of(d, a->child);
	struct kid *k = kid_of(d, a->child);

	switch (a->report) {
	case REPORT_PROGRESS:
		check_sup(d->w, k);
		k->up_since = daemon_now(d).us;
		k->gave_up = false;
		break;
	case REPORT_CHILD_TERMINATED:
	case REPORT_START_ERROR:
		k->ended_no = d->w->start_no;
		check_reason(d, k, &a->reason);
		if (a->child != TREE_ROOT)
			on_failure(d, a);
		break;
	case REPORT_ESCALATED:
		on_escalated(d, a->child, d->last_failed);
		break;
	case REPORT_COOL_DOWN:
		on_escalated(d, v.parent, a->child);
		kid_of(d, v.parent)->restarts->n = 0;
		k->row = 0;
		k->up_since = -1;
		break;
	case REPORT_SHUTDOWN:
		if (lives_below(d, a->child, true) != NULL)
			sim_fail(d->w, "end", "%s has ended, but %s lives", k->path, lives_below(d, a->child, true)->path);
		k->restarts->n = 0;
		k->asked = false;
		k->begin_no = d->w->start_no;
		check_sup(d->w, k);
		break;
	case REPORT_NO_NODE:
		k->start_waited = true;
		k->row = UINT32_MAX;
		k->up_since = -1;
		break;
	case REPORT_SHUTDOWN_ERROR:
	case REPORT_STOPPED:
		k->ended_no = d->w->start_no;
		k->row = UINT32_MAX;
		k->up_since = -1;
		break;
	case REPORT_NODE_SICK:
		break;
	}
}

void
check_action(struct daemon *d, const struct tree_action *a)
{
	char reason[REASON_TEXT_SIZE];

	switch (a->type) {
	case TREE_ACT_START:
		sim_tell(d->w, "tree: start %s on %s, token %jx", kid_of(d, a->child)->path, node_name(a->node),
		    (uintmax_t)a->token);
		on_start(d, a);
		break;
	case TREE_ACT_SIGNAL:
	case TREE_ACT_KILL:
		sim_tell(d->w, "tree: %s %s, token %jx", a->type == TREE_ACT_KILL ? "kill" : "signal",
		    kid_of(d, a->child)->path, (uintmax_t)a->token);
		on_signal(d, a);
		break;
	case TREE_ACT_REPORT:
		sim_tell(d->w, "tree: %s: %s (%s), delay %jd", kid_of(d, a->child)->path, tree_report_name(a->report),
		    reason_text(&a->reason, reason), (intmax_t)a->delay_us);
		on_report(d, a);
		break;
	case TREE_ACT_TELL:
		on_tell(d, a);
		break;
	case TREE_ACT_REPLY:
	case TREE_ACT_FINISH:
		break;
	}
}
