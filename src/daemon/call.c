#include "daemon/call.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"

struct call *
call_new(struct daemon *d, uint64_t cookie, enum control_method method, const char *path, uint32_t by)
{
	struct call *call = xcalloc(1, sizeof(*call));

	call->method = method;
	call->cookie = cookie;
	call->sup = call->handle = CHILD_NONE;
	call->path = xstrdup(path);
	call->by = by;
	map_put(&d->calls, cookie, call);
	return call;
}

struct call *
call_take(struct daemon *d, uint64_t cookie)
{
	return map_remove(&d->calls, cookie);
}

static void
call_free(struct call *call)
{
	free(call->path);
	free(call);
}

void
calls_release(struct daemon *d)
{
	uint64_t cookie;
	size_t i = 0;
	void *value;

	while (map_next(&d->calls, &i, &cookie, &value))
		call_free(value);
	map_release(&d->calls);
}

void
call_answer_release(struct call_answer *answer)
{
	buf_release(&answer->term);
	buf_release(&answer->data);
	buf_release(&answer->text);
}

/* The incarnation of a child that is up; NULL for a supervisor, and for one that is down. */
static const struct incarnation *
incarnation_of(struct daemon *d, child_handle h)
{
	const struct incarnation *inc;
	struct child_view v;

	if (h == CHILD_NONE || h >= d->n_kids || !tree_view(d->tree, h, &v) ||
	    (v.state != CHILD_RUNNING && v.state != CHILD_STOPPING))
		return NULL;
	inc = d->kids[h].now;
	return inc != NULL && inc->token == v.token && inc->pid != 0 ? inc : NULL;
}

/* The incarnation that a start came to, though it may have ended at once. */
static const struct incarnation *
started_of(struct daemon *d, child_handle h)
{
	const struct incarnation *inc = h != CHILD_NONE && h < d->n_kids ? d->kids[h].now : NULL;

	return inc != NULL && inc->pid != 0 ? inc : NULL;
}

static void
put_incarnation(const struct incarnation *inc, struct buf *b)
{
	char handle[48];

	if (inc == NULL) {
		json_put_str(b, "pid", NULL);
		json_put_str(b, "token", NULL);
		json_put_str(b, "handle", NULL);
		return;
	}
	json_put_uint(b, "pid", inc->pid);
	json_put_uint(b, "token", inc->token);
	snprintf(handle, sizeof(handle), "%u/%llu", inc->pid, (unsigned long long)inc->token);
	json_put_str(b, "handle", handle);
}

void
call_put_process(struct daemon *d, child_handle h, struct buf *b)
{
	put_incarnation(incarnation_of(d, h), b);
}

/* A pid; a supervisor is no process: its path stands for it, as a registered name does. */
static void
put_pid(struct daemon *d, child_handle h, const struct incarnation *inc, const char *path, struct buf *term)
{
	if (inc != NULL)
		buf_xprintf(term, "%u", inc->pid);
	else if (h != CHILD_NONE && h < d->n_kids && d->kids[h].supervisor)
		buf_xaddstr(term, path);
	else
		buf_xaddstr(term, "undefined");
}

static void
begin_data(struct call_answer *answer)
{
	buf_xaddc(&answer->data, '{');
	json_put_str(&answer->data, "term", answer->term.data);
}

/* {ok,Pid}, {ok,Pid,Info} (S24) or {ok,undefined}. */
static void
answer_started(struct daemon *d, const struct call *call, child_handle h, bool undefined, struct call_answer *answer)
{
	const struct incarnation *inc = undefined ? NULL : started_of(d, h);
	const char *info = inc != NULL ? inc->info : NULL;

	answer->ok = true;
	buf_xaddstr(&answer->term, "{ok,");
	if (undefined)
		buf_xaddstr(&answer->term, "undefined");
	else
		put_pid(d, h, inc, call->path, &answer->term);
	if (info != NULL) {
		buf_xaddc(&answer->term, ',');
		json_put_string(&answer->term, info);
	}
	buf_xaddc(&answer->term, '}');
	begin_data(answer);
	json_put_name(&answer->data, "ok");
	buf_xaddc(&answer->data, '{');
	json_put_str(&answer->data, "name", call->path);
	put_incarnation(inc, &answer->data);
	json_put_str(&answer->data, "info", info);
	buf_xaddstr(&answer->data, "}}");
}

