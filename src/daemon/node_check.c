#include "config.h"

#include "daemon/node_check.h"

#include <errno.h>
#include <string.h>

#include "base/log.h"
#include "conf/build.h"
#include "conf/text.h"
#include "core/reason.h"

/* An instance's number stands behind its id. */
#define ID_MAX (TEXT_ID_MAX + 24)
#define PATH_BYTES_MAX (BUILD_PATH_MAX + ID_MAX)
#define TEXT_MAX 4096
#define ERRNO_MAX 4095
#define NOTES_AT_ONCE 50
#define NOTE_EVERY_US INT64_C(500000)

/*
 * Nothing that could move a terminal. Bytes of UTF-8 pass, but for the control characters that it has between
 * 0x80 and 0x9f.
 */
static bool
is_plain(const char *s, size_t max)
{
	size_t i;

	for (i = 0; s[i] != '\0'; i++) {
		unsigned char c = (unsigned char)s[i];

		if (i == max || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[i + 1] < 0xa0))
			return false;
	}
	return true;
}

/* Letters, digits and _.:- as of an id, none of them empty or a dot: this becomes the name of a file. */
static bool
is_path(const char *s)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
	size_t n;

	if (strlen(s) > PATH_BYTES_MAX)
		return false;
	for (;; s += n + 1) {
		n = strcspn(s, "/");
		if (n == 0 || n > ID_MAX || strchr(letters, s[0]) == NULL ||
		    strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.:-") < n)
			return false;
		if (s[n] == '\0')
			return true;
	}
}

static int
absurd(const struct agent_msg *m, const char *what, struct err *err)
{
	return err_set(err, EPROTO, "a %s message with %s", agent_msg_name(m->type), what);
}

/* The incarnation that it names, if we know one, is this node's. */
static int
check_owner(const struct node *node, const struct agent_msg *m, uint64_t token, struct err *err)
{
	const struct incarnation *inc = inc_find(node->d, token);

	if (token == 0)
		return absurd(m, "no token", err);
	if (inc == NULL || inc->node == node->index)
		return 0;
	return err_set(err, EPERM, "a %s message names child %s (token %llu), which is node %s's", agent_msg_name(m->type),
	    inc->path, (unsigned long long)token, node_at(node->d, inc->node)->name);
}

static int
check_welcome(struct node *node, const struct agent_msg *m, struct err *err)
{
	const char *const texts[] = { m->u.welcome.build, m->u.welcome.boot_id, m->u.welcome.machine_id };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (!is_plain(texts[i], 255))
			return absurd(m, "a text that is not plain", err);
	if (m->u.welcome.pid < 2 || m->u.welcome.pid > INT32_MAX || m->u.welcome.guard_pid > INT32_MAX)
		return absurd(m, "a pid that cannot be", err);
	if (m->u.welcome.n_children > NODE_CHILDREN_MAX)
		return err_set(err, E2BIG, "the agent names %u children, at most %u can be", m->u.welcome.n_children,
		    NODE_CHILDREN_MAX);
	if (m->u.welcome.epoch != node->d->epoch || m->u.welcome.attach != node->attach)
		return absurd(m, "another hello's numbers", err);
	node->to_name = m->u.welcome.n_children;
	node->named = false;
	return 0;
}

/* A token that we do not remember was given out by an earlier daemon, whose last records are lost: it is not of our time. */
static int
check_unknown(const struct node *node, const struct agent_msg *m, struct err *err)
{
	uint64_t token = m->u.child.token;

	if (token > node->d->last_token && token >> 32 >= node->d->epoch)
		return err_set(err, EPERM, "the agent names child %s with token %llu, which was never given out", m->u.child.child,
		    (unsigned long long)token);
	return 0;
}

/* What an agent has dropped as acknowledged we hold, unless this daemon's host forgot it in a power cut. */
static int
check_acked(const struct incarnation *inc, const struct agent_msg *m, struct err *err)
{
	const uint64_t acked[2] = { m->u.child.out_acked, m->u.child.err_acked };

	for (int i = 0; i < 2; i++)
		if (acked[i] > inc->out[i].received && inc->out[i].received != inc->out[i].safe)
			return absurd(m, "more acknowledged than was received", err);
	return 0;
}

