#include "journal/logs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/xalloc.h"

/* Where the plan for a file stands: as the file will be when the plan is carried out. */
struct plan {
	uint64_t length;
	uint64_t token, next;
	unsigned stream;
	bool marked;
	bool line_start;
};

void
logs_init(struct logs *l, struct segment *segment)
{
	*l = (struct logs){ .segment = segment, .marks = BUF_INIT(0) };
}

void
logs_release(struct logs *l)
{
	logs_reopen(l);
	buf_release(&l->marks);
	free(l->iov);
	l->iov = NULL;
}

struct log_file *
log_file_new(const char *child, const char *path, uint64_t size, unsigned keep)
{
	struct log_file *f = xcalloc(1, sizeof(*f));

	f->child = xstrdup(child);
	f->path = xstrdup(path);
	f->rotate_size = f->rotate_at = size;
	f->keep = keep;
	f->fd = -1;
	return f;
}

static void
unlink_lru(struct logs *l, struct log_file *f)
{
	if (f->newer != NULL)
		f->newer->older = f->older;
	else
		l->newest = f->older;
	if (f->older != NULL)
		f->older->newer = f->newer;
	else
		l->oldest = f->newer;
	f->newer = f->older = NULL;
	l->n_open--;
}

static void
link_newest(struct logs *l, struct log_file *f)
{
	f->older = l->newest;
	if (l->newest != NULL)
		l->newest->newer = f;
	else
		l->oldest = f;
	l->newest = f;
	l->n_open++;
}

void
log_file_close(struct logs *l, struct log_file *f)
{
	if (f->fd == -1)
		return;
	unlink_lru(l, f);
	close(f->fd);
	f->fd = -1;
}

void
log_file_free(struct logs *l, struct log_file *f)
{
	log_file_close(l, f);
	free(f->child);
	free(f->path);
	free(f);
}

void
logs_reopen(struct logs *l)
{
	while (l->oldest != NULL)
		log_file_close(l, l->oldest);
}

/* The folders above `path`. */
static int
make_parents(const char *path)
{
	char *copy = xstrdup(path), *slash;
	int rc = 0;

	for (slash = strchr(copy + 1, '/'); slash != NULL && rc == 0; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		rc = mkdir(copy, 0750) == -1 && errno != EEXIST ? -1 : 0;
		*slash = '/';
	}
	free(copy);
	return rc;
}

static int
open_log(const char *path, int flags)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0640);

	if (fd == -1 && errno == ENOENT && make_parents(path) == 0)
		fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0640);
	return fd;
}

/* What is there is not what we left: the next mark says where we had got to, and who writes now. */
static void
note_file(struct log_file *f, const struct stat *st)
{
	uint64_t inode = (uint64_t)st->st_ino, length = (uint64_t)st->st_size;

	if (f->known && (f->inode != inode || f->length != length)) {
		f->has_was = true;
		f->was = f->length;
		f->marked = false;
	}
	if (!f->known || f->length != length)
		f->line_start = true; /* as far as we know */
	f->known = true;
	f->inode = inode;
	f->length = length;
	if (f->rotate_at < f->rotate_size || length < f->rotate_size)
		f->rotate_at = f->rotate_size;
}

/* The file is open, and we know its inode and length. */
static int
ensure_open(struct logs *l, struct log_file *f)
{
	struct stat st;

	/* Deleted by somebody: what goes there would be lost. */
	if (f->fd != -1 && (fstat(f->fd, &st) == -1 || st.st_nlink == 0))
		log_file_close(l, f);
	if (f->fd != -1) {
		unlink_lru(l, f);
	} else {
		if (l->n_open >= LOGS_OPEN_MAX)
			log_file_close(l, l->oldest);
		while ((f->fd = open_log(f->path, 0)) == -1) {
			if ((errno != EMFILE && errno != ENFILE) || l->oldest == NULL)
				return -1;
			log_file_close(l, l->oldest);
		}
		if (fstat(f->fd, &st) == -1) {
			close(f->fd);
			f->fd = -1;
			return -1;
		}
	}
	link_newest(l, f);
	note_file(f, &st);
	return 0;
}

static void
put_mark(struct logs *l, struct log_file *f, const struct piece *piece, uint64_t at, uint64_t pos)
{
	struct buf *b = &l->marks;

	buf_xaddc(b, '{');
	json_put_str(b, "type", "mark");
	json_put_str(b, "child", f->child);
	json_put_uint(b, "token", piece->token);
	json_put_uint(b, "stream", piece->stream);
	json_put_uint(b, "at", at);
	json_put_str(b, "path", f->path);
	json_put_uint(b, "file", f->inode);
	json_put_uint(b, "pos", pos);
	json_put_uint(b, "size", f->length);
	if (f->has_was)
		json_put_uint(b, "was", f->was);
	buf_xaddstr(b, "}\n");
	f->has_was = false;
}

/*
 * How many of n bytes go to a file of this length before it is rotated: up to
 * the last line end within the size. A line that does not fit goes whole, but
 * one that never ends is parted at twice the size. 0: rotate first.
 */
