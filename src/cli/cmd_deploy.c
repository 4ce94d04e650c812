/* trapexit deploy. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/deploy.h"
#include "cli/jget.h"
#include "cli/place.h"
#include "cli/term.h"
#include "conf/config.h"
#include "wire/name_match.h"

#define PATIENCE_US (60 * US_PER_S)

static const char *const outcome_names[] = {
	[DEPLOY_FAILED] = "failed",
	[DEPLOY_INSTALLED] = "installed",
	[DEPLOY_UNCHANGED] = "unchanged",
	[DEPLOY_WOULD_INSTALL] = "would_install",
};

static int
no_node(const struct config *c, const char *name)
{
	const char **names = xcalloc(c->n_nodes, sizeof(*names)), *meant;

	for (size_t i = 0; i < c->n_nodes; i++)
		names[i] = c->nodes[i].name;
	meant = name_suggest(name, names, c->n_nodes);
	free(names);
	if (meant != NULL)
		return complain("there is no node %s; did you mean \"%s\"?", name, meant);
	return complain("there is no node %s in the configuration", name);
}

/* A node of which we know where its agent is to be put; -1, said, if not. */
static int
check(const struct node_conf *node)
{
	const char *slash;

	if (node->kind != NODE_SSH) {
		complain("node %s: is this host; what is installed here is used", node->name);
		return -1;
	}
	if (node->agent == NULL)
		return 0;
	slash = strrchr(node->agent, '/');
	if (slash != NULL && strcmp(slash, "/trapexit-agent") == 0)
		return 0;
	complain("node %s: its \"agent\" is %s, which does not end with /trapexit-agent; whoever put it there has to replace it",
	    node->name, node->agent);
	return -1;
}

static const struct node_conf *
find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n_nodes; i++)
		if (strcmp(c->nodes[i].name, name) == 0)
			return &c->nodes[i];
	return NULL;
}

static void
add(struct deploy_host *hosts, size_t *n, const struct node_conf *node)
{
	for (size_t i = 0; i < *n; i++)
		if (hosts[i].node == node)
			return;
	hosts[(*n)++].node = node;
}

/* Which hosts are meant; -1, said, if one of them is none. There is room for all. */
static long
choose(const struct cli *cli, const struct config *c, struct deploy_host *hosts)
{
	const struct node_conf *node;
	size_t n = 0;
	long result = 0;

	for (size_t i = 0; cli->all && i < c->n_nodes; i++)
		if (c->nodes[i].kind == NODE_SSH) {
			add(hosts, &n, &c->nodes[i]);
			result |= check(&c->nodes[i]);
		}
	for (int i = 0; i < cli->n_args; i++) {
		if ((node = find(c, cli->args[i])) == NULL) {
			no_node(c, cli->args[i]);
			result = -1;
			continue;
		}
		result |= check(node);
		add(hosts, &n, node);
	}
	return result == -1 ? -1 : (long)n;
}

static void
put_progress(struct buf *line, const struct deploy_host *h)
{
	const char *between = line->len > 0 ? ", " : "";

	switch (h->state) {
	case HOST_WAITS:
	case HOST_ENDED:
		break;
	case HOST_ASKS:
		buf_xprintf(line, "%s%s: connects", between, h->node->name);
		break;
	case HOST_SENDS:
		if (h->total > 0)
			buf_xprintf(line, "%s%s: %zu %%", between, h->node->name, h->sent * 100 / h->total);
		break;
	case HOST_TRIES:
		buf_xprintf(line, "%s%s: is looked at", between, h->node->name);
		break;
	}
}

static void
clear_line(void)
{
	if (isatty(STDERR_FILENO))
		fputs("\r\033[K", stderr);
}

static void
progress(const struct deploy_host *hosts, size_t n, void *arg)
{
	struct buf line = BUF_INIT(0);

	(void)arg;
	if (!isatty(STDERR_FILENO))
		return;
	for (size_t i = 0; i < n && line.len < 60; i++)
		put_progress(&line, &hosts[i]);
	clear_line();
	fputs(line.len > 0 ? line.data : "", stderr);
	buf_release(&line);
}

static void
put_list(struct buf *out, const char *before, const struct strvec *list)
{
	for (size_t i = 0; i < list->n; i++)
		buf_xprintf(out, "%s%s", i == 0 ? before : ", ", list->v[i]);
}

