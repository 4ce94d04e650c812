/*
 * sd_notify(3), both ends.
 *
 * As a service: notify_send("READY=1\nSTATUS=%s", ...) tells the service
 * manager that started us, if there is one. notify_watchdog_us() is how often
 * it wants to hear "WATCHDOG=1" at the latest.
 *
 * As an agent: a socket on which our children say that they are ready; the
 * kernel tells who speaks.
 */
#ifndef TRAPEXIT_OS_NOTIFY_H
#define TRAPEXIT_OS_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"
#include "base/err.h"

/* 1: sent; 0: there is no service manager; -1 with errno set. */
int notify_send(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* 0: none wanted. */
int64_t notify_watchdog_us(void);

#define NOTIFY_NAME_SIZE 64
#define NOTIFY_TEXT_SIZE 4096
/* A nonblocking socket, and the value of NOTIFY_SOCKET that leads to it. */
int notify_listen(char name[NOTIFY_NAME_SIZE], struct err *err);
/* One message, NUL-terminated, and who sent it: 1, 0 if there is none, -1 with errno set. */
int notify_receive(int fd, char text[NOTIFY_TEXT_SIZE], pid_t *pid);
/* The value of NAME=value in a message; its length in *len, NULL if there is none. */
const char *notify_field(const char *text, const char *name, size_t *len);

/* Sockets passed by a service manager (LISTEN_FDS, sd_listen_fds(3)): how many, from descriptor 3 on. */
int notify_listen_fds(void);

#endif
