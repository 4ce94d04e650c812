/* Which proxy a request goes through. */
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "scrape/fetch_proxy.h"
#include "unit.h"

static const struct {
	const char *told, *http, *https, *upper, *all, *none; /* told, and the environment; NULL: not set */
	const char *url, *proxy;
} rows[] = {
	{ NULL, NULL, NULL, NULL, NULL, NULL, "http://h/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, NULL, "http://h/", "http://p:1" },
	{ NULL, "http://p:1", NULL, NULL, NULL, NULL, "https://h/", "" },
	{ NULL, NULL, "http://q:2", NULL, NULL, NULL, "https://h/", "http://q:2" },
	{ NULL, "", NULL, "http://q:2", NULL, NULL, "https://h/", "http://q:2" },
	{ NULL, "http://p:1", NULL, NULL, "http://a:3", NULL, "http://h/", "http://p:1" },
	{ NULL, "http://p:1", NULL, NULL, "http://a:3", NULL, "https://h/", "http://a:3" },
	{ "none", "http://p:1", "http://p:1", NULL, "http://a:3", NULL, "http://h/", "" },
	{ "http://t:4", "http://p:1", NULL, NULL, NULL, "*", "http://h/", "http://t:4" },
	{ "socks5://t:4", NULL, NULL, NULL, NULL, NULL, "http://h/", "socks5h://t:4" },
	{ "SOCKS4://t:4", NULL, NULL, NULL, NULL, NULL, "https://h/", "socks4a://t:4" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "*", "http://h/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "h", "http://h:8080/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "example.org", "http://shop.Example.org./", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, ".example.org", "http://example.org/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "example.org", "http://notexample.org/", "http://p:1" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "a.b,  x.y ,h", "http://x.y/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, ",,", "http://h/", "http://p:1" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "10.0.0.0/8", "http://10.9.8.7/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "10.0.0.0/9", "http://10.129.8.7/", "http://p:1" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "10.0.0.0/33", "http://10.0.0.0/", "http://p:1" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "fd00::/8", "http://[fd12::1]/", "" },
	{ NULL, "http://p:1", NULL, NULL, NULL, "::1", "http://[::1]:80/", "" },
};

static void
set(const char *name, const char *value)
{
	if (value != NULL)
		ck_assert_int_eq(setenv(name, value, 1), 0);
	else
		ck_assert_int_eq(unsetenv(name), 0);
}

START_TEST(proxy_for)
{
	struct fetch_proxy p;
	struct fetch_url u;

	set("http_proxy", rows[_i].http);
	set("HTTP_PROXY", "http://never:9"); /* a CGI program's client sets it */
	set("https_proxy", rows[_i].https);
	set("HTTPS_PROXY", rows[_i].upper);
	set("all_proxy", NULL);
	set("ALL_PROXY", rows[_i].all);
	set("no_proxy", rows[_i].none);
	set("NO_PROXY", NULL);
	fetch_proxy_init(&p, rows[_i].told);
	ck_assert_int_eq(fetch_url_parse(&u, rows[_i].url, false), 0);
	ck_assert_str_eq(fetch_proxy_for(&p, &u), rows[_i].proxy);
	fetch_url_release(&u);
	fetch_proxy_release(&p);
}
END_TEST

START_TEST(proxy_is_valid)
{
	static const char *const good[] = { "none", "http://p", "http://u:p@p:3128", "https://p:1/", "socks5://10.0.0.1:1080",
		"socks5h://p", "socks4a://[::1]:1" };
	static const char *const bad[] = { "", "p", "p:3128", "ftp://p", "http://", "socks9://p", "http://p:99999", "None" };
	size_t i;

	for (i = 0; i < ARRAY_LEN(good); i++)
		ck_assert_msg(fetch_proxy_is_valid(good[i]), "%s", good[i]);
	for (i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!fetch_proxy_is_valid(bad[i]), "%s", bad[i]);
}
END_TEST

static Suite *
suite(void)
{
	Suite *s = suite_create("scrape_proxy");
	TCase *t = tcase_create("proxy");

	tcase_add_loop_test(t, proxy_for, 0, ARRAY_LEN(rows));
	tcase_add_test(t, proxy_is_valid);
	suite_add_tcase(s, t);
	return s;
}

int
main(void)
{
	return unit_run(suite());
}
