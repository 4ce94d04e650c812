/*
 * The control messages: what is a request, which error answers what is none,
 * and that what one side writes the other reads.
 */
#include "config.h"

#include <json-c/json.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "unit.h"
#include "wire/control_msg.h"

#define RQ(rest) "{\"jsonrpc\":\"2.0\",\"id\":1," rest "}"

/* What is refused, and how: the code, the id to answer to, a part of the message. */
static const struct bad_row {
	const char *line;
	int code;
	const char *id;
	const char *part;
} bad_rows[] = {
	{ "", CONTROL_PARSE_ERROR, "null", "not JSON" },
	{ "{", CONTROL_PARSE_ERROR, "null", "not JSON" },
	{ "nonsense", CONTROL_PARSE_ERROR, "null", "not JSON" },
	{ RQ("\"method\":\"version\"") "x", CONTROL_PARSE_ERROR, "null", "not JSON" },
	{ RQ("\"method\":\"version\"") " {}", CONTROL_PARSE_ERROR, "null", "not JSON" },
	{ RQ("\"method\":\"ver\xff\""), CONTROL_PARSE_ERROR, "null", "not JSON" },
	{ "[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]", CONTROL_PARSE_ERROR, "null", "not JSON" },
	/* Batches, empty ones and full ones. */
	{ "[]", CONTROL_INVALID_REQUEST, "null", "batches are not supported" },
	{ "[" RQ("\"method\":\"version\"") "]", CONTROL_INVALID_REQUEST, "null", "batches are not supported" },
	{ "1", CONTROL_INVALID_REQUEST, "null", "a request is an object" },
	{ "null", CONTROL_INVALID_REQUEST, "null", "a request is an object" },
	{ "{}", CONTROL_INVALID_REQUEST, "null", "jsonrpc" },
	{ "{\"id\":7}", CONTROL_INVALID_REQUEST, "7", "jsonrpc" },
	{ "{\"jsonrpc\":\"1.0\",\"id\":7,\"method\":\"version\"}", CONTROL_INVALID_REQUEST, "7", "jsonrpc" },
	{ "{\"jsonrpc\":2.0,\"id\":7,\"method\":\"version\"}", CONTROL_INVALID_REQUEST, "7", "jsonrpc" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":{},\"method\":\"version\"}", CONTROL_INVALID_REQUEST, "null", "\"id\"" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":[1],\"method\":\"version\"}", CONTROL_INVALID_REQUEST, "null", "\"id\"" },
	{ "{\"jsonrpc\":\"2.0\",\"id\":true,\"method\":\"version\"}", CONTROL_INVALID_REQUEST, "null", "\"id\"" },
	{ RQ("\"x\":1"), CONTROL_INVALID_REQUEST, "1", "\"method\" is missing" },
	{ RQ("\"method\":7"), CONTROL_INVALID_REQUEST, "1", "\"method\" is missing" },
	{ RQ("\"method\":\"ver\\u0000sion\""), CONTROL_INVALID_REQUEST, "1", "\"method\" is missing" },
	{ RQ("\"method\":\"fly\""), CONTROL_NO_METHOD, "1", "no such method: fly" },
	{ RQ("\"method\":\"STATUS\""), CONTROL_NO_METHOD, "1", "no such method" },
	{ RQ("\"method\":\"version\",\"params\":[1]"), CONTROL_INVALID_PARAMS, "1", "by name" },
	{ RQ("\"method\":\"version\",\"params\":\"x\""), CONTROL_INVALID_PARAMS, "1", "by name" },
	{ RQ("\"method\":\"stop\""), CONTROL_INVALID_PARAMS, "1", "stop needs \"names\"" },
	{ RQ("\"method\":\"stop\",\"params\":{}"), CONTROL_INVALID_PARAMS, "1", "stop needs \"names\"" },
	{ RQ("\"method\":\"stop\",\"params\":{\"names\":[]}"), CONTROL_INVALID_PARAMS, "1", "is empty" },
	{ RQ("\"method\":\"stop\",\"params\":{\"names\":\"a\"}"), CONTROL_INVALID_PARAMS, "1", "not a list" },
	{ RQ("\"method\":\"stop\",\"params\":{\"names\":[\"a\",1]}"), CONTROL_INVALID_PARAMS, "1", "name 2" },
	{ RQ("\"method\":\"stop\",\"params\":{\"names\":[\"\"]}"), CONTROL_INVALID_PARAMS, "1", "name 1" },
	{ RQ("\"method\":\"stop\",\"params\":{\"names\":[\"a\\u0000b\"]}"), CONTROL_INVALID_PARAMS, "1", "name 1" },
	{ RQ("\"method\":\"stop\",\"params\":{\"names\":[null]}"), CONTROL_INVALID_PARAMS, "1", "name 1" },
	{ RQ("\"method\":\"signal\",\"params\":{\"names\":[\"a\"]}"), CONTROL_INVALID_PARAMS, "1", "signal needs" },
	{ RQ("\"method\":\"signal\",\"params\":{\"names\":[\"a\"],\"signal\":0}"), CONTROL_INVALID_PARAMS, "1",
	    "no such signal" },
	{ RQ("\"method\":\"signal\",\"params\":{\"names\":[\"a\"],\"signal\":\"FLY\"}"), CONTROL_INVALID_PARAMS, "1",
	    "no such signal: \"FLY\"" },
	{ RQ("\"method\":\"signal\",\"params\":{\"names\":[\"a\"],\"signal\":1.5}"), CONTROL_INVALID_PARAMS, "1",
	    "no such signal" },
	{ RQ("\"method\":\"link\",\"params\":{\"names\":[\"a\"]}"), CONTROL_INVALID_PARAMS, "1", "two children" },
	{ RQ("\"method\":\"monitor\",\"params\":{\"names\":[\"a\",\"b\",\"c\"]}"), CONTROL_INVALID_PARAMS, "1", "two children" },
	{ RQ("\"method\":\"demonitor\""), CONTROL_INVALID_PARAMS, "1", "demonitor needs" },
	{ RQ("\"method\":\"demonitor\",\"params\":{\"ref\":-1}"), CONTROL_INVALID_PARAMS, "1", "demonitor needs" },
	{ RQ("\"method\":\"demonitor\",\"params\":{\"ref\":\"7x\"}"), CONTROL_INVALID_PARAMS, "1", "no number: 7x" },
	{ RQ("\"method\":\"demonitor\",\"params\":{\"ref\":\"99999999999999999999\"}"), CONTROL_INVALID_PARAMS, "1",
	    "no number" },
	{ RQ("\"method\":\"move\",\"params\":{\"names\":[\"a\"]}"), CONTROL_INVALID_PARAMS, "1", "move needs \"node\"" },
	{ RQ("\"method\":\"forbid\",\"params\":{\"names\":[\"a\"],\"node\":7}"), CONTROL_INVALID_PARAMS, "1", "forbid needs \"node\"" },
	{ RQ("\"method\":\"permit\",\"params\":{\"node\":\"box2\"}"), CONTROL_INVALID_PARAMS, "1", "permit needs \"names\"" },
	{ RQ("\"method\":\"drain\",\"params\":{\"names\":[\"box2\"]}"), CONTROL_INVALID_PARAMS, "1",
	    "drain needs \"nodes\": a list of nodes" },
	{ RQ("\"method\":\"undrain\",\"params\":{\"nodes\":[]}"), CONTROL_INVALID_PARAMS, "1", "\"nodes\" is empty" },
	{ RQ("\"method\":\"drain\",\"params\":{\"nodes\":[\"\"]}"), CONTROL_INVALID_PARAMS, "1", "name 1 is not a name" },
	{ RQ("\"method\":\"exit\",\"params\":{\"names\":[\"a\"]}"), CONTROL_INVALID_PARAMS, "1", "exit needs \"reason\"" },
	{ RQ("\"method\":\"exit\",\"params\":{\"names\":[\"a\"],\"reason\":\"\"}"), CONTROL_INVALID_PARAMS, "1", "exit needs" },
	{ RQ("\"method\":\"exit\",\"params\":{\"names\":[\"a\"],\"reason\":\"kill\",\"from\":7}"), CONTROL_INVALID_PARAMS,
	    "1", "\"from\" is not a name" },
	{ RQ("\"method\":\"upgrade\",\"params\":{\"timeout_ms\":\"soon\"}"), CONTROL_INVALID_PARAMS, "1", "timeout_ms" },
	{ RQ("\"method\":\"upgrade\",\"params\":{\"timeout_ms\":0}"), CONTROL_INVALID_PARAMS, "1", "timeout_ms" },
	{ RQ("\"method\":\"upgrade\",\"params\":{\"timeout_ms\":2147483648}"), CONTROL_INVALID_PARAMS, "1", "timeout_ms" },
	{ RQ("\"method\":\"reload\",\"params\":{\"plan\":1}"), CONTROL_INVALID_PARAMS, "1", "plan" },
	{ RQ("\"method\":\"start_child\""), CONTROL_INVALID_PARAMS, "1", "needs \"supervisor\"" },
	{ RQ("\"method\":\"start_child\",\"params\":{\"supervisor\":1}"), CONTROL_INVALID_PARAMS, "1", "not a text" },
	{ RQ("\"method\":\"start_child\",\"params\":{\"supervisor\":\"/\",\"args\":\"a\"}"), CONTROL_INVALID_PARAMS, "1",
	    "not a list" },
	{ RQ("\"method\":\"start_child\",\"params\":{\"supervisor\":\"/\",\"args\":[\"a\",1]}"), CONTROL_INVALID_PARAMS,
	    "1", "argument 2" },
	{ RQ("\"method\":\"start_child\",\"params\":{\"supervisor\":\"/\",\"spec\":\"\",\"args\":[]}"),
	    CONTROL_INVALID_PARAMS, "1", "not both" },
	{ RQ("\"method\":\"delete_child\",\"params\":{\"supervisor\":\"/\"}"), CONTROL_INVALID_PARAMS, "1",
	    "needs \"child\"" },
	{ RQ("\"method\":\"check_childspecs\",\"params\":{}"), CONTROL_INVALID_PARAMS, "1", "needs \"spec\"" },
};

