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
#include "scrape/observe.h"
#include "scrape/schedule.h"
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

#define HEAD(rest) "{\"type\":\"job\",\"version\":1," rest "}"

/* A fresh start: the first round at once, a gap apart; then each on its grid. */
START_TEST(first_round_is_spread)
{
	const struct answer good = { .failed = false };
	struct schedule s;
	struct work *w;
	struct job job;
	int64_t now = T0;
	size_t i;

	job_make(&job, HEAD("\"every_ms\":60000,\"gap_ms\":2000"), 5, true);
	schedule_init(&s, &job, now);
	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(now, T0 + (int64_t)i * 2000);
		w = schedule_take(&s, now);
		ck_assert_ptr_nonnull(w);
		ck_assert_str_eq(w->source->id, job.sources[i].id);
		ck_assert_int_eq(w->slot, T0);
		ck_assert_ptr_null(schedule_take(&s, now)); /* one request at a time */
		ck_assert(schedule_answered(&s, w, &good, now));
		now = schedule_wake(&s);
	}
	ck_assert_int_ge(now, T0 + 60000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P49: the gap is measured from the end of the answer. */
START_TEST(gap_follows_the_answer)
{
	const struct answer good = { .failed = false };
	struct schedule s;
	struct work *w;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":300"), 2, true);
	schedule_init(&s, &job, T0);
	w = schedule_take(&s, T0);
	ck_assert_int_eq(schedule_wake(&s), T0 + 300);
	ck_assert_ptr_null(schedule_take(&s, T0 + 300)); /* it waits for the answer */
	ck_assert_int_gt(schedule_wake(&s), T0 + 300);
	schedule_answered(&s, w, &good, T0 + 700);
	ck_assert_ptr_null(schedule_take(&s, T0 + 999));
	ck_assert_int_eq(schedule_wake(&s), T0 + 1000);
	ck_assert_ptr_nonnull(schedule_take(&s, T0 + 1000));
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* Other hosts do not wait. */
START_TEST(hosts_are_apart)
{
	struct schedule s;
	struct job job;
	size_t i;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":0"), 3, false);
	schedule_init(&s, &job, T0);
	for (i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(schedule_take(&s, T0));
	ck_assert_ptr_null(schedule_take(&s, T0));
	ck_assert_int_eq(schedule_wake(&s), SCHEDULE_NEVER);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* Late slots are not caught up: only the newest is fetched. */
START_TEST(late_slots_are_left)
{
	const struct answer good = { .failed = false };
	struct schedule s;
	struct work *w;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":0"), 1, true);
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/s0\",\"value\":{\"slot\":1732277000000}}");
	schedule_init(&s, &job, T0 + 500);
	w = schedule_take(&s, T0 + 500);
	ck_assert_int_eq(w->slot, T0);
	schedule_answered(&s, w, &good, T0 + 7600);
	w = schedule_take(&s, T0 + 7600);
	ck_assert_int_eq(w->slot, T0 + 7000);
	schedule_answered(&s, w, &good, T0 + 7700);
	ck_assert_ptr_null(schedule_take(&s, T0 + 7700));
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
	struct work *w;
	struct job job;
	int64_t wall, now;

	for (wall = T0 - 5000000; wall <= T0 + 900; wall += 1250225) {
		job_make(&job, HEAD("\"every_ms\":1000,\"jitter_permille\":900,\"gap_ms\":0"), 1, true);
		job_feed(&job, "{\"type\":\"state\",\"key\":\"done/s0\",\"value\":{\"slot\":1732277999000}}");
		job_feed(&job, "{\"type\":\"state\",\"key\":\"done/s0\",\"value\":{\"slot\":1732278000000}}");
		grid_clock_start(&c, wall, 0, job_latest_slot(&job));
		now = grid_clock_ms(&c, 0);
		schedule_init(&s, &job, now);
		ck_assert_ptr_null(schedule_take(&s, now));
		ck_assert_int_ge(schedule_wake(&s), T0 + 1000);
		ck_assert_int_lt(schedule_wake(&s), T0 + 2000);
		w = schedule_take(&s, schedule_wake(&s));
		ck_assert_ptr_nonnull(w);
		ck_assert_int_eq(w->slot, T0 + 1000);
		schedule_release(&s);
		job_release(&job);
	}
}
END_TEST

