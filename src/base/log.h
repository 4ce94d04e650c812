/*
 * The log: one line a message, to standard error in the foreground, to
 * syslog(3) when detached.
 *
 * Messages have a subject before the colon: "child web: exited with 3".
 * Bytes that came from children or peers are escaped, so that they can
 * neither forge a line nor move a terminal. errno is preserved by every call.
 *
 * The sink is the only global state of the project.
 */
#ifndef TRAPEXIT_BASE_LOG_H
#define TRAPEXIT_BASE_LOG_H

#include "base/attr.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/*
 * Begin to log as `program`. Messages above `level` are dropped. `program` is
 * borrowed for the life of the process. When standard error is the journal of
 * systemd (JOURNAL_STREAM is set), lines carry its <priority> prefix and no
 * time of their own.
 */
void log_open(const char *program, enum log_level level);
/* Append to this file from now on (borrowed path, opened again by log_reopen). */
int log_to_file(const char *path);
/* Send to syslog(3), facility daemon, from now on. */
void log_to_syslog(void);
/* SIGUSR1: open the log file again under its name. */
void log_reopen(void);
enum log_level log_level(void);

/* With ": strerror(errno)" behind. */
void log_warn(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_warnx(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_error(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_info(const char *fmt, ...) ATTR_PRINTF(1, 2);
void log_debug(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* Say why, then exit(1); fatal() adds strerror(errno). */
void fatal(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_NORETURN;
void fatalx(const char *fmt, ...) ATTR_PRINTF(1, 2) ATTR_NORETURN;

#endif
