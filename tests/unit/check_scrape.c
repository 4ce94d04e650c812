/* The parts of pricescrape that need no network: grid, heap, schedule, job, addresses, observations. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/map.h"
#include "base/xalloc.h"
#include "price/extract.h"
#include "scrape/address.h"
#include "scrape/fetch.h"
#include "scrape/grid.h"
#include "scrape/heap.h"
#include "scrape/job.h"
#include "scrape/known.h"
#include "scrape/observe.h"
#include "scrape/schedule.h"
#include "scrape/site.h"
#include "unit.h"

#define T0 INT64_C(1732278000000) /* a multiple of 1000 */

static void
job_feed(struct job *job, const char *line)
{
	struct err err = ERR_INIT;
	enum job_result r = job_read_line(job, line, strlen(line), &err);

	ck_assert_msg(r != JOB_BAD, "%s: %s", line, err.msg);
}

/* A job of n sources, all on one host or each on its own. */
static void
job_make(struct job *job, const char *head, size_t n, bool one_host)
{
	char line[256];
	size_t i;

	job_init(job);
	job_feed(job, head);
	for (i = 0; i < n; i++) {
		snprintf(line, sizeof(line), "{\"type\":\"source\",\"id\":\"s%zu\",\"url\":\"http://h%zu.test/p%zu\"}", i,
		    one_host ? 0 : i, i);
		job_feed(job, line);
	}
}

START_TEST(heap_sorts)
{
	struct timed t[200];
	struct heap h = HEAP_INIT;
	int64_t last = -1;
	size_t i, n = 0;

	memset(t, 0, sizeof(t));
	for (i = 0; i < 200; i++) {
		t[i].order = i;
		heap_put(&h, &t[i], (int64_t)(hash_u64(i) % 50));
	}
	for (i = 0; i < 200; i += 3)
		heap_remove(&h, &t[i]);
	for (i = 1; i < 200; i += 3)
		heap_put(&h, &t[i], (int64_t)(hash_u64(i * 7) % 50)); /* moves */
	heap_remove(&h, &t[0]); /* not in it */
	for (; heap_top(&h) != NULL; n++) {
		ck_assert_int_ge(heap_top(&h)->due, last);
		last = heap_top(&h)->due;
		heap_remove(&h, heap_top(&h));
	}
	ck_assert_uint_eq(n, 200 - 67);
	heap_release(&h);
}
END_TEST

/* Slots are multiples of every; jitter moves the fetch within the slot, alike for every incarnation. */
START_TEST(grid_slots)
{
	struct grid g = { hash_bytes("webcam", 6), 1000, 300 };
	int64_t now, slot, last = GRID_NO_SLOT;
	size_t moved = 0;

	for (now = T0; now < T0 + 20000; now++) {
		slot = grid_newest(&g, now);
		ck_assert_int_eq(slot % 1000, 0);
		ck_assert_int_le(grid_due(&g, slot), now);
		ck_assert_int_gt(grid_due(&g, grid_next(&g, slot)), now);
		ck_assert_int_ge(grid_due(&g, slot), slot);
		ck_assert_int_lt(grid_due(&g, slot), slot + 300);
		ck_assert(slot == last || last == GRID_NO_SLOT || slot == last + 1000);
		moved += slot != last && grid_due(&g, slot) != slot;
		last = slot;
	}
	ck_assert_uint_gt(moved, 15);
	ck_assert_int_eq(grid_next(&g, T0 + 1), T0 + 1000);
	ck_assert_int_eq(grid_next(&g, T0), T0 + 1000);
	g.jitter_permille = 0;
	ck_assert_int_eq(grid_newest(&g, T0), T0);
	ck_assert_int_eq(grid_newest(&g, -1), -1000);
}
END_TEST

/* The clock of the grid never goes back. */
START_TEST(grid_clock)
{
	struct grid_clock c;

	grid_clock_start(&c, T0, 5000000, GRID_NO_SLOT);
	ck_assert_int_eq(grid_clock_ms(&c, 5000000), T0);
	ck_assert_int_eq(grid_clock_ms(&c, 6500000), T0 + 1500);
	ck_assert_int_eq(grid_clock_boot_us(&c, T0 + 1500), 6500000);
	grid_clock_start(&c, T0, 5000000, T0 + 77000);
	ck_assert_int_eq(grid_clock_ms(&c, 5000000), T0 + 77000);
	grid_clock_start(&c, T0, 5000000, T0 - 77000);
	ck_assert_int_eq(grid_clock_ms(&c, 5000000), T0);
}
END_TEST

/* Work whose request goes out. */
static bool
take(struct schedule *s, int64_t now, struct turn *turn)
{
	if (!schedule_take(s, now, turn))
		return false;
	if (turn->site != NULL)
		ck_assert_int_eq(schedule_hop(s, turn, turn->site->name, now), 0);
	return true;
}

#define HEAD(rest) "{\"type\":\"job\",\"version\":1," rest "}"

static const struct answer good = { .host = "h0.test" }, lost = { .failed = true, .passing = true },
			   missing = { .failed = true, .host = "h0.test" };

