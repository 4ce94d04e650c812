/*
 * trapexit complete -- WORD...: candidates for the last word, one a line. The
 * words are those behind "trapexit". Completion that fails is silent.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/jget.h"
#include "cli/options.h"
#include "cli/place.h"
#include "cli/rpc.h"
#include "cli/status_view.h"
#include "conf/config.h"
#include "store/store.h"
#include "wire/control_msg.h"
#include "wire/event_match.h"
#include "wire/name_match.h"

/* Nobody waits longer for a completion. */
#define PATIENCE_MS 500

static void
candidate(const char *word, const char *prefix)
{
	if (strncmp(word, prefix, strlen(prefix)) == 0)
		puts(word);
}

static void
complete_commands(const char *prefix)
{
	size_t n;
	const struct command *commands = command_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (!commands[i].hidden)
			candidate(commands[i].name, prefix);
	}
}

static void
complete_options(uint32_t which, const char *prefix)
{
	size_t n;
	const struct option_row *rows = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		char word[64];

		snprintf(word, sizeof(word), "--%s", rows[i].name);
		if ((rows[i].bit & which) != 0)
			candidate(word, prefix);
	}
}

static void
complete_signals(const char *prefix)
{
	char name[CONTROL_SIGNAL_SIZE];

	for (int sig = 1; sig < 32; sig++)
		candidate(control_signal_text(sig, name) + strlen("SIG"), prefix);
}

/* The path, and the id for who begins with it: trapexitd says if that is not unique. */
static void
complete_child(struct json_object *child, void *arg)
{
	const char *prefix = arg, *name = jget_str(child, "name");

	if (name == NULL)
		return;
	candidate(name, prefix);
	if (*prefix != '\0' && name_id(name) != name)
		candidate(name_id(name), prefix);
}

static void
complete_children(struct cli *cli, const char *prefix)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_STATUS };
	struct control_reply reply;
	char *copy = xstrdup(prefix);

	if (rpc_call(cli, &rq, PATIENCE_MS, &reply, NULL) == 0) {
		if (reply.code == 0)
			status_each_child(reply.result, complete_child, copy);
		control_reply_release(&reply);
	}
	free(copy);
}

/* The last of several types with commas between them; what stands before it stays. */
static void
complete_types(const char *prefix)
{
	const char *const *types = event_types(), *comma = strrchr(prefix, ','), *const *kinds;
	int before = comma == NULL ? 0 : (int)(comma + 1 - prefix);
	char word[256];

	for (; *types != NULL; types++) {
		snprintf(word, sizeof(word), "%.*s%s", before, prefix, *types);
		candidate(word, prefix);
		if (strchr(prefix + before, ':') == NULL)
			continue;
		for (kinds = event_kinds(*types); kinds != NULL && *kinds != NULL; kinds++) {
			snprintf(word, sizeof(word), "%.*s%s:%s", before, prefix, *types, *kinds);
			candidate(word, prefix);
		}
	}
}

/* The supervisors' paths; behind one of them the ids of its children. */
static void
complete_below(struct json_object *node, const char *sup, const char *prefix)
{
	struct json_object *children = jget_array(node, "children");
	size_t n = children == NULL ? 0 : json_object_array_length(children);
	const char *name = jget_str(node, "name"), *id = jget_str(node, "id");
	bool here = sup != NULL && name != NULL && id != NULL &&
	    (strcmp(*name == '\0' ? "/" : name, sup) == 0 || strcmp(id, sup) == 0);

	if (children != NULL && sup == NULL && name != NULL)
		candidate(*name == '\0' ? "/" : name, prefix);
	for (size_t i = 0; i < n; i++) {
		struct json_object *child = json_object_array_get_idx(children, i);

		if (here && jget_str(child, "id") != NULL)
			candidate(jget_str(child, "id"), prefix);
		complete_below(child, sup, prefix); /* NOLINT: as deep as supervisors, 32 at most */
	}
}

static void
complete_supervisor(struct cli *cli, const char *sup, const char *prefix)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_STATUS };
	struct control_reply reply;

	if (rpc_call(cli, &rq, PATIENCE_MS, &reply, NULL) == -1)
		return;
	if (reply.code == 0)
		complete_below(jget_object(reply.result, "tree"), sup, prefix);
	control_reply_release(&reply);
}

/* The daemon knows them; while it is down the configuration does. */
static void
complete_nodes(struct cli *cli, const char *prefix)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_NODES };
	struct control_reply reply = { 0 };
	bool told = rpc_call(cli, &rq, PATIENCE_MS, &reply, NULL) == 0 && reply.code == 0;
	struct json_object *nodes = told ? jget_array(reply.result, "nodes") : NULL;
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);
	const struct config *config = place_get(cli)->config;

	for (size_t i = 0; i < n; i++) {
		const char *name = jget_str(json_object_array_get_idx(nodes, i), "name");

		if (name != NULL)
			candidate(name, prefix);
	}
	for (size_t i = 0; !told && i < config->n_nodes; i++)
		candidate(config->nodes[i].name, prefix);
	control_reply_release(&reply);
}

