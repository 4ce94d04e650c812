#include "event/command.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/strvec.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "os/fd.h"
#include "wire/event_match.h"

#define KILL_AFTER_US (5 * US_PER_S)
/* Of its output: longer lines are cut in pieces, and no run fills the log alone. */
#define LINE_BYTES_MAX 2000
#define OUTPUT_BYTES_MAX ((size_t)64 << 10)

struct command {
	const struct handler *handler;
	struct job *job;
	struct strvec env;
	struct user_ids user;
	struct spawn_plan plan; /* read by the child until it has begun */
	struct spawn *spawn;	/* owned; NULL: it has begun, or has failed */
	struct spawn_failure failure;
	pid_t pid;
	int out; /* -1: at its end */
	struct buf line;
	size_t printed;
	mono_t due; /* of the next signal */
	bool terminated, killed, hurried;
};

/* "EPOCH-SEGMENT:OFFSET": its place in the journal, which no other event ever has. */
static void
put_id(struct strvec *env, const struct job *job)
{
	strvec_pushf(env, "TRAPEXIT_EVENT_ID=%08" PRIx32 "-%06" PRIx32 ":%" PRIu64, job->at.epoch, job->at.segment,
	    job->at.offset);
}

/* A member as a variable, if the event has it. */
static void
put_field(struct strvec *env, const char *name, const struct json_field *f)
{
	char *text;

	if (f->kind == JSON_NUMBER) {
		strvec_pushf(env, "%s=%.*s", name, (int)f->len, f->p);
	} else if ((text = json_field_strdup(f)) != NULL) {
		strvec_pushf(env, "%s=%s", name, text);
		free(text);
	}
}

static void
put_event(struct strvec *env, const struct event_record *rec)
{
	static const enum event_field kinds[] = { EVENT_EVENT, EVENT_REPORT, EVENT_ALARM, EVENT_ORDER };
	char time[WALL_TEXT_SIZE], *child = event_child(rec);
	int64_t ms;
	size_t i;

	put_field(env, "TRAPEXIT_EVENT", &rec->f[EVENT_TYPE]);
	for (i = 0; i < ARRAY_LEN(kinds) && rec->f[kinds[i]].kind != JSON_STRING; i++)
		;
	if (i < ARRAY_LEN(kinds))
		put_field(env, "TRAPEXIT_EVENT_KIND", &rec->f[kinds[i]]);
	if (json_field_int(&rec->f[EVENT_T], &ms) == 0)
		strvec_pushf(env, "TRAPEXIT_EVENT_TIME=%s", wall_text(ms, time));
	if (child != NULL)
		strvec_pushf(env, "TRAPEXIT_CHILD=%s", child);
	free(child);
	put_field(env, "TRAPEXIT_NODE", &rec->f[EVENT_NODE]);
	put_field(env, "TRAPEXIT_PID", &rec->f[EVENT_PID]);
	put_field(env, "TRAPEXIT_TOKEN", &rec->f[EVENT_TOKEN]);
	put_field(env, "TRAPEXIT_REASON", &rec->f[EVENT_REASON]);
}

/*
 * What is ours alone: who we are, and our service manager. TRAPEXIT_AGENT stays, by
 * which an agent finds what an earlier one may have left.
 */
static bool
is_passed_on(const char *variable)
{
	static const char *const ours[] = { "TRAPEXIT_ID=", "TRAPEXIT_TOKEN=", "TRAPEXIT_START=", "TRAPEXIT_NODE=",
		"TRAPEXIT_CHILD=", "TRAPEXIT_PID=", "TRAPEXIT_REASON=", "TRAPEXIT_HANDLER=", "TRAPEXIT_EVENT",
		"NOTIFY_SOCKET=", "WATCHDOG_USEC=", "WATCHDOG_PID=", "LISTEN_FDS=", "LISTEN_PID=", "LISTEN_FDNAMES=" };

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (strncmp(variable, ours[i], strlen(ours[i])) == 0)
			return false;
	return true;
}

