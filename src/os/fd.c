#include "config.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

/* What fs.nr_open allows nearly everywhere. */
#define FILES_WANTED 1048576

void
fd_close(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

int
fd_set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags == -1 ? -1 : fcntl(fd, F_SETFL, flags | O_NONBLOCK);
}

int
fd_set_cloexec(int fd, bool on)
{
	return fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0);
}

int
fd_move_up(int fd, int least)
{
	int up;

	if (fd < 0 || fd >= least || (up = fcntl(fd, F_DUPFD_CLOEXEC, least)) == -1)
		return fd;
	close(fd);
	return up;
}

int
fd_write_all(int fd, const void *p, size_t n)
{
	const char *from = p;
	ssize_t done;

	while (n > 0) {
		if ((done = write(fd, from, n)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		from += done;
		n -= (size_t)done;
	}
	return 0;
}

ssize_t
fd_read_full(int fd, void *p, size_t n)
{
	size_t have = 0;
	ssize_t got;

	while (have < n) {
		if ((got = read(fd, (char *)p + have, n - have)) == -1) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (got == 0)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

void
fd_reserve_standard(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest one that is free is this one; what it is open for is what nobody does. */
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY)) == -1)
			return;
	}
}

int
fd_fill_lowest(int n)
{
	int fd;

	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) != -1 && fd < n)
		if (fd <= STDERR_FILENO)
			fd_set_cloexec(fd, false);
	if (fd == -1)
		return -1;
	close(fd);
	return 0;
}

void
fd_limit_raise(unsigned long long *soft, unsigned long long *hard)
{
	struct rlimit old, want;

	if (getrlimit(RLIMIT_NOFILE, &old) == -1)
		old.rlim_cur = old.rlim_max = 1024;
	if (soft != NULL)
		*soft = old.rlim_cur;
	if (hard != NULL)
		*hard = old.rlim_max;
	want.rlim_cur = want.rlim_max = old.rlim_max > FILES_WANTED ? old.rlim_max : FILES_WANTED;
	if (setrlimit(RLIMIT_NOFILE, &want) == 0)
		return;
	/* Without privilege the hard limit is all there is. */
	want.rlim_cur = want.rlim_max = old.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &want);
}
