/* Requests of supervisor(3) that only look: which, how many, of what (S75, S82-S84). */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/control_private.h"
#include "wire/name_match.h"

static bool
is_live_supervisor(struct daemon *d, child_handle h)
{
	return d->kids[h].path != NULL && d->kids[h].supervisor && !d->kids[h].removed && child_is_there(d, h);
}

/* By an id that only one supervisor has. */
static child_handle
find_by_id(struct daemon *d, const char *name, struct err *err)
{
	const char **paths = xcalloc(d->n_kids, sizeof(*paths)), *meant;
	child_handle h, found = CHILD_NONE;
	size_t n = 0, fits = 0;

	for (h = 1; h < d->n_kids; h++) {
		if (!is_live_supervisor(d, h))
			continue;
		paths[n++] = d->kids[h].path;
		if (strcmp(name_id(d->kids[h].path), name) == 0) {
			found = h;
			fits++;
		}
	}
	meant = name_suggest(name, paths, n);
	if (fits > 1)
		err_set(err, 0, "%zu supervisors have the id \"%s\"; name one by its path", fits, name);
	else if (fits == 0 && meant != NULL)
		err_set(err, 0, "no supervisor \"%s\"; did you mean \"%s\"?", name, meant);
	else if (fits == 0)
		err_set(err, 0, "no supervisor \"%s\"; the root is \"/\"", name);
	free(paths);
	return fits == 1 ? found : CHILD_NONE;
}

child_handle
find_supervisor(struct daemon *d, const char *name, struct err *err)
{
	child_handle h;

	if (*name == '@')
		name++;
	if (strcmp(name, "/") == 0)
		return TREE_ROOT;
	h = *name == '\0' ? CHILD_NONE : kid_find(d, name);
	if (h == CHILD_NONE || !child_is_there(d, h))
		return find_by_id(d, name, err);
	if (d->kids[h].supervisor)
		return h;
	err_set(err, 0, "\"%s\" is not a supervisor", name);
	return CHILD_NONE;
}

static void
not_found(struct daemon *d, child_handle sup, const char *child, struct call_answer *answer)
{
	const char **ids = NULL, *meant;
	struct child_view v;
	size_t n = 0, cap = 0;
	child_handle h;

	for (h = tree_first(d->tree, sup); h != CHILD_NONE; h = tree_next(d->tree, h)) {
		if (n == cap)
			ids = xreallocarray(ids, cap = cap == 0 ? 16 : 2 * cap, sizeof(*ids));
		if (tree_view(d->tree, h, &v))
			ids[n++] = v.spec->id;
	}
	meant = n > 0 ? name_suggest(child, ids, n) : NULL;
	call_answer_error(answer, "not_found", "no child \"%s\" in %s%s%s%s", child,
	    sup == TREE_ROOT ? "the root" : d->kids[sup].path, meant != NULL ? "; did you mean \"" : "",
	    meant != NULL ? meant : "", meant != NULL ? "\"?" : "");
	free(ids);
}

/* "4711" or "4711/7643217…": a handle, which may leave the token out. */
static bool
parse_handle(const char *text, unsigned long long *pid, unsigned long long *token)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*pid = strtoull(text, &end, 10);
	*token = 0;
	if (*end == '/' && end[1] >= '0' && end[1] <= '9')
		*token = strtoull(end + 1, &end, 10);
	return *end == '\0' && errno == 0;
}

/* The instance that is this process now. */
static child_handle
find_process(struct daemon *d, child_handle sup, unsigned long long pid, unsigned long long token)
{
	const struct incarnation *inc;
	child_handle h;

	for (h = tree_first(d->tree, sup); h != CHILD_NONE; h = tree_next(d->tree, h)) {
		inc = d->kids[h].now;
		if (inc != NULL && inc->pid == pid && inc->state == INC_LIVE && (token == 0 || inc->token == token))
			return h;
	}
	return CHILD_NONE;
}

/* Nobody of ours is this process: did it end, or is it somebody else's (S81)? */
static bool
has_ended(struct daemon *d, unsigned long long pid, unsigned long long token)
{
	const struct incarnation *inc;

	if (token != 0) {
		inc = inc_find(d, token);
		return inc != NULL ? inc->state == INC_ENDED || inc->state == INC_BURIED : token <= d->last_token;
	}
	return pid > 1 && pid <= INT32_MAX && kill((pid_t)pid, 0) == -1 && errno == ESRCH;
}

