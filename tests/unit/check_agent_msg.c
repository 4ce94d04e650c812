/* The agent messages: there and back, cut, wrong, extended. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"
#include "wire/agent_msg.h"

static const char *const argv[] = { "pricescrape", "--job", "" };
static const char *const env[] = { "PATH=/bin", "TRAPEXIT_ID=suppliers/ebuyer" };

/* One of each, with values at the edges of their ranges. */
static size_t
make_all(struct agent_msg m[32])
{
	size_t n = 0;

	memset(m, 0, 32 * sizeof(*m));
	m[n].type = AGENT_HELLO;
	m[n].u.hello.version_min = 1;
	m[n].u.hello.version_max = UINT32_MAX;
	m[n].u.hello.build = "0.1.0";
	m[n].u.hello.installation = "0123456789abcdef0123456789abcdef";
	m[n].u.hello.node = "local";
	m[n].u.hello.epoch = 1732278000;
	m[n].u.hello.attach = 3;
	m[n].u.hello.lease_ms = 60000;
	m[n].u.hello.heart = argv;
	m[n++].u.hello.n_heart = 3;
	m[n].type = AGENT_PONG;
	m[n].u.pong.k = UINT64_MAX;
	m[n++].u.pong.lease_ms = INT64_MIN;
	m[n].type = AGENT_START;
	m[n].u.start.token = UINT64_C(1732278000) << 32 | 7;
	m[n].u.start.child = "suppliers/ebuyer";
	m[n].u.start.argv = argv;
	m[n].u.start.n_argv = 3;
	m[n].u.start.env = env;
	m[n].u.start.n_env = 2;
	m[n].u.start.cwd = "/";
	m[n].u.start.user = "nobody";
	m[n].u.start.group = "";
	m[n].u.start.umask = -1;
	m[n].u.start.nice = INT32_MIN;
	m[n].u.start.n_rlimits = 2;
	m[n].u.start.rlimits[0] = (struct agent_rlimit){ 7, 1024, UINT64_MAX };
	m[n].u.start.rlimits[1] = (struct agent_rlimit){ 0, 0, 0 };
	m[n].u.start.in = STDIN_PIPE;
	m[n].u.start.out = STDOUT_NULL;
	m[n].u.start.err = STDERR_NULL;
	m[n].u.start.ready = 2;
	m[n].u.start.ready_timeout_ms = 90000;
	m[n].u.start.control = true;
	m[n++].u.start.own_env = true;
	m[n].type = AGENT_SIGNAL;
	m[n].u.signal.token = 128;
	m[n].u.signal.signal = 15;
	m[n++].u.signal.group = true;
	m[n].type = AGENT_STDIN;
	m[n].u.in.token = 256;
	m[n].u.in.offset = 65536;
	m[n].u.in.bytes = (struct agent_bytes){ "a\0b\n", 4 };
	m[n++].u.in.eof = true;
	m[n].type = AGENT_ACK;
	m[n].u.ack.token = UINT64_C(1) << 32;
	m[n].u.ack.stream = STREAM_ERR;
	m[n].u.ack.acked = 127;
	m[n++].u.ack.limit = 1 << 20;
	m[n].type = AGENT_EXIT_ACK;
	m[n++].u.exit_ack.token = 1;
	m[n].type = AGENT_GOODBYE;
	m[n++].u.goodbye.leave = true;
	m[n].type = AGENT_WELCOME;
	m[n].u.welcome.version = 1;
	m[n].u.welcome.build = "0.1.0";
	m[n].u.welcome.boot_id = "b0f3d5b2-8a51-4a55-9a3f-6a6d1f5a1c11";
	m[n].u.welcome.machine_id = "";
	m[n].u.welcome.pid = 4194304;
	m[n++].u.welcome.n_children = 10000;
	m[n].type = AGENT_REFUSE;
	m[n].u.refuse.reason = "a later connection has been here";
	m[n++].u.refuse.epoch = 9;
	m[n].type = AGENT_CHILD;
	m[n].u.child.token = 5;
	m[n].u.child.child = "worker:1";
	m[n].u.child.age_ms = -1;
	m[n].u.child.ready = true;
	m[n].u.child.out_end = 255;
	m[n++].u.child.control_n = 300;
	m[n++].type = AGENT_READY_FOR_ORDERS;
	m[n].type = AGENT_PING;
	m[n].u.ping.k = 32;
	m[n].u.ping.load1 = 1234;
	m[n++].u.ping.received = UINT64_C(1) << 33;
	m[n].type = AGENT_STARTED;
	m[n].u.started.token = 5;
	m[n++].u.started.pid = 77;
	m[n].type = AGENT_START_FAILED;
	m[n].u.start_failed.token = 5;
	m[n].u.start_failed.step = 8;
	m[n++].u.start_failed.error = 2;
	m[n].type = AGENT_READY;
	m[n].u.ready.token = 5;
	m[n++].u.ready.info = "listening on \xc3\xa9";
	m[n].type = AGENT_OUTPUT;
	m[n].u.output.token = 5;
	m[n].u.output.stream = STREAM_OUT;
	m[n].u.output.offset = 1000;
	m[n++].u.output.bytes = (struct agent_bytes){ "{}\n", 3 };
	m[n].type = AGENT_EXITED;
	m[n].u.exited.token = 5;
	m[n].u.exited.status = 0x8b;
	m[n].u.exited.user_us = -129;
	m[n++].u.exited.maxrss_kb = 4096;
	m[n].type = AGENT_NOTE;
	m[n].u.note.level = 1;
	m[n++].u.note.text = "child x: gone";
	m[n].type = AGENT_CONTROL;
	m[n].u.control.token = 5;
	m[n].u.control.n = 70000;
	m[n++].u.control.line = "EXIT feed {exit,3}";
	m[n].type = AGENT_CONTROL_ACK;
	m[n].u.control_ack.token = 5;
	m[n++].u.control_ack.n = 70000;
	m[n++].type = AGENT_CLEAN;
	return n;
}