/* A fresh start: the first round at once, a gap apart; then each on its grid. */
START_TEST(p52_first_round_is_spread)
{
	struct schedule s;
	struct turn turn;
	struct job job;
	int64_t now = T0, last = 0;
	size_t i;

	job_make(&job, HEAD("\"every_ms\":60000,\"gap_ms\":2000"), 5, true);
	schedule_init(&s, &job, now);
	for (i = 0; i < 5; i++) {
		while (!take(&s, now, &turn))
			now = schedule_wake(&s);
		ck_assert_str_eq(turn.work->source->id, job.sources[i].id);
		ck_assert_int_eq(turn.work->slot, T0);
		ck_assert(last == 0 || (now - last >= 1600 && now - last <= 2800));
		ck_assert(!take(&s, now, &turn)); /* one request at a time */
		last = now;
		ck_assert(schedule_answered(&s, &turn, &good, now));
	}
	ck_assert_int_ge(schedule_wake(&s), T0 + 60000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* What is late comes back at the pace of every day: sources of many hosts are no burst either. */
START_TEST(p52_what_is_late_is_spread)
{
	struct schedule s;
	struct turn turn;
	struct job job;
	char line[128];
	size_t i, n;
	int64_t now;

	job_make(&job, HEAD("\"every_ms\":60000,\"gap_ms\":0"), 60, false);
	for (i = 0; i < 60; i++) {
		snprintf(line, sizeof(line), "{\"type\":\"state\",\"key\":\"done/s%zu\",\"value\":{\"slot\":1732277000000}}", i);
		job_feed(&job, line);
	}
	schedule_init(&s, &job, T0);
	for (now = T0, n = 0; now < T0 + 60000; now += 1000) {
		while (take(&s, now, &turn))
			n++;
		ck_assert_uint_eq(n, (size_t)(now - T0) / 1000 + 1);
	}
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P49: the gap is measured from the end of the answer; it varies by a fifth. */
START_TEST(p49_gap_follows_the_answer)
{
	struct schedule s;
	struct turn turn;
	struct job job;
	int64_t now = T0, wake, least = INT64_MAX, most = 0;
	int i;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":300"), 2, true);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	ck_assert_int_eq(schedule_wake(&s), T0 + 300);
	for (i = 0; i < 200; i++) {
		struct turn other;

		ck_assert(!take(&s, now + 600, &other)); /* it waits for the answer */
		now += 700;
		schedule_answered(&s, &turn, &good, now);
		while (!take(&s, wake = schedule_wake(&s), &turn))
			;
		ck_assert_int_ge(wake - now, 240);
		if (wake - now < least)
			least = wake - now;
		if (wake - now <= 360 && wake - now > most)
			most = wake - now;
		now = wake;
	}
	ck_assert_int_lt(least, 260);
	ck_assert_int_gt(most, 340);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P49: told so, several at a time, and each of them keeps the gap. */
START_TEST(p49_concurrency)
{
	struct turn turns[4], turn;
	struct schedule s;
	struct job job;
	int64_t now = T0;
	size_t i;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":4000,\"concurrency\":4"), 100, true);
	schedule_init(&s, &job, T0);
	for (i = 0; i < 4; i++) {
		ck_assert(take(&s, now, &turns[i]));
		ck_assert(!take(&s, now, &turn));
		now += 4000;
	}
	ck_assert_uint_eq(schedule_parallel_max(&s), 4);
	ck_assert(!take(&s, now + 60000, &turn)); /* all four are under way */
	now += 60000;
	schedule_answered(&s, &turns[2], &good, now);
	ck_assert(!take(&s, now + 799, &turn));
	ck_assert(take(&s, now + 1200, &turn));
	schedule_release(&s);
	job_release(&job);
	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":0,\"concurrency\":4"), 100, true);
	schedule_init(&s, &job, T0);
	for (i = 0; i < 4; i++)
		ck_assert(take(&s, T0, &turns[i]));
	ck_assert(!take(&s, T0, &turn));
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P48: a Crawl-delay raises the gap, whatever the concurrency, and never lowers it. */
START_TEST(p48_crawl_delay)
{
	struct schedule s;
	struct turn turn;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":4000,\"concurrency\":4"), 100, true);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	/* The turn began with robots.txt; the page comes a Crawl-delay later. */
	ck_assert_int_eq(schedule_hop(&s, &turn, "h0.test", T0), 0);
	schedule_over(&s, &turn, T0 + 500);
	schedule_crawl_delay(&s, "h0.test", 30000);
	ck_assert_int_eq(schedule_hop(&s, &turn, "h0.test", T0 + 500), 30000);
	ck_assert_int_eq(schedule_hop(&s, &turn, "h0.test", T0 + 30500), 0);
	schedule_answered(&s, &turn, &good, T0 + 30600);
	ck_assert(!take(&s, T0 + 60599, &turn));
	ck_assert(take(&s, T0 + 60600, &turn));
	schedule_crawl_delay(&s, "h0.test", 1);
	schedule_answered(&s, &turn, &good, T0 + 60700);
	ck_assert(!take(&s, T0 + 61499, &turn));
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* Other hosts do not wait. */
START_TEST(p49_hosts_are_apart)
{
	struct schedule s;
	struct turn turn;
	struct job job;
	size_t i;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":0"), 3, false);
	schedule_init(&s, &job, T0);
	for (i = 0; i < 3; i++)
		ck_assert(take(&s, T0, &turn));
	ck_assert(!take(&s, T0, &turn));
	ck_assert_int_eq(schedule_wake(&s), SCHEDULE_NEVER);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* Late slots are not caught up: only the newest is fetched. */
