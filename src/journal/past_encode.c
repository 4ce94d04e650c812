#include "journal/past.h"

#include <string.h>

#include "base/json.h"
#include "journal/past_private.h"
#include "wire/agent_msg.h"

static void
begin(struct buf *out, const char *type)
{
	buf_xaddc(out, '{');
	json_put_str(out, "type", type);
	json_put_bool(out, "snap", true);
}

static void
encode_incarnation(const struct past_incarnation *i, struct buf *out)
{
	begin(out, "snapshot_incarnation");
	json_put_str(out, "child", i->child);
	json_put_uint(out, "token", i->token);
	if (i->node != NULL)
		json_put_str(out, "node", i->node);
	json_put_uint(out, "pid", i->pid);
	json_put_bool(out, "exited", i->exited);
	json_put_uint(out, "spec", i->spec);
	json_put_uint(out, "job_bytes", i->job_bytes);
	if (i->unseen)
		json_put_bool(out, "unseen", true);
	if (i->told)
		json_put_bool(out, "told", true);
	if (i->control)
		json_put_bool(out, "control", true);
	json_put_uint(out, "out", i->held[STREAM_OUT]);
	json_put_uint(out, "err", i->held[STREAM_ERR]);
	buf_xaddstr(out, "}\n");
	past_encode_ties(i, out);
}

void
past_state_encode(const char *child, const char *key, uint64_t token, uint64_t n, const char *line, struct buf *out)
{
	begin(out, "snapshot_state");
	json_put_str(out, "child", child);
	json_put_uint(out, "token", token);
	json_put_uint(out, "n", n);
	json_put_str(out, "key", key);
	json_put_raw(out, "data", line, strlen(line));
	buf_xaddstr(out, "}\n");
}

static void
encode_states(const struct past_child *c, struct buf *out)
{
	const struct past_state *s;
	const char *key;
	void *line;
	size_t i = 0;

	while (strmap_next(&c->states, &i, &key, &line)) {
		s = past_state_of(line);
		past_state_encode(c->child, key, s->token, s->n, s->text, out);
	}
}

static void
encode_child(const struct past_child *c, struct buf *out)
{
	begin(out, "snapshot_child");
	json_put_str(out, "child", c->child);
	json_put_bool(out, "stopped", c->stopped);
	json_put_uint(out, "last_token", c->last_token);
	json_put_uint(out, "starts", c->starts);
	json_put_uint(out, "restarts", c->restarts);
	json_put_uint(out, "run_token", c->run_token);
	json_put_uint(out, "ended_token", c->ended_token);
	json_put_bool(out, "ended_normal", c->ended_normal);
	json_put_bool(out, "terminated", c->terminated);
	json_put_int(out, "last_good", c->last_good_ms > 0 ? c->last_good_ms : 0);
	if (c->told_ms > 0)
		json_put_int(out, "alarmed", c->told_ms);
	buf_xaddstr(out, "}\n");
	encode_states(c, out);
	past_encode_sources(c, out);
}

static void
encode_node(const struct past_node *n, struct buf *out)
{
	begin(out, "snapshot_node");
	json_put_str(out, "node", n->node);
	json_put_int(out, "lease_us", n->lease_us);
	if (n->ssh != NULL)
		json_put_str(out, "ssh", n->ssh);
	if (n->machine_id[0] != '\0')
		json_put_str(out, "machine_id", n->machine_id);
	buf_xaddstr(out, "}\n");
}

void
past_encode(const struct past *p, struct buf *out)
{
	const char *name;
	uint64_t token;
	void *value;
	size_t i;

	for (i = 0; strmap_next(&p->nodes, &i, &name, &value);)
		encode_node(value, out);
	for (i = 0; strmap_next(&p->children, &i, &name, &value);)
		encode_child(value, out);
	for (i = 0; map_next(&p->incarnations, &i, &token, &value);)
		encode_incarnation(value, out);
	past_encode_added(p, out);
	past_encode_permits(p, out);
}