START_TEST(refuses)
{
	const struct bad_row *row = &bad_rows[_i];
	struct control_request rq;
	struct err err = ERR_INIT;

	ck_assert_msg(control_request_decode(row->line, strlen(row->line), &rq, &err) == -1, "%s", row->line);
	ck_assert_msg(err.code == row->code, "%s: %d: %s", row->line, err.code, err.msg);
	ck_assert_msg(strcmp(rq.id, row->id) == 0, "%s: id %s", row->line, rq.id);
	ck_assert_msg(strstr(err.msg, row->part) != NULL, "%s: %s", row->line, err.msg);
	/* What is no request is answered, whether it has an id or not. */
	if (err.code == CONTROL_PARSE_ERROR || err.code == CONTROL_INVALID_REQUEST)
		ck_assert(!rq.notify);
	control_request_release(&rq);
}
END_TEST

START_TEST(nul_byte_is_no_end)
{
	static const char line[] = RQ("\"method\":\"version\"") "\0garbage";
	struct control_request rq;
	struct err err = ERR_INIT;

	ck_assert_int_eq(control_request_decode(line, sizeof(line) - 1, &rq, &err), -1);
	ck_assert_int_eq(err.code, CONTROL_PARSE_ERROR);
	control_request_release(&rq);
}
END_TEST

