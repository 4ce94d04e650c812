/* An agent and its children: starts, failures, exits, signals, input, readiness. */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/reason.h"
#include "core/spec.h"
#include "lib/agent_client.h"
#include "lib/unit.h"

static struct rig *rig;
static struct client *cl;

static void
setup(void)
{
	rig = rig_new(20000);
	rig_start(rig);
	cl = client_attach(rig);
}

static void
teardown(void)
{
	client_leave(cl);
	ck_assert_int_eq(rig_wait(rig), 0);
	rig_free(rig);
}

static const char *
text_of(uint64_t token)
{
	struct got *g = client_got(cl, token);

	return g->out.len > 0 ? g->out.data : "";
}

START_TEST(welcome_tells_who_is_there)
{
	ck_assert_uint_eq(cl->welcome.u.welcome.version, AGENT_PROTO_MAX);
	ck_assert_uint_eq(cl->welcome.u.welcome.guard_pid, (unsigned)rig->guard);
	ck_assert_uint_eq(cl->welcome.u.welcome.pid, (unsigned)rig_agent_pid(rig));
	ck_assert_uint_eq(cl->welcome.u.welcome.n_children, 0);
	ck_assert_uint_gt(strlen(cl->welcome.u.welcome.boot_id), 0);
}
END_TEST

/* S15, S17, S20: the raw status of all 256 codes comes over, though many end at once. */
START_TEST(all_exit_codes)
{
	char script[32];

	for (int code = 0; code < 256; code++) {
		snprintf(script, sizeof(script), "exit %d", code);
		client_start(cl, (uint64_t)code + 1, script);
	}
	for (int code = 0; code < 256; code++) {
		int status = client_exit(cl, (uint64_t)code + 1);

		ck_assert(WIFEXITED(status));
		ck_assert_int_eq(WEXITSTATUS(status), code);
	}
}
END_TEST

/* S33: default dispositions and an empty mask, so every signal that ends a process does. */
START_TEST(all_signals_end_a_child)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1,
		SIGSEGV, SIGUSR2, SIGPIPE, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF, SIGSYS };

	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		const char *const argv[] = { "sleep", "1000", NULL };

		client_send(cl, client_order(1 + i, argv));
		client_drop(client_expect(cl, AGENT_STARTED, 1 + i));
		client_signal(cl, 1 + i, signals[i], false);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
		int status = client_exit(cl, 1 + i);

		ck_assert(WIFSIGNALED(status));
		ck_assert_int_eq(WTERMSIG(status), signals[i]);
	}
}
END_TEST

START_TEST(usage_is_reported)
{
	struct kept *k;

	client_start(cl, 1, "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done");
	k = client_expect(cl, AGENT_EXITED, 1);
	ck_assert_int_gt(k->m.u.exited.user_us, 1000);
	ck_assert_uint_gt(k->m.u.exited.maxrss_kb, 100);
	client_drop(k);
}
END_TEST

static void
expect_failure(uint64_t token, uint32_t step, int error)
{
	struct kept *k = client_expect(cl, AGENT_START_FAILED, token);

	ck_assert_uint_eq(k->m.u.start_failed.step, step);
	ck_assert_int_eq(k->m.u.start_failed.error, error);
	client_drop(k);
	ck_assert_ptr_null(client_maybe(cl, AGENT_STARTED, token, 0));
	ck_assert_ptr_null(client_maybe(cl, AGENT_EXITED, token, 0));
}

/* S18: learnt in-band, with step and errno. */
START_TEST(start_errors)
{
	const char *const missing[] = { "/nonexistent/program", NULL };
	const char *const unfound[] = { "no-such-program-anywhere", NULL };
	const char *const denied[] = { "/etc/passwd", NULL };
	const char *const fine[] = { "true", NULL };
	struct agent_msg *m;

	client_send(cl, client_order(1, missing));
	expect_failure(1, STEP_EXEC, ENOENT);
	client_send(cl, client_order(2, unfound));
	expect_failure(2, STEP_EXEC, ENOENT);
	client_send(cl, client_order(3, denied));
	expect_failure(3, STEP_EXEC, EACCES);
	m = client_order(4, fine);
	m->u.start.cwd = "/nonexistent";
	client_send(cl, m);
	expect_failure(4, STEP_CHDIR, ENOENT);
	m = client_order(5, fine);
	m->u.start.user = "no_such_user_here";
	client_send(cl, m);
	expect_failure(5, STEP_USER, ESRCH);
	m = client_order(6, fine);
	m->u.start.n_rlimits = 1;
	m->u.start.rlimits[0] = (struct agent_rlimit){ RLIMIT_NOFILE, 100, 50 };
	client_send(cl, m);
	expect_failure(6, STEP_LIMIT, EINVAL);
	m = client_order(7, fine);
	m->u.start.n_argv = 0;
	client_send(cl, m);
	expect_failure(7, STEP_EXEC, EINVAL);
	/* And after all that it still starts. */
	client_send(cl, client_order(8, fine));
	ck_assert_int_eq(client_exit(cl, 8), 0);
}
END_TEST

