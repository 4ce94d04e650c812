/* The everyday requests of the control socket, and which function is for which request. */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "daemon/node.h"
#include "daemon/ties.h"
#include "daemon/trapexitd.h"
#include "wire/control_msg.h"
#include "wire/name_match.h"

bool *
control_resolve(struct client *c, const struct control_request *rq, const char **paths, const child_handle *handles, size_t n)
{
	struct buf data = BUF_INIT(0);
	struct err err = ERR_INIT;
	bool *by_path = xcalloc(n + 1, sizeof(*by_path)), *chosen = xcalloc(c->control->d->n_kids, sizeof(*chosen));
	size_t i, missing = 0;

	for (i = 0; i < rq->n_names; i++) {
		if (name_resolve(rq->names[i], paths, n, by_path, &err) != -1)
			continue;
		control_failure_put(&data, rq->names[i], err.msg);
		missing++;
	}
	for (i = 0; i < n; i++)
		chosen[handles[i]] = by_path[i];
	free(by_path);
	if (missing > 0) {
		control_failures_end(&data);
		send_error(c, rq, CONTROL_NO_CHILD, err.msg, &data);
		free(chosen);
		chosen = NULL;
	}
	buf_release(&data);
	return chosen;
}

static void
on_status(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf result = BUF_INIT(0);
	child_handle *handles;
	const char **paths;
	bool *chosen = NULL;
	size_t n = status_paths(d, &paths, &handles);

	if (rq->n_names == 0 || (chosen = control_resolve(c, rq, paths, handles, n)) != NULL) {
		status_encode(d, chosen, rq->sources, &result);
		send_result(c, rq, result.data, result.len);
	}
	buf_release(&result);
	free(chosen);
	free(paths);
	free(handles);
}

static enum tree_command_type
command_of(enum control_method m)
{
	if (m == CONTROL_REMOVE)
		return CMD_REMOVE;
	return m == CONTROL_START ? CMD_START : m == CONTROL_STOP ? CMD_STOP : CMD_RESTART;
}

/* What becomes of it is call.c's: the journal must know, and the recorder stays. */
static void
give_removal(struct client *c, struct pending_request *p, const struct tree_command *cmd)
{
	struct daemon *d = c->control->d;
	const char *path = p->names[cmd->cookie - p->cookie];
	struct call_answer answer = { 0 };
	enum tree_result result;
	struct call *call;
	struct child_view v;
	uint64_t seq;

	if (is_own_child(d, cmd->child)) {
		control_failure_put(&p->failures, path, "it is trapexit's own, there as long as the configuration needs it");
		p->failed++;
		p->left--;
		return;
	}
	seq = rec_order(d, "remove", path, (uint32_t)c->uid);
	if (seq > p->seq)
		p->seq = seq;
	call = call_new(d, cmd->cookie, CONTROL_REMOVE, path, (uint32_t)c->uid);
	call->sup = tree_view(d->tree, cmd->child, &v) ? v.parent : CHILD_NONE;
	call->handle = cmd->child;
	result = tree_command(d->tree, cmd, mono_now(), NULL);
	if (result == RESULT_OK)
		return;
	call_finish(d, call_take(d, cmd->cookie), CHILD_NONE, result, NULL, &answer);
	pending_note(p, cmd->cookie, result, NULL, NULL);
	call_answer_release(&answer);
}

static void
give_command(struct client *c, const struct control_request *rq, struct pending_request *p, uint64_t i, child_handle h)
{
	struct daemon *d = c->control->d;
	struct tree_command cmd = { .type = command_of(rq->method), .child = h, .cookie = p->cookie + i };
	enum tree_result result;

	p->names[i] = xstrdup(d->kids[h].path);
	if (rq->method == CONTROL_REMOVE) {
		give_removal(c, p, &cmd);
		return;
	}
	rec_order(d, control_method_name(rq->method), p->names[i], (uint32_t)c->uid);
	/* A child stopped by hand stays stopped, over a daemon's restart, too. */
	p->seq = rec_wish(d, p->names[i], rq->method == CONTROL_STOP, (uint32_t)c->uid);
	result = tree_command(d->tree, &cmd, mono_now(), NULL);
	if (result != RESULT_OK)
		pending_note(p, cmd.cookie, result, NULL, NULL);
}

