#include "config.h"

#include "lib/agent_client.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "os/lockfile.h"
#include "os/proc.h"
#include "os/sock.h"

/* Rig. */

struct rig *
rig_new(int64_t hold_ms)
{
	struct rig *r = xcalloc(1, sizeof(*r));
	unsigned n = (unsigned)getpid() * 131u ^ (unsigned)mono_now().us;

	snprintf(r->dir, sizeof(r->dir), "/tmp/tx-agent-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(r->dir));
	/* Its own installation, so that no sweep of a test that runs beside touches it. */
	snprintf(r->installation, sizeof(r->installation), "%08x%08x%016" PRIx64, n, (unsigned)getpid(),
	    (uint64_t)mono_now().us);
	snprintf(r->socket, sizeof(r->socket), "%s/agent-%.16s-local.sock", r->dir, r->installation);
	snprintf(r->lock, sizeof(r->lock), "%s/agent-%.16s-local.lock", r->dir, r->installation);
	r->hold_ms = hold_ms;
	r->epoch = 100;
	return r;
}

static void
exec_agent(const struct rig *r, const char *const *options)
{
	const char *build = getenv("top_builddir");
	struct strvec argv = STRVEC_INIT;

	strvec_pushf(&argv, "%s/src/agent/trapexit-agent", build != NULL ? build : ".");
	strvec_pushf(&argv, "--installation=%s", r->installation);
	strvec_pushf(&argv, "--run-dir=%s", r->dir);
	strvec_pushf(&argv, "--hold=%" PRId64 "ms", r->hold_ms);
	if (options == NULL)
		strvec_push(&argv, "--foreground");
	for (; options != NULL && *options != NULL; options++)
		strvec_push(&argv, *options);
	execv(argv.v[0], argv.v);
	perror(argv.v[0]);
	_exit(127);
}

void
rig_start_with(struct rig *r, const char *const *options)
{
	pid_t test = getpid();

	fflush(NULL);
	r->guard = fork();
	ck_assert_int_ne(r->guard, -1);
	if (r->guard > 0)
		return;
	/* A test that fails leaves no guard behind; and its output is of interest then only. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != test)
		_exit(1);
	if (getenv("AGENT_LOG") == NULL && freopen("/dev/null", "w", stderr) == NULL)
		_exit(1);
	exec_agent(r, options);
}

void
rig_start(struct rig *r)
{
	rig_start_with(r, NULL);
}

int
rig_wait(struct rig *r)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);
	int status;

	while (waitpid(r->guard, &status, WNOHANG) == 0) {
		ck_assert_msg(mono_before(mono_now(), end), "the guard does not end");
		poll(NULL, 0, 5);
	}
	r->guard = 0;
	return status;
}

pid_t
rig_agent_pid(const struct rig *r)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);
	struct lockfile_owner o;

	while (lockfile_read(r->lock, &o) == -1 || o.worker.pid == 0) {
		ck_assert_msg(mono_before(mono_now(), end), "no agent in the lock file");
		poll(NULL, 0, 5);
	}
	return o.worker.pid;
}

void
rig_free(struct rig *r)
{
	char *command;

	if (r->guard > 0) {
		/* In this order: a guard without agent ends all that is left. */
		kill(r->guard, SIGCONT);
		kill(r->guard, SIGTERM);
		rig_wait(r);
	}
	command = xasprintf("rm -rf '%s'", r->dir);
	ck_assert_int_eq(system(command), 0);
	free(command);
	free(r);
}

/* Client. */

struct client *
client_over(struct rig *r, int fd)
{
	struct client *c = xcalloc(1, sizeof(*c));

	c->rig = r;
	c->fd = fd;
	c->lease_ms = r->hold_ms;
	c->keep = 1 << 20;
	c->window = 4 << 20;
	TAILQ_INIT(&c->kept);
	return c;
}

struct client *
client_connect(struct rig *r)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);
	int fd;

	while ((fd = sock_connect(r->socket, NULL)) == -1) {
		ck_assert_msg(mono_before(mono_now(), end), "nobody listens at %s", r->socket);
		poll(NULL, 0, 2);
	}
	return client_over(r, fd);
}

