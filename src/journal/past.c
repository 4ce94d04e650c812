#include "journal/past.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "journal/past_private.h"

void
past_init(struct past *p)
{
	*p = (struct past){ .installation = "" };
}

static void
incarnation_free(struct past_incarnation *i)
{
	if (i == NULL)
		return;
	past_ties_free(&i->ties);
	free(i->child);
	free(i->node);
	free(i);
}

static void
child_free(struct past_child *c)
{
	const char *key;
	void *line;
	size_t i = 0;

	if (c == NULL)
		return;
	while (strmap_next(&c->states, &i, &key, &line))
		free(past_state_of(line));
	strmap_release(&c->states);
	past_sources_release(c);
	free(c->child);
	free(c);
}

void
past_release(struct past *p)
{
	const char *name;
	uint64_t token;
	void *value;
	size_t i;

	for (i = 0; map_next(&p->incarnations, &i, &token, &value);)
		incarnation_free(value);
	for (i = 0; strmap_next(&p->children, &i, &name, &value);)
		child_free(value);
	for (i = 0; strmap_next(&p->nodes, &i, &name, &value);) {
		free(((struct past_node *)value)->ssh);
		free(((struct past_node *)value)->node);
		free(value);
	}
	past_logs_clear(p);
	past_added_release(p);
	past_permit_release(p);
	map_release(&p->incarnations);
	strmap_release(&p->children);
	strmap_release(&p->nodes);
	strmap_release(&p->logs);
	past_init(p);
}

struct past_child *
past_child(struct past *p, const char *child)
{
	struct past_child *c = strmap_find(&p->children, child);

	if (c == NULL) {
		c = xcalloc(1, sizeof(*c));
		c->child = xstrdup(child);
		strmap_put(&p->children, c->child, c);
	}
	return c;
}

struct past_node *
past_node(struct past *p, const char *node)
{
	struct past_node *n = strmap_find(&p->nodes, node);

	if (n == NULL) {
		n = xcalloc(1, sizeof(*n));
		n->node = xstrdup(node);
		strmap_put(&p->nodes, n->node, n);
	}
	return n;
}

struct past_incarnation *
past_incarnation(struct past *p, uint64_t token, const char *child)
{
	struct past_incarnation *i = map_find(&p->incarnations, token);
	struct past_child *c;

	if (i != NULL)
		return i;
	i = xcalloc(1, sizeof(*i));
	i->token = token;
	i->child = xstrdup(child);
	map_put(&p->incarnations, token, i);
	c = past_child(p, child);
	if (token > c->last_token)
		c->last_token = token;
	return i;
}

void
past_drop_incarnation(struct past *p, uint64_t token)
{
	incarnation_free(map_remove(&p->incarnations, token));
}

void
past_hold(struct past *p, uint64_t token, unsigned stream, uint64_t offset)
{
	struct past_incarnation *i = map_find(&p->incarnations, token);

	if (i != NULL && stream < ARRAY_LEN(i->held) && offset > i->held[stream])
		i->held[stream] = offset;
}

struct past_state *
past_state_of(char *line)
{
	return line == NULL ? NULL : (struct past_state *)(void *)(line - offsetof(struct past_state, text));
}

void
past_put_state(struct past_child *c, const char *key, uint64_t token, uint64_t n, const char *line, size_t len)
{
	char *old_line = strmap_find(&c->states, key);
	struct past_state *old = past_state_of(old_line), *new;
	size_t key_len;

	if (old != NULL && (token < old->token || (token == old->token && n < old->n)))
		return;
	if (old != NULL && len <= old->cap) {
		old->token = token;
		old->n = n;
		memcpy(old->text, line, len);
		old->text[len] = '\0';
		return;
	}
	key_len = strlen(key);
	new = xmalloc(offsetof(struct past_state, text) + len + 1 + key_len + 1);
	*new = (struct past_state){ .token = token, .n = n, .cap = len };
	memcpy(new->text, line, len);
	new->text[len] = '\0';
	memcpy(new->text + len + 1, key, key_len + 1);
	/* The map borrows its key: the new one must be in before the old one goes. */
	if (old != NULL)
		strmap_remove(&c->states, key);
	strmap_put(&c->states, new->text + len + 1, new->text);
	free(old);
}
