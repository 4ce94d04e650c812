/*
 * Whom specs name: from `link` and `monitor` to ties (S90, S99).
 *
 * Looked up when children or specs are new, and never at a death. Children that
 * name others are in tree.wants; one that comes later is only looked for if its
 * id is among those that were named, by a bit set of hashes.
 */
#include "config.h"

#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "core/tree.h"

/* For 32,768 hashes: so few false alarms cost nothing. */
#define WANTED_BYTES 4096

void
links_forget(struct tree *t, struct child *c)
{
	uint32_t i = 0;

	if (!child_is(c, CF_WANTS))
		return;
	child_clear(c, CF_WANTS | CF_UNTIED);
	while (t->wants[i] != c->self)
		i++;
	t->wants[i] = t->wants[--t->n_wants];
}

/* The bit of an id of n bytes. */
static uint32_t
wanted_bit(const char *id, size_t n)
{
	return (uint32_t)hash_bytes(id, n) % (8 * WANTED_BYTES);
}

/* The last part of each name may be the id of somebody who comes later. */
static void
want_names(struct tree *t, const char *const *names, size_t n)
{
	const char *id;
	uint32_t bit;
	size_t i;

	for (i = 0; i < n; i++) {
		for (id = names[i]; id[strcspn(id, "/")] != '\0'; id += strcspn(id, "/") + 1)
			;
		bit = wanted_bit(id, strlen(id));
		t->wanted[bit / 8] = (uint8_t)(t->wanted[bit / 8] | 1u << bit % 8);
	}
}

void
links_note_spec(struct tree *t, struct child *c)
{
	if (!child_is(c, CF_WANTS)) {
		if (c->spec->n_links + c->spec->n_monitors == 0)
			return;
		child_set(c, CF_WANTS);
		if (t->n_wants == t->wants_cap) {
			t->wants_cap = t->wants_cap == 0 ? 16 : 2 * t->wants_cap;
			t->wants = xreallocarray(t->wants, t->wants_cap, sizeof(*t->wants));
		}
		t->wants[t->n_wants++] = c->self;
	}
	if (t->wanted == NULL)
		t->wanted = xcalloc(1, WANTED_BYTES);
	want_names(t, c->spec->links, c->spec->n_links);
	want_names(t, c->spec->monitors, c->spec->n_monitors);
	child_set(c, CF_UNTIED);
	t->untied = true;
}

void
links_note_child(struct tree *t, struct child *c)
{
	uint32_t bit;

	if (t->wanted != NULL) {
		bit = wanted_bit(c->spec->id, strlen(c->spec->id));
		t->ties_stale |= (t->wanted[bit / 8] >> bit % 8 & 1) != 0;
	}
	links_note_spec(t, c);
}

static child_handle
find_path(const struct tree *t, const char *path)
{
	child_handle h = TREE_ROOT;
	size_t n;

	for (; h != CHILD_NONE; path += n + 1) {
		n = strcspn(path, "/");
		h = id_findn(t, h, path, n);
		if (path[n] == '\0')
			break;
	}
	return h;
}

/* As a spec names it; NULL: it is not there, or cannot be tied to. */
static struct child *
find_named(const struct tree *t, const struct child *c, const char *name)
{
	child_handle h = name[0] == '/' ? find_path(t, name + 1) : id_find(t, c->parent, name);
	struct child *found;

	if (h == CHILD_NONE && name[0] != '/')
		h = find_path(t, name);
	if (h == CHILD_NONE)
		return NULL;
	found = child_of(t, h);
	return found->sup != NULL || found == c ? NULL : found;
}

static void
configure(struct tree *t, const struct child *c, const char *name, bool monitor)
{
	const struct child *other = find_named(t, c, name);
	struct tie *tie;
	uint32_t flag;

	if (other == NULL)
		return;
	tie = tie_find(t, c, other, monitor);
	if (tie == NULL)
		tie = tie_new(t, c, other, monitor ? TF_MONITOR : 0);
	flag = tie->end[0].child == c->self ? TF_CONF_0 : TF_CONF_1;
	/* What is new between those that run holds at once. */
	if ((tie->flags & flag) == 0 && c->state == CHILD_RUNNING && other->state == CHILD_RUNNING)
		tie->flags |= TF_JOINED;
	tie->flags |= flag | TF_SEEN;
}

/* Those that c's spec has wanted and wants no more. */
static void
drop_unseen(struct tree *t, const struct child *c)
{
	uint32_t e, next;

	for (e = c->ties; e != NONE; e = next) {
		struct tie *tie = tie_of(t, e);
		uint32_t flag = e % 2 == 0 ? TF_CONF_0 : TF_CONF_1;

		next = tie_next(t, e);
		if ((tie->flags & TF_SEEN) == 0 && (tie->flags & flag) != 0) {
			tie->flags &= ~flag;
			/* If the other one wants it, it stays as it is. */
			if ((tie->flags & (TF_CONF_0 | TF_CONF_1)) == 0)
				tie_part(t, tie);
		} else {
			tie->flags &= ~(unsigned)TF_SEEN;
		}
	}
}

static void
resolve_child(struct tree *t, struct child *c)
{
	size_t i;

	child_clear(c, CF_UNTIED);
	for (i = 0; i < c->spec->n_links; i++)
		configure(t, c, c->spec->links[i], false);
	for (i = 0; i < c->spec->n_monitors; i++)
		configure(t, c, c->spec->monitors[i], true);
	drop_unseen(t, c);
}

void
links_resolve(struct tree *t)
{
	uint32_t i = 0;

	if (!t->ties_stale && !t->untied)
		return;
	while (i < t->n_wants) {
		struct child *c = child_of(t, t->wants[i]);

		if (t->ties_stale || child_is(c, CF_UNTIED))
			resolve_child(t, c);
		if (c->spec->n_links + c->spec->n_monitors == 0)
			links_forget(t, c);
		else
			i++;
	}
	t->ties_stale = t->untied = false;
}
