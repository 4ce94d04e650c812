#include "os/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mono.h"
#include "base/strvec.h"
#include "os/fd.h"
#include "os/spawn.h"

/* Until the end of the pipe or the deadline; -1 at the deadline. */
static int
read_all(int fd, struct buf *out, mono_t deadline)
{
	char bytes[4096];
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int64_t left;
	ssize_t n;

	for (;;) {
		left = mono_diff_us(deadline, mono_now()) / US_PER_MS;
		if (left <= 0)
			return -1;
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		n = read(fd, bytes, sizeof(bytes));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return 0;
		buf_xadd(out, bytes, (size_t)n);
	}
}

/* Its end; at the deadline it is killed, which gives 1. */
static int
wait_for(pid_t pid, mono_t deadline, int *status)
{
	const struct timespec nap = { .tv_nsec = 1000000 };
	pid_t r;

	while ((r = waitpid(pid, status, WNOHANG)) == 0 || (r == -1 && errno == EINTR)) {
		if (mono_before(deadline, mono_now())) {
			kill(-pid, SIGKILL);
			while (waitpid(pid, status, 0) == -1 && errno == EINTR)
				;
			return 1;
		}
		nanosleep(&nap, NULL);
	}
	return 0;
}

/* What a service manager told us is for us: whoever else said READY=1 to it would be taken for the service. */
static bool
is_ours_alone(const char *variable)
{
	static const char *const names[] = { "NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", "LISTEN_FDS=",
		"LISTEN_PID=", "LISTEN_FDNAMES=" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strncmp(variable, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

void
run_environment(struct strvec *env)
{
	extern char **environ;

	for (char **e = environ; *e != NULL; e++)
		if (!is_ours_alone(*e))
			strvec_push(env, *e);
}

static int
start(struct spawner *sp, const char *const *argv, int out_fd, pid_t *pid, struct err *err)
{
	struct spawn_plan plan = SPAWN_PLAN_INIT;
	static const char *const nothing[] = { NULL };
	struct strvec env = STRVEC_INIT;
	int r;

	run_environment(&env);
	plan.argv = argv;
	plan.env = env.n > 0 ? (const char *const *)env.v : nothing;
	plan.fds[1] = out_fd;
	plan.session = true;
	r = spawn_now(sp, &plan, pid, err);
	strvec_release(&env);
	return r;
}

int
run_program(const char *const *argv, struct buf *out, int timeout_ms, struct err *err)
{
	struct spawner *sp = spawner_new(err);
	mono_t deadline = mono_add_ms(mono_now(), timeout_ms);
	pid_t pid;
	int fds[2] = { -1, -1 }, status = 0, late;

	if (sp == NULL)
		return -1;
	if (out != NULL && pipe2(fds, O_CLOEXEC) == -1) {
		spawner_free(sp);
		return err_sys(err, errno, "%s: pipe", argv[0]);
	}
	/* The child's end must be a low number (os/spawn.h), and is closed for us once it runs. */
	fds[0] = fd_move_up(fds[0], SPAWN_FD_LIMIT);
	if (start(sp, argv, fds[1], &pid, err) == -1) {
		fd_close(&fds[0]);
		spawner_free(sp);
		return -1;
	}
	late = out != NULL && read_all(fds[0], out, deadline) == -1;
	fd_close(&fds[0]);
	late |= wait_for(pid, late ? mono_now() : deadline, &status);
	spawner_free(sp);
	if (late)
		return err_set(err, ETIMEDOUT, "%s: did not end within %d ms", argv[0], timeout_ms);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return err_set(err, 0, "%s: ended with %s %d", argv[0], WIFEXITED(status) ? "status" : "signal",
		    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	return 0;
}
