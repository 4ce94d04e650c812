/* The parts of fetching that need no network: addresses, URLs, header fields. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "scrape/address.h"
#include "scrape/fetch.h"
#include "scrape/fetch_header.h"
#include "scrape/fetch_url.h"
#include "unit.h"

/* P53: what a page on the open web may not lead to, in all clothes. */
static const struct {
	const char *address;
	bool is_private;
} addresses[] = {
	{ "127.255.255.254", true }, { "128.0.0.1", false }, { "172.31.255.255", true }, { "100.127.0.1", true },
	{ "100.128.0.1", false }, { "192.0.0.8", true }, { "240.0.0.1", true }, { "1.1.1.1", false },
	{ "::ffff:169.254.169.254", true }, { "::ffff:0:10.0.0.1", true }, { "::10.0.0.1", true },
	{ "::8.8.8.8", true }, { "64:ff9b::7f00:1", true }, { "64:ff9b::808:808", false },
	{ "64:ff9b:1::808:808", true }, { "fec0::1", true }, { "febf::1", true }, { "100::1", true },
	{ "2001::1", true }, { "2001:1ff::1", true }, { "2001:200::1", false }, { "2001:db8::1", true },
	{ "2002:a00:1::", true }, { "2a00:1450:4001::5efe:a00:1", true }, { "2a00:1450:4001::200:5efe:a00:1", true },
	{ "2a00:1450:4001:1:0:5efe:808:808", false }, { "3fff:fff::1", true }, { "3fff:1000::1", false },
	{ "4000::1", true }, { "5f00::1", true },
};

START_TEST(p53_addresses)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };
	const char *text = addresses[_i].address;
	bool is_private;

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		is_private = address_is_private((struct sockaddr *)&in);
	} else {
		ck_assert_int_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		is_private = address_is_private((struct sockaddr *)&in6);
	}
	ck_assert_msg(is_private == addresses[_i].is_private, "%s", text);
}
END_TEST

/* P53: names that are addresses, however they are spelled. */
static const struct {
	const char *url;
	bool is_private;
} names[] = {
	{ "http://127.0.0.1/", true }, { "http://0x7f.1/", true }, { "http://0177.0.0.1:80/", true },
	{ "http://2130706433/", true }, { "http://127.1/", true }, { "http://0xA9FEA9FE/", true },
	{ "http://[::1]/", true }, { "http://[::ffff:10.0.0.1]:8080/", true }, { "http://[fe80::1%25eth0]/", true },
	{ "http://localhost/", true }, { "http://LocalHost./", true }, { "http://a.localhost:1/", true },
	{ "http://notlocalhost/", false }, { "http://localhost.example/", false }, { "http://8.8.8.8/", false },
	{ "http://10.example/", false }, { "http://user:127.0.0.1@shop.example/", false },
	{ "http://shop.example@127.0.0.1/", true }, { "http://127.0.0.1.:80/", true },
};

START_TEST(p53_names)
{
	struct fetch_url u;

	ck_assert_msg(fetch_url_parse(&u, names[_i].url, false) == 0, "%s", names[_i].url);
	ck_assert_msg(fetch_url_is_private(&u) == names[_i].is_private, "%s: %s", names[_i].url, u.name);
	fetch_url_release(&u);
}
END_TEST

static const struct {
	const char *url, *text, *origin, *path;
} urls[] = {
	{ "HTTP://Shop.Example:80/A?b#c", "http://shop.example/A?b", "http://shop.example", "/A?b" },
	{ "https://shop.example:443", "https://shop.example/", "https://shop.example", "/" },
	{ "https://shop.example:80?q=A/B", "https://shop.example:80/?q=A/B", "https://shop.example:80", "/?q=A/B" },
	{ "http://Me:PassWord@Shop.example/x", "http://Me:PassWord@shop.example/x", "http://shop.example", "/x" },
	{ "http://[2001:DB8::1]:8080/", "http://[2001:db8::1]:8080/", "http://[2001:db8::1]:8080", "/" },
	{ "shop.example/x", "http://shop.example/x", "http://shop.example", "/x" },
};

