/*
 * Ways through a tree of JSON-LD: members, types, references, all nodes
 * without recursion. Internal to extract_jsonld.
 */
#ifndef TRAPEXIT_PRICE_JSONLD_GRAPH_H
#define TRAPEXIT_PRICE_JSONLD_GRAPH_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

#define GRAPH_NODES_MAX 10000 /* P38 */

struct graph_node {
	struct json_object *object; /* borrowed from its root */
	bool aside; /* inside a list, a review, or what is only related (P23) */
};

/* All objects of several roots, parents before their children. */
struct graph {
	struct json_object **roots; /* owned, with their references */
	size_t n_roots;
	struct graph_node *nodes; /* owned */
	size_t n;
};

/* Takes over the reference to root. */
void graph_add(struct graph *g, struct json_object *root);
/* Find all nodes, once all roots are added. */
void graph_walk(struct graph *g);
void graph_release(struct graph *g);
/* A member by its name, exactly first, then without case (P22); NULL if absent or null. */
struct json_object *node_get(struct json_object *node, const char *name);
/* Element i of a list; the value itself is a list of one. NULL at the end. */
struct json_object *node_at(struct json_object *value, size_t i);
/* Has the node one of these types, blanks apart, with or without schema.org in front? */
bool node_has_type(struct json_object *node, const char *types);
/* The text of a string or number, in its own digits; @value and lists are looked into. NULL otherwise. */
const char *node_text(struct json_object *value, size_t *len);
/* What {"@id": x} alone refers to: the node of the graph that has members; else the value itself. */
struct json_object *graph_resolve(const struct graph *g, struct json_object *value);

#endif
