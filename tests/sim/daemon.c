/*
 * The daemon's shell as src/daemon has it (setup.c, daemon.c, act.c, record.c):
 * epochs, the journal's word on the past, actions carried out, ends told.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/ring.h"
#include "base/xalloc.h"
#include "sim.h"

#define SYNC_US (2 * US_PER_S)

struct grave {
	uint64_t exit_seq, token;
};

/* Records (record.c). */

static void
begin(struct daemon *d, struct buf *b, const char *type)
{
	buf_xprintf(b, "{\"type\":\"%s\"", type);
	json_put_int(b, "t", d->w->now / US_PER_MS + d->w->hosts[0].clock.wall_ms);
}

static uint64_t
end(struct daemon *d, struct buf *b)
{
	buf_xaddc(b, '}');
	return journal_add(d->w, b);
}

static void
begin_child(struct daemon *d, struct buf *b, const char *type, const struct inc *inc)
{
	begin(d, b, type);
	json_put_str(b, "child", inc->kid->path);
	json_put_uint(b, "token", inc->token);
}

static void
rec_daemon(struct daemon *d, const char *event)
{
	struct buf b = BUF_INIT(0);

	begin(d, &b, "daemon");
	json_put_str(&b, "event", event);
	end(d, &b);
}

void
rec_node(struct daemon *d, const struct dnode *n, const char *event)
{
	struct buf b = BUF_INIT(0);

	begin(d, &b, "node");
	json_put_str(&b, "node", node_name(n->index));
	json_put_str(&b, "event", event);
	json_put_int(&b, "lease_ms", d->w->hosts[n->index].lease_us / US_PER_MS);
	end(d, &b);
}

uint64_t
rec_start(struct daemon *d, const struct inc *inc, enum start_type type)
{
	static const char *const types[] = { "normal", "restart", "failover", "takeover" };
	struct buf b = BUF_INIT(0);

	begin_child(d, &b, "start", inc);
	json_put_str(&b, "node", node_name(inc->node));
	json_put_str(&b, "start_type", types[type]);
	return end(d, &b);
}

void
rec_started(struct daemon *d, const struct inc *inc)
{
	struct buf b = BUF_INIT(0);

	begin_child(d, &b, "started", inc);
	json_put_uint(&b, "pid", inc->token & 0xffff);
	end(d, &b);
}

static uint64_t
rec_exit(struct daemon *d, const struct inc *inc, const struct exit_reason *reason, bool told)
{
	char text[REASON_TEXT_SIZE];
	struct buf b = BUF_INIT(0);

	begin_child(d, &b, inc->failed && reason->kind == REASON_START_ERROR ? "start_failed" : "exit", inc);
	json_put_str(&b, "reason", reason_text(reason, text));
	if (told)
		json_put_bool(&b, "told", true);
	if (!inc->failed && !inc->lost)
		json_put_int(&b, "status", inc->status);
	return end(d, &b);
}

uint64_t
rec_ending(struct daemon *d, const struct inc *inc)
{
	struct buf b = BUF_INIT(0);

	begin_child(d, &b, "ending", inc);
	return end(d, &b);
}

static void
rec_done(struct daemon *d, const struct inc *inc)
{
	struct buf b = BUF_INIT(0);

	begin_child(d, &b, "done", inc);
	end(d, &b);
}

uint64_t
rec_wish(struct daemon *d, const char *path, bool stopped)
{
	struct buf b = BUF_INIT(0);

	begin(d, &b, "wish");
	json_put_str(&b, "child", path);
	json_put_bool(&b, "stopped", stopped);
	return end(d, &b);
}

uint64_t
rec_order(struct daemon *d, const char *order, const char *path)
{
	struct buf b = BUF_INIT(0);

	begin(d, &b, "order");
	json_put_str(&b, "order", order);
	json_put_str(&b, "child", path);
	return end(d, &b);
}

