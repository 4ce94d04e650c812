/* trapexit-recorder(8): options, signals; the work is in recorder.c. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "config.h"
#include "recorder/recorder.h"
#include "store/store.h"

static const char usage_text[] =
    "usage: trapexit-recorder --journal DIR --store URL [--once]\n"
    "       trapexit-recorder --print-epoch --store URL\n"
    "\n"
    "Records the observations of the journal in the store, each exactly once.\n"
    "\n"
    "  -j, --journal DIR   the journal's directory\n"
    "  -s, --store URL     sqlite:PATH, or PATH\n"
    "  -o, --once          record what is there, then leave\n"
    "  -e, --print-epoch   print the largest epoch that the store knows (0: none)\n"
    "  -d, --debug         tell more\n"
    "  -h, --help          show this\n"
    "  -V, --version       show the version\n";

struct arguments {
	struct recorder_options recorder;
	bool print_epoch, debug;
};

static int
usage(const char *why)
{
	fprintf(stderr, "trapexit-recorder: %s\n%s", why, usage_text);
	return EXITCODE_USAGE;
}

/* -1: go on; else the exit code. */
static int
parse(int argc, char **argv, struct arguments *a)
{
	static const struct option longs[] = {
		{ "journal", required_argument, NULL, 'j' },
		{ "store", required_argument, NULL, 's' },
		{ "once", no_argument, NULL, 'o' },
		{ "print-epoch", no_argument, NULL, 'e' },
		{ "debug", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "j:s:oedhV", longs, NULL)) != -1) {
		switch (c) {
		case 'j':
			a->recorder.journal = optarg;
			break;
		case 's':
			a->recorder.store = optarg;
			break;
		case 'o':
			a->recorder.once = true;
			break;
		case 'e':
			a->print_epoch = true;
			break;
		case 'd':
			a->debug = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return EXITCODE_OK;
		case 'V':
			printf("trapexit-recorder (trapexit) %s\n", PACKAGE_VERSION);
			return EXITCODE_OK;
		default:
			fputs(usage_text, stderr);
			return EXITCODE_USAGE;
		}
	}
	if (optind < argc)
		return usage("too many arguments");
	if (a->recorder.store == NULL)
		return usage("which store? (--store)");
	if (a->recorder.journal == NULL && !a->print_epoch)
		return usage("which journal? (--journal)");
	return -1;
}

/*
 * For a daemon whose state directory is gone: it starts above what the store
 * knows. A store that is not there yet knows nothing.
 */
static int
print_epoch(const char *url)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(url, STORE_READ, &err);
	uint32_t epoch = 0;
	int rc = 0;

	if (store == NULL && err.code == ENOTSUP && store_check_url(url, NULL) == 0)
		store = store_open(url, STORE_WRITE, &err); /* of an older version: bring it up to date */
	if (store != NULL)
		rc = store_largest_epoch(store, &epoch, &err);
	else if (err.code != ENOENT)
		rc = -1;
	store_close(store);
	if (rc == -1) {
		log_error("%s", err.msg);
		return EXITCODE_FAILED;
	}
	printf("%u\n", epoch);
	return EXITCODE_OK;
}

static int
open_signals(void)
{
	sigset_t set;
	int fd;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd == -1)
		fatal("signalfd");
	return fd;
}

/* The end of standard input means leave, where it is a pipe that somebody holds; /dev/null or a terminal says nothing. */
static int
watched_stdin(void)
{
	struct stat st;

	return fstat(STDIN_FILENO, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode)) ? STDIN_FILENO : -1;
}

int
main(int argc, char **argv)
{
	struct arguments a = { .recorder = { .leave_fd = { -1, -1 } } };
	struct err err = ERR_INIT;
	struct recorder *r;
	int rc = parse(argc, argv, &a);

	if (rc != -1)
		return rc;
	log_open("trapexit-recorder", a.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (store_check_url(a.recorder.store, &err) == -1) {
		log_error("%s", err.msg);
		return EXITCODE_USAGE;
	}
	if (a.print_epoch)
		return print_epoch(a.recorder.store);
	a.recorder.leave_fd[0] = open_signals();
	/* --once ends by itself, and is not a child whose standard input says when. */
	if (!a.recorder.once)
		a.recorder.leave_fd[1] = watched_stdin();
	r = recorder_new(&a.recorder);
	rc = recorder_run(r, &err);
	if (rc == -1)
		log_error("%s", err.msg);
	recorder_free(r);
	return rc == 0 ? EXITCODE_OK : EXITCODE_FAILED;
}
