#!/bin/sh
# `pricescrape robots`: what it prints and how it ends; the rules themselves are in tests/unit/check_scrape_robots.c.
. "$top_srcdir/tests/lib/tap.sh"

printf 'User-agent: shopbot\nCrawl-delay: 2.5\nDisallow: /cart\nAllow: /cart/help # but this\n' >"$T/robots.txt"
printf 'User-agent: a\nCrawl-delay: 3\nUser-agent: shopbot\nDisallow: /\n' >"$T/joined.txt"

# robots ARGUMENT…: output in $out, status in $status.
robots() {
	status=0
	out=$(pricescrape robots "$@" 2>"$T/err") || status=$?
}

robots --agent ShopBot/1.0 "$T/robots.txt" https://shop.example/p/1
is 'all allowed: exit 0' "$status" 0
is 'an object a URL (P47, P48)' "$out" \
    '{"url":"https://shop.example/p/1","allowed":true,"crawl_delay":2.5,"group":"shopbot","line":null,"text":null}'
robots --agent shopbot "$T/robots.txt" https://shop.example/p/1 https://shop.example/cart/1 /cart/help
is 'one is not: exit 1' "$status" 1
is 'the line that forbids (P47)' "$(echo "$out" | sed -n 2p)" \
    '{"url":"https://shop.example/cart/1","allowed":false,"crawl_delay":2.5,"group":"shopbot","line":3,"text":"Disallow: /cart"}'
is 'a path alone; the line that allows (P47)' "$(echo "$out" | sed -n 3p)" \
    '{"url":"/cart/help","allowed":true,"crawl_delay":2.5,"group":"shopbot","line":4,"text":"Allow: /cart/help"}'
robots --agent other "$T/robots.txt" http://shop.example/cart
is 'no group: no limits (P47)' "$out" \
    '{"url":"http://shop.example/cart","allowed":true,"crawl_delay":null,"group":null,"line":null,"text":null}'
robots --agent shopbot "$T/joined.txt" http://shop.example/
like 'a Crawl-delay between names is told of (P48)' "$out" '"line":4,.*"warnings":\["crawl-delay-in-group"\]'
status=0
out=$(printf 'User-agent: trapexit\nDisallow: /x' | pricescrape robots - http://h/x http://h/y) || status=$?
is 'from standard input, as ourselves: exit 1' "$status" 1
is 'from standard input: lines' "$(echo "$out" | grep -c '^{.*}$')" 2
robots "$T/robots.txt" ftp://h/x http://h/y
is 'no URL: exit 2' "$status" 2
is 'no URL: its object' "$(echo "$out" | sed -n 1p)" '{"url":"ftp://h/x","error":"no http or https URL"}'
like 'no URL: the others go on' "$out" '"url":"http://h/y","allowed":true'

status_is 2 'no URL at all is a usage error' pricescrape robots "$T/robots.txt"
status_is 2 'no file is a usage error' pricescrape robots "$T/none" http://h/
status_is 2 'an unknown option is a usage error' pricescrape robots --nonsense "$T/robots.txt" http://h/
check '--help' pricescrape robots --help
done_testing
