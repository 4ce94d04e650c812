#include "conf/config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "conf/advise.h"
#include "conf/build.h"
#include "conf/file.h"
#include "conf/parse.h"
#include "conf/paths.h"

#define FILE_SIZE_MAX ((size_t)256 << 20)
/* Commands that run when the handlers are told to end get some of this to end by themselves. */
#define EVENTS_SHUTDOWN_MS 10000

struct config_data *
config_data(const struct config *c)
{
	return c->arena;
}

struct config *
config_new(void)
{
	struct config *c = xcalloc(1, sizeof(*c));

	c->arena = xcalloc(1, sizeof(struct config_data));
	c->refs = 1;
	return c;
}

struct launch_box *
config_add_launch(struct config *c)
{
	struct config_data *data = config_data(c);
	struct launch_box *box = xcalloc(1, sizeof(*box));

	box->next = data->launches;
	data->launches = box;
	return box;
}

struct config *
config_ref(struct config *c)
{
	c->refs++;
	return c;
}

static void
box_free(struct launch_box *box)
{
	strvec_release(&box->launch.argv);
	strvec_release(&box->launch.env);
	strvec_release(&box->launch.nodes);
	strvec_release(&box->launch.links);
	strvec_release(&box->launch.monitors);
	strvec_release(&box->scraper.options);
	free(box);
}

static void
handler_release(struct handler *h)
{
	strvec_release(&h->match.types);
	strvec_release(&h->match.child);
	strvec_release(&h->match.reason);
	strvec_release(&h->match.node);
	strvec_release(&h->command);
}

void
config_unref(struct config *c)
{
	struct launch_box *box, *next;
	struct config_data *data;

	if (c == NULL || --c->refs > 0)
		return;
	data = config_data(c);
	for (box = data->launches; box != NULL; box = next) {
		next = box->next;
		box_free(box);
	}
	for (size_t i = 0; i < c->n_nodes; i++)
		strvec_release(&c->nodes[i].ssh_options);
	while (c->n_handlers > 0)
		handler_release(&c->handlers[--c->n_handlers]);
	strvec_release(&data->later);
	arena_release(&data->arena);
	free(data);
	free(c);
}

/* The folder of the file, absolute: the daemon may stand elsewhere at its next reload. NULL on failure. */
static char *
folder_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash == NULL ? xstrdup(".") : xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	char *absolute = realpath(dir, NULL);

	free(dir);
	return absolute;
}

/* NULL if there are errors. */
static struct config *
parse_config(const char *name, const char *dir, const char *text, size_t len, struct config_errors *errors)
{
	struct diag diag = DIAG_INIT(name);
	struct arena tree = ARENA_INIT;
	struct config *c = config_new();

	build_config(c, parse_text(text, len, &tree, &diag), &diag, dir);
	arena_release(&tree);
	if (diag.errors == 0) {
		advise(c, &diag);
		if (dir != NULL) /* a file of this host, not just a text */
			advise_limits(c, &diag);
	} else {
		config_unref(c);
		c = NULL;
	}
	diag_report(&diag, errors);
	diag_release(&diag);
	return c;
}

struct config *
config_parse_children(const char *name, const char *text, size_t len, const struct config_place *place,
    struct config_errors *errors)
{
	char *dir = place->config->path != NULL ? folder_of(place->config->path) : NULL;
	struct diag diag = DIAG_INIT(name);
	struct arena tree = ARENA_INIT;
	struct config *c = config_new();

	build_children(c, parse_text(text, len, &tree, &diag), place, &diag, dir);
	arena_release(&tree);
	free(dir);
	if (diag.errors > 0) {
		config_unref(c);
		c = NULL;
	}
	diag_report(&diag, errors);
	diag_release(&diag);
	return c;
}

struct config *
config_parse(const char *name, const char *text, size_t len, struct config_errors *errors)
{
	return parse_config(name, NULL, text, len, errors);
}

