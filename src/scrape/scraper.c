#include "config.h"

#include "scrape/scraper.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "price/extract.h"
#include "price/extract_rule.h"
#include "scrape/confine.h"
#include "scrape/fetch.h"
#include "scrape/job.h"
#include "scrape/observe.h"
#include "scrape/output.h"
#include "scrape/schedule.h"

#define LEAVE_GRACE_MS 3000 /* for the fetches in flight, once standard input has ended */
#define FLIGHTS 256 /* fetches at a time, for which there is memory */
#define LEAVE_FLUSH_MS 1000 /* for a reader that is slow, at the very end */

/* What the schedule's work needs beyond its times. */
struct task {
	struct scraper *scraper;
	struct work *work;
	struct rule *rule; /* borrowed from `rules`; NULL: none */
	bool bad_rule;
	struct fetch *fetch; /* in flight; NULL: not */
};

struct scraper {
	const struct scrape_options *options;
	struct event_base *base;
	struct event *on_term, *on_int, *on_stdin, *on_time, *on_grace;
	int timer_fd;
	struct buf in;
	struct buf lines; /* of one slot, before they go out together */
	struct output out;
	struct job job;
	struct schedule schedule;
	bool scheduled; /* the job is complete and begun */
	bool leaving;
	struct grid_clock clock;
	struct confine confine;
	struct fetcher *fetcher;
	struct matcher *matcher;
	struct strmap rules; /* compiled, by pattern */
	struct task *tasks;
	size_t in_flight;
	int64_t fetches;
	int exit_code;
};

static int64_t
grid_now(const struct scraper *s)
{
	return grid_clock_ms(&s->clock, mono_now().us);
}

static void
leave(struct scraper *s, int code)
{
	s->leaving = true;
	s->exit_code = code;
	event_base_loopbreak(s->base);
}

/* The state that keeps us polite after a crash (P52): next, and when that was said. */
static void
put_gap_state(struct scraper *s, const struct host *h, int64_t now)
{
	char value[128];

	if (s->job.gap_ms == 0 && h->strikes == 0)
		return;
	snprintf(value, sizeof(value), "{\"next\":%" PRId64 ",\"at\":%" PRId64 ",\"strikes\":%" PRIu32 "}", h->next,
	    now, h->strikes);
	observe_put_state(&s->lines, "gap/", h->name, value);
}

/* The drill: die as the original did. What was fetched is reported first. */
static void
die_as_drilled(struct scraper *s)
{
	int64_t after = s->options->die_after != 0 ? s->options->die_after : s->job.die_after;

	if (after == 0 || s->fetches < after)
		return;
	output_flush(&s->out, LEAVE_FLUSH_MS);
	fprintf(stderr, "CPU is about to die\n");
	_exit(EXITCODE_FAILED);
}

static void
put_slot(struct scraper *s, const struct task *task, const struct fetch_result *r, const char *reason,
    const struct offer *offer)
{
	const struct job_source *src = task->work->source;
	struct observed o = { .source = src->id,
		.product = src->product,
		.url = src->url,
		.slot = task->work->slot,
		.time_ms = wall_ms(),
		.offer = offer,
		.reason = reason,
		.fetch = r };
	char value[64];

	observe_put(&s->lines, &o);
	snprintf(value, sizeof(value), "{\"slot\":%" PRId64 "}", task->work->slot);
	observe_put_state(&s->lines, "done/", src->id, value);
}

static void
flush_lines(struct scraper *s)
{
	if (confine_news(&s->confine))
		confine_put_state(&s->confine, &s->lines);
	if (s->lines.len > 0)
		output_put(&s->out, s->lines.data, s->lines.len);
	buf_clear(&s->lines);
}

