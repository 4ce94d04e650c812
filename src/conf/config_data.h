/*
 * What a struct config holds besides what everybody sees: private to conf/.
 */
#ifndef TRAPEXIT_CONF_CONFIG_DATA_H
#define TRAPEXIT_CONF_CONFIG_DATA_H

#include "conf/arena.h"
#include "conf/config.h"
#include "conf/diag.h"
#include "conf/schema.h"

/* Every launch is in one of these: what it owns outside the arena is freed by the list. */
struct launch_box {
	struct launch launch; /* first: a launch is its box */
	struct scraper scraper;
	struct launch_box *next;
	struct place at;
	struct node_pref *prefs;  /* launch.nodes as numbers; in the arena, at least one */
	uint32_t n_prefs;
	struct child_spec *specs; /* all instances, in the arena; NULL: a child of our own */
	unsigned n_specs;
};

/* Where child_spec.user of a supervisor points. */
struct sup_info {
	const struct sup_spec *sup;
	const struct child_spec **sorted; /* its children by id */
	struct place at;
};

/* Where config.arena points. */
struct config_data {
	struct arena arena;
	struct launch_box *launches;
	struct sup_info root;
	struct strvec later; /* "state_dir: A -> B": what config_keep_places() held back */
};

/* The structs that a section's words go to, by enum schema_target. */
struct bases {
	void *of[TARGETS];
};

struct const_bases {
	const void *of[TARGETS];
};

static inline const void *
const_field(const struct const_bases *b, const struct schema_word *w)
{
	return (const char *)b->of[w->target] + w->offset;
}

struct config_data *config_data(const struct config *c);
/* An empty launch that goes with the config. */
struct launch_box *config_add_launch(struct config *c);
/* The sorted index of a supervisor's children; call it again when they change. */
void config_index_children(struct config *c, struct sup_info *info, const struct sup_spec *sup);
/* A child by its path from this supervisor; NULL if there is none. */
const struct child_spec *config_find_below(const struct sup_info *info, const char *path);
struct config *config_new(void);

/* The values of all words that are not written: each kind of thing as if its section were empty. */
struct defaults {
	struct config config;
	struct sup_spec sup;
	struct node_conf node;
	struct child_spec sup_child; /* a supervisor as a child */
	struct child_spec worker;
	struct launch child;
	struct launch observer; /* a child with output = observations */
	struct launch scraper_launch;
	struct scraper scraper;
	struct source source;
	struct handler handler;
};

/* The arena must live as long as the defaults. */
void defaults_init(struct defaults *d, struct arena *arena);

#endif
