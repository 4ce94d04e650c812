/*
 * The start of a child: pipes, plan, spawn, and what comes of it.
 *
 * Starts wait in a queue and are carried out in order, several at once: the next
 * one does not wait for the exec of the one before. A start that hangs holds
 * two descriptors and 64 KiB, and nobody else up.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/conn.h"
#include "base/xalloc.h"
#include "core/reason.h"
#include "core/spec.h"
#include "os/fd.h"

_Static_assert((int)SPAWN_STEP_EXEC == (int)STEP_EXEC && (int)SPAWN_STEP_LEASE == (int)STEP_LEASE &&
	(int)SPAWN_STEP_USER == (int)STEP_USER,
    "steps are numbered alike");

/* Starts that are between clone and their own table of files; more would not fit SPAWN_FD_LIMIT. */
#define PENDING_MAX 10
#define STARTS_AT_ONCE 32
/* An order that waits has ten times the size of a child that runs: the others wait in the socket. */
#define QUEUE_MAX 128
#define ENV_ADDED 4
#define CONTROL_FD 4

struct launch {
	struct watch watch; /* the status pipe; the descriptor is the spawn's */
	struct child *child;
	struct agent_msg msg; /* its strings are owned */
	struct spawn_plan plan;
	struct user_ids user; /* owned */
	struct spawn_limit limits[AGENT_RLIMITS_MAX + 1];
	const char **env; /* owned; the strings are the message's and the following */
	char env_agent[128];
	char env_token[48];
	char env_notify[NOTIFY_NAME_SIZE + 16];
	char env_control[32];
	char *env_path; /* owned; NULL: as it was told */
	struct spawn *spawn;	    /* owned */
	int ours[SPAWN_STREAMS];    /* our ends of the pipes */
	bool failed;		    /* the failure is known; the child is not reaped yet */
	struct spawn_failure failure;
};

static bool
has_variable(const struct agent_start *st, const char *assignment)
{
	size_t n = (size_t)(strchr(assignment, '=') - assignment) + 1;

	for (uint32_t i = 0; i < st->n_env; i++)
		if (strncmp(st->env[i], assignment, n) == 0)
			return true;
	return false;
}

/* Ours, what the daemon did not name: HOME, and all that a login here sets. */
static size_t
add_own(const struct agent_start *st, const char **env)
{
	extern char **environ;
	char **e;
	size_t n = 0;

	for (e = environ; *e != NULL; e++)
		if (strchr(*e, '=') != NULL && strncmp(*e, "TRAPEXIT_", 9) != 0 && strncmp(*e, "NOTIFY_SOCKET=", 14) != 0 &&
		    strncmp(*e, "PATH=", 5) != 0 && strncmp(*e, "SSH_", 4) != 0 && !has_variable(st, *e))
			env[n++] = *e;
	return n;
}

static size_t
count_own(void)
{
	extern char **environ;
	size_t n = 0;

	while (environ[n] != NULL)
		n++;
	return n;
}

/* The programs that were put on this host together with us come first. */
static char *
own_path(void)
{
	const char *path = getenv("PATH");
	char *self = realpath("/proc/self/exe", NULL), *slash, *text;

	if (path == NULL || *path == '\0')
		path = "/usr/local/bin:/usr/bin:/bin";
	if (self == NULL || (slash = strrchr(self, '/')) == NULL) {
		free(self);
		return xasprintf("PATH=%s", path);
	}
	*slash = '\0';
	text = xasprintf("PATH=%s:%s", self, path);
	free(self);
	return text;
}

