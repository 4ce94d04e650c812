/*
 * How fresh the prices of a child's sources are, as words: from what `status`
 * answers of it.
 */
#ifndef TRAPEXIT_CLI_FRESH_VIEW_H
#define TRAPEXIT_CLI_FRESH_VIEW_H

#include <stdint.h>

#include "base/buf.h"

struct json_object;

/* "98 fresh, 1 stale (no-match since 2h), 1 blocked"; nothing if it has no sources. */
void fresh_view_counts(struct json_object *child, int64_t now_ms, struct buf *out);
/* "no-match since 2h": of a source, or of the worst one; nothing if all is well. */
void fresh_view_reason(struct json_object *source, int64_t now_ms, struct buf *out);
/* The colour of a state; of a child, that of its worst source. NULL: none. */
const char *fresh_view_color(const char *state);

#endif
