/*
 * kid: a child to be supervised, whose behaviour is told by its arguments.
 *
 * `kid --help` lists them. Without any it prints one line ("ID START TOKEN PID",
 * the first three as the daemon told them in its environment) and stays until a signal ends it. What
 * it prints comes after it is ready for signals: a test that has seen its line
 * may send them. Everything happens in one loop over the earliest deadline, the
 * blocked signals that mean something, and the control descriptor.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/mono.h"
#include "base/units.h"
#include "os/notify.h"

#define SIGNALS 65
#define IGNORED (-2) /* in on_signal: nothing comes of it */
#define LISTS 16

enum ready { READY_SAID_NOTHING, READY_BY_NOTIFY, READY_BY_NEWLINE, READY_IGNORE };

struct list {
	const char *words[LISTS];
	unsigned n;
};

struct kid {
	unsigned start; /* which one this is, by the counter file; else 1 */
	int code;	/* how it ends by itself: with this, or by the signal */
	int by_signal;
	mono_t end;
	const char *end_file; /* NULL, or what has to be there first */
	int on_signal[SIGNALS]; /* -1: its default action; IGNORED, or a code */
	int64_t linger_us;	/* between a signal and the end that it means */
	const char *linger_file;
	enum ready ready;
	const char *status;
	int ready_fd;
	mono_t ready_at;
	const char *ready_file;
	struct list strays; /* "stay" or "leave" */
	struct list lines;
	struct list sources;
	mono_t next_line;
	int64_t every_us;
	int64_t slot;
	const char *lock;
	bool traps;
	bool quiet;
};

static void
usage(FILE *to)
{
	fputs("Usage: kid [OPTION]...\n"
	      "A child to be supervised, which does as it is told. Durations have a unit: 200ms.\n"
	      "How it ends:\n"
	      "  --exit N           with status N (at once, unless --after says when)\n"
	      "  --die SIG          by the signal SIG (KILL, SEGV, 9)\n"
	      "  --after T          so long after its beginning (alone: with status 0)\n"
	      "  --on SIG=N         SIG means: exit with N; SIG=ignore: nothing\n"
	      "  --linger T         an end that a signal means comes so much later\n"
	      "  --linger-file FILE and not before there is this file\n"
	      "When it is ready:\n"
	      "  --ready notify     it says READY=1 (sd_notify), with STATUS if there is --status TEXT\n"
	      "  --ready newline    it writes a newline to the descriptor --ready-fd N (3)\n"
	      "  --ready ignore     it says that there is nothing to do (X_TRAPEXIT=ignore)\n"
	      "  --ready-after T    so long after its beginning\n"
	      "  --ready-file FILE  when there is this file\n"
	      "What it does:\n"
	      "  --fork stay        it has a child in its process group, which ignores TERM\n"
	      "  --fork leave       it has one in a session of its own; prints \"stray PID\"\n"
	      "  --lock FILE        it and all its strays hold a lock; a second one writes to FILE.violations, exits 77\n"
	      "  --trap             it prints the lines of the descriptor TRAPEXIT_CONTROL_FD\n"
	      "  --say TEXT         it prints the line; with --every T again and again\n"
	      "  --observe SOURCE   it prints an observation and its state line; with --every T again and again\n"
	      "  --quiet            it does not print \"ID START TOKEN PID\" first\n"
	      "Another life each time:\n"
	      "  --count FILE       counts its starts there, a byte each\n"
	      "  --at K             what follows is for its K-th start; K-: from it on; --at all: for all\n",
	    to);
}

static void ATTR_PRINTF(1, 2)
refuse(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("kid: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(2);
}

static void
die(const char *what)
{
	refuse("%s: %s", what, strerror(errno));
}

static int64_t
duration(const char *text)
{
	int64_t us;

	if (duration_parse(text, &us) == -1)
		refuse("not a duration: %s", text);
	return us;
}

static int
number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (*text == '\0' || *end != '\0' || n < 0 || n > 255)
		refuse("not a number from 0 to 255: %s", text);
	return (int)n;
}

/* "TERM" or "15"; text ends at its NUL or '='. */
static int
signal_of(const char *text)
{
	size_t len = strcspn(text, "=");
	int sig;

	for (sig = 1; sig < SIGNALS; sig++) {
		const char *name = sigabbrev_np(sig);
		char digits[4];

		snprintf(digits, sizeof(digits), "%d", sig);
		if ((name != NULL && strlen(name) == len && strncmp(name, text, len) == 0) ||
		    (strlen(digits) == len && strncmp(digits, text, len) == 0))
			return sig;
	}
	refuse("not a signal: %s", text);
	return 0;
}

