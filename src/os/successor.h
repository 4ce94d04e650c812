/*
 * Handing a daemon over to another program, or to another image of its own.
 *
 *	successor_start(argv, sock, err_fd, "NAME=3", &pid, &err);
 *		starts argv with sock as descriptor 3, err_fd as 2 and nothing else,
 *		in a session of its own, with the signals of successor_block() blocked;
 *		WATCHDOG_PID, if it is set, is its own
 *	successor_become(NULL, argv, keep, n, &err);
 *		this very process goes on as another program (NULL: as the image that it
 *		runs, though its file may have been replaced)
 *
 * Whoever is begun in either way takes the signals when it can, from
 * successor_signals(); until then they wait. What was not taken before
 * successor_become() waits for who comes: a handler would have swallowed it.
 *
 * Packets go between the two over a SOCK_SEQPACKET socket: whole or not at all, with
 * the descriptors that they carry.
 */
#ifndef TRAPEXIT_OS_SUCCESSOR_H
#define TRAPEXIT_OS_SUCCESSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

#define SUCCESSOR_FD 3
#define PACKET_MAX 65536
#define PACKET_FDS_MAX 8

/* TERM, INT, HUP, USR1 and USR2. */
void successor_block(void);
/* Blocks them, too: a nonblocking descriptor that becomes readable when one has come; -1 with errno set. */
int successor_signals(void);
/* The next one that has come; 0: none. */
int successor_signal(int fd);
/* 0 when it runs (exec has succeeded); argv[0] without '/' is looked for in PATH. -1 with err set. */
int successor_start(char *const argv[], int sock, int err_fd, const char *assignment, pid_t *pid, struct err *err);
/* Returns only if it fails, with -1: then all is as before. */
int successor_become(const char *path, char *const argv[], const int *keep, size_t n, struct err *err);
/* What ps and pkill call us, whatever the file is called that we were started from. */
void successor_name(const char *name);

/* -1 with errno set: the other end is gone, or takes nothing. Never waits. */
int packet_send(int sock, const void *p, size_t n, const int *fds, size_t n_fds);
/*
 * The length of one packet, NUL-terminated in p (PACKET_MAX + 1 bytes); 0: the other end
 * is gone; -1 with errno set, EAGAIN: none within wait_ms (-1: no bound). fds (PACKET_FDS_MAX)
 * are close-on-exec, and the caller's.
 */
ssize_t packet_receive(int sock, char *p, int *fds, size_t *n_fds, int wait_ms);

#endif
