#include "journal/recorded.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"

#define RECORDED "recorded"
#define RECORDED_NEW "recorded.new"
#define RECORDED_MAX 64

static int
write_file(const char *path, const struct journal_pos *pos)
{
	char text[RECORDED_MAX];
	int fd, n, saved;

	n = snprintf(text, sizeof(text), "%" PRIu32 " %" PRIu32 " %" PRIu64 "\n", pos->epoch, pos->segment, pos->offset);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	if (fd == -1)
		return -1;
	errno = 0;
	if (write(fd, text, (size_t)n) != n) {
		saved = errno != 0 ? errno : ENOSPC; /* a short write sets none */
		close(fd);
		errno = saved;
		return -1;
	}
	return close(fd);
}

int
journal_recorded_write(const char *dir, const struct journal_pos *pos, struct err *err)
{
	char *path = xasprintf("%s/" RECORDED, dir), *temp = xasprintf("%s/" RECORDED_NEW, dir);
	int rc = 0;

	if (write_file(temp, pos) == -1 || rename(temp, path) == -1)
		rc = err_sys(err, errno, "%s", path);
	free(temp);
	free(path);
	return rc;
}

int
journal_recorded_read(const char *dir, struct journal_pos *pos, struct err *err)
{
	char *path = xasprintf("%s/" RECORDED, dir);
	struct journal_pos got;
	FILE *f;
	int rc = 0;

	*pos = (struct journal_pos){ 0, 0, 0 };
	f = fopen(path, "re");
	if (f == NULL) {
		if (errno != ENOENT)
			rc = err_sys(err, errno, "%s", path);
	} else {
		if (fscanf(f, "%" SCNu32 " %" SCNu32 " %" SCNu64, &got.epoch, &got.segment, &got.offset) == 3)
			*pos = got;
		else
			rc = err_set(err, EINVAL, "%s: not a position", path);
		fclose(f);
	}
	free(path);
	return rc;
}