/* "worker:17", of which there have been so many: it has ended. */
static bool
had_number(struct daemon *d, child_handle sup, const char *id)
{
	const struct past_number *n = strmap_find(&d->changes.numbers, d->kids[sup].path);
	const char *template = sup_spec_of(d, sup)->children[0]->id;
	size_t len = strlen(template);
	unsigned long long number;
	char *end;

	if (n == NULL || strncmp(id, template, len) != 0 || id[len] != ':' || id[len + 1] < '1' || id[len + 1] > '9')
		return false;
	number = strtoull(id + len + 1, &end, 10);
	return *end == '\0' && number <= n->last;
}

static child_handle
find_instance(struct daemon *d, child_handle sup, const struct control_request *rq, struct call_answer *answer)
{
	child_handle h = tree_find(d->tree, sup, rq->child);
	unsigned long long pid, token;
	bool ended;

	if (h != CHILD_NONE)
		return h;
	if (parse_handle(rq->child, &pid, &token)) {
		if ((h = find_process(d, sup, pid, token)) != CHILD_NONE)
			return h;
		ended = has_ended(d, pid, token);
	} else {
		ended = had_number(d, sup, rq->child);
		if (!ended && rq->method == CONTROL_TERMINATE_CHILD) {
			call_answer_error(answer, "simple_one_for_one", "%s is simple_one_for_one: name an instance, as %s:1 or "
			    "by its handle", d->kids[sup].path, sup_spec_of(d, sup)->children[0]->id);
			return CHILD_NONE;
		}
	}
	if (ended && rq->method == CONTROL_TERMINATE_CHILD) {
		answer->ok = true;
		buf_xaddstr(&answer->term, "ok");
		buf_xaddstr(&answer->data, "{\"term\":\"ok\",\"ok\":true}");
	} else {
		not_found(d, sup, rq->child, answer);
	}
	return CHILD_NONE;
}

child_handle
find_child(struct daemon *d, child_handle sup, const struct control_request *rq, struct call_answer *answer)
{
	child_handle h;

	if (sup_is_simple(d, sup)) {
		if (rq->method == CONTROL_TERMINATE_CHILD || rq->method == CONTROL_GET_CHILDSPEC)
			return find_instance(d, sup, rq, answer);
		call_answer_error(answer, "simple_one_for_one", "%s is simple_one_for_one: an instance is terminated, and then "
		    "forgotten", d->kids[sup].path);
		return CHILD_NONE;
	}
	if ((h = tree_find(d->tree, sup, rq->child)) == CHILD_NONE)
		not_found(d, sup, rq->child, answer);
	return h;
}

static child_handle
supervisor_of(struct client *c, const struct control_request *rq)
{
	struct call_answer answer = { 0 };
	struct err err = ERR_INIT;
	child_handle sup = find_supervisor(c->control->d, rq->supervisor, &err);

	if (sup == CHILD_NONE) {
		call_answer_error(&answer, "noproc", "%s", err.msg);
		send_answer(c, rq, rq->method, &answer);
		call_answer_release(&answer);
	}
	return sup;
}

/* S75: one that is being stopped shows its pid, one that is being started its previous state. */
static const char *
child_word(const struct child_view *v)
{
	switch (v->state) {
	case CHILD_RUNNING:
	case CHILD_STOPPING:
		return "running";
	case CHILD_STARTING:
		return v->row > 0 ? "restarting" : "undefined";
	case CHILD_RESTARTING:
		return "restarting";
	case CHILD_UNDEFINED:
		break;
	}
	return "undefined";
}

static void
put_which(struct daemon *d, child_handle h, bool simple, struct buf *b)
{
	struct child_view v;

	if (!tree_view(d->tree, h, &v))
		return;
	buf_xaddstr(b, b->data[b->len - 1] == '[' ? "{" : ",{");
	json_put_str(b, "id", simple ? NULL : v.spec->id);
	json_put_str(b, "name", d->kids[h].path);
	json_put_str(b, "child", child_word(&v));
	call_put_process(d, h, b);
	json_put_str(b, "type", v.spec->type == CHILD_SUPERVISOR ? "supervisor" : "worker");
	buf_xaddc(b, '}');
}

