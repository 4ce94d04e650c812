#include "cli/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "cli/command.h"

#define WATCH_DEFAULT_US INT64_C(2000000)
#define WATCH_LEAST_US INT64_C(100000)

#define AT(field) offsetof(struct cli, field)

static const struct option_row rows[] = {
	{ OPTION_CONFIG, 'c', "config", "FILE", AT(config),
	    "the configuration (default: $TRAPEXIT_CONFIG, else where trapexitd looks)" },
	{ OPTION_SOCKET, 's', "socket", "PATH", AT(socket), "the control socket of trapexitd" },
	{ OPTION_STATE_DIR, 'D', "state-dir", "DIR", AT(state_dir), "where the journal is" },
	{ OPTION_RUN_DIR, 'R', "run-dir", "DIR", AT(run_dir), "where the control socket is" },
	{ OPTION_LOG_DIR, 'L', "log-dir", "DIR", AT(log_dir), "where the logs of the children are" },
	{ OPTION_STORE, 'u', "store", "URL", AT(store), "where the prices are" },
	{ OPTION_NO_COLOR, 'M', "no-color", NULL, AT(no_color),
	    "no colours (as $NO_COLOR; none either where output is no terminal)" },
	{ OPTION_JSON, 'j', "json", NULL, AT(json), "JSON for programs, stable, with a version in it" },
	{ OPTION_HELP, 'h', "help", NULL, 0, "show this help" },
	{ OPTION_VERSION, 'V', "version", NULL, 0, "show the version" },
	{ OPTION_WATCH, 'w', "watch", "[SECONDS]", 0, "status: show it again every so often (2 s)" },
	{ OPTION_SOURCES, 'l', "sources", NULL, AT(sources), "status: each source, too, with what is wrong and since when" },
	{ OPTION_FOLLOW, 'f', "follow", NULL, AT(follow), "events, logs: go on with what comes" },
	{ OPTION_LINES, 'n', "lines", "N", AT(lines), "events, logs, history: at most the last N lines, or \"all\"" },
	{ OPTION_SINCE, 'S', "since", "WHEN", AT(since),
	    "events, history: not older than 2h, 2026-11-22 or 2026-11-22T12:00:00Z" },
	{ OPTION_TYPE, 'e', "type", "TYPES", AT(type), "events: only these, as exit,alarm,report:start_error" },
	{ OPTION_ALL, 'a', "all", NULL, AT(all), "events: what children printed, too; deploy: all nodes over ssh" },
	{ OPTION_CSV, 'C', "csv", NULL, AT(csv), "prices, history: CSV (RFC 4180)" },
	{ OPTION_STALE, 'o', "stale-after", "DURATION", AT(stale),
	    "prices: an older answer is stale (default: as stale_after of each says)" },
	{ OPTION_LIST, 'i', "list", NULL, AT(list), "evidence: only say which pages are kept" },
	{ OPTION_SAVE, 'O', "save", "FILE", AT(save), "evidence: write the page into FILE (-: standard output)" },
	{ OPTION_SAVED, 'd', "saved", "PAGES", AT(saved),
	    "test-rules: a FILE or a DIR of saved pages, or \"evidence\": those that the store keeps" },
	{ OPTION_LIMIT, 'm', "limit", "N", AT(limit), "test-rules: at most N sources" },
	{ OPTION_FILE, 'F', "file", "FILE", AT(file),
	    "add, start-child, check-childspecs: the child is in FILE (-: standard input)" },
	{ OPTION_TIMEOUT, 't', "timeout", "DURATION", AT(timeout),
	    "upgrade: how long the new one may take to get ready, and then to be in charge (20s); deploy: how long a host may say "
	    "nothing (60s)" },
	{ OPTION_NO_WAIT, 'W', "no-wait", NULL, AT(no_wait), "drain: come back at once, not when all have left" },
	{ OPTION_DRY_RUN, 'N', "dry-run", NULL, AT(dry_run), "deploy: do all but the last step, and install nothing" },
	{ OPTION_PLAN, 'p', "plan", NULL, AT(plan), "reload: only say what would be done" },
};

const struct option_row *
option_table(size_t *n)
{
	*n = ARRAY_LEN(rows);
	return rows;
}

/* The table as getopt_long(3) wants it: `longs` ends with a zero row, `shorts` begins with "-:". */
static void
getopt_tables(struct option *longs, char *shorts)
{
	/* '-': a word that is no option comes as 1, where it stands. */
	char *p = stpcpy(shorts, "-:");

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		int has_arg = required_argument;

		if (rows[i].arg == NULL)
			has_arg = no_argument;
		else if (rows[i].arg[0] == '[')
			has_arg = optional_argument;
		longs[i] = (struct option){ rows[i].name, has_arg, NULL, rows[i].letter };
		*p++ = rows[i].letter;
		for (int colons = has_arg; colons > 0; colons--)
			*p++ = ':';
	}
	*p = '\0';
}

