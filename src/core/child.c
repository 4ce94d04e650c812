/*
 * Records of children and supervisors: where they stand, what they are, and
 * the counters that make questions about siblings cheap.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "core/tree.h"

static child_handle
handle_alloc(struct tree *t)
{
	child_handle h = t->free;

	if (h != NONE) {
		t->free = child_of(t, h)->next;
		return h;
	}
	if (t->size == t->n_chunks * CHUNK_SIZE) {
		t->chunks = xreallocarray(t->chunks, t->n_chunks + 1, sizeof(struct child *));
		t->chunks[t->n_chunks++] = xcalloc(CHUNK_SIZE, sizeof(struct child));
		/* Doubling, so that adding one child after the other stays cheap. */
		index_reserve(&t->tokens, t->n_chunks * CHUNK_SIZE);
		index_reserve(&t->ids, t->n_chunks * CHUNK_SIZE);
		timers_reserve(&t->timers, t->tokens.cap);
	}
	return t->size++;
}

static uint32_t
id_hash(child_handle sup, const char *id, size_t n)
{
	return (uint32_t)hash_u64(hash_bytes(id, n) ^ hash_u64(sup));
}

child_handle
id_findn(const struct tree *t, child_handle sup, const char *id, size_t n)
{
	child_handle h = index_first(&t->ids, id_hash(sup, id, n));

	for (; h != INDEX_END; h = index_next(&t->ids, h)) {
		const struct child *c = child_of(t, h);

		if (c->parent == sup && strncmp(c->spec->id, id, n) == 0 && c->spec->id[n] == '\0')
			return h;
	}
	return CHILD_NONE;
}

child_handle
id_find(const struct tree *t, child_handle sup, const char *id)
{
	return id_findn(t, sup, id, strlen(id));
}

struct child *
child_new(struct tree *t, const struct child_spec *spec, child_handle parent)
{
	child_handle h = handle_alloc(t);
	struct child *c = child_of(t, h);

	memset(c, 0, sizeof(*c));
	c->spec = spec;
	c->self = h;
	c->birth = ++t->births;
	c->parent = parent;
	c->prev = c->next = NONE;
	c->waiters = c->ties = NONE;
	c->target = c->wait_prev = c->wait_next = NONE;
	c->places = NONE;
	c->due = MONO_NEVER;
	c->since = t->now;
	c->state = CHILD_UNDEFINED;
	if (!spec->stopped)
		child_set(c, CF_WANTED);
	if (spec->sup != NULL)
		c->sup = sup_new(t, spec->sup, h);
	else
		places_join(t, c);
	links_note_child(t, c);
	return c;
}

struct child *
child_add(struct tree *t, const struct child_spec *spec, struct sup *parent)
{
	struct child *c = child_new(t, spec, parent->self), *below;
	size_t i;

	child_append(t, parent, c);
	index_put(&t->ids, id_hash(parent->self, spec->id, strlen(spec->id)), c->self);
	/* A simple_one_for_one starts with nothing (S6). */
	if (c->sup == NULL || c->sup->spec->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE)
		return c;
	for (i = 0; i < c->sup->spec->n_children; i++) {
		below = child_add(t, c->sup->spec->children[i], c->sup);
		child_set(below, CF_STATIC);
	}
	return c;
}

static void
renumber(struct tree *t, struct sup *s)
{
	child_handle h;

	s->next_ord = 0;
	for (h = s->first; h != NONE; h = child_of(t, h)->next)
		child_of(t, h)->ord = s->next_ord++;
}

void
child_append(struct tree *t, struct sup *s, struct child *c)
{
	if (s->next_ord == NONE)
		renumber(t, s);
	c->ord = s->next_ord++;
	c->prev = s->last;
	c->next = NONE;
	if (s->last != NONE)
		child_of(t, s->last)->next = c->self;
	else
		s->first = c->self;
	s->last = c->self;
	s->n_children++;
}

void
child_unlink(struct tree *t, struct child *c)
{
	struct sup *s = sup_of(t, c);

	if (s->cursor == c->self) {
		s->cursor = s->phase == SUP_STARTING ? c->next : c->prev;
		s->ordered = false;
	}
	if (s->leader == c->self)
		s->leader = NONE;
	if (c->prev != NONE)
		child_of(t, c->prev)->next = c->next;
	else
		s->first = c->next;
	if (c->next != NONE)
		child_of(t, c->next)->prev = c->prev;
	else
		s->last = c->prev;
	c->prev = c->next = NONE;
	s->n_children--;
}

void
child_remove(struct tree *t, struct child *c)
{
	while (c->sup != NULL && c->sup->first != NONE)
		child_remove(t, child_of(t, c->sup->first));
	if (child_is_live(c)) {
		/* Told to end already, under a supervisor that is down: nobody is left to wait for it. */
		action_push(t, TREE_ACT_KILL, c);
		token_clear(t, c);
		links_fire(t, c, &(struct exit_reason){ REASON_KILLED, 0, STEP_NONE, false });
	}
	links_drop(t, c);
	child_become(t, c, CHILD_UNDEFINED);
	waiters_answer(t, c, false, RESULT_OK);
	waiters_answer(t, c, true, RESULT_NOT_FOUND);
	child_unlink(t, c);
	index_remove(&t->ids, c->self);
	child_clear(c, CF_WANTED);
	bans_drop(t, c);
	places_leave(t, c);
	child_set(c, CF_GONE);
	c->next = t->gone;
	t->gone = c->self;
}

