#include "cli/csv.h"

#include <string.h>

void
csv_put(struct buf *b, const char *field)
{
	if (b->len > 0 && b->data[b->len - 1] != '\n')
		buf_xaddc(b, ',');
	if (field == NULL || *field == '\0') {
		/* Quoted, so that a first empty field is not taken for the start of the line. */
		buf_xaddstr(b, "\"\"");
		return;
	}
	if (strpbrk(field, ",\"\r\n") == NULL && *field != ' ' && field[strlen(field) - 1] != ' ') {
		buf_xaddstr(b, field);
		return;
	}
	buf_xaddc(b, '"');
	for (; *field != '\0'; field++) {
		if (*field == '"')
			buf_xaddc(b, '"');
		buf_xaddc(b, *field);
	}
	buf_xaddc(b, '"');
}

void
csv_end(struct buf *b)
{
	buf_xaddstr(b, "\r\n");
}
