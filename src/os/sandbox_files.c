#include "config.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "os/sandbox_private.h"

#define KEPT_MAX (256u << 10) /* bytes of a file of the resolver */

#ifndef SYS_landlock_create_ruleset /* the same on all machines */
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_add_rule 445
#define SYS_landlock_restrict_self 446
#endif

/* As linux/landlock.h has them; older headers lack some, so these are ours. */
#define LANDLOCK_VERSION 1u
#define LANDLOCK_PATH_BENEATH 1
#define LANDLOCK_READ_FILE (UINT64_C(1) << 2)
#define LANDLOCK_READ_DIR (UINT64_C(1) << 3)
#define LANDLOCK_BIND_TCP (UINT64_C(1) << 0)
#define LANDLOCK_SCOPES UINT64_C(3) /* abstract Unix sockets, signals */

struct ruleset_attr {
	uint64_t fs, net, scoped;
};

struct beneath_attr {
	uint64_t allowed;
	int32_t parent;
} __attribute__((packed));

/* All of the resolver's files that glibc reads; those that a running system replaces are kept as text, too. */
static const char *const resolver_files[] = { "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf",
	"/etc/gai.conf", "/etc/services", "/etc/protocols", "/etc/networks" };

/* /etc/resolv.conf may lead to one of these, where files are replaced and never written. */
static const char *const resolver_folders[] = { "/run/systemd/resolve", "/run/resolvconf", "/run/NetworkManager",
	"/run/connman" };

/* For the signal handler, which is given nothing: so it cannot be a member of anything. */
static struct {
	char *text;
	size_t len;
} kept[ARRAY_LEN(resolver_files)];

void
sandbox_keep_files(void)
{
	size_t i;

	for (i = 0; i < ARRAY_LEN(resolver_files); i++) {
		FILE *f = fopen(resolver_files[i], "re");

		if (f == NULL)
			continue;
		kept[i].text = xmalloc(KEPT_MAX);
		kept[i].len = fread(kept[i].text, 1, KEPT_MAX, f);
		kept[i].text = xrealloc(kept[i].text, kept[i].len + 1);
		fclose(f);
	}
}

int
sandbox_reopen(const char *path)
{
	size_t i, done;
	ssize_t n;
	int fd;

	for (i = 0; i < ARRAY_LEN(resolver_files); i++) {
		if (strcmp(path, resolver_files[i]) != 0 || kept[i].text == NULL)
			continue;
		fd = (int)syscall(SYS_memfd_create, "resolver", MFD_CLOEXEC);
		for (done = 0; fd != -1 && done < kept[i].len; done += (size_t)n) {
			n = write(fd, kept[i].text + done, kept[i].len - done);
			if (n <= 0)
				break;
		}
		if (fd != -1)
			lseek(fd, 0, SEEK_SET);
		return fd;
	}
	return -1;
}

/* Where the usual modules meet their daemons; "": nowhere. */
static const struct {
	const char *module;
	const char *at;
} daemons[] = {
	{ "mdns", "/run/avahi-daemon/socket" },
	{ "resolve", "/run/systemd/resolve/io.systemd.Resolve" },
	{ "myhostname", "" },
	{ "files", "" },
	{ "db", "" },
	{ "dns", "" },
};

/* One service of the line "hosts:"; true if it is a module that talks to a daemon. */
static bool
load_service(const char *name, size_t len)
{
	char file[64];
	size_t i;

	if (len == 0 || len > 32 || memchr(name, '/', len) != NULL)
		return false;
	snprintf(file, sizeof(file), "libnss_%.*s.so.2", (int)len, name);
	/* It stays for ever: glibc will find it by its name, and open no file. */
	if (dlopen(file, RTLD_NOW) == NULL)
		return false;
	for (i = 0; i < ARRAY_LEN(daemons); i++) {
		if (strncmp(name, daemons[i].module, strlen(daemons[i].module)) == 0)
			return access(daemons[i].at, F_OK) == 0;
	}
	return true;
}

/* The services of a line of nsswitch.conf. */
static bool
load_services(const char *p)
{
	bool any = false;
	size_t n;

	while (*(p += strspn(p, " \t")) != '\0' && *p != '\n' && *p != '#') {
		n = *p == '[' ? strcspn(p, "]\n") + 1 : strcspn(p, " \t\n[#");
		if (*p != '[' && load_service(p, n))
			any = true;
		if (strlen(p) < n)
			break;
		p += n;
	}
	return any;
}

bool
sandbox_load_resolver(void)
{
	char line[1024];
	bool services = access("/run/nscd/socket", F_OK) == 0;
	FILE *f = fopen("/etc/nsswitch.conf", "re");

	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		size_t n = strcspn(line, ":");

		/* The two databases that getaddrinfo() asks. */
		if ((strncmp(line, "hosts:", n + 1) == 0 || strncmp(line, "services:", n + 1) == 0) &&
		    load_services(line + n + 1))
			services = true;
	}
	if (f != NULL)
		fclose(f);
	/* Older glibc has these two as modules of their own; and a thread that ends loads the last. */
	dlopen("libnss_files.so.2", RTLD_NOW);
	dlopen("libnss_dns.so.2", RTLD_NOW);
	dlopen("libgcc_s.so.1", RTLD_NOW);
	return services;
}

static void
allow_path(int ruleset, const char *path)
{
	struct beneath_attr attr = { .allowed = LANDLOCK_READ_FILE };
	struct stat st;

	attr.parent = open(path, O_PATH | O_CLOEXEC);
	if (attr.parent == -1)
		return;
	if (fstat(attr.parent, &st) == 0 && S_ISDIR(st.st_mode))
		attr.allowed |= LANDLOCK_READ_DIR;
	syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_PATH_BENEATH, &attr, 0);
	close(attr.parent);
}

/* All rights that this version of the ABI knows: what is not known cannot be taken away. */
static int
create_ruleset(int abi)
{
	static const int fs_rights[] = { 0, 13, 14, 15, 15, 16 };
	struct ruleset_attr attr = { .fs = (UINT64_C(1) << fs_rights[abi < 5 ? abi : 5]) - 1 };
	size_t size = sizeof(attr.fs);

	if (abi >= 4) {
		attr.net = LANDLOCK_BIND_TCP;
		size = offsetof(struct ruleset_attr, scoped);
	}
	if (abi >= 6) {
		attr.scoped = LANDLOCK_SCOPES;
		size = sizeof(attr);
	}
	return (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
}

int
sandbox_restrict_files(const char *const *readable)
{
	int abi = (int)syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_VERSION), ruleset;
	size_t i;

	if (abi < 1 || (ruleset = create_ruleset(abi)) == -1)
		return 0;
	for (i = 0; i < ARRAY_LEN(resolver_files); i++)
		allow_path(ruleset, resolver_files[i]);
	/* Where a module that is configured and not installed is looked for. */
	allow_path(ruleset, "/etc/ld.so.cache");
	for (i = 0; i < ARRAY_LEN(resolver_folders); i++)
		allow_path(ruleset, resolver_folders[i]);
	for (; readable != NULL && *readable != NULL; readable++)
		allow_path(ruleset, *readable);
#if defined(WITH_SANITIZERS)
	/* What they look at when a process ends. */
	allow_path(ruleset, "/proc");
	allow_path(ruleset, "/usr");
#endif
	if (syscall(SYS_landlock_restrict_self, ruleset, 0) == -1)
		abi = 0;
	close(ruleset);
	return abi;
}
