/*
 * Lease, guard, attach, hold, heart: never two at once (architecture 5; S68, S69,
 * S121). Leases of a second and less.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mono.h"
#include "core/reason.h"
#include "lib/agent_client.h"
#include "lib/unit.h"
#include "os/lockfile.h"
#include "os/proc.h"
#include "os/sock.h"
#include "wire/preamble.h"

#define LONG_MS 20000

static pid_t
start_sleeper(struct client *c, uint64_t token)
{
	struct kept *k;
	pid_t pid;

	client_start(c, token, "exec sleep 1000");
	k = client_expect(c, AGENT_STARTED, token);
	pid = (pid_t)k->m.u.started.pid;
	client_drop(k);
	return pid;
}

static void
end_rig(struct rig *r, struct client *c)
{
	if (c != NULL) {
		client_leave(c);
		ck_assert_int_eq(rig_wait(r), 0);
	}
	rig_free(r);
}

/* Pings come at once and every L/3, and pongs keep the lease. */
START_TEST(lease_is_kept_by_pongs)
{
	struct rig *r = rig_new(300);
	struct client *c;
	pid_t pid;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	client_run(c, 1500);
	ck_assert_uint_ge(c->pings, 10);
	ck_assert_uint_le(c->pings, 25);
	ck_assert(!process_is_gone(pid));
	end_rig(r, c);
	ck_assert(process_is_gone(pid));
}
END_TEST

/* No pong: at t_k + L all children end, their exits are told, and the agent goes on. */
START_TEST(children_end_with_the_lease)
{
	struct rig *r = rig_new(500);
	struct client *c;
	struct kept *k;
	mono_t muted;
	pid_t pid;
	int64_t took;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	muted = mono_now();
	c->mute = true;
	ck_assert_int_eq(WTERMSIG(client_exit(c, 1)), SIGKILL);
	took = mono_diff_us(mono_now(), muted) / 1000;
	ck_assert_int_ge(took, 100); /* the last pong may be L/3 old, and a bit */
	ck_assert_int_le(took, 900);
	ck_assert(process_is_gone(pid));
	/* No start without a lease. */
	client_start(c, 2, "echo no");
	k = client_expect(c, AGENT_START_FAILED, 2);
	ck_assert_uint_eq(k->m.u.start_failed.step, STEP_LEASE);
	client_drop(k);
	/* The guard lets an agent live that did its duty; a pong makes it useful again. */
	client_run(c, 700);
	c->mute = false;
	client_run(c, 400);
	client_start(c, 3, "exit 3");
	ck_assert_int_eq(WEXITSTATUS(client_exit(c, 3)), 3);
	end_rig(r, c);
}
END_TEST

/* Before the first pong nothing starts, though the hold has not run out. */
START_TEST(no_start_before_a_pong)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	struct kept *k;

	rig_start(r);
	c = client_connect(r);
	c->mute = true;
	client_hello(c, 1, 1, NULL);
	client_drop(client_expect(c, AGENT_READY_FOR_ORDERS, 0));
	client_start(c, 1, "echo no");
	k = client_expect(c, AGENT_START_FAILED, 1);
	ck_assert_uint_eq(k->m.u.start_failed.step, STEP_LEASE);
	ck_assert_int_eq(k->m.u.start_failed.error, ETIME);
	client_drop(k);
	client_close(c);
	end_rig(r, NULL);
}
END_TEST

static void
pong(struct client *c, uint64_t k, int64_t lease_ms)
{
	struct agent_msg m = { .type = AGENT_PONG };

	m.u.pong.k = k;
	m.u.pong.lease_ms = lease_ms;
	client_send(c, &m);
}

/* A late, repeated or unknown pong grants nothing more. */
START_TEST(stale_pongs_grant_nothing)
{
	struct rig *r = rig_new(600);
	struct client *c;
	struct kept *exited;
	mono_t granted;
	uint64_t k;

	rig_start(r);
	c = client_attach(r);
	start_sleeper(c, 1);
	c->mute = true;
	granted = mono_now();
	k = c->last_ping;
	while ((exited = client_maybe(c, AGENT_EXITED, 1, 50)) == NULL) {
		for (uint64_t i = 0; i <= k + 3; i++)
			if (i <= k || i > c->last_ping)
				pong(c, i, 600);
		ck_assert_int_lt(mono_diff_us(mono_now(), granted), 1500000);
	}
	client_drop(exited);
	end_rig(r, c);
}
END_TEST

