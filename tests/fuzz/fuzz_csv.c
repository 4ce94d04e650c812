/*
 * Any bytes as CSV. What must always hold: there are not more fields than
 * separators, a field is as long as it says, places only go forward, what is
 * wrong ends its record and not the file; and the fields of a sound file, each
 * one quoted anew, are the same fields again (RFC 4180).
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "conf/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
put_quoted(struct buf *out, const struct csv_field *f)
{
	size_t i;

	buf_xadd(out, "\"", 1);
	for (i = 0; i < f->len; i++) {
		if (f->text[i] == '"')
			buf_xadd(out, "\"", 1);
		buf_xadd(out, f->text + i, 1);
	}
	buf_xadd(out, f->last ? "\"\r\n" : "\",", f->last ? 3 : 2);
}

static void
check_place(const struct csv_field *f, struct place *before)
{
	if (f->at.line < before->line || (f->at.line == before->line && f->at.column <= before->column))
		abort();
	*before = f->at;
}

/* Reads all of it into `again`, quoted. Returns whether nothing is wrong. */
static bool
read_all(const char *text, size_t len, struct buf *again)
{
	struct arena arena = ARENA_INIT;
	struct place before = { 0, 0 };
	struct csv_field f;
	struct csv c;
	bool sound = true;
	size_t n = 0;

	csv_init(&c, text, len, &arena);
	while (csv_next(&c, &f)) {
		check_place(&f, &before);
		if (++n > len + 1 || (f.wrong != NULL && !f.last))
			abort();
		if (f.wrong != NULL) {
			sound = false;
			continue;
		}
		if (strlen(f.text) != f.len)
			abort();
		put_quoted(again, &f);
	}
	arena_release(&arena);
	return sound;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = BUF_INIT(0), second = BUF_INIT(0);

	if (read_all((const char *)data, size, &first)) {
		if (!read_all(first.data != NULL ? first.data : "", first.len, &second))
			abort();
		if (first.len != second.len || (first.len > 0 && memcmp(first.data, second.data, first.len) != 0))
			abort();
	}
	buf_release(&first);
	buf_release(&second);
	return 0;
}