START_TEST(url_parts)
{
	struct fetch_url u;

	ck_assert_int_eq(fetch_url_parse(&u, urls[_i].url, true), 0);
	ck_assert_str_eq(u.text, urls[_i].text);
	ck_assert_str_eq(u.origin, urls[_i].origin);
	ck_assert_str_eq(u.host, strstr(u.origin, "//") + 2);
	ck_assert_str_eq(u.path, urls[_i].path);
	ck_assert_int_eq(u.https, urls[_i].origin[4] == 's');
	fetch_url_release(&u);
}
END_TEST

/* What is taken as it is spelled, and what only looks so: as libcurl has it. */
static const char *const spellings[] = { "http://shop.example/", "https://shop.example/p/1?x=1&y=2", "http://shop.example/a/../b",
	"http://shop.example/a/./b", "http://shop.example/.well-known/x", "http://shop.example/a..b", "http://shop.example/a/..",
	"http://shop.example:80/", "https://shop.example:443/", "http://shop.example:443/", "http://shop.example:8080/x",
	"http://shop.example:08080/x", "http://shop.example:65535/", "http://shop.example:65536/", "http://shop.example:/x",
	"http://shop.example:8x/", "http://127.0.0.1/", "http://127.0.0.01/", "http://127.1/", "http://2130706433/", "http://0x7f.1/",
	"http://256.1.1.1/", "http://1.2.3.4.5/", "http://1.2.3/", "http://1.2.3.4./", "http://10.0.0.1:8080/x", "http://0.0.0.0/", "http://9gag.example/x",
	"http://shop.example./", "http://.example/", "http://a..b/", "http://xn--bcher-kva.example/", "http://b\xc3\xbc-x.example/",
	"http://a_b.example/", "http://shop.example/?", "http://shop.example/x?", "http://shop.example/?a=b?", "http://shop.example/%7Ex%2f",
	"http://shop.example/x#y", "http://shop.example/x?a=b#y", "http://me@shop.example/", "http://me:pw@shop.example/", "http://shop.example/@x",
	"http://shop.example//x//", "http://shop.example/a;b,c:d!$()*+=~-_", "http://shop.example/x?a/../b", "http://shop.example/x'y",
	"http://shop.example\\x/", "http://shop.example/a\\b", "http:/shop.example/", "http:///shop.example/", "https://[::1]/", "http://shop.example/x?y=a/.b" };

START_TEST(url_spelled)
{
	char other[] = "http://other.example/";
	const struct fetch_url base = { .text = other };
	struct fetch_url u, libcurls;
	int parsed = fetch_url_parse(&u, spellings[_i], false);

	ck_assert_msg(parsed == fetch_url_follow(&libcurls, &base, spellings[_i]), "%s", spellings[_i]);
	if (parsed == -1)
		return;
	ck_assert_str_eq(u.text, libcurls.text);
	ck_assert_str_eq(u.origin, libcurls.origin);
	ck_assert_str_eq(u.host, libcurls.host);
	ck_assert_str_eq(u.name, libcurls.name);
	ck_assert_str_eq(u.path, libcurls.path);
	ck_assert_int_eq(u.https, libcurls.https);
	fetch_url_release(&u);
	fetch_url_release(&libcurls);
}
END_TEST

static const char *const no_urls[] = { "", "http://", "ftp://x/", "file:///etc/passwd", "data:,x",
	"http://x y/", "http://x\n/", "http://:80/" };

START_TEST(no_url)
{
	struct fetch_url u;

	ck_assert_msg(fetch_url_parse(&u, no_urls[_i], true) == -1, "%s", no_urls[_i]);
}
END_TEST

#define NOW INT64_C(1764000000) /* Mon, 24 Nov 2025 16:00:00 GMT */