void
on_which_children(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	child_handle sup = supervisor_of(c, rq), h, *list;
	struct buf result = BUF_INIT(0);
	size_t n = 0;

	if (sup == CHILD_NONE)
		return;
	list = xcalloc(d->n_kids + 1, sizeof(*list));
	for (h = tree_first(d->tree, sup); h != CHILD_NONE; h = tree_next(d->tree, h))
		if (h < d->n_kids && d->kids[h].path != NULL)
			list[n++] = h;
	buf_xaddstr(&result, "{\"version\":1,\"children\":[");
	while (n > 0) /* S82: the newest first */
		put_which(d, list[--n], sup_is_simple(d, sup), &result);
	buf_xaddstr(&result, "]}");
	send_result(c, rq, result.data, result.len);
	buf_release(&result);
	free(list);
}

void
on_count_children(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	child_handle sup = supervisor_of(c, rq), h;
	unsigned specs = 0, active = 0, supervisors = 0, workers = 0;
	struct buf result = BUF_INIT(0);
	struct child_view v;

	if (sup == CHILD_NONE)
		return;
	for (h = tree_first(d->tree, sup); h != CHILD_NONE; h = tree_next(d->tree, h)) {
		if (!tree_view(d->tree, h, &v))
			continue;
		specs++;
		active += v.state == CHILD_RUNNING || v.state == CHILD_STOPPING;
		supervisors += v.spec->type == CHILD_SUPERVISOR;
		workers += v.spec->type == CHILD_WORKER;
	}
	buf_xprintf(&result, "{\"version\":1,\"specs\":%u,\"active\":%u,\"supervisors\":%u,\"workers\":%u}",
	    sup_is_simple(d, sup) ? 1 : specs, active, supervisors, workers);
	send_result(c, rq, result.data, result.len);
	buf_release(&result);
}

void
on_get_childspec(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	child_handle sup = supervisor_of(c, rq), h;
	struct call_answer answer = { 0 };
	struct buf text = BUF_INIT(0), result = BUF_INIT(0);
	struct child_view v;

	if (sup == CHILD_NONE)
		return;
	h = find_child(d, sup, rq, &answer);
	if (h == CHILD_NONE || !tree_view(d->tree, h, &v)) {
		send_answer(c, rq, rq->method, &answer);
		call_answer_release(&answer);
		return;
	}
	config_print_child(v.spec, true, &text);
	buf_xaddstr(&result, "{\"version\":1");
	json_put_str(&result, "name", d->kids[h].path);
	json_put_str(&result, "text", text.data);
	json_put_name(&result, "spec");
	config_json_child(v.spec, &result);
	buf_xaddc(&result, '}');
	send_result(c, rq, result.data, result.len);
	buf_release(&text);
	buf_release(&result);
}

void
on_check_childspecs(struct client *c, const struct control_request *rq)
{
	struct daemon *d = c->control->d;
	child_handle sup = rq->supervisor != NULL ? supervisor_of(c, rq) : CHILD_NONE;
	struct config_place place = { .config = d->config, .path = "" };
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct call_answer answer = { 0 };
	struct config *config;

	if (rq->supervisor != NULL && sup == CHILD_NONE)
		return;
	if (sup != CHILD_NONE) {
		place.sup = sup_spec_of(d, sup);
		place.path = d->kids[sup].path;
	}
	config = config_parse_children("childspec", rq->spec, strlen(rq->spec), &place, &errors);
	if (config != NULL) {
		answer.ok = true;
		buf_xaddstr(&answer.term, "ok");
		buf_xaddstr(&answer.data, "{\"term\":\"ok\",\"ok\":true}");
		config_unref(config);
	} else {
		if (errors.text.len > 0 && errors.text.data[errors.text.len - 1] == '\n')
			errors.text.data[--errors.text.len] = '\0';
		call_answer_error(&answer, errors.otp != NULL ? errors.otp : "invalid_child_spec", "%s",
		    errors.text.data != NULL ? errors.text.data : "");
	}
	send_answer(c, rq, rq->method, &answer);
	call_answer_release(&answer);
	buf_release(&errors.text);
}
