/*
 * Whole files, safely: what is written is either all there after a crash or
 * not there at all.
 */
#ifndef TRAPEXIT_OS_FILE_H
#define TRAPEXIT_OS_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Append the whole file to *b (whose max bounds it); also for /proc, where sizes lie. */
int file_read(const char *path, struct buf *b, struct err *err);
/*
 * Replace the file in one step: a new one beside it, written, fsynced, renamed
 * over it, and its directory fsynced.
 */
int file_write_atomic(const char *path, const void *p, size_t n, mode_t mode, struct err *err);
/* fsync the directory that holds `path`, so that a name made or removed there lasts. */
int file_sync_dir_of(const char *path, struct err *err);
int dir_sync(const char *dir, struct err *err);
/* Make a directory and its missing parents, all of them with this mode. One that is there is left as it is. */
int dir_make(const char *dir, mode_t mode, struct err *err);

#endif
