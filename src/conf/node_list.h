/*
 * A list of nodes as a launch keeps it: names in the order of preference; one
 * with a '=' in front, which no name begins with, is an equal of the one before it.
 */
#ifndef TRAPEXIT_CONF_NODE_LIST_H
#define TRAPEXIT_CONF_NODE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strvec.h"

static inline bool
node_list_is_equal(const struct strvec *nodes, size_t i)
{
	return nodes->v[i][0] == '=';
}

static inline const char *
node_list_name(const struct strvec *nodes, size_t i)
{
	return nodes->v[i] + node_list_is_equal(nodes, i);
}

/* How many share the rank of the i-th, which is the first of its rank. */
static inline size_t
node_list_equals(const struct strvec *nodes, size_t i)
{
	size_t n = 1;

	while (i + n < nodes->n && node_list_is_equal(nodes, i + n))
		n++;
	return n;
}

#endif