/* S68: the daemon is gone: children live on for the hold, then end. */
START_TEST(hold)
{
	struct rig *r = rig_new(700);
	struct client *c;
	pid_t pid;
	mono_t gone;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	client_run(c, 300);
	client_close(c);
	gone = mono_now();
	while (mono_diff_us(mono_now(), gone) < 300000) {
		ck_assert(!process_is_gone(pid));
		poll(NULL, 0, 10);
	}
	wait_gone(pid);
	ck_assert_int_lt(mono_diff_us(mono_now(), gone), 1500000);
	/* How it ended is kept for who comes, however late. */
	while (mono_diff_us(mono_now(), gone) < 2500000)
		poll(NULL, 0, 10);
	c = client_attach(r);
	ck_assert_uint_eq(c->welcome.u.welcome.n_children, 1);
	client_drop(client_expect(c, AGENT_EXITED, 1));
	client_exit_ack(c, 1);
	client_run(c, 100);
	client_close(c);
	/* And an agent that nobody wants leaves by itself. */
	ck_assert_int_eq(rig_wait(r), 0);
	rig_free(r);
}
END_TEST

/* A new daemon finds the child alive, under its old pid. */
START_TEST(attach_again_within_the_hold)
{
	struct rig *r = rig_new(3000);
	struct client *c;
	struct kept *k;
	pid_t pid;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 9);
	client_start(c, 10, "echo last words; exit 10");
	client_drop(client_expect(c, AGENT_EXITED, 10));
	client_close(c); /* neither exit nor output acknowledged by EXIT_ACK */
	c = client_attach(r);
	ck_assert_uint_eq(c->welcome.u.welcome.n_children, 2);
	k = client_expect(c, AGENT_CHILD, 9);
	ck_assert_uint_eq(k->m.u.child.pid, (unsigned)pid);
	ck_assert_str_eq(k->m.u.child.child, "test/c9");
	ck_assert(k->m.u.child.ready);
	client_drop(k);
	k = client_expect(c, AGENT_CHILD, 10);
	ck_assert_uint_eq(k->m.u.child.pid, 0);
	client_drop(k);
	ck_assert_int_eq(WEXITSTATUS(client_exit(c, 10)), 10);
	client_close(c);
	c = client_attach(r);
	ck_assert_uint_eq(c->welcome.u.welcome.n_children, 1);
	end_rig(r, c);
	ck_assert(process_is_gone(pid));
}
END_TEST

/* What is not larger is refused; what is larger replaces. */
START_TEST(old_attaches_are_refused)
{
	static const uint32_t old[][2] = { { 100, 5 }, { 100, 4 }, { 99, 1000 }, { 0, 0 } };
	struct rig *r = rig_new(LONG_MS);
	struct client *c, *other;
	struct kept *k;

	rig_start(r);
	r->attach = 4;
	c = client_attach(r);
	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++) {
		other = client_connect(r);
		client_hello(other, old[i][0], old[i][1], NULL);
		k = client_expect(other, AGENT_REFUSE, 0);
		ck_assert_uint_eq(k->m.u.refuse.epoch, 100);
		ck_assert_uint_eq(k->m.u.refuse.attach, 5);
		client_drop(k);
		ck_assert(client_eof(other, CLIENT_TIMEOUT_MS));
		client_close(other);
	}
	client_start(c, 1, "true");
	client_exit(c, 1);
	r->epoch = 101;
	r->attach = 0;
	other = client_attach(r);
	ck_assert(client_eof(c, CLIENT_TIMEOUT_MS));
	client_close(c);
	client_start(other, 2, "true");
	ck_assert_int_eq(client_exit(other, 2), 0);
	end_rig(r, other);
}
END_TEST

