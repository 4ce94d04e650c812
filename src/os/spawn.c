/*
 * How a process is made.
 *
 * fork() copies page tables and the table of open files: with 10,000 children
 * that is a millisecond a start. vfork() copies no pages, but stops the parent
 * until exec, for ever if exec hangs. So: clone(CLONE_VM | CLONE_FILES) on a stack
 * of its own, without CLONE_VFORK. What follows from that:
 *
 *  - Parent and child run in one memory at once. The child makes system calls
 *    only through raw.h (errno is the parent's), allocates nothing, and reads only
 *    the struct spawn and the plan, which stay as they are until it is done. All
 *    signals are blocked in it until just before exec, so no handler of ours runs there.
 *  - The table of open files is shared at first. close_range(CLOSE_RANGE_UNSHARE)
 *    then gives the child a table of its own with only the lowest SPAWN_FD_LIMIT
 *    numbers in it: nothing is copied of 10,000 others. Until it has said so over
 *    the status pipe (MOVED), the parent leaves the child's ends open.
 *  - The end of the status pipe means that the child runs in the shared memory no
 *    more: exec leaves the memory before it closes descriptors, and so does exit.
 *    Then its stack may serve the next one.
 *
 * On machines without raw.h, and under valgrind, it is an ordinary fork.
 */
#include "config.h"

#include "os/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/prctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "os/fd.h"
#include "os/raw.h"

#define STACK_SIZE (64u << 10)
#define STACKS_KEPT 16
#define KERNEL_SIGSET_SIZE 8
#define N_SIGNALS 64
/* ASan keeps notes about the stack frames it has seen; on a stack that exec abandons they would be false. */
#define IN_CHILD __attribute__((no_sanitize("address", "undefined"), noinline))

struct stack {
	struct stack *next;
	char *base;
};

struct spawner {
	uint64_t signals;    /* bit n - 1: signal n has no default disposition here */
	bool plain_fork;
	int null_fd;	     /* in the low range, for every child's use */
	unsigned pending;    /* starts whose child still shares our descriptors */
	struct stack *stacks; /* owned: free ones */
	unsigned n_stacks;
	pid_t self;
};

/* What the child writes to the status pipe: MOVED once, then at most one failure. */
#define MOVED (-1)
struct report {
	int32_t step;
	int32_t error;
};

struct spawn {
	struct spawner *sp;
	const struct spawn_plan *plan;
	const char **paths; /* owned with its strings, in one piece: what to exec, in turn */
	struct stack *stack;
	pid_t pid;
	int status_read;
	int status_write;
	int fds[SPAWN_STREAMS]; /* the child's ends */
	bool moved;
	bool gone; /* reaped: what it had to say is in the pipe */
	struct spawn_failure failure; /* as far as it is known */
};

/* The child. */

/* Its own copy: when it has said MOVED, the parent closes and forgets these numbers in the struct spawn. */
struct ends {
	int status;
	int fds[SPAWN_STREAMS];
};

static void IN_CHILD ATTR_NORETURN
child_fail(int status, enum spawn_step step, long error)
{
	struct report r = { (int32_t)step, (int32_t)-error };

	raw3(SYS_write, status, &r, sizeof(r));
	for (;;)
		raw1(SYS_exit_group, 127);
}

static void IN_CHILD
child_unshare_files(const struct spawn *s, struct ends *ends)
{
	static const struct report moved = { MOVED, 0 };

	ends->status = s->status_write;
	for (int i = 0; i < SPAWN_STREAMS; i++)
		ends->fds[i] = s->fds[i];

	if (!s->sp->plain_fork && raw3(SYS_close_range, SPAWN_FD_LIMIT, ~0u, CLOSE_RANGE_UNSHARE) < 0) {
		/* Before Linux 5.9: a whole copy, and as many closes as it may take. */
		long rc = raw1(SYS_unshare, CLONE_FILES);

		if (rc < 0)
			child_fail(ends->status, SPAWN_STEP_FORK, rc);
		for (int fd = SPAWN_FD_LIMIT; fd < 1 << 16; fd++)
			raw1(SYS_close, fd);
	}
	raw3(SYS_write, ends->status, &moved, sizeof(moved));
}

