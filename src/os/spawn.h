/*
 * Start a program: the one owner of fork and exec.
 *
 * A start costs what vfork costs, whatever the size of the parent and however
 * many files it has open, and unlike vfork it does not stop the parent: a start
 * that hangs in chdir or exec (a dead network mount) hangs alone.
 *
 *	struct spawner *sp = spawner_new(&err);
 *	int fd = spawn_start(sp, &plan, &s, &err);   0: *s is on its way
 *	...  when spawn_fd(s) is readable:
 *	switch (spawn_check(s, &failure)) ...
 *	spawn_free(s);				     when it is done or has failed
 *
 * Between spawn_start and the end all that the plan points to is borrowed and
 * must not change: the child reads it. The child reports a failed step with its
 * errno over a pipe that exec closes; so the end of the pipe means success (or
 * death by a signal before exec, which waitpid will tell).
 *
 * Descriptors: the child's ends of pipes must be numbers in [SPAWN_FD_FIRST,
 * SPAWN_FD_LIMIT), where new ones come to lie when all that lives long is moved up
 * with fd_move_up(fd, SPAWN_FD_LIMIT). They are closed here, when the child has
 * its own copies. The child inherits nothing else.
 *
 * Signal dispositions that are not the default when spawner_new() is called
 * are reset in the child; handlers set later must not be of consequence there.
 */
#ifndef TRAPEXIT_OS_SPAWN_H
#define TRAPEXIT_OS_SPAWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

#include "base/err.h"
#include "os/user.h"

#define SPAWN_FD_FIRST 5
#define SPAWN_FD_LIMIT 64
#define SPAWN_STREAMS 5 /* 0, 1, 2, 3 for a readiness pipe, and 4 for a control pipe */

/* The same numbers as enum start_step of the core, which this room does not know. */
enum spawn_step {
	SPAWN_STEP_NONE = 0,
	SPAWN_STEP_FORK = 1,
	SPAWN_STEP_SESSION = 2,
	SPAWN_STEP_LIMIT = 3,
	SPAWN_STEP_PRIORITY = 4,
	SPAWN_STEP_USER = 5,
	SPAWN_STEP_CHDIR = 6,
	SPAWN_STEP_STDIO = 7,
	SPAWN_STEP_EXEC = 8,
	SPAWN_STEP_LEASE = 9,
};

struct spawn_limit {
	int resource;
	struct rlimit value;
};

struct spawn_plan {
	const char *const *argv; /* NULL-terminated; argv[0] without '/' is looked for in env's PATH */
	const char *const *env;	 /* NULL-terminated, the whole environment */
	const char *cwd;	 /* NULL or "": unchanged */
	/* Child's ends, as above; -1 is /dev/null for 0 to 2 and nothing for the others. SPAWN_SAME_AS_OUT joins 2 to 1. */
	int fds[SPAWN_STREAMS];
	const struct user_ids *user; /* NULL: unchanged */
	int umask;		     /* -1: unchanged */
	int nice;		     /* INT32_MIN: unchanged */
	const struct spawn_limit *limits;
	size_t n_limits;
	bool session;		  /* a session and process group of its own */
	int death_signal;	  /* when we die; 0: none */
	const _Atomic int64_t *deadline_us; /* CLOCK_BOOTTIME; not past it; NULL: none */
};
#define SPAWN_SAME_AS_OUT (-2)
#define SPAWN_PLAN_INIT \
	{ .fds = { -1, -1, -1, -1, -1 }, .umask = -1, .nice = INT32_MIN }

struct spawner;
struct spawn;

struct spawn_failure {
	enum spawn_step step;
	int error; /* errno */
};

enum spawn_progress { SPAWN_UNDERWAY, SPAWN_DONE, SPAWN_FAILED };

/* One a process. Opens /dev/null on those of 0 to 4 that are closed. */
struct spawner *spawner_new(struct err *err);
void spawner_free(struct spawner *sp);
/*
 * 0: *out is on its way; 1: too many have just begun, try again when one of them has
 * moved on; -1 with *failure set. The child's ends are closed here only after 0.
 */
int spawn_start(struct spawner *sp, const struct spawn_plan *plan, struct spawn **out, struct spawn_failure *failure);
pid_t spawn_pid(const struct spawn *s);
int spawn_fd(const struct spawn *s);
enum spawn_progress spawn_check(struct spawn *s, struct spawn_failure *failure);
/* It has been reaped: what it held is closed, so that spawn_check() cannot wait for it. */
void spawn_gone(struct spawn *s);
void spawn_free(struct spawn *s);
const char *spawn_step_name(enum spawn_step step);
/* Starts that still use our descriptors; while there are any, their ends are open. */
unsigned spawner_pending(const struct spawner *sp);

/*
 * The simple way, for a program that starts one now and then: waits until exec
 * has succeeded. -1 with err set. The child's ends are closed in any case.
 */
int spawn_now(struct spawner *sp, const struct spawn_plan *plan, pid_t *pid, struct err *err);

#endif
