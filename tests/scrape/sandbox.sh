#!/bin/sh
# pricescrape in its sandbox: what it says of it, that it can be turned off, and that everything works inside.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --serial-prices

# What the kernel of this machine can do, by what pricescrape says. Under valgrind, or built with sanitizers, it
# is a part of it only.
pricescrape --allow-private -v "$shop/jsonld/1" >"$T/one.out" 2>"$T/one.err"
is 'a page in the sandbox' "$(member status <"$T/one.out")" ok
like 'a page in the sandbox: told when asked' "$(cat "$T/one.err")" 'sandbox: (full|partial)'
pricescrape --allow-private "$shop/jsonld/1" >"$T/quiet.out" 2>"$T/quiet.err"
is 'a page in the sandbox: silent otherwise' "$(cat "$T/quiet.err")" ''
full=
grep -q 'sandbox: full' "$T/one.err" && full=yes
pricescrape --allow-private -v --sandbox=off "$shop/jsonld/1" >"$T/off.out" 2>"$T/off.err"
is 'a page without a sandbox' "$(member status <"$T/off.out")" ok
like 'a page without a sandbox: told' "$(cat "$T/off.err")" 'sandbox: off'
status_is 2 'a bad word for the sandbox is a usage error' pricescrape --sandbox=maybe "$shop/jsonld/1"

# proc_status NAME: of the scraper.
proc_status() {
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$scraper/status"
}

# A job: what it says, and what the kernel says of it.
{
	job_head 200 0
	job_source a /jsonld/1
	job_source named /jsonld/2
	job_end
} | sed 's|http://127.0.0.1\(.*jsonld/2\)|http://localhost\1|' >"$T/job"
start_job "$T/job" "$T/out"
check 'a job in the sandbox' retry 10 has_observations "$T/out" 6
is 'a job says it once, at first' "$(grep -n '"key":"sandbox"' "$T/out" | cut -d: -f1)" 1
like 'a job says how it is' "$(head -n 1 "$T/out")" '"value":\{"mode":"(full|partial)","landlock":[0-9]+,"user":"[^"]+","denied":0'
is 'a job: names are resolved inside' "$(grep '"source":"named"' "$T/out" | member status | sort -u)" ok
if [ -n "$full" ]; then
	is 'a job: no new privileges' "$(proc_status NoNewPrivs)" 1
	is 'a job: a filter of system calls' "$(proc_status Seccomp)" 2
	like 'P38: its memory is bounded' "$(grep 'Max address space' "/proc/$scraper/limits")" 'space  *2[67][0-9]{7} '
	like 'a job: no core' "$(grep 'Max core file size' "/proc/$scraper/limits")" 'size  *0  *0 '
	if [ "$(id -u)" -eq 0 ]; then
		refute 'a job: not as root' sh -c "grep -Eq '^Uid:.*[[:space:]]0([[:space:]]|\$)' /proc/$scraper/status"
	else
		skip 'a job: not as root' 'not started as root'
	fi
