#include "daemon/dynamic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"

/* The canonical text of a child goes into one record of the journal. */
#define SPEC_TEXT_MAX (1u << 20)

/* An instance has a spec of its own, and shares with the template what its launch points to. */
struct instance {
	struct child_spec spec;
	struct launch launch;
	char id[];
};

const struct sup_spec *
sup_spec_of(struct daemon *d, child_handle h)
{
	struct child_view v;

	if (h == TREE_ROOT)
		return &d->config->root;
	return tree_view(d->tree, h, &v) ? v.spec->sup : NULL;
}

bool
sup_is_simple(struct daemon *d, child_handle h)
{
	const struct sup_spec *sup = sup_spec_of(d, h);

	return sup != NULL && sup->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
}

bool
child_is_there(const struct daemon *d, child_handle h)
{
	struct child_view v;

	for (; h != TREE_ROOT; h = v.parent)
		if (!tree_view(d->tree, h, &v) || v.parent == CHILD_NONE ||
		    tree_find(d->tree, v.parent, v.spec->id) != h)
			return false;
	return true;
}

void
instance_free(struct instance *in)
{
	if (in == NULL)
		return;
	strvec_release(&in->launch.argv);
	free(in);
}

static void
dynamic_free(struct dynamic *dyn)
{
	instance_free(dyn->instance);
	strvec_release(&dyn->args);
	config_unref(dyn->config);
	free(dyn->path);
	free(dyn->sup);
	free(dyn);
}

static void
set_spec(struct daemon *d, struct dynamic *dyn, const struct child_spec *spec)
{
	if (dyn->spec != NULL)
		map_remove(&d->changes.by_spec, (uintptr_t)dyn->spec);
	dyn->spec = spec;
	map_put(&d->changes.by_spec, (uintptr_t)spec, dyn);
}

static void
append(struct changes *ch, struct dynamic *dyn)
{
	dyn->prev = ch->last;
	dyn->next = NULL;
	if (ch->last != NULL)
		ch->last->next = dyn;
	else
		ch->first = dyn;
	ch->last = dyn;
}

static void
detach(struct changes *ch, struct dynamic *dyn)
{
	if (dyn->prev != NULL)
		dyn->prev->next = dyn->next;
	else
		ch->first = dyn->next;
	if (dyn->next != NULL)
		dyn->next->prev = dyn->prev;
	else
		ch->last = dyn->prev;
}

struct dynamic *
dynamic_new(struct daemon *d, child_handle sup, const char *id)
{
	struct dynamic *dyn = xcalloc(1, sizeof(*dyn));

	dyn->handle = CHILD_NONE;
	dyn->path = kid_path_below(d, sup, id);
	dyn->sup = xstrdup(d->kids[sup].path);
	append(&d->changes, dyn);
	return dyn;
}

/* One child, no more and no less, and not too large to be remembered. */
static bool
is_one(const struct config *c, const char *name, struct config_errors *errors)
{
	struct buf text = BUF_INIT(0);
	bool fits;

	if (c->root.n_children != 1) {
		buf_xprintf(&errors->text, "%s: %zu children, expected one%s\n", name, c->root.n_children,
		    c->root.n_children > 1 && config_launch(c->root.children[0]) != NULL &&
			    config_launch(c->root.children[0])->instances > 0 ? ", without 'instances'" : "");
		errors->errors++;
		return false;
	}
	config_print_child(c->root.children[0], false, &text);
	fits = text.len <= SPEC_TEXT_MAX;
	buf_release(&text);
	if (!fits) {
		buf_xprintf(&errors->text, "%s: this is too long, expected at most %u bytes with all sources\n", name,
		    SPEC_TEXT_MAX);
		errors->errors++;
	}
	return fits;
}

struct dynamic *
dynamic_parse(struct daemon *d, child_handle sup, const char *text, size_t len, struct config_errors *errors)
{
	const struct config_place place = { d->config, sup_spec_of(d, sup), d->kids[sup].path };
	static const char name[] = "childspec";
	struct config *c = config_parse_children(name, text, len, &place, errors);
	struct dynamic *dyn;

	if (c == NULL)
		return NULL;
	if (!is_one(c, name, errors)) {
		config_unref(c);
		return NULL;
	}
	dyn = dynamic_new(d, sup, c->root.children[0]->id);
	dyn->config = c;
	set_spec(d, dyn, c->root.children[0]);
	return dyn;
}

