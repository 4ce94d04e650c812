#include "config.h"

#include "scrape/scraper.h"

#include <errno.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "scrape/observe.h"
#include "scrape/scraper_private.h"

#define FIRST_FLUSH_MS 100 /* for what has to be out before a page is read */
#define LEAVE_FLUSH_MS 1000 /* for a reader that is slow, at the very end */
#define CONNECTIONS_MAX 1024u
#define DESCRIPTORS_SPARE 64u /* for all but connections */

int64_t
scraper_now(const struct scraper *s)
{
	return grid_clock_ms(&s->clock, mono_now().us);
}

void
scraper_leave(struct scraper *s, int code)
{
	s->leaving = true;
	s->exit_code = code;
	event_base_loopbreak(s->base);
}

static struct task *
task_take(struct scraper *s)
{
	struct task *task = s->free_tasks;

	if (task == NULL) {
		task = xmalloc(sizeof(*task));
		task->next = s->tasks;
		s->tasks = task;
	} else {
		s->free_tasks = task->next_free;
	}
	*task = (struct task){ .scraper = s, .next = task->next };
	return task;
}

static void
task_give_back(struct task *task)
{
	task->next_free = task->scraper->free_tasks;
	task->scraper->free_tasks = task;
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

/* P49, P53: before each request, of which a turn may need several. */
static int64_t
host_hop_cb(const char *host, void *arg)
{
	struct task *task = arg;
	struct scraper *s = task->scraper;
	struct site *before = task->turn.site;
	bool asked = task->turn.asked;
	int64_t now = scraper_now(s);
	int64_t wait = schedule_hop(&s->schedule, &task->turn, host, now);

	if (before != NULL && task->turn.site != before) {
		answer_put_gap(s, before, now);
		event_active(s->on_time, EV_READ, 1); /* there may be more to do there */
	}
	/* Said before it is asked: a successor keeps the gap from here, should we die meanwhile (P52). */
	if (wait == 0 && (task->turn.site != before || !asked))
		answer_put_gap(s, task->turn.site, now);
	answer_flush(s);
	return wait;
}

/* P47: a robots.txt was a request of its own. */
static void
robots_over_cb(const char *host, void *arg)
{
	struct task *task = arg;
	struct scraper *s = task->scraper;

	schedule_over(&s->schedule, &task->turn, scraper_now(s));
	schedule_crawl_delay(&s->schedule, host, fetch_crawl_delay(s->fetcher, host));
	event_active(s->on_time, EV_READ, 1); /* there may be more to do there */
}

/* What a successor need not ask again. */
static void
robots_state_cb(const char *origin, const char *value, void *arg)
{
	struct scraper *s = arg;

	observe_put_state(&s->lines, "robots/", origin, value);
	answer_flush(s);
}

static void
fetched_cb(const struct fetch_result *r, void *arg)
{
	struct task *task = arg;
	struct scraper *s = task->scraper;
	struct turn turn = task->turn;
	struct site *site;
	struct answer answer = { .failed = r->reason != NULL,
		.passing = (r->passing || r->http_status == 429) && !s->leaving,
		.busy_host = r->site_rest,
		.retry_after_s = r->retry_after_s,
		.host = r->host };
	int64_t now = scraper_now(s);

	if (r->host != NULL)
		schedule_crawl_delay(&s->schedule, r->host, r->crawl_delay_ms);
	task_give_back(task);
	s->in_flight--;
	s->fetches++;
	if (schedule_answered(&s->schedule, &turn, &answer, now))
		answer_report(s, turn.work, r, r->reason);
	else
		answer_put_try(s, turn.work);
	if (r->reason != NULL)
		log_info("source %s: %s: %s", turn.work->source->id, r->reason, r->detail);
	site = r->host != NULL ? schedule_site(&s->schedule, r->host) : turn.work->site;
	if (site != NULL)
		answer_put_gap(s, site, now);
	answer_flush(s);
	die_as_drilled(s);
	if (s->leaving && s->in_flight == 0)
		scraper_leave(s, s->exit_code);
	else
		scraper_pump(s);
}

/* What cannot be fetched is reported once a slot like everything else. */
static void
report_unfetchable(struct scraper *s, struct turn *turn, const char *reason)
{
	struct answer answer = { .failed = true };

	schedule_answered(&s->schedule, turn, &answer, scraper_now(s));
	answer_report(s, turn->work, NULL, reason);
	answer_flush(s);
}

static bool
has_bad_rule(struct scraper *s, const struct job_source *src)
{
	struct err err = ERR_INIT;
	bool bad = reading_of(s->readings, src->terms, &err)->bad;

	if (bad && err.msg[0] != '\0')
		log_warnx("source %s: %s", src->id, err.msg);
	return bad;
}

static void
start(struct scraper *s, const struct turn *turn)
{
	struct task *task = task_take(s);
	struct fetch_request request = {
		.host_hop = host_hop_cb, .robots_over = robots_over_cb, .done = fetched_cb, .arg = task
	};
	struct known known;

	task->turn = *turn;
	answer_prepare(s, turn->work->source, &known, &request);
	fetch_start(s->fetcher, &request);
	s->in_flight++;
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

void
scraper_pump(struct scraper *s)
{
	struct turn turn;

	if (!s->scheduled || s->leaving)
		return;
	while (!output_is_full(&s->out) && s->in_flight < s->in_flight_max &&
	    schedule_take(&s->schedule, scraper_now(s), &turn)) {
		if (turn.site == NULL)
			report_unfetchable(s, &turn, "bad-url");
		else if (has_bad_rule(s, turn.work->source))
			report_unfetchable(s, &turn, "bad-rule");
		else
			start(s, &turn);
	}
	/* Otherwise it is an answer, or a reader, that lets us go on. */
	if (!output_is_full(&s->out) && s->in_flight < s->in_flight_max)
		arm_timer(s);
}

static void
time_cb(evutil_socket_t fd, short what, void *arg)
{
	uint64_t count;

	(void)what;
	while (read(fd, &count, sizeof(count)) == -1 && errno == EINTR)
		;
	scraper_pump(arg);
}

static void
output_changed_cb(void *arg)
{
	struct scraper *s = arg;

	if (s->out.error != 0)
		scraper_leave(s, EXITCODE_FAILED);
	else
		scraper_pump(s);
}

/* What has to be written before a page is read, as that may be the end. */
static void
write_first(const char *line, size_t len, void *arg)
{
	struct scraper *s = arg;

	output_put(&s->out, line, len);
	output_flush(&s->out, FIRST_FLUSH_MS);
}

/* P41, with what earlier incarnations have died of. */
static void
open_guard(struct scraper *s)
{
	static const char prefix[] = "crash/";
	const struct job_state *st;
	size_t i = 0;

	s->guard = page_guard_new(&(struct page_guard_options){ .fd = STDOUT_FILENO,
	    .cpu_ms = s->options->page_cpu_ms != 0 ? s->options->page_cpu_ms : s->job.page_cpu_ms,
	    .pending = &s->out.pending,
	    .put = write_first,
	    .arg = s });
	while ((st = job_next_state(&s->job, prefix, &i)) != NULL)
		page_guard_know(s->guard, st->key + sizeof(prefix) - 1, st->value, st->len);
}

void
scraper_begin(struct scraper *s)
{
	const struct scrape_options *o = s->options;
	struct fetch_options fo = { .user_agent = s->job.user_agent,
		.contact = s->job.contact,
		.proxy = s->job.proxy,
		.cacert = o->cacert,
		.timeout_ms = s->job.timeout_ms,
		.max_body = s->job.max_body,
		.allow_private = s->job.allow_private || o->allow_private,
		.robots = !s->job.no_robots && !o->no_robots,
		.robots_state = robots_state_cb,
		.robots_arg = s };
	const struct job_state *st;
	size_t i = 0;
	struct err err = ERR_INIT;
	size_t most;

	if (o->user_agent != NULL || o->contact != NULL) {
		fo.user_agent = o->user_agent;
		fo.contact = o->contact;
	}
	fo.proxy = o->proxy != NULL ? o->proxy : fo.proxy;
	fo.timeout_ms = o->timeout_ms != 0 ? o->timeout_ms : fo.timeout_ms;
	fo.max_body = o->max_body != 0 ? o->max_body : fo.max_body;
	s->fetcher = fetcher_new(s->base, &fo, &err);
	if (s->fetcher == NULL)
		fatalx("%s", err.msg);
	while ((st = job_next_state(&s->job, "robots/", &i)) != NULL)
		fetch_robots_restore(s->fetcher, st->key + strlen("robots/"), st->value, st->len);
	grid_clock_start(&s->clock, wall_ms(), mono_now().us, job_latest_slot(&s->job));
	schedule_init(&s->schedule, &s->job, scraper_now(s));
	most = schedule_parallel_max(&s->schedule);
	s->in_flight_max = most < s->in_flight_max ? most : s->in_flight_max;
	open_guard(s);
	confine_enter(&s->confine,
	    &(struct confine_options){ .off = o->no_sandbox || s->job.no_sandbox,
		.cacert = fo.cacert,
		.max_body = fo.max_body,
		.concurrency = (unsigned)s->in_flight_max,
		.sources = s->job.n_sources,
		.violated = page_guard_violated });
	answer_flush(s);
	s->scheduled = true;
	scraper_pump(s);
}

static void
grace_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	scraper_leave(arg, EXITCODE_OK);
}

static void
stdin_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)what;
	scraper_read(arg, fd);
}

