#include "store/sqlite_known.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"

/* In the column: the kind, and whether the last good one was sold out. */
#define KIND_MASK 15
#define KIND_SOLD_OUT 16

void
known_forget(struct known *k)
{
	const char *key;
	void *value;

	for (size_t i = 0; strmap_next(&k->sources, &i, &key, &value);) {
		struct known_source *src = value;

		free(src->key);
		free(src->product);
		free(src->url);
		free(src);
	}
	for (size_t i = 0; strmap_next(&k->children, &i, &key, &value);) {
		struct known_child *child = value;

		free(child->path);
		free(child);
	}
	strmap_release(&k->sources);
	strmap_release(&k->children);
	k->sources = k->children = (struct strmap)STRMAP_INIT;
	k->dirty = NULL;
	k->child_dirty = false;
}

void
known_release(struct known *k)
{
	known_forget(k);
	free(k->key);
}

static struct known_child *
find_child(struct sqlite_store *s, struct known *k, struct store_text path, uint64_t token, struct err *err)
{
	struct known_child *child = strmap_findn(&k->children, path.p, path.n);
	sqlite3_stmt *stmt;
	int rc;

	if (child != NULL)
		return child;
	if ((stmt = sqlite_stmt(s, SQL_CHILD, err)) == NULL)
		return NULL;
	sqlite_bind_text(stmt, 1, path);
	if ((rc = sqlite_row(s, stmt, "child", err)) == -1)
		return NULL;
	child = xcalloc(1, sizeof(*child));
	child->path = xstrndup(path.p, path.n);
	strmap_put(&k->children, child->path, child);
	if (rc == 1) {
		child->id = sqlite3_column_int64(stmt, 0);
		child->token = (uint64_t)sqlite3_column_int64(stmt, 1);
		sqlite3_reset(stmt);
		return child;
	}
	sqlite3_reset(stmt);
	child->token = token;
	if ((stmt = sqlite_stmt(s, SQL_ADD_CHILD, err)) == NULL)
		return NULL;
	sqlite_bind_text(stmt, 1, path);
	sqlite3_bind_int64(stmt, 2, (int64_t)token);
	if (sqlite_run(s, stmt, "child", err) == -1)
		return NULL;
	child->id = sqlite3_last_insert_rowid(s->db);
	return child;
}

static char *
column_dup(sqlite3_stmt *stmt, int i)
{
	const char *text = (const char *)sqlite3_column_text(stmt, i);

	return text == NULL ? NULL : xstrdup(text);
}

static int
load_source(struct sqlite_store *s, struct known_source *src, struct store_text name, struct err *err)
{
	sqlite3_stmt *stmt = sqlite_stmt(s, SQL_SOURCE, err);
	int rc;

	if (stmt == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, src->child->id);
	sqlite_bind_text(stmt, 2, name);
	if ((rc = sqlite_row(s, stmt, "source", err)) == 1) {
		src->id = sqlite3_column_int64(stmt, 0);
		src->product = column_dup(stmt, 1);
		src->url = column_dup(stmt, 2);
		src->tail = sqlite3_column_int64(stmt, 3);
		src->latest = sqlite3_column_int64(stmt, 4);
		src->price = sqlite3_column_int64(stmt, 5);
		src->good = sqlite3_column_int64(stmt, 6);
		src->latest_at = sqlite3_column_int64(stmt, 7);
		src->price_at = sqlite3_column_int64(stmt, 8);
		src->since = sqlite3_column_int64(stmt, 9);
		src->kind = (enum store_kind)(sqlite3_column_int(stmt, 10) & KIND_MASK);
		src->sold_out = (sqlite3_column_int(stmt, 10) & KIND_SOLD_OUT) != 0;
	}
	sqlite3_reset(stmt);
	if (rc != 0)
		return rc == 1 ? 0 : -1;
	if ((stmt = sqlite_stmt(s, SQL_ADD_SOURCE, err)) == NULL)
		return -1;
	sqlite3_bind_int64(stmt, 1, src->child->id);
	sqlite_bind_text(stmt, 2, name);
	if (sqlite_run(s, stmt, "source", err) == -1)
		return -1;
	src->id = sqlite3_last_insert_rowid(s->db);
	return 0;
}

/* A child's path holds no newline (record.c sees to that), so the key is unambiguous. */
static size_t
make_key(struct known *k, const struct store_observation *o)
{
	size_t n = o->child.n + 1 + o->source.n;

	if (n + 1 > k->key_size) {
		k->key_size = 2 * n + 64;
		k->key = xrealloc(k->key, k->key_size);
	}
	memcpy(k->key, o->child.p, o->child.n);
	k->key[o->child.n] = '\n';
	memcpy(k->key + o->child.n + 1, o->source.p, o->source.n);
	k->key[n] = '\0';
	return n;
}

