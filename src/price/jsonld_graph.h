/*
 * Ways through objects of linked data, be they JSON-LD (P22) or made of the
 * elements of a page (P26, P27): members, types, references, all nodes without
 * recursion.
 *
 *	graph_add(&g, root, block);		any number of roots
 *	graph_walk(&g);
 *	... g.nodes[0 .. g.n)
 *	graph_release(&g);
 */
#ifndef TRAPEXIT_PRICE_JSONLD_GRAPH_H
#define TRAPEXIT_PRICE_JSONLD_GRAPH_H

#include <json-c/json_types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define GRAPH_NODES_MAX 10000 /* P38 */

/* Members that an element's value has in place of a bare string. */
#define NODE_TEXT "@text" /* the text of the element: people's, not machines' */
#define NODE_BEFORE "@before" /* prices that are struck out, or called old */
#define NODE_AT "@at"	  /* where it stands, in bytes from the start of the page */

struct graph_node {
	struct json_object *object; /* borrowed from its root */
	const char *member;	    /* its name in its parent; NULL: an element of a list, or a root */
	size_t index;		    /* its place in a list, or among the roots */
	int parent;		    /* -1: a root */
	bool aside;   /* inside a list, a review, or what is only related (P23) */
	bool variant; /* inside hasVariant (P24) */
};

/* All objects of several roots, parents before their children. */
struct graph {
	struct json_object **roots; /* owned, with their references */
	const char **places;	    /* borrowed: where each root stands in the page */
	size_t n_roots;
	struct graph_node *nodes; /* owned */
	size_t n, room;
};

/* Takes over the reference to root. */
void graph_add(struct graph *g, struct json_object *root, const char *place);
/* Find all nodes, once all roots are added. */
void graph_walk(struct graph *g);
void graph_release(struct graph *g);
/* A member by its name, exactly first, then without case and with schema.org in front (P22); NULL if absent or null. */
struct json_object *node_get(struct json_object *node, const char *name);
/* Element i of a list; the value itself is a list of one. NULL at the end, and for a null in it. */
struct json_object *node_at(struct json_object *value, size_t i);
/* How many elements node_at() knows, nulls among them; 0 for NULL. */
size_t node_count(struct json_object *value);
/* Has the node one of these types, blanks apart, with or without schema.org in front? */
bool node_has_type(struct json_object *node, const char *types);
/* The text of a string or number, in its own digits; @value and lists are looked into. NULL otherwise. */
const char *node_text(struct json_object *value, size_t *len);
/* The same of a value that is one of a few terms, such as InStock: {"@id": "https://schema.org/InStock"} is that term, too. */
const char *node_term(struct json_object *value, size_t *len);
/* Is it the text of an element, written for people (P9.2)? */
bool node_is_text(struct json_object *value);
/* Where in the page the value stands, as an offset; false if that is not known. */
bool node_place(struct json_object *value, size_t *at);
/* The node of this @id that has most members besides; NULL if there is none. Nodes with no other member do not count. */
struct json_object *graph_find(const struct graph *g, const char *id);
/* What {"@id": x} alone refers to: the node of the graph that has members; else the value itself. */
struct json_object *graph_resolve(const struct graph *g, struct json_object *value);
/* Append "$.@graph[1].offers" and the root's place in *place; false if the node is not in the graph. */
bool graph_path(const struct graph *g, const struct json_object *node, struct buf *out, const char **place);

#endif
