#!/bin/sh
# `pricescrape URL …`: prices, statuses, reasons and exit codes of one page at a time.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --serial-prices

# scrape ARGUMENT…: output in $out, exit status in $status.
scrape() {
	status=0
	out=$(pricescrape --allow-private --no-robots "$@" 2>"$T/scrape.err") || status=$?
}

n=0
for page in jsonld microdata og original; do
	n=$((n + 1))
	scrape "$shop/$page/1"
	is "$page: exit 0" "$status" 0
	is "$page: the price is that of this very fetch" "$(echo "$out" | member amount)" "1.0$n"
	is "$page: in pounds" "$(echo "$out" | member currency)" GBP
	is "$page: status" "$(echo "$out" | member status)" ok
done
is 'P28: availability' "$(echo "$out" | member method)" v-rdfa

scrape --pattern '<span property="v:price">(?<price>.*?)</span>' --product 'B525' --source cam "$shop/original/1"
is 'a pattern: exit 0' "$status" 0
is 'a pattern: method' "$(echo "$out" | member method)" rule
is 'a pattern: as the page wrote it' "$(echo "$out" | member raw)" '£1.05'
is 'a pattern: product' "$(echo "$out" | member product)" B525
is 'a pattern: source' "$(echo "$out" | member source)" cam

scrape --currency EUR "$shop/original/1"
is 'P17: the told currency' "$(echo "$out" | member currency)" EUR
like 'P17: the page disagrees' "$out" '"warnings":\["currency-conflict"\]'

scrape "$shop/plain/1"
is 'no price: exit 1' "$status" 1
is 'P6: no price: status' "$(echo "$out" | member status)" no_match
is 'P6: no price: reason' "$(echo "$out" | member reason)" no-match
scrape "$shop/soldout/1"
is 'P30: sold out' "$(echo "$out" | member status)" unavailable
is 'P30: sold out, with its price' "$(echo "$out" | member currency)" GBP

scrape "$shop/plain/1" "$shop/jsonld/1" "$shop/jsonld/2"
is 'several pages, one without a price: exit 1' "$status" 1
is 'several pages, a line each' "$(echo "$out" | grep -c '^{.*}$')" 3

# reason_is REASON PATH [OPTION…]
reason_is() {
	want=$1 path=$2
	shift 2
	scrape "$@" "$shop$path"
	is "$want: exit 1" "$status" 1
	case $want in
	too-large) as=too_large ;;
	http-503) as=blocked ;;
	*) as=error ;;
	esac
	is "$want: status" "$(echo "$out" | member status)" "$as"
	is "$want: reason" "$(echo "$out" | member reason)" "$want"
}
reason_is http-404 /status/404
reason_is http-503 '/status/503?retry_after=9'
reason_is connection-lost /drop
reason_is timeout '/slow?ms=5000' --timeout 200ms
reason_is too-many-redirects '/redirect?n=9'
reason_is bad-url '/redirect?n=0&to=file:///etc/passwd'
reason_is too-large '/huge' # P38: endless
reason_is too-large '/bomb' # P34: the decoded body counts
reason_is too-large '/huge?bytes=2000' --max-body 1K
scrape --max-body 2K "$shop/jsonld/1"
is 'a body within its bound' "$status" 0
scrape "$shop/redirect?n=5"
is 'P53: five redirects' "$status" 0
scrape http://127.0.0.1:1/
is 'connect: reason' "$(echo "$out" | member reason)" connect
scrape http://nowhere.invalid/
is 'dns: reason' "$(echo "$out" | member reason)" dns
scrape ftp://127.0.0.1/ 
is 'bad-url: reason' "$(echo "$out" | member reason)" bad-url

seen=$(fetches_of /jsonld/6)
scrape "$shop/status/429?retry_after=3600" "$shop/jsonld/6"
is 'P51: a host that wants a long rest is not asked for the next page' "$(fetches_of /jsonld/6)" "$seen"
is 'P51: that is blocked as well' "$(echo "$out" | member status | tr '\n' ' ')$(echo "$out" | member reason | tr '\n' ' ')" \
    'blocked blocked http-429 refused '
scrape "$shop/status/503" "$shop/jsonld/6"
is 'P51: nor is one that does not say how long' "$(fetches_of /jsonld/6) $(echo "$out" | member reason | tail -n 1)" "$seen refused"
scrape "$shop/status/503?retry_after=1" "$shop/jsonld/6"
is 'P51: a short rest is waited for' "$(echo "$out" | member status | tr '\n' ' ')" 'blocked ok '
is 'P51: all of it' "$(awk '/503.retry_after=1 / { t = $1 } / \/jsonld\/6 / { print ($1 - t >= 990) }' "$T/access" | tail -n 1)" 1

seen=$(wc -l <"$T/access")
status=0
out=$(pricescrape "$shop/jsonld/1" 2>"$T/scrape.err") || status=$?
is 'P53: loopback is refused' "$(echo "$out" | member reason)" private-address
is 'P53: exit 1' "$status" 1
is 'P53: the shop did not see it' "$(wc -l <"$T/access")" "$seen"

scrape --user-agent 'test/1 (+http://example.org/)' "$shop/jsonld/9"
check 'P54: the name we go by' file_has "$T/access" ' /jsonld/9 200 [0-9]+ test/1 \(\+http://example.org/\)$'
scrape "$shop/jsonld/8"
check 'P54: our own name' file_has "$T/access" ' /jsonld/8 200 [0-9]+ trapexit/[0-9.]+$'

status_is 2 'no URL is a usage error' pricescrape
status_is 2 'an unknown option is a usage error' pricescrape --nonsense http://x/
status_is 2 'a bad pattern is a usage error' pricescrape --pattern 'a(b' http://x/
status_is 2 'a bad time is a usage error' pricescrape --timeout 5 http://x/
status_is 2 'a bad size is a usage error' pricescrape --max-body lots http://x/
status_is 2 'no currency is a usage error' pricescrape --currency XXY http://x/
status_is 2 'a job with a URL is a usage error' pricescrape --job http://x/
check '--help' pricescrape --help
like '--version' "$(pricescrape --version)" '^pricescrape \(trapexit\) [0-9]'
done_testing
