#!/bin/sh
# Pages of any size, readers of any slowness: memory stays small, nothing is lost.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --serial-prices
peak() {
	awk '/^VmHWM/ { print $2 }' "/proc/$scraper/status"
}

# A page of 1 GB (and its compressed like) every time.
{
	job_head 200 0
	job_source huge '/huge?bytes=1000000000'
	job_source bomb '/bomb'
	job_source good /jsonld/1
	job_end
} >"$T/job"
: >"$T/out"
start_job "$T/job" "$T/out"
check 'pages of 1 GB do not stop the others' retry 20 has_observations "$T/out" 15
is 'P38: too-large' "$(grep '"source":"huge"' "$T/out" | member reason | sort -u)" too-large
is 'P34: the decoded size counts' "$(grep '"source":"bomb"' "$T/out" | member reason | sort -u)" too-large
kb=$(peak)
diag "peak memory $kb KiB with max_body = 8M"
if nm "$top_builddir/src/scrape/pricescrape" 2>/dev/null | grep -q __asan_init || [ -n "$TRAPEXIT_VALGRIND" ]; then
	skip 'memory below 28 MiB' 'a checked build'
else
	check 'memory below 28 MiB' test "$kb" -lt 28672
fi
end_input
scraper_ended

# A reader that sleeps: the scraper waits, then goes on; nothing is lost or torn.
{
	job_head 2 0
	for i in 1 2 3 4; do job_source "s$i" "/og/$i"; done
	job_end
} >"$T/job.fast"
mkfifo "$T/slow" "$T/in2"
pricescrape --job <"$T/in2" >"$T/slow" 2>"$T/scraper2.err" &
scraper=$!
own "$scraper"
exec 7>"$T/in2" 8<"$T/slow"
cat "$T/job.fast" >&7
still() {
	f1=$(wc -l <"$T/access")
	sleep 0.3
	[ "$f1" -gt 200 ] && [ "$(wc -l <"$T/access")" -eq "$f1" ]
}
check 'it stops fetching while nobody reads' retry 20 still
cat <&8 >"$T/out.slow" 7>&- &
reader=$!
own "$reader"
more() {
	[ "$(wc -l <"$T/access")" -gt $((f1 + 100)) ]
}
check 'it goes on when somebody does' retry 20 more
exec 7>&-
check 'it leaves' scraper_ended
is 'with 0' "$status" 0
exec 8<&-
retry 5 gone "$reader"
is 'no line is torn' "$(grep -cv '^{.*}$' "$T/out.slow")" 0
check 'each fetch is reported, but for one in flight' eval \
    '[ "$(grep -c "\"type\":\"observation\"" "$T/out.slow")" -ge $(($(grep -c "/og/[1-4] " "$T/access") - 1)) ]'

# SIGTERM while nobody reads.
rm -f "$T/slow" "$T/in2"
mkfifo "$T/slow" "$T/in2"
pricescrape --job <"$T/in2" >"$T/slow" 2>"$T/scraper2.err" &
scraper=$!
own "$scraper"
exec 7>"$T/in2" 8<"$T/slow"
cat "$T/job.fast" >&7
check 'it is stuck again' retry 20 still
kill "$scraper"
check 'SIGTERM ends one that is stuck' scraper_ended 4
is 'stuck: exit 0' "$status" 0
exec 7>&- 8<&-

# 5,000 sources: memory, and all of them within the first round.
{
	job_head 3600000 0 '"confirm":0'
	i=0
	while [ "$i" -lt 5000 ]; do
		i=$((i + 1))
		job_source "n$i" "/original/$i" '"pattern":"v:price\">(?<price>.*?)<"'
	done
	job_end
} >"$T/job.many"
: >"$T/out.many"
start_job "$T/job.many" "$T/out.many"
check '5,000 sources in the first round' retry 30 has_observations "$T/out.many" 5000
diag "peak memory $(peak) KiB with 5,000 sources"
end_input
scraper_ended
# (There may be more of them, when the hour has just begun.)
is 'all of them ok' "$(grep -c '"status":"ok"' "$T/out.many")" "$(grep -c '"type":"observation"' "$T/out.many")"

# 100,000 sources, and what is known of each: it is read at once, fits into 64 MiB, and nothing moves while nothing is due.
{
	job_head 86400000 86400000
	awk -v shop="$shop" -v now="$(date +%s)" 'BEGIN {
		today = (now - now % 86400) * 1000 + 86400000
		for (i = 1; i <= 100000; i++) {
			printf "{\"type\":\"source\",\"id\":\"product-%06d\",\"product\":\"Some product of the shop, number %d\",\"url\":\"%s/en-gb/catalogue/category-%d/some-product-of-the-shop-%d.html\",\"pattern\":null,\"currency\":null,\"locale\":null,\"every_ms\":86400000}\n", i, i, shop, i % 100, i
		}
		for (i = 1; i <= 100000; i++) {
			if (i > 1)
				printf "{\"type\":\"state\",\"key\":\"done/product-%06d\",\"value\":{\"slot\":%.0f}}\n", i, today
			printf "{\"type\":\"state\",\"key\":\"page/product-%06d\",\"value\":{\"rule\":123456789,\"etag\":\"\\\"5f8c7d-%08x-abcdef\\\"\",\"last_modified\":\"Sun, 06 Nov 1994 08:49:37 GMT\",\"availability\":\"in_stock\",\"amount\":\"%d.99\",\"currency\":\"EUR\"}}\n", i, i, i
		}
	}'
	job_end
} >"$T/job.huge"
: >"$T/out.huge"
start_job "$T/job.huge" "$T/out.huge"
check '100,000 sources begin' retry 30 has_observations "$T/out.huge" 1
ticks=$(awk '{ print $14 + $15 }' "/proc/$scraper/stat")
kb=$(peak)
diag "peak memory $kb KiB with 100,000 sources, $ticks ticks of CPU to begin"
if nm "$top_builddir/src/scrape/pricescrape" 2>/dev/null | grep -q __asan_init || [ -n "$TRAPEXIT_VALGRIND" ]; then
	skip '100,000 sources in 64 MiB' 'a checked build'
	skip 'and read within two seconds' 'a checked build'
else
	check '100,000 sources in 64 MiB' test "$kb" -lt 65536
	check 'and read within two seconds' test "$ticks" -lt $((2 * $(getconf CLK_TCK)))
fi
quiet() {
	s1=$(awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$scraper/status")
	sleep 1
	[ "$(awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$scraper/status")" -eq "$s1" ]
}
check 'and no wake-up while nothing is due' retry 20 quiet
end_input
scraper_ended
done_testing
