#include "config.h"

#include "os/sandbox.h"

#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <malloc.h>
#include <pthread.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "os/sandbox_private.h"
#include "os/user.h"

#define THREAD_STACK (1u << 20)

#if defined(WITH_COVERAGE)
#define FOR_COVERAGE true /* what it counted is written to files when it ends */
#else
#define FOR_COVERAGE false
#endif

static void
miss(struct sandbox_report *r, const char *what)
{
	size_t n = strlen(r->missing);

	snprintf(r->missing + n, sizeof(r->missing) - n, "%s%s", n > 0 ? ", " : "", what);
	r->mode = SANDBOX_PARTIAL;
}

/* Valgrind makes system calls of its own, which are not on the list, and tells of itself by what it preloads. */
static bool
under_valgrind(void)
{
	const char *preload = getenv("LD_PRELOAD");

	return preload != NULL && strstr(preload, "vgpreload_core") != NULL;
}

static void
name_user(struct sandbox_report *r)
{
	const struct passwd *pw = getpwuid(geteuid());

	if (pw != NULL)
		snprintf(r->user, sizeof(r->user), "%s", pw->pw_name);
	else
		snprintf(r->user, sizeof(r->user), "%lu", (unsigned long)geteuid());
}

/* Of root's capabilities those to read, and no others. That nothing is written, Landlock sees to. */
static int
keep_reading(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	const uint32_t reading = UINT32_C(1) << CAP_DAC_READ_SEARCH | UINT32_C(1) << CAP_DAC_OVERRIDE;

	if (syscall(SYS_capget, &head, caps) == -1)
		return -1;
	caps[0].effective = caps[0].permitted &= reading;
	caps[0].inheritable = 0;
	caps[1] = (struct __user_cap_data_struct){ 0, 0, 0 };
	return (int)syscall(SYS_capset, &head, caps);
}

/* Root becomes our own user, or else nobody. Who is someone else already was told so by its configuration. */
static int
leave_root(const struct sandbox_options *o)
{
	struct user_ids ids;
	struct err err = ERR_INIT;
	int rc;

	if (geteuid() != 0)
		return 0;
	if (user_resolve("trapexit", NULL, &ids, &err) == -1 && user_resolve("nobody", NULL, &ids, &err) == -1)
		return -1;
	rc = ids.uid == 0 ? -1 : setgroups(1, &ids.gid);
	if (rc == 0)
		rc = setresgid(ids.gid, ids.gid, ids.gid);
	if (rc == 0 && o->read_on)
		rc = prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
	if (rc == 0)
		rc = setresuid(ids.uid, ids.uid, ids.uid);
	if (rc == 0 && o->read_on)
		rc = keep_reading();
	user_release(&ids);
#if defined(WITH_SANITIZERS)
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* they look at themselves from outside */
#endif
	return rc;
}

/* Never above what was there: a bound that somebody else has set stays. */
static void
bound(__rlimit_resource_t resource, rlim_t value)
{
	struct rlimit limit;

	if (getrlimit(resource, &limit) == -1)
		return;
	if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max > value)
		limit.rlim_max = value;
	if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > limit.rlim_max || resource == RLIMIT_NOFILE)
		limit.rlim_cur = limit.rlim_max;
	setrlimit(resource, &limit);
}

static void
set_bounds(const struct sandbox_options *o)
{
	pthread_attr_t attr;

	/* Threads of the resolver: each would take an arena and a stack of many megabytes off the address space. */
	mallopt(M_ARENA_MAX, 1);
	if (pthread_attr_init(&attr) == 0) {
		pthread_attr_setstacksize(&attr, THREAD_STACK);
		pthread_setattr_default_np(&attr);
		pthread_attr_destroy(&attr);
	}
	bound(RLIMIT_CORE, 0);
	if (o->files != 0)
		bound(RLIMIT_NOFILE, o->files);
#if !defined(WITH_SANITIZERS) /* they reserve terabytes */
	if (o->memory != 0 && !under_valgrind())
		bound(RLIMIT_AS, o->memory);
#endif
}

void
sandbox_enter(const struct sandbox_options *o, struct sandbox_report *r)
{
	bool privileges, unix_sockets = !o->offline && sandbox_load_resolver();

	*r = (struct sandbox_report){ .mode = SANDBOX_FULL };
	if (!o->offline)
		sandbox_keep_files();
	set_bounds(o);
	if (leave_root(o) == -1)
		miss(r, "an unprivileged user");
	name_user(r);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	privileges = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1;
	if (privileges)
		miss(r, "no_new_privs");
	/* Without no_new_privs the kernel has neither of these for us. */
	r->landlock = privileges || FOR_COVERAGE || under_valgrind() ? 0 : sandbox_restrict_files(o->readable);
	if (r->landlock == 0)
		miss(r, "Landlock");
	if (privileges || FOR_COVERAGE || under_valgrind() || sandbox_restrict_calls(o, unix_sockets) == -1)
		miss(r, "seccomp");
#if defined(WITH_SANITIZERS)
	miss(r, "the bound of memory");
#endif
}

const char *
sandbox_mode_name(enum sandbox_mode mode)
{
	switch (mode) {
	case SANDBOX_OFF:
		return "off";
	case SANDBOX_PARTIAL:
		return "partial";
	case SANDBOX_FULL:
		return "full";
	}
	return "off";
}