static void
make_env(struct agent *a, struct launch *l)
{
	const struct agent_start *st = &l->msg.u.start;
	const char *added[ENV_ADDED];
	size_t n = 0, n_added;

	/* By these two what is left of it can be found (S22, S69). */
	snprintf(l->env_agent, sizeof(l->env_agent), "TRAPEXIT_AGENT=%s/%s", a->opt->installation, a->opt->node);
	snprintf(l->env_token, sizeof(l->env_token), "TRAPEXIT_TOKEN=%" PRIu64, st->token);
	snprintf(l->env_notify, sizeof(l->env_notify), "NOTIFY_SOCKET=%s", a->notify_name);
	snprintf(l->env_control, sizeof(l->env_control), "TRAPEXIT_CONTROL_FD=%d", CONTROL_FD);
	added[n++] = l->env_agent;
	added[n++] = l->env_token;
	if (st->ready == READY_NOTIFY)
		added[n++] = l->env_notify;
	if (st->control)
		added[n++] = l->env_control;
	n_added = n;
	n = 0;
	l->env = xcalloc(st->n_env + ENV_ADDED + 2 + (st->own_env ? count_own() : 0), sizeof(*l->env));
	if (st->own_env) {
		n = add_own(st, l->env);
		l->env_path = own_path();
		if (!has_variable(st, l->env_path))
			l->env[n++] = l->env_path;
	}
	for (uint32_t i = 0; i < st->n_env; i++)
		l->env[n++] = st->env[i];
	for (size_t i = 0; i < n_added; i++)
		if (!has_variable(st, added[i]))
			l->env[n++] = added[i];
}

static void
make_limits(const struct agent *a, struct launch *l)
{
	const struct agent_start *st = &l->msg.u.start;
	bool files = false;
	size_t n = 0;

	for (uint32_t i = 0; i < st->n_rlimits; i++) {
		const struct agent_rlimit *r = &st->rlimits[i];

		files |= r->resource == RLIMIT_NOFILE;
		l->limits[n].resource = r->resource;
		l->limits[n].value.rlim_cur = r->soft == UINT64_MAX ? RLIM_INFINITY : (rlim_t)r->soft;
		l->limits[n++].value.rlim_max = r->hard == UINT64_MAX ? RLIM_INFINITY : (rlim_t)r->hard;
	}
	/* Ours is raised; what a child was given before select() breaks is another matter. */
	if (!files) {
		l->limits[n].resource = RLIMIT_NOFILE;
		l->limits[n].value.rlim_cur = (rlim_t)a->files_soft;
		l->limits[n++].value.rlim_max = (rlim_t)a->files_hard;
	}
	l->plan.limits = l->limits;
	l->plan.n_limits = n;
}

static int
make_user(struct launch *l)
{
	const struct agent_start *st = &l->msg.u.start;
	struct err err = ERR_INIT;

	if (*st->user == '\0' && *st->group == '\0')
		return 0;
	if (user_resolve(st->user, st->group, &l->user, &err) == -1)
		return err.code != 0 ? err.code : ESRCH;
	/* To become who we are needs no privilege, and without privilege setgroups() would fail. */
	if (geteuid() != 0 && l->user.uid == geteuid() && l->user.gid == getegid())
		return 0;
	l->plan.user = &l->user;
	return 0;
}

static void
make_plan(struct agent *a, struct launch *l)
{
	const struct agent_start *st = &l->msg.u.start;

	l->plan = (struct spawn_plan)SPAWN_PLAN_INIT;
	make_env(a, l);
	make_limits(a, l);
	l->plan.argv = st->argv;
	l->plan.env = l->env;
	l->plan.cwd = st->cwd;
	l->plan.umask = st->umask;
	l->plan.nice = st->nice;
	l->plan.session = true;
	l->plan.death_signal = SIGKILL;
	l->plan.deadline_us = &a->page->deadline;
	if (st->err == STDERR_JOIN)
		l->plan.fds[2] = SPAWN_SAME_AS_OUT;
}

/* A pipe between us and descriptor `which` of the child. */
static int
make_pipe(struct launch *l, int which, bool child_reads)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) == -1)
		return -1;
	l->plan.fds[which] = p[child_reads ? 0 : 1];
	l->ours[which] = fd_move_up(p[child_reads ? 1 : 0], SPAWN_FD_LIMIT);
	return fd_set_nonblock(l->ours[which]);
}

static int
make_pipes(struct launch *l)
{
	const struct agent_start *st = &l->msg.u.start;

	for (int i = 0; i < SPAWN_STREAMS; i++)
		l->ours[i] = -1;
	if ((st->in == STDIN_PIPE && make_pipe(l, 0, true) == -1) ||
	    (st->out == STDOUT_PIPE && make_pipe(l, 1, false) == -1) ||
	    (st->err == STDERR_PIPE && make_pipe(l, 2, false) == -1) ||
	    (st->ready == READY_NEWLINE && make_pipe(l, 3, false) == -1) ||
	    (st->control && make_pipe(l, CONTROL_FD, true) == -1))
		return -1;
	return 0;
}

