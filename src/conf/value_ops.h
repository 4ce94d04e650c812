/*
 * How each type of value is read, compared and printed: private to value*.c.
 */
#ifndef TRAPEXIT_CONF_VALUE_OPS_H
#define TRAPEXIT_CONF_VALUE_OPS_H

#include "conf/value.h"

struct value_ops {
	/* May s be a list? Else it has exactly one word. */
	bool list;
	int (*read)(struct value_ctx *cx, const struct schema_word *w, const struct stmt *s, void *field);
	bool (*equal)(const struct schema_word *w, const void *a, const void *b);
	bool (*is_set)(const struct schema_word *w, const void *field); /* NULL: always */
	void (*print)(const struct schema_word *w, const void *field, struct buf *out);
};

extern const struct value_ops value_bool_ops, value_uint_ops, value_int_ops, value_enum_ops, value_duration_ops,
    value_shutdown_ops, value_size_ops, value_permille_ops, value_factor_ops, value_umask_ops;
extern const struct value_ops value_text_ops, value_path_ops, value_store_ops, value_methods_ops;
extern const struct value_ops value_command_ops, value_list_ops, value_signal_ops, value_signals_ops,
    value_codes_ops, value_limit_ops, value_events_ops, value_globs_ops, value_nodes_ops;

/* Report that a word is not what w takes; returns -1. */
int value_wrong(struct value_ctx *cx, const struct schema_word *w, const struct word *word, const char *expected);

#endif
