#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/term.h"

static void ATTR_PRINTF(1, 0) vcomplain(const char *fmt, va_list ap)
{
	char text[2048], safe[sizeof(text) * 4];

	vsnprintf(text, sizeof(text), fmt, ap);
	/* What is complained about may have come from a child or a file. */
	fprintf(stderr, "trapexit: %s", term_safe(text, safe, sizeof(safe)));
}

int
complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return EXITCODE_FAILED;
}

int
complain_lines(const char *text)
{
	char line[1024], safe[sizeof(line) * 4];
	size_t n = strcspn(text, "\n");

	complain("%.*s", (int)n, text);
	for (text += n; *text != '\0'; text += n) {
		n = strcspn(++text, "\n");
		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line)), text);
		if (n > 0)
			fprintf(stderr, "%s\n", term_safe(line, safe, sizeof(safe)));
	}
	return EXITCODE_FAILED;
}

int
complain_usage(const char *command, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	fprintf(stderr, "; see trapexit help%s%s\n", command == NULL ? "" : " ", command == NULL ? "" : command);
	return EXITCODE_USAGE;
}

int
finish_output(int status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	/* `trapexit events | head`: the reader has seen enough, and knows. */
	if (errno != EPIPE)
		complain("standard output: %s", strerror(errno));
	return EXITCODE_FAILED;
}
