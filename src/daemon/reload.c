/*
 * A changed configuration (S85, architecture 8): read it whole, say what would
 * be done, then do it. A file with an error changes nothing.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "conf/plan.h"
#include "daemon/dynamic.h"
#include "daemon/fresh.h"
#include "daemon/node.h"
#include "os/notify.h"

/* What is warned of in the new configuration: a list of lines. */
static void
put_warnings(const char *text, struct buf *b)
{
	bool first = true;
	size_t n;

	json_put_name(b, "warnings");
	buf_xaddc(b, '[');
	for (; text != NULL && *text != '\0'; text += n + (text[n] == '\n')) {
		n = strcspn(text, "\n");
		if (!first)
			buf_xaddc(b, ',');
		first = false;
		json_put_stringn(b, text, n);
	}
	buf_xaddc(b, ']');
}

static void
encode(const struct plan *plan, bool done, const char *warnings, struct buf *out)
{
	struct buf b = BUF_INIT(0);
	size_t i;

	buf_xaddc(&b, '{');
	json_put_int(&b, "version", 1);
	json_put_bool(&b, "done", done);
	for (i = 0; i < PLAN_KINDS; i++)
		json_put_uint(&b, plan_kind_name((enum plan_kind)i), plan->counts[i]);
	json_put_name(&b, "plan");
	buf_xaddc(&b, '[');
	for (i = 0; i < plan->n; i++) {
		if (plan->v[i].kind == PLAN_KEEP)
			continue;
		buf_xaddstr(&b, b.data[b.len - 1] == '[' ? "{" : ",{");
		json_put_str(&b, "action", plan_kind_name(plan->v[i].kind));
		json_put_str(&b, "name", plan->v[i].path);
		json_put_str(&b, "reason", plan->v[i].reason);
		buf_xaddc(&b, '}');
	}
	buf_xaddc(&b, ']');
	put_warnings(warnings, &b);
	buf_xaddc(&b, '}');
	buf_xadd(out, b.data, b.len);
	buf_release(&b);
}

/* The supervisor above a path; CHILD_NONE if it is not there. */
static child_handle
parent_of(struct daemon *d, const char *path)
{
	const char *slash = strrchr(path, '/');
	child_handle h;
	char *above;

	if (slash == NULL)
		return TREE_ROOT;
	above = xstrndup(path, (size_t)(slash - path));
	h = kid_find(d, above);
	free(above);
	return h;
}

static void
warn_result(const char *what, const char *path, enum tree_result result)
{
	if (result != RESULT_OK)
		log_warnx("reload: %s %s: %s", what, path, tree_result_name(result));
}

/* What was wished of an earlier child of this path is not wished of the new one, nor of those below it. */
static void
forget_wishes(struct daemon *d, child_handle h, uint32_t by)
{
	child_handle c;

	rec_wish(d, d->kids[h].path, false, by);
	for (c = tree_first(d->tree, h); c != CHILD_NONE; c = tree_next(d->tree, c))
		forget_wishes(d, c, by);
}

static void apply_remove(struct daemon *d, const struct plan_entry *e);

static enum tree_result
add_child(struct daemon *d, const char *path, const struct child_spec *spec)
{
	struct tree_command cmd = { .type = CMD_ADD, .child = parent_of(d, path), .spec = spec };
	enum tree_result result = RESULT_NOT_FOUND;
	child_handle h = CHILD_NONE;

	/* S76: as if it were still there. */
	if (inc_orphan(d, path) != NULL)
		return RESULT_ALREADY_STARTED;
	if (cmd.child != CHILD_NONE)
		result = tree_command(d->tree, &cmd, mono_now(), &h);
	if (result == RESULT_OK && h != CHILD_NONE) {
		kids_add(d, h, path);
		forget_wishes(d, h, (uint32_t)getuid());
	}
	return result;
}

/* Is the child of this path, or one above it, still to be added? */
static bool
is_late(const struct daemon *d, const char *path)
{
	size_t i, n;

	for (i = 0; i < d->late_adds.n; i++) {
		n = strlen(d->late_adds.v[i]);
		if (strncmp(path, d->late_adds.v[i], n) == 0 && (path[n] == '\0' || path[n] == '/'))
			return true;
	}
	return false;
}

/*
 * A child whose place is still taken by one that is on its way out (it was of
 * another type, or removed by the last reload) is added when that one is gone.
 */
static void
apply_add(struct daemon *d, const struct plan_entry *e)
{
	enum tree_result result;

	/* One that was added by hand and is of another type. */
	if (dynamic_at(d, kid_find(d, e->path)) != NULL)
		apply_remove(d, e);
	result = add_child(d, e->path, e->new);

	if (result == RESULT_NOT_FOUND && is_late(d, e->path))
		return; /* it comes with its supervisor */
	if (result == RESULT_ALREADY_STARTED && kid_find(d, e->path) == CHILD_NONE) {
		log_debug("reload: add %s: when the one before it is gone", e->path);
		strvec_push(&d->late_adds, e->path);
	} else {
		warn_result("add", e->path, result);
	}
}

