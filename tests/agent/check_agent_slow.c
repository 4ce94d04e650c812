/*
 * A slow link (architecture 6): between daemon and agent stands a relay that
 * takes all it is given at once, megabytes of it as ssh and TCP do, and lets it
 * out at 1 Mbit/s. Floods of logs must not delay heartbeats, observations or
 * exits behind what lies in there.
 */
#include "config.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mono.h"
#include "base/xalloc.h"
#include "lib/agent_client.h"
#include "lib/unit.h"
#include "os/sock.h"

#define LEASE_MS 3000
#define RATE 125000 /* bytes a second: 1 Mbit/s */
#define DELAY_US 10000
#define PIPE_BYTES (16u << 20)
#define FLOODS 10

static struct rig *rig;
static struct client *cl;
static pid_t relay;

/* One direction: what came when, and how much of it is out. */
struct way {
	int from, to;
	char *data;
	size_t have, done;
	struct {
		size_t end;
		int64_t at_us;
	} pieces[4096];
	size_t first, last;
	int64_t free_us; /* the link is busy until then */
	bool ended;
};

static void
way_take(struct way *w)
{
	ssize_t n = recv(w->from, w->data + w->have, PIPE_BYTES - w->have, MSG_DONTWAIT);
	int64_t now = mono_now().us;

	if (n == 0 || (n == -1 && errno != EAGAIN))
		w->ended = true;
	if (n <= 0)
		return;
	w->have += (size_t)n;
	w->free_us = (w->free_us > now ? w->free_us : now) + (int64_t)n * US_PER_S / RATE;
	w->pieces[w->last % 4096].end = w->have;
	w->pieces[w->last++ % 4096].at_us = w->free_us + DELAY_US;
}

/* What has passed the link by now: of a piece that is still passing, its part. */
static void
way_give(struct way *w)
{
	int64_t now = mono_now().us;
	size_t upto = w->done;

	while (w->first < w->last) {
		int64_t early = w->pieces[w->first % 4096].at_us - now;
		size_t end = w->pieces[w->first % 4096].end, back;

		if (early <= 0) {
			upto = end;
			w->first++;
			continue;
		}
		back = (size_t)(early * RATE / US_PER_S);
		if (end > back && end - back > upto)
			upto = end - back;
		break;
	}
	if (upto > w->done) {
		ssize_t n = send(w->to, w->data + w->done, upto - w->done, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0)
			w->done += (size_t)n;
	}
	if (w->done == w->have && w->first == w->last)
		w->done = w->have = 0;
}

static void
relay_run(const char *path, const char *agent_path)
{
	static struct way up, down;
	int listener = sock_listen(path, 0600, NULL), a, b;
	struct pollfd fds[2];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fds[0] = (struct pollfd){ listener, POLLIN, 0 };
	poll(fds, 1, -1);
	a = accept(listener, NULL, NULL);
	b = sock_connect(agent_path, NULL);
	up.from = down.to = a;
	up.to = down.from = b;
	up.data = xmalloc(PIPE_BYTES);
	down.data = xmalloc(PIPE_BYTES);
	while (!up.ended && !down.ended) {
		fds[0] = (struct pollfd){ a, POLLIN, 0 };
		fds[1] = (struct pollfd){ b, POLLIN, 0 };
		poll(fds, 2, 1);
		if (fds[0].revents != 0)
			way_take(&up);
		if (fds[1].revents != 0)
			way_take(&down);
		way_give(&up);
		way_give(&down);
	}
	_exit(0);
}

static void
setup(void)
{
	char agent_path[sizeof(rig->socket)];

	rig = rig_new(LEASE_MS);
	rig_start(rig);
	(void)rig_agent_pid(rig);
	/* Until it listens. */
	client_close(client_connect(rig));
	memcpy(agent_path, rig->socket, sizeof(agent_path));
	snprintf(rig->socket, sizeof(rig->socket), "%s/slow.sock", rig->dir);
	fflush(NULL);
	relay = fork();
	if (relay == 0)
		relay_run(rig->socket, agent_path);
	cl = client_attach(rig);
	/* It is answered before anything is ordered: no start without a lease. */
	client_drop(client_expect(cl, AGENT_PING, 0));
}

static void
teardown(void)
{
	kill(relay, SIGKILL);
	waitpid(relay, NULL, 0);
	client_close(cl);
	rig_free(rig);
}

/* The longest way there and back that a ping since has told, in ms. */
static int64_t
longest_way(void)
{
	struct kept *k;
	int64_t most = 0;

	while ((k = client_maybe(cl, AGENT_PING, 0, 0)) != NULL) {
		if (k->m.u.ping.round_trip_us > most)
			most = k->m.u.ping.round_trip_us;
		client_drop(k);
	}
	return most / US_PER_MS;
}

static void
start_floods(void)
{
	for (uint64_t i = 1; i <= FLOODS; i++)
		client_start(cl, i, "exec yes 'a line of a log, which is of no great interest to anybody, but there are many' >&2");
}

/* Until each has begun and had several turns, however long a loaded machine takes to start ten. */
static void
wait_for_floods(void)
{
	for (uint64_t i = 1; i <= FLOODS; i++)
		client_wait_output(cl, i, 8192);
}

/* A child with a log beside its observations. */
static void
start_scraper(uint64_t token, const char *script)
{
	const char *argv[] = { "sh", "-c", script, NULL };
	struct agent_msg *m = client_order(token, argv);

	m->u.start.err = STDERR_PIPE;
	client_send(cl, m);
}

