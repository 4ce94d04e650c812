#!/bin/sh
# The wall clock is set forth and back while scrapers run, die and are adopted: prices keep
# coming, no slot is fetched for nothing, none counts twice.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

check 'the shop opens' start_shop
configure <<END
store = "sqlite:$T/prices.db"
hold = 5s
journal { sync = 50ms }
scraper s {
	every = 1s  gap = 0s  allow_private = yes  robots = no  backoff { max = 200ms }
	source a { url = "http://127.0.0.1:$port/p/a"  product = "A" }
}
END
echo 0 >"$T/offset"
CLOCK_FILE=$T/offset
LD_PRELOAD=$top_builddir/tests/helpers/clock.so
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0
export CLOCK_FILE LD_PRELOAD ASAN_OPTIONS

goes_on() {
	n=$(fetches /p/a)
	retry 10 fetched /p/a $((n + 3))
}

set_clock() {
	echo "$1" >"$T/offset.new" && mv "$T/offset.new" "$T/offset"
}

check 'the daemon starts' start_daemon
check 'prices come' goes_on
first=$(pid_of s)
set_clock 86400000
check 'a day forth: they go on' goes_on
set_clock -86400000
check 'two days back: they go on' goes_on
is 'and no child has noticed' "$(pid_of s)" "$first"
kill -KILL "$(pid_of s)"
check 'the scraper dies in the past: its successor goes on' goes_on
kill -KILL "$daemon"
retry 5 gone "$daemon"
set_clock 3600000
check 'a daemon begins in the future' start_daemon
check 'and goes on' goes_on
kill -KILL "$daemon"
retry 5 gone "$daemon"
set_clock -3600000
check 'and one in the past' start_daemon
check 'goes on, too' goes_on
kill -KILL "$(pid_of s)"
check 'with a new scraper' goes_on
check 'the daemon stops in order' stop_daemon
unset LD_PRELOAD
check 'the store has everything once' "$top_builddir/tests/helpers/verify-store" --journal "$T/state/journal" --store "$T/prices.db"
seen=$(fetches /p/a)
kept=$(sql 'SELECT count(*) FROM observation')
check "every fetch counted, but one a death at most: $seen fetches, $kept rows" [ $((seen - kept)) -le 4 ]
done_testing