static void
list_add(struct list *l, const char *word)
{
	if (l->n == LISTS)
		refuse("more than %d of a kind", LISTS);
	l->words[l->n++] = word;
}

/*** Arguments. */

static void
set_exit(struct kid *k, const char *value)
{
	k->code = number(value);
	k->by_signal = 0;
	if (mono_is_never(k->end))
		k->end = MONO_ZERO;
}

static void
set_die(struct kid *k, const char *value)
{
	k->by_signal = signal_of(value);
	if (mono_is_never(k->end))
		k->end = MONO_ZERO;
}

static void
set_after(struct kid *k, const char *value)
{
	k->end = (mono_t){ duration(value) };
}

static void
set_on(struct kid *k, const char *value)
{
	const char *equals = strchr(value, '=');

	if (equals == NULL)
		refuse("--on takes SIG=N or SIG=ignore, not %s", value);
	else
		k->on_signal[signal_of(value)] = strcmp(equals + 1, "ignore") == 0 ? IGNORED : number(equals + 1);
}

static void
set_linger(struct kid *k, const char *value)
{
	k->linger_us = duration(value);
}

static void
set_linger_file(struct kid *k, const char *value)
{
	k->linger_file = value;
}

static void
set_ready(struct kid *k, const char *value)
{
	if (strcmp(value, "notify") == 0)
		k->ready = READY_BY_NOTIFY;
	else if (strcmp(value, "newline") == 0)
		k->ready = READY_BY_NEWLINE;
	else if (strcmp(value, "ignore") == 0)
		k->ready = READY_IGNORE;
	else
		refuse("--ready takes notify, newline or ignore, not %s", value);
	if (mono_is_never(k->ready_at))
		k->ready_at = MONO_ZERO;
}

static void
set_status(struct kid *k, const char *value)
{
	k->status = value;
}

static void
set_ready_fd(struct kid *k, const char *value)
{
	k->ready_fd = number(value);
}

static void
set_ready_after(struct kid *k, const char *value)
{
	k->ready_at = (mono_t){ duration(value) };
}

static void
set_ready_file(struct kid *k, const char *value)
{
	k->ready_file = value;
}

static void
set_fork(struct kid *k, const char *value)
{
	if (strcmp(value, "stay") != 0 && strcmp(value, "leave") != 0)
		refuse("--fork takes stay or leave, not %s", value);
	list_add(&k->strays, value);
}

static void
set_lock(struct kid *k, const char *value)
{
	k->lock = value;
}

static void
set_trap(struct kid *k, const char *value)
{
	(void)value;
	k->traps = true;
}

static void
set_say(struct kid *k, const char *value)
{
	list_add(&k->lines, value);
}

static void
set_observe(struct kid *k, const char *value)
{
	list_add(&k->sources, value);
}

static void
set_every(struct kid *k, const char *value)
{
	k->every_us = duration(value);
}

static void
set_quiet(struct kid *k, const char *value)
{
	(void)value;
	k->quiet = true;
}

static const struct {
	const char *name;
	bool takes_value;
	void (*set)(struct kid *k, const char *value);
} options[] = {
	{ "--exit", true, set_exit },
	{ "--die", true, set_die },
	{ "--after", true, set_after },
	{ "--on", true, set_on },
	{ "--linger", true, set_linger },
	{ "--linger-file", true, set_linger_file },
	{ "--ready", true, set_ready },
	{ "--status", true, set_status },
	{ "--ready-fd", true, set_ready_fd },
	{ "--ready-after", true, set_ready_after },
	{ "--ready-file", true, set_ready_file },
	{ "--fork", true, set_fork },
	{ "--lock", true, set_lock },
	{ "--trap", false, set_trap },
	{ "--say", true, set_say },
	{ "--observe", true, set_observe },
	{ "--every", true, set_every },
	{ "--quiet", false, set_quiet },
};

/* Appending a byte is atomic, so that starts that overlap (which must not be) are told apart. */
static unsigned
count_start(const char *path)
{
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	off_t at = -1;

	if (fd == -1 || write(fd, ".", 1) != 1 || (at = lseek(fd, 0, SEEK_CUR)) == -1)
		die(path);
	close(fd);
	return (unsigned)at;
}

