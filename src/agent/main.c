#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agent/attach.h"
#include "agent/guard.h"
#include "agent/place.h"
#include "agent/relay.h"
#include "base/exitcode.h"
#include "base/strvec.h"
#include "base/units.h"
#include "os/detach.h"
#include "os/fd.h"
#include "os/sock.h"
#include "wire/preamble.h"

#define HOLD_DEFAULT (60 * US_PER_S)
#define STREAM_MAX (8u << 20)
#define OUTPUT_MAX (256u << 20)

struct options {
	struct agent_options agent;
	const char *run_dir;
	bool attach;
	bool foreground;
	bool debug;
};

static const char help[] =
    "usage: trapexit-agent [options]\n"
    "Run the children of one host for trapexitd(8).\n"
    "\n"
    "  -i, --installation ID   whose agent this is: 32 hexadecimal digits\n"
    "  -n, --node NAME         the name of this host there (default: local)\n"
    "  -r, --run-dir DIR       where socket and lock are\n"
    "  -H, --hold DURATION     how long to live without a daemon (default: 60s)\n"
    "  -a, --attach            relay standard input and output to the running agent\n"
    "  -f, --foreground        do not detach\n"
    "  -d, --debug             say more\n"
    "  -h, --help              show this help\n"
    "  -V, --version           show the version\n";

static const struct option long_options[] = {
	{ "installation", required_argument, NULL, 'i' },
	{ "node", required_argument, NULL, 'n' },
	{ "run-dir", required_argument, NULL, 'r' },
	{ "hold", required_argument, NULL, 'H' },
	{ "attach", no_argument, NULL, 'a' },
	{ "foreground", no_argument, NULL, 'f' },
	{ "debug", no_argument, NULL, 'd' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static void ATTR_NORETURN
usage_error(const char *what, const char *value)
{
	fprintf(stderr, "trapexit-agent: %s: %s\n", value, what);
	exit(EXITCODE_USAGE);
}

static void
set_installation(struct agent_options *o, const char *text)
{
	if (strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32)
		usage_error("an installation is 32 hexadecimal digits", text);
	memcpy(o->installation, text, sizeof(o->installation));
}

static void
set_node(struct agent_options *o, const char *text)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:-";

	/* It becomes part of file names, and of a variable that is compared as a whole. */
	if (*text == '\0' || strlen(text) > 64 || strspn(text, allowed) != strlen(text) || strchr(".:-", *text) != NULL)
		usage_error("not a name of a node", text);
	o->node = text;
}

static void
parse_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "i:n:r:H:afdhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'i':
			set_installation(&o->agent, optarg);
			break;
		case 'n':
			set_node(&o->agent, optarg);
			break;
		case 'r':
			o->run_dir = optarg;
			break;
		case 'H':
			if (duration_parse(optarg, &o->agent.hold_us) == -1 || o->agent.hold_us < US_PER_MS)
				usage_error("not a duration such as 60s", optarg);
			break;
		case 'a':
			o->attach = true;
			break;
		case 'f':
			o->foreground = true;
			break;
		case 'd':
			o->debug = true;
			break;
		case 'h':
			fputs(help, stdout);
			exit(EXITCODE_OK);
		case 'V':
			puts("trapexit-agent (trapexit) " PACKAGE_VERSION);
			exit(EXITCODE_OK);
		default:
			fputs("Try 'trapexit-agent --help'.\n", stderr);
			exit(EXITCODE_USAGE);
		}
	}
	if (optind < argc)
		usage_error("unexpected argument", argv[optind]);
}

static void
die(int *word, const struct err *err)
{
	log_error("%s", err->msg);
	detach_done(word, EXITCODE_FAILED);
	exit(EXITCODE_FAILED);
}

/* --attach */

static int
attach_main(const struct options *o, const struct place *p)
{
	struct strvec argv = STRVEC_INIT;
	struct err err = ERR_INIT;
	char self[4096], preamble[PREAMBLE_SIZE];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd, code;

	if (n == -1)
		fatal("/proc/self/exe");
	self[n] = '\0';
	strvec_push(&argv, self);
	strvec_pushf(&argv, "--installation=%s", o->agent.installation);
	strvec_pushf(&argv, "--node=%s", o->agent.node);
	strvec_pushf(&argv, "--run-dir=%s", p->dir);
	strvec_pushf(&argv, "--hold=%lldus", (long long)o->agent.hold_us);
	fd = attach_connect(p->socket, argv.v, &err);
	if (fd == -1)
		fatalx("%s", err.msg);
	/* What a login printed ends here. */
	if (fd_write_all(STDOUT_FILENO, preamble, preamble_text(o->agent.installation, o->agent.node, preamble)) == -1)
		fatal("standard output");
	code = relay_run(p, fd, argv.v);
	strvec_release(&argv);
	return code;
}

/* The two processes. */

/* In ps the two are told apart; the names have the same length. */
static void
call_it_guard(char *argv0)
{
	char *tail = strlen(argv0) >= 5 ? argv0 + strlen(argv0) - 5 : NULL;

	prctl(PR_SET_NAME, "trapexit-guard");
	if (tail != NULL && strcmp(tail, "agent") == 0)
		memcpy(tail, "guard", 5);
}