static void
add_late(struct daemon *d)
{
	struct strvec due = d->late_adds;
	const struct child_spec *spec;
	enum tree_result result;
	size_t i;

	d->late_adds = (struct strvec)STRVEC_INIT;
	for (i = 0; i < due.n; i++) {
		/* As it is configured now, if it still is. */
		if ((spec = config_find(d->config, due.v[i])) == NULL || d->stopping)
			continue;
		result = add_child(d, due.v[i], spec);
		if (result == RESULT_ALREADY_STARTED)
			strvec_push(&d->late_adds, due.v[i]);
		else if (result != RESULT_ALREADY_PRESENT)
			warn_result("add", due.v[i], result);
		daemon_drain(d);
	}
	strvec_release(&due);
}

/* What a kid keeps from its spec is made anew from the next one. */
static void
forget_spec(struct daemon *d, struct kid *kid)
{
	kid->spec = 0;
	if (kid->log != NULL)
		journal_log_file_free(d->journal, kid->log);
	kid->log = NULL;
}

/* Is this the template of a simple_one_for_one? It is no child itself, but its instances have it from now on. */
static bool
change_template(struct daemon *d, const char *path)
{
	child_handle sup = parent_of(d, path);

	if (sup == CHILD_NONE || sup == TREE_ROOT || !sup_is_simple(d, sup))
		return false;
	dynamic_new_template(d, sup);
	return true;
}

static void
apply_change(struct daemon *d, const struct plan_entry *e)
{
	child_handle h = kid_find(d, e->path);
	struct child_spec root = { .id = "", .type = CHILD_SUPERVISOR, .sup = &d->config->root };
	struct tree_command cmd = { .type = CMD_CHANGE, .child = h, .spec = h == TREE_ROOT ? &root : e->new };
	enum tree_result result = RESULT_NOT_FOUND;

	struct dynamic *dyn = dynamic_at(d, h);

	if (h == CHILD_NONE && (is_late(d, e->path) || change_template(d, e->path)))
		return;
	if (h != CHILD_NONE)
		result = tree_command(d->tree, &cmd, mono_now(), NULL);
	/* What is kept and is not there was deleted, or has ended for good. */
	if (result != RESULT_NOT_FOUND || (e->kind != PLAN_KEEP && e->new->restart != RESTART_TEMPORARY))
		warn_result("change", e->path, result);
	if (result == RESULT_OK && dyn != NULL)
		dynamic_hand_over(d, dyn);
	if (result != RESULT_OK || e->kind == PLAN_KEEP)
		return;
	forget_spec(d, &d->kids[h]);
	fresh_configure(d, h);
	if (e->kind == PLAN_RESTART && d->kids[h].now != NULL)
		tree_command(d->tree, &(struct tree_command){ .type = CMD_RESTART, .child = h }, mono_now(), NULL);
	else
		hang_watch(d, h);
}

static void
mark_removed(struct daemon *d, child_handle h)
{
	child_handle c;

	d->kids[h].removed = true;
	/* Another child may get this path before this one is gone. */
	strmap_remove(&d->by_path, d->kids[h].path);
	for (c = tree_first(d->tree, h); c != CHILD_NONE; c = tree_next(d->tree, c))
		mark_removed(d, c);
}

static void
apply_remove(struct daemon *d, const struct plan_entry *e)
{
	child_handle h = kid_find(d, e->path);
	enum tree_result result;

	if (h == CHILD_NONE)
		return;
	mark_removed(d, h);
	d->sweep = true;
	result = tree_command(d->tree, &(struct tree_command){ .type = CMD_REMOVE, .child = h }, mono_now(), NULL);
	/* A temporary child that has ended is gone already. */
	if (result != RESULT_NOT_FOUND || (e->old != NULL && e->old->restart != RESTART_TEMPORARY))
		warn_result("remove", e->path, result);
}

/* A node that has room for more may have children waiting for it (S115). */
static void
apply_capacities(struct daemon *d)
{
	uint32_t i;

	for (i = 0; i < d->n_nodes; i++) {
		const struct node *n = d->nodes[i];
		struct tree_event ev = { .type = TREE_NODE_UP, .node = i, .capacity = n->conf->capacity };
		struct node_view v;

		if (n->state == NODE_UP && tree_node(d->tree, i, &v) && v.up && v.capacity != ev.capacity)
			daemon_event(d, &ev);
	}
}

static bool
is_listed(const struct child_spec *spec, uint32_t node)
{
	uint32_t i;

	for (i = 0; i < spec->n_nodes; i++)
		if (spec->nodes[i].node == node)
			return true;
	return spec->n_nodes == 0;
}

