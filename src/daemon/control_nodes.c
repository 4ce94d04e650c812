/*
 * Requests about nodes (S118): move, permit and forbid of children, drain and undrain
 * of whole nodes. What is (not) permitted is a wish, which the journal keeps.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "conf/config.h"
#include "daemon/control_private.h"
#include "daemon/node.h"
#include "daemon/permits.h"
#include "wire/name_match.h"

/* "there is no node box3; did you mean box2?", with the names of those that there are. */
static void
say_no_node(const struct daemon *d, const char *name, struct err *err)
{
	const char **names = xcalloc(d->n_nodes, sizeof(*names)), *meant;
	uint32_t i, n = 0;

	for (i = 0; i < d->n_nodes; i++)
		if (!node_at(d, i)->leaving)
			names[n++] = node_at(d, i)->name;
	meant = name_suggest(name, names, n);
	if (meant != NULL)
		err_set(err, CONTROL_NO_SUCH_NODE, "there is no node %.64s; did you mean \"%s\"?", name, meant);
	else
		err_set(err, CONTROL_NO_SUCH_NODE, "there is no node %.64s; trapexit nodes lists them", name);
	free(names);
}

/* The workers that are meant, by themselves or with a supervisor above them, to the front of handles. */
static size_t
take_workers(struct daemon *d, bool *chosen, child_handle *handles, size_t n)
{
	struct child_view v;
	size_t i, count = 0;

	for (i = 0; i < n; i++) {
		child_handle h = handles[i];

		if (!tree_view(d->tree, h, &v))
			continue;
		chosen[h] = chosen[h] || (v.parent != CHILD_NONE && chosen[v.parent]);
		if (chosen[h] && v.spec->type == CHILD_WORKER)
			handles[count++] = h;
	}
	return count;
}

/* "a, b or c": the nodes of its list. */
static void
put_list(const struct daemon *d, const struct child_spec *spec, struct buf *out)
{
	uint32_t i;

	if (spec->n_nodes == 0)
		buf_xaddstr(out, "local");
	for (i = 0; i < spec->n_nodes; i++) {
		if (i > 0)
			buf_xaddstr(out, i + 1 == spec->n_nodes ? " or " : ", ");
		buf_xaddstr(out, spec->nodes[i].node < d->n_nodes ? node_at(d, spec->nodes[i].node)->name : "?");
	}
}

static bool
lists(const struct child_spec *spec, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < spec->n_nodes; i++)
		if (spec->nodes[i].node == node)
			return true;
	return spec->n_nodes == 0 && node == 0;
}

static void
put_not_permitted(const struct daemon *d, child_handle h, uint32_t node, struct buf *out)
{
	const char *name = node_at(d, node)->name, *path = d->kids[h].path;
	struct child_view v;

	if (tree_view(d->tree, h, &v) && !lists(v.spec, node)) {
		buf_xprintf(out, "is not to run on %s: \"nodes\" of its configuration has ", name);
		put_list(d, v.spec, out);
	} else if (!tree_permits(d->tree, h, node)) {
		buf_xprintf(out, "%s is forbidden to it; trapexit permit %s %s ends that", name, path, name);
	} else {
		buf_xprintf(out, "node %s is drained; trapexit undrain %s ends that", name, name);
	}
}

static void
put_refusal(const struct pending_request *p, child_handle h, enum tree_result result, const struct exit_reason *reason,
    struct buf *out)
{
	const struct node *node = node_at(p->d, p->node);
	char why[REASON_TEXT_SIZE];
	struct child_view v;
	struct node_view n;

	if (h == CHILD_NONE) {
		buf_xaddstr(out, "is no more");
		return;
	}
	if (result == RESULT_NOT_RUNNING && tree_view(p->d->tree, h, &v))
		buf_xprintf(out, "does not run, it is %s", v.wanted ? child_state_name(v.state) : "stopped");
	else if (result == RESULT_ALREADY_RUNNING)
		buf_xprintf(out, "runs on %s already", node->name);
	else if (result == RESULT_NODEDOWN)
		buf_xprintf(out, "node %s is down%s%s", node->name, node->error[0] != '\0' ? ": " : "", node->error);
	else if (result == RESULT_NOT_PERMITTED)
		put_not_permitted(p->d, h, p->node, out);
	else if (result == RESULT_NO_NODE && tree_node(p->d->tree, p->node, &n))
		buf_xprintf(out, "node %s has no room: its capacity is %u", node->name, n.capacity);
	else if (result == RESULT_START_ERROR && reason != NULL)
		buf_xprintf(out, "has left its node, and did not start on the next one: %s", reason_text(reason, why));
	else if (result == RESULT_RESTARTING)
		buf_xprintf(out, "has left its node, and waits to be started; see trapexit status %s", p->d->kids[h].path);
	else
		buf_xaddstr(out, tree_result_name(result));
}

