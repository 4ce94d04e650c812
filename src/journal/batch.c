#include <stdlib.h>

#include "base/xalloc.h"
#include "journal/disk.h"

/* What a batch may keep for the next time. */
#define KEEP_BYTES (1u << 20)
#define KEEP_PIECES 4096

struct batch *
batch_new(void)
{
	return xcalloc(1, sizeof(struct batch));
}

static void
clear_buf(struct buf *b)
{
	if (b->cap > KEEP_BYTES)
		buf_release(b);
	else
		buf_clear(b);
}

void
batch_clear(struct batch *b)
{
	clear_buf(&b->lines);
	clear_buf(&b->bytes);
	buf_release(&b->snapshot);
	if (b->cap_pieces > KEEP_PIECES) {
		free(b->pieces);
		b->pieces = NULL;
		b->cap_pieces = 0;
	}
	b->next = NULL;
	b->n_spans = b->n_pieces = 0;
	b->rotate = b->reached = b->vital_done = b->output_done = false;
	b->weight = b->pieces_left = 0;
}

void
batch_free(struct batch *b)
{
	buf_release(&b->lines);
	buf_release(&b->bytes);
	buf_release(&b->snapshot);
	free(b->spans);
	free(b->pieces);
	free(b);
}
