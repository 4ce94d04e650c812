/* Requests that are supervisor(3)'s operations on children (S74-S86). */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "daemon/node.h"

static void
refuse(struct client *c, const struct control_request *rq, struct call_answer *answer)
{
	send_answer(c, rq, rq->method, answer);
	call_answer_release(answer);
}

/* The spec is wrong: the first error by OTP's name, and all of them in words. */
static void
refuse_spec(struct client *c, const struct control_request *rq, struct config_errors *errors)
{
	struct call_answer answer = { 0 };

	if (errors->text.len > 0 && errors->text.data[errors->text.len - 1] == '\n')
		errors->text.data[--errors->text.len] = '\0';
	call_answer_error(&answer, errors->otp != NULL ? errors->otp : "invalid_child_spec", "%s",
	    errors->text.len > 0 ? errors->text.data : "there is no child in it");
	refuse(c, rq, &answer);
}

static child_handle
supervisor_of(struct client *c, const struct control_request *rq)
{
	struct call_answer answer = { 0 };
	struct err err = ERR_INIT;
	child_handle sup = find_supervisor(c->control->d, rq->supervisor, &err);

	if (sup != CHILD_NONE)
		return sup;
	call_answer_error(&answer, "noproc", "%s", err.msg);
	refuse(c, rq, &answer);
	return CHILD_NONE;
}

/* Give the command; its answer comes now or with the tree's reply. */
static enum tree_result
give(struct client *c, const struct control_request *rq, struct tree_command *cmd, struct call *call,
    struct pending_request *p, child_handle *added)
{
	struct daemon *d = c->control->d;
	struct call_answer answer;
	enum tree_result result;
	uint64_t seq;

	p->names[0] = xstrdup(call->path);
	seq = rec_order(d, control_method_name(rq->method), call->path, (uint32_t)c->uid);
	if (seq > p->seq)
		p->seq = seq;
	cmd->cookie = p->cookie;
	result = tree_command(d->tree, cmd, mono_now(), added);
	if (result == RESULT_OK)
		return result;
	seq = call_finish(d, call_take(d, p->cookie), CHILD_NONE, result, NULL, &answer);
	if (seq > p->seq)
		p->seq = seq;
	pending_note(p, p->cookie, result, NULL, &answer);
	return result;
}

/*
 * What was wished of earlier children below a supervisor of this path is not wished of the new ones.
 * (Of itself its `added` record says so.)
 */
static void
forget_wishes(struct client *c, const char *path, const struct sup_spec *sup)
{
	char *below;
	size_t i;

	for (i = 0; sup != NULL && sup->strategy != STRATEGY_SIMPLE_ONE_FOR_ONE && i < sup->n_children; i++) {
		below = xasprintf("%s/%s", path, sup->children[i]->id);
		rec_wish(c->control->d, below, false, (uint32_t)c->uid);
		forget_wishes(c, below, sup->children[i]->sup);
		free(below);
	}
}

/* What is to be added; NULL with the answer sent. */
static struct dynamic *
make(struct client *c, const struct control_request *rq, child_handle sup)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct call_answer answer = { 0 };
	struct daemon *d = c->control->d;
	struct dynamic *dyn = NULL;
	bool simple = sup_is_simple(d, sup);
	const char *name = sup == TREE_ROOT ? "the root" : d->kids[sup].path;

	if (simple && rq->spec != NULL) {
		call_answer_error(&answer, "badarg", "%s is simple_one_for_one: it takes further arguments for its template, "
		    "not a child", name);
		refuse(c, rq, &answer);
	} else if (!simple && rq->spec == NULL) {
		call_answer_error(&answer, "badarg", "%s is not simple_one_for_one: it takes a child as text, not arguments",
		    name);
		refuse(c, rq, &answer);
	} else if (simple) {
		dyn = dynamic_instance(d, sup, rq->args, rq->n_args);
	} else if ((dyn = dynamic_parse(d, sup, rq->spec, strlen(rq->spec), &errors)) == NULL) {
		refuse_spec(c, rq, &errors);
	}
	buf_release(&errors.text);
	return dyn;
}

void
on_start_child(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	child_handle sup = supervisor_of(c, rq), h = CHILD_NONE;
	struct tree_command cmd = { .type = CMD_START_CHILD, .child = sup };
	struct call_answer answer = { 0 };
	const struct incarnation *inc;
	struct pending_request *p;
	struct dynamic *dyn;
	struct call *call;

	if (sup == CHILD_NONE || (dyn = make(c, rq, sup)) == NULL)
		return;
	if ((inc = inc_orphan(d, dyn->path)) != NULL) {
		call_answer_error(&answer, "already_started", "%s: an earlier one of this name may still run on node %s, and is being "
		    "ended", dyn->path, d->nodes[inc->node]->name);
		dynamic_drop(d, dyn);
		refuse(c, rq, &answer);
		return;
	}
	p = pending_new(c, rq, 1);
	p->otp = true;
	call = call_new(d, p->cookie, rq->method, dyn->path, (uint32_t)c->uid);
	call->sup = sup;
	call->dyn = dyn;
	cmd.spec = dyn->spec;
	if (dyn->instance == NULL && tree_find(d->tree, sup, dyn->spec->id) == CHILD_NONE)
		forget_wishes(c, dyn->path, dyn->spec->sup);
	if (give(c, rq, &cmd, call, p, &h) == RESULT_OK && h != CHILD_NONE)
		kids_add(d, h, dyn->path);
	p->left--;
	pending_try(c, p);
	daemon_pump(d);
}

static enum tree_command_type
command_of(enum control_method method)
{
	if (method == CONTROL_TERMINATE_CHILD)
		return CMD_TERMINATE_CHILD;
	return method == CONTROL_RESTART_CHILD ? CMD_RESTART_CHILD : CMD_DELETE_CHILD;
}

bool
is_own_child(struct daemon *d, child_handle h)
{
	struct child_view v;

	return tree_view(d->tree, h, &v) && v.spec->type == CHILD_WORKER &&
	    (config_launch(v.spec)->recorder || config_launch(v.spec)->events);
}

void
on_child_operation(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	child_handle sup = supervisor_of(c, rq), h;
	struct tree_command cmd = { .type = command_of(rq->method) };
	struct call_answer answer = { 0 };
	struct pending_request *p;
	struct child_view v;
	struct call *call;

	if (sup == CHILD_NONE)
		return;
	if ((h = find_child(d, sup, rq, &answer)) == CHILD_NONE) {
		refuse(c, rq, &answer);
		return;
	}
	if (rq->method == CONTROL_DELETE_CHILD && is_own_child(d, h)) {
		call_answer_error(&answer, "badarg", "%s is trapexit's own; it is there as long as the configuration needs it",
		    d->kids[h].path);
		refuse(c, rq, &answer);
		return;
	}
	p = pending_new(c, rq, 1);
	p->otp = true;
	call = call_new(d, p->cookie, rq->method, d->kids[h].path, (uint32_t)c->uid);
	call->sup = sup;
	call->handle = cmd.child = h;
	/* restart_child takes a stop back (S79), also while it is still carried out; so the journal must, too. */
	if (rq->method == CONTROL_RESTART_CHILD && tree_view(d->tree, h, &v) && !v.wanted)
		p->seq = rec_wish(d, d->kids[h].path, false, (uint32_t)c->uid);
	give(c, rq, &cmd, call, p, NULL);
	p->left--;
	pending_try(c, p);
	daemon_pump(d);
}