else
	skip 'a job in full mode' "$(head -n 1 "$T/out" | sed 's/.*"missing":"\([^"]*\).*/\1/')"
fi
end_input
scraper_ended
is 'a job in the sandbox: exit 0' "$status" 0

# Off, by the job and by the option.
sed '1s/}$/,"sandbox":false}/' "$T/job" >"$T/job.off"
start_job "$T/job.off" "$T/out.off"
check 'a job without a sandbox' retry 10 has_observations "$T/out.off" 4
is 'a job without a sandbox: told' "$(head -n 1 "$T/out.off")" '{"type":"state","key":"sandbox","value":{"mode":"off"}}'
is 'a job without a sandbox: no filter' "$(proc_status Seccomp)" 0
end_input
scraper_ended
start_job "$T/job" "$T/out.off2" --sandbox=off
check 'the option stands above the job' retry 10 file_has "$T/out.off2" '"mode":"off"'
end_input
scraper_ended

# What the libraries load late was loaded before: a module for each encoding, ...
. "$top_srcdir/tests/scrape/hostile.sh"
start_hostile
charsets=$(sed -n 's/^CHARSET("[^"]*", *"\([^"]*\)").*/\1/p' "$top_srcdir/src/price/charset.def" | sort -u)
labels=$(sed -n 's/^CHARSET("\([^"]*\)", *"\([^"]*\)").*/\2 \1/p' "$top_srcdir/src/price/charset.def" | sort -u -k1,1 | sed 's/.* //')
urls=
for label in $labels; do
	# All bytes that are no ASCII, in pairs that may or may not be a character there.
	{
		printf '<p>Price <b>24.99</b> EUR '
		for i in 20 24 26 30 33 35 37; do printf "\\$i""1\\$i""2\\$i""3\\$i""4 "; done
		printf '</p>'
	} >"$T/files/x@$label"
	urls="$urls $hostile/file/x@$label"
done
# shellcheck disable=SC2086 # a list
pricescrape --allow-private -v --pattern '24.99</b> EUR (?<title>.*)</p>|(?<price>24.99)' $urls 2>"$T/charsets.err" |
    sed 's/"time":"[^"]*"//; s/"duration_ms":[0-9]*//' >"$T/charsets.in"
# shellcheck disable=SC2086 # a list
pricescrape --allow-private --sandbox=off --pattern '24.99</b> EUR (?<title>.*)</p>|(?<price>24.99)' $urls 2>"$T/charsets.err2" |
    sed 's/"time":"[^"]*"//; s/"duration_ms":[0-9]*//' >"$T/charsets.out"
is 'all encodings were tried' "$(wc -l <"$T/charsets.in")" "$(echo "$labels" | wc -l)"
is 'as many as there are' "$(echo "$labels" | wc -l)" "$(echo "$charsets" | wc -l)"
check 'P32: encodings inside are as outside' cmp "$T/charsets.in" "$T/charsets.out"
refute 'P32: and none is missing' grep bad-charset "$T/charsets.in"
refute 'nothing was denied for them' grep 'sandbox: denied' "$T/charsets.err"

# ... trusted certificates (from a name space of our own, where they are ours), ...
tls_page() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout "$T/key" -out "$T/cert" -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost 2>"$T/openssl.err" || return
	printf '<script type="application/ld+json">{"@type":"Product","offers":{"price":"24.99","priceCurrency":"GBP"}}</script>' >"$T/page"
	port=$(free_port)
	openssl s_server -accept "127.0.0.1:$port" -cert "$T/cert" -key "$T/key" -WWW >"$T/tls.log" 2>&1 &
	own $!
	retry 10 file_has "$T/tls.log" ACCEPT || return
	chmod 644 "$T/cert" "$T/page" && chmod 755 "$T" &&
	    unshare -m sh -c 'mount --bind "$1" /etc/ssl/certs/ca-certificates.crt && shift && exec pricescrape "$@"' - "$T/cert" \
	        -v --allow-private "https://localhost:$port/page" "https://localhost:$port/page" >"$T/tls.out" 2>"$T/tls.err"
}
if [ -z "$TRAPEXIT_VALGRIND" ] && command -v openssl >/dev/null && [ -f /etc/ssl/certs/ca-certificates.crt ] &&
    unshare -m true 2>/dev/null; then
	tls_page
	is 'https: the page is read, and certificates are verified' "$(member status <"$T/tls.out" | sort -u)" ok
	refute 'https: nothing was denied for it' grep 'sandbox: denied' "$T/tls.err"
	pricescrape --allow-private "https://localhost:$port/page" >"$T/tls2.out" 2>&1
	is 'https: a certificate that nobody trusts' "$(member reason <"$T/tls2.out")" tls
else
	skip 'https' 'needs root, openssl, and certificates'
fi

# ... and what a saved page needs: itself.
printf '<script type="application/ld+json">{"@type":"Product","offers":{"price":"24.99","priceCurrency":"GBP"}}</script>' >"$T/private.html"
mkdir -m 700 "$T/private"
mv "$T/private.html" "$T/private/page.html"
chmod 600 "$T/private/page.html"
is 'extract: a file that only we may read' "$(pricescrape extract "$T/private/page.html" | member status)" ok
is 'extract: by a relative path' "$(cd "$T/private" && pricescrape extract page.html | member status)" ok
is 'extract: from standard input' "$(pricescrape extract - <"$T/private/page.html" | member status)" ok
is 'extract: in a batch' "$(echo "{\"file\":\"$T/private/page.html\"}" | pricescrape extract --batch | member status)" ok
is 'extract: without a sandbox' "$(pricescrape extract --sandbox=off "$T/private/page.html" | member status)" ok
status_is 2 'extract: a bad word for the sandbox is a usage error' pricescrape extract --sandbox=maybe "$T/private/page.html"
done_testing
