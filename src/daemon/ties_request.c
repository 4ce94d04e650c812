/* What is asked for: link, unlink, monitor, demonitor, exit; with OTP's words for what is wrong. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "daemon/ties.h"
#include "wire/name_match.h"

/* All children, as names are resolved among them. */
struct places {
	const char **paths;
	child_handle *handles;
	bool *chosen;
	size_t n;
};

static void
places_init(struct daemon *d, struct places *p)
{
	p->n = status_paths(d, &p->paths, &p->handles);
	p->chosen = xcalloc(p->n + 1, sizeof(*p->chosen));
}

static void
places_release(struct places *p)
{
	free(p->paths);
	free(p->handles);
	free(p->chosen);
}

/* The children that a name means, in p->chosen; how many, or -1. */
static int
choose(struct places *p, const char *name, struct err *err)
{
	size_t i;
	int n = 0;

	memset(p->chosen, 0, p->n * sizeof(*p->chosen));
	if (name_resolve(name, p->paths, p->n, p->chosen, err) == -1) {
		err->code = CONTROL_NO_CHILD;
		return -1;
	}
	for (i = 0; i < p->n; i++)
		n += p->chosen[i];
	return n;
}

/* The one child, and no supervisor, that a name means. */
static child_handle
choose_one(struct daemon *d, struct places *p, const char *name, struct err *err)
{
	struct child_view v;
	int n = choose(p, name, err);
	size_t i = 0;

	if (n == -1)
		return CHILD_NONE;
	while (n == 1 && !p->chosen[i])
		i++;
	if (n != 1)
		err_set(err, CONTROL_FAILED, "badarg: %s means %d children, expected one", name, n);
	else if (tree_view(d->tree, p->handles[i], &v) && v.spec->type == CHILD_SUPERVISOR)
		err_set(err, CONTROL_FAILED, "badarg: %s is a supervisor, expected a child", p->paths[i]);
	else
		return p->handles[i];
	return CHILD_NONE;
}

static int
failed(struct daemon *d, child_handle h, enum tree_result result, struct err *err)
{
	return err_set(err, CONTROL_FAILED, "%s: %s%s", tree_result_name(result), d->kids[h].path,
	    result == RESULT_NOPROC ? " does not run" : "");
}

/* The present incarnation; NULL if it has none that is ordered. */
static struct incarnation *
present(struct daemon *d, child_handle h)
{
	struct child_view v;

	return tree_view(d->tree, h, &v) ? inc_find(d, v.token) : NULL;
}

static bool
is_live(struct daemon *d, child_handle h)
{
	struct child_view v;

	return tree_view(d->tree, h, &v) &&
	    (v.state == CHILD_STARTING || v.state == CHILD_RUNNING || v.state == CHILD_STOPPING);
}

static int
give(struct daemon *d, const struct tree_command *cmd, const char *type, uint32_t by, uint64_t *seq, struct err *err)
{
	bool keeps = cmd->type == CMD_UNLINK || (cmd->child != cmd->peer && is_live(d, cmd->peer));
	enum tree_result result = tree_command(d->tree, cmd, mono_now(), NULL);
	const struct incarnation *a = present(d, cmd->child), *b = present(d, cmd->peer);

	if (result != RESULT_OK)
		return failed(d, cmd->child, result, err);
	/* One that is gone at once leaves nothing to be kept. */
	if (keeps && a != NULL && b != NULL)
		*seq = rec_tie(d, type, a, b, cmd->ref, by);
	return 0;
}

