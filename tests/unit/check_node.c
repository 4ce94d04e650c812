/*
 * What an agent may say to the daemon (architecture 5, 6): a host is trusted with
 * nothing but its own children's bytes. Each row is said behind a good greeting.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "daemon/node_check.h"
#include "lib/node_rig.h"
#include "lib/unit.h"

#define LINGER_US INT64_C(20000)
/* A token of an epoch before ours that no daemon remembers. */
#define OLD_TOKEN (UINT64_C(1000) << 32 | 70000)

static struct buf said;

static void
add(const struct agent_msg *m)
{
	struct err err = ERR_INIT;

	ck_assert_msg(agent_msg_encode(&said, m, &err) == 0, "%s", err.msg);
}

static void
welcome_of(const char *machine, uint32_t n_children)
{
	struct agent_msg m = { .type = AGENT_WELCOME };

	m.u.welcome.version = AGENT_PROTO_MAX;
	m.u.welcome.build = "1";
	m.u.welcome.boot_id = "0123";
	m.u.welcome.machine_id = machine;
	m.u.welcome.pid = 77;
	m.u.welcome.guard_pid = 76;
	m.u.welcome.n_children = n_children;
	add(&m);
}

static void
welcome(uint32_t n_children)
{
	welcome_of("0123", n_children);
}

static void
ready_for_orders(void)
{
	add(&(struct agent_msg){ .type = AGENT_READY_FOR_ORDERS });
}

static void
ping(uint64_t k)
{
	add(&(struct agent_msg){ .type = AGENT_PING, .u.ping = { .k = k } });
}

static void
attach(void)
{
	welcome(0);
	ready_for_orders();
	ping(1);
}

static struct agent_msg
child(uint64_t token, const char *path)
{
	struct agent_msg m = { .type = AGENT_CHILD };

	m.u.child.token = token;
	m.u.child.child = path;
	m.u.child.pid = 100;
	return m;
}

static struct node_play
play(void)
{
	struct node_play p;

	node_rig_play(said.data, said.len, LINGER_US, &p);
	buf_clear(&said);
	ck_assert_msg(p.others_up, "the other hosts are not up: %s", p.error);
	return p;
}

static void
accepted(void)
{
	struct node_play p = play();

	ck_assert_msg(p.up && p.error[0] == '\0', "%s", p.error);
	ck_assert_uint_eq(p.hellos, 1);
}

static void
refused(const char *why)
{
	struct node_play p = play();

	ck_assert_msg(strstr(p.error, why) != NULL, "not '%s' but '%s'", why, p.error);
}

static void
setup(void)
{
	ck_assert_int_eq(log_to_file("/dev/null"), 0);
	said = (struct buf)BUF_INIT(0);
}

static void
teardown(void)
{
	buf_release(&said);
}

START_TEST(an_honest_agent_is_attached)
{
	attach();
	add(&(struct agent_msg){ .type = AGENT_STARTED, .u.started = { 1, 500 } });
	add(&(struct agent_msg){ .type = AGENT_OUTPUT, .u.output = { 1, STREAM_OUT, 0, { "{\"type\":\"observation\"}\n", 23 } } });
	add(&(struct agent_msg){ .type = AGENT_OUTPUT, .u.output = { 1, STREAM_OUT, 23, { "more\n", 5 } } });
	add(&(struct agent_msg){ .type = AGENT_EXITED, .u.exited = { .token = 1, .status = 256, .out_end = 28 } });
	ping(2);
	accepted();
}
END_TEST

