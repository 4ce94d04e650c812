/* Output: kept until acknowledged, under credit, bounded; and it delays nobody (architecture 6). */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/fuse.h>

#include "base/mono.h"
#include "core/reason.h"
#include "lib/agent_client.h"
#include "lib/unit.h"

static struct rig *rig;
static struct client *cl;

static void
setup(void)
{
	rig = rig_new(10000);
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

/* Memory that is the agent's alone, in KiB. */
static long
agent_memory(void)
{
	char command[128];
	FILE *f;
	long kb = 0;

	snprintf(command, sizeof(command), "awk '/^Private/ { n += $2 } END { print n }' /proc/%d/smaps_rollup",
	    (int)rig_agent_pid(rig));
	f = popen(command, "r");
	ck_assert_int_eq(fscanf(f, "%ld", &kb), 1);
	pclose(f);
	return kb;
}

START_TEST(first_credit)
{
	uint64_t n;

	cl->no_ack = true;
	client_start(cl, 1, "head -c 1000000 /dev/zero; sleep 1000");
	client_wait_output(cl, 1, AGENT_CREDIT_FIRST);
	client_run(cl, 200);
	ck_assert_uint_eq(client_got(cl, 1)->out_n, AGENT_CREDIT_FIRST);
	/* More credit without acknowledgement, then with. */
	client_ack(cl, 1, STREAM_OUT, 0, 300000);
	client_wait_output(cl, 1, 300000);
	client_run(cl, 100);
	ck_assert_uint_eq(client_got(cl, 1)->out_n, 300000);
	client_ack(cl, 1, STREAM_OUT, 300000, 2000000);
	client_wait_output(cl, 1, 1000000);
	n = client_got(cl, 1)->out_n;
	ck_assert_uint_eq(n, 1000000);
}
END_TEST

/* The exit names the end of the output; it needs no credit, and is kept until both are acknowledged. */
START_TEST(exit_names_its_output)
{
	struct kept *k;
	int attach;

	cl->no_ack = true;
	client_start(cl, 1, "head -c 200000 /dev/zero; exit 5");
	client_wait_output(cl, 1, AGENT_CREDIT_FIRST);
	k = client_expect(cl, AGENT_EXITED, 1);
	ck_assert_uint_eq(k->m.u.exited.out_end, 200000);
	ck_assert_uint_eq(client_got(cl, 1)->out_n, AGENT_CREDIT_FIRST);
	client_drop(k);
	client_ack(cl, 1, STREAM_OUT, 0, 1000000);
	client_wait_output(cl, 1, 200000);
	/* Kept until both are acknowledged. */
	client_exit_ack(cl, 1);
	client_close(cl);
	cl = client_attach(rig);
	ck_assert_uint_eq(cl->welcome.u.welcome.n_children, 1);
	client_drop(client_expect(cl, AGENT_EXITED, 1));
	client_exit_ack(cl, 1);
	client_wait_output(cl, 1, 200000);
	/* Then it is forgotten. A new attach may come before the last ACK is read; what is not known as had comes again. */
	for (attach = 0; attach < 100 && cl->welcome.u.welcome.n_children > 0; attach++) {
		client_run(cl, 50);
		client_close(cl);
		cl = client_attach(rig);
	}
	ck_assert_uint_eq(cl->welcome.u.welcome.n_children, 0);
}
END_TEST

/* What was not acknowledged comes again after an attach, from the last ACK on; nothing twice beyond that, nothing lost. */
START_TEST(resend_after_attach)
{
	struct kept *k;
	char expected[64];

	cl->no_ack = true;
	client_start(cl, 1, "i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; sleep 1000");
	client_wait_output(cl, 1, 18000);
	client_ack(cl, 1, STREAM_OUT, 70, 100000);
	client_run(cl, 50);
	client_close(cl);
	cl = client_connect(rig);
	client_got(cl, 1)->out_n = 70;
	client_got(cl, 1)->out_acked = 70;
	client_hello(cl, rig->epoch, ++rig->attach, NULL);
	k = client_expect(cl, AGENT_CHILD, 1);
	ck_assert_uint_eq(k->m.u.child.out_acked, 70);
	ck_assert_uint_gt(k->m.u.child.out_end, 17999);
	client_drop(k);
	client_wait_output(cl, 1, 18890); /* all of it: 10 x 7, 90 x 8, 900 x 9 and 1000 x 10 bytes */
	snprintf(expected, sizeof(expected), "line 10\nline 11\n");
	ck_assert_int_eq(strncmp(client_got(cl, 1)->out.data, expected, strlen(expected)), 0);
}
END_TEST

/* An ACK beyond what this connection has sent moves the sending on: the journal had it already. */
START_TEST(ack_sets_where_sending_begins)
{
	cl->no_ack = true;
	client_start(cl, 1, "head -c 60000 /dev/zero; sleep 0.3; echo behind; sleep 1000");
	client_wait_output(cl, 1, 60000);
	client_close(cl);
	cl = client_connect(rig);
	client_hello(cl, rig->epoch, ++rig->attach, NULL);
	client_ack(cl, 1, STREAM_OUT, 60000, 200000);
	client_got(cl, 1)->out_n = 60000;
	client_wait_output(cl, 1, 60007);
	ck_assert_str_eq(client_got(cl, 1)->out.data, "behind\n");
}
END_TEST

/* 1 GB without a newline: the agent's memory stays bounded, every byte arrives, siblings are not delayed. */
START_TEST(one_gigabyte)
{
	struct kept *k;
	mono_t begin;
	int64_t worst = 0;
	uint64_t token = 10;

	cl->keep = 0;
	cl->window = 1 << 20;
	client_start(cl, 1, "head -c 1073741824 /dev/zero");
	client_wait_output(cl, 1, 1 << 20);
	while (client_got(cl, 1)->out_n < 1000u << 20) {
		int64_t took;

		begin = mono_now();
		client_start(cl, ++token, "exit 7");
		k = client_expect(cl, AGENT_EXITED, token);
		took = mono_diff_us(mono_now(), begin);
		worst = took > worst ? took : worst;
		client_exit_ack(cl, token);
		client_drop(k);
		client_run(cl, 20);
	}
	ck_assert_int_lt(worst, 1000000);
	k = client_expect(cl, AGENT_EXITED, 1);
	ck_assert_uint_eq(k->m.u.exited.out_end, 1073741824);
	client_wait_output(cl, 1, 1073741824);
	client_drop(k);
	ck_assert_int_lt(agent_memory(), 40 << 10);
}
END_TEST

static bool
is_blocked_cb(void *arg)
{
	char path[64], text[512], *p;
	FILE *f;
	bool sleeping = false;

	snprintf(path, sizeof(path), "/proc/%d/wchan", *(pid_t *)arg);
	if ((f = fopen(path, "r")) == NULL)
		return false;
	p = fgets(text, sizeof(text), f);
	sleeping = p != NULL && strstr(text, "pipe") != NULL;
	fclose(f);
	return sleeping;
}

/* Nobody acknowledges: the agent reads up to its bound, then the child stands still; nothing is lost. */
START_TEST(back_pressure)
{
	struct kept *k;
	pid_t pid;

	cl->no_ack = true;
	cl->keep = 0;
	client_start(cl, 1, "exec head -c 100000000 /dev/zero");
	k = client_expect(cl, AGENT_STARTED, 1);
	pid = (pid_t)k->m.u.started.pid;
	client_drop(k);
	client_wait_output(cl, 1, AGENT_CREDIT_FIRST);
	wait_until(is_blocked_cb, &pid, "the child to block in its pipe");
	ck_assert_int_lt(agent_memory(), 16 << 10);
	/* Without a daemon it may go on a while, and then stands still too. */
	client_close(cl);
	poll(NULL, 0, 300);
	wait_until(is_blocked_cb, &pid, "the child to block again");
	ck_assert_int_lt(agent_memory(), 24 << 10);
	cl = client_attach(rig);
	cl->keep = 0;
	client_wait_output(cl, 1, 100000000);
	k = client_expect(cl, AGENT_EXITED, 1);
	ck_assert_uint_eq(k->m.u.exited.out_end, 100000000);
	client_drop(k);
}
END_TEST

static bool
is_full_cb(void *arg)
{
	(void)arg;
	return agent_memory() > 250 << 10;
}

/* The bound of all streams together stops those that are far from their own; it ends none. */
START_TEST(bound_of_all)
{
	enum { CHILDREN = 50 };

	cl->keep = 0;
	cl->no_ack = true;
	for (uint64_t i = 1; i <= CHILDREN; i++)
		client_start(cl, i, "exec head -c 7000000 /dev/zero");
	for (uint64_t i = 1; i <= CHILDREN; i++)
		client_drop(client_expect(cl, AGENT_STARTED, i));
	/* Attached, no stream is read more than 1 MiB ahead. */
	client_close(cl);
	wait_until(is_full_cb, NULL, "the agent to keep all it may");
	cl = client_attach(rig);
	cl->keep = 0;
	for (uint64_t i = 1; i <= CHILDREN; i++) {
		ck_assert_int_eq(client_exit(cl, i), 0);
		client_wait_output(cl, i, 7000000);
	}
}
END_TEST

/* Two floods and a whisper: turns. */
START_TEST(fairness)
{
	mono_t begin;

	cl->keep = 1000;
	client_start(cl, 1, "exec cat /dev/zero");
	client_start(cl, 2, "exec cat /dev/zero");
	client_wait_output(cl, 1, 50 << 20);
	client_wait_output(cl, 2, 50 << 20);
	client_start(cl, 3, "while read x; do echo $x; done </dev/null; echo whisper; sleep 1000");
	begin = mono_now();
	client_wait_output(cl, 3, 8);
	ck_assert_int_lt(mono_diff_us(mono_now(), begin), 1000000);
	ck_assert_uint_lt(client_got(cl, 1)->out_n, 16 * client_got(cl, 2)->out_n);
	ck_assert_uint_lt(client_got(cl, 2)->out_n, 16 * client_got(cl, 1)->out_n);
}
END_TEST

/* Pings go out and a child's end is told though the daemon gives a flood no credit at all. */
START_TEST(heartbeat_overtakes)
{
	unsigned before;

	cl->no_ack = true;
	cl->keep = 0;
	client_start(cl, 1, "exec cat /dev/zero");
	client_wait_output(cl, 1, AGENT_CREDIT_FIRST);
	before = cl->pings;
	client_start(cl, 2, "exit 2");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 2)), 2);
	client_run(cl, 4000);
	ck_assert_uint_gt(cl->pings, before);
}
END_TEST