static void
answer_ok(struct call_answer *answer)
{
	answer->ok = true;
	buf_xaddstr(&answer->term, "ok");
	begin_data(answer);
	json_put_bool(&answer->data, "ok", true);
	buf_xaddc(&answer->data, '}');
}

/* Term and words are there: the data of it, still open. */
static void
begin_error(struct call_answer *answer, const char *error)
{
	begin_data(answer);
	json_put_str(&answer->data, "error", error);
	json_put_str(&answer->data, "text", answer->text.data);
}

void
call_answer_error(struct call_answer *answer, const char *error, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	answer->ok = false;
	buf_xprintf(&answer->term, "{error,%s}", error);
	buf_xaddstr(&answer->text, n == -1 ? error : text);
	if (n != -1)
		free(text);
	begin_error(answer, error);
	buf_xaddc(&answer->data, '}');
}

/* The spec on one line: "child x { command = "…" }". */
static void
put_flat(const struct buf *text, struct buf *out)
{
	const char *p = text->data, *end = p + text->len;

	while (end > p && end[-1] == '\n')
		end--;
	for (; p < end; p++) {
		if (*p != '\n') {
			buf_xaddc(out, *p);
			continue;
		}
		buf_xaddc(out, ' ');
		while (p + 1 < end && p[1] == ' ')
			p++;
	}
}

/* S29, S77: {error,{R,Spec}}; under a simple_one_for_one, and of restart_child, {error,R}. */
static void
answer_start_error(const struct call *call, const struct exit_reason *reason, struct call_answer *answer)
{
	struct buf spec = BUF_INIT(0);
	char why[REASON_TEXT_SIZE];

	reason_text(reason, why);
	if (call->dyn != NULL && call->dyn->instance == NULL) {
		config_print_child(call->dyn->spec, false, &spec);
		buf_xprintf(&answer->term, "{error,{%s,", why);
		put_flat(&spec, &answer->term);
		buf_xaddstr(&answer->term, "}}");
	} else {
		buf_xprintf(&answer->term, "{error,%s}", why);
	}
	buf_xprintf(&answer->text, "%s did not start: %s%s", call->path, why,
	    call->dyn != NULL ? "; it was not added" : "");
	begin_error(answer, why);
	if (spec.len > 0)
		json_put_str(&answer->data, "spec", spec.data);
	buf_xaddc(&answer->data, '}');
	buf_release(&spec);
}

static void
answer_already_started(struct daemon *d, const struct call *call, child_handle h, struct call_answer *answer)
{
	buf_xaddstr(&answer->term, "{error,{already_started,");
	put_pid(d, h, incarnation_of(d, h), call->path, &answer->term);
	buf_xaddstr(&answer->term, "}}");
	buf_xprintf(&answer->text, "%s is there already, and up", call->path);
	begin_error(answer, "already_started");
	call_put_process(d, h, &answer->data);
	buf_xaddc(&answer->data, '}');
}

static void
answer_refused(struct daemon *d, const struct call *call, enum tree_result result, struct call_answer *answer)
{
	const char *name = tree_result_name(result), *path = call->path;
	const char *sup = call->sup == CHILD_NONE || call->sup == TREE_ROOT ? "the root" : d->kids[call->sup].path;

	switch (result) {
	case RESULT_ALREADY_PRESENT:
		call_answer_error(answer, name, "%s is there already, but not up; restart-child starts it, delete-child "
		    "removes it", path);
		break;
	case RESULT_NOT_FOUND:
		call_answer_error(answer, name, "%s is not there any more", path);
		break;
	case RESULT_RUNNING:
		call_answer_error(answer, name, "%s is up; terminate-child comes first", path);
		break;
	case RESULT_RESTARTING:
		call_answer_error(answer, name, "a restart of %s is owed; terminate-child cancels it", path);
		break;
	case RESULT_NOPROC:
		call_answer_error(answer, name, "%s is down or stopping", sup);
		break;
	case RESULT_NO_NODE:
		call_answer_error(answer, name, "no node that %s may run on is up", path);
		break;
	case RESULT_SIMPLE_ONE_FOR_ONE:
		call_answer_error(answer, name, "%s is simple_one_for_one: an instance is terminated, and then forgotten", sup);
		break;
	case RESULT_MAX_CHILDREN:
		call_answer_error(answer, name, "%s has as many children as its max_children lets it have", sup);
		break;
	case RESULT_INVALID:
		call_answer_error(answer, "invalid_child_spec", "%s: %s cannot have such a child", path, sup);
		break;
	case RESULT_BADARG:
	case RESULT_NOT_RUNNING:
	case RESULT_ALREADY_RUNNING:
	case RESULT_NODEDOWN:
	case RESULT_NOT_PERMITTED:
	case RESULT_OK:
	case RESULT_UNDEFINED:
	case RESULT_ALREADY_STARTED:
	case RESULT_START_ERROR:
	case RESULT_ORDERED:
	case RESULT_ESCALATED:
	case RESULT_INIT_FAILED:
		call_answer_error(answer, name, "%s: %s", path, name);
		break;
	}
}

