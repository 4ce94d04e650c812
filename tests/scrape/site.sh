#!/bin/sh
# Manners towards a site, seen from the site: gap, concurrency, redirects, retries, and no burst whatever is killed.
# (Where slots do not matter they last ten years, so that no test meets the end of one.)
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --latency 300

# Killed again and again, most often in the middle of a request: the gap of 600 ms (less a fifth) is kept all the same.
{
	job_head 315360000000 600
	i=0
	while [ "$i" -lt 200 ]; do
		i=$((i + 1))
		job_source "n$i" "/jsonld/$i"
	done
} >"$T/head"
: >"$T/out"
deaths=0
while [ "$deaths" -lt 14 ]; do
	{
		cat "$T/head"
		states_of "$T/out"
		job_end
	} >"$T/job"
	start_job "$T/job" "$T/out"
	before=$(wc -l <"$T/access")
	asked() {
		[ "$(wc -l <"$T/access")" -gt "$before" ]
	}
	# Every other one dies with its request under way, the others a little later or earlier.
	case $((deaths % 4)) in
	0 | 2) retry 10 asked || break ;;
	1) retry 10 has_observations "$T/out" $(($(grep -c '"type":"observation"' "$T/out") + 1)) || break ;;
	3) sleep 0.1 ;;
	esac
	kill -KILL "$scraper"
	end_input
	retry 5 gone "$reader"
	deaths=$((deaths + 1))
done
is 'a storm of restarts' "$deaths" 14
check 'the shop was asked' test "$(grep -c /jsonld/ "$T/access")" -ge 8
is 'no two requests within the gap, whoever died (P49, P52)' \
    "$(awk '/jsonld/ { if (last && $1 - last < 480) print $1 - last; last = $1 }' "$T/access")" ''

# What is late after a night is spread over the interval: 30 sources of 3 s.
now=$(date +%s)000
{
	job_head 3000 0
	i=0
	while [ "$i" -lt 30 ]; do
		i=$((i + 1))
		job_source "late$i" "/og/$i"
		printf '{"type":"state","key":"done/late%d","value":{"slot":%d}}\n' "$i" $((now - now % 3000 - 60000))
	done
	job_end
} >"$T/job.late"
: >"$T/out.late"
start_job "$T/job.late" "$T/out.late"
retry 10 has_observations "$T/out.late" 30
end_input
scraper_ended
is 'what is late is no burst (P52)' \
    "$(awk '/\/og\// { if (!first) first = $1; n[int(($1 - first) / 1000)]++ } END { print (n[0] > 14) }' "$T/access")" 0

# Several at a time, when told.
{
	job_head 315360000000 0 '"concurrency":4'
	for i in 1 2 3 4 5 6 7 8; do job_source "c$i" "/slow?ms=500&n=$i"; done
	job_end
} >"$T/job.four"
: >"$T/out.four"
start_job "$T/job.four" "$T/out.four"
check 'four at a time' retry 10 has_observations "$T/out.four" 8
end_input
scraper_ended
is 'at most four at a time (P49)' \
    "$(awk '/\/slow/ { t[++n] = $1 } END { for (i = 5; i <= n; i++) if (t[i] - t[i - 4] < 450) print t[i] - t[i - 4] }' "$T/access")" ''
check 'and not less (P49)' test "$(awk '/\/slow/ { t[++n] = $1 } END { print t[4] - t[1] }' "$T/access")" -lt 450

# Redirects to another host keep that one's gap.
shop1=$shop
mv "$T/access" "$T/access1"
start_shop
{
	job_head 315360000000 400
	for i in 1 2 3; do
		printf '{"type":"source","id":"r%d","url":"%s/redirect?n=0&to=%s/p/r%d"}\n' "$i" "$shop1" "$shop" "$i"
	done
	for i in 1 2 3; do job_source "own$i" "/p/own$i"; done
	job_end
} >"$T/job.hop"
: >"$T/out.hop"
start_job "$T/job.hop" "$T/out.hop"
check 'redirects lead to another host' retry 15 has_observations "$T/out.hop" 6
end_input
scraper_ended
is 'all are read' "$(grep -c '"status":"ok"' "$T/out.hop")" 6
is 'the gap of the host that a redirect leads to is kept (P53)' \
    "$(awk '/\/p\// { if (last && $1 - last < 320) print $1 - last; last = $1 }' "$T/access")" ''
is 'both kinds came there' "$(grep -c '/p/r' "$T/access") $(grep -c '/p/own' "$T/access")" '3 3'

# What may pass is tried three times, what will not once.
{
	job_head 315360000000 0
	for code in 400 403 404 408 410 425 500 502; do job_source "s$code" "/status/$code"; done
	job_end
} >"$T/job.status"
: >"$T/out.status"
start_job "$T/job.status" "$T/out.status"
check 'all are reported, once' retry 40 has_observations "$T/out.status" 8
end_input
scraper_ended
retry 5 gone "$reader"
for code in 400 403 404 410; do
	is "$code is not tried again (P51)" "$(fetches_of "/status/$code")" 1
