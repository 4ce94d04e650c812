#include "journal/names.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

const char *
segment_name_text(struct segment_name name, char buf[SEGMENT_NAME_SIZE])
{
	snprintf(buf, SEGMENT_NAME_SIZE, "%08" PRIx32 "-%06" PRIx32 ".jsonl", name.epoch, name.number & SEGMENT_NUMBER_MAX);
	return buf;
}

/* Exactly n lower-case hexadecimal digits. */
static int
parse_hex(const char *p, unsigned n, uint32_t *out)
{
	uint32_t value = 0;

	for (; n > 0; n--, p++) {
		if (*p >= '0' && *p <= '9')
			value = value << 4 | (uint32_t)(*p - '0');
		else if (*p >= 'a' && *p <= 'f')
			value = value << 4 | (uint32_t)(*p - 'a' + 10);
		else
			return -1;
	}
	*out = value;
	return 0;
}

int
segment_name_parse(const char *file, struct segment_name *out)
{
	struct segment_name name;

	if (strlen(file) != strlen("00000000-000000.jsonl") || file[8] != '-' || strcmp(file + 15, ".jsonl") != 0)
		return -1;
	if (parse_hex(file, 8, &name.epoch) == -1 || parse_hex(file + 9, 6, &name.number) == -1)
		return -1;
	*out = name;
	return 0;
}

int
segment_name_compare(struct segment_name a, struct segment_name b)
{
	if (a.epoch != b.epoch)
		return a.epoch < b.epoch ? -1 : 1;
	return (a.number > b.number) - (a.number < b.number);
}

static int
compare_cb(const void *a, const void *b)
{
	const struct segment_name *x = a, *y = b;

	return segment_name_compare(*x, *y);
}

int
segment_list_read(const char *dir, struct segment_list *list, struct err *err)
{
	struct segment_name name;
	struct dirent *e;
	size_t cap = 0;
	int saved;
	DIR *d;

	*list = (struct segment_list){ NULL, 0 };
	if ((d = opendir(dir)) == NULL)
		return err_sys(err, errno, "%s", dir);
	while (errno = 0, (e = readdir(d)) != NULL) {
		if (segment_name_parse(e->d_name, &name) == -1)
			continue;
		if (list->n == cap) {
			cap = cap == 0 ? 16 : cap * 2;
			list->v = xreallocarray(list->v, cap, sizeof(*list->v));
		}
		list->v[list->n++] = name;
	}
	saved = errno;
	closedir(d);
	if (saved != 0) {
		segment_list_release(list);
		return err_sys(err, saved, "%s", dir);
	}
	if (list->n > 1)
		qsort(list->v, list->n, sizeof(*list->v), compare_cb);
	return 0;
}

void
segment_list_release(struct segment_list *list)
{
	free(list->v);
	*list = (struct segment_list){ NULL, 0 };
}
