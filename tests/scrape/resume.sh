#!/bin/sh
# Killed again and again, its successor takes over from the states that it printed: no slot is reported
# twice, and each death costs the shop one fetch at most. The clock of the grid never goes back.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --serial-prices --latency 20
deaths=12
: >"$T/out"
{
	job_head 250 3
	for i in 1 2 3 4; do job_source "s$i" "/jsonld/$i"; done
} >"$T/head"

with_states() {
	cat "$T/head"
	states_of "$T/out"
	job_end
}

has_more() {
	has_observations "$T/out" "$want"
}

died=0
want=0
while [ "$died" -lt "$deaths" ]; do
	with_states >"$T/job"
	start_job "$T/job" "$T/out"
	want=$(($(grep -c '"type":"observation"' "$T/out") + 3 + died % 4))
	retry 10 has_more || break
	kill -KILL "$scraper"
	end_input
	retry 5 gone "$reader"
	died=$((died + 1))
done
is "it came back from $deaths deaths" "$died" "$deaths"
with_states >"$T/job"
start_job "$T/job" "$T/out"
want=$(($(grep -c '"type":"observation"' "$T/out") + 8))
check 'the last one works on' retry 10 has_more
end_input
scraper_ended
retry 5 gone "$reader"

grep '"type":"observation"' "$T/out" | sed 's/.*"source":"\([^"]*\)","slot":\([0-9]*\).*/\1 \2/' >"$T/slots"
is 'no slot is reported twice' "$(sort "$T/slots" | uniq -d)" ''
is 'the slots of a source only grow' \
    "$(awk '$2 <= last[$1] { print } { last[$1] = $2 }' "$T/slots")" ''
reported=$(wc -l <"$T/slots")
fetched=$(grep -c /jsonld/ "$T/access")
diag "$reported slots, $fetched fetches, $deaths deaths"
check 'a death costs at most one fetch' test "$fetched" -le $((reported + deaths))
is 'no price stands there twice' "$(grep '"observation".*"amount"' "$T/out" | member amount | sort | uniq -d)" ''

# A wall clock set back by an hour: the states name slots that lie ahead of it.
ahead=$((($(date +%s) + 3600) / 60 * 60000))
{
	job_head 400 0
	job_source s1 /jsonld/1
	printf '{"type":"state","key":"done/s1","value":{"slot":%s}}\n' "$ahead"
	printf '{"type":"state","key":"gap/%s","value":{"next":%s,"at":%s}}\n' "${shop#http://}" \
	    $((ahead + 900)) "$ahead"
	job_end
} >"$T/job.back"
: >"$T/out.back"
start_job "$T/job.back" "$T/out.back"
check 'a clock that was set back stops nothing' retry 5 has_observations "$T/out.back" 3
end_input
scraper_ended
retry 5 gone "$reader"
check 'it goes on behind the slot that is done' \
    test "$(member slot <"$T/out.back" | head -n 1)" -gt "$ahead"
is 'slot by slot' "$(grep '"type":"observation"' "$T/out.back" | member slot |
    awk 'NR > 1 && $1 != last + 400 { print } { last = $1 }')" ''

# A slot that is done is not fetched again, even when nothing else is to do.
before=$(fetches_of /jsonld/77)
now=$(($(date +%s) / 3600 * 3600000))
{
	job_head 3600000 0
	job_source s77 /jsonld/77 '"every_ms":3600000'
	job_source other /jsonld/78
	printf '{"type":"state","key":"done/s77","value":{"slot":%s}}\n' $((now + 3600000))
	job_end
} >"$T/job.done"
: >"$T/out.done"
start_job "$T/job.done" "$T/out.done"
retry 5 has_observations "$T/out.done" 1
is 'what is done stays done' "$(fetches_of /jsonld/77)" "$before"
is 'the other one was fetched' "$(fetches_of /jsonld/78)" 1

# Idle: no wake-ups.
switches() {
	awk '/^voluntary_ctxt_switches/ { print $2 }' "/proc/$scraper/status"
}
quiet() {
	s1=$(switches)
	sleep 1
	[ "$(switches)" -eq "$s1" ]
}
check 'nothing to do costs no wake-up' retry 20 quiet
end_input
scraper_ended

# 429: the rest that the host wants survives a death.
{
	job_head 200 0
	job_source busy '/status/429?retry_after=60'
	job_end
} >"$T/job.busy"
: >"$T/out.busy"
start_job "$T/job.busy" "$T/out.busy"
check 'P51: 429 is reported' retry 5 has_observations "$T/out.busy" 1
kill -KILL "$scraper"
end_input
retry 5 gone "$reader"
{
	job_head 200 0
	states_of "$T/out.busy"
	job_source busy '/status/429?retry_after=60'
	job_source calm /jsonld/79
	job_end
} >"$T/job.busy2"
start_job "$T/job.busy2" "$T/out.busy"
refute 'P51, P52: its successor leaves the host alone' retry 1 has_observations "$T/out.busy" 2
is 'P51: one fetch' "$(grep -c /status/429 "$T/access")" 1
end_input
scraper_ended
done_testing