START_TEST(late_slots_are_left)
{
	struct schedule s;
	struct turn turn;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":0"), 1, true);
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/s0\",\"value\":{\"slot\":1732277000000}}");
	schedule_init(&s, &job, T0 + 500);
	ck_assert(take(&s, T0 + 500, &turn));
	ck_assert_int_eq(turn.work->slot, T0);
	schedule_answered(&s, &turn, &good, T0 + 7600);
	ck_assert(take(&s, T0 + 7600, &turn));
	ck_assert_int_eq(turn.work->slot, T0 + 7000);
	schedule_answered(&s, &turn, &good, T0 + 7700);
	ck_assert(!take(&s, T0 + 7700, &turn));
	ck_assert_int_eq(schedule_wake(&s), T0 + 8000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* A slot that a state says is done is not fetched again, whatever the wall clock shows. */
START_TEST(done_slots_stay_done)
{
	struct grid_clock c;
	struct schedule s;
	struct turn turn;
	struct job job;
	int64_t wall, now;

	for (wall = T0 - 5000000; wall <= T0 + 900; wall += 1250225) {
		job_make(&job, HEAD("\"every_ms\":1000,\"jitter_permille\":900,\"gap_ms\":0"), 1, true);
		job_feed(&job, "{\"type\":\"state\",\"key\":\"done/s0\",\"value\":{\"slot\":1732277999000}}");
		job_feed(&job, "{\"type\":\"state\",\"key\":\"done/s0\",\"value\":{\"slot\":1732278000000}}");
		grid_clock_start(&c, wall, 0, job_latest_slot(&job));
		now = grid_clock_ms(&c, 0);
		schedule_init(&s, &job, now);
		ck_assert(!take(&s, now, &turn));
		ck_assert_int_ge(schedule_wake(&s), T0 + 1000);
		ck_assert_int_lt(schedule_wake(&s), T0 + 2000);
		ck_assert(take(&s, schedule_wake(&s), &turn));
		ck_assert_int_eq(turn.work->slot, T0 + 1000);
		schedule_release(&s);
		job_release(&job);
	}
}
END_TEST

/* The gap that a predecessor owed is kept; a clock that went back does not stretch it. */
START_TEST(p52_gap_survives)
{
	struct schedule s;
	struct turn turn;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":2000"), 1, true);
	job_feed(&job, "{\"type\":\"state\",\"key\":\"gap/h0.test\",\"value\":{\"next\":1732278002000,\"at\":1732278000000}}");
	schedule_init(&s, &job, T0 + 500);
	ck_assert(!take(&s, T0 + 500, &turn));
	ck_assert_int_eq(schedule_wake(&s), T0 + 2000);
	ck_assert(take(&s, T0 + 2000, &turn));
	schedule_release(&s);
	schedule_init(&s, &job, T0 - 86400000);
	ck_assert(!take(&s, T0 - 86400000, &turn));
	ck_assert_int_eq(schedule_wake(&s), T0 - 86400000 + 2000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* What a site says of itself when a request begins is enough for a successor: next is a gap away (P52). */
START_TEST(p52_gap_is_said_before_the_request)
{
	const struct site_limits limits = { .gap_ms = 1000, .concurrency = 1 };
	struct site *site = site_new("shop.test"), *next = site_new("shop.test");
	struct buf b = BUF_INIT(0);

	site_begin(site, &limits, T0);
	site_put_state(site, T0, &b);
	site_read_state(next, b.data, b.len, T0 + 10);
	ck_assert_int_ge(site_wait(next, &limits, T0 + 10), 990); /* 800 and a quarter more */
	ck_assert_int_le(site_wait(next, &limits, T0 + 10), 1490);
	buf_clear(&b);
	site_end(site, &limits, T0 + 15);
	site_refuse(site, 7200000, T0, T0 + 20);
	site_put_state(site, T0 + 20, &b);
	site_read_state(next, b.data, b.len, T0 + 1000020);
	ck_assert_int_eq(site_wait(next, &limits, T0 + 1000020), 6200000);
	ck_assert_uint_eq(next->strikes, 1);
	site_read_state(next, "{\"next\":9223372036854775807}", 28, T0);
	site_read_state(next, "nonsense", 8, T0);
	ck_assert_int_eq(site_wait(next, &limits, T0 + 1000020), 6200000);
	buf_release(&b);
	free(site);
	free(next);
}
END_TEST

/* P47: what robots.txt forbids costs its host nothing: no request went out. */
START_TEST(p47_forbidden_pages_keep_no_gap)
{
	const struct answer forbidden = { .failed = true };
	struct schedule s;
	struct turn turn;
	struct job job;
	int i;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":2000"), 4, true);
	schedule_init(&s, &job, T0);
	for (i = 0; i < 3; i++) {
		struct turn other;

		ck_assert(schedule_take(&s, T0 + 100000, &turn));
		ck_assert(!schedule_take(&s, T0 + 100000, &other));
		schedule_answered(&s, &turn, &forbidden, T0 + 100000);
	}
	ck_assert(take(&s, T0 + 100000, &turn));
	schedule_answered(&s, &turn, &good, T0 + 100000);
	ck_assert_int_ge(turn.work->site->next, T0 + 101600);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P51, P52: a successor goes on to count the tries of a slot, and keeps the pause before the next one. */
START_TEST(p52_tries_survive)
{
	static const char *const nothing[] = { "{\"slot\":1732278000000,\"tries\":3,\"next\":0}",
		"{\"slot\":1732278000000,\"tries\":-1}", "{\"slot\":1732277400000,\"tries\":2,\"next\":0}", "{\"tries\":2}",
		"{\"slot\":9223372036854775807,\"tries\":2,\"next\":9223372036854775807}", "{}" };
	const struct answer *a = &lost;
	struct schedule s;
	struct turn turn;
	struct job job;
	struct buf value = BUF_INIT(0);
	char line[256];
	int64_t now = T0, next;
	unsigned tries, i;

	for (tries = 1; tries < SCHEDULE_TRIES; tries++) {
		job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":100"), 1, true);
		if (value.len > 0) {
			snprintf(line, sizeof(line), "{\"type\":\"state\",\"key\":\"try/s0\",\"value\":%.*s}", (int)value.len,
			    value.data);
			job_feed(&job, line);
		}
		schedule_init(&s, &job, T0);
		ck_assert_int_eq(schedule_wake(&s), now);
		ck_assert(take(&s, now, &turn));
		ck_assert_uint_eq(turn.work->tries, tries);
		ck_assert(!schedule_answered(&s, &turn, a, now));
		next = schedule_wake(&s);
		ck_assert_int_gt(next, now);
		now = next;
		buf_clear(&value);
		schedule_put_try(turn.work, &value);
		schedule_release(&s);
		job_release(&job);
	}
	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":100"), 1, true);
	snprintf(line, sizeof(line), "{\"type\":\"state\",\"key\":\"try/s0\",\"value\":%.*s}", (int)value.len, value.data);
	job_feed(&job, line);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, now, &turn));
	ck_assert(schedule_answered(&s, &turn, a, now)); /* the third one is reported */
	schedule_release(&s);
	job_release(&job);
	/* What is of another slot, or nonsense, counts for nothing. */
	for (i = 0; i < ARRAY_LEN(nothing); i++) {
		job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":100"), 1, true);
		snprintf(line, sizeof(line), "{\"type\":\"state\",\"key\":\"try/s0\",\"value\":%s}", nothing[i]);
		job_feed(&job, line);
		schedule_init(&s, &job, T0);
		ck_assert(take(&s, T0, &turn));
		ck_assert_uint_eq(turn.work->tries, 1);
		schedule_release(&s);
		job_release(&job);
	}
	buf_release(&value);
}
END_TEST