/* The content, through every kind of piece: small writes, large ones, both streams. */
START_TEST(every_byte_in_order)
{
	uint64_t sum = 0, n = 0;
	char line[64];

	cl->keep = 0;
	client_start(cl, 1,
	    "awk 'BEGIN { for (i = 0; i < 300000; i++) { print \"line \" i \" of many\"; if (i % 1000 == 0) fflush() } }'");
	client_drop(client_expect(cl, AGENT_EXITED, 1));
	for (int i = 0; i < 300000; i++) {
		int len = snprintf(line, sizeof(line), "line %d of many\n", i);

		for (int k = 0; k < len; k++)
			sum = sum * 31 + (unsigned char)line[k];
		n += (uint64_t)len;
	}
	ck_assert_uint_eq(client_got(cl, 1)->out_n, n);
	ck_assert_uint_eq(client_got(cl, 1)->sum, sum);
}
END_TEST

/* Many children with a line each cost little more than the lines. */
START_TEST(memory_of_many)
{
	const char *const argv[] = { "sh", "-c", "echo a line that is kept; exec sleep 1000", NULL };
	long before, after;

	/* What many starts at once need passes. */
	for (uint64_t i = 1001; i <= 1300; i++)
		client_start(cl, i, "exit 0");
	for (uint64_t i = 1001; i <= 1300; i++)
		client_exit(cl, i);
	cl->no_ack = true;
	before = agent_memory();
	for (uint64_t i = 1; i <= 400; i++)
		client_send(cl, client_order(i, argv));
	for (uint64_t i = 1; i <= 400; i++)
		client_wait_output(cl, i, 20);
	after = agent_memory();
#ifdef WITH_SANITIZERS
	ck_assert_int_lt(after - before, 400 * 16);
#else
	ck_assert_int_lt(after - before, 400 * 2);
#endif
}
END_TEST

