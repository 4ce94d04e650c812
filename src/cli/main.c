#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/place.h"
#include "cli/term.h"
#include "os/fd.h"

static int
run(struct cli *cli, int argc, char **argv)
{
	const struct command *command;
	int status = EXITCODE_USAGE;

	switch (options_parse(cli, argc, argv, &command, &status)) {
	case OPTIONS_WRONG:
		return status;
	case OPTIONS_VERSION:
		help_version(stdout);
		return finish_output(EXITCODE_OK);
	case OPTIONS_HELP:
		if (command != NULL && !command->hidden)
			help_command(stdout, command);
		else
			help_all(stdout);
		return finish_output(EXITCODE_OK);
	case OPTIONS_DONE:
		break;
	}
	if (command == NULL) {
		help_all(stderr);
		return EXITCODE_USAGE;
	}
	cli->color = term_wants_color(cli->no_color);
	return finish_output(command->exec(cli));
}

int
main(int argc, char **argv)
{
	struct cli cli = { 0 };
	int status;

	fd_reserve_standard();
	setlocale(LC_CTYPE, "");
	log_open("trapexit", LOG_LEVEL_WARNING);
	signal(SIGPIPE, SIG_IGN);
	cli.args = xcalloc((size_t)argc + 1, sizeof(*cli.args));
	status = run(&cli, argc, argv);
	place_free(cli.place);
	free(cli.args);
	return status;
}
