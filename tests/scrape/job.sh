#!/bin/sh
# `pricescrape --job`: how it begins, works under pressure, and ends.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"

start_shop --serial-prices
{
	job_head 300 5
	job_source a /jsonld/1
	job_source b /original/2 '"product":"B","pattern":"v:price\">(.*?)<","every_ms":200'
	job_source bad-rule /jsonld/3 '"pattern":"("'
	printf '{"type":"source","id":"bad-url","url":"ftp://x/"}\n'
	printf 'no JSON at all\n'
	job_end
} >"$T/job"

# The life of a job, and the end of its input.
start_job "$T/job" "$T/out"
check 'observations come' retry 10 has_observations "$T/out" 20
end_input
check 'it leaves when its input ends' scraper_ended
is 'with 0' "$status" 0
check 'a bad line does not stop the others' file_has "$T/scraper.err" 'job: no JSON object'
retry 5 gone "$reader"
is 'each slot of each source once' \
    "$(grep '"type":"observation"' "$T/out" | sed 's/.*"source":"\([^"]*\)","slot":\([0-9]*\).*/\1 \2/' | sort | uniq -d)" ''
is 'slots are multiples of every' \
    "$(sed -n 's/.*"source":"b","slot":\([0-9]*\).*/\1/p' "$T/out" | awk '$1 % 200' | wc -l)" 0
is 'each slot is followed by its state' \
    "$(awk '/"type":"observation"/ { s = $0; sub(/.*"source":"/, "", s); sub(/".*/, "", s); next }
	/"key":"done\// { k = $0; sub(/.*done\//, "", k); sub(/".*/, "", k); if (k != s) print; s = "-" }' "$T/out")" ''
is 'a bad pattern has its reason' "$(grep '"source":"bad-rule"' "$T/out" | member reason | sort -u)" bad-rule
is 'a bad URL has its reason' "$(grep '"source":"bad-url"' "$T/out" | member reason | sort -u)" bad-url
is 'what cannot be fetched was not' "$(fetches_of /jsonld/3)" 0
is 'connections are kept' "$(awk '{ print $4 }' "$T/access" | sort -u | wc -l)" 1

# One request at a time per host.
{
	job_head 100000 150
	for i in 1 2 3 4 5 6; do job_source "g$i" "/jsonld/gap$i"; done
	job_end
} >"$T/job.gap"
start_job "$T/job.gap" "$T/out.gap"
check 'P52: a fresh start gives all prices soon' retry 5 has_observations "$T/out.gap" 6
end_input
scraper_ended
# The log has the time of each request; the gap of 150 ms varies by a fifth.
is 'never two within the gap (P49)' \
    "$(awk '/jsonld.gap/ { if (last && $1 - last < 119) print; last = $1 }' "$T/access")" ''

# SIGTERM while a fetch is in flight.
{
	job_head 1000 0
	job_source slow '/slow?ms=60000'
	job_end
} >"$T/job.slow"
start_job "$T/job.slow" "$T/out.slow"
check 'a slow fetch is under way' retry 5 file_has "$T/access" '/slow'
kill "$scraper"
check 'SIGTERM ends it at once' scraper_ended 2
is 'SIGTERM: exit 0' "$status" 0
end_input

# The input ends while a fetch is in flight: a short grace, then it leaves.
start_job "$T/job.slow" "$T/out.slow2"
retry 5 eval '[ "$(fetches_of "/slow.ms=60000")" -ge 2 ]'
end_input
check 'a fetch in flight does not keep it long' scraper_ended 8
is 'abandoned fetch: exit 0' "$status" 0

{
	job_head 100000 0
	job_source soon '/slow?ms=700'
	job_end
} >"$T/job.soon"
start_job "$T/job.soon" "$T/out.soon"
retry 5 file_has "$T/access" '/slow.ms=700'
end_input
check 'a fetch in flight is finished' scraper_ended 8
retry 5 gone "$reader"
is 'and reported' "$(member status <"$T/out.soon")" ok

# The reader of its output goes.
start_job "$T/job" "$T/out.epipe"
retry 10 has_observations "$T/out.epipe" 3
kill "$reader"
check 'it leaves when nobody reads' scraper_ended
is 'nobody reads: exit 1' "$status" 1
end_input

# The drill of the original.
rm -f "$T/scraper.err"
start_job "$T/job" "$T/out.die" --die-after 5
check 'it dies after 5 fetches' scraper_ended 10
is 'by an abnormal exit' "$status" 1
is 'and says why' "$(grep -c '^CPU is about to die$' "$T/scraper.err")" 1
end_input
retry 5 gone "$reader"
is 'all 5 are reported' "$(grep '"type":"observation"' "$T/out.die" | grep -c '"status":"ok"')" 5
sed 's/"die_after":0/"die_after":2/' "$T/job" >"$T/job.die"
start_job "$T/job.die" "$T/out.die2"
check 'the job may ask for it' scraper_ended 10
is 'the job may ask for it: status' "$status" 1
end_input

# Bad jobs.
echo '{"type":"job","version":9}' >"$T/job.bad"
status_is 2 'a job of another version' pricescrape --job <"$T/job.bad"
status_is 2 'no job at all' sh -c 'echo nonsense | pricescrape --job'
status_is 0 'an input that ends at once' pricescrape --job </dev/null
job_head 1000 0 >"$T/job.cut"
status_is 1 'a job that is cut off' pricescrape --job <"$T/job.cut"
done_testing
