/*
 * The children's log files: the disk thread's half of journal_log().
 *
 * logs_write() writes pieces, one writev() a file where possible. Before bytes
 * go to a file, the marks that speak of them are journaled (ARCHITECTURE.md,
 * "exactly once"): one write for all files, then their bytes.
 *
 * At most LOGS_OPEN_MAX files are open; the one used longest ago is closed for
 * another. A file that is found deleted, moved, cut or appended to by others is
 * told from the one we knew by inode and length, and gets a new mark.
 *
 * Rotation, in an order that a crash may cut anywhere: all bytes for the old file
 * are written; PATH.new is made; a mark with its inode is journaled; the old ones
 * move up; PATH becomes PATH.1; PATH.new becomes PATH.
 */
#ifndef TRAPEXIT_JOURNAL_LOGS_H
#define TRAPEXIT_JOURNAL_LOGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "base/buf.h"
#include "base/err.h"
#include "journal/segment.h"

#define LOGS_OPEN_MAX 64
#define LOGS_IOV_MAX 256

struct piece;
struct batch;

struct log_file {
	char *child; /* owned */
	char *path;  /* owned */
	uint64_t rotate_size;
	unsigned keep;
	/* From here on: the disk thread's. */
	int fd;		   /* -1: closed */
	bool known;	   /* inode and length are what we left there */
	bool marked;	   /* the journal's newest mark says who writes at `length` */
	bool has_was;	   /* the next mark must tell `was` */
	bool complained;   /* about bytes that were dropped */
	bool line_start;   /* the last byte that we wrote ended a line */
	uint64_t inode, length, was;
	uint64_t rotate_at; /* length at which the next rotation is tried */
	uint64_t token, next; /* who wrote last, and its next byte */
	unsigned stream;
	uint32_t segment; /* number of the snapshot behind which it was marked */
	struct log_file *newer, *older; /* by last use, while open */
	uint32_t slice;			/* the slice that it is in */
	struct piece *first, *last;	/* its pieces there */
	size_t iov_first, iov_n;	/* its plan */
	size_t plan_bytes;
};

/* Some bytes of one stream, on their way to a file. */
struct piece {
	struct piece *next;	 /* in the queue */
	struct piece *same_file; /* next one of the slice for this file */
	struct log_file *file;	 /* NULL: reopen all */
	bool free_file;		 /* no bytes: the file's last piece */
	uint64_t token, offset;
	unsigned stream;
	const char *p;
	size_t n, done;
	void (*release)(void *arg); /* NULL: the bytes belong to the batch */
	void *arg;
	struct batch *batch;
};

struct logs {
	struct segment *segment; /* borrowed: takes the marks */
	struct log_file *newest, *oldest;
	unsigned n_open;
	struct buf marks;
	struct iovec *iov; /* owned */
	size_t iov_n, iov_cap;
	bool full;	   /* the latest failure was want of room */
};

void logs_init(struct logs *l, struct segment *segment);
void logs_release(struct logs *l);
/*
 * Write pieces v[0..n), none of them an order (reopen, free), at most
 * LOGS_OPEN_MAX different files. A piece with done == n is written, or was
 * dropped because its file can never be written (then a warning says so).
 * -1 with err set when some have to wait.
 */
int logs_write(struct logs *l, struct piece *const *v, size_t n, struct err *err);
void logs_reopen(struct logs *l);
struct log_file *log_file_new(const char *child, const char *path, uint64_t size, unsigned keep);
void log_file_close(struct logs *l, struct log_file *f);
void log_file_free(struct logs *l, struct log_file *f);

#endif
