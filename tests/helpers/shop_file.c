#include "shop_file.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIELDS_MAX 8

struct head {
	unsigned status;
	char lines[FIELDS_MAX][256]; /* "Name: value" */
	size_t n;
};

static bool
file_path(const char *dir, const char *path, const char *suffix, char *out, size_t size)
{
	const char *name = path + strlen("/file/");

	if (dir == NULL || strncmp(path, "/file/", strlen("/file/")) != 0 || strchr(name, '/') != NULL || name[0] == '.')
		return false;
	return (size_t)snprintf(out, size, "%s/%s%s", dir, name, suffix) < size;
}

static const char *
field(const struct head *h, const char *name)
{
	size_t i, n = strlen(name);

	for (i = 0; i < h->n; i++) {
		if (strncmp(h->lines[i], name, n) == 0 && strncmp(h->lines[i] + n, ": ", 2) == 0)
			return h->lines[i] + n + 2;
	}
	return NULL;
}

/* False: there is no such page among ours. */
static bool
read_head(struct MHD_Connection *c, const char *dir, const char *path, struct head *h)
{
	const char *match = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "If-None-Match");
	char file[4096], line[256];
	FILE *f;

	*h = (struct head){ .status = 200 };
	if (!file_path(dir, path, ".head", file, sizeof(file)))
		return false;
	if ((f = fopen(file, "re")) != NULL) {
		while (fgets(line, sizeof(line), f) != NULL && h->n < FIELDS_MAX) {
			line[strcspn(line, "\n")] = '\0';
			if (strchr(line, ':') != NULL)
				memcpy(h->lines[h->n++], line, sizeof(line));
			else
				h->status = (unsigned)strtoul(line, NULL, 10);
		}
		fclose(f);
	}
	if (h->status == 200 && match != NULL && field(h, "ETag") != NULL && strcmp(field(h, "ETag"), match) == 0)
		h->status = 304;
	return true;
}

unsigned
file_status(struct MHD_Connection *c, const char *dir, const char *path)
{
	struct head h;

	return read_head(c, dir, path, &h) ? h.status : 0;
}

enum MHD_Result
file_serve(struct MHD_Connection *c, const char *dir, const char *path)
{
	struct MHD_Response *r = NULL;
	enum MHD_Result result;
	char file[4096];
	struct stat st;
	struct head h;
	size_t i;
	int fd;

	if (!read_head(c, dir, path, &h) || !file_path(dir, path, "", file, sizeof(file)))
		return MHD_NO;
	fd = open(file, O_RDONLY | O_CLOEXEC);
	if (h.status != 304 && fd != -1 && fstat(fd, &st) == 0)
		r = MHD_create_response_from_fd((uint64_t)st.st_size, fd);
	else if (fd != -1)
		close(fd);
	if (r == NULL)
		r = MHD_create_response_from_buffer(0, (void *)(size_t)"", MHD_RESPMEM_PERSISTENT);
	if (r == NULL)
		return MHD_NO;
	MHD_add_response_header(r, "Content-Type", "text/html; charset=utf-8");
	for (i = 0; i < h.n; i++) {
		h.lines[i][strcspn(h.lines[i], ":")] = '\0';
		MHD_add_response_header(r, h.lines[i], h.lines[i] + strlen(h.lines[i]) + 2);
	}
	result = MHD_queue_response(c, h.status, r);
	MHD_destroy_response(r);
	return result;
}