START_TEST(length_has_a_bound)
{
	const char head[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"version\",\"pad\":\"", tail[] = "\"}";
	size_t len = CONTROL_LINE_MAX + 1;
	char *line = xmalloc(len + 1);
	struct control_request rq;
	struct err err = ERR_INIT;

	memset(line, 'x', len);
	memcpy(line, head, sizeof(head) - 1);
	memcpy(line + len - (sizeof(tail) - 1), tail, sizeof(tail));
	ck_assert_int_eq(control_request_decode(line, len, &rq, &err), -1);
	ck_assert_int_eq(err.code, CONTROL_INVALID_REQUEST);
	ck_assert_ptr_nonnull(strstr(err.msg, "1048576"));
	control_request_release(&rq);

	/* One byte less is not too long. */
	memcpy(line + len - sizeof(tail), tail, sizeof(tail));
	ck_assert_int_eq(control_request_decode(line, len - 1, &rq, &err), 0);
	control_request_release(&rq);
	free(line);
}
END_TEST

/* Ids come back as they were written, of any kind that JSON-RPC allows. */
static const struct id_row {
	const char *id;
	const char *back;
} id_rows[] = {
	{ "1", "1" }, { "-5", "-5" }, { "1.5", "1.5" }, { "\"a\"", "\"a\"" }, { "\"a/b\"", "\"a/b\"" },
	{ "\"\\u00e9\\\"\"", "\"\xc3\xa9\\\"\"" }, { "null", "null" }, { "9007199254740993", "9007199254740993" },
};

START_TEST(keeps_ids)
{
	char *line = xasprintf("{\"jsonrpc\":\"2.0\",\"id\":%s,\"method\":\"version\"}", id_rows[_i].id);
	struct control_request rq;
	struct err err = ERR_INIT;

	ck_assert_msg(control_request_decode(line, strlen(line), &rq, &err) == 0, "%s: %s", line, err.msg);
	ck_assert_str_eq(rq.id, id_rows[_i].back);
	ck_assert(!rq.notify);
	control_request_release(&rq);
	free(line);
}
END_TEST

START_TEST(id_has_a_bound)
{
	char id[CONTROL_ID_MAX + 1];
	struct control_request rq;
	struct err err = ERR_INIT;

	memset(id, 'i', sizeof(id));
	for (size_t n = CONTROL_ID_MAX - 2; n <= CONTROL_ID_MAX - 1; n++) {
		char *line = xasprintf(
		    "{\"jsonrpc\":\"2.0\",\"id\":\"%.*s\",\"method\":\"version\"}", (int)n, id);

		ck_assert_int_eq(control_request_decode(line, strlen(line), &rq, &err),
		    n + 2 > CONTROL_ID_MAX ? -1 : 0);
		control_request_release(&rq);
		free(line);
	}
}
END_TEST

START_TEST(without_id_is_a_notification)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"method\":\"reopen\"}";
	struct control_request rq;
	struct err err = ERR_INIT;

	ck_assert_int_eq(control_request_decode(line, sizeof(line) - 1, &rq, &err), 0);
	ck_assert(rq.notify);
	ck_assert_str_eq(rq.id, "null");
	ck_assert_int_eq(rq.method, CONTROL_REOPEN);
	control_request_release(&rq);
}
END_TEST

