/*
 * robots.txt: tables by rule. The examples of RFC 9309 are in it (2.2.2, 2.2.3, 5.1, 5.2), and the corner cases that
 * search engines document.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "scrape/robots.h"
#include "unit.h"

struct row {
	const char *name;
	const char *text;
	const char *agent;
	const char *path;
	bool allowed;
	unsigned line;
};

/* RFC 9309 5.1. */
#define SIMPLE \
	"User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n" \
	"User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n" \
	"User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n" \
	"User-Agent: quxbot\n\nEOF\n"

/* RFC 9309 5.2. */
#define LONGEST "User-Agent: foobot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n"

static const struct row rows[] = {
	{ "P47: no text, no limits", "", "a", "/x", true, 0 },
	{ "P47: 5.1, a pattern at the end", SIMPLE, "other", "/a/b.gif", false, 2 },
	{ "P47: 5.1, not at the end", SIMPLE, "other", "/a/b.gif?x", true, 0 },
	{ "P47: 5.1, a directory", SIMPLE, "other", "/example/x", false, 3 },
	{ "P47: 5.1, allowed by a line", SIMPLE, "other", "/publications/x", true, 4 },
	{ "P47: 5.1, all but", SIMPLE, "foobot", "/publications/x", false, 7 },
	{ "P47: 5.1, but this", SIMPLE, "foobot", "/example/page.html", true, 8 },
	{ "P47: 5.1, and this", SIMPLE, "foobot", "/example/allowed.gif", true, 9 },
	{ "P47: 5.1, two names, the first", SIMPLE, "barbot", "/example/page.html", false, 13 },
	{ "P47: 5.1, two names, the second", SIMPLE, "bazbot", "/example/page.html", false, 13 },
	{ "P47: 5.1, two names, nothing of *", SIMPLE, "bazbot", "/a/b.gif", true, 0 },
	{ "P47: 5.1, a group without rules", SIMPLE, "quxbot", "/example/", true, 0 },
	{ "P47: 5.2, the longest match forbids", LONGEST, "foobot", "/example/page/disallowed.gif", false, 3 },
	{ "P47: 5.2, the longest match allows", LONGEST, "foobot", "/example/page/x", true, 2 },

	{ "P47: the token's case does not count", "user-agent: FooBot\ndisallow: /", "fOObOT", "/x", false, 2 },
	{ "P47: a longer name is another", "User-agent: foobot-news\nDisallow: /", "foobot", "/x", true, 0 },
	{ "P47: a shorter name is another", "User-agent: foo\nDisallow: /", "foobot", "/x", true, 0 },
	{ "P47: a version in the line", "User-agent: foobot/1.0\nDisallow: /", "foobot", "/x", false, 2 },
	{ "P47: words behind the name", "User-agent: foobot the great\nDisallow: /", "foobot", "/x", false, 2 },
	{ "P47: digits in a name", "User-agent: 360bot2\nDisallow: /", "360Bot2", "/x", false, 2 },
	{ "P47: digits make another name", "User-agent: foobot2\nDisallow: /", "foobot", "/x", true, 0 },
	{ "P47: * if no group names us", "User-agent: b\nDisallow:\nUser-agent: *\nDisallow: /", "a", "/x", false, 4 },
	{ "P47: not * if one does", "User-agent: *\nDisallow: /\nUser-agent: a\nDisallow: /y", "a", "/x", true, 0 },
	{ "P47: wherever it stands", "User-agent: a\nDisallow: /y\nUser-agent: *\nDisallow: /", "a", "/x", true, 0 },
	{ "P47: an empty Disallow of ours", "User-agent: *\nDisallow: /\nUser-agent: a\nDisallow:", "a", "/x", true, 0 },
	{ "P47: *, then words", "User-agent: * all\nDisallow: /", "a", "/x", false, 2 },
	{ "P47: * with more is no *", "User-agent: *bot\nDisallow: /", "a", "/x", true, 0 },
	{ "P47: * and our name in one group", "User-agent: *\nUser-agent: a\nDisallow: /", "a", "/x", false, 3 },
	{ "P47: groups of one name are merged, the first",
	    "User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /\nUser-agent: a\nDisallow: /y", "a", "/x", false, 2 },
	{ "P47: groups of one name are merged, the last",
	    "User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /\nUser-agent: a\nDisallow: /y", "a", "/y", false, 6 },
	{ "P47: groups of one name are merged, no more",
	    "User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /\nUser-agent: a\nDisallow: /y", "a", "/z", true, 0 },
	{ "P47: groups of * are merged", "User-agent: *\nDisallow: /x\nUser-agent: b\nAllow: /\nUser-agent: *\nDisallow: /y",
	    "a", "/y", false, 6 },
	{ "P47: rules before any group are none", "Disallow: /\nUser-agent: a\nDisallow: /y", "a", "/x", true, 0 },
	{ "P47: an empty line ends no group", "User-agent: a\n\nDisallow: /", "a", "/x", false, 3 },
	{ "P47: nor do empty lines between names", "User-agent: a\n\n\nUser-agent: b\nDisallow: /", "a", "/x", false, 5 },
	{ "P47: a Sitemap ends no group", "User-agent: a\nSitemap: http://x/s.xml\nDisallow: /", "a", "/x", false, 3 },
	{ "P47: a Sitemap between names", "User-agent: a\nSitemap: http://x/\nUser-agent: b\nDisallow: /", "a", "/x", false,
	    4 },
	{ "P47: unknown records end none", "User-agent: a\nHost: x\nnonsense\nDisallow: /", "a", "/x", false, 4 },
	{ "P47: a Sitemap behind rules begins none", "User-agent: a\nDisallow: /y\nSitemap: x\nDisallow: /z", "a", "/z", false,
	    4 },
	{ "P48: a Crawl-delay between names joins them", "User-agent: a\nCrawl-delay: 5\nUser-agent: b\nDisallow: /", "a", "/x",
	    false, 4 },
	{ "P48: behind a rule it joins nothing", "User-agent: a\nDisallow: /y\nCrawl-delay: 5\nUser-agent: b\nDisallow: /", "a",
	    "/x", true, 0 },

	{ "P47: the longest match, not the last", "User-agent: a\nDisallow: /x/y\nAllow: /x", "a", "/x/y", false, 2 },
	{ "P47: the longest match, not the first", "User-agent: a\nAllow: /x\nDisallow: /x/y", "a", "/x/y", false, 3 },
	{ "P47: Allow wins ties, first", "User-agent: a\nAllow: /x\nDisallow: /x", "a", "/x", true, 2 },
	{ "P47: Allow wins ties, last", "User-agent: a\nDisallow: /x\nAllow: /x", "a", "/x", true, 3 },
	{ "P47: what the pattern weighs, not what it matches", "User-agent: a\nAllow: /page\nDisallow: /*.htm", "a",
	    "/page.htm", false, 3 },
	{ "P47: a tie of two kinds of patterns", "User-agent: a\nAllow: /page\nDisallow: /*.ph", "a", "/page.php5", true, 2 },
	{ "P47: a longer allow of a directory", "User-agent: a\nAllow: /p\nDisallow: /", "a", "/page", true, 2 },
	{ "P47: $ weighs one", "User-agent: a\nAllow: /$\nDisallow: /", "a", "/", true, 2 },
	{ "P47: $ and more", "User-agent: a\nAllow: /$\nDisallow: /", "a", "/page.htm", false, 3 },
	{ "P47: octets, not characters", "User-agent: a\nAllow: /\xe3\x83\x84\nDisallow: /%E3%83%8", "a", "/\xe3\x83\x84", true,
	    2 },

	{ "P47: a prefix", "User-agent: a\nDisallow: /fish", "a", "/fishheads/yummy.html", false, 2 },
	{ "P47: the path's case counts", "User-agent: a\nDisallow: /fish", "a", "/Fish.asp", true, 0 },
	{ "P47: at the beginning only", "User-agent: a\nDisallow: /fish", "a", "/catfish", true, 0 },
	{ "P47: a query belongs to it", "User-agent: a\nDisallow: /fish", "a", "/fish.php?id=1", false, 2 },
	{ "P47: a trailing * changes nothing", "User-agent: a\nDisallow: /fish*", "a", "/fish", false, 2 },
	{ "P47: a directory is not its file", "User-agent: a\nDisallow: /fish/", "a", "/fish", true, 0 },
	{ "P47: * in the middle", "User-agent: a\nDisallow: /*.php", "a", "/folder/any.php.file.html", false, 2 },
	{ "P47: * is found no earlier", "User-agent: a\nDisallow: /*.php", "a", "/", true, 0 },
	{ "P47: * may be empty", "User-agent: a\nDisallow: /a*b", "a", "/ab", false, 2 },
	{ "P47: * at the beginning", "User-agent: a\nDisallow: *.pdf", "a", "/x/y.pdf", false, 2 },
	{ "P47: several *", "User-agent: a\nDisallow: /*a*b*c", "a", "/xxaxxbxxcxx", false, 2 },
	{ "P47: several * in their order", "User-agent: a\nDisallow: /*a*c*b$", "a", "/abc", true, 0 },
	{ "P47: ** is *", "User-agent: a\nDisallow: /x**y", "a", "/x1y", false, 2 },
	{ "P47: * and $", "User-agent: a\nDisallow: /*.php$", "a", "/x.php.php", false, 2 },
	{ "P47: * and $, a query", "User-agent: a\nDisallow: /*.php$", "a", "/x.php?y", true, 0 },
	{ "P47: $ with an overlap", "User-agent: a\nDisallow: /ab*ba$", "a", "/aba", true, 0 },
	{ "P47: *$", "User-agent: a\nDisallow: /x*$", "a", "/xyz", false, 2 },
	{ "P47: $ in the middle is a dollar", "User-agent: a\nDisallow: /a$b", "a", "/a$b", false, 2 },
	{ "P47: $ in the middle ends nothing", "User-agent: a\nDisallow: /a$b", "a", "/a", true, 0 },
	{ "P47: an encoded * is a star", "User-agent: a\nDisallow: /a%2A.html", "a", "/a*.html", false, 2 },
	{ "P47: and no other", "User-agent: a\nDisallow: /a%2a.html", "a", "/ab.html", true, 0 },
	{ "P47: an encoded $ is a dollar", "User-agent: a\nDisallow: /a%24", "a", "/a$", false, 2 },
	{ "P47: and no end", "User-agent: a\nDisallow: /a%24", "a", "/a", true, 0 },
	{ "P47: no slash at the beginning, no match", "User-agent: a\nDisallow: x", "a", "/x", true, 0 },
	{ "P47: an empty path is /", "User-agent: a\nDisallow: /$", "a", "", false, 2 },
	{ "P47: a fragment does not count", "User-agent: a\nDisallow: /x$", "a", "/x#y", false, 2 },
	{ "P47: parameters do", "User-agent: a\nDisallow: /x;y", "a", "/x;y=1", false, 2 },
	{ "P47: /robots.txt is allowed", "User-agent: a\nDisallow: /", "a", "/robots.txt", true, 0 },
	{ "P47: what only looks like it is not", "User-agent: a\nDisallow: /", "a", "/robots.txt.bak", false, 2 },

	{ "P47: 2.2.2, nothing to encode", "User-agent: a\nDisallow: /foo/bar?baz=quz", "a", "/foo/bar?baz=quz", false, 2 },
	{ "P47: 2.2.2, reserved ones in a query", "User-agent: a\nDisallow: /foo/bar?baz=https://foo.bar", "a",
	    "/foo/bar?baz=https%3A%2F%2Ffoo.bar", false, 2 },
	{ "P47: 2.2.2, the other way round", "User-agent: a\nDisallow: /foo/bar?baz=https%3A%2F%2Ffoo.bar", "a",
	    "/foo/bar?baz=https://foo.bar", false, 2 },
	{ "P47: 2.2.2, a letter outside of ASCII", "User-agent: a\nDisallow: /foo/bar/\xe3\x83\x84", "a",
	    "/foo/bar/%E3%83%84", false, 2 },
	{ "P47: 2.2.2, the same encoded in the file", "User-agent: a\nDisallow: /foo/bar/%e3%83%84", "a",
	    "/foo/bar/\xe3\x83\x84", false, 2 },
	{ "P47: 2.2.2, unreserved ones are decoded", "User-agent: a\nDisallow: /foo/bar/%62%61%7A", "a", "/foo/bar/baz", false,
	    2 },
	{ "P47: 2.2.2, also in the URL", "User-agent: a\nDisallow: /foo/bar/baz", "a", "/foo/bar/%62a%7a", false, 2 },
	{ "P47: an encoded slash is no slash", "User-agent: a\nDisallow: /a/b", "a", "/a%2Fb", true, 0 },
	{ "P47: but the same in both cases", "User-agent: a\nDisallow: /a%2fb", "a", "/a%2Fb", false, 2 },
	{ "P47: a tilde", "User-agent: a\nDisallow: /%7ejoe/", "a", "/~joe/x", false, 2 },
	{ "P47: a blank in a rule", "User-agent: a\nDisallow: /a b", "a", "/a%20b", false, 2 },
	{ "P47: braces", "User-agent: a\nDisallow: /{x}", "a", "/%7bx%7D", false, 2 },
	{ "P47: a percent that encodes nothing", "User-agent: a\nDisallow: /100%", "a", "/100%/x", false, 2 },
	{ "P47: a percent at the end", "User-agent: a\nDisallow: /a%4", "a", "/a%41", true, 0 },

	{ "P47: CRLF", "User-agent: a\r\nDisallow: /x\r\n\r\nDisallow: /y\r\n", "a", "/y", false, 4 },
	{ "P47: CR", "User-agent: a\rDisallow: /x\r\rDisallow: /y", "a", "/y", false, 4 },
	{ "P47: a byte order mark", "\xef\xbb\xbfUser-agent: a\nDisallow: /", "a", "/x", false, 2 },
	{ "P47: a comment line", "# User-agent: b\nUser-agent: a\n#Allow: /\nDisallow: /", "a", "/x", false, 4 },
	{ "P47: a comment behind", "User-agent: a # us\nDisallow: / # all\n", "a", "/x", false, 2 },
	{ "P47: a comment at once", "User-agent: a\nDisallow: /x#y", "a", "/xz", false, 2 },
	{ "P47: blanks and tabs around", "\t User-agent \t: \t a \t\n  Disallow\t:\t/x \n", "a", "/x", false, 2 },
	{ "P47: no blank at all", "User-agent:a\nDisallow:/x", "a", "/x", false, 2 },
	{ "P47: any case", "USER-AGENT: a\nDISALLOW: /\naLLoW: /x", "a", "/x", true, 3 },
	{ "P47: a missing colon", "User-agent a\nDisallow /x", "a", "/x", false, 2 },
	{ "P47: a missing colon, more words", "User-agent: a\nDisallow /x /y", "a", "/x", true, 0 },
	{ "P47: a misspelled word", "User-agent: a\nDissallow: /x", "a", "/x", false, 2 },
	{ "P47: a line without a word", "User-agent: a\n: /x\n/x\n::\nDisallow: /y", "a", "/x", true, 0 },
	{ "P47: a web page in its place", "<html><body>Disallow: nothing</body></html>", "a", "/x", true, 0 },
	{ "P47: the last line without its end", "User-agent: a\nDisallow: /x", "a", "/x", false, 2 },
	{ "P47: the agent is *", "User-agent: a\nDisallow: /\nUser-agent: *\nDisallow: /x", "*", "/x", false, 4 },
};

