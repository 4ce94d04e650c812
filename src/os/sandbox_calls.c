#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/attr.h"
#include "os/sandbox.h"
#include "os/sandbox_private.h"

#define NUMBERS 512 /* of system calls that are known by name */
#define LAST_SIZE 256

/* What opens for anything but reading. */
#define WRITING (O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND | (O_TMPFILE & ~O_DIRECTORY))

#ifndef SYS_SECCOMP
#define SYS_SECCOMP 1 /* si_code */
#endif

#ifndef PR_SET_VMA
#define PR_SET_VMA 0x53564d41 /* glibc names its memory */
#endif

/*
 * Where a trapped call's arguments are, and where its result goes. The sanitizers open files where no signal may
 * come: for them nothing is trapped, and nothing counted.
 */
#if defined(WITH_SANITIZERS)
#define HAVE_TRAP 0
#elif defined(__x86_64__) && !defined(__ILP32__)
#define HAVE_TRAP 1
#define ARG(uc, n) ((uc)->uc_mcontext.gregs[(const int[]){ REG_RDI, REG_RSI, REG_RDX }[n]])
#define RESULT(uc) ((uc)->uc_mcontext.gregs[REG_RAX])
#elif defined(__aarch64__)
#define HAVE_TRAP 1
#define ARG(uc, n) ((uc)->uc_mcontext.regs[n])
#define RESULT(uc) ((uc)->uc_mcontext.regs[0])
#else
#define HAVE_TRAP 0
#endif

/*
 * For the signal handler, which is given nothing. The cookie stands in a register that the
 * kernel does not look at: with it, the filter lets a call pass that it traps otherwise. It is no
 * secret; what forbids the file is Landlock. The trap is there to see what was forbidden.
 */
static struct {
	const char *names[NUMBERS]; /* owned, for ever */
	uint64_t cookie;
	void (*violated)(void);
	atomic_uint_fast64_t denied;
	atomic_bool outdated;
	char last[LAST_SIZE];
} trap;

/* What fetching, resolving, TLS, threads, the loop and the allocator need, with any arguments. */
static const char *const allowed[] = {
	/* descriptors */
	"read", "readv", "pread64", "write", "writev", "pwrite64", "close", "close_range", "lseek", "fcntl", "fcntl64",
	"dup", "dup2", "dup3", "pipe", "pipe2", "eventfd2", "memfd_create", "ftruncate", "fadvise64", "sendfile",
	/* what is where: names alone, no content */
	"fstat", "fstat64", "fstatat64", "newfstatat", "stat", "lstat", "statx", "access", "faccessat", "faccessat2",
	"readlink", "readlinkat", "getcwd", "getdents64", "fstatfs", "statfs",
	/* waiting */
	"poll", "ppoll", "select", "pselect6", "epoll_create", "epoll_create1", "epoll_ctl", "epoll_wait",
	"epoll_pwait", "epoll_pwait2", "timerfd_create", "timerfd_settime", "timerfd_gettime", "nanosleep",
	"clock_nanosleep", "pause", "restart_syscall",
	/* memory */
	"brk", "mmap", "mmap2", "mprotect", "munmap", "mremap", "madvise", "membarrier", "pkey_alloc", "mseal",
	/* threads and signals */
	"futex", "futex_waitv", "futex_wake", "futex_wait", "set_robust_list", "get_robust_list", "rseq", "sched_yield",
	"sched_getaffinity", "sched_getparam", "sched_getscheduler", "sched_get_priority_max",
	"sched_get_priority_min", "getcpu", "arch_prctl", "set_tid_address", "exit", "exit_group", "rt_sigaction",
	"rt_sigprocmask", "rt_sigreturn", "rt_sigpending", "rt_sigtimedwait", "sigaltstack", "timer_create",
	"timer_settime", "timer_gettime", "timer_getoverrun", "timer_delete", "setitimer", "getitimer",
	/* who and when */
	"getpid", "getppid", "gettid", "getuid", "geteuid", "getgid", "getegid", "getgroups", "getresuid",
	"getresgid", "getpgrp", "getsid", "uname", "sysinfo", "getrandom", "clock_gettime", "clock_getres",
	"gettimeofday", "time", "times", "getrusage", "getrlimit", "ugetrlimit",
#if defined(WITH_SANITIZERS)
	/* how they look for leaks at the end, and explain what they found */
	"getdents", "waitid", "tkill", "sched_setaffinity", "clone", "clone3", "wait4", "ptrace", "prctl", "process_vm_readv", "personality", "kill", "tgkill", "prlimit64",
#endif
};

static const char *const network[] = { "socketpair", "connect", "getsockname", "getpeername", "setsockopt", "getsockopt",
	"send", "sendto", "sendmsg", "sendmmsg", "recv", "recvfrom", "recvmsg", "recvmmsg", "shutdown" };