/* "3", "3-" or "all". */
static bool
is_at(const char *text, unsigned start)
{
	char *end;
	unsigned long k = strtoul(text, &end, 10);

	if (strcmp(text, "all") == 0)
		return true;
	if (k == 0 || (*end != '\0' && strcmp(end, "-") != 0))
		refuse("--at takes K, K- or all, not %s", text);
	return *end == '-' ? start >= k : start == k;
}

static const char *
value_of(char *const argv[], int i)
{
	if (argv[i + 1] == NULL)
		refuse("%s: its value is missing", argv[i]);
	return argv[i + 1];
}

static void
parse(struct kid *k, char *const argv[])
{
	bool counts = true;
	size_t o;
	int i;

	for (i = 1; argv[i] != NULL; i++) {
		if (strcmp(argv[i], "--help") == 0) {
			usage(stdout);
			exit(0);
		}
		if (strcmp(argv[i], "--count") == 0) {
			k->start = count_start(value_of(argv, i++));
			continue;
		}
		if (strcmp(argv[i], "--at") == 0) {
			counts = is_at(value_of(argv, i++), k->start);
			continue;
		}
		for (o = 0; o < sizeof(options) / sizeof(*options) && strcmp(options[o].name, argv[i]) != 0; o++)
			;
		if (o == sizeof(options) / sizeof(*options))
			refuse("not an option: %s (see kid --help)", argv[i]);
		if (counts)
			options[o].set(k, options[o].takes_value ? value_of(argv, i) : NULL);
		i += options[o].takes_value;
	}
}

/*** What it does. */

static const char *
env(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "-";
}

static void
leave(const struct kid *k)
{
	if (k->by_signal != 0) {
		sigset_t one;

		signal(k->by_signal, SIG_DFL);
		sigemptyset(&one);
		sigaddset(&one, k->by_signal);
		sigprocmask(SIG_UNBLOCK, &one, NULL);
		raise(k->by_signal);
		pause();
	}
	_exit(k->code); /* what was to be printed has been */
}

/* Never closed, and inherited by whoever it leaves behind: so it tells of these, too. */
static void
take_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT, 0644);
	char name[4096], line[256];
	int n;

	if (fd == -1)
		die(path);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return;
	if (errno != EWOULDBLOCK)
		die(path);
	snprintf(name, sizeof(name), "%s.violations", path);
	fd = open(name, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
	n = snprintf(line, sizeof(line), "a second incarnation (token %s, pid %d) while something of the first lives\n",
	    env("TRAPEXIT_TOKEN"), (int)getpid());
	if (fd == -1 || write(fd, line, (size_t)n) != n)
		perror(name);
	_exit(77);
}

static void
fork_stray(const char *how)
{
	pid_t pid = fork();

	if (pid == -1)
		die("fork");
	if (pid > 0) {
		printf("stray %d\n", (int)pid);
		return;
	}
	signal(SIGTERM, SIG_IGN);
	if (strcmp(how, "leave") == 0)
		setsid();
	for (;;)
		pause();
}

static void
observe(struct kid *k, const char *source)
{
	char time[WALL_TEXT_SIZE];
	int64_t ms = wall_ms(), grid = k->every_us / US_PER_MS > 0 ? k->every_us / US_PER_MS : 1;

	/* A slot each time, also when two times fall into one of the grid. */
	k->slot = ms - ms % grid > k->slot ? ms - ms % grid : k->slot + grid;
	printf("{\"type\":\"observation\",\"source\":\"%s\",\"slot\":%jd,\"time\":\"%s\",\"status\":\"ok\","
	       "\"product\":\"%s\",\"amount\":\"%u.00\",\"currency\":\"GBP\"}\n"
	       "{\"type\":\"state\",\"key\":\"done/%s\",\"value\":{\"slot\":%jd}}\n",
	    source, (intmax_t)k->slot, wall_text(ms, time), source, k->start, source, (intmax_t)k->slot);
}

static void
say_lines(struct kid *k, mono_t now)
{
	unsigned i;

	for (i = 0; i < k->lines.n; i++)
		puts(k->lines.words[i]);
	for (i = 0; i < k->sources.n; i++)
		observe(k, k->sources.words[i]);
	k->next_line = k->every_us > 0 ? mono_add_us(now, k->every_us) : MONO_NEVER;
}

