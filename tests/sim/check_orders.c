/*
 * What operators may rely on: who was added is there, who was taken out is not and
 * does not run, where they said that nothing starts nothing does, and who was moved
 * stays where it was moved to; and each order has one answer.
 *
 * `added` and `deleted` say what is known for sure, by answers. What the file lists
 * is there unless it is deleted; other children are there if they are added.
 */
#include "config.h"

#include "core/tree.h"
#include "sim.h"

bool
is_below(const struct world *w, const struct kid *k, const struct kid *top)
{
	while (k->index != 0) {
		k = &w->kids[k->parent];
		if (k == top)
			return true;
	}
	return false;
}

static void
make_unsure(struct kid *k)
{
	k->doubts++;
	if (k->added == SURE_YES)
		k->added = SURE_MAYBE;
	if (k->deleted == SURE_YES)
		k->deleted = SURE_MAYBE;
}

/* For all below: it may be gone with the one above it, or come back with it (S55). */
static void
below_is_unsure(struct world *w, const struct kid *top)
{
	uint32_t i;

	for (i = 1; top->is_sup && !w->plan->large && i < w->n_kids; i++) {
		if (!is_below(w, &w->kids[i], top))
			continue;
		make_unsure(&w->kids[i]);
		w->kids[i].banned_sure = 0;
		w->kids[i].terminated = false;
	}
}

void
check_sup(struct world *w, const struct kid *sup)
{
	below_is_unsure(w, sup);
}

static void
forget_move(struct kid *k)
{
	k->moved_to = k->move_target = UINT32_MAX;
}

/* Of so many nodes it is kept what is forbidden. */
static uint64_t
bit_of(uint32_t node)
{
	return node < 64 ? UINT64_C(1) << node : 0;
}

static void
forbid(struct daemon *d, struct kid *k, uint32_t node, bool permit)
{
	struct child_view v;
	uint64_t bit = bit_of(node);

	if (k->index == 0) {
		d->drained = permit ? d->drained & ~bit : d->drained | bit;
		if (permit)
			d->w->drained_sure &= ~bit;
		return;
	}
	if (permit)
		k->banned_sure &= ~bit;
	if (!tree_view(d->tree, tree_find_kid(d, k), &v) || k->is_sup)
		return;
	if (k->banned_birth != v.birth)
		k->banned = 0;
	k->banned_birth = v.birth;
	k->banned = permit ? k->banned & ~bit : k->banned | bit;
}

void
check_order_given(struct daemon *d, struct request *r)
{
	struct kid *k = &d->w->kids[r->kid];

	r->added = k->added;
	r->deleted = k->deleted;
	switch ((enum operation)r->op) {
	case OP_START_CHILD:
		k->added = SURE_MAYBE;
		k->banned_sure = 0;
		break;
	case OP_DELETE_CHILD:
	case OP_REMOVE:
	case OP_TAKE_OUT:
		make_unsure(k);
		k->banned_sure = 0;
		k->deleted = d->listed[k->index] != NULL ? SURE_MAYBE : SURE_NO;
		break;
	case OP_STOP:
	case OP_TERMINATE_CHILD:
		if (is_instance(k) && k->added == SURE_YES)
			k->added = SURE_MAYBE;
		break;
	case OP_FORBID:
	case OP_PERMIT:
		forbid(d, k, r->node, r->op == OP_PERMIT);
		break;
	case OP_MOVE:
		k->moved_to = UINT32_MAX;
		k->move_target = r->node;
		break;
	case OP_START:
	case OP_RESTART:
	case OP_RESTART_CHILD:
	case OP_RELOAD:
	case OP_SHUTDOWN:
	case OP_COUNT:
		break;
	}
	if (r->op != OP_FORBID && r->op != OP_PERMIT && r->op != OP_MOVE)
		below_is_unsure(d->w, k);
	if (r->op != OP_FORBID && r->op != OP_PERMIT)
		k->terminated = false;
}

