#include "wire/preamble.h"

#include <stdio.h>
#include <string.h>

size_t
preamble_text(const char *installation, const char *node, char text[PREAMBLE_SIZE])
{
	/* The newline in front ends whatever line a login may have left open. */
	int n = snprintf(text, PREAMBLE_SIZE, "\ntrapexit-agent: attached to %.40s/%.80s\n", installation, node);

	return n < PREAMBLE_SIZE ? (size_t)n : PREAMBLE_SIZE - 1;
}

size_t
preamble_find(const char *data, size_t n, const char *text, size_t len)
{
	const char *at = n >= len ? memmem(data, n, text, len) : NULL;

	return at != NULL ? (size_t)(at - data) + len : 0;
}
