/*
 * Links and monitors between incarnations that live, exit signals that end one,
 * and lines for control descriptors that no agent has taken over yet (S90-S99).
 * They are with the incarnation that links, watches, ends or is told; when that
 * has ended they are of no meaning. Whether the other one lives is looked at
 * when they are used.
 */
#include "journal/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "journal/past_private.h"

static void
drop_ties(struct past_ties *t, uint64_t peer, uint64_t ref)
{
	struct past_tie **at = &t->first, *tie;

	while ((tie = *at) != NULL) {
		if (tie->ref == ref && (ref != 0 || tie->peer == peer)) {
			*at = tie->next;
			free(tie);
		} else {
			at = &tie->next;
		}
	}
}

void
past_tie(struct past_ties *t, uint64_t peer, uint64_t ref, bool cut)
{
	struct past_tie *tie;

	drop_ties(t, peer, ref);
	tie = xcalloc(1, sizeof(*tie));
	*tie = (struct past_tie){ t->first, peer, ref, cut };
	t->first = tie;
}

void
past_tell(struct past_ties *t, uint64_t n, const char *line)
{
	size_t len = strlen(line);
	struct past_tell *tell;

	if (t->last_tell != NULL && t->last_tell->n >= n)
		return;
	tell = xmalloc(sizeof(*tell) + len + 1);
	tell->next = NULL;
	tell->n = n;
	memcpy(tell->line, line, len + 1);
	if (t->last_tell != NULL)
		t->last_tell->next = tell;
	else
		t->tells = tell;
	t->last_tell = tell;
}

void
past_end_by(struct past_ties *t, const char *reason)
{
	free(t->ended_by);
	t->ended_by = xstrdup(reason);
}

void
past_ties_free(struct past_ties *t)
{
	struct past_tie *tie;
	struct past_tell *tell;

	while ((tie = t->first) != NULL) {
		t->first = tie->next;
		free(tie);
	}
	while ((tell = t->tells) != NULL) {
		t->tells = tell->next;
		free(tell);
	}
	t->last_tell = NULL;
	free(t->ended_by);
	t->ended_by = NULL;
}

enum tie_field { TYPE, TOKEN, PEER_TOKEN, REF, N, LINE, REASON, FIELDS };

static int
number(const struct json_field *f, uint64_t *n)
{
	return f->kind == JSON_NUMBER ? json_field_uint(f, n) : -1;
}

static int
fold_line(struct past_incarnation *i, const struct json_field *f)
{
	uint64_t n;
	char *line;

	if (number(&f[N], &n) == -1 || (line = json_field_strdup(&f[LINE])) == NULL)
		return -1;
	past_tell(&i->ties, n, line);
	free(line);
	return 0;
}

static int
fold_reason(struct past_incarnation *i, const struct json_field *f)
{
	char *reason = json_field_strdup(&f[REASON]);

	if (reason == NULL)
		return -1;
	past_end_by(&i->ties, reason);
	free(reason);
	return 0;
}

static int
fold_pair(struct past *p, struct past_incarnation *i, const struct json_field *f)
{
	bool monitor = json_field_is(&f[TYPE], "monitor");
	struct past_incarnation *other;
	uint64_t peer, ref = 0;

	if (number(&f[PEER_TOKEN], &peer) == -1 || (monitor && (number(&f[REF], &ref) == -1 || ref == 0)))
		return -1;
	/* A link is one both ways. */
	if (!monitor && (other = map_find(&p->incarnations, peer)) != NULL)
		drop_ties(&other->ties, i->token, 0);
	past_tie(&i->ties, peer, ref, json_field_is(&f[TYPE], "unlink"));
	return 0;
}

int
past_fold_tie(struct past *p, const char *line, size_t len)
{
	struct json_field f[FIELDS] = { { .name = "type" }, { .name = "token" }, { .name = "peer_token" },
		{ .name = "ref" }, { .name = "n" }, { .name = "line" }, { .name = "reason" } };
	struct past_incarnation *i;
	uint64_t token, ref;

	if (json_scan(line, len, f, FIELDS) == -1 || number(&f[TOKEN], &token) == -1)
		return -1;
	/* Of one that is gone: nothing of it matters any more. */
	if ((i = map_find(&p->incarnations, token)) == NULL || i->exited)
		return 0;
	if (json_field_is(&f[TYPE], "tell"))
		return fold_line(i, f);
	if (json_field_is(&f[TYPE], "exit_signal"))
		return fold_reason(i, f);
	if (!json_field_is(&f[TYPE], "demonitor"))
		return fold_pair(p, i, f);
	if (number(&f[REF], &ref) == -1)
		return -1;
	if (ref != 0)
		drop_ties(&i->ties, 0, ref);
	return 0;
}

static void
begin(const struct past_incarnation *i, const char *type, struct buf *out)
{
	buf_xaddc(out, '{');
	json_put_str(out, "type", type);
	json_put_bool(out, "snap", true);
	json_put_str(out, "child", i->child);
	json_put_uint(out, "token", i->token);
}

void
past_encode_ties(const struct past_incarnation *i, struct buf *out)
{
	const struct past_tie *tie;
	const struct past_tell *tell;

	for (tie = i->ties.first; tie != NULL; tie = tie->next) {
		begin(i, tie->ref != 0 ? "monitor" : tie->cut ? "unlink" : "link", out);
		json_put_uint(out, "peer_token", tie->peer);
		if (tie->ref != 0)
			json_put_uint(out, "ref", tie->ref);
		buf_xaddstr(out, "}\n");
	}
	if (i->ties.ended_by != NULL) {
		begin(i, "exit_signal", out);
		json_put_str(out, "reason", i->ties.ended_by);
		buf_xaddstr(out, "}\n");
	}
	for (tell = i->ties.tells; tell != NULL; tell = tell->next) {
		begin(i, "tell", out);
		json_put_uint(out, "n", tell->n);
		json_put_str(out, "line", tell->line);
		buf_xaddstr(out, "}\n");
	}
}
