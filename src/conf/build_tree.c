/* Supervisors, children, nodes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "conf/build.h"
#include "conf/paths.h"
#include "conf/text.h"

/* A supervisor in the making. */
struct sup_build {
	struct child_spec **v; /* owned */
	struct place *at;      /* owned: where each stands */
	size_t n;
	size_t cap;
	struct strmap ids;  /* id -> its statement */
	const struct sup_info *info;
	unsigned depth;
	size_t path_len;    /* of the children's prefix, with its slash */
};

static void
add_child(struct sup_build *sb, struct child_spec *spec, struct place at)
{
	if (sb->n == sb->cap) {
		sb->cap = sb->cap == 0 ? 16 : sb->cap * 2;
		sb->v = xreallocarray(sb->v, sb->cap, sizeof(*sb->v));
		sb->at = xreallocarray(sb->at, sb->cap, sizeof(*sb->at));
	}
	sb->v[sb->n] = spec;
	sb->at[sb->n] = at;
	sb->n++;
}

/* S7: unique in its supervisor; false with the error said. */
static bool
claim_id(struct builder *b, struct sup_build *sb, const char *id, const struct stmt *s)
{
	const struct stmt *first = strmap_find(&sb->ids, id);
	char quoted[DIAG_QUOTE_SIZE];

	if (first != NULL) {
		diag_error(b->cx.diag, s->id.at, "the name '%s' is taken in this supervisor, first in line %u",
		    diag_quote(id, quoted), first->at.line);
		diag_name_error(b->cx.diag, "duplicate_child_name");
		return false;
	}
	if (sb->path_len == 0 && strcmp(id, CONFIG_RECORDER_ID) == 0) {
		diag_error(b->cx.diag, s->id.at, "the name '" CONFIG_RECORDER_ID
		    "' is kept for trapexit's own recorder, expected another one at the top of the file");
		return false;
	}
	if (sb->path_len == 0 && strcmp(id, CONFIG_EVENTS_ID) == 0) {
		diag_error(b->cx.diag, s->id.at, "the name '" CONFIG_EVENTS_ID
		    "' is kept for what runs the commands of on_event, expected another one at the top of the file");
		return false;
	}
	if (sb->path_len + strlen(id) > BUILD_PATH_MAX) {
		diag_error(b->cx.diag, s->id.at, "the path of '%s' is too long, expected at most %d bytes",
		    diag_quote(id, quoted), BUILD_PATH_MAX);
		return false;
	}
	if (b->n_children == BUILD_CHILDREN_MAX) {
		diag_error(b->cx.diag, s->at, "there are too many children, expected at most %d", BUILD_CHILDREN_MAX);
		return false;
	}
	b->n_children++;
	strmap_put(&sb->ids, id, (void *)(uintptr_t)s);
	return true;
}

/* One spec an instance; they share the launch and the bytes of the spec but for the id. */
static void
add_instances(struct builder *b, struct sup_build *sb, const struct stmt *s, const struct child_spec *spec,
    struct launch_box *box)
{
	const struct launch *l = &box->launch;
	const unsigned n = l->instances == 0 ? 1 : l->instances;
	struct child_spec *block = arena_array(b->cx.arena, n, sizeof(*block));
	char id[TEXT_ID_MAX + 16];
	unsigned i;

	box->specs = block;
	for (i = 0; i < n; i++) {
		block[i] = *spec;
		box->n_specs = i + 1;
		if (l->instances > 0) {
			snprintf(id, sizeof(id), "%s:%u", spec->id, i + 1);
			block[i].id = arena_strdup(b->cx.arena, id);
		}
		if (!claim_id(b, sb, block[i].id, s))
			return;
		add_child(sb, &block[i], s->at);
	}
	build_ties_note(b, s, &block[0], sb->info);
}

