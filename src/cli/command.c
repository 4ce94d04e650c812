#include "cli/command.h"

#include <string.h>

#include "cli/options.h"
#include "wire/name_match.h"

#define NAMES_TEXT                                                                                                     \
	"A NAME is a path (suppliers/ebuyer), an id if only one child has it (ebuyer), a glob\n"                       \
	"over paths and ids ('worker:[1-3]', quoted from the shell), or @SUPERVISOR for all\n"                         \
	"below it.\n"

#define SUPERVISOR_TEXT                                                                                                \
	"SUPERVISOR is a path (suppliers), an id if only one supervisor has it, or / for the root.\n"                  \
	"The answer is supervisor(3)'s term: on standard output, or with status 1 on standard error.\n"

#define PRODUCT_TEXT "PRODUCT may be a part of its name, or a glob.\n"

static const struct command commands[] = {
	{ .name = "status",
	    .synopsis = "[--sources] [NAME...]",
	    .summary = "show what runs where, since when, how often it died, how fresh its prices are",
	    .text = "Exit status: 0 running, 3 not running, 4 not known (as LSB has it). With NAMEs it is\n"
		    "0 if all of them run.\n" NAMES_TEXT,
	    .options = OPTION_WATCH | OPTION_SOURCES,
	    .kind = ARGS_CHILDREN,
	    .max_args = ARGS_MANY,
	    .exec = cmd_status },
	{ .name = "start",
	    .synopsis = "NAME...",
	    .summary = "start children that are stopped",
	    .text = "Comes back when they are started, or cannot be.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_start },
	{ .name = "stop",
	    .synopsis = "NAME...",
	    .summary = "stop children; they stay stopped until started, over restarts of trapexitd too",
	    .text = "Comes back when they have ended.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_stop },
	{ .name = "restart",
	    .synopsis = "NAME...",
	    .summary = "stop and start children",
	    .text = "Comes back when they are started anew.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_restart },
	{ .name = "add",
	    .synopsis = "SUPERVISOR ID -- COMMAND [ARG...] | SUPERVISOR TEXT | SUPERVISOR -- [ARG...]",
	    .summary = "add a child at run time; of a simple_one_for_one: an instance",
	    .text = "TEXT is a child as in trapexit.conf(5): 'child x { command = \"sleep 9\" }'; or --file.\n"
		    "Comes back when it is started, and prints its name; what does not start is not added.\n"
		    "It is there until it is removed, or trapexitd is stopped.\n"
		    "SUPERVISOR is a path, an id if only one supervisor has it, or / for the root.\n",
	    .options = OPTION_FILE,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_add },
	{ .name = "remove",
	    .synopsis = "NAME...",
	    .summary = "stop children and forget them; those of the configuration until the next reload",
	    .text = "Comes back when they have ended.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_remove },
	{ .name = "signal",
	    .synopsis = "SIGNAL NAME...",
	    .summary = "send a signal to children",
	    .text = "SIGNAL is HUP, SIGHUP or 1. If a child ends by it, it is restarted as always.\n" NAMES_TEXT,
	    .kind = ARGS_SIGNAL,
	    .min_args = 2,
	    .max_args = ARGS_MANY,
	    .exec = cmd_signal },
	{ .name = "start-child",
	    .synopsis = "SUPERVISOR TEXT | SUPERVISOR [-- ARG...]",
	    .summary = "supervisor(3): add and start a child; of a simple_one_for_one: an instance",
	    .text = "TEXT is a child as in trapexit.conf(5): 'child x { command = \"sleep 9\" }', or - for standard\n"
		    "input; or --file. ARGs are appended to the command of the template.\n" SUPERVISOR_TEXT,
	    .options = OPTION_FILE,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_start_child },
	{ .name = "terminate-child",
	    .synopsis = "SUPERVISOR ID",
	    .summary = "supervisor(3): stop a child; a restart of its group starts it again",
	    .text = "Of a simple_one_for_one, ID is an instance's (worker:1) or its handle (PID/TOKEN).\n" SUPERVISOR_TEXT,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_terminate_child },
	{ .name = "restart-child",
	    .synopsis = "SUPERVISOR ID",
	    .summary = "supervisor(3): start a child that is down",
	    .text = SUPERVISOR_TEXT,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_restart_child },
	{ .name = "delete-child",
	    .synopsis = "SUPERVISOR ID",
	    .summary = "supervisor(3): forget a child that is down",
	    .text = "One of the configuration is back with its supervisor's next start, or a reload.\n" SUPERVISOR_TEXT,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_delete_child },
	{ .name = "which-children",
	    .synopsis = "SUPERVISOR",
	    .summary = "supervisor(3): list the children of a supervisor, the newest first",
	    .text = SUPERVISOR_TEXT,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 1,
	    .max_args = 1,
	    .exec = cmd_which_children },
	{ .name = "count-children",
	    .synopsis = "SUPERVISOR",
	    .summary = "supervisor(3): count the children of a supervisor",
	    .text = SUPERVISOR_TEXT,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 1,
	    .max_args = 1,
	    .exec = cmd_count_children },
	{ .name = "get-childspec",
	    .synopsis = "SUPERVISOR ID",
	    .summary = "supervisor(3): show how a child is configured, with all defaults",
	    .text = SUPERVISOR_TEXT,
	    .kind = ARGS_SUPERVISOR,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_get_childspec },
	{ .name = "check-childspecs",
	    .synopsis = "[SUPERVISOR] TEXT",
	    .summary = "supervisor(3): check children without starting them",
	    .text = "TEXT is children as in trapexit.conf(5), or - for standard input; or --file. With a\n"
		    "SUPERVISOR it is checked whether they could stand there.\n" SUPERVISOR_TEXT,
	    .options = OPTION_FILE,
	    .kind = ARGS_SUPERVISOR,
	    .max_args = 2,
	    .exec = cmd_check_childspecs },
	{ .name = "link",
	    .synopsis = "NAME NAME",
	    .summary = "link two children: when either ends, the other one is ended for the same reason",
	    .text = "The link ends with either of them. A child that traps exits is told instead; normal ends\n"
		    "nobody. One that does not run ends the first with the reason noproc.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_link },
	{ .name = "unlink",
	    .synopsis = "NAME NAME",
	    .summary = "remove the link between two children",
	    .text = NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_unlink },
	{ .name = "monitor",
	    .synopsis = "WATCHER NAME",
	    .summary = "tell a child when another one ends, once, on its control descriptor",
	    .text = "Prints the number that the line DOWN names, and demonitor wants. WATCHER needs trap_exit\n"
		    "or a configured monitor.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 2,
	    .max_args = 2,
	    .exec = cmd_monitor },
	{ .name = "demonitor",
	    .synopsis = "REF",
	    .summary = "remove a monitor",
	    .min_args = 1,
	    .max_args = 1,
	    .exec = cmd_demonitor },
	{ .name = "exit",
	    .synopsis = "NAME... REASON",
	    .summary = "send children an exit signal",
	    .text = "REASON is normal, shutdown, kill, killed, noproc, noconnection, {exit,3}, {shutdown,3} or\n"
		    "{signal,SIGSEGV}. kill cannot be trapped; normal ends nobody.\n" NAMES_TEXT,
	    .kind = ARGS_CHILDREN,
	    .min_args = 2,
	    .max_args = ARGS_MANY,
	    .exec = cmd_exit },
	{ .name = "events",
	    .synopsis = "[NAME...]",
	    .summary = "tell what happened, from the journal",
	    .text = "Works while trapexitd is down. With --follow and without --since, the last 10 lines\n"
		    "come first. --json has one object a line: the sentence and the journal's record.\n"
		    "Types are those of on_event in trapexit.conf(5): exit, alarm:hung, report:start_error.\n" NAMES_TEXT,
	    .options = OPTION_FOLLOW | OPTION_SINCE | OPTION_ALL | OPTION_LINES | OPTION_TYPE,
	    .kind = ARGS_CHILDREN,
	    .max_args = ARGS_MANY,
	    .exec = cmd_events },
	{ .name = "logs",
	    .synopsis = "NAME...",
	    .summary = "show what children wrote to their logs",
	    .text = "The last 10 lines, or --lines. --follow goes on over the rotation of the logs.\n" NAMES_TEXT,
	    .options = OPTION_FOLLOW | OPTION_LINES,
	    .kind = ARGS_CHILDREN,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_logs },
	{ .name = "prices",
	    .synopsis = "[PRODUCT]",
	    .summary = "show the latest price of every product at every supplier",
	    .text = "The cheapest that can be bought now is marked with *, for each currency by itself.\n" PRODUCT_TEXT,
	    .options = OPTION_CSV | OPTION_STALE,
	    .kind = ARGS_PRODUCT,
	    .max_args = 1,
	    .exec = cmd_prices },
	{ .name = "evidence",
	    .synopsis = "[--list | --save FILE] [SOURCE [N]]",
	    .summary = "show the page on which a price was not found, or not believed",
	    .text = "SOURCE is a source's id, or SUPPLIER/SOURCE where several have it. The newest page is taken, or\n"
		    "the N-th newest of up to three. It goes to a pipe or a file as it was received; a terminal gets a\n"
		    "summary, unless --save - is said. Without SOURCE, or with --list: which pages are kept.\n",
	    .options = OPTION_LIST | OPTION_SAVE,
	    .kind = ARGS_SOURCE,
	    .max_args = 2,
	    .exec = cmd_evidence },
	{ .name = "history",
	    .synopsis = "PRODUCT",
	    .summary = "show the prices of a product over time, newest first",
	    .text = PRODUCT_TEXT,
	    .options = OPTION_CSV | OPTION_SINCE | OPTION_LINES,
	    .kind = ARGS_PRODUCT,
	    .min_args = 1,
	    .max_args = 1,
	    .exec = cmd_history },
	{ .name = "test-rules",
	    .synopsis = "[--saved PAGES] [--limit N] [NAME...]",
	    .summary = "try the rules of the configuration, before a reload",
	    .text = "NAME is a scraper, or a source, also as SCRAPER/SOURCE. The pages are fetched, each site no\n"
		    "sooner than its gap; or with --saved they are a FILE, or DIR/SCRAPER/SOURCE.html, or those\n"
		    "that the store keeps as evidence. Prices are compared with the last that are stored.\n"
		    "The status is 1 if there is no price, or one that would not be believed. trapexitd need not run.\n",
	    .options = OPTION_SAVED | OPTION_LIMIT,
	    .kind = ARGS_SOURCE,
	    .max_args = ARGS_MANY,
	    .exec = cmd_test_rules },
	{ .name = "reload",
	    .synopsis = "",
	    .summary = "read the configuration anew and carry out what changed",
	    .text = "A configuration with errors changes nothing.\n",
	    .options = OPTION_PLAN,
	    .exec = cmd_reload },
	{ .name = "reopen",
	    .synopsis = "",
	    .summary = "close the logs and open them again by name, for logrotate(8)",
	    .exec = cmd_reopen },
	{ .name = "shutdown",
	    .synopsis = "",
	    .summary = "stop all children and trapexitd",
	    .text = "Comes back when trapexitd is gone.\n",
	    .exec = cmd_shutdown },
	{ .name = "upgrade",
	    .synopsis = "",
	    .summary = "let the trapexitd that is installed now take over; no child is touched",
	    .text = "Comes back when the new one is in charge. One that does not come up in time changes\n"
		    "nothing: its error is shown, and the old one goes on.\n",
	    .options = OPTION_TIMEOUT,
	    .exec = cmd_upgrade },
	{ .name = "nodes",
	    .synopsis = "",
	    .summary = "show the hosts, how their agents are, which versions they have and speak",
	    .text = "CHILDREN is how many run there, and how many may (capacity); LEFT how long they may run\n"
		    "without a further word of trapexitd; ROUND TRIP that of the agent's last ping.\n",
	    .exec = cmd_nodes },
	{ .name = "move",
	    .synopsis = "NAME... NODE",
	    .summary = "move children to another host of their list",
	    .text = "Each is stopped and started there; nothing is counted. Comes back when they run there.\n"
		    "With takeover configured, a child goes back to a better node sooner or later.\n" NAMES_TEXT,
	    .kind = ARGS_PLACE,
	    .min_args = 2,
	    .max_args = ARGS_MANY,
	    .exec = cmd_move },
	{ .name = "forbid",
	    .synopsis = "NAME... NODE",
	    .summary = "keep children off a host, until it is permitted to them again",
	    .text = "Whoever runs there moves to another host of its list, or waits for one. It holds over\n"
		    "restarts of trapexitd, too.\n" NAMES_TEXT,
	    .kind = ARGS_PLACE,
	    .min_args = 2,
	    .max_args = ARGS_MANY,
	    .exec = cmd_forbid },
	{ .name = "permit",
	    .synopsis = "NAME... NODE",
	    .summary = "let children run on a host again that was forbidden to them",
	    .text = NAMES_TEXT,
	    .kind = ARGS_PLACE,
	    .min_args = 2,
	    .max_args = ARGS_MANY,
	    .exec = cmd_permit },
	{ .name = "drain",
	    .synopsis = "NODE...",
	    .summary = "move all children off hosts, and start none there until undrain",
	    .text = "Whoever can goes to another host of its list, the others wait. Comes back when all have\n"
		    "left; interrupted before, they leave all the same. It holds over restarts of trapexitd.\n"
		    "Of the node local, trapexit's own children (recorder, events) stay.\n",
	    .options = OPTION_NO_WAIT,
	    .kind = ARGS_NODES,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_drain },
	{ .name = "undrain",
	    .synopsis = "NODE...",
	    .summary = "let children run on drained hosts again; a sick one is well again",
	    .kind = ARGS_NODES,
	    .min_args = 1,
	    .max_args = ARGS_MANY,
	    .exec = cmd_undrain },
	{ .name = "deploy",
	    .synopsis = "[NODE...]",
	    .summary = "put this version's agent and scraper on hosts, over ssh",
	    .text = "They go to ~/.local/lib/trapexit/VERSION (of root: /usr/local/lib/trapexit/VERSION), or where\n"
		    "\"agent\" of the node says. What does not fit the machine, or lacks a library there, is not\n"
		    "installed. A copy that is cut short changes nothing. Works while trapexitd is down.\n",
	    .options = OPTION_ALL | OPTION_DRY_RUN | OPTION_TIMEOUT,
	    .kind = ARGS_NODES,
	    .max_args = ARGS_MANY,
	    .exec = cmd_deploy },
	{ .name = "version",
	    .synopsis = "",
	    .summary = "show the versions of trapexit and of the running trapexitd",
	    .exec = cmd_version },
	{ .name = "help",
	    .synopsis = "[COMMAND]",
	    .summary = "show help",
	    .kind = ARGS_COMMAND,
	    .max_args = 1,
	    .exec = cmd_help },
	{ .name = "complete",
	    .synopsis = "-- WORD...",
	    .summary = "print candidates for the last word, for completion in shells",
	    .max_args = ARGS_MANY,
	    .exec = cmd_complete,
	    .hidden = true },
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
