/*
 * Processes, as /proc tells of them.
 *
 * A pid alone names nobody for long: a struct proc_id is a pid with the time of
 * its start (in clock ticks since boot), which no second process shares.
 */
#ifndef TRAPEXIT_OS_PROC_H
#define TRAPEXIT_OS_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct proc_id {
	pid_t pid; /* 0: nobody */
	uint64_t start;
};

/* -1 with errno set (ESRCH) if there is no such process. */
int proc_identify(pid_t pid, struct proc_id *id);
/* Does it live (a zombie does not)? */
bool proc_lives(const struct proc_id *id);
/* Signal exactly that process; 0, or -1 with errno set (ESRCH: it is gone). */
int proc_signal(const struct proc_id *id, int sig);
/* A descriptor that stands for the process and becomes readable at its end; -1 with errno set. */
int proc_open(const struct proc_id *id);
int proc_fd_signal(int pidfd, int sig);

struct pid_list {
	pid_t *v; /* owned */
	size_t n;
	size_t cap;
};
#define PID_LIST_INIT { NULL, 0, 0 }

/* Our own children that are not reaped; -1 with errno set. */
int proc_children(struct pid_list *list);
void pid_list_release(struct pid_list *list);
/* Does any process live (zombies do not) in this group? Reads all of /proc. */
bool proc_group_lives(pid_t pgid);
/* Its session; -1 if it is gone. */
pid_t proc_session(pid_t pid);
/* The value of a variable in the environment it was started with; -1 if it has none or may not be read. */
int proc_env(pid_t pid, const char *name, char *value, size_t size);

/*
 * S69: SIGKILL every process whose environment holds "name=value" and wait until
 * all are gone, however long that takes. Our own process is left out. Returns how many were
 * killed, -1 with err set if /proc cannot be read.
 */
int proc_sweep(const char *name, const char *value, struct err *err);

#endif