/* A start that hangs, on a file system that never answers. */

/* /dev/fuse mounted on dir, of which only the first request is answered. -1: cannot be had here. */
static int
mount_dead(const char *dir)
{
	struct {
		struct fuse_in_header head;
		struct fuse_init_in init;
		char more[8192];
	} in;
	struct {
		struct fuse_out_header head;
		struct fuse_init_out init;
	} out = { .head = { .error = 0 } };
	char options[128];
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd == -1)
		return -1;
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (mount("dead", dir, "fuse", 0, options) == -1 || read(fd, &in, sizeof(in)) <= 0) {
		close(fd);
		return -1;
	}
	out.head.len = sizeof(out);
	out.head.unique = in.head.unique;
	out.init.major = FUSE_KERNEL_VERSION;
	out.init.minor = FUSE_KERNEL_MINOR_VERSION;
	out.init.max_write = 65536;
	if (write(fd, &out, sizeof(out)) != (ssize_t)sizeof(out)) {
		umount2(dir, MNT_DETACH);
		close(fd);
		return -1;
	}
	return fd;
}

static void
start_in_dead_mount(const char *dir, uint64_t token, bool by_chdir)
{
	char program[160];
	const char *const argv[] = { program, NULL };
	struct agent_msg *m;

	snprintf(program, sizeof(program), by_chdir ? "/bin/true" : "%s/program", dir);
	m = client_order(token, argv);
	if (by_chdir)
		m->u.start.cwd = dir;
	client_send(cl, m);
}

