/*
 * trapexit(1): what every command gets.
 *
 *	main.c		from argv to one call of a command
 *	options.c	the one table of options
 *	command.c	the one table of commands; help and completion come from it
 *	place.c		where the socket, the journal, the logs and the store are
 *	rpc.c		one request to trapexitd
 *	term.c		colours, widths, safe text
 *	cmd_*.c		a command each
 *
 * A command returns the program's exit status, and has said on standard error
 * what went wrong: the object, the reason, what to do.
 */
#ifndef TRAPEXIT_CLI_CLI_H
#define TRAPEXIT_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/exitcode.h"

struct cli_place;

struct cli {
	/* Options; strings are borrowed from argv. */
	char *config, *socket, *state_dir, *run_dir, *log_dir, *store;
	bool json, csv, sources, list, follow, all, plan, no_wait, dry_run;
	bool no_color;
	bool watch;
	int64_t watch_us;
	char *since, *lines, *stale, *file, *timeout; /* NULL: not given */
	char *save; /* NULL: not given; "-": standard output */
	char *saved; /* DIR, FILE or "evidence"; NULL: not given */
	char *limit; /* NULL: not given */
	char *type; /* events of these types, with commas between them; NULL: not given */

	/* What is left of argv behind the command. */
	char **args;
	int n_args;
	int n_rest; /* of args those before "--"; -1: there was none */

	/* Worked out by main. */
	bool color; /* on standard output */
	struct cli_place *place; /* NULL until place_get() */
};

/* "trapexit: ..." on standard error; returns EXITCODE_FAILED. */
int complain(const char *fmt, ...) ATTR_PRINTF(1, 2);
/* A text of several lines, of which the first has "trapexit: " in front. */
int complain_lines(const char *text);
/* The same with "; see trapexit help COMMAND" behind; returns EXITCODE_USAGE. */
int complain_usage(const char *command, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Flush standard output: EXITCODE_FAILED, said, if it could not be written. */
int finish_output(int status);

#endif
