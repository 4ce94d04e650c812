/*
 * `pricescrape robots`: may an agent fetch these URLs, by a robots.txt that is
 * at hand (P47, P48)? No network.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/exitcode.h"
#include "base/json.h"
#include "base/log.h"
#include "scrape/command.h"
#include "scrape/fetch.h"
#include "scrape/fetch_url.h"
#include "scrape/print.h"
#include "scrape/robots.h"

static const struct option options[] = {
	{ "agent", required_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void
usage(FILE *to)
{
	fputs("usage: pricescrape robots [--agent NAME] FILE|- URL ...\n"
	      "\n"
	      "Tell whether a robots.txt lets an agent fetch each URL, one JSON object a line.\n"
	      "\n"
	      "      --agent=NAME  product token or whole User-Agent (our own)\n"
	      "  -h, --help        show this help\n",
	    to);
}

/* What can count of the file, or of standard input for "-"; -1 with a warning. */
static int
read_file(const char *path, struct buf *text)
{
	FILE *f = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	int result = 0;
	size_t n;
	char *room;

	while (f != NULL && text->len <= ROBOTS_MAX) {
		room = buf_room(text, 65536);
		if (room == NULL)
			fatalx("out of memory");
		n = fread(room, 1, 65536, f);
		if (n == 0)
			break;
		text->len += n;
	}
	if (f == NULL || ferror(f)) {
		log_warn("robots: %s", path);
		result = -1;
	}
	if (f != NULL && f != stdin)
		fclose(f);
	return result;
}

/* A number of seconds with the digits that it has. */
static void
put_delay(struct buf *out, int64_t ms)
{
	char text[32];
	size_t n;

	if (ms < 0) {
		json_put_raw(out, "crawl_delay", "null", 4);
		return;
	}
	n = (size_t)snprintf(text, sizeof(text), "%d.%03d", (int)(ms / 1000), (int)(ms % 1000));
	while (text[n - 1] == '0')
		n--;
	n -= text[n - 1] == '.';
	json_put_raw(out, "crawl_delay", text, n);
}

static void
put_verdict(struct buf *out, const char *url, const struct robots *r, const struct robots_verdict *v)
{
	buf_xaddc(out, '{');
	json_put_str(out, "url", url);
	json_put_bool(out, "allowed", v->allowed);
	put_delay(out, r->crawl_delay_ms);
	json_put_str(out, "group", r->group);
	if (v->line != 0)
		json_put_uint(out, "line", v->line);
	else
		json_put_raw(out, "line", "null", 4);
	json_put_str(out, "text", v->text);
	if (r->joined_line != 0)
		json_put_raw(out, "warnings", "[\"crawl-delay-in-group\"]", 24);
	buf_xaddstr(out, "}\n");
}

/* One URL, or a path with its query; the exit code that it asks for. */
static int
answer(const char *url, const struct robots *r, struct buf *out)
{
	struct fetch_url u = { .text = NULL };
	struct robots_verdict v;

	buf_clear(out);
	if (url[0] != '/' && fetch_url_parse(&u, url, true) == -1) {
		buf_xaddc(out, '{');
		json_put_str(out, "url", url);
		json_put_str(out, "error", "no http or https URL");
		buf_xaddstr(out, "}\n");
		return EXITCODE_USAGE;
	}
	robots_check(r, u.text != NULL ? u.path : url, &v);
	put_verdict(out, url, r, &v);
	fetch_url_release(&u);
	return v.allowed ? EXITCODE_OK : EXITCODE_FAILED;
}

static int
robots_run(const char *agent, const char *path, char *const *urls)
{
	struct buf text = BUF_INIT(0), out = BUF_INIT(0);
	char *token = robots_token(agent);
	struct robots *r = NULL;
	int code = EXITCODE_USAGE, one;

	if (read_file(path, &text) == -1)
		goto out;
	r = robots_parse(text.data != NULL ? text.data : "", text.len, token);
	for (code = EXITCODE_OK; *urls != NULL; urls++) {
		one = answer(*urls, r, &out);
		code = one > code ? one : code;
		print_line(&out);
	}
out:
	robots_free(r);
	free(token);
	buf_release(&text);
	buf_release(&out);
	return code;
}

int
cmd_robots(int argc, char **argv)
{
	const char *agent = fetch_user_agent();
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 'a':
			agent = optarg;
			break;
		case 'h':
			usage(stdout);
			return EXITCODE_OK;
		default:
			usage(stderr);
			return EXITCODE_USAGE;
		}
	}
	if (argc - optind < 2 || agent[0] == '\0') {
		usage(stderr);
		return EXITCODE_USAGE;
	}
	return robots_run(agent, argv[optind], argv + optind + 1);
}
