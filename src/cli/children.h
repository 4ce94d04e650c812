/*
 * Which children there are, without asking the daemon: those of the
 * configuration, and those that have left a log.
 */
#ifndef TRAPEXIT_CLI_CHILDREN_H
#define TRAPEXIT_CLI_CHILDREN_H

struct cli_place;
struct strvec;

/* Append paths that are not in `paths` yet. */
void children_configured(const struct cli_place *p, struct strvec *paths);
void children_with_logs(const struct cli_place *p, struct strvec *paths);

#endif