/* P51: what may pass is tried three times in a slot; only the last one is reported. */
START_TEST(p51_retries)
{
	struct schedule s;
	struct turn turn;
	struct job job;
	int64_t now = T0;
	int i;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":100"), 1, true);
	schedule_init(&s, &job, now);
	for (i = 1; i <= 3; i++) {
		ck_assert(take(&s, now, &turn));
		ck_assert_int_eq(turn.work->slot, T0);
		ck_assert_int_eq(schedule_answered(&s, &turn, &lost, now), i == 3);
		now = schedule_wake(&s);
	}
	ck_assert_int_ge(now, T0 + 600000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

START_TEST(p51_no_retry_beyond_the_slot)
{
	struct schedule s;
	struct turn turn;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":10,\"gap_ms\":20"), 1, true);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	ck_assert(schedule_answered(&s, &turn, &lost, T0));
	schedule_release(&s);
	job_release(&job);
	job_make(&job, HEAD("\"every_ms\":600000"), 1, true);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	ck_assert(schedule_answered(&s, &turn, &missing, T0)); /* a 404 */
	schedule_release(&s);
	job_release(&job);
}
END_TEST

static const struct answer vague = { .failed = true, .passing = true, .busy_host = true, .host = "h0.test" };

static struct answer
refusal(int64_t retry_after_s)
{
	struct answer a = vague;

	a.retry_after_s = retry_after_s;
	return a;
}

/* P51: 429 and 503 rest the whole host, as long as it says, or longer each time. */
START_TEST(p51_hosts_rest)
{
	const struct answer busy = refusal(120);
	struct schedule s;
	struct turn turn;
	struct job job;
	const struct site *site;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":0"), 2, true);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	site = turn.site;
	ck_assert(schedule_answered(&s, &turn, &busy, T0));
	ck_assert_uint_eq(site->strikes, 1);
	/* The other source waits too; the slots meanwhile are left. */
	ck_assert(!take(&s, T0 + 119999, &turn));
	ck_assert_int_eq(schedule_wake(&s), T0 + 120000);
	ck_assert(take(&s, T0 + 120000, &turn));
	ck_assert_int_eq(turn.work->slot, T0 + 120000);
	schedule_answered(&s, &turn, &vague, T0 + 120000);
	ck_assert_int_gt(site->next, T0 + 120000);
	ck_assert_int_le(site->next, T0 + 120000 + 120000); /* at most 60 s doubled once */
	ck_assert_uint_eq(site->strikes, 2);
	ck_assert(take(&s, site->next, &turn));
	schedule_answered(&s, &turn, &good, site->next);
	ck_assert_uint_eq(site->strikes, 0);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P51: a slot that outlives the rest is tried again in it. */
START_TEST(p51_the_slot_is_tried_after_the_rest)
{
	const struct answer busy = refusal(120);
	struct schedule s;
	struct turn turn;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":3600000,\"gap_ms\":0"), 1, true);
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	ck_assert(!schedule_answered(&s, &turn, &busy, T0 + 5));
	ck_assert_int_eq(schedule_wake(&s), T0 + 120005);
	ck_assert(take(&s, T0 + 120005, &turn));
	ck_assert(schedule_answered(&s, &turn, &good, T0 + 120006));
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P51: the rest grows to six hours, with full jitter; what ran together counts once. */
START_TEST(p51_backoff_of_a_host)
{
	const struct site_limits limits = { .gap_ms = 0, .concurrency = 8 };
	struct site *site = site_new("shop.test");
	int64_t now = T0, most = 60000, rest;
	int i, k;

	for (i = 0; i < 12; i++) {
		for (k = 0; k < 8; k++)
			site_begin(site, &limits, now);
		for (k = 0; k < 8; k++) {
			site_refuse(site, 0, now, now + 1 + k);
			site_end(site, &limits, now + 1 + k);
		}
		ck_assert_uint_eq(site->strikes, (unsigned)i + 1);
		rest = site_wait(site, &limits, now + 8);
		ck_assert_int_gt(rest, 0);
		ck_assert_int_le(rest, most);
		now += 8 + rest;
		most = most * 2 < 21600000 ? most * 2 : 21600000;
	}
	/* What began before the refusal and went well says nothing. */
	site_begin(site, &limits, now);
	site_end(site, &limits, now);
	site_forgive(site, site->refused_at - 1);
	ck_assert_uint_eq(site->strikes, 12);
	free(site);
}
END_TEST

