#include "config.h"

#include "os/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "os/fd.h"

#define READ_AT_ONCE 65536

static int
read_on(int fd, const char *path, struct buf *b, struct err *err)
{
	ssize_t got;
	char *room;

	for (;;) {
		size_t want = READ_AT_ONCE;

		if (b->max != 0 && want > b->max - b->len)
			want = b->max - b->len;
		if (want == 0 || (room = buf_room(b, want)) == NULL)
			return err_set(err, EFBIG, "%s: longer than %zu bytes", path, b->max);
		if ((got = read(fd, room, want)) == 0)
			break;
		if (got == -1 && errno == EINTR)
			continue;
		if (got == -1)
			return err_sys(err, errno, "%s", path);
		b->len += (size_t)got;
	}
	b->data[b->len] = '\0';
	return 0;
}

int
file_read(const char *path, struct buf *b, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int rc;

	if (fd == -1)
		return err_sys(err, errno, "%s", path);
	rc = read_on(fd, path, b, err);
	close(fd);
	return rc;
}

int
dir_sync(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = 0;

	if (fd == -1)
		return err_sys(err, errno, "%s", dir);
	/* Some file systems cannot sync a directory and say so; they need none. */
	if (fsync(fd) == -1 && errno != EINVAL && errno != EROFS)
		rc = err_sys(err, errno, "%s: fsync", dir);
	close(fd);
	return rc;
}

int
file_sync_dir_of(const char *path, struct err *err)
{
	const char *slash = strrchr(path, '/');
	char *dir;
	int rc;

	if (slash == NULL)
		return dir_sync(".", err);
	dir = xstrndup(path, slash == path ? 1 : (size_t)(slash - path));
	rc = dir_sync(dir, err);
	free(dir);
	return rc;
}

static int
write_new(const char *path, const void *p, size_t n, mode_t mode, struct err *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	if (fd == -1)
		return err_sys(err, errno, "%s", path);
	if (fchmod(fd, mode) == -1 || fd_write_all(fd, p, n) == -1 || fsync(fd) == -1) {
		err_sys(err, errno, "%s", path);
		close(fd);
		return -1;
	}
	/* What close() has to report was reported by fsync(). */
	close(fd);
	return 0;
}

int
file_write_atomic(const char *path, const void *p, size_t n, mode_t mode, struct err *err)
{
	char *tmp = xasprintf("%s.new", path);
	int rc = write_new(tmp, p, n, mode, err);

	if (rc == 0 && rename(tmp, path) == -1)
		rc = err_sys(err, errno, "%s: rename to %s", tmp, path);
	if (rc == -1)
		unlink(tmp);
	else
		rc = file_sync_dir_of(path, err);
	free(tmp);
	return rc;
}

int
dir_make(const char *dir, mode_t mode, struct err *err)
{
	char *path = xstrdup(dir);
	struct stat st;
	int rc = 0;

	for (char *p = path + 1; rc == 0 && *path != '\0'; p++) {
		char c = *p;

		if (c != '/' && c != '\0')
			continue;
		*p = '\0';
		/* stat first: mkdir on an automounted or read-only parent fails though it is there. */
		if (stat(path, &st) == -1 && mkdir(path, mode) == -1 && errno != EEXIST)
			rc = err_sys(err, errno, "%s", path);
		if (c == '\0')
			break;
		*p = c;
	}
	if (rc == 0 && stat(dir, &st) == 0 && !S_ISDIR(st.st_mode))
		rc = err_sys(err, ENOTDIR, "%s", dir);
	free(path);
	return rc;
}
