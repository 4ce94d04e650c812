/*
 * A process shuts itself in before it reads strangers' bytes (P38): as another
 * user if it is root, with bounds, without the file system, and with the few
 * system calls that fetching and reading need.
 *
 *	static const char *const certificates[] = { "/etc/ssl/certs", NULL };
 *	struct sandbox_options options = { .readable = certificates, .memory = bytes };
 *	struct sandbox_report report;
 *
 *	... open and load all that will be needed ...
 *	sandbox_enter(&options, &report);
 *	... report.mode, report.missing; later, again and again, sandbox_denied()
 *
 * To be called once, with one thread; there is no way back. What the kernel does not
 * know is left out and named in `missing`: a scraper on an old kernel works, and says so.
 *
 * Two kinds of things are not allowed. A system call that nothing here ever needs (execve,
 * unlink, ptrace …) ends the process by SIGSYS, with "sandbox: system call NAME is not
 * allowed" on standard error. A file that is not for us is denied (EACCES), and counted:
 * libraries ask for many files that they can do without.
 */
#ifndef TRAPEXIT_OS_SANDBOX_H
#define TRAPEXIT_OS_SANDBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sandbox_options {
	/* Files and directories to read, ended by NULL; those of the resolver are known. Absent ones are passed over. */
	const char *const *readable;
	bool offline;	 /* no sockets at all */
	bool read_on;	 /* root goes on to read what only root may, as far as `readable` allows it */
	uint64_t memory; /* address space, in bytes; 0: as it is */
	unsigned files;	 /* open descriptors; 0: as it is */
	/* Last words before the end by a forbidden call, from its signal handler; NULL: none. */
	void (*violated)(void);
};

enum sandbox_mode { SANDBOX_OFF, SANDBOX_PARTIAL, SANDBOX_FULL };

struct sandbox_report {
	enum sandbox_mode mode;
	int landlock;	   /* version of its ABI; 0: none */
	char user[64];	   /* who we are now: name or number */
	char missing[160]; /* what is not in force, for people: "Landlock, seccomp"; "" in full mode */
};

void sandbox_enter(const struct sandbox_options *options, struct sandbox_report *report);
/* "full", "partial", "off". */
const char *sandbox_mode_name(enum sandbox_mode mode);
/* So many files, sockets and ports were denied so far. */
uint64_t sandbox_denied(void);
/* What was denied last: a path, or the name of a system call; "" if nothing was. Owned by the sandbox. */
const char *sandbox_last_denied(void);
/*
 * A file of the resolver was replaced by another one (which we may not open): the old one's
 * text is served instead, until the process is started anew.
 */
bool sandbox_is_outdated(void);

#endif