START_TEST(passes_over_what_it_does_not_know)
{
	static const char line[] = RQ("\"method\":\"reload\",\"later\":{\"x\":[1]},\"params\":{\"plan\":true,\"new\":1}");
	static const char empty[] = RQ("\"method\":\"status\",\"params\":[]");
	static const char nulls[] = RQ("\"method\":\"status\",\"params\":{\"names\":null}");
	struct control_request rq;
	struct err err = ERR_INIT;

	ck_assert_int_eq(control_request_decode(line, sizeof(line) - 1, &rq, &err), 0);
	ck_assert(rq.plan);
	control_request_release(&rq);
	ck_assert_int_eq(control_request_decode(empty, sizeof(empty) - 1, &rq, &err), 0);
	control_request_release(&rq);
	ck_assert_int_eq(control_request_decode(nulls, sizeof(nulls) - 1, &rq, &err), 0);
	ck_assert_uint_eq(rq.n_names, 0);
	control_request_release(&rq);
}
END_TEST

/* Every method there and back. */
START_TEST(requests_round_trip)
{
	char *names[] = { (char[]){ "suppliers/ebuyer" }, (char[]){ "a \"quoted\" *\n" }, (char[]){ "@x" } };
	char id[] = "\"q\"", reason[] = "{exit,3}", from[] = "a/b", node[] = "box2";
	bool pair = _i == CONTROL_LINK || _i == CONTROL_UNLINK || _i == CONTROL_MONITOR;
	struct control_request out = { .id = id, .method = (enum control_method)_i, .names = names,
		.n_names = pair ? 2 : 3, .signal = SIGUSR1, .plan = true, .timeout_ms = 1500, .ref = UINT64_MAX, .reason = reason, .from = from,
		.node = node,
		.supervisor = names[0], .child = names[1], .spec = names[2] }, in;
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;
	enum control_method m;

	control_request_encode(&b, &out);
	ck_assert_int_eq(b.data[b.len - 1], '\n');
	ck_assert_ptr_eq(memchr(b.data, '\n', b.len), b.data + b.len - 1);
	ck_assert_msg(control_request_decode(b.data, b.len - 1, &in, &err) == 0, "%s: %s", b.data, err.msg);
	ck_assert_str_eq(in.id, id);
	ck_assert_int_eq(in.method, out.method);
	ck_assert(control_method_find(control_method_name(in.method), &m) && m == in.method);
	if (in.n_names > 0) {
		ck_assert_uint_eq(in.n_names, out.n_names);
		for (size_t i = 0; i < in.n_names; i++)
			ck_assert_str_eq(in.names[i], names[i]);
	}
	ck_assert_int_eq(in.n_names > 0, in.method <= CONTROL_SIGNAL || in.method == CONTROL_REMOVE || pair ||
	    in.method >= CONTROL_EXIT);
	ck_assert_int_eq(in.node != NULL && strcmp(in.node, node) == 0,
	    in.method >= CONTROL_MOVE && in.method <= CONTROL_FORBID);
	ck_assert_int_eq(in.supervisor != NULL, in.method >= CONTROL_START_CHILD && in.method <= CONTROL_ADD);
	ck_assert_int_eq(in.child != NULL, in.method >= CONTROL_TERMINATE_CHILD && in.method <= CONTROL_GET_CHILDSPEC);
	ck_assert_int_eq(in.spec != NULL,
	    in.method == CONTROL_START_CHILD || in.method == CONTROL_CHECK_CHILDSPECS || in.method == CONTROL_ADD);
	if (in.child != NULL)
		ck_assert_str_eq(in.child, names[1]);
	ck_assert(in.ref == (in.method == CONTROL_DEMONITOR ? UINT64_MAX : 0));
	ck_assert_int_eq(in.reason != NULL && strcmp(in.reason, reason) == 0, in.method == CONTROL_EXIT);
	ck_assert_int_eq(in.from != NULL && strcmp(in.from, from) == 0, in.method == CONTROL_EXIT);
	ck_assert_int_eq(in.signal, in.method == CONTROL_SIGNAL ? SIGUSR1 : 0);
	ck_assert_int_eq(in.plan, in.method == CONTROL_RELOAD);
	ck_assert_uint_eq(in.timeout_ms, in.method == CONTROL_UPGRADE ? 1500 : 0);
	control_request_release(&in);
	buf_release(&b);
}
END_TEST

