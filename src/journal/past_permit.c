/*
 * What operators have forbidden (S118): nodes to single children, and nodes to all,
 * which are drained. It holds until it is permitted again, over ordered ends, too.
 */
#include "journal/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "journal/past_private.h"

/* Names of nodes have no slash: NODE/CHILD, and NODE/ for all, is unique. */
static char *
key_of(const char *node, const char *child)
{
	return xasprintf("%s/%s", node, child);
}

static void
forbidden_free(struct past_forbidden *f)
{
	if (f == NULL)
		return;
	free(f->key);
	free(f->node);
	free(f);
}

void
past_forbid(struct past *p, const char *node, const char *child)
{
	struct past_forbidden *f = xcalloc(1, sizeof(*f));

	f->key = key_of(node, child);
	f->node = xstrdup(node);
	f->child = f->key + strlen(node) + 1;
	/* The map takes the new key, too. */
	forbidden_free(strmap_put(&p->forbidden, f->key, f));
}

void
past_permit(struct past *p, const char *node, const char *child)
{
	char *key = key_of(node, child);

	forbidden_free(strmap_remove(&p->forbidden, key));
	free(key);
}

void
past_permit_child(struct past *p, const char *child)
{
	size_t i = 0, len = strlen(child);
	const char *key;
	void *value;

	while (strmap_next(&p->forbidden, &i, &key, &value)) {
		struct past_forbidden *f = value;

		if (strncmp(f->child, child, len) != 0 || (f->child[len] != '\0' && f->child[len] != '/'))
			continue;
		strmap_remove(&p->forbidden, key);
		forbidden_free(f);
		i = 0; /* what is left may stand elsewhere now */
	}
}

int
past_fold_permit(struct past *p, const char *line, size_t len)
{
	struct json_field f[] = { { .name = "node" }, { .name = "child" }, { .name = "permitted" } };
	char *node = NULL, *child = NULL;
	int result = -1;

	if (json_scan(line, len, f, ARRAY_LEN(f)) == -1 || (node = json_field_strdup(&f[0])) == NULL || node[0] == '\0')
		goto out;
	child = f[1].kind == JSON_ABSENT ? xstrdup("") : json_field_strdup(&f[1]);
	if (child == NULL || (f[1].kind != JSON_ABSENT && child[0] == '\0'))
		goto out;
	if (f[2].kind == JSON_BOOL && f[2].p[0] == 't')
		past_permit(p, node, child);
	else if (f[2].kind == JSON_BOOL)
		past_forbid(p, node, child);
	result = f[2].kind == JSON_BOOL ? 0 : -1;
out:
	free(child);
	free(node);
	return result;
}

void
past_encode_permits(const struct past *p, struct buf *out)
{
	const char *key;
	void *value;
	size_t i = 0;

	while (strmap_next(&p->forbidden, &i, &key, &value)) {
		const struct past_forbidden *f = value;

		buf_xaddstr(out, "{\"type\":\"snapshot_permit\",\"snap\":true");
		json_put_str(out, "node", f->node);
		if (f->child[0] != '\0')
			json_put_str(out, "child", f->child);
		json_put_bool(out, "permitted", false);
		buf_xaddstr(out, "}\n");
	}
}

void
past_permit_release(struct past *p)
{
	const char *key;
	void *value;
	size_t i = 0;

	while (strmap_next(&p->forbidden, &i, &key, &value))
		forbidden_free(value);
	strmap_release(&p->forbidden);
}