static void
close_pipes(struct launch *l, bool theirs)
{
	for (int i = 0; i < SPAWN_STREAMS; i++) {
		fd_close(&l->ours[i]);
		if (theirs && l->plan.fds[i] >= 0)
			fd_close(&l->plan.fds[i]);
	}
}

/* A start that has moved on, or is over, makes room for the next. */
static void
kick_starts(struct agent *a)
{
	if (!TAILQ_EMPTY(&a->queue))
		event_active(a->starts, EV_TIMEOUT, 0);
}

void
launch_free(struct agent *a, struct launch *l)
{
	if (l == NULL)
		return;
	kick_starts(a);
	watch_disarm(a, &l->watch);
	close_pipes(l, false);
	spawn_free(l->spawn);
	user_release(&l->user);
	free(l->env);
	free(l->env_path);
	agent_msg_release(&l->msg);
	agent_free_later(a, l);
}

static void
launch_done(struct agent *a, struct child *c)
{
	struct launch *l = c->launch;
	struct agent_msg m = { .type = AGENT_STARTED };

	c->launch = NULL;
	if (c->state == CHILD_FORKED)
		c->state = CHILD_RUNS;
	/* S24: exec has succeeded in time; that was all there was to wait for. */
	if (l->msg.u.start.ready == READY_EXEC) {
		ready_free(a, c->readiness);
		c->readiness = NULL;
	}
	if (c->readiness == NULL)
		c->ready = true;
	m.u.started.token = c->token;
	m.u.started.pid = (uint32_t)c->pid;
	agent_send(a, &m);
	launch_free(a, l);
	ready_started(a, c);
}

static void
status_cb(struct agent *a, struct watch *w, uint32_t events)
{
	struct launch *l = (struct launch *)(void *)w;

	(void)events;
	switch (spawn_check(l->spawn, &l->failure)) {
	case SPAWN_UNDERWAY:
		break;
	case SPAWN_DONE:
		launch_done(a, l->child);
		break;
	case SPAWN_FAILED:
		/* It is told when the process is reaped: then it has really left nothing. */
		l->failed = true;
		watch_disarm(a, w);
		break;
	}
	kick_starts(a);
}

void
launch_reaped(struct agent *a, struct child *c)
{
	struct launch *l = c->launch;

	if (!l->failed) {
		spawn_gone(l->spawn);
		l->failed = spawn_check(l->spawn, &l->failure) == SPAWN_FAILED;
	}
	/* No failure: exec has succeeded, or a signal came before it. Either way it lived. */
	if (!l->failed) {
		launch_done(a, c);
		return;
	}
	lease_live_changed(a, -1);
	child_start_failed(a, c, (uint32_t)l->failure.step, l->failure.error);
}

/* The child is forked: its record gets what belongs to it. */
static void
take_over(struct agent *a, struct child *c)
{
	struct launch *l = c->launch;
	const struct agent_start *st = &l->msg.u.start;

	TAILQ_REMOVE(&a->queue, c, settling);
	a->n_queued--;
	c->state = CHILD_FORKED;
	c->started_us = mono_now().us;
	c->pid = spawn_pid(l->spawn);
	map_put(&a->by_pid, (uint64_t)c->pid, c);
	if (l->ours[1] != -1)
		stream_open(a, &c->out, c, STREAM_OUT, l->ours[1]);
	/* Whose standard output is no log has another place for that. */
	c->out.urgent = st->err != STDERR_JOIN;
	if (l->ours[2] != -1) {
		c->err = xcalloc(1, sizeof(*c->err));
		stream_open(a, c->err, c, STREAM_ERR, l->ours[2]);
	}
	if (l->ours[0] != -1)
		input_open(a, c->in, l->ours[0]);
	if (l->ours[CONTROL_FD] != -1)
		control_open(a, c->control, l->ours[CONTROL_FD]);
	if (st->ready != READY_EXEC || st->ready_timeout_ms > 0)
		ready_begin(a, c, st->ready, st->ready_timeout_ms, l->ours[3]);
	for (int i = 0; i < SPAWN_STREAMS; i++)
		l->ours[i] = -1;
	l->watch.ready = status_cb;
	l->watch.fd = spawn_fd(l->spawn);
	if (watch_arm(a, &l->watch, EPOLLIN) == -1)
		child_kill(a, c);
}

