#include "cli/table.h"

#include <libsmartcols.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/term.h"

/* No cell is longer, in bytes. */
#define CELL_MAX 1024

struct table_row {
	struct table_row *parent; /* NULL: at the top */
	unsigned depth;
	char *cells[TABLE_COLUMNS_MAX]; /* owned */
	const char *colors[TABLE_COLUMNS_MAX];
	struct libscols_line *line;
};

struct table {
	const struct table_column *columns;
	size_t n_columns;
	struct table_row **rows; /* owned, with the rows */
	size_t n, cap;
	size_t widths[TABLE_COLUMNS_MAX]; /* of the widest cell; 0: nothing in it */
	bool shown[TABLE_COLUMNS_MAX];
};

struct table *
table_new(const struct table_column *columns, size_t n)
{
	struct table *t = xcalloc(1, sizeof(*t));

	t->columns = columns;
	t->n_columns = n;
	for (size_t i = 0; i < n; i++)
		t->shown[i] = true;
	return t;
}

struct table_row *
table_add(struct table *t, struct table_row *parent)
{
	struct table_row *r = xcalloc(1, sizeof(*r));

	if (t->n == t->cap) {
		t->cap = t->cap == 0 ? 64 : t->cap * 2;
		t->rows = xreallocarray(t->rows, t->cap, sizeof(struct table_row *));
	}
	r->parent = parent;
	r->depth = parent == NULL ? 0 : parent->depth + 1;
	t->rows[t->n++] = r;
	return r;
}

/* Characters, not bytes; those of two columns are rare in names, and only cost a column. */
static size_t
text_width(const char *s)
{
	size_t n = 0;

	for (; *s != '\0'; s++)
		n += (*s & 0xc0) != 0x80;
	return n;
}

void
table_set(struct table *t, struct table_row *r, size_t column, const char *text, const char *color)
{
	char safe[CELL_MAX];
	size_t width;

	free(r->cells[column]);
	r->cells[column] = xstrdup(term_safe(text, safe, sizeof(safe)));
	r->colors[column] = color;
	width = text_width(safe);
	/* Every level of the tree takes two columns. */
	if (t->columns[column].tree && r->depth > 0)
		width += 2 * (size_t)r->depth;
	if (width > t->widths[column])
		t->widths[column] = width;
}

void
table_hide(struct table *t, size_t column)
{
	t->shown[column] = false;
}

size_t
table_rows(const struct table *t)
{
	return t->n;
}

/* The least room that a column needs, with the blank behind it. */
static size_t
column_room(const struct table *t, size_t c)
{
	size_t title = text_width(t->columns[c].title), w = t->widths[c] > title ? t->widths[c] : title;

	if (!t->shown[c])
		return 0;
	if (t->columns[c].least > 0 && w > t->columns[c].least)
		w = t->columns[c].least;
	return w + 1;
}

/* The next column to go, or -1. */
static int
most_expendable(const struct table *t)
{
	int found = -1;

	for (size_t c = 0; c < t->n_columns; c++) {
		if (t->shown[c] && t->columns[c].rank > 0 &&
		    (found == -1 || t->columns[c].rank < t->columns[found].rank))
			found = (int)c;
	}
	return found;
}

static void
choose_columns(struct table *t, unsigned width)
{
	size_t total = 0;
	int next;

	for (size_t c = 0; c < t->n_columns; c++) {
		t->shown[c] = t->shown[c] && t->widths[c] > 0;
		total += column_room(t, c);
	}
	while (width > 0 && total > width + 1 && (next = most_expendable(t)) != -1) {
		total -= column_room(t, (size_t)next);
		t->shown[next] = false;
	}
}

static int
add_columns(const struct table *t, struct libscols_table *to)
{
	for (size_t c = 0; c < t->n_columns; c++) {
		const struct table_column *col = &t->columns[c];
		int flags = (col->right ? SCOLS_FL_RIGHT : 0) | (col->tree ? SCOLS_FL_TREE : 0) |
			    (col->least > 0 ? SCOLS_FL_TRUNC : 0);

		if (t->shown[c] && scols_table_new_column(to, col->title, 0, flags) == NULL)
			return -1;
	}
	return 0;
}

static int
add_row(const struct table *t, struct table_row *r, struct libscols_table *to, bool color)
{
	size_t n = 0;

	r->line = scols_table_new_line(to, r->parent == NULL ? NULL : r->parent->line);
	if (r->line == NULL)
		return -1;
	for (size_t c = 0; c < t->n_columns; c++) {
		if (!t->shown[c])
			continue;
		if (scols_line_set_data(r->line, n, r->cells[c] == NULL ? "" : r->cells[c]) != 0)
			return -1;
		if (color && r->colors[c] != NULL)
			scols_cell_set_color(scols_line_get_cell(r->line, n), r->colors[c]);
		n++;
	}
	return 0;
}

int
table_print(struct table *t, unsigned width, bool color, struct buf *out, struct err *err)
{
	struct libscols_table *to = scols_new_table();
	char *text = NULL;
	int result = -1;

	if (to == NULL)
		return err_sys(err, ENOMEM, "the table");
	choose_columns(t, width);
	scols_table_enable_colors(to, color);
	scols_table_set_termforce(to, width == 0 ? SCOLS_TERMFORCE_NEVER : SCOLS_TERMFORCE_ALWAYS);
	if (width > 0)
		scols_table_set_termwidth(to, width);
	if (add_columns(t, to) == -1)
		goto out;
	for (size_t i = 0; i < t->n; i++) {
		if (add_row(t, t->rows[i], to, color) == -1)
			goto out;
	}
	if (scols_print_table_to_string(to, &text) != 0)
		goto out;
	buf_xaddstr(out, text);
	/* libsmartcols leaves out the last newline of a string. */
	if (out->len > 0 && out->data[out->len - 1] != '\n')
		buf_xaddc(out, '\n');
	result = 0;
out:
	free(text);
	scols_unref_table(to);
	return result == 0 ? 0 : err_sys(err, ENOMEM, "the table");
}

void
table_free(struct table *t)
{
	for (size_t i = 0; i < t->n; i++) {
		for (size_t c = 0; c < t->n_columns; c++)
			free(t->rows[i]->cells[c]);
		free(t->rows[i]);
	}
	free(t->rows);
	free(t);
}
