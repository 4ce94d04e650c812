#!/bin/sh
# Fetching, hop by hop: redirects, validators, cookies, Retry-After, and what a server may not do to us.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop
host=${shop#http://}

# fetch ARGUMENT…: the line in $out, the hops in $T/hops.
fetch() {
	out=$("$top_builddir/tests/helpers/fetch_one" --allow-private "$@" 2>"$T/hops")
}
# got MEMBER
got() {
	echo "$out" | member "$1"
}
seen() {
	[ ! -e "$T/access" ] || sed -n "$(($1 + 1)),\$p" "$T/access" | awk '{ print $2 }' | paste -sd' ' -
}
n_seen() {
	wc -l <"$T/access"
}

for code in 301 302 303 307 308; do
	fetch "$shop/to?code=$code&location=/p/1"
	is "$code is followed (P53)" "$(got status) $(got reason)" '200 null'
	is "$code: where it ended" "$(got final_url)" "$shop/p/1"
	case $code in
	301 | 308) is "$code is permanent: reported (P53)" "$(got moved_to)" "$shop/p/1" ;;
	*) is "$code is not permanent (P53)" "$(got moved_to)" null ;;
	esac
done
for code in 300 304 305 399; do
	fetch "$shop/to?code=$code&location=/p/1"
	is "$code is no page" "$(got reason)" "http-$code"
done
fetch "$shop/p/1"
is 'without a redirect there is no final URL' "$(got final_url)" null
is 'who said it' "$(got host)" "$host"
fetch "$shop/to?code=302"
is 'a redirect without a target' "$(got reason)" http-302
fetch "$shop/to?code=301&location=%2Fto%3Fcode%3D308%26location%3D%2Fp%2F2"
is 'two permanent redirects: the end of both (P53)' "$(got moved_to)" "$shop/p/2"
fetch "$shop/to?code=302&location=%2Fto%3Fcode%3D301%26location%3D%2Fp%2F2"
is 'a permanent one behind another: this URL has not moved (P53)' "$(got moved_to)" null
fetch "$shop/to?code=301&location=%2Fto%3Fcode%3D302%26location%3D%2Fp%2F2"
like 'another one behind a permanent one (P53)' "$(got moved_to)" '/to.code=302&location=/p/2$'
fetch "$shop/to?location=../p/3"
is 'a relative target' "$(got final_url)" "$shop/p/3"
fetch "$shop/to?location=%3Fcode%3D302%26location%3Dp%2F4"
is 'a target of a query alone' "$(got final_url)" "$shop/p/4"
fetch "$shop/to?location=%2F%2F$host%2Fp%2F5"
is 'a target without a scheme' "$(got final_url)" "$shop/p/5"
fetch "$shop/to?location=/p/6%23part"
is 'a target with a fragment' "$(got final_url)" "$shop/p/6"
fetch "$shop/to?location=/p/%25C3%25A9%20a%C3%A9"
is 'a target with blanks and letters' "$(got reason) $(got final_url)" "null $shop/p/%C3%A9%20a%c3%a9"
for to in file:///etc/passwd ftp://127.0.0.1/ javascript:1 'http://' 'gopher://127.0.0.1:70/'; do
	fetch "$shop/to?location=$to"
	is "$to is no target (P53)" "$(got reason)" bad-url
done
fetch "$shop/redirect?n=5"
is 'five redirects (P53)' "$(got reason)" null
n=$(n_seen)
fetch "$shop/redirect?n=6"
is 'six are too many (P53)' "$(got reason)" too-many-redirects
is 'and the seventh page is not asked for' "$(($(n_seen) - n))" 6
fetch "$shop/to?location=/p/7&body=5000000"
is 'the body of a redirect does not count' "$(got reason)" null

