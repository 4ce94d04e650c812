/* The room of the operating system: files, locks, processes, notify, spawn, reap. */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mono.h"
#include "os/coproc.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/hostid.h"
#include "os/lockfile.h"
#include "os/notify.h"
#include "os/proc.h"
#include "os/reap.h"
#include "os/sock.h"
#include "os/spawn.h"
#include "unit.h"

static char dir[64];
static char path[128];

static void
setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/tx-os-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
}

static void
teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

START_TEST(atomic_write)
{
	struct buf b = BUF_INIT(100);
	struct err err = ERR_INIT;
	struct stat st;

	ck_assert_int_eq(file_write_atomic(path, "one\n", 4, 0640, &err), 0);
	ck_assert_int_eq(file_write_atomic(path, "two\n", 4, 0640, &err), 0);
	ck_assert_int_eq(file_read(path, &b, &err), 0);
	ck_assert_str_eq(b.data, "two\n");
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0640);
	ck_assert_int_eq(file_write_atomic("/nonexistent/x", "x", 1, 0600, &err), -1);
	ck_assert_int_eq(err.code, ENOENT);
	buf_release(&b);
}
END_TEST

START_TEST(read_is_bounded)
{
	struct buf b = BUF_INIT(10);
	struct err err = ERR_INIT;

	ck_assert_int_eq(file_write_atomic(path, "0123456789abc", 13, 0600, &err), 0);
	ck_assert_int_eq(file_read(path, &b, &err), -1);
	ck_assert_int_eq(err.code, EFBIG);
	buf_release(&b);
}
END_TEST

START_TEST(directories_with_parents)
{
	struct err err = ERR_INIT;
	char deep[160];
	struct stat st;

	snprintf(deep, sizeof(deep), "%s/a/b//c/", dir);
	ck_assert_int_eq(dir_make(deep, 0750, &err), 0);
	ck_assert_int_eq(dir_make(deep, 0750, &err), 0);
	ck_assert_int_eq(stat(deep, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0750);
	ck_assert_int_eq(file_write_atomic(path, "x", 1, 0600, &err), 0);
	ck_assert_int_eq(dir_make(path, 0750, &err), -1);
	ck_assert_int_eq(err.code, ENOTDIR);
}
END_TEST

START_TEST(descriptors_move_up)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC), up = fd_move_up(fd, 100);

	ck_assert_int_ge(up, 100);
	ck_assert_int_eq(fcntl(fd, F_GETFD), -1);
	ck_assert_int_eq(fcntl(up, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq(fd_move_up(up, 100), up);
	ck_assert_int_eq(fd_move_up(-1, 100), -1);
	fd_close(&up);
	ck_assert_int_eq(up, -1);
}
END_TEST

/* A second owner waits, and is told who has it. */
START_TEST(lock_has_one_owner)
{
	struct lockfile_owner o = { { 12, 34 }, { 56, 78 }, true }, r;
	struct err err = ERR_INIT;
	int a = lockfile_open(path, &err), b = lockfile_open(path, &err);

	ck_assert_int_eq(lockfile_try(a), 0);
	ck_assert_int_eq(lockfile_try(b), -1);
	ck_assert_int_eq(errno, EWOULDBLOCK);
	ck_assert_int_eq(lockfile_read(path, &r), -1);
	ck_assert_int_eq(lockfile_write(a, &o, &err), 0);
	ck_assert_int_eq(lockfile_read(path, &r), 0);
	ck_assert_int_eq(r.owner.pid, 12);
	ck_assert_uint_eq(r.worker.start, 78);
	ck_assert(r.clean);
	close(a);
	ck_assert_int_eq(lockfile_wait(b, 1000, NULL, NULL), 0);
	close(b);
}
END_TEST

static bool
count_to_three(void *arg)
{
	return ++*(int *)arg < 3;
}

START_TEST(waiting_for_a_lock_can_end)
{
	struct err err = ERR_INIT;
	int a = lockfile_open(path, &err), b = lockfile_open(path, &err), n = 0;

	ck_assert_int_eq(lockfile_try(a), 0);
	ck_assert_int_eq(lockfile_wait(b, 10, count_to_three, &n), -1);
	ck_assert_int_eq(n, 3);
	close(a);
	close(b);
}
END_TEST

START_TEST(processes_are_who_they_are)
{
	struct proc_id me, other;
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	ck_assert_int_eq(proc_identify(getpid(), &me), 0);
	ck_assert(proc_lives(&me));
	me.start++;
	ck_assert(!proc_lives(&me));
	ck_assert_int_eq(proc_signal(&me, SIGKILL), -1); /* not us: another start */
	ck_assert_int_eq(errno, ESRCH);
	ck_assert_int_eq(proc_identify(pid, &other), 0);
	ck_assert_int_eq(proc_signal(&other, SIGKILL), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!proc_lives(&other));
	ck_assert_int_eq(proc_signal(&other, 0), -1);
}
END_TEST

START_TEST(ids_of_the_host)
{
	char boot[HOSTID_SIZE], again[HOSTID_SIZE];

	hostid_boot(boot);
	hostid_boot(again);
	ck_assert_uint_eq(strlen(boot), 36);
	ck_assert_str_eq(boot, again);
}
END_TEST

START_TEST(notify_both_ends)
{
	char name[NOTIFY_NAME_SIZE], text[NOTIFY_TEXT_SIZE];
	struct err err = ERR_INIT;
	int fd = notify_listen(name, &err);
	const char *p;
	size_t n;
	pid_t pid;

	ck_assert_int_ne(fd, -1);
	unsetenv("NOTIFY_SOCKET");
	ck_assert_int_eq(notify_send("READY=1"), 0);
	setenv("NOTIFY_SOCKET", name, 1);
	ck_assert_int_eq(notify_receive(fd, text, &pid), 0);
	ck_assert_int_eq(notify_send("READY=1\nSTATUS=%s", "all well"), 1);
	ck_assert_int_eq(notify_receive(fd, text, &pid), 1);
	ck_assert_int_eq(pid, getpid());
	p = notify_field(text, "STATUS", &n);
	ck_assert_uint_eq(n, 8);
	ck_assert_mem_eq(p, "all well", 8);
	ck_assert_ptr_null(notify_field(text, "TATUS", &n));
	ck_assert_ptr_null(notify_field(text, "READ", &n));
	close(fd);
	setenv("NOTIFY_SOCKET", "/nonexistent/socket", 1);
	ck_assert_int_eq(notify_send("READY=1"), -1);
}
END_TEST

START_TEST(sockets_by_path)
{
	struct err err = ERR_INIT;
	struct sock_peer peer;
	struct stat st;
	int l, c, again;

	ck_assert_int_eq(sock_connect(path, &err), -1);
	ck_assert_int_eq(err.code, ENOENT);
	l = sock_listen(path, 0600, &err);
	ck_assert_int_ne(l, -1);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 0777, 0600);
	c = sock_connect(path, &err);
	ck_assert_int_ne(c, -1);
	ck_assert_int_eq(sock_peer(c, &peer), 0);
	ck_assert_int_eq(peer.pid, getpid());
	close(l);
	ck_assert_int_eq(sock_connect(path, &err), -1);
	ck_assert_int_eq(err.code, ECONNREFUSED);
	/* What a dead one left is replaced. */
	again = sock_listen(path, 0600, &err);
	ck_assert_int_ne(again, -1);
	close(again);
	close(c);
}
END_TEST