/* S33: the attributes that were asked for. */
START_TEST(attributes)
{
	const char *const argv[] = { "sh", "-c",
		"umask; nice; ulimit -c; ulimit -n; pwd; id -u; id -g; cut -d' ' -f1,5,6 /proc/self/stat >/dev/null;"
		" ls /proc/self/fd | tr '\\n' ' '; echo; echo $TRAPEXIT_TOKEN $FOO; echo $(ps -o pgid=,sid= -p $$);"
		" grep -E 'Sig(Blk|Ign)' /proc/self/status",
		NULL };
	const char *const env[] = { "PATH=/bin:/usr/bin", "FOO=bar baz" };
	struct agent_msg *m = client_order(77, argv);
	struct kept *k;
	char expected[512];
	unsigned pid;

	m->u.start.env = env;
	m->u.start.n_env = 2;
	m->u.start.umask = 027;
	m->u.start.nice = 5;
	m->u.start.cwd = "/usr/bin";
	m->u.start.n_rlimits = 2;
	m->u.start.rlimits[0] = (struct agent_rlimit){ RLIMIT_CORE, 0, 0 };
	m->u.start.rlimits[1] = (struct agent_rlimit){ RLIMIT_NOFILE, 99, 128 };
	if (geteuid() == 0) {
		m->u.start.user = "nobody";
		m->u.start.group = "nogroup";
	}
	client_send(cl, m);
	k = client_expect(cl, AGENT_STARTED, 77);
	pid = k->m.u.started.pid;
	client_drop(k);
	ck_assert_int_eq(client_exit(cl, 77), 0);
	/* ls has its folder open as 3. */
	snprintf(expected, sizeof(expected),
	    "0027\n5\n0\n99\n/usr/bin\n%u\n%u\n0 1 2 3 \n77 bar baz\n%u %u\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n",
	    geteuid() == 0 ? 65534 : geteuid(), geteuid() == 0 ? 65534 : getegid(), pid, pid);
	ck_assert_str_eq(text_of(77), expected);
}
END_TEST

START_TEST(limit_of_files_is_the_callers)
{
	struct rlimit old;
	char expected[64];

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &old), 0);
	client_start(cl, 1, "ulimit -n");
	client_exit(cl, 1);
	snprintf(expected, sizeof(expected), "%llu\n", (unsigned long long)old.rlim_cur);
	ck_assert_str_eq(text_of(1), expected);
}
END_TEST

START_TEST(streams_apart_and_joined)
{
	const char *const argv[] = { "sh", "-c", "echo out; echo err >&2", NULL };
	struct agent_msg *m;

	client_send(cl, client_order(1, argv));
	client_exit(cl, 1);
	ck_assert_str_eq(text_of(1), "out\nerr\n");
	m = client_order(2, argv);
	m->u.start.err = STDERR_PIPE;
	client_send(cl, m);
	client_exit(cl, 2);
	ck_assert_str_eq(text_of(2), "out\n");
	ck_assert_str_eq(client_got(cl, 2)->err.data, "err\n");
	m = client_order(3, argv);
	m->u.start.out = STDOUT_NULL;
	m->u.start.err = STDERR_NULL;
	client_send(cl, m);
	client_exit(cl, 3);
	ck_assert_uint_eq(client_got(cl, 3)->out_n, 0);
}
END_TEST

/* Streams are pipes: a socket would break /dev/stdout. */
START_TEST(dev_stdout_works)
{
	client_start(cl, 1, "echo hello >/dev/stdout");
	client_exit(cl, 1);
	ck_assert_str_eq(text_of(1), "hello\n");
}
END_TEST

