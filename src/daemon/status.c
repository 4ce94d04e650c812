/* What `status` answers; ARCHITECTURE.md, Control, has its shape. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/dynamic.h"
#include "daemon/fresh.h"
#include "daemon/node.h"
#include "daemon/status.h"
#include "daemon/ties.h"
#include "daemon/trapexitd.h"

static const char *const strategy_names[] = {
	[STRATEGY_ONE_FOR_ONE] = "one_for_one",
	[STRATEGY_ONE_FOR_ALL] = "one_for_all",
	[STRATEGY_REST_FOR_ONE] = "rest_for_one",
	[STRATEGY_SIMPLE_ONE_FOR_ONE] = "simple_one_for_one",
};

static const char *const auto_shutdown_names[] = {
	[AUTO_SHUTDOWN_NEVER] = "never",
	[AUTO_SHUTDOWN_ANY_SIGNIFICANT] = "any_significant",
	[AUTO_SHUTDOWN_ALL_SIGNIFICANT] = "all_significant",
};

/* What is asked for. */
struct look {
	const bool *chosen; /* by handle; NULL: all */
	bool sources;
};

/* A monotonic time as wall clock, or null. */
static void
put_time(struct buf *b, const char *name, mono_t at)
{
	if (mono_is_never(at))
		json_put_str(b, name, NULL);
	else
		json_put_int(b, name, wall_ms() + mono_diff_us(at, mono_now()) / US_PER_MS);
}

static void
put_ms(struct buf *b, const char *name, int64_t ms)
{
	if (ms == 0)
		json_put_str(b, name, NULL);
	else
		json_put_int(b, name, ms);
}

static const char *
type_name(const struct child_view *v, child_handle h)
{
	const struct launch *launch;

	if (h == TREE_ROOT || v->spec->type == CHILD_SUPERVISOR)
		return "supervisor";
	launch = config_launch(v->spec);
	if (launch->recorder)
		return "recorder";
	if (launch->events)
		return "events";
	return launch->scraper != NULL ? "scraper" : "child";
}

/* How it is shut in, as its newest incarnation said; or that its configuration forbids it. */
static void
put_sandbox(struct daemon *d, child_handle h, const struct child_view *v, struct buf *b)
{
	const struct freshness *fresh = d->kids[h].fresh;
	const struct launch *l = config_launch(v->spec);
	const struct state *state = fresh == NULL ? NULL : strmap_find(&fresh->states, "sandbox");
	struct json_field value = { .name = "value" };

	if (l == NULL || l->scraper == NULL)
		return;
	if (state != NULL && json_scan(state->line, strlen(state->line), &value, 1) == 0 && value.kind == JSON_OBJECT)
		json_put_raw(b, "sandbox", value.p, value.len);
	else if (!l->scraper->sandbox)
		json_put_raw(b, "sandbox", "{\"mode\":\"off\"}", 14);
	else
		json_put_str(b, "sandbox", NULL);
}

static void
put_worker(struct daemon *d, child_handle h, const struct child_view *v, const struct look *look, struct buf *b)
{
	const struct kid *kid = &d->kids[h];
	char reason[REASON_TEXT_SIZE], *log;
	bool alive = v->state == CHILD_RUNNING || v->state == CHILD_STARTING || v->state == CHILD_STOPPING;

	json_put_str(b, "node", v->token != 0 ? d->nodes[v->node]->name : NULL);
	if (alive && kid->now != NULL && kid->now->pid != 0)
		json_put_uint(b, "pid", kid->now->pid);
	else
		json_put_str(b, "pid", NULL);
	json_put_uint(b, "token", v->token);
	put_time(b, "since", v->since);
	json_put_uint(b, "starts", kid->past_starts + v->starts);
	json_put_uint(b, "restarts", kid->past_restarts + v->restarts);
	json_put_uint(b, "row", v->row);
	put_time(b, "due", v->due);
	json_put_name(b, "last_exit");
	if (v->last.kind == REASON_NONE) {
		buf_xaddstr(b, "null");
	} else {
		buf_xaddc(b, '{');
		json_put_str(b, "reason", reason_text(&v->last, reason));
		put_ms(b, "time", kid->last_exit_ms);
		buf_xaddc(b, '}');
	}
	status_put_places(d, h, v, b);
	log = paths_log_file(d->config, kid->path);
	json_put_str(b, "log", log);
	free(log);
	put_sandbox(d, h, v, b);
	ties_status(d, h, b);
	fresh_status(d, h, look->sources, b);
}

static void
put_supervisor(const struct sup_spec *sup, const struct child_view *v, struct buf *b)
{
	json_put_str(b, "strategy", strategy_names[sup->strategy]);
	if (sup->intensity == INTENSITY_INFINITY)
		json_put_str(b, "intensity", NULL);
	else
		json_put_uint(b, "intensity", sup->intensity);
	json_put_int(b, "period_ms", sup->period_us / US_PER_MS);
	json_put_uint(b, "window", v->window);
	if (sup->intensity == INTENSITY_INFINITY)
		json_put_str(b, "left", NULL);
	else
		json_put_uint(b, "left", v->window < sup->intensity ? sup->intensity - v->window : 0);
	json_put_str(b, "auto_shutdown", auto_shutdown_names[sup->auto_shutdown]);
	if (sup->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE && sup->max_children != 0)
		json_put_uint(b, "max_children", sup->max_children);
	else
		json_put_str(b, "max_children", NULL);
	json_put_uint(b, "restarts", v->restarts);
	put_time(b, "since", v->since);
}

