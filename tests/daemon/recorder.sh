#!/bin/sh
# The recorder, a child like any other: killed, it goes on where the store is; frozen, it is
# found to hang by its position, and only then.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

check 'the shop opens' start_shop
configure <<END
store = "sqlite:$T/prices.db"
hold = 20s
journal { sync = 50ms }
scraper s {
	every = 500ms  gap = 0s  allow_private = yes  robots = no
	source a { url = "http://127.0.0.1:$port/p/a"  product = "A" }
}
END
check 'the daemon starts' start_daemon
rows='SELECT count(*) FROM observation'
check 'prices are recorded' retry 10 sql_at_least 2 "$rows"
first=$(pid_of recorder)
kill -KILL "$first"
check 'killed, it runs again' retry 5 child_count recorder starts 2
n=$(sql "$rows")
check 'and records' retry 10 sql_at_least $((n + 2)) "$rows"
first=$(pid_of recorder)
# Longer than it takes to be held for hung (15 s), while prices come and are recorded.
check 'while prices come' retry 40 sql_at_least $((n + 36)) "$rows"
is 'it is left alone' "$(pid_of recorder)" "$first"
kill -STOP "$first"
check 'frozen, it is found out and restarted' retry 40 child_count recorder starts 3
n=$(sql "$rows")
check 'and records what has waited' retry 10 sql_at_least $((n + 2)) "$rows"
check 'that is an alarm' has_records 1 'select(.type == "alarm" and .alarm == "hung" and .child == "recorder" or .object == "recorder")'
check 'the daemon stops in order' stop_daemon
check 'the store has everything once' "$top_builddir/tests/helpers/verify-store" --journal "$T/state/journal" --store "$T/prices.db"
done_testing
