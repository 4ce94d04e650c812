/* The canonical form: what differs from the defaults, in the order of the schema. */
#include <stdio.h>
#include <string.h>

#include "conf/config_data.h"
#include "conf/text.h"
#include "conf/value.h"

struct printer {
	struct buf *out;
	struct defaults defaults;
	unsigned depth;
	bool all; /* what is as it is by default, too */
};

static void
indent(struct printer *p)
{
	unsigned i;

	for (i = 0; i < p->depth; i++)
		buf_xaddstr(p->out, "    ");
}

static void
open_section(struct printer *p, const char *name, const char *id)
{
	indent(p);
	buf_xaddstr(p->out, name);
	if (id != NULL) {
		buf_xaddc(p->out, ' ');
		value_put_word(p->out, id);
	}
	buf_xaddstr(p->out, " {\n");
	p->depth++;
}

static void
close_section(struct printer *p)
{
	p->depth--;
	indent(p);
	buf_xaddstr(p->out, "}\n");
}

static void print_words(struct printer *p, enum schema_id id, const struct const_bases *b,
    const struct const_bases *def);

static void
print_environment(struct printer *p, const struct strvec *env)
{
	const char *equals;
	size_t i;

	if (env->n == 0)
		return;
	open_section(p, "environment", NULL);
	for (i = 0; i < env->n; i++) {
		equals = strchr(env->v[i], '=');
		indent(p);
		buf_xprintf(p->out, "%.*s = ", (int)(equals - env->v[i]), env->v[i]);
		value_put_string(p->out, equals + 1);
		buf_xaddc(p->out, '\n');
	}
	close_section(p);
}

/* A section without a name, if anything in it differs. */
static void
print_once(struct printer *p, const struct schema_word *w, const struct const_bases *b, const struct const_bases *def)
{
	const struct child_spec *spec = b->of[TARGET_SPEC];
	const size_t before = p->out->len;
	size_t opened;

	if (w->section == SECTION_ENVIRONMENT) {
		print_environment(p, const_field(b, w));
		return;
	}
	if (w->section == SECTION_BACKOFF && spec != NULL && !spec->backoff.enabled) {
		indent(p);
		buf_xprintf(p->out, "%s = %s\n", w->word, w->none);
		return;
	}
	open_section(p, w->word, NULL);
	opened = p->out->len;
	print_words(p, w->section, b, def);
	if (p->out->len > opened) {
		close_section(p);
		return;
	}
	p->depth--;
	p->out->len = before; /* nothing differs: take the heading back */
	p->out->data[before] = '\0';
}

static void
print_words(struct printer *p, enum schema_id id, const struct const_bases *b, const struct const_bases *def)
{
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(id, i)) != NULL; i++) {
		if (w->type == VALUE_SECTION) {
			if (w->repeat == SECTION_ONCE)
				print_once(p, w, b, def);
			continue;
		}
		if (w->type == VALUE_SOURCES)
			continue;
		if (!value_is_set(w, const_field(b, w))) {
			if (p->all && w->def != NULL) {
				indent(p);
				buf_xprintf(p->out, "%s = %s\n", w->word, w->def);
			}
			continue;
		}
		if (!p->all && value_equal(w, const_field(b, w), const_field(def, w)))
			continue;
		indent(p);
		buf_xprintf(p->out, "%s = ", w->word);
		value_print(w, const_field(b, w), p->out);
		buf_xaddc(p->out, '\n');
	}
}

static void
print_scraper(struct printer *p, const char *id, const struct child_spec *spec, const struct launch *l)
{
	const struct const_bases b = { .of = {
		[TARGET_SPEC] = spec, [TARGET_LAUNCH] = l, [TARGET_SCRAPER] = l->scraper } };
	const struct const_bases def = { .of = { [TARGET_SPEC] = &p->defaults.worker,
		[TARGET_LAUNCH] = &p->defaults.scraper_launch, [TARGET_SCRAPER] = &p->defaults.scraper } };
	const struct const_bases source_def = { .of = { [TARGET_SOURCE] = &p->defaults.source } };
	size_t i;

	open_section(p, "scraper", id);
	print_words(p, SECTION_SCRAPER, &b, &def);
	for (i = 0; i < l->scraper->n_sources; i++) {
		const struct const_bases source = { .of = { [TARGET_SOURCE] = &l->scraper->sources[i] } };

		open_section(p, "source", l->scraper->sources[i].id);
		print_words(p, SECTION_SOURCE, &source, &source_def);
		close_section(p);
	}
	close_section(p);
}

