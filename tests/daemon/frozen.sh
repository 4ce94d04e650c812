#!/bin/sh
# A scraper that is frozen lives, and does nothing: by its own schedule it is found to hang, and
# restarted, with nothing configured for it. A child is, if hang_after says so.
. "$top_srcdir/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/daemon.sh"

check 'the shop opens' start_shop
configure <<END
store = none
hold = 20s
scraper s {
	every = 500ms  gap = 0s  timeout = 500ms  allow_private = yes  robots = no
	source a { url = "http://127.0.0.1:$port/p/a" }
}
child c { command = {"sh", "-c", "while :; do echo tick; sleep 0.1; done"}  hang_after = 2s }
child quiet { command = "sleep 1000" }
END
check 'the daemon starts' start_daemon
check 'prices come' retry 10 fetched /p/a 3
first=$(pid_of s)
kill -STOP "$first" "$(pid_of c)"
check 'the child that says nothing for hang_after is restarted' retry 10 child_count c starts 2
check 'the frozen scraper, too, after 12.5 s' retry 25 child_count s starts 2
check 'the old one is gone' gone "$first"
n=$(fetches /p/a)
check 'prices come again' retry 10 fetched /p/a $((n + 3))
check 'both are alarms' has_records 2 'select(.type == "alarm" and .alarm == "hung")'
is 'it was no crash' "$(child_of s restarts)" 0
is 'one that has nothing to say is left alone' "$(child_of quiet starts)" 1
check 'the daemon stops in order' stop_daemon
done_testing