/* A child that runs where its list does not allow it any more is started anew, by its list. */
void
reload_leave_unlisted(struct daemon *d)
{
	struct child_view v;
	child_handle h;

	for (h = 1; h < d->n_kids; h++) {
		if (d->kids[h].path == NULL || d->kids[h].removed || !tree_view(d->tree, h, &v) ||
		    v.spec->type != CHILD_WORKER || (v.state != CHILD_RUNNING && v.state != CHILD_STARTING) ||
		    is_listed(v.spec, v.node))
			continue;
		log_info("child %s: leaves node %s, which its list does not have", d->kids[h].path, d->nodes[v.node]->name);
		tree_command(d->tree, &(struct tree_command){ .type = CMD_RESTART, .child = h }, mono_now(), NULL);
		daemon_drain(d);
	}
}

static void
apply(struct daemon *d, const struct plan *plan, struct config *config)
{
	size_t i;

	d->old_configs = xreallocarray(d->old_configs, d->n_old_configs + 1, sizeof(*d->old_configs));
	d->old_configs[d->n_old_configs++] = d->config;
	d->config = config;
	d->sweep = true;
	nodes_apply(d, config);
	dynamic_place(d);
	for (i = 0; i < plan->n; i++) {
		const struct plan_entry *e = &plan->v[i];

		switch (e->kind) {
		case PLAN_SETTING:
			break;
		case PLAN_LATER:
			log_warnx("reload: %s; this applies when trapexitd is started the next time", e->reason);
			break;
		case PLAN_REMOVE:
			apply_remove(d, e);
			break;
		case PLAN_ADD:
			apply_add(d, e);
			break;
		case PLAN_RESTART:
		case PLAN_CHANGE:
		case PLAN_KEEP:
			apply_change(d, e);
			break;
		case PLAN_KINDS:
			break;
		}
		daemon_drain(d);
	}
	apply_capacities(d);
	reload_leave_unlisted(d);
}

void
reload_sweep(struct daemon *d)
{
	struct child_view v;
	child_handle h;
	bool left = false;
	size_t i;

	if (d->late_adds.n > 0)
		add_late(d);
	for (h = 1; h < d->n_kids; h++) {
		if (d->kids[h].path == NULL || !d->kids[h].removed)
			continue;
		if (tree_view(d->tree, h, &v))
			left = true;
		else
			kid_remove(d, h);
	}
	if (left || d->late_adds.n > 0)
		return;
	d->sweep = false;
	for (i = 0; i < d->n_old_configs; i++)
		config_unref(d->old_configs[i]);
	d->n_old_configs = 0;
}

static struct config *
load(struct daemon *d, struct buf *warnings, struct err *err)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_load(d->config_path, &errors);

	if (c == NULL) {
		if (errors.text.len > 0 && errors.text.data[errors.text.len - 1] == '\n')
			errors.text.data[errors.text.len - 1] = '\0';
		err_set(err, 0, "nothing was changed:\n%s", errors.text.data != NULL ? errors.text.data : d->config_path);
	} else if (errors.text.len > 0) {
		log_warnx("reload: %s", errors.text.data);
		buf_xadd(warnings, errors.text.data, errors.text.len);
	}
	buf_release(&errors.text);
	return c;
}

int
reload(struct daemon *d, bool only_plan, uint32_t by, struct buf *out, struct err *err)
{
	struct buf warnings = BUF_INIT(0);
	struct config *config;
	struct plan *plan;

	if (d->stopping || !d->begun)
		return err_set(err, 0, d->stopping ? "trapexitd is stopping" : "trapexitd is still starting");
	notify_send("RELOADING=1");
	config = load(d, &warnings, err);
	if (config == NULL) {
		buf_release(&warnings);
		rec_reload(d, 0, 0, 0, err->msg, by);
		notify_send("READY=1");
		return -1;
	}
	config_keep_places(config, d->config);
	plan = plan_make(d->config, config);
	nodes_amend_plan(d, plan, config);
	dynamic_amend_plan(d, plan);
	encode(plan, !only_plan, warnings.data, out);
	buf_release(&warnings);
	if (only_plan) {
		config_unref(config);
	} else {
		rec_reload(d, (unsigned)plan->counts[PLAN_ADD], (unsigned)plan->counts[PLAN_REMOVE],
		    (unsigned)(plan->counts[PLAN_CHANGE] + plan->counts[PLAN_RESTART]), NULL, by);
		log_info("reload: %zu added, %zu removed, %zu restarted, %zu changed", plan->counts[PLAN_ADD],
		    plan->counts[PLAN_REMOVE], plan->counts[PLAN_RESTART], plan->counts[PLAN_CHANGE]);
		apply(d, plan, config);
	}
	plan_free(plan);
	notify_send("READY=1");
	return 0;
}
