#include "config.h"

#include "daemon/offer.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"

static const char *const kinds[] = { [OFFER_TAKE] = "take", [OFFER_RETURN] = "return", [OFFER_RESUME] = "resume" };

enum kind { TEXT, NUMBER };

/* Numbers are int64_t, uint32_t, bool or pid_t, by their size. */
struct row {
	const char *name;
	enum kind kind;
	size_t at, size;
};

#define ROW(name, kind, member) { name, kind, offsetof(struct offer, member), sizeof(((struct offer *)0)->member) }

static const struct row rows[] = {
	ROW("pid", NUMBER, pid), ROW("from", TEXT, from), ROW("state_dir", TEXT, state_dir), ROW("run_dir", TEXT, run_dir),
	ROW("log_dir", TEXT, log_dir), ROW("request", TEXT, request), ROW("reason", TEXT, reason),
	ROW("moved", NUMBER, moved), ROW("by", NUMBER, by), ROW("timeout_ms", NUMBER, timeout_ms),
	ROW("away_us", NUMBER, away_us), ROW("away_since", NUMBER, away_since.us),
};

static const struct {
	const char *name;
	size_t at;
} fd_rows[OFFER_FDS] = {
	{ "lock", offsetof(struct offer, lock) },
	{ "listener", offsetof(struct offer, listener) },
	{ "client", offsetof(struct offer, client) },
	{ "log", offsetof(struct offer, log) },
};

void
offer_init(struct offer *o)
{
	*o = (struct offer){ .away_since = MONO_NEVER, .lock = -1, .listener = -1, .client = -1, .log = -1 };
}

void
offer_release(struct offer *o)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (rows[i].kind == TEXT)
			free(*(char **)((char *)o + rows[i].at));
	for (size_t i = 0; i < o->n_nodes; i++)
		free(o->nodes[i].name);
	free(o->nodes);
	offer_init(o);
}

void
offer_add_node(struct offer *o, const char *name, uint32_t version_min, uint32_t version_max)
{
	o->nodes = xreallocarray(o->nodes, o->n_nodes + 1, sizeof(*o->nodes));
	o->nodes[o->n_nodes++] = (struct offer_node){ xstrdup(name), version_min, version_max };
}

static void
put(struct buf *out, const char *name, const char *value)
{
	buf_xadd(out, name, strlen(name) + 1);
	buf_xadd(out, value, strlen(value) + 1);
}

static void
put_row(const struct offer *o, const struct row *row, struct buf *out)
{
	const void *p = (const char *)o + row->at;
	char text[24];
	int64_t n = 0;

	if (row->kind == TEXT) {
		if (*(char *const *)p != NULL)
			put(out, row->name, *(char *const *)p);
		return;
	}
	if (row->size == sizeof(int64_t))
		n = *(const int64_t *)p;
	else if (row->size == sizeof(uint32_t))
		n = *(const uint32_t *)p;
	else
		n = *(const bool *)p;
	snprintf(text, sizeof(text), "%" PRId64, n);
	put(out, row->name, text);
}

void
offer_encode(const struct offer *o, struct buf *out, int fds[OFFER_FDS], size_t *n_fds)
{
	char *node;

	put(out, "kind", kinds[o->kind]);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		put_row(o, &rows[i], out);
	for (size_t i = 0; i < o->n_nodes; i++) {
		node = xasprintf("%" PRIu32 " %" PRIu32 " %s", o->nodes[i].version_min, o->nodes[i].version_max, o->nodes[i].name);
		put(out, "node", node);
		free(node);
	}
	*n_fds = 0;
	for (size_t i = 0; i < ARRAY_LEN(fd_rows); i++) {
		int fd = *(const int *)((const char *)o + fd_rows[i].at);

		if (fd == -1)
			continue;
		put(out, "fd", fd_rows[i].name);
		fds[(*n_fds)++] = fd;
	}
}

static void
take_row(struct offer *o, const struct row *row, const char *value)
{
	void *p = (char *)o + row->at;
	int64_t n = row->kind == NUMBER ? strtoll(value, NULL, 10) : 0;

	if (row->kind == TEXT) {
		free(*(char **)p);
		*(char **)p = xstrdup(value);
	} else if (row->size == sizeof(int64_t)) {
		*(int64_t *)p = n;
	} else if (row->size == sizeof(uint32_t)) {
		*(uint32_t *)p = (uint32_t)n;
	} else {
		*(bool *)p = n != 0;
	}
}

static void
take_node(struct offer *o, const char *value)
{
	char *end;
	unsigned long min = strtoul(value, &end, 10), max = strtoul(end, &end, 10);

	if (*end == ' ')
		offer_add_node(o, end + 1, (uint32_t)min, (uint32_t)max);
}

static bool
take_kind(struct offer *o, const char *value)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		if (strcmp(value, kinds[i]) == 0) {
			o->kind = (enum offer_kind)i;
			return true;
		}
	}
	return false;
}

static void
take_fd(struct offer *o, const char *name, int fd)
{
	for (size_t i = 0; i < ARRAY_LEN(fd_rows); i++)
		if (strcmp(name, fd_rows[i].name) == 0)
			*(int *)((char *)o + fd_rows[i].at) = fd;
}

int
offer_decode(struct offer *o, const char *data, size_t len, const int *fds, size_t n_fds, struct err *err)
{
	const char *p = data, *end = data + len, *value;
	bool has_kind = false;
	size_t fd = 0;

	offer_init(o);
	if (len == 0 || data[len - 1] != '\0')
		return err_set(err, EPROTO, "handover: no offer");
	for (; p < end; p = value + strlen(value) + 1) {
		value = p + strlen(p) + 1;
		if (value >= end)
			break;
		if (strcmp(p, "kind") == 0)
			has_kind = take_kind(o, value);
		else if (strcmp(p, "node") == 0)
			take_node(o, value);
		else if (strcmp(p, "fd") == 0 && fd < n_fds)
			take_fd(o, value, fds[fd++]);
		for (size_t i = 0; i < ARRAY_LEN(rows); i++)
			if (strcmp(p, rows[i].name) == 0)
				take_row(o, &rows[i], value);
	}
	return has_kind && o->state_dir != NULL && o->run_dir != NULL && o->log_dir != NULL ? 0 :
	    err_set(err, EPROTO, "handover: an offer without its kind or its directories");
}