static const unsigned long ioctls[] = { FIONBIO, FIONREAD, FIOCLEX, TCGETS, TIOCGWINSZ, TIOCOUTQ, 0x8910 /* SIOCGIFNAME */,
	0x8933 /* SIOCGIFINDEX */, 0x802c542a /* TCGETS2 */ };

#if HAVE_TRAP
/* A path is read only when the kernel has read it: so it is there. */
static void
note_denied(const char *what)
{
	size_t i;

	atomic_fetch_add(&trap.denied, 1);
	for (i = 0; *what != '\0' && i < LAST_SIZE - 1; i++)
		trap.last[i] = *what++;
	trap.last[i] = '\0';
}

static long
open_again(long dir, const char *path, long flags)
{
	long fd;

	if ((flags & WRITING) != 0) {
		note_denied("a file to write to");
		return -EACCES;
	}
	fd = syscall(SYS_openat, dir, path, flags, 0L, 0L, trap.cookie);
	if (fd != -1)
		return fd;
	if (errno != EACCES)
		return -errno;
	fd = sandbox_reopen(path);
	if (fd != -1) {
		atomic_store(&trap.outdated, true);
		return fd;
	}
	note_denied(path);
	return -EACCES;
}

/* Of the trapped calls those that are carried out after all; false: this one is a violation. */
static bool
carry_out(int nr, ucontext_t *uc)
{
	long result;

	switch (nr) {
	case SYS_openat:
		result = open_again((long)ARG(uc, 0), (const char *)(uintptr_t)ARG(uc, 1), (long)ARG(uc, 2));
		break;
#if defined(SYS_open)
	case SYS_open:
		result = open_again(AT_FDCWD, (const char *)(uintptr_t)ARG(uc, 0), (long)ARG(uc, 1));
		break;
#endif
	case SYS_bind:
		result = syscall(SYS_bind, ARG(uc, 0), ARG(uc, 1), ARG(uc, 2), 0L, 0L, trap.cookie);
		if (result == -1) {
			result = -errno;
			if (errno == EACCES)
				note_denied("bind");
		}
		break;
	default:
		/* Newer than we are: whoever asks for it has another way. */
		if (nr < NUMBERS && trap.names[nr] != NULL)
			return false;
		result = -ENOSYS;
		break;
	}
	RESULT(uc) = (__typeof__(RESULT(uc)))result;
	return true;
}
#endif

/* End as who forbids it wants: by SIGSYS, so that the exit says why. */
static void __attribute__((noreturn)) end_by_sigsys(void)
{
	struct sigaction dfl = { .sa_handler = SIG_DFL };
	sigset_t set;

	sigaction(SIGSYS, &dfl, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	syscall(SYS_tgkill, getpid(), (pid_t)syscall(SYS_gettid), SIGSYS);
	_exit(128 + SIGSYS);
}

static void
sigsys_cb(int sig, siginfo_t *info, void *context)
{
	int nr = info->si_syscall;
	const char *name = nr >= 0 && nr < NUMBERS && trap.names[nr] != NULL ? trap.names[nr] : "?";
	char text[96] = "sandbox: system call ";
	size_t n = strlen(text);
	ssize_t written;

	(void)sig;
#if HAVE_TRAP
	int saved = errno;

	if (info->si_code == SYS_SECCOMP && carry_out(nr, context)) {
		errno = saved;
		return;
	}
#else
	(void)context;
#endif
	for (; *name != '\0' && n < 64; name++)
		text[n++] = *name;
	memcpy(text + n, " is not allowed\n", 16);
	written = write(STDERR_FILENO, text, n + 16);
	(void)written;
	if (trap.violated != NULL)
		trap.violated();
	end_by_sigsys();
}

static void
name_calls(void)
{
	int nr;

	for (nr = 0; nr < NUMBERS; nr++)
		trap.names[nr] = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, nr);
}

static struct scmp_arg_cmp
masked(unsigned arg, uint64_t mask, uint64_t value)
{
	return (struct scmp_arg_cmp){ .arg = arg, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = value };
}

static int
allow(scmp_filter_ctx filter, const char *name, unsigned n, const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);

	/* This machine has it under another name, or libseccomp is older than it. */
	if (nr < 0)
		return 0;
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, nr, n, args);
}

static int
allow_if(scmp_filter_ctx filter, const char *name, unsigned arg, uint64_t mask, uint64_t value)
{
	struct scmp_arg_cmp cmp = masked(arg, mask, value);

	return allow(filter, name, 1, &cmp);
}