/* What a reader of the file could not have meant. */
static void
check_child(struct builder *b, const struct stmt *s, const uint32_t *lines, struct launch *l)
{
	if (l->output == OUTPUT_OBSERVATIONS && !build_has(SECTION_CHILD, lines, "stderr"))
		l->err = STDERR_PIPE;
	if (!build_has(SECTION_CHILD, lines, "command")) {
		diag_error(b->cx.diag, s->at, "this child has no 'command', expected command = \"program arguments\"");
		diag_name_error(b->cx.diag, "missing_start");
	}
	if (l->output == OUTPUT_OBSERVATIONS && l->out == STDOUT_NULL)
		diag_error(b->cx.diag, s->at, "output = observations and stdout = null contradict each other, expected "
		    "one of them");
	else if (l->output == OUTPUT_OBSERVATIONS && l->err == STDERR_JOIN)
		diag_error(b->cx.diag, s->at, "output = observations and stderr = join contradict each other: its "
		    "messages would stand among the observations, expected stderr = own or null");
}

static void
check_spec(struct builder *b, const struct stmt *s, const struct child_spec *spec)
{
	const struct backoff_spec *bo = &spec->backoff;

	if (bo->enabled && bo->max_us < bo->min_us)
		diag_error(b->cx.diag, s->at, "the backoff's max is below its min, expected min <= max");
}

static void
build_child(struct builder *b, struct sup_build *sb, const struct stmt *s)
{
	struct launch_box *box = config_add_launch(b->c);
	struct child_spec spec = b->defaults.worker;
	const struct bases to = { .of = { [TARGET_SPEC] = &spec, [TARGET_LAUNCH] = &box->launch } };
	uint32_t lines[SCHEMA_WORDS_MAX];

	box->launch = b->defaults.child;
	box->launch.line = s->at.line;
	box->at = s->at;
	spec.id = build_id(b, s);
	build_section(b, SECTION_CHILD, s, &to, lines, NULL, NULL);
	check_child(b, s, lines, &box->launch);
	check_spec(b, s, &spec);
	build_places(b, s, box);
	if (spec.id == NULL)
		return;
	spec.id = box->launch.id = arena_strdup(b->cx.arena, spec.id);
	spec.user = &box->launch;
	build_ties_take(&spec, &box->launch);
	add_instances(b, sb, s, &spec, box);
}

static void
scraper_cb(struct builder *b, void *arg, const struct schema_word *w, const struct stmt *s)
{
	struct build_sources *bs = arg;

	if (w->type == VALUE_SOURCES)
		build_sources_from(b, bs, s);
	else
		build_source(b, bs, s);
}

static void
scraper_argv(struct builder *b, struct launch *l)
{
	size_t i;

	if (b->pricescrape == NULL)
		b->pricescrape = paths_program("pricescrape");
	strvec_push(&l->argv, b->pricescrape);
	strvec_push(&l->argv, "--job");
	for (i = 0; i < l->scraper->options.n; i++)
		strvec_push(&l->argv, l->scraper->options.v[i]);
}

static void
build_scraper(struct builder *b, struct sup_build *sb, const struct stmt *s)
{
	struct launch_box *box = config_add_launch(b->c);
	struct build_sources bs = { .ids = STRMAP_INIT };
	struct child_spec spec = b->defaults.worker;
	const struct bases to = { .of = {
		[TARGET_SPEC] = &spec, [TARGET_LAUNCH] = &box->launch, [TARGET_SCRAPER] = &box->scraper } };
	uint32_t lines[SCHEMA_WORDS_MAX];

	box->launch = b->defaults.scraper_launch;
	box->scraper = b->defaults.scraper;
	box->launch.scraper = &box->scraper;
	box->launch.line = s->at.line;
	box->at = s->at;
	spec.id = build_id(b, s);
	build_section(b, SECTION_SCRAPER, s, &to, lines, scraper_cb, &bs);
	build_sources_finish(b, &bs, &box->scraper);
	check_spec(b, s, &spec);
	build_places(b, s, box);
	scraper_argv(b, &box->launch);
	if (spec.id == NULL)
		return;
	spec.id = box->launch.id = arena_strdup(b->cx.arena, spec.id);
	spec.user = &box->launch;
	build_ties_take(&spec, &box->launch);
	add_instances(b, sb, s, &spec, box);
}