/* Returns where the status pipe is now. */
static int IN_CHILD
child_stdio(const struct spawn *s, const struct ends *ends)
{
	int status = ends->status;
	long rc;

	for (int to = 0; to < SPAWN_STREAMS; to++) {
		int from = ends->fds[to];

		if (to == 2 && s->plan->fds[2] == SPAWN_SAME_AS_OUT)
			from = 1;
		if (from < 0 && to > 2) {
			raw1(SYS_close, to);
			continue;
		}
		if (from == to)
			rc = raw3(SYS_fcntl, from, F_SETFD, 0);
		else
			rc = raw3(SYS_dup3, from, to, 0);
		if (rc < 0)
			child_fail(status, SPAWN_STEP_STDIO, rc);
	}
	if (status != SPAWN_FD_FIRST) {
		if ((rc = raw3(SYS_dup3, status, SPAWN_FD_FIRST, O_CLOEXEC)) < 0)
			child_fail(status, SPAWN_STEP_STDIO, rc);
		status = SPAWN_FD_FIRST;
	}
	if (raw3(SYS_close_range, SPAWN_FD_FIRST + 1, ~0u, 0) < 0)
		for (int fd = SPAWN_FD_FIRST + 1; fd < SPAWN_FD_LIMIT; fd++)
			raw1(SYS_close, fd);
	return status;
}

static void IN_CHILD
child_signals(const struct spawn *s)
{
	/* The kernel's struct sigaction: four words of nought are SIG_DFL everywhere. */
	static const unsigned long dfl[4];

	for (int sig = 1; sig <= N_SIGNALS; sig++)
		if (s->sp->signals >> (sig - 1) & 1)
			raw4(SYS_rt_sigaction, sig, dfl, 0, KERNEL_SIGSET_SIZE);
}

static void IN_CHILD
child_limits(const struct spawn *s, int status)
{
	const struct spawn_plan *p = s->plan;
	long rc;

	if (p->umask >= 0)
		raw1(SYS_umask, p->umask);
	for (size_t i = 0; i < p->n_limits; i++)
		if ((rc = raw4(SYS_prlimit64, 0, p->limits[i].resource, &p->limits[i].value, 0)) < 0)
			child_fail(status, SPAWN_STEP_LIMIT, rc);
	if (p->nice != INT32_MIN && (rc = raw3(SYS_setpriority, PRIO_PROCESS, 0, p->nice)) < 0)
		child_fail(status, SPAWN_STEP_PRIORITY, rc);
}

static void IN_CHILD
child_user(const struct spawn *s, int status)
{
	const struct user_ids *u = s->plan->user;
	long rc;

	if (u == NULL)
		return;
	if ((rc = raw2(SYS_setgroups, u->n_groups, u->groups)) < 0 ||
	    (rc = raw3(SYS_setresgid, u->gid, u->gid, u->gid)) < 0 ||
	    (rc = raw3(SYS_setresuid, u->uid, u->uid, u->uid)) < 0)
		child_fail(status, SPAWN_STEP_USER, rc);
}

static void IN_CHILD
child_exec(const struct spawn *s, int status)
{
	static const uint64_t no_signals;
	long denied = 0, rc = -ENOENT;

	raw4(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, 0, KERNEL_SIGSET_SIZE);
	for (const char **path = s->paths; *path != NULL; path++) {
		rc = raw3(SYS_execve, *path, s->plan->argv, s->plan->env);
		/* As execvp: go on where it is not, and say at the end if it was only forbidden. */
		if (rc == -EACCES)
			denied = rc;
		else if (rc != -ENOENT && rc != -ENOTDIR)
			break;
	}
	child_fail(status, SPAWN_STEP_EXEC, denied != 0 && (rc == -ENOENT || rc == -ENOTDIR) ? denied : rc);
}