/* S68: no child outlives its agent, strays included, and the guard says so by the lock. */
START_TEST(agent_killed)
{
	struct rig *r = rig_new(LONG_MS);
	struct lockfile_owner o;
	struct client *c;
	pid_t pid, stray;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	client_start(c, 2, "setsid sh -c 'echo $$; exec sleep 1000 </dev/null >/dev/null 2>&1' & sleep 1000");
	stray = (pid_t)client_number(c, 2);
	kill(rig_agent_pid(r), SIGKILL);
	ck_assert(WIFEXITED(rig_wait(r)));
	ck_assert(process_is_gone(pid));
	ck_assert(process_is_gone(stray));
	ck_assert_int_eq(lockfile_read(r->lock, &o), 0);
	ck_assert(o.clean);
	ck_assert_int_ne(access(r->socket, F_OK), 0);
	client_close(c);
	rig_free(r);
}
END_TEST

/* A frozen agent cannot act at its deadline; the guard does, in time. */
START_TEST(agent_frozen)
{
	struct rig *r = rig_new(600);
	struct client *c;
	pid_t pid, agent;
	mono_t frozen;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	agent = rig_agent_pid(r);
	frozen = mono_now();
	kill(agent, SIGSTOP);
	wait_gone(pid);
	ck_assert_int_lt(mono_diff_us(mono_now(), frozen), 1500000);
	rig_wait(r);
	ck_assert(process_is_gone(agent)); /* thawed, it would find itself dead */
	client_close(c);
	rig_free(r);
}
END_TEST

/* An agent frozen before its first lease does not hold its host for ever. */
START_TEST(fresh_agent_frozen)
{
	struct rig *r = rig_new(500);
	mono_t started = mono_now();

	rig_start(r);
	kill(rig_agent_pid(r), SIGSTOP);
	rig_wait(r);
	ck_assert_int_lt(mono_diff_us(mono_now(), started), 2500000);
	rig_free(r);
}
END_TEST

/* Without its guard the agent ends its children, strays too, and leaves. */
START_TEST(guard_killed)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	pid_t pid, stray, agent;

	rig_start(r);
	c = client_attach(r);
	agent = rig_agent_pid(r);
	pid = start_sleeper(c, 1);
	client_start(c, 2, "(setsid sh -c 'echo $$; exec sleep 1000 </dev/null >/dev/null 2>&1' &); sleep 1000");
	stray = (pid_t)client_number(c, 2);
	kill(r->guard, SIGKILL);
	rig_wait(r);
	wait_gone(agent);
	ck_assert(process_is_gone(pid));
	ck_assert(process_is_gone(stray));
	client_close(c);
	rig_free(r);
}
END_TEST

/*
 * Agent dead, guard frozen: a stray lives on. A new agent answers nobody before
 * the old guard, which it thaws, has finished.
 */
START_TEST(guard_frozen_and_agent_killed)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	pid_t stray, old_guard, agent;

	rig_start(r);
	c = client_attach(r);
	agent = rig_agent_pid(r);
	client_start(c, 1, "setsid sh -c 'echo $$; exec sleep 1000 </dev/null >/dev/null 2>&1' & sleep 1000");
	stray = (pid_t)client_number(c, 1);
	client_close(c);
	old_guard = r->guard;
	kill(old_guard, SIGSTOP);
	kill(agent, SIGKILL);
	wait_gone(agent);
	ck_assert(!process_is_gone(stray));
	rig_start(r);
	c = client_attach(r);
	ck_assert(process_is_gone(stray));
	ck_assert_int_eq(waitpid(old_guard, NULL, 0), old_guard);
	ck_assert_uint_eq(c->welcome.u.welcome.n_children, 0);
	end_rig(r, c);
}
END_TEST

