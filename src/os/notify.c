#include "config.h"

#include "os/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/fd.h"

/* '@' stands for the NUL of an abstract name, as sd_notify has it. */
static socklen_t
address(const char *name, struct sockaddr_un *sa)
{
	size_t n = strlen(name);

	if ((name[0] != '/' && name[0] != '@') || n < 2 || n >= sizeof(sa->sun_path))
		return 0;
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, name, n);
	if (name[0] == '@')
		sa->sun_path[0] = '\0';
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + (name[0] == '/'));
}

int
notify_send(const char *fmt, ...)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa;
	char text[NOTIFY_TEXT_SIZE];
	socklen_t len;
	ssize_t rc;
	va_list ap;
	int fd, n;

	if (name == NULL || (len = address(name, &sa)) == 0)
		return 0;
	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text)) {
		errno = EMSGSIZE;
		return -1;
	}
	if ((fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) == -1)
		return -1;
	/* A manager that does not read must not stop us. */
	rc = sendto(fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&sa, len);
	fd_close(&fd);
	return rc == -1 ? -1 : 1;
}

static bool
is_for_us(const char *variable)
{
	const char *pid = getenv(variable);

	return pid == NULL || strtol(pid, NULL, 10) == (long)getpid();
}

int64_t
notify_watchdog_us(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	long long us = text != NULL ? strtoll(text, NULL, 10) : 0;

	return us > 0 && is_for_us("WATCHDOG_PID") ? us : 0;
}

int
notify_listen_fds(void)
{
	const char *text = getenv("LISTEN_FDS");
	long n = text != NULL && getenv("LISTEN_PID") != NULL && is_for_us("LISTEN_PID") ? strtol(text, NULL, 10) : 0;

	if (n < 0 || n > 64)
		n = 0;
	for (int i = 0; i < n; i++)
		fd_set_cloexec(3 + i, true);
	return (int)n;
}

int
notify_listen(char name[NOTIFY_NAME_SIZE], struct err *err)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int on = 1;
	int n;

	if (fd == -1)
		return err_sys(err, errno, "notify socket");
	/* Bound to no name: the kernel chooses an abstract one that nobody has (unix(7), autobind). */
	if (setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == -1 ||
	    bind(fd, (struct sockaddr *)&sa, sizeof(sa_family_t)) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) == -1) {
		err_sys(err, errno, "notify socket");
		fd_close(&fd);
		return -1;
	}
	n = (int)len - (int)offsetof(struct sockaddr_un, sun_path) - 1;
	snprintf(name, NOTIFY_NAME_SIZE, "@%.*s", n, sa.sun_path + 1);
	return fd;
}

int
notify_receive(int fd, char text[NOTIFY_TEXT_SIZE], pid_t *pid)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	struct iovec iov = { text, NOTIFY_TEXT_SIZE - 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	struct ucred who = { 0, 0, 0 };

	if (n == -1)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS)
			memcpy(&who, CMSG_DATA(c), sizeof(who));
	text[n] = '\0';
	*pid = who.pid;
	return 1;
}

const char *
notify_field(const char *text, const char *name, size_t *len)
{
	size_t n = strlen(name);

	for (const char *p = text; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
		if (strncmp(p, name, n) == 0 && p[n] == '=') {
			*len = strcspn(p + n + 1, "\n");
			return p + n + 1;
		}
	return NULL;
}
