/*
 * Where things are: for root /etc, /run and /var/lib; for an ordinary user the
 * XDG directories. What the configuration says wins.
 */
#ifndef TRAPEXIT_CONF_PATHS_H
#define TRAPEXIT_CONF_PATHS_H

#include "conf/config.h"

/* The configuration file to read when none is named: $TRAPEXIT_CONFIG, or by the rule above; owned by the caller. */
char *paths_config_file(void);
/* Fill in the directories (and the store) that the configuration leaves NULL, and add the recorder and what runs handlers. */
void paths_defaults(struct config *c);
/* run_dir/control.sock; owned by the caller. */
char *paths_control_socket(const struct config *c);
/* state_dir/journal; owned by the caller. */
char *paths_journal_dir(const struct config *c);
/* log_dir/PATH.log of a child named by its path; owned by the caller. */
char *paths_log_file(const struct config *c, const char *child);
/* A program that is installed beside us: libexecdir/bindir, or what $TRAPEXIT_BINDIR says (tests, build tree). */
char *paths_program(const char *name);

#endif
