/*
 * `pricescrape learn`: from a price that a person sees on a page to rules that
 * find it.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exitcode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mono.h"
#include "price/learn.h"
#include "scrape/command.h"
#include "scrape/confine.h"
#include "scrape/print.h"
#include "scrape/saved.h"
#include "scrape/scraper.h"

#define BODY_MAX ((size_t)8 << 20) /* P38 */

enum { OPTION_ALLOW_PRIVATE = 256, OPTION_CONTENT_TYPE, OPTION_JSON, OPTION_PRICE, OPTION_SANDBOX, OPTION_TOLD, OPTION_URL,
	OPTION_USER_AGENT };

static const struct option options[] = {
	{ "allow-private", no_argument, NULL, OPTION_ALLOW_PRIVATE },
	{ "charset", required_argument, NULL, OPTION_TOLD },
	{ "content-type", required_argument, NULL, OPTION_CONTENT_TYPE },
	{ "currency", required_argument, NULL, OPTION_TOLD },
	{ "decimal", required_argument, NULL, OPTION_TOLD },
	{ "group", required_argument, NULL, OPTION_TOLD },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "locale", required_argument, NULL, OPTION_TOLD },
	{ "price", required_argument, NULL, OPTION_PRICE },
	{ "sandbox", required_argument, NULL, OPTION_SANDBOX },
	{ "url", required_argument, NULL, OPTION_URL },
	{ "user-agent", required_argument, NULL, OPTION_USER_AGENT },
	{ NULL, 0, NULL, 0 },
};

struct learn_run {
	struct scrape_options scrape;
	struct money want;
	const char *price, *currency; /* as they were told */
	const char *content_type, *url; /* of a file; NULL: not said */
	bool json;
	bool found;
};

static void
usage(FILE *to)
{
	fputs("usage: pricescrape learn [options] --price=PRICE URL|FILE\n"
	      "\n"
	      "Find every place on a page where the price stands, and propose rules that find it.\n"
	      "\n"
	      "      --allow-private    fetch from loopback and private addresses too\n"
	      "      --charset=LABEL    the encoding, instead of what the page says\n"
	      "      --content-type=T   the Content-Type that a file came with\n"
	      "      --currency=CODE    the currency of the price\n"
	      "      --decimal=C        the decimal separator of the page: . or ,\n"
	      "      --group=C          what stands between thousands there: . , ' or a blank\n"
	      "  -h, --help             show this help\n"
	      "      --json             print one JSON object\n"
	      "      --locale=LOCALE    how the page writes numbers: en-GB\n"
	      "      --price=PRICE      what a person sees there: 24.99\n"
	      "      --sandbox=off      read the page without shutting ourselves in\n"
	      "      --url=URL          where a file is from\n"
	      "      --user-agent=TEXT  how to introduce ourselves\n",
	    to);
}

/* As the lexer of trapexit.conf reads it back. */
static void
put_quoted(struct buf *out, const char *s)
{
	bool raw = strchr(s, '\'') == NULL && strpbrk(s, "\\\"") != NULL;

	buf_xaddc(out, raw ? '\'' : '"');
	for (; *s != '\0'; s++) {
		if (!raw && (*s == '"' || *s == '\\'))
			buf_xaddc(out, '\\');
		buf_xaddc(out, *s);
	}
	buf_xaddc(out, raw ? '\'' : '"');
}

/* A name for the source, from the last part of its address that says something. */
static void
put_name(struct buf *out, const char *url)
{
	const char *start = strstr(url, "//"), *end, *p;

	start = start != NULL ? start + 2 : url;
	end = start + strcspn(start, "?#");
	while (end > start && end[-1] == '/')
		end--;
	for (p = end; p > start && p[-1] != '/'; p--)
		;
	for (; p < end && out->len < 32; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') || (*p >= '0' && *p <= '9');

		if (*p == '.' && memchr(start, '/', (size_t)(end - start)) != NULL)
			break; /* .html */
		if (plain)
			buf_xaddc(out, *p);
		else if (out->len > 0 && out->data[out->len - 1] != '-')
			buf_xaddc(out, '-');
	}
	if (out->len == 0)
		buf_xaddstr(out, "source");
}

static const char *
word_of(enum rule_kind kind)
{
	return kind == RULE_REGEX ? "pattern" : rule_kind_text(kind);
}

static const char *
text_of_money(const struct money *m, char text[AMOUNT_TEXT_SIZE])
{
	return amount_text(&m->amount, m->currency != NULL ? m->currency->exponent : 0, text);
}

/* Is the page to be read without a rule? What only looks like the price is better told. */
static bool
needs_no_rule(const struct learned *l)
{
	return l->automatic_finds && (l->n == 0 || l->automatic.method != METHOD_HEURISTIC);
}

