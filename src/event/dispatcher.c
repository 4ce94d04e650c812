#include "event/dispatcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mono.h"
#include "base/xalloc.h"
#include "event/command.h"
#include "event/position.h"
#include "event/queue.h"
#include "journal/names.h"
#include "journal/reader.h"
#include "os/reap.h"
#include "os/spawn.h"
#include "wire/event_match.h"

#define RUNS_MAX 256
#define QUEUE_BYTES_MAX ((size_t)16 << 20)
/* Lines that are read before signals and deadlines have their turn. */
#define TURN_LINES 2000
/* With this much of its shutdown time we go on with what there is, then what runs is told to end. */
#define LEAVE_US (5 * US_PER_S)
#define LEAVE_KILL_US (2 * US_PER_S)
/* What cannot be started now (no memory, no process) is tried again. */
#define RETRY_US (1 * US_PER_S)
/* What is done is written down at once, but where the disk is slow, for a tenth of the time at the most. */
#define WRITE_REST 9
/* Where nothing is to be done, how far we have read is kept now and then. */
#define WRITE_IDLE_US (60 * US_PER_S)

struct run {
	TAILQ_ENTRY(run) link;
	struct command *command; /* owned */
	struct handling *handling;
};

/* A handler at work. */
struct handling {
	const struct handler *conf;
	struct queue queue;
	struct journal_pos from; /* what begins before is done */
	unsigned running;
	mono_t start_at; /* not before: the last start failed for want of something */
	bool dropping;
};

struct dispatcher {
	struct dispatcher_options o;
	struct handling *handlings; /* owned */
	size_t n;
	struct journal_reader *reader; /* owned */
	struct journal_pos read; /* behind the last line that was read */
	struct spawner *spawner; /* owned */
	TAILQ_HEAD(, run) runs;
	unsigned n_runs;
	bool all_read; /* for now */
	bool leaving, hurried;
	mono_t leave_by;
	bool dirty; /* a mark has moved that is worth to be kept */
	struct journal_pos written; /* d->read, when the marks were written last */
	mono_t written_at;
	int64_t write_us; /* how long that took */
	bool write_failed;
};

/* The end of the journal as it is now; {0, 0, 0} if there is none yet. */
static int
find_end(const char *dir, struct journal_pos *end, struct err *err)
{
	struct segment_list list = { 0 };
	struct journal_reader *r;
	const char *line;
	size_t len;
	int n;

	*end = (struct journal_pos){ 0, 0, 0 };
	if (segment_list_read(dir, &list, err) == -1)
		return -1;
	if (list.n > 0)
		*end = (struct journal_pos){ list.v[list.n - 1].epoch, list.v[list.n - 1].number, 0 };
	segment_list_release(&list);
	if (end->epoch == 0)
		return 0;
	if ((r = journal_reader_open(dir, end, err)) == NULL)
		return -1;
	while ((n = journal_reader_next(r, &line, &len, end, err)) == 1)
		continue;
	journal_reader_close(r);
	return n;
}

static void
missed_some(struct dispatcher *d, const char *why)
{
	log_warnx("journal: %s: events were missed", why);
	for (size_t i = 0; i < d->n; i++)
		d->handlings[i].queue.missed++;
}

/* Where each handler goes on; one that is new begins now. */
static void
place_handlings(struct dispatcher *d, const struct position_list *list, const struct journal_pos *end)
{
	struct mark mark;

	d->read = *end;
	for (size_t i = 0; i < d->n; i++) {
		struct handling *h = &d->handlings[i];
		const struct mark *known = position_find(list, h->conf->id);

		mark = known != NULL ? *known : (struct mark){ *end, 0 };
		if (position_compare(&mark.pos, end) > 0) {
			log_warnx("%s: its position lies behind the journal's end; it begins with what comes", h->conf->id);
			mark = (struct mark){ *end, mark.missed + 1 };
		}
		if (known == NULL)
			log_info("%s: new: it begins with what comes from now on", h->conf->id);
		h->from = mark.pos;
		queue_init(&h->queue, h->conf->queue, QUEUE_BYTES_MAX, mark.missed);
		if (position_compare(&mark.pos, &d->read) < 0)
			d->read = mark.pos;
	}
}