/* "box2: 0.2.0 is installed in /home/u/.local/lib/trapexit/0.2.0 (x86_64, 812 KiB, 420ms)" */
static void
tell(const struct deploy_host *h, void *arg)
{
	const struct cli *cli = arg;
	struct buf out = BUF_INIT(0), safe = BUF_INIT(0);
	char took[DURATION_TEXT_SIZE], error[2048];

	clear_line();
	if (h->outcome == DEPLOY_FAILED) {
		complain("node %s: %s", h->node->name, term_safe(h->error, error, sizeof(error)));
		return;
	}
	if (cli->json)
		return;
	buf_xprintf(&out, "%s: %s %s in %s (%s", h->node->name, PACKAGE_VERSION,
	    h->outcome == DEPLOY_UNCHANGED ? "is there already," : h->outcome == DEPLOY_INSTALLED ? "is installed" : "would be installed",
	    h->dir, h->machine);
	if (h->copies)
		buf_xprintf(&out, ", %zu KiB", h->sent / 1024);
	buf_xprintf(&out, ", %s)", duration_human(h->took_us / US_PER_MS * US_PER_MS, took));
	put_list(&out, "; also there: ", &h->kept);
	put_list(&out, "; removed: ", &h->removed);
	term_put_safe(&safe, out.data, out.len);
	printf("%s\n", safe.data);
	fflush(stdout);
	buf_release(&safe);
	buf_release(&out);
}

static struct json_object *
json_text(const char *text)
{
	return text == NULL ? NULL : json_object_new_string(text);
}

static struct json_object *
json_list(const struct strvec *list)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < list->n; i++)
		json_object_array_add(array, json_object_new_string(list->v[i]));
	return array;
}

static struct json_object *
json_missing(const struct strvec *list)
{
	struct json_object *array = json_object_new_array(), *row;

	for (size_t i = 0; i < list->n; i++) {
		row = json_object_new_object();
		json_object_object_add(row, "library", json_object_new_string(list->v[i]));
		json_object_object_add(row, "package", json_text(package_of(list->v[i])));
		json_object_array_add(array, row);
	}
	return array;
}

static struct json_object *
json_host(const struct deploy_host *h)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "node", json_object_new_string(h->node->name));
	json_object_object_add(o, "outcome", json_object_new_string(outcome_names[h->outcome]));
	json_object_object_add(o, "machine", json_text(h->machine));
	json_object_object_add(o, "path", json_text(h->dir));
	json_object_object_add(o, "bytes", json_object_new_int64(h->copies ? (int64_t)h->sent : 0));
	json_object_object_add(o, "took_ms", json_object_new_int64(h->took_us / US_PER_MS));
	json_object_object_add(o, "missing", json_missing(&h->missing));
	json_object_object_add(o, "too_old", json_list(&h->old));
	json_object_object_add(o, "kept", json_list(&h->kept));
	json_object_object_add(o, "removed", json_list(&h->removed));
	json_object_object_add(o, "error", json_text(h->error));
	return o;
}

static void
print_json(const struct deploy_host *hosts, size_t n, bool ok)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(list, json_host(&hosts[i]));
	json_object_object_add(o, "version", json_object_new_int(1));
	json_object_object_add(o, "ok", json_object_new_boolean(ok));
	json_object_object_add(o, "deployed", json_object_new_string(PACKAGE_VERSION));
	json_object_object_add(o, "nodes", list);
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static int
deploy(struct cli *cli, struct deploy_host *hosts, size_t n, int64_t patience_us)
{
	struct deploy_how how = { .dry = cli->dry_run, .patience_us = patience_us, .progress = progress, .done = tell, .arg = cli };
	struct deploy_payload payload;
	struct err err = ERR_INIT;
	bool ok = true;
	int status;

	if (payload_load(&payload, &err) == -1 || deploy_run(hosts, n, &payload, &how, &err) == -1) {
		status = complain("%s", err.msg);
	} else {
		clear_line();
		for (size_t i = 0; i < n; i++)
			ok = ok && hosts[i].outcome != DEPLOY_FAILED;
		if (cli->json)
			print_json(hosts, n, ok);
		status = ok ? EXITCODE_OK : EXITCODE_FAILED;
	}
	payload_release(&payload);
	return status;
}

int
cmd_deploy(struct cli *cli)
{
	const struct config *c = place_get(cli)->config;
	struct deploy_host *hosts;
	int64_t patience_us = PATIENCE_US;
	int status = EXITCODE_FAILED;
	long n;

	if (cli->timeout != NULL && (duration_parse(cli->timeout, &patience_us) == -1 || patience_us < US_PER_S))
		return complain_usage("deploy", "--timeout: not a time, or less than a second: %s", cli->timeout);
	if (cli->n_args == 0 && !cli->all)
		return complain_usage("deploy", "to which nodes? --all means all that are reached over ssh");
	if (place_get(cli)->broken)
		return EXITCODE_FAILED;
	hosts = xcalloc(c->n_nodes + 1, sizeof(*hosts));
	n = choose(cli, c, hosts);
	if (n == 0)
		complain("no node of the configuration is reached over ssh; see node in trapexit.conf(5)");
	else if (n > 0)
		status = deploy(cli, hosts, (size_t)n, patience_us);
	for (long i = 0; i < n; i++)
		deploy_host_release(&hosts[i]);
	free(hosts);
	return status;
}
