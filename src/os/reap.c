#include "config.h"

#include "os/reap.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "os/proc.h"

pid_t
reap_peek(void)
{
	siginfo_t si = { .si_pid = 0 };
	int rc;

	while ((rc = waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT)) == -1 && errno == EINTR)
		;
	return rc == -1 ? -1 : si.si_pid;
}

bool
reap_has_ended(pid_t pid)
{
	siginfo_t si = { .si_pid = 0 };

	return waitid(P_PID, (id_t)pid, &si, WEXITED | WNOHANG | WNOWAIT) == 0 && si.si_pid == pid;
}

static int64_t
microseconds(struct timeval tv)
{
	return tv.tv_sec * INT64_C(1000000) + tv.tv_usec;
}

static int
take(pid_t pid, int flags, struct reaped *r)
{
	struct rusage ru;
	pid_t got;

	while ((got = wait4(pid, &r->status, flags, &ru)) == -1 && errno == EINTR)
		;
	if (got != pid)
		return -1;
	r->user_us = microseconds(ru.ru_utime);
	r->system_us = microseconds(ru.ru_stime);
	r->maxrss_kb = (uint64_t)ru.ru_maxrss;
	return 0;
}

int
reap_take(pid_t pid, struct reaped *r)
{
	return take(pid, WNOHANG, r);
}

int
reap_wait(pid_t pid, struct reaped *r)
{
	return take(pid, 0, r);
}

void
reap_kill(pid_t pid)
{
	/* The group first: what the leader is forking is then already in it. */
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
}

bool
reap_group_is_gone(pid_t pgid)
{
	/* EPERM: there are some, of another user. */
	return kill(-pgid, 0) == -1 && errno == ESRCH;
}

void
reap_all(void)
{
	struct pid_list children = PID_LIST_INIT;
	int status;
	pid_t pid;

	for (;;) {
		if (proc_children(&children) == 0)
			for (size_t i = 0; i < children.n; i++)
				reap_kill(children.v[i]);
		/* One at least, then all that have ended; their children are ours now: look again. */
		do
			pid = waitpid(-1, &status, 0);
		while (pid == -1 && errno == EINTR);
		if (pid == -1)
			break;
		while (waitpid(-1, &status, WNOHANG) > 0)
			;
	}
	pid_list_release(&children);
}
