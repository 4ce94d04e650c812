#include "config.h"

#include "wire/control_msg.h"

#include <json-c/json.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/xalloc.h"
#include "wire/control_child.h"

/* Deep enough for a tree of supervisors in a reply; a request needs 4. */
#define DEPTH_REQUEST 16
#define DEPTH_REPLY 512

enum params { PARAMS_NAMES = 1, PARAMS_NAMES_OPTIONAL = 2, PARAMS_SIGNAL = 4, PARAMS_PLAN = 8, PARAMS_PAIR = 16,
	PARAMS_REF = 32, PARAMS_REASON = 64, PARAMS_TIMEOUT = 128, PARAMS_NODE = 256, PARAMS_NODES = 512, PARAMS_SOURCES = 1024 };

static const struct method {
	const char *name;
	unsigned params; /* enum params */
	bool only_looks;
	unsigned child; /* enum child_params */
} methods[] = {
	[CONTROL_STATUS] = { "status", PARAMS_NAMES | PARAMS_NAMES_OPTIONAL | PARAMS_SOURCES, true, 0 },
	[CONTROL_START] = { "start", PARAMS_NAMES, false, 0 },
	[CONTROL_STOP] = { "stop", PARAMS_NAMES, false, 0 },
	[CONTROL_RESTART] = { "restart", PARAMS_NAMES, false, 0 },
	[CONTROL_SIGNAL] = { "signal", PARAMS_NAMES | PARAMS_SIGNAL, false, 0 },
	[CONTROL_RELOAD] = { "reload", PARAMS_PLAN, false, 0 },
	[CONTROL_SHUTDOWN] = { "shutdown", 0, false, 0 },
	[CONTROL_REOPEN] = { "reopen", 0, false, 0 },
	[CONTROL_VERSION] = { "version", 0, true, 0 },
	[CONTROL_NODES] = { "nodes", 0, true, 0 },
	[CONTROL_UPGRADE] = { "upgrade", PARAMS_TIMEOUT, false, 0 },
	[CONTROL_START_CHILD] = { "start_child", 0, false, CHILD_PARAM_SUPERVISOR | CHILD_PARAM_START },
	[CONTROL_TERMINATE_CHILD] = { "terminate_child", 0, false, CHILD_PARAM_SUPERVISOR | CHILD_PARAM_CHILD },
	[CONTROL_RESTART_CHILD] = { "restart_child", 0, false, CHILD_PARAM_SUPERVISOR | CHILD_PARAM_CHILD },
	[CONTROL_DELETE_CHILD] = { "delete_child", 0, false, CHILD_PARAM_SUPERVISOR | CHILD_PARAM_CHILD },
	[CONTROL_GET_CHILDSPEC] = { "get_childspec", 0, false, CHILD_PARAM_SUPERVISOR | CHILD_PARAM_CHILD },
	[CONTROL_WHICH_CHILDREN] = { "which_children", 0, true, CHILD_PARAM_SUPERVISOR },
	[CONTROL_COUNT_CHILDREN] = { "count_children", 0, true, CHILD_PARAM_SUPERVISOR },
	[CONTROL_CHECK_CHILDSPECS] = { "check_childspecs", 0, false,
	    CHILD_PARAM_SUPERVISOR | CHILD_PARAM_OPTIONAL | CHILD_PARAM_SPEC },
	[CONTROL_ADD] = { "add", 0, false, CHILD_PARAM_SUPERVISOR | CHILD_PARAM_START },
	[CONTROL_REMOVE] = { "remove", PARAMS_NAMES, false, 0 },
	[CONTROL_LINK] = { "link", PARAMS_NAMES | PARAMS_PAIR, false, 0 },
	[CONTROL_UNLINK] = { "unlink", PARAMS_NAMES | PARAMS_PAIR, false, 0 },
	[CONTROL_MONITOR] = { "monitor", PARAMS_NAMES | PARAMS_PAIR, false, 0 },
	[CONTROL_DEMONITOR] = { "demonitor", PARAMS_REF, false, 0 },
	[CONTROL_EXIT] = { "exit", PARAMS_NAMES | PARAMS_REASON, false, 0 },
	[CONTROL_MOVE] = { "move", PARAMS_NAMES | PARAMS_NODE, false, 0 },
	[CONTROL_PERMIT] = { "permit", PARAMS_NAMES | PARAMS_NODE, false, 0 },
	[CONTROL_FORBID] = { "forbid", PARAMS_NAMES | PARAMS_NODE, false, 0 },
	[CONTROL_DRAIN] = { "drain", PARAMS_NODES, false, 0 },
	[CONTROL_UNDRAIN] = { "undrain", PARAMS_NODES, false, 0 },
};
_Static_assert(ARRAY_LEN(methods) == CONTROL_METHODS, "a row for each method");

