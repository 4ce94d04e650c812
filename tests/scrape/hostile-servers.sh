#!/bin/sh
# Servers that do everything wrong: each costs bounded time and memory, has its reason, and harms nobody else.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"
. "$top_srcdir/tests/scrape/hostile.sh"

start_hostile

# answer_is PATH REASON: "ok" is a price.
answer_is() {
	measured pricescrape --allow-private --timeout=2s "$hostile$1"
	got=$(member reason <"$T/hostile.out")
	is "$1: reason" "${got:-$(member status <"$T/hostile.out")}" "$2"
	bounded "$1" 2000 65536 8000
}

while read -r path reason; do
	answer_is "$path" "$reason"
done <<'END'
/product ok
/gig too-large
/gig-open too-large
/gig-chunked too-large
/bomb too-large
/bomb-nested too-large
/codings bad-encoding
/bad-gzip bad-encoding
/coding-unknown bad-encoding
/loop too-many-redirects
/further/1 too-many-redirects
/loris-head timeout
/loris-body timeout
/silent timeout
/short connection-lost
/long ok
/lengths bad-answer
/headers too-large
/header too-large
/cookies ok
/chunk-garbage connection-lost
/chunk-huge connection-lost
/chunk-cut connection-lost
/trailers too-large
/reset connection-lost
/continue too-large
/status-999 http-999
/status-negative bad-answer
/http09 bad-answer
/garbage bad-answer
/nul-header bad-answer
/close connection-lost
END

# All at once in one job, beside a page that is as it should be.
# shellcheck disable=SC2034 # for job_source
shop=$hostile
{
	job_head 1000 0
	job_source good /product
	for path in gig-open gig-chunked bomb bomb-nested further/1 loris-head loris-body silent short headers header \
	    continue chunk-garbage reset garbage; do
		job_source "$(echo "$path" | tr / -)" "/$path"
	done
	job_end
} | sed '1s/"timeout_ms":5000/"timeout_ms":1000/' >"$T/job"
start_job "$T/job" "$T/out"
good_prices() {
	[ "$(grep '"source":"good"' "$T/out" | grep -c '"status":"ok"')" -ge "$1" ]
}
all_reported() {
	[ "$(grep '"type":"observation"' "$T/out" | sed 's/.*"source":"\([^"]*\)".*/\1/' | sort -u | wc -l)" -eq 16 ]
}
check 'in a job: each is reported (P38)' retry 60 all_reported
check 'in a job: the good page goes on' retry 60 good_prices 3
if memory_counts; then
	rss=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$scraper/status")
	check "P38: in a job: $rss KB at most" [ "$rss" -lt 131072 ]
fi
check 'in a job: nobody has died' alive "$scraper"
end_input
scraper_ended 10
done_testing