struct known_source *
known_find(struct sqlite_store *s, struct known *k, const struct store_observation *o, struct err *err)
{
	size_t n = make_key(k, o);
	struct known_source *src = strmap_findn(&k->sources, k->key, n);
	struct known_child *child;

	if (src != NULL)
		return src;
	if ((child = find_child(s, k, o->child, o->token, err)) == NULL)
		return NULL;
	src = xcalloc(1, sizeof(*src));
	src->key = xstrndup(k->key, n);
	src->child = child;
	strmap_put(&k->sources, src->key, src);
	return load_source(s, src, o->source, err) == -1 ? NULL : src;
}

bool
known_differs(const char *is, struct store_text now)
{
	return now.p != NULL && (is == NULL || strncmp(is, now.p, now.n) != 0 || is[now.n] != '\0');
}

static void
replace(char **is, struct store_text now)
{
	if (!known_differs(*is, now))
		return;
	free(*is);
	*is = xstrndup(now.p, now.n);
}

static bool
status_is(const struct store_observation *o, const char *status)
{
	return strlen(status) == o->status.n && memcmp(o->status.p, status, o->status.n) == 0;
}

/* Since when it is as it is. */
static void
advance_kind(struct known_source *src, const struct store_observation *o)
{
	enum store_kind kind = o->kind;

	if (kind == STORE_KIND_SAME)
		kind = src->sold_out ? STORE_KIND_SOLD_OUT : STORE_KIND_GOOD;
	if (kind != src->kind || src->since == 0)
		src->since = o->time_ms;
	src->kind = kind;
	if (kind == STORE_KIND_GOOD || kind == STORE_KIND_SOLD_OUT)
		src->sold_out = kind == STORE_KIND_SOLD_OUT;
}

/*
 * The source's row follows. What was recorded last is the newest, for one
 * incarnation speaks after the other; a late record is newest only if its slot
 * says so.
 */
void
known_advance(struct known *k, struct known_source *src, const struct store_observation *o, bool late, int64_t id,
    bool first)
{
	int64_t at = o->has_slot ? o->slot_ms : o->time_ms;
	bool ok = status_is(o, "ok");

	if (!late || src->product == NULL)
		replace(&src->product, o->product);
	if (!late || src->url == NULL)
		replace(&src->url, o->url);
	if (first)
		src->tail = id;
	if (!late || at >= src->latest_at) {
		src->latest = id;
		src->latest_at = at;
		advance_kind(src, o);
	}
	if (ok && o->has_amount && (!late || at >= src->price_at)) {
		src->price = id;
		src->price_at = at;
	}
	if ((ok || status_is(o, "unavailable") || status_is(o, "not_modified")) && (!late || o->time_ms > src->good))
		src->good = o->time_ms;
	if (!src->dirty) {
		src->dirty = true;
		src->next_dirty = k->dirty;
		k->dirty = src;
	}
	if (o->token > src->child->token) {
		src->child->token = o->token;
		src->child->dirty = k->child_dirty = true;
	}
}

static int
write_sources(struct sqlite_store *s, struct known *k, struct err *err)
{
	struct known_source *src;
	sqlite3_stmt *stmt;

	while ((src = k->dirty) != NULL) {
		if ((stmt = sqlite_stmt(s, SQL_SET_SOURCE, err)) == NULL)
			return -1;
		sqlite3_bind_int64(stmt, 1, src->id);
		sqlite_bind_row(stmt, 2, src->tail);
		sqlite_bind_row(stmt, 3, src->latest);
		sqlite_bind_row(stmt, 4, src->price);
		sqlite3_bind_int64(stmt, 5, src->good);
		sqlite3_bind_text(stmt, 6, src->product, -1, SQLITE_STATIC);
		sqlite3_bind_text(stmt, 7, src->url, -1, SQLITE_STATIC);
		sqlite_bind_row(stmt, 8, src->since);
		sqlite3_bind_int(stmt, 9, (int)src->kind | (src->sold_out ? KIND_SOLD_OUT : 0));
		if (sqlite_run(s, stmt, "source", err) == -1)
			return -1;
		k->dirty = src->next_dirty;
		src->dirty = false;
	}
	return 0;
}

static int
write_children(struct sqlite_store *s, struct known *k, struct err *err)
{
	const char *path;
	void *value;
	sqlite3_stmt *stmt;

	if (!k->child_dirty)
		return 0;
	for (size_t i = 0; strmap_next(&k->children, &i, &path, &value);) {
		struct known_child *child = value;

		if (!child->dirty)
			continue;
		if ((stmt = sqlite_stmt(s, SQL_SET_CHILD, err)) == NULL)
			return -1;
		sqlite3_bind_int64(stmt, 1, child->id);
		sqlite3_bind_int64(stmt, 2, (int64_t)child->token);
		if (sqlite_run(s, stmt, "child", err) == -1)
			return -1;
		child->dirty = false;
	}
	k->child_dirty = false;
	return 0;
}

int
known_write(struct sqlite_store *s, struct known *k, struct err *err)
{
	return write_sources(s, k, err) == -1 || write_children(s, k, err) == -1 ? -1 : 0;
}
