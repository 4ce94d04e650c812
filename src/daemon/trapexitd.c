#include "config.h"

#include "daemon/trapexitd.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/xalloc.h"
#include "conf/paths.h"
#include "daemon/daemon.h"
#include "daemon/handover.h"
#include "os/detach.h"
#include "os/file.h"

static const char usage_text[] =
    "Usage: trapexitd [-c FILE] [-p FILE] [-dtTv]\n"
    "Supervise price scrapers: start them, trap their exits, start them again.\n"
    "\n"
    "  -c, --config FILE    read this configuration\n"
    "  -d, --detach         go to the background when all is set up; the agent then\n"
    "                       starts the daemon again when it dies\n"
    "  -p, --pid-file FILE  write the process id there\n"
    "  -t, --test           check the configuration and leave: 0 if it is good, 2 if not\n"
    "  -T, --print          print the configuration in its canonical form and leave\n"
    "  -v, --verbose        log more\n"
    "  -h, --help           print this help and leave\n"
    "  -V, --version        print the version and leave\n"
    "\n"
    "SIGTERM stops everything in order, a second one at once; SIGHUP reads the\n"
    "configuration again; SIGUSR1 opens the logs again; SIGUSR2 lets a new trapexitd\n"
    "take over. See trapexitd(8).\n";

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "detach", no_argument, NULL, 'd' },
	{ "pid-file", required_argument, NULL, 'p' },
	{ "test", no_argument, NULL, 't' },
	{ "print", no_argument, NULL, 'T' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static int
finish_output(void)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return EXITCODE_OK;
	fprintf(stderr, "trapexitd: standard output: %s\n", strerror(errno));
	return EXITCODE_FAILED;
}

/* -1: go on; else the exit code. */
static int
parse_options(struct options *o, int argc, char *argv[])
{
	int c;

	while ((c = getopt_long(argc, argv, "c:dp:tTvhV", long_options, NULL)) != -1) {
		switch (c) {
		case 'c':
			o->config_path = optarg;
			break;
		case 'd':
			o->detach = true;
			break;
		case 'p':
			o->pid_file = optarg;
			break;
		case 't':
			o->check = true;
			break;
		case 'T':
			o->print = true;
			break;
		case 'v':
			o->debug = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			return finish_output();
		case 'V':
			printf("trapexitd (trapexit) %s\n", daemon_version());
			return finish_output();
		default:
			fprintf(stderr, "Try 'trapexitd --help'.\n");
			return EXITCODE_USAGE;
		}
	}
	if (optind < argc) {
		fprintf(stderr, "trapexitd: %s: no argument was expected\nTry 'trapexitd --help'.\n", argv[optind]);
		return EXITCODE_USAGE;
	}
	return -1;
}

/* The first complaint, and how many more there are. */
static void
tell_heir_errors(struct heir *heir, const struct config_errors *errors)
{
	char text[512];
	int first = errors->text.len > 0 ? (int)strcspn(errors->text.data, "\n") : 0;

	snprintf(text, sizeof(text), "%.*s (%u error%s)", first < 400 ? first : 400, first > 0 ? errors->text.data : "",
	    errors->errors, errors->errors == 1 ? "" : "s");
	heir_fail(heir, text);
}

static struct config *
load_config(const char *path, struct heir *heir, unsigned *warnings)
{
	struct config_errors errors = { .text = BUF_INIT(0) };
	struct config *config = config_load(path, &errors);

	*warnings = errors.warnings;
	if (errors.text.len > 0)
		fputs(errors.text.data, stderr);
	if (config == NULL)
		fprintf(stderr, "trapexitd: %s: %u error%s\n", path, errors.errors, errors.errors == 1 ? "" : "s");
	if (config == NULL)
		tell_heir_errors(heir, &errors);
	buf_release(&errors.text);
	return config;
}

static int
print_config(const struct config *config)
{
	struct buf out = BUF_INIT(0);

	config_print(config, &out);
	fwrite(out.data, 1, out.len, stdout);
	buf_release(&out);
	return finish_output();
}

/* Let go of the terminal, and of who waits there until the setup is done. */
static void
let_go(const struct config *config, int *word)
{
	static char log_path[4096];

	snprintf(log_path, sizeof(log_path), "%s/trapexitd.log", config->log_dir);
	if (log_to_file(log_path) == -1)
		log_to_syslog();
	detach_done(word, EXITCODE_OK);
}

