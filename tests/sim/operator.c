/*
 * Who gives orders, and what they may rely on: an order that was answered holds,
 * also over the death of the daemon; one that was not may have been heard or not.
 */
#include "config.h"

#include "base/ring.h"
#include "sim.h"

static const char *const names[] = { "start", "stop", "restart", "terminate_child", "restart_child", "move", "forbid", "permit",
	"start_child", "delete_child", "remove", "reload", "shutdown", "take out" };

_Static_assert(ARRAY_LEN(names) == OP_COUNT, "a name for each operation");

/* As src/daemon: an order to stop does not wait longer for an agent that does not come. */
#define STOP_PATIENCE_US (3 * US_PER_S)

const char *
operation_name(enum operation op)
{
	return names[op];
}

static struct request *
request_new(struct daemon *d, enum operation op, uint32_t kid)
{
	struct request *r = sim_alloc(d->w, sizeof(*r));

	r->cookie = ++d->w->cookies;
	r->op = op;
	r->kid = kid;
	r->next = d->requests;
	d->requests = r;
	return r;
}

static void
patience_is_over(struct world *w, void *arg, uint64_t unused)
{
	struct daemon *d = arg;

	(void)w;
	(void)unused;
	if (!d->begun)
		d->finished = d->hasty = true;
	daemon_pump(d);
}

static void
order_shutdown(struct daemon *d)
{
	struct request *r = request_new(d, OP_SHUTDOWN, 0);

	if (d->begun)
		daemon_command(d, &(struct tree_command){ .type = CMD_SHUTDOWN, .child = TREE_ROOT, .cookie = r->cookie }, r);
	else if (!d->stopping)
		sim_at(d->w, d->w->now + STOP_PATIENCE_US, &d->actor, patience_is_over, d, 0);
	d->stopping = true;
	daemon_pump(d);
}

static uint64_t
pack(enum operation op, uint32_t kid, uint32_t node)
{
	return (uint64_t)op << 48 | (uint64_t)node << 32 | kid;
}

/* Does it say whether a child should run (and not only where, or what is listed)? */
static bool
is_about_running(enum operation op)
{
	return op != OP_MOVE && op != OP_FORBID && op != OP_PERMIT && op != OP_RELOAD && op != OP_SHUTDOWN;
}

/* A child stopped by hand stays stopped, over a daemon's restart, too: the wish is written. */
static void
note_wish(struct daemon *d, struct kid *k, struct request *r)
{
	if (!is_about_running((enum operation)r->op))
		return;
	k->asked = true;
	k->newest_order = r->cookie;
	k->row = UINT32_MAX;
	if (r->op == OP_TERMINATE_CHILD)
		return;
	k->wish = WISH_EITHER;
	k->wish_order = r->cookie;
	if (r->op == OP_DELETE_CHILD || r->op == OP_REMOVE || r->op == OP_TAKE_OUT || r->op == OP_START_CHILD)
		return;
	r->seq = k->wish_seq = rec_wish(d, k->path, r->op == OP_STOP);
}

struct request *
operator_take_out(struct daemon *d, uint32_t kid)
{
	struct request *r = request_new(d, OP_TAKE_OUT, kid);

	check_order_given(d, r);
	note_wish(d, &d->w->kids[kid], r);
	return r;
}

/* The child, or for a template one of its instances. */
static struct kid *
one_that_is_meant(struct daemon *d, struct kid *k)
{
	struct world *w = d->w;
	uint32_t i, n = 0;

	for (i = w->plan->n_kids; k->is_template && i < w->n_kids; i++)
		n += w->kids[i].template == k && kid_handle(d, &w->kids[i]) != CHILD_NONE;
	if (n == 0)
		return k;
	n = (uint32_t)(sim_hash(w, w->cookies, k->index) % n);
	for (i = w->plan->n_kids; w->kids[i].template != k || kid_handle(d, &w->kids[i]) == CHILD_NONE || n-- > 0; i++)
		;
	return &w->kids[i];
}

