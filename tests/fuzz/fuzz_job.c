/*
 * A job as a scraper reads it, and the schedule that comes of it: whatever the
 * lines say, no slot is taken twice and time only goes forward.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "scrape/job.h"
#include "scrape/known.h"
#include "scrape/schedule.h"

#define T0 INT64_C(1732278000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run_schedule(const struct job *job)
{
	struct answer answers[] = { { .failed = false }, { .failed = true, .passing = true },
		{ .failed = true, .busy_host = true }, { .failed = true, .busy_host = true, .retry_after_s = 86400 } };
	int64_t now = job_latest_slot(job) > T0 ? job_latest_slot(job) : T0, wake, began = INT64_MIN;
	struct schedule s;
	struct turn turn;
	int i;

	schedule_init(&s, job, now);
	for (i = 0; i < 100; i++) {
		if (schedule_take(&s, now, &turn)) {
			if (turn.work->slot <= turn.work->done || turn.work->slot > now || now < began)
				abort();
			began = now;
			answers[i % 4].host = turn.site != NULL ? turn.site->name : NULL;
			if (i % 3 == 1 && schedule_hop(&s, &turn, "elsewhere.test", now) == 0)
				answers[i % 4].host = "elsewhere.test";
			schedule_crawl_delay(&s, "elsewhere.test", i * 100);
			schedule_answered(&s, &turn, &answers[i % 4], now);
			continue;
		}
		wake = schedule_wake(&s);
		if (wake == SCHEDULE_NEVER)
			break;
		if (wake <= now)
			abort(); /* it would spin */
		now = wake;
	}
	schedule_release(&s);
}

/* What is known of each page says the same after it was printed and read again. */
static void
check_known(const struct job *job)
{
	struct buf a = BUF_INIT(0), b = BUF_INIT(0);
	struct known k;
	size_t i;

	for (i = 0; i < job->n_sources; i++) {
		known_unpack(job->sources[i].known, &k);
		known_put(&k, &a);
		known_read(&k, a.data, a.len);
		known_put(&k, &b);
		if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
			abort();
		buf_clear(&a);
		buf_clear(&b);
	}
	buf_release(&a);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *p = (const char *)data, *end = p + size;
	enum job_result r = JOB_MORE;
	struct job job;

	job_init(&job);
	while (p < end && r != JOB_ENDED) {
		const char *e = memchr(p, '\n', (size_t)(end - p));
		size_t n = e != NULL ? (size_t)(e - p) : (size_t)(end - p);
		char *line = xstrndup(p, n);

		r = job_read_line(&job, line, strlen(line), NULL);
		free(line);
		p += n + (e != NULL);
	}
	check_known(&job);
	if (job.begun)
		run_schedule(&job);
	job_release(&job);
	return 0;
}
