#include "config.h"

#include "lib/node_rig.h"

#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <event2/event.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/node.h"

#define HOSTS 3
#define TOLD 1
#define TICK_US 100
#define FRAMES_A_TICK 200
/* What must be there is waited for, times the linger. */
#define PATIENCE 50
#define OTHERS_US INT64_C(10000000)
#define STARTS_MAX 16
#define HELLOS_MAX 4

struct rig;

/* An agent that we play. */
struct host {
	struct rig *rig;
	unsigned index;
	int fd;
	struct event *readable;
	struct buf in;
	uint32_t epoch, attach;
	uint64_t starts[STARTS_MAX];
	unsigned n_starts;
	uint32_t pid;
};

struct rig {
	struct daemon d;
	struct host hosts[HOSTS];
	const char *frames;
	size_t n;
	bool broken; /* the rest of the frames is no frame */
	bool named, greeted; /* its first ping makes it up */
	unsigned cut; /* so many hellos there were when something was said that ends a connection */
	mono_t since; /* of what it waits for */
	struct event *tick;
	int64_t linger_us;
	struct node_play *play;
};

static void
say_raw(struct host *h, const char *p, size_t n)
{
	while (n > 0 && h->fd != -1) {
		ssize_t done = send(h->fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (done <= 0)
			return; /* full, or gone: a host may be cut off anywhere */
		p += done;
		n -= (size_t)done;
	}
}

static void
say(struct host *h, const struct agent_msg *m)
{
	struct buf b = BUF_INIT(0);

	if (agent_msg_encode(&b, m, NULL) == 0)
		say_raw(h, b.data, b.len);
	buf_release(&b);
}

static void
host_close(struct host *h)
{
	if (h->readable != NULL)
		event_free(h->readable);
	h->readable = NULL;
	if (h->fd != -1)
		close(h->fd);
	h->fd = -1;
	buf_clear(&h->in);
}

static void
greet(struct host *h, const struct agent_msg *m)
{
	struct agent_msg w = { .type = AGENT_WELCOME };

	h->epoch = m->u.hello.epoch;
	h->attach = m->u.hello.attach;
	if (h->index == TOLD) {
		h->rig->play->hellos++;
		h->rig->named = h->rig->greeted = false;
		return;
	}
	w.u.welcome.version = AGENT_PROTO_MAX;
	w.u.welcome.build = "rig";
	w.u.welcome.boot_id = w.u.welcome.machine_id = "0123";
	w.u.welcome.pid = 1000 + h->index;
	w.u.welcome.guard_pid = 999;
	w.u.welcome.epoch = h->epoch;
	w.u.welcome.attach = h->attach;
	say(h, &w);
	say(h, &(struct agent_msg){ .type = AGENT_READY_FOR_ORDERS });
	say(h, &(struct agent_msg){ .type = AGENT_PING, .u.ping = { .k = 1 } });
}

static void
hear(struct host *h, const struct agent_msg *m)
{
	bool told = h->index == TOLD;

	if (m->type == AGENT_HELLO)
		greet(h, m);
	if (m->type == AGENT_START && h->n_starts < STARTS_MAX)
		h->starts[h->n_starts++] = m->u.start.token;
	if (m->type == AGENT_START && !told)
		say(h, &(struct agent_msg){ .type = AGENT_STARTED, .u.started = { m->u.start.token, 2000 + h->pid++ } });
	if (m->type == AGENT_ACK && told && m->u.ack.acked > h->rig->play->acked)
		h->rig->play->acked = m->u.ack.acked;
	if (m->type == AGENT_SIGNAL && told)
		h->rig->play->kills += m->u.signal.signal == SIGKILL;
}

static void
readable_cb(evutil_socket_t fd, short what, void *arg)
{
	struct host *h = arg;
	struct agent_msg m;
	size_t used;
	ssize_t n;
	char *room = buf_room(&h->in, 1 << 16);

	(void)what;
	n = recv(fd, room, 1 << 16, MSG_DONTWAIT);
	if (n <= 0) {
		if (n == 0 || errno != EAGAIN)
			host_close(h);
		return;
	}
	h->in.len += (size_t)n;
	while (agent_msg_decode(h->in.data, h->in.len, &m, &used, NULL) == 1) {
		hear(h, &m);
		agent_msg_release(&m);
		buf_drop(&h->in, used);
	}
}

static struct rig *the_rig; /* node_ops have no argument of their own */

static int
rig_connect(struct node *node, struct err *err)
{
	struct host *h = &the_rig->hosts[node->index];
	int sv[2];

	/* That it comes again has been seen by then. */
	if (node->index == TOLD && the_rig->play->hellos == HELLOS_MAX)
		return err_set(err, EAGAIN, "enough");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sv) == -1)
		return err_sys(err, errno, "socketpair");
	host_close(h);
	h->fd = sv[1];
	h->readable = event_new(the_rig->d.base, h->fd, EV_READ | EV_PERSIST, readable_cb, h);
	event_add(h->readable, NULL);
	return sv[0];
}