static int
refuse(scmp_filter_ctx filter, const char *name, int error, unsigned n, const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);

	return nr < 0 ? 0 : seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(error), nr, n, args);
}

#if !defined(WITH_SANITIZERS)
/* Threads, but no processes; ourselves only; names of threads and memory; limits to look at. */
static int
allow_own_affairs(scmp_filter_ctx filter)
{
	const uint64_t thread = CLONE_VM | CLONE_SIGHAND | CLONE_THREAD;
	int rc = 0;

	rc |= allow_if(filter, "clone", 0, thread, thread);
	/* Its flags lie in memory, where a filter cannot look; libc knows how to do without it. */
	rc |= refuse(filter, "clone3", ENOSYS, 0, NULL);
	rc |= allow_if(filter, "tgkill", 0, UINT32_MAX, (uint64_t)getpid());
	rc |= allow_if(filter, "kill", 0, UINT32_MAX, (uint64_t)getpid());
	rc |= allow_if(filter, "prctl", 0, UINT32_MAX, PR_SET_NAME);
	rc |= allow_if(filter, "prctl", 0, UINT32_MAX, PR_SET_VMA);
	rc |= allow_if(filter, "prlimit64", 2, UINT64_MAX, 0);
	return rc;
}
#else
static int
allow_own_affairs(scmp_filter_ctx filter)
{
	(void)filter;
	return 0;
}
#endif

static int
allow_sockets(scmp_filter_ctx filter, bool unix_sockets)
{
	struct scmp_arg_cmp is_unix = masked(0, UINT32_MAX, AF_UNIX);
	struct scmp_arg_cmp netlink[] = { masked(0, UINT32_MAX, AF_NETLINK),
		masked(2, UINT32_MAX, 0 /* NETLINK_ROUTE */) };
	size_t i;
	int rc = 0;

	for (i = 0; i < ARRAY_LEN(network); i++)
		rc |= allow(filter, network[i], 0, NULL);
	rc |= allow_if(filter, "socket", 0, UINT32_MAX, AF_INET);
	rc |= allow_if(filter, "socket", 0, UINT32_MAX, AF_INET6);
	rc |= allow(filter, "socket", ARRAY_LEN(netlink), netlink);
	/* glibc asks nscd first, whether there is one or not. */
	if (unix_sockets)
		rc |= allow(filter, "socket", 1, &is_unix);
	else
		rc |= refuse(filter, "socket", EACCES, 1, &is_unix);
	return rc;
}

static int
allow_files(scmp_filter_ctx filter)
{
#if HAVE_TRAP
	struct scmp_arg_cmp with_cookie = masked(5, UINT64_MAX, trap.cookie);
	struct scmp_arg_cmp reading[] = { masked(2, WRITING, 0), with_cookie };

	return allow(filter, "openat", ARRAY_LEN(reading), reading) | allow(filter, "bind", 1, &with_cookie);
#else
	return allow_if(filter, "openat", 2, WRITING, 0) | allow_if(filter, "open", 1, WRITING, 0) |
	    allow(filter, "bind", 0, NULL);
#endif
}

static int
fill(scmp_filter_ctx filter, const struct sandbox_options *o, bool unix_sockets)
{
	size_t i;
	int rc = 0;

	/* The kernel decides by a tree then, not by a list. Older libraries know only the list. */
	seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (i = 0; i < ARRAY_LEN(allowed); i++)
		rc |= allow(filter, allowed[i], 0, NULL);
	for (i = 0; i < ARRAY_LEN(ioctls); i++)
		rc |= allow_if(filter, "ioctl", 1, UINT32_MAX, ioctls[i]);
	if (!o->offline)
		rc |= allow_sockets(filter, unix_sockets);
	return rc | allow_own_affairs(filter) | allow_files(filter);
}

int
sandbox_restrict_calls(const struct sandbox_options *o, bool unix_sockets)
{
	struct sigaction action = { .sa_sigaction = sigsys_cb, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_TRAP);
	int rc = -1;

	if (filter == NULL)
		return -1;
	name_calls();
	trap.violated = o->violated;
	if (getrandom(&trap.cookie, sizeof(trap.cookie), 0) != (ssize_t)sizeof(trap.cookie))
		trap.cookie = 0;
	trap.cookie |= UINT64_C(1) << 63; /* no call has it by chance */
	sigemptyset(&action.sa_mask);
	if (fill(filter, o, unix_sockets) == 0 && sigaction(SIGSYS, &action, NULL) == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc == 0 ? 0 : -1;
}

uint64_t
sandbox_denied(void)
{
	return atomic_load(&trap.denied);
}

const char *
sandbox_last_denied(void)
{
	return trap.last;
}

bool
sandbox_is_outdated(void)
{
	return atomic_load(&trap.outdated);
}