static void
print_child(struct printer *p, const char *id, const struct child_spec *spec, const struct launch *l)
{
	const struct const_bases b = { .of = { [TARGET_SPEC] = spec, [TARGET_LAUNCH] = l } };
	const struct launch *base = l->output == OUTPUT_OBSERVATIONS ? &p->defaults.observer : &p->defaults.child;
	const struct const_bases def = { .of = { [TARGET_SPEC] = &p->defaults.worker, [TARGET_LAUNCH] = base } };

	open_section(p, "child", id);
	print_words(p, SECTION_CHILD, &b, &def);
	close_section(p);
}

static void print_children(struct printer *p, const struct sup_spec *sup);

static void
print_supervisor(struct printer *p, const struct child_spec *spec)
{
	const struct const_bases b = { .of = { [TARGET_SPEC] = spec, [TARGET_SUP] = spec->sup } };
	const struct const_bases def = { .of = {
		[TARGET_SPEC] = &p->defaults.sup_child, [TARGET_SUP] = &p->defaults.sup } };

	open_section(p, "supervisor", spec->id);
	print_words(p, SECTION_SUPERVISOR, &b, &def);
	print_children(p, spec->sup);
	close_section(p);
}

static void
print_children(struct printer *p, const struct sup_spec *sup)
{
	const struct child_spec *spec;
	const struct launch *l, *last = NULL;
	size_t i;

	for (i = 0; i < sup->n_children; i++) {
		spec = sup->children[i];
		l = config_launch(spec);
		if (l == NULL)
			print_supervisor(p, spec);
		else if (l->scraper != NULL)
			print_scraper(p, l->id, spec, l);
		else if (!l->recorder && !l->events && l != last) /* once for all instances */
			print_child(p, l->id, spec, l);
		last = l;
	}
}

void
config_print_child(const struct child_spec *spec, bool all, struct buf *out)
{
	struct arena arena = ARENA_INIT;
	struct printer p = { .out = out, .all = all };
	struct launch one;

	defaults_init(&p.defaults, &arena);
	if (spec->type == CHILD_SUPERVISOR) {
		print_supervisor(&p, spec);
	} else {
		one = *config_launch(spec);
		one.instances = 0; /* this one has its number in its id */
		if (one.scraper != NULL)
			print_scraper(&p, spec->id, spec, &one);
		else
			print_child(&p, spec->id, spec, &one);
	}
	arena_release(&arena);
}

static void
print_nodes(struct printer *p, const struct config *c)
{
	struct node_conf local = p->defaults.node;
	size_t i;

	local.lease_us = c->hold_us;
	for (i = 0; i < c->n_nodes; i++) {
		const struct const_bases b = { .of = { [TARGET_NODE] = &c->nodes[i] } };
		const struct const_bases def = { .of = { [TARGET_NODE] = i == 0 ? &local : &p->defaults.node } };

		if (i == 0 && c->nodes[0].capacity == local.capacity)
			continue;
		open_section(p, "node", c->nodes[i].name);
		print_words(p, SECTION_NODE, &b, &def);
		close_section(p);
	}
}

static void
print_handler(struct printer *p, const struct handler *h)
{
	const struct const_bases b = { .of = { [TARGET_HANDLER] = h } };
	const struct const_bases def = { .of = { [TARGET_HANDLER] = &p->defaults.handler } };

	open_section(p, "on_event", h->id);
	print_words(p, SECTION_ON_EVENT, &b, &def);
	close_section(p);
}

void
config_print_handler(const struct handler *h, struct buf *out)
{
	struct arena arena = ARENA_INIT;
	struct printer p = { .out = out };

	defaults_init(&p.defaults, &arena);
	print_handler(&p, h);
	arena_release(&arena);
}

void
config_print(const struct config *c, struct buf *out)
{
	struct arena arena = ARENA_INIT;
	struct printer p = { .out = out };
	const struct const_bases b = { .of = { [TARGET_CONFIG] = c, [TARGET_SUP] = &c->root } };
	const struct const_bases def = { .of = {
		[TARGET_CONFIG] = &p.defaults.config, [TARGET_SUP] = &p.defaults.config.root } };

	defaults_init(&p.defaults, &arena);
	print_words(&p, SECTION_ROOT, &b, &def);
	print_nodes(&p, c);
	for (size_t i = 0; i < c->n_handlers; i++)
		print_handler(&p, &c->handlers[i]);
	print_children(&p, &c->root);
	arena_release(&arena);
}