/* The mark of a handler that has not come as far as it had been, is not moved back. */
static struct mark
mark_of(const struct dispatcher *d, const struct handling *h)
{
	struct mark mark = queue_mark(&h->queue, d->read);

	if (position_compare(&mark.pos, &h->from) < 0)
		mark.pos = h->from;
	return mark;
}

static int
write_marks(struct dispatcher *d, struct err *err)
{
	struct position_list list = { NULL, 0 };
	const mono_t begin = mono_now();
	int rc;

	for (size_t i = 0; i < d->n; i++)
		position_add(&list, d->handlings[i].conf->id, mark_of(d, &d->handlings[i]));
	rc = position_write(d->o.position, &list, err);
	position_release(&list);
	d->written_at = mono_now();
	d->write_us = mono_diff_us(d->written_at, begin);
	d->written = d->read;
	if (rc == 0)
		d->dirty = false;
	return rc;
}

/* That it fails costs a repetition, not an event. */
static void
keep_marks(struct dispatcher *d)
{
	struct err err = ERR_INIT;

	if (write_marks(d, &err) == 0) {
		d->write_failed = false;
		return;
	}
	if (!d->write_failed)
		log_warnx("what is done cannot be kept, trying again: %s", err.msg);
	d->write_failed = true;
}

/* When the marks are to be written; MONO_NEVER: there is no need. */
static mono_t
keep_due(const struct dispatcher *d)
{
	if (d->dirty)
		return mono_add_us(d->written_at, d->write_failed ? US_PER_S : WRITE_REST * d->write_us);
	if (d->read.segment != d->written.segment || d->read.epoch != d->written.epoch)
		return mono_add_us(d->written_at, US_PER_S);
	return d->read.offset != d->written.offset ? mono_add_us(d->written_at, WRITE_IDLE_US) : MONO_NEVER;
}

struct dispatcher *
dispatcher_new(const struct dispatcher_options *o, struct err *err)
{
	struct dispatcher *d = xcalloc(1, sizeof(*d));
	struct position_list list = { NULL, 0 };
	struct journal_pos end;

	d->o = *o;
	d->leave_by = MONO_NEVER;
	TAILQ_INIT(&d->runs);
	d->n = o->config->n_handlers;
	d->handlings = xcalloc(d->n, sizeof(*d->handlings));
	for (size_t i = 0; i < d->n; i++) {
		d->handlings[i].conf = &o->config->handlers[i];
		queue_init(&d->handlings[i].queue, 1, 1, 0);
	}
	if ((d->spawner = spawner_new(err)) == NULL || position_read(o->position, &list, err) == -1 ||
	    find_end(o->journal, &end, err) == -1)
		goto fail;
	place_handlings(d, &list, &end);
	/* New ones are known from here on, whatever happens to us. */
	if (write_marks(d, err) == -1 || (d->reader = journal_reader_open(o->journal, &d->read, err)) == NULL)
		goto fail;
	if (journal_reader_skipped(d->reader))
		missed_some(d, "what follows our position is gone");
	position_release(&list);
	return d;
fail:
	position_release(&list);
	dispatcher_free(d);
	return NULL;
}

void
dispatcher_free(struct dispatcher *d)
{
	struct reaped r;
	struct run *run, *next;

	if (d == NULL)
		return;
	/* After an error: what runs is cut off, and its event comes again. */
	for (run = TAILQ_FIRST(&d->runs); run != NULL; run = next) {
		next = TAILQ_NEXT(run, link);
		reap_kill(command_pid(run->command));
		(void)reap_wait(command_pid(run->command), &r);
		command_free(run->command);
		free(run);
	}
	for (size_t i = 0; i < d->n; i++)
		queue_release(&d->handlings[i].queue);
	free(d->handlings);
	journal_reader_close(d->reader);
	spawner_free(d->spawner);
	free(d);
}

