/*
 * What the daemon keeps of children that were added and deleted at run time, as
 * src/daemon/dynamic.c and dynamic_recall.c do; and call.c, for what answers mean.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim.h"

void
dynamic_init(struct daemon *d)
{
	struct world *w = d->w;
	uint32_t i;

	d->listed = sim_alloc(w, w->cap_kids * sizeof(*d->listed));
	d->dynamic = sim_alloc(w, w->cap_kids * sizeof(*d->dynamic));
	d->removed = sim_alloc(w, w->cap_kids * sizeof(*d->removed));
	d->numbers = sim_alloc(w, w->cap_kids * sizeof(*d->numbers));
	d->deleted = sim_alloc(w, w->cap_kids * sizeof(*d->deleted));
	d->late = sim_alloc(w, w->cap_kids * sizeof(*d->late));
	for (i = 1; i < w->n_kids; i++) {
		d->listed[i] = w->kids[i].listed != NULL ? &w->kids[i].listed->spec : NULL;
		if (d->listed[i] != NULL)
			w->kids[i].spec = d->listed[i];
	}
}

bool
is_instance(const struct kid *k)
{
	return k->template != NULL;
}

bool
is_simple(const struct kid *sup)
{
	return sup->is_sup && sup->sup->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
}

child_handle
kid_handle(const struct daemon *d, const struct kid *k)
{
	child_handle h = tree_find_kid(d, k);
	struct child_view v;

	if (h == CHILD_NONE || h == TREE_ROOT)
		return h;
	return tree_view(d->tree, h, &v) && v.birth != d->removed[k->index] ? h : CHILD_NONE;
}

/* Additions. */

static const struct child_spec *
template_of(struct daemon *d, const struct kid *sup)
{
	struct child_view v;
	child_handle h = tree_find_kid(d, sup);

	return h != CHILD_NONE && tree_view(d->tree, h, &v) ? v.spec->sup->children[0] : NULL;
}

const struct child_spec *
dynamic_spec(struct daemon *d, const struct kid *k)
{
	const struct child_spec *template;
	struct listing *l;

	if (!is_instance(k))
		return file_copy(d->w, k);
	if ((template = template_of(d, &d->w->kids[k->parent])) == NULL)
		return NULL;
	l = sim_alloc(d->w, sizeof(*l));
	l->program = file_program(template);
	l->spec = *template;
	l->spec.id = k->id;
	l->spec.user = (void *)(uintptr_t)k;
	return &l->spec;
}

struct kid *
dynamic_instance(struct daemon *d, const struct kid *sup)
{
	struct world *w = d->w;
	const struct kid *template = sup + 1;
	const char *id = sim_printf(w, "%s:%ju", template->id, (uintmax_t)++d->numbers[sup->index]);
	struct kid *k = strmap_find(&w->by_path, sim_printf(w, "%s/%s", sup->path, id));

	if (k != NULL)
		return k;
	k = family_kid(w, sup->index, id, false);
	k->template = template;
	k->behaves = template->behaves;
	return k;
}

/* The number of one that never came to be is free. */
static void
give_back_number(struct daemon *d, const struct kid *k)
{
	uint64_t *last = &d->numbers[k->parent];

	if (is_instance(k) && strtoull(strchr(k->id, ':') + 1, NULL, 10) == *last)
		--*last;
}

static void
set(struct daemon *d, struct kid *k, const struct child_spec *spec, child_handle h)
{
	struct dynamic *dyn = &d->dynamic[k->index];
	struct child_view v;

	d->n_dynamic += dyn->spec == NULL;
	*dyn = (struct dynamic){ .spec = spec, .birth = h != CHILD_NONE && tree_view(d->tree, h, &v) ? v.birth : 0 };
	k->spec = spec;
}

static uint64_t
drop(struct daemon *d, const struct kid *k)
{
	struct dynamic *dyn = &d->dynamic[k->index];
	uint64_t seq = dyn->seq != 0 ? rec_child(d, "removed", k, false) : 0;

	*dyn = (struct dynamic){ .spec = NULL };
	d->n_dynamic--;
	return seq;
}

