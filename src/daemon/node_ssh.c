/*
 * The kind of node that is reached over ssh.
 *
 * A struct ssh_link is one ssh process. It belongs to its node from connect to
 * close; then ssh is killed, and the link waits in the hub for its death, so
 * that nothing here ever waits for a process.
 *
 * At the end of a connection two things come in any order: the end of the
 * socket, and that of the process, which knows the reason. The node is dropped
 * when both are there (or the second is late).
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/random.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/ssh.h"
#include "daemon/node_ssh.h"
#include "daemon/ssh_pace.h"
#include "daemon/ssh_words.h"
#include "os/coproc.h"
#include "os/fd.h"
#include "wire/preamble.h"

/* What is kept of what ssh complains about: the end of it. */
#define COMPLAINT_MAX 4096
/* What logins may print before the agent speaks. */
#define NOISE_MAX (64u << 10)
/* After the end of the socket, that of the process is waited for so long; and the other way round. */
#define END_US INT64_C(1000000)
/* For authentication and login, beyond what the connect may take. */
#define LOGIN_S 30

struct ssh_link {
	LIST_ENTRY(ssh_link) entry;
	struct ssh_hub *hub;
	struct node *node; /* NULL: closed, waits for the end of the process */
	struct coproc ssh;
	mono_t begun;
	bool greeted;	/* the agent's end has spoken */
	bool eof;	/* the socket is at its end */
	bool reaped;
	int status;
	char complaint[COMPLAINT_MAX];
	size_t n_complaint;
	struct event *ev_exit, *ev_complaint, *ev_end;
};

struct ssh_hub {
	struct spawner *spawner;
	LIST_HEAD(, ssh_link) links;
};

static uint32_t
random_number(void)
{
	uint32_t n = 0;

	(void)!getrandom(&n, sizeof(n), GRND_NONBLOCK);
	return n;
}

static void
free_event(struct event **ev)
{
	if (*ev != NULL)
		event_free(*ev);
	*ev = NULL;
}

static void
link_free(struct ssh_link *l)
{
	free_event(&l->ev_exit);
	free_event(&l->ev_complaint);
	free_event(&l->ev_end);
	coproc_release(&l->ssh);
	LIST_REMOVE(l, entry);
	free(l);
}

static void
read_complaint(struct ssh_link *l)
{
	char text[COMPLAINT_MAX];
	size_t keep;
	ssize_t n = -1;

	/* Bounded: one that never ends is read on in a later turn. */
	for (int i = 0; i < 16 && (n = read(l->ssh.err_fd, text, sizeof(text))) > 0; i++) {
		keep = sizeof(l->complaint) - (size_t)n;
		if (l->n_complaint > keep) {
			memmove(l->complaint, l->complaint + l->n_complaint - keep, keep);
			l->n_complaint = keep;
		}
		memcpy(l->complaint + l->n_complaint, text, (size_t)n);
		l->n_complaint += (size_t)n;
	}
	/* At its end it would be readable for ever. */
	if (n == 0 && l->ev_complaint != NULL)
		event_del(l->ev_complaint);
}

/* Both ends are there, or one and no time is left. */
static void
finish(struct ssh_link *l)
{
	char line[SSH_WORDS_SIZE], words[SSH_WORDS_SIZE];

	if (l->node == NULL)
		return;
	read_complaint(l);
	ssh_last_line(l->complaint, l->n_complaint, line, sizeof(line));
	ssh_words(l->reaped ? l->status : SSH_STATUS_UNKNOWN, l->greeted, line, l->node->name, words);
	node_drop(l->node, words);
}

static void
complaint_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	read_complaint(arg);
}

static void
end_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	finish(arg);
}

static void
wait_for_end(struct ssh_link *l)
{
	const struct timeval tv = { .tv_sec = END_US / US_PER_S };

	evtimer_add(l->ev_end, &tv);
}

static void
exit_cb(evutil_socket_t fd, short what, void *arg)
{
	struct ssh_link *l = arg;

	(void)fd;
	(void)what;
	if (!coproc_reap(&l->ssh, &l->status))
		return;
	l->reaped = true;
	event_del(l->ev_exit);
	if (l->node == NULL)
		link_free(l);
	else if (l->eof)
		finish(l);
	else
		wait_for_end(l);
}

/* Becoming connected. */

static struct ssh_hub *
hub_of(struct daemon *d, struct err *err)
{
	struct ssh_hub *hub;

	if (d->ssh != NULL)
		return d->ssh;
	hub = xcalloc(1, sizeof(*hub));
	if ((hub->spawner = spawner_new(err)) == NULL) {
		free(hub);
		return NULL;
	}
	LIST_INIT(&hub->links);
	d->ssh = hub;
	return hub;
}

static bool
is_our_turn(const struct ssh_hub *hub, unsigned max)
{
	const struct ssh_link *l;
	unsigned young = 0, all = 0;
	mono_t now = mono_now();

	LIST_FOREACH(l, &hub->links, entry) {
		if (l->node == NULL || l->greeted)
			continue;
		all++;
		young += mono_diff_us(now, l->begun) < SSH_PACE_YOUNG_US;
	}
	return ssh_pace_may_begin(young, all, max);
}

static void
watch(struct ssh_link *l, struct event_base *base)
{
	l->ev_exit = event_new(base, l->ssh.pidfd, EV_READ | EV_PERSIST, exit_cb, l);
	l->ev_complaint = event_new(base, l->ssh.err_fd, EV_READ | EV_PERSIST, complaint_cb, l);
	l->ev_end = evtimer_new(base, end_cb, l);
	event_add(l->ev_exit, NULL);
	event_add(l->ev_complaint, NULL);
}