/* The template with further arguments, under a name of its own. */
static struct instance *
instance_new(const struct child_spec *template, const char *id, const struct strvec *args)
{
	struct instance *in = xcalloc(1, sizeof(*in) + strlen(id) + 1);
	const struct launch *l = config_launch(template);
	size_t i;

	memcpy(in->id, id, strlen(id) + 1);
	in->launch = *l;
	in->launch.argv = (struct strvec)STRVEC_INIT;
	for (i = 0; i < l->argv.n; i++)
		strvec_push(&in->launch.argv, l->argv.v[i]);
	for (i = 0; i < args->n; i++)
		strvec_push(&in->launch.argv, args->v[i]);
	in->spec = *template;
	in->spec.id = in->id;
	in->spec.user = &in->launch;
	return in;
}

/* What a supervisor's spec is a part of: that of an addition, or the file's. */
static struct config *
config_of(struct daemon *d, child_handle h)
{
	const struct dynamic *dyn;
	struct child_view v;

	for (; h != TREE_ROOT && tree_view(d->tree, h, &v); h = v.parent)
		if ((dyn = dynamic_of_spec(d, v.spec)) != NULL)
			return dyn->config;
	return d->config;
}

void
dynamic_use_template(struct daemon *d, struct dynamic *dyn, child_handle sup)
{
	struct config *old = dyn->config;

	dyn->instance = instance_new(sup_spec_of(d, sup)->children[0], strrchr(dyn->path, '/') + 1, &dyn->args);
	set_spec(d, dyn, &dyn->instance->spec);
	dyn->config = config_ref(config_of(d, sup));
	config_unref(old);
}

struct past_number *
dynamic_number(struct daemon *d, const char *sup)
{
	struct past_number *n = strmap_find(&d->changes.numbers, sup);

	if (n == NULL) {
		n = xcalloc(1, sizeof(*n) + strlen(sup) + 1);
		memcpy(n->path, sup, strlen(sup) + 1);
		strmap_put(&d->changes.numbers, n->path, n);
	}
	return n;
}

struct dynamic *
dynamic_instance(struct daemon *d, child_handle sup, char *const *args, size_t n)
{
	const struct sup_spec *spec = sup_spec_of(d, sup);
	char *id = xasprintf("%s:%llu", spec->children[0]->id,
	    (unsigned long long)++dynamic_number(d, d->kids[sup].path)->last);
	struct dynamic *dyn = dynamic_new(d, sup, id);
	size_t i;

	for (i = 0; i < n; i++)
		strvec_push(&dyn->args, args[i]);
	dynamic_use_template(d, dyn, sup);
	free(id);
	return dyn;
}

uint64_t
dynamic_keep(struct daemon *d, struct dynamic *dyn, uint32_t by)
{
	/* The order of additions is that in which they were completed. */
	detach(&d->changes, dyn);
	append(&d->changes, dyn);
	dyn->seq = ++d->changes.seq;
	return rec_added(d, dyn, by);
}

void
dynamic_keep_pending(struct daemon *d)
{
	struct dynamic *dyn, *next, *last = d->changes.last;

	for (dyn = d->changes.first; dyn != NULL; dyn = dyn == last ? NULL : next) {
		next = dyn->next;
		if (dyn->seq == 0 && dyn->handle != CHILD_NONE)
			dynamic_keep(d, dyn, (uint32_t)getuid());
	}
}

/* The number of an instance that never came to be is free. */
static void
give_back_number(struct daemon *d, const struct dynamic *dyn)
{
	struct past_number *n = dynamic_number(d, dyn->sup);

	if (strtoull(strrchr(dyn->path, ':') + 1, NULL, 10) == n->last)
		n->last--;
}

uint64_t
dynamic_drop(struct daemon *d, struct dynamic *dyn)
{
	uint64_t seq = dyn->seq != 0 ? rec_removed(d, dyn->path, false, 0) : 0;

	if (dyn->instance != NULL && dyn->handle == CHILD_NONE && dyn->seq == 0)
		give_back_number(d, dyn);

	map_remove(&d->changes.by_spec, (uintptr_t)dyn->spec);
	detach(&d->changes, dyn);
	dyn->prev = NULL;
	dyn->next = d->changes.dropped;
	d->changes.dropped = dyn;
	if (dyn->handle != CHILD_NONE && dyn->handle < d->n_kids && d->kids[dyn->handle].birth == dyn->birth)
		kid_retire(d, dyn->handle);
	return seq;
}

struct dynamic *
dynamic_of_spec(struct daemon *d, const struct child_spec *spec)
{
	return map_find(&d->changes.by_spec, (uintptr_t)spec);
}

bool
dynamic_is_instance(struct daemon *d, const struct child_spec *spec)
{
	const struct dynamic *dyn = dynamic_of_spec(d, spec);

	return dyn != NULL && dyn->instance != NULL;
}