/* All at or below it are gone, and none may run again before it is brought back. */
static void
are_gone(struct world *w, struct kid *top)
{
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		if (&w->kids[i] != top && !is_below(w, &w->kids[i], top))
			continue;
		w->kids[i].gone = true;
		/* What was wished of it goes with it, if it should come back (S55). */
		w->kids[i].wish = WISH_EITHER;
		w->kids[i].wish_order = 0;
	}
	check_stopped(w, top);
}

static bool
is_there(const struct daemon *d, const struct kid *k)
{
	return tree_find_kid(d, k) != CHILD_NONE;
}

static bool
is_running(const struct daemon *d, const struct kid *k)
{
	child_handle h = tree_find_kid(d, k);
	struct child_view v;

	return h != CHILD_NONE && tree_view(d->tree, h, &v) && v.state == CHILD_RUNNING;
}

/* How often its supervisor has begun. */
static uint64_t
starts_above(const struct daemon *d, const struct kid *k)
{
	child_handle h = tree_find_kid(d, &d->w->kids[k->parent]);
	struct child_view v;

	return h != CHILD_NONE && tree_view(d->tree, h, &v) ? v.starts : 0;
}

/* S81: an instance that is told to end is forgotten. */
static bool
forgets(const struct request *r, const struct kid *k)
{
	if (r->op == OP_DELETE_CHILD || r->op == OP_REMOVE || r->op == OP_TAKE_OUT)
		return true;
	return is_instance(k) && (r->op == OP_TERMINATE_CHILD || r->op == OP_STOP);
}

void
check_order_replied(struct daemon *d, struct request *r, child_handle child)
{
	struct kid *k = &d->w->kids[r->kid];
	struct child_view v;

	r->doubts = k->doubts;
	if (r->op == OP_MOVE && r->result != RESULT_OK)
		k->move_target = UINT32_MAX;
	if (r->op == OP_MOVE && r->result == RESULT_OK) {
		if (k->start_node != r->node && k->move_target == r->node)
			sim_fail(d->w, "moves", "%s was to move to %s, it says so, and is on %s", k->path, node_name(r->node),
			    node_name(k->start_node));
		k->moved_to = k->start_node == r->node ? r->node : UINT32_MAX;
	}
	if (r->op == OP_START_CHILD && (r->result == RESULT_OK || r->result == RESULT_UNDEFINED) && child == CHILD_NONE)
		sim_fail(d->w, "replies", "%s was started, and is nowhere", k->path);
	if (r->op == OP_TAKE_OUT && r->result == RESULT_NOT_FOUND)
		sim_fail(d->w, "replies", "%s was to be taken out, and was not there", k->path);
	if (!forgets(r, k) || r->result != RESULT_OK)
		return;
	if (is_there(d, k) && tree_view(d->tree, tree_find_kid(d, k), &v) && v.token != 0 && k->newest_order == r->cookie)
		sim_fail(d->w, "a removed child is gone", "%s was taken out, and is there", k->path);
	k->starts_above = starts_above(d, k);
	/* One that is down begins anew with all that is listed. */
	if (!is_running(d, &d->w->kids[k->parent]))
		make_unsure(k);
	if (k->newest_order == r->cookie || !is_there(d, k))
		are_gone(d->w, k);
}

/* What is known now, if no later order has made it doubtful again. */
void
check_order_answered(struct daemon *d, const struct request *r)
{
	struct kid *k = &d->w->kids[r->kid];
	bool ok = r->result == RESULT_OK || r->result == RESULT_UNDEFINED;

	if (r->op == OP_FORBID && r->kid == 0)
		d->w->drained_sure |= d->drained & bit_of(r->node);
	if (r->op == OP_FORBID && r->kid != 0 && k->banned_birth == k->birth)
		k->banned_sure |= k->banned & bit_of(r->node);
	if (r->kid == 0 || k->newest_order != r->cookie || k->doubts != r->doubts)
		return;
	switch ((enum operation)r->op) {
	case OP_START_CHILD:
		/* Others may have gone again already. */
		if (ok && !is_instance(k) && k->spec->restart != RESTART_TEMPORARY)
			k->added = SURE_YES;
		else if (!ok)
			k->added = r->added;
		break;
	case OP_DELETE_CHILD:
	case OP_REMOVE:
		k->added = ok ? SURE_NO : r->added;
		if (!ok)
			k->deleted = r->deleted;
		else if (k->deleted == SURE_MAYBE)
			k->deleted = SURE_YES;
		break;
	case OP_TERMINATE_CHILD:
		k->terminated = ok && k->spec->restart != RESTART_TEMPORARY && !is_instance(k);
		break;
	case OP_START:
	case OP_STOP:
	case OP_RESTART:
	case OP_RESTART_CHILD:
	case OP_MOVE:
	case OP_FORBID:
	case OP_PERMIT:
	case OP_RELOAD:
	case OP_TAKE_OUT:
	case OP_SHUTDOWN:
	case OP_COUNT:
		break;
	}
}

