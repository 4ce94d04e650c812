/*
 * Between the files of the sandbox: sandbox.c has the order of things,
 * sandbox_files.c the resolver's files and Landlock, sandbox_calls.c seccomp.
 */
#ifndef TRAPEXIT_OS_SANDBOX_PRIVATE_H
#define TRAPEXIT_OS_SANDBOX_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

struct sandbox_options;

/* Load what the resolver would load later; true if it may want to talk to a local service over a Unix socket. */
bool sandbox_load_resolver(void);
/* Keep the text of the resolver's files, for when they are replaced. */
void sandbox_keep_files(void);
/*
 * A descriptor with the kept text of this file; -1 if it is none of them. For a signal handler. It
 * was denied, so it is no longer the file that it was.
 */
int sandbox_reopen(const char *path);

/* No files but these; returns the version of Landlock's ABI, 0 if there is none. */
int sandbox_restrict_files(const char *const *readable);

/* No system calls but the known ones; -1 if the kernel has no such filter. */
int sandbox_restrict_calls(const struct sandbox_options *options, bool unix_sockets);

#endif
