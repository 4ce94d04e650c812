#!/bin/sh
# A state directory that was lost, with a store that knows larger tokens: the new daemon
# begins above them, and its prices count.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

check 'the shop opens' start_shop
configure <<END
store = "sqlite:$T/prices.db"
hold = 5s
journal { sync = 50ms }
scraper s {
	every = 1s  gap = 0s  allow_private = yes  robots = no
	source a { url = "http://127.0.0.1:$port/p/a"  product = "A" }
}
END
check 'the daemon starts' start_daemon
check 'prices are recorded' retry 10 sql_at_least 3 'SELECT count(*) FROM observation'
check 'the daemon stops in order' stop_daemon
read -r before <"$T/state/epoch"
# As if the clock had been far ahead then.
future=$((before + 100000000))
rm -rf "$T/state"
mkdir "$T/state"
echo "$future" >"$T/state/epoch"
check 'a daemon of a far later epoch starts' start_daemon
n=$(sql 'SELECT count(*) FROM observation')
check 'and records' retry 10 sql_at_least $((n + 2)) 'SELECT count(*) FROM observation'
check 'it stops in order' stop_daemon
rm -rf "$T/state"
mkdir "$T/state"
check 'the state directory is lost: a daemon starts' start_daemon
read -r after <"$T/state/epoch"
check 'above all that the store knows' [ "$after" -gt "$future" ]
n=$(sql 'SELECT count(*) FROM observation')
check 'and its prices count' retry 10 sql_at_least $((n + 3)) 'SELECT count(*) FROM observation'
is 'none of them is in quarantine' "$(sql "SELECT count(*) FROM quarantine WHERE reason <> 'duplicate-slot'")" 0
check 'trapexit prices shows one' tx prices A
check 'the daemon stops in order' stop_daemon
done_testing