static int IN_CHILD
child_main(void *arg)
{
	const struct spawn *s = arg;
	const struct spawn_plan *p = s->plan;
	struct timespec now = { 0, 0 };
	struct ends ends;
	long rc = 0;
	int status;

	child_unshare_files(s, &ends);
	if (p->session && (rc = raw0(SYS_setsid)) < 0)
		child_fail(ends.status, SPAWN_STEP_SESSION, rc);
	child_signals(s);
	status = child_stdio(s, &ends);
	child_limits(s, status);
	child_user(s, status);
	/* After the change of user, which clears it; and the parent may have died before it was set. */
	if (p->death_signal != 0) {
		raw2(SYS_prctl, PR_SET_PDEATHSIG, p->death_signal);
		if (raw0(SYS_getppid) != s->sp->self)
			child_fail(status, SPAWN_STEP_SESSION, -ESRCH);
	}
	if (p->cwd != NULL && *p->cwd != '\0' && (rc = raw1(SYS_chdir, p->cwd)) < 0)
		child_fail(status, SPAWN_STEP_CHDIR, rc);
	if (p->deadline_us != NULL) {
		raw2(SYS_clock_gettime, CLOCK_BOOTTIME, &now);
		if (now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000 >= atomic_load(p->deadline_us))
			child_fail(status, SPAWN_STEP_LEASE, -ETIME);
	}
	child_exec(s, status);
	return 127;
}

/* The parent. */

static uint64_t
signals_not_default(void)
{
	struct sigaction act;
	uint64_t set = 0;

	for (int sig = 1; sig <= N_SIGNALS; sig++)
		if (sig != SIGKILL && sig != SIGSTOP && sigaction(sig, NULL, &act) == 0 && act.sa_handler != SIG_DFL)
			set |= UINT64_C(1) << (sig - 1);
	/* Those that glibc hides: its posix_spawn() (make uses it) leaves them ignored. */
	for (int sig = 32; sig < SIGRTMIN; sig++)
		set |= UINT64_C(1) << (sig - 1);
	return set;
}

struct spawner *
spawner_new(struct err *err)
{
	const char *preload = getenv("LD_PRELOAD");
	struct spawner *sp = xcalloc(1, sizeof(*sp));

	sp->null_fd = -1;
	if (fd_fill_lowest(SPAWN_FD_FIRST) == 0)
		sp->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (sp->null_fd == -1 || sp->null_fd >= SPAWN_FD_LIMIT) {
		err_sys(err, sp->null_fd == -1 ? errno : EMFILE, "/dev/null");
		fd_close(&sp->null_fd);
		free(sp);
		return NULL;
	}
	sp->signals = signals_not_default();
	/* valgrind knows no clone() with memory shared and both running. */
	sp->plain_fork = !HAVE_RAW || (preload != NULL && strstr(preload, "vgpreload") != NULL);
	sp->self = getpid();
	return sp;
}

void
spawner_free(struct spawner *sp)
{
	struct stack *st;

	if (sp == NULL)
		return;
	while ((st = sp->stacks) != NULL) {
		sp->stacks = st->next;
		munmap(st->base, STACK_SIZE);
		free(st);
	}
	fd_close(&sp->null_fd);
	free(sp);
}

unsigned
spawner_pending(const struct spawner *sp)
{
	return sp->pending;
}

static struct stack *
stack_get(struct spawner *sp)
{
	struct stack *st = sp->stacks;

	if (st != NULL) {
		sp->stacks = st->next;
		sp->n_stacks--;
		return st;
	}
	if ((st = malloc(sizeof(*st))) == NULL)
		return NULL;
	st->base = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	if (st->base == MAP_FAILED) {
		free(st);
		return NULL;
	}
	/* What runs over the end faults instead of writing into the heap. */
	(void)mprotect(st->base, (size_t)sysconf(_SC_PAGESIZE), PROT_NONE);
	return st;
}