static int
check_child(struct node *node, const struct agent_msg *m, struct err *err)
{
	const struct incarnation *inc = inc_find(node->d, m->u.child.token);

	if (node->state != NODE_SORTING || node->named)
		return absurd(m, "nothing that it belongs to", err);
	if (node->to_name == 0)
		return err_set(err, EPROTO, "the agent names more children than it said");
	node->to_name--;
	if (!is_path(m->u.child.child))
		return absurd(m, "a name that no child can have", err);
	if (m->u.child.pid > INT32_MAX || m->u.child.pid == 1)
		return absurd(m, "a pid that cannot be", err);
	if (m->u.child.age_ms < 0 || m->u.child.age_ms > INT64_MAX / US_PER_S || m->u.child.out_acked > m->u.child.out_end ||
	    m->u.child.err_acked > m->u.child.err_end || m->u.child.out_end > NODE_NUMBER_MAX ||
	    m->u.child.err_end > NODE_NUMBER_MAX || m->u.child.in_offset > NODE_NUMBER_MAX ||
	    m->u.child.control_n > NODE_NUMBER_MAX)
		return absurd(m, "numbers that cannot be", err);
	if (check_owner(node, m, m->u.child.token, err) == -1)
		return -1;
	if (inc == NULL)
		return check_unknown(node, m, err);
	if (inc->present)
		return absurd(m, "a child that was named before", err);
	if (strcmp(inc->path, m->u.child.child) != 0)
		return err_set(err, EPERM, "the agent calls child %s %s", inc->path, m->u.child.child);
	return check_acked(inc, m, err);
}

static int
check_named(struct node *node, const struct agent_msg *m, struct err *err)
{
	if (node->state != NODE_SORTING || node->named)
		return absurd(m, "nothing that it belongs to", err);
	if (node->to_name > 0)
		return err_set(err, EPROTO, "the agent names %u children fewer than it said", node->to_name);
	node->named = true;
	return 0;
}

static int
check_ping(const struct node *node, const struct agent_msg *m, struct err *err)
{
	/* The first one makes the node up: what it does not hold has been found dead by then. */
	if (node->state == NODE_SORTING && !node->named)
		return absurd(m, "children still to be named", err);
	if (m->u.ping.k == 0 || m->u.ping.round_trip_us < 0)
		return absurd(m, "numbers that cannot be", err);
	return 0;
}

static int
check_output(const struct node *node, const struct agent_msg *m, struct err *err)
{
	const struct incarnation *inc = inc_find(node->d, m->u.output.token);
	uint64_t end = m->u.output.offset + m->u.output.bytes.n;

	if (check_owner(node, m, m->u.output.token, err) == -1)
		return -1;
	if (m->u.output.stream != STREAM_OUT && m->u.output.stream != STREAM_ERR)
		return err_set(err, EPROTO, "output of stream %u", m->u.output.stream);
	if (m->u.output.offset > NODE_NUMBER_MAX)
		return absurd(m, "numbers that cannot be", err);
	if (inc != NULL && end > inc->out[m->u.output.stream - 1].limit)
		return err_set(err, EPROTO, "child %s: output up to byte %llu, without credit beyond %llu", inc->path,
		    (unsigned long long)end, (unsigned long long)inc->out[m->u.output.stream - 1].limit);
	return 0;
}

/* As waitpid gives it: an exit code, or a signal with or without a core. */
static bool
is_status(int32_t status)
{
	return (status & ~0xff00) == 0 || ((status & ~0xff) == 0 && (status & 0x7f) < 0x7f);
}

