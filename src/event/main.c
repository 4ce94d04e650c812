/* trapexit-event(8): options, signals; the work is in dispatcher.c. */
#include "config.h"

#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/mono.h"
#include "base/units.h"
#include "base/xalloc.h"
#include "event/dispatcher.h"
#include "os/fd.h"
#include "os/spawn.h"

#define RETRY_MS_FIRST 500
#define RETRY_MS_MAX 30000

static const char usage_text[] =
    "usage: trapexit-event --journal DIR --position FILE [--config FILE] [HANDLER ...]\n"
    "\n"
    "Runs the commands of on_event sections for what the journal tells. A HANDLER is\n"
    "such a section as a text.\n"
    "\n"
    "  -j, --journal DIR    the journal's directory\n"
    "  -p, --position FILE  up to where each handler is done\n"
    "  -c, --config FILE    the on_event sections of this configuration\n"
    "  -o, --once           do what is there, then leave\n"
    "  -d, --debug          tell more\n"
    "  -h, --help           show this\n"
    "  -V, --version        show the version\n";

struct arguments {
	struct dispatcher_options dispatcher;
	const char *config;
	bool debug;
};

static int
usage(const char *why)
{
	fprintf(stderr, "trapexit-event: %s\n%s", why, usage_text);
	return EXITCODE_USAGE;
}

/* -1: go on; else the exit code. */
static int
parse(int argc, char **argv, struct arguments *a)
{
	static const struct option longs[] = {
		{ "journal", required_argument, NULL, 'j' },
		{ "position", required_argument, NULL, 'p' },
		{ "config", required_argument, NULL, 'c' },
		{ "once", no_argument, NULL, 'o' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "j:p:c:odhV", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			a->dispatcher.journal = optarg;
			break;
		case 'p':
			a->dispatcher.position = optarg;
			break;
		case 'c':
			a->config = optarg;
			break;
		case 'o':
			a->dispatcher.once = true;
			break;
		case 'd':
			a->debug = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return EXITCODE_OK;
		case 'V':
			printf("trapexit-event (trapexit) %s\n", PACKAGE_VERSION);
			return EXITCODE_OK;
		default:
			fputs(usage_text, stderr);
			return EXITCODE_USAGE;
		}
	}
	if (a->dispatcher.journal == NULL)
		return usage("which journal? (--journal)");
	if (a->dispatcher.position == NULL)
		return usage("where is what was done kept? (--position)");
	if (a->config != NULL && optind < argc)
		return usage("a configuration and handlers are both given; choose one");
	if (a->config == NULL && optind == argc)
		return usage("no handlers: name a configuration (--config), or give on_event sections");
	return -1;
}

/* The handlers; NULL with all that is wrong said. */
static struct config *
load(const char *path, char *const *sections)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct buf text = BUF_INIT(0);
	struct config *c;

	for (; *sections != NULL; sections++) {
		buf_xaddstr(&text, *sections);
		buf_xaddc(&text, '\n');
	}
	c = path != NULL ? config_load(path, &errors) : config_parse("handlers", text.data, text.len, &errors);
	if (errors.text.len > 0)
		fwrite(errors.text.data, 1, errors.text.len, stderr);
	if (c != NULL && c->n_handlers == 0) {
		fprintf(stderr, "trapexit-event: %s: there is no on_event\n", path != NULL ? path : "handlers");
		config_unref(c);
		c = NULL;
	}
	buf_release(&text);
	buf_release(&errors.text);
	return c;
}

/* SIGCHLD comes the same way; it is blocked here, and spawn.h gives each child a mask of its own. */
static int
open_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd == -1)
		fatal("signalfd");
	return fd_move_up(fd, SPAWN_FD_LIMIT);
}

/* True: we are told to leave. */
static bool
wait_to_retry(int signal_fd, int ms)
{
	struct pollfd p = { .fd = signal_fd, .events = POLLIN };
	mono_t until = mono_add_ms(mono_now(), ms);
	struct signalfd_siginfo si;
	int64_t left;

	while ((left = mono_diff_us(until, mono_now()) / US_PER_MS) > 0) {
		if (poll(&p, 1, (int)left) <= 0)
			continue;
		while (read(signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si))
			if (si.ssi_signo != SIGCHLD)
				return true;
	}
	return false;
}

/*
 * A journal that cannot be read now may be later. To end each time would have us restarted, which is
 * counted: our troubles are not to become those of our supervisor.
 */
static int
run(const struct dispatcher_options *o)
{
	char trouble[sizeof(((struct err *)0)->msg)] = "";
	int ms = RETRY_MS_FIRST;

	for (;;) {
		struct err err = ERR_INIT;
		struct dispatcher *d = dispatcher_new(o, &err);
		int rc = d == NULL ? -1 : dispatcher_run(d, &err);

		if (d != NULL)
			ms = RETRY_MS_FIRST;
		dispatcher_free(d);
		if (rc == 0)
			return 0;
		if (o->once) {
			log_error("%s", err.msg);
			return -1;
		}
		if (strcmp(trouble, err.msg) != 0)
			log_error("%s; trying again", err.msg);
		memcpy(trouble, err.msg, sizeof(trouble));
		if (wait_to_retry(o->signal_fd, ms))
			return 0;
		ms = ms * 2 > RETRY_MS_MAX ? RETRY_MS_MAX : ms * 2;
	}
}

int
main(int argc, char **argv)
{
	struct arguments a = { .dispatcher = { .self = getenv("TRAPEXIT_ID") } };
	struct config *config;
	int rc = parse(argc, argv, &a);

	if (rc != -1)
		return rc;
	log_open("trapexit-event", a.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if ((config = load(a.config, argv + optind)) == NULL)
		return EXITCODE_USAGE;
	a.dispatcher.config = config;
	a.dispatcher.signal_fd = open_signals();
	rc = run(&a.dispatcher);
	config_unref(config);
	return rc == 0 ? EXITCODE_OK : EXITCODE_FAILED;
}
