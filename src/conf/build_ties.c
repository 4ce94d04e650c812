/*
 * Links and monitors (S90, S99): do their names mean somebody? The core looks
 * them up by the same rule: a sibling's name, else a path from the top.
 */
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "conf/build.h"

/* A child that has links or monitors. */
struct tie_stmt {
	const struct stmt *worker;
	const struct child_spec *spec; /* of several instances the first */
	const struct sup_info *sup;
	struct tie_stmt *next;
};

void
build_ties_take(struct child_spec *spec, const struct launch *l)
{
	spec->links = (const char *const *)l->links.v;
	spec->n_links = l->links.n;
	spec->monitors = (const char *const *)l->monitors.v;
	spec->n_monitors = l->monitors.n;
}

void
build_ties_note(struct builder *b, const struct stmt *worker, const struct child_spec *spec,
    const struct sup_info *sup)
{
	struct tie_stmt *tie;

	if (spec->n_links + spec->n_monitors == 0)
		return;
	tie = arena_alloc(&b->scratch, sizeof(*tie));
	*tie = (struct tie_stmt){ worker, spec, sup, b->ties };
	b->ties = tie;
}

static const struct child_spec *
find_named(const struct builder *b, const struct sup_info *sup, const char *name)
{
	const struct child_spec *found = NULL;

	if (name[0] != '/' && strchr(name, '/') == NULL)
		found = config_find_below(sup, name);
	return found != NULL ? found : config_find(b->c, name[0] == '/' ? name + 1 : name);
}

/* All paths of workers below. */
static void
offer_children(struct builder *b, struct diag_guess *guess, const struct sup_spec *sup, const char *above)
{
	const struct child_spec *spec;
	char *text;
	size_t i;

	for (i = 0; i < sup->n_children; i++) {
		spec = sup->children[i];
		text = xasprintf("%s%s%s", above, spec->id, spec->type == CHILD_SUPERVISOR ? "/" : "");
		if (spec->type == CHILD_SUPERVISOR)
			offer_children(b, guess, spec->sup, text);
		else
			diag_guess_offer(guess, arena_strdup(&b->scratch, text));
		free(text);
	}
}

static void
offer_siblings(struct diag_guess *guess, const struct sup_spec *sup)
{
	size_t i;

	for (i = 0; i < sup->n_children; i++)
		if (sup->children[i]->type == CHILD_WORKER)
			diag_guess_offer(guess, sup->children[i]->id);
}

static void
nobody(struct builder *b, const struct tie_stmt *tie, const struct word *w)
{
	struct diag_guess guess = { .word = w->text };
	char quoted[DIAG_QUOTE_SIZE];

	diag_quote(w->text, quoted);
	offer_siblings(&guess, tie->sup->sup);
	offer_children(b, &guess, &b->c->root, "");
	if (guess.best != NULL)
		diag_error(b->cx.diag, w->at, "there is no child '%s'; did you mean '%s'?", quoted, guess.best);
	else
		diag_error(b->cx.diag, w->at, "there is no child '%s', expected the name of one in the same supervisor, or "
		    "a path as suppliers/ebuyer", quoted);
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
check_word(struct builder *b, const struct tie_stmt *tie, const struct stmt *s, size_t i)
{
	const struct word *w = &s->words[i];
	const struct child_spec *found = find_named(b, tie->sup, w->text);
	char quoted[DIAG_QUOTE_SIZE];

	diag_quote(w->text, quoted);
	if (found == NULL)
		nobody(b, tie, w);
	else if (found->type == CHILD_SUPERVISOR)
		diag_error(b->cx.diag, w->at, "'%s' is a supervisor, expected a child or a scraper", quoted);
	else if (found == tie->spec && config_launch(found)->instances == 0)
		diag_error(b->cx.diag, w->at, "'%s' is the child itself, expected another one", quoted);
	else if (stands_before(s, i))
		diag_error(b->cx.diag, w->at, "the child '%s' stands twice in this list", quoted);
}

void
build_ties_check(struct builder *b)
{
	const struct tie_stmt *tie;
	const struct stmt *s;
	size_t i;

	for (tie = b->ties; tie != NULL; tie = tie->next)
		for (s = tie->worker->first; s != NULL; s = s->next) {
			if (s->broken || s->kind == STMT_SECTION ||
			    (strcmp(s->name, "link") != 0 && strcmp(s->name, "monitor") != 0))
				continue;
			for (i = 0; i < s->n_words; i++)
				check_word(b, tie, s, i);
		}
}
