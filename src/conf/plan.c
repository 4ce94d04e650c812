#include "conf/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/xalloc.h"
#include "conf/differ.h"

struct planner {
	struct plan *plan;
	const struct config *old, *new;
	struct buf path; /* of the supervisor at hand, with a slash behind it */
	/* Instances share their launch: what was found for one holds for all. */
	const void *last_old, *last_new;
	struct difference last;
};

static void
add_entry(struct planner *p, enum plan_kind kind, const char *id, const struct child_spec *old,
    const struct child_spec *new, const char *reason)
{
	struct plan *plan = p->plan;
	struct plan_entry *e;

	if (plan->n == plan->cap) {
		plan->cap = plan->cap == 0 ? 32 : plan->cap * 2;
		plan->v = xreallocarray(plan->v, plan->cap, sizeof(*plan->v));
	}
	e = &plan->v[plan->n++];
	*e = (struct plan_entry){ .kind = kind, .old = old, .new = new };
	if (id != NULL)
		e->path = xasprintf("%s%s", p->path.data != NULL ? p->path.data : "", id);
	e->reason = xstrdup(reason != NULL ? reason : "");
	plan->counts[kind]++;
}

static size_t
count_below(const struct sup_spec *sup)
{
	size_t n = sup->n_children, i;

	for (i = 0; i < sup->n_children; i++)
		if (sup->children[i]->type == CHILD_SUPERVISOR)
			n += count_below(sup->children[i]->sup);
	return n;
}

