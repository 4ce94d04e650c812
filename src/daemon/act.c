/*
 * Actions of the tree carried out, and incarnations from their start to
 * their end.
 *
 * The path of a death: EXITED from the agent -> (its last output is appended)
 * -> act_bury: record, TREE_EXITED -> TREE_ACT_START -> record -> (appended) ->
 * START to the agent.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/dynamic.h"
#include "daemon/fresh.h"
#include "daemon/moves.h"
#include "daemon/node.h"
#include "daemon/states.h"
#include "daemon/ties.h"

struct incarnation *
inc_find(struct daemon *d, uint64_t token)
{
	return map_find(&d->incarnations, token);
}

const struct incarnation *
inc_orphan(struct daemon *d, const char *path)
{
	size_t i = 0, n = strlen(path);
	uint64_t token;
	void *value;

	if (d->n_orphans == 0)
		return NULL;
	while (map_next(&d->incarnations, &i, &token, &value)) {
		const struct incarnation *inc = value;

		if (inc->handle == CHILD_NONE && inc->state != INC_BURIED && strncmp(inc->path, path, n) == 0 &&
		    (inc->path[n] == '\0' || inc->path[n] == '/'))
			return inc;
	}
	return NULL;
}

bool
inc_is_done(struct daemon *d, uint64_t token)
{
	return inc_find(d, token) == NULL && token <= d->last_token;
}

struct incarnation *
inc_new(struct daemon *d, uint64_t token, child_handle handle, const char *path, uint32_t node)
{
	struct incarnation *inc = xcalloc(1, sizeof(*inc));

	inc->token = token;
	inc->handle = handle;
	inc->node = node;
	inc->path = handle == CHILD_NONE ? xstrdup(path) : d->kids[handle].path;
	d->n_orphans += handle == CHILD_NONE;
	inc->out[0].limit = inc->out[1].limit = AGENT_CREDIT_FIRST;
	map_put(&d->incarnations, token, inc);
	return inc;
}

static void
unlink_dirty(struct daemon *d, const struct incarnation *inc)
{
	struct incarnation **at = &d->dirty;

	while (*at != NULL && *at != inc)
		at = &(*at)->next_dirty;
	if (*at != NULL)
		*at = inc->next_dirty;
}

void
inc_drop_job(struct incarnation *inc)
{
	if (inc->job != NULL)
		buf_release(inc->job);
	free(inc->job);
	inc->job = NULL;
}

void
inc_free(struct daemon *d, struct incarnation *inc)
{
	size_t i;

	map_remove(&d->incarnations, inc->token);
	if (inc->dirty)
		unlink_dirty(d, inc);
	d->n_orphans -= inc->handle == CHILD_NONE;
	if (inc->handle == CHILD_NONE)
		free(inc->path);
	else if (d->kids[inc->handle].now == inc)
		d->kids[inc->handle].now = NULL;
	for (i = 0; i < 2; i++) {
		if (inc->out[i].line != NULL)
			buf_release(inc->out[i].line);
		free(inc->out[i].line);
	}
	inc_drop_job(inc);
	free(inc->info);
	ties_free(inc);
	free(inc);
}

void
inc_settle(struct daemon *d, struct incarnation *inc)
{
	struct node *node = d->nodes[inc->node];

	/* Its agent may have its last words: that is known when it is attached again. */
	if (inc->unseen)
		return;
	if (inc->state != INC_BURIED || inc->exit_seq > d->vital_safe || inc->out[0].acked < inc->end[0] ||
	    inc->out[1].acked < inc->end[1] || inc->dirty)
		return;
	/* The agent that held it may be away: it will be asked at the next attach. */
	if (!inc->exit_sent && !inc->lost) {
		if (node->state != NODE_UP)
			return;
		node_send(node, &(struct agent_msg){ .type = AGENT_EXIT_ACK, .u.exit_ack = { inc->token } });
	}
	rec_done(d, inc);
	inc_free(d, inc);
}

uint64_t
spec_hash(const struct child_spec *spec)
{
	const struct launch *l = config_launch(spec);
	struct buf b = BUF_INIT(0);
	uint64_t hash;
	size_t i;

	for (i = 0; i < l->argv.n; i++)
		buf_xadd(&b, l->argv.v[i], strlen(l->argv.v[i]) + 1);
	for (i = 0; i < l->env.n; i++)
		buf_xadd(&b, l->env.v[i], strlen(l->env.v[i]) + 1);
	buf_xprintf(&b, "%s\n%s\n%s\n%d %d %d %d %d %d", l->cwd != NULL ? l->cwd : "", l->user != NULL ? l->user : "",
	    l->group != NULL ? l->group : "", l->umask, l->nice, (int)l->in, (int)l->out, (int)l->err, (int)l->output);
	for (i = 0; i < l->n_rlimits; i++)
		buf_xprintf(&b, " %d=%llu:%llu", l->rlimits[i].resource, (unsigned long long)l->rlimits[i].soft,
		    (unsigned long long)l->rlimits[i].hard);
	if (l->scraper != NULL)
		config_job(spec, &b);
	/* Added where it is so, that others need no restart for it. */
	if (spec->trap_exit)
		buf_xaddstr(&b, "\ntrap_exit");
	if (spec_has_control(spec))
		buf_xaddstr(&b, "\ncontrol");
	hash = hash_bytes(b.data, b.len);
	buf_release(&b);
	/* 0 means that it is not known; 53 bits survive every JSON reader. */
	hash &= (UINT64_C(1) << 53) - 1;
	return hash == 0 ? 1 : hash;
}

