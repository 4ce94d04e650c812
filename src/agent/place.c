#include "config.h"

#include "agent/place.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/fd.h"
#include "os/file.h"
#include "os/sock.h"

#define TICK_MS 200

/*
 * It must be the same at every login as long as an agent lives: who looks elsewhere finds no lock, and starts a second
 * one. So it is not $XDG_RUNTIME_DIR, which goes with the last login, nor /tmp, which is cleaned of what is old.
 */
static char *
default_dir(void)
{
	const char *home = getenv("HOME");
	const struct passwd *pw;

	if (geteuid() == 0)
		return xstrdup("/run/trapexit");
	if (home == NULL || *home != '/')
		home = (pw = getpwuid(geteuid())) != NULL ? pw->pw_dir : "/";
	return xasprintf("%s/.local/state/trapexit/run", home);
}

/* Who detaches goes to the root directory. */
static char *
absolute(const char *dir)
{
	char *cwd = *dir == '/' ? NULL : getcwd(NULL, 0);
	char *path = cwd != NULL ? xasprintf("%s/%s", cwd, dir) : xstrdup(dir);

	free(cwd);
	return path;
}

/* Where it was told to be, anybody may have made it before us. */
static int
check_owner(const char *dir, struct err *err)
{
	struct stat st;

	if (lstat(dir, &st) == -1)
		return err_sys(err, errno, "%s", dir);
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return err_set(err, EPERM, "%s: belongs to another user", dir);
	return 0;
}

int
place_init(struct place *p, const struct agent_options *opt, const char *dir, struct err *err)
{
	p->lock_fd = -1;
	p->dir = dir != NULL ? absolute(dir) : default_dir();
	p->socket = xasprintf("%s/agent-%.16s-%s.sock", p->dir, opt->installation, opt->node);
	p->lock = xasprintf("%s/agent-%.16s-%s.lock", p->dir, opt->installation, opt->node);
	if (dir_make(p->dir, 0700, err) == -1)
		return -1;
	return check_owner(p->dir, err);
}

void
place_release(struct place *p)
{
	fd_close(&p->lock_fd);
	free(p->dir);
	free(p->socket);
	free(p->lock);
	*p = (struct place){ NULL, NULL, NULL, -1 };
}

/* Asks whoever listens at the socket: a hello that is never accepted is answered by a REFUSE. */
struct probe {
	const struct place *place;
	const struct agent_options *opt;
	int fd;
	bool answered;
};

static void
probe_begin(struct probe *p)
{
	struct agent_msg m = { .type = AGENT_HELLO };
	struct buf b = BUF_INIT(0);

	if ((p->fd = sock_connect(p->place->socket, NULL)) == -1)
		return;
	m.u.hello.version_min = AGENT_PROTO_MIN;
	m.u.hello.version_max = AGENT_PROTO_MAX;
	m.u.hello.build = PACKAGE_VERSION;
	m.u.hello.installation = p->opt->installation;
	m.u.hello.node = p->opt->node;
	if (agent_msg_encode(&b, &m, NULL) == -1 || send(p->fd, b.data, b.len, MSG_NOSIGNAL) != (ssize_t)b.len)
		fd_close(&p->fd);
	buf_release(&b);
}

static bool
probe_answers(struct probe *p)
{
	char text[256];
	ssize_t n;

	if (p->fd == -1)
		probe_begin(p);
	if (p->fd == -1)
		return false;
	n = recv(p->fd, text, sizeof(text), MSG_DONTWAIT);
	if (n == 0 || (n == -1 && errno != EAGAIN))
		fd_close(&p->fd);
	return n > 0;
}

static bool
tick(void *arg)
{
	struct probe *p = arg;
	struct lockfile_owner o;
	struct pollfd pfd = { .events = POLLIN };

	/* A frozen guard would hold the lock for ever. */
	if (lockfile_read(p->place->lock, &o) == 0)
		(void)proc_signal(&o.owner, SIGCONT);
	p->answered = probe_answers(p);
	/* A healthy one answers at once; the signal of the next tick ends this wait too. */
	if (!p->answered && (pfd.fd = p->fd) != -1 && poll(&pfd, 1, TICK_MS / 2) > 0)
		p->answered = probe_answers(p);
	return !p->answered;
}

int
place_take(struct place *p, const struct agent_options *opt, struct lockfile_owner *was, struct err *err)
{
	struct probe probe = { p, opt, -1, false };
	int rc;

	if ((p->lock_fd = lockfile_open(p->lock, err)) == -1)
		return -1;
	rc = lockfile_wait(p->lock_fd, TICK_MS, tick, &probe);
	fd_close(&probe.fd);
	if (rc == -1 && probe.answered)
		return err_set(err, EEXIST, "%s: an agent is running", p->socket);
	if (rc == -1)
		return err_sys(err, errno, "%s", p->lock);
	lockfile_read(p->lock, was);
	return 0;
}
