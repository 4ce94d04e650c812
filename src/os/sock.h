/*
 * Unix stream sockets by path. All are close-on-exec and nonblocking.
 */
#ifndef TRAPEXIT_OS_SOCK_H
#define TRAPEXIT_OS_SOCK_H

#include <sys/types.h>

#include "base/err.h"

/* Listen at path with this mode. A socket that is left there is removed: the caller holds the lock that says it is ours. */
int sock_listen(const char *path, mode_t mode, struct err *err);
/* -1 with err->code ENOENT or ECONNREFUSED when nobody listens, EAGAIN when the backlog is full. */
int sock_connect(const char *path, struct err *err);

struct sock_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
};
int sock_peer(int fd, struct sock_peer *peer);

#endif
