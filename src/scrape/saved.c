#include "scrape/saved.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

/* Room for the whole of a regular file at once. */
static size_t
first_chunk(int fd, size_t max)
{
	struct stat st;

	if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size < 0)
		return CHUNK;
	return (uintmax_t)st.st_size < max ? (size_t)st.st_size + 1 : max + 1;
}

static int
read_all(int fd, const char *file, size_t max, struct buf *out, struct err *err)
{
	size_t chunk = first_chunk(fd, max);
	char *room;
	ssize_t n;

	while (out->len <= max) {
		room = buf_room(out, chunk);
		if (room == NULL)
			return err_set(err, ENOMEM, "%s: out of memory", file);
		n = read(fd, room, chunk);
		if (n == 0)
			return 0;
		if (n == -1 && errno != EINTR)
			return err_sys(err, errno, "%s", file);
		if (n > 0)
			out->len += (size_t)n;
		chunk = CHUNK;
	}
	return 0;
}

int
saved_read(const char *file, size_t max, struct buf *out, bool *too_large, struct err *err)
{
	int fd = strcmp(file, "-") == 0 ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	int ret;

	buf_clear(out);
	*too_large = false;
	if (fd == -1)
		return err_sys(err, errno, "%s", file);
	ret = read_all(fd, file, max, out, err);
	if (fd != STDIN_FILENO)
		close(fd);
	if (ret == 0 && out->len > max) {
		*too_large = true;
		buf_clear(out);
	}
	return ret;
}
