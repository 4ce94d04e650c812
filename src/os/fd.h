/*
 * File descriptors. All that are made here are close-on-exec.
 */
#ifndef TRAPEXIT_OS_FD_H
#define TRAPEXIT_OS_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Close if open (-1 is passed over) and set to -1. errno is preserved. */
void fd_close(int *fd);
int fd_set_nonblock(int fd);
int fd_set_cloexec(int fd, bool on);
/*
 * Move a descriptor to the lowest free number from `least` on; the old number is
 * closed. When there is no room it stays where it is. Returns the number.
 */
int fd_move_up(int fd, int least);
/* All of it, over short writes and EINTR; -1 with errno set. The descriptor blocks. */
int fd_write_all(int fd, const void *p, size_t n);
/* Up to n bytes or the end; the count, or -1 with errno set. */
ssize_t fd_read_full(int fd, void *p, size_t n);
/* Open /dev/null on those of the descriptors 0 to n - 1 that are closed. */
int fd_fill_lowest(int n);
/*
 * No file that is opened later is taken for a standard stream that is closed:
 * to read from it or to write to it still fails with EBADF. At the start of a
 * program.
 */
void fd_reserve_standard(void);
/* Raise the soft limit of open files as far as we may; what it was before is in *soft, *hard (may be NULL). */
void fd_limit_raise(unsigned long long *soft, unsigned long long *hard);

#endif