static void
rig_kill(struct node *node)
{
	(void)node;
}

static int
rig_check(struct node *node, struct err *err)
{
	(void)node;
	(void)err;
	return 0;
}

static const struct node_ops rig_ops = { .name = "rig", .check = rig_check, .connect = rig_connect, .kill = rig_kill };

/* The token that a small number stands for. */
static uint64_t
real_token(const struct rig *r, uint64_t n)
{
	const struct host *h = &r->hosts[TOLD], *other = &r->hosts[0];

	if (n > 0 && n < 16)
		return n <= h->n_starts ? h->starts[n - 1] : n;
	if (n >= 16 && n < 32)
		return n - 16 < other->n_starts ? other->starts[n - 16] : n;
	return n > 0 && n < 65536 ? (uint64_t)h->epoch << 32 | n : n;
}

static void
put_in(const struct rig *r, struct agent_msg *m)
{
	const struct host *h = &r->hosts[TOLD];

	switch ((unsigned)m->type) {
	case AGENT_WELCOME:
		if (m->u.welcome.epoch == 0) {
			m->u.welcome.epoch = h->epoch;
			m->u.welcome.attach = h->attach;
		}
		break;
	case AGENT_CHILD:
	case AGENT_STARTED:
	case AGENT_START_FAILED:
	case AGENT_READY:
	case AGENT_OUTPUT:
	case AGENT_EXITED:
	case AGENT_CONTROL_ACK:
		/* All of these begin with the token. */
		m->u.child.token = real_token(r, m->u.child.token);
		break;
	default:
		break;
	}
}

static void
say_next(struct rig *r)
{
	struct host *h = &r->hosts[TOLD];
	struct agent_msg m;
	size_t used;

	if (agent_msg_decode(r->frames, r->n, &m, &used, NULL) != 1) {
		say_raw(h, r->frames, r->n);
		r->n = 0;
		return;
	}
	put_in(r, &m);
	r->named |= m.type == AGENT_READY_FOR_ORDERS;
	r->greeted |= m.type == AGENT_PING && r->named;
	say(h, &m);
	if (m.type == AGENT_PONG)
		r->cut = r->play->hellos;
	agent_msg_release(&m);
	r->frames += used;
	r->n -= used;
}

static void
look(struct rig *r)
{
	const struct node *node = r->d.nodes[TOLD];

	if (r->play->error[0] == '\0' && node->error[0] != '\0' && strcmp(node->error, "enough") != 0)
		snprintf(r->play->error, sizeof(r->play->error), "%s", node->error);
	r->play->up = node->state == NODE_UP;
	r->play->others_up = r->d.nodes[0]->state == NODE_UP && r->d.nodes[2]->state == NODE_UP;
}

static bool
is_cut(const struct rig *r)
{
	return r->cut == r->play->hellos;
}