/* The text of the file and its folder; -1 with the error said. */
static int
read_file(const char *path, struct buf *text, char **dir, struct config_errors *errors)
{
	struct err err = ERR_INIT;

	if (conf_file_read(path, text, &err) == -1) {
		buf_xprintf(&errors->text, "%s\n", err.msg);
		errors->errors++;
		return -1;
	}
	*dir = folder_of(path);
	if (*dir == NULL) {
		buf_xprintf(&errors->text, "%s: its folder cannot be found\n", path);
		errors->errors++;
		return -1;
	}
	return 0;
}

static char *
absolute_path(struct config *c, const char *dir, const char *path)
{
	const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
	char *joined = xasprintf("%s/%s", strcmp(dir, "/") == 0 ? "" : dir, base);
	char *kept = arena_strdup(&config_data(c)->arena, joined);

	free(joined);
	return kept;
}

struct config *
config_load(const char *path, struct config_errors *errors)
{
	struct buf text = BUF_INIT(FILE_SIZE_MAX);
	struct config *c = NULL;
	char *dir = NULL;

	if (read_file(path, &text, &dir, errors) == 0) {
		c = parse_config(path, dir, text.data != NULL ? text.data : "", text.len, errors);
		if (c != NULL)
			c->path = absolute_path(c, dir, path);
	}
	free(dir);
	buf_release(&text);
	return c;
}

struct config *
config_load_places(const char *path, struct config_errors *errors)
{
	static const char *const places[] = { "store", "state_dir", "run_dir", "log_dir" };
	struct buf text = BUF_INIT(FILE_SIZE_MAX);
	struct diag diag = DIAG_INIT(path);
	struct arena tree = ARENA_INIT;
	struct config *c;
	struct value_ctx cx;
	const struct stmt *s;
	char *dir = NULL;
	size_t i, k;

	if (read_file(path, &text, &dir, errors) == -1) {
		buf_release(&text);
		return NULL;
	}
	c = config_new();
	cx = (struct value_ctx){ &config_data(c)->arena, &diag, dir };
	s = parse_text(text.data != NULL ? text.data : "", text.len, &tree, &diag)->first;
	for (; s != NULL; s = s->next)
		for (k = 0; k < ARRAY_LEN(places); k++)
			if (strcmp(s->name, places[k]) == 0) {
				const struct schema_word *w = schema_find(SECTION_ROOT, places[k], &i);

				(void)value_read(&cx, w, s, (char *)c + w->offset);
			}
	c->path = absolute_path(c, dir, path);
	arena_release(&tree);
	diag_release(&diag); /* errors are trapexitd's to report */
	free(dir);
	buf_release(&text);
	return c;
}

const struct launch *
config_launch(const struct child_spec *spec)
{
	return spec->type == CHILD_WORKER ? spec->user : NULL;
}

static int
compare_ids(const void *pa, const void *pb)
{
	const struct child_spec *const *a = pa, *const *b = pb;

	return strcmp((*a)->id, (*b)->id);
}

void
config_index_children(struct config *c, struct sup_info *info, const struct sup_spec *sup)
{
	info->sup = sup;
	info->sorted = arena_array(&config_data(c)->arena, sup->n_children, sizeof(*info->sorted));
	if (sup->n_children == 0)
		return;
	memcpy(info->sorted, sup->children, sup->n_children * sizeof(*info->sorted));
	qsort(info->sorted, sup->n_children, sizeof(*info->sorted), compare_ids);
}