done
for code in 408 425 500 502; do
	is "$code is tried three times (P51)" "$(fetches_of "/status/$code")" 3
done
is 'and reported once each' "$(grep -c '"type":"observation"' "$T/out.status")" 8

# A host that wants rest gets it, and the slot is tried again behind it.
: >"$T/out.busy"
{
	job_head 315360000000 0
	job_source busy '/status/429?retry_after=2'
	job_source calm /p/calm
	job_end
} >"$T/job.busy"
start_job "$T/job.busy" "$T/out.busy"
check 'the rest is over' retry 15 has_observations "$T/out.busy" 2
end_input
scraper_ended
retry 5 gone "$reader"
is '429 is tried again behind the rest that it wants (P51)' "$(fetches_of '/status/429.retry_after=2')" 3
is 'nobody else asks meanwhile (P51)' \
    "$(awk '/status.429/ { last = $1 } /calm/ { if (last && $1 - last < 1900) print $1 - last } /status.429/ && busy && $1 - busy < 1900 { print } /status.429/ { busy = $1 }' "$T/access")" ''
is 'then it is blocked (P51)' "$(grep '"source":"busy"' "$T/out.busy" | grep observation | member status)" blocked

# The tries of a slot are counted on by who comes after a kill: three in all.
: >"$T/out.tries"
job_source tries '/status/500?n=tries' >"$T/source"
{
	job_head 315360000000 0
	cat "$T/source"
	job_end
} >"$T/job"
start_job "$T/job" "$T/out.tries"
check 'a try that failed is remembered (P52)' retry 10 file_has "$T/out.tries" '"key":"try/tries","value":{"slot":[0-9]*,"tries":1,'
kill -KILL "$scraper"
end_input
retry 5 gone "$reader"
tried=$(states_of "$T/out.tries" | grep try/ | sed 's/.*"tries":\([0-9]*\).*/\1/')
before=$(fetches_of '/status/500.n=tries')
{
	job_head 315360000000 0
	cat "$T/source"
	states_of "$T/out.tries"
	job_end
} >"$T/job"
start_job "$T/job" "$T/out.tries"
check 'its successor reports the slot' retry 30 has_observations "$T/out.tries" 1
end_input
scraper_ended
retry 5 gone "$reader"
is 'and makes only the tries that are left (P51, P52)' \
    "$(($(fetches_of '/status/500.n=tries') - before))" "$((3 - tried))"

# What robots.txt forbids costs its host nothing, not even a gap.
{
	robots=true job_head 315360000000 400
	for i in 1 2 3 4 5 6; do job_source "forbidden$i" "/cart/$i"; done
	job_source allowed /p/allowed
	job_end
} >"$T/job.robots"
: >"$T/out.robots"
start_job "$T/job.robots" "$T/out.robots"
check 'forbidden pages and an allowed one' retry 10 has_observations "$T/out.robots" 7
end_input
scraper_ended
retry 5 gone "$reader"
is 'what is forbidden has the status robots (P47)' "$(grep -c '"status":"robots"' "$T/out.robots")" 6
is 'and was not asked for (P47)' "$(grep -c '/cart/' "$T/access")" 0
is 'robots.txt once, the page a gap behind it (P49)' \
    "$(awk '/robots.txt/ { n++; at = $1 } /allowed/ { print n, ($1 - at >= 320) }' "$T/access")" '1 1'
is 'a gap is never said in the past' "$(grep '"key":"gap/' "$T/out.robots" | sed 's/.*"next":\([-0-9]*\),"at":\([0-9]*\).*/\1 \2/' |
    awk '$1 < $2')" ''
# A host that answers 429 or 503 to the request for its robots.txt rests as well, whoever was killed meanwhile.
for code in 429 503; do
	kill "$shop_pid"
	retry 5 gone "$shop_pid"
	mv "$T/access" "$T/access.$code"
	printf '!%d\nRetry-After: 600\n\n' "$code" >"$T/robots"
	start_shop --robots "$T/robots"
	: >"$T/out.rest"
	{
		robots=true job_head 300 0
		job_source a /p/a
		job_source b /p/b
	} >"$T/head"
	{
		cat "$T/head"
		job_end
	} >"$T/job"
	start_job "$T/job" "$T/out.rest"
	check "$code for robots.txt is reported" retry 10 has_observations "$T/out.rest" 1
	check "$code for robots.txt: its host rests (P51)" retry 5 file_has "$T/out.rest" '"key":"gap/.*"strikes":1'
	refute "$code for robots.txt: nobody asks meanwhile (P51)" retry 1 has_lines "$T/access" 2
	kill -KILL "$scraper"
	end_input
	retry 5 gone "$reader"
	{
		cat "$T/head"
		states_of "$T/out.rest"
		job_end
	} >"$T/job"
	start_job "$T/job" "$T/out.rest"
	refute "$code for robots.txt: nor does a successor (P52)" retry 1 has_lines "$T/access" 2
	end_input
	scraper_ended
	retry 5 gone "$reader"
done
done_testing
