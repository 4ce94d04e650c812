/* The sandbox: what it forbids, what it denies and counts, what goes on inside. */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "os/sandbox.h"
#include "unit.h"

#define MIB (UINT64_C(1) << 20)
#if defined(WITH_SANITIZERS)
#define COUNTED false /* what they do themselves cannot be trapped */
#else
#define COUNTED true
#endif

static char dir[64]; /* one that may be read inside */
static bool offline;
static char said[1024]; /* on standard error, by the last one inside */

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	ck_assert_ptr_nonnull(f);
	fputs(text, f);
	fclose(f);
}

static void
setup(void)
{
	char path[96];

	snprintf(dir, sizeof(dir), "/tmp/tx-sandbox-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	ck_assert_int_eq(chmod(dir, 0755), 0);
	snprintf(path, sizeof(path), "%s/certificate", dir);
	write_file(path, "trust\n");
}

static void
teardown(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void
enter(struct sandbox_report *r)
{
	const char *readable[] = { dir, "/no/such/file", NULL };
	struct sandbox_options options = { .readable = readable, .memory = 256 * MIB, .files = 64, .offline = offline, .read_on = offline };

	sandbox_enter(&options, r);
}

/*
 * Run this in a sandbox, in a process of its own; what it returns is its exit status. The wait
 * status is returned, standard error stands in `said`.
 */
static int
inside(int (*run)(const struct sandbox_report *r, int arg), int arg)
{
	int fds[2], status;
	ssize_t n;
	size_t len = 0;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	ck_assert_int_ne(pid, -1);
	if (pid == 0) {
		struct sandbox_report r;

		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		enter(&r);
		_exit(run(&r, arg));
	}
	close(fds[1]);
	while ((n = read(fds[0], said + len, sizeof(said) - 1 - len)) > 0)
		len += (size_t)n;
	said[len] = '\0';
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return status;
}

/* Within `inside`: the line where it is wrong becomes the exit status. */
#define WANT(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "line %d: errno %d\n", __LINE__, errno); \
			return 1; \
		} \
	} while (0)

#define ck_assert_fine(run, arg) \
	do { \
		int status_ = inside((run), (arg)); \
		ck_assert_msg(status_ == 0, "status %#x: %s", (unsigned)status_, said); \
	} while (0)

static bool
has(const struct sandbox_report *r, const char *part)
{
	return strstr(r->missing, part) == NULL;
}

static int
report_seccomp(const struct sandbox_report *r, int arg)
{
	(void)arg;
	return has(r, "seccomp") ? 0 : 1;
}

static int
report_landlock(const struct sandbox_report *r, int arg)
{
	(void)arg;
	return r->landlock;
}

static void
call_execve(void)
{
	char *argv[] = { NULL };

	execve("/bin/true", argv, argv);
}

static void
call_fork(void)
{
	if (syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) == 0)
		_exit(0);
}

static void
call_unlink(void)
{
	syscall(SYS_unlinkat, AT_FDCWD, "/tmp/tx-nothing", 0);
}

static void
call_rename(void)
{
	syscall(SYS_renameat2, AT_FDCWD, "/tmp/tx-nothing", AT_FDCWD, "/tmp/tx-other", 0);
}

