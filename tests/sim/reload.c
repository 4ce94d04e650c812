/*
 * A changed file, as src/daemon/reload.c and dynamic_reload.c take it in (S85):
 * what is no longer listed goes, what is new comes, the rest is told its spec.
 */
#include "config.h"

#include "sim.h"

/* What was wished of an earlier child of this path is not wished of the new one, nor of those below it. */
void
forget_wishes(struct daemon *d, child_handle h, uint64_t cookie)
{
	struct kid *k = kid_of(d, h);
	child_handle c;

	rec_wish(d, k->path, false);
	k->wish = WISH_EITHER;
	k->wish_order = k->newest_order = cookie;
	for (c = tree_first(d->tree, h); c != CHILD_NONE; c = tree_next(d->tree, c))
		forget_wishes(d, c, cookie);
}

static enum tree_result
add_child(struct daemon *d, struct kid *k)
{
	struct tree_command cmd = { .type = CMD_ADD, .child = kid_handle(d, &d->w->kids[k->parent]), .spec = d->listed[k->index] };
	enum tree_result result = RESULT_NOT_FOUND;
	child_handle h = CHILD_NONE;

	if (cmd.child != CHILD_NONE)
		result = tree_command(d->tree, &cmd, clock_now(d->w, &d->w->hosts[0].clock), &h);
	if (result == RESULT_OK && h != CHILD_NONE) {
		sim_tell(d->w, "daemon: the file has %s now", k->path);
		k->spec = cmd.spec;
		k->asked = true;
		forget_wishes(d, h, ++d->w->cookies);
	}
	return result;
}

static bool
is_late(const struct daemon *d, const struct kid *k)
{
	for (; k->index != 0; k = &d->w->kids[k->parent]) {
		if (d->late[k->index])
			return true;
	}
	return false;
}

static void
set_late(struct daemon *d, const struct kid *k, bool late)
{
	d->n_late += late;
	d->n_late -= d->late[k->index];
	d->late[k->index] = late;
}

static void
mark_removed(struct daemon *d, child_handle h)
{
	struct child_view v;
	child_handle c;

	tree_view(d->tree, h, &v);
	d->removed[kid_of(d, h)->index] = v.birth;
	for (c = tree_first(d->tree, h); c != CHILD_NONE; c = tree_next(d->tree, c))
		mark_removed(d, c);
}

static void
take_out(struct daemon *d, const struct kid *k)
{
	child_handle h = kid_handle(d, k);
	struct request *r;

	if (h == CHILD_NONE)
		return;
	sim_tell(d->w, "daemon: the file does not have %s any more", k->path);
	mark_removed(d, h);
	r = operator_take_out(d, k->index);
	daemon_command(d, &(struct tree_command){ .type = CMD_REMOVE, .child = h, .cookie = r->cookie }, r);
}

static void
add(struct daemon *d, struct kid *k)
{
	enum tree_result result;

	if (dynamic_is_there(d, k))
		take_out(d, k);
	result = add_child(d, k);
	if (result == RESULT_ALREADY_STARTED && kid_handle(d, k) == CHILD_NONE)
		set_late(d, k, true);
}

static void
add_late(struct daemon *d)
{
	enum tree_result result;
	uint32_t i;

	for (i = 1; d->n_late > 0 && i < d->w->n_kids; i++) {
		if (!d->late[i])
			continue;
		/* As it is configured now, if it still is. */
		result = d->listed[i] == NULL || d->stopping ? RESULT_OK : add_child(d, &d->w->kids[i]);
		if (result != RESULT_ALREADY_STARTED)
			set_late(d, &d->w->kids[i], false);
		daemon_drain(d);
	}
}

void
reload_sweep(struct daemon *d)
{
	add_late(d);
}

static void
change(struct daemon *d, struct kid *k, bool was_added)
{
	struct tree_command cmd = { .type = CMD_CHANGE, .child = kid_handle(d, k), .spec = d->listed[k->index] };
	uint32_t before = file_program(k->spec);
	struct child_view v;

	if (cmd.child == CHILD_NONE)
		return;
	d->changing = true;
	if (tree_command(d->tree, &cmd, clock_now(d->w, &d->w->hosts[0].clock), NULL) == RESULT_OK) {
		k->spec = cmd.spec;
		if (was_added)
			dynamic_hand_over(d, k);
	}
	daemon_drain(d);
	d->changing = false;
	if (!k->is_sup && before != file_program(cmd.spec) && tree_view(d->tree, cmd.child, &v) &&
	    (v.state == CHILD_STARTING || v.state == CHILD_RUNNING || v.state == CHILD_STOPPING)) {
		k->asked = true;
		daemon_command(d, &(struct tree_command){ .type = CMD_RESTART, .child = cmd.child }, NULL);
	}
}

static bool
is_deleted_above(const struct daemon *d, const struct kid *k)
{
	while ((k = &d->w->kids[k->parent])->index != 0) {
		if (d->deleted[k->index])
			return true;
	}
	return false;
}

/* One that is listed, and those above it are. */
static void
take_in(struct daemon *d, struct kid *k, bool was_listed, bool came)
{
	bool added = dynamic_is_there(d, k);

	check_reload(k, was_listed, &d->w->kids[k->parent]);
	if (came)
		k->spec = d->listed[k->index]; /* with the one above it */
	else if (is_deleted_above(d, k))
		;
	else if (was_listed ? d->deleted[k->index] : !added || k->is_sup)
		add(d, k);
	else if (!is_late(d, k))
		change(d, k, added);
	daemon_drain(d);
}

static void
change_root(struct daemon *d)
{
	struct child_spec root = { .id = "", .type = CHILD_SUPERVISOR, .sup = d->w->file };

	daemon_command(d, &(struct tree_command){ .type = CMD_CHANGE, .child = TREE_ROOT, .spec = &root }, NULL);
	daemon_drain(d);
}

static const struct child_spec *
in_file(const struct kid *k)
{
	return k->listed != NULL ? &k->listed->spec : NULL;
}

static bool
is_listed_now(const struct kid *k)
{
	return k->index == 0 || k->listed != NULL;
}

void
reload(struct daemon *d, struct request *r)
{
	struct world *w = d->w;
	bool *came = sim_alloc(w, w->n_kids * sizeof(*came));
	uint32_t n = w->n_kids, i;
	struct kid *k, *above;

	for (i = n; i-- > 1;) {
		k = &w->kids[i];
		above = &w->kids[k->parent];
		if (d->listed[i] != NULL && k->listed == NULL && is_listed_now(above) && !is_simple(above)) {
			d->listed[i] = NULL;
			check_reload(k, true, above);
			take_out(d, k);
			daemon_drain(d);
		}
	}
	change_root(d);
	for (i = 1; i < n; i++) {
		bool was = d->listed[i] != NULL;

		k = &w->kids[i];
		above = &w->kids[k->parent];
		d->listed[i] = in_file(k);
		if (k->listed == NULL)
			continue;
		came[i] = !was || came[above->index];
		if (k->is_template && !came[above->index])
			dynamic_new_template(d, above);
		else if (!k->is_template)
			take_in(d, k, was, came[above->index]);
	}
	operator_reply(d, r->cookie, TREE_ROOT, RESULT_OK);
}