/* The gap that a predecessor owed is kept; a clock that went back does not stretch it. */
START_TEST(gap_survives)
{
	struct schedule s;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":2000"), 1, true);
	job_feed(&job, "{\"type\":\"state\",\"key\":\"gap/h0.test\",\"value\":{\"next\":1732278002000,\"at\":1732278000000}}");
	schedule_init(&s, &job, T0 + 500);
	ck_assert_ptr_null(schedule_take(&s, T0 + 500));
	ck_assert_int_eq(schedule_wake(&s), T0 + 2000);
	ck_assert_ptr_nonnull(schedule_take(&s, T0 + 2000));
	schedule_release(&s);
	schedule_init(&s, &job, T0 - 86400000);
	ck_assert_ptr_null(schedule_take(&s, T0 - 86400000));
	ck_assert_int_eq(schedule_wake(&s), T0 - 86400000 + 2000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P51: what may pass is tried three times in a slot; only the last one is reported. */
START_TEST(retries)
{
	const struct answer lost = { .failed = true, .passing = true };
	struct schedule s;
	struct work *w;
	struct job job;
	int64_t now = T0;
	int i;

	job_make(&job, HEAD("\"every_ms\":600000,\"gap_ms\":100"), 1, true);
	schedule_init(&s, &job, now);
	for (i = 1; i <= 3; i++) {
		w = schedule_take(&s, now);
		ck_assert_ptr_nonnull(w);
		ck_assert_int_eq(w->slot, T0);
		ck_assert_int_eq(schedule_answered(&s, w, &lost, now), i == 3);
		now = schedule_wake(&s);
	}
	ck_assert_int_ge(now, T0 + 600000);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

START_TEST(no_retry_beyond_the_slot)
{
	const struct answer lost = { .failed = true, .passing = true }, gone = { .failed = true };
	struct schedule s;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":10,\"gap_ms\":20"), 1, true);
	schedule_init(&s, &job, T0);
	ck_assert(schedule_answered(&s, schedule_take(&s, T0), &lost, T0));
	schedule_release(&s);
	job_release(&job);
	job_make(&job, HEAD("\"every_ms\":600000"), 1, true);
	schedule_init(&s, &job, T0);
	ck_assert(schedule_answered(&s, schedule_take(&s, T0), &gone, T0)); /* a 404 */
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* P51: 429 and 503 rest the whole host, as long as it says, or longer each time. */
START_TEST(hosts_rest)
{
	const struct answer busy = { .failed = true, .passing = true, .busy_host = true, .retry_after_s = 120 };
	const struct answer vague = { .failed = true, .passing = true, .busy_host = true }, good = { .failed = false };
	struct schedule s;
	struct work *w;
	struct job job;

	job_make(&job, HEAD("\"every_ms\":1000,\"gap_ms\":0"), 2, true);
	schedule_init(&s, &job, T0);
	w = schedule_take(&s, T0);
	ck_assert(schedule_answered(&s, w, &busy, T0));
	ck_assert_uint_eq(w->host->strikes, 1);
	/* The other source waits too; the slots meanwhile are left. */
	ck_assert_ptr_null(schedule_take(&s, T0 + 119999));
	ck_assert_int_eq(schedule_wake(&s), T0 + 120000);
	w = schedule_take(&s, T0 + 120000);
	ck_assert_int_eq(w->slot, T0 + 120000);
	schedule_answered(&s, w, &vague, T0 + 120000);
	ck_assert_int_gt(w->host->next, T0 + 120000);
	ck_assert_int_le(w->host->next, T0 + 120000 + 120000); /* at most 60 s doubled once */
	ck_assert_uint_eq(w->host->strikes, 2);
	w = schedule_take(&s, w->host->next);
	schedule_answered(&s, w, &good, w->host->next);
	ck_assert_uint_eq(w->host->strikes, 0);
	schedule_release(&s);
	job_release(&job);
}
END_TEST

/* A source whose URL leads nowhere has its turns, once a slot. */
START_TEST(bad_url_has_slots)
{
	const struct answer bad = { .failed = true };
	struct schedule s;
	struct work *w;
	struct job job;

	job_init(&job);
	job_feed(&job, HEAD("\"every_ms\":1000"));
	job_feed(&job, "{\"type\":\"source\",\"id\":\"x\",\"url\":\"file:///etc/passwd\"}");
	schedule_init(&s, &job, T0);
	w = schedule_take(&s, T0);
	ck_assert_ptr_nonnull(w);
	ck_assert_ptr_null(w->host);
	ck_assert(schedule_answered(&s, w, &bad, T0));
	ck_assert_ptr_null(schedule_take(&s, T0));
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
	{ "{\"type\":\"source\",\"id\":\"a\\u0000b\",\"url\":\"http://x/\"}", JOB_BAD },
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
	ck_assert_int_eq(job.every_ms, 300000);
	ck_assert_uint_eq(job.jitter_permille, 100);
	ck_assert_int_eq(job.gap_ms, 2000);
	ck_assert_uint_eq(job.max_body, 8388608);
	ck_assert(job.allow_private);
	ck_assert_int_eq(job.die_after, 3);
	ck_assert_ptr_null(job.user_agent);
	ck_assert_str_eq(job.sources[0].currency, "GBP");
	ck_assert_int_eq(job_latest_slot(&job), INT64_MIN);
	ck_assert_ptr_null(job_find_state(&job, "done/", "webcam"));
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/webcam\",\"value\":{\"slot\":5}}");
	job_feed(&job, "{\"type\":\"state\",\"key\":\"done/webcam\",\"value\":{\"slot\":6}}");
	ck_assert_int_eq(job_find_state(&job, "done/", "webcam")->slot, 6);
	job_release(&job);
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
	tcase_add_test(t, first_round_is_spread);
	tcase_add_test(t, gap_follows_the_answer);
	tcase_add_test(t, hosts_are_apart);
	tcase_add_test(t, late_slots_are_left);
	tcase_add_test(t, done_slots_stay_done);
	tcase_add_test(t, gap_survives);
	tcase_add_test(t, retries);
	tcase_add_test(t, no_retry_beyond_the_slot);
	tcase_add_test(t, hosts_rest);
	tcase_add_test(t, bad_url_has_slots);
	tcase_add_test(t, job_is_read);
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