void
place_note(struct pending_request *p, const char *path, enum tree_result result, const struct exit_reason *reason)
{
	child_handle h = kid_find(p->d, path);
	struct buf text = BUF_INIT(0);

	if (result == RESULT_OK || result == RESULT_UNDEFINED)
		return;
	if (p->method == CONTROL_FORBID && result == RESULT_RESTARTING) {
		if (p->waiting.len > 0)
			buf_xaddc(&p->waiting, ',');
		json_put_string(&p->waiting, path);
		return;
	}
	put_refusal(p, h, result, reason, &text);
	control_failure_put(&p->failures, path, text.data);
	p->failed++;
	buf_release(&text);
}

static void
give(struct client *c, struct pending_request *p, uint64_t i, child_handle h)
{
	struct daemon *d = c->control->d;
	struct tree_command cmd = { .type = p->method == CONTROL_MOVE ? CMD_MOVE : CMD_PERMIT, .child = h, .node = p->node,
		.permit = p->method == CONTROL_PERMIT, .cookie = p->cookie + i };
	enum tree_result result;

	p->names[i] = xstrdup(d->kids[h].path);
	if (p->method == CONTROL_FORBID && is_own_child(d, h)) {
		control_failure_put(&p->failures, p->names[i], "it is trapexit's own, and stays where trapexitd is");
		p->failed++;
		p->left--;
		return;
	}
	if (p->method == CONTROL_MOVE)
		p->seq = rec_move(d, p->names[i], p->node, (uint32_t)c->uid);
	else
		p->seq = rec_permit(d, p->names[i], p->node, cmd.permit, (uint32_t)c->uid);
	result = tree_command(d->tree, &cmd, mono_now(), NULL);
	d->kids[h].to_move = result == RESULT_OK && p->method == CONTROL_MOVE;
	if (result != RESULT_OK)
		pending_note(p, cmd.cookie, result, NULL, NULL);
}

void
on_place(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	uint32_t node = permits_node(d, rq->node);
	struct pending_request *p;
	struct err err = ERR_INIT;
	child_handle *handles;
	const char **paths;
	size_t i, count, n;
	bool *chosen;

	if (node == UINT32_MAX) {
		say_no_node(d, rq->node, &err);
		send_error(c, rq, err.code, err.msg, NULL);
		return;
	}
	n = status_paths(d, &paths, &handles);
	if ((chosen = control_resolve(c, rq, paths, handles, n)) != NULL) {
		count = take_workers(d, chosen, handles, n);
		p = pending_new(c, rq, count);
		p->places = true;
		p->node = node;
		for (i = 0; i < count; i++)
			give(c, p, i, handles[i]);
		p->left--;
		pending_try(c, p);
		daemon_pump(d);
	}
	free(chosen);
	free(paths);
	free(handles);
}

/* All of them are known, or an answer is sent. */
static bool
are_nodes(struct client *c, const struct control_request *rq)
{
	struct buf data = BUF_INIT(0);
	struct err err = ERR_INIT;
	size_t i, missing = 0;

	for (i = 0; i < rq->n_names; i++) {
		if (permits_node(c->control->d, rq->names[i]) != UINT32_MAX)
			continue;
		say_no_node(c->control->d, rq->names[i], &err);
		control_failure_put(&data, rq->names[i], err.msg);
		missing++;
	}
	if (missing > 0) {
		control_failures_end(&data);
		send_error(c, rq, CONTROL_NO_SUCH_NODE, err.msg, &data);
	}
	buf_release(&data);
	return missing == 0;
}

/* Answered when it is written; that all have left is seen in `nodes`. */
void
on_drain(struct client *c, const struct control_request *rq)
{
	struct tree_command cmd = { .type = CMD_PERMIT, .child = TREE_ROOT, .permit = rq->method == CONTROL_UNDRAIN };
	struct daemon *d = c->control->d;
	struct pending_request *p;
	size_t i;

	if (!are_nodes(c, rq))
		return;
	p = pending_new(c, rq, rq->n_names);
	for (i = 0; i < rq->n_names; i++) {
		p->names[i] = xstrdup(rq->names[i]);
		cmd.node = permits_node(d, rq->names[i]);
		cmd.cookie = p->cookie + i;
		p->seq = rec_permit(d, NULL, cmd.node, cmd.permit, (uint32_t)c->uid);
		tree_command(d->tree, &cmd, mono_now(), NULL);
	}
	p->left--;
	pending_try(c, p);
	daemon_pump(d);
}