fetch "$shop/to?location=/p/1"
is 'each hop is asked for (P49, P53)' "$(paste -sd' ' "$T/hops")" "hop $host hop $host"
fetch --hop-wait 700 "$shop/redirect?n=2"
is 'a host may make hops wait (P49)' "$(got reason)" null
is 'three went' "$(grep -c ^hop "$T/hops")" 3
check 'and were asked for again after a wait' grep -q ^wait "$T/hops"
n=$(n_seen)
fetch --refuse "$host" "$shop/p/1"
is 'a hop that is refused' "$(got reason)" refused
is 'is not asked for' "$(n_seen)" "$n"
port=${host#*:}
n=$(n_seen)
fetch --refuse "localhost:$port" "$shop/to?location=http://localhost:$port/p/1"
is 'a later hop that is refused' "$(got reason) $(($(n_seen) - n))" 'refused 1'
fetch --timeout 700 --hop-wait 400 "$shop/redirect?n=3"
is 'waiting for a host does not use time up' "$(got reason)" null
fetch --timeout 500 "$shop/to?location=/slow%3Fms=5000"
is 'but all hops share it' "$(got reason) $(got passing)" 'timeout true'

fetch "$shop/to?location=/p/1&retry_after=1"
is 'a redirect that asks to wait is waited for (P51)' "$(got reason)" null
is 'that long' "$(tail -2 "$T/access" | awk 'last && $1 - last < 990 { print } { last = $1 }')" ''
n=$(n_seen)
fetch "$shop/to?location=/p/1&retry_after=3600"
is 'but not for an hour (P51)' "$(got reason) $(got site_rest) $(got retry_after)" 'http-302 true 3600'
is 'and its target is left alone' "$(($(n_seen) - n))" 1
fetch "$shop/to?code=503&retry_after=17&body=3000000"
is '503 with a body that is too long is 503 (P51)' \
    "$(got reason) $(got site_rest) $(got retry_after) $(got passing)" 'http-503 true 17 true'
fetch "$shop/to?code=429&retry_after=Fri,%2031%20Dec%202099%2023:59:59%20GMT"
is '429 until a date: a day at most (P51)' "$(got reason) $(got site_rest) $(got retry_after)" 'http-429 true 86400'
date=$(LC_ALL=C date -u -d '+100 seconds' '+%a, %d %b %Y %H:%M:%S GMT' | sed 's/ /%20/g')
fetch "$shop/to?code=503&retry_after=$date"
like 'until a date that is near (P51)' "$(got retry_after)" '^(9[5-9]|100)$'

modified='Mon, 02 Nov 2020 10:00:00 GMT'
modified_arg=Mon,%2002%20Nov%202020%2010:00:00%20GMT
page="$shop/validated?etag=v1&modified=$modified_arg"
fetch "$page"
is 'validators are reported (P50)' "$(got etag) $(got not_modified) $(got reason)" 'v1 false null'
like 'also the date (P50)' "$out" "\"last_modified\":\"$modified\""
fetch --etag v1 --last-modified "$modified" "$page"
is 'the same ETag: not modified (P50)' "$(got status) $(got not_modified) $(got reason) $(got bytes)" '304 true null 0'
is 'and it stays the validator (P50)' "$(got etag)" v1
fetch --etag v0 --last-modified "$modified" "$page"
is 'another ETag: the date does not count (P50)' "$(got status) $(got not_modified)" '200 false'
fetch --last-modified "$modified" "$page"
is 'the same date: not modified (P50)' "$(got status) $(got not_modified)" '304 true'
fetch "$shop/to?code=304"
is 'a 304 that was not asked for is no success (P50)' "$(got reason) $(got not_modified)" 'http-304 false'
to=$(echo "$page" | sed 's/?/%3F/g; s/&/%26/g; s/%20/%2520/g')
fetch --etag v1 "$shop/to?location=$to"
is 'validators go to what they belong to only (P50)' "$(got status)" 200
fetch --etag v1 --validated-url "$page" "$shop/to?location=$to"
is 'which a redirect may lead to (P50)' "$(got status) $(got not_modified)" '304 true'
fetch --etag v1 "$page" "$shop/echo"
is 'the next request has none of it' "$(echo "$out" | tail -1 | member status)" 200

# The body of /echo is not in the result: its size tells.
fetch "$shop/echo" "$shop/to?location=/echo&cookie=a=b" "$shop/echo"
is 'a cookie goes along' "$(echo "$out" | member bytes | awk 'NR == 1 { n = $1 } { print $1 - n }' | paste -sd' ' -)" '0 12 12'
fetch "$shop/echo"
is 'and does not outlive the program' "$(got bytes)" "$(echo "$out" | sed -n 1p | member bytes)"
fetch "$shop/echo" "$shop/to?cookie=a=b" "http://localhost:$port/echo"
is 'nor goes to another host' "$(echo "$out" | member bytes | awk 'NR == 1 { n = $1 } NR == 3 { print $1 - n }')" 0
done_testing