void
job_encode(struct daemon *d, child_handle h, uint64_t token, const char *start, struct buf *out)
{
	const struct freshness *fresh = d->kids[h].fresh;
	struct child_view view;
	const char *key;
	void *value;
	size_t i = 0;

	if (!tree_view(d->tree, h, &view))
		return;
	config_job_for(view.spec, d->kids[h].path, token, start, out);
	while (fresh != NULL && strmap_next(&fresh->states, &i, &key, &value)) {
		buf_xaddstr(out, ((const struct state *)value)->line);
		buf_xaddc(out, '\n');
	}
	buf_xaddstr(out, "{\"type\":\"end\"}\n");
}

/*
 * A start on another host waits until its record is fsynced, and one on another host than the predecessor's until
 * what that said is, too. Else it is enough that the record is written.
 */
static void
order_safely(struct daemon *d, struct order *o, const struct tree_action *a, const struct incarnation *before)
{
	bool elsewhere = before != NULL && before->node != a->node;
	size_t i;

	o->safe = elsewhere || d->nodes[a->node]->ssh != NULL;
	if (elsewhere) {
		o->before = before->token;
		for (i = 0; i < 2; i++)
			o->before_out[i] = before->out[i].given;
	}
	if (o->safe)
		journal_flush_soon(d->journal);
}

static void
act_start(struct daemon *d, const struct tree_action *a)
{
	struct kid *kid = &d->kids[a->child];
	const struct incarnation *before = kid->now;
	struct incarnation *inc = inc_new(d, a->token, a->child, NULL, a->node);
	struct child_view view;
	struct order order = { .token = a->token, .type = ORDER_START, .start_type = a->start_type, .from = a->from };
	char start[START_TEXT_SIZE];
	bool inherits = false;

	if (!tree_view(d->tree, a->child, &view))
		return;
	d->last_token = a->token;
	kid->now = inc;
	kid->run_token = inc->token;
	kid->terminated = false;
	inc->control = spec_has_control(view.spec);
	inc->spec = kid->spec != 0 ? kid->spec : (kid->spec = spec_hash(view.spec));
	if (config_launch(view.spec)->scraper != NULL) {
		inherits = states_inherit(d, inc);
		inc->job = xcalloc(1, sizeof(*inc->job));
		job_encode(d, a->child, a->token, start_text(d, a->start_type, a->from, start), inc->job);
		inc->job_bytes = inc->job->len;
	}
	order.seq = rec_start(d, inc, a->start_type, a->from, moves_note(d, a));
	if (inherits)
		states_record(d, inc);
	order_safely(d, &order, a, before);
	node_order(d->nodes[a->node], &order);
}

/* Is its end an order's, and none of its own choice (S34)? An exit signal is its own: S98. */
static bool
is_ending(struct daemon *d, const struct incarnation *inc)
{
	struct child_view v;

	return inc->handle != CHILD_NONE && tree_view(d->tree, inc->handle, &v) && v.token == inc->token &&
	    v.state == CHILD_STOPPING && !v.end_is_known;
}

static void
act_signal(struct daemon *d, const struct tree_action *a, int signal, bool group)
{
	struct order order = { .token = a->token, .type = ORDER_SIGNAL, .signal = signal, .group = group };
	struct incarnation *inc;
	struct child_view v;

	/* The recorder and the handlers end last and take along what is safe: so let everything be safe. */
	if (signal != SIGKILL && d->stopping && tree_view(d->tree, a->child, &v) &&
	    (config_launch(v.spec)->recorder || config_launch(v.spec)->events))
		journal_flush(d->journal);
	if ((inc = inc_find(d, a->token)) != NULL) {
		inc->signal_waits = true;
		/* Written first: who comes after us must not take its end for its own choice. */
		if (!inc->told && is_ending(d, inc)) {
			inc->told = true;
			order.seq = rec_ending(d, inc);
		}
	}
	ties_signalled(d, a);
	node_order(d->nodes[a->node], &order);
}