static void
call_ptrace(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static void
call_mount(void)
{
	mount("none", "/mnt", "tmpfs", 0, NULL);
}

static void
call_unshare(void)
{
	unshare(CLONE_NEWUSER);
}

static void
call_packet_socket(void)
{
	if (socket(AF_PACKET, SOCK_RAW, 0) == -1)
		return;
}

static void
call_tiocsti(void)
{
	ioctl(STDIN_FILENO, TIOCSTI, "x");
}

static void
call_kill(void)
{
	kill(getppid(), 0);
}

static void
call_listen(void)
{
	listen(socket(AF_INET, SOCK_STREAM, 0), 1);
}

static void
call_setrlimit(void)
{
	struct rlimit limit = { 1, 1 };

	setrlimit(RLIMIT_NOFILE, &limit);
}

static const struct {
	const char *name;
	void (*call)(void);
	bool sanitizers; /* need it themselves */
} forbidden[] = {
	{ "execve", call_execve, false },
	{ "clone", call_fork, true },
	{ "unlinkat", call_unlink, false },
	{ "renameat2", call_rename, false },
	{ "ptrace", call_ptrace, true },
	{ "mount", call_mount, false },
	{ "unshare", call_unshare, false },
	{ "socket", call_packet_socket, false },
	{ "ioctl", call_tiocsti, false },
	{ "kill", call_kill, true },
	{ "listen", call_listen, false },
	{ "prlimit64", call_setrlimit, true },
};

static int
run_forbidden(const struct sandbox_report *r, int i)
{
	(void)r;
	forbidden[i].call();
	return 9; /* it lives */
}

/* P38: what nobody needs ends the process, by its name. */
START_TEST(forbidden_calls_end_the_process)
{
	char want[96];
	int status;

	if (inside(report_seccomp, 0) != 0)
		return; /* this kernel has no filter: the report says so, which another test sees */
#if defined(WITH_SANITIZERS)
	if (forbidden[_i].sanitizers)
		return;
#endif
	status = inside(run_forbidden, _i);
	snprintf(want, sizeof(want), "sandbox: system call %s is not allowed\n", forbidden[_i].name);
	ck_assert_msg(WIFSIGNALED(status), "%s: status %#x: %s", forbidden[_i].name, (unsigned)status, said);
	ck_assert_int_eq(WTERMSIG(status), SIGSYS);
	ck_assert_str_eq(said, want);
}
END_TEST

static void *
forbidden_thread(void *arg)
{
	call_unlink();
	return arg;
}

static int
run_thread_violation(const struct sandbox_report *r, int arg)
{
	pthread_t thread;

	(void)r;
	WANT(pthread_create(&thread, NULL, forbidden_thread, NULL) == 0);
	pthread_join(thread, NULL);
	return arg;
}

START_TEST(a_thread_ends_the_process_too)
{
	int status;

	if (inside(report_seccomp, 0) != 0)
		return;
	status = inside(run_thread_violation, 0);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %#x: %s", (unsigned)status, said);
	ck_assert_str_eq(said, "sandbox: system call unlinkat is not allowed\n");
}
END_TEST

static int
run_unknown(const struct sandbox_report *r, int arg)
{
	(void)r;
	WANT(!COUNTED || (syscall(100000) == -1 && errno == ENOSYS));
	return arg;
}

START_TEST(a_call_of_the_future_is_not_there)
{
	ck_assert_fine(run_unknown, 0);
}
END_TEST

static int
run_files(const struct sandbox_report *r, int arg)
{
	char path[96], text[16];
	int fd;

	(void)r;
	snprintf(path, sizeof(path), "%s/certificate", dir);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	WANT(fd != -1);
	WANT(read(fd, text, sizeof(text)) == 6 && memcmp(text, "trust\n", 6) == 0);
	close(fd);
	WANT(open("/etc/no-such-file", O_RDONLY) == -1 && errno == ENOENT);
	WANT(sandbox_denied() == 0 && sandbox_last_denied()[0] == '\0');
	WANT(open("/etc/passwd", O_RDONLY) == -1 && errno == EACCES);
	WANT(!COUNTED || sandbox_denied() == 1);
	WANT(!COUNTED || strcmp(sandbox_last_denied(), "/etc/passwd") == 0);
	WANT(open("/", O_RDONLY | O_DIRECTORY) == -1 && errno == EACCES);
#if !defined(WITH_SANITIZERS)
	WANT(open("/proc/self/environ", O_RDONLY) == -1 && (errno == EACCES || errno == ENOENT));
#endif
	if (!COUNTED)
		return arg;
	WANT(open(path, O_RDWR) == -1 && errno == EACCES);
	WANT(open("/tmp/tx-new", O_WRONLY | O_CREAT, 0644) == -1 && errno == EACCES);
	snprintf(path, sizeof(path), "%s/../../etc/passwd", dir);
	WANT(open(path, O_RDONLY) == -1 && errno == EACCES);
#if defined(SYS_open)
	WANT(syscall(SYS_open, "/etc/passwd", O_RDONLY) == -1 && errno == EACCES);
	WANT(sandbox_denied() >= 5);
#endif
	return arg;
}

/* P38: files are denied and counted, but for certificates. */
START_TEST(files_are_denied_and_counted)
{
	if (WEXITSTATUS(inside(report_landlock, 0)) == 0)
		return;
	ck_assert_fine(run_files, 0);
}
END_TEST

static int
run_bind(const struct sandbox_report *r, int arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (r->landlock < 4)
		return arg;
	WANT(fd != -1);
	WANT(bind(fd, (struct sockaddr *)&sin, sizeof(sin)) == -1 && errno == EACCES);
	WANT(!COUNTED || (sandbox_denied() == 1 && strcmp(sandbox_last_denied(), "bind") == 0));
	return arg;
}

START_TEST(no_server_is_opened)
{
	ck_assert_fine(run_bind, 0);
}
END_TEST

static void *
resolve(void *arg)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;

	if (getaddrinfo("localhost", "http", &hints, &list) == 0) {
		freeaddrinfo(list);
		*(int *)arg = 1;
	}
	return NULL;
}

static int
run_resolve(const struct sandbox_report *r, int arg)
{
	pthread_t threads[8];
	int found[8] = { 0 };
	unsigned i;

	(void)r;
	for (i = 0; i < ARRAY_LEN(threads); i++)
		WANT(pthread_create(&threads[i], NULL, resolve, &found[i]) == 0);
	for (i = 0; i < ARRAY_LEN(threads); i++)
		pthread_join(threads[i], NULL);
	for (i = 0; i < ARRAY_LEN(threads); i++)
		WANT(found[i] == 1);
	fprintf(stderr, "%s", sandbox_last_denied());
	WANT(sandbox_denied() == 0);
	WANT(!sandbox_is_outdated());
	return arg;
}

START_TEST(names_are_resolved_in_threads)
{
	ck_assert_fine(run_resolve, 0);
}
END_TEST