struct beginning {
	struct options *options;
	struct place place;
	struct page *page;
	int listen_fd;
	bool passed; /* the socket was passed to us */
	int word;
	int pair[2]; /* guard, agent */
	pid_t guard;
};

static int
run_agent(struct beginning *b)
{
	struct err err = ERR_INIT;
	struct agent *a;
	int code;

	prctl(PR_SET_CHILD_SUBREAPER, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != b->guard)
		return EXITCODE_FAILED;
	fd_close(&b->pair[0]);
	a = agent_new(&b->options->agent, b->page, b->listen_fd, b->pair[1], b->guard, &err);
	if (a == NULL)
		die(&b->word, &err);
	detach_done(&b->word, EXITCODE_OK);
	if (!b->options->foreground)
		log_to_syslog();
	code = agent_run(a);
	agent_free(a);
	return code;
}

static int
run_guard(struct beginning *b, pid_t agent, char *argv0)
{
	struct guard g = {
		.page = b->page,
		.agent = agent,
		.lock_fd = b->place.lock_fd,
		.agent_fd = b->pair[0],
		.socket_path = b->passed ? NULL : b->place.socket,
	};
	struct err err = ERR_INIT;

	call_it_guard(argv0);
	fd_close(&b->pair[1]);
	fd_close(&b->listen_fd);
	if (proc_identify(getpid(), &g.owner.owner) == -1 || proc_identify(agent, &g.owner.worker) == -1)
		log_warn("/proc");
	if (lockfile_write(b->place.lock_fd, &g.owner, &err) == -1)
		log_warnx("%s", err.msg);
	(void)notify_send("READY=1\nMAINPID=%d\nSTATUS=agent %d", (int)getpid(), (int)agent);
	/* The agent speaks for both when it is up; a word kept open here would hold the shell. */
	if (b->options->foreground)
		return guard_run(&g);
	fd_close(&b->word);
	log_to_syslog();
	return guard_run(&g);
}

/* S69: what an agent that did not end in order may have left is gone before anybody is answered. */
static int
sweep(const struct options *o, struct err *err)
{
	char marker[128];
	int n;

	snprintf(marker, sizeof(marker), "%s/%s", o->agent.installation, o->agent.node);
	if ((n = proc_sweep("TRAPEXIT_AGENT", marker, err)) > 0)
		log_warnx("%d processes that an earlier agent left were killed", n);
	return n == -1 ? -1 : 0;
}

static int
begin(struct beginning *b, struct err *err)
{
	const struct options *o = b->options;
	struct lockfile_owner was, now = { { 0, 0 }, { 0, 0 }, false };

	if (place_take(&b->place, &o->agent, &was, err) == -1)
		return -1;
	/* Not clean from now on, whatever ends us. */
	if (proc_identify(getpid(), &now.owner) == -1)
		return err_sys(err, errno, "/proc");
	if (lockfile_write(b->place.lock_fd, &now, err) == -1)
		return -1;
	if (b->passed && fd_set_nonblock(b->listen_fd) == -1)
		return err_sys(err, errno, "the socket that was passed");
	if (!b->passed && (b->listen_fd = sock_listen(b->place.socket, 0600, err)) == -1)
		return -1;
	/* Who connects from here on waits in the backlog. */
	if (!was.clean && sweep(o, err) == -1)
		return -1;
	b->page = mmap(NULL, sizeof(*b->page), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (b->page == MAP_FAILED)
		return err_sys(err, errno, "shared page");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, b->pair) == -1)
		return err_sys(err, errno, "socketpair");
	return 0;
}

static void
default_signals(void)
{
	sigset_t none;

	/* What a shell made us ignore is not for our children to ignore. */
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static int
agent_main(struct options *o, struct beginning *b, char *argv0)
{
	struct err err = ERR_INIT;
	pid_t pid;

	b->passed = notify_listen_fds() > 0;
	b->listen_fd = b->passed ? fd_move_up(3, SPAWN_FD_LIMIT) : -1;
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	default_signals();
	if (!o->foreground && detach_start(&b->word, &err) == -1)
		die(&b->word, &err);
	if (fd_fill_lowest(SPAWN_FD_FIRST) == -1 || begin(b, &err) == -1)
		die(&b->word, &err);
	guard_prepare();
	atomic_store(&b->page->deadline, mono_now().us + o->agent.hold_us);
	b->guard = getpid();
	if ((pid = process_fork()) == -1) {
		err_sys(&err, errno, "fork");
		die(&b->word, &err);
	}
	return pid == 0 ? run_agent(b) : run_guard(b, pid, argv0);
}

int
main(int argc, char **argv)
{
	struct options o = { .agent = { "00000000000000000000000000000000", "local", HOLD_DEFAULT, STREAM_MAX, OUTPUT_MAX } };
	struct beginning b = { .options = &o, .listen_fd = -1, .word = -1 };
	struct err err = ERR_INIT;
	int code;

	parse_options(&o, argc, argv);
	log_open("trapexit-agent", o.debug ? LOG_LEVEL_DEBUG : o.foreground ? LOG_LEVEL_INFO : LOG_LEVEL_WARNING);
	if (place_init(&b.place, &o.agent, o.run_dir, &err) == -1)
		die(&b.word, &err);
	code = o.attach ? attach_main(&o, &b.place) : agent_main(&o, &b, argv[0]);
	place_release(&b.place);
	return code;
}