/* What people read in the daemon's own log; the journal has it all. */
static void
log_report(struct daemon *d, const struct tree_action *a)
{
	const char *path = a->child == TREE_ROOT ? "the root" : d->kids[a->child].path, *name = tree_report_name(a->report);
	char reason[REASON_TEXT_SIZE];

	reason_text(&a->reason, reason);
	switch (a->report) {
	case REPORT_PROGRESS:
	case REPORT_STOPPED:
		log_debug("child %s: %s", path, name);
		break;
	case REPORT_CHILD_TERMINATED:
		if (a->delay_us > 0)
			log_info("child %s: ended: %s; restart in %lld ms", path, reason, (long long)(a->delay_us / US_PER_MS));
		else
			log_info("child %s: ended: %s%s", path, reason, a->delay_us == 0 ? "; restart" : "");
		break;
	case REPORT_SHUTDOWN:
		if (a->result == RESULT_ORDERED) {
			log_debug("child %s: %s", path, name);
			break;
		}
		log_warnx("child %s: %s: %s", path, name, tree_result_name(a->result));
		break;
	case REPORT_START_ERROR:
	case REPORT_SHUTDOWN_ERROR:
	case REPORT_ESCALATED:
	case REPORT_COOL_DOWN:
	case REPORT_NO_NODE:
	case REPORT_NODE_SICK:
		log_warnx("child %s: %s: %s", path, name, reason);
		break;
	}
}

static void
act_finish(struct daemon *d, const struct tree_action *a)
{
	d->finished = true;
	d->exit_code = a->result == RESULT_ESCALATED ? EXITCODE_ESCALATED :
	    a->result == RESULT_INIT_FAILED	     ? EXITCODE_FAILED :
						       EXITCODE_OK;
	if (a->result != RESULT_ORDERED)
		log_warnx("the tree has ended: %s", tree_result_name(a->result));
}

void
act(struct daemon *d, const struct tree_action *a)
{
	switch (a->type) {
	case TREE_ACT_START:
		act_start(d, a);
		break;
	case TREE_ACT_SIGNAL:
		act_signal(d, a, a->signal, false);
		break;
	case TREE_ACT_KILL:
		act_signal(d, a, SIGKILL, true);
		break;
	case TREE_ACT_REPORT:
		rec_report(d, a);
		log_report(d, a);
		if (a->report == REPORT_PROGRESS)
			d->kids[a->child].terminated = false;
		/* S55: a supervisor that begins anew has lost its additions. */
		if (d->kids[a->child].supervisor && d->changes.first != NULL)
			d->changes.sweep = true;
		break;
	case TREE_ACT_REPLY:
		control_reply(d, a);
		break;
	case TREE_ACT_FINISH:
		act_finish(d, a);
		break;
	case TREE_ACT_TELL:
		ties_tell(d, a);
		break;
	}
}

static void
dig_grave(struct daemon *d, const struct incarnation *inc)
{
	struct grave *grave = ring_push(&d->graves, sizeof(*grave));

	*grave = (struct grave){ inc->exit_seq, inc->token };
}

void
act_settle_graves(struct daemon *d)
{
	struct incarnation *inc;
	const struct grave *g;

	for (; d->graves.head < d->graves.tail; d->graves.head++) {
		g = ring_at(&d->graves, sizeof(*g), d->graves.head);
		if (g->exit_seq > d->vital_safe)
			return;
		if ((inc = inc_find(d, g->token)) != NULL)
			inc_settle(d, inc);
	}
}

void
act_bury(struct daemon *d, struct incarnation *inc)
{
	struct tree_event ev = { .type = TREE_EXITED, .child = inc->handle, .token = inc->token, .node = inc->node };
	struct child_view view;
	child_handle h;
	bool told = inc->told || is_ending(d, inc);

	if (inc->failed) {
		ev.type = TREE_START_FAILED;
		ev.reason = inc->reason;
	} else if (inc->lost) {
		ev.reason = inc->reason;
	} else {
		bool known = inc->handle != CHILD_NONE && tree_view(d->tree, inc->handle, &view);
		static const struct child_spec plain = { .restart = RESTART_PERMANENT };

		ev.reason = reason_from_status(known ? view.spec : &plain, inc->status,
		    known && view.token == inc->token && view.state == CHILD_STOPPING);
	}
	/* S98: an exit signal has ended it, whatever its status is. */
	if (!inc->failed && inc->handle != CHILD_NONE && tree_view(d->tree, inc->handle, &view) &&
	    view.token == inc->token && view.end_is_known)
		ev.reason = view.last;
	inc->state = INC_BURIED;
	inc->exit_seq = rec_exit(d, inc, &ev.reason, told);
	inc->reason = ev.reason;
	dig_grave(d, inc);
	if (inc->handle == CHILD_NONE)
		return;
	d->kids[inc->handle].last_exit_ms = wall_ms();
	d->kids[inc->handle].ended_token = inc->token;
	d->kids[inc->handle].ended_normal = reason_is_normal(&ev.reason) && !told;
	h = inc->handle;
	daemon_event(d, &ev);
	dynamic_check(d, h);
}