static uint64_t
flooded(void)
{
	uint64_t n = 0;

	for (uint64_t i = 1; i <= FLOODS; i++)
		n += client_got(cl, i)->out_n;
	return n;
}

START_TEST(floods_of_logs_delay_neither_heartbeats_nor_observations_nor_exits)
{
	uint64_t begin;
	int64_t way;
	mono_t at;

	start_floods();
	wait_for_floods();
	(void)longest_way();
	begin = flooded();
	start_scraper(50, "i=0; while :; do i=$((i+1)); echo '{\"n\":'$i'}'; sleep 0.5; done");
	for (unsigned i = 1; i <= 6; i++) {
		at = mono_now();
		client_wait_output(cl, 50, 8 * i);
		/* Half a second of these it slept, and a flooded machine forks slowly. */
		ck_assert_int_lt(mono_diff_us(mono_now(), at), LEASE_MS * US_PER_MS / 3 + 500 * US_PER_MS);
	}
	/* An exit is told at once, whatever its output waits for. */
	at = mono_now();
	client_signal(cl, 3, SIGKILL, true);
	client_drop(client_expect(cl, AGENT_EXITED, 3));
	ck_assert_int_lt(mono_diff_us(mono_now(), at), LEASE_MS * US_PER_MS / 3);
	way = longest_way();
	ck_assert_msg(way > 0 && way < LEASE_MS / 3, "a heartbeat took %" PRId64 " ms", way);
	/* And the link is not left idle for all that: 3 s and more, of which two thirds. */
	begin = flooded() - begin;
	ck_assert_msg(begin > RATE * 2, "only %" PRIu64 " bytes of logs", begin);
}
END_TEST

START_TEST(who_floods_has_its_share_and_no_more)
{
	uint64_t least = UINT64_MAX, most = 0, before[FLOODS + 1], begin;
	mono_t end;

	start_floods();
	wait_for_floods();
	for (uint64_t i = 1; i <= FLOODS; i++)
		before[i] = client_got(cl, i)->out_n;
	/* For what takes the link 4 s. */
	begin = flooded();
	end = mono_add_ms(mono_now(), CLIENT_TIMEOUT_MS);
	while (flooded() - begin < RATE * 4 && mono_before(mono_now(), end))
		client_run(cl, 50);
	for (uint64_t i = 1; i <= FLOODS; i++) {
		uint64_t n = client_got(cl, i)->out_n - before[i];

		least = n < least ? n : least;
		most = n > most ? n : most;
	}
	ck_assert_msg(least * 2 > most, "one got %" PRIu64 ", another %" PRIu64 " bytes", least, most);
}
END_TEST

/* A flood of observations goes first, but logs are not silenced. */
START_TEST(observations_go_first_and_logs_have_a_quarter)
{
	struct got *first = client_got(cl, 50), *bulk = client_got(cl, 1);

	client_start(cl, 1, "exec yes log");
	start_scraper(50, "exec yes '{\"type\":\"observation\"}'");
	client_wait_output(cl, 50, 1);
	client_run(cl, 5000);
	ck_assert_msg(first->out_n > 2 * bulk->out_n, "%" PRIu64 " and %" PRIu64, first->out_n, bulk->out_n);
	ck_assert_msg(first->out_n < 5 * bulk->out_n, "%" PRIu64 " and %" PRIu64, first->out_n, bulk->out_n);
}
END_TEST

/* Nothing is lost or doubled by all this, and the end comes. */
START_TEST(all_of_it_arrives_once)
{
	client_start(cl, 1, "i=0; while [ $i -lt 30000 ]; do echo $i; i=$((i+1)); done");
	client_drop(client_expect(cl, AGENT_EXITED, 1));
	client_wait_output(cl, 1, 168890);
	client_run(cl, 100);
	ck_assert_uint_eq(client_got(cl, 1)->out_n, 168890);
}
END_TEST

/* What the daemon paces is answered soon, and says how much has come. */
START_TEST(a_job_is_told_to_have_arrived)
{
	char text[4001];
	struct kept *k;
	uint64_t received, before = 0;
	mono_t at;

	client_start(cl, 1, "cat >/dev/null");
	client_drop(client_expect(cl, AGENT_STARTED, 1));
	client_run(cl, 200);
	while ((k = client_maybe(cl, AGENT_PING, 0, 0)) != NULL) {
		before = k->m.u.ping.received;
		client_drop(k);
	}
	ck_assert_uint_gt(before, 0);
	memset(text, 'x', 4000);
	text[4000] = '\0';
	at = mono_now();
	client_stdin(cl, 1, 0, text, false);
	do {
		k = client_expect(cl, AGENT_PING, 0);
		received = k->m.u.ping.received;
		client_drop(k);
	} while (received < before + 4000);
	ck_assert_int_lt(mono_diff_us(mono_now(), at), 500 * US_PER_MS);
	ck_assert_uint_lt(received, before + 4500);
}
END_TEST

static Suite *
slow_suite(void)
{
	Suite *s = suite_create("slow");
	TCase *tc = tcase_create("slow link");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, floods_of_logs_delay_neither_heartbeats_nor_observations_nor_exits);
	tcase_add_test(tc, who_floods_has_its_share_and_no_more);
	tcase_add_test(tc, observations_go_first_and_logs_have_a_quarter);
	tcase_add_test(tc, all_of_it_arrives_once);
	tcase_add_test(tc, a_job_is_told_to_have_arrived);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(slow_suite());
}