START_TEST(there_and_back)
{
	struct agent_msg all[32], back;
	struct buf one = BUF_INIT(0), two = BUF_INIT(0);
	struct err err = ERR_INIT;
	size_t n = make_all(all), used;

	ck_assert_uint_eq(n, 22);
	for (size_t i = 0; i < n; i++) {
		buf_clear(&one);
		buf_clear(&two);
		ck_assert_msg(agent_msg_encode(&one, &all[i], &err) == 0, "%s", err.msg);
		ck_assert_msg(agent_msg_decode(one.data, one.len, &back, &used, &err) == 1, "%s", err.msg);
		ck_assert_uint_eq(used, one.len);
		ck_assert_int_eq(back.type, all[i].type);
		ck_assert_int_eq(agent_msg_encode(&two, &back, &err), 0);
		ck_assert_uint_eq(one.len, two.len);
		ck_assert_msg(memcmp(one.data, two.data, one.len) == 0, "%s differs", agent_msg_name(all[i].type));
		agent_msg_release(&back);
	}
	buf_release(&one);
	buf_release(&two);
}
END_TEST

START_TEST(values_arrive)
{
	struct agent_msg all[32], m;
	struct buf b = BUF_INIT(0);
	size_t used;

	make_all(all);
	ck_assert_int_eq(agent_msg_encode(&b, &all[2], NULL), 0);
	ck_assert_int_eq(agent_msg_decode(b.data, b.len, &m, &used, NULL), 1);
	ck_assert_uint_eq(m.u.start.token, UINT64_C(1732278000) << 32 | 7);
	ck_assert_uint_eq(m.u.start.n_argv, 3);
	ck_assert_str_eq(m.u.start.argv[0], "pricescrape");
	ck_assert_str_eq(m.u.start.argv[2], "");
	ck_assert_ptr_null(m.u.start.argv[3]); /* as execve() wants it */
	ck_assert_str_eq(m.u.start.env[1], "TRAPEXIT_ID=suppliers/ebuyer");
	ck_assert_ptr_null(m.u.start.env[2]);
	ck_assert_str_eq(m.u.start.user, "nobody");
	ck_assert_int_eq(m.u.start.umask, -1);
	ck_assert_int_eq(m.u.start.nice, INT32_MIN);
	ck_assert_uint_eq(m.u.start.rlimits[0].hard, UINT64_MAX);
	ck_assert_int_eq(m.u.start.err, STDERR_NULL);
	agent_msg_release(&m);
	buf_release(&b);
	/* Bytes are slices of the input, not copies. */
	ck_assert_int_eq(agent_msg_encode(&b, &all[4], NULL), 0);
	ck_assert_int_eq(agent_msg_decode(b.data, b.len, &m, &used, NULL), 1);
	ck_assert_uint_eq(m.u.in.bytes.n, 4);
	ck_assert_mem_eq(m.u.in.bytes.p, "a\0b\n", 4);
	ck_assert(m.u.in.bytes.p > b.data && m.u.in.bytes.p < b.data + b.len);
	ck_assert_ptr_null(m.strings);
	buf_release(&b);
}
END_TEST

