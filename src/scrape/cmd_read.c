/*
 * `pricescrape read`: what the reader makes of texts, one JSON object a line
 * (P1 to P19, P31). No network, no file.
 */
#include <ctype.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/exitcode.h"
#include "base/json.h"
#include "base/log.h"
#include "price/markup.h"
#include "price/reader.h"
#include "scrape/command.h"
#include "scrape/observe.h"
#include "scrape/print.h"
#include "scrape/read_request.h"

#define LINE_MAX_BYTES (256u << 10) /* of which the rest is passed over */

enum {
	OPTION_BATCH = 256,
	OPTION_CURRENCY,
	OPTION_DECIMAL,
	OPTION_GROUP,
	OPTION_LOCALE,
	OPTION_MAGNITUDES,
	OPTION_NEGATIVE,
};

static const struct option options[] = {
	{ "batch", no_argument, NULL, OPTION_BATCH },
	{ "currency", required_argument, NULL, OPTION_CURRENCY },
	{ "decimal", required_argument, NULL, OPTION_DECIMAL },
	{ "group", required_argument, NULL, OPTION_GROUP },
	{ "help", no_argument, NULL, 'h' },
	{ "locale", required_argument, NULL, OPTION_LOCALE },
	{ "magnitudes", no_argument, NULL, OPTION_MAGNITUDES },
	{ "negative", no_argument, NULL, OPTION_NEGATIVE },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *to)
{
	fputs("usage: pricescrape read [options] [TEXT ...]\n"
	      "\n"
	      "Print the amount of money that each text states, or each line of standard\n"
	      "input, as one JSON object a line.\n"
	      "\n"
	      "      --batch          lines are JSON: {\"input\":TEXT,\"hint\":CODE,\"locale\":L,\"decimal\":D}\n"
	      "      --currency=CODE  the currency, instead of what the text says\n"
	      "      --decimal=CHAR   the decimal separator, . or ,\n"
	      "      --group=CHAR     the grouping separator\n"
	      "  -h, --help           show this help\n"
	      "      --locale=LOCALE  how numbers are written where nothing else tells: de-AT\n"
	      "      --magnitudes     read 15k, 1.5 Mio, 2 lakh as what they stand for\n"
	      "      --negative       read amounts below zero, too\n",
	    to);
}

/* What all texts of a run share. */
struct run {
	struct reader_hints hints; /* of the command line */
	bool batch;
	bool all_read;
	uint64_t line;
	struct buf text; /* decoded */
	struct buf out;
};

/* Entities and tags are of HTML that was pasted; the reader knows neither. */
static enum read_result
read_text(struct run *run, const char *input, size_t len, const struct reader_hints *hints, struct money *money)
{
	buf_clear(&run->text);
	if (!markup_put_text(&run->text, (struct slice){ input, len }, READER_TEXT_MAX)) {
		*money = (struct money){ .flags = 0 };
		return READ_LIMIT;
	}
	return reader_read(run->text.data != NULL ? run->text.data : "", run->text.len, hints, money);
}

static const char *
reason_text(enum read_result result)
{
	switch (result) {
	case READ_OK:
	case READ_NONE:
		return "no-match";
	case READ_TOO_LONG:
		return "too-many-digits";
	case READ_LIMIT:
		return "limit";
	}
	return "no-match";
}

static void
put_line(struct run *run)
{
	buf_xaddstr(&run->out, "}\n");
	print_line(&run->out);
	buf_clear(&run->out);
}

static void
answer(struct run *run, const char *input, size_t len, bool cut, const struct reader_hints *hints)
{
	struct money money;
	enum read_result result;

	buf_xaddc(&run->out, '{');
	json_put_name(&run->out, "input");
	json_put_stringn(&run->out, input, len);
	if (cut)
		json_put_bool(&run->out, "truncated", true);
	result = read_text(run, input, len, hints, &money);
	observe_put_reading(&run->out, &money, result != READ_OK ? reason_text(result) : NULL);
	run->all_read = run->all_read && result == READ_OK;
	put_line(run);
}

static void
refuse(struct run *run, const char *why)
{
	buf_xaddc(&run->out, '{');
	json_put_uint(&run->out, "line", run->line);
	json_put_str(&run->out, "error", why);
	run->all_read = false;
	put_line(run);
}