/* Said at once behind the greeting. */
static const struct {
	const char *why; /* NULL: it is taken */
	struct agent_msg m;
} rows[] = {
	{ "is not for an agent to say", { .type = AGENT_PONG, .u.pong = { 1, 1000 } } },
	{ "is not for an agent to say", { .type = AGENT_GOODBYE } },
	{ "a second welcome", { .type = AGENT_WELCOME, .u.welcome = { .version = 1, .pid = 5 } } },
	{ "nothing that it belongs to", { .type = AGENT_READY_FOR_ORDERS } },
	{ "nothing that it belongs to", { .type = AGENT_CHILD, .u.child = { .token = 9, .child = "b" } } },
	{ "numbers that cannot be", { .type = AGENT_PING } },
	{ "numbers that cannot be", { .type = AGENT_PING, .u.ping = { 1, -1, 0, 0 } } },
	{ NULL, { .type = AGENT_PING, .u.ping = { UINT64_MAX, INT64_MAX, UINT32_MAX, UINT64_MAX } } },
	/* Another node's children: 16 is one of the local host. */
	{ "is node local's", { .type = AGENT_STARTED, .u.started = { 16, 99 } } },
	{ "is node local's", { .type = AGENT_START_FAILED, .u.start_failed = { 16, 1, 2 } } },
	{ "is node local's", { .type = AGENT_READY, .u.ready = { 16, false, "" } } },
	{ "is node local's", { .type = AGENT_EXITED, .u.exited = { .token = 16 } } },
	{ "is node local's", { .type = AGENT_OUTPUT, .u.output = { 16, STREAM_OUT, 0, { "x", 1 } } } },
	{ "is node local's", { .type = AGENT_CONTROL_ACK, .u.control_ack = { 16, 1 } } },
	{ "no token", { .type = AGENT_EXITED } },
	{ "a pid that cannot be", { .type = AGENT_STARTED, .u.started = { 1, 1 } } },
	{ "a pid that cannot be", { .type = AGENT_STARTED, .u.started = { 1, UINT32_MAX } } },
	{ "a reason that cannot be", { .type = AGENT_START_FAILED, .u.start_failed = { 1, 0, 2 } } },
	{ "a reason that cannot be", { .type = AGENT_START_FAILED, .u.start_failed = { 1, 1, -2 } } },
	{ "a reason that cannot be", { .type = AGENT_START_FAILED, .u.start_failed = { 1, 1, 5000 } } },
	{ "a status that waitpid does not give", { .type = AGENT_EXITED, .u.exited = { .token = 1, .status = 0x137f } } },
	{ "a status that waitpid does not give", { .type = AGENT_EXITED, .u.exited = { .token = 1, .status = -1 } } },
	{ "a status that waitpid does not give", { .type = AGENT_EXITED, .u.exited = { .token = 1, .status = 0x10000 } } },
	{ NULL, { .type = AGENT_EXITED, .u.exited = { .token = 1, .status = 0x8b } } },
	{ "numbers that cannot be", { .type = AGENT_EXITED, .u.exited = { .token = 1, .user_us = -1 } } },
	{ "numbers that cannot be", { .type = AGENT_EXITED, .u.exited = { .token = 1, .out_end = UINT64_MAX } } },
	{ NULL, { .type = AGENT_EXITED, .u.exited = { .token = 500, .status = 0 } } },
	{ "output from byte 5, expected 0", { .type = AGENT_OUTPUT, .u.output = { 1, STREAM_OUT, 5, { "x", 1 } } } },
	{ "without credit beyond 65536", { .type = AGENT_OUTPUT, .u.output = { 1, STREAM_ERR, 65536, { "x", 1 } } } },
	{ "numbers that cannot be", { .type = AGENT_OUTPUT, .u.output = { 1, STREAM_OUT, UINT64_MAX, { "x", 1 } } } },
	{ "output of stream 0", { .type = AGENT_OUTPUT, .u.output = { 1, 0, 0, { "x", 1 } } } },
	{ NULL, { .type = AGENT_OUTPUT, .u.output = { 500, STREAM_OUT, 5, { "x", 1 } } } },
	{ "numbers that cannot be", { .type = AGENT_CONTROL_ACK, .u.control_ack = { 1, UINT64_MAX } } },
	{ NULL, { .type = AGENT_NOTE, .u.note = { 999, "\x1b[2J\nforged" } } },
};

