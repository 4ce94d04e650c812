#include "cli/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "conf/config.h"
#include "conf/paths.h"

static char *
config_file(const struct cli *cli)
{
	const char *env = getenv("TRAPEXIT_CONFIG");

	if (cli->config != NULL)
		return xstrdup(cli->config);
	return env != NULL && *env != '\0' ? xstrdup(env) : paths_config_file();
}

/* An empty configuration, which has no errors, so that all defaults are there. */
static struct config *
config_empty(void)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *c = config_parse("(empty)", "", 0, &errors);

	if (c == NULL) {
		complain("even an empty configuration is refused: %s", errors.text.data);
		exit(EXITCODE_FAILED);
	}
	buf_release(&errors.text);
	return c;
}

static void
load(struct cli *cli, struct place *p)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	bool named = cli->config != NULL || getenv("TRAPEXIT_CONFIG") != NULL;

	/* No file, and nobody said that there is one: the defaults, without a word. */
	if (named || access(p->config_file, F_OK) == 0) {
		p->config = config_load(p->config_file, &errors);
		if (p->config == NULL)
			complain("%s cannot be used, so the default folders are looked at; "
				 "trapexitd -t -c %s says what is wrong",
			    p->config_file, p->config_file);
	}
	p->config_read = p->config != NULL;
	if (p->config == NULL)
		p->config = config_empty();
	buf_release(&errors.text);
}

/* An option in place of what the configuration says. */
static void
override(char **field, const char *option)
{
	if (option == NULL)
		return;
	free(*field);
	*field = xstrdup(option);
}

const struct place *
place_get(struct cli *cli)
{
	struct place *p;

	if (cli->place != NULL)
		return cli->place;
	cli->place = p = xcalloc(1, sizeof(*p));
	p->config_file = config_file(cli);
	load(cli, p);
	paths_defaults(p->config);
	p->socket = cli->run_dir != NULL ? xasprintf("%s/control.sock", cli->run_dir) :
					   paths_control_socket(p->config);
	p->journal_dir = cli->state_dir != NULL ? xasprintf("%s/journal", cli->state_dir) :
						  paths_journal_dir(p->config);
	p->log_dir = xstrdup(p->config->log_dir);
	p->store = p->config->store == NULL ? NULL : xstrdup(p->config->store);
	override(&p->socket, cli->socket);
	override(&p->log_dir, cli->log_dir);
	override(&p->store, cli->store);
	return p;
}

char *
place_log_file(const struct place *p, const char *child)
{
	return xasprintf("%s/%s.log", p->log_dir, child);
}

void
place_free(struct place *p)
{
	if (p == NULL)
		return;
	config_unref(p->config);
	free(p->config_file);
	free(p->socket);
	free(p->journal_dir);
	free(p->log_dir);
	free(p->store);
	free(p);
}
