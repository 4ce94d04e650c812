#include "config.h"

#include "os/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/buf.h"
#include "os/file.h"

int
lockfile_open(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd != -1 ? fd : err_sys(err, errno, "%s", path);
}

int
lockfile_try(int fd)
{
	int rc;

	while ((rc = flock(fd, LOCK_EX | LOCK_NB)) == -1 && errno == EINTR)
		;
	return rc;
}

static void
alarm_cb(int sig)
{
	/* Only there to interrupt flock(). */
	(void)sig;
}

int
lockfile_wait(int fd, int tick_ms, bool (*tick)(void *arg), void *arg)
{
	struct itimerval every = { .it_interval = { tick_ms / 1000, tick_ms % 1000 * 1000 } };
	static const struct itimerval none;
	struct sigaction act, old;
	int rc;

	if (lockfile_try(fd) == 0)
		return 0;
	memset(&act, 0, sizeof(act));
	act.sa_handler = alarm_cb; /* no SA_RESTART */
	sigaction(SIGALRM, &act, &old);
	every.it_value = every.it_interval;
	setitimer(ITIMER_REAL, &every, NULL);
	/* The first tick comes at once; the timer repeats, so a signal between two calls costs one period. */
	while ((rc = tick == NULL || tick(arg) ? 0 : -1) == 0) {
		if ((rc = flock(fd, LOCK_EX)) == 0 || errno != EINTR)
			break;
	}
	setitimer(ITIMER_REAL, &none, NULL);
	sigaction(SIGALRM, &old, NULL);
	return rc;
}

int
lockfile_write(int fd, const struct lockfile_owner *o, struct err *err)
{
	char text[256];
	int n = snprintf(text, sizeof(text), "owner %d %" PRIu64 "\nworker %d %" PRIu64 "\nclean %s\n",
	    (int)o->owner.pid, o->owner.start, (int)o->worker.pid, o->worker.start, o->clean ? "yes" : "no");

	/* Shorter text never follows longer: readers that come between see the old tail, cut off next. */
	if (pwrite(fd, text, (size_t)n, 0) != n || ftruncate(fd, n) == -1)
		return err_sys(err, errno, "lock file");
	return 0;
}

int
lockfile_read(const char *path, struct lockfile_owner *o)
{
	struct buf b = BUF_INIT(4096);
	struct lockfile_owner r = { { 0, 0 }, { 0, 0 }, false };
	char clean[8];
	int rc = -1;

	if (file_read(path, &b, NULL) == 0 &&
	    sscanf(b.data, "owner %d %" SCNu64 " worker %d %" SCNu64 " clean %7s", &r.owner.pid, &r.owner.start,
		&r.worker.pid, &r.worker.start, clean) == 5) {
		r.clean = strcmp(clean, "yes") == 0;
		rc = 0;
	} else {
		r = (struct lockfile_owner){ { 0, 0 }, { 0, 0 }, false };
	}
	*o = r;
	buf_release(&b);
	return rc;
}