void
client_send(struct client *c, const struct agent_msg *m)
{
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;
	size_t done = 0;

	ck_assert_msg(agent_msg_encode(&b, m, &err) == 0, "%s", err.msg);
	while (done < b.len) {
		ssize_t n = send(c->fd, b.data + done, b.len - done, MSG_NOSIGNAL);
		struct pollfd pfd = { c->fd, POLLOUT, 0 };

		if (n > 0)
			done += (size_t)n;
		else if (errno == EAGAIN)
			poll(&pfd, 1, 1000);
		else
			break; /* it has closed; what is expected next will tell */
	}
	buf_release(&b);
}

void
client_hello(struct client *c, uint32_t epoch, uint32_t attach, const char *const *heart)
{
	struct agent_msg m = { .type = AGENT_HELLO };

	m.u.hello.version_min = AGENT_PROTO_MIN;
	m.u.hello.version_max = AGENT_PROTO_MAX;
	m.u.hello.build = "test";
	m.u.hello.installation = c->rig->installation;
	m.u.hello.node = "local";
	m.u.hello.epoch = epoch;
	m.u.hello.attach = attach;
	m.u.hello.lease_ms = c->lease_ms;
	m.u.hello.heart = heart;
	while (heart != NULL && heart[m.u.hello.n_heart] != NULL)
		m.u.hello.n_heart++;
	client_send(c, &m);
}

struct client *
client_attach_heart(struct rig *r, const char *const *heart)
{
	struct client *c = client_connect(r);
	struct kept *k;

	client_hello(c, r->epoch, ++r->attach, heart);
	k = client_expect(c, AGENT_WELCOME, 0);
	c->welcome = k->m;
	free(k);
	client_drop(client_expect(c, AGENT_READY_FOR_ORDERS, 0));
	return c;
}

struct client *
client_attach(struct rig *r)
{
	return client_attach_heart(r, NULL);
}

void
client_drop(struct kept *k)
{
	agent_msg_release(&k->m);
	free(k);
}

void
client_close(struct client *c)
{
	struct kept *k;
	size_t i = 0;
	uint64_t token;
	void *value;

	while ((k = TAILQ_FIRST(&c->kept)) != NULL) {
		TAILQ_REMOVE(&c->kept, k, entry);
		client_drop(k);
	}
	while (map_next(&c->got, &i, &token, &value)) {
		struct got *g = value;

		buf_release(&g->out);
		buf_release(&g->err);
		free(g);
	}
	map_release(&c->got);
	agent_msg_release(&c->welcome);
	buf_release(&c->in);
	close(c->fd);
	free(c);
}

struct got *
client_got(struct client *c, uint64_t token)
{
	struct got *g = map_find(&c->got, token);

	if (g == NULL) {
		g = xcalloc(1, sizeof(*g));
		g->token = token;
		map_put(&c->got, token, g);
	}
	return g;
}

void
client_ack(struct client *c, uint64_t token, uint32_t stream, uint64_t acked, uint64_t limit)
{
	struct agent_msg m = { .type = AGENT_ACK };

	m.u.ack.token = token;
	m.u.ack.stream = stream;
	m.u.ack.acked = acked;
	m.u.ack.limit = limit;
	client_send(c, &m);
}

static void
take_output(struct client *c, const struct agent_msg *m)
{
	struct got *g = client_got(c, m->u.output.token);
	bool is_out = m->u.output.stream == STREAM_OUT;
	uint64_t *n = is_out ? &g->out_n : &g->err_n;
	uint64_t *acked = is_out ? &g->out_acked : &g->err_acked;
	struct buf *b = is_out ? &g->out : &g->err;

	/* The offsets leave no gap; what was sent before may come again. */
	ck_assert_uint_le(m->u.output.offset, *n);
	for (size_t i = (size_t)(*n - m->u.output.offset); i < m->u.output.bytes.n; i++) {
		g->sum = g->sum * 31 + (unsigned char)m->u.output.bytes.p[i];
		if (b->len < c->keep)
			buf_xaddc(b, m->u.output.bytes.p[i]);
		++*n;
	}
	if (!c->no_ack && *n > *acked) {
		*acked = *n;
		client_ack(c, g->token, m->u.output.stream, *acked, *acked + c->window);
	}
}

