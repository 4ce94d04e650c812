#include "config.h"

#include "daemon/node_flow.h"

/* From this version on an agent says what has arrived. */
#define VERSION_PACED 3

/* A job on its way: what of it is next; or all of it is sent, and arrived when so many bytes of the connection have. */
struct feed {
	uint64_t token;
	uint64_t at;
};

static bool
is_paced(const struct node *node)
{
	return node->version >= VERSION_PACED;
}

void
flow_begin(struct node *node)
{
	pace_init(&node->pace, node->grantor.length_us);
	node->feeds.head = node->feeds.tail;
	node->fed.head = node->fed.tail;
}

bool
flow_has_room(const struct node *node)
{
	return !is_paced(node) || pace_room(&node->pace) > 0;
}

void
flow_ordered(struct node *node)
{
	if (is_paced(node) && pace_wants_mark(&node->pace))
		pace_mark(&node->pace, mono_now());
}

void
flow_arrived(struct node *node, uint64_t received)
{
	struct incarnation *inc;
	const struct feed *f;

	pace_quiet(&node->pace);
	pace_arrived(&node->pace, mono_now(), received);
	for (; node->fed.head < node->fed.tail; node->fed.head++) {
		f = ring_at(&node->fed, sizeof(*f), node->fed.head);
		if (f->at > node->pace.arrived)
			break;
		if ((inc = inc_find(node->d, f->token)) != NULL)
			inc_drop_job(inc);
	}
}

void
flow_feed(struct node *node, struct incarnation *inc, uint64_t from)
{
	if (from >= inc->job->len)
		inc_drop_job(inc);
	else
		*(struct feed *)ring_push(&node->feeds, sizeof(struct feed)) = (struct feed){ inc->token, from };
}

/* The next chunk of a job. False: that was its last. */
static bool
feed_once(struct node *node, struct incarnation *inc, struct feed *f)
{
	struct agent_msg m = { .type = AGENT_STDIN };
	uint64_t n = inc->job->len - f->at, piece = pace_piece(&node->pace);

	if (is_paced(node) && n > piece)
		n = piece;
	if (n > AGENT_CHUNK_MAX)
		n = AGENT_CHUNK_MAX;
	m.u.in.token = inc->token;
	m.u.in.offset = f->at;
	m.u.in.bytes = (struct agent_bytes){ inc->job->data + f->at, n };
	node_send(node, &m);
	flow_ordered(node);
	f->at += n;
	if (f->at < inc->job->len)
		return true;
	if (is_paced(node))
		*(struct feed *)ring_push(&node->fed, sizeof(*f)) = (struct feed){ inc->token, node->pace.sent };
	else
		inc_drop_job(inc);
	return false;
}

/* In turn: a long job does not keep the short ones waiting. */
void
flow_go_on(struct node *node)
{
	struct incarnation *inc;
	struct feed f;

	while (node->state == NODE_UP && node->feeds.head < node->feeds.tail && flow_has_room(node)) {
		f = *(struct feed *)ring_at(&node->feeds, sizeof(f), node->feeds.head);
		node->feeds.head++;
		inc = inc_find(node->d, f.token);
		if (inc == NULL || inc->job == NULL || (inc->state != INC_SENT && inc->state != INC_LIVE))
			continue;
		if (feed_once(node, inc, &f))
			*(struct feed *)ring_push(&node->feeds, sizeof(f)) = f;
	}
}

bool
flow_is_feeding(const struct node *node)
{
	return node->state == NODE_UP && (node->feeds.head < node->feeds.tail || node->fed.head < node->fed.tail);
}

void
flow_release(struct node *node)
{
	ring_release(&node->feeds);
	ring_release(&node->fed);
}
