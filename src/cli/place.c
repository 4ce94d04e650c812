#include "cli/place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
load(struct cli *cli, struct cli_place *p)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	const char *env = getenv("TRAPEXIT_CONFIG");
	bool named = cli->config != NULL || (env != NULL && *env != '\0');

	if (access(p->config_file, R_OK) == 0) {
		p->config = config_load(p->config_file, &errors);
		if (p->config == NULL) {
			complain("%s has errors, so no more than its directories is used; "
				 "trapexitd -t -c %s tells them",
			    p->config_file, p->config_file);
			p->broken = true;
			salvage_read(&p->salvage, p->config_file);
		}
	} else if (named || errno != ENOENT) {
		/* No file, and nobody said that there is one: the defaults, without a word. */
		complain("%s: %s; the default directories are used", p->config_file, strerror(errno));
	}
	if (p->config == NULL)
		p->config = config_empty();
	buf_release(&errors.text);
}

static void
override(char **field, char *salvaged, char *option)
{
	if (option != NULL)
		*field = option;
	else if (salvaged != NULL)
		*field = salvaged;
}

const struct cli_place *
place_get(struct cli *cli)
{
	struct cli_place *p;

	if (cli->place != NULL)
		return cli->place;
	cli->place = p = xcalloc(1, sizeof(*p));
	p->config_file = cli->config != NULL ? xstrdup(cli->config) : paths_config_file();
	load(cli, p);
	/* Before the defaults, which depend on each other. The config does not own these strings; it need not. */
	override(&p->config->state_dir, p->salvage.state_dir, cli->state_dir);
	override(&p->config->run_dir, p->salvage.run_dir, cli->run_dir);
	override(&p->config->log_dir, p->salvage.log_dir, cli->log_dir);
	override(&p->config->store, p->salvage.store, cli->store);
	paths_defaults(p->config);
	p->socket = cli->socket != NULL ? xstrdup(cli->socket) : paths_control_socket(p->config);
	p->journal_dir = paths_journal_dir(p->config);
	p->log_dir = p->config->log_dir;
	p->store = p->config->store;
	return p;
}

char *
place_log_file(const struct cli_place *p, const char *child)
{
	return paths_log_file(p->config, child);
}

void
place_free(struct cli_place *p)
{
	if (p == NULL)
		return;
	config_unref(p->config);
	salvage_release(&p->salvage);
	free(p->config_file);
	free(p->socket);
	free(p->journal_dir);
	free(p);
}