START_TEST(behind_a_greeting)
{
	attach();
	add(&rows[_i].m);
	ping(2);
	if (rows[_i].why == NULL)
		accepted();
	else
		refused(rows[_i].why);
}
END_TEST

#define LONG_ID \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* What becomes the name of a file, and a line on a terminal. */
static const char *const bad_paths[] = {
	"", "/", "../../etc/passwd", "s/../../x", "s/", "/s", "a//b", ".", "s/.hidden", "a b", "a\nb", "-a", "s/\x1b[2J", "a\xc3\xa9",
	LONG_ID,
};

START_TEST(names_that_no_child_can_have)
{
	struct agent_msg m = child(OLD_TOKEN, bad_paths[_i]);

	welcome(1);
	add(&m);
	ready_for_orders();
	ping(1);
	refused("a name that no child can have");
}
END_TEST

/* Left by a daemon that nobody remembers: taken, its words, too, and stopped. */
START_TEST(a_child_of_an_earlier_daemon)
{
	struct agent_msg m = child(OLD_TOKEN, "s/gone:12");
	struct node_play p;

	m.u.child.out_acked = 5;
	m.u.child.out_end = 8;
	welcome(1);
	add(&m);
	ready_for_orders();
	ping(1);
	add(&(struct agent_msg){ .type = AGENT_OUTPUT, .u.output = { OLD_TOKEN, STREAM_OUT, 5, { "ab\n", 3 } } });
	p = play();
	ck_assert_msg(p.up, "%s", p.error);
	ck_assert_uint_eq(p.kills, 1);
}
END_TEST

/* The words of a child that has no place there: nobody could say whose they are. */
START_TEST(a_child_that_is_another_hosts)
{
	struct agent_msg m = child(OLD_TOKEN, "a");
	struct node_play p;

	welcome(1);
	add(&m);
	ready_for_orders();
	ping(1);
	add(&(struct agent_msg){ .type = AGENT_OUTPUT, .u.output = { OLD_TOKEN, STREAM_OUT, 0, { "{}\n", 3 } } });
	p = play();
	ck_assert_msg(p.up, "%s", p.error);
	ck_assert_uint_eq(p.kills, 1);
	/* It need not be kept there. */
	ck_assert_uint_eq(p.acked, 3);
}
END_TEST

START_TEST(a_token_of_our_time_that_was_not_given_out)
{
	struct agent_msg m = child(60000, "b");

	welcome(1);
	add(&m);
	ready_for_orders();
	ping(1);
	refused("which was never given out");
	m = child(UINT64_MAX, "b");
	welcome(1);
	add(&m);
	refused("which was never given out");
}
END_TEST

START_TEST(more_or_fewer_children_than_told)
{
	struct agent_msg m = child(OLD_TOKEN, "b"), again = child(OLD_TOKEN + 1, "b");

	welcome(1);
	add(&m);
	add(&again);
	refused("more children than it said");
	welcome(3);
	add(&m);
	add(&again);
	ready_for_orders();
	refused("1 children fewer");
	welcome(NODE_CHILDREN_MAX + 1);
	refused("at most");
	welcome(2);
	add(&m);
	add(&m);
	refused("named before");
}
END_TEST

/* Else it would count as up with nothing found dead. */
START_TEST(a_ping_comes_behind_the_children)
{
	welcome(1);
	ping(1);
	refused("children still to be named");
	ping(1);
	refused("before the welcome");
}
END_TEST

