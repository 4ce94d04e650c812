/*
 * What the journal says of children that were added and deleted at run time, before
 * the first attach: so that what lives of them is adopted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/dynamic.h"

/* Of the journal: has it ended for good, being temporary or an instance (S34)? Then it is gone. */
static bool
has_left(const struct daemon *d, const struct dynamic *dyn)
{
	const struct past_child *pc = strmap_find(&d->past.children, dyn->path);

	if (pc == NULL || pc->run_token == 0 || pc->ended_token != pc->run_token)
		return false;
	return dyn->spec->restart == RESTART_TEMPORARY ||
	    (dyn->instance != NULL && dyn->spec->restart == RESTART_TRANSIENT && pc->ended_normal);
}

static struct dynamic *
make_again(struct daemon *d, child_handle sup, const struct past_added *a, const char **why)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct dynamic *dyn = NULL;
	size_t i;

	if (sup_is_simple(d, sup) != (a->spec == NULL)) {
		*why = "its supervisor has another strategy now";
	} else if (a->spec != NULL) {
		dyn = dynamic_parse(d, sup, a->spec, strlen(a->spec), &errors);
		*why = "its supervisor does not take it any more";
	} else {
		dyn = dynamic_new(d, sup, strrchr(a->child, '/') + 1);
		for (i = 0; i < a->args.n; i++)
			strvec_push(&dyn->args, a->args.v[i]);
		dynamic_use_template(d, dyn, sup);
	}
	buf_release(&errors.text);
	return dyn;
}

/* A supervisor that is down begins anew when it is started, without additions (S55). */
static bool
is_down_above(const struct daemon *d, const char *path)
{
	const struct past_child *pc;
	const char *slash;

	for (slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		pc = strmap_findn(&d->past.children, path, (size_t)(slash - path));
		if (pc != NULL && (pc->stopped || pc->terminated))
			return true;
	}
	return false;
}

static void
add_again(struct daemon *d, const struct past_added *a)
{
	const char *slash = strrchr(a->child, '/'), *why = "its supervisor is no longer there";
	char *above = slash != NULL ? xstrndup(a->child, (size_t)(slash - a->child)) : xstrdup("");
	child_handle sup = kid_find(d, above), h = CHILD_NONE;
	struct tree_command cmd = { .type = CMD_ADD, .child = sup };
	struct dynamic *dyn = NULL;

	free(above);
	if (kid_find(d, a->child) != CHILD_NONE)
		why = "the configuration has it now";
	else if (is_down_above(d, a->child))
		why = "its supervisor is down";
	else if (sup != CHILD_NONE && sup_spec_of(d, sup) != NULL)
		dyn = make_again(d, sup, a, &why);
	if (dyn != NULL) {
		dyn->seq = a->seq;
		cmd.spec = dyn->spec;
		if (!has_left(d, dyn) && tree_command(d->tree, &cmd, mono_now(), &h) == RESULT_OK) {
			kids_add(d, h, dyn->path);
			return;
		}
		dynamic_drop(d, dyn);
		return;
	}
	log_warnx("child %s: added at run time, but %s; forgetting it", a->child, why);
	rec_removed(d, a->child, false, 0);
}

static int
by_seq(const void *pa, const void *pb)
{
	const struct past_added *const *a = pa, *const *b = pb;

	return ((*a)->seq > (*b)->seq) - ((*a)->seq < (*b)->seq);
}

static void
recall_deleted(struct daemon *d)
{
	const char *path;
	child_handle h;
	size_t i = 0;
	void *value;

	while (strmap_next(&d->past.deleted, &i, &path, &value)) {
		if ((h = kid_find(d, path)) == CHILD_NONE || h == TREE_ROOT) {
			/* The configuration has it no more; and when it has it again, that is another one. */
			rec_brought_back(d, path);
			continue;
		}
		tree_command(d->tree, &(struct tree_command){ .type = CMD_REMOVE, .child = h }, mono_now(), NULL);
		kid_retire(d, h);
		path = xstrdup(path);
		strmap_put(&d->changes.deleted, path, (void *)(uintptr_t)path);
	}
}

void
dynamic_recall(struct daemon *d)
{
	const struct past_added **sorted = xcalloc(d->past.added.n + 1, sizeof(*sorted));
	const char *path;
	size_t i, n = 0;
	void *value;

	for (i = 0; strmap_next(&d->past.numbers, &i, &path, &value);)
		dynamic_number(d, path)->last = ((const struct past_number *)value)->last;
	recall_deleted(d);
	for (i = 0; strmap_next(&d->past.added, &i, &path, &value);)
		sorted[n++] = value;
	if (n > 1)
		qsort(sorted, n, sizeof(*sorted), by_seq);
	for (i = 0; i < n; i++) {
		if (sorted[i]->seq > d->changes.seq)
			d->changes.seq = sorted[i]->seq;
		add_again(d, sorted[i]);
	}
	free(sorted);
}