static void
read_page(const struct task *task, const struct fetch_result *r, struct offer *offer)
{
	const struct job_source *src = task->work->source;
	char today[WALL_TEXT_SIZE];
	struct page page = { .body = r->body,
		.len = r->len,
		.content_type = r->content_type,
		.url = r->final_url != NULL ? r->final_url : src->url,
		.today = wall_text(wall_ms(), today),
		.currency = src->currency,
		.locale = src->locale };

	extract_page(&page, task->rule, offer);
}

static void pump(struct scraper *s);

static void
fetched_cb(const struct fetch_result *r, void *arg)
{
	struct task *task = arg;
	struct scraper *s = task->scraper;
	struct answer answer = { .failed = r->reason != NULL,
		.passing = r->passing && !s->leaving,
		.busy_host = r->site_rest,
		.retry_after_s = r->retry_after_s };
	int64_t now = grid_now(s);
	struct offer offer;

	task->fetch = NULL;
	s->in_flight--;
	s->fetches++;
	if (schedule_answered(&s->schedule, task->work, &answer, now)) {
		if (r->reason == NULL)
			read_page(task, r, &offer);
		put_slot(s, task, r, r->reason, r->reason == NULL ? &offer : NULL);
	}
	if (r->reason != NULL)
		log_info("source %s: %s: %s", task->work->source->id, r->reason, r->detail);
	put_gap_state(s, task->work->host, now);
	flush_lines(s);
	die_as_drilled(s);
	if (s->leaving && s->in_flight == 0)
		leave(s, s->exit_code);
	else
		pump(s);
}

/* What cannot be fetched is reported once a slot like everything else. */
static void
report_unfetchable(struct scraper *s, struct task *task, const char *reason)
{
	struct answer answer = { .failed = true };

	schedule_answered(&s->schedule, task->work, &answer, grid_now(s));
	put_slot(s, task, NULL, reason, NULL);
	flush_lines(s);
}

static void
arm_timer(struct scraper *s)
{
	int64_t wake = schedule_wake(&s->schedule), us;
	struct itimerspec its = { .it_value = { 0, 0 } };

	if (wake != SCHEDULE_NEVER) {
		us = grid_clock_boot_us(&s->clock, wake);
		us = us > 0 ? us : 1; /* zero would disarm it */
		its.it_value.tv_sec = (time_t)(us / US_PER_S);
		its.it_value.tv_nsec = (long)(us % US_PER_S) * 1000;
	}
	if (timerfd_settime(s->timer_fd, TFD_TIMER_ABSTIME, &its, NULL) == -1)
		fatal("timerfd_settime");
}

/* Start all that is due; nothing while the reader of our output is behind. */
static void
pump(struct scraper *s)
{
	struct work *w;

	if (!s->scheduled || s->leaving)
		return;
	while (!output_is_full(&s->out) && (w = schedule_take(&s->schedule, grid_now(s))) != NULL) {
		struct task *task = w->user;

		if (task->bad_rule || w->host == NULL) {
			report_unfetchable(s, task, task->bad_rule ? "bad-rule" : "bad-url");
			continue;
		}
		task->fetch = fetch_start(s->fetcher,
		    &(struct fetch_request){ .url = w->source->url, .done = fetched_cb, .arg = task });
		s->in_flight++;
	}
	if (!output_is_full(&s->out))
		arm_timer(s);
}

static void
time_cb(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;

	(void)what;
	while (read(fd, &count, sizeof(count)) == -1 && errno == EINTR)
		;
	pump(arg);
}

static void
output_changed_cb(void *arg)
{
	struct scraper *s = arg;

	if (s->out.error != 0)
		leave(s, EXITCODE_FAILED);
	else
		pump(s);
}

static struct rule *
find_rule(struct scraper *s, struct task *task, const char *pattern)
{
	struct err err = ERR_INIT;
	struct rule *rule;

	if (pattern == NULL)
		return NULL;
	rule = strmap_find(&s->rules, pattern);
	if (rule != NULL)
		return rule;
	rule = rule_compile(s->matcher, pattern, &err);
	if (rule != NULL) {
		strmap_put(&s->rules, pattern, rule);
	} else {
		log_warnx("source %s: pattern: %s", task->work->source->id, err.msg);
		task->bad_rule = true;
	}
	return rule;
}