/* start, stop, restart: every chosen child that is not below another chosen one. */
static void
on_command(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct pending_request *p;
	struct child_view v;
	child_handle *handles;
	const char **paths;
	bool *chosen;
	uint64_t i, count = 0;
	size_t n = status_paths(d, &paths, &handles);

	if ((chosen = control_resolve(c, rq, paths, handles, n)) != NULL) {
		for (i = 0; i < n; i++) {
			bool below = tree_view(d->tree, handles[i], &v) && v.parent != CHILD_NONE && chosen[v.parent];

			/* Keep the mark for those below, but give one order. */
			if (chosen[handles[i]] && !below)
				handles[count++] = handles[i];
			else if (below)
				chosen[handles[i]] = true;
		}
		p = pending_new(c, rq, count);
		for (i = 0; i < count; i++)
			give_command(c, rq, p, i, handles[i]);
		p->left--;
		pending_try(c, p);
		daemon_pump(d);
	}
	free(chosen);
	free(paths);
	free(handles);
}

static void
on_signal(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf result = BUF_INIT(0);
	child_handle *handles;
	const char **paths;
	bool *chosen;
	unsigned sent = 0;
	size_t i, n = status_paths(d, &paths, &handles);

	if ((chosen = control_resolve(c, rq, paths, handles, n)) != NULL) {
		for (i = 0; i < n; i++) {
			const struct incarnation *inc = d->kids[handles[i]].now;
			struct order order = { .type = ORDER_SIGNAL, .signal = rq->signal };

			if (!chosen[handles[i]] || inc == NULL || inc->state != INC_LIVE)
				continue;
			order.token = inc->token;
			rec_order(d, "signal", paths[i], (uint32_t)c->uid);
			node_order(d->nodes[inc->node], &order);
			sent++;
		}
		if (sent == 0) {
			send_error(c, rq, CONTROL_FAILED, "none of them is running", NULL);
		} else {
			buf_xprintf(&result, "{\"done\":%u}", sent);
			send_result(c, rq, result.data, result.len);
		}
		daemon_pump(d);
	}
	buf_release(&result);
	free(chosen);
	free(paths);
	free(handles);
}

/* link, unlink, monitor, demonitor, exit: done at once, and answered when it is written. */
static void
on_tie(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf result = BUF_INIT(0);
	struct err err = ERR_INIT;
	struct pending_request *p;
	uint64_t seq = 0;

	if (ties_request(d, rq, (uint32_t)c->uid, &result, &seq, &err) == -1) {
		send_error(c, rq, err.code, err.msg, NULL);
		buf_release(&result);
	} else {
		p = pending_new(c, rq, 0);
		p->result = result;
		p->seq = seq;
		p->left--;
		pending_try(c, p);
	}
	daemon_pump(d);
}

static void
on_reload(struct client *c, const struct control_request *rq)
{
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;

	if (reload(c->control->d, rq->plan, (uint32_t)c->uid, &out, &err) == -1)
		send_error(c, rq, CONTROL_FAILED, err.msg, NULL);
	else
		send_result(c, rq, out.data, out.len);
	buf_release(&out);
	daemon_pump(c->control->d);
}