/* A reload comes to it: what the file lists is there from now on, or comes; what it does not list any more goes. */
void
check_reload(struct kid *k, bool was_listed, const struct kid *above)
{
	if (k->listed == NULL) {
		k->deleted = SURE_NO;
		return;
	}
	k->added = SURE_NO;
	k->banned_sure = was_listed ? k->banned_sure : 0;
	/* Not for sure: the daemon may die, and the record that it is back with it. */
	make_unsure(k);
	/* S29: under init = strict it is discarded if it does not start. */
	if (!was_listed && above->sup->init_strict)
		k->deleted = SURE_MAYBE;
	if (!was_listed)
		k->terminated = false;
	/* It may have another list of nodes, and so may wait no more. */
	forget_move(k);
	k->start_waited = true;
}

/* Before it recalls anything. An ordered end has forgotten all changes. */
void
check_orders_begin(struct daemon *d, bool clean)
{
	struct world *w = d->w;
	uint32_t i;

	d->drained = w->drained_sure;
	for (i = 1; i < w->n_kids; i++) {
		struct kid *k = &w->kids[i];

		forget_move(k);
		k->banned = 0;
		k->starts_above = 1;
		if (clean)
			k->added = k->deleted = SURE_NO;
		if (clean)
			k->terminated = false;
		/* By another file than the one that the last daemon had read. */
		if (k->listed != NULL && k->deleted == SURE_NO)
			k->added = SURE_NO;
	}
}

static bool
is_to_be_there(const struct daemon *d, const struct kid *k)
{
	if (k->is_template || k->spec->restart == RESTART_TEMPORARY || !is_there(d, &d->w->kids[k->parent]))
		return false;
	return k->added == SURE_YES || (d->listed[k->index] != NULL && k->deleted == SURE_NO);
}

static bool
is_to_be_gone(const struct daemon *d, const struct kid *k)
{
	return k->added == SURE_NO && (d->listed[k->index] == NULL || k->deleted == SURE_YES);
}

void
check_members(struct daemon *d, const char *when)
{
	struct world *w = d->w;
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		const struct kid *k = &w->kids[i];

		if (is_to_be_there(d, k) && !is_there(d, k))
			sim_fail(w, "no order forgotten", "%s: %s is %s, and is not there", when, k->path,
			    k->added == SURE_YES ? "added" : "listed");
		if (is_to_be_gone(d, k) && kid_handle(d, k) != CHILD_NONE)
			sim_fail(w, "a removed child is gone", "%s: %s was %s, and is there", when, k->path,
			    d->listed[k->index] == NULL ? "taken out" : "deleted");
	}
}

/* What lives is known, and what the journal says is carried out. */
void
check_known(struct daemon *d)
{
	struct world *w = d->w;
	struct child_view v;
	child_handle h;
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		h = tree_find_kid(d, &w->kids[i]);
		if (h == CHILD_NONE || !tree_view(d->tree, h, &v))
			continue;
		w->kids[i].banned = w->kids[i].banned_sure;
		w->kids[i].banned_birth = v.birth;
	}
	check_members(d, "all is known");
}

void
check_all_answered(struct daemon *d, const char *when)
{
	const struct request *r;

	for (r = d->requests; r != NULL; r = r->next) {
		if (!r->replied)
			sim_fail(d->w, "replies", "%s, and %s %s has no answer", when, operation_name((enum operation)r->op),
			    d->w->kids[r->kid].path);
	}
}

/* Starts. */

