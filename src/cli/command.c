#include "cli/command.h"

#include <string.h>

#include "cli/options.h"
#include "wire/name_match.h"

#define NAMES_TEXT \
	"A NAME is a path (suppliers/ebuyer), an id if only one child has it (ebuyer), a glob\n" \
	"over paths and ids ('worker:[1-3]', quoted from the shell), or @SUPERVISOR for all\n" \
	"below it.\n"

static const struct command commands[] = {
	{ "status", "[NAME...]", "show what runs where, since when, how often it died, how fresh its prices are",
	    "Exit status: 0 running, 3 not running, 4 not known (as LSB has it). With NAMEs it is\n"
	    "0 if all of them run.\n" NAMES_TEXT,
	    OPTION_WATCH, ARGS_CHILDREN, 0, ARGS_MANY, cmd_status, false },
	{ "start", "NAME...", "start children that are stopped",
	    "Comes back when they are started, or cannot be.\n" NAMES_TEXT, 0, ARGS_CHILDREN, 1, ARGS_MANY,
	    cmd_start, false },
	{ "stop", "NAME...", "stop children; they stay stopped until started, over restarts of trapexitd too",
	    "Comes back when they have ended.\n" NAMES_TEXT, 0, ARGS_CHILDREN, 1, ARGS_MANY, cmd_stop, false },
	{ "restart", "NAME...", "stop and start children", "Comes back when they are started anew.\n" NAMES_TEXT,
	    0, ARGS_CHILDREN, 1, ARGS_MANY, cmd_restart, false },
	{ "signal", "SIGNAL NAME...", "send a signal to children",
	    "SIGNAL is HUP, SIGHUP or 1. If a child ends by it, it is restarted as always.\n" NAMES_TEXT, 0,
	    ARGS_SIGNAL, 2, ARGS_MANY, cmd_signal, false },
	{ "events", "[NAME...]", "tell what happened, from the journal",
	    "Works while trapexitd is down. With --follow and without --since, the last 10 lines\n"
	    "come first. --json has one object a line: the sentence and the journal's record.\n" NAMES_TEXT,
	    OPTION_FOLLOW | OPTION_SINCE | OPTION_ALL | OPTION_LINES, ARGS_CHILDREN, 0, ARGS_MANY, cmd_events,
	    false },
	{ "logs", "NAME...", "show what children wrote to their logs",
	    "The last 10 lines, or --lines. --follow goes on over the rotation of the logs.\n" NAMES_TEXT,
	    OPTION_FOLLOW | OPTION_LINES, ARGS_CHILDREN, 1, ARGS_MANY, cmd_logs, false },
	{ "prices", "[PRODUCT]", "show the latest price of every product at every supplier",
	    "The cheapest that can be bought now is marked with *, for each currency by itself.\n"
	    "PRODUCT may be a part of its name, or a glob.\n",
	    OPTION_CSV | OPTION_STALE, ARGS_PRODUCT, 0, 1, cmd_prices, false },
	{ "history", "PRODUCT", "show the prices of a product over time, newest first",
	    "PRODUCT may be a part of its name, or a glob.\n", OPTION_CSV | OPTION_SINCE | OPTION_LINES,
	    ARGS_PRODUCT, 1, 1, cmd_history, false },
	{ "reload", "", "read the configuration anew and carry out what changed",
	    "A configuration with errors changes nothing.\n", OPTION_PLAN, ARGS_NONE, 0, 0, cmd_reload, false },
	{ "reopen", "", "close the logs and open them again by name, for logrotate(8)", NULL, 0, ARGS_NONE, 0, 0,
	    cmd_reopen, false },
	{ "shutdown", "", "stop all children and trapexitd", "Comes back when trapexitd is gone.\n", 0, ARGS_NONE,
	    0, 0, cmd_shutdown, false },
	{ "version", "", "show the versions of trapexit and of the running trapexitd", NULL, 0, ARGS_NONE, 0, 0,
	    cmd_version, false },
	{ "help", "[COMMAND]", "show help", NULL, 0, ARGS_COMMAND, 0, 1, cmd_help, false },
	{ "complete", "-- WORD...", "candidates for the last word, for completion in shells", NULL, 0, ARGS_NONE, 0,
	    ARGS_MANY, cmd_complete, true },
};

const struct command *
command_table(size_t *n)
{
	*n = ARRAY_LEN(commands);
	return commands;
}

const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	}
	return NULL;
}

int
command_unknown(const char *word)
{
	const char *names[ARRAY_LEN(commands)], *meant;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (!commands[i].hidden)
			names[n++] = commands[i].name;
	}
	meant = name_suggest(word, names, n);
	if (meant != NULL)
		complain("no such command: %s; did you mean \"%s\"?", word, meant);
	else
		complain("no such command: %s; trapexit help lists them", word);
	return EXITCODE_USAGE;
}
