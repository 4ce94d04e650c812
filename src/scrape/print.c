#include "scrape/print.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"

static void
tell(void)
{
	if (errno != EPIPE)
		log_warn("standard output");
}

/* The exit status of who has called exit() is no longer theirs to say. */
static void
finish(void)
{
	bool failed = ferror(stdout) != 0; /* and that has been said */

	if (fflush(stdout) == 0 && !failed)
		return;
	if (!failed)
		tell();
	_exit(EXITCODE_FAILED);
}

void
print_init(void)
{
	atexit(finish);
}

void
print_line(const struct buf *line)
{
	bool failed = ferror(stdout) != 0;

	if ((fwrite(line->data, 1, line->len, stdout) < line->len || fflush(stdout) == EOF) && !failed)
		tell();
}