static bool
is_start(const struct call *call)
{
	return call->dyn != NULL;
}

static bool
is_restart(const struct call *call)
{
	return call->method == CONTROL_RESTART_CHILD;
}

/* It is in the tree: now it is kept over our own restarts. */
static uint64_t
effect_of_start(struct daemon *d, const struct call *call, child_handle h, enum tree_result result)
{
	bool there = (result == RESULT_OK || result == RESULT_UNDEFINED) && h != CHILD_NONE && child_is_there(d, h) &&
	    call->dyn->handle == h;

	if (there)
		return dynamic_keep(d, call->dyn, call->by);
	dynamic_drop(d, call->dyn);
	return 0;
}

/* A child was taken out of the tree. */
static uint64_t
effect_of_removal(struct daemon *d, const struct call *call)
{
	struct kid *kid = &d->kids[call->handle];
	struct child_view v;
	struct dynamic *dyn;
	uint64_t seq;

	if (kid->path == NULL || strcmp(kid->path, call->path) != 0)
		return 0;
	dyn = tree_view(d->tree, call->handle, &v) && v.birth == kid->birth ? dynamic_of_spec(d, v.spec) : NULL;
	d->changes.sweep = true; /* what was added below it */
	d->sweep = true;
	seq = dyn != NULL ? dynamic_drop(d, dyn) : dynamic_delete_listed(d, call->path, call->by);
	kid_retire(d, call->handle);
	return seq;
}

static uint64_t
effect_of_terminate(struct daemon *d, const struct call *call)
{
	struct kid *kid = &d->kids[call->handle];
	struct child_view v;

	if (!child_is_there(d, call->handle))
		return dynamic_check(d, call->handle);
	/* One that was started again since is not. */
	if (!tree_view(d->tree, call->handle, &v) || v.state != CHILD_UNDEFINED)
		return 0;
	kid->terminated = true;
	return rec_terminated(d, call->path, call->by);
}

static uint64_t
take_effect(struct daemon *d, const struct call *call, child_handle child, enum tree_result result)
{
	if (is_start(call))
		return effect_of_start(d, call, child, result);
	if (result != RESULT_OK)
		return 0;
	if (call->method == CONTROL_DELETE_CHILD || call->method == CONTROL_REMOVE)
		return effect_of_removal(d, call);
	return call->method == CONTROL_TERMINATE_CHILD ? effect_of_terminate(d, call) : 0;
}

/* Whose pid {already_started,Pid} names. */
static child_handle
find_sibling(struct daemon *d, const struct call *call)
{
	const char *slash = strrchr(call->path, '/');

	return call->sup == CHILD_NONE ? CHILD_NONE :
					 tree_find(d->tree, call->sup, slash != NULL ? slash + 1 : call->path);
}

uint64_t
call_finish(struct daemon *d, struct call *call, child_handle child, enum tree_result result,
    const struct exit_reason *reason, struct call_answer *answer)
{
	uint64_t seq;

	*answer = (struct call_answer){ 0 };
	if (!is_start(call))
		child = call->handle;
	if ((result == RESULT_OK && (is_start(call) || is_restart(call))) || result == RESULT_UNDEFINED)
		answer_started(d, call, child, result == RESULT_UNDEFINED, answer);
	else if (result == RESULT_OK)
		answer_ok(answer);
	else if (result == RESULT_START_ERROR && reason != NULL)
		answer_start_error(call, reason, answer);
	else if (result == RESULT_ALREADY_STARTED)
		answer_already_started(d, call, find_sibling(d, call), answer);
	else
		answer_refused(d, call, result, answer);
	seq = take_effect(d, call, child, result);
	call_free(call);
	return seq;
}