/* P53: a redirect to another host waits for its turn there, before that host's own work. */
START_TEST(p53_redirect_keeps_the_manners)
{
	struct schedule s;
	const struct answer elsewhere = { .failed = true, .passing = true, .busy_host = true, .host = "h9.test" };
	struct turn a, b, turn;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":1000"), 2, false);
	job_feed(&job, "{\"type\":\"source\",\"id\":\"s2\",\"url\":\"http://h1.test/other\"}");
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &a));
	ck_assert(take(&s, T0 + 5000, &b));
	ck_assert_str_eq(b.site->name, "h1.test");
	ck_assert_int_eq(schedule_hop(&s, &a, "h0.test", T0 + 5000), 0); /* it is there */
	ck_assert_int_gt(schedule_hop(&s, &a, "h1.test", T0 + 5000), 0); /* busy */
	ck_assert_ptr_null(a.site);
	schedule_answered(&s, &b, &good, T0 + 6000);
	ck_assert(!take(&s, T0 + 20000, &turn)); /* the redirect goes first */
	ck_assert_int_ge(schedule_hop(&s, &a, "h1.test", T0 + 6000), 800);
	ck_assert_int_eq(schedule_hop(&s, &a, "h1.test", T0 + 7200), 0);
	ck_assert_str_eq(a.site->name, "h1.test");
	ck_assert(!take(&s, T0 + 20000, &turn)); /* one at a time there */
	schedule_answered(&s, &a, &good, T0 + 20000);
	ck_assert(!take(&s, T0 + 20799, &turn));
	ck_assert(take(&s, T0 + 21200, &turn));
	ck_assert_str_eq(turn.work->source->id, "s2");
	/* A host that rests for long is not waited for; the refusal is of the host that refused. */
	ck_assert_int_eq(schedule_hop(&s, &turn, "h9.test", T0 + 21200), 0);
	schedule_answered(&s, &turn, &elsewhere, T0 + 21300);
	ck_assert_uint_eq(turn.work->site->strikes, 0);
	ck_assert_uint_eq(schedule_site(&s, "h9.test")->strikes, 1);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P53: a fetch that ends while it waits gives way. */
START_TEST(p53_claims_end_with_the_turn)
{
	struct schedule s;
	struct turn a, b;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":1000"), 2, false);
	job_feed(&job, "{\"type\":\"state\",\"key\":\"gap/h1.test\",\"value\":{\"next\":1732278005000,\"at\":1732278000000}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"gap/h7.test\",\"value\":{\"next\":1732279005000,\"at\":1732278000000}}");
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &a));
	ck_assert_int_eq(schedule_hop(&s, &a, "h1.test", T0), 5000);
	ck_assert(!take(&s, T0 + 6000, &b));
	ck_assert_int_eq(schedule_hop(&s, &a, "h7.test", T0), -1);
	ck_assert(take(&s, T0 + 6000, &b));
	schedule_answered(&s, &b, &good, T0 + 6000);
	ck_assert_int_gt(schedule_hop(&s, &a, "h1.test", T0 + 6000), 0);
	schedule_answered(&s, &a, &missing, T0 + 6000);
	ck_assert_uint_eq(b.work->site->claims, 0);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* Redirects to ever new hosts cost no memory for ever. */
START_TEST(p53_foreign_hosts_are_forgotten)
{
	struct schedule s;
	struct turn turn;
	struct job job;
	char host[32];
	int64_t now = T0;
	int i;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":10"), 1, true);
	schedule_init(&s, &job, now);
	for (i = 0; i < 2000; i++) {
		while (!take(&s, now, &turn))
			now = schedule_wake(&s);
		snprintf(host, sizeof(host), "x%d.test", i);
		ck_assert_int_eq(schedule_hop(&s, &turn, host, now), 0);
		schedule_answered(&s, &turn, &good, now);
	}
	ck_assert_uint_lt(s.sites.n, 300);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* A source whose URL leads nowhere has its turns, once a slot. */
START_TEST(bad_url_has_slots)
{
	struct schedule s;
	struct turn turn;
	struct job job;

	job_init(&job);
	job_feed(&job, HEAD("\"every_ms\":1000"));
	job_feed(&job, "{\"type\":\"source\",\"id\":\"x\",\"url\":\"file:///etc/passwd\"}");
	schedule_init(&s, &job, T0);
	ck_assert(take(&s, T0, &turn));
	ck_assert_ptr_null(turn.site);
	ck_assert(schedule_answered(&s, &turn, &missing, T0));
	ck_assert(!take(&s, T0, &turn));
	ck_assert_int_eq(schedule_wake(&s), T0 + 1000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

static const struct {
	const char *line;
	enum job_result result; /* behind a good head */
} job_lines[] = {
	{ "{\"type\":\"end\"}", JOB_ENDED },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"pattern\":null,\"every_ms\":0}", JOB_MORE },
	{ "{\"type\":\"source\",\"id\":\"a\"}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":7,\"url\":\"http://x/\"}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"min\":\"1.50\",\"max\":null,\"jump_permille\":0}", JOB_MORE },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"min\":1.50}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"confirm\":-1}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"allow_zero\":1}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"css\":1}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"css\":\"p\",\"xpath\":null,\"magnitudes\":true}", JOB_MORE },
	{ "{\"type\":\"source\",\"id\":\"twice\",\"url\":\"http://x/\"}", JOB_BAD },
	{ "{\"type\":\"state\",\"key\":\"page/a\",\"value\":{\"gone\":\"no\"}}", JOB_MORE },
	{ "{\"type\":\"job\",\"version\":1,\"concurrency\":0}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"every_ms\":-1}", JOB_BAD },
	{ "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\",\"every_ms\":1.5}", JOB_BAD },
	{ "{\"type\":\"state\",\"key\":\"done/a\",\"value\":{\"slot\":5}}", JOB_MORE },
	{ "{\"type\":\"state\",\"key\":\"of another program\",\"value\":[1]}", JOB_MORE },
	{ "{\"type\":\"state\"}", JOB_BAD },
	{ "{\"type\":\"state\",\"key\":\"done/a\",\"value\":{\"slot\":9223372036854775807}}", JOB_BAD },
	{ "{\"type\":\"something new\"}", JOB_MORE },
	{ "{\"no\":\"type\"}", JOB_BAD },
	{ "[]", JOB_BAD },
	{ "", JOB_BAD },
	{ "{\"type\":\"end\"", JOB_BAD },
	{ "{\"type\":\"job\",\"version\":2}", JOB_BAD },
	{ "{\"type\":\"job\",\"version\":1,\"every_ms\":0}", JOB_BAD },
	{ "{\"type\":\"job\",\"version\":1,\"jitter_permille\":1001}", JOB_BAD },
};