void
dynamic_attach(struct daemon *d, child_handle h, const struct child_view *view)
{
	struct dynamic *dyn = dynamic_of_spec(d, view->spec);

	if (dyn != NULL) {
		dyn->handle = h;
		dyn->birth = view->birth;
	} else if (strmap_find(&d->changes.deleted, d->kids[h].path) != NULL) {
		dynamic_bring_back(d, d->kids[h].path); /* S55, or a reload */
	}
}

static void
retire_below(struct daemon *d, const char *path)
{
	size_t len = strlen(path);
	child_handle h;

	for (h = 1; h < d->n_kids; h++)
		if (d->kids[h].path != NULL && !d->kids[h].removed && strncmp(d->kids[h].path, path, len) == 0 &&
		    d->kids[h].path[len] == '/')
			kid_retire(d, h);
}

void
kid_retire(struct daemon *d, child_handle h)
{
	struct kid *kid = &d->kids[h];

	if (kid->path == NULL || kid->removed)
		return;
	kid->removed = true;
	if (kid_find(d, kid->path) == h)
		strmap_remove(&d->by_path, kid->path);
	if (kid->supervisor)
		retire_below(d, kid->path);
}

uint64_t
dynamic_check(struct daemon *d, child_handle h)
{
	struct child_view v;
	struct dynamic *dyn;

	if (tree_view(d->tree, h, &v) && d->kids[h].birth == v.birth && (dyn = dynamic_of_spec(d, v.spec)) != NULL &&
	    !child_is_there(d, h))
		return dynamic_drop(d, dyn);
	return 0;
}

void
dynamic_free_dropped(struct daemon *d)
{
	struct dynamic **at = &d->changes.dropped, *dyn;
	struct child_view v;

	while ((dyn = *at) != NULL) {
		if (dyn->handle != CHILD_NONE && tree_view(d->tree, dyn->handle, &v) && v.birth == dyn->birth) {
			at = &dyn->next;
			continue;
		}
		*at = dyn->next;
		dynamic_free(dyn);
	}
}

void
dynamic_sweep(struct daemon *d)
{
	struct dynamic *dyn, *next;
	struct child_view v;

	d->changes.sweep = false;
	for (dyn = d->changes.first; dyn != NULL; dyn = next) {
		next = dyn->next;
		if (dyn->handle == CHILD_NONE)
			continue;
		if (!tree_view(d->tree, dyn->handle, &v) || v.birth != dyn->birth || !child_is_there(d, dyn->handle))
			dynamic_drop(d, dyn);
	}
}

uint64_t
dynamic_delete_listed(struct daemon *d, const char *path, uint32_t by)
{
	char *copy = xstrdup(path);

	free(strmap_put(&d->changes.deleted, copy, copy));
	return rec_removed(d, path, true, by);
}

void
dynamic_bring_back(struct daemon *d, const char *path)
{
	char *old = strmap_remove(&d->changes.deleted, path);

	if (old == NULL)
		return;
	rec_brought_back(d, path);
	free(old);
}

void
dynamic_snapshot(struct daemon *d, struct past *p)
{
	const struct dynamic *dyn;
	struct buf text = BUF_INIT(0);
	const char *path;
	size_t i = 0;
	void *value;

	for (dyn = d->changes.first; dyn != NULL; dyn = dyn->next) {
		if (dyn->seq == 0)
			continue;
		buf_clear(&text);
		if (dyn->instance == NULL)
			config_print_child(dyn->spec, false, &text);
		past_add(p, dyn->path, dyn->instance == NULL ? text.data : NULL, &dyn->args, dyn->seq);
	}
	while (strmap_next(&d->changes.deleted, &i, &path, &value))
		past_remove(p, path, true);
	for (i = 0; strmap_next(&d->changes.numbers, &i, &path, &value);)
		past_count(p, path, ((const struct past_number *)value)->last);
	buf_release(&text);
}

static void
free_list(struct dynamic *dyn)
{
	struct dynamic *next;

	for (; dyn != NULL; dyn = next) {
		next = dyn->next;
		dynamic_free(dyn);
	}
}

void
dynamic_release(struct daemon *d)
{
	struct changes *ch = &d->changes;
	const char *path;
	size_t i;
	void *value;

	free_list(ch->first);
	free_list(ch->dropped);
	ch->first = ch->last = ch->dropped = NULL;
	for (i = 0; strmap_next(&ch->deleted, &i, &path, &value);)
		free(value);
	for (i = 0; strmap_next(&ch->numbers, &i, &path, &value);)
		free(value);
	strmap_release(&ch->deleted);
	strmap_release(&ch->numbers);
	map_release(&ch->by_spec);
}