static void
offer(struct dispatcher *d, struct handling *h, const char *line, size_t len, const struct journal_pos *at)
{
	const uint64_t missed = h->queue.missed;

	if (!queue_offer(&h->queue, line, len, *at, d->read)) {
		if (!h->dropping)
			log_warnx("%s: %zu events wait, and more come; these are dropped", h->conf->id, h->queue.waiting);
		h->dropping = true;
		return;
	}
	if (h->dropping)
		log_warnx("%s: %llu events were dropped", h->conf->id, (unsigned long long)missed);
	h->dropping = false;
}

/* What we are the cause of, to whom it may ever be told, would go round for ever. */
static bool
is_own(const struct dispatcher *d, const struct event_record *rec)
{
	return d->o.self != NULL &&
	    (json_field_is(&rec->f[EVENT_CHILD], d->o.self) || json_field_is(&rec->f[EVENT_OBJECT], d->o.self));
}

static void
take_line(struct dispatcher *d, const char *line, size_t len, const struct journal_pos *after)
{
	const struct journal_pos at = { after->epoch, after->segment, after->offset - len - 1 };
	struct event_record rec;

	d->read = *after;
	if (event_scan(line, len, &rec) == -1 || is_own(d, &rec))
		return;
	for (size_t i = 0; i < d->n; i++) {
		struct handling *h = &d->handlings[i];

		if (position_compare(&at, &h->from) >= 0 && event_matches(&h->conf->match, &rec))
			offer(d, h, line, len, &at);
	}
}

/* As much as is good for one turn. */
static int
read_some(struct dispatcher *d, struct err *err)
{
	struct journal_pos after;
	const char *line;
	size_t len;
	int n = 1, i;

	if (d->hurried) {
		d->all_read = true;
		return 0;
	}
	for (i = 0; i < TURN_LINES && (n = journal_reader_next(d->reader, &line, &len, &after, err)) == 1; i++)
		take_line(d, line, len, &after);
	d->all_read = n == 0;
	if (n == -1)
		return -1;
	if (journal_reader_skipped(d->reader))
		missed_some(d, "a part of it went away before it was read");
	return 0;
}

static void
finish_job(struct dispatcher *d, struct handling *h, struct job *job)
{
	queue_done(&h->queue, job);
	d->dirty = true;
}

/* False: not now. */
static bool
start_one(struct dispatcher *d, struct handling *h, mono_t now)
{
	struct job *job = queue_next(&h->queue);
	struct command *command;
	struct err err = ERR_INIT;
	struct run *run;
	int rc;

	if (job == NULL)
		return false;
	rc = command_start(d->spawner, h->conf, job, &command, &err);
	if (rc == 1) {
		if (h->start_at.us == 0)
			log_warnx("%s: it cannot be run now, trying again: %s", h->conf->id, err.msg);
		queue_put_back(&h->queue, job);
		h->start_at = mono_add_us(now, RETRY_US);
		return false;
	}
	h->start_at = (mono_t){ 0 };
	if (rc == -1) {
		log_warnx("%s: it cannot be run: %s", h->conf->id, err.msg);
		finish_job(d, h, job);
		return true;
	}
	run = xcalloc(1, sizeof(*run));
	run->command = command;
	run->handling = h;
	TAILQ_INSERT_TAIL(&d->runs, run, link);
	d->n_runs++;
	h->running++;
	return true;
}

static void
start_due(struct dispatcher *d, mono_t now)
{
	for (size_t i = 0; i < d->n && !d->hurried; i++) {
		struct handling *h = &d->handlings[i];

		while (h->running < h->conf->concurrency && d->n_runs < RUNS_MAX && !mono_before(now, h->start_at) &&
		    start_one(d, h, now))
			continue;
	}
}

static struct run *
find_run(struct dispatcher *d, pid_t pid)
{
	struct run *run;

	TAILQ_FOREACH(run, &d->runs, link)
		if (command_pid(run->command) == pid)
			return run;
	return NULL;
}

