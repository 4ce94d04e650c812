/* What one daemon tells the next at a handover, and the packets that carry it. */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/xalloc.h"
#include "daemon/offer.h"
#include "os/successor.h"
#include "unit.h"

static void
fill(struct offer *o)
{
	offer_init(o);
	o->kind = OFFER_RETURN;
	o->pid = 4711;
	o->from = xstrdup("0.1.0");
	o->state_dir = xstrdup("/var/lib/a b\n");
	o->run_dir = xstrdup("/run");
	o->log_dir = xstrdup("");
	o->request = xstrdup("\"id=1\"");
	o->moved = true;
	o->by = UINT32_MAX;
	o->timeout_ms = 20000;
	o->away_us = INT64_MIN;
	o->away_since = MONO_NEVER;
	o->lock = 5;
	o->client = 7;
	offer_add_node(o, "local", 1, 2);
	offer_add_node(o, "a box with blanks", 3, UINT32_MAX);
}

static void
ck_same(const struct offer *a, const struct offer *b)
{
	ck_assert_int_eq(a->kind, b->kind);
	ck_assert_int_eq(a->pid, b->pid);
	ck_assert_str_eq(a->from, b->from);
	ck_assert_str_eq(a->state_dir, b->state_dir);
	ck_assert_str_eq(a->run_dir, b->run_dir);
	ck_assert_str_eq(a->log_dir, b->log_dir);
	ck_assert_str_eq(a->request, b->request);
	ck_assert_ptr_null(a->reason);
	ck_assert(a->moved == b->moved);
	ck_assert_uint_eq(a->by, b->by);
	ck_assert_uint_eq(a->timeout_ms, b->timeout_ms);
	ck_assert_int_eq(a->away_us, b->away_us);
	ck_assert(mono_is_never(a->away_since));
	ck_assert_uint_eq(a->n_nodes, b->n_nodes);
	for (size_t i = 0; i < a->n_nodes; i++) {
		ck_assert_str_eq(a->nodes[i].name, b->nodes[i].name);
		ck_assert_uint_eq(a->nodes[i].version_min, b->nodes[i].version_min);
		ck_assert_uint_eq(a->nodes[i].version_max, b->nodes[i].version_max);
	}
}

START_TEST(there_and_back)
{
	struct offer o, back;
	struct buf packet = BUF_INIT(0);
	struct err err = ERR_INIT;
	int fds[OFFER_FDS];
	size_t n;

	fill(&o);
	offer_encode(&o, &packet, fds, &n);
	ck_assert_uint_eq(n, 2);
	/* The numbers change on their way; their order tells which is which. */
	for (size_t i = 0; i < n; i++)
		fds[i] += 100;
	ck_assert_int_eq(offer_decode(&back, packet.data, packet.len, fds, n, &err), 0);
	ck_same(&back, &o);
	ck_assert_int_eq(back.lock, 105);
	ck_assert_int_eq(back.client, 107);
	ck_assert_int_eq(back.listener, -1);
	ck_assert_int_eq(back.log, -1);
	offer_release(&back);
	/* A descriptor that did not come is none. */
	ck_assert_int_eq(offer_decode(&back, packet.data, packet.len, fds, 1, &err), 0);
	ck_assert_int_eq(back.client, -1);
	offer_release(&back);
	offer_release(&o);
	buf_release(&packet);
}
END_TEST

/* What a later release adds is passed over. */
START_TEST(later_words)
{
	static const char text[] = "colour\0blue\0kind\0take\0state_dir\0/s\0run_dir\0/r\0log_dir\0/l\0shape\0";
	struct offer o;
	struct err err = ERR_INIT;

	ck_assert_int_eq(offer_decode(&o, text, sizeof(text) - 1, NULL, 0, &err), 0);
	ck_assert_int_eq(o.kind, OFFER_TAKE);
	ck_assert_str_eq(o.run_dir, "/r");
	ck_assert_ptr_null(o.request);
	ck_assert_uint_eq(o.n_nodes, 0);
	offer_release(&o);
}
END_TEST

START_TEST(no_offers)
{
	static const struct {
		const char *text;
		size_t n;
	} rows[] = {
		{ "", 0 }, { "x", 1 }, { "kind\0take\0", 10 }, { "kind\0", 5 },
		{ "kind\0steal\0state_dir\0/s\0run_dir\0/r\0log_dir\0/l\0", 46 },
	};
	struct offer o;
	struct err err = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_int_eq(offer_decode(&o, rows[i].text, rows[i].n, NULL, 0, &err), -1);
		ck_assert_uint_gt(strlen(err.msg), 0);
		offer_release(&o);
	}
}
END_TEST

/* Cut anywhere, it is an offer or none, and no byte beyond is looked at. */
START_TEST(cut_offers)
{
	struct offer o, back;
	struct buf packet = BUF_INIT(0);
	struct err err = ERR_INIT;
	int fds[OFFER_FDS];
	size_t n, len;
	char *copy;

	fill(&o);
	offer_encode(&o, &packet, fds, &n);
	for (len = 0; len < packet.len; len++) {
		copy = xmalloc(len + 1);
		memcpy(copy, packet.data, len);
		(void)offer_decode(&back, copy, len, fds, n, &err);
		offer_release(&back);
		free(copy);
	}
	offer_release(&o);
	buf_release(&packet);
}
END_TEST

START_TEST(packets)
{
	int pair[2], fds[PACKET_FDS_MAX], sent[2] = { STDIN_FILENO, STDERR_FILENO };
	char *text = xmalloc(PACKET_MAX + 1), *big = xcalloc(1, PACKET_MAX + 1);
	size_t n;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	ck_assert_int_eq(packet_receive(pair[0], text, fds, &n, 0), -1);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_int_eq(packet_send(pair[1], "first", 5, sent, 2), 0);
	ck_assert_int_eq(packet_send(pair[1], "second", 6, NULL, 0), 0);
	ck_assert_int_eq(packet_receive(pair[0], text, fds, &n, 1000), 5);
	ck_assert_str_eq(text, "first");
	ck_assert_uint_eq(n, 2);
	for (size_t i = 0; i < n; i++) {
		ck_assert_int_eq(fcntl(fds[i], F_GETFD), FD_CLOEXEC);
		close(fds[i]);
	}
	ck_assert_int_eq(packet_receive(pair[0], text, fds, &n, 0), 6);
	ck_assert_str_eq(text, "second");
	ck_assert_uint_eq(n, 0);
	ck_assert_int_eq(packet_send(pair[1], big, PACKET_MAX, NULL, 0), 0);
	ck_assert_int_eq(packet_receive(pair[0], text, fds, &n, 0), PACKET_MAX);
	ck_assert_int_eq(packet_send(pair[1], big, PACKET_MAX + 1, NULL, 0), -1);
	ck_assert_int_eq(errno, EMSGSIZE);
	/* What was said before the end is heard. */
	ck_assert_int_eq(packet_send(pair[1], "last", 4, NULL, 0), 0);
	close(pair[1]);
	ck_assert_int_eq(packet_receive(pair[0], text, fds, &n, 0), 4);
	ck_assert_int_eq(packet_receive(pair[0], text, fds, &n, 0), 0);
	ck_assert_int_eq(packet_send(pair[0], "x", 1, NULL, 0), -1);
	ck_assert_int_eq(errno, EPIPE);
	close(pair[0]);
	free(text);
	free(big);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("offer");
	TCase *t = tcase_create("offers");

	tcase_add_test(t, there_and_back);
	tcase_add_test(t, later_words);
	tcase_add_test(t, no_offers);
	tcase_add_test(t, cut_offers);
	tcase_add_test(t, packets);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
