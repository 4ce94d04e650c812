/*
 * Any lines as a journal, told to people: nothing that a child has written may
 * move a terminal or begin a line of its own.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/event_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* C0, DEL and C1 controls; a tab stays. */
static void
require_safe(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p != '\0'; p++) {
		if ((*p < 0x20 && *p != '\t') || *p == 0x7f || (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0))
			abort();
	}
}

static void
tell(struct teller *t, const char *line, size_t len)
{
	struct event e;
	enum tell shown = teller_tell(t, line, len, true, &e);

	if ((shown == TELL_NOTHING) != (e.text == NULL))
		abort();
	if (e.text != NULL)
		require_safe(e.text);
	if (e.behind != NULL)
		require_safe(e.behind);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct teller *t = teller_new();
	const char *p = (const char *)data, *end = p + size;

	while (p < end) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		size_t len = newline == NULL ? (size_t)(end - p) : (size_t)(newline - p);

		tell(t, p, len);
		p += len + (newline != NULL);
	}
	teller_free(t);
	return 0;
}
