/*
 * What stands where a URL would stand and is none: `pricescrape read`. Each
 * command has a file cmd_NAME.c with its own options and usage, and a row in
 * command.c.
 */
#ifndef TRAPEXIT_SCRAPE_COMMAND_H
#define TRAPEXIT_SCRAPE_COMMAND_H

/* argv[0] is the command's name, as main()'s is the program's. Returns the exit code. */
typedef int command_fn(int argc, char **argv);

struct command {
	const char *name;
	command_fn *run;
	const char *help; /* one line for --help */
};

/* NULL if the word is no command. */
const struct command *command_find(const char *word);
/* The i-th, for the usage; NULL behind the last. */
const struct command *command_at(unsigned i);

command_fn cmd_extract;
command_fn cmd_learn;
command_fn cmd_read;
command_fn cmd_robots;

#endif
