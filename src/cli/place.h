/*
 * Where things are: options first, then the configuration, then the defaults.
 *
 *	const struct cli_place *p = place_get(cli);	   read once, kept in cli
 *
 * A configuration that has errors is no reason not to look at the daemon that
 * runs: it is said on standard error, and what it says of directories is used
 * all the same.
 */
#ifndef TRAPEXIT_CLI_PLACE_H
#define TRAPEXIT_CLI_PLACE_H

#include "cli/cli.h"
#include "cli/salvage.h"

struct config;

struct cli_place {
	struct config *config; /* owned; what is valid of it: an empty one if it cannot be read */
	bool broken;	       /* the configuration has errors, which was said */
	struct salvage salvage; /* what the config borrows if the file has errors */
	char *config_file;     /* owned; where it is, or would be */
	char *socket;	       /* owned, as is the next */
	char *journal_dir;
	const char *log_dir;   /* the config's */
	const char *store;     /* the same; URL; NULL: none is kept */
};

const struct cli_place *place_get(struct cli *cli);
/* The log of a child, by its path; owned by the caller. */
char *place_log_file(const struct cli_place *p, const char *child);
void place_free(struct cli_place *p);

#endif