/* S69: guard and agent killed at once: a new agent finds what they left, by its environment. */
START_TEST(sweep_after_both_were_killed)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	pid_t stray, agent, leader;
	struct kept *k;

	rig_start(r);
	c = client_attach(r);
	agent = rig_agent_pid(r);
	client_start(c, 1, "setsid sh -c 'echo $$; exec sleep 1000 </dev/null >/dev/null 2>&1' & sleep 1000");
	k = client_expect(c, AGENT_STARTED, 1);
	leader = (pid_t)k->m.u.started.pid;
	client_drop(k);
	stray = (pid_t)client_number(c, 1);
	/* Frozen first, so that neither acts on the other's death. */
	kill(agent, SIGSTOP);
	kill(r->guard, SIGSTOP);
	kill(agent, SIGKILL);
	kill(r->guard, SIGKILL);
	rig_wait(r);
	wait_gone(leader); /* by its parent-death signal */
	ck_assert(!process_is_gone(stray));
	client_close(c);
	rig_start(r);
	c = client_attach(r);
	ck_assert(process_is_gone(stray));
	end_rig(r, c);
}
END_TEST

/* A second agent for the same place finds the first, and leaves it alone. */
START_TEST(second_agent_is_refused)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	pid_t first;
	int status;

	rig_start(r);
	c = client_attach(r);
	first = r->guard;
	rig_start(r);
	status = rig_wait(r);
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	r->guard = first;
	client_start(c, 1, "true");
	ck_assert_int_eq(client_exit(c, 1), 0);
	end_rig(r, c);
}
END_TEST

/* GOODBYE for good: children end, their exits come, then the agent is gone. */
START_TEST(goodbye_for_good)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	pid_t pid;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	client_goodbye(c, true);
	ck_assert_int_eq(WTERMSIG(client_exit(c, 1)), SIGKILL);
	ck_assert(client_eof(c, CLIENT_TIMEOUT_MS));
	ck_assert_int_eq(rig_wait(r), 0);
	ck_assert(process_is_gone(pid));
	client_close(c);
	rig_free(r);
}
END_TEST

/* SIGTERM to the guard, as a service manager sends it. */
START_TEST(sigterm_to_the_guard)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	pid_t pid;

	rig_start(r);
	c = client_attach(r);
	pid = start_sleeper(c, 1);
	client_close(c);
	kill(r->guard, SIGTERM);
	ck_assert_int_eq(rig_wait(r), 0);
	ck_assert(process_is_gone(pid));
	rig_free(r);
}
END_TEST

/* What was ordered on a connection that is cut is not started afterwards. */
START_TEST(orders_end_with_their_connection)
{
	struct rig *r = rig_new(LONG_MS);
	struct client *c;
	unsigned begun;

	rig_start(r);
	c = client_attach(r);
	for (uint64_t i = 1; i <= 500; i++)
		client_start(c, i, "exec sleep 1000");
	client_close(c);
	c = client_attach(r);
	begun = c->welcome.u.welcome.n_children;
	client_run(c, 300);
	client_close(c);
	c = client_attach(r);
	ck_assert_uint_eq(c->welcome.u.welcome.n_children, begun);
	end_rig(r, c);
}
END_TEST

/* Heart: a command that tells that it was run, and with whom as parent. */

struct heart_rig {
	struct rig *r;
	char mark[128];
	char script[256];
	const char *argv[4];
};

static void
heart_init(struct heart_rig *h, int64_t hold_ms)
{
	h->r = rig_new(hold_ms);
	snprintf(h->mark, sizeof(h->mark), "%s/heart", h->r->dir);
	snprintf(h->script, sizeof(h->script), "echo $$ >>%s; exec sleep 1000", h->mark);
	h->argv[0] = "sh";
	h->argv[1] = "-c";
	h->argv[2] = h->script;
	h->argv[3] = NULL;
	rig_start(h->r);
}

static int
heart_count(const struct heart_rig *h, pid_t pids[8])
{
	FILE *f = fopen(h->mark, "r");
	int n = 0, pid;

	while (f != NULL && n < 8 && fscanf(f, "%d", &pid) == 1)
		pids[n++] = pid;
	if (f != NULL)
		fclose(f);
	return n;
}

static bool
heart_beat_cb(void *arg)
{
	pid_t pids[8];

	return heart_count(arg, pids) > 0;
}