static void build_supervisor(struct builder *b, struct sup_build *up, const struct stmt *s);

static void
child_cb(struct builder *b, void *arg, const struct schema_word *w, const struct stmt *s)
{
	switch (w->section) {
	case SECTION_CHILD:
		build_child(b, arg, s);
		break;
	case SECTION_SCRAPER:
		build_scraper(b, arg, s);
		break;
	case SECTION_SUPERVISOR:
		build_supervisor(b, arg, s);
		break;
	case SECTION_ON_EVENT:
		build_handler(b, s);
		break;
	case SECTION_NODE: /* read before all others */
	case SECTION_ROOT:
	case SECTION_JOURNAL:
	case SECTION_SOURCE:
	case SECTION_BACKOFF:
	case SECTION_ENVIRONMENT:
	case SECTION_LIMIT:
	case SECTION_LOG:
	case SECTIONS:
		break;
	}
}

/* S12, once the supervisor's own words are known. */
static void
check_significant(struct builder *b, const struct sup_build *sb, const struct sup_spec *sup)
{
	size_t i;

	for (i = 0; i < sb->n; i++) {
		if (!sb->v[i]->significant)
			continue;
		if (i > 0 && sb->v[i]->type == CHILD_WORKER && sb->v[i - 1]->user == sb->v[i]->user)
			continue; /* the next instance of the same child */
		if (sb->v[i]->restart == RESTART_PERMANENT)
			diag_error(b->cx.diag, sb->at[i], "a permanent child cannot be significant, expected restart = "
			    "transient or temporary");
		else if (sup->auto_shutdown == AUTO_SHUTDOWN_NEVER)
			diag_error(b->cx.diag, sb->at[i], "a significant child needs a supervisor with auto_shutdown, "
			    "expected auto_shutdown = any_significant or all_significant there");
		else
			continue;
		diag_name_error(b->cx.diag, "bad_combination");
	}
}

static void
finish_supervisor(struct builder *b, struct sup_build *sb, struct sup_spec *sup, struct sup_info *info,
    struct place at)
{
	const struct child_spec **children = arena_array(b->cx.arena, sb->n, sizeof(*children));
	size_t i;

	check_significant(b, sb, sup);
	for (i = 0; i < sb->n; i++)
		children[i] = sb->v[i];
	sup->children = children;
	sup->n_children = sb->n;
	info->at = at;
	config_index_children(b->c, info, sup);
	strmap_release(&sb->ids);
	free(sb->v);
	free(sb->at);
}

/* S6, S86: one child, of which instances are made; it must make sense to have more than one. */
static void
check_template(struct builder *b, const struct stmt *s, const struct sup_build *sb, const struct sup_spec *sup)
{
	const struct launch *l;

	if (sup->strategy != STRATEGY_SIMPLE_ONE_FOR_ONE) {
		if (sup->max_children != 0)
			diag_error(b->cx.diag, s->at, "'max_children' has a meaning under simple_one_for_one only, expected "
			    "strategy = simple_one_for_one");
		return;
	}
	l = sb->n == 1 ? config_launch(sb->v[0]) : NULL;
	if (sb->n != 1 && (sb->n == 0 || sb->v[0]->user != sb->v[sb->n - 1]->user)) {
		diag_error(b->cx.diag, s->at, "a simple_one_for_one supervisor has one child, of which instances are made, "
		    "expected one 'child' here, not %zu", sb->n);
		diag_name_error(b->cx.diag, "bad_start_spec");
	} else if (l == NULL) {
		diag_error(b->cx.diag, sb->at[0], sb->n == 1 ?
			"instances are made of a child, expected 'child' and not 'supervisor' under simple_one_for_one" :
			"under simple_one_for_one instances are started at run time, expected no 'instances' here");
	} else if (l->scraper != NULL) {
		diag_error(b->cx.diag, sb->at[0], "instances of a scraper would all fetch the same sources, expected 'child' "
		    "and not 'scraper' under simple_one_for_one");
	} else if (l->instances > 0) {
		diag_error(b->cx.diag, sb->at[0], "under simple_one_for_one instances are started at run time, expected no "
		    "'instances' here");
	}
}