void
dynamic_there(struct daemon *d, const struct request *r, child_handle h)
{
	set(d, &d->w->kids[r->kid], r->spec, h);
}

bool
dynamic_is_there(const struct daemon *d, const struct kid *k)
{
	child_handle h = tree_find_kid(d, k);
	struct child_view v;

	return d->dynamic[k->index].spec != NULL && h != CHILD_NONE && tree_view(d->tree, h, &v) &&
	    v.birth == d->dynamic[k->index].birth;
}

void
dynamic_check(struct daemon *d, struct kid *k)
{
	if (d->dynamic[k->index].spec != NULL && !dynamic_is_there(d, k))
		drop(d, k);
}

void
dynamic_hand_over(struct daemon *d, const struct kid *k)
{
	drop(d, k);
}

static void
bring_back(struct daemon *d, const struct kid *k)
{
	d->deleted[k->index] = false;
	d->n_deleted--;
	rec_child(d, "added", k, true);
}

static bool
is_as_listed(const struct daemon *d, const struct kid *k)
{
	child_handle h = kid_handle(d, k);
	struct child_view v;

	return h != CHILD_NONE && tree_view(d->tree, h, &v) && v.spec == d->listed[k->index];
}

/* S55: a supervisor that begins anew has lost its additions, and has back what was deleted. */
void
dynamic_sweep(struct daemon *d)
{
	struct world *w = d->w;
	uint32_t i;

	for (i = 1; d->n_dynamic + d->n_deleted > 0 && i < w->n_kids; i++) {
		dynamic_check(d, &w->kids[i]);
		if (d->deleted[i] && is_as_listed(d, &w->kids[i]))
			bring_back(d, &w->kids[i]);
	}
}

void
dynamic_new_template(struct daemon *d, const struct kid *sup)
{
	struct tree_command cmd = { .type = CMD_CHANGE };
	struct world *w = d->w;
	uint32_t i;

	for (i = sup->index + 2; i < w->n_kids; i++) {
		struct kid *k = &w->kids[i];

		if (k->parent != sup->index || !dynamic_is_there(d, k))
			continue;
		k->spec = d->dynamic[i].spec = cmd.spec = dynamic_spec(d, k);
		cmd.child = tree_find_kid(d, k);
		daemon_command(d, &cmd, NULL);
	}
}

/* What answers mean (call.c). */

static uint64_t
started(struct daemon *d, const struct request *r, child_handle child)
{
	struct kid *k = &d->w->kids[r->kid];
	struct dynamic *dyn = &d->dynamic[r->kid];
	bool ok = r->result == RESULT_OK || r->result == RESULT_UNDEFINED;

	if (ok && child != CHILD_NONE && tree_find_kid(d, k) == child) {
		if (dyn->spec != r->spec)
			dynamic_there(d, r, child);
		dyn->seq = ++d->dynamic_seq;
		return rec_added(d, k, dyn);
	}
	if (dyn->spec == r->spec)
		return drop(d, k);
	give_back_number(d, k);
	return 0;
}

static uint64_t
taken_out(struct daemon *d, const struct kid *k)
{
	if (d->dynamic[k->index].spec != NULL)
		return drop(d, k);
	d->n_deleted += !d->deleted[k->index];
	d->deleted[k->index] = true;
	return rec_child(d, "removed", k, true);
}

static uint64_t
terminated(struct daemon *d, const struct kid *k)
{
	child_handle h = kid_handle(d, k);
	struct child_view v;

	if (h == CHILD_NONE)
		return d->dynamic[k->index].spec != NULL ? drop(d, k) : 0;
	/* One that was started again since is not. */
	return tree_view(d->tree, h, &v) && v.state == CHILD_UNDEFINED ? rec_child(d, "terminated", k, false) : 0;
}