/* S81: an instance's arguments, of which there may be none, are not the same as no text. */
START_TEST(arguments_round_trip)
{
	char *args[] = { (char[]){ "" }, (char[]){ "-- two words\t" } }, sup[] = "/", id[] = "1";
	struct control_request out = { .id = id, .method = CONTROL_START_CHILD, .supervisor = sup, .args = args,
		.n_args = (size_t)_i }, in;
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;
	size_t i;

	control_request_encode(&b, &out);
	ck_assert_msg(control_request_decode(b.data, b.len - 1, &in, &err) == 0, "%s: %s", b.data, err.msg);
	ck_assert_str_eq(in.supervisor, sup);
	ck_assert_ptr_null(in.spec);
	ck_assert_ptr_nonnull(in.args);
	ck_assert_uint_eq(in.n_args, (size_t)_i);
	for (i = 0; i < in.n_args; i++)
		ck_assert_str_eq(in.args[i], args[i]);
	control_request_release(&in);
	buf_release(&b);
}
END_TEST

/* supervisor(3)'s names as people write them, too. */
START_TEST(methods_with_dashes)
{
	enum control_method m;

	ck_assert(control_method_find("start-child", &m) && m == CONTROL_START_CHILD);
	ck_assert(control_method_find("start_child", &m) && m == CONTROL_START_CHILD);
	ck_assert(control_method_find("start", &m) && m == CONTROL_START);
	ck_assert(!control_method_find("start child", &m));
	ck_assert(!control_method_find("start_chil", &m));
	ck_assert(!control_method_find("start_children", &m));
}
END_TEST

