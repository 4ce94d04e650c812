/*
 * How much may be on its way (architecture 6): rows of the rule, and a link of
 * our own, in which bytes leave at its rate and arrive after its delay.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/pace.h"
#include "unit.h"

#define MS(n) ((mono_t){ (n) * US_PER_MS })
#define LEASE_US (3 * US_PER_S)

/* Writes n bytes, all of it marked. */
static void
put(struct pace *p, int64_t ms, uint64_t n)
{
	pace_sent(p, n);
	pace_mark(p, MS(ms));
}

START_TEST(a_new_one_is_small_and_a_mark_is_wanted_in_time)
{
	struct pace p;

	pace_init(&p, LEASE_US);
	ck_assert_uint_eq(pace_room(&p), PACE_FIRST);
	ck_assert_uint_eq(pace_piece(&p), PACE_FIRST / 4);
	ck_assert(!pace_wants_mark(&p));
	pace_sent(&p, PACE_FIRST / 4 - 1);
	ck_assert(!pace_wants_mark(&p));
	pace_sent(&p, 1);
	ck_assert(pace_wants_mark(&p));
	pace_mark(&p, MS(0));
	ck_assert(!pace_wants_mark(&p));
	/* Little is unmarked, but there is no room: without a mark nothing would ever go on. */
	pace_sent(&p, PACE_FIRST / 4 * 3 - 4000);
	pace_mark(&p, MS(0));
	pace_sent(&p, 4000);
	ck_assert_uint_eq(pace_room(&p), 0);
	ck_assert(pace_wants_mark(&p));
	/* What could not wait is beyond the window. */
	pace_sent(&p, 100000);
	ck_assert_uint_eq(pace_room(&p), 0);
}
END_TEST

START_TEST(the_target_is_a_part_of_the_lease)
{
	struct pace p;

	pace_init(&p, US_PER_S);
	ck_assert_int_eq(p.target_us, US_PER_S / 12);
	pace_set_lease(&p, 30 * US_PER_S);
	ck_assert_int_eq(p.target_us, PACE_TARGET_MOST_US);
}
END_TEST

/* What is on its way at a mark, its way there and back, and the window behind it; the shortest is 10 ms. */
static const struct {
	const char *sentence;
	uint64_t window, on_way;
	int64_t way_ms;
	uint64_t then;
} rows[] = {
	{ "a short way doubles it", 20000, 20000, 10, 40000 },
	{ "a way just within the target does so by what is left of it", 20000, 20000, 100, 22000 },
	{ "what was not used is not known to fit", 20000, 9000, 10, 20000 },
	{ "a long way says the rate", 20000, 20000, 200, 11000 },
	{ "that of a part says it, too", 200000, 50000, 1100, 5000 },
	{ "one piece always fits", 20000, 20000, 60000, PACE_LEAST },
	{ "there is an end to it", 900000, 900000, 10, PACE_MOST },
	{ "a heartbeat that is late by itself is not late by our queue", 20000, 50, 500, 20000 },
	{ "an answer in no time at all is one in a microsecond", 20000, 20000, 0, 40000 },
};

START_TEST(an_answer_moves_the_window)
{
	struct pace p;

	pace_init(&p, 30 * US_PER_S);
	put(&p, 1000, 100);
	pace_arrived(&p, MS(1010), 100);
	ck_assert_int_eq(p.base_us, 10 * US_PER_MS);
	p.window = rows[_i].window;
	put(&p, 2000, rows[_i].on_way);
	pace_arrived(&p, MS(2000 + rows[_i].way_ms), p.sent);
	ck_assert_msg(p.window == rows[_i].then, "%s: %llu", rows[_i].sentence, (unsigned long long)p.window);
	ck_assert_uint_eq(p.arrived, p.sent);
	ck_assert_uint_eq(p.n_marks, 0);
}
END_TEST

START_TEST(answers_that_tell_nothing_change_nothing)
{
	struct pace p;

	pace_init(&p, LEASE_US);
	put(&p, 0, 1000);
	pace_arrived(&p, MS(10), 999);
	ck_assert_uint_eq(p.n_marks, 1);
	ck_assert_int_eq(p.base_us, 0);
	/* More than was ever sent; then less than is known. */
	pace_arrived(&p, MS(20), UINT64_MAX);
	ck_assert_uint_eq(p.arrived, 1000);
	ck_assert_uint_eq(p.n_marks, 0);
	pace_arrived(&p, MS(30), 5);
	ck_assert_uint_eq(p.arrived, 1000);
	ck_assert_int_eq(p.base_us, 20 * US_PER_MS);
}
END_TEST