struct products {
	const char *prefix;
	char *last; /* owned; offers come by product */
};

static int
complete_product(const struct store_offer *o, void *arg)
{
	struct products *p = arg;

	if (p->last != NULL && strcmp(p->last, o->product) == 0)
		return 0;
	free(p->last);
	p->last = xstrdup(o->product);
	candidate(o->product, p->prefix);
	return 0;
}

static void
complete_products(struct cli *cli, const char *prefix)
{
	const struct cli_place *place = place_get(cli);
	struct store *s = place->store == NULL ? NULL : store_open(place->store, STORE_READ, NULL);
	struct products p = { .prefix = prefix };

	if (s == NULL)
		return;
	/* A store in trouble completes nothing; the command itself will say why. */
	if (store_offers(s, &(struct store_filter){ 0 }, complete_product, &p, NULL) == -1)
		fflush(stdout);
	free(p.last);
	store_close(s);
}

static int
complete_page(const struct store_page *page, void *arg)
{
	candidate(page->source, arg);
	return 0;
}

static void
complete_sources(struct cli *cli, const char *prefix)
{
	const struct cli_place *place = place_get(cli);
	struct store *s = place->store == NULL ? NULL : store_open(place->store, STORE_READ, NULL);
	char *copy = xstrdup(prefix);

	if (s != NULL && store_pages(s, NULL, NULL, false, complete_page, copy, NULL) == -1)
		fflush(stdout);
	store_close(s);
	free(copy);
}

/* The option that takes the last word as its argument; NULL if none does. */
static const struct option_row *
option_before(const char *word)
{
	size_t n;
	const struct option_row *rows = option_table(&n);

	for (size_t i = 0; i < n; i++) {
		if (rows[i].arg == NULL || rows[i].arg[0] == '[')
			continue;
		if ((word[0] == '-' && word[1] == rows[i].letter && word[2] == '\0') ||
		    (strncmp(word, "--", 2) == 0 && strcmp(word + 2, rows[i].name) == 0))
			return &rows[i];
	}
	return NULL;
}

/* Understand what stands before the last word: the command, how many words behind it, where to look. */
static const struct command *
read_words(struct cli *cli, int *n_words, const char **first)
{
	const struct command *command = NULL;

	*n_words = 0;
	*first = NULL;
	for (int i = 0; i + 1 < cli->n_args; i++) {
		const struct option_row *option = option_before(cli->args[i]);

		if (option != NULL && i + 2 < cli->n_args) {
			char *arg = cli->args[++i];

			if (option->bit == OPTION_CONFIG)
				cli->config = arg;
			else if (option->bit == OPTION_SOCKET)
				cli->socket = arg;
			else if (option->bit == OPTION_RUN_DIR)
				cli->run_dir = arg;
			else if (option->bit == OPTION_STORE)
				cli->store = arg;
		} else if (cli->args[i][0] != '-') {
			if (command == NULL)
				command = command_find(cli->args[i]);
			else if (++*n_words == 1)
				*first = cli->args[i];
		}
	}
	return command;
}

int
cmd_complete(struct cli *cli)
{
	const char *prefix = cli->n_args > 0 ? cli->args[cli->n_args - 1] : "";
	int n_words;
	const char *first;
	const struct command *command = read_words(cli, &n_words, &first);
	const struct option_row *option;

	/* What place_get() says of a broken configuration is not for here. */
	if (freopen("/dev/null", "w", stderr) == NULL)
		return EXITCODE_FAILED;
	if (cli->n_args > 1 && (option = option_before(cli->args[cli->n_args - 2])) != NULL) {
		if (option->bit == OPTION_TYPE)
			complete_types(prefix);
		return EXITCODE_OK;
	}
	if (*prefix == '-') {
		complete_options(OPTIONS_COMMON | (command == NULL ? 0 : command->options), prefix);
	} else if (command == NULL) {
		complete_commands(prefix);
	} else if (command->kind == ARGS_CHILDREN || (command->kind == ARGS_SIGNAL && n_words > 0)) {
		complete_children(cli, prefix);
	} else if (command->kind == ARGS_NODES) {
		complete_nodes(cli, prefix);
	} else if (command->kind == ARGS_PLACE) {
		complete_children(cli, prefix);
		if (n_words > 0)
			complete_nodes(cli, prefix);
	} else if (command->kind == ARGS_SUPERVISOR) {
		if (n_words < 2)
			complete_supervisor(cli, first, prefix);
	} else if (command->kind == ARGS_SIGNAL) {
		complete_signals(prefix);
	} else if (command->kind == ARGS_PRODUCT && n_words == 0) {
		complete_products(cli, prefix);
	} else if (command->kind == ARGS_SOURCE && n_words == 0) {
		complete_sources(cli, prefix);
	} else if (command->kind == ARGS_COMMAND && n_words == 0) {
		complete_commands(prefix);
	}
	return EXITCODE_OK;
}