/* The number of a spec stands for its text. */
static uint32_t
text_of(struct world *w, const struct child_spec *spec)
{
	if (w->n_texts == w->cap_texts) {
		w->cap_texts = w->cap_texts == 0 ? 16 : 2 * w->cap_texts;
		w->texts = xreallocarray(w->texts, w->cap_texts, sizeof(*w->texts));
	}
	w->texts[w->n_texts] = spec;
	return w->n_texts++;
}

uint64_t
rec_added(struct daemon *d, const struct kid *k, const struct dynamic *dyn)
{
	struct buf b = BUF_INIT(0);
	char text[16];

	begin(d, &b, "added");
	json_put_str(&b, "child", k->path);
	if (is_instance(k)) {
		json_put_name(&b, "args");
		buf_xaddstr(&b, "[]");
	} else {
		snprintf(text, sizeof(text), "%u", text_of(d->w, dyn->spec));
		json_put_str(&b, "spec", text);
	}
	json_put_uint(&b, "seq", dyn->seq);
	return end(d, &b);
}

uint64_t
rec_permit(struct daemon *d, const struct kid *k, uint32_t node, bool permit)
{
	struct buf b = BUF_INIT(0);

	begin(d, &b, "permit");
	json_put_str(&b, "node", node_name(node));
	if (k->index != 0)
		json_put_str(&b, "child", k->path);
	json_put_bool(&b, "permitted", permit);
	return end(d, &b);
}

/* `listed`: of one that the file lists (removed; or added, which means that it is back). */
uint64_t
rec_child(struct daemon *d, const char *type, const struct kid *k, bool listed)
{
	struct buf b = BUF_INIT(0);

	begin(d, &b, type);
	json_put_str(&b, "child", k->path);
	if (listed)
		json_put_bool(&b, "listed", true);
	return end(d, &b);
}

/* Incarnations. */

struct inc *
inc_find(struct daemon *d, uint64_t token)
{
	return map_find(&d->incs, token);
}

bool
inc_is_done(struct daemon *d, uint64_t token)
{
	return inc_find(d, token) == NULL && token <= d->last_token;
}

struct inc *
inc_new(struct daemon *d, uint64_t token, struct kid *kid, uint32_t node)
{
	struct inc *inc = sim_alloc(d->w, sizeof(*inc));

	inc->token = token;
	inc->kid = kid;
	inc->node = node;
	map_put(&d->incs, token, inc);
	LIST_INSERT_HEAD(&d->nodes[node].incs, inc, entry);
	return inc;
}

void
inc_move(struct daemon *d, struct inc *inc, uint32_t node)
{
	if (inc->node == node)
		return;
	LIST_REMOVE(inc, entry);
	LIST_INSERT_HEAD(&d->nodes[node].incs, inc, entry);
	inc->node = node;
}

void
inc_settle(struct daemon *d, struct inc *inc)
{
	struct dnode *node = &d->nodes[inc->node];

	/* Its agent may have its last words: that is known when it is attached again. */
	if (inc->unseen || inc->state != INC_BURIED || inc->exit_seq > d->safe)
		return;
	/* The agent that held it may be away: it will be asked at the next attach. */
	if (!inc->exit_sent && !inc->lost) {
		if (node->state != NODE_UP)
			return;
		node_send(node, &(struct agent_msg){ .type = AGENT_EXIT_ACK, .u.exit_ack = { inc->token } });
	}
	rec_done(d, inc);
	map_remove(&d->incs, inc->token);
	LIST_REMOVE(inc, entry);
}

static void
settle_graves(struct daemon *d)
{
	const struct grave *g;
	struct inc *inc;

	for (; d->graves->head < d->graves->tail; d->graves->head++) {
		g = ring_at(d->graves, sizeof(*g), d->graves->head);
		if (g->exit_seq > d->safe)
			return;
		if ((inc = inc_find(d, g->token)) != NULL)
			inc_settle(d, inc);
	}
}

