/*
 * supervisor(3)'s operations: start-child, terminate-child, restart-child,
 * delete-child, which-children, count-children, get-childspec, check-childspecs;
 * and add, which is start-child in everyday words.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/xalloc.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/jget.h"
#include "cli/rpc.h"
#include "cli/table.h"
#include "cli/term.h"
#include "conf/value.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
/* How trapexitd calls a text in its messages. */
#define SPEC_NAME "childspec:"

static void
add_version(struct json_object *object)
{
	json_object_object_add(object, "version", json_object_new_int(1));
}

/* A line of what is wrong, with a file's own name. */
static char *
line_of(const char *line, size_t len, const char *file)
{
	size_t skip = file != NULL && strncmp(line, SPEC_NAME, strlen(SPEC_NAME)) == 0 ? strlen(SPEC_NAME) : 0;

	return xasprintf("%s%s%.*s", skip > 0 ? file : "", skip > 0 ? ":" : "", (int)(len - skip), line + skip);
}

/* The term, and what it means in words: of several lines each begins with its place. */
static void
complain_text(const char *term, const char *text, const char *file)
{
	const char *p = text, *end = text + strcspn(text, "\n");
	char *line = line_of(p, (size_t)(end - p), file), safe[4096];

	if (term != NULL && *end == '\0')
		complain("%s: %s", term, line);
	else
		complain("%s", term != NULL ? term : line);
	free(line);
	if (*end == '\0')
		return;
	for (p = term != NULL ? text : end + 1; *p != '\0'; p = *end != '\0' ? end + 1 : end) {
		end = p + strcspn(p, "\n");
		line = line_of(p, (size_t)(end - p), file);
		fprintf(stderr, "%s\n", term_safe(line, safe, sizeof(safe)));
		free(line);
	}
}

static int
refused(const struct cli *cli, const struct control_reply *reply, const char *file)
{
	const char *text = jget_str(reply->data, "text"), *error = jget_str(reply->data, "error");
	struct json_object *object;

	if (text == NULL || strcmp(reply->message, text) == 0)
		complain_text(NULL, reply->message, file);
	else
		complain_text(reply->message, text, file);
	if (!cli->json)
		return EXITCODE_FAILED;
	object = reply->data != NULL ? json_object_get(reply->data) : json_object_new_object();
	if (error == NULL) {
		json_object_object_add(object, "error", json_object_new_string("refused"));
		json_object_object_add(object, "text", json_object_new_string(reply->message));
	}
	add_version(object);
	puts(json_object_to_json_string_ext(object, JSON_FLAGS));
	json_object_put(object);
	return EXITCODE_FAILED;
}

/* Ask, and show the result: as JSON, or by `tell`. */
static int
ask(struct cli *cli, struct control_request *rq, const char *file, void (*tell)(struct cli *, struct json_object *))
{
	struct control_reply reply;
	struct err err = ERR_INIT;
	struct buf line = BUF_INIT(0);
	int status = EXITCODE_OK;

	rq->id = (char[]){ "1" };
	control_request_encode(&line, rq);
	if (line.len > CONTROL_LINE_MAX) {
		status = complain("the request has %zu bytes, and trapexitd takes at most %u", line.len, CONTROL_LINE_MAX);
		buf_release(&line);
		return status;
	}
	buf_release(&line);
	if (rpc_call(cli, rq, RPC_FOREVER, &reply, &err) == -1)
		return rpc_complain(&err);
	if (reply.code != 0) {
		status = refused(cli, &reply, file);
	} else if (cli->json) {
		add_version(reply.result);
		puts(json_object_to_json_string_ext(reply.result, JSON_FLAGS));
	} else if (tell != NULL) {
		tell(cli, reply.result);
	}
	control_reply_release(&reply);
	return status;
}

static void
tell_term(struct cli *cli, struct json_object *result)
{
	char *safe;
	const char *term = jget_str(result, "term");
	size_t size;

	(void)cli;
	size = term != NULL ? 4 * strlen(term) + 8 : 8;
	safe = xmalloc(size);
	puts(term_safe(term, safe, size));
	free(safe);
}