START_TEST(input_by_offset)
{
	const char *const argv[] = { "cat", NULL };
	struct agent_msg *m = client_order(1, argv);

	m->u.start.in = STDIN_PIPE;
	client_send(cl, m);
	/* Before it can have been started: it waits. */
	client_stdin(cl, 1, 0, "one ", false);
	client_stdin(cl, 1, 4, "two ", false);
	client_stdin(cl, 1, 0, "one two ", false); /* again: has no effect */
	client_stdin(cl, 1, 2, "e two three", false); /* overlaps */
	client_stdin(cl, 1, 13, "\n", true);
	ck_assert_int_eq(client_exit(cl, 1), 0);
	ck_assert_str_eq(text_of(1), "one two three\n");
}
END_TEST

START_TEST(large_input)
{
	const char *const argv[] = { "sh", "-c", "sleep 0.2; exec wc -c", NULL };
	struct agent_msg *m = client_order(1, argv);
	char *text = malloc((200 << 10) + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', 200 << 10);
	text[200 << 10] = '\0';
	m->u.start.in = STDIN_PIPE;
	client_send(cl, m);
	for (uint64_t i = 0; i < 50; i++)
		client_stdin(cl, 1, i * (200 << 10), text, i == 49);
	ck_assert_int_eq(client_number(cl, 1), 50l * (200 << 10));
	ck_assert_int_eq(client_exit(cl, 1), 0);
	free(text);
}
END_TEST

/* A child that never reads its input loses nothing else. */
START_TEST(exits_before_reading)
{
	const char *const argv[] = { "sh", "-c", "exec <&-; echo fine; exit 4", NULL };
	struct agent_msg *m = client_order(1, argv);

	m->u.start.in = STDIN_PIPE;
	client_send(cl, m);
	for (uint64_t i = 0; i < 100; i++)
		client_stdin(cl, 1, i * 8, "01234567", false);
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 1)), 4);
	ck_assert_str_eq(text_of(1), "fine\n");
	client_start(cl, 2, "true");
	ck_assert_int_eq(client_exit(cl, 2), 0);
}
END_TEST

static void
send_line(uint64_t token, uint64_t n, const char *line)
{
	client_send(cl, &(struct agent_msg){ .type = AGENT_CONTROL, .u.control = { token, n, line } });
}

static void
expect_taken(uint64_t token, uint64_t n)
{
	struct kept *k;
	uint64_t taken;

	do {
		k = client_expect(cl, AGENT_CONTROL_ACK, token);
		taken = k->m.u.control_ack.n;
		client_drop(k);
	} while (taken < n);
	ck_assert_uint_eq(taken, n);
}

/* S94, S99: by number, whatever comes twice, and before the child can have been started. */
START_TEST(lines_for_the_control_descriptor)
{
	const char *const argv[] = { "sh", "-c",
		"while read -r l; do echo \"$l\"; [ \"$l\" != end ] || exit 3; done <&\"$TRAPEXIT_CONTROL_FD\"", NULL };
	struct agent_msg *m = client_order(1, argv);

	m->u.start.control = true;
	client_send(cl, m);
	send_line(1, 1, "EXIT feed {exit,3}");
	send_line(1, 2, "DOWN 7 feed noproc");
	send_line(1, 2, "DOWN 7 feed noproc");
	expect_taken(1, 2);
	send_line(1, 1, "EXIT feed {exit,3}");
	send_line(1, 3, "end");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 1)), 3);
	ck_assert_str_eq(text_of(1), "EXIT feed {exit,3}\nDOWN 7 feed noproc\nend\n");
	/* Nobody is there any more: nothing happens. */
	send_line(1, 4, "late");
	client_start(cl, 2, "echo \"[$TRAPEXIT_CONTROL_FD]\"; ls /proc/self/fd | tr '\\n' ' '");
	ck_assert_int_eq(client_exit(cl, 2), 0);
	ck_assert_str_eq(text_of(2), "[]\n0 1 2 3 ");
	/* Nor to one that has no such descriptor: but it is taken. */
	client_start(cl, 3, "exec sleep 1000");
	client_drop(client_expect(cl, AGENT_STARTED, 3));
	send_line(3, 1, "EXIT feed killed");
	expect_taken(3, 1);
}
END_TEST