uint64_t
dynamic_reply(struct daemon *d, const struct request *r, child_handle child)
{
	const struct kid *k = &d->w->kids[r->kid];

	if (r->op == OP_START_CHILD)
		return started(d, r, child);
	if (r->result != RESULT_OK)
		return 0;
	if (r->op == OP_DELETE_CHILD || r->op == OP_REMOVE)
		return taken_out(d, k);
	return r->op == OP_TERMINATE_CHILD ? terminated(d, k) : 0;
}

/* What the journal says (dynamic_recall.c). */

static bool
has_left(const struct past *past, const struct kid *k, const struct child_spec *spec)
{
	const struct past_child *pc = strmap_find(&past->children, k->path);

	if (pc == NULL || pc->run_token == 0 || pc->ended_token != pc->run_token)
		return false;
	return spec->restart == RESTART_TEMPORARY || (is_instance(k) && spec->restart == RESTART_TRANSIENT && pc->ended_normal);
}

static bool
is_down_above(const struct world *w, const struct past *past, const struct kid *k)
{
	const struct past_child *pc;

	while ((k = &w->kids[k->parent])->index != 0) {
		pc = strmap_find(&past->children, k->path);
		if (pc != NULL && (pc->stopped || pc->terminated))
			return true;
	}
	return false;
}

static bool
add_again(struct daemon *d, const struct past *past, struct kid *k, const struct past_added *a)
{
	struct tree_command cmd = { .type = CMD_ADD, .child = tree_find_kid(d, &d->w->kids[k->parent]) };

	if (kid_handle(d, k) != CHILD_NONE || is_down_above(d->w, past, k) || cmd.child == CHILD_NONE)
		return false;
	cmd.spec = a->spec != NULL ? d->w->texts[strtoul(a->spec, NULL, 10)] : dynamic_spec(d, k);
	if (has_left(past, k, cmd.spec))
		return false;
	set(d, k, cmd.spec, daemon_command(d, &cmd, NULL));
	d->dynamic[k->index].seq = a->seq;
	return dynamic_is_there(d, k);
}

static int
by_seq(const void *pa, const void *pb)
{
	const struct past_added *const *a = pa, *const *b = pb;

	return ((*a)->seq > (*b)->seq) - ((*a)->seq < (*b)->seq);
}

static void
recall_deleted(struct daemon *d, const struct past *past)
{
	struct kid *k;
	const char *path;
	child_handle h;
	size_t i = 0;
	void *value;

	while (strmap_next(&past->deleted, &i, &path, &value)) {
		k = strmap_find(&d->w->by_path, path);
		if ((h = kid_handle(d, k)) == CHILD_NONE)
			continue;
		daemon_command(d, &(struct tree_command){ .type = CMD_REMOVE, .child = h }, NULL);
		d->deleted[k->index] = true;
		d->n_deleted++;
	}
}

void
dynamic_recall(struct daemon *d, struct past *past)
{
	const struct past_added **sorted = xcalloc(past->added.n + 1, sizeof(*sorted));
	const char *path;
	size_t i, n = 0;
	struct kid *k;
	void *value;

	for (i = 0; strmap_next(&past->numbers, &i, &path, &value);) {
		if ((k = strmap_find(&d->w->by_path, path)) != NULL)
			d->numbers[k->index] = ((const struct past_number *)value)->last;
	}
	recall_deleted(d, past);
	for (i = 0; strmap_next(&past->added, &i, &path, &value);)
		sorted[n++] = value;
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), by_seq);
	for (i = 0; i < n; i++) {
		if (sorted[i]->seq > d->dynamic_seq)
			d->dynamic_seq = sorted[i]->seq;
		k = strmap_find(&d->w->by_path, sorted[i]->child);
		if (add_again(d, past, k, sorted[i]))
			continue;
		if (d->dynamic[k->index].spec != NULL)
			drop(d, k);
		else
			rec_child(d, "removed", k, false);
	}
	free(sorted);
}
