#include <limits.h>

#include "base/strvec.h"
#include "conf/config_data.h"
#include "conf/value.h"

static void
section_defaults(struct value_ctx *cx, enum schema_id id, const struct bases *b)
{
	const struct schema_word *w;
	size_t i;

	for (i = 0; (w = schema_word(id, i)) != NULL; i++) {
		if (w->type == VALUE_SECTION && w->repeat == SECTION_ONCE)
			section_defaults(cx, w->section, b);
		else if (w->type != VALUE_SECTION && b->of[w->target] != NULL)
			value_default(cx, w, (char *)b->of[w->target] + w->offset);
	}
}

static void
launch_defaults(struct value_ctx *cx, enum schema_id id, struct launch *l, struct child_spec *spec,
    struct scraper *scraper)
{
	const struct bases b = { .of = {
		[TARGET_SPEC] = spec, [TARGET_LAUNCH] = l, [TARGET_SCRAPER] = scraper } };

	l->umask = -1;
	l->nice = INT32_MIN;
	spec->type = CHILD_WORKER;
	spec->backoff.enabled = true;
	section_defaults(cx, id, &b);
	strvec_release(&l->nodes); /* "local" is written as no node at all */
	l->nodes = (struct strvec)STRVEC_INIT;
}

void
defaults_init(struct defaults *d, struct arena *arena)
{
	struct diag diag = DIAG_INIT("defaults");
	struct value_ctx cx = { arena, &diag, NULL };
	const struct bases root = { .of = { [TARGET_CONFIG] = &d->config, [TARGET_SUP] = &d->config.root } };
	const struct bases sup = { .of = { [TARGET_SPEC] = &d->sup_child, [TARGET_SUP] = &d->sup } };
	const struct bases node = { .of = { [TARGET_NODE] = &d->node } };
	const struct bases source = { .of = { [TARGET_SOURCE] = &d->source } };
	const struct bases handler = { .of = { [TARGET_HANDLER] = &d->handler } };

	*d = (struct defaults){ .sup_child = { .type = CHILD_SUPERVISOR, .backoff.enabled = true } };
	section_defaults(&cx, SECTION_ROOT, &root);
	section_defaults(&cx, SECTION_SUPERVISOR, &sup);
	section_defaults(&cx, SECTION_NODE, &node);
	section_defaults(&cx, SECTION_SOURCE, &source);
	section_defaults(&cx, SECTION_ON_EVENT, &handler);
	launch_defaults(&cx, SECTION_CHILD, &d->child, &d->worker, NULL);
	launch_defaults(&cx, SECTION_SCRAPER, &d->scraper_launch, &d->worker, &d->scraper);
	/* S11, S13 for a supervisor as a child: it is no process, only these have a meaning. */
	d->sup_child.failover_after = d->worker.failover_after;
	d->sup_child.success_codes[0] = 1;
	d->scraper_launch.in = STDIN_PIPE;
	d->scraper_launch.err = STDERR_PIPE;
	d->scraper_launch.output = OUTPUT_OBSERVATIONS;
	d->observer = d->child;
	d->observer.err = STDERR_PIPE;
	diag_release(&diag);
}
