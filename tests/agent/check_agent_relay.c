/*
 * trapexit-agent --attach: what it passes on, and what it says itself when an agent
 * dies: AGENT_CLEAN, once nothing of that agent is left.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mono.h"
#include "lib/agent_client.h"
#include "lib/unit.h"
#include "os/lockfile.h"
#include "wire/preamble.h"

/* Long enough that nothing ends by it. */
#define LONG_MS 60000

struct link {
	struct rig *r;
	struct client *c;
	pid_t relay;
};

/* The agent of a rig that the relay starts: nobody's child, so it is known by its lock. */
static void
read_owner(const struct rig *r, struct lockfile_owner *o)
{
	mono_t end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);

	while (lockfile_read(r->lock, o) == -1 || o->worker.pid == 0) {
		ck_assert(mono_before(mono_now(), end));
		poll(NULL, 0, 2);
	}
}

static void
exec_relay(const struct rig *r, int fd)
{
	const char *build = getenv("top_builddir");
	char program[512], installation[64], dir[96], hold[32];

	snprintf(program, sizeof(program), "%s/src/agent/trapexit-agent", build != NULL ? build : ".");
	snprintf(installation, sizeof(installation), "--installation=%s", r->installation);
	snprintf(dir, sizeof(dir), "--run-dir=%s", r->dir);
	snprintf(hold, sizeof(hold), "--hold=%lldms", (long long)r->hold_ms);
	dup2(fd, 0);
	dup2(fd, 1);
	if (getenv("AGENT_LOG") == NULL && freopen("/dev/null", "w", stderr) == NULL)
		_exit(1);
	execl(program, program, "--attach", installation, dir, hold, (char *)NULL);
	_exit(127);
}

static void
skip_preamble(const struct rig *r, int fd)
{
	char wanted[PREAMBLE_SIZE], got[PREAMBLE_SIZE];
	size_t len = preamble_text(r->installation, "local", wanted), have = 0;

	while (have < len) {
		ssize_t n = read(fd, got + have, len - have);

		ck_assert_int_gt(n, 0);
		have += (size_t)n;
	}
	ck_assert(memcmp(got, wanted, len) == 0);
}

/* Connected; no hello yet. */
static void
link_open(struct link *l, struct rig *r)
{
	int pair[2];
	pid_t test = getpid();

	l->r = r;
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	fflush(NULL);
	ck_assert_int_ne(l->relay = fork(), -1);
	if (l->relay == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() == test)
			exec_relay(r, pair[1]);
		_exit(1);
	}
	close(pair[1]);
	skip_preamble(r, pair[0]);
	l->c = client_over(r, pair[0]);
}

/* Until READY_FOR_ORDERS; the number of children that the agent told of. */
static unsigned
link_greet(struct link *l)
{
	struct kept *k;

	client_hello(l->c, l->r->epoch, ++l->r->attach, NULL);
	k = client_expect(l->c, AGENT_WELCOME, 0);
	agent_msg_release(&l->c->welcome);
	l->c->welcome = k->m;
	free(k);
	client_drop(client_expect(l->c, AGENT_READY_FOR_ORDERS, 0));
	return l->c->welcome.u.welcome.n_children;
}

static struct link
link_new(void)
{
	struct link l;

	link_open(&l, rig_new(LONG_MS));
	link_greet(&l);
	return l;
}