START_TEST(one_mark_too_many_is_passed_over)
{
	struct pace p;

	pace_init(&p, LEASE_US);
	for (int i = 0; i < PACE_MARKS + 2; i++)
		put(&p, i, 5000);
	ck_assert_uint_eq(p.n_marks, PACE_MARKS);
	ck_assert_uint_eq(p.marked, 5000 * PACE_MARKS);
	ck_assert(!pace_wants_mark(&p));
	pace_arrived(&p, MS(100), 5000);
	ck_assert(pace_wants_mark(&p));
	pace_arrived(&p, MS(110), p.sent);
	ck_assert_uint_eq(p.n_marks, 0);
	ck_assert_uint_eq(pace_room(&p), p.window);
}
END_TEST

START_TEST(the_shortest_way_is_measured_anew)
{
	struct pace p;

	pace_init(&p, LEASE_US);
	put(&p, 0, 100);
	pace_arrived(&p, MS(10), p.sent);
	/* Not yet: a longer way is a queue. */
	put(&p, 9000, 100);
	pace_arrived(&p, MS(9050), p.sent);
	ck_assert_int_eq(p.base_us, 10 * US_PER_MS);
	/* Then, but among much else: first that has to become less. */
	put(&p, 11000, 100000);
	pace_arrived(&p, MS(11050), p.sent);
	ck_assert_int_eq(p.base_us, 10 * US_PER_MS);
	ck_assert(p.sounding);
	ck_assert_uint_eq(pace_room(&p), PACE_LEAST);
	ck_assert_uint_eq(pace_piece(&p), 1024);
	put(&p, 11050, PACE_LEAST + 20);
	pace_arrived(&p, MS(11090), p.sent);
	ck_assert_int_eq(p.base_us, 40 * US_PER_MS);
	ck_assert(!p.sounding);
	/* A single piece that is larger than that will do, or there would be no end. */
	put(&p, 22000, 100000);
	pace_arrived(&p, MS(22060), p.sent);
	ck_assert(p.sounding);
	put(&p, 22060, 50000);
	pace_arrived(&p, MS(22150), p.sent);
	ck_assert_int_eq(p.base_us, 90 * US_PER_MS);
	/* But not one behind others. */
	put(&p, 33000, 100000);
	pace_sent(&p, 1);
	pace_arrived(&p, MS(33095), p.sent - 1);
	ck_assert(p.sounding);
	put(&p, 33100, 50000);
	put(&p, 33100, 50000);
	pace_arrived(&p, MS(33110 + 90), p.sent);
	ck_assert(p.sounding);
}
END_TEST

START_TEST(silence_makes_it_smaller)
{
	struct pace p;

	pace_init(&p, LEASE_US);
	pace_quiet(&p);
	ck_assert_uint_eq(p.window, PACE_FIRST);
	p.window = 5 * PACE_FIRST;
	pace_sent(&p, 1024);
	pace_quiet(&p);
	ck_assert_uint_eq(p.window, 5 * PACE_FIRST);
	pace_mark(&p, MS(0));
	pace_arrived(&p, MS(1), 1024);
	pace_quiet(&p);
	ck_assert_uint_eq(p.window, 5 * PACE_FIRST / 2);
	pace_quiet(&p);
	pace_quiet(&p);
	ck_assert_uint_eq(p.window, PACE_FIRST);
}
END_TEST

/* A link: bytes leave one after the other at its rate, arrive half a way later, and marks are answered after another half. */
struct link {
	int64_t rate; /* bytes a second */
	int64_t base_us;
	int64_t free_us; /* when all that was written has left */
	struct {
		uint64_t at;
		int64_t answered_us;
	} marks[64];
	unsigned head, tail;
};