/* S111, S115, S118: it cannot be started there, or should not. */
static bool
is_barred(const struct daemon *d, const struct kid *k, uint32_t node)
{
	struct node_view n;

	if (!tree_node(d->tree, node, &n) || !n.up || !n.permitted || n.capacity > 0)
		return true;
	return ((d->drained | k->banned) & bit_of(node)) != 0 || n.sick_until.us != 0;
}

static void
check_where(struct daemon *d, const struct tree_action *a, struct kid *k)
{
	bool planned = a->start_type == START_TAKEOVER || a->start_type == START_NORMAL;
	uint32_t was = k->moved_to;

	if (k->move_target != UINT32_MAX && a->start_type == START_TAKEOVER && a->node != k->move_target &&
	    !is_barred(d, k, k->move_target))
		sim_fail(d->w, "moves", "%s was to move to %s, and is to be started on %s", k->path, node_name(k->move_target),
		    node_name(a->node));
	if (was == UINT32_MAX || a->node == was)
		return;
	/* It leaves for a better one, or is placed anew; or it has lost that node, or has failed there. */
	if (!planned && k->spec->failover_after == 0 && !is_barred(d, k, was) && k->start_episode == d->w->episodes[was])
		sim_fail(d->w, "moves", "%s was moved to %s, and is to be started on %s for no reason", k->path, node_name(was),
		    node_name(a->node));
	k->moved_to = UINT32_MAX;
}

/* Does nobody else's failure restart it? */
static bool
is_alone(const struct daemon *d, child_handle sup)
{
	struct child_view v;

	return sup != TREE_ROOT && tree_view(d->tree, sup, &v) && v.spec->sup->strategy == STRATEGY_ONE_FOR_ONE;
}

void
check_start(struct daemon *d, const struct tree_action *a, struct kid *k, const struct child_view *v)
{
	struct world *w = d->w;
	const struct kid *above;

	/* S55: its supervisor has begun anew, with all that is listed. */
	if (k->deleted == SURE_YES && starts_above(d, k) != k->starts_above)
		make_unsure(k);
	/* Below one that is taken out all goes on until it is told to end. */
	for (above = k; above->index != 0 && is_to_be_gone(d, above); above = &w->kids[above->parent])
		;
	if (above->index == k->parent && above != k)
		sim_fail(w, "a removed child is gone", "%s is to be started, but was taken out", k->path);
	if (k->banned_birth != v->birth)
		k->banned = 0;
	/* Who serves the others stays when a node is drained. */
	if (((v->spec->stop_last ? k->banned : d->drained | k->banned) & bit_of(a->node)) != 0)
		sim_fail(w, "S118", "%s is to be started on %s, which is forbidden to %s", k->path, node_name(a->node),
		    (k->banned & bit_of(a->node)) != 0 ? "it" : "all");
	if (k->terminated && is_alone(d, v->parent))
		sim_fail(w, "no order forgotten", "%s is to be started, and was terminated", k->path);
	check_where(d, a, k);
	k->move_target = UINT32_MAX;
	k->doubts += k->deleted == SURE_MAYBE; /* it is back with its supervisor, maybe */
	k->gone = k->terminated = false;
}

/* At the end. */

static bool
has_place(const struct daemon *d, const struct kid *k, uint32_t node)
{
	struct node_view n;

	if (tree_node(d->tree, node, &n) && !n.permitted && !k->spec->stop_last)
		return false;
	return tree_permits(d->tree, tree_find_kid(d, k), node) && !is_full(d, node);
}

/* S115: no node has room for it. `node`: where it is, if it has no list. */
bool
is_without_node(const struct daemon *d, const struct kid *k, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < k->spec->n_nodes; i++) {
		if (has_place(d, k, k->spec->nodes[i].node))
			return false;
	}
	return k->spec->n_nodes > 0 || !has_place(d, k, node);
}

void
check_drained(struct daemon *d)
{
	struct world *w = d->w;
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		const struct kid *k = &w->kids[i];

		if (k->live > 0 && !k->spec->stop_last && (d->drained & bit_of(k->live_host)) != 0)
			sim_fail(w, "S118", "%s is drained, and %s is there", node_name(k->live_host), k->path);
	}
}
