/* trapexit nodes. */
#include "config.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/mono.h"
#include "base/units.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/jget.h"
#include "cli/rpc.h"
#include "cli/table.h"
#include "cli/term.h"

enum { COL_NAME, COL_STATE, COL_SINCE, COL_VERSION, COL_AGENT, COL_GUARD, COL_CHILDREN, COL_LEASE, COL_LEFT, COL_TRIP, COL_LOAD,
	COL_ERROR };

static const struct table_column columns[] = {
	[COL_NAME] = { .title = "NODE", .least = 8 },
	[COL_STATE] = { .title = "STATE" },
	[COL_SINCE] = { .title = "SINCE", .right = true, .rank = 3 },
	[COL_VERSION] = { .title = "VERSION" },
	[COL_AGENT] = { .title = "AGENT", .right = true, .rank = 6 },
	[COL_GUARD] = { .title = "GUARD", .right = true, .rank = 1 },
	[COL_CHILDREN] = { .title = "CHILDREN", .right = true },
	[COL_LEASE] = { .title = "LEASE", .right = true, .rank = 4 },
	[COL_LEFT] = { .title = "LEFT", .right = true, .rank = 5 },
	[COL_TRIP] = { .title = "ROUND TRIP", .right = true, .rank = 2 },
	[COL_LOAD] = { .title = "LOAD", .right = true, .rank = 2 },
	[COL_ERROR] = { .title = "LAST ERROR", .least = 10 },
};

static void
put_number(struct table *t, struct table_row *r, size_t column, struct json_object *node, const char *name)
{
	char text[32];

	if (!jget_has(node, name))
		return;
	snprintf(text, sizeof(text), "%" PRId64, jget_int(node, name));
	table_set(t, r, column, text, NULL);
}

static void
put_duration(struct table *t, struct table_row *r, size_t column, struct json_object *node, const char *name, int64_t unit_us)
{
	char text[DURATION_TEXT_SIZE];

	if (jget_has(node, name))
		table_set(t, r, column, duration_human(jget_int(node, name) * unit_us, text), NULL);
}

/* "0.1 (protocol 2)": what is spoken, which need not be all that the agent can. */
static void
put_version(struct table *t, struct table_row *r, struct json_object *node)
{
	const char *build = jget_str(node, "build");
	char text[96];

	if (!jget_has(node, "protocol"))
		return;
	snprintf(text, sizeof(text), "%s (protocol %" PRId64 ")", build == NULL ? "?" : build, jget_int(node, "protocol"));
	table_set(t, r, COL_VERSION, text, NULL);
}

/* "4", or "4/10" where there is a bound. */
static void
put_children(struct table *t, struct table_row *r, struct json_object *node)
{
	char text[64];

	if (jget_int(node, "capacity") != 0)
		snprintf(text, sizeof(text), "%" PRId64 "/%" PRId64, jget_int(node, "children"), jget_int(node, "capacity"));
	else
		snprintf(text, sizeof(text), "%" PRId64, jget_int(node, "children"));
	table_set(t, r, COL_CHILDREN, text, NULL);
}

static void
put_load(struct table *t, struct table_row *r, struct json_object *node)
{
	char text[64];

	if (!jget_has(node, "load1"))
		return;
	snprintf(text, sizeof(text), "%.2f", jget_double(node, "load1"));
	table_set(t, r, COL_LOAD, text, NULL);
}

/* "up", "down, drained", "up, sick 40s": in green what takes children, in red what is gone. */
static void
put_state(struct table *t, struct table_row *r, struct json_object *node)
{
	const char *state = jget_str(node, "state"), *color = "yellow", *comma = "";
	int64_t sick = jget_int(node, "sick_until");
	char text[160], age[DURATION_TEXT_SIZE];
	struct buf out = BUF_INIT(0);

	if (state == NULL || strcmp(state, "up") != 0) {
		buf_xaddstr(&out, term_safe(state, text, sizeof(text)));
		comma = ", ";
	}
	if (jget_has(node, "permitted") && !jget_bool(node, "permitted")) {
		buf_xaddstr(&out, comma);
		if (jget_int(node, "to_leave") > 0)
			buf_xprintf(&out, "draining, %" PRId64 " left", jget_int(node, "to_leave"));
		else
			buf_xaddstr(&out, "drained");
	} else if (sick > wall_ms()) {
		sick = (sick - wall_ms()) / 1000 + 1;
		buf_xprintf(&out, "%ssick for %s", comma, duration_human(sick * US_PER_S, age));
	} else if (out.len == 0) {
		buf_xaddstr(&out, state);
		color = "green";
	}
	table_set(t, r, COL_STATE, out.data, state != NULL && strcmp(state, "down") == 0 ? "red" : color);
	buf_release(&out);
}

static void
put_node(struct table *t, struct json_object *node)
{
	struct table_row *r = table_add(t, NULL);
	char age[TERM_AGE_SIZE];

	table_set(t, r, COL_NAME, jget_str(node, "name"), NULL);
	put_state(t, r, node);
	if (jget_int(node, "since") != 0)
		table_set(t, r, COL_SINCE, term_age(jget_int(node, "since"), wall_ms(), age), NULL);
	put_version(t, r, node);
	put_number(t, r, COL_AGENT, node, "agent_pid");
	put_number(t, r, COL_GUARD, node, "guard_pid");
	put_children(t, r, node);
	put_duration(t, r, COL_LEASE, node, "lease_ms", US_PER_MS);
	put_duration(t, r, COL_LEFT, node, "lease_left_ms", US_PER_MS);
	put_duration(t, r, COL_TRIP, node, "round_trip_us", 1);
	put_load(t, r, node);
	table_set(t, r, COL_ERROR, jget_str(node, "error"), "red");
}

static int
show(const struct cli *cli, struct json_object *result)
{
	struct json_object *nodes = jget_array(result, "nodes");
	size_t n = nodes == NULL ? 0 : json_object_array_length(nodes);
	struct table *t = table_new(columns, ARRAY_LEN(columns));
	struct buf out = BUF_INIT(0);
	struct err err = ERR_INIT;
	int status = EXITCODE_OK;

	for (size_t i = 0; i < n; i++)
		put_node(t, json_object_array_get_idx(nodes, i));
	if (table_print(t, term_width(), cli->color, &out, &err) == -1)
		status = rpc_complain(&err);
	else
		fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	table_free(t);
	return status;
}

int
cmd_nodes(struct cli *cli)
{
	struct control_request rq = { .id = (char[]){ "1" }, .method = CONTROL_NODES };
	struct control_reply reply;
	struct err err = ERR_INIT;
	int status;

	if (rpc_call(cli, &rq, RPC_PATIENCE_MS, &reply, &err) == -1)
		return rpc_complain(&err);
	if (reply.code != 0)
		status = complain("%s", reply.message);
	else if (cli->json)
		status = puts(json_object_to_json_string_ext(
			     reply.result, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)) == EOF ?
		    EXITCODE_FAILED :
		    EXITCODE_OK;
	else
		status = show(cli, reply.result);
	control_reply_release(&reply);
	return status;
}