/* It loses its own lines, whole ones, is told of in a note, and blocks nobody. */
START_TEST(a_child_that_does_not_read_its_control_descriptor)
{
	const char *const argv[] = { "sh", "-c",
		"read -r go; n=0; while [ $n -lt 100 ]; do read -r l <&4; [ ${#l} -eq 1023 ] || exit 1; n=$((n+1)); done", NULL };
	struct agent_msg *m = client_order(1, argv);
	struct kept *k;
	char line[1024];

	memset(line, 'x', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	m->u.start.control = true;
	m->u.start.in = STDIN_PIPE;
	client_send(cl, m);
	for (uint64_t i = 1; i <= 1000; i++)
		send_line(1, i, line);
	expect_taken(1, 1000);
	k = client_expect(cl, AGENT_NOTE, 0);
	ck_assert_ptr_nonnull(strstr(k->m.u.note.text, "does not read its control descriptor"));
	client_drop(k);
	ck_assert_ptr_null(client_maybe(cl, AGENT_NOTE, 0, 100)); /* once */
	client_start(cl, 2, "echo fine");
	ck_assert_int_eq(client_exit(cl, 2), 0);
	ck_assert_str_eq(text_of(2), "fine\n");
	/* What it was given before it can read now. */
	client_stdin(cl, 1, 0, "go\n", true);
	ck_assert_int_eq(client_exit(cl, 1), 0);
}
END_TEST

START_TEST(closes_its_output_and_lives_on)
{
	client_start(cl, 1, "echo x; exec >&- 2>&-; sleep 0.2; exit 9");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 1)), 9);
	ck_assert_str_eq(text_of(1), "x\n");
}
END_TEST

START_TEST(ignores_sigterm)
{
	int status;

	client_start(cl, 1, "trap '' TERM; echo ready; while :; do sleep 0.1; done");
	client_wait_output(cl, 1, 6);
	client_signal(cl, 1, SIGTERM, false);
	ck_assert_ptr_null(client_maybe(cl, AGENT_EXITED, 1, 300));
	client_signal(cl, 1, SIGKILL, true);
	status = client_exit(cl, 1);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}
END_TEST

/* S58: a stopped child gets SIGCONT behind the signal. */
START_TEST(stopped_child_takes_sigterm)
{
	client_start(cl, 1, "kill -STOP $$");
	client_drop(client_expect(cl, AGENT_STARTED, 1));
	client_signal(cl, 1, SIGTERM, false);
	ck_assert_int_eq(WTERMSIG(client_exit(cl, 1)), SIGTERM);
}
END_TEST

/* S22: the rest of the group is gone before the exit is told. */
START_TEST(group_ends_with_its_leader)
{
	pid_t helper;

	client_start(cl, 1, "sleep 1000 & echo $!; exit 0");
	ck_assert_int_eq(client_exit(cl, 1), 0);
	helper = (pid_t)client_number(cl, 1);
	ck_assert(process_is_gone(helper));
}
END_TEST

/* S22: one that left the group and has lost its parents. */
START_TEST(stray_ends_before_the_exit_is_told)
{
	for (uint64_t token = 1; token < 6; token++) {
		client_start(cl, token,
		    "setsid sh -c 'echo $$; exec sleep 1000 >/dev/null 2>&1' & sleep 0.2");
		ck_assert_int_eq(client_exit(cl, token), 0);
		ck_assert(process_is_gone((pid_t)client_number(cl, token)));
	}
}
END_TEST

/* A stray with strays of its own, which left session after session. */
START_TEST(strays_of_strays)
{
	char *end;
	long first, second;

	client_start(cl, 1,
	    "(setsid sh -c '(setsid sh -c \"echo \\$\\$; exec sleep 1000\" &) ; sleep 0.2; echo $$; exec sleep 1000' &) ;"
	    " sleep 0.5; exit 1");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 1)), 1);
	first = strtol(text_of(1), &end, 10);
	second = strtol(end, NULL, 10);
	ck_assert_int_gt(first, 1);
	ck_assert_int_gt(second, 1);
	ck_assert(process_is_gone((pid_t)first));
	ck_assert(process_is_gone((pid_t)second));
}
END_TEST

