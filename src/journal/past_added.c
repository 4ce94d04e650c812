/*
 * Children that were added at run time, and those of the configuration that were
 * deleted: what the next daemon has to know besides its configuration.
 */
#include "journal/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "journal/past_private.h"

static void
added_free(struct past_added *a)
{
	if (a == NULL)
		return;
	strvec_release(&a->args);
	free(a->spec);
	free(a->child);
	free(a);
}

void
past_add(struct past *p, const char *child, const char *spec, const struct strvec *args, uint64_t seq)
{
	struct past_added *a = xcalloc(1, sizeof(*a));
	size_t i;

	a->child = xstrdup(child);
	a->spec = spec != NULL ? xstrdup(spec) : NULL;
	for (i = 0; args != NULL && i < args->n; i++)
		strvec_push(&a->args, args->v[i]);
	a->seq = seq;
	/* The map takes the new key, too. */
	added_free(strmap_put(&p->added, a->child, a));
}

void
past_remove(struct past *p, const char *child, bool listed)
{
	char *path;

	if (!listed) {
		added_free(strmap_remove(&p->added, child));
		return;
	}
	path = xstrdup(child);
	free(strmap_put(&p->deleted, path, path));
}

void
past_bring_back(struct past *p, const char *child)
{
	free(strmap_remove(&p->deleted, child));
}

void
past_count(struct past *p, const char *sup, uint64_t number)
{
	struct past_number *n = strmap_find(&p->numbers, sup);
	size_t len = strlen(sup) + 1;

	if (n == NULL) {
		n = xcalloc(1, sizeof(*n) + len);
		memcpy(n->path, sup, len);
		strmap_put(&p->numbers, n->path, n);
	}
	if (number > n->last)
		n->last = number;
}

void
past_forget_changes(struct past *p)
{
	const char *name;
	void *value;
	size_t i;

	for (i = 0; strmap_next(&p->added, &i, &name, &value);)
		added_free(value);
	for (i = 0; strmap_next(&p->deleted, &i, &name, &value);)
		free(value);
	strmap_release(&p->added);
	strmap_release(&p->deleted);
}

void
past_added_release(struct past *p)
{
	const char *name;
	void *value;
	size_t i;

	past_forget_changes(p);
	for (i = 0; strmap_next(&p->numbers, &i, &name, &value);)
		free(value);
	strmap_release(&p->numbers);
}

int
past_strings(const char *list, size_t len, struct strvec *out)
{
	const char *p = list, *end = list + len;
	struct json_field f = { .kind = JSON_STRING };
	char *text;

	/* It is valid JSON: between the strings of a list there are only blanks and commas. */
	while (p < end) {
		if (*p != '"') {
			if (strchr("[] ,\t\r\n", *p) == NULL)
				return -1;
			p++;
			continue;
		}
		for (f.p = ++p; p < end && *p != '"'; p++)
			p += *p == '\\';
		if (p >= end)
			return -1;
		f.len = (size_t)(p++ - f.p);
		if ((text = json_field_strdup(&f)) == NULL)
			return -1;
		strvec_push_nodup(out, text);
	}
	return 0;
}

static void
begin(struct buf *out, const char *type, const char *child)
{
	buf_xaddc(out, '{');
	json_put_str(out, "type", type);
	json_put_bool(out, "snap", true);
	json_put_str(out, "child", child);
}

static void
encode_added(const struct past_added *a, struct buf *out)
{
	size_t i;

	begin(out, "snapshot_added", a->child);
	if (a->spec != NULL) {
		json_put_str(out, "spec", a->spec);
	} else {
		json_put_name(out, "args");
		buf_xaddc(out, '[');
		for (i = 0; i < a->args.n; i++) {
			if (i > 0)
				buf_xaddc(out, ',');
			json_put_string(out, a->args.v[i]);
		}
		buf_xaddc(out, ']');
	}
	json_put_uint(out, "seq", a->seq);
	buf_xaddstr(out, "}\n");
}

void
past_encode_added(const struct past *p, struct buf *out)
{
	const char *name;
	void *value;
	size_t i;

	for (i = 0; strmap_next(&p->added, &i, &name, &value);)
		encode_added(value, out);
	for (i = 0; strmap_next(&p->deleted, &i, &name, &value);) {
		begin(out, "snapshot_removed", name);
		json_put_bool(out, "listed", true);
		buf_xaddstr(out, "}\n");
	}
	for (i = 0; strmap_next(&p->numbers, &i, &name, &value);) {
		begin(out, "snapshot_number", name);
		json_put_uint(out, "last", ((const struct past_number *)value)->last);
		buf_xaddstr(out, "}\n");
	}
}
