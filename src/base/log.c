#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "base/mono.h"

#define LINE_MAX_BYTES 4096

static struct {
	const char *program;
	const char *path; /* of the log file; NULL: standard error */
	enum log_level level;
	int fd;
	bool syslog;
	bool systemd; /* standard error is read by systemd's journal */
} sink = { "trapexit", NULL, LOG_LEVEL_INFO, STDERR_FILENO, false, false };

static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
static const char *const level_names[] = { "error: ", "warning: ", "", "debug: " };

void
log_open(const char *program, enum log_level level)
{
	sink.program = program;
	sink.level = level;
	sink.systemd = getenv("JOURNAL_STREAM") != NULL && !isatty(STDERR_FILENO);
}

int
log_to_file(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);

	if (fd == -1)
		return -1;
	if (sink.path != NULL)
		close(sink.fd);
	sink.path = path;
	sink.fd = fd;
	return 0;
}

void
log_to_syslog(void)
{
	openlog(sink.program, LOG_PID, LOG_DAEMON);
	sink.syslog = true;
}

void
log_reopen(void)
{
	if (sink.path != NULL && log_to_file(sink.path) == -1)
		log_warn("log: %s", sink.path);
}

enum log_level
log_level(void)
{
	return sink.level;
}

/*
 * Copy text with control bytes as \xNN, so that what a child or a peer said
 * can neither forge a line nor move a terminal.
 */
static size_t
escape(char *dst, size_t size, const char *src)
{
	static const char hex[] = "0123456789abcdef";
	size_t n = 0;

	for (; *src != '\0' && n + 5 < size; src++) {
		unsigned char c = (unsigned char)*src;

		if ((c >= 0x20 && c != 0x7f) || c == '\t') {
			dst[n++] = (char)c;
			continue;
		}
		dst[n++] = '\\';
		dst[n++] = 'x';
		dst[n++] = hex[c >> 4];
		dst[n++] = hex[c & 15];
	}
	dst[n] = '\0';
	return n;
}

static void
emit(enum log_level level, const char *text)
{
	char line[LINE_MAX_BYTES + 128], when[WALL_TEXT_SIZE];
	size_t n;
	ssize_t written;

	if (sink.syslog) {
		syslog(priorities[level], "%s%s", level_names[level], text);
		return;
	}
	if (sink.systemd && sink.path == NULL)
		n = (size_t)snprintf(line, sizeof(line), "<%d>%s%s\n", priorities[level], level_names[level], text);
	else
		n = (size_t)snprintf(line, sizeof(line), "%s %s[%d]: %s%s\n", wall_text(wall_ms(), when),
		    sink.program, (int)getpid(), level_names[level], text);
	if (n >= sizeof(line))
		n = sizeof(line) - 1;
	/* One write a line; a log that cannot be written has nowhere to say so. */
	written = write(sink.fd, line, n);
	(void)written;
}

static void log_v(enum log_level level, bool with_errno, const char *fmt, va_list ap) ATTR_PRINTF(3, 0);

static void
log_v(enum log_level level, bool with_errno, const char *fmt, va_list ap)
{
	int saved = errno;
	char raw[LINE_MAX_BYTES], text[LINE_MAX_BYTES];
	size_t n;

	if (level <= sink.level) {
		vsnprintf(raw, sizeof(raw), fmt, ap);
		n = strlen(raw);
		if (with_errno)
			snprintf(raw + n, sizeof(raw) - n, ": %s", strerror(saved));
		escape(text, sizeof(text), raw);
		emit(level, text);
	}
	errno = saved;
}

#define LOG_FUNCTION(name, level, with_errno) \
	void name(const char *fmt, ...) \
	{ \
		va_list ap; \
\
		va_start(ap, fmt); \
		log_v(level, with_errno, fmt, ap); \
		va_end(ap); \
	}

LOG_FUNCTION(log_warn, LOG_LEVEL_WARNING, true)
LOG_FUNCTION(log_warnx, LOG_LEVEL_WARNING, false)
LOG_FUNCTION(log_error, LOG_LEVEL_ERROR, false)
LOG_FUNCTION(log_info, LOG_LEVEL_INFO, false)
LOG_FUNCTION(log_debug, LOG_LEVEL_DEBUG, false)

void
fatal(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_v(LOG_LEVEL_ERROR, true, fmt, ap);
	va_end(ap);
	exit(1);
}

void
fatalx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_v(LOG_LEVEL_ERROR, false, fmt, ap);
	va_end(ap);
	exit(1);
}