START_TEST(table)
{
	const struct row *row = &rows[_i];
	char *token = robots_token(row->agent);
	struct robots *r = robots_parse(row->text, strlen(row->text), token);
	struct robots_verdict v;

	robots_check(r, row->path, &v);
	ck_assert_msg(v.allowed == row->allowed, "%s: %s", row->name, v.allowed ? "allowed" : "forbidden");
	ck_assert_msg(v.line == row->line, "%s: line %u", row->name, v.line);
	ck_assert((v.text != NULL) == (v.line != 0));
	robots_free(r);
	free(token);
}
END_TEST

/* P48: what a Crawl-delay is, and for whom. */
static const struct {
	const char *text;
	int64_t ms;
	unsigned line, joined;
} delays[] = {
	{ "User-agent: a\nCrawl-delay: 5", 5000, 2, 0 },
	{ "User-agent: a\nCrawl-delay: 0.5", 500, 2, 0 },
	{ "User-agent: a\nCrawl-delay: .25", 250, 2, 0 },
	{ "User-agent: a\nCrawl-delay: 1.0005", 1000, 2, 0 },
	{ "User-agent: a\nCrawl-delay: 0", 0, 2, 0 },
	{ "User-agent: a\nCrawl-delay: 300", 300000, 2, 0 },
	{ "User-agent: a\nCrawl-delay: 300.001", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: 99999999999999999999", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: -1", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: 5s", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: 1,5", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: 1.2.3", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: .", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay: 1e2", -1, 0, 0 },
	{ "User-agent: a\nCrawl-delay:", -1, 0, 0 },
	{ "User-agent: a\ncrawl-DELAY : 7 # s", 7000, 2, 0 },
	{ "User-agent: *\nCrawl-delay: 9", 9000, 2, 0 },
	{ "User-agent: *\nCrawl-delay: 9\nDisallow:\nUser-agent: a\nDisallow: /x", -1, 0, 0 },
	{ "User-agent: b\nCrawl-delay: 9", -1, 0, 0 },
	{ "User-agent: a\nDisallow: /x\nCrawl-delay: 4\nDisallow: /y", 4000, 3, 0 },
	{ "User-agent: a\nCrawl-delay: 2\nDisallow: /x\nUser-agent: a\nCrawl-delay: 8", 8000, 5, 0 },
	{ "User-agent: a\nCrawl-delay: 5\nUser-agent: b\nDisallow: /", 5000, 2, 2 },
	{ "User-agent: b\nCrawl-delay: 5\nUser-agent: a\nDisallow: /", 5000, 2, 2 },
	{ "User-agent: b\nCrawl-delay: 5\nUser-agent: c\nDisallow: /\nUser-agent: a\nDisallow: /", -1, 0, 0 },
	{ "User-agent: b\nDisallow: /\nCrawl-delay: 5\nUser-agent: a\nDisallow: /", -1, 0, 0 },
	{ "Crawl-delay: 5\nUser-agent: a\nDisallow: /", 5000, 1, 1 },
};

START_TEST(p48_crawl_delay)
{
	struct robots *r = robots_parse(delays[_i].text, strlen(delays[_i].text), "a");

	ck_assert_msg(r->crawl_delay_ms == delays[_i].ms, "%s: %d", delays[_i].text, (int)r->crawl_delay_ms);
	ck_assert_uint_eq(r->joined_line, delays[_i].joined);
	if (delays[_i].ms >= 0)
		ck_assert_uint_eq(r->delay_line, delays[_i].line);
	robots_free(r);
}
END_TEST

static const struct {
	const char *user_agent, *token;
} tokens[] = { { "trapexit/0.1 (+https://example.org/)", "trapexit" }, { "shop-bot_2", "shop-bot_2" },
	{ "  shopbot", "shopbot" }, { "Mozilla/5.0 (compatible; ExampleBot/0.1; https://www.example.com/bot.html)", "ExampleBot" },
	{ "Mozilla/5.0 (X11; Linux)", "Mozilla" }, { "*", "*" }, { "", "*" }, { "(x)", "*" }, { "foo bar", "foo" } };

START_TEST(p47_token)
{
	char *token = robots_token(tokens[_i].user_agent);

	ck_assert_str_eq(token, tokens[_i].token);
	free(token);
}
END_TEST

static bool
allows(const struct buf *text, const char *path)
{
	struct robots *r = robots_parse(text->data, text->len, "a");
	struct robots_verdict v;

	robots_check(r, path, &v);
	robots_free(r);
	return v.allowed;
}

/* At least 500 KiB count; a line that the bound cuts does not. */
START_TEST(p47_size)
{
	struct buf b = BUF_INIT(0);

	buf_xaddstr(&b, "User-agent: a\n");
	while (b.len < 500 * 1024 - 64)
		buf_xaddstr(&b, "Disallow: /some/path/that/fills\n");
	buf_xaddstr(&b, "Disallow: /within\n");
	while (b.len < ROBOTS_MAX - 12)
		buf_xaddc(&b, '\n');
	buf_xaddstr(&b, "Disallow: /cut/here\nDisallow: /beyond\n");
	ck_assert(!allows(&b, "/within"));
	ck_assert(allows(&b, "/x"));
	ck_assert(allows(&b, "/cut/here"));
	ck_assert(allows(&b, "/beyond"));
	buf_release(&b);
}
END_TEST

/* P47: no pattern takes longer than its length and the path's; NULs are octets like others. */
START_TEST(p47_hostile)
{
	struct buf b = BUF_INIT(0), path = BUF_INIT(0);
	int i;

	buf_xaddstr(&b, "User-agent: a\nDisallow: /");
	for (i = 0; i < 100000; i++)
		buf_xaddstr(&b, "*a");
	buf_xaddstr(&b, "*b\nDisallow: /x");
	buf_xadd(&b, "\0y\n", 3);
	buf_xaddc(&path, '/');
	for (i = 0; i < 60000; i++)
		buf_xaddc(&path, 'a');
	ck_assert(allows(&b, path.data));
	ck_assert(allows(&b, "/x"));
	ck_assert(!allows(&b, "/x%00y"));
	buf_release(&b);
	buf_release(&path);
}
END_TEST

/* Rules that are kept elsewhere come back the same, with their numbers. */
START_TEST(p47_lines_kept)
{
	struct robots *r = robots_new("*");
	struct robots_verdict v;

	robots_add_line(r, 7, "Disallow: /x");
	robots_add_line(r, 9, "Allow: /x/*y$");
	robots_add_line(r, 11, "Crawl-delay: 3");
	robots_add_line(r, 12, "User-agent: b");
	robots_check(r, "/x/1y", &v);
	ck_assert(v.allowed);
	ck_assert_uint_eq(v.line, 9);
	robots_check(r, "/x/1yz", &v);
	ck_assert(!v.allowed);
	ck_assert_str_eq(v.text, "Disallow: /x");
	ck_assert_int_eq(r->crawl_delay_ms, 3000);
	robots_free(r);
	robots_check(NULL, "/x", &v);
	ck_assert(v.allowed);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scrape_robots");
	TCase *t = tcase_create("robots");

	tcase_add_loop_test(t, table, 0, ARRAY_LEN(rows));
	tcase_add_loop_test(t, p48_crawl_delay, 0, ARRAY_LEN(delays));
	tcase_add_loop_test(t, p47_token, 0, ARRAY_LEN(tokens));
	tcase_add_test(t, p47_size);
	tcase_add_test(t, p47_hostile);
	tcase_add_test(t, p47_lines_kept);
	tcase_set_timeout(t, 180); /* what is hostile takes time with sanitizers, on a busy machine; not for ever */
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
