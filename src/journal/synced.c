#include "journal/synced.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/xalloc.h"

#define SYNCED_LEN (SYNCED_SIZE - 1)
#define CHECKED_LEN (8 + 1 + 6 + 1 + 20)

_Static_assert(CHECKED_LEN + 1 + 8 + 1 == SYNCED_LEN, "the line's width is fixed");

void
synced_encode(struct segment_name name, uint64_t offset, char buf[SYNCED_SIZE])
{
	snprintf(buf, SYNCED_SIZE, "%08" PRIx32 "-%06" PRIx32 " %020" PRIu64, name.epoch, name.number & SEGMENT_NUMBER_MAX,
	    offset);
	snprintf(buf + CHECKED_LEN, SYNCED_SIZE - CHECKED_LEN, " %08" PRIx32 "\n",
	    (uint32_t)hash_bytes(buf, CHECKED_LEN));
}

int
synced_decode(const char *text, size_t len, struct segment_name *name, uint64_t *offset)
{
	struct segment_name got;
	char again[SYNCED_SIZE];
	uint64_t off;

	if (len != SYNCED_LEN || text[CHECKED_LEN] != ' ')
		return -1;
	memcpy(again, text, SYNCED_LEN);
	again[SYNCED_LEN] = '\0';
	if (sscanf(again, "%8" SCNx32 "-%6" SCNx32 " %20" SCNu64, &got.epoch, &got.number, &off) != 3)
		return -1;
	synced_encode(got, off, again);
	if (memcmp(again, text, SYNCED_LEN) != 0)
		return -1;
	*name = got;
	*offset = off;
	return 0;
}

int
synced_open(const char *dir, struct err *err)
{
	char *path = xasprintf("%s/" SYNCED_FILE, dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);

	if (fd == -1)
		err_sys(err, errno, "%s", path);
	free(path);
	return fd;
}

int
synced_write(int fd, struct segment_name name, uint64_t offset)
{
	char line[SYNCED_SIZE];

	synced_encode(name, offset, line);
	return pwrite(fd, line, SYNCED_LEN, 0) == SYNCED_LEN ? 0 : -1;
}

int
synced_read(int fd, struct segment_name *name, uint64_t *offset)
{
	char line[SYNCED_SIZE];
	ssize_t n;
	unsigned i;

	/* Half a write is seen at most while it lasts: a few tries see a whole one. */
	for (i = 0; i < 16; i++) {
		n = pread(fd, line, sizeof(line), 0);
		if (n >= 0 && synced_decode(line, (size_t)n, name, offset) == 0)
			return 0;
	}
	return -1;
}