/* Another child's helper that lost its parent is none of the first one's strays. */
START_TEST(helpers_of_a_living_child_stay)
{
	pid_t helper;

	client_start(cl, 1, "(setsid sh -c 'echo $$; exec sleep 1000' &); exec sleep 1000");
	helper = (pid_t)client_number(cl, 1);
	client_start(cl, 2, "exit 2");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 2)), 2);
	ck_assert(!process_is_gone(helper));
	client_signal(cl, 1, SIGKILL, true);
	client_exit(cl, 1);
	ck_assert(process_is_gone(helper));
}
END_TEST

/* A stray that holds the pipe open does not keep the exit back. */
START_TEST(foreign_writer_does_not_delay)
{
	client_start(cl, 1, "echo said; env -i setsid sleep 1000 & sleep 0.2; exit 0");
	ck_assert_int_eq(client_exit(cl, 1), 0);
	ck_assert_str_eq(text_of(1), "said\n");
}
END_TEST

/* S13, S24: sd_notify. */
START_TEST(ready_by_notify)
{
	const char *const argv[] = { "python3", "-c",
		"import os,socket,time\n"
		"s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
		"a=os.environ['NOTIFY_SOCKET']\n"
		"s.connect('\\0'+a[1:] if a[0]=='@' else a)\n"
		"s.send(b'STATUS=booting')\n"
		"s.send(b'STATUS=all there\\nREADY=1')\n"
		"time.sleep(1000)\n",
		NULL };
	struct agent_msg *m = client_order(1, argv);
	struct kept *k;

	m->u.start.ready = READY_NOTIFY;
	m->u.start.ready_timeout_ms = 15000;
	client_send(cl, m);
	client_drop(client_expect(cl, AGENT_STARTED, 1));
	k = client_expect(cl, AGENT_READY, 1);
	ck_assert_str_eq(k->m.u.ready.info, "all there");
	ck_assert(!k->m.u.ready.ignore);
	client_drop(k);
	client_signal(cl, 1, SIGTERM, false);
	client_exit(cl, 1);
}
END_TEST

/* S26: a deliberate no-start. */
START_TEST(ignore_by_notify)
{
	const char *const argv[] = { "python3", "-c",
		"import os,socket\n"
		"s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)\n"
		"s.sendto(b'X_TRAPEXIT=ignore','\\0'+os.environ['NOTIFY_SOCKET'][1:])\n"
		"import time; time.sleep(0.3)\n",
		NULL };
	struct agent_msg *m = client_order(1, argv);
	struct kept *k;

	m->u.start.ready = READY_NOTIFY;
	client_send(cl, m);
	k = client_expect(cl, AGENT_READY, 1);
	ck_assert(k->m.u.ready.ignore);
	client_drop(k);
	ck_assert_int_eq(client_exit(cl, 1), 0);
}
END_TEST

/* s6's way: a newline on descriptor 3. */
START_TEST(ready_by_newline)
{
	const char *const argv[] = { "sh", "-c", "sleep 0.1; echo >&3; exec 3>&-; sleep 1000", NULL };
	struct agent_msg *m = client_order(1, argv);
	struct kept *k;

	m->u.start.ready = READY_NEWLINE;
	client_send(cl, m);
	k = client_expect(cl, AGENT_READY, 1);
	ck_assert(!k->m.u.ready.ignore);
	client_drop(k);
	client_signal(cl, 1, SIGTERM, false);
	client_exit(cl, 1);
}
END_TEST

/* S25: not ready in time: terminated, and a start error. */
START_TEST(not_ready_in_time)
{
	const char *const argv[] = { "sleep", "1000", NULL };
	struct agent_msg *m = client_order(1, argv);
	struct kept *k;

	m->u.start.ready = READY_NEWLINE;
	m->u.start.ready_timeout_ms = 100;
	client_send(cl, m);
	k = client_expect(cl, AGENT_START_FAILED, 1);
	ck_assert_uint_eq(k->m.u.start_failed.step, STEP_TIMEOUT);
	ck_assert_int_eq(k->m.u.start_failed.error, ETIMEDOUT);
	client_drop(k);
	ck_assert_int_eq(WTERMSIG(client_exit(cl, 1)), SIGKILL);
}
END_TEST

