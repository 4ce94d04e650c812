/*
 * A table, or a tree, as text that fits the terminal.
 *
 *	struct table *t = table_new(columns, ARRAY_LEN(columns));
 *	struct table_row *r = table_add(t, parent);
 *
 *	table_set(r, COL_NAME, "ebuyer", NULL);
 *	table_print(t, width, color, &out, &err);
 *	table_free(t);
 *
 * Columns with nothing in them are not shown. When there is no room for all,
 * those of rank 1 go first, then those of rank 2 and so on; of what stays,
 * columns that may be cut (least > 0) are. Texts are made safe and copied.
 */
#ifndef TRAPEXIT_CLI_TABLE_H
#define TRAPEXIT_CLI_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct table;
struct table_row;

struct table_column {
	const char *title;
	bool right;    /* numbers */
	bool tree;     /* the column that draws the tree */
	unsigned least; /* may be cut, down to this; 0: is never cut */
	unsigned rank; /* the smaller, the earlier it goes; 0: stays */
};

#define TABLE_COLUMNS_MAX 12

/* The columns are borrowed. */
struct table *table_new(const struct table_column *columns, size_t n);
/* At the end, below `parent` if that is not NULL. */
struct table_row *table_add(struct table *t, struct table_row *parent);
/* `color` is a static string that libsmartcols knows ("red", "bold"), or NULL. */
void table_set(struct table *t, struct table_row *r, size_t column, const char *text, const char *color);
/* Never show this column. */
void table_hide(struct table *t, size_t column);
size_t table_rows(const struct table *t);
/* Width 0: no bound. */
int table_print(struct table *t, unsigned width, bool color, struct buf *out, struct err *err);
void table_free(struct table *t);

#endif