/* Every prefix of a frame is incomplete; two frames in a row are taken one by one. */
START_TEST(cut_frames)
{
	struct agent_msg all[32], m;
	struct buf b = BUF_INIT(0);
	size_t n = make_all(all), used;

	for (size_t i = 0; i < n; i++) {
		buf_clear(&b);
		ck_assert_int_eq(agent_msg_encode(&b, &all[i], NULL), 0);
		for (size_t len = 0; len < b.len; len++)
			ck_assert_int_eq(agent_msg_decode(b.data, len, &m, &used, NULL), 0);
		used = b.len;
		ck_assert_int_eq(agent_msg_encode(&b, &all[0], NULL), 0);
		ck_assert_int_eq(agent_msg_decode(b.data + used, b.len - used, &m, &used, NULL), 1);
		ck_assert_int_eq(m.type, AGENT_HELLO);
		agent_msg_release(&m);
	}
	buf_release(&b);
}
END_TEST

static int
decode_body(const char *body, size_t n, struct agent_msg *m)
{
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;
	char head[4] = { (char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n };
	size_t used;
	int rc;

	buf_xadd(&b, head, 4);
	buf_xadd(&b, body, n);
	rc = agent_msg_decode(b.data, b.len, m, &used, &err);
	if (rc == -1) {
		ck_assert_uint_gt(strlen(err.msg), 0);
		ck_assert_ptr_null(m->strings);
	}
	buf_release(&b);
	return rc;
}

#define BODY(s) s, sizeof(s) - 1

START_TEST(wrong_frames)
{
	static const struct {
		const char *what, *body;
		size_t n;
	} rows[] = {
		{ "an array of 4 G elements", BODY("\xdd\xff\xff\xff\xff\x03") },
		{ "a string of 4 G bytes", BODY("\x94\x28\x05\xc2\xdb\xff\xff\xff\xff") },
		{ "no array", BODY("\x24") },
		{ "an empty array", BODY("\x90") },
		{ "a type that is no number", BODY("\x92\xa1x\x01") },
		{ "a negative type", BODY("\x92\xff\x01") },
		{ "too few fields", BODY("\x93\x25\x05") },
		{ "missing fields", BODY("\x92\x25\x05") },
		{ "a negative token", BODY("\x92\x07\xff") },
		{ "a token that is a string", BODY("\x92\x07\xa1x") },
		{ "bytes behind the message", BODY("\x92\x07\x05\x05") },
		{ "a stream that there is not", BODY("\x95\x06\x01\x07\x00\x00") },
		{ "a pid beyond 32 bits", BODY("\x93\x25\x05\xcf\x00\x00\x00\x01\x00\x00\x00\x00") },
		{ "a flag that is a number", BODY("\x92\x08\x01") },
		{ "a string with NUL in it", BODY("\x93\x2a\x01\xa3" "a\0b") },
		{ "an extension that is cut", BODY("\x93\x07\x05\xd8\x01\x02") },
		{ "the byte that msgpack never uses", BODY("\x92\x07\xc1") },
		{ "deep nesting that is cut", BODY("\x93\x07\x05\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91") },
	};
	struct agent_msg m;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(decode_body(rows[i].body, rows[i].n, &m) == -1, "%s is taken", rows[i].what);
}
END_TEST

/* A later version may add fields and messages. */
START_TEST(extensions)
{
	struct agent_msg m;

	ck_assert_int_eq(decode_body(BODY("\x94\x07\x05\x82\xa1" "a\x91\xc0\xa1" "b\xcb" "12345678\xc4\x02xy"), &m), 1);
	ck_assert_int_eq(m.type, AGENT_EXIT_ACK);
	ck_assert_uint_eq(m.u.exit_ack.token, 5);
	ck_assert_int_eq(decode_body(BODY("\x93\x63\x01\x92\x02\xd6\x01" "abcd"), &m), 1);
	ck_assert_int_eq((int)m.type, 99);
	ck_assert_str_eq(agent_msg_name(m.type), "unknown");
}
END_TEST

/* What version 1 sends has no fields that came later: they are 0. */
START_TEST(earlier_messages)
{
	struct agent_msg m;

	ck_assert_int_eq(decode_body(BODY("\x92\x24\x05"), &m), 1);
	ck_assert_int_eq(m.type, AGENT_PING);
	ck_assert_uint_eq(m.u.ping.k, 5);
	ck_assert_int_eq(m.u.ping.round_trip_us, 0);
	/* Version 2 knows one field more. */
	ck_assert_int_eq(decode_body(BODY("\x93\x24\x05\x07"), &m), 1);
	ck_assert_int_eq(m.u.ping.round_trip_us, 7);
	ck_assert_uint_eq(m.u.ping.load1, 0);
	ck_assert_uint_eq(m.u.ping.received, 0);
	ck_assert_int_eq(decode_body(BODY("\x94\x21\xa1x\x07\x08"), &m), 1);
	ck_assert_uint_eq(m.u.refuse.attach, 8);
	ck_assert_uint_eq(m.u.refuse.version_max, 0);
	agent_msg_release(&m);
	ck_assert_int_eq(decode_body(BODY("\x9b\x22\x05\xa1x\x00\x00\xc2\x00\x00\x00\x00\x07"), &m), 1);
	ck_assert_uint_eq(m.u.child.in_offset, 7);
	ck_assert_uint_eq(m.u.child.control_n, 0);
	agent_msg_release(&m);
	/* What version 1 has must be there. */
	ck_assert_int_eq(decode_body(BODY("\x93\x21\xa1x\x07"), &m), -1);
	ck_assert_int_eq(decode_body(BODY("\x91\x24"), &m), -1);
}
END_TEST

START_TEST(choice_of_a_version)
{
	static const struct {
		uint32_t min, max, other_min, other_max, chosen;
	} rows[] = {
		{ 1, 1, 1, 1, 1 },
		{ 1, 2, 1, 2, 2 },
		{ 1, 2, 1, 1, 1 },
		{ 1, 1, 1, 2, 1 },
		{ 2, 3, 1, 2, 2 },
		{ 2, 7, 3, 5, 5 },
		{ 3, 5, 2, 7, 5 },
		{ 1, 2, 3, 4, 0 },
		{ 3, 4, 1, 2, 0 },
		{ 1, 2, 2, 1, 0 }, /* no range at all */
		{ 1, 2, 0, 0, 0 },
	};
	char text[AGENT_PROTO_TEXT_SIZE];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_uint_eq(
		    agent_proto_choose(rows[i].min, rows[i].max, rows[i].other_min, rows[i].other_max), rows[i].chosen);
	ck_assert_str_eq(agent_proto_text(3, 4, text), "3-4");
	ck_assert_str_eq(agent_proto_text(2, 2, text), "2");
	ck_assert_str_eq(agent_proto_text(UINT32_MAX - 1, UINT32_MAX, text), "4294967294-4294967295");
}
END_TEST

START_TEST(limits_of_a_frame)
{
	struct agent_msg m = { .type = AGENT_OUTPUT };
	struct buf b = BUF_INIT(0);
	struct err err = ERR_INIT;
	char *big = calloc(1, AGENT_FRAME_MAX + 1);
	size_t used;

	m.u.output.stream = STREAM_OUT;
	m.u.output.bytes = (struct agent_bytes){ big, AGENT_CHUNK_MAX };
	ck_assert_int_eq(agent_msg_encode(&b, &m, &err), 0);
	m.u.output.bytes.n = AGENT_FRAME_MAX + 1;
	used = b.len;
	ck_assert_int_eq(agent_msg_encode(&b, &m, &err), -1);
	ck_assert_uint_eq(b.len, used); /* as it was */
	ck_assert_uint_gt(strlen(err.msg), 0);
	ck_assert_int_eq(agent_msg_decode("\x00\x10\x00\x01", 4, &m, &used, &err), -1);
	ck_assert_int_eq(agent_msg_decode("\x00\x00\x00\x00", 4, &m, &used, &err), -1);
	ck_assert_int_eq(agent_msg_decode("\xff\xff\xff\xff", 4, &m, &used, &err), -1);
	m = (struct agent_msg){ .type = (enum agent_msg_type)77 };
	ck_assert_int_eq(agent_msg_encode(&b, &m, &err), -1);
	buf_release(&b);
	free(big);
}
END_TEST

/* The head by itself and the payload are the frame of the message. */
START_TEST(output_head)
{
	static const size_t sizes[] = { 0, 1, 31, 255, 256, 65535, 65536, AGENT_CHUNK_MAX };
	char *payload = calloc(1, AGENT_CHUNK_MAX), head[AGENT_OUTPUT_HEAD_MAX];
	struct agent_msg m = { .type = AGENT_OUTPUT };
	struct buf b = BUF_INIT(0);

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		size_t len = agent_output_head(head, UINT64_MAX, STREAM_ERR, UINT64_MAX - 5, sizes[i]);

		m.u.output.token = UINT64_MAX;
		m.u.output.stream = STREAM_ERR;
		m.u.output.offset = UINT64_MAX - 5;
		m.u.output.bytes = (struct agent_bytes){ payload, sizes[i] };
		buf_clear(&b);
		ck_assert_int_eq(agent_msg_encode(&b, &m, NULL), 0);
		ck_assert_uint_eq(b.len, len + sizes[i]);
		ck_assert_mem_eq(b.data, head, len);
	}
	buf_release(&b);
	free(payload);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("agent_msg");
	TCase *t = tcase_create("agent_msg");

	tcase_add_test(t, there_and_back);
	tcase_add_test(t, values_arrive);
	tcase_add_test(t, cut_frames);
	tcase_add_test(t, wrong_frames);
	tcase_add_test(t, extensions);
	tcase_add_test(t, earlier_messages);
	tcase_add_test(t, choice_of_a_version);
	tcase_add_test(t, limits_of_a_frame);
	tcase_add_test(t, output_head);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