/* What it is to its supervisor. The root has none. */
static void
put_role(struct daemon *d, child_handle h, const struct child_view *v, struct buf *b)
{
	static const char *const restart_names[] = {
		[RESTART_PERMANENT] = "permanent",
		[RESTART_TRANSIENT] = "transient",
		[RESTART_TEMPORARY] = "temporary",
	};

	if (h == TREE_ROOT)
		return;
	json_put_str(b, "restart", restart_names[v->spec->restart]);
	json_put_bool(b, "significant", v->spec->significant);
	json_put_bool(b, "added", dynamic_of_spec(d, v->spec) != NULL);
}

static bool
any_below(struct daemon *d, child_handle h, const bool *chosen)
{
	child_handle c;

	if (chosen == NULL || chosen[h])
		return true;
	for (c = tree_first(d->tree, h); c != CHILD_NONE; c = tree_next(d->tree, c))
		if (any_below(d, c, chosen))
			return true;
	return false;
}

/* Supervisors nest 32 deep at the most, so this recursion is bounded. */
static void
put_child(struct daemon *d, child_handle h, struct look look, struct buf *b)
{
	struct child_view v;
	bool sup;
	child_handle c;

	if (!tree_view(d->tree, h, &v) || !any_below(d, h, look.chosen))
		return;
	sup = h == TREE_ROOT || v.spec->type == CHILD_SUPERVISOR;
	if (b->len > 0 && b->data[b->len - 1] == '}')
		buf_xaddc(b, ',');
	buf_xaddc(b, '{');
	json_put_str(b, "name", d->kids[h].path);
	json_put_str(b, "id", h == TREE_ROOT ? "" : v.spec->id);
	json_put_str(b, "type", type_name(&v, h));
	json_put_str(b, "state", child_state_name(v.state));
	json_put_bool(b, "wanted", v.wanted);
	put_role(d, h, &v, b);
	if (!sup) {
		put_worker(d, h, &v, &look, b);
		buf_xaddc(b, '}');
		return;
	}
	put_supervisor(h == TREE_ROOT ? &d->config->root : v.spec->sup, &v, b);
	put_time(b, "due", v.due);
	json_put_name(b, "children");
	buf_xaddc(b, '[');
	/* Who names a supervisor wants to see what it supervises. */
	if (look.chosen != NULL && look.chosen[h])
		look.chosen = NULL;
	for (c = tree_first(d->tree, h); c != CHILD_NONE; c = tree_next(d->tree, c))
		put_child(d, c, look, b);
	buf_xaddstr(b, "]}");
}

static void
put_daemon(struct daemon *d, struct buf *b)
{
	json_put_name(b, "daemon");
	buf_xaddc(b, '{');
	json_put_int(b, "pid", getpid());
	json_put_str(b, "version", daemon_version());
	json_put_uint(b, "epoch", d->epoch);
	json_put_str(b, "installation", d->installation);
	json_put_int(b, "since", d->since_ms);
	json_put_str(b, "config", d->config_path);
	json_put_str(b, "state_dir", d->config->state_dir);
	json_put_str(b, "log_dir", d->config->log_dir);
	json_put_str(b, "store", d->config->store);
	json_put_str(b, "state", d->stopping ? "stopping" : d->begun ? "running" : "attaching");
	json_put_name(b, "journal");
	buf_xaddc(b, '{');
	json_put_bool(b, "disk_full", d->disk_full);
	json_put_str(b, "error", d->journal_error[0] != '\0' ? d->journal_error : NULL);
	buf_xaddstr(b, "}}");
}

void
status_encode(struct daemon *d, const bool *chosen, bool sources, struct buf *out)
{
	struct buf b = BUF_INIT(0);

	tree_look(d->tree, mono_now());
	buf_xaddc(&b, '{');
	json_put_int(&b, "version", 1);
	put_daemon(d, &b);
	status_put_nodes(d, &b);
	json_put_name(&b, "tree");
	put_child(d, TREE_ROOT, (struct look){ chosen, sources }, &b);
	buf_xaddc(&b, '}');
	buf_xadd(out, b.data, b.len);
	buf_release(&b);
}

static void
collect(struct daemon *d, child_handle sup, const char **paths, child_handle *handles, size_t *n)
{
	struct child_view v;
	child_handle h;

	for (h = tree_first(d->tree, sup); h != CHILD_NONE; h = tree_next(d->tree, h)) {
		if (!tree_view(d->tree, h, &v) || d->kids[h].path == NULL)
			continue;
		paths[*n] = d->kids[h].path;
		handles[(*n)++] = h;
		if (v.spec->type == CHILD_SUPERVISOR)
			collect(d, h, paths, handles, n);
	}
}

size_t
status_paths(struct daemon *d, const char ***paths, child_handle **handles)
{
	size_t n = 0;

	*paths = xcalloc(d->n_kids, sizeof(**paths));
	*handles = xcalloc(d->n_kids, sizeof(**handles));
	collect(d, TREE_ROOT, *paths, *handles, &n);
	return n;
}
