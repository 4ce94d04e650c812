/* Where a worker may run: its list of nodes, looked up, and as numbers. */
#include <string.h>

#include "conf/build.h"
#include "conf/node_list.h"

static const struct stmt *
find_statement(const struct stmt *worker, const char *word)
{
	const struct stmt *s = worker->first;

	while (s != NULL && strcmp(s->name, word) != 0)
		s = s->next;
	return s;
}

static void
no_node(struct builder *b, const struct word *w)
{
	struct diag_guess guess = { .word = w->text };
	char quoted[DIAG_QUOTE_SIZE];
	size_t i;

	diag_quote(w->text, quoted);
	for (i = 0; i < b->c->n_nodes; i++)
		diag_guess_offer(&guess, b->c->nodes[i].name);
	if (guess.best != NULL)
		diag_error(b->cx.diag, w->at, "there is no node '%s'; did you mean '%s'?", quoted, guess.best);
	else
		diag_error(b->cx.diag, w->at, "there is no node '%s', expected local or a name from a 'node' section", quoted);
}

static bool
stands_before(const struct stmt *s, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (strcmp(s->words[k].text, s->words[i].text) == 0)
			return true;
	return false;
}

static void
check_words(struct builder *b, const struct stmt *s)
{
	size_t i;

	if (s->n_words == 0)
		diag_error(b->cx.diag, s->at, "'nodes' is empty, expected at least one, as {local}");
	for (i = 0; i < s->n_words; i++) {
		if (strmap_find(&b->nodes, s->words[i].text) == NULL)
			no_node(b, &s->words[i]);
		else if (stands_before(s, i))
			diag_error(b->cx.diag, s->words[i].at, "the node '%s' stands twice in this list", s->words[i].text);
	}
}

/* S111: equals share a rank. */
static void
make_prefs(struct builder *b, struct launch_box *box)
{
	const struct strvec *nodes = &box->launch.nodes;
	const struct node_conf *node;
	uint32_t rank = 0;
	size_t i;

	box->n_prefs = nodes->n > 0 ? (uint32_t)nodes->n : 1;
	box->prefs = arena_array(b->cx.arena, box->n_prefs, sizeof(*box->prefs));
	for (i = 0; i < nodes->n; i++) {
		node = strmap_find(&b->nodes, node_list_name(nodes, i));
		if (i > 0 && !node_list_is_equal(nodes, i))
			rank++;
		box->prefs[i] = (struct node_pref){ node != NULL ? node->number : 0, rank };
	}
}

void
build_places(struct builder *b, const struct stmt *worker, struct launch_box *box)
{
	const struct stmt *s = find_statement(worker, "nodes");
	struct launch *l = &box->launch;

	if (s != NULL && !s->broken && s->kind != STMT_SECTION)
		check_words(b, s);
	/* That is what holds where nothing is written. */
	if (l->nodes.n == 1 && strcmp(l->nodes.v[0], "local") == 0) {
		strvec_release(&l->nodes);
		l->nodes = (struct strvec)STRVEC_INIT;
	}
	make_prefs(b, box);
}

static void
number_box(struct launch_box *box, const struct strmap *nodes, bool placed)
{
	const struct node_conf *node;
	size_t i;

	for (i = 0; i < box->launch.nodes.n; i++)
		if ((node = strmap_find(nodes, node_list_name(&box->launch.nodes, i))) != NULL)
			box->prefs[i].node = node->number;
	for (i = 0; i < box->n_specs; i++) {
		box->specs[i].nodes = placed ? box->prefs : NULL;
		box->specs[i].n_nodes = placed ? box->n_prefs : 0;
	}
}

void
config_place(struct config *c, const struct config *of, bool placed)
{
	struct strmap nodes = STRMAP_INIT;
	struct launch_box *box;
	size_t i;

	for (i = 0; i < of->n_nodes; i++)
		strmap_put(&nodes, of->nodes[i].name, &of->nodes[i]);
	for (box = config_data(c)->launches; box != NULL; box = box->next)
		number_box(box, &nodes, placed);
	strmap_release(&nodes);
	c->placed = placed;
}