static void
order_start_child(struct daemon *d, struct kid *k)
{
	struct tree_command cmd = { .type = CMD_START_CHILD };
	struct kid *sup = is_simple(k) ? k : &d->w->kids[k->parent];
	child_handle h = kid_handle(d, sup);
	struct request *r;

	/* Supervisors come by the file alone, with what is below them. */
	if (h == CHILD_NONE || (k->is_sup && !is_simple(k)))
		return;
	if (is_simple(sup))
		k = dynamic_instance(d, sup);
	r = request_new(d, OP_START_CHILD, k->index);
	r->spec = cmd.spec = dynamic_spec(d, k);
	cmd.child = h;
	cmd.cookie = r->cookie;
	check_order_given(d, r);
	k->newest_order = r->cookie;
	if (kid_handle(d, k) == CHILD_NONE)
		note_wish(d, k, r);
	r->seq = rec_order(d, "start_child", k->path);
	if ((h = daemon_command(d, &cmd, r)) != CHILD_NONE)
		dynamic_there(d, r, h);
}

static void
order_reload(struct daemon *d)
{
	reload(d, request_new(d, OP_RELOAD, 0));
}

static enum tree_command_type
command_of(enum operation op)
{
	static const enum tree_command_type types[OP_COUNT] = { CMD_START, CMD_STOP, CMD_RESTART, CMD_TERMINATE_CHILD,
		CMD_RESTART_CHILD, CMD_MOVE, CMD_PERMIT, CMD_PERMIT, CMD_START_CHILD, CMD_DELETE_CHILD, CMD_REMOVE };

	return types[op];
}

static void
give_order(struct daemon *d, enum operation op, struct kid *k, uint32_t node)
{
	struct tree_command cmd = { .type = command_of(op), .node = node, .permit = op == OP_PERMIT };
	struct request *r;

	cmd.child = kid_handle(d, k);
	/* What is forbidden when all is calm would stay so. */
	if (cmd.child == CHILD_NONE || (k->index == 0 && cmd.type != CMD_PERMIT) || (op == OP_FORBID && d->w->calm))
		return;
	r = request_new(d, op, k->index);
	r->node = node;
	cmd.cookie = r->cookie;
	if (op == OP_MOVE)
		k->asked = true;
	if (op == OP_FORBID)
		*(uint64_t *)ring_push(d->w->forbidden, sizeof(uint64_t)) = pack(OP_PERMIT, k->index, node);
	check_order_given(d, r);
	note_wish(d, k, r);
	if (op == OP_DELETE_CHILD || op == OP_REMOVE)
		r->seq = rec_order(d, operation_name(op), k->path);
	else if (cmd.type == CMD_PERMIT)
		r->seq = rec_permit(d, k, node, cmd.permit);
	daemon_command(d, &cmd, r);
}

static void
hear(struct world *w, void *arg, uint64_t what)
{
	enum operation op = (enum operation)(what >> 48);
	struct kid *k = &w->kids[(uint32_t)what];
	uint32_t node = what >> 32 & 0xffff;
	struct daemon *d = arg;

	/* What lives is not known yet, so nothing could be said about it. */
	if (!d->begun && op != OP_SHUTDOWN) {
		*(uint64_t *)ring_push(d->held, sizeof(uint64_t)) = what;
		return;
	}
	w->counts.orders++;
	if (op != OP_START_CHILD)
		k = one_that_is_meant(d, k);
	sim_tell(w, "operator: %s %s%s%s", operation_name(op), k->path, node > 0 ? " at " : "", node > 0 ? node_name(node) : "");
	if (op == OP_SHUTDOWN)
		order_shutdown(d);
	else if (op == OP_START_CHILD)
		order_start_child(d, k);
	else if (op == OP_RELOAD)
		order_reload(d);
	else
		give_order(d, op, k, node);
	daemon_pump(d);
}

void
operator_begin(struct daemon *d)
{
	for (; d->held->head < d->held->tail; d->held->head++)
		hear(d->w, d, *(uint64_t *)ring_at(d->held, sizeof(uint64_t), d->held->head));
}

void
operator_order(struct world *w, enum operation op, uint32_t kid, uint32_t node)
{
	if (op == OP_RELOAD)
		file_edit(w, kid, node);
	if (w->daemon != NULL)
		sim_at(w, w->now, &w->daemon->actor, hear, w->daemon, pack(op, kid, node));
}

void
operator_calm(struct world *w)
{
	struct ring *r = w->forbidden;
	uint64_t what;

	for (; w->daemon != NULL && r->head < r->tail; r->head++) {
		what = *(uint64_t *)ring_at(r, sizeof(uint64_t), r->head);
		/* What is drained may stay so: one of two. */
		if ((uint32_t)what != 0 || sim_hash(w, what, 1) % 2 == 0)
			sim_at(w, w->now, &w->daemon->actor, hear, w->daemon, what);
	}
}

