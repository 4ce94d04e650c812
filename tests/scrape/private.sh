#!/bin/sh
# Private addresses are refused after resolution, on every hop (P53): in a namespace whose loopback has a public
# address, too, and names of our own. Nothing allows private addresses here.
if [ -z "${PRIVATE_SH_INSIDE:-}" ] && [ "$(id -u)" = 0 ] && unshare -n -m true 2>/dev/null; then
	PRIVATE_SH_INSIDE=1 exec unshare -n -m -- sh "$0"
fi
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"
[ -n "${PRIVATE_SH_INSIDE:-}" ] || skip_all 'needs root and namespaces'

ip link set lo up
ip address add 203.0.113.1/32 dev lo
ip address add 10.9.8.7/32 dev lo
cat >"$T/etc-hosts" <<'END'
203.0.113.1 public.test www.public.test other.test moving.test
127.0.0.1 loop.test localhost
10.9.8.7 private.test
::1 six.test
::ffff:10.9.8.7 mapped.test
64:ff9b::10.9.8.7 nat64.test
fd00::1 unique.test
169.254.169.254 metadata.test
203.0.113.1 xn--mller-kva.test
10.9.8.7 both.test
203.0.113.1 both.test
END
mount --bind "$T/etc-hosts" /etc/hosts
start_shop --address 0.0.0.0
port=${shop##*:}
public=http://public.test:$port

fetch() {
	out=$("$top_builddir/tests/helpers/fetch_one" "$@" 2>"$T/hops")
}
got() {
	echo "$out" | member "$1" | paste -sd' ' -
}
n_seen() {
	wc -l <"$T/access"
}

fetch "$public/p/1"
is 'a public address is asked (P53)' "$(got reason)" null
fetch "http://both.test:$port/p/1"
is 'of a name with both kinds the public one is asked (P53)' "$(got reason)" null
out=$(env -i "$top_builddir/src/scrape/pricescrape" --no-robots "http://müller.test:$port/p/1" 2>"$T/err")
is 'a host with letters of its own, without any locale' "$(got status)" ok
out=$("$top_builddir/src/scrape/pricescrape" -v --no-robots "http://www.public.test:$port/echo?cookie=a=b%3BDomain=public.test" 2>"$T/err")
like 'a cookie for a whole domain is judged within the sandbox' "$(cat "$T/err")" 'sandbox: [fp]'
is 'and nothing is denied for it' "$(grep -c 'denied' "$T/err")" 0
fetch "$public/to?location=http://other.test:$port/p/1"
is 'a redirect to a public one (P53)' "$(got reason)" null

for name in loop.test localhost private.test six.test mapped.test nat64.test unique.test metadata.test 127.0.0.1 127.1 \
    0x7f.0.0.1 0177.0.0.1 2130706433 017700000001 0x7f000001 10.9.8.7 '[::1]' '[::ffff:127.0.0.1]' '[::ffff:7f00:1]' \
    '[64:ff9b::7f00:1]' 0.0.0.0 0 '[::]'; do
	n=$(n_seen)
	fetch "http://$name:$port/p/1"
	is "$name is refused (P53)" "$(got reason) $(($(n_seen) - n))" 'private-address 0'
	n=$(n_seen)
	fetch "$public/to?location=http://$name:$port/p/1"
	is "$name is refused behind a redirect (P53)" "$(got reason) $(($(n_seen) - n))" 'private-address 1'
done
n=$(n_seen)
fetch "$public/to?location=%2F%2F127.0.0.1:$port%2Fp%2F1"
is 'also without a scheme (P53)' "$(got reason) $(($(n_seen) - n))" 'private-address 1'
fetch "$public/to?location=http://public.test:$port@127.0.0.1:$port/p/1"
is 'also behind what looks like a host (P53)' "$(got reason)" private-address
fetch "$public/redirect?n=5&to=http://private.test:$port/p/1"
is 'also as the last of many (P53)' "$(got reason)" private-address
fetch "$public/to?code=301&location=http://private.test:$port/p/1"
is 'it has moved there, and that is told (P53)' "$(got reason) $(got moved_to)" \
    "private-address http://private.test:$port/p/1"

# What a robots.txt redirects to is no page on the open web either.
printf '!302\nLocation: http://private.test:%d/p/1\n\n' "$port" >"$T/robots"
kill "$shop_pid"
start_shop --address 0.0.0.0 --robots "$T/robots"
port=${shop##*:}
public=http://public.test:$port
n=$(n_seen)
fetch --robots "$public/p/1"
is 'a robots.txt that leads to a private address (P47, P53)' "$(got reason) $(($(n_seen) - n))" 'private-address 1'

# The name moves to a private address: the connection stays where it was checked, a new one is refused.
"$top_builddir/tests/helpers/fetch_one" --hop-wait 1500 "http://moving.test:$port/p/1" "http://moving.test:$port/p/2" \
    "http://moving.test:1/p/3" >"$T/moving" 2>"$T/hops" &
moving=$!
own "$moving"
retry 5 has_lines "$T/moving" 1
sed 's/^203.0.113.1 public.test www.public.test other.test moving.test/203.0.113.1 public.test\n127.0.0.1 moving.test/' "$T/etc-hosts" >"$T/new"
cat "$T/new" >"$T/etc-hosts"
wait "$moving"
is 'a name that moves (P53)' "$(member reason <"$T/moving" | paste -sd' ' -)" 'null null private-address'
is 'what was fetched came from where it was checked' \
    "$(tail -2 "$T/access" | awk '{ print $4 }' | sort -u | wc -l)" 1
done_testing