static int
run_socket(const struct sandbox_report *r, int arg)
{
	(void)r;
	(void)arg;
	return socket(AF_INET, SOCK_STREAM, 0) == -1 ? 1 : 0;
}

/* A file that only root may read, to one who was root. */
static int
run_read_on(const struct sandbox_report *r, int arg)
{
	char path[96];

	snprintf(path, sizeof(path), "%s/certificate", dir);
	WANT(r->landlock == 0 || open("/etc/shadow", O_RDONLY) == -1);
	WANT(open(path, O_RDONLY) != -1);
	WANT(!COUNTED || open(path, O_RDWR) == -1);
	return arg;
}

START_TEST(offline_without_network)
{
	char path[96];
	int status;

	if (inside(report_seccomp, 0) != 0)
		return;
	offline = true;
	status = inside(run_socket, 0);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS, "status %#x: %s", (unsigned)status, said);
	ck_assert_str_eq(said, "sandbox: system call socket is not allowed\n");
	snprintf(path, sizeof(path), "%s/certificate", dir);
	ck_assert_int_eq(chmod(path, 0600), 0);
	ck_assert_int_eq(chmod(dir, 0700), 0);
	ck_assert_fine(run_read_on, 0);
}
END_TEST

static int
run_user(const struct sandbox_report *r, int arg)
{
	WANT(r->user[0] != '\0');
	WANT(geteuid() != 0 || !has(r, "an unprivileged user"));
	return arg;
}

static int
run_bounds(const struct sandbox_report *r, int arg)
{
	struct rlimit limit;

	(void)r;
	WANT(getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0);
	WANT(getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == 64);
#if !defined(WITH_SANITIZERS)
	WANT(mmap(NULL, 300 * MIB, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED && errno == ENOMEM);
#endif
	return arg;
}

START_TEST(nobody_and_bounded)
{
	ck_assert_fine(run_user, 0);
	ck_assert_fine(run_bounds, 0);
}
END_TEST

/* Another file comes to be /etc/hosts, as a system does that changes its network. */
static int
replace_hosts(void)
{
	write_file("/etc/hosts.new", "127.0.0.1 newhost\n");
	return rename("/etc/hosts.new", "/etc/hosts");
}

/* In a name space of its own, where /etc is ours; 77 where there is none. */
static int
replaced(int ready, int replace)
{
	struct sandbox_report r;
	char text[64], c;
	ssize_t n;
	int fd;

	if (unshare(CLONE_NEWNS) == -1 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == -1 ||
	    mount("none", "/etc", "tmpfs", 0, "mode=755") == -1)
		return 77;
	write_file("/etc/hosts", "127.0.0.1 oldhost\n");
	if (fork() == 0) {
		close(ready);
		_exit(read(replace, &c, 1) == 1 && replace_hosts() == 0 ? 0 : 1);
	}
	enter(&r);
	if (r.landlock == 0 || !has(&r, "seccomp") || !COUNTED)
		return 77;
	fd = open("/etc/hosts", O_RDONLY);
	WANT(fd != -1);
	WANT(!sandbox_is_outdated());
	close(fd);
	WANT(write(ready, "x", 1) == 1);
	/* Not a wait for a time: a loop until it has happened. The test's timeout ends it otherwise. */
	do {
		fd = open("/etc/hosts", O_RDONLY);
		WANT(fd != -1);
		n = read(fd, text, sizeof(text) - 1);
		close(fd);
		sched_yield();
	} while (!sandbox_is_outdated());
	WANT(n > 0);
	text[n] = '\0';
	WANT(strcmp(text, "127.0.0.1 oldhost\n") == 0);
	WANT(sandbox_denied() == 0);
	return 0;
}

START_TEST(a_replaced_file_of_the_resolver)
{
	int fds[2], status;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (pid == 0)
		_exit(replaced(fds[1], fds[0]));
	close(fds[1]);
	close(fds[0]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(status == 0 || (WIFEXITED(status) && WEXITSTATUS(status) == 77), "status %#x", (unsigned)status);
}
END_TEST

START_TEST(modes_have_names)
{
	ck_assert_str_eq(sandbox_mode_name(SANDBOX_OFF), "off");
	ck_assert_str_eq(sandbox_mode_name(SANDBOX_PARTIAL), "partial");
	ck_assert_str_eq(sandbox_mode_name(SANDBOX_FULL), "full");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("sandbox");
	TCase *t = tcase_create("sandbox");

	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, forbidden_calls_end_the_process, 0, (int)ARRAY_LEN(forbidden));
	tcase_add_test(t, a_thread_ends_the_process_too);
	tcase_add_test(t, a_call_of_the_future_is_not_there);
	tcase_add_test(t, files_are_denied_and_counted);
	tcase_add_test(t, no_server_is_opened);
	tcase_add_test(t, names_are_resolved_in_threads);
	tcase_add_test(t, nobody_and_bounded);
	tcase_add_test(t, offline_without_network);
	tcase_add_test(t, a_replaced_file_of_the_resolver);
	tcase_add_test(t, modes_have_names);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