START_TEST(job_line)
{
	struct job job;

	job_init(&job);
	job_feed(&job, HEAD("\"every_ms\":1000"));
	job_feed(&job, "{\"type\":\"source\",\"id\":\"twice\",\"url\":\"http://x/\"}");
	ck_assert_int_eq(job_read_line(&job, job_lines[_i].line, strlen(job_lines[_i].line), NULL), job_lines[_i].result);
	job_release(&job);
}
END_TEST

START_TEST(job_is_read)
{
	struct job job;

	job_init(&job);
	ck_assert_int_eq(job_read_line(&job, "{\"type\":\"end\"}", 14, NULL), JOB_BAD); /* the head comes first */
	job_feed(&job,
	    "{\"type\":\"job\",\"version\":1,\"child\":\"suppliers/ebuyer\",\"token\":7391,\"start\":\"restart\",\"every_ms\":300000,"
	    "\"jitter_permille\":100,\"gap_ms\":2000,\"timeout_ms\":30000,\"max_body\":8388608,\"user_agent\":null,"
	    "\"allow_private\":true,\"die_after\":3,\"new\":{}}");
	job_feed(&job,
	    "{\"type\":\"source\",\"id\":\"webcam\",\"product\":\"B525\",\"url\":\"http://x/\",\"pattern\":\"(.)\",\"currency\":\"GBP\","
	    "\"locale\":\"en-GB\",\"every_ms\":5}");
	ck_assert_str_eq(job.child, "suppliers/ebuyer");
	ck_assert_int_eq(job.defaults.every_ms, 300000);
	ck_assert_uint_eq(job.jitter_permille, 100);
	ck_assert_int_eq(job.gap_ms, 2000);
	ck_assert_uint_eq(job.max_body, 8388608);
	ck_assert(job.allow_private);
	ck_assert_int_eq(job.die_after, 3);
	ck_assert_ptr_null(job.user_agent);
	ck_assert_str_eq(job.sources[0].terms->currency, "GBP");
	ck_assert_int_eq(job.sources[0].terms->every_ms, 5);
	ck_assert_int_eq(job_latest_slot(&job), INT64_MIN);
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/webcam\",\"value\":{\"slot\":5}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/webcam\",\"value\":{\"slot\":6}}");
	ck_assert_int_eq(job.sources[0].done, 6);
	ck_assert_int_eq(job_latest_slot(&job), 6);
	job_release(&job);
}
END_TEST

/* States may come before their sources; what belongs to no source is found by its key. */
START_TEST(job_states)
{
	const struct job_state *st;
	struct known k;
	struct job job;
	size_t i = 0;

	job_init(&job);
	job_feed(&job, HEAD("\"every_ms\":1000"));
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/a\",\"value\":{\"slot\":7000}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"page/a\",\"value\":{\"amount\":\"24.90\",\"currency\":\"EUR\",\"gone\":2}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/gone\",\"value\":{\"slot\":9000}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"robots/http://x\",\"value\":{\"at\":1}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"robots/http://x\",\"value\":{\"at\":2}}");
	job_feed(&job, "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/\"}");
	ck_assert_int_eq(job_read_line(&job, "{\"type\":\"end\"}", 14, NULL), JOB_ENDED);
	ck_assert_int_eq(job.sources[0].done, 7000);
	ck_assert_int_eq(job_latest_slot(&job), 9000);
	known_unpack(job.sources[0].known, &k);
	ck_assert_int_eq(k.prices.accepted.amount.coef, 2490);
	ck_assert_str_eq(k.prices.accepted.currency, "EUR");
	ck_assert_uint_eq(k.gone, 2);
	st = job_next_state(&job, "robots/", &i);
	ck_assert_ptr_eq(st, job_find_state(&job, "robots/", "http://x"));
	ck_assert_str_eq(st->value, "{\"at\":2}");
	ck_assert_ptr_null(job_next_state(&job, "robots/", &i));
	job_release(&job);
}
END_TEST

/* Sources that are read alike share their terms. */
START_TEST(job_terms_are_shared)
{
	struct job job;

	job_init(&job);
	job_feed(&job, HEAD("\"every_ms\":1000,\"min\":\"2\""));
	job_feed(&job, "{\"type\":\"source\",\"id\":\"a\",\"url\":\"http://x/a\",\"pattern\":\"(.)\",\"locale\":\"de\"}");
	job_feed(&job, "{\"type\":\"source\",\"id\":\"b\",\"url\":\"http://x/b\",\"pattern\":\"(.)\",\"locale\":\"de\"}");
	job_feed(&job, "{\"type\":\"source\",\"id\":\"c\",\"url\":\"http://x/c\",\"pattern\":\"(.)\",\"max\":\"9.50\"}");
	ck_assert_ptr_eq(job.sources[0].terms, job.sources[1].terms);
	ck_assert_ptr_ne(job.sources[0].terms, job.sources[2].terms);
	ck_assert_ptr_eq(job.sources[0].terms->pattern, job.sources[2].terms->pattern);
	ck_assert(job.sources[2].terms->plausible.has_min && job.sources[2].terms->plausible.has_max);
	ck_assert_int_eq(job.sources[2].terms->plausible.max.coef, 950);
	ck_assert_uint_eq(job.sources[2].terms->plausible.confirm, 2);
	ck_assert(job_terms_hash(job.sources[0].terms) != job_terms_hash(job.sources[2].terms));
	job_release(&job);
}
END_TEST