/* What was added: its path, which of an instance only trapexitd knows. */
static void
tell_name(struct cli *cli, struct json_object *result)
{
	char safe[4096];

	(void)cli;
	puts(term_safe(jget_str(jget_object(result, "ok"), "name"), safe, sizeof(safe)));
}

/* All of a file, or of standard input ("-"); NULL with what is wrong said. */
static char *
read_all(const char *path)
{
	struct buf b = BUF_INIT(CONTROL_LINE_MAX);
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "r");
	char part[4096], *text = NULL;
	bool fits = true;
	size_t n;

	if (f == NULL) {
		complain("%s: %s", path, strerror(errno));
		return NULL;
	}
	while (fits && (n = fread(part, 1, sizeof(part), f)) > 0)
		fits = buf_add(&b, part, n) == 0;
	if (!fits)
		complain("%s: longer than %u bytes", path, CONTROL_LINE_MAX);
	else if (ferror(f))
		complain("%s: %s", path, strerror(errno));
	else if (b.len > 0 && strlen(b.data) != b.len)
		complain("%s: there is a NUL byte in it", path);
	else
		text = xstrdup(b.data != NULL ? b.data : "");
	if (f != stdin)
		fclose(f);
	buf_release(&b);
	return text;
}

/* The child's text: by --file, as the word, or from standard input for "-". *file is its name for messages. */
static char *
take_spec(const struct cli *cli, const char *word, const char **file)
{
	const char *from = cli->file != NULL ? cli->file : strcmp(word, "-") == 0 ? word : NULL;

	if (from == NULL)
		return xstrdup(word);
	*file = strcmp(from, "-") == 0 ? "standard input" : from;
	return read_all(from);
}

int
cmd_start_child(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_START_CHILD, .supervisor = cli->args[0] };
	bool text = cli->file != NULL || (cli->n_args == 2 && cli->n_rest < 0);
	const char *file = NULL;
	int status;

	if ((cli->n_rest >= 0 && cli->n_rest != 1) || (cli->n_rest < 0 && cli->n_args > 2) ||
	    (cli->file != NULL && cli->n_args > 1))
		return complain_usage("start-child", "start-child takes a child as one word or by --file, or arguments "
		    "behind --");
	if (text) {
		if ((rq.spec = take_spec(cli, cli->args[cli->n_args - 1], &file)) == NULL)
			return EXITCODE_FAILED;
	} else {
		rq.args = cli->args + 1;
		rq.n_args = (size_t)cli->n_args - 1;
	}
	status = ask(cli, &rq, file, tell_term);
	free(rq.spec);
	return status;
}

/* child ID { command = {"…", "…"} } */
static char *
spec_of_command(const char *id, char *const *argv, int n)
{
	struct buf b = BUF_INIT(0);

	buf_xaddstr(&b, "child ");
	value_put_word(&b, id);
	buf_xaddstr(&b, " { command = {");
	for (int i = 0; i < n; i++) {
		if (i > 0)
			buf_xaddstr(&b, ", ");
		value_put_string(&b, argv[i]);
	}
	buf_xaddstr(&b, "} }");
	return buf_detach(&b);
}

int
cmd_add(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_ADD, .supervisor = cli->args[0] };
	const char *file = NULL;
	int status;

	if (cli->file != NULL ? cli->n_args != 1 : cli->n_rest >= 0 ? cli->n_rest > 2 : cli->n_args != 2)
		return complain_usage("add", "add takes a supervisor and a child: ID -- COMMAND ARG..., or its text, or "
		    "--file; or, of a simple_one_for_one, -- ARG...");
	if (cli->n_rest == 2 && cli->n_args < 3)
		return complain_usage("add", "there is no command behind --");
	if (cli->n_rest == 2) {
		rq.spec = spec_of_command(cli->args[1], cli->args + 2, cli->n_args - 2);
	} else if (cli->n_rest == 1) {
		rq.args = cli->args + 1;
		rq.n_args = (size_t)cli->n_args - 1;
	} else if ((rq.spec = take_spec(cli, cli->args[cli->n_args - 1], &file)) == NULL) {
		return EXITCODE_FAILED;
	}
	status = ask(cli, &rq, file, tell_name);
	free(rq.spec);
	return status;
}

