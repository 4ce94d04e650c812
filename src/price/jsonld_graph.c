#include "price/jsonld_graph.h"

#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"

void
graph_add(struct graph *g, struct json_object *root, const char *place)
{
	g->roots = xreallocarray(g->roots, g->n_roots + 1, sizeof(struct json_object *));
	g->places = xreallocarray(g->places, g->n_roots + 1, sizeof(const char *));
	g->places[g->n_roots] = place;
	g->roots[g->n_roots++] = root;
}

/* Members below which nothing is the page's own product (P23). */
static bool
leads_aside(const char *name)
{
	static const char *const names[] = { "isRelatedTo", "isSimilarTo", "isAccessoryOrSparePartFor",
		"itemListElement", "review", "isConsumableFor" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(names); i++) {
		if (strcasecmp(name, names[i]) == 0)
			return true;
	}
	return false;
}

/* Objects become nodes; lists give their elements. A list of lists is followed to its depth by this queue. */
static void
add_value(struct graph *g, struct json_object *value, struct graph_node node)
{
	bool is_list = json_object_is_type(value, json_type_array);

	if ((!is_list && !json_object_is_type(value, json_type_object)) || g->n == GRAPH_NODES_MAX)
		return;
	/* The value of an element is no node. */
	if (!is_list && json_object_object_get_ex(value, NODE_AT, NULL) && json_object_object_length(value) == 2)
		return;
	if (g->n == g->room) {
		g->room = g->room == 0 ? 64 : 2 * g->room;
		g->nodes = xreallocarray(g->nodes, g->room, sizeof(*g->nodes));
	}
	node.object = value;
	g->nodes[g->n++] = node;
}

static void
add_children(struct graph *g, size_t at)
{
	struct graph_node parent = g->nodes[at], child = { .parent = (int)at, .aside = parent.aside,
		.variant = parent.variant };
	struct json_object_iterator it, end;
	size_t n;

	if (json_object_is_type(parent.object, json_type_array)) {
		n = json_object_array_length(parent.object);
		for (child.index = 0; child.index < n; child.index++)
			add_value(g, json_object_array_get_idx(parent.object, child.index), child);
		return;
	}
	it = json_object_iter_begin(parent.object);
	end = json_object_iter_end(parent.object);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		child.member = json_object_iter_peek_name(&it);
		child.aside = parent.aside || leads_aside(child.member);
		child.variant = parent.variant || strcasecmp(child.member, "hasVariant") == 0;
		add_value(g, json_object_iter_peek_value(&it), child);
	}
}

void
graph_walk(struct graph *g)
{
	size_t i;

	g->n = 0;
	for (i = 0; i < g->n_roots; i++)
		add_value(g, g->roots[i], (struct graph_node){ .index = i, .parent = -1 });
	for (i = 0; i < g->n; i++)
		add_children(g, i);
}

bool
graph_path(const struct graph *g, const struct json_object *node, struct buf *out, const char **place)
{
	int steps[128], depth = 0, i;
	size_t n;

	for (n = 0; n < g->n && g->nodes[n].object != node; n++)
		;
	if (n == g->n)
		return false;
	for (i = (int)n; i >= 0 && depth < 128; i = g->nodes[i].parent)
		steps[depth++] = i;
	*place = g->places[g->nodes[steps[depth - 1]].index];
	buf_xaddc(out, '$');
	for (depth--; depth > 0; depth--) {
		const struct graph_node *step = &g->nodes[steps[depth - 1]];

		if (step->member != NULL)
			buf_xprintf(out, ".%s", step->member);
		else
			buf_xprintf(out, "[%zu]", step->index);
	}
	return true;
}

void
graph_release(struct graph *g)
{
	size_t i;

	for (i = 0; i < g->n_roots; i++)
		json_object_put(g->roots[i]);
	free(g->roots);
	free(g->places);
	free(g->nodes);
	memset(g, 0, sizeof(*g));
}

static const char *
local_name(const char *type)
{
	static const char *const prefixes[] = { "http://schema.org/", "https://schema.org/", "http://www.schema.org/",
		"https://www.schema.org/", "//schema.org/", "schema.org/", "schema:", "s:" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (strncasecmp(type, prefixes[i], strlen(prefixes[i])) == 0)
			return type + strlen(prefixes[i]);
	}
	return type;
}

