#include "config.h"

#include "os/successor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/strvec.h"
#include "base/xalloc.h"
#include "os/detach.h"
#include "os/fd.h"

extern char **environ;

static void
set_of_signals(sigset_t *set)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };

	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_LEN(signals); i++)
		sigaddset(set, signals[i]);
}

void
successor_block(void)
{
	sigset_t set;

	set_of_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

int
successor_signals(void)
{
	sigset_t set;

	set_of_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
successor_signal(int fd)
{
	struct signalfd_siginfo si;

	return read(fd, &si, sizeof(si)) == (ssize_t)sizeof(si) ? (int)si.ssi_signo : 0;
}

void
successor_name(const char *name)
{
	prctl(PR_SET_NAME, name);
}

/* Where it is, as execvp(3) looks; but no shell is asked whether a text might be a script. Owned by the caller. */
static char *
find_program(const char *name)
{
	const char *path = getenv("PATH"), *p = path != NULL ? path : "/usr/sbin:/usr/bin:/sbin:/bin";
	char *file;
	size_t n;

	if (strchr(name, '/') != NULL)
		return xstrdup(name);
	for (;; p += n + 1) {
		n = strcspn(p, ":");
		file = xasprintf("%.*s%s%s", (int)n, p, n > 0 ? "/" : "", name);
		if (access(file, X_OK) == 0 || p[n] == '\0')
			return file;
		free(file);
	}
}

/* The environment of the new one; where its own pid is to stand is left empty, since it is not born yet. */
static char **
make_env(struct strvec *env, const char *assignment, char **watchdog)
{
	size_t name = strcspn(assignment, "=") + 1;

	*watchdog = NULL;
	for (char **e = environ; *e != NULL; e++)
		if (strncmp(*e, assignment, name) != 0 && strncmp(*e, "WATCHDOG_PID=", 13) != 0)
			strvec_push(env, *e);
	strvec_push(env, assignment);
	if (getenv("WATCHDOG_PID") != NULL) {
		strvec_push(env, "WATCHDOG_PID=                    ");
		*watchdog = env->v[env->n - 1];
	}
	return env->v;
}

/* In the new process, which shares nothing with us; a word on `status` says what failed. */
static void ATTR_NORETURN
child(const char *program, char *const argv[], char **env, char *watchdog, int sock, int err_fd, int status)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), error;

	/* Up, so that none of them is overwritten before it was moved. */
	sock = fcntl(sock, F_DUPFD_CLOEXEC, 8);
	err_fd = fcntl(err_fd, F_DUPFD_CLOEXEC, 8);
	status = fcntl(status, F_DUPFD_CLOEXEC, 8);
	setsid();
	if (null == -1 || dup2(null, 0) == -1 || dup2(null, 1) == -1 || dup2(err_fd, 2) == -1 || dup2(sock, SUCCESSOR_FD) == -1)
		goto fail;
	if (watchdog != NULL)
		snprintf(watchdog, strlen(watchdog) + 1, "WATCHDOG_PID=%ld", (long)getpid());
	execve(program, argv, env);
fail:
	error = errno;
	(void)fd_write_all(status, &error, sizeof(error));
	_exit(127);
}

int
successor_start(char *const argv[], int sock, int err_fd, const char *assignment, pid_t *pid, struct err *err)
{
	struct strvec env = STRVEC_INIT;
	sigset_t set, old;
	char *watchdog, **envp, *program;
	int status[2], error = 0;
	ssize_t n;

	if (pipe2(status, O_CLOEXEC) == -1)
		return err_sys(err, errno, "pipe");
	program = find_program(argv[0]);
	envp = make_env(&env, assignment, &watchdog);
	set_of_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	*pid = process_fork();
	if (*pid == 0)
		child(program, argv, envp, watchdog, sock, err_fd, status[1]);
	sigprocmask(SIG_SETMASK, &old, NULL);
	strvec_release(&env);
	free(program);
	close(status[1]);
	if (*pid == -1) {
		close(status[0]);
		return err_sys(err, errno, "fork");
	}
	n = fd_read_full(status[0], &error, sizeof(error));
	close(status[0]);
	if (n == 0)
		return 0;
	while (waitpid(*pid, NULL, 0) == -1 && errno == EINTR)
		;
	return err_sys(err, n == (ssize_t)sizeof(error) ? error : EIO, "%s", argv[0]);
}

int
successor_become(const char *path, char *const argv[], const int *keep, size_t n, struct err *err)
{
	char *program = path != NULL ? find_program(path) : NULL;
	sigset_t set, old;
	int error;

	fflush(NULL);
	set_of_signals(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	for (size_t i = 0; i < n; i++)
		fd_set_cloexec(keep[i], false);
	if (path == NULL)
		execve("/proc/self/exe", argv, environ);
	else
		execve(program, argv, environ);
	error = errno;
	free(program);
	for (size_t i = 0; i < n; i++)
		fd_set_cloexec(keep[i], true);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err_sys(err, error, "%s", path != NULL ? path : "/proc/self/exe");
}

int
packet_send(int sock, const void *p, size_t n, const int *fds, size_t n_fds)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(PACKET_FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov = { .iov_len = n };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t rc;

	/* sendmsg only reads; the type does not say so. */
	memcpy(&iov.iov_base, &p, sizeof(p));
	if (n > PACKET_MAX || n_fds > PACKET_FDS_MAX) {
		errno = EMSGSIZE;
		return -1;
	}
	if (n_fds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(n_fds * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(n_fds * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, n_fds * sizeof(int));
	}
	do
		rc = sendmsg(sock, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
	while (rc == -1 && errno == EINTR);
	return rc == (ssize_t)n ? 0 : -1;
}

static void
take_fds(struct msghdr *msg, int *fds, size_t *n_fds)
{
	*n_fds = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || n > PACKET_FDS_MAX)
			continue;
		memcpy(fds, CMSG_DATA(c), n * sizeof(int));
		*n_fds = n;
	}
}

ssize_t
packet_receive(int sock, char *p, int *fds, size_t *n_fds, int wait_ms)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(PACKET_FDS_MAX * sizeof(int))];
	} control;
	struct iovec iov = { .iov_base = p, .iov_len = PACKET_MAX };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof(control.room) };
	struct pollfd pfd = { .fd = sock, .events = POLLIN };
	ssize_t n;
	int rc;

	while ((rc = poll(&pfd, 1, wait_ms)) == -1 && errno == EINTR)
		;
	if (rc <= 0) {
		errno = rc == 0 ? EAGAIN : errno;
		return -1;
	}
	n = recvmsg(sock, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	/* An end that was closed with something unread in it. */
	if (n == -1 && errno == ECONNRESET)
		return 0;
	if (n >= 0)
		take_fds(&msg, fds, n_fds);
	p[n > 0 ? n : 0] = '\0';
	return n;
}
