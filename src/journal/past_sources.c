/* The sources of a child: what their newest observations have said, for how fresh they are (core/fresh.h). */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "journal/past_private.h"

#define STATUS_SIZE 33
#define REASON_SIZE 65

/* A source with its texts. */
struct kept_source {
	struct past_source source;
	char status[STATUS_SIZE];
	char reason[REASON_SIZE];
	char id[];
};

static struct past_source *
source_of(struct past_child *c, const struct json_field *id, int64_t known)
{
	char *name = json_field_strdup(id);
	struct past_source *found = name == NULL ? NULL : strmap_find(&c->sources, name);
	struct kept_source *k;

	if (found == NULL && name != NULL && name[0] != '\0' && c->sources.n < PAST_SOURCES_MAX) {
		k = xcalloc(1, sizeof(*k) + strlen(name) + 1);
		memcpy(k->id, name, strlen(name) + 1);
		k->source = (struct past_source){ FRESH_FACTS_INIT(known), FRESH_NEVER, k->status, k->reason, k->id };
		strmap_put(&c->sources, k->id, k);
		found = &k->source;
	}
	free(name);
	return found;
}

/* A word: up to an escape, which none has. */
static void
copy_word(char *dst, size_t size, const struct json_field *f)
{
	size_t n = 0;

	if (f->kind == JSON_STRING)
		for (; n < f->len && n < size - 1 && f->p[n] != '\\'; n++)
			dst[n] = f->p[n];
	dst[n] = '\0';
}

static void
keep_words(struct past_source *s, const struct json_field *status, const struct json_field *reason)
{
	struct kept_source *k = (struct kept_source *)s;

	copy_word(k->status, sizeof(k->status), status);
	copy_word(k->reason, sizeof(k->reason), reason);
}

void
past_observe(struct past_child *c, int64_t t, const char *data, size_t len)
{
	struct json_field f[] = { { .name = "source" }, { .name = "status" }, { .name = "reason" }, { .name = "slot" } };
	struct past_source *s;

	if (json_scan(data, len, f, ARRAY_LEN(f)) == -1 || f[1].kind != JSON_STRING || (s = source_of(c, &f[0], t)) == NULL ||
	    t < s->facts.last)
		return;
	keep_words(s, &f[1], &f[2]);
	fresh_note(&s->facts, fresh_kind(s->status, strlen(s->status), s->reason, strlen(s->reason)), t);
	if (f[3].kind != JSON_NUMBER || json_field_int(&f[3], &s->slot) == -1)
		s->slot = FRESH_NEVER;
}

static void
put_time(struct buf *out, const char *name, int64_t t, int64_t unless)
{
	if (t == unless)
		return;
	if (t == FRESH_NEVER)
		json_put_str(out, name, NULL);
	else
		json_put_int(out, name, t);
}

/* What is as in most sources is left out: there may be 100,000. */
void
past_source_encode(const struct past_source *s, const char *child, struct buf *out)
{
	const struct fresh_facts *f = &s->facts;

	buf_xaddc(out, '{');
	json_put_str(out, "type", "snapshot_source");
	json_put_bool(out, "snap", true);
	json_put_str(out, "child", child);
	json_put_str(out, "source", s->id);
	put_time(out, "known", f->known, FRESH_NEVER);
	put_time(out, "last", f->last, FRESH_NEVER);
	put_time(out, "good", f->good, f->last);
	put_time(out, "since", f->since, f->last);
	put_time(out, "slot", s->slot, FRESH_NEVER);
	if (f->sold_out)
		json_put_bool(out, "sold_out", true);
	if (f->last != FRESH_NEVER)
		json_put_str(out, "status", s->status);
	if (s->reason[0] != '\0')
		json_put_str(out, "reason", s->reason);
	buf_xaddstr(out, "}\n");
}

static int
time_of(const struct json_field *f, int64_t absent, int64_t *out)
{
	*out = f->kind == JSON_ABSENT ? absent : FRESH_NEVER;
	return f->kind == JSON_ABSENT || f->kind == JSON_NULL ? 0 : f->kind == JSON_NUMBER ? json_field_int(f, out) : -1;
}

int
past_fold_source(struct past_child *c, const char *line, size_t len)
{
	enum { SOURCE, KNOWN, LAST, GOOD, SINCE, SLOT, SOLD_OUT, STATUS, REASON, N };
	struct json_field f[N] = { { .name = "source" }, { .name = "known" }, { .name = "last" }, { .name = "good" },
		{ .name = "since" }, { .name = "slot" }, { .name = "sold_out" }, { .name = "status" }, { .name = "reason" } };
	struct fresh_facts facts = FRESH_FACTS_INIT(0);
	struct past_source *s;
	int64_t slot;

	if (json_scan(line, len, f, N) == -1 || time_of(&f[KNOWN], 0, &facts.known) == -1 ||
	    time_of(&f[LAST], FRESH_NEVER, &facts.last) == -1 || time_of(&f[SLOT], FRESH_NEVER, &slot) == -1 ||
	    time_of(&f[SINCE], facts.last, &facts.since) == -1)
		return -1;
	facts.sold_out = f[SOLD_OUT].kind == JSON_BOOL && f[SOLD_OUT].p[0] == 't';
	if (time_of(&f[GOOD], facts.last, &facts.good) == -1 || (s = source_of(c, &f[SOURCE], facts.known)) == NULL)
		return -1;
	keep_words(s, &f[STATUS], &f[REASON]);
	if (facts.last != FRESH_NEVER)
		facts.kind = fresh_kind(s->status, strlen(s->status), s->reason, strlen(s->reason));
	if (facts.kind == FRESH_KIND_SAME)
		facts.kind = facts.sold_out ? FRESH_KIND_SOLD_OUT : FRESH_KIND_GOOD;
	s->facts = facts;
	s->slot = slot;
	return 0;
}

void
past_encode_sources(const struct past_child *c, struct buf *out)
{
	const char *id;
	void *source;
	size_t i = 0;

	while (strmap_next(&c->sources, &i, &id, &source))
		past_source_encode(source, c->child, out);
}

void
past_sources_release(struct past_child *c)
{
	const char *id;
	void *source;
	size_t i = 0;

	while (strmap_next(&c->sources, &i, &id, &source))
		free(source);
	strmap_release(&c->sources);
}