/* Of exactly one descriptor: the first limit there is with many children. */
START_TEST(descriptors_per_child)
{
	const char *const argv[] = { "sleep", "1000", NULL };
	char command[128];
	long before, after;
	FILE *f;

	client_run(cl, 200);
	snprintf(command, sizeof(command), "ls /proc/%d/fd | wc -l", (int)rig_agent_pid(rig));
	f = popen(command, "r");
	ck_assert_int_eq(fscanf(f, "%ld", &before), 1);
	pclose(f);
	for (uint64_t i = 1; i <= 50; i++)
		client_send(cl, client_order(i, argv));
	for (uint64_t i = 1; i <= 50; i++)
		client_drop(client_expect(cl, AGENT_STARTED, i));
	f = popen(command, "r");
	ck_assert_int_eq(fscanf(f, "%ld", &after), 1);
	pclose(f);
	ck_assert_int_eq(after - before, 50);
}
END_TEST

/* An order for one that is gone, an order twice: without effect. */
START_TEST(orders_for_nobody)
{
	client_signal(cl, 99, SIGKILL, true);
	client_stdin(cl, 99, 0, "x", false);
	client_ack(cl, 99, STREAM_OUT, 5, 10);
	client_exit_ack(cl, 99);
	client_start(cl, 1, "echo once; sleep 0.3");
	client_start(cl, 1, "echo twice");
	ck_assert_int_eq(client_exit(cl, 1), 0);
	ck_assert_str_eq(text_of(1), "once\n");
}
END_TEST

/* Of the unlike rights: a wrong installation or node is refused, nonsense closes. */
START_TEST(refused_hellos)
{
	struct agent_msg m = { .type = AGENT_HELLO };
	struct client *other = client_connect(rig);
	struct kept *k;

	m.u.hello.version_min = 7;
	m.u.hello.version_max = 9;
	client_send(other, &m);
	k = client_expect(other, AGENT_REFUSE, 0);
	ck_assert_uint_eq(k->m.u.refuse.epoch, rig->epoch);
	ck_assert_uint_eq(k->m.u.refuse.attach, rig->attach);
	client_drop(k);
	ck_assert(client_eof(other, CLIENT_TIMEOUT_MS));
	client_close(other);
	m.u.hello.version_min = 1;
	m.u.hello.installation = "ffffffffffffffffffffffffffffffff";
	m.u.hello.epoch = 1000;
	other = client_connect(rig);
	client_send(other, &m);
	client_drop(client_expect(other, AGENT_REFUSE, 0));
	client_close(other);
	other = client_connect(rig);
	ck_assert_int_eq(write(other->fd, "GET / HTTP/1.0\r\n\r\n", 18), 18);
	ck_assert(client_eof(other, CLIENT_TIMEOUT_MS));
	client_close(other);
	/* An order before the hello. */
	other = client_connect(rig);
	client_start(other, 5, "echo no");
	ck_assert(client_eof(other, CLIENT_TIMEOUT_MS));
	client_close(other);
	client_start(cl, 1, "true");
	ck_assert_int_eq(client_exit(cl, 1), 0);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agent");
	TCase *t = tcase_create("children");

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, welcome_tells_who_is_there);
	tcase_add_test(t, all_exit_codes);
	tcase_add_test(t, all_signals_end_a_child);
	tcase_add_test(t, usage_is_reported);
	tcase_add_test(t, start_errors);
	tcase_add_test(t, attributes);
	tcase_add_test(t, limit_of_files_is_the_callers);
	tcase_add_test(t, streams_apart_and_joined);
	tcase_add_test(t, dev_stdout_works);
	tcase_add_test(t, input_by_offset);
	tcase_add_test(t, large_input);
	tcase_add_test(t, exits_before_reading);
	tcase_add_test(t, lines_for_the_control_descriptor);
	tcase_add_test(t, a_child_that_does_not_read_its_control_descriptor);
	tcase_add_test(t, closes_its_output_and_lives_on);
	tcase_add_test(t, ignores_sigterm);
	tcase_add_test(t, stopped_child_takes_sigterm);
	tcase_add_test(t, group_ends_with_its_leader);
	tcase_add_test(t, stray_ends_before_the_exit_is_told);
	tcase_add_test(t, strays_of_strays);
	tcase_add_test(t, helpers_of_a_living_child_stay);
	tcase_add_test(t, foreign_writer_does_not_delay);
	tcase_add_test(t, ready_by_notify);
	tcase_add_test(t, ignore_by_notify);
	tcase_add_test(t, ready_by_newline);
	tcase_add_test(t, not_ready_in_time);
	tcase_add_test(t, descriptors_per_child);
	tcase_add_test(t, orders_for_nobody);
	tcase_add_test(t, refused_hellos);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
