#include "journal/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"
#include "journal/names.h"

/* So many bad lines of a segment are told one by one. */
#define WARNINGS_MAX 5
#define FIRST_LINE_MAX 4096

/* Where the last whole line ends in fd, a file of `size` bytes; -1 with errno. */
static off_t
find_end(int fd, off_t size)
{
	char block[65536];
	const char *newline;
	off_t from;
	ssize_t n;

	while (size > 0) {
		from = size > (off_t)sizeof(block) ? size - (off_t)sizeof(block) : 0;
		n = pread(fd, block, (size_t)(size - from), from);
		if (n <= 0)
			return n == 0 ? from : -1;
		newline = memrchr(block, '\n', (size_t)n);
		if (newline != NULL)
			return from + (newline - block) + 1;
		size = from;
	}
	return 0;
}

/* The newest segment was being written when its daemon ended. */
static int
repair(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), rc = -1;
	struct stat st;
	off_t end;

	if (fd == -1)
		return err_sys(err, errno, "%s", path);
	if (fstat(fd, &st) == -1 || (end = find_end(fd, st.st_size)) == -1) {
		err_sys(err, errno, "%s", path);
		goto out;
	}
	if (end != st.st_size)
		log_warnx("journal: %s: a torn last line is cut off (%jd bytes)", path, (intmax_t)(st.st_size - end));
	/* To the same length too: that gives the space behind the end back. */
	if (ftruncate(fd, end) == -1 || fsync(fd) == -1) {
		err_sys(err, errno, "%s: cannot be made safe", path);
		goto out;
	}
	rc = 0;
out:
	close(fd);
	return rc;
}

static int
sync_dir(const char *dir, struct err *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1 || fsync(fd) == -1) {
		err_sys(err, errno, "%s", dir);
		if (fd != -1)
			close(fd);
		return -1;
	}
	close(fd);
	return 0;
}

int
inherit_make_dir(const char *dir, struct err *err)
{
	char *parent, *slash;
	int rc;

	if (mkdir(dir, 0750) == -1)
		return errno == EEXIST ? 0 : err_sys(err, errno, "%s", dir);
	parent = xstrdup(dir);
	slash = strrchr(parent, '/');
	if (slash == parent)
		slash++;
	if (slash != NULL)
		*slash = '\0';
	rc = sync_dir(slash == NULL ? "." : parent, err);
	free(parent);
	return rc;
}

static void
fold_lines(const char *path, const char *text, size_t len, struct past *past)
{
	const char *p = text, *end = text + len, *newline;
	uint64_t bad = 0;

	for (; p < end && (newline = memchr(p, '\n', (size_t)(end - p))) != NULL; p = newline + 1) {
		if (past_fold(past, p, (size_t)(newline - p)) == 0)
			continue;
		if (++bad <= WARNINGS_MAX)
			log_warnx("journal: %s: no record at byte %zu is passed over", path, (size_t)(p - text));
	}
	if (bad > WARNINGS_MAX)
		log_warnx("journal: %s: %" PRIu64 " lines in all were passed over", path, bad);
}

/* Map a whole file; *text is NULL if it is empty. */
static int
map_file(const char *path, char **text, size_t *len, struct err *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	struct stat st;

	*text = NULL;
	*len = 0;
	if (fd == -1)
		return err_sys(err, errno, "%s", path);
	if (fstat(fd, &st) == -1) {
		rc = err_sys(err, errno, "%s", path);
	} else if (st.st_size > 0) {
		*text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (*text == MAP_FAILED) {
			*text = NULL;
			rc = err_sys(err, errno, "%s", path);
		} else {
			*len = (size_t)st.st_size;
		}
	}
	close(fd);
	return rc;
}

static int
fold_segment(const char *path, struct past *past, struct err *err)
{
	char *text;
	size_t len;

	if (map_file(path, &text, &len, err) == -1)
		return -1;
	if (text != NULL) {
		fold_lines(path, text, len, past);
		munmap(text, len);
	}
	return 0;
}

/* Does this segment begin with a whole snapshot, so that nothing before it is needed? */
static bool
has_snapshot(const char *path)
{
	struct json_field f[] = { { .name = "type" }, { .name = "continued" } };
	char line[FIRST_LINE_MAX];
	const char *newline;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return false;
	n = pread(fd, line, sizeof(line), 0);
	close(fd);
	newline = n > 0 ? memchr(line, '\n', (size_t)n) : NULL;
	return newline != NULL && json_scan(line, (size_t)(newline - line), f, ARRAY_LEN(f)) == 0 &&
	    json_field_is(&f[0], "journal") && f[1].kind == JSON_ABSENT;
}

static char *
path_of(const char *dir, struct segment_name name)
{
	char file[SEGMENT_NAME_SIZE];

	return xasprintf("%s/%s", dir, segment_name_text(name, file));
}

static size_t
find_base(const char *dir, const struct segment_list *list)
{
	size_t base = list->n;
	bool found = false;
	char *path;

	while (base > 0 && !found) {
		path = path_of(dir, list->v[--base]);
		found = has_snapshot(path);
		free(path);
	}
	return base;
}

static int
fold_list(const char *dir, const struct segment_list *list, struct past *past, struct err *err)
{
	size_t i;
	char *path;
	int rc;

	path = path_of(dir, list->v[list->n - 1]);
	rc = repair(path, err);
	free(path);
	if (rc == 0)
		rc = sync_dir(dir, err);
	for (i = find_base(dir, list); i < list->n && rc == 0; i++) {
		path = path_of(dir, list->v[i]);
		rc = fold_segment(path, past, err);
		free(path);
	}
	if (past->epoch < list->v[list->n - 1].epoch)
		past->epoch = list->v[list->n - 1].epoch;
	past_resolve_logs(past);
	return rc;
}

int
inherit(const char *dir, struct past *past, struct err *err)
{
	struct segment_list list;
	int rc = 0;

	if (segment_list_read(dir, &list, err) == -1)
		return -1;
	if (list.n > 0)
		rc = fold_list(dir, &list, past, err);
	segment_list_release(&list);
	return rc;
}