static size_t
fit(const struct log_file *f, const struct plan *plan, const char *p, size_t n)
{
	const char *newline;
	uint64_t room;

	if (f->rotate_size == 0 || plan->length + n <= f->rotate_at)
		return n;
	room = plan->length < f->rotate_at ? f->rotate_at - plan->length : 0;
	newline = room == 0 ? NULL : memrchr(p, '\n', room);
	if (newline != NULL)
		return (size_t)(newline - p) + 1;
	if (plan->length > 0 && plan->line_start)
		return 0;
	newline = memchr(p, '\n', n);
	if (newline != NULL)
		return (size_t)(newline - p) + 1;
	return plan->length >= 2 * f->rotate_at ? 0 : n;
}

static void
put_iov(struct logs *l, const char *p, size_t n)
{
	if (l->iov_n == l->iov_cap) {
		l->iov_cap = l->iov_cap == 0 ? 64 : l->iov_cap * 2;
		l->iov = xreallocarray(l->iov, l->iov_cap, sizeof(*l->iov));
	}
	/* writev() reads only, whatever its type says. */
	memcpy(&l->iov[l->iov_n].iov_base, &p, sizeof(p));
	l->iov[l->iov_n++].iov_len = n;
}

/* Plan what goes to f now: as many of its pieces as fit before a rotation. Marks and vectors are collected in l. */
static void
make_plan(struct logs *l, struct log_file *f)
{
	struct plan plan = { f->length, f->token, f->next, f->stream, f->marked && f->segment == l->segment->base.number,
		f->line_start };
	const struct piece *piece;
	uint64_t at;
	size_t take;

	f->iov_first = l->iov_n;
	f->iov_n = f->plan_bytes = 0;
	for (piece = f->first; piece != NULL && f->iov_n < LOGS_IOV_MAX; piece = piece->same_file) {
		if ((take = fit(f, &plan, piece->p + piece->done, piece->n - piece->done)) == 0)
			break;
		at = piece->offset + piece->done;
		if (!plan.marked || plan.token != piece->token || plan.stream != piece->stream || plan.next != at)
			put_mark(l, f, piece, at, plan.length);
		put_iov(l, piece->p + piece->done, take);
		plan = (struct plan){ plan.length + take, piece->token, at + take, piece->stream, true,
			piece->p[piece->done + take - 1] == '\n' };
		f->iov_n++;
		f->plan_bytes += take;
		if (take < piece->n - piece->done)
			break;
	}
}

/* n more bytes of f's pieces are in the file. */
static void
note_written(struct logs *l, struct log_file *f, size_t n)
{
	struct piece *piece;
	size_t k;

	f->length += n;
	while (n > 0) {
		piece = f->first;
		k = piece->n - piece->done < n ? piece->n - piece->done : n;
		piece->done += k;
		n -= k;
		f->token = piece->token;
		f->stream = piece->stream;
		f->next = piece->offset + piece->done;
		f->line_start = piece->p[piece->done - 1] == '\n';
		f->marked = true;
		f->segment = l->segment->base.number;
		if (piece->done == piece->n)
			f->first = piece->same_file;
	}
}

static int
write_plan(struct logs *l, struct log_file *f)
{
	struct iovec *iov = f->iov_n == 0 ? NULL : l->iov + f->iov_first;
	size_t left = f->iov_n, k;
	ssize_t n;

	while (left > 0) {
		n = writev(f->fd, iov, (int)left);
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			if (n == 0)
				errno = ENOSPC;
			return -1;
		}
		note_written(l, f, (size_t)n);
		for (k = (size_t)n; left > 0 && k >= iov->iov_len; left--)
			k -= iov++->iov_len;
		if (left > 0 && k > 0) {
			iov->iov_base = (char *)iov->iov_base + k;
			iov->iov_len -= k;
		}
	}
	return 0;
}

/* The marks collected go to the journal; -1: they could not, and what they speak of may not be written. */
static int
write_marks(struct logs *l, struct err *err)
{
	enum segment_result r = SEGMENT_OK;
	size_t done;

	if (l->marks.len > 0)
		r = segment_write(l->segment, JOURNAL_VITAL, l->marks.data, l->marks.len, &done, err);
	buf_clear(&l->marks);
	l->full = r == SEGMENT_FULL;
	return r == SEGMENT_OK ? 0 : -1;
}

static char *
old_name(const struct log_file *f, unsigned i)
{
	return i == 0 ? xstrdup(f->path) : xasprintf("%s.%u", f->path, i);
}

/* PATH.1 becomes PATH.2, and so on up to the first free name (a crash may have left a gap); the last one goes. */
static void
shift_old(const struct log_file *f)
{
	char *from, *to = NULL;
	unsigned n;

	for (n = 0; n < f->keep; n++) {
		free(to);
		to = old_name(f, n + 1);
		if (access(to, F_OK) == -1) {
			n++;
			break;
		}
	}
	for (; n > 0; n--) {
		from = old_name(f, n - 1);
		if (rename(from, to) == -1 && errno != ENOENT)
			log_warn("%s", to);
		free(to);
		to = from;
	}
	free(to);
}