static void
say_ready(struct kid *k)
{
	bool with_status = k->status != NULL;

	switch (k->ready) {
	case READY_SAID_NOTHING:
		break;
	case READY_BY_NOTIFY:
		if (notify_send("READY=1%s%s", with_status ? "\nSTATUS=" : "", with_status ? k->status : "") != 1)
			die("NOTIFY_SOCKET");
		break;
	case READY_BY_NEWLINE:
		if (write(k->ready_fd, "\n", 1) != 1)
			die("the descriptor for readiness");
		close(k->ready_fd);
		break;
	case READY_IGNORE:
		if (notify_send("X_TRAPEXIT=ignore") != 1)
			die("NOTIFY_SOCKET");
		break;
	}
	k->ready = READY_SAID_NOTHING;
	k->ready_at = MONO_NEVER;
}

static void
on_signal(struct kid *k, int fd, mono_t now)
{
	struct signalfd_siginfo si;

	if (read(fd, &si, sizeof(si)) != (ssize_t)sizeof(si) || k->on_signal[si.ssi_signo] == IGNORED)
		return;
	/* The first one counts. */
	signal((int)si.ssi_signo, SIG_IGN);
	k->code = k->on_signal[si.ssi_signo];
	k->by_signal = 0;
	if (mono_before(mono_add_us(now, k->linger_us), k->end)) {
		k->end = mono_add_us(now, k->linger_us);
		k->end_file = k->linger_file;
	}
}

/* Lines of the control descriptor; false at its end. */
static bool
on_control(int fd)
{
	char bytes[4096];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n > 0)
		fwrite(bytes, 1, (size_t)n, stdout);
	return n > 0 || (n == -1 && (errno == EAGAIN || errno == EINTR));
}

static int
control_fd(const struct kid *k)
{
	const char *text = getenv("TRAPEXIT_CONTROL_FD");

	if (!k->traps)
		return -1;
	if (text == NULL)
		refuse("--trap: there is no TRAPEXIT_CONTROL_FD");
	return number(text);
}

static int
block_signals(const struct kid *k)
{
	sigset_t set;
	int sig;

	sigemptyset(&set);
	for (sig = 1; sig < SIGNALS; sig++) {
		if (k->on_signal[sig] != -1)
			sigaddset(&set, sig);
	}
	sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Do what is due at `now`; when is the next time? */
static mono_t
serve(struct kid *k, mono_t now)
{
	mono_t look = mono_add_us(now, 10 * US_PER_MS), next;

	if (!mono_before(now, k->ready_at) && (k->ready_file == NULL || access(k->ready_file, F_OK) == 0))
		say_ready(k);
	if (!mono_before(now, k->next_line))
		say_lines(k, now);
	fflush(stdout);
	if (!mono_before(now, k->end) && (k->end_file == NULL || access(k->end_file, F_OK) == 0))
		leave(k);
	next = mono_min(mono_min(k->ready_at, k->end), k->next_line);
	if (!mono_before(now, next))
		return look; /* for a file */
	return mono_min(next, mono_add_us(now, 3600 * US_PER_S)); /* poll(2) counts in an int */
}

static void
live(struct kid *k, mono_t birth)
{
	struct pollfd fds[2] = { { .fd = block_signals(k), .events = POLLIN }, { .fd = control_fd(k), .events = POLLIN } };

	for (;;) {
		mono_t now = { mono_diff_us(mono_now(), birth) }, next = serve(k, now);
		int64_t us = mono_before(next, now) ? 0 : mono_diff_us(next, now);

		if (poll(fds, 2, (int)((us + US_PER_MS - 1) / US_PER_MS)) == -1 && errno != EINTR)
			die("poll");
		now = (mono_t){ mono_diff_us(mono_now(), birth) };
		if (fds[0].revents != 0)
			on_signal(k, fds[0].fd, now);
		if (fds[1].revents != 0 && !on_control(fds[1].fd))
			fds[1].fd = -1;
	}
}

int
main(int argc, char *argv[])
{
	struct kid k = { .start = 1, .end = MONO_NEVER, .ready_at = MONO_NEVER, .next_line = MONO_ZERO, .ready_fd = 3 };
	mono_t birth = mono_now();
	unsigned i;

	(void)argc;
	for (i = 0; i < SIGNALS; i++)
		k.on_signal[i] = -1;
	parse(&k, argv);
	if (k.lock != NULL)
		take_lock(k.lock);
	close(block_signals(&k)); /* before its first line */
	for (i = 0; i < k.strays.n; i++)
		fork_stray(k.strays.words[i]);
	if (!k.quiet)
		printf("%s %s %s %d\n", env("TRAPEXIT_ID"), env("TRAPEXIT_START"), env("TRAPEXIT_TOKEN"), (int)getpid());
	live(&k, birth);
}