static void
tick_cb(evutil_socket_t fd, short what, void *arg)
{
	struct rig *r = arg;
	struct host *h = &r->hosts[TOLD];
	int64_t waited = mono_diff_us(mono_now(), r->since);
	const struct timeval tick = { .tv_usec = TICK_US };
	bool was = r->greeted;

	(void)fd;
	(void)what;
	look(r);
	/* The others come up by themselves, if not at once on a busy machine. */
	if (r->n == 0 && waited >= r->linger_us && (r->play->others_up || waited > OTHERS_US)) {
		/* Before the base goes. */
		event_free(r->tick);
		for (unsigned i = 0; i < HOSTS; i++)
			host_close(&r->hosts[i]);
		event_base_loopbreak(r->d.base);
		return;
	}
	evtimer_add(r->tick, &tick);
	/* Nobody to tell it; or the others are to be there, and then starts, before it goes on. (A new daemon
	 * starts nothing, nowhere, before it has heard of all hosts.) */
	if (r->n == 0 || (waited < PATIENCE * r->linger_us &&
	    (h->fd == -1 || h->epoch == 0 || is_cut(r) || !r->play->others_up ||
	    (r->greeted && (h->n_starts == 0 || r->hosts[0].n_starts == 0)))))
		return;
	r->since = mono_now();
	if (h->fd == -1)
		r->n = 0; /* it does not come again */
	for (unsigned i = 0; i < FRAMES_A_TICK && r->n > 0 && h->fd != -1 && r->greeted == was && !is_cut(r); i++)
		say_next(r);
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static char *
write_config(const char *dir)
{
	char *path = xasprintf("%s/trapexit.conf", dir);
	FILE *f = fopen(path, "w");

	if (f == NULL)
		abort();
	fprintf(f,
	    "state_dir = \"%s/s\"  run_dir = \"%s/r\"  log_dir = \"%s/l\"  store = \"none\"\n"
	    "node box2 { ssh = \"box2\"  lease = 2s }\n"
	    "node box3 { ssh = \"box3\"  lease = 2s }\n"
	    "child a { command = \"/bin/true\" }\n"
	    "child b { command = \"/bin/true\"  nodes = {box2}  output = observations }\n"
	    "child c { command = \"/bin/true\"  nodes = {box2}  ready = notify  trap_exit = yes }\n"
	    "child d { command = \"/bin/true\"  nodes = {box3, box2} }\n"
	    "supervisor s { child e { command = \"/bin/true\"  nodes = {box2}  restart = temporary } }\n",
	    dir, dir, dir);
	fclose(f);
	return path;
}

static void
rig_run(struct rig *r)
{
	const struct timeval tick = { .tv_usec = TICK_US };
	unsigned i;

	for (i = 0; i < HOSTS; i++) {
		r->hosts[i].rig = r;
		r->hosts[i].index = i;
		r->hosts[i].fd = -1;
		r->d.nodes[i]->ops = &rig_ops;
	}
	r->since = mono_now();
	r->tick = evtimer_new(r->d.base, tick_cb, r);
	evtimer_add(r->tick, &tick);
	the_rig = r;
	(void)daemon_run(&r->d);
}

void
node_rig_play(const char *frames, size_t n, int64_t linger_us, struct node_play *play)
{
	static char program[] = "trapexitd";
	static char *argv[] = { program, NULL };
	/* In memory: it is made anew for each play. */
	char dir[40];
	struct options o = { .argv = argv, .heart = STRVEC_INIT };
	struct rig r = { .frames = frames, .n = n, .linger_us = linger_us, .play = play };
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct err err = ERR_INIT;
	unsigned i;
	char *path;

	memset(play, 0, sizeof(*play));
	snprintf(dir, sizeof(dir), "%s/node_rig.XXXXXX", access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(dir) == NULL)
		abort();
	path = write_config(dir);
	r.d = (struct daemon){ .options = &o, .lock_fd = -1, .config_path = path };
	if ((r.d.config = config_load(path, &errors)) == NULL) {
		fprintf(stderr, "%s", errors.text.data);
		abort();
	}
	paths_defaults(r.d.config);
	if (daemon_setup(&r.d, &err) == -1) {
		fprintf(stderr, "%s\n", err.msg);
		abort();
	}
	rig_run(&r);
	for (i = 0; i < HOSTS; i++)
		buf_release(&r.hosts[i].in);
	buf_release(&errors.text);
	if (r.d.lock_fd != -1)
		close(r.d.lock_fd);
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
