/*
 * pricescrape(1): the price of a page, once or for ever.
 */
#include "config.h"

#include <getopt.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/log.h"
#include "base/units.h"
#include "os/fd.h"
#include "scrape/command.h"
#include "scrape/confine.h"
#include "scrape/fetch_proxy.h"
#include "scrape/print.h"
#include "scrape/scraper.h"

enum {
	OPTION_ALLOW_PRIVATE = 256,
	OPTION_CACERT,
	OPTION_CONTACT,
	OPTION_DIE_AFTER,
	OPTION_JOB,
	OPTION_MAX_BODY,
	OPTION_NO_ROBOTS,
	OPTION_PAGE_CPU,
	OPTION_PRODUCT,
	OPTION_PROXY,
	OPTION_SANDBOX,
	OPTION_SOURCE,
	OPTION_TIMEOUT,
	OPTION_TOLD,
	OPTION_USER_AGENT,
};

static const struct option options[] = {
	{ "allow-private", no_argument, NULL, OPTION_ALLOW_PRIVATE },
	{ "cacert", required_argument, NULL, OPTION_CACERT },
	{ "contact", required_argument, NULL, OPTION_CONTACT },
	{ "allow-negative", no_argument, NULL, OPTION_TOLD },
	{ "allow-zero", no_argument, NULL, OPTION_TOLD },
	{ "charset", required_argument, NULL, OPTION_TOLD },
	{ "css", required_argument, NULL, OPTION_TOLD },
	{ "currency", required_argument, NULL, OPTION_TOLD },
	{ "decimal", required_argument, NULL, OPTION_TOLD },
	{ "die-after", required_argument, NULL, OPTION_DIE_AFTER },
	{ "group", required_argument, NULL, OPTION_TOLD },
	{ "help", no_argument, NULL, 'h' },
	{ "job", no_argument, NULL, OPTION_JOB },
	{ "locale", required_argument, NULL, OPTION_TOLD },
	{ "magnitudes", no_argument, NULL, OPTION_TOLD },
	{ "max-body", required_argument, NULL, OPTION_MAX_BODY },
	{ "no-robots", no_argument, NULL, OPTION_NO_ROBOTS },
	{ "page-cpu", required_argument, NULL, OPTION_PAGE_CPU },
	{ "pattern", required_argument, NULL, 'p' },
	{ "pointer", required_argument, NULL, OPTION_TOLD },
	{ "product", required_argument, NULL, OPTION_PRODUCT },
	{ "proxy", required_argument, NULL, OPTION_PROXY },
	{ "regex", required_argument, NULL, OPTION_TOLD },
	{ "sandbox", required_argument, NULL, OPTION_SANDBOX },
	{ "source", required_argument, NULL, OPTION_SOURCE },
	{ "sources", required_argument, NULL, OPTION_TOLD },
	{ "timeout", required_argument, NULL, OPTION_TIMEOUT },
	{ "user-agent", required_argument, NULL, OPTION_USER_AGENT },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ "xpath", required_argument, NULL, OPTION_TOLD },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *to)
{
	const struct command *command;
	unsigned i;

	fputs("usage: pricescrape [options] URL ...\n"
	      "       pricescrape [options] --job\n"
	      "\n"
	      "Fetch pages and print the price that each states, as one JSON line.\n"
	      "\n"
	      "      --allow-private    fetch from loopback and private addresses too\n"
	      "      --cacert=FILE      whom to trust, in PEM, and nobody else\n"
	      "      --contact=URL      where a shop finds you, said in our User-Agent\n"
	      "      --die-after=N      die after N fetches of a job (a drill)\n"
	      "  -h, --help             show this help\n"
	      "      --job              read a job from standard input and work until it ends\n"
	      "      --max-body=SIZE    longest page, decoded (8M)\n"
	      "      --no-robots        do not ask for robots.txt\n"
	      "      --page-cpu=TIME    longest processor time for one page (2s)\n"
	      "      --product=NAME     name of the product in the output\n"
	      "      --proxy=URL        fetch through a proxy: http, https, socks5; or none\n"
	      "      --sandbox=off      read pages without shutting ourselves in\n"
	      "      --source=ID        id of the source in the output\n"
	      "      --timeout=TIME     longest time for one page (30s)\n"
	      "      --user-agent=TEXT  how to introduce ourselves\n"
	      "  -v, --verbose          tell of every failed fetch of a job\n"
	      "  -V, --version          show the version\n",
	    to);
	fputs(told_usage(), to);
	for (i = 0; (command = command_at(i)) != NULL; i++)
		fprintf(to, "%s  pricescrape %-10s %s\n", i == 0 ? "\nCommands (`pricescrape NAME --help'):\n" : "",
		    command->name, command->help);
}