/* From the root, without looking at what is there: a link may lead elsewhere tomorrow. */
static char *
absolute(const char *path)
{
	char *cwd = path[0] == '/' ? NULL : getcwd(NULL, 0), *full;

	full = cwd == NULL ? xstrdup(path) : xasprintf("%s/%s", strcmp(cwd, "/") == 0 ? "" : cwd, path);
	free(cwd);
	return full;
}

/* The command that starts us again; the agent, which gives it, stands in /. */
static void
make_heart(struct options *o, const char *config_path)
{
	strvec_push_nodup(&o->heart, strchr(o->argv[0], '/') != NULL ? absolute(o->argv[0]) : xstrdup(o->argv[0]));
	strvec_push(&o->heart, o->debug ? "-dv" : "-d");
	strvec_push(&o->heart, "-c");
	strvec_push(&o->heart, config_path);
	if (o->pid_file == NULL)
		return;
	strvec_push(&o->heart, "-p");
	strvec_push(&o->heart, o->pid_file);
}

int
daemon_write_pid_file(const struct daemon *d, struct err *err)
{
	char text[24];
	int n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());

	/* A guest is there for a moment only, and if it stays it writes then. */
	if (d->options->pid_file == NULL || heir_is_guest(d->heir))
		return 0;
	if (file_write_atomic(d->options->pid_file, text, (size_t)n, 0644, err) == -1)
		return err_wrap(err, "pid file");
	return 0;
}

static int
run(struct options *o, struct config *config, char *path, struct heir *heir)
{
	struct daemon d = { .options = o, .config = config, .config_path = path, .lock_fd = -1, .heir = heir };
	struct err err = ERR_INIT;
	int word = -1;

	/* An error of the setup is seen where the daemon was started: the process in front waits. */
	if ((o->detach && heir == NULL && detach_start(&word, &err) == -1) || daemon_setup(&d, &err) == -1 ||
	    daemon_write_pid_file(&d, &err) == -1) {
		heir_fail(heir, err.msg);
		log_error("%s", err.msg);
		/* What is half set up goes with the process. */
		_exit(EXITCODE_FAILED);
	}
	if (o->detach)
		let_go(config, &word);
	return daemon_run(&d);
}

static int
supervise(struct options *o, struct config *config, char *path, struct heir *heir)
{
	char *pid_file = o->pid_file != NULL ? absolute(o->pid_file) : NULL;
	int code;

	o->pid_file = pid_file;
	make_heart(o, path);
	code = run(o, config, path, heir);
	strvec_release(&o->heart);
	free(pid_file);
	return code;
}

static void
tell_place(const char *name, const char *told, const char *running)
{
	if (told != NULL && strcmp(told, running) != 0)
		log_warnx("%s: %s -> %s: only a restart changes that", name, running, told);
}

/* Who takes over goes on in the places that there are, as a reload does: another state is another installation. */
static void
keep_places(struct config *config, const struct offer *o)
{
	struct config running = *config;

	running.state_dir = o->state_dir;
	running.run_dir = o->run_dir;
	running.log_dir = o->log_dir;
	tell_place("state_dir", config->state_dir, o->state_dir);
	tell_place("run_dir", config->run_dir, o->run_dir);
	tell_place("log_dir", config->log_dir, o->log_dir);
	config_keep_places(config, &running);
}

/* What -c says, or the environment, or else where it is by default. */
static char *
config_path(const struct options *o)
{
	char *found = paths_config_file(), *path = absolute(o->config_path != NULL ? o->config_path : found);

	free(found);
	return path;
}

int
trapexitd_main(int argc, char *argv[])
{
	struct options o = { .argv = argv, .heart = STRVEC_INIT };
	struct config *config;
	struct heir *heir = NULL;
	char *path;
	int code = parse_options(&o, argc, argv);
	unsigned warnings;

	if (code != -1)
		return code;
	log_open("trapexitd", o.debug ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO);
	if (!o.print && !o.check)
		heir = heir_begin();
	path = config_path(&o);
	if ((config = load_config(path, heir, &warnings)) == NULL) {
		free(path);
		return EXITCODE_USAGE;
	}
	if (heir != NULL && heir_offer(heir)->state_dir != NULL)
		keep_places(config, heir_offer(heir));
	else
		paths_defaults(config);
	if (!o.print && !o.check)
		return supervise(&o, config, path, heir);
	code = EXITCODE_OK;
	if (o.print)
		code = print_config(config);
	else
		printf("%s: good%s\n", path, warnings > 0 ? ", but for what was warned of" : "");
	config_unref(config);
	free(path);
	return code;
}
