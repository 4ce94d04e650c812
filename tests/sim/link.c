/* Connections: bytes that are late, held up, or cut off anywhere; in order within one, in none between two. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "sim.h"

struct chunk {
	struct chunk *next;
	int64_t at;
	size_t len;
	bool eof;
	char bytes[];
};

static void pipe_move(struct world *w, void *p, uint64_t arg);

bool
link_is_open(const struct host *h)
{
	return h->up && h->link.cut == 0 && h->link.mute[0] == 0 && h->link.mute[1] == 0;
}

static bool
is_blocked(const struct pipe *p)
{
	const struct host *h = p->conn->host;

	return h->link.cut > 0 || h->link.mute[p->to_agent ? 0 : 1] > 0;
}

int64_t
link_latency(const struct world *w, const struct host *h, uint64_t salt)
{
	int64_t usual = h->index == 0 ? 200 : 2000;

	return sim_between(w, salt, h->index, usual / 4, usual) + (h->link.slow > 0 ? h->link.latency : 0);
}

static void
pipe_go(struct world *w, struct pipe *p)
{
	if (p->moving || p->first == NULL || is_blocked(p))
		return;
	p->moving = true;
	sim_at(w, p->first->at, &w->nature, pipe_move, p, 0);
}

static void
readable(struct world *w, void *p, uint64_t to_agent)
{
	struct conn *c = p;

	if (to_agent && c->agent != NULL)
		agent_readable(w, c);
	else if (!to_agent && c->daemon != NULL)
		node_readable(&c->daemon->nodes[c->node], c);
}

/* What has arrived is in the receiver's buffer; the receiver hears of it when it can. */
static void
arrive(struct world *w, struct pipe *p)
{
	struct chunk *k = p->first;
	struct conn *c = p->conn;
	struct actor *who = NULL;

	if (p->to_agent && c->agent != NULL)
		who = &c->agent->actor;
	else if (!p->to_agent && c->daemon != NULL)
		who = &c->daemon->actor;
	if (who != NULL) {
		buf_xadd(&p->in, k->bytes, k->len);
		p->eof = p->eof || k->eof;
		sim_at(w, w->now, who, readable, c, p->to_agent);
	}
	p->first = k->next;
	if (p->first == NULL)
		p->last = NULL;
	free(k);
}

static void
pipe_move(struct world *w, void *arg, uint64_t unused)
{
	struct pipe *p = arg;

	(void)unused;
	p->moving = false;
	while (p->first != NULL && p->first->at <= w->now && !is_blocked(p))
		arrive(w, p);
	pipe_go(w, p);
}

static void
pipe_push(struct world *w, struct pipe *p, const char *bytes, size_t len, bool eof)
{
	struct chunk *k;

	if (p->shut)
		return;
	k = xmalloc(sizeof(*k) + len);
	k->next = NULL;
	k->len = len;
	k->eof = eof;
	if (len > 0)
		memcpy(k->bytes, bytes, len);
	k->at = w->now + link_latency(w, p->conn->host, (uint64_t)p->conn->id << 32 | ++p->n_sent << 1 | p->to_agent);
	if (k->at < p->last_at)
		k->at = p->last_at;
	p->last_at = k->at;
	if (p->last != NULL)
		p->last->next = k;
	else
		p->first = k;
	p->last = k;
	p->shut = eof;
	pipe_go(w, p);
}

void
conn_send(struct world *w, struct pipe *p, const struct agent_msg *m)
{
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;
	size_t cut;

	if (agent_msg_encode(&b, m, &err) == -1)
		sim_fail(w, "codec", "%s: %s", agent_msg_name(m->type), err.msg);
	w->counts.messages++;
	/* Now and then in two pieces, at any byte. */
	cut = sim_hash(w, p->conn->id, p->n_sent) % 8 == 0 ? sim_hash(w, p->conn->id, ~p->n_sent) % b.len : 0;
	if (cut > 0)
		pipe_push(w, p, b.data, cut, false);
	pipe_push(w, p, b.data + cut, b.len - cut, false);
	buf_release(&b);
}

static void
pipe_empty(struct pipe *p)
{
	struct chunk *k;

	while ((k = p->first) != NULL) {
		p->first = k->next;
		free(k);
	}
	p->last = NULL;
}

void
conn_release(struct conn *c)
{
	pipe_empty(&c->to_agent);
	pipe_empty(&c->to_daemon);
	buf_release(&c->to_agent.in);
	buf_release(&c->to_daemon.in);
}

struct conn *
conn_open(struct world *w, struct daemon *d, uint32_t node, struct agent *a)
{
	struct conn *c = sim_alloc(w, sizeof(*c));

	c->host = a->host;
	c->agent = a;
	c->daemon = d;
	c->node = node;
	c->id = ++w->n_conns;
	c->to_agent.conn = c->to_daemon.conn = c;
	c->to_agent.to_agent = true;
	c->next = a->host->conns;
	a->host->conns = c;
	return c;
}

static void
end_of(struct pipe *heard, struct pipe *said, struct world *w, bool tell)
{
	pipe_empty(heard);
	buf_release(&heard->in);
	heard->shut = true;
	if (tell)
		pipe_push(w, said, NULL, 0, true);
}

void
conn_close_daemon(struct world *w, struct conn *c)
{
	if (c->daemon == NULL)
		return;
	c->daemon = NULL;
	end_of(&c->to_daemon, &c->to_agent, w, c->agent != NULL);
}

void
conn_close_agent(struct world *w, struct conn *c)
{
	if (c->agent == NULL)
		return;
	c->agent = NULL;
	c->attached = false;
	end_of(&c->to_agent, &c->to_daemon, w, c->daemon != NULL);
}

/* Of what is on its way only a part arrives, and then the end. */
static void
pipe_cut(struct world *w, struct pipe *p)
{
	size_t total = 0, keep;
	struct chunk *k, *rest;

	if (p->shut)
		return;
	for (k = p->first; k != NULL; k = k->next)
		total += k->len;
	keep = sim_hash(w, p->conn->id, p->n_sent + 1000) % (total + 1);
	for (k = p->first; k != NULL; k = k->next) {
		if (k->len > keep)
			k->len = keep;
		keep -= k->len;
		if (keep == 0)
			break;
	}
	while (k != NULL && (rest = k->next) != NULL) {
		k->next = rest->next;
		free(rest);
	}
	if (k != NULL)
		p->last = k;
	pipe_push(w, p, NULL, 0, true);
}

void
conn_cut(struct world *w, struct conn *c)
{
	if (c->agent != NULL)
		pipe_cut(w, &c->to_agent);
	if (c->daemon != NULL)
		pipe_cut(w, &c->to_daemon);
}

void
conn_vanish(struct world *w, struct conn *c)
{
	(void)w;
	c->agent = NULL;
	c->attached = false;
	pipe_empty(&c->to_agent);
	buf_release(&c->to_agent.in);
	c->to_agent.shut = true;
	pipe_empty(&c->to_daemon);
}

void
conn_reset(struct world *w, struct conn *c)
{
	if (c->agent == NULL && c->daemon != NULL)
		pipe_push(w, &c->to_daemon, NULL, 0, true);
}

/* What was held up goes on; what is over is forgotten. */
void
link_changed(struct world *w, struct host *h)
{
	struct conn **at = &h->conns, *c;

	while ((c = *at) != NULL) {
		if (c->agent == NULL && c->daemon == NULL) {
			conn_release(c);
			*at = c->next;
			continue;
		}
		pipe_go(w, &c->to_agent);
		pipe_go(w, &c->to_daemon);
		at = &c->next;
	}
}
