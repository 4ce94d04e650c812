/*
 * The answer of `status` as people read it: a line on the daemon, one for each
 * alarm and for each node that is not well, and the tree. Pure: JSON in, text
 * out.
 */
#ifndef TRAPEXIT_CLI_STATUS_VIEW_H
#define TRAPEXIT_CLI_STATUS_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct json_object;

struct status_view {
	unsigned width; /* columns; 0: no bound */
	bool color;
	int64_t now_ms;
};

int status_view(struct json_object *status, const struct status_view *view, struct buf *out, struct err *err);

/* Calls cb for every child of the tree that is no supervisor. */
typedef void status_child_cb(struct json_object *child, void *arg);
void status_each_child(struct json_object *status, status_child_cb *cb, void *arg);

#endif
