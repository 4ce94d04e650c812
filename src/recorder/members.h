/*
 * The members of one JSON object that is known to be valid (json_scan() has
 * seen it), in order:
 *
 *	struct members m;
 *
 *	for (members_init(&m, text, len); members_next(&m);)
 *		... m.name, m.name_len, m.value, m.value_len, m.kind
 *
 * The slices are the object's own bytes: a name and the value of a string
 * without quotes, still escaped; any other value whole.
 */
#ifndef TRAPEXIT_RECORDER_MEMBERS_H
#define TRAPEXIT_RECORDER_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"

struct members {
	const char *name;
	size_t name_len;
	enum json_kind kind;
	const char *value;
	size_t value_len;
	const char *whole; /* "name":value as it stands */
	size_t whole_len;
	/* private */
	const char *p, *end;
};

void members_init(struct members *m, const char *text, size_t len);
bool members_next(struct members *m);

#endif