/* P50: what is known of a page, there and back; validators that cannot be said again are not kept. */
START_TEST(p50_known_page)
{
	static const char state[] = "{\"rule\":7,\"etag\":\"\\\"a-1\\\"\",\"last_modified\":\"Sun, 06 Nov 1994 08:49:37 GMT\","
				    "\"validated_url\":\"http://x/b\",\"availability\":\"out_of_stock\",\"amount\":\"24.990\","
				    "\"currency\":\"EUR\",\"suspect\":\"-2.49\",\"suspect_currency\":\"USD\",\"agreed\":1,\"gone\":2}";
	struct known_packed *packed = NULL;
	struct buf b = BUF_INIT(0);
	struct known k, again;
	char longer[KNOWN_ETAG_SIZE + 1];

	known_read(&k, state, sizeof(state) - 1);
	ck_assert(known_replace(&packed, &k));
	ck_assert(!known_replace(&packed, &k));
	known_unpack(packed, &again);
	known_put(&again, &b);
	ck_assert_str_eq(b.data, state);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	known_set_validators(&k, longer, NULL, NULL);
	ck_assert_str_eq(k.etag, "");
	ck_assert_int_eq(k.availability, AVAILABILITY_ABSENT);
	known_set_validators(&k, "\"a\r\nHost: x\"", "\xff", NULL);
	ck_assert_str_eq(k.etag, "");
	ck_assert_str_eq(k.last_modified, "");
	known_set_validators(&k, "\"b\"", NULL, "http://x/\x7f");
	ck_assert_str_eq(k.etag, "");
	known_set_validators(&k, "\"b\"", NULL, NULL);
	ck_assert(known_replace(&packed, &k));
	known_read(&k, "{}", 2);
	ck_assert(known_replace(&packed, &k));
	ck_assert_ptr_null(packed);
	ck_assert(!known_replace(&packed, &k));
	buf_release(&b);
}
END_TEST

/* P6, P42, P44, P50, P51: each status arises. */
static const struct {
	const char *what, *status, *reason;
	enum method method;
	enum reason_none none;
	enum availability availability;
	enum doubt doubt;
	const char *failed; /* there is no page, for this reason */
	long http_status;
	bool site_rest, gone, not_modified;
} statuses[] = {
	{ "P6: a price", "ok", NULL, .method = METHOD_JSON_LD },
	{ "P30: sold out", "unavailable", NULL, .method = METHOD_JSON_LD, .availability = AVAILABILITY_OUT_OF_STOCK },
	{ "P30: sold out without a price", "unavailable", "no-match", .none = NONE_NO_MATCH,
	    .availability = AVAILABILITY_DISCONTINUED },
	{ "P6: no price", "no_match", "no-match", .none = NONE_NO_MATCH },
	{ "P6: no product", "no_match", "not-a-product", .none = NONE_NOT_A_PRODUCT },
	{ "P2: too many digits", "no_match", "too-many-digits", .none = NONE_TOO_MANY_DIGITS },
	{ "P23: a list of products", "ambiguous", "ambiguous", .none = NONE_AMBIGUOUS },
	{ "P44: a captcha", "blocked", "blocked", .none = NONE_BLOCKED },
	{ "P44: a captcha that says sold out", "blocked", "blocked", .none = NONE_BLOCKED,
	    .availability = AVAILABILITY_OUT_OF_STOCK },
	{ "P38: a page that is too large for its reader", "too_large", "too-large", .none = NONE_TOO_LARGE },
	{ "P39: a pattern without end", "limit", "limit", .none = NONE_LIMIT },
	{ "P42: a factor of ten", "suspect", "factor-10", .method = METHOD_RULE, .doubt = DOUBT_FACTOR_10 },
	{ "P43: below min", "suspect", "below-min", .method = METHOD_RULE, .doubt = DOUBT_BELOW_MIN },
	{ "P50: not modified", "not_modified", NULL, .not_modified = true, .http_status = 304 },
	{ "P50: not modified, and still sold out", "unavailable", NULL, .not_modified = true, .http_status = 304,
	    .availability = AVAILABILITY_OUT_OF_STOCK },
	{ "P51: 429", "blocked", "http-429", .failed = "http-429", .http_status = 429, .site_rest = true },
	{ "P51: 404", "error", "http-404", .failed = "http-404", .http_status = 404 },
	{ "P51: 404 three times", "gone", "http-404", .failed = "http-404", .http_status = 404, .gone = true },
	{ "P47: robots.txt", "robots", "robots", .failed = "robots" },
	{ "P38: a body that is too large", "too_large", "too-large", .failed = "too-large", .http_status = 200 },
	{ "P6: no answer", "error", "timeout", .failed = "timeout" },
};

START_TEST(p6_status)
{
	struct fetch_result r = { .http_status = statuses[_i].http_status, .site_rest = statuses[_i].site_rest };
	struct offer offer = { .method = statuses[_i].method, .none = statuses[_i].none,
		.availability = statuses[_i].availability };
	struct observed o = { .source = "s", .fetch = &r, .reason = statuses[_i].failed, .doubt = statuses[_i].doubt,
		.gone = statuses[_i].gone, .not_modified = statuses[_i].not_modified };

	if (o.not_modified)
		o.availability = statuses[_i].availability;
	else if (o.reason == NULL)
		o.offer = &offer;
	ck_assert_msg(strcmp(observe_status(&o), statuses[_i].status) == 0, "%s: %s", statuses[_i].what, observe_status(&o));
	if (statuses[_i].reason == NULL)
		ck_assert_ptr_null(observe_reason(&o));
	else
		ck_assert_str_eq(observe_reason(&o), statuses[_i].reason);
}
END_TEST

/* P53 */
static const struct {
	const char *address;
	bool is_private;
} addresses[] = { { "127.0.0.1", true }, { "10.1.2.3", true }, { "172.16.0.1", true }, { "172.32.0.1", false },
	{ "192.168.1.1", true }, { "169.254.169.254", true }, { "100.64.0.1", true }, { "0.0.0.0", true },
	{ "224.0.0.1", true }, { "255.255.255.255", true }, { "8.8.8.8", false }, { "198.18.0.1", true },
	{ "::1", true }, { "::", true }, { "fe80::1", true }, { "fc00::1", true }, { "fd12::1", true }, { "ff02::1", true },
	{ "2001:4860:4860::8888", false }, { "::ffff:127.0.0.1", true }, { "::ffff:8.8.8.8", false },
	{ "64:ff9b::10.0.0.1", true }, { "2002:7f00:1::1", true }, { "2002:808:808::1", false } };