static int
child_operation(struct cli *cli, enum control_method method)
{
	struct control_request rq = { .method = method, .supervisor = cli->args[0], .child = cli->args[1] };

	return ask(cli, &rq, NULL, tell_term);
}

int
cmd_terminate_child(struct cli *cli)
{
	return child_operation(cli, CONTROL_TERMINATE_CHILD);
}

int
cmd_restart_child(struct cli *cli)
{
	return child_operation(cli, CONTROL_RESTART_CHILD);
}

int
cmd_delete_child(struct cli *cli)
{
	return child_operation(cli, CONTROL_DELETE_CHILD);
}

static void
tell_spec(struct cli *cli, struct json_object *result)
{
	const char *text = jget_str(result, "text");

	(void)cli;
	fputs(text != NULL ? text : "", stdout);
}

int
cmd_get_childspec(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_GET_CHILDSPEC, .supervisor = cli->args[0],
		.child = cli->args[1] };

	return ask(cli, &rq, NULL, tell_spec);
}

enum { COL_ID, COL_CHILD, COL_TYPE, COL_HANDLE };

static const struct table_column columns[] = {
	[COL_ID] = { .title = "ID" },
	[COL_CHILD] = { .title = "CHILD", .right = true },
	[COL_TYPE] = { .title = "TYPE" },
	[COL_HANDLE] = { .title = "HANDLE" },
};

/* S82: {Id, pid|restarting|undefined, Type}; an instance has no id, but a handle. */
static void
put_which(struct table *t, struct json_object *child)
{
	struct table_row *r = table_add(t, NULL);
	const char *id = jget_str(child, "id");
	char pid[32];

	snprintf(pid, sizeof(pid), "%" PRId64, jget_int(child, "pid"));
	table_set(t, r, COL_ID, id != NULL ? id : "undefined", NULL);
	table_set(t, r, COL_CHILD, jget_has(child, "pid") ? pid : jget_str(child, "child"), NULL);
	table_set(t, r, COL_TYPE, jget_str(child, "type"), NULL);
	if (id == NULL)
		table_set(t, r, COL_HANDLE, jget_str(child, "handle"), NULL);
}

static void
tell_which(struct cli *cli, struct json_object *result)
{
	struct json_object *children = jget_array(result, "children");
	size_t n = children == NULL ? 0 : json_object_array_length(children);
	struct table *t = table_new(columns, ARRAY_LEN(columns));
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < n; i++)
		put_which(t, json_object_array_get_idx(children, i));
	if (n == 0)
		buf_xaddstr(&out, "no children\n");
	else if (table_print(t, term_width(), cli->color, &out, &err) == -1)
		rpc_complain(&err);
	if (out.len > 0)
		fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	table_free(t);
}

int
cmd_which_children(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_WHICH_CHILDREN, .supervisor = cli->args[0] };

	return ask(cli, &rq, NULL, tell_which);
}

static void
tell_count(struct cli *cli, struct json_object *result)
{
	static const char *const members[] = { "specs", "active", "supervisors", "workers" };

	(void)cli;
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		printf("%s %" PRId64 "\n", members[i], jget_int(result, members[i]));
}

int
cmd_count_children(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_COUNT_CHILDREN, .supervisor = cli->args[0] };

	return ask(cli, &rq, NULL, tell_count);
}

/* [SUPERVISOR] TEXT, or --file FILE [SUPERVISOR] */
int
cmd_check_childspecs(struct cli *cli)
{
	struct control_request rq = { .method = CONTROL_CHECK_CHILDSPECS };
	int most = cli->file != NULL ? 1 : 2, least = cli->file != NULL ? 0 : 1;
	const char *file = NULL;
	int status;

	if (cli->n_args < least || cli->n_args > most)
		return complain_usage("check-childspecs", "check-childspecs takes children as one word or by --file");
	if (cli->n_args > least)
		rq.supervisor = cli->args[0];
	if ((rq.spec = take_spec(cli, cli->n_args > 0 ? cli->args[cli->n_args - 1] : "", &file)) == NULL)
		return EXITCODE_FAILED;
	status = ask(cli, &rq, file, tell_term);
	free(rq.spec);
	return status;
}