/* Its children's logs are in a folder of its name, beside the logs of its siblings: NAME.log, NAME.log.1. */
static void
check_folder(struct builder *b, const char *id, const struct stmt *s)
{
	const char *p = id;

	while ((p = strstr(p, ".log")) != NULL) {
		p += 4;
		if (*p == '\0' || *p == '.') {
			diag_error(b->cx.diag, s->id.at, "'%s' could be the log of a child, expected a supervisor's name "
			    "without '.log'", id);
			return;
		}
	}
}

static void
build_supervisor(struct builder *b, struct sup_build *up, const struct stmt *s)
{
	struct sup_spec *sup = arena_alloc(b->cx.arena, sizeof(*sup));
	struct sup_info *info = arena_alloc(b->cx.arena, sizeof(*info));
	struct child_spec *spec = arena_alloc(b->cx.arena, sizeof(*spec));
	const struct bases to = { .of = { [TARGET_SPEC] = spec, [TARGET_SUP] = sup } };
	struct sup_build sb = { .ids = STRMAP_INIT, .info = info, .depth = up->depth + 1 };
	uint32_t lines[SCHEMA_WORDS_MAX];
	const char *id = build_id(b, s);

	if (up->depth == BUILD_DEPTH_MAX) {
		diag_error(b->cx.diag, s->at, "supervisors are nested too deep, expected at most %d levels",
		    BUILD_DEPTH_MAX);
		return;
	}
	*sup = b->defaults.sup;
	*spec = b->defaults.sup_child;
	spec->id = id == NULL ? "" : arena_strdup(b->cx.arena, id);
	spec->sup = sup;
	spec->user = info;
	if (id != NULL) {
		check_folder(b, id, s);
		if (claim_id(b, up, spec->id, s))
			add_child(up, spec, s->at);
	}
	sb.path_len = up->path_len + strlen(spec->id) + 1;
	build_section(b, SECTION_SUPERVISOR, s, &to, lines, child_cb, &sb);
	check_spec(b, s, spec);
	check_template(b, s, &sb, sup);
	finish_supervisor(b, &sb, sup, info, s->at);
}

/* All nodes, before any child names one. */
static void
build_nodes(struct builder *b, const struct stmt *root)
{
	struct config *c = b->c;
	struct node_conf *node;
	const struct stmt *s;
	const char *id;
	size_t n = 1;

	for (s = root->first; s != NULL; s = s->next)
		n += strcmp(s->name, "node") == 0;
	c->nodes = arena_array(b->cx.arena, n, sizeof(*c->nodes));
	c->nodes[0] = b->defaults.node;
	c->nodes[0].name = arena_strdup(b->cx.arena, "local");
	c->nodes[0].kind = NODE_LOCAL;
	c->n_nodes = 1;
	strmap_put(&b->nodes, c->nodes[0].name, &c->nodes[0]);
	for (s = root->first; s != NULL; s = s->next) {
		if (strcmp(s->name, "node") != 0 || s->kind != STMT_SECTION || (id = build_id(b, s)) == NULL)
			continue;
		node = strmap_find(&b->nodes, id);
		if (node == NULL) {
			node = &c->nodes[c->n_nodes++];
			*node = b->defaults.node;
			node->name = arena_strdup(b->cx.arena, id);
			node->kind = NODE_SSH;
			node->number = (uint32_t)c->n_nodes - 1;
			strmap_put(&b->nodes, node->name, node);
		} else if (node->line != 0) {
			diag_error(b->cx.diag, s->id.at, "the name '%s' is taken by another node, first in line %u", id,
			    node->line);
			continue;
		}
		build_node(b, node, s);
	}
}

static uint32_t
word_line(const struct stmt *section, const char *word)
{
	const struct stmt *s = section->first;

	while (s != NULL && strcmp(s->name, word) != 0)
		s = s->next;
	return s != NULL ? s->at.line : 0;
}

