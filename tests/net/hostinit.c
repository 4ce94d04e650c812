/*
 * The first process of a host of tests/net, where a host is a set of namespaces:
 *
 *	hostinit COMMAND [ARG...]	as process 1: keeps COMMAND running, buries what is orphaned
 *	hostinit --list PID [ROLE...]	the processes of the host whose process 1 is PID (as seen by us), one a
 *					line: pid, role, state; a role is a program's name, or what
 *					role_of() calls it
 *	hostinit --signal NAME PID [ROLE...]	the same, and sends them the signal; how many is printed
 *
 * A host is switched off by SIGKILL to its process 1: the kernel ends all its processes then.
 * SIGTERM does the same in order: TERM, and KILL for what is left after a second.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t told_to_end;

static void
on_term(int sig)
{
	(void)sig;
	told_to_end = 1;
}

static pid_t
start(char *argv[])
{
	pid_t pid = fork();

	if (pid == 0) {
		execvp(argv[0], argv);
		perror(argv[0]);
		_exit(127);
	}
	return pid;
}

static void
pause_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* End all other processes of this host. */
static void
end_all(void)
{
	int i;

	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	for (i = 0; i < 100; i++) {
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (kill(-1, 0) == -1)
			return;
		pause_ms(10);
	}
	kill(-1, SIGKILL);
}

static int
be_init(char *argv[])
{
	struct sigaction sa = { .sa_handler = on_term };
	pid_t main_pid = start(argv), pid;

	/* Without SA_RESTART: waitpid shall return. */
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGINT, &sa, NULL);
	while (!told_to_end) {
		pid = waitpid(-1, NULL, 0);
		if (pid == -1 && errno == ECHILD)
			pause_ms(50);
		if (pid == main_pid && !told_to_end) {
			/* As a service manager would, but not in a tight loop. */
			pause_ms(100);
			main_pid = start(argv);
		}
	}
	end_all();
	return 0;
}

/* The beginning of a file in /proc/PID, its NULs as spaces; false: it has gone. */
static bool
read_proc(const char *pid, const char *file, char *buf, size_t size)
{
	char path[300];
	ssize_t n, i;
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/%s", pid, file);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return false;
	n = read(fd, buf, size - 1);
	close(fd);
	if (n < 0)
		return false;
	for (i = 0; i < n; i++)
		if (buf[i] == '\0' || buf[i] == '\n')
			buf[i] = ' ';
	while (n > 0 && buf[n - 1] == ' ')
		n--;
	buf[n] = '\0';
	return true;
}

static bool
read_ns(const char *pid, char buf[64])
{
	char path[300];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/ns/pid", pid);
	n = readlink(path, buf, 63);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/*
 * What a process is to the tests: "agent", "attach" (the end of an ssh at the far side), "guard", "sshd" (the listener),
 * "session" (what it forked), "ssh" (the client), "daemon"; else the name of its program.
 */
static const char *
role_of(const char *pid, const char *comm)
{
	static char name[64];
	char line[4096];

	if (!read_proc(pid, "cmdline", line, sizeof(line)))
		line[0] = '\0';
	if (strcmp(comm, "trapexit-guard") == 0)
		return "guard";
	if (strcmp(comm, "trapexit-agent") == 0)
		return strstr(line, " --attach") != NULL ? "attach" : "agent";
	if (strcmp(comm, "trapexitd") == 0)
		return "daemon";
	if (strncmp(comm, "sshd", 4) == 0)
		return strstr(line, "[listener]") != NULL || strstr(line, " -D") != NULL ? "sshd" : "session";
	snprintf(name, sizeof(name), "%s", comm);
	return name;
}

/* The state letter of proc(5); '?': it has gone. */
static char
state_of(const char *pid)
{
	char line[1024], *p;

	if (!read_proc(pid, "stat", line, sizeof(line)) || (p = strrchr(line, ')')) == NULL || p[1] == '\0')
		return '?';
	return p[2];
}

static bool
is_wanted(const char *role, char *wanted[])
{
	if (wanted[0] == NULL)
		return true;
	for (; *wanted != NULL; wanted++)
		if (strcmp(role, *wanted) == 0)
			return true;
	return false;
}

/* List (sig < 0), or signal, the processes of a host but its first. */
static int
each_process(const char *init, char *wanted[], int sig)
{
	char ns[64], other[64], comm[64];
	struct dirent *e;
	unsigned n = 0;
	const char *role;
	char state;
	DIR *proc;

	if (!read_ns(init, ns))
		return 1;
	if ((proc = opendir("/proc")) == NULL)
		return 1;
	while ((e = readdir(proc)) != NULL) {
		if (!isdigit((unsigned char)e->d_name[0]) || strcmp(e->d_name, init) == 0 || !read_ns(e->d_name, other) ||
		    strcmp(ns, other) != 0 || !read_proc(e->d_name, "comm", comm, sizeof(comm)))
			continue;
		state = state_of(e->d_name);
		role = role_of(e->d_name, comm);
		if (state == 'Z' || state == 'X' || state == '?' || !is_wanted(role, wanted))
			continue;
		n++;
		if (sig < 0)
			printf("%s %s %c\n", e->d_name, role, state);
		else if (kill((pid_t)strtol(e->d_name, NULL, 10), sig) == -1)
			n--;
	}
	closedir(proc);
	if (sig >= 0)
		printf("%u\n", n);
	return n > 0 ? 0 : 1;
}

static int
signal_number(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} signals[] = { { "KILL", SIGKILL }, { "STOP", SIGSTOP }, { "CONT", SIGCONT }, { "TERM", SIGTERM }, { "ABRT", SIGABRT } };
	size_t i;

	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		if (strcmp(signals[i].name, name) == 0)
			return signals[i].number;
	fprintf(stderr, "hostinit: unknown signal: %s\n", name);
	exit(2);
}

int
main(int argc, char *argv[])
{
	if (argc >= 3 && strcmp(argv[1], "--list") == 0)
		return each_process(argv[2], argv + 3, -1);
	if (argc >= 4 && strcmp(argv[1], "--signal") == 0)
		return each_process(argv[3], argv + 4, signal_number(argv[2]));
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "Usage: hostinit COMMAND [ARG...] | --list PID [ROLE...] | --signal NAME PID [ROLE...]\n");
		return 2;
	}
	return be_init(argv + 1);
}
