/*
 * The tree as a whole: making one, looking at it, and its words.
 */
#include "config.h"

#include "core/supervisor.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "core/tree.h"
#include "core/validate.h"

struct tree *
tree_new(const struct sup_spec *root, uint32_t epoch, uint64_t seed, struct err *err)
{
	struct tree *t;
	struct child *c;
	struct child *below;
	size_t i;

	if (validate_sup(root, 0, err) == -1)
		return NULL;
	t = xcalloc(1, sizeof(*t));
	t->free = t->gone = t->waiters_free = NONE;
	t->gained = t->news = t->review = t->places_free = t->places_waiting = t->places_last = NONE;
	t->timers_until = (mono_t){ INT64_MIN };
	t->next_token = (uint64_t)epoch << 32 | 1;
	t->ties_free = NONE;
	t->next_ref = t->next_token;
	t->random = hash_u64(seed);
	t->root_spec = (struct child_spec){ .id = "", .type = CHILD_SUPERVISOR, .sup = root,
		.shutdown_ms = SHUTDOWN_INFINITY };
	node_reserve(t, 0);
	t->nodes[0].up = true;
	c = child_new(t, &t->root_spec, CHILD_NONE);
	for (i = 0; root->strategy != STRATEGY_SIMPLE_ONE_FOR_ONE && i < root->n_children; i++) {
		below = child_add(t, root->children[i], c->sup);
		child_set(below, CF_STATIC);
	}
	links_resolve(t);
	return t;
}

void
tree_free(struct tree *t)
{
	uint32_t h;

	if (t == NULL)
		return;
	for (h = 0; h < t->size; h++)
		sup_free(child_of(t, h)->sup);
	for (h = 0; h < t->n_chunks; h++)
		free(t->chunks[h]);
	free(t->chunks);
	timers_release(&t->timers);
	index_release(&t->tokens);
	index_release(&t->ids);
	free(t->ring.slots);
	free(t->waiters);
	free(t->deferred);
	free(t->nodes);
	free(t->ties);
	free(t->wants);
	free(t->bans);
	places_release(t);
	free(t->wanted);
	free(t);
}

void
tree_look(struct tree *t, mono_t now)
{
	if (mono_before(t->now, now))
		t->now = now;
}

void
tree_enter(struct tree *t, mono_t now)
{
	tree_look(t, now);
	children_reclaim(t);
}

mono_t
tree_deadline(const struct tree *t)
{
	return timers_due(&t->timers);
}

uint32_t
tree_size(const struct tree *t)
{
	return t->size;
}

/* NULL for a handle that is free. */
static const struct child *
known(const struct tree *t, child_handle h)
{
	const struct child *c = h < t->size ? child_of(t, h) : NULL;

	return c != NULL && c->spec != NULL ? c : NULL;
}

bool
tree_view(const struct tree *t, child_handle h, struct child_view *out)
{
	const struct child *c = known(t, h);

	if (c == NULL)
		return false;
	memset(out, 0, sizeof(*out));
	out->spec = c->spec;
	out->parent = c->parent;
	out->state = (enum child_state)c->state;
	out->wanted = child_is(c, CF_WANTED);
	out->token = c->token;
	out->node = c->node;
	out->since = c->since;
	out->due = c->state == CHILD_RESTARTING ? c->due : MONO_NEVER;
	out->starts = c->starts;
	out->restarts = c->restarts;
	out->last = c->last;
	out->end_is_known = child_is(c, CF_SIGNALLED);
	out->traps = child_is(c, CF_TRAPS);
	out->killed = c->state == CHILD_STOPPING && child_is(c, CF_KILLED);
	out->waits_for_node = child_is(c, CF_WAIT_NODE);
	out->row = c->row;
	out->birth = c->birth;
	if (c->sup != NULL)
		out->window = window_count(&c->sup->window, t->now, c->sup->spec->period_us);
	return true;
}

uint32_t
tree_births(const struct tree *t)
{
	return t->births;
}

child_handle
tree_first(const struct tree *t, child_handle sup)
{
	const struct child *c = known(t, sup);

	return c != NULL && c->sup != NULL && !child_is(c, CF_GONE) ? c->sup->first : CHILD_NONE;
}

child_handle
tree_next(const struct tree *t, child_handle h)
{
	const struct child *c = known(t, h);

	return c != NULL && !child_is(c, CF_GONE) ? c->next : CHILD_NONE;
}

bool
tree_is_before(const struct tree *t, child_handle a, child_handle b)
{
	const struct child *x = child_of(t, a), *y = child_of(t, b);
	unsigned x_depth = depth_of(t, x), y_depth = depth_of(t, y), x_own = x_depth, y_own = y_depth;

	for (; x_depth > y_depth; x_depth--)
		x = child_of(t, x->parent);
	for (; y_depth > x_depth; y_depth--)
		y = child_of(t, y->parent);
	if (x == y)
		return x_own < y_own;
	while (x->parent != y->parent) {
		x = child_of(t, x->parent);
		y = child_of(t, y->parent);
	}
	return x->ord < y->ord;
}

child_handle
tree_find(const struct tree *t, child_handle sup, const char *id)
{
	return id_find(t, sup, id);
}

const char *
child_state_name(enum child_state s)
{
	static const char *const names[] = { "undefined", "starting", "running", "stopping", "restarting" };

	_Static_assert(ARRAY_LEN(names) == CHILD_RESTARTING + 1, "a name for each state");
	return (size_t)s < ARRAY_LEN(names) ? names[s] : "unknown";
}

const char *
tree_result_name(enum tree_result r)
{
	static const char *const names[] = { "ok", "already_started", "already_present", "not_found", "running",
		"restarting", "start_error", "noproc", "ordered", "escalated", "init_failed", "invalid", "undefined",
		"no_node", "simple_one_for_one", "max_children", "badarg", "not_running", "already_running",
		"nodedown", "not_permitted" };

	_Static_assert(ARRAY_LEN(names) == RESULT_NOT_PERMITTED + 1, "a name for each result");
	return (size_t)r < ARRAY_LEN(names) ? names[r] : "unknown";
}

const char *
tree_report_name(enum tree_report r)
{
	static const char *const names[] = { "progress", "child_terminated", "start_error", "shutdown_error",
		"shutdown", "escalated", "cool_down", "stopped", "no_node", "node_sick" };

	_Static_assert(ARRAY_LEN(names) == REPORT_NODE_SICK + 1, "a name for each report");
	return (size_t)r < ARRAY_LEN(names) ? names[r] : "unknown";
}