/* S79: a group that is down for the sake of the one that was terminated stays so. */
static void
note_left_down(struct daemon *d, const struct kid *k)
{
	struct world *w = d->w;
	struct child_view v;
	child_handle h;
	uint32_t i;

	if (w->kids[k->parent].sup->strategy == STRATEGY_ONE_FOR_ONE)
		return;
	for (i = 1; i < w->n_kids; i++) {
		if (w->kids[i].parent != k->parent)
			continue;
		h = tree_find_kid(d, &w->kids[i]);
		if (h != CHILD_NONE && tree_view(d->tree, h, &v) && v.state != CHILD_RUNNING)
			w->kids[i].gave_up = true;
	}
}

void
operator_reply(struct daemon *d, uint64_t cookie, child_handle child, enum tree_result result)
{
	uint64_t seq;
	struct request *r = d->requests;

	while (r != NULL && r->cookie != cookie)
		r = r->next;
	if (r == NULL)
		sim_fail(d->w, "replies", "a reply to a request that is not open (%s)", tree_result_name(result));
	if (r->replied)
		sim_fail(d->w, "replies", "a second reply to %s %s (%s)", operation_name(r->op), d->w->kids[r->kid].path,
		    tree_result_name(result));
	r->replied = true;
	r->result = result;
	if ((seq = dynamic_reply(d, r, child)) > r->seq)
		r->seq = seq;
	check_reply(d->w, r);
	check_order_replied(d, r, child);
	/* S29: the command has seen it fail, and that is all. */
	if (result == RESULT_START_ERROR || (r->op == OP_RESTART_CHILD && result == RESULT_NO_NODE))
		d->w->kids[r->kid].gave_up = true;
	/* Or a later order has overtaken it. */
	if (r->op == OP_TERMINATE_CHILD && result == RESULT_OK && d->w->kids[r->kid].newest_order == cookie) {
		check_stopped(d->w, &d->w->kids[r->kid]);
		d->w->kids[r->kid].gave_up = true;
		note_left_down(d, &d->w->kids[r->kid]);
	}
}

static void
start_again(struct world *w, void *unused, uint64_t unused2)
{
	(void)unused;
	(void)unused2;
	daemon_start(w);
}

/* As it was to be, with the answer that has just gone out. */
static void
die_with_answer(struct world *w, void *unused, uint64_t us)
{
	(void)unused;
	daemon_die(w);
	sim_at(w, w->now + (int64_t)us, &w->nature, start_again, NULL, 0);
}

/* What was wished is safe on the disk, and has its effect: the answer goes out (src/daemon/control_answer.c). */
void
operator_progress(struct daemon *d)
{
	struct request **at = &d->requests, *r;

	while ((r = *at) != NULL) {
		if (!r->replied || r->seq > d->safe) {
			at = &r->next;
			continue;
		}
		*at = r->next;
		sim_tell(d->w, "operator: %s %s: %s", operation_name(r->op), d->w->kids[r->kid].path,
		    tree_result_name(r->result));
		check_answer(d->w, r);
		check_order_answered(d, r);
		if (d->w->kill_us > 0 && !d->w->calm && r->op != OP_SHUTDOWN)
			sim_at(d->w, d->w->now, &d->w->nature, die_with_answer, NULL, (uint64_t)d->w->kill_us);
		d->w->kill_us = 0;
	}
}

/* What was not answered is not known to have been heard. */
void
operator_daemon_gone(struct world *w, struct daemon *d)
{
	(void)w;
	d->requests = NULL;
}

/* What was answered is safe. */
void
operator_power_lost(struct world *w, uint64_t upto)
{
	uint32_t i;

	for (i = 1; i < w->n_kids; i++) {
		struct kid *k = &w->kids[i];

		if (k->wish_seq > upto && k->wish != WISH_EITHER)
			sim_fail(w, "no order forgotten", "%s: an order was answered, and lost with the power", k->path);
		if (k->wish_seq > upto)
			k->wish_seq = upto;
		/* Nobody knows that it ran once more. */
		if ((uintptr_t)map_find(&w->start_seq, k->start_token) > upto)
			k->run_lost = true;
		k->told_token = 0;
	}
}
