#include "conf/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

static int
read_all(int fd, const char *path, struct buf *out, struct err *err)
{
	char *room;
	ssize_t n;

	for (;;) {
		room = buf_room(out, CHUNK);
		if (room == NULL)
			return err_set(err, EFBIG, "%s: larger than %zu bytes", path, out->max);
		n = read(fd, room, CHUNK);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return err_sys(err, errno, "%s", path);
		if (n > 0)
			out->len += (size_t)n;
	}
}

int
conf_file_read(const char *path, struct buf *out, struct err *err)
{
	struct stat st;
	int fd, ret;

	/* A FIFO in place of the file would keep a reload, and so the daemon, waiting for a writer. */
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd == -1)
		return err_sys(err, errno, "%s", path);
	if (fstat(fd, &st) == -1)
		ret = err_sys(err, errno, "%s", path);
	else if (S_ISDIR(st.st_mode))
		ret = err_sys(err, EISDIR, "%s", path);
	else if (S_ISREG(st.st_mode) || S_ISCHR(st.st_mode))
		ret = read_all(fd, path, out, err);
	else
		ret = err_set(err, EINVAL, "%s: neither a file nor a character device", path);
	close(fd);
	return ret;
}