static const struct child_spec *
find_child(const struct sup_info *info, const char *id)
{
	size_t low = 0, high = info->sup->n_children, mid;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		order = strcmp(info->sorted[mid]->id, id);
		if (order == 0)
			return info->sorted[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

static bool
is_simple(const struct child_spec *spec)
{
	return spec->type == CHILD_SUPERVISOR && spec->sup->strategy == STRATEGY_SIMPLE_ONE_FOR_ONE;
}

/*
 * The child that stands there on the other side, if it is of the same type. What lives under a
 * simple_one_for_one has nothing to do with what its list would say under another strategy.
 */
static const struct child_spec *
find_same(const struct sup_info *info, const struct child_spec *spec)
{
	const struct child_spec *other = find_child(info, spec->id);

	return other != NULL && other->type == spec->type && is_simple(other) == is_simple(spec) ? other : NULL;
}

static const char *
type_word(const struct child_spec *spec)
{
	if (spec->type == CHILD_WORKER)
		return "a child";
	return is_simple(spec) ? "a supervisor with instances" : "a supervisor";
}

static size_t
enter(struct planner *p, const char *id)
{
	const size_t len = p->path.len;

	buf_xprintf(&p->path, "%s/", id);
	return len;
}

static void
leave(struct planner *p, size_t len)
{
	p->path.len = len;
	p->path.data[len] = '\0';
}

static void
plan_removals(struct planner *p, const struct sup_info *old, const struct sup_info *new)
{
	const struct child_spec *spec, *now;
	char reason[96];
	size_t i, len;

	for (i = old->sup->n_children; i-- > 0;) {
		spec = old->sup->children[i];
		now = find_same(new, spec);
		if (now != NULL && is_simple(spec)) {
			continue; /* its template: plan_template() */
		} else if (now != NULL && spec->type == CHILD_SUPERVISOR) {
			len = enter(p, spec->id);
			plan_removals(p, spec->user, now->user);
			leave(p, len);
		} else if (now == NULL) {
			if (spec->type == CHILD_SUPERVISOR)
				snprintf(reason, sizeof(reason), "no longer there, with %zu below it", count_below(spec->sup));
			else
				snprintf(reason, sizeof(reason), "no longer there");
			if (find_child(new, spec->id) != NULL)
				snprintf(reason, sizeof(reason), "%s takes its place", type_word(find_child(new, spec->id)));
			add_entry(p, PLAN_REMOVE, spec->id, spec, NULL, reason);
		}
	}
}

static const struct child_spec *
next_common(const struct sup_spec *sup, size_t *i, const struct sup_info *other)
{
	while (*i < sup->n_children) {
		const struct child_spec *spec = sup->children[(*i)++];

		if (find_same(other, spec) != NULL)
			return spec;
	}
	return NULL;
}

/* Do those that stay stand in another order, or new ones before them? The recorder and the handlers have places of their own. */
static bool
order_differs(const struct sup_info *old, const struct sup_info *new)
{
	const struct child_spec *a, *b;
	size_t i = 0, k = 0, seen = 0;

	while (seen < new->sup->n_children && new->sup->children[seen]->stop_last)
		k = ++seen;
	while (i < old->sup->n_children && old->sup->children[i]->stop_last)
		i++;

	do {
		a = next_common(old->sup, &i, new);
		b = next_common(new->sup, &k, old);
		if (a == NULL || b == NULL)
			return false;
		if (k != ++seen) /* a new one stands before it */
			return true;
	} while (strcmp(a->id, b->id) == 0);
	return true;
}

static const struct handler *
find_handler(const struct config *c, const char *id)
{
	size_t i;

	for (i = 0; i < c->n_handlers; i++)
		if (strcmp(c->handlers[i].id, id) == 0)
			return &c->handlers[i];
	return NULL;
}

static void
compare_handler(struct difference *d, const struct handler *old, const struct handler *new)
{
	const struct const_bases a = { .of = { [TARGET_HANDLER] = old } }, b = { .of = { [TARGET_HANDLER] = new } };
	struct difference words = DIFFERENCE_INIT;
	char *reason;

	difference_of_section(&words, SECTION_ON_EVENT, &a, &b);
	if (words.any) {
		reason = xasprintf("on_event %s: %s", new->id, words.text.data);
		difference_add(d, EFFECT_RESTART, reason);
		free(reason);
	}
	difference_release(&words);
}

static void
handler_comes_or_goes(struct difference *d, const struct handler *h, const char *what)
{
	char *reason = xasprintf("on_event %s: %s", h->id, what);

	difference_add(d, EFFECT_RESTART, reason);
	free(reason);
}

/* The child that runs the handlers: what its arguments say is said in the words of the file. */
static void
compare_handlers(struct difference *d, const struct config *old, const struct config *new)
{
	const struct handler *before;
	size_t i;

	for (i = 0; i < new->n_handlers; i++) {
		before = find_handler(old, new->handlers[i].id);
		if (before == NULL)
			handler_comes_or_goes(d, &new->handlers[i], "new");
		else
			compare_handler(d, before, &new->handlers[i]);
	}
	for (i = 0; i < old->n_handlers; i++)
		if (find_handler(new, old->handlers[i].id) == NULL)
			handler_comes_or_goes(d, &old->handlers[i], "no longer there");
}

static void
compare_workers(struct planner *p, struct difference *d, const struct child_spec *old, const struct child_spec *new)
{
	const struct launch *x = config_launch(old), *y = config_launch(new);
	const struct const_bases a = { .of = {
		[TARGET_SPEC] = old, [TARGET_LAUNCH] = x, [TARGET_SCRAPER] = x->scraper } };
	const struct const_bases b = { .of = {
		[TARGET_SPEC] = new, [TARGET_LAUNCH] = y, [TARGET_SCRAPER] = y->scraper } };

	if ((x->scraper == NULL) != (y->scraper == NULL)) {
		difference_add(d, EFFECT_RESTART, x->scraper == NULL ? "was a child, is a scraper" :
								       "was a scraper, is a child");
		return;
	}
	if (x->events && y->events)
		compare_handlers(d, p->old, p->new);
	/* Where the program stands, or another order of handlers: that is left to be told. */
	if (x->events && y->events && d->any)
		return;
	/* Lines need a descriptor, which only a start gives. */
	if (!spec_has_control(old) && spec_has_control(new))
		difference_add(d, EFFECT_RESTART, "gets a control descriptor");
	if (x->scraper == NULL) {
		difference_of_section(d, SECTION_CHILD, &a, &b);
		return;
	}
	difference_of_section(d, SECTION_SCRAPER, &a, &b);
	difference_of_sources(d, x->scraper, y->scraper);
	if (x->argv.n > 0 && y->argv.n > 0 && strcmp(x->argv.v[0], y->argv.v[0]) != 0)
		difference_add(d, EFFECT_RESTART, "pricescrape stands elsewhere");
}

static void
plan_worker(struct planner *p, const struct child_spec *old, const struct child_spec *new)
{
	enum plan_kind kind;

	if (p->last_old != old->user || p->last_new != new->user) {
		difference_release(&p->last);
		p->last = (struct difference)DIFFERENCE_INIT;
		compare_workers(p, &p->last, old, new);
		p->last_old = old->user;
		p->last_new = new->user;
	}
	kind = p->last.restart ? PLAN_RESTART : p->last.any ? PLAN_CHANGE : PLAN_KEEP;
	add_entry(p, kind, new->id, old, new, p->last.text.data);
}

static void plan_children(struct planner *p, const struct sup_info *old, const struct sup_info *new);

/* S85: the instances that live are left alone; a changed template is theirs from their next start on. */
static void
plan_template(struct planner *p, const struct child_spec *old, const struct child_spec *new)
{
	struct difference d = DIFFERENCE_INIT;
	char *text;

	if (strcmp(old->id, new->id) != 0) {
		text = xasprintf("name: %s -> %s", old->id, new->id);
		difference_add(&d, EFFECT_POLICY, text);
		free(text);
	}
	compare_workers(p, &d, old, new);
	if (d.any) {
		text = xasprintf("%s (instances: from their next start on)", d.text.data);
		add_entry(p, PLAN_CHANGE, new->id, old, new, text);
		free(text);
	} else {
		add_entry(p, PLAN_KEEP, new->id, old, new, "");
	}
	difference_release(&d);
}

static void
plan_supervisor(struct planner *p, const struct child_spec *old, const struct child_spec *new)
{
	const struct const_bases a = { .of = { [TARGET_SPEC] = old, [TARGET_SUP] = old->sup } };
	const struct const_bases b = { .of = { [TARGET_SPEC] = new, [TARGET_SUP] = new->sup } };
	struct difference d = DIFFERENCE_INIT;
	size_t len;

	difference_of_section(&d, SECTION_SUPERVISOR, &a, &b);
	if (order_differs(old->user, new->user))
		difference_add(&d, EFFECT_POLICY, "order of children (from its next start on)");
	add_entry(p, d.any ? PLAN_CHANGE : PLAN_KEEP, new->id, old, new, d.text.data);
	difference_release(&d);
	len = enter(p, new->id);
	if (is_simple(new))
		plan_template(p, old->sup->children[0], new->sup->children[0]);
	else
		plan_children(p, old->user, new->user);
	leave(p, len);
}

static void
plan_children(struct planner *p, const struct sup_info *old, const struct sup_info *new)
{
	const struct child_spec *spec, *before;
	char reason[96];
	size_t i;

	for (i = 0; i < new->sup->n_children; i++) {
		spec = new->sup->children[i];
		before = find_same(old, spec);
		if (before == NULL) {
			snprintf(reason, sizeof(reason), "new");
			if (spec->type == CHILD_SUPERVISOR)
				snprintf(reason, sizeof(reason), "new, with %zu below it", count_below(spec->sup));
			add_entry(p, PLAN_ADD, spec->id, NULL, spec, reason);
		} else if (spec->type == CHILD_SUPERVISOR) {
			plan_supervisor(p, before, spec);
		} else {
			plan_worker(p, before, spec);
		}
	}
}

static void
plan_node(struct planner *p, const struct node_conf *old, const struct node_conf *new)
{
	const struct const_bases a = { .of = { [TARGET_NODE] = old } }, b = { .of = { [TARGET_NODE] = new } };
	struct difference d = DIFFERENCE_INIT;
	char *reason;

	difference_of_section(&d, SECTION_NODE, &a, &b);
	if (d.any) {
		reason = xasprintf("node %s: %s", new->name, d.text.data);
		add_entry(p, PLAN_SETTING, NULL, NULL, NULL, reason);
		free(reason);
	}
	difference_release(&d);
}

static void
plan_nodes(struct planner *p)
{
	const struct config *old = p->old, *new = p->new;
	struct strmap names = STRMAP_INIT;
	struct node_conf *n;
	char *reason;
	size_t i;

	for (i = 0; i < old->n_nodes; i++)
		strmap_put(&names, old->nodes[i].name, &old->nodes[i]);
	/* nodes[0], the local one: its lease is `hold`, told there. */
	for (i = 0; i < new->n_nodes; i++) {
		struct node_conf now = new->nodes[i];

		n = strmap_remove(&names, now.name);
		if (n != NULL) {
			if (i == 0)
				now.lease_us = n->lease_us;
			plan_node(p, n, &now);
			continue;
		}
		reason = xasprintf("node %s: new", now.name);
		add_entry(p, PLAN_SETTING, NULL, NULL, NULL, reason);
		free(reason);
	}
	for (i = 0; i < old->n_nodes; i++) {
		if (strmap_find(&names, old->nodes[i].name) == NULL)
			continue;
		reason = xasprintf("node %s: no longer there", old->nodes[i].name);
		add_entry(p, PLAN_SETTING, NULL, NULL, NULL, reason);
		free(reason);
	}
	strmap_release(&names);
}

/* The words at the top of the file that are the daemon's, or those that are the root supervisor's. */
static void
compare_top(struct planner *p, struct difference *d, bool of_root)
{
	struct config x = *p->old, y = *p->new;
	const struct const_bases a = { .of = { [TARGET_CONFIG] = &x, [TARGET_SUP] = &x.root } };
	const struct const_bases b = { .of = { [TARGET_CONFIG] = &y, [TARGET_SUP] = &y.root } };

	/* What is the same on both sides is not compared. */
	if (of_root) {
		y = *p->old;
		y.root = p->new->root;
	} else {
		y.root = p->old->root;
	}
	difference_of_section(d, SECTION_ROOT, &a, &b);
}

static void
plan_settings(struct planner *p)
{
	const struct config_data *data = config_data(p->new);
	struct difference d = DIFFERENCE_INIT;
	size_t i;

	compare_top(p, &d, false);
	if (d.text.len > 0)
		add_entry(p, PLAN_SETTING, NULL, NULL, NULL, d.text.data);
	if (d.later.len > 0)
		add_entry(p, PLAN_LATER, NULL, NULL, NULL, d.later.data);
	for (i = 0; i < data->later.n; i++)
		add_entry(p, PLAN_LATER, NULL, NULL, NULL, data->later.v[i]);
	difference_release(&d);
	plan_nodes(p);
}

static void
plan_root(struct planner *p)
{
	struct difference d = DIFFERENCE_INIT;

	compare_top(p, &d, true);
	if (order_differs(&config_data(p->old)->root, &config_data(p->new)->root))
		difference_add(&d, EFFECT_POLICY, "order of children (from the daemon's next start on)");
	add_entry(p, d.any ? PLAN_CHANGE : PLAN_KEEP, "", NULL, NULL, d.text.data);
	difference_release(&d);
}

struct plan *
plan_make(const struct config *old, const struct config *new)
{
	struct planner p = { .old = old, .new = new, .path = BUF_INIT(0), .last = DIFFERENCE_INIT };

	p.plan = xcalloc(1, sizeof(*p.plan));
	plan_settings(&p);
	plan_removals(&p, &config_data(old)->root, &config_data(new)->root);
	plan_root(&p);
	plan_children(&p, &config_data(old)->root, &config_data(new)->root);
	difference_release(&p.last);
	buf_release(&p.path);
	return p.plan;
}

void
plan_free(struct plan *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->n; i++) {
		free(p->v[i].path);
		free(p->v[i].reason);
	}
	free(p->v);
	free(p);
}

void
plan_amend(struct plan *p, struct plan_entry *e, enum plan_kind kind, char *reason)
{
	p->counts[e->kind]--;
	p->counts[kind]++;
	e->kind = kind;
	free(e->reason);
	e->reason = reason;
}

const char *
plan_kind_name(enum plan_kind kind)
{
	static const char *const names[] = {
		[PLAN_SETTING] = "set", [PLAN_LATER] = "later", [PLAN_REMOVE] = "remove", [PLAN_ADD] = "add",
		[PLAN_RESTART] = "restart", [PLAN_CHANGE] = "change", [PLAN_KEEP] = "keep",
	};

	_Static_assert(ARRAY_LEN(names) == PLAN_KINDS, "a kind has no name");
	return names[kind];
}

void
plan_print(const struct plan *p, struct buf *out)
{
	const struct plan_entry *e;
	size_t i;

	for (i = 0; i < p->n; i++) {
		e = &p->v[i];
		if (e->kind == PLAN_KEEP)
			continue;
		buf_xaddstr(out, plan_kind_name(e->kind));
		if (e->path != NULL)
			buf_xprintf(out, " %s", e->path[0] == '\0' ? "the root" : e->path);
		buf_xprintf(out, ": %s\n", e->reason);
	}
	buf_xprintf(out, "%zu to add, %zu to remove, %zu to restart, %zu to change in place, %zu kept as they are\n",
	    p->counts[PLAN_ADD], p->counts[PLAN_REMOVE], p->counts[PLAN_RESTART],
	    p->counts[PLAN_CHANGE], p->counts[PLAN_KEEP]);
}