START_TEST(numbers_of_a_child_that_cannot_be)
{
	struct agent_msg m = child(OLD_TOKEN, "b");

	for (int i = 0; i < 6; i++) {
		m = child(OLD_TOKEN, "b");
		if (i == 0)
			m.u.child.age_ms = INT64_MAX;
		else if (i == 1)
			m.u.child.age_ms = -1;
		else if (i == 2)
			m.u.child.out_acked = 1;
		else if (i == 3)
			m.u.child.err_acked = m.u.child.err_end = UINT64_MAX;
		else if (i == 4)
			m.u.child.control_n = UINT64_MAX;
		else
			m.u.child.in_offset = UINT64_MAX;
		welcome(1);
		add(&m);
		refused("numbers that cannot be");
	}
}
END_TEST

START_TEST(a_welcome_to_somebody_else)
{
	struct agent_msg m = { .type = AGENT_WELCOME };

	m.u.welcome.version = 1;
	m.u.welcome.build = m.u.welcome.boot_id = m.u.welcome.machine_id = "";
	m.u.welcome.pid = 5;
	m.u.welcome.epoch = 5;
	add(&m);
	refused("another hello's numbers");
	m.u.welcome.epoch = 0;
	m.u.welcome.build = "\x1b[2J";
	add(&m);
	refused("not plain");
	m.u.welcome.build = "";
	m.u.welcome.pid = 0;
	add(&m);
	refused("a pid that cannot be");
}
END_TEST

/* Another host's word does not make us begin anew, nor make numbers run out. */
START_TEST(a_refusal)
{
	struct agent_msg m = { .type = AGENT_REFUSE };

	m.u.refuse.reason = "no";
	m.u.refuse.epoch = UINT32_MAX - 1;
	add(&m);
	refused("the agent refused: no");
	m.u.refuse.reason = "\xc2\x9b" "2J";
	add(&m);
	refused("not plain text");
}
END_TEST

/* That another machine does not hold what ran on the first one proves nothing: the lease is waited for. */
START_TEST(another_machine_is_no_proof)
{
	const struct {
		const char *machine;
		bool taken;
	} cases[] = { { "0123", true }, { "", true }, { "4567", false } };
	struct node_play p;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		attach();
		add(&(struct agent_msg){ .type = AGENT_STARTED, .u.started = { 1, 500 } });
		add(&(struct agent_msg){ .type = AGENT_PONG }); /* ends the connection */
		welcome_of(cases[i].machine, 0);
		ready_for_orders();
		ping(1);
		p = play();
		ck_assert_msg(p.up == cases[i].taken, "machine '%s': %s", cases[i].machine, p.up ? "up" : "not up");
		ck_assert_uint_ge(p.hellos, 2);
	}
}
END_TEST

/* A hundred thousand messages that mean nothing delay nobody; their echo has a bound. */
START_TEST(floods_without_output)
{
	attach();
	for (unsigned i = 0; i < 20000; i++) {
		ping(i + 2);
		add(&(struct agent_msg){ .type = AGENT_NOTE, .u.note = { 1, "again" } });
		add(&(struct agent_msg){ .type = AGENT_EXITED, .u.exited = { .token = OLD_TOKEN + i } });
	}
	accepted();
}
END_TEST

static Suite *
node_suite(void)
{
	Suite *s = suite_create("node");
	TCase *tc = tcase_create("node");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, an_honest_agent_is_attached);
	tcase_add_loop_test(tc, behind_a_greeting, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_loop_test(tc, names_that_no_child_can_have, 0, sizeof(bad_paths) / sizeof(*bad_paths));
	tcase_add_test(tc, a_child_of_an_earlier_daemon);
	tcase_add_test(tc, a_child_that_is_another_hosts);
	tcase_add_test(tc, a_token_of_our_time_that_was_not_given_out);
	tcase_add_test(tc, more_or_fewer_children_than_told);
	tcase_add_test(tc, a_ping_comes_behind_the_children);
	tcase_add_test(tc, numbers_of_a_child_that_cannot_be);
	tcase_add_test(tc, a_welcome_to_somebody_else);
	tcase_add_test(tc, a_refusal);
	tcase_add_test(tc, another_machine_is_no_proof);
	tcase_add_test(tc, floods_without_output);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(node_suite());
}