static int
relay_wait(struct link *l)
{
	int status;

	ck_assert_int_eq(waitpid(l->relay, &status, 0), l->relay);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The agent leaves, and so does the relay. */
static void
link_end(struct link *l)
{
	struct lockfile_owner o;

	read_owner(l->r, &o);
	client_goodbye(l->c, true);
	ck_assert(client_eof(l->c, CLIENT_TIMEOUT_MS));
	client_close(l->c);
	ck_assert_int_eq(relay_wait(l), 0);
	wait_gone(o.owner.pid);
	rig_free(l->r);
}

static pid_t
start_sleeper(struct link *l, uint64_t token)
{
	client_start(l->c, token, "echo $$; exec sleep 1000");
	return (pid_t)client_number(l->c, token);
}

START_TEST(passes_all_on)
{
	struct link l = link_new();

	client_start(l.c, 1, "head -c 5000000 /dev/zero | tr '\\0' 'x'; exit 3");
	client_wait_output(l.c, 1, 5000000);
	ck_assert_int_eq(WEXITSTATUS(client_exit(l.c, 1)), 3);
	link_end(&l);
}
END_TEST

/* The daemon hears of it on the connection that is there, when nothing of the agent lives. */
START_TEST(agent_killed)
{
	struct link l = link_new();
	struct lockfile_owner was, o;
	pid_t pid = start_sleeper(&l, 1), stray;
	mono_t begin;

	client_start(l.c, 2, "setsid sh -c 'echo $$; exec sleep 1000 </dev/null >/dev/null 2>&1' & sleep 1000");
	stray = (pid_t)client_number(l.c, 2);
	read_owner(l.r, &was);
	begin = mono_now();
	kill(was.worker.pid, SIGKILL);
	client_drop(client_expect(l.c, AGENT_CLEAN, 0));
	ck_assert_int_lt(mono_diff_us(mono_now(), begin), 2000000);
	ck_assert(process_is_gone(pid));
	ck_assert(process_is_gone(stray));
	ck_assert(process_is_gone(was.worker.pid));
	/* Another agent, which knows nothing, and works. */
	ck_assert_uint_eq(link_greet(&l), 0);
	read_owner(l.r, &o);
	ck_assert_int_ne(o.worker.pid, was.worker.pid);
	ck_assert_uint_eq(l.c->welcome.u.welcome.pid, (unsigned)o.worker.pid);
	client_start(l.c, 3, "exit 5");
	ck_assert_int_eq(WEXITSTATUS(client_exit(l.c, 3)), 5);
	ck_assert(!process_is_gone(l.relay));
	link_end(&l);
}
END_TEST

/* Again and again, on one connection. */
START_TEST(agents_killed_in_turn)
{
	struct link l = link_new();
	struct lockfile_owner o;

	for (uint64_t i = 1; i <= 10; i++) {
		pid_t pid = start_sleeper(&l, i);

		read_owner(l.r, &o);
		kill(o.worker.pid, SIGKILL);
		client_drop(client_expect(l.c, AGENT_CLEAN, 0));
		ck_assert(process_is_gone(pid));
		ck_assert_uint_eq(link_greet(&l), 0);
	}
	link_end(&l);
}
END_TEST

/* S69: without a guard that could say so, the next agent has looked before the daemon hears. */
START_TEST(both_killed)
{
	struct link l = link_new();
	struct lockfile_owner o;
	pid_t stray;

	client_start(l.c, 2, "setsid sh -c 'echo $$; exec sleep 1000 </dev/null >/dev/null 2>&1' & sleep 1000");
	stray = (pid_t)client_number(l.c, 2);
	read_owner(l.r, &o);
	/* Stopped first, so that neither sees the other die. */
	kill(o.owner.pid, SIGSTOP);
	kill(o.worker.pid, SIGKILL);
	kill(o.owner.pid, SIGKILL);
	client_drop(client_expect(l.c, AGENT_CLEAN, 0));
	ck_assert(process_is_gone(stray));
	ck_assert_uint_eq(link_greet(&l), 0);
	link_end(&l);
}
END_TEST

/* A guard that is stopped holds the lock, until it is told to go on. */
START_TEST(guard_frozen_and_agent_killed)
{
	struct link l = link_new();
	struct lockfile_owner o;
	pid_t pid = start_sleeper(&l, 1);

	read_owner(l.r, &o);
	kill(o.owner.pid, SIGSTOP);
	kill(o.worker.pid, SIGKILL);
	client_drop(client_expect(l.c, AGENT_CLEAN, 0));
	ck_assert(process_is_gone(pid));
	ck_assert_uint_eq(link_greet(&l), 0);
	link_end(&l);
}
END_TEST

/* Of a frozen agent nothing is said; it goes on as if nothing had been. */
START_TEST(frozen_is_not_dead)
{
	struct link l = link_new();
	struct lockfile_owner o;
	struct kept *k;

	start_sleeper(&l, 1);
	read_owner(l.r, &o);
	kill(o.worker.pid, SIGSTOP);
	k = client_maybe(l.c, AGENT_CLEAN, 0, 1500);
	ck_assert_ptr_null(k);
	kill(o.worker.pid, SIGCONT);
	client_start(l.c, 2, "exit 4");
	ck_assert_int_eq(WEXITSTATUS(client_exit(l.c, 2)), 4);
	link_end(&l);
}
END_TEST

/* What was said to the dead one is not said to the next. */
START_TEST(stale_words_are_passed_over)
{
	struct link l = link_new();
	struct lockfile_owner o;
	char mark[128], script[256];

	snprintf(mark, sizeof(mark), "%s/started", l.r->dir);
	snprintf(script, sizeof(script), ": >%s; exec sleep 1000", mark);
	read_owner(l.r, &o);
	kill(o.worker.pid, SIGSTOP);
	kill(o.worker.pid, SIGKILL);
	client_start(l.c, 7, script);
	client_stdin(l.c, 7, 0, "text", true);
	client_drop(client_expect(l.c, AGENT_CLEAN, 0));
	client_start(l.c, 8, script);
	client_signal(l.c, 7, SIGTERM, true);
	ck_assert_uint_eq(link_greet(&l), 0);
	client_start(l.c, 9, "exit 0");
	ck_assert_int_eq(client_exit(l.c, 9), 0);
	ck_assert_int_eq(access(mark, F_OK), -1);
	link_end(&l);
	unlink(mark);
}
END_TEST

/* To an agent that died unheard nobody had said anything. */
START_TEST(killed_before_the_hello)
{
	struct link l;
	struct lockfile_owner o, next;

	link_open(&l, rig_new(LONG_MS));
	read_owner(l.r, &o);
	kill(o.worker.pid, SIGKILL);
	do {
		read_owner(l.r, &next);
	} while (next.owner.pid == o.owner.pid);
	ck_assert_uint_eq(link_greet(&l), 0);
	ck_assert_ptr_null(client_maybe(l.c, AGENT_CLEAN, 0, 100));
	link_end(&l);
}
END_TEST

/* A daemon of version 2 knows no such message: it has to come again. */
START_TEST(older_daemon)
{
	struct link l;
	struct lockfile_owner o;
	struct agent_msg m = { .type = AGENT_HELLO };

	link_open(&l, rig_new(500));
	m.u.hello.version_min = 1;
	m.u.hello.version_max = 2;
	m.u.hello.build = "old";
	m.u.hello.installation = l.r->installation;
	m.u.hello.node = "local";
	m.u.hello.epoch = l.r->epoch;
	m.u.hello.attach = 1;
	client_send(l.c, &m);
	client_drop(client_expect(l.c, AGENT_READY_FOR_ORDERS, 0));
	read_owner(l.r, &o);
	kill(o.worker.pid, SIGKILL);
	ck_assert_ptr_null(client_maybe(l.c, AGENT_CLEAN, 0, 300));
	ck_assert(client_eof(l.c, CLIENT_TIMEOUT_MS));
	client_close(l.c);
	ck_assert_int_eq(relay_wait(&l), 0);
	wait_gone(o.owner.pid);
	rig_free(l.r);
}
END_TEST

/* A living agent that closes has its reasons: another daemon's connection is newer. */
START_TEST(superseded)
{
	struct link l = link_new();
	struct client *other = client_attach(l.r);

	ck_assert(client_eof(l.c, CLIENT_TIMEOUT_MS));
	ck_assert_int_eq(relay_wait(&l), 0);
	ck_assert_ptr_null(client_maybe(l.c, AGENT_CLEAN, 0, 0));
	client_close(l.c);
	client_start(other, 2, "true");
	ck_assert_int_eq(client_exit(other, 2), 0);
	{
		struct lockfile_owner o;

		read_owner(l.r, &o);
		client_leave(other);
		wait_gone(o.owner.pid);
	}
	rig_free(l.r);
}
END_TEST

static long
cpu_ticks(pid_t pid)
{
	char path[64], text[1024];
	unsigned long user, system;
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	ck_assert_ptr_nonnull(f = fopen(path, "r"));
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	ck_assert_int_eq(sscanf(strrchr(text, ')') + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system), 2);
	return (long)(user + system);
}

/* A daemon that does not read slows down the agent; the relay keeps little, and waits without turning. */
START_TEST(slow_daemon)
{
	struct link l = link_new();
	struct client *c = l.c;
	long before;

	c->window = 64 << 20;
	client_start(c, 1, "head -c 20000000 /dev/zero | tr '\\0' 'x'");
	client_wait_output(c, 1, 1);
	/* Not read from here on. */
	poll(NULL, 0, 500);
	before = cpu_ticks(l.relay);
	poll(NULL, 0, 1000);
	ck_assert_int_lt(cpu_ticks(l.relay) - before, 20);
	client_wait_output(c, 1, 20000000);
	ck_assert_int_eq(client_exit(c, 1), 0);
	link_end(&l);
}
END_TEST

/* When the link is cut the relay ends, whether the agent can act or not; the agent lives on. */
START_TEST(link_cut)
{
	struct link l = link_new();
	struct lockfile_owner o;

	read_owner(l.r, &o);
	kill(o.worker.pid, SIGSTOP);
	client_close(l.c);
	relay_wait(&l);
	ck_assert(!process_is_gone(o.worker.pid));
	kill(o.worker.pid, SIGCONT);
	link_open(&l, l.r);
	link_greet(&l);
	ck_assert_uint_eq(l.c->welcome.u.welcome.pid, (unsigned)o.worker.pid);
	link_end(&l);
}
END_TEST

/* What no frame can be made of ends the connection, not the relay's memory. */
START_TEST(nonsense)
{
	struct link l = link_new();
	struct lockfile_owner o;

	read_owner(l.r, &o);
	ck_assert_int_eq(write(l.c->fd, "\xff\xff\xff\xff nonsense", 13), 13);
	ck_assert(client_eof(l.c, CLIENT_TIMEOUT_MS));
	client_close(l.c);
	ck_assert_int_eq(relay_wait(&l), 1);
	kill(o.owner.pid, SIGTERM);
	wait_gone(o.owner.pid);
	rig_free(l.r);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agent_relay");
	TCase *t = tcase_create("relay");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, passes_all_on);
	tcase_add_test(t, agent_killed);
	tcase_add_test(t, agents_killed_in_turn);
	tcase_add_test(t, both_killed);
	tcase_add_test(t, guard_frozen_and_agent_killed);
	tcase_add_test(t, frozen_is_not_dead);
	tcase_add_test(t, stale_words_are_passed_over);
	tcase_add_test(t, killed_before_the_hello);
	tcase_add_test(t, older_daemon);
	tcase_add_test(t, superseded);
	tcase_add_test(t, slow_daemon);
	tcase_add_test(t, link_cut);
	tcase_add_test(t, nonsense);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
