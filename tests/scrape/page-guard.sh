#!/bin/sh
# Pages that crash, hang or fill their reader: json-c, preloaded, does what the page says (helpers/poison.c).
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/scrape/lib.sh"
. "$top_srcdir/tests/scrape/hostile.sh"

poison=$top_builddir/tests/helpers/poison.so
[ -z "$TRAPEXIT_VALGRIND" ] || skip_all 'not under valgrind'
# The sanitizers have handlers of their own, and want to be first.
! nm "$top_builddir/src/scrape/pricescrape" 2>/dev/null | grep -q __asan_init || skip_all 'not with sanitizers'

start_hostile
for word in fault overflow abort spin kill exec open memory none; do
	echo "<script type=application/ld+json>{\"name\":\"poison-$word\",\"@type\":\"Product\",\"offers\":{\"price\":\"9.99\",\"priceCurrency\":\"GBP\"}}</script>" \
	    >"$T/files/$word"
done

# scrape WORD [OPTION…]: one page.
scrape() {
	page=$1
	shift
	measured env LD_PRELOAD="$poison" pricescrape -v --allow-private --page-cpu=200ms "$@" "$hostile/file/$page"
}

# dies_by SIGNAL WORD STATUS REASON WHY
dies_by() {
	scrape "$2"
	is "P41: $2: dies by its signal" "$(took signal)" "$1"
	is "P41: $2: one result" "$(member status <"$T/hostile.out"), $(member reason <"$T/hostile.out")" "$3, $4"
	like "P41: $2: says which page" "$(cat "$T/hostile.err")" \
	    "^page of source $hostile/file/$2 \\(hash [0-9a-f]{16}\\): ends its reader: $5\$"
}
dies_by 11 fault error crash SIGSEGV
dies_by 11 overflow error crash SIGSEGV
dies_by 6 abort error crash SIGABRT
dies_by 24 spin limit limit cpu
like 'P38: processor time of a page' "$(took cpu_ms)" '^[345678][0-9][0-9]$'
scrape memory
is 'P38: memory: one result' "$(member status <"$T/hostile.out"), $(member reason <"$T/hostile.out")" 'limit, limit'
like 'P38: memory: says which page' "$(cat "$T/hostile.err")" 'ends its reader: memory$'
if pricescrape -v --allow-private "$hostile/file/none" 2>&1 | grep -q 'sandbox: full'; then
	dies_by 31 exec error crash SIGSYS
	check 'a forbidden call is named' file_has "$T/hostile.err" '^sandbox: system call execve is not allowed$'
	scrape open
	is 'a forbidden file: the page is read all the same' "$(member status <"$T/hostile.out")" ok
	check 'a forbidden file is counted' file_has "$T/hostile.err" 'sandbox: denied 1, the last: /etc/passwd$'
else
	skip 'a page that breaks the sandbox' 'there is only a part of it here'
fi
scrape none
is 'a page that does nothing' "$(member status <"$T/hostile.out"), $(took exit)" 'ok, 0'
# Each of its blocks takes 20 ms.
for _ in $(seq 100); do
	echo '<script type=application/ld+json>{"name":"poison-busy"}</script>'
done >"$T/files/long"
scrape long
is 'P38: a page that is stopped: reason' "$(member reason <"$T/hostile.out")" limit
is 'P38: a page that is stopped: nobody dies' "$(took signal)" 0

# A job: each death costs one slot of one source; after three of a page it is not read again.
# shellcheck disable=SC2034 # for job_source
shop=$hostile
LD_PRELOAD_JOB=$poison
mkdir "$T/poisoned"
printf '#!/bin/sh\nLD_PRELOAD=%s exec %s/bin/pricescrape "$@"\n' "$LD_PRELOAD_JOB" "$T" >"$T/poisoned/pricescrape"
chmod +x "$T/poisoned/pricescrape"
PATH=$T/poisoned:$PATH

# run_job WORD [STATES]: until it dies, or the source has been reported once more; its output in $T/job.out.
run_job() {
	{
		job_head 300 0 '"page_cpu_ms":200'
		job_source bad "/file/$1"
		job_source good /file/none
		cat "${2:-/dev/null}"
		job_end
	} >"$T/job"
	: >"$T/job.out"
	start_job "$T/job" "$T/job.out"
	retry 20 job_is_over
	end_input
	scraper_ended
	retry 5 gone "$reader"
	states_of "$T/job.out" | grep '"crash/' >"$T/states"
}
job_is_over() {
	gone "$scraper" || [ "$(grep -c '"source":"bad"' "$T/job.out")" -ge 1 ]
}
bad() {
	grep '"type":"observation","source":"bad"' "$T/job.out" | head -n 1 | member "$1"
}
crash_state() {
	member "$1" <"$T/states"
}

run_job fault
is 'P41: a job: dies by the signal' "$status" 139
is 'P41: a job: the slot is reported' "$(bad status), $(bad reason)" 'error, crash'
is 'P41: a job: and done' "$(sed -n 's/.*"key":"done\/bad","value":{"slot":\([0-9]*\).*/\1/p' "$T/job.out")" "$(bad slot)"
is 'P41: a job: which page, and how often' "$(crash_state n), $(crash_state total), $(crash_state why)" '1, 1, SIGSEGV'
hash=$(crash_state hash)
like 'P41: a job: its hash' "$hash" '^[0-9a-f]{16}$'
for n in 2 3; do
	cp "$T/states" "$T/states.before"
	run_job fault "$T/states.before"
	is "P41: a job: death $n" "$status, $(crash_state n), $(crash_state hash)" "139, $n, $hash"
done
cp "$T/states" "$T/states.three"
run_job fault "$T/states.three"
is 'P41: after three deaths: the page is not read' "$status" 0
is 'P41: after three deaths: status and reason' "$(bad status), $(bad reason)" 'limit, quarantined'
check 'P41: after three deaths: the page is kept' file_has "$T/job.out" '"type":"evidence","source":"bad".*"reason":"quarantined".*"body":"'
is 'P41: the other source goes on' "$(grep '"type":"observation","source":"good"' "$T/job.out" | member status | sort -u)" ok
sed 's/"total":3,"at":[0-9]*/"total":3,"at":1000/' "$T/states.three" >"$T/states.old"
run_job none "$T/states.old"
is 'P41: another page of the source is read' "$(bad status)" ok
is 'P41: and all is forgiven' "$(crash_state n)" 0
run_job none "$T/states.three"
is 'P41: but not at once, if it was a new one each time' "$(bad status), $(bad reason)" 'limit, quarantined'
run_job spin
is 'P41: a page that hangs: one result' "$(bad status), $(bad reason), $(crash_state why)" 'limit, limit, cpu'
run_job kill
is 'P41: SIGKILL, the first time: nobody knows' "$status, $(crash_state n)" '137, '
sed 's/"hash":"[^"]*"/"hash":"0000000000000001"/' "$T/states.before" >"$T/states.two"
run_job kill "$T/states.two"
is 'P41: SIGKILL, of a source that has killed before' "$status, $(crash_state n), $(crash_state total), $(crash_state why)" \
    '137, 1, 3, killed'
done_testing