static void
stack_put(struct spawner *sp, struct stack *st)
{
	if (st == NULL)
		return;
	if (sp->n_stacks == STACKS_KEPT) {
		munmap(st->base, STACK_SIZE);
		free(st);
		return;
	}
	st->next = sp->stacks;
	sp->stacks = st;
	sp->n_stacks++;
}

/* The candidates for execve in one piece of memory: pointers, then strings. */
static const char **
paths_of(const struct spawn_plan *plan)
{
	const char *name = plan->argv[0];
	const char *path = "/usr/local/bin:/usr/bin:/bin";
	size_t n = 1, at, room;
	const char **v;
	char *text, *end;

	for (const char *const *e = plan->env; *e != NULL; e++)
		if (strncmp(*e, "PATH=", 5) == 0)
			path = *e + 5;
	if (strchr(name, '/') != NULL || *name == '\0')
		path = "";
	for (const char *p = path; *p != '\0'; p++)
		n += *p == ':';
	at = (n + 1) * sizeof(*v);
	room = strlen(path) + n * (strlen(name) + 2);
	if ((v = malloc(at + room)) == NULL)
		return NULL;
	text = (char *)v + at;
	end = text + room;
	if (*path == '\0') {
		v[0] = memcpy(text, name, strlen(name) + 1);
		v[1] = NULL;
		return v;
	}
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(path, ":");

		v[i] = text;
		/* An empty element is the current directory. */
		text += snprintf(text, (size_t)(end - text), "%.*s%s%s", (int)len, path, len > 0 ? "/" : "", name) + 1;
		path += len + (path[len] == ':');
	}
	v[n] = NULL;
	return v;
}

static pid_t
clone_child(struct spawn *s)
{
	uint64_t all = ~UINT64_C(0), old;
	pid_t pid;
	int saved;

	/* The raw call: libc's leaves two signals open that its threads use. */
	raw4(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, KERNEL_SIGSET_SIZE);
	if (s->sp->plain_fork) {
		if ((pid = fork()) == 0)
			_exit(child_main(s));
	} else {
		pid = clone(child_main, s->stack->base + STACK_SIZE, CLONE_VM | CLONE_FILES | SIGCHLD, s);
	}
	saved = errno;
	raw4(SYS_rt_sigprocmask, SIG_SETMASK, &old, 0, KERNEL_SIGSET_SIZE);
	errno = saved;
	return pid;
}

static int
status_pipe(struct spawn *s)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) == -1)
		return -1;
	s->status_read = fd_move_up(p[0], SPAWN_FD_LIMIT);
	s->status_write = p[1];
	return fd_set_nonblock(s->status_read);
}

static int
prepare(struct spawn *s, const struct spawn_plan *plan)
{
	for (int i = 0; i < SPAWN_STREAMS; i++) {
		s->fds[i] = plan->fds[i];
		if (i < 3 && s->fds[i] == -1)
			s->fds[i] = s->sp->null_fd;
		if (s->fds[i] >= SPAWN_FD_LIMIT)
			return 1;
	}
	if ((s->paths = paths_of(plan)) == NULL || (s->stack = stack_get(s->sp)) == NULL) {
		errno = ENOMEM;
		return -1;
	}
	if (status_pipe(s) == -1)
		return -1;
	return s->status_write >= SPAWN_FD_LIMIT ? 1 : 0;
}

/*
 * The parent's copies of what is the child's own by now. Only closed, not
 * forgotten: the child reads the numbers from this memory, at its own time.
 */
static void
release_ends(struct spawn *s)
{
	if (s->status_write >= 0)
		close(s->status_write);
	for (int i = 0; i < SPAWN_STREAMS; i++)
		if (s->fds[i] != s->sp->null_fd && s->fds[i] >= SPAWN_FD_FIRST)
			close(s->fds[i]);
	s->sp->pending--;
	s->moved = true;
}

