#include "config.h"

#include "os/proc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "os/fd.h"
#include "os/file.h"

/* What we need of /proc/PID/stat (proc(5)). */
struct proc_stat {
	char state;
	pid_t parent;
	pid_t group;
	pid_t session;
	uint64_t start;
};

static int
proc_stat(pid_t pid, struct proc_stat *st)
{
	char path[64], text[1024];
	const char *p;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1) {
		if (errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	n = fd_read_full(fd, text, sizeof(text) - 1);
	fd_close(&fd);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	/* The name is in brackets and may itself hold brackets and blanks. */
	if ((p = strrchr(text, ')')) == NULL ||
	    sscanf(p + 1, " %c %d %d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %" SCNu64,
		&st->state, &st->parent, &st->group, &st->session, &st->start) != 5) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

int
proc_identify(pid_t pid, struct proc_id *id)
{
	struct proc_stat st;

	if (proc_stat(pid, &st) == -1)
		return -1;
	id->pid = pid;
	id->start = st.start;
	return 0;
}

bool
proc_lives(const struct proc_id *id)
{
	struct proc_stat st;

	return id->pid > 0 && proc_stat(id->pid, &st) == 0 && st.start == id->start && st.state != 'Z' &&
	    st.state != 'X';
}

int
proc_open(const struct proc_id *id)
{
	struct proc_id now;
	int fd;

	if (id->pid <= 0) {
		errno = ESRCH;
		return -1;
	}
	if ((fd = (int)syscall(SYS_pidfd_open, id->pid, 0)) == -1)
		return -1;
	/* Checked after the open: from here on the number cannot pass to another. */
	if (proc_identify(id->pid, &now) == -1 || now.start != id->start) {
		fd_close(&fd);
		errno = ESRCH;
	}
	return fd;
}

int
proc_fd_signal(int pidfd, int sig)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

int
proc_signal(const struct proc_id *id, int sig)
{
	int fd = proc_open(id);
	int rc;

	if (fd == -1)
		return -1;
	rc = proc_fd_signal(fd, sig);
	fd_close(&fd);
	return rc;
}

static void
pid_list_add(struct pid_list *l, pid_t pid)
{
	if (l->n == l->cap) {
		l->cap = l->cap == 0 ? 64 : l->cap * 2;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n++] = pid;
}

void
pid_list_release(struct pid_list *l)
{
	free(l->v);
	*l = (struct pid_list)PID_LIST_INIT;
}

bool
proc_group_lives(pid_t pgid)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	struct proc_stat st;
	bool lives = false;

	/* Who cannot look must not say that nobody is there. */
	if (dir == NULL)
		return true;
	while (!lives && (e = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		lives = pid > 0 && proc_stat(pid, &st) == 0 && st.group == pgid && st.state != 'Z' && st.state != 'X';
	}
	closedir(dir);
	return lives;
}

/* Where the kernel has no list of children: everybody whose parent we are. */
static int
children_by_scan(struct pid_list *l)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	struct proc_stat st;

	if (dir == NULL)
		return -1;
	while ((e = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid > 0 && proc_stat(pid, &st) == 0 && st.parent == getpid())
			pid_list_add(l, pid);
	}
	closedir(dir);
	return 0;
}

int
proc_children(struct pid_list *l)
{
	char path[64], text[16384];
	pid_t pid = 0;
	ssize_t n;
	int fd;

	l->n = 0;
	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) == -1)
		return children_by_scan(l);
	/* A number may be cut in two by the end of the piece that was read. */
	while ((n = read(fd, text, sizeof(text))) > 0 || (n == -1 && errno == EINTR)) {
		for (ssize_t i = 0; i < n; i++) {
			if (isdigit((unsigned char)text[i])) {
				pid = pid * 10 + (text[i] - '0');
			} else if (pid > 0) {
				pid_list_add(l, pid);
				pid = 0;
			}
		}
	}
	if (pid > 0)
		pid_list_add(l, pid);
	fd_close(&fd);
	return n == -1 ? -1 : 0;
}

pid_t
proc_session(pid_t pid)
{
	struct proc_stat st;

	return proc_stat(pid, &st) == 0 ? st.session : -1;
}

int
proc_env(pid_t pid, const char *name, char *value, size_t size)
{
	struct buf b = BUF_INIT(4u << 20);
	size_t len = strlen(name);
	char path[64];
	int rc = -1;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	if (file_read(path, &b, NULL) == 0) {
		for (const char *p = b.data; p < b.data + b.len; p += strlen(p) + 1) {
			if (strncmp(p, name, len) != 0 || p[len] != '=' || strlen(p + len + 1) >= size)
				continue;
			memcpy(value, p + len + 1, strlen(p + len + 1) + 1);
			rc = 0;
			break;
		}
	}
	buf_release(&b);
	return rc;
}

/* Kill this one if it is marked, and wait for its end. Returns whether it was. */
static bool
sweep_one(pid_t pid, const char *name, const char *value)
{
	char found[512];
	struct pollfd pfd = { .events = POLLIN };

	if (pid == getpid() || (pfd.fd = (int)syscall(SYS_pidfd_open, pid, 0)) == -1)
		return false;
	/* Read behind the open, so that it is this process that is marked. */
	if (proc_env(pid, name, found, sizeof(found)) == -1 || strcmp(found, value) != 0 ||
	    proc_fd_signal(pfd.fd, SIGKILL) == -1) {
		close(pfd.fd);
		return false;
	}
	while (poll(&pfd, 1, -1) == -1 && errno == EINTR)
		;
	close(pfd.fd);
	return true;
}

/* One pass over all processes; how many were killed, -1 if there is no /proc. */
static int
sweep_once(const char *name, const char *value, struct err *err)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int killed = 0;

	if (dir == NULL)
		return err_sys(err, errno, "/proc");
	while ((e = readdir(dir)) != NULL) {
		pid_t pid = (pid_t)strtol(e->d_name, NULL, 10);

		if (pid > 0 && sweep_one(pid, name, value))
			killed++;
	}
	closedir(dir);
	return killed;
}

int
proc_sweep(const char *name, const char *value, struct err *err)
{
	int killed = 0;
	int now;

	/* Again until a pass finds none: what was killed may have forked while we looked elsewhere. */
	do {
		if ((now = sweep_once(name, value, err)) == -1)
			return -1;
		killed += now;
	} while (now > 0);
	return killed;
}
