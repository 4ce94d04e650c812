#include "config.h"

#include "os/sock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "os/fd.h"

#define BACKLOG 64

static int
open_at(const char *path, struct sockaddr_un *sa, struct err *err)
{
	int fd;

	if (strlen(path) >= sizeof(sa->sun_path))
		return err_set(err, ENAMETOOLONG, "%s: the path of a socket may have %zu bytes", path,
		    sizeof(sa->sun_path) - 1);
	memset(sa, 0, sizeof(*sa));
	sa->sun_family = AF_UNIX;
	memcpy(sa->sun_path, path, strlen(path));
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) == -1)
		return err_sys(err, errno, "%s: socket", path);
	return fd;
}

int
sock_listen(const char *path, mode_t mode, struct err *err)
{
	struct sockaddr_un sa;
	int fd = open_at(path, &sa, err);
	mode_t old;
	int rc;

	if (fd == -1)
		return -1;
	unlink(path);
	/* The mode at bind() counts: a chmod afterwards would leave a moment. */
	old = umask(~mode & 0777);
	rc = bind(fd, (struct sockaddr *)&sa, sizeof(sa));
	umask(old);
	if (rc == -1 || listen(fd, BACKLOG) == -1) {
		err_sys(err, errno, "%s", path);
		fd_close(&fd);
	}
	return fd;
}

int
sock_connect(const char *path, struct err *err)
{
	struct sockaddr_un sa;
	int fd = open_at(path, &sa, err);

	if (fd != -1 && connect(fd, (struct sockaddr *)&sa, sizeof(sa)) == -1) {
		err_sys(err, errno, "%s", path);
		fd_close(&fd);
	}
	return fd;
}

int
sock_peer(int fd, struct sock_peer *peer)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == -1)
		return -1;
	*peer = (struct sock_peer){ who.pid, who.uid, who.gid };
	return 0;
}