void
build_tree(struct builder *b, const struct stmt *root)
{
	struct config *c = b->c;
	const struct bases to = { .of = { [TARGET_CONFIG] = c, [TARGET_SUP] = &c->root } };
	struct sup_info *info = &config_data(c)->root;
	struct sup_build sb = { .ids = STRMAP_INIT, .info = info };
	uint32_t lines[SCHEMA_WORDS_MAX];

	build_nodes(b, root);
	build_handlers_begin(b, root);
	c->hold_us = b->defaults.config.hold_us;
	c->connects = b->defaults.config.connects;
	c->sync_us = b->defaults.config.sync_us;
	c->journal_sync_us = b->defaults.config.journal_sync_us;
	c->journal_segment = b->defaults.config.journal_segment;
	c->journal_keep_us = b->defaults.config.journal_keep_us;
	c->root = b->defaults.config.root;
	build_section(b, SECTION_ROOT, root, &to, lines, child_cb, &sb);
	if (c->root.strategy == STRATEGY_SIMPLE_ONE_FOR_ONE)
		diag_error(b->cx.diag, (struct place){ word_line(root, "strategy"), 1 }, "the root is no simple_one_for_one, "
		    "expected that strategy in a 'supervisor' section");
	c->nodes[0].lease_us = c->hold_us;
	finish_supervisor(b, &sb, &c->root, info, root->at);
	build_ties_check(b);
	config_place(c, c, c->n_nodes > 1);
}

static unsigned
depth_of(const char *path)
{
	unsigned depth = path[0] != '\0';

	for (; *path != '\0'; path++)
		depth += *path == '/';
	return depth;
}

/* Not "child", "scraper" or "supervisor": what can stand here is less than in a file. */
static void
not_a_child(struct builder *b, const struct stmt *s)
{
	static const char *const words[] = { "child", "scraper", "supervisor" };
	struct diag_guess guess = { .word = s->name };
	char quoted[DIAG_QUOTE_SIZE];
	size_t i;

	diag_quote(s->name, quoted);
	for (i = 0; i < ARRAY_LEN(words); i++)
		diag_guess_offer(&guess, words[i]);
	if (guess.best != NULL)
		diag_error(b->cx.diag, s->at, "'%s' is no child; did you mean '%s'?", quoted, guess.best);
	else
		diag_error(b->cx.diag, s->at, "'%s' is no child, expected child NAME { ... }, scraper NAME { ... } or "
		    "supervisor NAME { ... }", quoted);
	diag_name_error(b->cx.diag, "invalid_child_type");
}

void
build_pieces(struct builder *b, const struct stmt *root, const struct config_place *place)
{
	struct sup_build sb = { .ids = STRMAP_INIT, .depth = depth_of(place->path) };
	struct config *c = b->c;
	const struct schema_word *w;
	const struct stmt *s;
	size_t i;

	c->nodes = place->config->nodes;
	c->n_nodes = place->config->n_nodes;
	for (i = 0; i < c->n_nodes; i++)
		strmap_put(&b->nodes, c->nodes[i].name, &c->nodes[i]);
	c->root = b->defaults.config.root;
	c->root.auto_shutdown = place->sup != NULL ? place->sup->auto_shutdown : AUTO_SHUTDOWN_ANY_SIGNIFICANT;
	if (place->path[0] != '\0')
		sb.path_len = strlen(place->path) + 1;
	for (s = root->first; s != NULL; s = s->next) {
		w = schema_find(SECTION_SUPERVISOR, s->name, &i);
		if (w != NULL && w->type == VALUE_SECTION && w->repeat == SECTION_NAMED && s->kind == STMT_SECTION)
			child_cb(b, &sb, w, s);
		else if (!s->broken || s->kind == STMT_SECTION)
			not_a_child(b, s);
	}
	finish_supervisor(b, &sb, &c->root, &config_data(c)->root, root->at);
	config_place(c, place->config, place->config->placed);
	c->nodes = NULL;
	c->n_nodes = 0;
}
