/*
 * Tree of statements -> struct config: checks every word against the schema and
 * reports all that is wrong. Private to conf/.
 *
 *	build_config(c, root, diag, dir);	c is complete if diag has no errors
 *
 * build.c reads sections of any kind by the schema's tables; build_tree.c makes
 * supervisors and children of them, build_node.c looks at nodes, build_source.c the sources of scrapers,
 * build_handler.c the handlers of events, build_nodes.c their nodes, build_ties.c looks whether links and
 * monitors mean somebody.
 */
#ifndef TRAPEXIT_CONF_BUILD_H
#define TRAPEXIT_CONF_BUILD_H

#include "base/map.h"
#include "conf/config_data.h"
#include "conf/parse.h"
#include "conf/value.h"

/* As deep as supervisors may stand in each other. */
#define BUILD_DEPTH_MAX 32
/* All children of a configuration, instances counted. */
#define BUILD_CHILDREN_MAX 200000
/* A child's path, with its slashes. */
#define BUILD_PATH_MAX 1024

struct builder {
	struct config *c;
	struct value_ctx cx;
	struct defaults defaults;
	struct arena scratch;  /* until the config is built */
	struct strmap nodes;   /* name -> its struct node_conf */
	struct strmap handlers; /* name -> its statement */
	struct tie_stmt *ties; /* links and monitors to be looked up when all children are there */
	size_t n_children;
	char *pricescrape;     /* owned: where the program is, once it was looked for */
};

/* What is called for the statements that the tables do not set: named sections, CSV files. */
typedef void build_cb(struct builder *b, void *arg, const struct schema_word *w, const struct stmt *s);

/*
 * Read a section's words into the bases. lines[i] becomes the line in which the
 * i-th word of the section stands (0: not written).
 */
void build_section(struct builder *b, enum schema_id id, const struct stmt *section, const struct bases *to,
    uint32_t lines[SCHEMA_WORDS_MAX], build_cb *each, void *arg);
/* Was the word written? */
bool build_has(enum schema_id id, const uint32_t lines[SCHEMA_WORDS_MAX], const char *word);
/* The name of a named section, checked to be an id; NULL with the error said. */
const char *build_id(struct builder *b, const struct stmt *s);
void build_tree(struct builder *b, const struct stmt *root);
/* As build_tree(), of a text that has nothing but children. */
void build_pieces(struct builder *b, const struct stmt *root, const struct config_place *place);

/* The sources of one scraper, in the making. */
struct build_sources {
	struct source *v; /* owned */
	size_t n;
	size_t cap;
	struct strmap ids; /* id -> its statement, or the CSV file's */
	struct left_out *left_out; /* owned */
	size_t n_left_out;
};

void build_source(struct builder *b, struct build_sources *bs, const struct stmt *s);
void build_sources_from(struct builder *b, struct build_sources *bs, const struct stmt *s);
/* Give them to the scraper. */
void build_sources_finish(struct builder *b, struct build_sources *bs, struct scraper *scraper);

/* build_node.c: the words of one node; what ssh or a shell there would take for something else is refused. */
void build_node(struct builder *b, struct node_conf *node, const struct stmt *s);

/* build_handler.c: room for all on_event sections; then each of them. */
void build_handlers_begin(struct builder *b, const struct stmt *root);
void build_handler(struct builder *b, const struct stmt *s);

/* build_nodes.c: where a worker may run, as written, becomes its launch's; the nodes are known by then. */
void build_places(struct builder *b, const struct stmt *worker, struct launch_box *box);

/* Links and monitors, as written, become the spec's. */
void build_ties_take(struct child_spec *spec, const struct launch *l);
/* The child is there, under `sup`: its `link` and `monitor` are to be looked at. */
void build_ties_note(struct builder *b, const struct stmt *worker, const struct child_spec *spec,
    const struct sup_info *sup);
/* All children are there. */
void build_ties_check(struct builder *b);

void build_config(struct config *c, const struct stmt *root, struct diag *diag, const char *dir);
void build_children(struct config *c, const struct stmt *root, const struct config_place *place, struct diag *diag,
    const char *dir);

#endif
