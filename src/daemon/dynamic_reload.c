/*
 * A reload and what operators added and deleted (S85): additions stay, behind
 * those that are listed. Where the new file lists the id of an addition, the child
 * is the file's from then on. What is listed and was deleted by hand is added again.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "daemon/dynamic.h"

struct dynamic *
dynamic_at(struct daemon *d, child_handle h)
{
	struct child_view v;

	return h != CHILD_NONE && h != TREE_ROOT && child_is_there(d, h) && tree_view(d->tree, h, &v) ?
	    dynamic_of_spec(d, v.spec) : NULL;
}

/* What is to be added is there already, by hand. */
static void
amend_addition(struct daemon *d, struct plan *plan, struct plan_entry *e)
{
	const struct dynamic *dyn = dynamic_at(d, kid_find(d, e->path));

	if (dyn == NULL)
		return;
	if (dyn->spec->type != e->new->type || e->new->type == CHILD_SUPERVISOR)
		plan_amend(plan, e, PLAN_ADD, xstrdup("takes the place of the one that was added by hand"));
	else if (spec_hash(dyn->spec) == spec_hash(e->new))
		plan_amend(plan, e, PLAN_CHANGE, xstrdup("was added by hand, is the file's from now on"));
	else
		plan_amend(plan, e, PLAN_RESTART, xstrdup("was added by hand, is as the file says from now on"));
}

/* Is it, or one above it, deleted by hand? Then the length of that path. */
static size_t
deleted_above(struct daemon *d, const char *path)
{
	const char *p = path;
	size_t len;

	do {
		len = strcspn(p, "/");
		p += len;
		if (strmap_findn(&d->changes.deleted, path, (size_t)(p - path)) != NULL)
			return (size_t)(p - path);
	} while (*p++ != '\0');
	return 0;
}

static void
amend_deleted(struct daemon *d, struct plan *plan, struct plan_entry *e)
{
	size_t len = e->path[0] != '\0' ? deleted_above(d, e->path) : 0;

	if (len == 0)
		return;
	if (e->kind == PLAN_REMOVE || e->path[len] == '/')
		plan_amend(plan, e, PLAN_KEEP, xstrdup("")); /* it is gone; or it comes with the one above it */
	else
		plan_amend(plan, e, PLAN_ADD, xstrdup("was deleted by hand, but is in the file"));
}

void
dynamic_amend_plan(struct daemon *d, struct plan *plan)
{
	struct plan_entry *e;

	for (e = plan->v; e < plan->v + plan->n; e++) {
		switch (e->kind) {
		case PLAN_ADD:
			amend_addition(d, plan, e);
			break;
		case PLAN_REMOVE:
		case PLAN_RESTART:
		case PLAN_CHANGE:
		case PLAN_KEEP:
			amend_deleted(d, plan, e);
			break;
		case PLAN_SETTING:
		case PLAN_LATER:
		case PLAN_KINDS:
			break;
		}
	}
}

void
dynamic_hand_over(struct daemon *d, struct dynamic *dyn)
{
	dyn->handle = CHILD_NONE; /* the kid stays as it is */
	dynamic_drop(d, dyn);
}

void
dynamic_new_template(struct daemon *d, child_handle sup)
{
	struct dynamic *dyn, *next;
	struct instance *old;

	for (dyn = d->changes.first; dyn != NULL; dyn = next) {
		next = dyn->next;
		/* One that waits for its turn is made of the template as it was. */
		if (dyn->instance == NULL || dyn->handle == CHILD_NONE || strcmp(dyn->sup, d->kids[sup].path) != 0)
			continue;
		old = dyn->instance;
		dynamic_use_template(d, dyn, sup);
		tree_command(d->tree,
		    &(struct tree_command){ .type = CMD_CHANGE, .child = dyn->handle, .spec = dyn->spec }, mono_now(), NULL);
		d->kids[dyn->handle].spec = 0;
		instance_free(old);
	}
}

void
dynamic_place(struct daemon *d)
{
	struct dynamic *dyn;

	for (dyn = d->changes.first; dyn != NULL; dyn = dyn->next) {
		/* An instance has its template's. */
		if (dyn->instance != NULL || dyn->config == NULL)
			continue;
		config_place(dyn->config, d->config, d->config->placed);
		if (dyn->handle != CHILD_NONE && dyn->spec->type == CHILD_WORKER)
			tree_command(d->tree,
			    &(struct tree_command){ .type = CMD_CHANGE, .child = dyn->handle, .spec = dyn->spec }, mono_now(), NULL);
	}
}