/* The job is complete: take the time of the grid, once, and begin. */
static void
begin_job(struct scraper *s)
{
	const struct scrape_options *o = s->options;
	struct fetch_options fo = { .user_agent = scrape_user_agent(),
		.timeout_ms = s->job.timeout_ms,
		.max_body = s->job.max_body,
		.allow_private = s->job.allow_private || o->allow_private };
	struct err err = ERR_INIT;
	size_t i;

	if (o->user_agent != NULL || s->job.user_agent != NULL)
		fo.user_agent = o->user_agent != NULL ? o->user_agent : s->job.user_agent;
	fo.timeout_ms = o->timeout_ms != 0 ? o->timeout_ms : fo.timeout_ms;
	fo.max_body = o->max_body != 0 ? o->max_body : fo.max_body;
	s->fetcher = fetcher_new(s->base, &fo, &err);
	if (s->fetcher == NULL)
		fatalx("%s", err.msg);
	confine_enter(&s->confine,
	    &(struct confine_options){ .off = o->no_sandbox || s->job.no_sandbox,
		.max_body = fo.max_body,
		.concurrency = s->job.n_sources < FLIGHTS ? (unsigned)s->job.n_sources : FLIGHTS,
		.sources = s->job.n_sources });
	flush_lines(s);
	grid_clock_start(&s->clock, wall_ms(), mono_now().us, job_latest_slot(&s->job));
	schedule_init(&s->schedule, &s->job, grid_now(s));
	s->tasks = xcalloc(s->job.n_sources + 1, sizeof(*s->tasks));
	for (i = 0; i < s->job.n_sources; i++) {
		struct task *task = &s->tasks[i];

		task->scraper = s;
		task->work = &s->schedule.works[i];
		task->work->user = task;
		task->rule = find_rule(s, task, s->job.sources[i].pattern);
	}
	s->scheduled = true;
	pump(s);
}

static void
grace_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	leave(arg, EXITCODE_OK);
}

/* Standard input has ended: finish up and leave. */
static void
input_ended(struct scraper *s)
{
	struct timeval tv = { LEAVE_GRACE_MS / 1000, LEAVE_GRACE_MS % 1000 * 1000 };

	if (!s->scheduled)
		log_warnx("the job has ended before its end line");
	s->leaving = true;
	event_del(s->on_stdin);
	if (s->in_flight == 0)
		leave(s, s->scheduled || !s->job.begun ? EXITCODE_OK : EXITCODE_FAILED);
	else
		evtimer_add(s->on_grace, &tv);
}

static void
read_job_line(struct scraper *s, const char *line, size_t len)
{
	struct err err = ERR_INIT;

	if (s->scheduled || len == 0)
		return; /* behind the end: for later versions */
	switch (job_read_line(&s->job, line, len, &err)) {
	case JOB_MORE:
		break;
	case JOB_ENDED:
		begin_job(s);
		break;
	case JOB_BAD:
		log_warnx("job: %s", err.msg);
		/* One bad source does not stop the others; without its head a job is none. */
		if (!s->job.begun)
			leave(s, EXITCODE_USAGE);
		break;
	}
}

static void
read_job_lines(struct scraper *s)
{
	char *start = s->in.data, *end;
	size_t left = s->in.len;

	while (!s->leaving && (end = memchr(start, '\n', left)) != NULL) {
		*end = '\0';
		read_job_line(s, start, (size_t)(end - start));
		left -= (size_t)(end - start) + 1;
		start = end + 1;
	}
	buf_drop(&s->in, s->in.len - left);
	if (s->in.len > JOB_LINE_MAX) {
		log_warnx("job: a line of more than %u bytes", JOB_LINE_MAX);
		leave(s, EXITCODE_USAGE);
	}
}