static const struct option_row *
row_of(int letter)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (rows[i].letter == letter)
			return &rows[i];
	}
	return NULL;
}

/* "2", "0.5" or "500ms". */
static int
interval_parse(const char *text, int64_t *us)
{
	char with_unit[32];

	if (duration_parse(text, us) == 0)
		return 0;
	if (snprintf(with_unit, sizeof(with_unit), "%ss", text) >= (int)sizeof(with_unit))
		return -1;
	return duration_parse(with_unit, us);
}

/* --watch has an optional argument, and people write a blank before it. */
static int
take_watch(struct cli *cli, const char *arg, int argc, char **argv)
{
	int64_t us;

	cli->watch = true;
	cli->watch_us = WATCH_DEFAULT_US;
	if (arg == NULL && optind < argc && interval_parse(argv[optind], &us) == 0)
		arg = argv[optind++];
	if (arg == NULL)
		return 0;
	if (interval_parse(arg, &us) == -1)
		return -1;
	cli->watch_us = us < WATCH_LEAST_US ? WATCH_LEAST_US : us;
	return 0;
}

static int
take(struct cli *cli, const struct option_row *row, char *arg, int argc, char **argv)
{
	char *field = (char *)cli + row->offset;

	if (row->bit == OPTION_WATCH)
		return take_watch(cli, arg, argc, argv);
	if (row->arg != NULL)
		memcpy(field, &arg, sizeof(arg));
	else
		*(bool *)field = true;
	return 0;
}

/* Everything was understood: does it go together? */
static enum options_end
options_check(const struct cli *cli, const struct command *command, uint32_t seen, int *status)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if ((seen & rows[i].bit & ~(command->options | OPTIONS_COMMON)) != 0) {
			*status = complain_usage(command->name, "%s has no option --%s", command->name, rows[i].name);
			return OPTIONS_WRONG;
		}
	}
	if (cli->json && cli->csv)
		*status = complain_usage(command->name, "--json and --csv are both given; choose one");
	else if (cli->json && cli->watch)
		*status = complain_usage(command->name, "--watch is for people, --json for programs; choose one");
	else if (cli->n_args < command->min_args)
		*status = complain_usage(command->name, "%s needs more words: trapexit %s %s", command->name,
		    command->name, command->synopsis);
	else if (command->max_args != ARGS_MANY && cli->n_args > command->max_args)
		*status = complain_usage(
		    command->name, "%s: one word too many: %s", command->name, cli->args[command->max_args]);
	else
		return OPTIONS_DONE;
	return OPTIONS_WRONG;
}

static enum options_end
bad_option(int got, char **argv, const struct command *command, int *status)
{
	const char *what = argv[optind - 1];
	const char *name = command == NULL ? NULL : command->name;

	if (got == ':')
		*status = complain_usage(name, "%s needs an argument", what);
	else if (optopt != 0 && row_of(optopt) == NULL)
		*status = complain_usage(name, "no such option: -%c", optopt);
	else
		*status = complain_usage(name, "no such option: %s", what);
	return OPTIONS_WRONG;
}

/* A word that is no option: the first is the command, the others are its arguments. */
static enum options_end
take_word(struct cli *cli, char *word, const struct command **command, int *status)
{
	if (*command != NULL) {
		cli->args[cli->n_args++] = word;
		return OPTIONS_DONE;
	}
	*command = command_find(word);
	if (*command != NULL)
		return OPTIONS_DONE;
	*status = command_unknown(word);
	return OPTIONS_WRONG;
}

enum options_end
options_parse(struct cli *cli, int argc, char **argv, const struct command **command, int *status)
{
	struct option longs[ARRAY_LEN(rows) + 1] = { 0 };
	char shorts[3 * ARRAY_LEN(rows) + 3];
	uint32_t seen = 0;
	int got;

	*command = NULL;
	getopt_tables(longs, shorts);
	opterr = 0;
	while ((got = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct option_row *row = row_of(got);

		if (got == 1) {
			if (take_word(cli, optarg, command, status) != OPTIONS_DONE)
				return OPTIONS_WRONG;
			continue;
		}
		if (row == NULL)
			return bad_option(got, argv, *command, status);
		if (row->bit == OPTION_HELP)
			return OPTIONS_HELP;
		if (row->bit == OPTION_VERSION)
			return OPTIONS_VERSION;
		seen |= row->bit;
		if (take(cli, row, optarg, argc, argv) == -1) {
			*status = complain_usage("status", "--watch: not a time: %s", optarg);
			return OPTIONS_WRONG;
		}
	}
	cli->n_rest = optind > 1 && got == -1 && strcmp(argv[optind - 1], "--") == 0 ? cli->n_args : -1;
	for (; optind < argc; optind++) {
		/* Behind "--". */
		if (take_word(cli, argv[optind], command, status) != OPTIONS_DONE)
			return OPTIONS_WRONG;
	}
	return *command == NULL ? OPTIONS_DONE : options_check(cli, *command, seen, status);
}