/* A child by the first len bytes of id. */
static const struct child_spec *
find_id(const struct sup_info *info, const char *id, size_t len)
{
	size_t low = 0, high = info->sup->n_children, mid;
	int order;

	while (low < high) {
		mid = low + (high - low) / 2;
		order = strncmp(info->sorted[mid]->id, id, len);
		if (order == 0 && info->sorted[mid]->id[len] != '\0')
			order = 1;
		if (order == 0)
			return info->sorted[mid];
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return NULL;
}

const struct child_spec *
config_find(const struct config *c, const char *path)
{
	return config_find_below(&config_data(c)->root, path);
}

const struct child_spec *
config_find_below(const struct sup_info *info, const char *path)
{
	const struct child_spec *spec;
	size_t len;

	for (;;) {
		len = strcspn(path, "/");
		spec = find_id(info, path, len);
		if (spec == NULL || path[len] == '\0')
			return spec;
		if (spec->type != CHILD_SUPERVISOR)
			return NULL;
		info = spec->user;
		path += len + 1;
	}
}

static void
recorder_argv(const struct config *c, struct launch *l)
{
	char *journal = paths_journal_dir(c);

	strvec_push_nodup(&l->argv, paths_program("trapexit-recorder"));
	strvec_push(&l->argv, "--journal");
	strvec_push_nodup(&l->argv, journal);
	strvec_push(&l->argv, "--store");
	strvec_push(&l->argv, c->store);
}

/* A child of our own at this place of the root; its launch, for what is special about it. */
static struct launch *
add_own_child(struct config *c, const char *id, size_t place, int64_t shutdown_ms)
{
	struct arena *arena = &config_data(c)->arena;
	const struct child_spec **children = arena_array(arena, c->root.n_children + 1, sizeof(*children));
	struct child_spec *spec = arena_alloc(arena, sizeof(*spec));
	struct launch *l = &config_add_launch(c)->launch;
	struct defaults d;

	defaults_init(&d, arena);
	*l = d.child;
	l->id = id;
	*spec = d.worker;
	spec->id = id;
	spec->stop_last = true;
	if (shutdown_ms != 0)
		spec->shutdown_ms = shutdown_ms;
	spec->user = l;
	if (place > 0)
		memcpy(children, c->root.children, place * sizeof(*children));
	children[place] = spec;
	if (c->root.n_children > place)
		memcpy(children + place + 1, c->root.children + place, (c->root.n_children - place) * sizeof(*children));
	c->root.children = children;
	c->root.n_children++;
	config_index_children(c, &config_data(c)->root, &c->root);
	return l;
}

static bool
has_child(const struct config *c, const char *id)
{
	return find_id(&config_data(c)->root, id, strlen(id)) != NULL;
}

void
config_add_recorder(struct config *c)
{
	struct launch *l;

	if (c->store == NULL || has_child(c, CONFIG_RECORDER_ID))
		return;
	l = add_own_child(c, CONFIG_RECORDER_ID, 0, 0);
	l->recorder = true;
	recorder_argv(c, l);
}

static void
events_argv(const struct config *c, struct launch *l)
{
	struct buf text = BUF_INIT(0);
	size_t i;

	strvec_push_nodup(&l->argv, paths_program("trapexit-event"));
	strvec_push(&l->argv, "--journal");
	strvec_push_nodup(&l->argv, paths_journal_dir(c));
	strvec_push(&l->argv, "--position");
	strvec_pushf(&l->argv, "%s/" CONFIG_EVENTS_ID, c->state_dir);
	for (i = 0; i < c->n_handlers; i++) {
		buf_clear(&text);
		config_print_handler(&c->handlers[i], &text);
		strvec_push(&l->argv, text.data);
	}
	buf_release(&text);
}

void
config_add_events(struct config *c)
{
	struct launch *l;

	if (c->n_handlers == 0 || has_child(c, CONFIG_EVENTS_ID))
		return;
	l = add_own_child(c, CONFIG_EVENTS_ID, has_child(c, CONFIG_RECORDER_ID) ? 1 : 0, EVENTS_SHUTDOWN_MS);
	l->events = true;
	events_argv(c, l);
}

struct fresh_policy
config_fresh_policy(const struct scraper *s, int64_t every_us)
{
	int64_t stale_ms = s->stale_after_us == STALE_AUTO ? FRESH_STALE_AUTO : s->stale_after_us / 1000;

	return fresh_policy(every_us / 1000, s->jitter_permille, s->timeout_us / 1000, s->gap_us / 1000, stale_ms);
}