static void
stdin_cb(evutil_socket_t fd, short what, void *arg)
{
	struct scraper *s = arg;
	char *room = buf_room(&s->in, 65536);
	ssize_t n;

	(void)what;
	if (room == NULL)
		fatalx("out of memory");
	n = read(fd, room, 65536);
	if (n == -1 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		input_ended(s);
		return;
	}
	s->in.len += (size_t)n;
	read_job_lines(s);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	leave(arg, EXITCODE_OK);
}

static struct event *
watch(struct scraper *s, int fd, short what, event_callback_fn cb)
{
	struct event *event = event_new(s->base, fd, what, cb, s);

	if (event == NULL || (what != EV_TIMEOUT && event_add(event, NULL) == -1 && fd != STDIN_FILENO))
		fatalx("libevent: cannot watch descriptor or signal %d", fd);
	return event;
}

/* It warns, on standard error, of a file as standard input, which we do without it. */
static void
libevent_log(int severity, const char *text)
{
	if (severity == EVENT_LOG_ERR)
		log_error("libevent: %s", text);
	else
		log_debug("libevent: %s", text);
}

static void
scraper_init(struct scraper *s, const struct scrape_options *options)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	*s = (struct scraper){ .options = options, .confine = CONFINE_INIT, .in = BUF_INIT(0), .lines = BUF_INIT(0) };
	job_init(&s->job);
	sigaction(SIGPIPE, &ignore, NULL);
	event_set_log_callback(libevent_log);
	s->matcher = matcher_new();
	s->base = event_base_new();
	s->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->base == NULL || s->timer_fd == -1)
		fatal("cannot make an event loop");
	output_init(&s->out, s->base, STDOUT_FILENO, output_changed_cb, s);
	s->on_term = watch(s, SIGTERM, EV_SIGNAL | EV_PERSIST, signal_cb);
	s->on_int = watch(s, SIGINT, EV_SIGNAL | EV_PERSIST, signal_cb);
	s->on_time = watch(s, s->timer_fd, EV_READ | EV_PERSIST, time_cb);
	s->on_grace = watch(s, -1, EV_TIMEOUT, grace_cb);
	s->on_stdin = watch(s, STDIN_FILENO, EV_READ | EV_PERSIST, stdin_cb);
}

static void
scraper_release(struct scraper *s)
{
	const char *pattern;
	void *rule;
	size_t i = 0;

	fetcher_free(s->fetcher);
	while (strmap_next(&s->rules, &i, &pattern, &rule))
		rule_free(rule);
	strmap_release(&s->rules);
	matcher_free(s->matcher);
	if (s->scheduled)
		schedule_release(&s->schedule);
	free(s->tasks);
	job_release(&s->job);
	output_release(&s->out);
	buf_release(&s->in);
	buf_release(&s->lines);
	event_free(s->on_term);
	event_free(s->on_int);
	event_free(s->on_time);
	event_free(s->on_grace);
	event_free(s->on_stdin);
	close(s->timer_fd);
	event_base_free(s->base);
}

int
scraper_run(const struct scrape_options *options)
{
	struct scraper s;
	int code;

	scraper_init(&s, options);
	/* A file as standard input never waits; epoll does not take it. */
	while (!s.leaving && !event_pending(s.on_stdin, EV_READ, NULL))
		stdin_cb(STDIN_FILENO, EV_READ, &s);
	if (!s.leaving || s.in_flight > 0)
		event_base_dispatch(s.base);
	output_flush(&s.out, LEAVE_FLUSH_MS);
	if (s.out.error != 0 && s.out.error != EPIPE) {
		errno = s.out.error;
		log_warn("standard output");
	}
	code = s.out.error != 0 ? EXITCODE_FAILED : s.exit_code;
	scraper_release(&s);
	return code;
}
