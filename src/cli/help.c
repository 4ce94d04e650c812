#include "config.h"

#include "cli/help.h"

#include <string.h>

#include "cli/command.h"
#include "cli/options.h"

static void
print_option(FILE *f, const struct option_row *row)
{
	char left[40];

	if (row->arg == NULL)
		snprintf(left, sizeof(left), "-%c, --%s", row->letter, row->name);
	else if (row->arg[0] == '[')
		snprintf(left, sizeof(left), "-%c, --%s[=%s", row->letter, row->name, row->arg + 1);
	else
		snprintf(left, sizeof(left), "-%c, --%s %s", row->letter, row->name, row->arg);
	fprintf(f, "  %-28s %s\n", left, row->summary);
}

static void
print_options(FILE *f, uint32_t which)
{
	size_t n;
	const struct option_row *rows = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		if ((rows[i].bit & which) != 0)
			print_option(f, &rows[i]);
	}
}

void
help_all(FILE *f)
{
	size_t n;
	const struct command *commands = command_table(&n);

	fputs("usage: trapexit [options] COMMAND [word...]\n\n"
	      "Looks at and steers trapexitd(8), and shows the prices that its scrapers found.\n\n"
	      "commands:\n",
	    f);
	for (size_t i = 0; i < n; i++) {
		if (!commands[i].hidden)
			fprintf(f, "  %-28s %s\n", commands[i].name, commands[i].summary);
	}
	fputs("\noptions of all commands:\n", f);
	print_options(f, OPTIONS_COMMON);
	fputs("\noptions of some:\n", f);
	print_options(f, ~(uint32_t)OPTIONS_COMMON);
	fputs("\nMore: trapexit help COMMAND, trapexit(1), trapexit(7)\n", f);
}

void
help_command(FILE *f, const struct command *command)
{
	fprintf(f, "usage: trapexit %s%s%s%s\n\n", command->name, command->options != 0 ? " [options]" : "",
	    *command->synopsis != '\0' ? " " : "", command->synopsis);
	/* A sentence out of the summary: it begins with a small letter. */
	fprintf(f, "%c%s.\n", command->summary[0] - 'a' + 'A', command->summary + 1);
	if (command->text != NULL)
		fprintf(f, "%s", command->text);
	if (command->options != 0) {
		fputs("\noptions:\n", f);
		print_options(f, command->options);
	}
	fputs("\noptions of all commands:\n", f);
	print_options(f, OPTIONS_COMMON);
}

void
help_version(FILE *f)
{
	fprintf(f, "trapexit (trapexit) %s\n", PACKAGE_VERSION);
}

int
cmd_help(struct cli *cli)
{
	const struct command *command;

	if (cli->n_args == 0) {
		help_all(stdout);
		return EXITCODE_OK;
	}
	command = command_find(cli->args[0]);
	if (command == NULL)
		return command_unknown(cli->args[0]);
	help_command(stdout, command);
	return EXITCODE_OK;
}
