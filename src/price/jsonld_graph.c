#include "price/jsonld_graph.h"

#include <json-c/json_object.h>
#include <json-c/json_object_iterator.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/attr.h"
#include "base/xalloc.h"

void
graph_add(struct graph *g, struct json_object *root)
{
	g->roots = xreallocarray(g->roots, g->n_roots + 1, sizeof(struct json_object *));
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
add_value(struct graph *g, struct json_object *value, bool aside)
{
	bool is_list = json_object_is_type(value, json_type_array);

	if ((is_list || json_object_is_type(value, json_type_object)) && g->n < GRAPH_NODES_MAX)
		g->nodes[g->n++] = (struct graph_node){ value, aside };
}

static void
add_children(struct graph *g, struct graph_node parent)
{
	struct json_object_iterator it, end;
	size_t i, n;

	if (json_object_is_type(parent.object, json_type_array)) {
		n = json_object_array_length(parent.object);
		for (i = 0; i < n; i++)
			add_value(g, json_object_array_get_idx(parent.object, i), parent.aside);
		return;
	}
	it = json_object_iter_begin(parent.object);
	end = json_object_iter_end(parent.object);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		add_value(
		    g, json_object_iter_peek_value(&it), parent.aside || leads_aside(json_object_iter_peek_name(&it)));
}

void
graph_walk(struct graph *g)
{
	size_t i, n = 0;

	g->nodes = xmalloc(GRAPH_NODES_MAX * sizeof(*g->nodes));
	g->n = 0;
	for (i = 0; i < g->n_roots; i++)
		add_value(g, g->roots[i], false);
	for (i = 0; i < g->n; i++)
		add_children(g, g->nodes[i]);
	/* The lists have served. */
	for (i = 0; i < g->n; i++) {
		if (json_object_is_type(g->nodes[i].object, json_type_object))
			g->nodes[n++] = g->nodes[i];
	}
	g->n = n;
}

void
graph_release(struct graph *g)
{
	size_t i;

	for (i = 0; i < g->n_roots; i++)
		json_object_put(g->roots[i]);
	free(g->roots);
	free(g->nodes);
	memset(g, 0, sizeof(*g));
}

struct json_object *
node_get(struct json_object *node, const char *name)
{
	struct json_object_iterator it, end;
	struct json_object *value;

	if (!json_object_is_type(node, json_type_object))
		return NULL;
	if (json_object_object_get_ex(node, name, &value))
		return value;
	it = json_object_iter_begin(node);
	end = json_object_iter_end(node);
	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it)) {
		if (strcasecmp(json_object_iter_peek_name(&it), name) == 0)
			return json_object_iter_peek_value(&it);
	}
	return NULL;
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

static const char *
type_name(const char *type)
{
	static const char *const prefixes[] = { "http://schema.org/", "https://schema.org/", "http://www.schema.org/",
		"https://www.schema.org/", "schema:" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(prefixes); i++) {
		if (strncasecmp(type, prefixes[i], strlen(prefixes[i])) == 0)
			return type + strlen(prefixes[i]);
	}
	return type;
}

static bool
type_in(const char *type, const char *types)
{
	size_t n, len;

	type = type_name(type);
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

const char *
node_text(struct json_object *value, size_t *len)
{
	const char *text;
	int looks;

	for (looks = 0; looks < 4 && value != NULL; looks++) {
		if (json_object_is_type(value, json_type_array))
			value = node_at(value, 0);
		else if (json_object_is_type(value, json_type_object))
			value = node_get(value, "@value");
	}
	if (!json_object_is_type(value, json_type_string) && !json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return NULL;
	/* Of a number json-c keeps the text that it was parsed from (P25). */
	text = json_object_get_string(value);
	*len = text != NULL ? strlen(text) : 0;
	return text;
}

struct json_object *
graph_resolve(const struct graph *g, struct json_object *value)
{
	struct json_object *id = node_get(value, "@id"), *other;
	size_t i;

	if (!json_object_is_type(id, json_type_string) || json_object_object_length(value) > 1)
		return value;
	for (i = 0; i < g->n; i++) {
		other = g->nodes[i].object;
		if (other == value || json_object_object_length(other) < 2)
			continue;
		other = node_get(other, "@id");
		if (json_object_is_type(other, json_type_string) &&
		    strcmp(json_object_get_string(other), json_object_get_string(id)) == 0)
			return g->nodes[i].object;
	}
	return value;
}
