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
"$top_builddir/tests/helpers/hostile" --page json-blocks >"$T/files/long"
scrape long --page-cpu=20ms --max-body=128M
is 'P38: a page that is stopped: reason' "$(member reason <"$T/hostile.out")" limit
is 'P38: a page that is stopped: nobody dies' "$(took signal)" 0
done_testing
