#include "scrape/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/exitcode.h"
#include "base/log.h"
#include "base/units.h"
#include "scrape/confine.h"
#include "scrape/extract_batch.h"
#include "scrape/extract_file.h"
#include "scrape/page_guard.h"

enum { OPTION_BATCH = 256, OPTION_CONTENT_TYPE, OPTION_EXPLAIN, OPTION_MAX_BODY, OPTION_SANDBOX, OPTION_TOLD, OPTION_URL };

static const struct option options[] = {
	{ "allow-negative", no_argument, NULL, OPTION_TOLD },
	{ "allow-zero", no_argument, NULL, OPTION_TOLD },
	{ "batch", no_argument, NULL, OPTION_BATCH },
	{ "charset", required_argument, NULL, OPTION_TOLD },
	{ "content-type", required_argument, NULL, OPTION_CONTENT_TYPE },
	{ "css", required_argument, NULL, OPTION_TOLD },
	{ "currency", required_argument, NULL, OPTION_TOLD },
	{ "decimal", required_argument, NULL, OPTION_TOLD },
	{ "explain", no_argument, NULL, OPTION_EXPLAIN },
	{ "group", required_argument, NULL, OPTION_TOLD },
	{ "help", no_argument, NULL, 'h' },
	{ "locale", required_argument, NULL, OPTION_TOLD },
	{ "magnitudes", no_argument, NULL, OPTION_TOLD },
	{ "max-body", required_argument, NULL, OPTION_MAX_BODY },
	{ "pattern", required_argument, NULL, 'p' },
	{ "pointer", required_argument, NULL, OPTION_TOLD },
	{ "regex", required_argument, NULL, OPTION_TOLD },
	{ "sandbox", required_argument, NULL, OPTION_SANDBOX },
	{ "sources", required_argument, NULL, OPTION_TOLD },
	{ "url", required_argument, NULL, OPTION_URL },
	{ "xpath", required_argument, NULL, OPTION_TOLD },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *to)
{
	fputs("usage: pricescrape extract [options] FILE ...\n"
	      "       pricescrape extract [options] --batch\n"
	      "\n"
	      "Read saved pages, `-' for standard input, and print what each offers, as one JSON line.\n"
	      "No network is used.\n"
	      "\n"
	      "      --batch            read JSON lines {\"file\":...,\"url\":...,\"rule\":{...}} from standard input\n"
	      "      --content-type=T   the Content-Type that the page came with\n"
	      "      --explain          show every candidate, and why it won or lost\n"
	      "      --max-body=SIZE    longest page (8M)\n"
	      "      --sandbox=off      read pages without shutting ourselves in\n"
	      "      --url=URL          where the page is from\n"
	      "  -h, --help             show this help\n",
	    to);
	fputs(told_usage(), to);
}

static size_t
parse_size(const char *value)
{
	uint64_t n;

	if (size_parse(value, &n) == -1 || n == 0 || n > EXTRACT_BODY_MAX) {
		log_warnx("--max-body: not understood: %s", value);
		exit(EXITCODE_USAGE);
	}
	return (size_t)n;
}

static bool
take_options(int argc, char **argv, struct extract_page_options *o, struct extractor *e, bool *no_sandbox)
{
	bool batch = false;
	int c, which;

	while ((c = getopt_long(argc, argv, "hp:", options, &which)) != -1) {
		switch (c) {
		case OPTION_BATCH:
			batch = true;
			break;
		case OPTION_CONTENT_TYPE:
			o->content_type = optarg;
			break;
		case OPTION_EXPLAIN:
			e->explain = true;
			break;
		case OPTION_MAX_BODY:
			e->max_body = parse_size(optarg);
			break;
		case OPTION_SANDBOX:
			confine_option(optarg, no_sandbox);
			break;
		case OPTION_TOLD:
			told_option(&o->told, options[which].name, optarg);
			break;
		case 'p':
			told_option(&o->told, "regex", optarg);
			break;
		case OPTION_URL:
			o->url = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(EXITCODE_OK);
		default:
			usage(stderr);
			exit(EXITCODE_USAGE);
		}
	}
	return batch;
}

int
cmd_extract(int argc, char **argv)
{
	struct extract_page_options o = { .told = TOLD_INIT };
	struct extractor e = EXTRACTOR_INIT;
	struct err err = ERR_INIT;
	struct rule *rule = NULL;
	struct confine confine = CONFINE_INIT;
	bool good = true, batch, no_sandbox = false;
	int i;

	batch = take_options(argc, argv, &o, &e, &no_sandbox);
	if (batch == (optind < argc)) {
		usage(stderr);
		return EXITCODE_USAGE;
	}
	extractor_init(&e);
	if (o.told.n_rules > 0 && (rule = told_compile(&o.told, e.matcher, &err)) == NULL) {
		log_warnx("%s", err.msg);
		extractor_release(&e);
		return EXITCODE_USAGE;
	}
	o.rule = rule;
	confine_enter(&confine, &(struct confine_options){ .off = no_sandbox, .offline = true, .max_body = e.max_body,
	    .files = batch ? NULL : argv + optind, .violated = page_guard_violated });
	if (batch) {
		good = extract_batch(&e, &o, stdin);
	} else {
		for (i = optind; i < argc && !ferror(stdout); i++)
			good = extract_file(&e, argv[i], &o) && good;
	}
	rule_free(rule);
	extractor_release(&e);
	confine_release(&confine);
	return good ? EXITCODE_OK : EXITCODE_FAILED;
}
