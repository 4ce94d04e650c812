/* Handlers of events: on_event. */
#include <string.h>

#include "conf/build.h"

void
build_handlers_begin(struct builder *b, const struct stmt *root)
{
	const struct stmt *s;
	size_t n = 0;

	for (s = root->first; s != NULL; s = s->next)
		n += strcmp(s->name, "on_event") == 0;
	b->c->handlers = arena_array(b->cx.arena, n, sizeof(*b->c->handlers));
}

/* What a reader of the file could not have meant, or what could not be passed on. */
static void
check_handler(struct builder *b, const struct stmt *s, const struct handler *h)
{
	struct buf text = BUF_INIT(0);

	config_print_handler(h, &text);
	if (text.len > CONFIG_HANDLER_BYTES_MAX)
		diag_error(b->cx.diag, s->at, "this on_event is too long, expected at most %zu bytes; a script belongs in a "
		    "file", CONFIG_HANDLER_BYTES_MAX);
	buf_release(&text);
}

/* The conditions and the command must be there. */
static void
check_words(struct builder *b, const struct stmt *s, const uint32_t *lines)
{
	if (!build_has(SECTION_ON_EVENT, lines, "match"))
		diag_error(b->cx.diag, s->at, "this on_event has no 'match', expected match = {exit, alarm} or others of "
		    "trapexit.conf(5)");
	if (!build_has(SECTION_ON_EVENT, lines, "command"))
		diag_error(b->cx.diag, s->at, "this on_event has no 'command', expected command = \"program arguments\"");
}

/* Conditions must all hold: one on what an event never has keeps the command from ever being run for it. */
static void
check_condition(struct builder *b, const struct stmt *s, const struct handler *h, const struct strvec *condition,
    enum event_field member, const char *name)
{
	size_t i;

	for (i = 0; i < h->match.types.n && condition->n > 0; i++)
		if (!event_type_has(h->match.types.v[i], member))
			diag_warning(b->cx.diag, s->at, "the event '%s' has no %s, so with this '%s' nothing is run for it; "
			    "give it an on_event of its own", h->match.types.v[i], name, name);
}

void
build_handler(struct builder *b, const struct stmt *s)
{
	struct config *c = b->c;
	struct handler *h = &c->handlers[c->n_handlers++];
	const struct bases to = { .of = { [TARGET_HANDLER] = h } };
	const struct stmt *first;
	uint32_t lines[SCHEMA_WORDS_MAX];
	const char *id = build_id(b, s);

	*h = b->defaults.handler;
	h->line = s->at.line;
	h->id = id == NULL ? "" : arena_strdup(b->cx.arena, id);
	if (id != NULL && (first = strmap_find(&b->handlers, id)) != NULL)
		diag_error(b->cx.diag, s->id.at, "the name '%s' is taken by another on_event, first in line %u", id,
		    first->at.line);
	else if (id != NULL)
		strmap_put(&b->handlers, h->id, (void *)(uintptr_t)s);
	if (c->n_handlers == CONFIG_HANDLERS_MAX + 1)
		diag_error(b->cx.diag, s->at, "there are too many on_event, expected at most %d", CONFIG_HANDLERS_MAX);
	build_section(b, SECTION_ON_EVENT, s, &to, lines, NULL, NULL);
	check_words(b, s, lines);
	check_handler(b, s, h);
	check_condition(b, s, h, &h->match.child, EVENT_CHILD, "child");
	check_condition(b, s, h, &h->match.reason, EVENT_REASON, "reason");
	check_condition(b, s, h, &h->match.node, EVENT_NODE, "node");
}