/* P51: Retry-After, as seconds or as a date, at most a day. */
static const struct {
	const char *value, *date;
	int64_t s;
} afters[] = {
	{ "120", NULL, 120 }, { "0", NULL, 0 }, { "120 ", NULL, 120 }, { "86400", NULL, 86400 },
	{ "86401", NULL, 86400 }, { "99999999999999999999999", NULL, 86400 }, { "-5", NULL, 0 }, { "", NULL, 0 },
	{ "soon", NULL, 0 }, { "1.5", NULL, 0 }, { "12 h", NULL, 0 }, { "Mon, 24 Nov 2025 16:02:00 GMT", NULL, 120 },
	{ "Monday, 24-Nov-25 16:02:00 GMT", NULL, 120 }, { "Mon Nov 24 16:02:00 2025", NULL, 120 },
	{ "Mon, 24 Nov 2025 15:59:00 GMT", NULL, 0 }, { "Fri, 31 Dec 2099 23:59:59 GMT", NULL, 86400 },
	{ "Mon, 24 Nov 2025 16:00:60 GMT", NULL, 60 }, { "Mon, 24 Nov 2025 16:02:00 gmt", NULL, 120 },
	{ "Mon, 24 Nov 2025 16:02:00 GMT+1", NULL, 120 }, { "Xyz, 24 Nov 2025 16:02:00 GMT", NULL, 0 },
	{ "onT, 24 Nov 2025 16:02:00 GMT", NULL, 0 }, { "Mon, 24 ovD 2025 16:02:00 GMT", NULL, 0 },
	{ "Mon, 24 Nov 2025 25:02:00 GMT", NULL, 0 }, { "Sat, 29 Feb 2020 16:02:00 GMT", "Sat, 29 Feb 2020 16:00:00 GMT", 120 },
	{ "Fri, 01 Mar 2019 00:00:10 GMT", "Thu, 28 Feb 2019 23:59:50 GMT", 20 },
	{ "Wed, 01 Jan 2020 00:00:10 GMT", "Tue, 31 Dec 2019 23:59:50 GMT", 20 },
	{ "Sat, 01 Jan 1960 00:00:10 GMT", NULL, 0 },
	/* By the server's own clock, which is an hour behind. */
	{ "Mon, 24 Nov 2025 15:01:00 GMT", "Mon, 24 Nov 2025 15:00:00 GMT", 60 },
	{ "Mon, 24 Nov 2025 16:02:00 GMT", "no date", 120 }, { "30", "Mon, 24 Nov 2025 15:00:00 GMT", 30 },
};

START_TEST(p51_retry_after)
{
	int64_t s = fetch_retry_after(afters[_i].value, afters[_i].date, NOW);

	ck_assert_msg(s == afters[_i].s, "%s: %d", afters[_i].value, (int)s);
}
END_TEST

START_TEST(p50_validators)
{
	static const char at[] = "Mon, 24 Nov 2025 16:00:00 GMT";
	char longest[600];

	ck_assert(fetch_is_etag("\"a\""));
	ck_assert(fetch_is_etag("W/\"a b\""));
	ck_assert(fetch_is_etag("unquoted"));
	ck_assert(!fetch_is_etag(""));
	ck_assert(!fetch_is_etag("\"\xc3\xa9\""));
	ck_assert(!fetch_is_etag("a\tb"));
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	ck_assert(!fetch_is_etag(longest));
	longest[512] = '\0';
	ck_assert(fetch_is_etag(longest));
	ck_assert(fetch_is_last_modified(at, NULL));
	ck_assert(fetch_is_last_modified(at, "Mon, 24 Nov 2025 16:00:01 GMT"));
	ck_assert(!fetch_is_last_modified(at, at)); /* it may change within this second once more */
	ck_assert(!fetch_is_last_modified("yesterday", NULL));
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scrape_fetch");
	TCase *t = tcase_create("parts");

	tcase_add_loop_test(t, p53_addresses, 0, ARRAY_LEN(addresses));
	tcase_add_loop_test(t, p53_names, 0, ARRAY_LEN(names));
	tcase_add_loop_test(t, url_parts, 0, ARRAY_LEN(urls));
	tcase_add_loop_test(t, url_spelled, 0, ARRAY_LEN(spellings));
	tcase_add_loop_test(t, no_url, 0, ARRAY_LEN(no_urls));
	tcase_add_loop_test(t, p51_retry_after, 0, ARRAY_LEN(afters));
	tcase_add_test(t, p50_validators);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