static int
check_exited(const struct node *node, const struct agent_msg *m, struct err *err)
{
	if (check_owner(node, m, m->u.exited.token, err) == -1)
		return -1;
	if (!is_status(m->u.exited.status))
		return absurd(m, "a status that waitpid does not give", err);
	if (m->u.exited.out_end > NODE_NUMBER_MAX || m->u.exited.err_end > NODE_NUMBER_MAX || m->u.exited.user_us < 0 ||
	    m->u.exited.system_us < 0 || m->u.exited.maxrss_kb > NODE_NUMBER_MAX)
		return absurd(m, "numbers that cannot be", err);
	return 0;
}

static int
check_start_failed(const struct node *node, const struct agent_msg *m, struct err *err)
{
	if (check_owner(node, m, m->u.start_failed.token, err) == -1)
		return -1;
	if (m->u.start_failed.step == STEP_NONE || m->u.start_failed.error < 0 || m->u.start_failed.error > ERRNO_MAX)
		return absurd(m, "a reason that cannot be", err);
	return 0;
}

int
node_check(struct node *node, const struct agent_msg *m, struct err *err)
{
	switch (m->type) {
	case AGENT_WELCOME:
		return node->state == NODE_GREETING ? check_welcome(node, m, err) : 0;
	case AGENT_REFUSE:
		return is_plain(m->u.refuse.reason, 255) ? 0 : absurd(m, "a reason that is not plain text", err);
	case AGENT_CHILD:
		return check_child(node, m, err);
	case AGENT_READY_FOR_ORDERS:
		return check_named(node, m, err);
	case AGENT_PING:
		return check_ping(node, m, err);
	case AGENT_STARTED:
		if (m->u.started.pid < 2 || m->u.started.pid > INT32_MAX)
			return absurd(m, "a pid that cannot be", err);
		return check_owner(node, m, m->u.started.token, err);
	case AGENT_START_FAILED:
		return check_start_failed(node, m, err);
	case AGENT_READY:
		/* The words are the child's own, so they may be anything; but not without end. */
		if (strlen(m->u.ready.info) > TEXT_MAX)
			return absurd(m, "more words than there is room for", err);
		return check_owner(node, m, m->u.ready.token, err);
	case AGENT_OUTPUT:
		return check_output(node, m, err);
	case AGENT_EXITED:
		return check_exited(node, m, err);
	case AGENT_CONTROL_ACK:
		if (m->u.control_ack.n > NODE_NUMBER_MAX)
			return absurd(m, "numbers that cannot be", err);
		return check_owner(node, m, m->u.control_ack.token, err);
	case AGENT_NOTE:
		return strlen(m->u.note.text) <= TEXT_MAX ? 0 : absurd(m, "more words than there is room for", err);
	case AGENT_CLEAN:
	case AGENT_HELLO:
	case AGENT_PONG:
	case AGENT_START:
	case AGENT_SIGNAL:
	case AGENT_STDIN:
	case AGENT_ACK:
	case AGENT_EXIT_ACK:
	case AGENT_GOODBYE:
	case AGENT_CONTROL:
		break;
	}
	/* The relay's, a daemon's, or a later version's: who acts on messages knows. */
	return 0;
}

bool
node_may_say(struct node *node)
{
	mono_t now = mono_now();
	int64_t earned = mono_diff_us(now, node->said_at) / NOTE_EVERY_US;

	if (earned > 0) {
		node->said = earned < node->said ? node->said - (unsigned)earned : 0;
		node->said_at = now;
	}
	if (node->said >= NOTES_AT_ONCE) {
		node->unsaid++;
		return false;
	}
	node->said++;
	if (node->unsaid > 0)
		log_warnx("node %s: the agent talks too much: %u lines of it were left out", node->name, node->unsaid);
	node->unsaid = 0;
	return true;
}

bool
node_is_strange(const struct node *node, const char *path)
{
	child_handle h = kid_find(node->d, path);
	struct child_view view;

	if (h == CHILD_NONE || !tree_view(node->d->tree, h, &view))
		return false;
	if (view.spec->type == CHILD_SUPERVISOR)
		return true;
	for (uint32_t i = 0; i < view.spec->n_nodes; i++)
		if (view.spec->nodes[i].node == node->index)
			return false;
	return view.spec->n_nodes > 0 || node->index != 0;
}
