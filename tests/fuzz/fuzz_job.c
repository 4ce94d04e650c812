/*
 * A job as a scraper reads it, and the schedule that comes of it: whatever the
 * lines say, no slot is taken twice and time only goes forward.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "scrape/job.h"
#include "scrape/schedule.h"

#define T0 INT64_C(1732278000000)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
run_schedule(const struct job *job)
{
	const struct answer answers[] = { { .failed = false }, { .failed = true, .passing = true },
		{ .failed = true, .busy_host = true }, { .failed = true, .busy_host = true, .retry_after_s = 86400 } };
	int64_t now = job_latest_slot(job) > T0 ? job_latest_slot(job) : T0, wake, done;
	struct schedule s;
	struct work *w;
	int i;

	schedule_init(&s, job, now);
	for (i = 0; i < 100; i++) {
		w = schedule_take(&s, now);
		if (w != NULL) {
			done = w->done;
			if (w->slot <= done || w->slot > now)
				abort();
			schedule_answered(&s, w, &answers[i % 4], now);
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
	if (job.begun)
		run_schedule(&job);
	job_release(&job);
	return 0;
}