/* Records that were removed are kept for one call, so that their reports still have a name. */
void
children_reclaim(struct tree *t)
{
	if (t->run_first != NULL || t->ring.n > 0)
		return; /* not drained yet */
	while (t->gone != NONE) {
		struct child *c = child_of(t, t->gone);

		t->gone = c->next;
		sup_free(c->sup);
		c->sup = NULL;
		c->spec = NULL;
		c->next = t->free;
		t->free = c->self;
	}
}

/* Add c to its supervisor's counters, or take it out (by = -1). */
static void
count(struct tree *t, const struct child *c, int by)
{
	struct sup *s;

	if (c->parent == CHILD_NONE)
		return;
	s = sup_of(t, c);
	if (child_is_live(c))
		s->live[child_is(c, CF_LAST)] += (uint32_t)by;
	if (c->spec->significant && (child_is_live(c) || c->state == CHILD_RESTARTING))
		s->significant += (uint32_t)by;
}

/* S122: whoever stayed up for long enough begins a new row. */
static void
forget_row(struct child *c, mono_t now)
{
	if (c->spec->backoff.enabled && mono_diff_us(now, c->since) >= c->spec->backoff.reset_after_us)
		c->row = 0;
}

void
child_become(struct tree *t, struct child *c, enum child_state state)
{
	if (c->state == CHILD_RUNNING)
		forget_row(c, t->now);
	if (child_is(c, CF_WAIT_NODE))
		wait_leave(t, c);
	child_set_due(t, c, MONO_NEVER);
	count(t, c, -1);
	/* Kept while it lives: a change of spec must not move it out of a walk that has passed it. */
	if (!child_is_live(c))
		c->flags = c->spec->stop_last ? c->flags | CF_LAST : c->flags & ~(uint32_t)CF_LAST;
	c->state = (uint8_t)state;
	c->since = t->now;
	count(t, c, 1);
	t->redo = t->n_deferred > 0;
	if (c->parent != CHILD_NONE)
		sup_wake(t, sup_of(t, c));
	if (state == CHILD_RUNNING)
		links_join(t, c);
}

void
child_set_due(struct tree *t, struct child *c, mono_t due)
{
	c->due = due;
	timers_set(&t->timers, c->self, due);
}

/* It waits, and may not have to any more: all its nodes are asked. */
static void
ask_nodes(struct tree *t, const struct child *c)
{
	uint32_t i;

	node_gain(t, c->node);
	for (i = 0; i < c->spec->n_nodes; i++) {
		if (c->spec->nodes[i].node < t->n_nodes)
			node_gain(t, c->spec->nodes[i].node);
	}
}

/* From now on c has the list of nodes of its spec, also if it waits. (With the same list it keeps its place in the queue.) */
static void
set_places(struct tree *t, struct child *c)
{
	bool waits = child_is(c, CF_WAIT_NODE);

	if (!places_join(t, c) || !waits)
		return;
	child_set_due(t, c, MONO_NEVER);
	wait_enter(t, c, c->places == NONE);
	ask_nodes(t, c);
}

void
child_set_spec(struct tree *t, struct child *c, const struct child_spec *spec)
{
	bool last = c->spec->stop_last;

	count(t, c, -1);
	/* The id is the same by its letters, but lives in the new spec. */
	c->spec = spec;
	count(t, c, 1);
	links_note_spec(t, c);
	if (c->sup != NULL)
		sup_set_spec(c->sup, spec->sup);
	else
		set_places(t, c);
	if (spec->stop_last == last)
		return;
	/* It may stay where others may not (S118), or no longer. */
	review_begin(t);
	ask_nodes(t, c);
}

/* Tokens are numbered one after the other: as they are they fall into all buckets evenly. */
static uint32_t
token_hash(uint64_t token)
{
	return (uint32_t)token;
}

void
token_set(struct tree *t, struct child *c, uint64_t token)
{
	c->token = token;
	node_load(t, c->node, 1);
	index_put(&t->tokens, token_hash(token), c->self);
	if (token >= t->next_token)
		t->next_token = token + 1;
}

void
token_clear(struct tree *t, struct child *c)
{
	index_remove(&t->tokens, c->self);
	node_load(t, c->node, -1);
}

child_handle
tree_by_token(const struct tree *t, uint64_t token)
{
	child_handle h = index_first(&t->tokens, token_hash(token));

	while (h != INDEX_END && child_of(t, h)->token != token)
		h = index_next(&t->tokens, h);
	return h;
}

struct sup *
sup_new(struct tree *t, const struct sup_spec *spec, child_handle self)
{
	struct sup *s = xcalloc(1, sizeof(*s));

	s->spec = spec;
	s->self = self;
	s->first = s->last = s->cursor = s->leader = NONE;
	window_init(&s->window, spec->intensity);
	s->episodes = xcalloc(t->nodes_cap, sizeof(*s->episodes));
	return s;
}

void
sup_free(struct sup *s)
{
	if (s == NULL)
		return;
	window_release(&s->window);
	free(s->episodes);
	free(s);
}

void
sup_set_spec(struct sup *s, const struct sup_spec *spec)
{
	s->spec = spec;
	window_resize(&s->window, spec->intensity);
}

/* Up, or on its way there: its children may run. */
bool
sup_is_up(const struct sup *s)
{
	return s->phase == SUP_IDLE || s->phase == SUP_STARTING || s->phase == SUP_TEARDOWN;
}

void
sup_wake(struct tree *t, struct sup *s)
{
	if (s->queued || (s->phase != SUP_STARTING && s->phase != SUP_TEARDOWN && s->phase != SUP_ENDING))
		return;
	s->queued = true;
	s->run_next = NULL;
	if (t->run_last != NULL)
		t->run_last->run_next = s;
	else
		t->run_first = s;
	t->run_last = s;
}