static void
answer_batch_line(struct run *run, const char *line, size_t len)
{
	struct read_request request;
	const char *why = read_request_parse(&request, line, len, &run->hints);

	if (why != NULL)
		refuse(run, why);
	else
		answer(run, request.input, request.len, false, &request.hints);
	read_request_release(&request);
}

static void
answer_line(struct run *run, const struct buf *line, bool cut)
{
	const char *p = line->data != NULL ? line->data : "";
	size_t len = line->len;

	run->line++;
	if (len > 0 && p[len - 1] == '\r')
		len--;
	if (!run->batch)
		answer(run, p, len, cut, &run->hints);
	else if (cut)
		refuse(run, "the line is too long");
	else
		answer_batch_line(run, p, len);
}

/* One object a line, also for a last one without its newline. */
static void
answer_stdin(struct run *run)
{
	struct buf line = BUF_INIT(0);
	bool cut = false, begun = false;
	int c;

	while (!ferror(stdout) && (c = getc(stdin)) != EOF) {
		begun = c != '\n';
		if (begun) {
			if (line.len < LINE_MAX_BYTES)
				buf_xaddc(&line, (char)c);
			else
				cut = true;
			continue;
		}
		answer_line(run, &line, cut);
		buf_clear(&line);
		cut = false;
	}
	if (begun)
		answer_line(run, &line, cut);
	buf_release(&line);
}

static int
bad_option(const char *name, const char *value)
{
	log_warnx("read: --%s: not understood: %s", name, value);
	return -1;
}

static int
take_option(struct run *run, int c, const char *arg)
{
	switch (c) {
	case OPTION_BATCH:
		run->batch = true;
		return 0;
	case OPTION_CURRENCY:
		run->hints.currency = arg;
		return currency_find(arg, strlen(arg)) != NULL ? 0 : bad_option("currency", arg);
	case OPTION_DECIMAL:
		run->hints.decimal = arg[0];
		return separator_is(arg, ".,") ? 0 : bad_option("decimal", arg);
	case OPTION_GROUP:
		run->hints.group = arg[0];
		return separator_is(arg, ".,' ") ? 0 : bad_option("group", arg);
	case OPTION_LOCALE:
		run->hints.locale = arg;
		return 0;
	case OPTION_MAGNITUDES:
		run->hints.magnitudes = true;
		return 0;
	case OPTION_NEGATIVE:
		run->hints.allow_negative = true;
		return 0;
	case 'h':
		usage(stdout);
		exit(EXITCODE_OK);
	default:
		usage(stderr);
		return -1;
	}
}

/* "-5,00": a text that begins with a minus is no option. */
static bool
is_negative_text(const char *arg)
{
	return arg[0] == '-' && arg[1] != '-' && arg[1] != '\0' && !isalpha((unsigned char)arg[1]);
}

/* Options and texts in any order; the texts become argv[1..n]. Returns n, or -1. */
static int
take_arguments(struct run *run, int argc, char **argv)
{
	int c, n = 0;

	while (optind < argc) {
		if (is_negative_text(argv[optind])) {
			argv[++n] = argv[optind++];
			continue;
		}
		c = getopt_long(argc, argv, "-h", options, NULL);
		if (c == -1)
			break;
		if (c == 1)
			argv[++n] = optarg;
		else if (take_option(run, c, optarg) == -1)
			return -1;
	}
	while (optind < argc)
		argv[++n] = argv[optind++];
	return n;
}

int
cmd_read(int argc, char **argv)
{
	struct run run = { .all_read = true };
	int i, n = take_arguments(&run, argc, argv);

	if (n > 0 && run.batch) {
		log_warnx("read: --batch reads standard input, not arguments");
		n = -1;
	}
	if (n == -1)
		return EXITCODE_USAGE;
	for (i = 1; i <= n; i++)
		answer(&run, argv[i], strlen(argv[i]), false, &run.hints);
	if (n == 0)
		answer_stdin(&run);
	buf_release(&run.text);
	buf_release(&run.out);
	if (ferror(stdin)) {
		log_warn("read: standard input");
		return EXITCODE_FAILED;
	}
	return run.all_read ? EXITCODE_OK : EXITCODE_FAILED;
}