/* An endless flood from `from` to `until`; the longest queue once it has settled, and what got through. */
static int64_t
flood(struct pace *p, struct link *l, int64_t from_us, int64_t until_us, int64_t settle_us, uint64_t *through)
{
	int64_t worst = 0, now = from_us, queue;
	uint64_t begin = p->arrived;

	for (; now < until_us; now += 200) {
		while (l->head < l->tail && l->marks[l->head % 64].answered_us <= now)
			pace_arrived(p, (mono_t){ now }, l->marks[l->head++ % 64].at);
		for (;;) {
			uint64_t n = pace_piece(p) < pace_room(p) ? pace_piece(p) : pace_room(p);

			if (n > 0) {
				pace_sent(p, n);
				l->free_us = (l->free_us > now ? l->free_us : now) + (int64_t)n * US_PER_S / l->rate;
			}
			if (pace_wants_mark(p)) {
				pace_sent(p, 20);
				pace_mark(p, (mono_t){ now });
				l->free_us += 20 * US_PER_S / l->rate;
				l->marks[l->tail % 64].at = p->sent;
				l->marks[l->tail++ % 64].answered_us = l->free_us + l->base_us;
			} else if (n == 0) {
				break;
			}
		}
		queue = l->free_us - now;
		if (now > from_us + settle_us && queue > worst)
			worst = queue;
	}
	*through = p->arrived - begin;
	return worst;
}

static const struct {
	int64_t kbit, base_ms;
	int64_t queue_ms; /* at most */
} links[] = {
	{ 1000, 0, 150 },
	{ 1000, 20, 160 },
	{ 1000, 100, 250 }, /* behind a silence a whole window comes at once */
	{ 1000, 300, 450 },
	{ 256, 40, 250 },
	{ 10000, 30, 160 },
	{ 100000, 20, 150 },
};

START_TEST(a_flood_neither_waits_in_queues_nor_leaves_the_link_idle)
{
	struct link l = { .rate = links[_i].kbit * 125, .base_us = links[_i].base_ms * US_PER_MS };
	struct pace p;
	uint64_t through;
	int64_t queue, seconds = 40;

	pace_init(&p, LEASE_US);
	queue = flood(&p, &l, 0, seconds * US_PER_S, 3 * US_PER_S, &through);
	ck_assert_msg(queue <= links[_i].queue_ms * US_PER_MS, "queue of %lld us", (long long)queue);
	ck_assert_msg((int64_t)through > l.rate * seconds * 8 / 10, "only %llu bytes of %lld got through",
	    (unsigned long long)through, (long long)(l.rate * seconds));
}
END_TEST

START_TEST(a_link_that_becomes_slow_is_followed)
{
	struct link l = { .rate = 12500000, .base_us = 1000 };
	struct pace p;
	uint64_t through;
	int64_t queue;

	pace_init(&p, LEASE_US);
	(void)flood(&p, &l, 0, 5 * US_PER_S, 0, &through);
	ck_assert_uint_gt(p.window, 500000);
	/* What was on its way then takes its time; behind it the queue is short again. */
	l.free_us += (l.free_us - 5 * US_PER_S) * 99;
	ck_assert_int_lt(l.free_us, 22 * US_PER_S);
	l.rate = 125000;
	queue = flood(&p, &l, 5 * US_PER_S, 40 * US_PER_S, 18 * US_PER_S, &through);
	ck_assert_msg(queue <= 150000, "queue of %lld us", (long long)queue);
	/* And back. */
	l.rate = 12500000;
	(void)flood(&p, &l, 40 * US_PER_S, 45 * US_PER_S, 0, &through);
	ck_assert_msg(through > 40000000, "only %llu", (unsigned long long)through);
}
END_TEST

static Suite *
pace_suite(void)
{
	Suite *s = suite_create("pace");
	TCase *tc = tcase_create("pace");

	tcase_add_test(tc, a_new_one_is_small_and_a_mark_is_wanted_in_time);
	tcase_add_test(tc, the_target_is_a_part_of_the_lease);
	tcase_add_loop_test(tc, an_answer_moves_the_window, 0, sizeof(rows) / sizeof(*rows));
	tcase_add_test(tc, answers_that_tell_nothing_change_nothing);
	tcase_add_test(tc, one_mark_too_many_is_passed_over);
	tcase_add_test(tc, the_shortest_way_is_measured_anew);
	tcase_add_test(tc, silence_makes_it_smaller);
	tcase_add_loop_test(tc, a_flood_neither_waits_in_queues_nor_leaves_the_link_idle, 0,
	    sizeof(links) / sizeof(*links));
	tcase_add_test(tc, a_link_that_becomes_slow_is_followed);
	suite_add_tcase(s, tc);
	return s;
}

int
main(void)
{
	return unit_run(pace_suite());
}
