/*
 * The options: one table for getopt_long(3), help and completion. Options may
 * stand before the command or behind it.
 */
#ifndef TRAPEXIT_CLI_OPTIONS_H
#define TRAPEXIT_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

struct command;

enum {
	/* Every command takes these. */
	OPTION_CONFIG = 1u << 0,
	OPTION_SOCKET = 1u << 1,
	OPTION_STATE_DIR = 1u << 2,
	OPTION_RUN_DIR = 1u << 3,
	OPTION_LOG_DIR = 1u << 4,
	OPTION_STORE = 1u << 5,
	OPTION_NO_COLOR = 1u << 6,
	OPTION_HELP = 1u << 7,
	OPTION_VERSION = 1u << 8,
	OPTION_JSON = 1u << 9,
	/* Some do. */
	OPTION_CSV = 1u << 10,
	OPTION_WATCH = 1u << 11,
	OPTION_FOLLOW = 1u << 12,
	OPTION_LINES = 1u << 13,
	OPTION_SINCE = 1u << 14,
	OPTION_ALL = 1u << 15,
	OPTION_PLAN = 1u << 16,
	OPTION_STALE = 1u << 17,
	OPTION_TIMEOUT = 1u << 19,
	OPTION_NO_WAIT = 1u << 20,
	OPTION_DRY_RUN = 1u << 21,
	OPTION_SOURCES = 1u << 22,
	OPTION_LIST = 1u << 23,
	OPTION_TYPE = 1u << 24,
	OPTION_SAVE = 1u << 25,
	OPTION_FILE = 1u << 18,
	OPTION_SAVED = 1u << 26,
	OPTION_LIMIT = 1u << 27,
};
#define OPTIONS_COMMON ((1u << 10) - 1)

struct option_row {
	uint32_t bit;
	char letter;
	const char *name;
	const char *arg; /* NULL: takes none; "[X]": optional */
	size_t offset;	 /* in struct cli: of a char * if it takes an argument, else of a bool */
	const char *summary;
};

const struct option_row *option_table(size_t *n);

enum options_end { OPTIONS_DONE, OPTIONS_HELP, OPTIONS_VERSION, OPTIONS_WRONG };

/*
 * Take argv apart: *command is NULL if none is named. After OPTIONS_WRONG
 * *status is the exit status, and the fault has been said.
 */
enum options_end options_parse(
    struct cli *cli, int argc, char **argv, const struct command **command, int *status);

#endif
