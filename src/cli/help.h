/* Help out of the tables of commands and options. */
#ifndef TRAPEXIT_CLI_HELP_H
#define TRAPEXIT_CLI_HELP_H

#include <stdio.h>

struct command;

void help_all(FILE *f);
void help_command(FILE *f, const struct command *command);
void help_version(FILE *f);

#endif
