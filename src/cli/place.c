#include "cli/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/xalloc.h"
#include "conf/config.h"
#include "conf/paths.h"

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
	const char *env = getenv("TRAPEXIT_CONFIG");
	bool named = cli->config != NULL || (env != NULL && *env != '\0');

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

/*
 * Options in place of what the configuration says, before the defaults, which
 * depend on each other. The config does not own these strings; it need not.
 */
static void
override(const struct cli *cli, struct config *c)
{
	if (cli->state_dir != NULL)
		c->state_dir = cli->state_dir;
	if (cli->run_dir != NULL)
		c->run_dir = cli->run_dir;
	if (cli->log_dir != NULL)
		c->log_dir = cli->log_dir;
	if (cli->store != NULL)
		c->store = cli->store;
}

const struct place *
place_get(struct cli *cli)
{
	struct place *p;

	if (cli->place != NULL)
		return cli->place;
	cli->place = p = xcalloc(1, sizeof(*p));
	p->config_file = cli->config != NULL ? xstrdup(cli->config) : paths_config_file();
	load(cli, p);
	override(cli, p->config);
	paths_defaults(p->config);
	p->socket = cli->socket != NULL ? xstrdup(cli->socket) : paths_control_socket(p->config);
	p->journal_dir = paths_journal_dir(p->config);
	p->log_dir = p->config->log_dir;
	p->store = p->config->store;
	return p;
}

char *
place_log_file(const struct place *p, const char *child)
{
	return paths_log_file(p->config, child);
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
	free(p);
}
