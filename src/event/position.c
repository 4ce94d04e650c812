#include "event/position.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "os/file.h"

#define FILE_SIZE_MAX ((size_t)64 << 10)
#define NAME_MAX_BYTES 128

void
position_add(struct position_list *list, const char *name, struct mark mark)
{
	list->v = xreallocarray(list->v, list->n + 1, sizeof(*list->v));
	list->v[list->n++] = (struct position){ xstrdup(name), mark };
}

static int
read_line(const char *line, struct position_list *list)
{
	char name[NAME_MAX_BYTES + 1];
	struct mark m;
	int end = 0;

	if (sscanf(line, "%128s %" SCNu32 " %" SCNu32 " %" SCNu64 " %" SCNu64 "%n", name, &m.pos.epoch, &m.pos.segment,
		&m.pos.offset, &m.missed, &end) != 5 || line[end] != '\0')
		return -1;
	position_add(list, name, m);
	return 0;
}

int
position_read(const char *path, struct position_list *list, struct err *err)
{
	struct buf text = BUF_INIT(FILE_SIZE_MAX);
	char *line, *newline;
	int rc = 0;

	*list = (struct position_list){ NULL, 0 };
	if (file_read(path, &text, err) == -1) {
		rc = err->code == ENOENT ? 0 : -1;
		goto out;
	}
	buf_xaddc(&text, '\0');
	for (line = text.data; line != NULL && *line != '\0'; line = newline + 1) {
		newline = strchr(line, '\n');
		if (newline != NULL)
			*newline = '\0';
		if (newline == NULL || read_line(line, list) == -1) {
			rc = err_set(err, EINVAL, "%s: not a list of positions", path);
			break;
		}
	}
out:
	buf_release(&text);
	return rc;
}

int
position_write(const char *path, const struct position_list *list, struct err *err)
{
	struct buf text = BUF_INIT(0);
	size_t i;
	int rc;

	for (i = 0; i < list->n; i++) {
		const struct mark *m = &list->v[i].mark;

		buf_xprintf(&text, "%s %" PRIu32 " %" PRIu32 " %" PRIu64 " %" PRIu64 "\n", list->v[i].name, m->pos.epoch,
		    m->pos.segment, m->pos.offset, m->missed);
	}
	rc = file_write_atomic(path, text.data != NULL ? text.data : "", text.len, 0640, err);
	buf_release(&text);
	return rc;
}

const struct mark *
position_find(const struct position_list *list, const char *name)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (strcmp(list->v[i].name, name) == 0)
			return &list->v[i].mark;
	return NULL;
}

void
position_release(struct position_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		free(list->v[i].name);
	free(list->v);
	*list = (struct position_list){ NULL, 0 };
}

int
position_compare(const struct journal_pos *a, const struct journal_pos *b)
{
	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	if (a->segment != b->segment)
		return a->segment < b->segment ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}