/* Is its end an order's, and none of its own choice (S34)? An exit signal is its own: S98. */
bool
inc_is_ending(const struct daemon *d, const struct inc *inc)
{
	child_handle h = inc->orphan ? CHILD_NONE : tree_find_kid(d, inc->kid);
	struct child_view v;

	return h != CHILD_NONE && tree_view(d->tree, h, &v) && v.token == inc->token && v.state == CHILD_STOPPING &&
	    !v.end_is_known;
}

void
daemon_bury(struct daemon *d, struct inc *inc)
{
	struct tree_event ev = { .type = TREE_EXITED, .token = inc->token, .node = inc->node };
	static const struct child_spec plain = { .restart = RESTART_PERMANENT };
	child_handle h = inc->orphan ? CHILD_NONE : tree_find_kid(d, inc->kid);
	struct child_view view;
	bool known = h != CHILD_NONE && tree_view(d->tree, h, &view), told = inc->told || inc_is_ending(d, inc);

	if (inc->failed) {
		ev.type = TREE_START_FAILED;
		ev.reason = inc->reason;
	} else if (inc->lost) {
		ev.reason = inc->reason;
	} else {
		ev.reason = reason_from_status(known ? view.spec : &plain, inc->status,
		    known && view.token == inc->token && view.state == CHILD_STOPPING);
	}
	/* S98. */
	known = known && view.token == inc->token && view.end_is_known;
	if (!inc->failed && known)
		ev.reason = view.last;
	inc->kid->gave_in = known && reason_is_normal(&view.last);
	inc->state = INC_BURIED;
	check_death(d->w, inc, &ev.reason);
	inc->exit_seq = rec_exit(d, inc, &ev.reason, told);
	inc->reason = ev.reason;
	*(struct grave *)ring_push(d->graves, sizeof(struct grave)) = (struct grave){ inc->exit_seq, inc->token };
	if (h == CHILD_NONE)
		return;
	daemon_event(d, &ev);
	dynamic_check(d, inc->kid);
}

/* Actions (act.c). */

struct kid *
kid_of(const struct daemon *d, child_handle h)
{
	struct child_view v;

	if (h == TREE_ROOT)
		return &d->w->kids[0];
	return tree_view(d->tree, h, &v) ? v.spec->user : NULL;
}

child_handle
tree_find_kid(const struct daemon *d, const struct kid *k)
{
	child_handle above;

	if (k->index == 0)
		return TREE_ROOT;
	above = tree_find_kid(d, &d->w->kids[k->parent]);
	return above == CHILD_NONE ? CHILD_NONE : tree_find(d->tree, above, k->id);
}

static void
act_start(struct daemon *d, const struct tree_action *a)
{
	struct inc *inc = inc_new(d, a->token, kid_of(d, a->child), a->node);
	const struct inc *before = inc_find(d, d->newest[inc->kid->index]);
	uint64_t seq;

	d->last_token = a->token;
	d->newest[inc->kid->index] = a->token;
	d->w->counts.starts++;
	seq = rec_start(d, inc, a->start_type);
	map_put(&d->w->start_seq, a->token, (void *)(uintptr_t)seq);
	/* A power cut must not make us forget what runs on a host that lives on, nor how one there has ended. */
	node_order_start(&d->nodes[a->node], seq, a->node != 0 || (before != NULL && before->node != a->node), a->token,
	    a->start_type);
}

static void
act_finish(struct daemon *d, const struct tree_action *a)
{
	(void)a;
	d->finished = true;
}

/* A supervisor has no start record. */
static void
rec_progress(struct daemon *d, const struct kid *k)
{
	struct buf b = BUF_INIT(0);

	if (k == NULL || !k->is_sup)
		return;
	begin(d, &b, "report");
	json_put_str(&b, "child", k->path);
	json_put_str(&b, "report", "progress");
	end(d, &b);
}