static void __attribute__((noreturn)) bad_option(const char *name, const char *value)
{
	log_warnx("--%s: not understood: %s", name, value);
	exit(EXITCODE_USAGE);
}

static int64_t
parse_count(const char *name, const char *value)
{
	char *end;
	long long n = strtoll(value, &end, 10);

	if (*value == '\0' || *end != '\0' || n < 1)
		bad_option(name, value);
	return n;
}

static int64_t
parse_time(const char *name, const char *value)
{
	int64_t us;

	if (duration_parse(value, &us) == -1 || us < 1000 || us > INT64_C(86400) * 1000000)
		bad_option(name, value);
	return us / 1000;
}

static uint64_t
parse_size(const char *value)
{
	uint64_t n;

	if (size_parse(value, &n) == -1 || n == 0)
		bad_option("max-body", value);
	return n;
}

/* One option; returns whether it was --job. */
static bool
take_option(struct scrape_options *o, int c, int which, const char *arg)
{
	switch (c) {
	case OPTION_ALLOW_PRIVATE:
		o->allow_private = true;
		break;
	case OPTION_CACERT:
		o->cacert = arg;
		break;
	case OPTION_CONTACT:
		o->contact = arg;
		break;
	case OPTION_DIE_AFTER:
		o->die_after = parse_count("die-after", arg);
		break;
	case OPTION_JOB:
		return true;
	case OPTION_MAX_BODY:
		o->max_body = parse_size(arg);
		break;
	case OPTION_NO_ROBOTS:
		o->no_robots = true;
		break;
	case 'p':
		told_option(&o->told, "regex", arg);
		break;
	case OPTION_PAGE_CPU:
		o->page_cpu_ms = parse_time("page-cpu", arg);
		break;
	case OPTION_PRODUCT:
		o->product = arg;
		break;
	case OPTION_PROXY:
		if (!fetch_proxy_is_valid(arg))
			bad_option("proxy", arg);
		o->proxy = arg;
		break;
	case OPTION_SANDBOX:
		confine_option(arg, &o->no_sandbox);
		break;
	case OPTION_SOURCE:
		o->source = arg;
		break;
	case OPTION_TIMEOUT:
		o->timeout_ms = parse_time("timeout", arg);
		break;
	case OPTION_TOLD:
		told_option(&o->told, options[which].name, arg);
		break;
	case OPTION_USER_AGENT:
		o->user_agent = arg;
		break;
	case 'v':
		log_open("pricescrape", LOG_LEVEL_INFO);
		break;
	case 'h':
		usage(stdout);
		exit(EXITCODE_OK);
	case 'V':
		puts("pricescrape (trapexit) " PACKAGE_VERSION);
		exit(EXITCODE_OK);
	default:
		usage(stderr);
		exit(EXITCODE_USAGE);
	}
	return false;
}

int
main(int argc, char **argv)
{
	const struct command *command = argc > 1 ? command_find(argv[1]) : NULL;
	struct scrape_options o = { .told = TOLD_INIT };
	bool job = false;
	int c, which = 0;

	fd_reserve_standard();
	log_open("pricescrape", LOG_LEVEL_WARNING);
	/* Hosts that are not of ASCII are taken in the locale's encoding, which with an empty environment has no such letters. */
	setlocale(LC_CTYPE, "C.UTF-8");
	print_init();
	if (command != NULL)
		return command->run(argc - 1, argv + 1);
	while ((c = getopt_long(argc, argv, "hp:vV", options, &which)) != -1)
		job = take_option(&o, c, which, optarg) || job;
	if (job == (optind < argc)) {
		usage(stderr);
		return EXITCODE_USAGE;
	}
	return job ? scraper_run(&o) : oneshot_run(&o, argv + optind, argc - optind);
}