struct json_object *
node_get(struct json_object *node, const char *name)
{
	struct json_object_iterator it, end;
	struct json_object *value;
	const char *member;

	if (!json_object_is_type(node, json_type_object))
		return NULL;
	if (json_object_object_get_ex(node, name, &value))
		return value;
	it = json_object_iter_begin(node);
	end = json_object_iter_end(node);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		member = json_object_iter_peek_name(&it);
		if ((member[0] | 0x20) == (name[0] | 0x20) || ((member[0] | 0x20) == 's' || (member[0] | 0x20) == 'h')) {
			if (strcasecmp(member, name) == 0 || strcasecmp(local_name(member), name) == 0)
				return json_object_iter_peek_value(&it);
		}
	}
	return NULL;
}

size_t
node_count(struct json_object *value)
{
	if (value == NULL)
		return 0;
	return json_object_is_type(value, json_type_array) ? json_object_array_length(value) : 1;
}

struct json_object *
node_at(struct json_object *value, size_t i)
{
	if (value == NULL)
		return NULL;
	if (json_object_is_type(value, json_type_array))
		return i < json_object_array_length(value) ? json_object_array_get_idx(value, i) : NULL;
	return i == 0 ? value : NULL;
}

static bool
type_in(const char *type, const char *types)
{
	size_t n, len;

	type = local_name(type);
	len = strlen(type);
	for (; *types != '\0'; types += n + (types[n] == ' ')) {
		n = strcspn(types, " ");
		if (n == len && strncasecmp(types, type, n) == 0)
			return true;
	}
	return false;
}

bool
node_has_type(struct json_object *node, const char *types)
{
	struct json_object *type = node_get(node, "@type"), *one;
	size_t i;

	for (i = 0; (one = node_at(type, i)) != NULL; i++) {
		if (json_object_is_type(one, json_type_string) && type_in(json_object_get_string(one), types))
			return true;
	}
	return false;
}

/* Of lists the first element, of {"@value": x} and the like x; also of {"@id": x}, if x is a term and no other node. */
static struct json_object *
plain_value(struct json_object *value, bool term)
{
	struct json_object *inner;
	int looks;

	for (looks = 0; looks < 4 && value != NULL; looks++) {
		if (json_object_is_type(value, json_type_array)) {
			value = node_at(value, 0);
		} else if (json_object_is_type(value, json_type_object)) {
			inner = node_get(value, "@value");
			inner = inner != NULL ? inner : node_get(value, NODE_TEXT);
			value = inner == NULL && term ? node_get(value, "@id") : inner;
		}
	}
	return value;
}

static const char *
text_of(struct json_object *value, size_t *len)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string) && !json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double) && !json_object_is_type(value, json_type_boolean))
		return NULL;
	/* Of a number json-c keeps the text that it was parsed from (P25). */
	text = json_object_get_string(value);
	*len = text != NULL ? strlen(text) : 0;
	return text;
}

const char *
node_text(struct json_object *value, size_t *len)
{
	return text_of(plain_value(value, false), len);
}

const char *
node_term(struct json_object *value, size_t *len)
{
	return text_of(plain_value(value, true), len);
}

bool
node_is_text(struct json_object *value)
{
	value = node_at(value, 0);
	return json_object_is_type(value, json_type_object) && json_object_object_get_ex(value, NODE_TEXT, NULL);
}

bool
node_place(struct json_object *value, size_t *at)
{
	struct json_object *place;

	value = node_at(value, 0);
	if (!json_object_is_type(value, json_type_object) || !json_object_object_get_ex(value, NODE_AT, &place))
		return false;
	*at = (size_t)json_object_get_int64(place);
	return true;
}

struct json_object *
graph_find(const struct graph *g, const char *id)
{
	struct json_object *best = NULL, *other;
	size_t i;
	int length, most = 1;

	/* Of several nodes of that name the one that says most. */
	for (i = 0; i < g->n; i++) {
		other = g->nodes[i].object;
		if (!json_object_is_type(other, json_type_object) || (length = json_object_object_length(other)) <= most)
			continue;
		other = node_get(other, "@id");
		if (!json_object_is_type(other, json_type_string) || strcmp(json_object_get_string(other), id) != 0)
			continue;
		best = g->nodes[i].object;
		most = length;
	}
	return best;
}

struct json_object *
graph_resolve(const struct graph *g, struct json_object *value)
{
	struct json_object *id = node_get(value, "@id"), *found;

	if (!json_object_is_type(id, json_type_string) || json_object_object_length(value) > 2 ||
	    (json_object_object_length(value) == 2 && node_get(value, "@type") == NULL))
		return value;
	found = graph_find(g, json_object_get_string(id));
	return found != NULL ? found : value;
}