static void
signal_cb(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	scraper_leave(arg, EXITCODE_OK);
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

/* As many fetches at a time as there can be descriptors, within reason. */
static size_t
connections_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return CONNECTIONS_MAX / 8;
	if (limit.rlim_cur < CONNECTIONS_MAX + DESCRIPTORS_SPARE) {
		limit.rlim_cur = limit.rlim_max < CONNECTIONS_MAX + DESCRIPTORS_SPARE ? limit.rlim_max :
											   CONNECTIONS_MAX + DESCRIPTORS_SPARE;
		setrlimit(RLIMIT_NOFILE, &limit);
		getrlimit(RLIMIT_NOFILE, &limit);
	}
	return limit.rlim_cur > 2 * DESCRIPTORS_SPARE ? limit.rlim_cur - DESCRIPTORS_SPARE : DESCRIPTORS_SPARE;
}

static void
scraper_init(struct scraper *s, const struct scrape_options *options)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };

	*s = (struct scraper){ .options = options,
		.confine = CONFINE_INIT,
		.in = BUF_INIT(0), .lines = BUF_INIT(0), .value = BUF_INIT(0) };
	job_init(&s->job);
	sigaction(SIGPIPE, &ignore, NULL);
	event_set_log_callback(libevent_log);
	s->readings = readings_new();
	s->in_flight_max = connections_max();
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
release_marks(struct scraper *s)
{
	uint64_t number;
	void *mark;
	size_t i = 0;

	while (map_next(&s->marks, &i, &number, &mark))
		free(mark);
	map_release(&s->marks);
}

static void
scraper_release(struct scraper *s)
{
	struct task *task;

	page_guard_free(s->guard);
	confine_release(&s->confine);
	fetcher_free(s->fetcher);
	while ((task = s->tasks) != NULL) {
		s->tasks = task->next;
		free(task);
	}
	readings_free(s->readings);
	release_marks(s);
	if (s->scheduled)
		schedule_release(&s->schedule);
	job_release(&s->job);
	output_release(&s->out);
	buf_release(&s->in);
	buf_release(&s->lines);
	buf_release(&s->value);
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