static void
take_message(struct client *c, struct agent_msg *m)
{
	struct agent_msg pong = { .type = AGENT_PONG };
	struct kept *k;

	if (m->type == AGENT_OUTPUT) {
		take_output(c, m);
		return;
	}
	if (m->type == AGENT_PING) {
		c->pings++;
		c->last_ping = m->u.ping.k;
		pong.u.pong.k = m->u.ping.k;
		pong.u.pong.lease_ms = c->lease_ms;
		if (!c->mute)
			client_send(c, &pong);
	}
	k = xcalloc(1, sizeof(*k));
	k->m = *m;
	m->strings = NULL;
	TAILQ_INSERT_TAIL(&c->kept, k, entry);
}

/* Read once, waiting at most so long, and take what is complete. */
static void
read_some(struct client *c, int timeout_ms)
{
	struct pollfd pfd = { c->fd, POLLIN, 0 };
	struct err err = ERR_INIT;
	struct agent_msg m;
	size_t at = 0, used;
	char *room = buf_room(&c->in, 1 << 20);
	ssize_t n;
	int rc;

	ck_assert_ptr_nonnull(room);
	if (c->deaf) {
		poll(NULL, 0, timeout_ms < 10 ? timeout_ms : 10);
		return;
	}
	if (poll(&pfd, 1, timeout_ms) <= 0)
		return;
	n = recv(c->fd, room, 1 << 20, MSG_DONTWAIT);
	if (n == 0 || (n == -1 && errno != EAGAIN))
		c->deaf = true;
	if (n <= 0)
		return;
	c->in.len += (size_t)n;
	while ((rc = agent_msg_decode(c->in.data + at, c->in.len - at, &m, &used, &err)) == 1) {
		at += used;
		take_message(c, &m);
		agent_msg_release(&m);
	}
	ck_assert_msg(rc == 0, "%s", err.msg);
	buf_drop(&c->in, at);
}

static struct kept *
find_kept(struct client *c, enum agent_msg_type type, uint64_t token)
{
	struct kept *k;

	TAILQ_FOREACH(k, &c->kept, entry) {
		/* All messages that have a token begin with it. */
		if (k->m.type != type || (token != 0 && k->m.u.exit_ack.token != token))
			continue;
		TAILQ_REMOVE(&c->kept, k, entry);
		return k;
	}
	return NULL;
}

static int
left_ms(mono_t end)
{
	int64_t us = mono_diff_us(end, mono_now());

	return us > 0 ? (int)(us / 1000) + 1 : 0;
}

struct kept *
client_maybe(struct client *c, enum agent_msg_type type, uint64_t token, int64_t timeout_ms)
{
	mono_t end = mono_add_ms(mono_now(), timeout_ms);
	struct kept *k;

	while ((k = find_kept(c, type, token)) == NULL && left_ms(end) > 0)
		read_some(c, left_ms(end));
	return k;
}

struct kept *
client_expect(struct client *c, enum agent_msg_type type, uint64_t token)
{
	struct kept *k = client_maybe(c, type, token, CLIENT_TIMEOUT_MS);

	ck_assert_msg(k != NULL, "%s of token %" PRIu64 " does not come%s", agent_msg_name(type), token,
	    c->deaf ? " (the agent has closed)" : "");
	return k;
}

void
client_run(struct client *c, int64_t ms)
{
	mono_t end = mono_add_ms(mono_now(), ms);

	while (left_ms(end) > 0)
		read_some(c, left_ms(end));
}

bool
client_eof(struct client *c, int64_t timeout_ms)
{
	mono_t end = mono_add_ms(mono_now(), timeout_ms);

	while (!c->deaf && left_ms(end) > 0)
		read_some(c, left_ms(end));
	return c->deaf;
}