/* A process that attaches with a heart and then does as it is told: a daemon. */
static pid_t
fake_daemon(struct heart_rig *h, void (*then)(struct client *c))
{
	pid_t pid;
	int p[2];
	char word;

	ck_assert_int_eq(pipe(p), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		struct client *c = client_attach_heart(h->r, h->argv);

		ck_assert_int_eq(write(p[1], "x", 1), 1);
		then(c);
		client_run(c, 60000);
		_exit(0);
	}
	ck_assert_int_eq(read(p[0], &word, 1), 1);
	close(p[0]);
	close(p[1]);
	h->r->attach++;
	return pid;
}

static void
heart_end(struct heart_rig *h)
{
	pid_t pids[8];
	int n = heart_count(h, pids);

	rig_free(h->r);
	for (int i = 0; i < n; i++)
		kill(pids[i], SIGKILL);
}

static void
just_run(struct client *c)
{
	(void)c;
}

static void
fall_silent(struct client *c)
{
	c->mute = true;
	raise(SIGSTOP);
}

static void
say_goodbye(struct client *c)
{
	client_goodbye(c, false);
	client_run(c, 50);
	_exit(0);
}

/* S121: the daemon dies without goodbye: it is started again, outside of our tree. */
START_TEST(heart_after_a_crash)
{
	struct heart_rig h;
	pid_t daemon, pids[8];
	struct proc_id id;
	char self[64];

	heart_init(&h, 4000);
	daemon = fake_daemon(&h, just_run);
	kill(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
	wait_until(heart_beat_cb, &h, "the daemon to be started again");
	ck_assert_int_ge(heart_count(&h, pids), 1);
	ck_assert_int_eq(proc_identify(pids[0], &id), 0);
	/* Its parent is the guard's parent, which is this test. */
	snprintf(self, sizeof(self), "ps -o ppid= -p %d | grep -qw %d", (int)pids[0], (int)getpid());
	ck_assert_int_eq(system(self), 0);
	/* It outlives agent and guard. */
	kill(rig_agent_pid(h.r), SIGKILL);
	rig_wait(h.r);
	ck_assert(!process_is_gone(pids[0]));
	heart_end(&h);
}
END_TEST

/* One that says nothing for half a lease is killed first. */
START_TEST(heart_after_silence)
{
	struct heart_rig h;
	pid_t daemon;
	int status;

	heart_init(&h, 1000);
	daemon = fake_daemon(&h, fall_silent);
	ck_assert_int_eq(waitpid(daemon, &status, 0), daemon);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	wait_until(heart_beat_cb, &h, "the daemon to be started again");
	heart_end(&h);
}
END_TEST

/* Who said goodbye is given time to come back; who comes back is not started. */
START_TEST(heart_after_a_farewell)
{
	struct heart_rig h;
	struct client *c;
	pid_t daemon, pids[8];

	heart_init(&h, 4000);
	daemon = fake_daemon(&h, say_goodbye);
	waitpid(daemon, NULL, 0);
	poll(NULL, 0, 500);
	ck_assert_int_eq(heart_count(&h, pids), 0);
	c = client_attach_heart(h.r, h.argv);
	client_run(c, 2500);
	ck_assert_int_eq(heart_count(&h, pids), 0);
	client_leave(c);
	ck_assert_int_eq(rig_wait(h.r), 0);
	ck_assert_int_eq(heart_count(&h, pids), 0);
	heart_end(&h);
}
END_TEST

/* A daemon that does not attach is tried again, later and later; children meanwhile end with the hold. */
START_TEST(heart_tries_again)
{
	struct heart_rig h;
	pid_t daemon, pids[8];
	mono_t begin;

	heart_init(&h, 500);
	daemon = fake_daemon(&h, just_run);
	kill(daemon, SIGKILL);
	waitpid(daemon, NULL, 0);
	begin = mono_now();
	while (heart_count(&h, pids) < 3) {
		ck_assert_int_lt(mono_diff_us(mono_now(), begin), 8000000);
		poll(NULL, 0, 20);
	}
	/* at once, after 1 s, after 2 s more */
	ck_assert_int_ge(mono_diff_us(mono_now(), begin), 2800000);
	heart_end(&h);
}
END_TEST

/* --attach: standard input and output are the connection; an agent is started when there is none. */
START_TEST(attach_starts_and_relays)
{
	struct rig *r = rig_new(1000);
	const char *const options[] = { "--attach", NULL };
	int in[2], out[2], saved[2];
	pid_t guard;

	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(out, O_CLOEXEC), 0);
	saved[0] = dup(0);
	saved[1] = dup(1);
	dup2(in[0], 0);
	dup2(out[1], 1);
	rig_start_with(r, options);
	dup2(saved[0], 0);
	dup2(saved[1], 1);
	for (int i = 0; i < 2; i++)
		close(saved[i]);
	close(in[0]);
	close(out[1]);
	/* The messages by hand: the client library wants one socket. */
	{
		struct buf b = BUF_INIT(0);
		struct agent_msg m = { .type = AGENT_HELLO };
		char answer[4096], preamble[PREAMBLE_SIZE];
		size_t used, have = 0, behind = preamble_text(r->installation, "local", preamble);

		m.u.hello.version_min = m.u.hello.version_max = 1;
		m.u.hello.installation = r->installation;
		m.u.hello.node = "local";
		m.u.hello.epoch = 1;
		m.u.hello.attach = 1;
		ck_assert_int_eq(agent_msg_encode(&b, &m, NULL), 0);
		ck_assert_int_eq(write(in[1], b.data, b.len), (ssize_t)b.len);
		buf_release(&b);
		do {
			ssize_t n = read(out[0], answer + have, sizeof(answer) - have);

			ck_assert_int_gt(n, 0);
			have += (size_t)n;
		} while (have <= behind || agent_msg_decode(answer + behind, have - behind, &m, &used, NULL) == 0);
		ck_assert_int_eq(preamble_find(answer, have, preamble, behind), behind);
		ck_assert_int_eq(m.type, AGENT_WELCOME);
		guard = (pid_t)m.u.welcome.guard_pid;
		agent_msg_release(&m);
	}
	ck_assert(!process_is_gone(guard));
	ck_assert_int_ne(guard, r->guard);
	/* The link is cut: the relay ends, the agent lives on for its hold. */
	close(in[1]);
	ck_assert_int_eq(rig_wait(r), 0);
	ck_assert(!process_is_gone(guard));
	wait_gone(guard);
	close(out[0]);
	rig_free(r);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agent_lease");
	TCase *t = tcase_create("lease");
	TCase *g = tcase_create("guard");
	TCase *h = tcase_create("heart");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, lease_is_kept_by_pongs);
	tcase_add_test(t, children_end_with_the_lease);
	tcase_add_test(t, no_start_before_a_pong);
	tcase_add_test(t, stale_pongs_grant_nothing);
	tcase_add_test(t, hold);
	tcase_add_test(t, attach_again_within_the_hold);
	tcase_add_test(t, old_attaches_are_refused);
	tcase_add_test(t, orders_end_with_their_connection);
	suite_add_tcase(s, t);
	tcase_set_timeout(g, 60);
	tcase_add_test(g, agent_killed);
	tcase_add_test(g, agent_frozen);
	tcase_add_test(g, fresh_agent_frozen);
	tcase_add_test(g, guard_killed);
	tcase_add_test(g, guard_frozen_and_agent_killed);
	tcase_add_test(g, sweep_after_both_were_killed);
	tcase_add_test(g, second_agent_is_refused);
	tcase_add_test(g, goodbye_for_good);
	tcase_add_test(g, sigterm_to_the_guard);
	suite_add_tcase(s, g);
	tcase_set_timeout(h, 60);
	tcase_add_test(h, heart_after_a_crash);
	tcase_add_test(h, heart_after_silence);
	tcase_add_test(h, heart_after_a_farewell);
	tcase_add_test(h, heart_tries_again);
	tcase_add_test(h, attach_starts_and_relays);
	suite_add_tcase(s, h);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
