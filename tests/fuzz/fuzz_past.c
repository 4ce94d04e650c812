/*
 * Any bytes as a journal: folding them is harmless, and the snapshot of what came
 * of it folds to the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "journal/past.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
fold_lines(struct past *p, const char *text, size_t len, int must)
{
	const char *end, *newline;

	if (len == 0)
		return;
	for (end = text + len; text < end; text = newline + 1) {
		newline = memchr(text, '\n', (size_t)(end - text));
		if (newline == NULL)
			newline = end;
		if (past_fold(p, text, (size_t)(newline - text)) == -1 && must)
			abort();
	}
}

static int
compare_bytes(const void *a, const void *b)
{
	return *(const unsigned char *)a - *(const unsigned char *)b;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf first = BUF_INIT(0), second = BUF_INIT(0);
	struct past p, again;

	past_init(&p);
	past_init(&again);
	fold_lines(&p, (const char *)data, size, 0);
	past_encode(&p, &first);
	fold_lines(&again, first.data, first.len, 1);
	past_encode(&again, &second);
	/* Maps have no order: the same lines in any order have the same bytes. */
	if (first.len != second.len)
		abort();
	if (first.len > 0) {
		qsort(first.data, first.len, 1, compare_bytes);
		qsort(second.data, second.len, 1, compare_bytes);
		if (memcmp(first.data, second.data, first.len) != 0)
			abort();
	}
	buf_release(&first);
	buf_release(&second);
	past_release(&p);
	past_release(&again);
	return 0;
}