static void
make_env(struct command *c)
{
	extern char **environ;
	struct event_record rec;

	for (char **e = environ; *e != NULL; e++)
		if (is_passed_on(*e))
			strvec_push(&c->env, *e);
	strvec_pushf(&c->env, "TRAPEXIT_HANDLER=%s", c->handler->id);
	put_id(&c->env, c->job);
	strvec_pushf(&c->env, "TRAPEXIT_EVENT_MISSED=%" PRIu64, c->job->missed);
	if (event_scan(c->job->line, c->job->len, &rec) == 0)
		put_event(&c->env, &rec);
}

/* A file in memory, not a pipe: nobody waits for who does not read, and nobody writes to who has left. */
static int
make_input(const struct job *job)
{
	int fd = memfd_create("event", MFD_CLOEXEC);

	if (fd == -1)
		return -1;
	if (fd_write_all(fd, job->line, job->len) == -1 || fd_write_all(fd, "\n", 1) == -1 ||
	    lseek(fd, 0, SEEK_SET) == -1) {
		fd_close(&fd);
		return -1;
	}
	return fd;
}

static int
make_plan(struct command *c, struct err *err)
{
	const struct handler *h = c->handler;
	int p[2];

	c->plan = (struct spawn_plan)SPAWN_PLAN_INIT;
	if (h->user != NULL && user_resolve(h->user, NULL, &c->user, err) == -1)
		return -1;
	make_env(c);
	c->plan.argv = (const char *const *)h->command.v;
	c->plan.env = (const char *const *)c->env.v;
	c->plan.user = h->user != NULL ? &c->user : NULL;
	c->plan.session = true;
	c->plan.death_signal = SIGKILL;
	if ((c->plan.fds[0] = make_input(c->job)) == -1) {
		err_sys(err, errno, "the event");
		return 1;
	}
	if (pipe2(p, O_CLOEXEC) == -1) {
		err_sys(err, errno, "a pipe");
		return 1;
	}
	c->plan.fds[1] = p[1];
	c->plan.fds[2] = SPAWN_SAME_AS_OUT;
	c->out = fd_move_up(p[0], SPAWN_FD_LIMIT);
	(void)fd_set_nonblock(c->out);
	return 0;
}

int
command_start(struct spawner *sp, const struct handler *h, struct job *job, struct command **out, struct err *err)
{
	struct command *c = xcalloc(1, sizeof(*c));
	struct spawn_failure failure;
	int rc;

	c->handler = h;
	c->job = job;
	c->out = -1;
	c->pid = -1;
	if ((rc = make_plan(c, err)) == 0 && (rc = spawn_start(sp, &c->plan, &c->spawn, &failure)) != 0) {
		rc = 1; /* the fork or its memory: what passes */
		err_sys(err, failure.error, "%s", spawn_step_name(failure.step));
	}
	if (rc != 0) {
		fd_close(&c->plan.fds[0]);
		fd_close(&c->plan.fds[1]);
		command_free(c);
		return rc;
	}
	c->pid = spawn_pid(c->spawn);
	c->due = mono_add_us(mono_now(), h->timeout_us);
	*out = c;
	return 0;
}

pid_t
command_pid(const struct command *c)
{
	return c->pid;
}

const struct handler *
command_handler(const struct command *c)
{
	return c->handler;
}

struct job *
command_job(const struct command *c)
{
	return c->job;
}

size_t
command_fds(const struct command *c, struct pollfd fds[COMMAND_FDS])
{
	size_t n = 0;

	if (c->spawn != NULL)
		fds[n++] = (struct pollfd){ .fd = spawn_fd(c->spawn), .events = POLLIN };
	if (c->out != -1)
		fds[n++] = (struct pollfd){ .fd = c->out, .events = POLLIN };
	return n;
}

static void
emit_line(struct command *c)
{
	if (c->line.len > 0 && c->printed <= OUTPUT_BYTES_MAX)
		log_info("%s: %.*s", c->handler->id, (int)c->line.len, c->line.data);
	buf_clear(&c->line);
}

static void
take_output(struct command *c, const char *p, size_t n)
{
	const bool shown = c->printed <= OUTPUT_BYTES_MAX;

	c->printed += n;
	for (size_t i = 0; i < n && shown; i++) {
		if (p[i] != '\n')
			buf_xaddc(&c->line, p[i]);
		if (p[i] == '\n' || c->line.len == LINE_BYTES_MAX)
			emit_line(c);
	}
	if (shown && c->printed > OUTPUT_BYTES_MAX)
		log_warnx("%s: it prints more than %zu KiB; the rest of this run is not kept", c->handler->id,
		    OUTPUT_BYTES_MAX >> 10);
}