/* The line for trapexit.conf. */
static void
put_source(struct buf *out, const struct learn_run *run, const char *url, const struct learned *l)
{
	const struct money *m = needs_no_rule(l) ? &l->automatic.money : &l->rules[0].money;
	struct buf name = BUF_INIT(0);

	put_name(&name, url);
	buf_xprintf(out, "source %s { url = ", name.data);
	put_quoted(out, url);
	if (!needs_no_rule(l)) {
		buf_xprintf(out, " %s = ", word_of(l->rules[0].kind));
		put_quoted(out, l->rules[0].text);
	}
	if (run->currency != NULL || (!needs_no_rule(l) && run->want.currency != NULL && m->currency == NULL))
		buf_xprintf(out, " currency = %s", run->currency != NULL ? run->currency : run->want.currency->code);
	if (run->scrape.told.locale != NULL)
		buf_xprintf(out, " locale = %s", run->scrape.told.locale);
	if (run->scrape.told.decimal != '\0')
		buf_xprintf(out, " decimal = \"%c\"", run->scrape.told.decimal);
	if (run->scrape.told.group != '\0')
		buf_xprintf(out, " group = \"%c\"", run->scrape.told.group);
	buf_xaddstr(out, " }");
	buf_release(&name);
}

static void
put_money(struct buf *out, const struct money *m)
{
	char text[AMOUNT_TEXT_SIZE];

	json_put_str(out, "amount", text_of_money(m, text));
	json_put_str(out, "currency", m->currency != NULL ? m->currency->code : NULL);
}

static void
put_list_start(struct buf *out, const char *name)
{
	json_put_name(out, name);
	buf_xaddc(out, '[');
}

static void
print_json(const struct learn_run *run, const char *url, const struct learned *l, const char *source)
{
	struct buf out = BUF_INIT(0);
	size_t i;

	buf_xaddc(&out, '{');
	json_put_str(&out, "url", url);
	json_put_str(&out, "price", run->price);
	json_put_uint(&out, "places", l->places);
	json_put_name(&out, "automatic");
	buf_xaddc(&out, '{');
	json_put_bool(&out, "finds", l->automatic_finds);
	json_put_str(&out, "method", method_text(l->automatic.method));
	if (l->automatic.method != METHOD_NONE)
		put_money(&out, &l->automatic.money);
	else
		json_put_str(&out, "reason", reason_none_text(l->automatic.none));
	buf_xaddc(&out, '}');
	put_list_start(&out, "rules");
	for (i = 0; i < l->n; i++) {
		buf_xaddstr(&out, i > 0 ? ",{" : "{");
		json_put_str(&out, "kind", rule_kind_text(l->rules[i].kind));
		json_put_str(&out, "rule", l->rules[i].text);
		put_money(&out, &l->rules[i].money);
		json_put_uint(&out, "matches", l->rules[i].matches);
		buf_xaddc(&out, '}');
	}
	buf_xaddc(&out, ']');
	put_list_start(&out, "others");
	for (i = 0; i < l->n_others; i++) {
		buf_xaddstr(&out, i > 0 ? ",{" : "{");
		put_money(&out, &l->others[i]);
		buf_xaddc(&out, '}');
	}
	buf_xaddc(&out, ']');
	json_put_str(&out, "source", source);
	buf_xaddstr(&out, "}\n");
	print_line(&out);
	buf_release(&out);
}

/* What a person may do with a terminal is nothing that a page may do (escapes). */
static void
print_plain(const char *s)
{
	for (; *s != '\0'; s++)
		putchar((unsigned char)*s < ' ' || *s == 0x7f ? '?' : *s);
}

static void
print_table(const struct learned *l, const char *source)
{
	char text[AMOUNT_TEXT_SIZE], gives[AMOUNT_TEXT_SIZE + READER_SIGN_SIZE + 2];
	size_t i;

	if (l->automatic_finds && l->automatic.method == METHOD_HEURISTIC)
		puts("A rule is better: without one the price is found, but only by how the page looks (heuristic).");
	else if (l->automatic_finds)
		printf("No rule is needed: the page states it (%s).\n", method_text(l->automatic.method));
	else if (l->automatic.method != METHOD_NONE)
		printf("A rule is needed: without one the page gives %s (%s).\n", text_of_money(&l->automatic.money, text),
		    method_text(l->automatic.method));
	else
		printf("A rule is needed: without one the page gives nothing (%s).\n", reason_none_text(l->automatic.none));
	if (l->n > 0)
		printf("\n%-8s %-12s %7s  %s\n", "KIND", "GIVES", "MATCHES", "RULE");
	for (i = 0; i < l->n; i++) {
		const struct learn_rule *r = &l->rules[i];

		snprintf(gives, sizeof(gives), "%s %s", text_of_money(&r->money, text),
		    r->money.currency != NULL ? r->money.currency->code : r->money.currency_text);
		printf("%-8s %-12s %7zu  ", rule_kind_text(r->kind), gives, r->matches);
		print_plain(r->text);
		putchar('\n');
	}
	if (source != NULL) {
		puts("\nFor trapexit.conf:\n");
		print_plain(source);
		putchar('\n');
	}
}