static void
act(struct daemon *d, const struct tree_action *a)
{
	check_action(d, a);
	switch (a->type) {
	case TREE_ACT_START:
		act_start(d, a);
		break;
	case TREE_ACT_SIGNAL:
		node_order_signal(&d->nodes[a->node], a->token, a->signal, false);
		break;
	case TREE_ACT_KILL:
		node_order_signal(&d->nodes[a->node], a->token, SIGKILL, true);
		break;
	case TREE_ACT_REPORT:
		if (a->report == REPORT_PROGRESS)
			rec_progress(d, kid_of(d, a->child));
		break;
	case TREE_ACT_TELL:
		break;
	case TREE_ACT_REPLY:
		operator_reply(d, a->cookie, a->child, a->result);
		break;
	case TREE_ACT_FINISH:
		act_finish(d, a);
		break;
	}
}

static mono_t
daemon_now(const struct daemon *d)
{
	return clock_now(d->w, &d->w->hosts[0].clock);
}

static int64_t
stopwatch(const struct world *w)
{
	struct timespec ts = { 0 };

	if (w->timed)
		clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static bool
next_action(struct daemon *d, struct tree_action *a)
{
	int64_t began = stopwatch(d->w);
	bool there = tree_next_action(d->tree, a);

	d->w->core_ns += stopwatch(d->w) - began;
	return there;
}

/* As kids_sync(): who has come to be? */
static void
sync_births(struct daemon *d)
{
	if (d->births == tree_births(d->tree))
		return;
	d->births = tree_births(d->tree);
	dynamic_sweep(d);
}

void
daemon_drain(struct daemon *d)
{
	struct tree_action a;

	while (next_action(d, &a)) {
		sync_births(d);
		act(d, &a);
	}
	sync_births(d);
}

/* The tree has ended: when its last records are safe, goodbye. */
static void
finish(struct daemon *d)
{
	struct world *w = d->w;
	uint32_t i;

	if (d->ended)
		return;
	d->ended = true;
	journal_sync_now(w);
	d->appended = d->safe = w->journal.safe;
	settle_graves(d);
	operator_progress(d);
	if (d->begun && !d->hasty)
		check_all_answered(d, "the tree has ended");
	/* Told to stop before all was known: what was not seen may live on for a while. */
	if (d->begun && !d->hasty)
		rec_daemon(d, "end");
	journal_sync_now(w);
	for (i = 0; i < w->n_hosts; i++)
		node_goodbye(&d->nodes[i], true);
	sim_tell(w, "daemon: the tree has ended");
	if (d->begun && !d->hasty)
		check_all_dead(w, "the tree has ended");
	daemon_exit(w);
}

void
daemon_pump(struct daemon *d)
{
	uint64_t n;
	uint32_t i;

	daemon_drain(d);
	if (d->stopping && d->begun)
		nodes_abandon(d);
	for (n = d->dirty->tail - d->dirty->head; n > 0; n--) {
		i = *(uint32_t *)ring_at(d->dirty, sizeof(i), d->dirty->head++);
		d->nodes[i].is_dirty = false;
		node_flush_orders(&d->nodes[i]);
	}
	dynamic_sweep(d);
	if (d->n_late > 0)
		reload_sweep(d);
	timer_set(d->w, &d->timer, tree_deadline(d->tree));
	if (d->finished)
		finish(d);
}

void
daemon_event(struct daemon *d, const struct tree_event *ev)
{
	int64_t began = stopwatch(d->w);

	tree_event(d->tree, ev, daemon_now(d));
	d->w->core_ns += stopwatch(d->w) - began;
	d->w->counts.tree_events++;
	daemon_drain(d);
}

child_handle
daemon_command(struct daemon *d, const struct tree_command *cmd, struct request *r)
{
	child_handle h = CHILD_NONE;
	enum tree_result result = tree_command(d->tree, cmd, daemon_now(d), &h);

	if (result != RESULT_OK && r != NULL)
		operator_reply(d, cmd->cookie, h, result);
	return result == RESULT_OK ? h : CHILD_NONE;
}

static void
on_timer(struct world *w, void *arg, uint64_t unused)
{
	struct daemon *d = arg;

	(void)w;
	(void)unused;
	daemon_event(d, &(struct tree_event){ .type = TREE_TIMER });
	daemon_pump(d);
}

void
daemon_progress(struct daemon *d)
{
	d->appended = d->w->journal.appended;
	d->safe = d->w->journal.safe;
	settle_graves(d);
	operator_progress(d);
	daemon_pump(d);
}

/* Everything that may run somewhere is known. */
void
daemon_begin(struct daemon *d)
{
	d->begun = true;
	if (d->stopping) {
		d->finished = d->hasty = true;
	} else {
		daemon_event(d, &(struct tree_event){ .type = TREE_BEGIN });
		check_known(d);
		operator_begin(d);
	}
	daemon_pump(d);
}

/* Setup (setup.c). */

static bool
has_finished(const struct past_child *pc, const struct kid *k)
{
	if (pc->run_token == 0 || pc->ended_token != pc->run_token || k->is_sup)
		return false;
	return k->spec->restart == RESTART_TEMPORARY || (k->spec->restart == RESTART_TRANSIENT && pc->ended_normal);
}

static void
recall_child(struct daemon *d, const struct past_child *pc, bool clean)
{
	struct kid *k = strmap_find(&d->w->by_path, pc->child);
	child_handle h = k != NULL ? tree_find_kid(d, k) : CHILD_NONE;

	if (pc->last_token > d->last_token)
		d->last_token = pc->last_token;
	if (h == CHILD_NONE)
		return;
	if (pc->stopped)
		daemon_command(d, &(struct tree_command){ .type = CMD_STOP, .child = h }, NULL);
	/* It was, and is down until somebody asks for it. */
	k->gave_up = !clean && pc->terminated;
	if (k->gave_up || (!clean && has_finished(pc, k)))
		daemon_command(d, &(struct tree_command){ .type = CMD_TERMINATE_CHILD, .child = h }, NULL);
}

static void
recall_incarnation(struct daemon *d, const struct past_incarnation *pi)
{
	struct kid *k = strmap_find(&d->w->by_path, pi->child);
	struct inc *inc;

	if (k == NULL)
		sim_fail(d->w, "journal", "it names %s, whom nobody knows", pi->child);
	inc = inc_new(d, pi->token, k, node_by_name(pi->node));
	inc->state = pi->exited ? INC_BURIED : INC_LIVE;
	inc->told = pi->told;
	inc->lost = inc->unseen = pi->exited && pi->unseen;
	if (!pi->exited && d->newest[k->index] < pi->token)
		d->newest[k->index] = pi->token;
}

static void
recall_permit(struct daemon *d, const struct past_forbidden *f)
{
	struct tree_command cmd = { .type = CMD_PERMIT, .child = TREE_ROOT, .node = node_by_name(f->node) };

	if (f->child[0] != '\0')
		cmd.child = kid_handle(d, strmap_find(&d->w->by_path, f->child));
	if (cmd.child != CHILD_NONE)
		daemon_command(d, &cmd, NULL);
}

/* S119: what has not answered by then is not waited for. */
static void
sync_over(struct world *w, void *arg, uint64_t unused)
{
	struct daemon *d = arg;

	(void)w;
	(void)unused;
	d->fresh = false;
	nodes_begin_if_known(d);
	daemon_pump(d);
}

static void
recall(struct daemon *d, struct past *past)
{
	const char *name;
	uint64_t token;
	void *value;
	size_t i;

	d->fresh = past->clean || past->epoch == 0;
	for (i = 0; strmap_next(&past->children, &i, &name, &value);)
		recall_child(d, value, past->clean);
	for (i = 0; map_next(&past->incarnations, &i, &token, &value);)
		recall_incarnation(d, value);
	for (i = 0; strmap_next(&past->forbidden, &i, &name, &value);)
		recall_permit(d, value);
}

void
daemon_start(struct world *w)
{
	int64_t wall_s = (w->now / US_PER_MS + w->hosts[0].clock.wall_ms) / 1000;
	struct daemon *d;
	struct past past;
	struct err err = ERR_INIT;
	uint32_t i;

	if (w->daemon != NULL || !w->hosts[0].up)
		return;
	w->daemon = d = sim_alloc(w, sizeof(*d));
	actor_init(w, &d->actor);
	d->w = w;
	d->graves = sim_alloc(w, sizeof(struct ring));
	d->held = sim_alloc(w, sizeof(struct ring));
	d->dirty = sim_alloc(w, sizeof(struct ring));
	w->epoch_file++;
	if (wall_s > w->epoch_file && wall_s < UINT32_MAX)
		w->epoch_file = (uint32_t)wall_s;
	d->epoch = w->epoch_file;
	journal_begin(w, d->epoch, &past);
	rec_daemon(d, "begin");
	d->tree = tree_new(w->file, d->epoch, w->seed, &err);
	if (d->tree == NULL)
		sim_fail(w, "specs", "%s", err.msg);
	d->births = tree_births(d->tree);
	dynamic_init(d);
	timer_init(&d->timer, &d->actor, &w->hosts[0].clock, on_timer, d);
	d->newest = sim_alloc(w, w->cap_kids * sizeof(*d->newest));
	d->nodes = sim_alloc(w, w->n_hosts * sizeof(*d->nodes));
	for (i = 0; i < w->n_hosts; i++)
		node_init(d, &d->nodes[i], i);
	sim_tell(w, "daemon: begins, epoch %u", d->epoch);
	check_begin(d);
	check_orders_begin(d, past.clean);
	dynamic_recall(d, &past);
	recall(d, &past);
	/* A lease is journaled before it is used. */
	for (i = 0; i < w->n_hosts; i++)
		rec_node(d, &d->nodes[i], "lease");
	journal_sync_now(w);
	d->appended = d->safe = w->journal.safe;
	for (i = 0; i < w->n_hosts; i++)
		node_begin(&d->nodes[i], past_node(&past, node_name(i))->lease_us);
	past_release(&past);
	if (d->fresh)
		sim_at(w, w->now + SYNC_US, &d->actor, sync_over, d, 0);
	daemon_pump(d);
}

void
daemon_free(struct world *w)
{
	struct daemon *d = w->daemon;
	uint32_t i;

	if (d == NULL)
		return;
	for (i = 0; i < w->n_hosts; i++)
		node_release(&d->nodes[i]);
	actor_kill(&d->actor);
	tree_free(d->tree);
	d->tree = NULL;
	map_release(&d->incs);
	ring_release(d->graves);
	ring_release(d->held);
	ring_release(d->dirty);
	w->daemon = NULL;
}

void
daemon_die(struct world *w)
{
	if (w->daemon == NULL)
		return;
	sim_tell(w, "daemon: dies");
	operator_daemon_gone(w, w->daemon);
	daemon_free(w);
	journal_lose_process(w);
}

static void
start_again(struct world *w, void *unused, uint64_t unused2)
{
	(void)unused;
	(void)unused2;
	daemon_start(w);
}

static void
leave(struct world *w, void *unused, uint64_t epoch)
{
	(void)unused;
	if (w->daemon == NULL || w->daemon->epoch != epoch)
		return;
	operator_daemon_gone(w, w->daemon);
	daemon_free(w);
	if (w->down_us < INT64_MAX)
		sim_at(w, w->now + w->down_us, &w->nature, start_again, NULL, 0);
}

/* In its own time: the callers are still in it. */
void
daemon_exit(struct world *w)
{
	sim_at(w, w->now, &w->nature, leave, NULL, w->daemon->epoch);
}