START_TEST(looking_changes_nothing)
{
	static const enum control_method looks[] = { CONTROL_STATUS, CONTROL_VERSION, CONTROL_NODES,
		CONTROL_WHICH_CHILDREN, CONTROL_COUNT_CHILDREN };
	unsigned n = 0;

	for (int m = 0; m < CONTROL_METHODS; m++)
		n += control_method_only_looks((enum control_method)m);
	ck_assert_uint_eq(n, ARRAY_LEN(looks));
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		ck_assert(control_method_only_looks(looks[i]));
}
END_TEST

START_TEST(results_round_trip)
{
	struct buf b = BUF_INIT(0);
	struct control_reply reply;
	struct err err = ERR_INIT;
	struct json_object *a;

	control_result_begin(&b, "7");
	buf_xaddstr(&b, "{\"a\":[1,2]}");
	control_result_end(&b);
	ck_assert_int_eq(b.data[b.len - 1], '\n');
	ck_assert_int_eq(control_reply_decode(b.data, b.len - 1, &reply, &err), 0);
	ck_assert_str_eq(reply.id, "7");
	ck_assert_int_eq(reply.code, 0);
	ck_assert(json_object_object_get_ex(reply.result, "a", &a));
	ck_assert_uint_eq(json_object_array_length(a), 2);
	control_reply_release(&reply);
	buf_release(&b);
}
END_TEST

START_TEST(errors_round_trip)
{
	struct buf b = BUF_INIT(0), data = BUF_INIT(0);
	struct control_reply reply;
	struct err err = ERR_INIT;

	control_failure_put(&data, "a", "no child \"a\"");
	control_failure_put(&data, "b", "did not\nstart");
	control_failures_end(&data);
	control_error_encode(&b, "null", CONTROL_NO_CHILD, "2 of 2", data.data, data.len);
	ck_assert_int_eq(control_reply_decode(b.data, b.len - 1, &reply, &err), 0);
	ck_assert_str_eq(reply.id, "null");
	ck_assert_int_eq(reply.code, CONTROL_NO_CHILD);
	ck_assert_str_eq(reply.message, "2 of 2");
	ck_assert_ptr_null(reply.result);
	ck_assert_uint_eq(reply.n_failures, 2);
	ck_assert_str_eq(reply.failures[0].name, "a");
	ck_assert_str_eq(reply.failures[1].error, "did not\nstart");
	control_reply_release(&reply);
	buf_clear(&b);

	/* Without data. */
	control_error_encode(&b, "1", CONTROL_PARSE_ERROR, "no", NULL, 0);
	ck_assert_int_eq(control_reply_decode(b.data, b.len - 1, &reply, &err), 0);
	ck_assert_int_eq(reply.code, CONTROL_PARSE_ERROR);
	ck_assert_uint_eq(reply.n_failures, 0);
	control_reply_release(&reply);
	buf_release(&data);
	buf_release(&b);
}
END_TEST

static const char *const bad_replies[] = {
	"",
	"{}",
	"[]",
	"1",
	"null",
	"{\"jsonrpc\":\"2.0\",\"id\":1}",
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}",
	"{\"jsonrpc\":\"2.0\",\"result\":{}}",
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{},\"error\":{\"code\":1,\"message\":\"x\"}}",
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":\"1\",\"message\":\"x\"}}",
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":1}}",
	"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":7}",
	"{\"id\":1,\"result\":{}}",
};