const char *
control_method_name(enum control_method m)
{
	return methods[m].name;
}

bool
control_method_only_looks(enum control_method m)
{
	return methods[m].only_looks;
}

static bool
same_name(const char *name, const char *method)
{
	while (*name != '\0' && (*name == *method || (*name == '-' && *method == '_'))) {
		name++;
		method++;
	}
	return *name == *method;
}

bool
control_method_find(const char *name, enum control_method *m)
{
	for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
		if (same_name(name, methods[i].name)) {
			*m = (enum control_method)i;
			return true;
		}
	}
	return false;
}

/* "RTMIN+3"; -1 if it is none. */
static int
realtime_parse(const char *name)
{
	char *end;
	long n;

	if (strncasecmp(name, "RTMIN", 5) != 0)
		return -1;
	if (name[5] == '\0')
		return SIGRTMIN;
	if (name[5] != '+' || name[6] < '0' || name[6] > '9')
		return -1;
	n = strtol(name + 6, &end, 10);
	if (*end != '\0' || n > SIGRTMAX - SIGRTMIN)
		return -1;
	return SIGRTMIN + (int)n;
}

int
control_signal_parse(const char *text)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;

	if (*text >= '0' && *text <= '9') {
		char *end;
		long n = strtol(text, &end, 10);

		return *end == '\0' && n >= 1 && n <= SIGRTMAX ? (int)n : -1;
	}
	for (int sig = 1; sig < SIGRTMIN; sig++) {
		const char *abbrev = sigabbrev_np(sig);

		if (abbrev != NULL && strcasecmp(name, abbrev) == 0)
			return sig;
	}
	return realtime_parse(name);
}

const char *
control_signal_text(int sig, char buf[CONTROL_SIGNAL_SIZE])
{
	const char *abbrev = sigabbrev_np(sig);

	if (abbrev != NULL)
		snprintf(buf, CONTROL_SIGNAL_SIZE, "SIG%s", abbrev);
	else if (sig >= SIGRTMIN && sig <= SIGRTMAX)
		snprintf(buf, CONTROL_SIGNAL_SIZE, "SIGRTMIN+%d", sig - SIGRTMIN);
	else
		snprintf(buf, CONTROL_SIGNAL_SIZE, "signal %d", sig);
	return buf;
}