static const char *const env[] = { "PATH=/nonexistent:/usr/bin:/bin", "A=b", NULL };

static int
run(struct spawner *sp, const char *const *argv, char *text, size_t size, struct err *err)
{
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	int p[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe2(p, O_CLOEXEC), 0);
	plan.argv = argv;
	plan.env = env;
	plan.fds[1] = p[1];
	plan.fds[2] = SPAWN_SAME_AS_OUT;
	plan.session = true;
	p[0] = fd_move_up(p[0], SPAWN_FD_LIMIT);
	if (spawn_now(sp, &plan, &pid, err) == -1) {
		close(p[0]);
		return -1;
	}
	n = fd_read_full(p[0], text, size - 1);
	ck_assert_int_ge(n, 0);
	text[n] = '\0';
	close(p[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

START_TEST(spawn_runs_and_fails)
{
	const char *const echo[] = { "sh", "-c", "echo $A; ls /proc/self/fd | wc -l; exit 3", NULL };
	const char *const none[] = { "no-such-program", NULL };
	struct err err = ERR_INIT;
	struct spawner *sp = spawner_new(&err);
	char text[256];
	int many[300];

	ck_assert_ptr_nonnull(sp);
	/* A large table of files, which the child must not inherit; not close-on-exec on purpose. */
	for (int i = 0; i < 300; i++)
		many[i] = fcntl(0, F_DUPFD, SPAWN_FD_LIMIT);
	for (int i = 0; i < 50; i++) {
		ck_assert_int_eq(WEXITSTATUS(run(sp, echo, text, sizeof(text), &err)), 3);
		ck_assert_str_eq(text, "b\n4\n");
	}
	ck_assert_int_eq(run(sp, none, text, sizeof(text), &err), -1);
	ck_assert_int_eq(err.code, ENOENT);
	ck_assert_ptr_nonnull(strstr(err.msg, "exec"));
	ck_assert_uint_eq(spawner_pending(sp), 0);
	for (int i = 0; i < 300; i++)
		close(many[i]);
	spawner_free(sp);
}
END_TEST

/* errno, memory and signals of the parent are its own, though the memory is shared. */
START_TEST(spawn_leaves_the_parent_alone)
{
	const char *const fails[] = { "/nonexistent", NULL };
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	struct err err = ERR_INIT;
	struct spawner *sp = spawner_new(&err);
	struct spawn_failure failure;
	sigset_t before, after;
	/* libc's set has room for more signals than the kernel fills in. */
	const size_t filled = 8;
	struct spawn *s;

	plan.argv = fails;
	plan.env = env;
	sigprocmask(SIG_SETMASK, NULL, &before);
	for (int i = 0; i < 200; i++) {
		struct pollfd pfd = { .events = POLLIN };
		enum spawn_progress progress;

		ck_assert_int_eq(spawn_start(sp, &plan, &s, &failure), 0);
		errno = EILSEQ;
		for (volatile int k = 0; k < 20000; k++)
			;
		ck_assert_int_eq(errno, EILSEQ);
		pfd.fd = spawn_fd(s);
		while ((progress = spawn_check(s, &failure)) == SPAWN_UNDERWAY)
			poll(&pfd, 1, -1);
		ck_assert_int_eq(progress, SPAWN_FAILED);
		ck_assert_int_eq(failure.step, SPAWN_STEP_EXEC);
		ck_assert_int_eq(failure.error, ENOENT);
		ck_assert_int_eq(waitpid(spawn_pid(s), NULL, 0), spawn_pid(s));
		spawn_free(s);
	}
	sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert_mem_eq(&before, &after, filled);
	spawner_free(sp);
}
END_TEST

/* The child looks at the deadline itself, just before exec. */
START_TEST(spawn_past_the_deadline)
{
	const char *const argv[] = { "true", NULL };
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	struct err err = ERR_INIT;
	struct spawner *sp = spawner_new(&err);
	_Atomic int64_t deadline = mono_now().us - 1;
	pid_t pid;

	plan.argv = argv;
	plan.env = env;
	plan.deadline_us = &deadline;
	ck_assert_int_eq(spawn_now(sp, &plan, &pid, &err), -1);
	ck_assert_int_eq(err.code, ETIME);
	deadline = mono_now().us + 10000000;
	ck_assert_int_eq(spawn_now(sp, &plan, &pid, &err), 0);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	spawner_free(sp);
}
END_TEST

static void
await(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	ck_assert_int_eq(poll(&pfd, 1, 20000), 1);
}

/* A program to talk with: both ways, its complaints apart, its helpers end with it, and nothing waits for it. */
START_TEST(coproc_talks)
{
	static const char *const argv[] = { "sh", "-c", "sleep 1000 & echo $! >&2; exec cat", NULL };
	static const char *const missing[] = { "/no/such/program", NULL };
	struct err err = ERR_INIT;
	struct spawner *sp = spawner_new(&err);
	struct coproc c;
	char text[64] = "";
	int status, lowest = open("/dev/null", O_RDONLY | O_CLOEXEC);
	pid_t helper, pid;

	close(lowest);
	ck_assert_int_eq(coproc_start(sp, argv, &c, &err), 0);
	ck_assert_int_eq(getsid(c.pid), c.pid);
	ck_assert_int_ge(c.fd, SPAWN_FD_LIMIT);
	await(c.err_fd);
	ck_assert_int_gt(read(c.err_fd, text, sizeof(text) - 1), 0);
	helper = (pid_t)strtol(text, NULL, 10);
	ck_assert_int_eq(send(c.fd, "hello", 5, MSG_NOSIGNAL), 5);
	await(c.fd);
	ck_assert_int_eq(recv(c.fd, text, sizeof(text), 0), 5);
	ck_assert(memcmp(text, "hello", 5) == 0);
	ck_assert(!coproc_reap(&c, &status));
	/* The end of its input is that of the program; its helper goes when it is reaped. */
	ck_assert_int_eq(shutdown(c.fd, SHUT_WR), 0);
	await(c.pidfd);
	pid = c.pid;
	ck_assert(coproc_reap(&c, &status));
	ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	ck_assert_int_eq(kill(pid, 0), -1);
	for (int i = 0; i < 2000 && kill(helper, 0) == 0 && !reap_has_ended(helper); i++) {
		struct proc_id id;

		if (proc_identify(helper, &id) == -1 || !proc_lives(&id))
			break;
		poll(NULL, 0, 10);
	}
	{
		struct proc_id id;

		ck_assert(proc_identify(helper, &id) == -1 || !proc_lives(&id));
	}
	coproc_release(&c);

	ck_assert_int_eq(coproc_start(sp, argv, &c, &err), 0);
	coproc_kill(&c);
	await(c.pidfd);
	ck_assert(coproc_reap(&c, &status));
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	coproc_release(&c);

	ck_assert_int_eq(coproc_start(sp, missing, &c, &err), -1);
	ck_assert_str_eq(err.msg, "/no/such/program: exec: No such file or directory");
	/* Nothing is left open by any of them. */
	status = open("/dev/null", O_RDONLY | O_CLOEXEC);
	ck_assert_int_eq(status, lowest);
	close(status);
	spawner_free(sp);
}
END_TEST

/* Zombies are seen before they are reaped; reap_all leaves nobody, strays neither. */
START_TEST(reaping)
{
	struct reaped r;
	pid_t pid = fork();

	if (pid == 0)
		_exit(7);
	while (!reap_has_ended(pid))
		poll(NULL, 0, 1);
	ck_assert_int_eq(reap_peek(), pid);
	ck_assert_int_eq(kill(pid, 0), 0); /* the number is still held */
	ck_assert_int_eq(reap_take(pid, &r), 0);
	ck_assert_int_eq(WEXITSTATUS(r.status), 7);
	ck_assert_int_eq(reap_take(pid, &r), -1);
	ck_assert_int_eq(reap_peek(), -1);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			setsid();
			if (fork() == 0)
				setsid();
			if (fork() == 0)
				setsid();
			for (;;)
				pause();
		}
	reap_all();
	ck_assert_int_eq(reap_peek(), -1);
}
END_TEST

/* S69: by the environment, exactly. */
START_TEST(sweep_finds_the_marked)
{
	struct err err = ERR_INIT;
	char marked[96], other[96];
	pid_t a, b;

	snprintf(marked, sizeof(marked), "TX_SWEEP=%s", dir);
	snprintf(other, sizeof(other), "TX_SWEEP=%sx", dir);
	if ((a = fork()) == 0) {
		char *const e[] = { marked, NULL };

		execle("/bin/sleep", "sleep", "1000", NULL, e);
		_exit(1);
	}
	if ((b = fork()) == 0) {
		char *const e[] = { other, NULL };

		execle("/bin/sleep", "sleep", "1000", NULL, e);
		_exit(1);
	}
	/* Until both have their environment. */
	for (char text[128] = ""; proc_env(a, "TX_SWEEP", text, sizeof(text)) == -1;)
		poll(NULL, 0, 1);
	for (char text[128] = ""; proc_env(b, "TX_SWEEP", text, sizeof(text)) == -1;)
		poll(NULL, 0, 1);
	ck_assert_int_eq(proc_sweep("TX_SWEEP", dir, &err), 1);
	ck_assert_int_eq(waitpid(a, NULL, WNOHANG), a);
	ck_assert_int_eq(waitpid(b, NULL, WNOHANG), 0);
	kill(b, SIGKILL);
	ck_assert_int_eq(waitpid(b, NULL, 0), b);
}
END_TEST

START_TEST(users)
{
	struct user_ids ids;
	struct err err = ERR_INIT;

	ck_assert_int_eq(user_resolve("root", "", &ids, &err), 0);
	ck_assert_uint_eq(ids.uid, 0);
	ck_assert_uint_ge(ids.n_groups, 1);
	user_release(&ids);
	ck_assert_int_eq(user_resolve("12345", "54321", &ids, &err), 0);
	ck_assert_uint_eq(ids.uid, 12345);
	ck_assert_uint_eq(ids.gid, 54321);
	user_release(&ids);
	ck_assert_int_eq(user_resolve("no such user", "", &ids, &err), -1);
	ck_assert_int_eq(user_resolve("root", "no such group", &ids, &err), -1);
	ck_assert_ptr_nonnull(strstr(err.msg, "no such group"));
	user_release(&ids);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("os");
	TCase *t = tcase_create("os");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, atomic_write);
	tcase_add_test(t, read_is_bounded);
	tcase_add_test(t, directories_with_parents);
	tcase_add_test(t, descriptors_move_up);
	tcase_add_test(t, lock_has_one_owner);
	tcase_add_test(t, waiting_for_a_lock_can_end);
	tcase_add_test(t, processes_are_who_they_are);
	tcase_add_test(t, ids_of_the_host);
	tcase_add_test(t, notify_both_ends);
	tcase_add_test(t, sockets_by_path);
	tcase_add_test(t, spawn_runs_and_fails);
	tcase_add_test(t, spawn_leaves_the_parent_alone);
	tcase_add_test(t, spawn_past_the_deadline);
	tcase_add_test(t, coproc_talks);
	tcase_add_test(t, reaping);
	tcase_add_test(t, sweep_finds_the_marked);
	tcase_add_test(t, users);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
