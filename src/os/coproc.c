#include "os/coproc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "base/strvec.h"
#include "os/fd.h"
#include "os/proc.h"
#include "os/reap.h"
#include "os/run.h"

#define TICK_NS 10000000

/* Ours go up: low numbers are for the ends of those who are being started (os/spawn.h). */
static int
make_ends(struct coproc *c, int pair[2], int *other, int errors[2])
{
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == -1)
		return -1;
	/* Two numbers for the other end: each is closed for us when the program has its own. */
	if (pipe2(errors, O_CLOEXEC) == -1 || (*other = fcntl(pair[1], F_DUPFD_CLOEXEC, SPAWN_FD_FIRST)) == -1) {
		fd_close(&pair[0]);
		fd_close(&pair[1]);
		fd_close(&errors[0]);
		fd_close(&errors[1]);
		return -1;
	}
	c->fd = fd_move_up(pair[0], SPAWN_FD_LIMIT);
	c->err_fd = fd_move_up(errors[0], SPAWN_FD_LIMIT);
	(void)fd_set_nonblock(c->fd);
	(void)fd_set_nonblock(c->err_fd);
	return 0;
}

/* Where there are no pidfds (Linux before 5.3, valgrind): readable every now and then, until coproc_reap() has looked. */
static int
open_ticks(void)
{
	const struct itimerspec every = { .it_interval = { 0, TICK_NS }, .it_value = { 0, TICK_NS } };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd != -1)
		timerfd_settime(fd, 0, &every, NULL);
	return fd;
}

static int
open_pidfd(pid_t pid)
{
	struct proc_id id = { .pid = pid };
	int fd;

	if (proc_identify(pid, &id) == -1)
		return -1;
	if ((fd = proc_open(&id)) == -1 && errno == ENOSYS)
		fd = open_ticks();
	return fd_move_up(fd, SPAWN_FD_LIMIT);
}

int
coproc_start(struct spawner *sp, const char *const *argv, struct coproc *c, struct err *err)
{
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	static const char *const nothing[] = { NULL };
	struct strvec env = STRVEC_INIT;
	int pair[2], errors[2] = { -1, -1 }, other, r;

	*c = (struct coproc)COPROC_INIT;
	if (make_ends(c, pair, &other, errors) == -1)
		return err_sys(err, errno, "%s", argv[0]);
	run_environment(&env);
	plan.argv = argv;
	plan.env = env.n > 0 ? (const char *const *)env.v : nothing;
	plan.fds[0] = pair[1];
	plan.fds[1] = other;
	plan.fds[2] = errors[1];
	plan.session = true;
	plan.death_signal = SIGKILL;
	r = spawn_now(sp, &plan, &c->pid, err);
	strvec_release(&env);
	if (r == 0 && (c->pidfd = open_pidfd(c->pid)) == -1) {
		r = err_sys(err, errno, "%s", argv[0]);
		coproc_kill(c);
		reap_wait(c->pid, &(struct reaped){ 0 });
	}
	if (r == -1)
		coproc_release(c);
	return r;
}

void
coproc_kill(const struct coproc *c)
{
	if (c->pid > 0)
		reap_kill(c->pid);
}

bool
coproc_reap(struct coproc *c, int *status)
{
	struct reaped r = { .status = -1 };
	uint64_t ticks;

	*status = -1;
	/* Of a pidfd nothing can be read. */
	(void)!read(c->pidfd, &ticks, sizeof(ticks));
	if (c->pid <= 0)
		return true;
	if (reap_has_ended(c->pid)) {
		/* While it is a zombie its number is nobody else's, and its group's neither. */
		reap_kill(c->pid);
		(void)reap_take(c->pid, &r);
	} else if (kill(c->pid, 0) == 0) {
		return false;
	}
	*status = r.status;
	c->pid = 0;
	return true;
}

void
coproc_release(struct coproc *c)
{
	fd_close(&c->fd);
	fd_close(&c->err_fd);
	fd_close(&c->pidfd);
	c->pid = 0;
}