/* The rest of f's pieces go to a new file. */
static int
rotate(struct logs *l, struct log_file *f, struct err *err)
{
	char *path = xasprintf("%s.new", f->path);
	int fd = open_log(path, O_TRUNC), rc = -1;
	const struct piece *piece = f->first;
	struct stat st;

	if (fd == -1 || fstat(fd, &st) == -1) {
		/* Better a log that is too long than none. */
		log_warn("%s: cannot rotate", path);
		f->rotate_at = f->length + piece->n + f->rotate_size / 8 + 4096;
		rc = 0;
		goto out;
	}
	f->was = f->length;
	f->has_was = true;
	f->inode = (uint64_t)st.st_ino;
	f->length = 0;
	put_mark(l, f, piece, piece->offset + piece->done, 0);
	f->known = true;
	f->marked = false;
	if (write_marks(l, err) == -1) {
		/* Not told to anybody: the old file is still the one. */
		log_file_close(l, f);
		f->known = false;
		goto out;
	}
	shift_old(f);
	if (rename(path, f->path) == -1)
		log_warn("%s", path);
	close(f->fd);
	f->fd = fd;
	fd = -1;
	f->rotate_at = f->rotate_size;
	f->token = piece->token;
	f->stream = piece->stream;
	f->next = piece->offset + piece->done;
	f->marked = true;
	f->segment = l->segment->base.number;
	rc = 0;
out:
	if (fd != -1)
		close(fd);
	free(path);
	return rc;
}

/* Will trying again help, without a person doing something about this one file? */
static bool
is_passing(int error)
{
	switch (error) {
	case EACCES:
	case EPERM:
	case EISDIR:
	case ENOTDIR:
	case ELOOP:
	case ENAMETOOLONG:
	case ENXIO:
	case EFBIG:
		return false;
	default:
		return true;
	}
}

/*
 * f failed with errno. One log that cannot be written must not hold up the
 * others for ever: its bytes are dropped, with a warning, unless it passes.
 */
static int
give_up_or_wait(struct logs *l, struct log_file *f, struct err *err)
{
	int error = errno;
	struct piece *piece;

	if (is_passing(error)) {
		l->full = error == ENOSPC || error == EDQUOT;
		return err_sys(err, error, "%s", f->path);
	}
	if (!f->complained)
		log_warn("%s: output is dropped", f->path);
	f->complained = true;
	for (piece = f->first; piece != NULL; piece = piece->same_file)
		piece->done = piece->n;
	f->first = NULL;
	f->marked = false;
	log_file_close(l, f);
	return 0;
}

/* Write f's pieces, through as many rotations as it takes. The first plan's marks are journaled. */
static int
write_file(struct logs *l, struct log_file *f, struct err *err)
{
	while (f->first != NULL) {
		if (write_plan(l, f) == -1)
			return give_up_or_wait(l, f, err);
		f->complained = false;
		if (f->first == NULL)
			break;
		if (f->iov_n < LOGS_IOV_MAX && rotate(l, f, err) == -1)
			return -1;
		make_plan(l, f);
		if (write_marks(l, err) == -1)
			return -1;
	}
	return 0;
}

/* Open f and plan; 0, or errno. */
static int
prepare(struct logs *l, struct log_file *f)
{
	if (ensure_open(l, f) == -1)
		return errno;
	make_plan(l, f);
	return 0;
}

/* The marks of the file's plan are journaled: carry it out, unless it could not be opened for this reason. */
static int
carry_out(struct logs *l, struct log_file *f, int error, struct err *err)
{
	/* Closed again since, for want of descriptors: the plan holds if the file is what it was. */
	if (error == 0 && f->fd == -1) {
		if (ensure_open(l, f) == -1)
			error = errno;
		else if (f->has_was)
			return 0;
	}
	if (error != 0) {
		errno = error;
		return give_up_or_wait(l, f, err);
	}
	return write_file(l, f, err);
}

/* Gather the pieces by file. */
static size_t
group(struct piece *const *v, size_t n, struct log_file *files[LOGS_OPEN_MAX])
{
	struct log_file *f;
	size_t i, n_files = 0;

	for (i = 0; i < n; i++) {
		f = v[i]->file;
		v[i]->same_file = NULL;
		if (f->first == NULL) {
			files[n_files++] = f;
			f->first = v[i];
		} else {
			f->last->same_file = v[i];
		}
		f->last = v[i];
	}
	return n_files;
}

int
logs_write(struct logs *l, struct piece *const *v, size_t n, struct err *err)
{
	struct log_file *files[LOGS_OPEN_MAX];
	size_t n_files = group(v, n, files), i;
	int errors[LOGS_OPEN_MAX], rc = 0;

	l->iov_n = 0;
	l->full = false;
	for (i = 0; i < n_files; i++)
		errors[i] = prepare(l, files[i]);
	if (write_marks(l, err) == -1) {
		rc = -1;
	} else {
		for (i = 0; i < n_files; i++)
			if (carry_out(l, files[i], errors[i], err) == -1)
				rc = -1;
	}
	for (i = 0; i < n_files; i++)
		files[i]->first = files[i]->last = NULL;
	return rc;
}