/* The whole line as one JSON value; NULL is what json-c has for null. -1 if it is none. */
static int
parse_line(const char *line, size_t len, int depth, struct json_object **object, const char **why)
{
	struct json_tokener *tok;
	enum json_tokener_error error;

	*object = NULL;
	*why = "too long";
	if (len > INT32_MAX)
		return -1;
	/* json-c ends at a NUL byte, and would let pass whatever is behind it. */
	*why = "a NUL byte in it";
	if (memchr(line, '\0', len) != NULL)
		return -1;
	*why = "out of memory";
	tok = json_tokener_new_ex(depth);
	if (tok == NULL)
		return -1;
	json_tokener_set_flags(tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	*object = json_tokener_parse_ex(tok, line, (int)len);
	error = json_tokener_get_error(tok);
	if (error == json_tokener_continue) {
		/* A bare number ends only with what is behind it. */
		*object = json_tokener_parse_ex(tok, "", 1);
		error = json_tokener_get_error(tok);
	}
	*why = error == json_tokener_continue ? "cut off" : json_tokener_error_desc(error);
	json_tokener_free(tok);
	if (error == json_tokener_success)
		return 0;
	json_object_put(*object);
	*object = NULL;
	return -1;
}

/* The id as JSON. What JSON-RPC does not allow as an id is an error. */
static int
take_id(struct json_object *object, char **id, bool *present)
{
	struct json_object *value;
	const char *text;

	*id = xstrdup("null");
	*present = json_object_object_get_ex(object, "id", &value);
	if (!*present || value == NULL)
		return 0;
	if (!json_object_is_type(value, json_type_string) && !json_object_is_type(value, json_type_int) &&
	    !json_object_is_type(value, json_type_double))
		return -1;
	text = json_object_to_json_string_ext(value, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (strlen(text) > CONTROL_ID_MAX)
		return -1;
	free(*id);
	*id = xstrdup(text);
	return 0;
}

static bool
is_version_2(struct json_object *object)
{
	struct json_object *value;

	return json_object_object_get_ex(object, "jsonrpc", &value) && json_object_is_type(value, json_type_string) &&
	       strcmp(json_object_get_string(value), "2.0") == 0;
}

/* A string without NUL bytes, or NULL. */
static const char *
plain_string(struct json_object *value)
{
	const char *s;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	s = json_object_get_string(value);
	return strlen(s) == (size_t)json_object_get_string_len(value) ? s : NULL;
}

/* The list `member` of children, or of nodes. */
static int
take_names(struct json_object *params, bool optional, const char *member, struct control_request *rq, struct err *err)
{
	const char *method = methods[rq->method].name;
	struct json_object *list;
	size_t n;

	if (!json_object_object_get_ex(params, member, &list) || list == NULL) {
		if (optional)
			return 0;
		return err_set(err, CONTROL_INVALID_PARAMS, "%s needs \"%s\": a list of %s", method, member,
		    strcmp(member, "nodes") == 0 ? "nodes" : "children");
	}
	if (!json_object_is_type(list, json_type_array))
		return err_set(err, CONTROL_INVALID_PARAMS, "%s: \"%s\" is not a list", method, member);
	n = json_object_array_length(list);
	if (n == 0 && !optional)
		return err_set(err, CONTROL_INVALID_PARAMS, "%s: \"%s\" is empty", method, member);
	rq->names = xcalloc(n + 1, sizeof(*rq->names));
	for (size_t i = 0; i < n; i++) {
		const char *name = plain_string(json_object_array_get_idx(list, i));

		if (name == NULL || *name == '\0')
			return err_set(err, CONTROL_INVALID_PARAMS, "%s: name %zu is not a name", method, i + 1);
		rq->names[rq->n_names++] = xstrdup(name);
	}
	return 0;
}

static int
take_signal(struct json_object *params, struct control_request *rq, struct err *err)
{
	struct json_object *value;
	const char *text;

	if (!json_object_object_get_ex(params, "signal", &value) || value == NULL)
		return err_set(err, CONTROL_INVALID_PARAMS, "signal needs \"signal\": a name or a number");
	text = json_object_is_type(value, json_type_int) ? json_object_get_string(value) : plain_string(value);
	rq->signal = text == NULL ? -1 : control_signal_parse(text);
	if (rq->signal == -1)
		return err_set(err, CONTROL_INVALID_PARAMS, "signal: no such signal: %.64s",
		    json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN));
	return 0;
}

static int
take_bool(struct json_object *params, const char *method, const char *name, bool *out, struct err *err)
{
	struct json_object *value;

	if (!json_object_object_get_ex(params, name, &value) || value == NULL)
		return 0;
	if (!json_object_is_type(value, json_type_boolean))
		return err_set(err, CONTROL_INVALID_PARAMS, "%s: \"%s\" is neither true nor false", method, name);
	*out = json_object_get_boolean(value);
	return 0;
}

/* A number, or its digits: a ref has more than 53 bits. */
static int
take_ref(struct json_object *params, struct control_request *rq, struct err *err)
{
	struct json_object *value;
	const char *text = NULL;
	char *end;

	if (json_object_object_get_ex(params, "ref", &value) && value != NULL)
		text = json_object_is_type(value, json_type_int) ? json_object_get_string(value) : plain_string(value);
	if (text == NULL || text[0] < '0' || text[0] > '9')
		return err_set(err, CONTROL_INVALID_PARAMS, "demonitor needs \"ref\": the number that monitor gave");
	errno = 0;
	rq->ref = strtoull(text, &end, 10);
	if (errno != 0 || *end != '\0')
		return err_set(err, CONTROL_INVALID_PARAMS, "demonitor: \"ref\" is no number: %.64s", text);
	return 0;
}

static int
take_text(struct json_object *params, const char *name, char **text)
{
	struct json_object *value;
	const char *plain;

	if (!json_object_object_get_ex(params, name, &value) || value == NULL)
		return 0;
	if ((plain = plain_string(value)) == NULL || *plain == '\0')
		return -1;
	*text = xstrdup(plain);
	return 0;
}

static int
take_reason(struct json_object *params, struct control_request *rq, struct err *err)
{
	if (take_text(params, "reason", &rq->reason) == -1 || rq->reason == NULL)
		return err_set(err, CONTROL_INVALID_PARAMS, "exit needs \"reason\": a text as \"shutdown\" or \"{exit,3}\"");
	if (take_text(params, "from", &rq->from) == -1)
		return err_set(err, CONTROL_INVALID_PARAMS, "exit: \"from\" is not a name");
	return 0;
}

static int
take_node(struct json_object *params, struct control_request *rq, struct err *err)
{
	if (take_text(params, "node", &rq->node) == -1 || rq->node == NULL)
		return err_set(err, CONTROL_INVALID_PARAMS, "%s needs \"node\": a node's name", methods[rq->method].name);
	return 0;
}

static int
take_timeout(struct json_object *params, struct control_request *rq, struct err *err)
{
	struct json_object *value;
	int64_t ms;

	if (!json_object_object_get_ex(params, "timeout_ms", &value) || value == NULL)
		return 0;
	ms = json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
	if (ms < 1 || ms > INT32_MAX)
		return err_set(err, CONTROL_INVALID_PARAMS, "upgrade: \"timeout_ms\" is no number of milliseconds");
	rq->timeout_ms = (uint32_t)ms;
	return 0;
}

static int
take_params(struct json_object *object, struct control_request *rq, struct err *err)
{
	const struct method *m = &methods[rq->method];
	struct json_object *params;

	if (!json_object_object_get_ex(object, "params", &params))
		params = NULL;
	if (params != NULL && !json_object_is_type(params, json_type_object)) {
		/* [] says nothing, and some libraries send it. */
		if (!json_object_is_type(params, json_type_array) || json_object_array_length(params) != 0)
			return err_set(
			    err, CONTROL_INVALID_PARAMS, "%s: params are given by name, as an object", m->name);
		params = NULL;
	}
	if ((m->params & PARAMS_NAMES) && take_names(params, (m->params & PARAMS_NAMES_OPTIONAL) != 0, "names", rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_NODES) && take_names(params, false, "nodes", rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_NODE) && take_node(params, rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_PAIR) && rq->n_names != 2)
		return err_set(err, CONTROL_INVALID_PARAMS, "%s: \"names\" are two children", m->name);
	if ((m->params & PARAMS_REF) && take_ref(params, rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_REASON) && take_reason(params, rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_SIGNAL) && take_signal(params, rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_PLAN) && take_bool(params, m->name, "plan", &rq->plan, err) == -1)
		return -1;
	if ((m->params & PARAMS_TIMEOUT) && take_timeout(params, rq, err) == -1)
		return -1;
	if ((m->params & PARAMS_SOURCES) && take_bool(params, m->name, "sources", &rq->sources, err) == -1)
		return -1;
	return control_child_take(params, m->name, m->child, rq, err);
}

static int
decode_object(struct json_object *object, struct control_request *rq, struct err *err)
{
	struct json_object *value;
	const char *method;
	bool has_id;

	if (json_object_is_type(object, json_type_array))
		return err_set(err, CONTROL_INVALID_REQUEST, "batches are not supported: send one request a line");
	if (!json_object_is_type(object, json_type_object))
		return err_set(err, CONTROL_INVALID_REQUEST, "a request is an object");
	free(rq->id);
	if (take_id(object, &rq->id, &has_id) == -1)
		return err_set(err, CONTROL_INVALID_REQUEST, "\"id\" is not a string or number of at most %d bytes",
		    CONTROL_ID_MAX);
	if (!is_version_2(object))
		return err_set(err, CONTROL_INVALID_REQUEST, "\"jsonrpc\" is not \"2.0\"");
	if (!json_object_object_get_ex(object, "method", &value) || (method = plain_string(value)) == NULL)
		return err_set(err, CONTROL_INVALID_REQUEST, "\"method\" is missing or not a string");
	/* Only what is a request at all can be a notification: errors above are answered. */
	rq->notify = !has_id;
	if (!control_method_find(method, &rq->method))
		return err_set(err, CONTROL_NO_METHOD, "no such method: %.64s", method);
	return take_params(object, rq, err);
}

int
control_request_decode(const char *line, size_t len, struct control_request *rq, struct err *err)
{
	struct json_object *object;
	const char *why;
	int result;

	*rq = (struct control_request){ .id = xstrdup("null") };
	if (len > CONTROL_LINE_MAX)
		return err_set(err, CONTROL_INVALID_REQUEST, "a request is at most %u bytes long", CONTROL_LINE_MAX);
	if (parse_line(line, len, DEPTH_REQUEST, &object, &why) == -1)
		return err_set(err, CONTROL_PARSE_ERROR, "not JSON: %s", why);
	/* json-c lets overlong UTF-8 and surrogates pass: a name that we could not write as we read it. */
	if (json_valid(line, len))
		result = decode_object(object, rq, err);
	else
		result = err_set(err, CONTROL_PARSE_ERROR, "not JSON: invalid UTF-8");
	json_object_put(object);
	return result;
}

void
control_request_release(struct control_request *rq)
{
	for (size_t i = 0; i < rq->n_names; i++)
		free(rq->names[i]);
	free(rq->names);
	free(rq->reason);
	free(rq->from);
	free(rq->node);
	free(rq->id);
	control_child_release(rq);
	*rq = (struct control_request){ 0 };
}

static void
put_names(struct buf *out, const struct control_request *rq)
{
	buf_xaddc(out, '[');
	for (size_t i = 0; i < rq->n_names; i++) {
		if (i > 0)
			buf_xaddc(out, ',');
		json_put_string(out, rq->names[i]);
	}
	buf_xaddc(out, ']');
}

void
control_request_encode(struct buf *out, const struct control_request *rq)
{
	const struct method *m = &methods[rq->method];
	char sig[CONTROL_SIGNAL_SIZE];

	buf_xaddstr(out, "{\"jsonrpc\":\"2.0\"");
	if (rq->id != NULL)
		buf_xprintf(out, ",\"id\":%s", rq->id);
	buf_xprintf(out, ",\"method\":\"%s\",\"params\":{", m->name);
	if ((m->params & PARAMS_NAMES) && (rq->n_names > 0 || !(m->params & PARAMS_NAMES_OPTIONAL))) {
		json_put_name(out, "names");
		put_names(out, rq);
	}
	if (m->params & PARAMS_NODES) {
		json_put_name(out, "nodes");
		put_names(out, rq);
	}
	if (m->params & PARAMS_NODE)
		json_put_str(out, "node", rq->node);
	if (m->params & PARAMS_SIGNAL) {
		/* By name, as numbers differ between systems, unless it has none. */
		if (strncmp(control_signal_text(rq->signal, sig), "SIG", 3) == 0)
			json_put_str(out, "signal", sig);
		else
			json_put_int(out, "signal", rq->signal);
	}
	if (m->params & PARAMS_PLAN)
		json_put_bool(out, "plan", rq->plan);
	control_child_put(out, m->child, rq);
	if (m->params & PARAMS_REF)
		json_put_uint(out, "ref", rq->ref);
	if (m->params & PARAMS_REASON) {
		json_put_str(out, "reason", rq->reason);
		if (rq->from != NULL)
			json_put_str(out, "from", rq->from);
	}
	if ((m->params & PARAMS_TIMEOUT) && rq->timeout_ms != 0)
		json_put_uint(out, "timeout_ms", rq->timeout_ms);
	if ((m->params & PARAMS_SOURCES) && rq->sources)
		json_put_bool(out, "sources", true);
	buf_xaddstr(out, "}}\n");
}

void
control_result_begin(struct buf *out, const char *id)
{
	buf_xprintf(out, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"result\":", id);
}

void
control_result_end(struct buf *out)
{
	buf_xaddstr(out, "}\n");
}

void
control_error_encode(struct buf *out, const char *id, int code, const char *message, const char *data, size_t data_len)
{
	buf_xprintf(out, "{\"jsonrpc\":\"2.0\",\"id\":%s,\"error\":{\"code\":%d,\"message\":", id, code);
	json_put_string(out, message);
	if (data != NULL && data_len > 0)
		json_put_raw(out, "data", data, data_len);
	buf_xaddstr(out, "}}\n");
}

void
control_failure_put(struct buf *data, const char *name, const char *error)
{
	buf_xaddstr(data, data->len == 0 ? "[{" : ",{");
	json_put_str(data, "name", name);
	json_put_str(data, "error", error);
	buf_xaddc(data, '}');
}

void
control_failures_end(struct buf *data)
{
	buf_xaddstr(data, data->len == 0 ? "[]" : "]");
}

static const char *
member_string(struct json_object *object, const char *name)
{
	struct json_object *value;

	return json_object_object_get_ex(object, name, &value) ? plain_string(value) : NULL;
}

/* What is no {name, error} in there is somebody's extension, and no harm. */
static void
take_failures(struct json_object *error, struct control_reply *reply)
{
	struct json_object *data;
	size_t n;

	if (!json_object_object_get_ex(error, "data", &data) || !json_object_is_type(data, json_type_array))
		return;
	n = json_object_array_length(data);
	reply->failures = xcalloc(n + 1, sizeof(*reply->failures));
	for (size_t i = 0; i < n; i++) {
		struct json_object *row = json_object_array_get_idx(data, i);
		const char *name = member_string(row, "name"), *text = member_string(row, "error");

		if (name == NULL || text == NULL)
			continue;
		reply->failures[reply->n_failures++] = (struct control_failure){ xstrdup(name), xstrdup(text) };
	}
}

static int
take_error(struct json_object *error, struct control_reply *reply, struct err *err)
{
	struct json_object *code, *data;
	const char *message = member_string(error, "message");

	if (!json_object_object_get_ex(error, "code", &code) || !json_object_is_type(code, json_type_int) ||
	    message == NULL)
		return err_set(err, EPROTO, "an error without code and message");
	/* 0 means "no error" in a struct control_reply; a server that says so has failed all the same. */
	reply->code = json_object_get_int(code) != 0 ? json_object_get_int(code) : CONTROL_FAILED;
	reply->message = xstrdup(message);
	take_failures(error, reply);
	if (json_object_object_get_ex(error, "data", &data) && json_object_is_type(data, json_type_object))
		reply->data = json_object_get(data);
	return 0;
}

static int
decode_reply(struct json_object *object, struct control_reply *reply, struct err *err)
{
	struct json_object *result, *error;
	bool has_result, has_id;

	if (!json_object_is_type(object, json_type_object) || !is_version_2(object))
		return err_set(err, EPROTO, "no JSON-RPC 2.0 reply");
	if (take_id(object, &reply->id, &has_id) == -1 || !has_id)
		return err_set(err, EPROTO, "a reply without its id");
	has_result = json_object_object_get_ex(object, "result", &result);
	if (json_object_object_get_ex(object, "error", &error) && error != NULL) {
		if (has_result && result != NULL)
			return err_set(err, EPROTO, "a reply with a result and an error");
		return take_error(error, reply, err);
	}
	if (!has_result || result == NULL)
		return err_set(err, EPROTO, "a reply with neither result nor error");
	reply->result = json_object_get(result);
	return 0;
}

int
control_reply_decode(const char *line, size_t len, struct control_reply *reply, struct err *err)
{
	struct json_object *object;
	const char *why;
	int result;

	*reply = (struct control_reply){ 0 };
	if (parse_line(line, len, DEPTH_REPLY, &object, &why) == -1)
		return err_set(err, EPROTO, "a reply that is not JSON: %s", why);
	result = decode_reply(object, reply, err);
	json_object_put(object);
	return result;
}

void
control_reply_release(struct control_reply *reply)
{
	for (size_t i = 0; i < reply->n_failures; i++) {
		free(reply->failures[i].name);
		free(reply->failures[i].error);
	}
	free(reply->failures);
	free(reply->message);
	free(reply->id);
	json_object_put(reply->result);
	json_object_put(reply->data);
	*reply = (struct control_reply){ 0 };
}