START_TEST(refuses_replies)
{
	struct control_reply reply;
	struct err err = ERR_INIT;

	ck_assert_msg(control_reply_decode(bad_replies[_i], strlen(bad_replies[_i]), &reply, &err) == -1, "%s",
	    bad_replies[_i]);
	ck_assert_str_ne(err.msg, "");
	control_reply_release(&reply);
}
END_TEST

/* A failure is a failure, even if the server numbers it 0; strange data is passed over. */
START_TEST(reply_with_oddities)
{
	static const char line[] = "{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":0,\"message\":\"x\","
				   "\"data\":[1,{\"name\":\"a\"},{\"name\":\"a\",\"error\":\"e\"},null]}}";
	struct control_reply reply;
	struct err err = ERR_INIT;

	ck_assert_int_eq(control_reply_decode(line, sizeof(line) - 1, &reply, &err), 0);
	ck_assert_int_eq(reply.code, CONTROL_FAILED);
	ck_assert_uint_eq(reply.n_failures, 1);
	control_reply_release(&reply);
}
END_TEST

static const struct signal_row {
	const char *text;
	int sig;
} signal_rows[] = {
	{ "HUP", SIGHUP }, { "SIGHUP", SIGHUP }, { "hup", SIGHUP }, { "sigterm", SIGTERM }, { "1", 1 }, { "9", 9 },
	{ "USR1", SIGUSR1 }, { "64", 64 }, { "0", -1 }, { "65", -1 }, { "-1", -1 }, { "1x", -1 }, { "", -1 },
	{ "SIG", -1 }, { "HUPS", -1 }, { "RTMIN+", -1 }, { "RTMIN+99", -1 }, { "RTMIN-1", -1 },
	{ "99999999999999999999", -1 },
};

START_TEST(signals_by_name_and_number)
{
	ck_assert_msg(control_signal_parse(signal_rows[_i].text) == signal_rows[_i].sig, "%s: %d",
	    signal_rows[_i].text, control_signal_parse(signal_rows[_i].text));
}
END_TEST

START_TEST(signals_round_trip)
{
	char text[CONTROL_SIGNAL_SIZE];

	for (int sig = 1; sig <= SIGRTMAX; sig++) {
		/* 32 and 33 are the C library's own, and have no name. */
		if (strncmp(control_signal_text(sig, text), "SIG", 3) == 0)
			ck_assert_int_eq(control_signal_parse(text), sig);
		else
			ck_assert(sig > 31 && sig < SIGRTMIN);
	}
	ck_assert_str_eq(control_signal_text(SIGHUP, text), "SIGHUP");
	ck_assert_str_eq(control_signal_text(SIGRTMIN + 2, text), "SIGRTMIN+2");
	ck_assert_str_eq(control_signal_text(4711, text), "signal 4711");
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("control_msg");
	TCase *t = tcase_create("requests");

	tcase_add_loop_test(t, refuses, 0, ARRAY_LEN(bad_rows));
	tcase_add_test(t, nul_byte_is_no_end);
	tcase_add_test(t, length_has_a_bound);
	tcase_add_loop_test(t, keeps_ids, 0, ARRAY_LEN(id_rows));
	tcase_add_test(t, id_has_a_bound);
	tcase_add_test(t, without_id_is_a_notification);
	tcase_add_test(t, passes_over_what_it_does_not_know);
	tcase_add_loop_test(t, requests_round_trip, 0, CONTROL_METHODS);
	tcase_add_loop_test(t, arguments_round_trip, 0, 3);
	tcase_add_test(t, methods_with_dashes);
	tcase_add_test(t, looking_changes_nothing);
	suite_add_tcase(s, t);
	t = tcase_create("replies");
	tcase_add_test(t, results_round_trip);
	tcase_add_test(t, errors_round_trip);
	tcase_add_loop_test(t, refuses_replies, 0, ARRAY_LEN(bad_replies));
	tcase_add_test(t, reply_with_oddities);
	suite_add_tcase(s, t);
	t = tcase_create("signals");
	tcase_add_loop_test(t, signals_by_name_and_number, 0, ARRAY_LEN(signal_rows));
	tcase_add_test(t, signals_round_trip);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
