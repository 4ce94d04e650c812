/*
 * Where things are: options first, then the configuration, then the defaults.
 *
 *	const struct place *p = place_get(cli);	   read once, kept in cli
 *
 * A configuration that is missing or broken is no reason not to look at the
 * daemon that runs: it is said on standard error, and the defaults serve.
 */
#ifndef TRAPEXIT_CLI_PLACE_H
#define TRAPEXIT_CLI_PLACE_H

#include <stdbool.h>

#include "cli/cli.h"

struct config;

struct place {
	struct config *config; /* owned; what is valid of it: an empty one if it cannot be read */
	bool config_read;      /* it is the user's own */
	char *config_file;     /* owned; where it is, or would be */
	char *socket;	       /* owned, as is the next */
	char *journal_dir;
	const char *log_dir;   /* the config's */
	const char *store;     /* the same; URL; NULL: none is kept */
};

const struct place *place_get(struct cli *cli);
/* The log of a child, by its path; owned by the caller. */
char *place_log_file(const struct place *p, const char *child);
void place_free(struct place *p);

#endif