/* 0: begun, or failed and told; 1: not now. */
static int
launch_try(struct agent *a, struct child *c)
{
	struct launch *l = c->launch;
	struct spawn_failure failure = { SPAWN_STEP_STDIO, 0 };
	int rc;

	if (!lease_is_valid(a)) {
		child_start_failed(a, c, STEP_LEASE, ETIME);
		return 0;
	}
	if (spawner_pending(a->spawner) >= PENDING_MAX)
		return 1;
	make_plan(a, l);
	if ((rc = make_user(l)) != 0) {
		child_start_failed(a, c, STEP_USER, rc);
		return 0;
	}
	/* Counted before it can live: the guard must never see a child with nobody counted. */
	lease_live_changed(a, 1);
	rc = make_pipes(l);
	if (rc == -1)
		failure.error = errno;
	else
		rc = spawn_start(a->spawner, &l->plan, &l->spawn, &failure);
	if (rc == 0) {
		take_over(a, c);
		return 0;
	}
	close_pipes(l, true);
	lease_live_changed(a, -1);
	free(l->env);
	free(l->env_path);
	l->env = NULL;
	l->env_path = NULL;
	user_release(&l->user);
	if (rc == -1)
		child_start_failed(a, c, (uint32_t)failure.step, failure.error);
	return rc == 1;
}

bool
launch_is_busy(const struct agent *a)
{
	return a->n_queued >= QUEUE_MAX;
}

static void
starts_cb(evutil_socket_t fd, short what, void *arg)
{
	struct agent *a = arg;
	struct child *c;
	int rc = 0;

	(void)fd;
	(void)what;
	for (int n = 0; rc == 0 && n < STARTS_AT_ONCE && (c = TAILQ_FIRST(&a->queue)) != NULL; n++)
		rc = launch_try(a, c);
	/* Not now: then one that is under way will call us. */
	if (rc == 0 && !TAILQ_EMPTY(&a->queue))
		agent_timer_set(a->starts, 0);
	if (a->n_queued < QUEUE_MAX / 2)
		conn_resume(a);
}

void
launch_order(struct agent *a, struct agent_msg *m)
{
	const struct agent_start *st = &m->u.start;
	struct child *c;

	if (child_by_token(a, st->token) != NULL || a->leaving) {
		agent_note(a, LOG_LEVEL_WARNING, "child %s: start of token %" PRIu64 " ignored: %s", st->child, st->token,
		    a->leaving ? "leaving" : "it was started before");
		return;
	}
	c = child_new(a, st);
	c->launch = xcalloc(1, sizeof(*c->launch));
	c->launch->child = c;
	c->launch->msg = *m;
	c->launch->watch.fd = -1;
	for (int i = 0; i < SPAWN_STREAMS; i++)
		c->launch->ours[i] = -1;
	m->strings = NULL;
	if (st->in == STDIN_PIPE)
		c->in = input_new();
	if (st->control)
		c->control = control_new();
	TAILQ_INSERT_TAIL(&a->queue, c, settling);
	a->n_queued++;
	if (st->n_argv == 0)
		child_start_failed(a, c, STEP_EXEC, EINVAL);
	else
		event_active(a->starts, EV_TIMEOUT, 0);
}

void
launch_forget_queued(struct agent *a)
{
	struct child *c;

	while ((c = TAILQ_FIRST(&a->queue)) != NULL)
		child_drop(a, c);
}

int
launch_init(struct agent *a, struct err *err)
{
	if ((a->spawner = spawner_new(err)) == NULL)
		return -1;
	a->starts = agent_timer(a, starts_cb);
	return 0;
}

void
launch_release(struct agent *a)
{
	if (a->starts != NULL)
		event_free(a->starts);
	a->starts = NULL;
	spawner_free(a->spawner);
	a->spawner = NULL;
}
