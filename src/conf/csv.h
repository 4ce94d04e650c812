/*
 * Comma-separated values (RFC 4180), read from memory.
 *
 *	struct csv c;
 *	struct csv_field f;
 *
 *	csv_init(&c, text, len);
 *	while (csv_next(&c, &f))
 *		... f.last ends the record
 *
 * Fields in double quotes may hold commas, line breaks and doubled quotes. Lines
 * end with LF or CRLF; empty lines are passed over. A field's text is allocated
 * from the arena that the caller gives. A byte order mark at the beginning is
 * passed over.
 *
 * `wrong` says what is wrong with a field. Reading goes on at the next line; where
 * a quote is at fault, that is the line behind the opening one: a quote that is
 * missing, or too many, costs its line and not all that follow.
 */
#ifndef TRAPEXIT_CONF_CSV_H
#define TRAPEXIT_CONF_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "conf/arena.h"
#include "conf/diag.h"

struct csv {
	const char *p;
	const char *end;
	struct place at;
	bool in_record;
	struct arena *arena; /* borrowed */
};

/* No field is longer. */
#define CSV_FIELD_MAX ((size_t)64 << 10)

struct csv_field {
	const char *text;
	size_t len;
	struct place at;
	bool last;	   /* of its record */
	const char *wrong; /* or NULL; then also the last of its record */
};

void csv_init(struct csv *c, const char *text, size_t len, struct arena *arena);
bool csv_next(struct csv *c, struct csv_field *f);

#endif