START_TEST(address)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	bool is_private;

	if (inet_pton(AF_INET, addresses[_i].address, &in.sin_addr) == 1) {
		is_private = address_is_private((struct sockaddr *)&in);
	} else {
		ck_assert_int_eq(inet_pton(AF_INET6, addresses[_i].address, &in6.sin6_addr), 1);
		is_private = address_is_private((struct sockaddr *)&in6);
	}
	ck_assert_msg(is_private == addresses[_i].is_private, "%s", addresses[_i].address);
}
END_TEST

static const struct {
	const char *url, *host;
} hosts[] = { { "http://Shop.Example/p?x#y", "shop.example" }, { "https://shop.example:443/", "shop.example" },
	{ "http://shop.example:8080/", "shop.example:8080" }, { "http://[::1]:80/", "[::1]" }, { "ftp://x/", NULL },
	{ "file:///etc/passwd", NULL }, { "", NULL }, { "http://", NULL }, { "nonsense", NULL } };

START_TEST(host_of_url)
{
	char *host = fetch_host(hosts[_i].url);

	if (hosts[_i].host == NULL)
		ck_assert_ptr_null(host);
	else
		ck_assert_str_eq(host, hosts[_i].host);
	free(host);
}
END_TEST

/* One line, valid JSON, whatever the page put into it. */
START_TEST(observation_line)
{
	static const char html[] = "<title>\"a\\\xff\x01\x7f</title><meta property=og:price:amount content=7.5>"
				   "<meta property=og:price:currency content=GBP>";
	struct fetch_result r = { .http_status = 200, .len = 5, .duration_ms = 12 };
	struct buf b = BUF_INIT(0);
	struct json_field f[] = { { .name = "amount" }, { .name = "status" }, { .name = "slot" }, { .name = "reason" },
		{ .name = "currency" }, { .name = "time" } };
	struct offer o;

	extract_page(&(struct page){ .body = html, .len = sizeof(html) - 1 }, NULL, &o);
	observe_put(&b, &(struct observed){ .source = "s", .url = "http://x/", .slot = T0, .time_ms = T0 + 123, .offer = &o,
			    .fetch = &r });
	ck_assert_int_eq(b.data[b.len - 1], '\n');
	ck_assert_ptr_eq(memchr(b.data, '\n', b.len), b.data + b.len - 1);
	ck_assert_int_eq(json_scan(b.data, b.len - 1, f, 6), 0);
	ck_assert(json_field_is(&f[0], "7.50")); /* P4 */
	ck_assert(json_field_is(&f[1], "ok"));
	ck_assert(f[2].kind == JSON_NUMBER);
	ck_assert(f[3].kind == JSON_ABSENT);
	ck_assert(json_field_is(&f[4], "GBP"));
	ck_assert(json_field_is(&f[5], "2024-11-22T12:20:00.123Z"));
	buf_clear(&b);
	observe_put(&b, &(struct observed){ .source = "s", .url = "http://x/", .slot = INT64_MIN, .reason = "timeout" });
	ck_assert_int_eq(json_scan(b.data, b.len - 1, f, 6), 0);
	ck_assert(f[0].kind == JSON_ABSENT); /* P1 */
	ck_assert(json_field_is(&f[1], "error"));
	ck_assert(f[2].kind == JSON_ABSENT);
	ck_assert(json_field_is(&f[3], "timeout"));
	buf_clear(&b);
	observe_put_state(&b, "done/", "a\"b", "{\"slot\":5}");
	ck_assert_str_eq(b.data, "{\"type\":\"state\",\"key\":\"done/a\\\"b\",\"value\":{\"slot\":5}}\n");
	buf_release(&b);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scrape");
	TCase *t = tcase_create("parts");

	tcase_add_test(t, heap_sorts);
	tcase_add_test(t, grid_slots);
	tcase_add_test(t, grid_clock);
	tcase_add_test(t, p52_first_round_is_spread);
	tcase_add_test(t, p52_what_is_late_is_spread);
	tcase_add_test(t, p49_gap_follows_the_answer);
	tcase_add_test(t, p49_concurrency);
	tcase_add_test(t, p48_crawl_delay);
	tcase_add_test(t, p49_hosts_are_apart);
	tcase_add_test(t, late_slots_are_left);
	tcase_add_test(t, done_slots_stay_done);
	tcase_add_test(t, p52_gap_survives);
	tcase_add_test(t, p52_gap_is_said_before_the_request);
	tcase_add_test(t, p47_forbidden_pages_keep_no_gap);
	tcase_add_test(t, p52_tries_survive);
	tcase_add_test(t, p51_retries);
	tcase_add_test(t, p51_no_retry_beyond_the_slot);
	tcase_add_test(t, p51_hosts_rest);
	tcase_add_test(t, p51_the_slot_is_tried_after_the_rest);
	tcase_add_test(t, p51_backoff_of_a_host);
	tcase_add_test(t, p53_redirect_keeps_the_manners);
	tcase_add_test(t, p53_claims_end_with_the_turn);
	tcase_add_test(t, p53_foreign_hosts_are_forgotten);
	tcase_add_test(t, bad_url_has_slots);
	tcase_add_test(t, job_is_read);
	tcase_add_test(t, job_states);
	tcase_add_test(t, job_terms_are_shared);
	tcase_add_test(t, p50_known_page);
	tcase_add_loop_test(t, p6_status, 0, sizeof(statuses) / sizeof(statuses[0]));
	tcase_add_test(t, observation_line);
	tcase_add_loop_test(t, job_line, 0, sizeof(job_lines) / sizeof(job_lines[0]));
	tcase_add_loop_test(t, address, 0, sizeof(addresses) / sizeof(addresses[0]));
	tcase_add_loop_test(t, host_of_url, 0, sizeof(hosts) / sizeof(hosts[0]));
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