/* What there is of its output, but no more at once than others can wait for. */
static void
read_output(struct command *c)
{
	char bytes[16384];
	ssize_t n;

	if (c->out == -1)
		return;
	n = read(c->out, bytes, sizeof(bytes));
	if (n > 0)
		take_output(c, bytes, (size_t)n);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		fd_close(&c->out);
}

static void
check_start(struct command *c)
{
	if (c->spawn == NULL || spawn_check(c->spawn, &c->failure) == SPAWN_UNDERWAY)
		return;
	spawn_free(c->spawn);
	c->spawn = NULL;
}

void
command_read(struct command *c)
{
	check_start(c);
	read_output(c);
}

mono_t
command_due(const struct command *c)
{
	return c->due;
}

static void
signal_all(const struct command *c, int sig)
{
	/* Its group is there from the moment that it has its session. */
	if (kill(-c->pid, sig) == -1)
		(void)kill(c->pid, sig);
}

void
command_tick(struct command *c, mono_t now)
{
	if (mono_before(now, c->due))
		return;
	if (!c->terminated) {
		c->terminated = true;
		signal_all(c, SIGTERM);
		signal_all(c, SIGCONT);
		c->due = mono_add_us(now, KILL_AFTER_US);
	} else {
		c->killed = true;
		signal_all(c, SIGKILL);
		c->due = MONO_NEVER;
	}
}

void
command_hurry(struct command *c, mono_t now, int64_t us)
{
	if (c->killed)
		return;
	if (!c->terminated) {
		c->hurried = true;
		c->due = now;
		command_tick(c, now);
	}
	c->due = mono_min(c->due, mono_add_us(now, us));
}

bool
command_was_cut(const struct command *c)
{
	return c->hurried;
}

/* What it was run for: "exit of suppliers/ebuyer". */
static void
put_subject(const struct command *c, struct buf *out)
{
	struct event_record rec;
	char *type, *child;

	if (event_scan(c->job->line, c->job->len, &rec) == -1)
		return;
	type = json_field_strdup(&rec.f[EVENT_TYPE]);
	child = event_child(&rec);
	buf_xaddstr(out, type);
	if (child != NULL && *child != '\0')
		buf_xprintf(out, " of %s", child);
	free(type);
	free(child);
}

static void
say_end(const struct command *c, int status)
{
	struct buf subject = BUF_INIT(0);
	char time[DURATION_TEXT_SIZE];
	const char *id = c->handler->id, *what;

	put_subject(c, &subject);
	what = subject.data != NULL ? subject.data : "event";
	if (c->failure.step != SPAWN_STEP_NONE)
		log_warnx("%s: %s: %s cannot be run: %s: %s", id, what, c->handler->command.v[0],
		    spawn_step_name(c->failure.step), strerror(c->failure.error));
	else if (c->hurried)
		log_info("%s: %s: ended, as we leave; it will be run again", id, what);
	else if (c->terminated)
		log_warnx("%s: %s: not done after %s, %s", id, what, duration_human(c->handler->timeout_us, time),
		    c->killed ? "killed" : "ended");
	else if (WIFSIGNALED(status))
		log_warnx("%s: %s: died by signal %d (%s)", id, what, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) != 0)
		log_warnx("%s: %s: ended with status %d", id, what, WEXITSTATUS(status));
	else
		log_debug("%s: %s: done", id, what);
	buf_release(&subject);
}

void
command_ended(struct command *c, int status)
{
	size_t before;

	if (c->spawn != NULL) {
		spawn_gone(c->spawn);
		(void)spawn_check(c->spawn, &c->failure);
		spawn_free(c->spawn);
		c->spawn = NULL;
	}
	/* What it wrote before its end is in the pipe; whoever else may hold that is not waited for. */
	do {
		before = c->printed;
		read_output(c);
	} while (c->printed > before && c->printed <= OUTPUT_BYTES_MAX);
	emit_line(c);
	say_end(c, status);
}

void
command_free(struct command *c)
{
	spawn_free(c->spawn);
	fd_close(&c->out);
	strvec_release(&c->env);
	user_release(&c->user);
	buf_release(&c->line);
	free(c);
}