static void
on_simple(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	struct buf version = BUF_INIT(0);

	switch (rq->method) {
	case CONTROL_VERSION:
		buf_xaddstr(&version, "{\"version\":");
		json_put_string(&version, daemon_version());
		buf_xaddstr(&version, ",\"protocol\":1}");
		send_result(c, rq, version.data, version.len);
		buf_release(&version);
		return;
	case CONTROL_REOPEN:
		log_reopen();
		journal_reopen_logs(d->journal);
		send_result(c, rq, "{}", 2);
		return;
	case CONTROL_SHUTDOWN:
		send_result(c, rq, "{}", 2);
		log_info("shutdown, by uid %u", (unsigned)c->uid);
		daemon_stop(d, (uint32_t)c->uid);
		return;
	case CONTROL_STATUS:
	case CONTROL_START:
	case CONTROL_STOP:
	case CONTROL_RESTART:
	case CONTROL_SIGNAL:
	case CONTROL_LINK:
	case CONTROL_UNLINK:
	case CONTROL_MONITOR:
	case CONTROL_DEMONITOR:
	case CONTROL_EXIT:
	case CONTROL_RELOAD:
	case CONTROL_START_CHILD:
	case CONTROL_TERMINATE_CHILD:
	case CONTROL_RESTART_CHILD:
	case CONTROL_DELETE_CHILD:
	case CONTROL_GET_CHILDSPEC:
	case CONTROL_WHICH_CHILDREN:
	case CONTROL_COUNT_CHILDREN:
	case CONTROL_CHECK_CHILDSPECS:
	case CONTROL_ADD:
	case CONTROL_REMOVE:
	case CONTROL_NODES:
	case CONTROL_UPGRADE:
	case CONTROL_MOVE:
	case CONTROL_PERMIT:
	case CONTROL_FORBID:
	case CONTROL_DRAIN:
	case CONTROL_UNDRAIN:
		return;
	}
}

static void
on_nodes(struct client *c, const struct control_request *rq)
{
	struct buf result = BUF_INIT(0);

	status_nodes(c->control->d, &result);
	send_result(c, rq, result.data, result.len);
	buf_release(&result);
}

void
on_request(struct client *c, const struct control_request *rq)
{
	if (!c->may_change && !control_method_only_looks(rq->method)) {
		send_error(c, rq, CONTROL_NOT_PERMITTED, "only root and the owner of trapexitd may do this", NULL);
		return;
	}
	if (c->control->paused) {
		send_error(c, rq, CONTROL_BUSY, "another trapexitd takes over; try again", NULL);
		return;
	}
	if (!c->control->d->begun && !control_method_only_looks(rq->method) && rq->method != CONTROL_SHUTDOWN) {
		send_error(c, rq, CONTROL_BUSY, "not attached to the agent yet; try again", NULL);
		return;
	}
	switch (rq->method) {
	case CONTROL_STATUS:
		on_status(c, rq);
		break;
	case CONTROL_START:
	case CONTROL_STOP:
	case CONTROL_RESTART:
	case CONTROL_REMOVE:
		on_command(c, rq);
		break;
	case CONTROL_START_CHILD:
	case CONTROL_ADD:
		on_start_child(c, rq);
		break;
	case CONTROL_TERMINATE_CHILD:
	case CONTROL_RESTART_CHILD:
	case CONTROL_DELETE_CHILD:
		on_child_operation(c, rq);
		break;
	case CONTROL_WHICH_CHILDREN:
		on_which_children(c, rq);
		break;
	case CONTROL_COUNT_CHILDREN:
		on_count_children(c, rq);
		break;
	case CONTROL_GET_CHILDSPEC:
		on_get_childspec(c, rq);
		break;
	case CONTROL_CHECK_CHILDSPECS:
		on_check_childspecs(c, rq);
		break;
	case CONTROL_SIGNAL:
		on_signal(c, rq);
		break;
	case CONTROL_LINK:
	case CONTROL_UNLINK:
	case CONTROL_MONITOR:
	case CONTROL_DEMONITOR:
	case CONTROL_EXIT:
		on_tie(c, rq);
		break;
	case CONTROL_RELOAD:
		on_reload(c, rq);
		break;
	case CONTROL_NODES:
		on_nodes(c, rq);
		break;
	case CONTROL_MOVE:
	case CONTROL_PERMIT:
	case CONTROL_FORBID:
		on_place(c, rq);
		break;
	case CONTROL_DRAIN:
	case CONTROL_UNDRAIN:
		on_drain(c, rq);
		break;
	case CONTROL_UPGRADE:
		on_upgrade(c, rq);
		break;
	case CONTROL_SHUTDOWN:
	case CONTROL_REOPEN:
	case CONTROL_VERSION:
		on_simple(c, rq);
		break;
	}
}
