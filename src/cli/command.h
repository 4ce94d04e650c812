/*
 * The commands: one row says all about one. Help, usage and completion come
 * from this table.
 */
#ifndef TRAPEXIT_CLI_COMMAND_H
#define TRAPEXIT_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/cli.h"

/* What the words behind a command are: for completion. */
enum args_kind {
	ARGS_NONE,
	ARGS_CHILDREN,
	ARGS_SIGNAL, /* and then children */
	ARGS_PRODUCT,
	ARGS_SOURCE,
	ARGS_SUPERVISOR,
	ARGS_COMMAND,
	ARGS_NODES,
	ARGS_PLACE, /* children, and a node */
};

#define ARGS_MANY (-1)

struct command {
	const char *name;
	const char *synopsis; /* behind the name: "[-f] NAME..." */
	const char *summary;  /* one line */
	const char *text;     /* for help: what else there is to know */
	uint32_t options;     /* bits of OPTION_* that it takes, besides those that all take */
	enum args_kind kind;
	int min_args, max_args; /* ARGS_MANY: no bound */
	int (*exec)(struct cli *cli);
	bool hidden; /* not for people */
};

/* NULL if there is none of this name. */
const struct command *command_find(const char *name);
/* The commands in the order of help; n is their number. */
const struct command *command_table(size_t *n);
/* For an unknown word: complains, with "did you mean". */
int command_unknown(const char *word);

int cmd_status(struct cli *cli);
int cmd_start(struct cli *cli);
int cmd_stop(struct cli *cli);
int cmd_restart(struct cli *cli);
int cmd_remove(struct cli *cli);
int cmd_add(struct cli *cli);
int cmd_start_child(struct cli *cli);
int cmd_terminate_child(struct cli *cli);
int cmd_restart_child(struct cli *cli);
int cmd_delete_child(struct cli *cli);
int cmd_which_children(struct cli *cli);
int cmd_count_children(struct cli *cli);
int cmd_get_childspec(struct cli *cli);
int cmd_check_childspecs(struct cli *cli);
int cmd_signal(struct cli *cli);
int cmd_link(struct cli *cli);
int cmd_unlink(struct cli *cli);
int cmd_monitor(struct cli *cli);
int cmd_demonitor(struct cli *cli);
int cmd_exit(struct cli *cli);
int cmd_reload(struct cli *cli);
int cmd_reopen(struct cli *cli);
int cmd_shutdown(struct cli *cli);
int cmd_version(struct cli *cli);
int cmd_nodes(struct cli *cli);
int cmd_move(struct cli *cli);
int cmd_permit(struct cli *cli);
int cmd_forbid(struct cli *cli);
int cmd_drain(struct cli *cli);
int cmd_deploy(struct cli *cli);
int cmd_undrain(struct cli *cli);
int cmd_upgrade(struct cli *cli);
int cmd_events(struct cli *cli);
int cmd_logs(struct cli *cli);
int cmd_prices(struct cli *cli);
int cmd_evidence(struct cli *cli);
int cmd_history(struct cli *cli);
int cmd_test_rules(struct cli *cli);
int cmd_help(struct cli *cli);
int cmd_complete(struct cli *cli);

#endif