static int
start(struct ssh_link *l, struct node *node, struct err *err)
{
	struct strvec argv = STRVEC_INIT;
	int r;

	ssh_argv(node->conf, &argv);
	strvec_push_nodup(&argv, ssh_attach_command(node->conf, node->d->installation));
	log_debug("node %s: %s", node->name, argv.v[argv.n - 1]);
	r = coproc_start(l->hub->spawner, (const char *const *)argv.v, &l->ssh, err);
	strvec_release(&argv);
	return r;
}

static int
ssh_connect(struct node *node, struct err *err)
{
	struct ssh_hub *hub = hub_of(node->d, err);
	struct ssh_link *l;
	int fd;

	if (hub == NULL)
		return -1;
	if (!is_our_turn(hub, node->d->config->connects))
		return err_set(err, EBUSY, "waits for its turn to connect");
	l = xcalloc(1, sizeof(*l));
	l->hub = hub;
	if (start(l, node, err) == -1) {
		free(l);
		return -1;
	}
	l->begun = mono_now();
	l->node = node;
	LIST_INSERT_HEAD(&hub->links, l, entry);
	watch(l, node->d->base);
	node->link = l;
	fd = l->ssh.fd;
	l->ssh.fd = -1;
	return fd;
}

/* What a login prints is passed over, up to a bound. */
static int
ssh_skim(struct node *node, struct err *err)
{
	char text[PREAMBLE_SIZE], words[SSH_WORDS_SIZE];
	size_t len = preamble_text(node->d->installation, node->name, text);
	size_t behind = preamble_find(node->in.data, node->in.len, text, len);

	if (behind > 0) {
		node->link->greeted = true;
		node->in_start = behind;
		return 1;
	}
	if (node->in.len <= NOISE_MAX)
		return 0;
	ssh_noise_words(node->in.data, node->in.len, words);
	return err_set(err, EPROTO, "%s", words);
}

/* Nothing was heard that could be an agent, for so long as it may take. */
static void
ssh_overdue(struct node *node, char words[SSH_WORDS_SIZE])
{
	struct ssh_link *l = node->link;

	read_complaint(l);
	if (node->in.len > 0)
		ssh_noise_words(node->in.data, node->in.len, words);
	else {
		char line[SSH_WORDS_SIZE];

		ssh_last_line(l->complaint, l->n_complaint, line, sizeof(line));
		ssh_words(SSH_STATUS_UNKNOWN, false, line[0] != '\0' ? line : "no answer in time", node->name, words);
	}
}

static int64_t
ssh_patience_us(const struct node *node)
{
	return (ssh_connect_timeout(node->conf) + LOGIN_S) * US_PER_S;
}

/* The end of the socket was seen; the process knows why. */
static bool
ssh_ended(struct node *node)
{
	struct ssh_link *l = node->link;

	l->eof = true;
	if (l->reaped)
		finish(l);
	else
		wait_for_end(l);
	return true;
}

static void
ssh_close(struct node *node)
{
	struct ssh_link *l = node->link;

	if (l == NULL)
		return;
	node->link = NULL;
	l->node = NULL;
	free_event(&l->ev_complaint);
	free_event(&l->ev_end);
	if (l->reaped)
		link_free(l);
	else
		coproc_kill(&l->ssh);
}

static void
ssh_kill(struct node *node)
{
	coproc_kill(&node->link->ssh);
}

static int64_t
ssh_delay_us(unsigned failures)
{
	return ssh_pace_delay_us(failures, random_number());
}

static int64_t
ssh_turn_us(const struct node *node)
{
	return ssh_pace_turn_us(node->d->n_nodes, random_number());
}

static int
ssh_check(struct node *node, struct err *err)
{
	(void)node;
	(void)err;
	return 0;
}

const struct node_ops node_ssh = {
	.name = "ssh",
	.check = ssh_check,
	.connect = ssh_connect,
	.kill = ssh_kill,
	.skim = ssh_skim,
	.patience_us = ssh_patience_us,
	.overdue = ssh_overdue,
	.ended = ssh_ended,
	.close = ssh_close,
	.delay_us = ssh_delay_us,
	.turn_us = ssh_turn_us,
};

/* Killed, they end at once; only one that a dead file system holds does not. */
static void
reap_in_time(struct ssh_link *l, mono_t until)
{
	struct pollfd pfd = { .fd = l->ssh.pidfd, .events = POLLIN };
	int64_t left;

	while (!l->reaped && !(l->reaped = coproc_reap(&l->ssh, &l->status))) {
		if ((left = mono_diff_us(until, mono_now()) / US_PER_MS) <= 0)
			return;
		poll(&pfd, 1, (int)left);
	}
}

void
ssh_hub_settle(struct ssh_hub *hub)
{
	mono_t until = mono_add_us(mono_now(), END_US);
	struct ssh_link *l, *next;

	if (hub == NULL)
		return;
	for (l = LIST_FIRST(&hub->links); l != NULL; l = next) {
		next = LIST_NEXT(l, entry);
		if (l->node != NULL)
			continue;
		reap_in_time(l, until);
		if (l->reaped)
			link_free(l);
	}
}

void
ssh_hub_free(struct ssh_hub *hub)
{
	struct ssh_link *l, *next;

	if (hub == NULL)
		return;
	LIST_FOREACH(l, &hub->links, entry) {
		coproc_kill(&l->ssh);
		l->node = NULL;
	}
	ssh_hub_settle(hub);
	for (l = LIST_FIRST(&hub->links); l != NULL; l = next) {
		next = LIST_NEXT(l, entry);
		link_free(l);
	}
	spawner_free(hub->spawner);
	free(hub);
}