static void
print_not_found(const struct learn_run *run, const struct learned *l)
{
	char text[AMOUNT_TEXT_SIZE];
	size_t i;

	if (l->places > 0) {
		log_warnx("%s stands on the page, but no rule that was tried gives it and no other price", run->price);
		return;
	}
	log_warnx("%s is nowhere on the page%s", run->price, l->n_others > 0 ? "; there are:" : ", and no other price");
	for (i = 0; i < l->n_others; i++) {
		const struct money *m = &l->others[i];

		fprintf(stderr, "  %s %s\n", text_of_money(m, text),
		    m->currency != NULL ? m->currency->code : m->currency_text);
	}
}

/* The page is there. */
static void
learn(const struct page *page, const char *url, struct learn_run *run)
{
	struct buf source = BUF_INIT(0);
	struct learned l;

	learn_page(page, &run->want, &l);
	run->found = l.automatic_finds || l.n > 0;
	if (run->found)
		put_source(&source, run, url, &l);
	if (run->json)
		print_json(run, url, &l, source.data);
	else if (run->found)
		print_table(&l, source.data);
	if (!run->found)
		print_not_found(run, &l);
	learned_release(&l);
	buf_release(&source);
}

static void
fetched_cb(const struct page *page, const char *url, void *arg)
{
	learn(page, url, arg);
}

static int
learn_file(struct learn_run *run, const char *file)
{
	struct page page = { .content_type = run->content_type, .url = run->url };
	struct confine confine = CONFINE_INIT;
	struct buf body = BUF_INIT(0);
	struct err err = ERR_INIT;
	char today[WALL_TEXT_SIZE];
	bool large;

	if (saved_read(file, BODY_MAX, &body, &large, &err) == -1 || large) {
		log_warnx("%s", large ? "the page is too large" : err.msg);
		buf_release(&body);
		return EXITCODE_FAILED;
	}
	confine_enter(&confine, &(struct confine_options){ .off = run->scrape.no_sandbox, .offline = true, .max_body = BODY_MAX });
	told_page(&run->scrape.told, &page);
	page.body = body.data != NULL ? body.data : "";
	page.len = body.len;
	page.today = wall_text(wall_ms(), today);
	learn(&page, run->url != NULL ? run->url : "https://URL/OF/THE/PAGE", run);
	confine_release(&confine);
	buf_release(&body);
	return run->found ? EXITCODE_OK : EXITCODE_FAILED;
}

/* The price, as the reader reads it. */
static void
take_price(struct learn_run *run)
{
	const struct told *t = &run->scrape.told;
	struct reader_hints hints = { .currency = t->currency, .locale = t->locale };

	run->currency = t->currency;
	if (run->price == NULL) {
		usage(stderr);
		exit(EXITCODE_USAGE);
	}
	hints.machine = true; /* 1.500 is written by who means one and a half */
	if (reader_read(run->price, strlen(run->price), &hints, &run->want) != READ_OK || !run->want.has_amount) {
		log_warnx("--price: not understood: %s", run->price);
		exit(EXITCODE_USAGE);
	}
}

static void
take_options(int argc, char **argv, struct learn_run *run)
{
	int c, which = 0;

	while ((c = getopt_long(argc, argv, "h", options, &which)) != -1) {
		switch (c) {
		case OPTION_ALLOW_PRIVATE:
			run->scrape.allow_private = true;
			break;
		case OPTION_CONTENT_TYPE:
			run->content_type = optarg;
			break;
		case OPTION_JSON:
			run->json = true;
			break;
		case OPTION_PRICE:
			run->price = optarg;
			break;
		case OPTION_SANDBOX:
			confine_option(optarg, &run->scrape.no_sandbox);
			break;
		case OPTION_TOLD:
			told_option(&run->scrape.told, options[which].name, optarg);
			break;
		case OPTION_URL:
			run->url = optarg;
			break;
		case OPTION_USER_AGENT:
			run->scrape.user_agent = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(EXITCODE_OK);
		default:
			usage(stderr);
			exit(EXITCODE_USAGE);
		}
	}
}

int
cmd_learn(int argc, char **argv)
{
	struct learn_run run = { .scrape = { .told = TOLD_INIT } };
	int code;

	take_options(argc, argv, &run);
	if (argc - optind != 1) {
		usage(stderr);
		return EXITCODE_USAGE;
	}
	take_price(&run);
	if (strncmp(argv[optind], "http://", 7) != 0 && strncmp(argv[optind], "https://", 8) != 0)
		return learn_file(&run, argv[optind]);
	run.scrape.page_cb = fetched_cb;
	run.scrape.page_arg = &run;
	code = oneshot_run(&run.scrape, argv + optind, 1);
	return code == EXITCODE_OK && !run.found ? EXITCODE_FAILED : code;
}