static void
finish_run(struct dispatcher *d, struct run *run, int status)
{
	struct handling *h = run->handling;

	command_ended(run->command, status);
	/* One that was cut off stays what it was: not done. */
	if (!command_was_cut(run->command))
		finish_job(d, h, command_job(run->command));
	command_free(run->command);
	TAILQ_REMOVE(&d->runs, run, link);
	free(run);
	d->n_runs--;
	h->running--;
}

/* S22 for commands, too: what they leave in their group goes with them. */
static void
reap(struct dispatcher *d)
{
	struct reaped r;
	struct run *run;
	pid_t pid;

	while ((pid = reap_peek()) > 0) {
		reap_kill(pid);
		if (reap_take(pid, &r) == 0 && (run = find_run(d, pid)) != NULL)
			finish_run(d, run, r.status);
	}
}

static void
leave(struct dispatcher *d)
{
	if (d->leaving)
		return;
	d->leaving = true;
	d->leave_by = mono_add_us(mono_now(), LEAVE_US);
}

static void
hear_signals(struct dispatcher *d)
{
	struct signalfd_siginfo si;

	while (read(d->o.signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
		if (si.ssi_signo != SIGCHLD)
			leave(d);
	reap(d);
}

static void
tick(struct dispatcher *d, mono_t now)
{
	struct run *run;

	if (d->leaving && !d->hurried && !mono_before(now, d->leave_by)) {
		d->hurried = true;
		TAILQ_FOREACH(run, &d->runs, link)
			command_hurry(run->command, now, LEAVE_KILL_US);
	}
	TAILQ_FOREACH(run, &d->runs, link)
		command_tick(run->command, now);
	if (!mono_before(now, keep_due(d)))
		keep_marks(d);
}

static bool
is_idle(const struct dispatcher *d)
{
	for (size_t i = 0; i < d->n; i++)
		if (!queue_is_empty(&d->handlings[i].queue))
			return false;
	return d->all_read;
}

static int
timeout_ms(const struct dispatcher *d, mono_t now)
{
	mono_t due = mono_min(keep_due(d), d->hurried ? MONO_NEVER : d->leave_by);
	const struct run *run;
	int64_t us;

	TAILQ_FOREACH(run, &d->runs, link)
		due = mono_min(due, command_due(run->command));
	for (size_t i = 0; i < d->n; i++)
		if (d->handlings[i].start_at.us != 0)
			due = mono_min(due, d->handlings[i].start_at);
	us = mono_diff_us(due, now);
	if (!d->all_read || us <= 0)
		return 0;
	return us > 3600 * US_PER_S ? 3600000 : (int)(us / US_PER_MS) + 1;
}

static void
wait_for_news(struct dispatcher *d, mono_t now)
{
	struct pollfd fds[2 + RUNS_MAX * COMMAND_FDS];
	struct run *run;
	size_t n = 0, k;

	fds[n++] = (struct pollfd){ .fd = d->o.signal_fd, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = d->hurried ? -1 : journal_reader_fd(d->reader), .events = POLLIN };
	TAILQ_FOREACH(run, &d->runs, link)
		n += command_fds(run->command, fds + n);
	if (poll(fds, n, timeout_ms(d, now)) <= 0)
		return;
	n = 2;
	TAILQ_FOREACH(run, &d->runs, link) {
		struct pollfd own[COMMAND_FDS];
		short any = 0;

		for (k = command_fds(run->command, own); k > 0; k--)
			any |= fds[n++].revents;
		if (any != 0)
			command_read(run->command);
	}
	if (fds[0].revents != 0)
		hear_signals(d);
}

int
dispatcher_run(struct dispatcher *d, struct err *err)
{
	mono_t now;
	int rc;

	while ((rc = read_some(d, err)) == 0) {
		now = mono_now();
		tick(d, now);
		start_due(d, now);
		if (((d->o.once || d->leaving) && is_idle(d)) || (d->hurried && d->n_runs == 0))
			break;
		wait_for_news(d, now);
	}
	keep_marks(d);
	return rc;
}