int
spawn_start(struct spawner *sp, const struct spawn_plan *plan, struct spawn **out, struct spawn_failure *failure)
{
	struct spawn *s = calloc(1, sizeof(*s));
	int rc;

	*failure = (struct spawn_failure){ SPAWN_STEP_FORK, ENOMEM };
	if (s == NULL)
		return -1;
	s->sp = sp;
	s->plan = plan;
	s->status_read = s->status_write = -1;
	if ((rc = prepare(s, plan)) == 0 && (s->pid = clone_child(s)) == -1)
		rc = -1;
	if (rc != 0) {
		failure->error = errno;
		fd_close(&s->status_write);
		s->moved = true; /* nothing is shared */
		spawn_free(s);
		return rc == 1 && sp->pending == 0 ? (failure->error = EMFILE, -1) : rc;
	}
	sp->pending++;
	*out = s;
	return 0;
}

pid_t
spawn_pid(const struct spawn *s)
{
	return s->pid;
}

int
spawn_fd(const struct spawn *s)
{
	return s->status_read;
}

/*
 * A failure that was read counts only at the end of the pipe: until then the
 * child is still on its way out, on the stack that the next one will get. Of one
 * that is gone the pipe may have no end yet: a sister that was cloned beside it has
 * a copy until it has moved.
 */
enum spawn_progress
spawn_check(struct spawn *s, struct spawn_failure *failure)
{
	struct report r;
	ssize_t n;

	while ((n = read(s->status_read, &r, sizeof(r))) != 0) {
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1 && errno == EAGAIN && !s->gone)
			return SPAWN_UNDERWAY;
		if (n != (ssize_t)sizeof(r))
			break;
		/* Either way the child has what it needs; and while ours is open, the pipe has no end. */
		if (!s->moved)
			release_ends(s);
		if (r.step != MOVED)
			s->failure = (struct spawn_failure){ (enum spawn_step)r.step, r.error };
	}
	*failure = s->failure;
	return s->failure.step != SPAWN_STEP_NONE ? SPAWN_FAILED : SPAWN_DONE;
}

void
spawn_gone(struct spawn *s)
{
	if (!s->moved)
		release_ends(s);
	s->gone = true;
}

void
spawn_free(struct spawn *s)
{
	if (s == NULL)
		return;
	if (!s->moved)
		release_ends(s);
	stack_put(s->sp, s->stack);
	fd_close(&s->status_read);
	free(s->paths);
	free(s);
}

int
spawn_now(struct spawner *sp, const struct spawn_plan *plan, pid_t *pid, struct err *err)
{
	struct spawn_failure failure;
	struct spawn *s;
	struct pollfd pfd = { .events = POLLIN };
	enum spawn_progress progress;

	if (spawn_start(sp, plan, &s, &failure) != 0) {
		for (int i = 0; i < SPAWN_STREAMS; i++)
			if (plan->fds[i] >= SPAWN_FD_FIRST)
				close(plan->fds[i]);
		return err_sys(err, failure.error, "%s: start", plan->argv[0]);
	}
	pfd.fd = spawn_fd(s);
	while ((progress = spawn_check(s, &failure)) == SPAWN_UNDERWAY)
		(void)poll(&pfd, 1, -1);
	*pid = s->pid;
	spawn_free(s);
	if (progress == SPAWN_DONE)
		return 0;
	while (waitpid(*pid, NULL, 0) == -1 && errno == EINTR)
		;
	return err_sys(err, failure.error, "%s: %s", plan->argv[0], spawn_step_name(failure.step));
}

const char *
spawn_step_name(enum spawn_step step)
{
	static const char *const names[] = { "none", "fork", "session", "limit", "priority", "user", "chdir", "stdio",
		"exec", "lease" };

	return (size_t)step < ARRAY_LEN(names) ? names[step] : "unknown";
}