static int
pair(struct daemon *d, const struct control_request *rq, uint32_t by, struct buf *result, uint64_t *seq, struct err *err)
{
	struct tree_command cmd = { .type = rq->method == CONTROL_LINK ? CMD_LINK :
			rq->method == CONTROL_UNLINK ? CMD_UNLINK : CMD_MONITOR };
	struct places p;
	int r = -1;

	places_init(d, &p);
	cmd.child = choose_one(d, &p, rq->names[0], err);
	if (cmd.child != CHILD_NONE && (cmd.peer = choose_one(d, &p, rq->names[1], err)) != CHILD_NONE) {
		const struct incarnation *inc = present(d, cmd.child);

		if (cmd.type == CMD_MONITOR)
			cmd.ref = d->next_ref++;
		/* Lines that nobody can read would be no monitor. */
		if (cmd.type == CMD_MONITOR && is_live(d, cmd.child) && inc != NULL && !inc->control)
			err_set(err, CONTROL_FAILED, "badarg: %s has no control descriptor: it needs trap_exit = yes, or "
			    "a monitor that is configured", d->kids[cmd.child].path);
		else
			r = give(d, &cmd, control_method_name(rq->method), by, seq, err);
	}
	places_release(&p);
	if (r == 0 && cmd.type == CMD_MONITOR)
		buf_xprintf(result, "{\"ref\":%llu}", (unsigned long long)cmd.ref);
	else if (r == 0)
		buf_xaddstr(result, "{\"done\":1}");
	return r;
}

static int
demonitor(struct daemon *d, uint64_t ref, uint32_t by, struct buf *result, uint64_t *seq, struct err *err)
{
	child_handle watcher = tie_watcher(d->tree, ref);
	const struct incarnation *inc = watcher == CHILD_NONE ? NULL : present(d, watcher);

	if (tree_command(d->tree, &(struct tree_command){ .type = CMD_DEMONITOR, .ref = ref }, mono_now(), NULL) != RESULT_OK)
		return err_set(err, CONTROL_FAILED, "badarg: there is no monitor %llu: it has fired, or never was",
		    (unsigned long long)ref);
	if (inc != NULL)
		*seq = rec_tie(d, "demonitor", inc, NULL, ref, by);
	buf_xaddstr(result, "{\"done\":1}");
	return 0;
}

static int
send_exit(struct daemon *d, const struct control_request *rq, struct places *p, uint32_t by, struct buf *result,
    uint64_t *seq, struct err *err)
{
	struct tree_command cmd = { .type = CMD_EXIT, .peer = CHILD_NONE };
	struct child_view v;
	unsigned sent = 0;
	size_t i, k;

	if (reason_parse(rq->reason, &cmd.reason) == -1)
		return err_set(err, CONTROL_INVALID_PARAMS, "badarg: %.64s is no reason, expected one as `trapexit events` shows "
		    "them: normal, shutdown, kill, {exit,3}, {signal,SIGSEGV}", rq->reason);
	/* Somebody of another installation is nobody here. */
	if (rq->from != NULL)
		cmd.peer = kid_find(d, rq->from);
	if (cmd.peer != CHILD_NONE && tree_view(d->tree, cmd.peer, &v) && v.spec->type == CHILD_SUPERVISOR)
		cmd.peer = CHILD_NONE;
	/* All names first: one that means nobody leaves all as it is. */
	for (i = 0; i < rq->n_names; i++)
		if (choose(p, rq->names[i], err) == -1)
			return -1;
	for (i = 0; i < rq->n_names; i++) {
		int n = choose(p, rq->names[i], err);

		for (k = 0; k < p->n; k++) {
			enum tree_result r;

			cmd.child = p->handles[k];
			if (!p->chosen[k])
				continue;
			r = tree_command(d->tree, &cmd, mono_now(), NULL);
			if (r != RESULT_OK && n == 1 && rq->n_names == 1)
				return failed(d, cmd.child, r, err);
			if (r != RESULT_OK)
				continue;
			*seq = rec_order(d, "exit", p->paths[k], by);
			sent++;
		}
	}
	if (sent == 0)
		return err_set(err, CONTROL_FAILED, "noproc: none of them runs");
	buf_xprintf(result, "{\"done\":%u}", sent);
	return 0;
}

int
ties_request(struct daemon *d, const struct control_request *rq, uint32_t by, struct buf *result, uint64_t *seq,
    struct err *err)
{
	struct places p;
	int r;

	if (rq->method == CONTROL_DEMONITOR)
		return demonitor(d, rq->ref, by, result, seq, err);
	if (rq->method != CONTROL_EXIT)
		return pair(d, rq, by, result, seq, err);
	places_init(d, &p);
	r = send_exit(d, rq, &p, by, result, seq, err);
	places_release(&p);
	return r;
}