START_TEST(hanging_start_stops_nobody)
{
	char dir[96];
	unsigned pings;
	mono_t begin;
	int fuse;

	snprintf(dir, sizeof(dir), "%s/dead", rig->dir);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	if ((fuse = mount_dead(dir)) == -1)
		return; /* neither root nor /dev/fuse: nothing that hangs can be had */
	for (uint64_t token = 1; token <= 40; token++)
		start_in_dead_mount(dir, token, token % 2 == 0);
	begin = mono_now();
	for (uint64_t token = 101; token <= 150; token++)
		client_start(cl, token, "exit 0");
	for (uint64_t token = 101; token <= 150; token++)
		ck_assert_int_eq(client_exit(cl, token), 0);
	ck_assert_int_lt(mono_diff_us(mono_now(), begin), 5000000);
	/* Neither is the lease harmed. */
	pings = cl->pings;
	client_run(cl, 4000);
	ck_assert_uint_gt(cl->pings, pings);
	ck_assert_ptr_null(client_maybe(cl, AGENT_STARTED, 1, 0));
	/* S32: told to stop, they end (a mount whose server reads nothing can be interrupted). */
	for (uint64_t token = 1; token <= 40; token++)
		client_signal(cl, token, SIGKILL, true);
	for (uint64_t token = 1; token <= 40; token++)
		ck_assert_int_eq(WTERMSIG(client_exit(cl, token)), SIGKILL);
	umount2(dir, MNT_DETACH);
	close(fuse);
}
END_TEST

/* EMFILE and EAGAIN end a start, not the agent. */
START_TEST(out_of_descriptors)
{
	struct rlimit few;
	const char *const argv[] = { "sleep", "1000", NULL };
	unsigned started = 0, failed = 0;
	struct client *other;

	ck_assert_int_eq(prlimit(rig_agent_pid(rig), RLIMIT_NOFILE, NULL, &few), 0);
	few.rlim_cur = 100;
	ck_assert_int_eq(prlimit(rig_agent_pid(rig), RLIMIT_NOFILE, &few, NULL), 0);
	for (uint64_t i = 1; i <= 100; i++)
		client_send(cl, client_order(i, argv));
	while (started + failed < 100) {
		struct kept *k;

		if ((k = client_maybe(cl, AGENT_STARTED, 0, 50)) != NULL) {
			started++;
			client_drop(k);
		}
		if ((k = client_maybe(cl, AGENT_START_FAILED, 0, 50)) != NULL) {
			ck_assert_int_eq(k->m.u.start_failed.error, EMFILE);
			failed++;
			client_drop(k);
		}
	}
	ck_assert_uint_gt(started, 5);
	ck_assert_uint_gt(failed, 5);
	/* The reserve lets a new daemon in. */
	other = client_attach(rig);
	client_close(cl);
	cl = other;
	ck_assert_uint_eq(cl->welcome.u.welcome.n_children, started);
	for (uint64_t i = 1; i <= 100; i++)
		client_signal(cl, i, SIGKILL, true);
	for (unsigned i = 0; i < started; i++)
		client_drop(client_expect(cl, AGENT_EXITED, 0));
	client_start(cl, 200, "exit 3");
	ck_assert_int_eq(WEXITSTATUS(client_exit(cl, 200)), 3);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agent_output");
	TCase *t = tcase_create("output");

	tcase_set_timeout(t, 120);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, first_credit);
	tcase_add_test(t, exit_names_its_output);
	tcase_add_test(t, resend_after_attach);
	tcase_add_test(t, ack_sets_where_sending_begins);
	tcase_add_test(t, one_gigabyte);
	tcase_add_test(t, back_pressure);
	tcase_add_test(t, bound_of_all);
	tcase_add_test(t, fairness);
	tcase_add_test(t, heartbeat_overtakes);
	tcase_add_test(t, every_byte_in_order);
	tcase_add_test(t, memory_of_many);
	tcase_add_test(t, hanging_start_stops_nobody);
	tcase_add_test(t, out_of_descriptors);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