void
client_wait_output(struct client *c, uint64_t token, uint64_t n)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);
	struct got *g = client_got(c, token);

	while (g->out_n < n) {
		ck_assert_msg(left_ms(end) > 0, "token %" PRIu64 ": %" PRIu64 " of %" PRIu64 " bytes", token, g->out_n, n);
		read_some(c, left_ms(end));
	}
}

long
client_number(struct client *c, uint64_t token)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);
	struct got *g = client_got(c, token);

	while (g->out.len == 0 || memchr(g->out.data, '\n', g->out.len) == NULL) {
		ck_assert_msg(left_ms(end) > 0, "token %" PRIu64 " prints no line", token);
		read_some(c, left_ms(end));
	}
	return strtol(g->out.data, NULL, 10);
}

struct agent_msg *
client_order(uint64_t token, const char *const *argv)
{
	static const char *const env[] = { "PATH=/usr/local/bin:/usr/bin:/bin" };
	static char name[32];
	static struct agent_msg m;

	snprintf(name, sizeof(name), "test/c%" PRIu64, token);
	m = (struct agent_msg){ .type = AGENT_START };
	m.u.start.token = token;
	m.u.start.child = name;
	m.u.start.argv = argv;
	while (argv[m.u.start.n_argv] != NULL)
		m.u.start.n_argv++;
	m.u.start.env = env;
	m.u.start.n_env = 1;
	m.u.start.cwd = m.u.start.user = m.u.start.group = "";
	m.u.start.umask = -1;
	m.u.start.nice = INT32_MIN;
	return &m;
}

void
client_start(struct client *c, uint64_t token, const char *script)
{
	const char *const argv[] = { "sh", "-c", script, NULL };

	client_send(c, client_order(token, argv));
}

void
client_signal(struct client *c, uint64_t token, int sig, bool group)
{
	struct agent_msg m = { .type = AGENT_SIGNAL };

	m.u.signal.token = token;
	m.u.signal.signal = sig;
	m.u.signal.group = group;
	client_send(c, &m);
}

void
client_stdin(struct client *c, uint64_t token, uint64_t offset, const char *text, bool eof)
{
	struct agent_msg m = { .type = AGENT_STDIN };

	m.u.in.token = token;
	m.u.in.offset = offset;
	m.u.in.bytes = (struct agent_bytes){ text, strlen(text) };
	m.u.in.eof = eof;
	client_send(c, &m);
}

void
client_exit_ack(struct client *c, uint64_t token)
{
	struct agent_msg m = { .type = AGENT_EXIT_ACK };

	m.u.exit_ack.token = token;
	client_send(c, &m);
}

void
client_goodbye(struct client *c, bool leave)
{
	struct agent_msg m = { .type = AGENT_GOODBYE };

	m.u.goodbye.leave = leave;
	client_send(c, &m);
}

/* As the daemon does: who just closes may have the agent find that out by writing, with the last words unread. */
void
client_leave(struct client *c)
{
	client_goodbye(c, true);
	shutdown(c->fd, SHUT_WR);
	client_eof(c, CLIENT_TIMEOUT_MS);
	client_close(c);
}

int
client_exit(struct client *c, uint64_t token)
{
	struct kept *k = client_expect(c, AGENT_EXITED, token);
	int status = k->m.u.exited.status;

	client_exit_ack(c, token);
	client_drop(k);
	return status;
}

/* Processes. */

void
wait_until(bool (*condition)(void *arg), void *arg, const char *what)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);

	while (!condition(arg)) {
		ck_assert_msg(mono_before(mono_now(), end), "waited in vain: %s", what);
		poll(NULL, 0, 5);
	}
}

bool
process_is_gone(pid_t pid)
{
	struct proc_id id;

	return proc_identify(pid, &id) == -1 || !proc_lives(&id);
}

static bool
gone_cb(void *arg)
{
	return process_is_gone(*(pid_t *)arg);
}

void
wait_gone(pid_t pid)
{
	wait_until(gone_cb, &pid, "a process to be gone");
}
